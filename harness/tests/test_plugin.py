"""Cases as pytest tests: how each way that a case can end becomes a verdict, in a miniature protocol without a wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from v2x_harness import plugin, protocol
from v2x_harness.case import Case
from v2x_harness.errors import SubjectError
from v2x_harness.events import CaseEvent, Event, Frame, Note
from v2x_harness.executing import Collected
from v2x_harness.fault import Control, Family, Fault, GoodPeer
from v2x_harness.finding import Finding, Layer
from v2x_harness.journal import Journal, Recorder
from v2x_harness.proof import Score, Variant, score, variants_of
from v2x_harness.protocol import Cast
from v2x_harness.requirement import Registry
from v2x_harness.rule import RuleInfo
from v2x_harness.subject import OperatorSpec, Role, Subject
from v2x_harness.verdict import Verdict

pytest_plugins = ["pytester"]

RULE = RuleInfo(
    id="mini.shout", protocol="mini", layer=Layer.FORMAT, requirements={"1": ("M.3",)}, parties=("station",), text="no !"
)


class MiniJudge:
    """Finds fault with every frame that shouts."""

    rules: Sequence[RuleInfo] = (RULE,)
    versions = ("1",)

    def __init__(self) -> None:
        self.count = 0

    def feed(self, event: Event) -> Iterable[Finding]:
        if isinstance(event, Frame):
            self.count += 1
            if "!" in event.raw:
                yield Finding(requirement="M.3", text="it shouts", source="rule:mini.shout", party="station", layer=Layer.FORMAT)

    def finish(self) -> Iterable[Finding]:
        return ()

    def inspected(self) -> dict[str, int]:
        return {"mini.shout": self.count}


class MiniLane:
    """A station that says one word."""

    fresh = True

    def __init__(self, cast: Cast, recorder: Recorder) -> None:
        self.judge = MiniJudge()
        self._bad = getattr(cast.bad, "id", "")
        self.recorder = recorder
        self.word = {"mute": "", "wrong-word": "good-bye"}.get(self._bad, "hello")
        self.dead = False

    async def open(self) -> None:
        raw = self.word + ("!" if self._bad == "shouts" else "")
        self.recorder.record(Frame(link="l", sender="station", to="csms", raw=raw, media="text"))

    async def prepare(self) -> None:
        pass

    def check(self) -> None:
        pass

    @property
    def silent(self) -> bool:
        return False

    async def alive(self) -> Finding | None:
        return Finding(requirement="M.9", text="it is dead", layer=Layer.LIVENESS) if self.dead else None

    async def close(self) -> None:
        pass


class MiniSuite:
    name = "mini"
    packages: Sequence[str] = ()

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        return ()

    def registries(self) -> Sequence[Registry]:
        return ()

    def cases(self) -> Sequence[Case]:
        return [Case(id="M_1", verifies=("M.1",), role="station", protocol="mini", version="1")]

    def rules(self) -> Sequence[RuleInfo]:
        return MiniJudge.rules

    def judge(self, version: str | None = None) -> MiniJudge:
        return MiniJudge()

    def faults(self) -> Sequence[Fault]:
        where = {"role": "station", "protocol": "mini", "version": "1"}
        return [
            Fault(id="wrong-word", family=Family.SEMANTIC, violates=("M.1",), text="", cases=("M_1",), **where),
            Fault(id="shouts", family=Family.WIRE, violates=("M.3",), text="", rules=("mini.shout",), drive=("M_1",), **where),
            Fault(id="unnoticed", family=Family.SEMANTIC, violates=("M.1",), text="", cases=("M_1",), **where),
        ]

    def controls(self) -> Sequence[Control]:
        return [Control(id="mute", role="station", protocol="mini", version="1", text="")]

    def good_peers(self) -> Sequence[GoodPeer]:
        where = {"role": "station", "protocol": "mini", "version": "1", "text": ""}
        return [GoodPeer(id="plain", **where), GoodPeer(id="less", pics={"YES": False}, pixit={"settle": 2, "n": 5}, **where)]

    def reference(self, role: str, version: str) -> Subject:
        plays = Role(role=role, protocol="mini", versions=(version,))
        return Subject(name="mini", roles=(plays,), pics={"YES": True, "NO": False}, operator=OperatorSpec(kind="reference"))

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> MiniLane:
        return MiniLane(cast, recorder)

    def quantities(self) -> None:
        return None

    def secrets(self) -> Sequence[str]:
        return ()


@pytest.fixture
def mini(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> pytest.Pytester:
    for module in (plugin, protocol):
        monkeypatch.setattr(module, "protocols", lambda: {"mini": MiniSuite()})
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def anyio_backend(v2x):
            return "asyncio"
        """
    )
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p no:hypothesispytest --import-mode=importlib\n")
    return pytester


