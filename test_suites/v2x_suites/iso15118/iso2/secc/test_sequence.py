"""Requests out of place, of another session, and none at all: in every state of a session."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.refusals import SEQUENCE_TIMEOUT, out_of_sequence, silence, unknown_session
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import UnderTest

_OUT_OF_PLACE = "V2G2-538 V2G2-459 V2G2-539"
_OF_ANOTHER_SESSION = "V2G2-460 V2G2-034"
_SILENCE = "V2G2-443"

ANSWERED = SEQUENCE_TIMEOUT - 5.0
"""When it may be over for us at the earliest: an SECC may count from when it began to make its answer (s)."""


# A request that is out of place


@case("TC_SECC_CMN_VTB_SessionSetup_002", verifies=_OUT_OF_PLACE)
async def test_service_discovery_instead_of_session_setup(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for SessionSetupReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    await out_of_sequence(ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_CMN_VTB_ServiceDiscovery_002", verifies=_OUT_OF_PLACE)
async def test_authorization_instead_of_service_discovery(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for ServiceDiscoveryReq refuses AuthorizationReq, and ends the connection."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await out_of_sequence(ev, secc, "AuthorizationReq")


@case("V2X_SECC_CMN_VTB_ServiceDiscovery_001", verifies=_OUT_OF_PLACE)
async def test_session_setup_in_a_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses SessionSetupReq in the middle of a session, though it carries no session's id."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await out_of_sequence(ev, secc, "SessionSetupReq", session_id=NO_SESSION)


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_004", verifies=_OUT_OF_PLACE)
async def test_service_discovery_instead_of_payment_service_selection(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for PaymentServiceSelectionReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    await out_of_sequence(ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_CMN_VTB_Authorization_003", verifies=_OUT_OF_PLACE)
async def test_service_discovery_instead_of_authorization(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for AuthorizationReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await out_of_sequence(ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_CMN_VTB_ChargeParameterDiscovery_001", verifies=_OUT_OF_PLACE)
async def test_service_discovery_instead_of_charge_parameter_discovery(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for ChargeParameterDiscoveryReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ev.plug_in()
    await ev.until("ChargeParameterDiscoveryReq")
    await out_of_sequence(ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_AC_VTB_PowerDelivery_006", verifies=_OUT_OF_PLACE, applies="AC")
async def test_service_discovery_instead_of_power_delivery(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for PowerDeliveryReq to start refuses ServiceDiscoveryReq, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await out_of_sequence(ac_ev, secc, "ServiceDiscoveryReq")


@case("V2X_SECC_AC_VTB_PowerDelivery_001", verifies=_OUT_OF_PLACE, applies="AC")
async def test_charging_status_before_power_delivery(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ChargingStatusReq before energy was asked for."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await out_of_sequence(ac_ev, secc, "ChargingStatusReq")


@case("V2X_SECC_AC_VTB_PowerDelivery_002", verifies=_OUT_OF_PLACE, applies="AC")
async def test_cable_check_at_an_ac_outlet(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC with AC refuses CableCheckReq, which cars have been seen to send."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await out_of_sequence(ac_ev, secc, "CableCheckReq")


@case("TC_SECC_AC_VTB_ChargingStatus_003", verifies=_OUT_OF_PLACE, applies="AC")
async def test_service_discovery_instead_of_charging_status(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for ChargingStatusReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq")
    await out_of_sequence(ac_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_AC_VTB_PowerDelivery_007", verifies=_OUT_OF_PLACE, applies="AC")
async def test_service_discovery_in_the_charging_loop(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose AC flows refuses ServiceDiscoveryReq in the place of PowerDeliveryReq to stop, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    await out_of_sequence(ac_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_AC_VTB_SessionStop_002", verifies=_OUT_OF_PLACE, applies="AC")
async def test_service_discovery_instead_of_session_stop(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for SessionStopReq refuses ServiceDiscoveryReq, and ends the connection."""
    await ac_ev.plug_in(target_soc=50.01)
    await ac_ev.until("SessionStopReq")
    await out_of_sequence(ac_ev, secc, "ServiceDiscoveryReq")


# A request of another session


@case("TC_SECC_CMN_VTB_ServiceDiscovery_003", verifies=_OF_ANOTHER_SESSION)
async def test_service_discovery_of_another_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ServiceDiscoveryReq of another session, and ends the connection."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await unknown_session(ev, secc)


@case("V2X_SECC_CMN_VTB_ServiceDiscovery_002", verifies=_OF_ANOTHER_SESSION)
async def test_service_discovery_of_no_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ServiceDiscoveryReq whose SessionID is zero still, and ends the connection."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    with requirement("V2G2-460"):
        answer = await ev.sends({"/Header/SessionID": "0000000000000000"})
        assert answer.name == "ServiceDiscoveryRes"
        assert answer.code == "FAILED_UnknownSession"
    with requirement("V2G2-034"):
        await secc.closes()


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_005", verifies=_OF_ANOTHER_SESSION)
async def test_payment_service_selection_of_another_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses PaymentServiceSelectionReq of another session, and ends the connection."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    await unknown_session(ev, secc)


