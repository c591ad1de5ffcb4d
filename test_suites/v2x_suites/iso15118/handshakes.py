"""Handshakes of TLS that a case makes with the subject, beside the sessions that go through the tap."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from v2x_adapters.tls_probe import (
    ISO2,
    ISO20,
    ClientHello,
    EvccAnswer,
    EvccProbe,
    ProbeFailed,
    Reaction,
    Shown,
    TlsAnswer,
    TlsOffer,
    probe_secc,
    read_certificate,
    read_credential,
    send_octets,
)
from v2x_adapters.v2gtp.link import Target
from v2x_architecture.iso15118.pki import BAD_SECC, V2gPki
from v2x_architecture.iso15118.sdp import Request, Security
from v2x_architecture.iso15118.tcp import ConnectFailed, Link, connect
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.udp import NotFound, discover, scope_of
from v2x_architecture.pki import Authority, Credential, CredentialFiles
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json, OperatorEvent
from v2x_harness.finding import Layer
from v2x_harness.journal import Recorder

from v2x_suites.iso15118.lane import EvccLane, SeccLane


class SeccHandshakes:
    """Offers of TLS to an SECC under test, each on a connection of its own that does not go through the tap.

    Args:
        lane: begun with TLS.
    """

    def __init__(self, lane: SeccLane) -> None:
        self._lane = lane
        self.offer = ISO20 if lane.version == "20" else ISO2
        """As a good EV makes it."""
        if lane.version == "20":
            self.offer = replace(ISO20, client=self.pki.vehicle)

    @property
    def pki(self) -> V2gPki:
        """The certificates of EVs, and the roots that there are."""
        return self._lane.certificates.pki

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """What the SECC's certificate may chain to."""
        return self._lane.certificates.v2g_roots

    def evcc_tls(self) -> EvccTls:
        """Return a good EV's side of TLS."""
        tls = self._lane.certificates.evcc_tls()
        assert tls is not None
        return tls

    @contextmanager
    def another_vehicle(self) -> Iterator[None]:
        """Have another EV come: sessions that begin meanwhile show the SECC the certificate of another vehicle."""
        lane, client = self._lane, self._lane.ev.client
        tls, before = lane.certificates.another_vehicle(), lane.tap.target
        lane.tap.target = msgspec.structs.replace(before, tls=tls)
        ours = client.address if client is not None else None
        if client is not None:
            client.address = msgspec.structs.replace(client.address, tls=tls)
        try:
            yield
        finally:
            lane.tap.target = before
            if client is not None and ours is not None:
                client.address = ours

    async def offers(self, offer: TlsOffer) -> TlsAnswer:
        """Make an offer, and return what the SECC does with it.

        Raises:
            CannotJudge: it cannot be reached.
        """
        where = await self._with_tls()
        try:
            answer = await probe_secc(where.host, where.port, offer, scope=where.scope)
        except ProbeFailed as error:
            raise CannotJudge(str(error)) from error
        shown = offer.client.certificate.subject.rfc4514_string() if offer.client is not None else None
        made: dict[str, Json] = {"versions": [*offer.versions], "suites": [*offer.suites], "groups": [*offer.groups]}
        chosen = [each for each in (answer.version, answer.suite, answer.group, answer.signature, answer.alert) if each]
        _note(self._lane.recorder, "evcc", "offer_tls", {**made, "certificate": shown}, ", ".join([answer.outcome, *chosen]))
        return answer

    async def sends(self, octets: bytes) -> Reaction:
        """Send octets to the port with TLS, and return what the SECC does about them.

        Raises:
            CannotJudge: it cannot be reached.
        """
        where = await self._with_tls()
        try:
            reaction = await send_octets(where.host, where.port, octets, scope=where.scope)
        except ProbeFailed as error:
            raise CannotJudge(str(error)) from error
        _note(self._lane.recorder, "evcc", "send_octets", {"octets": octets.hex()}, reaction.outcome)
        return reaction

    async def connects(self, tls: EvccTls | None) -> Link | None:
        """Connect to where the SECC says over SDP, with TLS or without; None where it has no such place, or refuses.

        Raises:
            CannotJudge: it cannot be reached.
        """
        where = await self.where(Security.NONE if tls is None else Security.TLS)
        if where.secure is (tls is None):
            return None
        try:
            return await connect(where.host, where.port, tls, scope=where.scope)
        except ConnectFailed as error:
            _note(self._lane.recorder, "evcc", "connect", {"tls": tls is not None}, str(error))
            if not error.tls:
                raise CannotJudge(str(error)) from error
            return None

    async def where(self, security: Security = Security.TLS) -> Target:
        """Ask the SECC over SDP where it is.

        Raises:
            CannotJudge: it does not answer.
        """
        target = self._lane.tap.target
        scope = scope_of(target.interface) if target.interface is not None else 0
        if target.port is not None:
            return Target(host=target.host, port=target.port, scope=scope, secure=target.tls is not None)
        try:
            heard = await discover(Request(security), target.interface, host=target.host, port=target.sdp_port)
        except (NotFound, OSError) as error:
            raise CannotJudge(f"the SECC is not found over SDP: {error}") from error
        return Target(host=str(heard.address), port=heard.port, scope=scope, secure=heard.security is Security.TLS)

    async def _with_tls(self) -> Target:
        where = await self.where()
        if not where.secure:
            raise CannotJudge("the SECC says over SDP that it has no TLS")
        return where


