"""Sequences of legal and illegal operations on a station or a CSMS, as state machines that Hypothesis walks through.

A machine knows as much of the subject's state as it takes to tell what is legal, and does what is not, too. It sends nothing:
`sequences` has it write its steps down, so that every subject is put to the same ones, in a case that cannot wait for Hypothesis;
a test of ours does each step as it comes, and has Hypothesis shrink what fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from v2x_architecture.ocpp.versions import Version
from v2x_harness.events import Json

from v2x_suites.ocpp.drawing import bounded

# An EVSE or connector, a reservation, a charging profile, a transaction that no subject has.
NOWHERE = 97
NOTHING = 424_242
NO_TRANSACTION = "V2X-NO-SUCH-TRANSACTION"
# A token that no CSMS knows.
STRANGER = "V2X-STRANGER"
# Values of a payload that are known only when it is sent: the time then, an hour later, a token that the CSMS accepts, and the
# transaction that the station told of last.
NOW, LATER, TOKEN, TRANSACTION = "$now", "$later", "$token", "$transaction"
# What is done by hand and is no verb: nothing, for a moment.
PAUSE = "pause"
# So many more are drawn than asked for: the first is the simplest, one operation again and again; some come to an early end.
_SPARE = 3


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: a CALL to the subject, or something that a driver does at a station.

    Attributes:
        action: of the CALL, or the operator's verb when `by_hand`.
        payload: of the CALL, or the verb's arguments; texts that begin with ``$`` are known only when it is sent.
        gives: name, beginning with ``$``, for the transaction id in the answer.
        requirement: judged by the answer beyond what holds for every CALL; empty for none.
        statuses: what the answer may say; empty for anything.
    """

    action: str
    payload: Mapping[str, Json] = {}
    by_hand: bool = False
    gives: str = ""
    requirement: str = ""
    statuses: frozenset[str] = frozenset()

    def filled(self, known: Mapping[str, Json]) -> dict[str, Json]:
        """Return the payload with what is known by now."""
        filled = _fill(dict(self.payload), known)
        assert isinstance(filled, dict)
        return filled


class Machine(RuleBasedStateMachine):
    """Operations on one role in one version.

    Attributes:
        ending: steps that end each sequence: what every subject is judged by, and what leaves it at rest.
        steps: those performed so far.
    """

    ending: tuple[Step, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []

    def perform(self, step: Step) -> None:
        """Write a step down; a test does it, too."""
        self.steps.append(step)

    def call(self, action: str, /, **payload: Json) -> None:
        """Perform a CALL that needs nothing but a payload."""
        self.perform(Step(action=action, payload=payload))

    def by_hand(self, verb: str, /, **arguments: Json) -> None:
        """Perform what a driver does."""
        self.perform(Step(action=verb, payload=arguments, by_hand=True))


class DrivenMachine(Machine):
    """What a driver does at a station, whatever the version: with a cable, and with tokens that are known or not.

    Attributes:
        plugged: whether the EV is plugged in.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plugged = False

    @initialize(charging=st.booleans())
    def begin(self, charging: bool) -> None:
        """Begin with an EV at the plug whose driver is known, or with nothing."""
        if charging:
            self.plug_in()
            self.present_token(known=True)

    @rule()
    def pause(self) -> None:
        """Do nothing for a moment."""
        self.by_hand(PAUSE)

    @precondition(lambda self: not self.plugged)
    @rule()
    def plug_in(self) -> None:
        """Plug the EV in."""
        self.plugged = True
        self.by_hand("plug_in")

    @precondition(lambda self: self.plugged)
    @rule()
    def unplug(self) -> None:
        """Pull the cable out."""
        self.plugged = False
        self.by_hand("unplug")

    @precondition(lambda self: self.plugged)
    @rule(known=st.booleans())
    def present_token(self, known: bool) -> None:
        """Show the reader a token, and wait."""
        self.by_hand("present_token", id_token=TOKEN if known else STRANGER)
        # A reader that is shown a card again at once may take it for either: the end of the session, or the next one.
        self.pause()


def machine(version: Version, role: str) -> type[Machine]:
    """Return the machine of a role in a version."""
    room = import_module(f"v2x_suites.ocpp.v{version.replace('.', '')}.sequences")
    found: type[Machine] = {"station": room.StationMachine, "csms": room.CsmsMachine}[role]
    return found


@cache
def sequences(version: Version, role: str, count: int, steps: int, seed: int) -> Sequence[Sequence[Step]]:
    """Draw sequences of operations that depend on the seed only; each ends as its machine says."""
    written: list[list[Step]] = []

    kind = machine(version, role)
    writing = type("Writing", (kind,), {"teardown": lambda self: written.append([*self.steps, *kind.ending])})
    run_state_machine_as_test(writing, settings=bounded(count + _SPARE, f"{seed}/{version}/{role}", steps=steps))
    long = [each for each in written[1:] if len(each) > steps // 2]
    return long[:count]


def _fill(value: Json, known: Mapping[str, Json]) -> Json:
    if isinstance(value, dict):
        return {name: _fill(child, known) for name, child in value.items()}
    if isinstance(value, list):
        return [_fill(child, known) for child in value]
    return known.get(value, value) if isinstance(value, str) and value.startswith("$") else value
