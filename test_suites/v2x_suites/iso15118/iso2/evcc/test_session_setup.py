"""Protocol and session: supportedAppProtocol and SessionSetup."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import comes, is_over, once_more, reach, released, unanswered
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

_UNUSUAL = "00A5FF0000C0FE00"
"""A SessionID with zeros where some products look for its end."""


@case("V2X_EVCC_CMN_VTB_SupportedAppProtocol_001", verifies="V2G2-167 15118-2#8.2.sap-order.evcc")
async def test_offer(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC offers at most 20 protocols, each with a SchemaID and a priority of its own, and takes the one that is chosen."""
    await se.listens()
    await driver.plug_in()
    offered = list((await reach(se, evcc, "supportedAppProtocolRes")).AppProtocol)
    with requirement("V2G2-167"):
        priorities = [entry.Priority.number() for entry in offered]
        assert 1 <= len(offered) <= 20
        assert len(set(priorities)) == len(priorities), f"a priority stands twice: {priorities}"
        assert all(1 <= each <= 20 for each in priorities), f"a priority is not in 1 to 20: {priorities}"
        await comes(se, evcc, "ServiceDiscoveryReq")
    with requirement("15118-2#8.2.sap-order.evcc"):
        ids = [entry.SchemaID.number() for entry in offered]
        assert len(set(ids)) == len(ids), f"a SchemaID stands twice: {ids}"


@case("V2X_EVCC_CMN_VTB_SupportedAppProtocol_002", verifies="V2G2-486 V2G2-025")
async def test_no_negotiation(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told that there is no protocol in common ends the connection; it begins anew when plugged in again."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "supportedAppProtocolRes")
    se.put({"ResponseCode": "Failed_NoNegotiation"}, without=["SchemaID"])
    with requirement("V2G2-486", "V2G2-025"):
        await evcc.ends()
        released(se)
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SupportedAppProtocol_003", verifies="V2G2-025 15118-2#8.2.sap-order.evcc")
async def test_unknown_schema(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is answered with a SchemaID that it has not offered does not guess which protocol is meant."""
    await se.listens()
    await driver.plug_in()
    offered = await reach(se, evcc, "supportedAppProtocolRes")
    foreign = next(each for each in range(255, 0, -1) if each not in [entry.SchemaID.number() for entry in offered.AppProtocol])
    se.put({"SchemaID": foreign})
    with requirement("V2G2-025", "15118-2#8.2.sap-order.evcc"):
        await evcc.ends()
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SupportedAppProtocol_004", verifies="15118-2#8.2.sap-minor.evcc V2G2-752")
async def test_minor_deviation(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on with an SECC that has another minor version of its protocol."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "supportedAppProtocolRes")
    se.put({"ResponseCode": "OK_SuccessfulNegotiationWithMinorDeviation"})
    with requirement("15118-2#8.2.sap-minor.evcc", hard=True):
        assert (await evcc.next()).name == "SessionSetupReq"
    await se.until("SessionSetupRes")
    se.put()
    with requirement("V2G2-752"):
        assert (await evcc.next("ServiceDiscoveryReq")).session_id == se.session_id


@case("V2X_EVCC_CMN_VTB_SessionSetup_001", verifies="V2G2-752 15118-2#8.3.new-session.evcc")
async def test_session_id(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC without a paused session asks with SessionID zero, and takes the SECC's SessionID for all that follows."""
    await se.listens()
    assert se.server is not None
    se.server.memory.new_id = lambda: bytes.fromhex(_UNUSUAL)
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    with requirement("15118-2#8.3.new-session.evcc"):
        assert int(str(request.session_id.value) or "0", 16) == 0
    with requirement("V2G2-752"):
        se.put()
        assert (await evcc.next()).session_id == _UNUSUAL
        await comes(se, evcc, "ServiceDiscoveryReq")
        se.put()
        assert (await evcc.next()).session_id == _UNUSUAL


@case("TC_EVCC_CMN_VTB_SessionSetup_004", verifies="V2G2-438 V2G2-728")
async def test_no_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that gets no SessionSetupRes gives up after V2G_EVCC_Msg_Timeout, 2 s."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    with requirement("V2G2-438", hard=True):
        await unanswered(evcc, request)
    with requirement("V2G2-728"):
        released(se)


@case("V2X_EVCC_CMN_VTB_SessionSetup_002", verifies="V2G2-486 V2G2-735 V2G2-025")
async def test_refused_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose session is refused ends the connection, and uses nothing of that response."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    se.put({"ResponseCode": "FAILED"})
    with requirement("V2G2-486", "V2G2-025", hard=True):
        end = await evcc.ends("SessionStopReq")
        assert end.t - request.t < 2.0 + evcc.termination
    with requirement("V2G2-735"):
        assert not evcc.said("ServiceDiscoveryReq", "ServiceDetailReq", "PaymentServiceSelectionReq")
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("V2X_EVCC_CMN_VTB_SessionSetup_003", verifies="V2G2-740 V2G2-752", applies="Pause")
async def test_joined(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that comes back from a pause asks for its old session, and goes on in it as before."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "ChargeParameterDiscoveryRes")
    own, mode = se.session_id, first.RequestedEnergyTransferMode.value
    payment = evcc.said("PaymentServiceSelectionReq")[-1].SelectedPaymentOption.value
    await reach(se, evcc, "ChargingStatusRes" if str(mode).startswith("AC") else "CurrentDemandRes")
    await driver.pause()
    await reach(se, evcc, "SessionStopRes")
    stopping = evcc.said("SessionStopReq")[-1]
    with requirement("V2G2-740", hard=True):
        assert stopping.ChargingSession == "Pause"
        se.put()
        await evcc.ends()
        await driver.plug_in()
        await se.next_session()
        again = await comes(se, evcc, "SessionSetupReq")
        assert again.session_id == own
    with requirement("V2G2-740"):
        after = await comes(se, evcc, "ChargeParameterDiscoveryReq")
        assert after.RequestedEnergyTransferMode == mode
        assert evcc.said("PaymentServiceSelectionReq")[-1].SelectedPaymentOption == payment
    with requirement("V2G2-752"):
        assert after.session_id == own


@case("V2X_EVCC_CMN_VTB_SessionSetup_004", verifies="V2G2-752 15118-2#8.3.new-session.evcc")
async def test_joined_unasked(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of an old session though it asked for a new one ends, or goes on in the session it was told."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    with requirement("15118-2#8.3.new-session.evcc"):
        assert int(str(request.session_id.value) or "0", 16) == 0
    with requirement("V2G2-752"):
        se.put({"ResponseCode": "OK_OldSessionJoined"})
        did = await evcc.then(2 + evcc.termination)
        assert is_over(did, evcc) or (isinstance(did, Message) and did.session_id == se.session_id)
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")