HEAD = """
import pytest
from v2x_harness.blocks import CannotJudge, DoesNotApply, NotSeen, requirement
from v2x_harness.case import Suite
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.field import Field
from v2x_harness.finding import Axis

case = Suite("mini", "1", "station")
"""

ENDINGS = {
    "pass": ('with requirement("M.1"):\n        assert True', Verdict.PASS),
    "fail": ('with requirement("M.1"):\n        assert lane.word == "good-bye"', Verdict.FAIL),
    "compatibility": ('with requirement("M.1", axis=Axis.COMPATIBILITY):\n        assert False', Verdict.WARN),
    "soft, then goes on": ('with requirement("M.1"):\n        assert False\n    lane.went_on = True', Verdict.FAIL),
    "hard": ('with requirement("M.1", hard=True):\n        assert False\n    raise RuntimeError', Verdict.FAIL),
    "not seen in a block": ('with requirement("M.1"):\n        raise NotSeen("nothing came")', Verdict.FAIL),
    "not seen outside a block": ('raise NotSeen("nothing came")', Verdict.INCONCLUSIVE),
    "left to the subject": ('raise DoesNotApply("it need not")', Verdict.NOT_APPLICABLE),
    "precondition": ('raise CannotJudge("no way there")', Verdict.INCONCLUSIVE),
    "failed before it was cut short": (
        'with requirement("M.1"):\n        assert False\n    raise CannotJudge("no further")',
        Verdict.FAIL,
    ),
    "operator cannot": ('raise UnsupportedVerb("plug_in")', Verdict.BLOCKED),
    "adapter broke": ('raise AdapterError("it died")', Verdict.ERROR),
    "crash of ours": ('raise RuntimeError("oops")', Verdict.ERROR),
    "judged nothing": ("pass", Verdict.ERROR),
    "judged what it does not list": ('with requirement("M.2"):\n        pass', Verdict.ERROR),
    "dead at the end": ('lane.dead = True\n    with requirement("M.1"):\n        assert True', Verdict.FAIL),
}


def run(mini: pytest.Pytester, body: str, *arguments: str, decorator: str = '@case("M_1", verifies="M.1")') -> Collected:
    mini.makepyfile(test_mini=f'{HEAD}\n{decorator}\nasync def test_it(lane):\n    """It says hello."""\n    {body}\n')
    collected = Collected(lambda outcome, left: None)
    mini.inline_run("--subject", "reference:station@1/mini", *arguments, plugins=[collected])
    return collected


@pytest.mark.parametrize(("body", "verdict"), ENDINGS.values(), ids=ENDINGS)
def test_every_ending_becomes_its_verdict(mini: pytest.Pytester, body: str, verdict: Verdict) -> None:
    (outcome,) = run(mini, body).outcomes
    assert outcome.verdict is verdict, outcome.reason


def test_a_crash_leaves_its_trace_in_the_journal(mini: pytest.Pytester, tmp_path: Path) -> None:
    run(mini, 'raise RuntimeError("oops")', "--v2x-out", str(tmp_path / "out"))
    journal = Journal(tmp_path / "out" / "journal" / "lane-0.ndjson")
    notes = [e for e in journal.events(strict=True) if isinstance(e, Note)]
    assert any("RuntimeError: oops" in note.text for note in notes)


