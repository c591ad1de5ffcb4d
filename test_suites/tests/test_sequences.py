"""Our own actors stand sequences of operations, legal and not, which Hypothesis makes up as it goes, and shrinks if they fail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import Version
from v2x_harness.blocks import Ledger, judging
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Event, Header
from v2x_harness.fault import Fault
from v2x_harness.finding import Finding
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast
from v2x_suites.ocpp.drawing import bounded
from v2x_suites.ocpp.hardiness import Playing, lives
from v2x_suites.ocpp.lane import CsmsLane, StationLane
from v2x_suites.ocpp.robustness import Thrower
from v2x_suites.ocpp.sequences import Step, machine, sequences
from v2x_suites.ocpp.suite import PROTOCOL

ACTORS: list[tuple[Version, str]] = [("1.6", "station"), ("1.6", "csms"), ("2.0.1", "station"), ("2.0.1", "csms")]
VERIFIED = tuple({i for case in PROTOCOL.cases() if case.id.startswith("V2X_R_0") for i in case.verifies})
# What stands for what is known only when a step is done, where a step is looked at without doing it.
KNOWN = {"$now": "2026-03-01T12:00:00Z", "$later": "2026-03-01T13:00:00Z", "$token": "V2X-VALID"}


class Live:
    """A subject under operation, on a loop of its own in virtual time, which a machine drives step by step."""

    def __init__(self, cast: Cast, workdir: Path) -> None:
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.ledger = Ledger("V2X_R", VERIFIED, cast.role)
        self.found: list[Finding] = []
        self.runner.run(self._open(cast, workdir))

    async def _open(self, cast: Cast, workdir: Path) -> None:
        header = Header(run="sequences", started="2026-03-01T12:00:00.000000Z", clock="virtual")
        self.recorder = Recorder(None, header, asyncio.get_running_loop().time)
        self.lane = (
            StationLane(cast, self.recorder, workdir) if cast.role == "station" else CsmsLane(cast, self.recorder, workdir)
        )
        self.deaf = self.recorder.subscribe(self._judge)
        await self.lane.open()
        await self.lane.prepare()
        if isinstance(self.lane, CsmsLane):
            await self.lane.booted()
            await self.lane.operator.set_token("V2X-VALID", type=None if cast.version == "1.6" else "ISO14443")
        else:
            await self.lane.csms.set_token("V2X-VALID", type=None if cast.version == "1.6" else "ISO14443")
        self.playing = Playing(Thrower(self.lane))

    def _judge(self, event: Event) -> None:
        self.found += [f for f in self.lane.judge.feed(event) if f.party == self.lane.role]

    def play(self, step: Step) -> None:
        """Do a step; fail when anything is wrong with the subject."""
        self.runner.run(self._judged(self.playing.play, step))

    def end(self, ending: tuple[Step, ...]) -> None:
        """Do the last steps, and see whether the subject is alive."""
        for step in ending:
            self.play(step)
        self.runner.run(self._judged(self.playing.rest))
        self.runner.run(self._judged(lives, self.playing.thrower))

    async def _judged(self, act: Callable[..., Any], *arguments: object) -> None:
        with judging(self.ledger):
            await act(*arguments)
        assert [f.text for f in (*self.ledger.findings, *self.found)] == []

    def close(self) -> None:
        """Stop everything."""
        self.runner.run(self.lane.close())
        self.deaf()
        self.recorder.close()
        self.runner.close()


def operate(version: Version, role: str, workdir: Path, how: settings, fault: Fault | None = None) -> None:
    """Have Hypothesis operate a reference actor, or one with a fault."""
    cast = Cast(subject=PROTOCOL.reference(role, version), role=role, protocol="ocpp", version=version, bad=fault)
    kind = machine(version, role)
    rounds = iter(range(1_000_000))

    class Operating(kind):
        def __init__(self) -> None:
            super().__init__()
            folder = workdir / str(next(rounds))
            folder.mkdir()
            self.live = Live(cast, folder)
            self.failed = False

        def perform(self, step: Step) -> None:
            super().perform(step)
            self.failed = True
            self.live.play(step)
            self.failed = False

        def teardown(self) -> None:
            try:
                if not self.failed:
                    self.live.end(self.ending)
            finally:
                self.live.close()

    run_state_machine_as_test(Operating, settings=how)


def shrinking(count: int, seed: int, steps: int) -> settings:
    return settings(bounded(count, str(seed), steps=steps), phases=[Phase.generate, Phase.shrink])


@pytest.mark.parametrize(("version", "role"), ACTORS)
def test_an_actor_stands_what_comes_in_any_order(version: Version, role: str, tmp_path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        operate(version, role, tmp_path, shrinking(12, 1, 25))
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize(("version", "role"), ACTORS)
def test_an_actor_stands_a_night_of_it(version: Version, role: str, seed: int, tmp_path: Path, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        operate(version, role, tmp_path, shrinking(100, seed, 50))
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_what_fails_is_shrunk(tmp_path: Path) -> None:
    fault = next(f for f in PROTOCOL.faults() if f.id == "ocpp16.csms.stops-once")
    with pytest.raises(AssertionError, match="StopTransaction keeps to its schema, and is refused for its form") as caught:
        operate("1.6", "csms", tmp_path, shrinking(30, 1, 20), fault)
    assert "no. 3 of StartTransaction, StopTransaction, StopTransaction" in str(caught.value)


@pytest.mark.parametrize(("version", "role"), ACTORS)
def test_every_step_is_a_call_that_keeps_to_its_schema(version: Version, role: str) -> None:
    for seed in range(5):
        for steps in sequences(version, role, 5, 10, seed):
            for step in steps:
                known = {**KNOWN, **{f"$transaction-{k}": k for k in range(99)}, "$transaction": 7 if version == "1.6" else "T"}
                assert step.by_hand or schema.validate(version, step.action, "request", step.filled(known)) == [], step


@pytest.mark.parametrize(("version", "role"), ACTORS)
def test_sequences_are_as_many_as_asked_for_whatever_the_seed(version: Version, role: str) -> None:
    for seed in range(12):
        assert len(sequences(version, role, 5, 10, seed)) == 5


def test_a_call_that_meets_a_reset_put_off_is_no_finding(tmp_path: Path) -> None:
    cast = Cast(subject=PROTOCOL.reference("station", "2.0.1"), role="station", protocol="ocpp", version="2.0.1")
    live = Live(cast, tmp_path)
    clear = Step(action="ClearChargingProfile", payload={"chargingProfileId": 424_242})
    hands = [
        Step(action=verb, payload=payload, by_hand=True)
        for verb, payload in (
            ("plug_in", {}),
            ("present_token", {"id_token": "V2X-VALID"}),
            ("pause", {}),
            ("unplug", {}),
            ("plug_in", {}),
        )
    ]
    try:
        for step in (
            *hands[:3],
            Step(action="Reset", payload={"type": "OnIdle"}),
            clear,
            hands[3],
            *[clear] * 4,
            hands[4],
            clear,
        ):
            live.play(step)
        live.end(())
    finally:
        live.close()
