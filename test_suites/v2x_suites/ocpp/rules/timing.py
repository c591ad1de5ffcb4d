"""Timing: what must have come by now.

OCPP sets no times for answers (2.0.1 part 2, 3.2): what is asked here is generous, and looked at by the journal's clock only
while the connection stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules.known.promises import Promise
from v2x_suites.ocpp.rules.problem import FINE, Problem, info
from v2x_suites.ocpp.rules.registration import requested_action
from v2x_suites.ocpp.rules.stream import OTHER

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Looked, Station
    from v2x_suites.ocpp.rules.stream import OcppMessage, Session
    from v2x_suites.ocpp.rules.table import Lesson

ANSWERED_WITHIN = 30.0
STATUS_WITHIN = 60.0
KEPT_WITHIN = 60.0
_GIVEN_UP_AFTER = 60.0
SWEEP = 60.0
_LATENCY = 5.0
_RETRY_GRACE = 30.0
_PROMISES_KEPT = 64


UNANSWERED = info(
    "timing.answer",
    Layer.TIMING,
    "Every call is answered while the connection stands.",
    v16="OCPP-J-1.6#4.1.1",
    v201="OCPP-J-2.0.1#4.1.4.answer",
)
HEARTBEAT = info(
    "timing.heartbeat",
    Layer.TIMING,
    "A registered station is heard from within its heartbeat interval.",
    v16="OCPP-1.6#4.6",
    v201="G02.FR.02 B01.FR.04",
    parties=("station",),
)
STATUS_AFTER_BOOT = info(
    "timing.status-after-boot",
    Layer.TIMING,
    "A station that was just accepted reports the status of its connectors.",
    v16="OCPP-1.6-errata#3.22",
    v201="B01.FR.05",
    parties=("station",),
)
BOOT_LATE = info(
    "timing.boot-late",
    Layer.TIMING,
    "A station that is not accepted tries again when the interval has passed.",
    v16="OCPP-1.6#4.2",
    v201="B02.FR.08 B03.FR.06",
    parties=("station",),
)
TRIGGER_KEPT = info(
    "timing.trigger",
    Layer.TIMING,
    "A station that agrees to send a message sends it.",
    v16="OCPP-1.6#5.17",
    v201="F06.FR.10",
    parties=("station",),
)


SLOW_ANSWER = info(
    "timing.slow-answer",
    Layer.TIMING,
    "Answers come within 30 s, the time after which most peers give up.",
    v16="OCPP-J-1.6#4.1.1",
    v201="OCPP-2.0.1#3.2-timeouts",
    axis=Axis.COMPATIBILITY,
)
REPORT_SENT = info(
    "timing.report",
    Layer.TIMING,
    "A station that agrees to report sends the report.",
    v201="B07.FR.03 B08.FR.03 FR.05",
    parties=("station",),
)
INFOS = (UNANSWERED, SLOW_ANSWER, HEARTBEAT, STATUS_AFTER_BOOT, BOOT_LATE, TRIGGER_KEPT, REPORT_SENT)


def of_slow_answer(call: OcppMessage, t: float) -> Problem:
    """Say that an answer came late."""
    words = f"the {call.action} is answered after {t - call.t:.0f} s"
    return Problem("", words, f"within {ANSWERED_WITHIN:.0f} s", f"{t - call.t:.1f} s", SLOW_ANSWER)


def unanswered(session: Session, t: float) -> Sequence[Problem]:
    """Say which calls on a connection have waited too long, each once."""
    problems: list[Problem] = []
    for sender, calls in session.calls.items():
        for call in calls.values():
            if t - call.t < _GIVEN_UP_AFTER:
                # The oldest come first.
                break
            if not call.overdue:
                call.overdue = True
                if _must_be_answered(call):
                    words = f"{call.action} has no answer after {t - call.t:.0f} s"
                    problems.append(Problem("", words, "an answer", "none", party=OTHER[sender], frame=call.n))
    return problems


def _must_be_answered(call: OcppMessage) -> bool:
    # Who was rejected does not answer, and what breaks its schema may be dropped (OCPP-J 2.0.1, 4.2.3).
    session = call.session
    rejected = call.sender == "csms" and session.station.registration.status == "Rejected"
    judged = call.delivered and not call.injected and not call.answered and session.shows_answers(call.sender)
    return judged and call.valid and not rejected and call.sender != ""


class Heartbeat:
    """Looks whether a registered station is still heard from."""

    rule = HEARTBEAT
    party = "station"

    def __init__(self, session: Session) -> None:
        self.session = session
        self._complained = -1.0

    def look(self, t: float) -> Looked:
        """Say that nothing came for twice the interval; once for each silence."""
        session = self.session
        interval = session.station.heartbeat
        if interval <= 0 or session.heartbeat is not self:
            return None, None
        allowed = 2 * interval + _LATENCY
        silent = t - session.heard
        if silent < allowed:
            return FINE, session.heard + allowed
        if self._complained == session.heard:
            return None, t + allowed
        self._complained = session.heard
        # Over WebSocket 1.6 does not insist on heartbeats (4.6, note).
        axis = Axis.COMPATIBILITY if session.table.version == "1.6" else None
        words = f"nothing has come from the station for {silent:.0f} s"
        return (Problem("", words, f"a Heartbeat every {interval} s", "silence", axis=axis),), t + allowed


class StatusAfterBoot:
    """Looks whether a station that was accepted reports the status of its connectors."""

    rule = STATUS_AFTER_BOOT
    party = "station"

    def __init__(self, session: Session, boot: int) -> None:
        self.session, self._boot = session, boot

    def look(self, t: float) -> Looked:
        """Say that no status was reported."""
        station = self.session.station
        if station.registration.status != "Accepted" or station.registration.n != self._boot:
            return None, None
        if station.reported:
            return FINE, None
        words = f"no StatusNotification has come in the {STATUS_WITHIN:.0f} s since the station was accepted"
        return (Problem("", words, "the status of each connector", "none", frame=self._boot),), None


class BootLate:
    """Looks whether a station that was not accepted tries again."""

    rule = BOOT_LATE
    party = "station"

    def __init__(self, session: Session) -> None:
        self.session = session
        self._since = session.station.registration.since

    def look(self, t: float) -> Looked:
        """Say that no BootNotification came."""
        known = self.session.station.registration
        if known.since != self._since or known.status not in ("Pending", "Rejected"):
            return FINE, None
        cite = "" if self.session.table.version == "1.6" else {"Pending": "B02.FR.08", "Rejected": "B03.FR.06"}[known.status]
        words = f"no BootNotification has come in the {t - known.since:.0f} s since the station was told {known.status}"
        return (Problem("", words, f"one after {known.interval} s", "none", cite=cite, frame=known.n),), None


class Promised:
    """Looks whether a message that the station agreed to send was sent."""

    party = "station"

    def __init__(self, session: Session, action: str, promise: Promise, rule: RuleInfo) -> None:
        self.session, self.rule = session, rule
        self._action, self._promise = action, promise

    def look(self, t: float) -> Looked:
        """Say that it was not sent."""
        station = self.session.station
        promise = self._promise
        if station.promised.get(self._action) is promise:
            del station.promised[self._action]
        if promise.sent or station.registration.n != promise.boot:
            return FINE, None
        axis = Axis.COMPATIBILITY if self.session.table.version == "1.6" else None
        words = f"{self._action} has not come in the {t - promise.t:.0f} s since the station agreed to send it"
        return (Problem("", words, self._action, "none", axis=axis, frame=promise.n),), None


def _learn_accepted(message: OcppMessage, station: Station) -> None:
    """Begin to look after what a BootNotification's answer asks for."""
    known, session = station.registration, message.session
    if known.status == "Accepted":
        station.heartbeat = known.interval
        look_after_heartbeats(session, message.t)
        if not known.triggered:
            station.watch(message.t + STATUS_WITHIN, StatusAfterBoot(session, known.n))
    elif known.interval > 0:
        station.watch(message.t + 2 * known.interval + _RETRY_GRACE, BootLate(session))


