"""Block E, transactions: events that the CSMS does not take at once."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.steer import Steer
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import connect_ev, expect_charging, get_variables, is_charging
from v2x_suites.ocpp.watch import Message

_TIMEOUT = "OCPPCommCtrlr.MessageTimeout[Default]"
_INTERVAL = 5.0
_TRIES = {
    "OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "3",
    "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": f"{_INTERVAL:g}",
}
_CHARGING: dict[str, Json] = {"/3/transactionInfo/chargingState": "Charging"}
_LATE = 10.0


@case("TC_E_41_CS", verifies="E13.FR.02 E13.FR.03 E13.FR.04")
@pytest.mark.configured(_TRIES)
async def test_unanswered_event(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str, link: Tap
) -> None:
    """An event that is never answered is sent as often as configured, ever more patiently, and then given up for the next."""
    timeout = float((await get_variables(csms, _TIMEOUT)).get(_TIMEOUT, "30"))
    await connect_ev(station, operator)
    link.install("steer", [Steer(do="drop", sender="station", label="CALL TransactionEvent", when=_CHARGING)])
    await operator.present_token(token)
    last = await expect_charging(station)
    with requirement("E13.FR.02", hard=True):
        tries = [last] + [await _again(station, last, timeout + n * _INTERVAL + _LATE) for n in (1, 2)]
    with requirement("E13.FR.03"):
        for n in (1, 2):
            waited = tries[n].t - tries[n - 1].t
            assert waited >= timeout + n * _INTERVAL - 1, f"try {n + 1} came after {waited:.0f} s"
    with requirement("E13.FR.04"):
        await operator.present_token(token)
        following = await station.expect("TransactionEvent", within=2 * timeout + 3 * _INTERVAL + _LATE)
        assert following.seqNo == last.seqNo.number() + 1


@case("TC_E_50_CS", verifies="E13.FR.02 E13.FR.03 E13.FR.04")
@pytest.mark.configured(_TRIES)
async def test_refused_event(station: StationUnderTest, operator: StationOperator, token: str, link: Tap) -> None:
    """An event that the CSMS cannot process is sent as often as configured, ever more patiently, and then given up."""
    await connect_ev(station, operator)
    link.install("steer", [_refusing()])
    await operator.present_token(token)
    last = await expect_charging(station)
    with requirement("E13.FR.02", hard=True):
        tries = [last] + [await _again(station, last, n * _INTERVAL + _LATE) for n in (1, 2)]
    with requirement("E13.FR.03"):
        for n in (1, 2):
            waited = tries[n].t - tries[n - 1].t
            assert waited >= n * _INTERVAL - 1, f"try {n + 1} came after {waited:.0f} s"
    with requirement("E13.FR.04"):
        await station.stays_quiet("TransactionEvent", for_=3 * _INTERVAL + _LATE, seqNo=last.seqNo.peek())


@case("TC_E_51_CS", verifies="E13.FR.02 E13.FR.03")
@pytest.mark.configured(_TRIES)
async def test_event_refused_once(station: StationUnderTest, operator: StationOperator, token: str, link: Tap) -> None:
    """An event that the CSMS takes at the second try is not sent a third time."""
    await connect_ev(station, operator)
    link.install("steer", [_refusing(nth=1)])
    await operator.present_token(token)
    first = await expect_charging(station)
    with requirement("E13.FR.03", hard=True):
        second = await _again(station, first, _INTERVAL + _LATE)
        assert second.t - first.t >= _INTERVAL - 1
    with requirement("E13.FR.02"):
        await station.stays_quiet("TransactionEvent", for_=2 * _INTERVAL + _LATE, seqNo=first.seqNo.peek())


def _refusing(nth: int = 0) -> Steer:
    """Answer events that tell Charging (the n-th of them, or all) with an error in the CSMS's place."""
    raw = '[4,"{1}","InternalError","",{{}}]'
    return Steer(do="answer", sender="station", label="CALL TransactionEvent", when=_CHARGING, nth=nth, raw=raw)


async def _again(station: StationUnderTest, event: Message, within: float) -> Message:
    """Wait until an event is sent once more."""
    return await station.expect_where(
        lambda m: is_charging(m) and m.seqNo.peek() == event.seqNo.peek(), f"event {event.seqNo.peek()} again", within=within
    )
