"""A TLS client that looks at what a server does with an offer: octets in, octets and a `TlsAnswer` out, without sockets.

It goes as far as it needs to: in TLS 1.2 to the end of the server's flight, which tells everything in clear; in TLS 1.3 through
the whole handshake, for the flight is protected and what the server thinks of the client comes last. It checks no certificate.
"""

from __future__ import annotations

import hmac
import secrets as randomness
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from v2x_adapters.tls_probe.answer import Outcome, Step, TlsAnswer
from v2x_adapters.tls_probe.distinguished import names
from v2x_adapters.tls_probe.hello import extensions, read_server_hello, write_client_hello
from v2x_adapters.tls_probe.keys import Protection, Schedule, secrets
from v2x_adapters.tls_probe.names import Alert, Content, Extension, Group, Handshake, Scheme
from v2x_adapters.tls_probe.offer import TlsOffer
from v2x_adapters.tls_probe.side import Side
from v2x_adapters.tls_probe.signing import signed, to_verify
from v2x_adapters.tls_probe.wire import (
    Malformed,
    Message,
    Reader,
    message,
    numbers,
    record,
    vector,
)

_NAMED_CURVE: Final = 3
_CHANGE_CIPHER_SPEC: Final = record(Content.CHANGE_CIPHER_SPEC, b"\1")


