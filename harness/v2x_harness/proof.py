"""Proof that the judgement can fail: cases and rules against controls, seeded faults and good peers, and the score."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from v2x_harness.case import Case
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.pics import Pics
from v2x_harness.protocol import Cast, ProtocolSuite
from v2x_harness.rule import RuleInfo
from v2x_harness.running import Outcome
from v2x_harness.verdict import Verdict

# So many good peers a case meets in a targeted proof, in turn, so that each peer meets its share of the cases.
_GOOD_PEERS = 2


class Variant(msgspec.Struct, frozen=True):
    """What stands in the subject's place in a proof."""

    what: Fault | Control | GoodPeer

    @property
    def id(self) -> str:
        """Id of the fault, control or good peer."""
        return self.what.id

    def into(self, cast: Cast) -> Cast:
        """Return the cast with this in the subject's place."""
        if isinstance(self.what, GoodPeer):
            return msgspec.structs.replace(cast, good=self.what, subject=cast.subject.varied(self.what.pics, self.what.pixit))
        if isinstance(self.what, Fault) and (self.what.pics or self.what.pixit):
            return msgspec.structs.replace(cast, bad=self.what, subject=cast.subject.varied(self.what.pics, self.what.pixit))
        return msgspec.structs.replace(cast, bad=self.what)


def variants_of(case: Case, suite: ProtocolSuite, *, full: bool) -> list[Variant]:
    """Return what a case must be run against: of the good peers, those that it applies to.

    Args:
        full: every fault of its role and version, not only those it must notice; and every good peer, not only a few in turn.
    """

    def fits(what: Fault | Control | GoodPeer) -> bool:
        return (what.role, what.protocol, what.version) == (case.role, case.protocol, case.version)

    faults = [f for f in suite.faults() if fits(f) and (full or case.id in f.cases or case.id in f.drive)]
    reference = suite.reference(case.role, case.version)
    good = [g for g in suite.good_peers() if fits(g) and (not g.cases or case.id in g.cases)]
    good = [g for g in good if Pics({**reference.pics, **g.pics}).applies(case.applies)[0]]
    if not full and len(good) > _GOOD_PEERS:
        first = zlib.crc32(case.id.encode()) % len(good)
        good = [good[(first + k) % len(good)] for k in range(_GOOD_PEERS)]
    controls = [c for c in suite.controls() if fits(c)]
    chosen: list[Fault | Control | GoodPeer] = [*good, *controls, *faults]
    return [Variant(what) for what in chosen]