def test_a_failed_assertion_is_explained_with_its_values_and_its_place(mini: pytest.Pytester) -> None:
    body = 'word = Field({"word": "hello"}, 7, "/3").word\n    with requirement("M.1"):\n        assert word == "good-bye"'
    (outcome,) = run(mini, body).outcomes
    (finding,) = outcome.findings
    assert (finding.requirement, finding.source, finding.party) == ("M.1", "M_1", "station")
    assert (finding.location.frame, finding.location.pointer) == (7, "/3/word")
    assert (finding.expected, finding.seen) == ("'good-bye'", '"hello"')
    assert "good-bye" in finding.text


@pytest.mark.parametrize(
    ("applies", "verdict"), [("YES", Verdict.PASS), ("NO", Verdict.NOT_APPLICABLE), ("UNHEARD-OF", Verdict.SKIPPED)]
)
def test_pics_decide_and_unset_is_never_yes(mini: pytest.Pytester, applies: str, verdict: Verdict) -> None:
    decorator = f'@case("M_1", verifies="M.1", applies="{applies}")'
    (outcome,) = run(mini, 'with requirement("M.1"):\n        assert True', decorator=decorator).outcomes
    assert outcome.verdict is verdict


def test_verdict_and_requirements_stand_in_the_junit_properties(mini: pytest.Pytester, tmp_path: Path) -> None:
    run(mini, 'with requirement("M.1"):\n        assert True', "--junit-xml", str(tmp_path / "junit.xml"))
    properties = {p.get("name"): p.get("value") for p in ET.parse(tmp_path / "junit.xml").iter("property")}
    assert properties == {"verdict": "pass", "requirement M.1": "pass"}


def test_a_case_without_a_subject_says_what_it_needs(mini: pytest.Pytester) -> None:
    mini.makepyfile(test_mini=f'{HEAD}\n@case("M_1", verifies="M.1")\nasync def test_it(lane):\n    """It."""\n')
    mini.makeconftest("import pytest\n\n@pytest.fixture(scope='session')\ndef anyio_backend(v2x):\n    return 'asyncio'\n")
    result = mini.runpytest_inprocess()
    result.stdout.fnmatch_lines(["*give --subject subject.toml*"])


