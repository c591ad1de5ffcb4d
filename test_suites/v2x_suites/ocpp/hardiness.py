"""What every robustness case judges alike, whatever the role and the version: the right refusal, and life afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from v2x_architecture.ocpp.codes import ErrorCode, allowed, meaning, spell
from v2x_architecture.ocpp.schema import is_valid
from v2x_harness.blocks import NotSeen, requirement
from v2x_harness.events import Json
from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.robustness import (
    ABOUT_FORM,
    Rubbish,
    Thrower,
    rubbish,
    unknown_actions,
    valid_calls,
    wrong_calls,
)
from v2x_suites.ocpp.rules.actions import MANDATORY
from v2x_suites.ocpp.sequences import NOTHING, Step, sequences
from v2x_suites.ocpp.watch import Message

# More than that is of no use: each CALL may cost a real product a tenth of a second.
WRONG_CALLS = 30
UNKNOWN_ACTIONS = 12
VALID_CALLS = 25
SEQUENCES = 5
STEPS = 10
# The clocks of a CSMS and of the harness may be apart by so much (s).
_CLOCKS_APART = 300.0
# Characters of an answer that a finding gives; the journal has all of it.
_SEEN = 200
# Of 1.6, where many products of the field take what is too long or too much: that is no finding there.
_FORGIVEN_IN_1_6 = ("length", "additional")


class Ids(msgspec.Struct, frozen=True):
    """The requirements of a version that the checks cite."""

    invalid: tuple[str, ...]
    code: str
    unknown: str
    orphan: str
    alive: str
    valid: str
    time: str


IDS = {
    "1.6": Ids(
        invalid=("OCPP-J-1.6#4.2.3.invalid",),
        code="OCPP-J-1.6#4.2.3",
        unknown="OCPP-J-1.6#4.2.3.unknown",
        orphan="OCPP-J-1.6#4.1.4",
        alive="OCPP-J-1.6#4.1.1",
        valid="OCPP-1.6#6",
        time="OCPP-1.6#4.6",
    ),
    "2.0.1": Ids(
        invalid=("OCPP-J-2.0.1#4.1.7.refused", "FR.03"),
        code="OCPP-J-2.0.1#4.3",
        unknown="OCPP-J-2.0.1#4.3.unknown",
        orphan="OCPP-J-2.0.1#4.1.4",
        alive="OCPP-J-2.0.1#4.1.4.answer",
        valid="OCPP-J-2.0.1#4.1.7",
        time="G02.FR.03",
    ),
}


async def refuses_wrong_calls(thrower: Thrower) -> None:
    """Judge how CALLs that break their schema are answered: by CALLERROR, with a code that fits."""
    ids, version = IDS[thrower.version], thrower.version
    silent: list[str] = []
    for wrong in thrower.examples(wrong_calls, WRONG_CALLS):
        forgiven = version == "1.6" and wrong.breach in _FORGIVEN_IN_1_6
        answer = await thrower.call(wrong.action, wrong.payload)
        if answer is None:
            # What breaks its schema may be dropped (OCPP-J 2.0.1, 4.2.3), so one example of it is enough.
            silent.append(wrong.action)
            break
        right = " or ".join(sorted(wrong.codes))
        with requirement(*ids.invalid, layer=Layer.SCHEMA):
            text = f"{wrong.action} ({wrong.breach}) is taken as if it were valid"
            demand(answer.is_error or forgiven, text, thrower, answer, expected=f"CALLERROR {right}")
        with requirement(ids.code, layer=Layer.FRAMING):
            fits = not answer.is_error or answer.code in wrong.codes
            text = f"{wrong.action} ({wrong.breach}) is refused with a code that says something else"
            demand(fits, text, thrower, answer, expected=f"CALLERROR {right}", layer=Layer.FRAMING)
    with requirement(*ids.invalid, axis=Axis.COMPATIBILITY):
        assert not silent, f"{silent[0]} with an invalid payload has no answer; its sender waits for it"
    await lives(thrower)


async def refuses_unknown_actions(thrower: Thrower) -> None:
    """Judge how actions that the version does not have are answered: NotImplemented."""
    ids = IDS[thrower.version]
    for action in thrower.examples(unknown_actions, UNKNOWN_ACTIONS):
        answer = await thrower.call(action, {})
        with requirement(ids.unknown, layer=Layer.FRAMING, hard=answer is None):
            right = spell(ErrorCode.NOT_IMPLEMENTED, thrower.version)
            text = f"{action}, which the version does not have, is not refused so"
            answer = answered(answer, action, thrower)
            demand(answer.code == right, text, thrower, answer, expected=f"CALLERROR {right}", layer=Layer.FRAMING)
    await lives(thrower)


async def bears_rubbish(thrower: Thrower) -> None:
    """Judge what is said to frames that are no messages: nothing, or a CALLERROR of the table, and never to an answer."""
    ids = IDS[thrower.version]
    for thrown in rubbish(thrower.version):
        start = len(thrower.lane.watch.items)
        await thrower.throw(thrown.data)
        answers = await thrower.answers_since(start)
        _judge_reaction(thrower, thrown, [(answer.kind, answer.message_id, answer.code) for answer in answers])
    with requirement(ids.orphan, layer=Layer.FRAMING):
        await _twice(thrower)
    await lives(thrower)


def _judge_reaction(thrower: Thrower, thrown: Rubbish, answers: list[tuple[str, str, str]]) -> None:
    ids, known = IDS[thrower.version], allowed(thrower.version)
    with requirement(ids.orphan, layer=Layer.FRAMING):
        reactions = [each for each in answers if thrown.answerable or each[1] == thrown.answer_id]
        assert thrown.answerable or not reactions, f"{thrown.text} was answered: {reactions[0]}"
    with requirement(ids.code, layer=Layer.FRAMING):
        strange = [code for kind, _, code in answers if kind == "CALLERROR" and code not in known]
        assert not strange, f"{thrown.text} was refused {strange[0]!r}, which the version does not have"


async def _twice(thrower: Thrower) -> None:
    """Send the same id twice: both CALLs have an answer, or the second is refused."""
    action, payload = ("Heartbeat", {}) if thrower.role == "csms" else ("DataTransfer", {"vendorId": "V2X"})
    first = await thrower.call(action, payload, message_id="V2X-TWICE")
    assert first is not None, f"{action} has no answer"
    await thrower.call(action, payload, message_id="V2X-TWICE")


async def takes_valid_calls(thrower: Thrower) -> None:
    """Judge how CALLs that keep to their schema are answered: as the schema of the answer has it, or refused for a reason."""
    ids, version = IDS[thrower.version], thrower.version
    must = MANDATORY[version, thrower.role]
    for action, payload in thrower.examples(valid_calls, VALID_CALLS):
        answer = await thrower.call(action, payload, within=thrower.subject.pixit.answer)
        with requirement(ids.alive, layer=Layer.TIMING, hard=answer is None):
            answer = answered(answer, action, thrower)
        with requirement(ids.valid, layer=Layer.SCHEMA):
            _fits_the_form(thrower, action, answer, known=action in must)
    await lives(thrower)


async def bears_sequences(thrower: Thrower) -> None:
    """Judge whether the subject stands sequences of operations, legal and not: each CALL is answered as it should be."""
    for steps in sequences(thrower.version, thrower.role, SEQUENCES, STEPS, thrower.seed):
        playing = Playing(thrower)
        for step in steps:
            await playing.play(step)
        await playing.rest()
        await lives(thrower)


class Playing:
    """One sequence of operations on a subject while it is played.

    Attributes:
        done: what was done so far, in words, for findings.
    """

    def __init__(self, thrower: Thrower) -> None:
        self.thrower = thrower
        self.done: list[str] = []
        self._given: dict[str, Json] = {}
        self._resets_since: int | None = None

    async def play(self, step: Step) -> None:
        """Do one step, and judge the answer."""
        thrower = self.thrower
        payload = step.filled(thrower.known() | self._given)
        self.done.append(step.action)
        if step.by_hand:
            await thrower.by_hand(step.action, payload)
            return
        if self._resets_since is not None and thrower.booted_since(self._resets_since):
            self._resets_since = None
        start = len(thrower.lane.watch.items)
        answer = await thrower.call(step.action, payload, within=thrower.subject.pixit.answer)
        if answer is None and self._resets_since is not None and thrower.hung_up_since(self._resets_since):
            # It was told to reset itself when it is idle; that moment has come between the CALL and its answer.
            await self.rest()
            return
        self._judge(step, payload, answer)
        if step.gives:
            given = answer.payload["transactionId"].peek() if answer else None
            self._given[step.gives] = given if isinstance(given, int) else NOTHING
        status = answer.payload["status"].peek() if answer and step.action == "Reset" else None
        if status == "Scheduled":
            self._resets_since = start
        elif status == "Accepted":
            await thrower.rebooted(start)

    async def rest(self) -> None:
        """Let the subject do what it has put off until it is idle."""
        if self._resets_since is not None:
            await self.thrower.rebooted(self._resets_since)
            self._resets_since = None

    def _judge(self, step: Step, payload: Mapping[str, Json], answer: Message | None) -> None:
        ids, version = IDS[self.thrower.version], self.thrower.version
        where = f"no. {len(self.done)} of {', '.join(self.done)}"
        with requirement(ids.alive, layer=Layer.TIMING, hard=answer is None):
            answer = answered(answer, f"{step.action}, {where},", self.thrower)
        with requirement(ids.valid, layer=Layer.SCHEMA):
            _fits_the_form(
                self.thrower, step.action, answer, known=step.action in MANDATORY[version, self.thrower.role], where=where
            )
        with requirement(ids.code, layer=Layer.FRAMING):
            fits = not answer.is_error or answer.code in allowed(version)
            text = f"{step.action} is refused with a code that the version does not have: {where}"
            demand(fits, text, self.thrower, answer, expected="a code of the version", layer=Layer.FRAMING)
        if step.requirement:
            with requirement(step.requirement):
                status = "" if answer.is_error else str(answer.payload["status"].peek())
                fits = not answer.is_error and (not step.statuses or status in step.statuses)
                text = f"{step.action} is not answered as its requirement has it: {where}"
                expected = " or ".join(sorted(step.statuses)) or "a CALLRESULT"
                demand(fits, text, self.thrower, answer, expected=expected, layer=Layer.SEMANTICS)


def _fits_the_form(thrower: Thrower, action: str, answer: Message, *, known: bool, where: str = "") -> None:
    """Judge the answer to a CALL that keeps to its schema: valid itself, or a refusal that is not about the form.

    Args:
        known: whether the subject must know the action.
        where: in which sequence, for findings.
    """
    context = f": {where}" if where else ""
    if answer.is_error:
        text = f"{action} keeps to its schema, and is refused for its form{context}"
        demand(meaning(answer.code) not in ABOUT_FORM, text, thrower, answer, expected="a CALLRESULT, or another code")
        text = f"{action} is not known, though every subject of its role must know it{context}"
        demand(
            not known or answer.code not in ("NotImplemented", "NotSupported"), text, thrower, answer, expected="an answer to it"
        )
    else:
        fits = is_valid(thrower.version, action, "response", answer.payload.peek())
        text = f"the answer to {action} breaks its schema{context}"
        demand(fits, text, thrower, answer, expected="a valid CALLRESULT")


def answered(answer: Message | None, what: str, thrower: Thrower) -> Message:
    """Return the answer to a CALL.

    Raises:
        NotSeen: there is none.
    """
    if answer is None:
        raise NotSeen(f"{what} has no answer ({thrower.by})", expected="an answer", layer=Layer.TIMING)
    return answer


def demand(fits: bool, text: str, thrower: Thrower, answer: Message, *, expected: str, layer: Layer = Layer.SCHEMA) -> None:
    """Say what is wrong with an answer, at its frame; what it answers stands before it in the journal.

    Raises:
        NotSeen: it does not fit.
    """
    if not fits:
        seen = f"CALLERROR {answer.code}" if answer.is_error else f"CALLRESULT {answer.payload.peek()}"
        raise NotSeen(f"{text} ({thrower.by})", expected=expected, seen=seen[:_SEEN], frame=answer.n, layer=layer)


async def lives(thrower: Thrower) -> None:
    """Judge whether the subject still does its work: a station reads its variable, a CSMS tells the time."""
    ids = IDS[thrower.version]
    with requirement(ids.alive, layer=Layer.LIVENESS, hard=True):
        answer = await thrower.probe()
        told = answer.payload.peek()
        assert is_valid(thrower.version, answer.action, "response", told), f"{answer.action} is answered {told}"
        if thrower.role == "station":
            assert "HeartbeatInterval" in str(told), f"{answer.action} of HeartbeatInterval is answered {told}"
    if thrower.role == "csms":
        with requirement(ids.time):
            now = datetime.fromisoformat(answer.at)
            off = abs((datetime.fromisoformat(str(answer.currentTime.peek())) - now).total_seconds())
            assert off < _CLOCKS_APART, f"the time is {answer.currentTime.peek()}, {off:.0f} s off"