class EvccHandshakes:
    """Certificates shown to an EVCC under test, in the place of the tap's.

    Args:
        lane: begun with TLS.
    """

    def __init__(self, lane: EvccLane) -> None:
        self._lane = lane

    @property
    def pki(self) -> V2gPki:
        """The certificates of SECCs, and the roots that there are."""
        return self._lane.certificates.pki

    @property
    def asked_for_ocsp(self) -> bool:
        """Whether the EVCC has asked for OCSP responses, which our SECC in a session has none of."""
        return self._lane.asked_for_ocsp

    def secc_tls(self, bad: str = "") -> SeccTls:
        """Return an SECC's side as OpenSSL shows it.

        Args:
            bad: which of `v2x_architecture.iso15118.pki.BAD_SECC` is shown; a good one when empty.
        """
        tls = self._lane.certificates.secc_tls()
        assert tls is not None
        if not bad:
            return tls
        files = self._lane.certificates.files.bad_secc[bad]
        return replace(tls, certificate=files.certificate, key=files.key)

    def older(self) -> SeccTls:
        """Return a good SECC's side that speaks no TLS above 1.1."""
        good = self.secc_tls()
        return _Older(good.certificate, good.key, (), good.profile)

    def shown(self, bad: str = "", credential: Credential | None = None) -> Shown:
        """Return an SECC's side as it is shown against the rules of OpenSSL, too.

        Args:
            bad: which of `v2x_architecture.iso15118.pki.BAD_SECC` is shown; a good one when empty.
            credential: that is shown instead.
        """
        chosen = credential or (self.pki.bad_secc[bad] if bad else self._own())
        if self._lane.version != "20":
            return Shown(credential=chosen)
        authorities = (self.pki.oem_root.credential.certificate, self.pki.v2g_root.credential.certificate)
        return Shown(credential=chosen, suite=ISO20.suites[0], group=ISO20.groups[0], authorities=authorities)

    @contextmanager
    def another_secc(self) -> Iterator[None]:
        """Have another EVSE of the same operator be there: EVs that connect meanwhile are shown its SECC's certificate."""
        usual = self._lane.certificates.secc_tls()
        assert usual is not None
        self._lane.tap.show(self._lane.certificates.another_secc())
        try:
            yield
        finally:
            self._lane.tap.show(usual)

    @asynccontextmanager
    async def silence(self) -> AsyncIterator[None]:
        """Take connections of the EVCC at the port with TLS meanwhile, and say nothing there."""
        lane = self._lane

        writers: list[asyncio.StreamWriter] = []

        async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            with suppress(ConnectionError):
                while await reader.read(4096):
                    pass
            writer.close()

        server = await asyncio.start_server(hold, "::1", 0)
        lane.tap.divert(server.sockets[0].getsockname()[1])
        try:
            yield
        finally:
            lane.tap.divert(None)
            server.close()
            for each in writers:
                each.transport.abort()
            await server.wait_closed()

    async def shows(self, tls: SeccTls | Shown) -> EvccAnswer:
        """Have the EV plugged in, show it a certificate, and return what it does about it; it is unplugged then.

        Raises:
            CannotJudge: it does not connect with TLS.
            UnsupportedVerb: it cannot be plugged in.
        """
        lane = self._lane
        async with EvccProbe(tls) as probe:
            lane.tap.divert(probe.port)
            try:
                await lane.operator.plug_in()
                answer = await probe.answer(lane.pixit.connect)
            finally:
                lane.tap.divert(None)
        await lane.operator.unplug()
        if answer is None:
            raise CannotJudge(f"no connection of the EVCC with TLS within {lane.pixit.connect:g} s{lane.watch.obstacle}")
        hello = answer.hello
        lane.asked_for_ocsp |= hello is not None and (hello.status_request or hello.status_request_v2)
        said = [each for each in (answer.version, answer.suite, answer.alert, answer.text) if each]
        _note(
            lane.recorder,
            "secc",
            "show_tls",
            {"subject": _leaf(tls).subject.rfc4514_string(), "text": self.described(tls)},
            ", ".join([answer.outcome, *said]),
        )
        return answer

    async def shows_good(self) -> EvccAnswer:
        """Show a good certificate, with OCSP responses where the EVCC asks for them and does not go on without.

        Raises:
            CannotJudge: it does not connect with TLS.
        """
        answer = await self.shows(self.secc_tls())
        if answer.outcome.refused and self.asked_for_ocsp:
            return await self.shows(replace(self.shown(), stapled=self.responses()))
        return answer

    def responses(self, *, revoked: str = "", signer: Authority | None = None) -> tuple[bytes, ...]:
        """Return OCSP responses to the certificates of the test PKI's SECC and those above it.

        Args:
            revoked: which of them is told to be revoked: ``secc``, ``cpo-sub2``, ``cpo-sub1``.
            signer: who signs the response to the SECC's, in the place of who issued it.
        """
        pki, when = self.pki, datetime.now(UTC) - timedelta(hours=1)
        one, two = pki.authorities["cpo-sub1"], pki.authorities["cpo-sub2"]
        chain = {
            "secc": (two, pki.secc.certificate),
            "cpo-sub2": (one, two.credential.certificate),
            "cpo-sub1": (pki.v2g_root, one.credential.certificate),
        }
        return tuple(
            issuer.ocsp_response(each, revoked=name == revoked, now=when, signer=signer if name == "secc" else None)
            for name, (issuer, each) in chain.items()
        )

    def described(self, tls: SeccTls | Shown) -> str:
        """Return what is wrong with what is shown, in words."""
        shown = _leaf(tls).fingerprint(SHA256())
        known = {each.certificate.fingerprint(SHA256()): name for name, each in self.pki.bad_secc.items()}
        return f"the certificate {BAD_SECC[known[shown]]}" if shown in known else "the certificate is good"

    def _own(self) -> Credential:
        tls = self.secc_tls()
        return read_credential(CredentialFiles(tls.certificate, tls.key))


