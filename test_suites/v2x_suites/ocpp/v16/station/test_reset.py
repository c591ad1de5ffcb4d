"""Core profile: resets by order of the central system."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, connectors_reported


@case("TC_013_CS", verifies="OCPP-1.6#5.14.answer OCPP-1.6#5.14.boot OCPP-1.6#4.2.status")
async def test_hard_reset(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A hard reset of an idle charge point is accepted, and is followed by a boot."""
    await _reset(station, csms, "Hard")


@case("TC_014_CS", verifies="OCPP-1.6#5.14.answer OCPP-1.6#5.14.boot OCPP-1.6#4.2.status")
async def test_soft_reset(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A soft reset of an idle charge point is accepted, and is followed by a boot."""
    await _reset(station, csms, "Soft")


@case("TC_015_CS", verifies="OCPP-1.6#5.14.answer OCPP-1.6#5.14.boot OCPP-1.6#5.14.stop OCPP-1.6#4.10.reason")
async def test_hard_reset_while_charging(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A hard reset ends the transaction, and the central system learns it, before the boot or after it."""
    with requirement("OCPP-1.6#5.14.answer"):
        answer = await csms.call("Reset", type="Hard")
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.14.stop", "OCPP-1.6#5.14.boot", hard=True):
        both = ("StopTransaction", "BootNotification")
        stop, _ = await station.expect_all(*both, within=station.pixit.reboot + station.pixit.settle)
        assert stop.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason == "HardReset"


@case("TC_016_CS", verifies="OCPP-1.6#5.14.answer OCPP-1.6#5.14.boot OCPP-1.6#5.14.stop OCPP-1.6#4.10.reason")
async def test_soft_reset_while_charging(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A soft reset ends the transaction and tells it, and only then reboots."""
    with requirement("OCPP-1.6#5.14.answer"):
        answer = await csms.call("Reset", type="Soft")
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.14.stop", hard=True):
        first = await station.expect_where(lambda m: m.action in ("StopTransaction", "BootNotification"), "StopTransaction")
        assert first.action == "StopTransaction", "the charge point reboots while somebody charges"
        assert first.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#4.10.reason"):
        assert first.reason == "SoftReset"
    with requirement("OCPP-1.6#5.14.boot"):
        await station.expect("BootNotification", within=station.pixit.reboot)


async def _reset(station: StationUnderTest, csms: CsmsOperator, kind: str) -> None:
    with requirement("OCPP-1.6#5.14.answer"):
        answer = await csms.call("Reset", type=kind)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.14.boot", hard=True):
        await station.expect("BootNotification", within=station.pixit.reboot)
    with requirement("OCPP-1.6#4.2.status"):
        await connectors_reported(station)
