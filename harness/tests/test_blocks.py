from __future__ import annotations

import asyncio

import pytest
from v2x_harness.blocks import Ledger, NotSeen, judging, requirement
from v2x_harness.errors import RegistryError
from v2x_harness.field import Field
from v2x_harness.finding import Axis, Layer, Location
from v2x_harness.verdict import Verdict

BOOT = Field({"reason": "Unknown"}, 4, "/3")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger("TC_X", ("R.1", "R.2", "R.3"), "station")


def test_a_block_without_failure_passes_its_requirements(ledger: Ledger) -> None:
    with judging(ledger), requirement("R.1", "R.2"):
        assert BOOT.reason == "Unknown"
    assert ledger.results == {"R.1": Verdict.PASS, "R.2": Verdict.PASS}
    assert ledger.findings == []
    assert ledger.verdict is Verdict.PASS


def test_a_failing_block_is_soft_and_says_where_it_looked(ledger: Ledger) -> None:
    with judging(ledger):
        with requirement("R.1", "R.2"):
            assert BOOT.reason == "PowerUp"
        with requirement("R.3"):
            pass
    assert ledger.results == {"R.1": Verdict.FAIL, "R.2": Verdict.FAIL, "R.3": Verdict.PASS}
    (finding,) = ledger.findings
    assert finding.requirement == "R.1"
    assert finding.also == ("R.2",)
    assert finding.location == Location(4, "/3/reason")
    assert (finding.expected, finding.seen) == ("'PowerUp'", '"Unknown"')
    assert (finding.source, finding.case, finding.party) == ("TC_X", "TC_X", "station")
    assert ledger.verdict is Verdict.FAIL


def test_a_hard_block_ends_the_case(ledger: Ledger) -> None:
    with pytest.raises(AssertionError), judging(ledger), requirement("R.1", hard=True):
        assert BOOT.reason == "PowerUp"
    assert ledger.results == {"R.1": Verdict.FAIL}


def test_a_look_before_the_block_does_not_explain_its_failure(ledger: Ledger) -> None:
    with judging(ledger):
        assert BOOT.reason == "Unknown"
        with requirement("R.1"):
            raise AssertionError
    assert ledger.findings[0].location == Location()
    assert ledger.findings[0].text == "the assertion failed"


def test_what_was_not_seen_explains_itself(ledger: Ledger) -> None:
    with judging(ledger), requirement("R.1"):
        raise NotSeen("no Heartbeat within 30 s", layer=Layer.TIMING, frame=9)
    (finding,) = ledger.findings
    assert finding.text == finding.expected == "no Heartbeat within 30 s"
    assert finding.seen == "nothing"
    assert finding.layer is Layer.TIMING
    assert finding.location == Location(9)


def test_compatibility_only_warns(ledger: Ledger) -> None:
    with judging(ledger), requirement("R.1", axis=Axis.COMPATIBILITY):
        assert BOOT.reason == "PowerUp"
    assert ledger.verdict is Verdict.WARN
    assert ledger.findings[0].axis is Axis.COMPATIBILITY


def test_a_requirement_that_failed_once_stays_failed(ledger: Ledger) -> None:
    with judging(ledger):
        with requirement("R.1"):
            assert BOOT.reason == "PowerUp"
        with requirement("R.1"):
            pass
    assert ledger.results == {"R.1": Verdict.FAIL}


def test_other_errors_pass_through_and_judge_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), judging(ledger), requirement("R.1"):
        _ = 1 // 0
    assert ledger.results == {}
    assert ledger.verdict is Verdict.NONE


def test_a_block_may_only_judge_what_its_case_says_it_verifies(ledger: Ledger) -> None:
    with pytest.raises(RegistryError, match=r"TC_X judges R\.9 but does not list it"), judging(ledger), requirement("R.1", "R.9"):
        pass


def test_a_block_outside_a_case_is_our_own_error() -> None:
    with pytest.raises(RegistryError, match="outside a case"), requirement("R.1"):
        pass


def test_cases_that_run_side_by_side_keep_ledgers_of_their_own() -> None:
    async def case(name: str, value: str) -> Ledger:
        ledger = Ledger(name, ("R.1",), "station")
        with judging(ledger):
            await asyncio.sleep(0)
            with requirement("R.1"):
                await asyncio.sleep(0)
                assert BOOT.reason == value
        return ledger

    async def both() -> list[Ledger]:
        return list(await asyncio.gather(case("A", "Unknown"), case("B", "PowerUp")))

    one, two = asyncio.run(both())
    assert (one.verdict, two.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert [f.case for f in two.findings] == ["B"]