@dataclass(frozen=True, slots=True)
class _Older(SeccTls):
    """A side that speaks TLS 1.0 and 1.1, with whatever suites OpenSSL has for them."""

    def context(self) -> ssl.SSLContext:
        """Build the context."""
        context = SeccTls(self.certificate, self.key, (), Profile.ISO2, _OLDEST_CURVES[self.profile]).context()
        with warnings.catch_warnings():
            # They are old, which is what they are for.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context


_OLDEST_CURVES: Final = {Profile.ISO2: "prime256v1", Profile.ISO20: "secp521r1"}


def offered(answer: EvccAnswer) -> ClientHello:
    """Return what an EVCC offered.

    Raises:
        NotSeen: it offered nothing that can be read.
    """
    if answer.hello is None:
        words = "a ClientHello"
        raise NotSeen(f"{answer.outcome}: {words} was expected", expected=words, seen=str(answer.outcome), layer=Layer.SECURITY)
    return answer.hello


def chained(chain: Sequence[bytes], roots: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Read a chain, and see that each certificate is signed by the next and the last by a root, all of them valid now.

    Args:
        chain: in DER, the leaf first; a root at its end is left out of what is returned.
        roots: that it may lead to.

    Raises:
        AssertionError: it leads to none of them.
    """
    assert chain, "no certificate was shown"
    read = [x509.load_der_x509_certificate(each) for each in chain]
    known = {each.fingerprint(SHA256()) for each in roots}
    found = [each for each in read if each.fingerprint(SHA256()) not in known]
    assert found, "nothing but a root was shown"
    now = datetime.now(UTC)
    for each, above in zip(found, [*found[1:], None], strict=True):
        name = each.subject.rfc4514_string()
        issuers = [above] if above is not None else roots
        assert any(_issued(each, one) for one in issuers), f"nothing that is shown or trusted is the issuer of {name}"
        assert each.not_valid_before_utc <= now <= each.not_valid_after_utc, f"{name} is not valid now"
    return found


def is_root(certificate: bytes) -> bool:
    """Tell whether a certificate (DER) is signed by its own key."""
    read = x509.load_der_x509_certificate(certificate)
    return read.issuer == read.subject and _issued(read, read)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _leaf(tls: SeccTls | Shown) -> x509.Certificate:
    return tls.credential.certificate if isinstance(tls, Shown) else read_certificate(tls.certificate)


def _note(recorder: Recorder, role: str, verb: str, arguments: dict[str, Json], outcome: str) -> None:
    recorder.record(OperatorEvent(role=role, verb=verb, arguments=arguments, outcome=f"done: {outcome}"))