class ProbingClient(Side):
    """One attempt.

    Args:
        offer: what is offered, shown and said.
    """

    def __init__(self, offer: TlsOffer) -> None:
        super().__init__()
        self.answer = TlsAnswer()
        """What was found out so far; its outcome is to be believed once it is `over`."""
        self._offer = offer
        self._modern = "TLSv1.3" in offer.versions
        self._secrets = secrets(offer.groups) if self._modern else {}
        self._client_secret, self._server_secret = b"", b""
        self._writing: Protection | None = None

    def start(self) -> bytes:
        """Return the ClientHello."""
        shares = {group: secret.share for group, secret in self._secrets.items()}
        session = randomness.token_bytes(32) if self._modern else b""
        hello = message(Handshake.CLIENT_HELLO, write_client_hello(self._offer, randomness.token_bytes(32), session, shares))
        self._transcript += hello
        return record(Content.HANDSHAKE, hello, 0x0301)

    def ended(self, outcome: Outcome) -> None:
        """Hear that the connection is gone, or that nothing came for as long as was waited."""
        if not self.over:
            done = self.answer.step in (Step.DONE, Step.DATA) and outcome is Outcome.SILENT
            self._told(Outcome.ACCEPTED if done else outcome)

    def goodbye(self) -> bytes:
        """Return the alert that ends the connection in order."""
        alert = bytes((1, Alert.close_notify))
        return self._writing.seal(Content.ALERT, alert) if self._writing is not None else record(Content.ALERT, alert)

    def _told(self, outcome: Outcome, *, alert: str | None = None, text: str = "") -> None:
        self.over = True
        self.answer = replace(self.answer, outcome=outcome, alert=alert, text=text)

    def _heard(self, data: bytes) -> None:
        self.answer = replace(self.answer, step=Step.DATA, heard=self.answer.heard + data)

    def _hear(self, heard: Message) -> bytes:
        sent = b""
        match heard.kind:
            case Handshake.SERVER_HELLO:
                self._server_hello(heard)
                return b""
            case Handshake.CERTIFICATE:
                self._certificate(heard.body)
            case Handshake.CERTIFICATE_STATUS:
                self._status(heard.body)
            case Handshake.SERVER_KEY_EXCHANGE:
                self._key_exchange(heard.body)
            case Handshake.CERTIFICATE_REQUEST:
                self._request(heard.body)
            case Handshake.CERTIFICATE_VERIFY:
                self.answer = replace(self.answer, signature=Scheme.name_of(Reader(heard.body).number(2)))
            case Handshake.SERVER_HELLO_DONE:
                self.answer = replace(self.answer, step=Step.FLIGHT)
                self._told(Outcome.ACCEPTED)
            case Handshake.FINISHED if self._schedule is not None and self.answer.step is Step.HELLO:
                self._check(heard.body, self._schedule)
                self._transcript += heard.raw
                return self._finish(self._schedule)
            case _:
                # Encrypted extensions, tickets: nothing that an answer tells of.
                pass
        self._transcript += heard.raw
        return sent

    def _server_hello(self, heard: Message) -> None:
        hello = read_server_hello(heard.body)
        self._transcript += heard.raw
        self.answer = replace(
            self.answer,
            step=Step.HELLO,
            version=hello.version,
            suite=hello.suite,
            group=hello.group or self.answer.group,
            retry=hello.retry,
        )
        if hello.retry:
            # The choice is told; there is no share of that group to go on with.
            self._told(Outcome.ACCEPTED)
        elif hello.version == "TLSv1.3":
            secret = self._secrets.get(hello.group or "")
            if secret is None:
                raise Malformed(f"a share of {hello.group} answers none of the client's")
            self._schedule = Schedule(hello.suite, secret.agreed(hello.share))
            self._client_secret, self._server_secret = self._schedule.handshake(self._transcript)
            self._reading = self._schedule.protection(self._server_secret)

    def _certificate(self, body: bytes) -> None:
        reader, chain, stapled = Reader(body), list[bytes](), list[bytes | None]()
        if self._schedule is not None:
            reader.vector(1)
        listed = Reader(reader.vector(3))
        while listed:
            chain.append(listed.vector(3))
            response = extensions(listed).get(Extension.STATUS_REQUEST) if self._schedule is not None else None
            stapled.append(_response(response) if response is not None else None)
        self.answer = replace(self.answer, chain=tuple(chain), stapled=tuple(stapled))

    def _status(self, body: bytes) -> None:
        """Take the OCSP responses of TLS 1.2 (RFC 6066: 8; RFC 6961: 2.2)."""
        reader = Reader(body)
        several = reader.number(1) == 2
        responses, listed = list[bytes | None](), Reader(reader.vector(3))
        if several:
            while listed:
                responses.append(listed.vector(3) or None)
        else:
            responses.append(listed.rest())
        missing = len(self.answer.chain) - len(responses)
        self.answer = replace(self.answer, stapled=(*responses, *(None for _ in range(missing))))

    def _key_exchange(self, body: bytes) -> None:
        """Take the parameters of ECDHE in TLS 1.2 (RFC 8422: 5.4); another key exchange has others."""
        reader = Reader(body)
        if "ECDHE" not in (self.answer.suite or "") or reader.number(1) != _NAMED_CURVE:
            return
        group = Group.name_of(reader.number(2))
        reader.vector(1)
        signature = Scheme.name_of(reader.number(2)) if self.answer.version == "TLSv1.2" else None
        self.answer = replace(self.answer, group=group, signature=signature)

    def _request(self, body: bytes) -> None:
        reader, found = Reader(body), dict[int, bytes]()
        if self._schedule is not None:
            reader.vector(1)
            found = extensions(reader)
            schemes = Reader(found.get(Extension.SIGNATURE_ALGORITHMS, b"\0\0")).vector(2)
            listed = found.get(Extension.CERTIFICATE_AUTHORITIES)
        else:
            reader.vector(1)
            schemes = reader.vector(2) if self.answer.version == "TLSv1.2" else b""
            listed = reader.rest()
        self.answer = replace(
            self.answer,
            requested_client_certificate=True,
            client_signatures=tuple(map(Scheme.name_of, numbers(schemes))),
            certificate_authorities=names(listed) if listed is not None and listed != b"\0\0" else None,
            request_extensions=tuple(found),
        )

    def _check(self, body: bytes, schedule: Schedule) -> None:
        if not hmac.compare_digest(body, schedule.finished(self._server_secret, self._transcript)):
            raise Malformed("the server's Finished does not go with what was said before")

    def _finish(self, schedule: Schedule) -> bytes:
        """Return the client's flight, and what it has to say."""
        application, reading = schedule.application(self._transcript)
        writing = schedule.protection(self._client_secret)
        flight = b""
        if self.answer.requested_client_certificate:
            flight = self._shown()
            self._transcript += flight
            if self._offer.client is not None:
                verify = self._signed(schedule)
                flight, self._transcript = flight + verify, self._transcript + verify
        flight += message(Handshake.FINISHED, schedule.finished(self._client_secret, self._transcript))
        sent = _CHANGE_CIPHER_SPEC + writing.seal(Content.HANDSHAKE, flight)
        self._writing, self._reading = schedule.protection(application), schedule.protection(reading)
        self.answer = replace(self.answer, step=Step.DONE)
        if self._offer.say:
            sent += self._writing.seal(Content.APPLICATION_DATA, self._offer.say)
        return sent

    def _shown(self) -> bytes:
        client = self._offer.client
        chain = (client.certificate, *client.chain) if client is not None else ()
        listed = b"".join(vector(3, each.public_bytes(Encoding.DER)) + vector(2, b"") for each in chain)
        return message(Handshake.CERTIFICATE, vector(1, b"") + vector(3, listed))

    def _signed(self, schedule: Schedule) -> bytes:
        assert self._offer.client is not None
        content = to_verify("client", schedule.hash(self._transcript))
        return message(Handshake.CERTIFICATE_VERIFY, signed(self._offer.client.key, content))


def _response(data: bytes) -> bytes:
    """Return the OCSP response in an extension of a certificate (RFC 8446: 4.4.2.1)."""
    reader = Reader(data)
    reader.take(1)
    return reader.vector(3)
