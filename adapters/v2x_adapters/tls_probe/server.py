"""A TLS server that shows an EVCC a certificate as it is told to, and looks at what it does about it, without sockets.

OpenSSL as a server keeps its own rules: it shows no key that it holds weak, none on a curve that the client has not named, no
suite that was not offered, no OCSP response but the leaf's. In TLS 1.2 this goes as far as the client's part of the secret, which
it sends when it has looked at the certificate; in TLS 1.3 through the whole handshake to the client's first words.
"""

from __future__ import annotations

import hmac
import secrets as randomness
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from v2x_architecture.pki import Credential

from v2x_adapters.tls_probe.answer import EvccAnswer, Outcome, Step
from v2x_adapters.tls_probe.hello import ClientHello, read_client_hello
from v2x_adapters.tls_probe.keys import SUITES, Schedule, Secret
from v2x_adapters.tls_probe.names import Alert, Content, Extension, Group, Handshake, Scheme, Suite
from v2x_adapters.tls_probe.side import FATAL, Side
from v2x_adapters.tls_probe.signing import signed, to_verify
from v2x_adapters.tls_probe.wire import (
    Malformed,
    Message,
    Reader,
    listed,
    message,
    record,
    vector,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an EVCC is shown, whether it goes with what it offered or not.

    Attributes:
        credential: certificate, chain and key.
        suite: that is chosen; it decides about the version too.
        group: to agree on the secret by; in TLS 1.3 one that the EVCC sends a share of.
        stapled: OCSP responses (DER) to the certificates in their order, None for one without; sent where they are asked for.
        request: whether the EVCC is asked for a certificate (TLS 1.3).
        authorities: roots that it is told to chain to.
        request_extensions: further extensions of that request, by their numbers.
    """

    credential: Credential
    suite: str = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"
    group: str = "secp256r1"
    stapled: tuple[bytes | None, ...] = ()
    request: bool = True
    authorities: tuple[x509.Certificate, ...] = ()
    request_extensions: tuple[tuple[int, bytes], ...] = ()


class ShowingServer(Side):
    """One connection: octets in, octets and an `EvccAnswer` out.

    Args:
        shown: what is shown.
    """

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self.answer = EvccAnswer()
        self._shown = shown
        self._client_secret, self._next_secret = b"", b""

    def ended(self, outcome: Outcome) -> None:
        """Hear that the connection is gone, or that nothing came for as long as was waited."""
        if not self.over:
            self.over = True
            self.answer = replace(self.answer, outcome=outcome)

    def _told(self, outcome: Outcome, *, alert: str | None = None, text: str = "") -> None:
        self.answer = replace(self.answer, alert=alert, text=text)
        self.ended(outcome)

    def _heard(self, data: bytes) -> None:
        self.answer = replace(self.answer, step=Step.DATA, heard=data)
        self.ended(Outcome.ACCEPTED)

    def _hear(self, heard: Message) -> bytes:
        if heard.kind == Handshake.CLIENT_HELLO and self.answer.hello is None:
            return self._flight(heard)
        if heard.kind == Handshake.CLIENT_KEY_EXCHANGE and self._schedule is None:
            self.answer = replace(self.answer, step=Step.FLIGHT)
            self.ended(Outcome.ACCEPTED)
        elif heard.kind == Handshake.CERTIFICATE and self._schedule is not None:
            reader = Reader(heard.body)
            reader.vector(1)
            chain = Reader(reader.vector(3))
            self.answer = replace(self.answer, certificate=chain.vector(3) if chain else None)
        elif heard.kind == Handshake.FINISHED and self._schedule is not None:
            if not hmac.compare_digest(heard.body, self._schedule.finished(self._client_secret, self._transcript)):
                raise Malformed("the client's Finished does not go with what was said before")
            self._reading = self._schedule.protection(self._next_secret)
            self.answer = replace(self.answer, step=Step.DONE)
        self._transcript += heard.raw
        return b""

    def _flight(self, heard: Message) -> bytes:
        hello, shown = read_client_hello(heard.body), self._shown
        self._transcript = heard.raw
        self.answer = replace(self.answer, step=Step.HELLO, hello=hello)
        version = "TLSv1.3" if shown.suite in SUITES else "TLSv1.2"
        if version not in hello.versions or (version == "TLSv1.3" and shown.group not in hello.shares):
            what = f"no share of {shown.group}" if version in hello.versions else f"no {version}"
            self.answer = replace(self.answer, text=f"the EVCC offers {what}")
            self.ended(Outcome.DISAGREED)
            return record(Content.ALERT, bytes((FATAL, Alert.handshake_failure)))
        self.answer = replace(self.answer, version=version, suite=shown.suite)
        return self._flight13(hello) if version == "TLSv1.3" else self._flight12(hello)

    def _flight12(self, hello: ClientHello) -> bytes:
        """Return the server's flight of TLS 1.2 (RFC 5246: 7.3; RFC 8422: 5)."""
        shown, random = self._shown, randomness.token_bytes(32)
        asked, status = self._status(hello)
        # That there was no negotiation before (RFC 5746) must be said to those who ask.
        parts: list[tuple[int, bytes]] = [(Extension.RENEGOTIATION_INFO, b"\0"), (Extension.EC_POINT_FORMATS, b"\1\0")]
        flight = self._hello(b"", random, [*parts, *((number, b"") for number in asked)])
        flight += message(Handshake.CERTIFICATE, vector(3, self._chain())) + status
        if "ECDHE" in shown.suite:
            parameters = b"\3" + Group.named(shown.group).to_bytes(2) + vector(1, Secret(shown.group).share)
            signature = signed(shown.credential.key, hello.random + random + parameters)
            flight += message(Handshake.SERVER_KEY_EXCHANGE, parameters + signature)
        return record(Content.HANDSHAKE, flight + message(Handshake.SERVER_HELLO_DONE, b""))

    def _status(self, hello: ClientHello) -> tuple[tuple[Extension, ...], bytes]:
        """Return the extension that OCSP responses answer, and the message that has them (RFC 6066: 8; RFC 6961: 2.2)."""
        stapled = self._shown.stapled
        if any(stapled) and hello.status_request_v2:
            responses = b"".join(vector(3, each or b"") for each in stapled)
            return (Extension.STATUS_REQUEST_V2,), message(Handshake.CERTIFICATE_STATUS, b"\2" + vector(3, responses))
        if any(stapled) and hello.status_request:
            return (Extension.STATUS_REQUEST,), message(Handshake.CERTIFICATE_STATUS, b"\1" + vector(3, stapled[0] or b""))
        return (), b""

    def _flight13(self, hello: ClientHello) -> bytes:
        """Return the server's flight of TLS 1.3 (RFC 8446: 2)."""
        shown, secret = self._shown, Secret(self._shown.group)
        share = Group.named(shown.group).to_bytes(2) + vector(2, secret.share)
        first = self._hello(
            hello.session, randomness.token_bytes(32), [(Extension.SUPPORTED_VERSIONS, b"\3\4"), (Extension.KEY_SHARE, share)]
        )
        self._transcript += first
        schedule = Schedule(shown.suite, secret.agreed(hello.shares[shown.group]))
        self._client_secret, mine = schedule.handshake(self._transcript)
        flight = message(Handshake.ENCRYPTED_EXTENSIONS, vector(2, b""))
        if shown.request:
            schemes = vector(2, listed((Scheme.ecdsa_secp521r1_sha512, Scheme.ed448)))
            parts = _extension(Extension.SIGNATURE_ALGORITHMS, schemes)
            if shown.authorities:
                authorities = b"".join(vector(2, each.subject.public_bytes()) for each in shown.authorities)
                parts += _extension(Extension.CERTIFICATE_AUTHORITIES, vector(2, authorities))
            parts += b"".join(_extension(number, data) for number, data in shown.request_extensions)
            flight += message(Handshake.CERTIFICATE_REQUEST, vector(1, b"") + vector(2, parts))
        flight += message(
            Handshake.CERTIFICATE, vector(1, b"") + vector(3, self._chain(modern=True, stapled=hello.status_request))
        )
        content = to_verify("server", schedule.hash(self._transcript + flight))
        flight += message(Handshake.CERTIFICATE_VERIFY, signed(shown.credential.key, content))
        flight += message(Handshake.FINISHED, schedule.finished(mine, self._transcript + flight))
        self._transcript += flight
        self._next_secret, _ = schedule.application(self._transcript)
        self._schedule, self._reading = schedule, schedule.protection(self._client_secret)
        return record(Content.HANDSHAKE, first) + schedule.protection(mine).seal(Content.HANDSHAKE, flight)

    def _hello(self, session: bytes, random: bytes, parts: list[tuple[int, bytes]]) -> bytes:
        body = b"\3\3" + random + vector(1, session) + Suite.named(self._shown.suite).to_bytes(2) + b"\0"
        return message(Handshake.SERVER_HELLO, body + vector(2, b"".join(_extension(number, data) for number, data in parts)))

    def _chain(self, *, modern: bool = False, stapled: bool = False) -> bytes:
        credential, responses, made = self._shown.credential, self._shown.stapled, b""
        for index, each in enumerate((credential.certificate, *credential.chain)):
            made += vector(3, each.public_bytes(Encoding.DER))
            if modern:
                response = responses[index] if stapled and index < len(responses) else None
                made += vector(2, _extension(Extension.STATUS_REQUEST, b"\1" + vector(3, response)) if response else b"")
        return made


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2) + vector(2, data)
