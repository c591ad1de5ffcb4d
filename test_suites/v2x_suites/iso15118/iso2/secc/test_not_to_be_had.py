"""What an SECC is asked that it does not have, and what there is no more room for in its responses."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.asking import parameters
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.refusals import SEQUENCE_ERROR, out_of_sequence
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount, physical

_OUT_OF_PLACE: Final = " ".join(SEQUENCE_ERROR["2"])
_ANEW: Final = "15118-2#session.anew"
_ROOM: Final = "15118-2#8.5.2.three-tuples.secc"
_MOST: Final = 3


# Certificates, without contracts


@case("V2X_SECC_CMN_VTB_PaymentDetails_001", verifies=f"{_OUT_OF_PLACE} {_ANEW}", applies="not PnC")
async def test_contract_that_nobody_asked_for(ev: EvTester, secc: UnderTest) -> None:
    """An SECC without contracts refuses a contract certificate, which is no certificate at all, and serves the next EV."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await out_of_sequence(ev, secc, "PaymentDetailsReq")
    await serves(ev)


@case("V2X_SECC_CMN_VTB_CertificateUpdate_001", verifies=f"{_OUT_OF_PLACE} V2G2-736 {_ANEW}", applies="not PnC")
async def test_update_that_is_not_to_be_had(ev: EvTester, secc: UnderTest) -> None:
    """An SECC without contracts refuses to update one, by its own response with all that it must have."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    answer = await out_of_sequence(ev, secc, "CertificateUpdateReq")
    with requirement("V2G2-736"):
        for name in ("SAProvisioningCertificateChain", "ContractSignatureCertChain", "DHpublickey", "eMAID"):
            assert answer.content[name].exists, f"{name} is missing"
    await serves(ev)


@case("V2X_SECC_CMN_VTB_CertificateInstallation_001", verifies=f"{_OUT_OF_PLACE} V2G2-736", applies="not PnC")
async def test_installation_that_is_not_to_be_had(ev: EvTester, secc: UnderTest) -> None:
    """An SECC without contracts refuses to install one, by its own response with all that it must have."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    answer = await out_of_sequence(ev, secc, "CertificateInstallationReq")
    with requirement("V2G2-736"):
        for name in ("SAProvisioningCertificateChain", "ContractSignatureCertChain", "DHpublickey", "eMAID"):
            assert answer.content[name].exists, f"{name} is missing"


# Schedules


def _one(number: int, power_w: float) -> Json:
    return {"id": number, "entries": [{"start_s": 0, "max_power_w": power_w, "duration_s": 86_400}]}


@case("V2X_SECC_AC_VTB_ChargeParameterDiscovery_002", verifies=f"{_ROOM} V2G2-300", applies="AC")
async def test_more_schedules_than_there_is_room_for(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that has five schedules to offer offers three at most, of ids of their own, and goes on."""
    await operator.set_schedules([_one(number, 4000.0 + 1000 * number) for number in range(1, 6)])
    await ac_ev.plug_in()
    with requirement(_ROOM, hard=True):
        answer = await parameters(ac_ev)
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code == "OK"
        offered = [each.SAScheduleTupleID.number() for each in answer.SAScheduleList.SAScheduleTuple]
        assert 1 <= len(offered) <= _MOST, f"it offers {len(offered)}"
    with requirement("V2G2-300"):
        assert len(set(offered)) == len(offered)
    await ac_ev.until("PowerDeliveryReq")
    with requirement(_ROOM):
        assert (await ac_ev.sends()).code == "OK"


@case("V2X_SECC_DC_VTB_PowerDelivery_004", verifies="V2G2-224 V2G2-589", applies="DC")
async def test_profile_of_many_entries(dc_ev: EvTester) -> None:
    """An SECC takes a charging profile of 24 entries, all of them within its schedule, and lets energy flow."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    limits = [physical(1000.0 + 10 * n, "W") for n in range(24)]
    profile: Json = [
        {"ChargingProfileEntryStart": 900 * n, "ChargingProfileEntryMaxPower": limit} for n, limit in enumerate(limits)
    ]
    with requirement("V2G2-224", "V2G2-589", hard=True):
        answer = await dc_ev.sends({"ChargingProfile/ProfileEntry": profile})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "OK"
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-589"):
        answer = await dc_ev.sends()
        assert answer.name == "CurrentDemandRes"
        assert answer.code == "OK"
        assert answer.session_id == dc_ev.session_id


# Limits


@case("V2X_SECC_AC_VTB_ChargingStatus_005", verifies="V2G2-844 V2G2-575", applies="AC")
async def test_nothing_for_a_while(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that has no current for a while says so in the charging loop, goes on with the session, and has some again."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    await operator.set_limits(max_current_a=0.0)
    with requirement("V2G2-844", "V2G2-575", hard=True):
        for _ in range(6):
            answer = await ac_ev.sends()
            assert answer.name == "ChargingStatusRes"
            assert answer.code == "OK"
            await ac_ev.until("ChargingStatusReq")
        assert amount(answer.EVSEMaxCurrent) == 0
    await operator.set_limits(max_current_a=10.0)
    await ac_ev.until("ChargingStatusReq", 2)
    with requirement("V2G2-844"):
        answer = await ac_ev.sends()
        assert amount(answer.EVSEMaxCurrent) == 10.0
