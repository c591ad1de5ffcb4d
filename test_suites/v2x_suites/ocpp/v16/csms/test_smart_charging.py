"""Smart Charging profile."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import Session, begins, numbered, profile, sends_profile

_PROFILE = "SmartCharging"


@case("TC_056_CSMS", verifies="OCPP-1.6#5.16.request OCPP-1.6#7.8 OCPP-1.6#7.13", applies=_PROFILE)
async def test_default_profile(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System sets a default profile for a connector, with a start, a first period at 0, and no transaction."""
    with requirement("OCPP-1.6#5.16.request", hard=True):
        sent = await sends_profile(operator, 1, profile(1, "TxDefaultProfile"))
        assert sent.connectorId == 1
        assert sent.csChargingProfiles.chargingProfilePurpose == "TxDefaultProfile"
    with requirement("OCPP-1.6#7.13"):
        assert sent.csChargingProfiles.chargingSchedule.startSchedule.exists
        assert sent.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].startPeriod == 0
    with requirement("OCPP-1.6#7.8"):
        assert not sent.csChargingProfiles.transactionId.exists


@case("V2X_16_MAX_PROFILE_CSMS", verifies="OCPP-1.6#3.13.1 OCPP-1.6#7.14", applies=_PROFILE)
async def test_profile_of_the_charge_point(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System limits a whole charge point on connector 0, with at most one decimal."""
    with requirement("OCPP-1.6#3.13.1"):
        sent = await sends_profile(operator, 0, profile(2, "ChargePointMaxProfile", limit=31.5))
        assert sent.csChargingProfiles.chargingProfilePurpose == "ChargePointMaxProfile"
        assert sent.connectorId == 0
    with requirement("OCPP-1.6#7.14"):
        assert sent.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit == 31.5


@case("TC_057_CSMS", verifies="OCPP-1.6#5.16.request OCPP-1.6#3.13.1", applies=_PROFILE)
async def test_profile_of_a_transaction(operator: CsmsOperator, charging: Session) -> None:
    """A Central System that limits a running transaction names it, and the connector where it runs."""
    wanted = profile(3, "TxProfile", kind="Relative", transactionId=charging.transaction_id)
    with requirement("OCPP-1.6#5.16.request", hard=True):
        sent = await sends_profile(operator, charging.connector, wanted)
        assert sent.csChargingProfiles.chargingProfilePurpose == "TxProfile"
        assert sent.csChargingProfiles.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#3.13.1"):
        assert sent.connectorId == charging.connector


@case("TC_059_CSMS", verifies="OCPP-1.6#5.11.request OCPP-1.6#5.16.2 OCPP-1.6#4.8.answer", applies=_PROFILE)
async def test_remote_start_with_profile(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, token: str) -> None:
    """A Central System starts a transaction with a TxProfile, which names no transaction yet, and numbers it."""
    await booted.plug_in()
    wanted = profile(4, "TxProfile", kind="Relative")
    with requirement("OCPP-1.6#5.11.request", hard=True):
        sent = await operator.send("RemoteStartTransaction", idTag=token, connectorId=1, chargingProfile=wanted)
        assert sent.idTag == token
    with requirement("OCPP-1.6#5.16.2"):
        assert sent.chargingProfile.chargingProfilePurpose == "TxProfile"
        assert not sent.chargingProfile.transactionId.exists
    with requirement("OCPP-1.6#4.8.answer"):
        _, started = await begins(booted, csms)
        numbered(started)
        assert started.idTagInfo.status == "Accepted"


@case("TC_066_CSMS", verifies="OCPP-1.6#5.7.request", applies=_PROFILE)
async def test_composite_schedule(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System asks for the composite schedule of the connector it is told, for the time and in the unit it is told."""
    with requirement("OCPP-1.6#5.7.request"):
        asked = await operator.send("GetCompositeSchedule", connectorId=1, duration=300, chargingRateUnit="A")
        assert asked.connectorId == 1
        assert asked.duration == 300
        assert asked.chargingRateUnit == "A"


@case("TC_067_CSMS", verifies="OCPP-1.6#5.5.request", applies=_PROFILE)
async def test_clear_profiles(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System clears the profile it is told by its id, and others by purpose and connector."""
    await sends_profile(operator, 1, profile(5, "TxDefaultProfile"))
    with requirement("OCPP-1.6#5.5.request"):
        one = await operator.send("ClearChargingProfile", id=5)
        assert one.id == 5
        some = await operator.send("ClearChargingProfile", connectorId=1, chargingProfilePurpose="TxDefaultProfile", stackLevel=0)
        assert not some.id.exists
        assert some.connectorId == 1
        assert some.chargingProfilePurpose == "TxDefaultProfile"