def look_after_heartbeats(session: Session, t: float) -> None:
    """Begin to look after the heartbeats on a connection, if an interval is known."""
    station = session.station
    if station.heartbeat > 0 and station.registration.status == "Accepted":
        session.heartbeat = Heartbeat(session)
        station.watch(t + 2 * station.heartbeat + _LATENCY, session.heartbeat)


def _learn_reported(message: OcppMessage, station: Station) -> None:
    station.reported = True


def _learn_started(message: OcppMessage, station: Station) -> None:
    station.reported = False


def _learn_asked(message: OcppMessage, station: Station) -> None:
    """Take note of what is asked for: it may come before the answer is seen."""
    action, _ = _asked_for(message)
    if action and len(station.promised) < _PROMISES_KEPT:
        station.promised[action] = Promise(message.n, message.t, station.registration.n)


def _learn_agreed(message: OcppMessage, station: Station) -> None:
    if message.call is None:
        return
    action, rule = _asked_for(message.call)
    promise = station.promised.get(action)
    if promise and message.payload.get("status") == "Accepted":
        station.watch(message.t + KEPT_WITHIN, Promised(message.session, action, promise, rule))
    elif promise:
        del station.promised[action]


def _asked_for(call: OcppMessage) -> tuple[str, RuleInfo]:
    """Return the action that a call asks for, and the rule that has it sent."""
    if call.action == "TriggerMessage":
        return requested_action(call.payload), TRIGGER_KEPT
    return "NotifyReport", REPORT_SENT


def _learn_interval(message: OcppMessage, station: Station) -> None:
    """Take note of a new heartbeat interval."""
    if message.call is None or message.payload.get("status") not in ("Accepted", None):
        return
    asked = message.call.payload
    if message.action == "ChangeConfiguration" and asked.get("key") == "HeartbeatInterval":
        _set_interval(message, station, asked.get("value"))
    elif message.action == "SetVariables":
        for each in _objects(message.payload.get("setVariableResult")):
            if each.get("attributeStatus") == "Accepted" and _is_interval(each):
                for wanted in _objects(asked.get("setVariableData")):
                    if _is_interval(wanted):
                        _set_interval(message, station, wanted.get("attributeValue"))


def _is_interval(entry: dict[str, object]) -> bool:
    variable = entry.get("variable")
    return isinstance(variable, dict) and variable.get("name") == "HeartbeatInterval"


def _set_interval(message: OcppMessage, station: Station, value: object) -> None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        station.heartbeat = int(value)
        # What looks after the old interval may look too late for the new one.
        look_after_heartbeats(message.session, message.t)


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


LEARN: tuple[Lesson, ...] = (
    ("CALL", "BootNotification", _learn_started),
    ("CALLRESULT", "BootNotification", _learn_accepted),
    ("CALL", "StatusNotification", _learn_reported),
    ("CALL", "NotifyEvent", _learn_reported),
    *(("CALL", action, _learn_asked) for action in ("TriggerMessage", "GetBaseReport", "GetReport")),
    *(("CALLRESULT", action, _learn_agreed) for action in ("TriggerMessage", "GetBaseReport", "GetReport")),
    ("CALLRESULT", "ChangeConfiguration", _learn_interval),
    ("CALLRESULT", "SetVariables", _learn_interval),
)
