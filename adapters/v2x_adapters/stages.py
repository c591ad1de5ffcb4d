"""The stages a frame passes in a tap: *disguise* on the subject's side, record, *steer* on the other.

A frame of the subject is disguised, then recorded as if it had come so, then steered. A frame for the subject is recorded,
steered, then disguised. What `Steering` commands is carried out here, whatever a frame is made of; that, and how it is recorded
and written, each protocol's stages know. Sockets are elsewhere (`Output`), so that all of it is tested as a playbook.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol

from v2x_harness.events import Json
from v2x_harness.journal import Recorder
from v2x_harness.steer import Shape

from v2x_adapters.steering import CONTROL_LABELS, Close, Command, Drop, Forward, Hold, Payload, Reset, Send, Steering, fate
from v2x_adapters.toxics import Conditions

type Fate = Literal["forwarded", "dropped", "delayed", "rewritten", "injected"]

# Who closed a link, or refused one, when it was the tap itself.
TAP = "tap"


@dataclass(slots=True)
class Program:
    """What the two steerable stages of a tap do at present."""

    disguise: Steering = field(default_factory=Steering)
    steer: Steering = field(default_factory=Steering)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who stands at the ends of a link.

    Attributes:
        client: role that connects; ``server`` the role that listens.
        subject: the one of them that is disguised; empty for neither.
    """

    client: str
    server: str
    subject: str = ""

    def other(self, role: str) -> str:
        """Return the role at the other end."""
        return self.server if role == self.client else self.client


