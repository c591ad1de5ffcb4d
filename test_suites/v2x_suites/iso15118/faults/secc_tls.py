"""SECCs with one thing wrong each in their TLS."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ssl
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from v2x_adapters.iso15118 import reference
from v2x_adapters.iso15118.reference import ReferenceSeccProduct
from v2x_adapters.tls_probe import ISO2, ISO20, ClientHello, Shown, TlsOffer, read_certificate, read_credential
from v2x_adapters.tls_probe.hello import read_client_hello
from v2x_adapters.tls_probe.names import Alert, Content, Handshake
from v2x_adapters.tls_probe.server import ShowingServer
from v2x_adapters.tls_probe.wire import Malformed, MessageReader, RecordReader, record, vector
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolRes
from v2x_architecture.iso15118.tcp import listen
from v2x_architecture.iso15118.tls import Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_architecture.pki import DAY, Authority, Credential, CredentialFiles
from v2x_harness.operator import Placement, Ready


@dataclass(frozen=True, slots=True)
class _Bent(SeccTls):
    """A side of TLS whose context is bent before it is used."""

    bend: Callable[[ssl.SSLContext], None] = lambda _: None

    def context(self) -> ssl.SSLContext:
        """Build the context."""
        context = SeccTls.context(self)
        self.bend(context)
        return context


def _bent(tls: SeccTls, bend: Callable[[ssl.SSLContext], None]) -> SeccTls:
    return _Bent(tls.certificate, tls.key, tls.client_roots, tls.profile, tls.group, tls.ciphers, tls.keylog, bend)


class _Secc(ReferenceSeccProduct, ABC):
    """An SECC whose TLS is changed before it listens."""

    def tls(self, placement: Placement) -> SeccTls | None:
        """Return its side, changed where it has one."""
        tls = reference.secc_tls(placement)
        return self.changed(tls, Path(placement.workdir)) if tls is not None else None

    @abstractmethod
    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Return what is wrong instead of what is good.

        Args:
            tls: a good one.
            folder: where certificates may be written.
        """


class OtherEdition(_Secc):
    """Has the TLS of the other edition."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Change the profile."""
        other = Profile.ISO2 if tls.profile is Profile.ISO20 else Profile.ISO20
        return dataclasses.replace(tls, profile=other, client_roots=())


class OldVersions(_Secc):
    """Takes TLS 1.0 and 1.1."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Lower the least version, and what OpenSSL holds secure."""

        def bend(context: ssl.SSLContext) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")

        return _bent(tls, bend)


class RsaToo(_Secc):
    """Has an RSA certificate beside its own, and takes suites that authenticate with it."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Add the certificate."""
        files = Authority.root("RSA", algorithm="rsa2048").issue("SECC", domain="CPO", algorithm="rsa2048").write(folder, "rsa")

        def bend(context: ssl.SSLContext) -> None:
            context.load_cert_chain(files.certificate, files.key)
            context.set_ciphers("ALL")

        return _bent(tls, bend)


def _any_curve(tls: SeccTls) -> SeccTls:
    """Return a side that takes the curve that stands first in an offer."""
    newest = ssl.TLSVersion.TLSv1_3 if tls.profile is Profile.ISO20 else ssl.TLSVersion.TLSv1_2

    def bend(context: ssl.SSLContext) -> None:
        context.maximum_version = newest
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE

    return _bent(dataclasses.replace(tls, profile=Profile.BOTH), bend)


class AnyCurve(_Secc):
    """Agrees on whatever curve stands first in an offer."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Have no curve of its own."""
        return _any_curve(tls)


class OtherCurve(_Secc):
    """Agrees on secp384r1 only."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Change the curve."""
        return dataclasses.replace(tls, group="secp384r1")


class LeafOnly(_Secc):
    """Shows its own certificate, and none above it."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Cut the chain."""
        end = "-----END CERTIFICATE-----\n"
        alone = folder / "leaf.pem"
        alone.write_text(tls.certificate.read_text().partition(end)[0] + end)
        return dataclasses.replace(tls, certificate=alone)


class RootToo(_Secc):
    """Shows the root at the end of its chain."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Add the root."""
        longer = folder / "with-root.pem"
        longer.write_text(tls.certificate.read_text() + (tls.certificate.parent / "v2g-root.pem").read_text())
        return dataclasses.replace(tls, certificate=longer)


class _OtherCertificate(_Secc):
    """Shows one of the test PKI's faulty certificates."""

    bad: ClassVar[str]

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Change certificate and key."""
        beside = tls.certificate.parent
        return dataclasses.replace(tls, certificate=beside / f"secc-{self.bad}.pem", key=beside / f"secc-{self.bad}.key")


class BothProfiles(_Secc):
    """Takes EVs of both editions."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Change the profile; TLS 1.2 asks no EVCC for a certificate, and takes the curve of this one's."""
        return dataclasses.replace(tls, profile=Profile.BOTH, ciphers="ALL")


