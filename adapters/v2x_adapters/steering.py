"""Interprets `Steer` programs: a frame comes in, commands come out. No sockets, no clock.

The first command says what becomes of the frame itself (`Forward`, `Hold` or `Drop`); what the tap is to do besides follows.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec
from v2x_harness.events import Json
from v2x_harness.pointer import PointerError, assign, remove, resolve
from v2x_harness.steer import Shape, Steer

CONTROL_LABELS = frozenset({"ping", "pong", "close"})


@dataclass(frozen=True, slots=True)
class Payload:
    """Something of the tap's making to send.

    Attributes:
        data: text, or the bytes of a binary message.
        shape: how it is put on the wire.
    """

    data: str | bytes
    shape: Shape = ""


@dataclass(frozen=True, slots=True)
class Forward:
    """Let the frame go on, after some seconds, with another payload if one is given."""

    after: float = 0.0
    payload: Payload | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the frame until the next one of the same sender has passed, or for so many seconds (0: as long as it takes)."""

    seconds: float = 0.0
    payload: Payload | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Let the frame vanish."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send something to a role after some seconds; ``payload`` is None for the frame itself once more."""

    to: str
    payload: Payload | None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection with a code after some seconds."""

    code: int = 1000
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Reset:
    """Abort the transport after some seconds."""

    after: float = 0.0


type Command = Forward | Hold | Drop | Send | Close | Reset
type Fate = Literal["forwarded", "dropped", "delayed", "rewritten"]

PASS: tuple[Command, ...] = (Forward(),)


def fate(command: Command) -> Fate:
    """Return the journal's word for what a first command makes of the frame."""
    match command:
        case Forward(payload=Payload()) | Hold(payload=Payload()):
            return "rewritten"
        case Forward(after=0.0):
            return "forwarded"
        case Forward() | Hold():
            return "delayed"
    return "dropped"


class Steering:
    """Runs one program of steps over the frames that pass one stage of a tap, and counts occurrences.

    Args:
        steps: the program.

    Raises:
        ValueError: a step's ``raw`` has a stray brace or is no hexadecimal where it must be, or a pointer is malformed.
    """

    def __init__(self, steps: Iterable[Steer] = ()) -> None:
        self._steps = [_Step(step) for step in steps]

    def __bool__(self) -> bool:
        return bool(self._steps)

    def take(self, sender: str, to: str, label: str, form: Json) -> tuple[Command, ...]:
        """Say what is to be done about a frame.

        Args:
            sender: role that sent it.
            to: role it is for.
            label: of the frame.
            form: its decoded form, or None.
        """
        payload: Payload | None = None
        after, hold = 0.0, None
        more: list[Command] = []
        # Each step counts for itself, whatever the others do to the frame.
        for step in [step for step in self._steps if step.fires(sender, label, form)]:
            what = step.what
            match what.do:
                case "delay":
                    after += what.seconds
                case "hold":
                    hold = what.seconds
                case "rewrite":
                    payload = step.rewritten(form, payload) or payload
                case "replace":
                    payload = step.filled(form)
                case "duplicate":
                    more += [Send(to, payload, after + what.seconds * (i + 1)) for i in range(what.times)]
                case "inject":
                    more.append(Send(what.to or to, step.filled(form), after + what.seconds))
                case "answer":
                    return Drop(), *more, Send(sender, step.filled(form), what.seconds)
                case "close":
                    return Drop(), *more, Close(what.code, what.seconds)
                case "reset":
                    return Drop(), *more, Reset(what.seconds)
                case "drop":
                    return Drop(), *more
        if hold is not None:
            return Hold(hold, payload), *more
        return Forward(after, payload), *more


class _Step:
    """One step, prepared, with its count."""

    def __init__(self, what: Steer) -> None:
        self.what = what
        self._seen = 0
        self._label: Callable[[str], object] = re.compile(fnmatch.translate(what.label)).match
        self._fill = _template(what.raw)
        if what.shape == "octets":
            bytes.fromhex(what.raw)
        for pointer in (*what.when, *what.set, *what.remove):
            if pointer[:1] not in ("", "/"):
                raise ValueError(f"a JSON pointer begins with a slash: {pointer!r}")

    def fires(self, sender: str, label: str, form: Json) -> bool:
        what = self.what
        if what.sender and what.sender != sender:
            return False
        if not (what.label == label if label in CONTROL_LABELS else self._label(label)):
            return False
        if not all(_stands(form, pointer, value) for pointer, value in what.when.items()):
            return False
        self._seen += 1
        if not (what.nth or what.from_nth):
            return True
        return self._seen == what.nth or 0 < what.from_nth <= self._seen

    def filled(self, form: Json) -> Payload:
        text = self._fill(form)
        return Payload(text.encode() if self.what.binary else text, self.what.shape)

    def rewritten(self, form: Json, before: Payload | None) -> Payload | None:
        """Return the frame with ``set`` and ``remove`` applied; None for a frame that is no JSON."""
        if before and isinstance(before.data, str):
            # An earlier step rewrote it already: this one goes on from there.
            try:
                form = msgspec.json.decode(before.data)
            except msgspec.DecodeError:
                return None
        if form is None:
            return None
        for pointer, value in self.what.set.items():
            form = _attempt(assign, form, pointer, value)
        for pointer in self.what.remove:
            form = _attempt(remove, form, pointer)
        text = msgspec.json.encode(form)
        return Payload(text if self.what.binary else text.decode(), self.what.shape)


def _attempt[*A](change: Callable[[Json, *A], Json], form: Json, *arguments: *A) -> Json:
    # A pointer that does not fit a frame leaves it alone: programs are written for many frames at once.
    try:
        return change(form, *arguments)
    except PointerError:
        return form


def _stands(form: Json, pointer: str, value: Json) -> bool:
    try:
        there = resolve(form, pointer)
    except PointerError:
        return False
    return there == value and isinstance(there, bool) == isinstance(value, bool)


_BRACES = re.compile(r"\{\{|\}\}|\{(\d+)\}|[{}]")


def _template(raw: str) -> Callable[[Json], str]:
    """Prepare a text with ``{0}``, ``{1}``… for the elements of the frame it is filled from."""
    pieces: list[str | int] = []
    end = 0
    for match in _BRACES.finditer(raw):
        pieces.append(raw[end : match.start()])
        end = match.end()
        if match[1]:
            pieces.append(int(match[1]))
        elif len(match[0]) == 2:
            pieces.append(match[0][0])
        else:
            raise ValueError(f"stray {match[0]!r} at {match.start()} in raw: write braces twice ({raw!r})")
    pieces.append(raw[end:])

    def fill(form: Json) -> str:
        return "".join(piece if isinstance(piece, str) else _element(form, piece) for piece in pieces)

    return fill


def _element(form: Json, index: int) -> str:
    """Return an element as it stands inside JSON: a string without its quotes, anything else encoded."""
    if not isinstance(form, list) or index >= len(form):
        return ""
    text = msgspec.json.encode(form[index]).decode()
    return text[1:-1] if isinstance(form[index], str) else text
