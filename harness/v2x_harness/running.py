"""One run: its recorder, its lanes, and the conclusion of each case. The pytest plugin and the prover both stand on it."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from v2x_harness.blocks import CannotJudge, DoesNotApply, Ledger, NotSeen, judging
from v2x_harness.case import Case
from v2x_harness.errors import HarnessError, ProductBlocked, UnsupportedVerb
from v2x_harness.events import CaseEvent, Event, FindingEvent, Note, RuleEvent, VerdictEvent
from v2x_harness.fault import Control, Fault
from v2x_harness.finding import Axis, Finding
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, ProtocolSuite
from v2x_harness.rule import RuleInfo
from v2x_harness.verdict import Verdict


class Outcome(msgspec.Struct, kw_only=True):
    """What one case came to on one cast.

    Attributes:
        variant: id of the fault, control or good peer that stood in the subject's place; empty in an ordinary run.
        requirements: requirement id to what the case says of it.
        findings: the case's own, and those of the rules while it ran.
        wall: seconds of real time, from the opening of its lane to the end.
    """

    case: str
    role: str
    verdict: Verdict = Verdict.NONE
    variant: str = ""
    requirements: dict[str, Verdict] = {}
    findings: list[Finding] = []
    reason: str = ""
    wall: float = 0.0


class Running:
    """One case while it runs: what it has found, and how its end becomes a verdict.

    Args:
        case: the case.
        cast: who stands where.
        recorder: of the run.
    """

    def __init__(self, case: Case, cast: Cast, recorder: Recorder) -> None:
        self.case, self.cast, self.recorder = case, cast, recorder
        self.ledger = Ledger(case.id, case.verifies, case.role)
        self.outcome = Outcome(case=case.id, role=case.role, findings=[])
        self.outcome.variant = variant_of(cast)
        self._started, self._wall = recorder.now, time.monotonic()
        self._ended = recorder.subscribe(self._keep_rule_findings)
        self._cut: tuple[Verdict, str] | None = None
        self._over = False
        recorder.record(CaseEvent(case=case.id, text=case.title))

    def _keep_rule_findings(self, event: Event) -> None:
        if isinstance(event, FindingEvent):
            self.outcome.findings.append(event.finding)

    async def judge(self, function: Callable[[], Awaitable[None]], lane: Lane, limit: float) -> None:
        """Run a case's function, then look whether the subject still lives; never raises but for cancellation.

        Args:
            limit: seconds of the lane's clock after which the case is given up.
        """
        with judging(self.ledger):
            try:
                async with asyncio.timeout(limit):
                    await function()
            except Exception as error:  # noqa: BLE001  (whatever a case raises becomes a verdict; `interrupted` keeps the trace)
                self.interrupted(error)
        try:
            lane.check()
        except HarnessError as error:
            # Whatever did not come in this case may not have come because of that.
            self.ledger.void()
            self.interrupted(error)
        if self.ledger.verdict in (Verdict.PASS, Verdict.WARN) and self._cut is None:
            try:
                dead = await lane.alive()
            except Exception as error:  # noqa: BLE001  (as above)
                self.interrupted(error)
            else:
                if dead:
                    self.ledger.findings.append(msgspec.structs.replace(dead, case=self.case.id, source=self.case.id))
                    self.cut(Verdict.FAIL, dead.text)
        self._over = True

    def cut(self, verdict: Verdict, reason: str) -> None:
        """Note why the case did not come to its own end."""
        if self._cut is None or self._cut[0].worsened_by(verdict) != self._cut[0]:
            self._cut = (verdict, reason)

    def interrupted(self, error: BaseException) -> None:
        """Note what a case or its preparation raised, and whose fault that is."""
        match error:
            case NotSeen() if self.ledger.verdict is not Verdict.FAIL:
                self.cut(Verdict.INCONCLUSIVE, f"the case could not go on: {error}")
            case AssertionError() if self.ledger.verdict is Verdict.FAIL:
                pass  # a hard requirement block has recorded it
            case DoesNotApply():
                self.cut(Verdict.NOT_APPLICABLE, str(error))
            case CannotJudge():
                self.cut(Verdict.INCONCLUSIVE, str(error))
            case ProductBlocked():
                self.cut(Verdict.BLOCKED, f"{error}" + (f" ({error.hint})" if error.hint else ""))
            case UnsupportedVerb():
                self.cut(Verdict.BLOCKED, f"the operator cannot do it: {error}")
            case HarnessError():
                self.cut(Verdict.ERROR, f"{error}" + (f" ({error.hint})" if error.hint else ""))
            case _:
                self.cut(Verdict.ERROR, f"the harness failed: {type(error).__name__}: {error}")
                trace = "".join(traceback.format_exception(error))
                self.recorder.record(Note(topic="traceback", text=trace))

    @property
    def reason(self) -> str:
        """Why the case was cut short, or an empty string."""
        return self._cut[1] if self._cut else ""

    @property
    def problem(self) -> str:
        """What pytest should show of a case that did not pass, or an empty string."""
        lines = [f"{', '.join(sorted(f.cites))}: {f.text}" for f in self.ledger.findings if f.axis is Axis.CONFORMANCE]
        return "\n".join([*lines, *([self.reason] if self._cut else [])])

    def conclude(self) -> Outcome:
        """Settle the verdict, record the case's findings and its end, and return what it came to."""
        self._ended()
        if self.recorder.broken:
            self.ledger.void()
            self.interrupted(self.recorder.broken)
        elif not self._over and self._cut is None:
            self.cut(Verdict.ERROR, "the run was interrupted while this case was running")
        outcome, judged = self.outcome, self.ledger.verdict
        outcome.requirements = dict(self.ledger.results)
        if self._cut is None:
            outcome.verdict = judged.settled
            missed = [i for i in self.case.verifies if i not in self.ledger.results]
            if judged in (Verdict.PASS, Verdict.WARN) and missed:
                self.cut(Verdict.ERROR, f"the case ended without having judged {', '.join(missed)}")
            elif judged is Verdict.NONE:
                outcome.reason = "the case ended without having judged anything"
        if self._cut is not None:
            verdict, outcome.reason = self._cut
            outcome.verdict = judged.worsened_by(verdict) if verdict.judged else verdict
            if not verdict.judged and judged is Verdict.FAIL:
                outcome.verdict = judged
        if not outcome.reason and self.ledger.findings:
            outcome.reason = self.ledger.findings[0].text.splitlines()[0]
        for finding in self.ledger.findings:
            self.recorder.record(FindingEvent(finding))
        outcome.findings = [*self.ledger.findings, *outcome.findings]
        outcome.wall = round(time.monotonic() - self._wall, 4)
        self.recorder.record(
            VerdictEvent(
                case=self.case.id,
                verdict=outcome.verdict,
                requirements=outcome.requirements,
                reason=outcome.reason,
                variant=outcome.variant,
                role=self.case.role,
                duration=round(self.recorder.now - self._started, 6),
                wall=outcome.wall,
            )
        )
        self.recorder.sync()
        return outcome