class AsksNobody(_Secc):
    """Asks no EVCC for its certificate."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Have no roots of theirs."""
        return dataclasses.replace(tls, client_roots=())


class Optional(_Secc):
    """Lets an EVCC in that shows no certificate."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Ask, and do not insist."""

        def bend(context: ssl.SSLContext) -> None:
            context.verify_mode = ssl.CERT_OPTIONAL

        return _bent(tls, bend)


class AnyTime(_Secc):
    """Does not look at when an EVCC's certificate is valid."""

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Have OpenSSL not look."""

        def bend(context: ssl.SSLContext) -> None:
            # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for.
            context.verify_flags |= ssl.VerifyFlags(0x200000)

        return _bent(tls, bend)


class PlainPort(ReferenceSeccProduct):
    """Has a port without TLS, too."""

    plain = True


class WrongCurve(_OtherCertificate):
    """Has a certificate with a key on the other edition's curve."""

    bad = "wrong_curve"

    def changed(self, tls: SeccTls, folder: Path) -> SeccTls:
        """Change the certificate, and have OpenSSL take its curve."""
        return _any_curve(super().changed(tls, folder))


class Expired(_OtherCertificate):
    """Has a certificate that is not valid any more."""

    bad = "expired"


class UnknownRoot(_OtherCertificate):
    """Has a certificate that leads to a root of its own."""

    bad = "unknown_root"


