"""Judging a stream of events as it is recorded: every finding goes into the journal beside what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from v2x_harness.events import CaseEvent, Event, FindingEvent, Frame, LinkEvent, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding
from v2x_harness.journal import Recorder
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.verdict import Verdict

# Name of the one case that a watched stream is in its journal.
SESSION = "SESSION"


class Repeated(msgspec.Struct, frozen=True, kw_only=True):
    """The same requirement violated by the same party as the same rule saw it, however often.

    Attributes:
        first: the first of these findings.
        times: how often it was found.
    """

    first: Finding
    times: int


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a judged stream came to.

    Attributes:
        journal: file that holds it.
        seconds: how long it was watched.
        links, refused: connections that were opened, and that were not.
        frames: by the role that sent them.
        findings: what is wrong, each kind once.
        inspected: how often each rule that applied had something to judge.
        bundle, report: where they are, when there are any.
    """

    journal: str
    seconds: float
    links: int
    refused: int
    frames: dict[str, int]
    findings: tuple[Repeated, ...]
    inspected: dict[str, int]
    bundle: str = ""
    report: str = ""

    @property
    def verdict(self) -> Verdict:
        """What the stream as a whole came to."""
        axes = {each.first.axis for each in self.findings}
        if Axis.CONFORMANCE in axes:
            return Verdict.FAIL
        if axes:
            return Verdict.WARN
        return Verdict.PASS if self.inspected else Verdict.INCONCLUSIVE

    def exit_code(self) -> int:
        """Return 1 when the specification was violated, else 0: what is merely incompatible is told and no more."""
        return int(any(each.first.axis is Axis.CONFORMANCE for each in self.findings))


class Watch:
    """Has judges look at everything a recorder keeps, and records what they find.

    Args:
        recorder: to listen to.
        judges: with the rules.
        heard: called with each first finding of its kind.

    In the journal the stream is a case of its own (`SESSION`), so that a report can tell it.
    """

    def __init__(self, recorder: Recorder, judges: Sequence[Judge], heard: Callable[[Finding], None] = lambda _: None) -> None:
        self._recorder, self._judges, self._heard = recorder, judges, heard
        self._began = recorder.now
        self._found: dict[tuple[str, str, str], Repeated] = {}
        self._links: Counter[str] = Counter()
        self._frames: Counter[str] = Counter()
        recorder.record(CaseEvent(case=SESSION, text="Everything that passed between the products"))
        self._deaf = recorder.subscribe(self._take)

    @property
    def findings(self) -> int:
        """How many findings there are so far."""
        return sum(each.times for each in self._found.values())

    @property
    def frames(self) -> int:
        """How many frames were recorded so far."""
        return self._frames.total()

    @property
    def links(self) -> int:
        """How many links are open at present."""
        return self._links["open"] - self._links["close"]

    def end(self) -> Watched:
        """Let the rules say what only the end reveals, record how often each had something to judge, and sum up."""
        self._deaf()
        inspected: Counter[str] = Counter()
        for judge in self._judges:
            self._record(judge.finish())
            inspected.update(judge.inspected())
        for judge in self._judges:
            for rule in judge.rules:
                cites = _cites(rule, judge.versions)
                self._recorder.record(RuleEvent(rule=rule.id, inspected=inspected[rule.id], requirements=cites))
        watched = Watched(
            journal=str(self._recorder.path or ""),
            seconds=round(self._recorder.now - self._began, 3),
            links=self._links["open"],
            refused=self._links["refused"],
            frames=dict(self._frames),
            findings=tuple(self._found.values()),
            inspected={rule: times for rule, times in inspected.items() if times},
        )
        reason = "" if watched.inspected else "nothing passed that a rule could judge"
        self._recorder.record(
            VerdictEvent(case=SESSION, verdict=watched.verdict, reason=reason, duration=watched.seconds, wall=watched.seconds)
        )
        return watched

    def _take(self, event: Event) -> None:
        match event:
            case Frame():
                self._frames[event.sender] += 1
            case LinkEvent():
                self._links[event.event] += 1
        for judge in self._judges:
            self._record(judge.feed(event))

    def _record(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            kept = self._recorder.record(FindingEvent(finding)).finding
            kind = (kept.source, kept.party, kept.requirement)
            if known := self._found.get(kind):
                self._found[kind] = Repeated(first=known.first, times=known.times + 1)
            else:
                self._found[kind] = Repeated(first=kept, times=1)
                self._heard(kept)


def _cites(rule: RuleInfo, versions: Iterable[str]) -> tuple[str, ...]:
    """Return what a rule cites for the versions that were spoken."""
    spoken = sorted(set(versions) & set(rule.requirements))
    return tuple(dict.fromkeys(id_ for version in spoken for id_ in rule.requirements[version]))