def variant_of(cast: Cast) -> str:
    """Return the id of the fault, control or good peer in a cast, or an empty string."""
    return cast.good.id if cast.good else cast.bad.id if isinstance(cast.bad, Fault | Control) else ""


# After so many cases in a row in which a subject gave no sign of life it is given up: each costs every wait in it.
PATIENCE = 3
# Topic of the note that says so.
GIVEN_UP = "given up"

type _Key = tuple[str, str, str, str]


class Stage:
    """Opens, keeps and closes the lanes of one process of a run, and lets their rules judge what is recorded.

    Args:
        recorder: everything goes there.
        suites: the installed protocols by name.
        workdir: a folder for what actors keep.
    """

    def __init__(self, recorder: Recorder, suites: Mapping[str, ProtocolSuite], workdir: Path) -> None:
        self.recorder, self._suites, self._workdir = recorder, suites, workdir
        self._lanes: dict[_Key, Lane] = {}
        self._deaf: dict[Lane, Callable[[], None]] = {}
        self._casts: dict[Lane, Cast] = {}
        self._rules: dict[str, RuleInfo] = {}
        self._inspected: Counter[str] = Counter()
        self._versions: set[str] = set()
        self._opened, self._case = 0, ""
        self._current: _Key | None = None
        # Whether the subject could not even be brought to where the case begins.
        self._unprepared = False
        self._dead: Counter[_Key] = Counter()
        self._given_up: dict[_Key, str] = {}
        self._unopened: dict[_Key, HarnessError] = {}

    async def lane(self, cast: Cast, case: Case) -> Lane:
        """Return an open lane, prepared for a case.

        Raises:
            HarnessError: it cannot be opened.
            CannotJudge: the subject cannot be brought to where a case may begin.
        """
        self._case = case.id
        self._versions.add(cast.version)
        key = (cast.protocol, cast.version, cast.role, variant_of(cast))
        self._current, self._unprepared = key, True
        lane = self._lanes.get(key)
        if key in self._given_up:
            if lane:
                await self._close(lane)
            raise CannotJudge(self._given_up[key])
        if key in self._unopened:
            # Trying again would cost every case the time that the first one lost.
            raise self._unopened[key]
        try:
            if lane is None:
                lane = await self._new(cast, key)
            await lane.prepare()
        except BaseException:
            # A product may come to the next case even so; what lives for one case only does not.
            if lane is not None:
                await self.release(lane)
            raise
        self._unprepared = False
        return lane

    async def _new(self, cast: Cast, key: _Key) -> Lane:
        """Open the lane of a cast, and no other beside it.

        Raises:
            HarnessError: it cannot be opened; that it is tried again makes no sense.
            CannotJudge: the subject does not come; it may come later.
        """
        # A product stands in one lane at a time, and a lane's rules judge whatever is recorded while it is open.
        for other in list(self._lanes.values()):
            await self._close(other)
        self._opened += 1
        workdir = self._workdir / f"lane-{self._opened}"
        workdir.mkdir(parents=True, exist_ok=True)
        lane = self._suites[cast.protocol].lane(cast, self.recorder, workdir)
        self._rules |= {rule.id: rule for rule in lane.judge.rules}
        self._lanes[key], self._casts[lane] = lane, cast
        self._deaf[lane] = self.recorder.subscribe(partial(self._feed, lane))
        try:
            await lane.open()
        except HarnessError as error:
            if not lane.fresh:
                self._unopened[key] = error
            await self._close(lane)
            raise
        except BaseException:
            await self.release(lane)
            raise
        return lane

    def ended(self, outcome: Outcome) -> None:
        """Take note of how a case has ended: a subject without a sign of life is given up after some cases.

        Reference actors, and what stands in for them, are not: they live for one case only.
        """
        lane = self._lanes.get(self._current) if self._current else None
        if lane is None or lane.fresh or self._current is None:
            return
        dead = self._unprepared or lane.silent
        if dead and outcome.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
            self._dead[self._current] += 1
        elif outcome.verdict.judged and outcome.verdict is not Verdict.ERROR:
            self._dead[self._current] = 0
        if self._dead[self._current] == PATIENCE:
            how = "could not be brought to where a case begins" if self._unprepared else "answered nothing"
            what = f"the {outcome.role} {how} in {PATIENCE} cases in a row"
            self._given_up[self._current] = f"not run: {what}; the last, {outcome.case}: {outcome.reason}"
            self.recorder.record(Note(topic=GIVEN_UP, text=f"{what}: the other cases are not run"))

    async def release(self, lane: Lane) -> None:
        """Close a lane that was opened for one case only; keep the others."""
        if lane.fresh:
            await self._close(lane)

    async def close(self) -> None:
        """Close every lane, and record how often each rule had something to judge."""
        for lane in list(self._lanes.values()):
            await self._close(lane)
        for rule in self._rules.values():
            cites = tuple(dict.fromkeys(r for v in self._versions & set(rule.requirements) for r in rule.requirements[v]))
            self.recorder.record(RuleEvent(rule=rule.id, inspected=self._inspected[rule.id], requirements=cites))

    async def _close(self, lane: Lane) -> None:
        self._lanes = {key: other for key, other in self._lanes.items() if other is not lane}
        try:
            await lane.close()
        finally:
            self._deaf.pop(lane)()
            self._found(lane, lane.judge.finish())
            self._inspected.update(lane.judge.inspected())

    def _feed(self, lane: Lane, event: Event) -> None:
        self._found(lane, lane.judge.feed(event))

    def _found(self, lane: Lane, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding.party and finding.party not in self._casts[lane].judged:
                continue
            self.recorder.record(FindingEvent(msgspec.structs.replace(finding, case=self._case)))
