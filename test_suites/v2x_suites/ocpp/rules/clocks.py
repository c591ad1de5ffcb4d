"""Clocks and reports: whether times go on as they should, and whether long reports are whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.known.moments import instant
from v2x_suites.ocpp.rules.problem import FINE, Problem
from v2x_suites.ocpp.rules.rule import rule
from v2x_suites.ocpp.rules.transactions_v201 import eventful

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

# How far two clocks may be apart before it is complained of (s).
_APART = 60.0
_AHEAD = 300.0
_MARGIN = 10.0
_REPORTS_KEPT = 64


@rule(
    "semantics.csms-clock",
    Layer.SEMANTICS,
    on="CALLRESULT Heartbeat, CALLRESULT BootNotification",
    v16="OCPP-1.6#4.6",
    v201="G02.FR.03",
    parties=("csms",),
)
def csms_clock(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The current time that a CSMS gives goes on as time does."""
    now = instant(message.payload["currentTime"])
    if now is None or not station.timed:
        return None
    last, station.csms_clock = station.csms_clock, (now, message.t, message.n)
    if last is None:
        return None
    then, t, n = last
    passed, told = message.t - t, (now - then).total_seconds()
    if abs(told - passed) <= _APART:
        return FINE
    words = f"by the times it gave since frame {n}, {told:.0f} s have passed; in truth {passed:.0f} s have"
    return (Problem("/2/currentTime", words, "the current time", message.payload["currentTime"]),)


@rule(
    "semantics.station-clock",
    Layer.SEMANTICS,
    on="CALL StatusNotification, CALL StartTransaction, CALL StopTransaction, CALL TransactionEvent",
    v16="OCPP-1.6#4.2",
    v201="B01.FR.06 G02.FR.06",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
    guard=eventful,
)
def station_clock(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A station that was told the time reports nothing from the future."""
    text = message.payload.get("timestamp")
    if text is None or station.clock is None or not station.timed:
        return None
    time = instant(text)
    if time is None:
        return None
    then, t, n = station.clock
    ahead = (time - then).total_seconds() - (message.t - t)
    if ahead <= _AHEAD:
        return FINE
    words = f"the timestamp is {ahead:.0f} s ahead of the time that the CSMS gave (frame {n})"
    return (Problem("/3/timestamp", words, "the CSMS's time, or earlier", text),)


@rule(
    "semantics.offline-flag",
    Layer.SEMANTICS,
    on="CALL TransactionEvent",
    v201="E04.FR.03 E12.FR.02",
    parties=("station",),
)
def offline_flag(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """An event that happened while the station was offline says so."""
    if not station.offline or station.clock is None or not station.timed:
        return None
    time = instant(message.payload["timestamp"])
    if time is None:
        return None
    then, t, _ = station.clock
    happened = t + (time - then).total_seconds()
    if not any(begin + _MARGIN < happened < end - _MARGIN for begin, end in station.offline):
        return None
    if message.payload.get("offline") is True:
        return FINE
    words = "the event happened while the station had no connection, and is not marked so"
    return (Problem("/3", words, "offline: true", str(message.payload.get("offline", "none"))),)


@rule(
    "sequence.report-parts",
    Layer.SEQUENCE,
    on="CALL NotifyReport, CALL NotifyMonitoringReport, CALL NotifyCustomerInformation",
    v201="B07.FR.10 B08.FR.14 N02.FR.09",
    parties=("station",),
)
def report_parts(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """The parts of a report are numbered from 0 without a gap, and the last one says that it is the last."""
    payload = message.payload
    number = payload["seqNo"]
    key = (message.action, payload["requestId"])
    last = station.reports.get(key)
    cite = {"NotifyReport": "B07.FR.10", "NotifyMonitoringReport": "N02.FR.09"}.get(message.action, "B08.FR.14")
    if last is None:
        if number == 0 or message.session.opened is None:
            return FINE
        words = f"the first part of report {payload['requestId']} has number {number}"
        return (Problem("/3/seqNo", words, "0", str(number), cite=cite),)
    expected, more = last
    if number == expected - 1 or (number == expected and more):
        # One that got no answer is sent again.
        return FINE
    if number == 0 and not more:
        # Another report under the same id.
        return FINE
    words = "the part before this one was the last" if not more else "a part is missing or comes twice"
    return (Problem("/3/seqNo", words, str(expected) if more else "no further part", str(number), cite=cite),)


RULES = (csms_clock, station_clock, offline_flag, report_parts)


def _learn_time(message: OcppMessage, station: Station) -> None:
    now: datetime | None = instant(message.payload.get("currentTime"))
    if now is not None:
        station.clock = (now, message.t, message.n)


def _learn_part(message: OcppMessage, station: Station) -> None:
    number, request, more = (message.payload.get(name) for name in ("seqNo", "requestId", "tbc"))
    if not isinstance(number, int) or not isinstance(request, int):
        return
    reports = station.reports
    reports.pop((message.action, request), None)
    reports[message.action, request] = (number + 1, more is True)
    if len(reports) > _REPORTS_KEPT:
        del reports[next(iter(reports))]


LEARN: tuple[Lesson, ...] = (
    ("CALLRESULT", "Heartbeat", _learn_time),
    ("CALLRESULT", "BootNotification", _learn_time),
    ("CALL", "NotifyReport", _learn_part),
    ("CALL", "NotifyMonitoringReport", _learn_part),
    ("CALL", "NotifyCustomerInformation", _learn_part),
)
