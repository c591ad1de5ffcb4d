"""Core profile: boot, heartbeat, status."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.connecting import boots_at_its_url
from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.stamps import CLOCK, seconds_off
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import Session, ago, confirmed, tells_time

_OF_A_CONNECTOR = (
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
)
_OF_THE_CHARGE_POINT = ("Available", "Unavailable", "Faulted")


@case("TC_001_CSMS", verifies="OCPP-1.6#4.2.registration OCPP-1.6#6.4 OCPP-1.6#4.9.answer OCPP-1.6#4.6")
async def test_cold_boot(csms: CsmsUnderTest, station: StationActor) -> None:
    """A Central System accepts a charge point that boots, tells it the time, and takes its statuses and heartbeats."""
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("OCPP-1.6#4.2.registration", hard=True):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"
        assert seconds_off(answer.currentTime, answer) < CLOCK
    with requirement("OCPP-1.6#6.4"):
        assert answer.interval >= 0
    with requirement("OCPP-1.6#4.9.answer"):
        for connector in (0, 1):
            status = await station.sends("StatusNotification", connectorId=connector)
            confirmed(await csms.answer(status))
    with requirement("OCPP-1.6#4.6"):
        await tells_time(station)


@case("V2X_16_URL_CSMS", verifies="OCPP-J-1.6#3.1.1")
async def test_connection_url(lane: CsmsLane, csms: CsmsUnderTest, station: StationActor) -> None:
    """A charge point gets in with the URL of the Central System and its own identity as the last segment of the path."""
    with requirement("OCPP-J-1.6#3.1.1"):
        await boots_at_its_url(lane, csms, station)


@case("V2X_16_HEARTBEAT_CSMS", verifies="OCPP-1.6#4.6")
async def test_heartbeat_by_heartbeat(booted: StationActor) -> None:
    """A Central System answers each Heartbeat with the time of that moment."""
    with requirement("OCPP-1.6#4.6"):
        for _ in range(3):
            await tells_time(booted)


@case("V2X_16_PENDING_CSMS", verifies="OCPP-1.6#4.2.registration OCPP-1.6#4.2.pending")
async def test_pending(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor) -> None:
    """A Central System that holds a charge point pending keeps the connection, and accepts it when it boots again."""
    await operator.set_boot("Pending", interval=csms.pixit.interval)
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("OCPP-1.6#4.2.registration", hard=True):
        pending = await csms.answer(boot)
        assert pending.status == "Pending"
        assert seconds_off(pending.currentTime, pending) < CLOCK
    await operator.set_boot("Accepted")
    again = await station.sends(
        "BootNotification", within=max(csms.pixit.interval, pending.interval.number()) + csms.pixit.settle
    )
    with requirement("OCPP-1.6#4.2.pending"):
        assert again.link == boot.link, "the connection was closed while the charge point was pending"
    with requirement("OCPP-1.6#4.2.registration"):
        answer = await csms.answer(again)
        assert answer.status == "Accepted"


@case("V2X_16_STATUSES_CSMS", verifies="OCPP-1.6#4.9.answer OCPP-1.6#4.6")
async def test_every_status(booted: StationActor) -> None:
    """A Central System takes every status of a connector and of the charge point, and goes on telling the time."""
    with requirement("OCPP-1.6#4.9.answer"):
        for connector, statuses in ((1, _OF_A_CONNECTOR), (0, _OF_THE_CHARGE_POINT)):
            for status in statuses:
                code = "ConnectorLockFailure" if (status, connector) == ("Faulted", 1) else "NoError"
                answer = await booted.call("StatusNotification", connectorId=connector, status=status, errorCode=code)
                confirmed(answer)
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("TC_032_1_CSMS", verifies="OCPP-1.6#4.2.registration OCPP-1.6#4.10.answer")
async def test_power_failure(csms: CsmsUnderTest, booted: StationActor, charging: Session) -> None:
    """A Central System accepts a charge point that comes back after a power failure, and takes the end of its transaction."""
    await booted.power_cycle()
    boot = await booted.sends("BootNotification", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.2.registration", hard=True):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"
        assert seconds_off(answer.currentTime, answer) < CLOCK
    stop = await booted.sends("StopTransaction", within=csms.pixit.reboot)
    with requirement("OCPP-1.6#4.10.answer"):
        assert stop.transactionId == charging.transaction_id
        confirmed(await csms.answer(stop))


@case("V2X_16_INFO_CSMS", verifies="OCPP-1.6#4.9.answer OCPP-1.6#4.6")
async def test_status_with_everything(booted: StationActor) -> None:
    """A Central System takes a status with every optional field at its full length, and a time that has passed."""
    beat = await booted.call("Heartbeat")
    full: dict[str, Json] = {
        "connectorId": 1,
        "status": "Faulted",
        "errorCode": "OtherError",
        "info": "i" * 50,
        "timestamp": ago(beat, hours=5),
        "vendorId": "v" * 255,
        "vendorErrorCode": "e" * 50,
    }
    with requirement("OCPP-1.6#4.9.answer"):
        confirmed(await booted.call("StatusNotification", full))
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)
