"""Core profile: reset, unlock, configuration, availability, cache, data transfer."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import Session, confirmed, tells_time


@case("TC_013_CSMS", verifies="OCPP-1.6#5.14.request OCPP-1.6#4.2.registration")
async def test_hard_reset(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to reset a charge point hard does so, and accepts it when it is back."""
    with requirement("OCPP-1.6#5.14.request", hard=True):
        reset = await operator.send("Reset", type="Hard")
        assert reset.type == "Hard"
    boot = await booted.sends("BootNotification", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.2.registration"):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"


@case("TC_014_CSMS", verifies="OCPP-1.6#5.14.request OCPP-1.6#4.10.answer OCPP-1.6#4.2.registration")
async def test_soft_reset(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A Central System resets a charging charge point softly, takes the end of the transaction, and accepts the new boot."""
    with requirement("OCPP-1.6#5.14.request", hard=True):
        reset = await operator.send("Reset", type="Soft")
        assert reset.type == "Soft"
    stop = await booted.sends("StopTransaction", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.10.answer"):
        assert stop.transactionId == charging.transaction_id
        confirmed(await csms.answer(stop))
    boot = await booted.sends("BootNotification", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.2.registration"):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"


@case("TC_017_1_CSMS", verifies="OCPP-1.6#5.18.request")
async def test_unlock(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to unlock a connector unlocks that one."""
    with requirement("OCPP-1.6#5.18.request"):
        unlock = await operator.send("UnlockConnector", connectorId=1)
        assert unlock.connectorId == 1


@case("TC_018_1_CSMS", verifies="OCPP-1.6#5.18.request OCPP-1.6#4.10.answer")
async def test_unlock_while_charging(
    csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, charging: Session
) -> None:
    """A Central System unlocks a connector with a transaction, and takes the transaction's end."""
    with requirement("OCPP-1.6#5.18.request", hard=True):
        unlock = await operator.send("UnlockConnector", connectorId=charging.connector)
        assert unlock.connectorId == charging.connector
    stop = await booted.sends("StopTransaction")
    with requirement("OCPP-1.6#4.10.answer"):
        assert stop.transactionId == charging.transaction_id
        confirmed(await csms.answer(stop))


@case("TC_019_1_CSMS", verifies="OCPP-1.6#5.8.request")
async def test_get_all_configuration(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to read the whole configuration names no key."""
    with requirement("OCPP-1.6#5.8.request"):
        asked = await operator.send("GetConfiguration")
        assert len(asked.key) == 0


@case("TC_019_2_CSMS", verifies="OCPP-1.6#5.8.request")
async def test_get_one_key(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to read one key names that one."""
    with requirement("OCPP-1.6#5.8.request"):
        asked = await operator.send("GetConfiguration", key=["SupportedFeatureProfiles"])
        assert asked.key == ["SupportedFeatureProfiles"]


@case("TC_021_CSMS", verifies="OCPP-1.6#5.3.request")
async def test_change_configuration(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to set a key sets that key to that value, written as text."""
    with requirement("OCPP-1.6#5.3.request"):
        asked = await operator.send("ChangeConfiguration", key="MeterValueSampleInterval", value="60")
        assert asked.key == "MeterValueSampleInterval"
        assert asked.payload["value"] == "60"


@case("TC_040_1_CSMS", verifies="OCPP-1.6#5.3.request OCPP-1.6#4.6")
async def test_change_unknown_key(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System takes it that a charge point does not know a key."""
    with requirement("OCPP-1.6#5.3.request"):
        asked = await operator.send("ChangeConfiguration", key="NoKeyOfThisName", value="1")
        assert asked.key == "NoKeyOfThisName"
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("TC_040_2_CSMS", verifies="OCPP-1.6#5.3.request OCPP-1.6#4.6")
async def test_change_to_invalid_value(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System takes it that a charge point rejects a value."""
    with requirement("OCPP-1.6#5.3.request"):
        asked = await operator.send("ChangeConfiguration", key="MeterValueSampleInterval", value="-1")
        assert asked.payload["value"] == "-1"
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("V2X_16_AVAILABILITY_CSMS", verifies="OCPP-1.6#5.2.request OCPP-1.6#4.9.answer")
async def test_change_availability(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System takes a connector and a whole charge point out of service and back, and takes the statuses."""
    for connector in (1, 0):
        for wanted, status in (("Inoperative", "Unavailable"), ("Operative", "Available")):
            with requirement("OCPP-1.6#5.2.request", hard=True):
                change = await operator.send("ChangeAvailability", connectorId=connector, type=wanted)
                assert change.connectorId == connector
                assert change.type == wanted
            with requirement("OCPP-1.6#4.9.answer"):
                told = await booted.sends("StatusNotification", status=status)
                confirmed(await csms.answer(told))


@case("TC_061_CSMS", verifies="OCPP-1.6#5.4.request")
async def test_clear_cache(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System that is told to clear the authorization cache of a charge point asks it to, with nothing else said."""
    with requirement("OCPP-1.6#5.4.request"):
        asked = await operator.send("ClearCache")
        assert asked.payload == {}


@case("TC_064_CSMS", verifies="OCPP-1.6#4.3")
async def test_data_transfer(booted: StationActor) -> None:
    """A Central System says of a vendor's message that it does not know the vendor, and gives no data."""
    with requirement("OCPP-1.6#4.3"):
        answer = await booted.call("DataTransfer", vendorId="org.example.v2x-conformance", messageId="hello", data="?")
        assert answer.status == "UnknownVendorId"
        assert not answer.data.exists