@case("TC_SECC_CMN_VTB_Authorization_005", verifies=_OF_ANOTHER_SESSION)
async def test_authorization_of_another_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses AuthorizationReq of another session, and ends the connection."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await unknown_session(ev, secc)


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_003", verifies=_OF_ANOTHER_SESSION, applies="AC")
async def test_charge_parameter_discovery_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ChargeParameterDiscoveryReq of another session, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargeParameterDiscoveryReq")
    await unknown_session(ac_ev, secc)


@case("TC_SECC_AC_VTB_PowerDelivery_008", verifies=_OF_ANOTHER_SESSION, applies="AC")
async def test_power_delivery_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not let energy flow for another session, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await unknown_session(ac_ev, secc)


@case("TC_SECC_AC_VTB_ChargingStatus_004", verifies=_OF_ANOTHER_SESSION, applies="AC")
async def test_charging_status_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ChargingStatusReq of another session, and ends the connection."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    await unknown_session(ac_ev, secc)


@case("TC_SECC_AC_VTB_PowerDelivery_009", verifies=_OF_ANOTHER_SESSION, applies="AC")
async def test_end_of_power_delivery_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses PowerDeliveryReq to stop of another session, and ends the connection."""
    await ac_ev.plug_in(target_soc=50.01)
    await ac_ev.until("PowerDeliveryReq", 2)
    await unknown_session(ac_ev, secc)


@case("TC_SECC_AC_VTB_SessionStop_003", verifies=_OF_ANOTHER_SESSION, applies="AC")
async def test_session_stop_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses SessionStopReq of another session, and ends the connection."""
    await ac_ev.plug_in(target_soc=50.01)
    await ac_ev.until("SessionStopReq")
    await unknown_session(ac_ev, secc)


# No request at all


@case("TC_SECC_CMN_VTB_SupportedAppProtocol_003", verifies="V2G2-443 15118-2#session.anew")
async def test_silence_before_an_offer(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV connects and says nothing gives up within the sequence timeout, and serves the next EV."""
    await ev.plug_in()
    secc.from_now()
    with requirement("V2G2-443"):
        await secc.closes(within=SEQUENCE_TIMEOUT + secc.termination)
    await serves(ev)


@case("TC_SECC_CMN_VTB_SessionSetup_003", verifies=_SILENCE)
async def test_silence_before_session_setup(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent once a protocol is agreed on gives up within the sequence timeout, and not at once."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    # Before there is a session the communication setup may be over sooner: after 18 s.
    await silence(ev, secc, least=17.0)


@case("TC_SECC_CMN_VTB_ServiceDiscovery_004", verifies=_SILENCE)
async def test_silence_before_service_discovery(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after SessionSetupRes ends the session at the sequence timeout."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await silence(ev, secc, least=ANSWERED)


@case("TC_SECC_CMN_VTB_Authorization_008", verifies=_SILENCE)
async def test_silence_before_authorization(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after PaymentServiceSelectionRes ends the session at the sequence timeout."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await silence(ev, secc, least=ANSWERED)


@case("TC_SECC_CMN_VTB_ChargeParameterDiscovery_002", verifies=_SILENCE)
async def test_silence_before_charge_parameter_discovery(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after AuthorizationRes ends the session at the sequence timeout."""
    await ev.plug_in()
    await ev.until("ChargeParameterDiscoveryReq")
    await silence(ev, secc, least=ANSWERED)


@case("TC_SECC_AC_VTB_PowerDelivery_012", verifies=_SILENCE, applies="AC")
async def test_silence_before_power_delivery(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after ChargeParameterDiscoveryRes ends the session at the sequence timeout."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await silence(ac_ev, secc, least=ANSWERED)


@case("TC_SECC_AC_VTB_ChargingStatus_005", verifies=_SILENCE, applies="AC")
async def test_silence_before_charging_status(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after PowerDeliveryRes ends the session at the sequence timeout."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq")
    await silence(ac_ev, secc, least=ANSWERED)


@case("TC_SECC_AC_VTB_PowerDelivery_013", verifies=_SILENCE, applies="AC")
async def test_silence_in_the_charging_loop(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent while AC flows ends the session at the sequence timeout."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    await silence(ac_ev, secc, least=ANSWERED)


@case("TC_SECC_AC_VTB_SessionStop_004", verifies=_SILENCE, applies="AC")
async def test_silence_before_session_stop(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV falls silent after energy was stopped ends the session at the sequence timeout."""
    await ac_ev.plug_in(target_soc=50.01)
    await ac_ev.until("SessionStopReq")
    await silence(ac_ev, secc, least=ANSWERED)