def test_a_mistake_in_the_subject_is_a_usage_error_without_a_trace(mini: pytest.Pytester) -> None:
    result = mini.runpytest_inprocess("--subject", "missing.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.no_fnmatch_line("*Traceback*")


def test_a_proof_scores_kills_survivors_false_passes_and_good_peers(mini: pytest.Pytester) -> None:
    body = 'with requirement("M.1"):\n        assert lane.word == "hello"'
    mini.makepyfile(test_mini=f'{HEAD}\n@case("M_1", verifies="M.1")\nasync def test_it(lane):\n    """It."""\n    {body}\n')
    collected = Collected(lambda outcome, left: None)
    mini.inline_run("--prove", "targeted", plugins=[collected])
    assert {o.variant: o.verdict for o in collected.outcomes} == {
        "plain": Verdict.PASS,
        "less": Verdict.PASS,
        "mute": Verdict.FAIL,
        "wrong-word": Verdict.FAIL,
        "shouts": Verdict.PASS,
        "unnoticed": Verdict.PASS,
    }
    result = score(collected.outcomes, [MiniSuite()])
    assert (result.faults, result.killed) == (3, 2)
    assert [(s.fault, s.by) for s in result.survivors] == [("unnoticed", "M_1")]
    assert [result.false_passes, result.false_alarms, result.cases_without_kill, result.rules_without_kill] == [[], [], [], []]
    assert not result.clean


def test_a_pass_on_a_control_is_a_false_pass(mini: pytest.Pytester) -> None:
    collected = Collected(lambda outcome, left: None)
    body = 'with requirement("M.1"):\n        assert True'
    mini.makepyfile(test_mini=f'{HEAD}\n@case("M_1", verifies="M.1")\nasync def test_it(lane):\n    """It."""\n    {body}\n')
    mini.inline_run("--prove", "targeted", plugins=[collected])
    result = score(collected.outcomes, [MiniSuite()])
    assert [(p.control, p.case) for p in result.false_passes] == [("mute", "M_1")]
    assert result.cases_without_kill == ["M_1"]


@pytest.mark.parametrize(
    ("applies", "met"), [("", ["plain", "less"]), ("YES", ["plain"]), ("not YES", ["less"]), ("NO", []), ("UNSET", [])]
)
def test_a_case_meets_the_good_peers_that_it_applies_to(applies: str, met: list[str]) -> None:
    case = msgspec.structs.replace(MiniSuite().cases()[0], applies=applies)
    assert [v.id for v in variants_of(case, MiniSuite(), full=True) if isinstance(v.what, GoodPeer)] == met


def test_a_good_peer_is_met_only_by_the_cases_that_it_is_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = MiniSuite()
    case, own = suite.cases()[0], [msgspec.structs.replace(each, cases=(each.id,)) for each in suite.good_peers()]
    monkeypatch.setattr(suite, "good_peers", lambda: [*own, msgspec.structs.replace(own[0], id="for it", cases=(case.id,))])
    assert [v.id for v in variants_of(case, suite, full=True) if isinstance(v.what, GoodPeer)] == ["for it"]


def test_a_good_peer_brings_pics_and_pixit_of_its_own() -> None:
    suite = MiniSuite()
    cast = Cast(subject=suite.reference("station", "1"), role="station", protocol="mini", version="1")
    subject = Variant(suite.good_peers()[1]).into(cast).subject
    assert subject.pics == {"YES": False, "NO": False}
    assert (subject.pixit.settle, subject.pixit.values) == (2.0, {"n": 5})
    with pytest.raises(SubjectError, match="pixit"):
        subject.varied({}, {"settle": "soon"})


def test_a_killing_finding_must_cite_what_the_fault_violates(mini: pytest.Pytester) -> None:
    outcome = msgspec.structs.replace(run(mini, 'with requirement("M.1"):\n        assert False').outcomes[0], variant="shouts")
    assert score([outcome], [MiniSuite()]).killed == 0


def test_a_killing_finding_must_blame_the_role_in_whose_place_the_fault_stands(mini: pytest.Pytester) -> None:
    """Whatever requirement of the fault's is cited: where the other side breaks it, the fault is not noticed."""
    body = 'with requirement("M.1"):\n        assert lane.word == "hello"'
    mini.makepyfile(test_mini=f'{HEAD}\n@case("M_1", verifies="M.1")\nasync def test_it(lane):\n    """It."""\n    {body}\n')
    collected = Collected(lambda outcome, left: None)
    mini.inline_run("--prove", "targeted", plugins=[collected])

    def survivors(party: str) -> set[str]:
        outcomes = [
            msgspec.structs.replace(each, findings=[msgspec.structs.replace(f, party=party) for f in each.findings])
            for each in collected.outcomes
        ]
        return {survivor.fault for survivor in score(outcomes, [MiniSuite()]).survivors}

    assert survivors("station") == survivors("") == {"unnoticed"}
    assert survivors("csms") == {"unnoticed", "shouts", "wrong-word"}


def test_the_journal_tells_the_whole_case(mini: pytest.Pytester, tmp_path: Path) -> None:
    run(mini, 'with requirement("M.1"):\n        assert True', "--v2x-out", str(tmp_path / "out"))
    events = list(Journal(tmp_path / "out" / "journal" / "lane-0.ndjson").events(strict=True))
    assert any(isinstance(e, CaseEvent) and e.case == "M_1" for e in events)


def test_a_proof_of_a_selection_leaves_out_what_was_not_run(mini: pytest.Pytester) -> None:
    body = 'with requirement("M.1"):\n        assert lane.word == "hello"'
    mini.makepyfile(test_mini=f'{HEAD}\n@case("M_1", verifies="M.1")\nasync def test_it(lane):\n    """It."""\n    {body}\n')
    collected = Collected(lambda outcome, left: None)
    mini.inline_run("--prove", "targeted", plugins=[collected])

    def of(*variants: str) -> Score:
        return score([o for o in collected.outcomes if o.variant in variants], [MiniSuite()], selected=True)

    one = of("wrong-word", "plain")
    assert (one.faults, one.killed, one.cases, one.rules, one.clean) == (1, 1, 1, 0, True)
    assert (of("shouts").rules, of("shouts").cases, of("shouts").clean) == (1, 0, True)
    assert [(s.fault, s.by) for s in of("unnoticed").survivors] == [("unnoticed", "M_1")]
    assert of("mute").clean
