"""What is drawn while a case runs depends on its seed and on nothing else."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import Version
from v2x_suites.ocpp.drawing import bounded, draw
from v2x_suites.ocpp.robustness import HARMLESS, examples, unknown_actions, valid_calls, wrong_calls

ROLES: list[tuple[Version, str]] = sorted(HARMLESS)
KINDS = {
    "integers": st.integers(),
    "bounded integers": st.integers(3, 9),
    "integers from": st.integers(min_value=10**20),
    "integers to": st.integers(max_value=-(10**20)),
    "floats": st.floats(),
    "bounded floats": st.floats(-2.5, 2.5),
    "positive floats": st.floats(min_value=1e300, allow_infinity=False),
    "texts": st.text(),
    "bounded texts": st.text("abc", min_size=2, max_size=5),
    "bytes": st.binary(max_size=4),
    "booleans": st.booleans(),
    "choices": st.sampled_from("abcdef"),
    "lists": st.lists(st.integers(0, 5) | st.none(), max_size=4),
    "expressions": st.from_regex(r"[A-Z][a-z]{2,4}", fullmatch=True),
    "objects": st.fixed_dictionaries({"a": st.integers()}, optional={"b": st.text()}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_what_is_drawn(kind: str) -> None:
    strategy = KINDS[kind]
    first = draw(strategy, 30, "7")
    assert len(first) == 30
    assert repr(draw(strategy, 30, "7")) == repr(first)
    assert repr(draw(strategy, 30, "8")) != repr(first)


def test_what_a_strategy_does_not_allow_is_not_drawn() -> None:
    assert set(draw(st.integers(3, 9), 300, "1")) == set(range(3, 10))
    assert all(-2.5 <= x <= 2.5 for x in draw(KINDS["bounded floats"], 200, "1"))
    assert all(2 <= len(text) <= 5 and set(text) <= set("abc") for text in draw(KINDS["bounded texts"], 200, "1"))
    assert {len(chunk) for chunk in draw(KINDS["bytes"], 200, "1")} == set(range(5))


def test_other_loaded_modules_make_no_difference() -> None:
    program = (
        "import {modules}; from v2x_suites.ocpp.robustness import examples, wrong_calls;"
        "print([(w.action, w.payload) for w in examples(wrong_calls, '2.0.1', 'station', 20, 3)])"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program.format(modules=modules)], capture_output=True, check=True, text=True, timeout=60
        ).stdout
        for modules in ("sys", "v2x_suites.ocpp.lane, v2x_architecture.ocpp.station, v2x_harness.cli")
    ]
    assert told[0] == told[1]
    assert "SetVariables" in told[0]


@pytest.mark.parametrize(("version", "role"), ROLES)
def test_messages_are_what_they_are_said_to_be(version: Version, role: str) -> None:
    for action, payload in examples(valid_calls, version, role, 40, 5):
        assert schema.validate(version, action, "request", payload) == []
    for wrong in examples(wrong_calls, version, role, 40, 5):
        assert not schema.is_valid(version, wrong.action, "request", wrong.payload), wrong
        assert wrong.codes
    assert not set(examples(unknown_actions, version, role, 20, 5)) & schema.actions(version)


def test_sequences_are_drawn_from_the_seed_too() -> None:
    runs: list[list[int]] = []

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            runs.append([])

        @rule(number=st.integers(0, 1000))
        def step(self, number: int) -> None:
            runs[-1].append(number)

    for seed in ("1", "1", "2"):
        run_state_machine_as_test(Machine, settings=bounded(4, seed, steps=6))
    once, again, other = runs[:4], runs[4:8], runs[8:]
    assert once == again != other
    assert all(len(run) == 6 for run in once)
    assert all(a != b for a, b in pairwise(once[1:]))


def test_a_strategy_without_examples_is_a_mistake() -> None:
    with pytest.raises(HypothesisException):
        draw(st.nothing(), 3, "1")
