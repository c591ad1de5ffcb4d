"""Block K, smart charging."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import Session, id_token, profile, sends_profile


@case("TC_K_01_CSMS", verifies="K01.FR.31")
async def test_default_profile_for_an_evse(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS sets a default profile for one EVSE, with schedules whose first period begins at 0."""
    with requirement("K01.FR.31"):
        sent = await sends_profile(operator, 1, profile(1, "TxDefaultProfile"))
        assert sent.evseId == 1
        assert sent.chargingProfile.chargingProfilePurpose == "TxDefaultProfile"
        assert sent.chargingProfile.chargingSchedule[0].chargingSchedulePeriod[0].startPeriod == 0


@case("TC_K_03_CSMS", verifies="K01.FR.31 K01.FR.38")
async def test_profile_of_the_station(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS sets a limit for the whole station on EVSE 0, and no relative one."""
    with requirement("K01.FR.31", hard=True):
        sent = await sends_profile(operator, 0, profile(2, "ChargingStationMaxProfile", limit=32.0))
        assert sent.chargingProfile.chargingSchedule[0].chargingSchedulePeriod[0].startPeriod == 0
    with requirement("K01.FR.38"):
        assert sent.evseId == 0
        assert sent.chargingProfile.chargingProfileKind != "Relative"


@case("TC_K_60_CSMS", verifies="K01.FR.03 K01.FR.31")
async def test_profile_of_a_transaction(operator: CsmsOperator, charging: Session) -> None:
    """A CSMS that limits a running transaction names it in the profile."""
    wanted = profile(3, "TxProfile", kind="Relative", transactionId=charging.transaction_id)
    with requirement("K01.FR.03", hard=True):
        sent = await sends_profile(operator, charging.evse, wanted)
        assert sent.chargingProfile.transactionId == charging.transaction_id
    with requirement("K01.FR.31"):
        assert sent.chargingProfile.chargingSchedule[0].chargingSchedulePeriod[0].startPeriod == 0


@case("TC_K_05_CSMS", verifies="K10.FR.02")
async def test_clear_by_id(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that clears one profile names it."""
    await sends_profile(operator, 1, profile(4, "TxDefaultProfile"))
    with requirement("K10.FR.02"):
        sent = await operator.send("ClearChargingProfile", chargingProfileId=4)
        assert sent.chargingProfileId == 4


@case("TC_K_06_CSMS", verifies="K10.FR.02 K10.FR.06")
async def test_clear_by_criteria(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that clears by criteria gives at least one, and never the purpose of external constraints."""
    criteria: Json = {"stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile"}
    with requirement("K10.FR.02", hard=True):
        sent = await operator.send("ClearChargingProfile", chargingProfileCriteria=criteria)
        assert sent.chargingProfileId.exists or len(sent.chargingProfileCriteria) > 0
    with requirement("K10.FR.06"):
        assert sent.chargingProfileCriteria.chargingProfilePurpose != "ChargingStationExternalConstraints"


@case("TC_K_29_CSMS", verifies="K09.FR.03")
async def test_get_profiles(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that asks for profiles says which: by id, or by at least one criterion."""
    wanted: Json = {"chargingProfilePurpose": "TxDefaultProfile"}
    with requirement("K09.FR.03"):
        sent = await operator.send("GetChargingProfiles", requestId=9, evseId=0, chargingProfile=wanted)
        assert len(sent.chargingProfile) > 0


@case("TC_K_37_CSMS", verifies="OCPP-2.0.1#F01 K05.FR.02")
async def test_remote_start_with_profile(operator: CsmsOperator, booted: StationActor, token: str) -> None:
    """A CSMS that starts a transaction with a profile makes it a TxProfile, without a transaction that is not there yet."""
    await booted.plug_in()
    wanted = profile(5, "TxProfile", kind="Relative")
    with requirement("OCPP-2.0.1#F01", hard=True):
        sent = await operator.send(
            "RequestStartTransaction", remoteStartId=5, evseId=1, idToken=id_token(token), chargingProfile=wanted
        )
        assert sent.idToken.idToken == token
    with requirement("K05.FR.02"):
        assert sent.chargingProfile.chargingProfilePurpose == "TxProfile"
        assert not sent.chargingProfile.transactionId.exists


@case("TC_K_43_CSMS", verifies="K08.FR.01")
async def test_composite_schedule(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS asks for the composite schedule of an EVSE, for a time."""
    with requirement("K08.FR.01"):
        sent = await operator.send("GetCompositeSchedule", evseId=1, duration=300, chargingRateUnit="A")
        assert sent.evseId == 1
        assert sent.duration > 0