class Survivor(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that a case or rule should have noticed and did not, with what it said instead."""

    fault: str
    by: str
    reason: str


class FalsePass(msgspec.Struct, frozen=True, kw_only=True):
    """A case that passed on a control which does not meet what the case verifies."""

    control: str
    case: str


class FalseAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """A case or rule that found something on a good peer."""

    peer: str
    case: str
    source: str
    requirement: str
    text: str


class Score(msgspec.Struct, kw_only=True):
    """What a proof came to.

    Attributes:
        faults: how many seeded faults there are.
        killed: of those, noticed by every case and rule they name, citing what they violate.
        met: passes on controls that a written reason explains: control, case, reason.
        requirements_killed: requirement ids cited in at least one kill; ``requirements`` how many cases and rules cite at all.
        errors: crashes of ours, which are never kills.
    """

    faults: int = 0
    killed: int = 0
    survivors: list[Survivor] = []
    false_passes: list[FalsePass] = []
    false_alarms: list[FalseAlarm] = []
    cases: int = 0
    rules: int = 0
    cases_without_kill: list[str] = []
    rules_without_kill: list[str] = []
    met: list[tuple[str, str, str]] = []
    requirements: int = 0
    requirements_killed: list[str] = []
    errors: list[str] = []
    runs: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing stands against the suite."""
        return not (
            self.survivors
            or self.false_passes
            or self.false_alarms
            or self.cases_without_kill
            or self.rules_without_kill
            or self.errors
        )


def _concerned(
    outcomes: Sequence[Outcome], faults: Mapping[str, Fault], cases: Mapping[str, Case], rules: Mapping[str, RuleInfo]
) -> tuple[dict[str, Fault], dict[str, Case], dict[str, RuleInfo]]:
    """Return the faults, cases and rules that some runs of a proof can say something about.

    A fault counts with those of its cases that met it, and with its rules when every case that is to show it to them was run. A
    case counts when it met a fault that names it, or when no fault does; a rule when a fault that names it counts.
    """
    ran = {(outcome.variant, outcome.case) for outcome in outcomes}
    met: dict[str, Fault] = {}
    for fault in faults.values():
        shown = all((fault.id, case) in ran for case in (*fault.cases, *fault.drive))
        own = tuple(case for case in fault.cases if (fault.id, case) in ran)
        if own or (shown and fault.rules):
            met[fault.id] = msgspec.structs.replace(fault, cases=own, rules=fault.rules if shown else ())
    named = {case for fault in faults.values() for case in fault.cases}
    judged = {case for fault in met.values() for case in fault.cases}
    driven = {case for _, case in ran if case in judged or case not in named}
    heard = {rule for fault in met.values() for rule in fault.rules}
    return met, {c: cases[c] for c in cases if c in driven}, {r: rules[r] for r in rules if r in heard}


def score(outcomes: Iterable[Outcome], suites: Sequence[ProtocolSuite], *, selected: bool = False) -> Score:
    """Score the outcomes of a proof.

    Only a FAIL of the case itself, citing a requirement that the fault violates, kills the fault for that case; only a finding
    of the rule itself, citing one, kills it for that rule. Neither does when it blames another party than the fault's role.

    Args:
        selected: only some runs of the proof were made; what they do not concern is left out of the score.
    """
    outcomes = list(outcomes)
    faults = {f.id: f for s in suites for f in s.faults()}
    controls = {(c.role, c.version, c.id): c for s in suites for c in s.controls()}
    good = {g.id for s in suites for g in s.good_peers()}
    known = {c.id: c for s in suites for c in s.cases()}
    cases = known
    rules: dict[str, RuleInfo] = {r.id: r for s in suites for r in s.rules()}
    if selected:
        faults, cases, rules = _concerned(outcomes, faults, known, rules)
    result = Score(faults=len(faults), cases=len(cases), rules=len(rules))
    case_kills: dict[str, set[str]] = {}
    rule_kills: dict[str, set[str]] = {}
    said: dict[tuple[str, str], str] = {}
    cited: set[str] = set()
    for outcome in outcomes:
        result.runs += 1
        name, case = outcome.variant, known[outcome.case]
        if outcome.verdict is Verdict.ERROR:
            result.errors.append(f"{outcome.case} on {name}: {outcome.reason}")
        if fault := faults.get(name):
            violated = frozenset(fault.violates)
            said[name, outcome.case] = f"{outcome.verdict}: {outcome.reason}"
            for finding in outcome.findings:
                if not finding.cites & violated or finding.party not in ("", fault.role):
                    continue
                if finding.source == outcome.case and outcome.verdict is Verdict.FAIL:
                    case_kills.setdefault(outcome.case, set()).add(name)
                    cited |= finding.cites & violated
                elif finding.source.startswith("rule:"):
                    rule_kills.setdefault(finding.source.removeprefix("rule:"), set()).add(name)
                    cited |= finding.cites & violated
        elif control := controls.get((case.role, case.version, name)):
            if outcome.verdict in (Verdict.PASS, Verdict.WARN):
                if reason := control.met.get(outcome.case):
                    result.met.append((name, outcome.case, reason))
                else:
                    result.false_passes.append(FalsePass(control=name, case=outcome.case))
        elif name in good:
            result.false_alarms += [
                FalseAlarm(peer=name, case=outcome.case, source=f.source, requirement=f.requirement, text=f.text)
                for f in outcome.findings
            ]
            # A case finds out itself where a configuration that it needs is left to the station.
            if outcome.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE) and not outcome.findings:
                text = f"{outcome.verdict}: {outcome.reason}"
                result.false_alarms.append(FalseAlarm(peer=name, case=case.id, source=case.id, requirement="", text=text))
    for fault in faults.values():
        missed = [c for c in fault.cases if fault.id not in case_kills.get(c, ())]
        quiet = [r for r in fault.rules if fault.id not in rule_kills.get(r, ())]
        result.survivors += [Survivor(fault=fault.id, by=c, reason=said.get((fault.id, c), "not run")) for c in missed]
        result.survivors += [
            Survivor(fault=fault.id, by=f"rule:{r}", reason="the rule found nothing that cites it") for r in quiet
        ]
        result.killed += not (missed or quiet) and bool(fault.cases or fault.rules)
    result.cases_without_kill = sorted(set(cases) - set(case_kills))
    result.rules_without_kill = sorted(set(rules) - set(rule_kills))
    everything = {r for c in cases.values() for r in c.verifies}
    everything |= {r for rule in rules.values() for ids in rule.requirements.values() for r in ids}
    result.requirements, result.requirements_killed = len(everything), sorted(cited)
    return result
