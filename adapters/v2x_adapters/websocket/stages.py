"""What passes the stages of a WebSocket link: messages and control frames, deflated or not, and those too large to hold."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
from v2x_harness.events import Frame, Json, LinkEvent, Note
from v2x_harness.journal import Recorder

from v2x_adapters.stages import TAP, Fate, Output, Parties, Program, Stages
from v2x_adapters.steering import PASS, Command, Drop, Forward, Payload, Send
from v2x_adapters.websocket.dialect import Labeller
from v2x_adapters.websocket.wire import BINARY, TEXT, Reader, Unit, close_of, fragments, shaped


@dataclass(slots=True)
class _Seen:
    """A unit with what the journal says of it."""

    unit: Unit
    label: str
    raw: str = ""
    media: Literal["json", "text", "binary"] = "text"
    form: Json = None
    decoded: Json = None


class WebSocketStages(Stages[_Seen]):
    """Carries the units of one link through the stages.

    Args:
        link, parties, recorder, wall, program, output: as of `Stages`.
        labeller: of this link.
        limit: octets of a payload that are recorded.
    """

    def __init__(
        self,
        link: str,
        parties: Parties,
        recorder: Recorder,
        wall: Callable[[], str],
        program: Program,
        labeller: Labeller,
        output: Output,
        limit: int = 1 << 20,
    ) -> None:
        super().__init__(link, parties, recorder, wall, program, output)
        self._labeller, self._limit = labeller, limit
        self._arriving: Unit | None = None
        # Senders whose deflated messages are passed on inflated, whose large message is under way, whose one is dropped.
        self._inflated: set[str] = set()
        self._streaming: dict[str, list[_Seen]] = {}
        self._dropping: set[str] = set()

    def arrived(self, sender: str, unit: Unit, t: float = 0.0) -> None:
        """Take a unit as it came off the wire at `t` (seconds of the journal)."""
        self._t, self._arriving = t, unit
        if unit.kind == "tail":
            self._tail(sender, unit)
        else:
            seen = self._seen(sender, unit)
            if unit.cut:
                self._streaming[sender] = []
            self._pass(sender, seen)
        self._t, self._arriving = 0.0, None

    def ended(self, by: str, code: int = 1006, reason: str = "") -> None:
        """Record that the link was closed, unless a close frame told that already."""
        if not self.closed:
            self.closed = True
            self._link_event("close", by, {"code": code, "reason": reason})

    def _write(self, sender: str, seen: _Seen) -> None:
        unit, to = seen.unit, self._parties.other(sender)
        if sender in self._streaming and unit is not self._arriving:
            # In the middle of a large message nothing else can be sent.
            self._streaming[sender].append(seen)
        elif self.conditions.fragment(sender) or (unit.compressed and sender in self._inflated):
            self._write_anew(sender, unit)
        else:
            self._output.write(to, unit.wire)

    def _write_anew(self, sender: str, unit: Unit) -> None:
        """Send a message in frames of the tap's own: in fragments, or no longer deflated."""
        to, mask = self._parties.other(sender), sender == self._parties.client
        size, whole = self.conditions.fragment(sender), unit.size == len(unit.payload)
        opcode = TEXT if unit.kind == "text" else BINARY
        if unit.compressed and whole:
            self._inflated.add(sender)
            self._output.write(to, fragments(opcode, unit.payload, size or len(unit.payload) or 1, mask=mask))
        elif unit.compressed and sender in self._inflated:
            self.reset(TAP, f"a deflated message of {unit.size} octets cannot be passed on: those before it were steered")
        elif whole and size and unit.kind in ("text", "binary"):
            self._output.write(to, fragments(opcode, unit.payload, size, mask=mask))
        else:
            self._output.write(to, unit.wire)

    def _tail(self, sender: str, unit: Unit) -> None:
        if sender not in self._dropping:
            self._output.write(self._parties.other(sender), unit.wire)
        if not unit.size:
            self._dropping.discard(sender)
            for seen in self._streaming.pop(sender, ()):
                self._write(sender, seen)

    def _feasible(self, sender: str, seen: _Seen, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        if seen.unit.cut and seen.unit is self._arriving:
            commands = self._coarse(commands, sender)
        if seen.unit.compressed and commands != PASS:
            # The receiver's inflater misses this message or its place: later ones must not refer to it (RFC 7692 §7.2.3.2).
            self._inflated.add(sender)
        return commands

    def _coarse(self, commands: tuple[Command, ...], sender: str) -> tuple[Command, ...]:
        """Keep of the commands what can be done to a message too large to be held."""
        first = Forward() if not isinstance(commands[0], Drop) else commands[0]
        if isinstance(first, Drop):
            self._dropping.add(sender)
        return first, *(command for command in commands[1:] if not (isinstance(command, Send) and command.payload is None))

    def _made(self, sender: str, payload: Payload) -> list[_Seen]:
        """Return what a bystander would see of something made here, sent in a role's place."""
        masked = sender == self._parties.client
        reader = Reader(masked=masked, limit=self._limit)
        # What stays within the limit is looked at; a larger one follows unseen, as it would if the role had sent it.
        units = reader.feed(shaped(payload.data, payload.shape, mask=masked))
        rest = reader.rest()
        merged = _merged([*units, rest] if rest else units)
        return [self._seen(sender, unit) for unit in merged]

    # The journal.

    def _seen(self, sender: str, unit: Unit) -> _Seen:
        match unit.kind:
            case "text":
                return self._seen_text(sender, unit)
            case "binary":
                return _Seen(unit, self._labeller.label(sender, None), _base64(unit.payload), "binary")
            case "broken":
                label = self._labeller.label(sender, None)
                return _Seen(unit, label, _base64(unit.payload), "binary", decoded={"problem": unit.problem})
        return _Seen(unit, unit.kind)

    def _seen_text(self, sender: str, unit: Unit) -> _Seen:
        if unit.size != len(unit.payload):
            raw = unit.payload.decode(errors="ignore")
            return _Seen(unit, self._labeller.label(sender, None, raw[:400]), raw)
        try:
            raw = unit.payload.decode()
        except UnicodeDecodeError:
            decoded: Json = {"problem": "a text message is no UTF-8 (RFC 6455 §8.1)"}
            return _Seen(unit, self._labeller.label(sender, None), _base64(unit.payload), "binary", decoded=decoded)
        try:
            form: Json = msgspec.json.decode(unit.payload)
        except (msgspec.DecodeError, RecursionError):
            return _Seen(unit, self._labeller.label(sender, None), raw)
        return _Seen(unit, self._labeller.label(sender, form), raw, "json", form)

    def _record(self, sender: str, seen: _Seen, how: Fate, of: int | None = None) -> int:
        unit = seen.unit
        match unit.kind:
            case "ping" | "pong":
                detail: dict[str, Json] = {"payload": unit.payload.hex()}
                return self._link_event(unit.kind, sender, detail if how == "forwarded" else {**detail, "fate": how})
            case "close":
                if self.closed:
                    return 0
                self.closed = True
                code, reason = close_of(unit.payload)
                detail = {"code": code, "reason": reason}
                return self._link_event("close", sender, detail if how == "forwarded" else {**detail, "fate": how})
        recorded = self._recorder.record(
            Frame(
                link=self._link,
                sender=sender,
                to=self._parties.other(sender),
                raw=seen.raw,
                label=seen.label,
                media=seen.media,
                at=self._wall(),
                fate=how,
                decoded=seen.decoded,
                of=of,
                t=self._t,
            )
        )
        if unit.size != len(unit.payload):
            size = f"{unit.size}" if unit.size >= 0 else f"more than {len(unit.payload)}"
            text = f"frame {recorded.n} has {size} octets; the first {len(unit.payload)} are kept, all were passed on"
            self._recorder.record(Note(topic=TAP, text=text, t=self._t))
        return recorded.n

    def _link_event(self, event: Literal["ping", "pong", "close"], by: str, detail: dict[str, Json]) -> int:
        return self._recorder.record(LinkEvent(link=self._link, event=event, by=by, detail=detail, t=self._t)).n


def _base64(payload: bytes) -> str:
    return base64.b64encode(payload).decode("ascii")


def _merged(units: list[Unit]) -> list[Unit]:
    """Put the tails of large messages back on them: here nothing need be passed on in pieces."""
    merged: list[Unit] = []
    for unit in units:
        if unit.kind == "tail":
            merged[-1].wire += unit.wire
        else:
            merged.append(unit)
    return merged
