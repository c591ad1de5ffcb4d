"""EVCCs with a TLS of their own, which has what OpenSSL lacks, and what is wrong with some of them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from v2x_adapters.iso15118.places import Place
from v2x_adapters.iso15118.reference import ReferenceEvccProduct
from v2x_adapters.tls_probe import ISO2, ISO20, Outcome, TlsAnswer, TlsOffer, read_certificate, read_credential
from v2x_adapters.tls_probe.answer import Step
from v2x_adapters.tls_probe.client import ProbingClient
from v2x_adapters.tls_probe.keys import Schedule, Secret
from v2x_adapters.tls_probe.names import Alert, Content, Handshake
from v2x_adapters.tls_probe.wire import message, record, vector
from v2x_architecture.iso15118.sdp import Request, Security
from v2x_architecture.iso15118.tcp import listen
from v2x_architecture.iso15118.tls import EvccTls
from v2x_architecture.iso15118.udp import NotFound, discover
from v2x_architecture.pki import CredentialFiles
from v2x_harness.operator import Placement, Ready

from v2x_suites.iso15118.handshakes import chained


class _Client(ProbingClient):
    """A client that looks at what it is shown, and holds a session then.

    Args:
        offer: what is offered.
        trusts: tells whether the handshake is to be finished.
    """

    def __init__(self, offer: TlsOffer, trusts: Callable[[TlsAnswer], bool]) -> None:
        super().__init__(offer)
        self._trusts = trusts

    def _finish(self, schedule: Schedule) -> bytes:
        """Look at the server's flight before it is answered."""
        if self._trusts(self.answer):
            return super()._finish(schedule)
        alert = schedule.protection(self._client_secret).seal(Content.ALERT, bytes((2, Alert.bad_certificate)))
        self.ended(Outcome.DISAGREED)
        return alert

    def seal(self, data: bytes) -> bytes:
        """Protect what the session has to say."""
        assert self._writing is not None
        return b"".join(self._writing.seal(Content.APPLICATION_DATA, data[at : at + 8192]) for at in range(0, len(data), 8192))

    def taken(self) -> bytes:
        """Return what the session was told since this was last asked."""
        heard, self.answer = self.answer.heard, dataclasses.replace(self.answer, heard=b"")
        return heard


