"""Agreeing on ISO 15118-20, and what comes before and below the messages."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.editions import ISO20_AC, ISO20_DC, Application
from v2x_architecture.iso15118.services20 import Service
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.anew import AGREED, own_session
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.secc_steps import unreadable
from v2x_suites.iso15118.under_test import UnderTest

_ANEW: Final = "15118-20#session.anew"
_IGNORED: Final = "15118-20#7.8.3.V2GTP.ignore"
_UNREADABLE: Final = "15118-20#7.9.EXI.undecodable.secc"


async def offers(ev: EvTester, *applications: Application) -> Application:
    """Plug in, offer protocols with SchemaIDs from 11 on, and return the one that the SECC agrees on."""
    await ev.plug_in(applications=[each.name for each in applications], first_schema_id=11)
    await ev.until("supportedAppProtocolReq")
    answer = await ev.sends()
    assert answer.name == "supportedAppProtocolRes"
    assert answer.code.is_in(*AGREED)
    assert answer.SchemaID.is_in(*range(11, 11 + len(applications)))
    return applications[answer.SchemaID.number() - 11]


@case("TC20_SECC_DC_GoodCase_SupportedAppProtocol_001", verifies="V2G20-169", applies="DC")
async def test_dearest_that_it_serves(dc_ev: EvTester) -> None:
    """Offered AC before DC, an SECC of a DC supply agrees on DC; on AC only where it goes on to offer AC."""
    with requirement("V2G20-169", hard=True):
        agreed = await offers(dc_ev, ISO20_AC, ISO20_DC)
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("V2G20-169"):
        found = await dc_ev.sends()
        (energy,) = agreed.energy
        services = [each.ServiceID.number() for each in found.EnergyTransferServiceList.Service]
        assert services, "no service is offered"
        assert {Service(each).energy for each in services if each in set(Service)} == {energy}
    await dc_ev.unplug()
    with requirement("V2G20-169"):
        assert await offers(dc_ev, ISO20_DC, ISO20_AC) is ISO20_DC


async def unheard(ev: EvTester) -> None:
    """See that AuthorizationSetupReq has not been heard: what would follow it is out of place, unless the session has ended."""
    if not ev.watch.connected:
        return
    with requirement(_IGNORED):
        answer = await ev.sends_other("AuthorizationReq")
        assert answer.name == "AuthorizationRes"
        assert answer.code == "FAILED_SequenceError"


async def leaves_aside(ev: EvTester, secc: UnderTest, payload_type: PayloadType) -> None:
    """Send AuthorizationSetupReq with a payload type that is not its own."""
    await ev.plug_in()
    await ev.until("AuthorizationSetupReq")
    secc.from_now()
    with requirement(_IGNORED, hard=True):
        ev.put(payload_type=payload_type)
        await secc.stays_quiet(for_=2.0)
    await unheard(ev)


@case("TC20_SECC_CMN_V2GTP_001", verifies=_IGNORED)
async def test_payload_type_of_the_older_edition(ev: EvTester, secc: UnderTest) -> None:
    """An SECC leaves a request of payload type 0x8001 aside: it does not answer it, nor does the session go on by it."""
    await leaves_aside(ev, secc, PayloadType.EXI)


@case("TC20_SECC_CMN_V2GTP_002", verifies=_IGNORED)
async def test_payload_type_of_another_schema(ev: EvTester, secc: UnderTest) -> None:
    """An SECC leaves a request of the common messages aside that has the payload type of DC or AC."""
    await leaves_aside(ev, secc, PayloadType.ISO20_ACDP)


@case("TC20_SECC_CMN_V2GTP_003", verifies=f"{_IGNORED} {_ANEW}")
async def test_version_of_v2gtp(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a request of a V2GTP version that there is not, and serves the next EV."""
    await ev.plug_in()
    await ev.until("AuthorizationSetupReq")
    before, payload = ev.session_id, ev.held.payload
    secc.from_now()
    with requirement(_IGNORED):
        ev.put_octets(payload, header=b"\x02\xfd" + encode(PayloadType.ISO20_MAIN, payload)[2:8])
        await secc.stays_quiet(for_=2.0)
    await own_session(ev, before, _ANEW)


@case("TC20_SECC_CMN_EXI_001", verifies=f"{_UNREADABLE} {_ANEW}")
async def test_request_that_is_cut_off(ev: EvTester) -> None:
    """An SECC does not take a request whose EXI ends in the middle, and serves the next EV."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await cannot_read(ev, ev.held.payload[:-3])


@case("TC20_SECC_CMN_EXI_002", verifies=f"{_UNREADABLE} {_ANEW}")
async def test_no_exi(ev: EvTester) -> None:
    """An SECC does not take octets that are no EXI for a request, and serves the next EV."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await cannot_read(ev, bytes.fromhex("80ffffffffffffffffffff"))


async def cannot_read(ev: EvTester, payload: bytes) -> None:
    """Send what cannot be read; it must not be taken for a request, and nothing be the worse for it."""
    before = ev.session_id
    with requirement(_UNREADABLE):
        await unreadable(ev, payload)
    await own_session(ev, before, _ANEW)
