"""The judge: takes the journal's events as they come, follows each session, and has the rules look at its messages."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from v2x_adapters.v2gtp.reading import MALFORMED, Meaning, Reading
from v2x_adapters.v2gtp.units import Unit, of_datagram
from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.v2gtp import SIDE_STREAMS, Reason
from v2x_harness.events import Event, Frame, LinkEvent, Note
from v2x_harness.finding import Finding, Location
from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.logs.log import GAP, HELD, SDP
from v2x_suites.iso15118.rules import framing, payload
from v2x_suites.iso15118.rules.catalogue import LOOKS_BACK, described, looks_at
from v2x_suites.iso15118.rules.discovery import Discovery
from v2x_suites.iso15118.rules.rule import VERSION_OF, Ending, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session, Site, Views

_LARGEST = 1 << 20
_LINKS_KEPT = 10_000
_SESSIONS_KEPT = 1000


def all_infos() -> tuple[RuleInfo, ...]:
    """Return what every rule says of itself, in the order of the layers."""
    return (*framing.INFOS, *payload.INFOS, *described())


def _version(edition: Edition | None) -> str:
    """Return the name of the registry that counts; before an edition is agreed on it is that of 15118-2."""
    return VERSION_OF[edition] if edition is not None else "2"


class Iso15118Judge:
    """The passive rules of ISO 15118 with the state they keep over one run; a `v2x_harness.rule.Judge`.

    Args:
        limit: at most so many findings of one rule on one connection; the rest is only counted.

    Attributes:
        timed: whether the times of the events can be relied on.
        suppressed: by rule, how many findings were only counted.
        frames: how many messages were judged: those that the harness made itself are not.
        links: how many connections were seen.
    """

    def __init__(self, *, limit: int = 1000) -> None:
        self.rules: Sequence[RuleInfo] = all_infos()
        self.timed = True
        self.suppressed: Counter[str] = Counter()
        self.frames = self.links = 0
        self._limit = limit
        self._readings: dict[str, Reading] = {}
        self._site = Site()
        self._discovery = Discovery()
        self._sessions: dict[str, Views] = {}
        self._endings: dict[str, Ending] = {}
        self._held: set[str] = set()
        self._inspected: Counter[str] = Counter({each.id: 0 for each in self.rules})
        self._given: dict[str, Counter[str]] = {}
        self._versions: set[str] = set()
        self._now = 0.0

    @property
    def versions(self) -> tuple[str, ...]:
        """The editions that were judged by, as the registries are named."""
        return tuple(sorted(self._versions))

    def feed(self, event: Event) -> Iterable[Finding]:
        """Take the next event; give what it reveals. Never raises for what a product sent."""
        self._now = max(self._now, event.t)
        match event:
            case Frame(media="binary"):
                return list(self._frame(event))
            case LinkEvent():
                return list(self._link(event))
            case Note(topic=topic, text=link) if topic == GAP and link in self._sessions:
                for session in self._sessions[link].each():
                    session.muddle()
            case Note(topic=topic, text=link) if topic == HELD and link in self._sessions:
                self._held.add(link)
        return ()

    def finish(self) -> Iterable[Finding]:
        """The stream has ended: give what only the end reveals."""
        found: list[Finding] = []
        for link in list(self._sessions):
            found += self._over(link)
        return found

    def inspected(self) -> dict[str, int]:
        """How often each rule had something to judge."""
        return dict(self._inspected)

    def _frame(self, frame: Frame) -> Iterator[Finding]:
        try:
            unit = of_datagram(base64.b64decode(frame.raw, validate=True), _LARGEST)
        except binascii.Error:
            # It is no frame of a V2GTP tap.
            return
        meaning = self._reading(frame.link).read(unit)
        if meaning.edition is not None:
            self._versions.add(VERSION_OF[meaning.edition])
        views = self._session(frame.link) if frame.link != SDP else None
        judged = frame.fate != "injected" and unit.problem is not Reason.LENGTH
        if judged:
            self.frames += 1
            for problem in self._problems(unit, meaning, udp=views is None):
                yield from self._given_out(problem, frame.link, frame.n, frame.sender, meaning)
        if views is not None and unit.problem is None and unit.payload_type in SIDE_STREAMS:
            if (beside := Said.of(frame, meaning)) is not None:
                for session in views.that_know(frame):
                    session.beside(beside)
            return
        if views is not None:
            yield from self._said(views, frame, meaning, judged=judged)
        elif judged:
            for rule, found in self._discovery.take(meaning):
                self._inspected[rule] += 1
                if found is not None:
                    yield from self._given_out(found, frame.link, frame.n, frame.sender, meaning)

    def _said(self, views: Views, frame: Frame, meaning: Meaning, *, judged: bool) -> Iterator[Finding]:
        """Judge a message by the session that it belongs to, and follow that."""
        said = Said.of(frame, meaning, held=frame.link in self._held)
        self._held.discard(frame.link)
        if said is None or said.name[-3:] not in ("Req", "Res"):
            if meaning.label == MALFORMED or said is not None:
                for session in views.that_know(frame):
                    session.muddle()
            return
        knowing = views.that_know(frame)
        sender = views.of(said.sender)
        sender.before(said)
        if judged:
            for rule in looks_at(said.name, _version(said.edition)):
                if rule.timed and not self.timed:
                    continue
                found = rule.look(sender, said)
                self._inspected[rule.info.id] += found is not None
                for problem in found or ():
                    yield from self._given_out(problem, frame.link, frame.n, said.sender, meaning)
        for session in knowing:
            if session is not sender:
                session.before(said)
            session.follow(said)

    def _link(self, event: LinkEvent) -> Iterator[Finding]:
        if event.event == "open" and event.link != SDP:
            if event.link in self._endings:
                # The name of one that is over is used again: by another tap, of another lane.
                yield from self._over(event.link)
                self._readings.pop(event.link, None)
            for session in self._session(event.link).each():
                session.open(event.t if event.by else None, event.detail)
        elif event.event == "close" and event.link in self._sessions:
            first = self._endings.get(event.link)
            if first is None:
                self._endings[event.link] = Ending(event.n, event.t, event.by, closed=True)
            if first is not None or event.detail or event.by not in ("evcc", "secc"):
                yield from self._over(event.link)

    def _over(self, link: str) -> Iterator[Finding]:
        """Judge a connection that is over, and forget it."""
        views = self._sessions.pop(link)
        ending = self._endings.pop(link, None) or Ending(None, self._now)
        for rule in LOOKS_BACK:
            if rule.timed and not self.timed:
                continue
            session = views.of(rule.role)
            version = _version(session.edition)
            if version not in rule.info.requirements:
                continue
            found = rule.look(session, ending)
            self._inspected[rule.info.id] += found is not None
            for problem in found or ():
                yield from self._given_out(problem, link, ending.n, rule.role, None, version)
        for session in views.each():
            if session.session_id is not None:
                self._site.keep(self._site.over, session.session_id, None)
        self._given.pop(link, None)

    def _reading(self, link: str) -> Reading:
        reading = self._readings.get(link)
        if reading is None:
            self.links += link != SDP
            if len(self._readings) >= _LINKS_KEPT:
                del self._readings[next(iter(self._readings))]
            reading = self._readings[link] = Reading()
        return reading

    def _session(self, link: str) -> Views:
        views = self._sessions.get(link)
        if views is None:
            if len(self._sessions) >= _SESSIONS_KEPT:
                # Whatever is still to be said of the oldest is not said.
                oldest = next(iter(self._sessions))
                for kept in (self._sessions, self._endings, self._given):
                    kept.pop(oldest, None)
            views = self._sessions[link] = Views(Session(link, self._site))
        return views

    def _problems(self, unit: Unit, meaning: Meaning, *, udp: bool) -> Iterator[Problem]:
        self._inspected.update((framing.HEADER.id, framing.PAYLOAD_TYPE.id, framing.LENGTH.id))
        if problem := framing.of_header(unit):
            yield problem
            return
        self._inspected[framing.PLACE.id] += 1
        if problem := framing.of_place(unit, meaning, udp=udp):
            yield problem
        if framing.is_sdp(unit):
            self._inspected[framing.SDP.id] += 1
            yield from framing.of_sdp(unit)
        if meaning.schema is None:
            return
        self._inspected.update((payload.DECODE.id, payload.UNUSUAL.id))
        if problem := payload.of_error(meaning):
            yield problem
        if meaning.decoded is not None:
            self._inspected.update((payload.END.id, payload.DECLARED.id, payload.FACETS.id))
            yield from payload.of_message(meaning.decoded)

    def _given_out(
        self, problem: Problem, link: str, n: int | None, sender: str, meaning: Meaning | None, version: str = ""
    ) -> Iterator[Finding]:
        """Give a finding, unless there have been too many of its rule on its connection."""
        given = self._given.setdefault(link, Counter())
        given[problem.rule.id] += 1
        if given[problem.rule.id] > self._limit:
            self.suppressed[problem.rule.id] += 1
            return
        if meaning is not None:
            version = _version(meaning.edition)
        rule = problem.rule
        # Of the negotiation, which is of no edition yet, 15118-20 has its own to say.
        cited = rule.requirements.get(version) or next(iter(rule.requirements.values()))
        yield Finding(
            requirement=cited[0],
            text=f"{meaning.label}: {problem.text}" if meaning is not None else problem.text,
            location=_location(problem, n, meaning),
            expected=problem.expected,
            seen=problem.seen,
            axis=rule.axis,
            layer=rule.layer,
            source=f"rule:{rule.id}",
            party=problem.party or sender,
            also=cited[1:],
        )


def _location(problem: Problem, n: int | None, meaning: Meaning | None) -> Location:
    """Return what a finding rests on, with the bits of a field that can be read."""
    if problem.frame not in (None, n):
        return Location(problem.frame, problem.pointer)
    decoded = meaning.decoded if meaning is not None else None
    mark = decoded.trace.at(problem.pointer) if decoded is not None and problem.pointer.startswith("/") else None
    return Location(n, problem.pointer, (mark.offset, mark.width) if mark is not None else None)
