"""V2GTP on the connection, and EXI that cannot be read."""

from __future__ import annotations

from v2x_architecture.iso15118.v2gtp import encode
from v2x_harness.blocks import requirement
from v2x_harness.steer import Toxic
from v2x_harness.tap import Tap

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.secc_steps import unreadable
from v2x_suites.iso15118.under_test import UnderTest

_IGNORED = "15118-2#7.8.3.V2GTP.ignore 15118-2#session.anew"
_UNREADABLE = "15118-2#7.9.1.EXI.undecodable.secc 15118-2#session.anew"


async def ignores(ev: EvTester, secc: UnderTest, change: slice, octets: str) -> None:
    """Send SessionSetupReq with a bad header, and see that there is no answer until an EV has given up."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    payload = ev.held.payload
    header = bytearray(encode(ev.held.payload_type, payload)[:8])
    header[change] = bytes.fromhex(octets)
    secc.from_now()
    ev.put_octets(payload, header=bytes(header))
    with requirement("15118-2#7.8.3.V2GTP.ignore"):
        await secc.stays_quiet(for_=2.0)
    await serves(ev)


async def cannot_read(ev: EvTester, octets: bytes) -> None:
    """Send what cannot be read, and see that it is not taken for a request, and that nothing is the worse for it."""
    with requirement("15118-2#7.9.1.EXI.undecodable.secc"):
        await unreadable(ev, octets)
    await serves(ev)


@case("TC_SECC_CMN_VTB_V2GTPSessionSetup_001", verifies="15118-2#7.8.3.V2GTP.header V2G2-542 15118-2#session.anew")
async def test_header_of_the_response(ev: EvTester) -> None:
    """An SECC's SessionSetupRes has a V2GTP header of version 1, with its inverse, payload type 0x8001 and its length."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G2-542", hard=True):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
    with requirement("15118-2#7.8.3.V2GTP.header"):
        assert answer.raw[:4].hex() == "01fe8001"
        assert int.from_bytes(answer.raw[4:8]) == len(answer.raw) - 8
    await serves(ev)


@case("TC_SECC_CMN_VTB_V2GTPSessionSetup_002", verifies=_IGNORED)
async def test_length_zero(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a SessionSetupReq whose header says that there is no payload."""
    await ignores(ev, secc, slice(4, 8), "00000000")


@case("TC_SECC_CMN_VTB_V2GTPSessionSetup_004", verifies=_IGNORED)
async def test_another_version(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a SessionSetupReq of a V2GTP version that there is not."""
    await ignores(ev, secc, slice(0, 1), "ff")


@case("TC_SECC_CMN_VTB_V2GTPSessionSetup_005", verifies=_IGNORED)
async def test_no_inverse_version(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a SessionSetupReq whose second octet is not the inverse of its version."""
    await ignores(ev, secc, slice(1, 2), "ff")


@case("TC_SECC_CMN_VTB_V2GTPSessionSetup_003", verifies="V2G2-086 15118-2#session.anew")
async def test_another_payload_type(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not answer a SessionSetupReq of an unknown payload type, and answers a good one after it."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    held = ev.held
    secc.from_now()
    ev.put_octets(held.payload, payload_type=0x7001)
    with requirement("V2G2-086"):
        await secc.stays_quiet(for_=2.0)
        start = len(ev.watch.items)
        ev.say(held)
        answer = await ev.response(start, "SessionSetupReq")
        assert answer.code == "OK_NewSessionEstablished"
    await serves(ev)


@case("V2X_SECC_CMN_VTB_V2GTP_001", verifies="V2G2-540 V2G2-542 15118-2#session.anew")
async def test_requests_in_segments(ev: EvTester, link: Tap) -> None:
    """An SECC takes requests that come in several TCP segments, some time apart, cut anywhere."""
    await ev.plug_in(first_schema_id=17)
    link.poison([Toxic(kind="slice", sender="evcc", size=7, seconds=0.05)])
    await ev.until("supportedAppProtocolReq")
    with requirement("V2G2-540", hard=True):
        agreed = await ev.sends()
        assert agreed.content["SchemaID"] == 17
    await ev.until("SessionSetupReq")
    with requirement("V2G2-542"):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
    link.poison([])
    await serves(ev)


@case("V2X_SECC_CMN_VTB_EXI_001", verifies=_UNREADABLE)
async def test_offer_that_cannot_be_read(ev: EvTester) -> None:
    """An SECC that is sent octets which are no EXI in the place of an offer agrees to nothing, and serves the next EV."""
    await ev.plug_in()
    await ev.until("supportedAppProtocolReq")
    await cannot_read(ev, bytes.fromhex("80ffffffffffffff"))


@case("V2X_SECC_CMN_VTB_EXI_002", verifies=_UNREADABLE)
async def test_request_that_is_cut_off(ev: EvTester) -> None:
    """An SECC that is sent a request whose EXI ends in the middle does not take it, and serves the next EV."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await cannot_read(ev, ev.held.payload[:-3])


@case("V2X_SECC_AC_VTB_EXI_001", verifies=_UNREADABLE, applies="AC")
async def test_request_while_ac_flows(ac_ev: EvTester) -> None:
    """An SECC whose AC flows and that is sent what cannot be read does not take it for a request, and serves the next EV."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    await cannot_read(ac_ev, bytes.fromhex("809a") + bytes.fromhex("ff" * 24))


@case("V2X_SECC_CMN_VTB_EXI_003", verifies="15118-2#7.9.1.EXI.undecodable.secc 15118-2#session.anew")
async def test_empty_payload(ev: EvTester) -> None:
    """An SECC that is sent an EXI header and nothing behind it does not take it for a request, and serves the next EV."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    await cannot_read(ev, b"\x80")