class _Front(ReferenceSeccProduct, ABC):
    """An SECC with something before its port with TLS."""

    _front: asyncio.Server | None = None

    async def start(self, placement: Placement) -> Ready:
        """Listen, and have SDP lead to what stands before."""
        ready = await super().start(placement)
        self.placement = placement
        self._going_on = set[asyncio.Task[None]]()
        self._front = await listen(self._serve, "::1")
        assert self.running is not None
        assert self.running.sdp is not None
        port = self._front.sockets[0].getsockname()[1]
        self.running.sdp.responder = dataclasses.replace(self.running.sdp.responder, tls_port=port)
        return ready

    async def stop(self) -> None:
        """Stop both."""
        if self._front is not None:
            self._front.close()
            for task in tuple(self._going_on):
                task.cancel()
            await asyncio.gather(*self._going_on, return_exceptions=True)
            await self._front.wait_closed()
            self._front = None
        await super().stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._going_on.add(task)
        try:
            with contextlib.suppress(OSError):
                await self.meet(reader, writer)
        finally:
            self._going_on.discard(task)
            await _closed(writer)

    @abstractmethod
    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection; when this returns, it is closed."""

    async def pass_on(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let a connection through to the SECC.

        Args:
            first: what has come.
        """
        assert self.running is not None
        far_reader, far = await asyncio.open_connection("::1", self.running.tls_port)
        try:
            far.write(first)
            pumps = [asyncio.create_task(_pump(reader, far)), asyncio.create_task(_pump(far_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            await _closed(far)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class PlainToo(_Front):
    """Answers at its port with TLS also what comes in clear."""

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look at the first octet."""
        first = await reader.read(1 << 16)
        if first[:1] == bytes((Content.HANDSHAKE,)):
            await self.pass_on(first, reader, writer)
        elif first[:1] == b"\1":
            agreed = supportedAppProtocolRes(ResponseCode="OK_SuccessfulNegotiation", SchemaID=1)
            writer.write(encode(PayloadType.EXI, codec(Schema.SAP).encode(agreed)))


class GivesUp(_Front):
    """Serves nobody any more once it has heard what is no ClientHello."""

    _broken = False

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Look whether it is one."""
        first = await reader.read(1 << 16)
        self._broken |= _hello(first) is None
        if not self._broken:
            await self.pass_on(first, reader, writer)


def _hello(first: bytes) -> ClientHello | None:
    """Read a ClientHello; None where it is none."""
    with contextlib.suppress(Malformed):
        for each in RecordReader().feed(first):
            for message in MessageReader().feed(each.body if each.kind == Content.HANDSHAKE else b""):
                if message.kind == Handshake.CLIENT_HELLO:
                    return read_client_hello(message.body)
    return None


_OPENSSL: Final = (ISO2.suites[1], *ISO20.suites)
"""Cipher suites of the editions that OpenSSL has."""


class OwnTls(_Front):
    """Has a TLS of its own, as the tables of the edition have it, for EVCCs that ask for what OpenSSL lacks.

    No session is held over it, and what certificate an EVCC shows is not looked at.
    """

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Shake hands."""
        first = await reader.read(1 << 16)
        hello = _hello(first)
        if hello is not None and not hello.status_request and not set(hello.suites).isdisjoint(_OPENSSL):
            await self.pass_on(first, reader, writer)
            return
        shown = self.shown(hello) if hello is not None else None
        if shown is None:
            writer.write(record(Content.ALERT, bytes((2, Alert.handshake_failure))))
            return
        server = self.side(shown)
        writer.write(server.receive(first))
        while not server.over and (data := await reader.read(1 << 16)):
            writer.write(server.receive(data))

    def side(self, shown: Shown) -> ShowingServer:
        """Return what shakes hands."""
        return ShowingServer(shown)

    def shown(self, hello: ClientHello) -> Shown | None:
        """Return what an EVCC with this offer is shown; None to refuse it."""
        settings = self.placement.settings
        credential = read_credential(CredentialFiles(Path(str(settings["certificate"])), Path(str(settings["key"]))))
        beside = Path(str(settings["certificate"])).parent
        offer = ISO20 if self.placement.version == "20" else ISO2
        suite = next((each for each in self.suites(offer) if each in hello.suites), None)
        group = next((each for each in self.groups(offer) if each in hello.groups), None)
        if suite is None or group is None or not set(offer.versions) & set(hello.versions):
            return None
        authorities = tuple(read_certificate(beside / f"{name}-root.pem") for name in ("v2g", "oem"))
        stapled = self.stapled(credential, beside)
        return Shown(credential=credential, suite=suite, group=group, stapled=stapled, authorities=authorities)

    def suites(self, offer: TlsOffer) -> tuple[str, ...]:
        """Return its cipher suites, the dearest first."""
        return offer.suites

    def groups(self, offer: TlsOffer) -> tuple[str, ...]:
        """Return its groups, the dearest first."""
        return offer.groups

    def stapled(self, credential: Credential, folder: Path) -> tuple[bytes | None, ...]:
        """Return OCSP responses to its certificate and those above."""
        return stapled(credential, folder, self.age)

    age = timedelta(hours=1)
    """Of its OCSP responses."""


def stapled(credential: Credential, folder: Path, age: timedelta = timedelta(hours=1)) -> tuple[bytes | None, ...]:
    """Return good OCSP responses to a certificate of the CPO's authorities and those above it.

    Args:
        folder: where the test PKI is.
        age: of the responses.
    """
    issuers = [
        Authority(read_credential(CredentialFiles(folder / f"{name}.pem", folder / f"{name}.key")))
        for name in ("cpo-sub2", "cpo-sub1", "v2g-root")
    ]
    told = zip((credential.certificate, *credential.chain), issuers, strict=True)
    when = datetime.now(UTC) - age
    return tuple(issuer.ocsp_response(each, now=when, validity=30 * DAY) for each, issuer in told)


class ChaChaOnly(OwnTls):
    """Has one cipher suite of the two."""

    def suites(self, offer: TlsOffer) -> tuple[str, ...]:
        """Leave the first out."""
        return offer.suites[1:]


class ChaChaFirst(OwnTls):
    """Has its own order of the cipher suites."""

    def suites(self, offer: TlsOffer) -> tuple[str, ...]:
        """Turn the table round."""
        return offer.suites[::-1]


class X448First(OwnTls):
    """Has its own order of the groups."""

    def groups(self, offer: TlsOffer) -> tuple[str, ...]:
        """Turn the table round."""
        return offer.groups[::-1]


class StaplesLeaf(OwnTls):
    """Staples an OCSP response to its own certificate only."""

    def stapled(self, credential: Credential, folder: Path) -> tuple[bytes | None, ...]:
        """Leave the others out."""
        return super().stapled(credential, folder)[:1]


class Stale(OwnTls):
    """Staples OCSP responses that are eight days old."""

    age = timedelta(days=8)


class NamedRootsOnly(OwnTls):
    """Refuses an EVCC that names a root to which it has no chain."""

    def shown(self, hello: ClientHello) -> Shown | None:
        """Look at the names."""
        named = hello.certificate_authorities
        return super().shown(hello) if named is None or any("V2G" in each for each in named) else None


class OidFilters(OwnTls):
    """Narrows by oid_filters which certificate it asks for."""

    def shown(self, hello: ClientHello) -> Shown | None:
        """Ask for one whose extended key usage is not told further (RFC 8446: 4.2.5)."""
        shown = super().shown(hello)
        return dataclasses.replace(shown, request_extensions=((48, vector(2, b"")),)) if shown is not None else None


class AsksForOcsp(OwnTls):
    """Asks the EVCC for OCSP responses."""

    def shown(self, hello: ClientHello) -> Shown | None:
        """Ask for them beside the certificate (RFC 8446: 4.4.2.1)."""
        shown = super().shown(hello)
        return dataclasses.replace(shown, request_extensions=((5, b""),)) if shown is not None else None
