"""SECC and EVCC over loopback, in virtual time: SDP, TCP, TLS, and what becomes of connections that break."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from v2x_architecture.clock import LoopClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_AC, ISO20_DC, Application
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, SimulatedEv, Wish
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.iso20_common_messages import SessionSetupReqType
from v2x_architecture.iso15118.negotiation import offer
from v2x_architecture.iso15118.pki import ALGORITHMS, V2gPkiFiles, make_pki
from v2x_architecture.iso15118.secc import Close, CloseReason, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.sending import Said
from v2x_architecture.iso15118.tcp import DYNAMIC_PORTS, ConnectFailed, connect
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import PayloadType, Received
from v2x_harness.clock import VirtualTimeLoop

from .pair import ac_plug, dc_plug

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("2").write(tmp_path_factory.mktemp("pki"))


class Site:
    """An SECC and an EVCC at one plug."""

    def __init__(self, plug: Coupling, tls: SeccTls | None = None, config: SeccConfig | None = None) -> None:
        self.plug, self.clock = plug, LoopClock()
        self.ended: list[Close] = []
        self.said: list[Said] = []
        listener = SeccListener(sdp_port=0, tls=tls, plain=tls is None)
        evse = SimulatedEvse(plug)
        self.secc = SeccServer(evse, self.clock, config, listener, watcher=self.said.append, ended=self.ended.append)

    def ev(
        self, *applications: Application, tls: EvccTls | None = None, driver: DriverSettings | None = None, **address: int
    ) -> EvccClient:
        assert self.secc.sdp_port is not None
        where = SeccAddress(sdp_port=self.secc.sdp_port, tls=tls, **address)  # port, where SDP is left out
        ev = SimulatedEv(self.plug, driver)
        return EvccClient(ev, self.clock, EvccConfig(applications=applications or (ISO2, DIN)), where)

    @property
    def reasons(self) -> list[CloseReason]:
        return [each.reason for each in self.ended]


CASES = [(ac_plug, ISO2), (dc_plug, ISO2), (dc_plug, DIN)]


@pytest.mark.parametrize(("plug", "application"), CASES, ids=["ISO 15118-2 AC", "ISO 15118-2 DC", "DIN SPEC 70121 DC"])
async def test_a_session_over_tcp(plug: type[Coupling], application: Application) -> None:
    site = Site(plug(79.7))
    async with site.secc:
        outcome = await site.ev(application).run()
        assert outcome.ending is Ending.FINISHED
    assert site.reasons == [CloseReason.STOPPED]
    assert site.plug.vehicle is not None
    assert site.plug.vehicle.soc == pytest.approx(80.0, abs=0.1)
    assert site.plug.meter.energy_wh > 0.97 * 0.003 * 60_000
    assert site.said[-1].name == "SessionStopRes"
    assert {each.schema for each in site.said} == {Schema.SAP, *application.schemas.values()}


@pytest.mark.parametrize(("plug", "application"), CASES, ids=["ISO 15118-2 AC", "ISO 15118-2 DC", "DIN SPEC 70121 DC"])
async def test_a_session_over_tls(plug: type[Coupling], application: Application, pki: V2gPkiFiles) -> None:
    site = Site(plug(79.9), SeccTls(pki.secc.certificate, pki.secc.key))
    async with site.secc:
        assert site.secc.plain_port is None
        outcome = await site.ev(application, tls=EvccTls((pki.v2g_root,))).run()
    assert outcome.ending is Ending.FINISHED
    assert site.reasons == [CloseReason.STOPPED]


@pytest.fixture(scope="module", params=ALGORITHMS["20"])
def pki20(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("20", request.param).write(tmp_path_factory.mktemp("pki20"))


@pytest.mark.parametrize(("plug", "application"), [(ac_plug, ISO20_AC), (dc_plug, ISO20_DC)], ids=["AC", "DC"])
async def test_iso20_over_mutual_tls(plug: type[Coupling], application: Application, pki20: V2gPkiFiles) -> None:
    secc = SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)
    evcc = EvccTls((pki20.v2g_root,), pki20.vehicle.certificate, pki20.vehicle.key, Profile.ISO20)
    site = Site(plug(79.95), secc)
    async with site.secc:
        outcome = await site.ev(application, ISO2, tls=evcc).run()
    assert outcome.ending is Ending.FINISHED
    assert {each.schema for each in site.said} == {Schema.SAP, *application.schemas.values()}
    certificate = x509.load_pem_x509_certificate(pki20.vehicle.certificate.read_bytes())
    ids = {each.message.EVCCID for each in site.said if isinstance(each.message, SessionSetupReqType)}
    assert [f"CN={each}" for each in ids] == [
        each.rfc4514_string() for each in certificate.subject if each.oid == NameOID.COMMON_NAME
    ]
    now = site.clock.now().timestamp()
    stamps = [each.message.Header.TimeStamp for each in site.said if hasattr(each.message, "Header")]
    assert all(now - 600 < stamp <= now for stamp in stamps)


@pytest.mark.parametrize("bad", ["wrong_domain", "other_algorithm", "usage_not_critical"])
async def test_an_ev_says_nothing_to_an_secc_whose_certificate_is_not_of_the_profile(pki: V2gPkiFiles, bad: str) -> None:
    shown = pki.bad_secc[bad]
    site = Site(ac_plug(), SeccTls(shown.certificate, shown.key))
    async with site.secc:
        with pytest.raises(ConnectFailed, match="is not one of ISO 15118-2") as caught:
            await site.ev(tls=EvccTls((pki.v2g_root,))).run()
    assert caught.value.tls
    assert site.said == []


async def test_an_ev_that_is_not_strict_takes_any_certificate_that_chains(pki: V2gPkiFiles) -> None:
    shown = pki.bad_secc["wrong_domain"]
    site = Site(ac_plug(79.9), SeccTls(shown.certificate, shown.key))
    async with site.secc:
        assert (await site.ev(ISO2, tls=EvccTls((pki.v2g_root,), strict=False)).run()).ending is Ending.FINISHED


async def test_an_ev_without_tls_is_told_that_there_is_nothing_else(pki: V2gPkiFiles) -> None:
    site = Site(ac_plug(), SeccTls(pki.secc.certificate, pki.secc.key))
    async with site.secc:
        with pytest.raises(ConnectFailed, match="wants TLS"):
            await site.ev().run()


async def test_an_ev_that_wants_tls_takes_what_there_is(pki: V2gPkiFiles) -> None:
    site = Site(ac_plug(79.9))
    async with site.secc:
        assert (await site.ev(tls=EvccTls((pki.v2g_root,))).run()).ending is Ending.FINISHED


async def test_a_known_port_needs_no_sdp() -> None:
    site = Site(ac_plug(79.9))
    async with site.secc:
        assert site.secc.plain_port is not None
        assert site.secc.plain_port in DYNAMIC_PORTS
        assert (await site.ev(port=site.secc.plain_port).run()).ending is Ending.FINISHED


async def test_an_ev_does_not_wait_for_a_handshake_that_never_begins(pki: V2gPkiFiles) -> None:
    gone = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(100):
                pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(hold, "::1", 0)
    site = Site(ac_plug())
    async with site.secc:
        ev = site.ev(tls=EvccTls((pki.v2g_root,)), port=server.sockets[0].getsockname()[1])
        before = site.clock.monotonic()
        with pytest.raises(ConnectFailed, match="in time"):
            await ev.run()
        assert 20 <= site.clock.monotonic() - before < 21
        await gone.wait()
    server.close()
    await server.wait_closed()


async def test_pausing_and_joining_again_are_two_connections() -> None:
    site = Site(dc_plug(79.0))
    async with site.secc:
        ev = site.ev(driver=DriverSettings(wish=Wish.PAUSE))
        assert (await ev.run()).ending is Ending.PAUSED
        await asyncio.sleep(3_600)
        assert (await ev.run()).ending is Ending.FINISHED
    assert site.reasons == [CloseReason.PAUSED, CloseReason.STOPPED]
    codes = [getattr(each.message.Body.BodyElement, "ResponseCode", "") for each in site.said if each.name == "SessionSetupRes"]
    assert codes == ["OK_NewSessionEstablished", "OK_OldSessionJoined"]


async def test_one_ev_at_a_time() -> None:
    site = Site(dc_plug(50.0))
    async with site.secc:
        first = asyncio.create_task(site.ev(driver=DriverSettings(target_soc=51.0)).run())
        await asyncio.sleep(5)
        assert (await site.ev().run()).ending is Ending.LOST
        assert (await first).ending is Ending.FINISHED


async def test_an_ev_that_hangs_up_gets_no_more_energy() -> None:
    site = Site(dc_plug(50.0))
    async with site.secc:
        charging = asyncio.create_task(site.ev().run())
        await asyncio.sleep(20)
        assert site.plug.dc(site.clock.monotonic()).current_a > 100
        charging.cancel()
        await asyncio.wait({charging})
        await asyncio.sleep(1)
        assert site.plug.dc(site.clock.monotonic()).current_a == 0
    assert site.reasons == [CloseReason.LOST]


async def test_an_secc_that_is_switched_off_loses_its_ev() -> None:
    site = Site(dc_plug(50.0))
    async with site.secc:
        charging = asyncio.create_task(site.ev().run())
        await asyncio.sleep(20)
    assert (await charging).ending is Ending.LOST
    assert site.plug.dc(site.clock.monotonic()).current_a == 0


async def test_an_ev_that_sets_up_no_session_is_let_go_in_time() -> None:
    site = Site(ac_plug())
    async with site.secc:
        assert site.secc.plain_port is not None
        link = await connect("::1", site.secc.plain_port)
        link.send(PayloadType.EXI, codec(Schema.SAP).encode(offer([ISO2])))
        assert isinstance(await link.receive(), Received)
        before = site.clock.monotonic()
        assert await link.receive() is None
        assert 17 < site.clock.monotonic() - before < 19
        await link.close()
    assert site.reasons == [CloseReason.SETUP_TIMEOUT]


async def test_an_ev_that_stays_after_a_refusal_is_hung_up_on() -> None:
    site = Site(ac_plug())
    async with site.secc:
        assert site.secc.plain_port is not None
        link = await connect("::1", site.secc.plain_port)
        link.send(PayloadType.EXI, codec(Schema.SAP).encode(offer([ISO20_DC])))
        assert isinstance(await link.receive(), Received)
        before = site.clock.monotonic()
        link.send(PayloadType.EXI, b"\x80")
        assert await link.receive() is None
        assert 5 <= site.clock.monotonic() - before < 6
        await link.close()


async def test_an_secc_that_takes_its_time_is_waited_for() -> None:
    site = Site(dc_plug(79.99), config=SeccConfig(pace_s=0.1))
    async with site.secc:
        assert (await site.ev().run()).ending is Ending.FINISHED
    assert site.said[-1].at > 2.0 + site.said[0].at


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    site = Site(ac_plug())
    async with site.secc:
        assert site.secc.plain_port is not None
        listener = SeccListener(plain_port=site.secc.plain_port, sdp=False)
        with pytest.raises(OSError, match="address already in use"):
            await SeccServer(SimulatedEvse(ac_plug()), site.clock, listener=listener).start()
