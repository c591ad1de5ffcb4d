from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.verdict import Verdict

LATTICE = [Verdict.NONE, Verdict.PASS, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR]
BESIDE = [Verdict.NOT_APPLICABLE, Verdict.SKIPPED, Verdict.BLOCKED, Verdict.REVIEW]


def test_the_lattice_is_the_published_one() -> None:
    assert [v for v in Verdict if v.judged] == LATTICE
    assert [v for v in Verdict if not v.judged] == BESIDE


@given(st.sampled_from(LATTICE), st.sampled_from(LATTICE))
def test_a_verdict_can_only_get_worse(one: Verdict, two: Verdict) -> None:
    worse = one.worsened_by(two)
    assert LATTICE.index(worse) == max(LATTICE.index(one), LATTICE.index(two))
    assert worse is two.worsened_by(one)


@given(st.lists(st.sampled_from(LATTICE)), st.randoms())
def test_the_order_in_which_verdicts_come_does_not_matter(verdicts: list[Verdict], random: object) -> None:
    shuffled = list(verdicts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert reduce(Verdict.worsened_by, verdicts, Verdict.NONE) is reduce(Verdict.worsened_by, shuffled, Verdict.NONE)


@given(st.sampled_from(BESIDE), st.sampled_from(Verdict))
def test_what_stands_beside_the_lattice_is_not_worsened_and_worsens_nothing(beside: Verdict, other: Verdict) -> None:
    assert beside.worsened_by(other) is beside
    assert other.worsened_by(beside) is other


@pytest.mark.parametrize("verdict", Verdict)
def test_a_case_that_judged_nothing_is_the_harness_s_error(verdict: Verdict) -> None:
    assert verdict.settled is (Verdict.ERROR if verdict is Verdict.NONE else verdict)