class Output(Protocol):
    """What the stages do to the world."""

    def write(self, to: str, wire: bytes) -> None:
        """Send octets to a role."""
        ...

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after some seconds, unless the link has ended by then."""
        ...

    def close(self, code: int) -> None:
        """Close the link in order towards both sides."""
        ...

    def reset(self) -> None:
        """Abort the link towards both sides."""
        ...


class Passing(Protocol):
    """A frame with what the journal says of it."""

    @property
    def label(self) -> str:
        """Its label."""
        ...

    @property
    def form(self) -> Json:
        """Its decoded form, or None."""
        ...


class Stages[S: Passing](ABC):
    """Carries the frames of one link through the stages.

    Args:
        link: id of the link.
        parties: who stands at its ends.
        recorder: keeps what was seen.
        wall: wall time, RFC 3339.
        program: what the steerable stages do; may change while the link lives.
        output: where commands take effect.
    """

    def __init__(
        self, link: str, parties: Parties, recorder: Recorder, wall: Callable[[], str], program: Program, output: Output
    ) -> None:
        self._link, self._recorder, self._wall = link, recorder, wall
        self._parties, self._program, self._output = parties, program, output
        self._t = 0.0
        """When what is on its way now came off the wire (seconds of the journal)."""
        self._held: dict[tuple[str, str], list[Callable[[], None]]] = {}
        self.conditions = Conditions()
        self.closed = False

    @abstractmethod
    def _record(self, sender: str, seen: S, how: Fate, of: int | None = None) -> int:
        """Keep a frame in the journal; return its number there."""

    @abstractmethod
    def _write(self, sender: str, seen: S) -> None:
        """Send a frame to its receiver."""

    @abstractmethod
    def _made(self, sender: str, payload: Payload) -> list[S]:
        """Return what a bystander would see of something made here, sent in a role's place."""

    @abstractmethod
    def ended(self, by: str, code: int = 1006, reason: str = "") -> None:
        """Record that the link was closed, unless that has been told already."""

    def inject(self, to: str, data: str | bytes, shape: Shape = "") -> None:
        """Send something of the harness's making to a role."""
        sender = self._parties.other(to)
        for seen in self._made(sender, Payload(data, shape)):
            self._record(sender, seen, "injected")
            self._deliver(sender, seen)

    def close(self, code: int, by: str) -> None:
        """Close the link in order; the journal says who did it."""
        self.ended(by, code)
        self._output.close(code)

    def reset(self, by: str, reason: str = "") -> None:
        """Abort the link; the journal says who did it."""
        self.ended(by, reason=reason)
        self._output.reset()

    def _pass(self, sender: str, seen: S) -> None:
        """Take a frame as it came."""
        if sender == self._parties.subject and self._program.disguise:
            self._disguise(sender, seen)
        else:
            self._observe(sender, seen)

    # The way of a frame: disguised and observed when the subject sent it, observed and disguised when it is for the subject.

    def _disguise(self, sender: str, seen: S) -> None:
        wanted = self._program.disguise.take(sender, self._parties.other(sender), seen.label, seen.form)
        commands = self._feasible(sender, seen, wanted)
        self._carry_out("disguise", commands, sender, seen, self._disguised, self._disguised)

    def _disguised(self, sender: str, seen: S) -> None:
        # What the disguise sends to the peer is the subject's doing; what it sends to the subject itself nobody sees.
        if sender == self._parties.subject:
            self._observe(sender, seen)
        else:
            self._write(sender, seen)

    def _observe(self, sender: str, seen: S) -> None:
        if not (self._program.steer or self.conditions):
            self._record(sender, seen, "forwarded")
            self._deliver(sender, seen)
            return
        # The journal tells what becomes of the frame, not what was wanted of it.
        commands = self._feasible(sender, seen, self._steered(sender, seen))
        how = fate(commands[0])
        n = self._record(sender, seen, "delayed" if how == "forwarded" and self.conditions.slow(sender) else how)

        def made(role: str, what: S) -> None:
            self._record(role, what, "injected", of=n)
            self._deliver(role, what)

        self._carry_out("steer", commands, sender, seen, self._deliver, made)

    def _steered(self, sender: str, seen: S) -> tuple[Command, ...]:
        """Return what the case does to a frame, and the network to what is left of it."""
        to = self._parties.other(sender)
        commands = self._program.steer.take(sender, to, seen.label, seen.form)
        first, more = commands[0], commands[1:]
        if not isinstance(first, Forward):
            return commands
        struck = self.conditions.strike(sender, to, control=seen.label in CONTROL_LABELS)
        if not struck:
            return commands
        # The network doubles what the case made of the frame, not what it was.
        copies = tuple(Send(to, first.payload, first.after) for _ in struck[1:])
        match struck[0]:
            case Drop():
                return Drop(), *more
            case Hold(seconds=seconds):
                return Hold(seconds, first.payload), *copies, *more
        return first, *copies, *more

    def _deliver(self, sender: str, seen: S) -> None:
        if sender != self._parties.subject and self._parties.subject and self._program.disguise:
            self._disguise(sender, seen)
        else:
            self._write(sender, seen)

    # Commands.

    def _carry_out(
        self,
        stage: str,
        commands: tuple[Command, ...],
        sender: str,
        seen: S,
        passes: Callable[[str, S], None],
        made: Callable[[str, S], None],
    ) -> None:
        by = self._parties.subject if stage == "disguise" else TAP
        waiting = self._held.pop((stage, sender), ())
        for command in commands:
            match command:
                case Forward(after=after, payload=None):
                    self._soon(after, partial(passes, sender, seen))
                case Forward(after=after, payload=Payload() as payload):
                    self._soon(after, partial(self._send, sender, payload, made))
                case Hold(seconds=seconds, payload=None):
                    self._hold(stage, sender, seconds, partial(passes, sender, seen))
                case Hold(seconds=seconds, payload=Payload() as payload):
                    self._hold(stage, sender, seconds, partial(self._send, sender, payload, made))
                case Send(after=after, payload=None):
                    self._soon(after, partial(made, sender, seen))
                case Send(to=role, after=after, payload=Payload() as payload):
                    self._soon(after, partial(self._send, self._parties.other(role), payload, made))
                case Close(code=code, after=after):
                    self._soon(after, partial(self.close, code, by))
                case Reset(after=after):
                    self._soon(after, partial(self.reset, by))
                case Drop():
                    pass
        for action in waiting:
            action()

    def _feasible(self, sender: str, seen: S, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        """Return of the commands what can be done to a frame: all of them, unless a protocol knows better."""
        return commands

    def _soon(self, seconds: float, action: Callable[[], None]) -> None:
        if seconds > 0:
            self._output.later(seconds, action)
        else:
            action()

    def _hold(self, stage: str, sender: str, seconds: float, action: Callable[[], None]) -> None:
        waiting = self._held.setdefault((stage, sender), [])
        waiting.append(action)
        if seconds > 0:

            def release() -> None:
                if action in waiting:
                    waiting.remove(action)
                    action()

            self._output.later(seconds, release)

    def _send(self, sender: str, payload: Payload, made: Callable[[str, S], None]) -> None:
        for seen in self._made(sender, payload):
            made(sender, seen)