class OwnTls(ReferenceEvccProduct):
    """An EVCC of 15118-20: has both groups, asks for OCSP responses, takes none but good ones, and goes on where none come."""

    _front: asyncio.Server | None = None

    async def start(self, placement: Placement) -> Ready:
        """Park at the plug, with TLS between the EVCC and the way to the SECC."""
        self.placement, self._going_on = placement, set[asyncio.Task[None]]()
        self._front = await listen(self._serve, "::1")
        here = Place(scheme="tcp", port=self._front.sockets[0].getsockname()[1]).url
        settings = {**placement.settings, "iso20_needs_tls": False}
        if "vehicle_certificate" in settings:
            # The EVCCID is the name in its certificate, which it would take itself if it had TLS.
            settings["evccid"] = EvccTls(certificate=self._file("vehicle_certificate")).common_name
        return await super().start(msgspec.structs.replace(placement, connect_to=here, settings=settings))

    async def stop(self) -> None:
        """Stop both."""
        await super().stop()
        if self._front is not None:
            self._front.close()
            for task in tuple(self._going_on):
                task.cancel()
            await asyncio.gather(*self._going_on, return_exceptions=True)
            await self._front.wait_closed()
            self._front = None

    def tls(self, placement: Placement) -> EvccTls | None:
        """Leave TLS to what stands before."""
        return None

    def trusts(self, answer: TlsAnswer) -> bool:
        """Tell whether an SECC's chain and what is stapled to it stand the check."""
        roots = (read_certificate(self._file("v2g_root")),)
        try:
            chain = chained(answer.chain, roots)
        except AssertionError:
            return False
        issuers = [*chain[1:], *roots]
        return all(self.good(each, issuer) for each, issuer in zip(answer.stapled, issuers, strict=False) if each is not None)

    def good(self, response: bytes, issuer: x509.Certificate) -> bool:
        """Tell whether an OCSP response stands the check."""
        read = ocsp.load_der_ocsp_response(response)
        return read.certificate_status is ocsp.OCSPCertStatus.GOOD and _signed(read, issuer)

    def _file(self, name: str) -> Path:
        return Path(str(self.placement.settings[name]))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._going_on.add(task)
        try:
            with contextlib.suppress(OSError, NotFound):
                await self._speak(reader, writer)
        finally:
            self._going_on.discard(task)
            await _closed(writer)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = Place.of(self.placement.connect_to)
        there = await discover(Request(Security.TLS), place.interface, host=place.host, port=place.port)
        far_reader, far = await asyncio.open_connection(str(IPv6Address(there.address)), there.port)
        files = CredentialFiles(self._file("vehicle_certificate"), self._file("vehicle_key"))
        client = _Client(dataclasses.replace(ISO20, client=read_credential(files)), self.trusts)
        try:
            far.write(client.start())
            while not client.over and client.answer.step is not Step.DONE:
                if not (data := await far_reader.read(1 << 16)):
                    return
                far.write(client.receive(data))
            if client.over:
                return
            pumps = [asyncio.create_task(_down(client, far_reader, writer)), asyncio.create_task(_up(client, reader, far))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            await _closed(far)


async def _down(client: _Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not client.over and (data := await reader.read(1 << 16)):
        client.receive(data)
        writer.write(client.taken())


async def _up(client: _Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(client.seal(data))
    writer.write(client.goodbye())


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Tell whether an OCSP response was signed by who issued the certificate that it is about."""
    key, digest = issuer.public_key(), response.signature_hash_algorithm
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert digest is not None
    try:
        key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


class IgnoresResponses(OwnTls):
    """Asks for OCSP responses, and looks at none."""

    def good(self, response: bytes, issuer: x509.Certificate) -> bool:
        """Take whatever comes."""
        return True


class TakesAnySigner(OwnTls):
    """Looks at what OCSP responses say, and not who has signed them."""

    def good(self, response: bytes, issuer: x509.Certificate) -> bool:
        """Look at the status only."""
        return ocsp.load_der_ocsp_response(response).certificate_status is ocsp.OCSPCertStatus.GOOD


class LooksAtFirst(OwnTls):
    """Looks at the OCSP response to the SECC's own certificate only."""

    def trusts(self, answer: TlsAnswer) -> bool:
        """Leave the others aside."""
        return super().trusts(dataclasses.replace(answer, stapled=answer.stapled[:1]))


class OlderTls(OwnTls):
    """An EVCC of 15118-2: names its roots, asks for OCSP responses, and goes on with no SECC that has none.

    It goes as far as its part of the secret; no session is held.
    """

    def trusts(self, answer: TlsAnswer) -> bool:
        """Insist on the response to the SECC's own certificate, too."""
        return super().trusts(answer) and self.enough(answer)

    def enough(self, answer: TlsAnswer) -> bool:
        """Tell whether there are OCSP responses enough ([V2G2-873])."""
        return any(each is not None for each in answer.stapled)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = Place.of(self.placement.connect_to)
        there = await discover(Request(Security.TLS), place.interface, host=place.host, port=place.port)
        far_reader, far = await asyncio.open_connection(str(IPv6Address(there.address)), there.port)
        roots = (read_certificate(self._file("v2g_root")),)
        client = ProbingClient(dataclasses.replace(ISO2, status_request=True, status_request_v2=True, trusted_ca_keys=roots))
        try:
            far.write(client.start())
            while not client.over and (data := await far_reader.read(1 << 16)):
                far.write(client.receive(data))
            if client.answer.outcome is Outcome.ACCEPTED and self.trusts(client.answer):
                share = Secret("secp256r1").share
                far.write(record(Content.HANDSHAKE, message(Handshake.CLIENT_KEY_EXCHANGE, vector(1, share))))
                await far_reader.read()
            else:
                far.write(record(Content.ALERT, bytes((2, Alert.bad_certificate))))
        finally:
            await _closed(far)


class DoesWithout(OlderTls):
    """Goes on without the OCSP responses that it has asked for."""

    def enough(self, answer: TlsAnswer) -> bool:
        """Do without."""
        return True


class OlderIgnores(OlderTls):
    """Looks at no OCSP response."""

    def good(self, response: bytes, issuer: x509.Certificate) -> bool:
        """Take whatever comes."""
        return True
