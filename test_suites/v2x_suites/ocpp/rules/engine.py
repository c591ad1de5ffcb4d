"""The judge: takes the journal's events as they come, and has every rule look at what it is for.

It is made for speed, because it stands in the tap's way when live and reads millions of frames offline: a frame is parsed once, a
good payload passes schema and format in one compiled check, and a rule is called only for the messages it names. Words are found
only for what is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import orjson
from v2x_architecture.ocpp.versions import VERSIONS, Version
from v2x_harness.events import CaseEvent, Event, Frame, Header, LinkEvent, OperatorEvent
from v2x_harness.finding import Finding
from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules import framing, links, payload, strings, timing
from v2x_suites.ocpp.rules.agenda import Agenda
from v2x_suites.ocpp.rules.catalogue import LEARNERS, RULES, all_infos
from v2x_suites.ocpp.rules.findings import Findings
from v2x_suites.ocpp.rules.knowledge import Station
from v2x_suites.ocpp.rules.known.ids import IDS_KEPT
from v2x_suites.ocpp.rules.problem import Problem
from v2x_suites.ocpp.rules.registration import note_early
from v2x_suites.ocpp.rules.stream import (
    CALLS_KEPT,
    DELIVERED,
    OTHER,
    FrameLike,
    OcppMessage,
    Session,
    guess_version,
    station_key,
)
from v2x_suites.ocpp.rules.table import Bound, Entry, Table

_SESSIONS_KEPT = 20_000
# Connections that have closed are remembered for the answers that were on their way, so many.
_SESSIONS_OVER = 16
_STATIONS_KEPT = 20_000
_CUT = (1 << 20) - 4

_loads = orjson.loads


class OcppJudge:
    """The passive rules of OCPP with the state they keep over one run; a `v2x_harness.rule.Judge`.

    Args:
        version: of links whose protocol the journal does not show; guessed from what is sent when None.
        told: by link, the version that is known from elsewhere.
        timed: whether the frames' times mean anything; False for a log without times.
        limit: at most so many findings of one rule on one station; the rest is only counted.
    """

    def __init__(
        self, version: str | None = None, *, told: Mapping[str, Version] | None = None, timed: bool = True, limit: int = 1000
    ) -> None:
        self.rules: Sequence[RuleInfo] = all_infos()
        self._default = next((known for known in VERSIONS if known == version), None)
        self._told = told or {}
        self._timed = timed
        self._findings = Findings(limit)
        self.suppressed = self._findings.suppressed
        self._numbered = tuple(enumerate(RULES))
        self._judged = [0] * len(RULES)
        self._unknown = self._odd_answers = self._errors = self._unreadables = 0
        self._tables: dict[Version, Table] = {}
        self._sessions: dict[str, Session] = {}
        self._over: dict[str, Session] = {}
        self._stations: dict[str, Station] = {}
        self._serial = self._links = 0
        self._virtual = False
        self._agenda = Agenda(self._findings, self._sessions, timed=timed)

    @property
    def links(self) -> int:
        """How many connections were seen."""
        return self._links

    @property
    def frames(self) -> int:
        """How many frames were judged: those that the harness made itself are not."""
        calls, answers = self._counted()
        return calls + answers + self._unreadables

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that were judged by."""
        return tuple(sorted(self._tables))

    def _counted(self) -> tuple[int, int]:
        """Count the calls and the answers."""
        entries = [entry for table in self._tables.values() for entry in table.all_entries()]
        calls = sum(entry.seen for entry in entries if entry.kind == "request")
        answers = sum(entry.seen for entry in entries if entry.kind == "response")
        return calls + self._unknown, answers + self._odd_answers

    # What the harness calls

    def feed(self, event: Event) -> Sequence[Finding]:
        """Take the next event; give what it reveals. Never raises for what a product sent."""
        if isinstance(event, Frame):
            return self.frame(event)
        late = self._agenda.look(event.t) if event.t >= self._agenda.due else ()
        match event:
            case LinkEvent():
                return (*late, *self.link(event))
            case Header():
                self._virtual = event.clock == "virtual"
            case CaseEvent(event="begin") if self._virtual:
                # In virtual time each case has reference actors of its own, which know nothing of the last case's.
                self._sessions.clear()
                self._over.clear()
                self._stations.clear()
            case OperatorEvent(verb="factory_reset" | "forget"):
                self._stations.clear()
                self._sessions.clear()
        return late

    def finish(self) -> Iterable[Finding]:
        """Give what only the end reveals: nothing, since what is still due at the end may yet have come."""
        return ()

    def inspected(self) -> dict[str, int]:
        """Count how often each rule had something to judge."""
        counts: Counter[str] = Counter({described.id: 0 for described in self.rules})
        for number, judged in enumerate(self._judged):
            for described in RULES[number].infos:
                counts[described.id] += judged
        counts.update(self._agenda.looked)
        calls, answers = self._counted()
        counts.update(
            {
                framing.JSON.id: self.frames,
                framing.BINARY.id: self.frames,
                framing.STRUCTURE.id: self.frames,
                framing.MESSAGE_TYPE.id: self.frames,
                framing.SIZE.id: self.frames,
                framing.NULL_PAYLOAD.id: self.frames,
                framing.MESSAGE_ID.id: calls,
                framing.ID_REUSED.id: calls,
                framing.OUTSTANDING.id: calls,
                payload.ACTION.id: calls,
                payload.DIRECTION.id: calls,
                framing.ORPHAN.id: answers,
                framing.ERROR_CODE.id: self._errors,
                timing.SLOW_ANSWER.id: answers if self._timed else 0,
                timing.UNANSWERED.id: calls if self._timed else 0,
            }
        )
        for table in self._tables.values():
            for entry in table.all_entries():
                if entry.seen:
                    described = payload.REQUEST if entry.kind == "request" else payload.RESPONSE
                    counts[described.id] += entry.seen
                    for described in strings.asked_of(entry.version, entry.action, entry.kind):
                        counts[described.id] += entry.seen
        return dict(counts)

    # Links

    def link(self, event: LinkEvent) -> Sequence[Finding]:
        """Take what happened to a connection."""
        match event.event:
            case "open":
                return self._open(event)
            case "close" if event.link in self._sessions:
                session = self._sessions.pop(event.link)
                session.closed, session.station.closed = True, event.t
                # An answer may have been on its way when the connection closed.
                if len(self._over) >= _SESSIONS_OVER:
                    del self._over[next(iter(self._over))]
                self._over[event.link] = session
            case "refused":
                station = self._station(event)
                self._agenda.looked[links.RECONNECT.id] += 1
                if problem := links.of_refusal(event, station.refusals):
                    version = links.offered_version(event) or self._default or "2.0.1"
                    refused = Session(event.link, 0, station, self._table(version), decided=False)
                    return self._findings.of(refused, event.n, "station", (problem,), links.RECONNECT)
        return ()

    def _open(self, event: LinkEvent) -> Sequence[Finding]:
        version = next((known for known in VERSIONS if event.protocol == f"ocpp/{known}"), None)
        session = self._begin(event.link, version, self._station(event))
        session.opened, session.early, session.heard = event.t, [], event.t
        station = session.station
        if station.closed is not None:
            del station.offline[:-3]
            station.offline.append((station.closed, event.t))
            station.closed = None
            # What came between is not told (1.6: 4.9): whatever comes next may follow.
            station.statuses = dict.fromkeys(station.statuses, "")
        timing.look_after_heartbeats(session, event.t)
        self._agenda.looked[links.SUBPROTOCOL.id] += 1
        if links.unagreed(event):
            self._agenda.watch(event.t + links.CLOSED_WITHIN, links.Unagreed(session, event.n))
        return self._findings.of(session, event.n, "", links.of_open(event), links.SUBPROTOCOL)

    def _station(self, event: LinkEvent) -> Station:
        return self._station_of(station_key(event.link, event.detail.get("identity")))

    def _station_of(self, key: str) -> Station:
        station = self._stations.get(key)
        if station is None:
            if len(self._stations) >= _STATIONS_KEPT:
                del self._stations[next(iter(self._stations))]
            station = self._stations[key] = Station(key, self._agenda.watch, timed=self._timed)
        return station

    def _begin(self, link: str, version: Version | None, station: Station) -> Session:
        if len(self._sessions) >= _SESSIONS_KEPT:
            del self._sessions[next(iter(self._sessions))]
        self._serial += 1
        self._links += 1
        told = version or self._told.get(link) or self._default
        session = Session(link, self._serial, station, self._table(told or "1.6"), decided=told is not None)
        self._sessions[link] = session
        return session

    def _table(self, version: Version) -> Table:
        table = self._tables.get(version)
        if table is None:
            table = self._tables[version] = Table(version, self._numbered, LEARNERS)
        return table

    # Frames

    def frame(self, frame: FrameLike) -> Sequence[Finding]:
        """Take the next frame; give what it reveals."""
        late = self._agenda.look(frame.t) if frame.t >= self._agenda.due else ()
        session = self._sessions.get(frame.link) or self._over.get(frame.link)
        if session is None:
            session = self._begin(frame.link, None, self._station_of(station_key(frame.link)))
        raw = frame.raw
        # Half of all frames are empty results, of which nothing is to be said but that they came.
        if raw.endswith(",{}]") and self._settled_by(session, frame, raw):
            return late
        if len(raw) > framing.LARGE and frame.fate != "injected":
            late = (*late, *self._findings.of(session, frame.n, frame.sender, (framing.of_size(raw),)))
        try:
            array = _loads(raw)
        except orjson.JSONDecodeError as error:
            return (*late, *self._undecoded(session, frame, error))
        if type(array) is list and frame.media != "binary":
            if len(array) == 4 and array[0] == 2:
                _, message_id, action, content = array
                if type(message_id) is str and type(action) is str and type(content) is dict:
                    found = self._call(session, frame, message_id, action, content)
                    return (*late, *found) if late else found
            elif len(array) == 3 and array[0] == 3:
                _, message_id, content = array
                if type(message_id) is str and type(content) is dict:
                    return (*late, *self._answer(session, frame, message_id, content, ""))
        return (*late, *self._unusual(session, frame, array))

    def _settled_by(self, session: Session, frame: FrameLike, raw: str) -> bool:
        """Take an empty result that is in order; leave anything else to those who look closely."""
        message_id = raw[4:-5]
        calls = session.calls["station" if frame.sender == "csms" else "csms"]
        call = calls.get(message_id)
        if call is None or call.entry is None or frame.fate != "forwarded" or frame.media == "binary":
            return False
        entry = call.entry.response
        if entry is None or not entry.quiet or session.station.registration.unsettled or not raw.startswith('[3,"'):
            return False
        if frame.t - call.t > timing.ANSWERED_WITHIN or (entry.guarded and entry.wanted(call)):
            return False
        entry.seen += 1
        del calls[message_id]
        answered = session.answered[call.sender]
        answered.young[message_id] = frame.n
        if len(answered.young) > CALLS_KEPT:
            answered.turn()
        if call.sender == "csms":
            session.heard = frame.t
        return True

    def _undecoded(self, session: Session, frame: FrameLike, error: Exception) -> Sequence[Finding]:
        if frame.media == "binary":
            return self._unreadable(session, frame, framing.of_binary(frame.raw))
        if len(frame.raw) >= _CUT:
            # A tap keeps the first megabyte of a frame.
            return ()
        return self._unreadable(session, frame, framing.of_no_json(frame.raw, error))

    def _unusual(self, session: Session, frame: FrameLike, array: object) -> Sequence[Finding]:
        """Take what is neither a CALL nor a CALLRESULT in good shape."""
        if frame.media == "binary":
            return self._unreadable(session, frame, framing.of_binary(frame.raw))
        match array:
            case [4, str() as message_id, str() as code, str(), dict()]:
                return self._answer(session, frame, message_id, None, code)
            case [5, str(), str(), str(), dict()] if session.table.version == "2.1":
                return ()
            case [6, str() as message_id, str() as action, dict() as content] if session.table.version == "2.1":
                return self._call(session, frame, message_id, action, content, kind="SEND")
            case _:
                return self._misshapen(session, frame, array)

    def _unreadable(self, session: Session, frame: FrameLike, problems: Sequence[Problem]) -> Sequence[Finding]:
        session.broken[frame.sender] = frame.n
        if frame.fate == "injected":
            return ()
        self._unreadables += 1
        return self._findings.of(session, frame.n, frame.sender, problems)

    def _misshapen(self, session: Session, frame: FrameLike, array: object) -> Sequence[Finding]:
        """Say what is wrong with the array, and make as much of it as can be made."""
        found = self._unreadable(session, frame, tuple(framing.of_array(session.table.version, array)))
        sender = frame.sender if frame.sender in OTHER else ""
        match array:
            case [2, str() as message_id, str() as action, dict() as content, *_]:
                found = (*found, *self._call(session, frame, message_id, action, content))
                if message := session.calls[sender].get(message_id):
                    # Who refuses it as malformed is right.
                    message.valid = message.clean = False
            case [2, str() as message_id, str() as action, *_]:
                # It may be answered all the same.
                message = OcppMessage(frame.n, frame.t, session, sender, "CALL", message_id, action, {})
                message.valid = message.clean = False
                session.calls[sender][message_id] = message
            case [3, str() as message_id, dict() as content, *_]:
                return (*found, *self._answer(session, frame, message_id, content, ""))
            case [4, str() as message_id, str() as code, *_]:
                return (*found, *self._answer(session, frame, message_id, None, code))
            case [3 | 4, str() as message_id, *_]:
                session.calls[OTHER[sender]].pop(message_id, None)
        return found

    def _call(
        self,
        session: Session,
        frame: FrameLike,
        message_id: str,
        action: str,
        content: dict[str, Any],
        kind: Literal["CALL", "SEND"] = "CALL",
    ) -> Sequence[Finding]:
        if not session.decided:
            self._guess(session, action, content)
        sender, fate = frame.sender, frame.fate
        if sender not in OTHER:
            sender = ""
        station = session.station
        entry = session.table.entries.get(action)
        message = OcppMessage(frame.n, frame.t, session, sender, kind, message_id, action, content, None, entry)
        if fate != "forwarded":
            message.delivered, message.injected = fate in DELIVERED, fate == "injected"
        calls = session.calls[sender]
        found: Sequence[Finding] = ()
        if message.injected:
            message.valid = message.clean = entry is not None and entry.keeps(content) and 0 < len(message_id) <= 36
        else:
            ids = station.ids[sender]
            if calls or message_id in ids.young or message_id in ids.old or not 0 < len(message_id) <= 36:
                found = self._ids(message, ids.seen(message_id))
            ids.young[message_id] = session.serial
            if len(ids.young) > IDS_KEPT:
                ids.turn()
            if sender == "station":
                session.heard = frame.t
                if session.early is not None:
                    note_early(session, message)
                if station.promised and (promised := station.promised.get(action)):
                    promised.sent = True
            if entry is None:
                self._unknown += 1
                found = (*found, *self._findings.of(session, frame.n, sender, (payload.of_action(message),)))
            else:
                entry.seen += 1
                if not entry.keeps(content):
                    found = (*found, *self._words(message, entry))
                if sender not in entry.by and sender:
                    found = (*found, *self._findings.of(session, frame.n, sender, (payload.of_direction(message),)))
                if message.valid:
                    judged = self._judged
                    for check, number in entry.checks:
                        problems = check(message, station)
                        if problems is not None:
                            judged[number] += 1
                            if problems:
                                found = (*found, *self._findings.of(session, frame.n, sender, problems, RULES[number].infos[0]))
                    for guard, checks in entry.guarded:
                        if guard(message):
                            found = (*found, *self._check(message, checks))
                if station.registration.unsettled:
                    found = (*found, *self._check(message, entry.unsettled))
        if entry is not None and (message.delivered if sender == "csms" else not message.injected):
            for learn in entry.learn:
                learn(message, station)
        if kind == "CALL":
            if len(calls) >= CALLS_KEPT:
                del calls[next(iter(calls))]
            calls[message_id] = message
            if session.orphans and (orphan := session.orphans.pop(message_id, None)):
                found = (*found, *self._late(message, orphan))
        return found

    def _answer(
        self, session: Session, frame: FrameLike, message_id: str, content: dict[str, Any] | None, code: str
    ) -> Sequence[Finding]:
        """Take a CALLRESULT, or a CALLERROR when there is no content."""
        sender, fate = frame.sender, frame.fate
        if sender not in OTHER:
            sender = ""
        call = session.calls[OTHER[sender]].get(message_id)
        if call is None and not sender:
            call = session.calls["station"].get(message_id) or session.calls["csms"].get(message_id)
            sender = OTHER[call.sender] if call else ""
        injected = fate == "injected"
        if sender == "station" and not injected:
            session.heard = frame.t
        if call is None:
            return () if injected else self._orphan(session, frame, sender, message_id, content, code)
        call.answered = True
        delivered = fate == "forwarded" or fate in DELIVERED
        if delivered:
            del session.calls[call.sender][message_id]
            answered = session.answered[call.sender]
            answered.young[message_id] = frame.n
            if len(answered.young) > CALLS_KEPT:
                answered.turn()
        asked = call.entry
        entry = asked if content is None or asked is None else asked.response
        if entry is None or content is None:
            self._odd_answers += not injected
        elif not injected:
            entry.seen += 1
            # Nothing looks at most answers, and most are empty: these need no message.
            if (
                not (entry.checks or entry.learn or session.station.registration.unsettled)
                and (entry.empty if not content else entry.keeps(content))
                and not (entry.guarded and entry.wanted(call))
                and frame.t - call.t <= timing.ANSWERED_WITHIN
            ):
                return ()
        kind: Literal["CALLRESULT", "CALLERROR"] = "CALLERROR" if content is None else "CALLRESULT"
        message = OcppMessage(
            frame.n,
            frame.t,
            session,
            sender,
            kind,
            message_id,
            call.action,
            content or {},
            call,
            entry,
            code,
            injected,
            delivered,
        )
        return self._judge_answer(message, entry)

    def _judge_answer(self, message: OcppMessage, entry: Entry | None) -> Sequence[Finding]:
        session, station = message.session, message.session.station
        found: Sequence[Finding] = ()
        error = message.kind == "CALLERROR"
        if not message.injected:
            if error:
                self._errors += 1
                if problem := framing.of_error_code(message):
                    found = self._findings.of(session, message.n, message.sender, (problem,))
            elif entry is not None and not entry.keeps(message.payload):
                found = self._words(message, entry)
            if self._timed and message.call and message.t - message.call.t > timing.ANSWERED_WITHIN:
                slow = timing.of_slow_answer(message.call, message.t)
                found = (*found, *self._findings.of(session, message.n, message.sender, (slow,)))
            if entry is not None:
                if message.valid:
                    found = (*found, *self._check(message, entry.error_checks if error else entry.checks))
                    call = message.call
                    for guard, checks in entry.guarded if not error else ():
                        if call is not None and guard(call):
                            found = (*found, *self._check(message, checks))
                if station.registration.unsettled and not error:
                    found = (*found, *self._check(message, entry.unsettled))
        if entry is not None and (message.delivered if message.sender == "csms" else not message.injected):
            for learn in entry.error_learn if error else entry.learn:
                learn(message, station)
        return found

    def _check(self, message: OcppMessage, checks: tuple[Bound, ...]) -> Sequence[Finding]:
        """Have rules look at a message."""
        found: Sequence[Finding] = ()
        station, judged = message.session.station, self._judged
        for check, number in checks:
            if (problems := check(message, station)) is not None:
                judged[number] += 1
                if problems:
                    default = RULES[number].infos[0]
                    found = (*found, *self._findings.of(message.session, message.n, message.sender, problems, default))
        return found

    def _words(self, message: OcppMessage, entry: Entry) -> Sequence[Finding]:
        """Say what is wrong with a payload that did not pass."""
        problems = tuple(payload.of_payload(message, entry))
        message.clean = False
        message.valid = not any(problem.rule in (payload.REQUEST, payload.RESPONSE) for problem in problems)
        return self._findings.of(message.session, message.n, message.sender, problems)

    def _ids(self, message: OcppMessage, before: int | None) -> Sequence[Finding]:
        waiting = message.session.calls[message.sender]
        if not 0 < len(message.message_id) <= 36:
            message.clean = False
        problems = (
            framing.of_id(message.message_id),
            framing.of_reused_id(message, before) if before is not None else None,
            framing.of_outstanding(message, timed=self._timed) if waiting and message.kind == "CALL" else None,
        )
        return self._findings.of(message.session, message.n, message.sender, [problem for problem in problems if problem])

    def _orphan(
        self, session: Session, frame: FrameLike, sender: str, message_id: str, content: dict[str, Any] | None, code: str
    ) -> Sequence[Finding]:
        self._odd_answers += 1
        kind: Literal["CALLRESULT", "CALLERROR"] = "CALLERROR" if content is None else "CALLRESULT"
        message = OcppMessage(frame.n, frame.t, session, sender, kind, message_id, "", content or {}, code=code)
        problems = [problem for problem in (framing.of_orphan(message), framing.of_id(message_id)) if problem]
        problems += payload.of_unknown_result(message)
        for described in strings.OF_TIME:
            self._agenda.looked[described.id] += "currentTime" in message.payload
        session.remember_orphan(message)
        return self._findings.of(session, frame.n, sender, problems)

    def _late(self, call: OcppMessage, orphan: OcppMessage) -> Sequence[Finding]:
        """Judge an answer that came, or was logged, before the call it belongs to."""
        if orphan.kind != "CALLRESULT" or call.entry is None or call.entry.response is None:
            return ()
        if call.sender and orphan.sender and OTHER[call.sender] != orphan.sender:
            return ()
        orphan.action, orphan.call, orphan.entry = call.action, call, call.entry.response
        if not orphan.sender:
            orphan.sender = OTHER[call.sender]
        call.session.calls[call.sender].pop(call.message_id, None)
        orphan.entry.seen += 1
        self._odd_answers -= 1
        return self._judge_answer(orphan, orphan.entry)

    def _guess(self, session: Session, action: str, content: object) -> None:
        """Guess the version of a link that does not show it; a call that fits one version only settles it."""
        guessed = guess_version(action, content)
        if guessed is not None:
            version, session.decided = guessed
            session.table = self._table(version)

    # Time

    def pass_time(self, t: float) -> Sequence[Finding]:
        """Take note that it is so late; give what that reveals."""
        return self._agenda.look(t) if t >= self._agenda.due else ()
