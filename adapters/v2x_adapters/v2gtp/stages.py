"""What passes the stages of a V2GTP link: messages, decoded by the state of the session, and what is none."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from v2x_harness.events import Frame, Json, LinkEvent, Note
from v2x_harness.journal import Recorder

from v2x_adapters.stages import TAP, Fate, Output, Parties, Program, Stages
from v2x_adapters.steering import Command, Drop, Forward, Hold, Payload
from v2x_adapters.v2gtp.reading import Reading, Unwritable
from v2x_adapters.v2gtp.units import Splitter, Unit


@dataclass(frozen=True, slots=True)
class Seen:
    """A unit with what the journal says of it."""

    unit: Unit
    label: str
    form: Json


class V2gtpStages(Stages[Seen]):
    """Carries the messages of one link through the stages.

    What a step or a case sends is text or octets. Text is a decoded form as `reading` has it, in JSON; with the shape ``octets``
    it is hexadecimal, and octets are sent as they are, whatever they may be. A form that stands for no octets, such as one with a
    value that the schema has no code for, is not sent, and a note in the journal says why: a message that was to be rewritten
    so is dropped.

    Args:
        link, parties, recorder, wall, program, output: as of `Stages`.
        reading: what the messages of this link mean.
    """

    def __init__(
        self,
        link: str,
        parties: Parties,
        recorder: Recorder,
        wall: Callable[[], str],
        program: Program,
        reading: Reading,
        output: Output,
    ) -> None:
        super().__init__(link, parties, recorder, wall, program, output)
        self._reading = reading
        self._arriving: Unit | None = None
        self._dropping: set[str] = set()

    def arrived(self, sender: str, unit: Unit, t: float = 0.0) -> None:
        """Take a unit as it came off the wire at `t` (seconds of the journal)."""
        if unit.tail:
            if sender not in self._dropping:
                self._output.write(self._parties.other(sender), unit.raw)
        else:
            self._dropping.discard(sender)
            self._t, self._arriving = t, unit
            self._pass(sender, self._seen(unit))
            self._t, self._arriving = 0.0, None

    def ended(self, by: str, code: int = 0, reason: str = "") -> None:
        """Record that the link was closed, unless that has been told already."""
        if not self.closed:
            self.closed = True
            self._recorder.record(LinkEvent(link=self._link, event="close", by=by, detail={"reason": reason} if reason else {}))

    def _feasible(self, sender: str, seen: Seen, commands: tuple[Command, ...]) -> tuple[Command, ...]:
        first = commands[0]
        if isinstance(first, Forward | Hold) and first.payload is not None:
            octets = self._coded(sender, first.payload)
            coded = Drop() if octets is None else replace(first, payload=Payload(octets))
            commands = coded, *commands[1:]
        if not (seen.unit.missing and seen.unit is self._arriving):
            return commands
        # The rest of it is still to come and passes unseen: it cannot be made to wait, and goes where the beginning goes.
        if not isinstance(commands[0], Forward):
            self._dropping.add(sender)
            return Drop(), *commands[1:]
        return Forward(payload=commands[0].payload), *commands[1:]

    def _seen(self, unit: Unit) -> Seen:
        meaning = self._reading.read(unit)
        return Seen(unit, meaning.label, meaning.form)

    def _record(self, sender: str, seen: Seen, how: Fate, of: int | None = None) -> int:
        frame = Frame(
            link=self._link,
            sender=sender,
            to=self._parties.other(sender),
            raw=base64.b64encode(seen.unit.raw).decode("ascii"),
            label=seen.label,
            media="binary",
            at=self._wall(),
            fate=how,
            decoded=seen.form,
            of=of,
            t=self._t,
        )
        return self._recorder.record(frame).n

    def _write(self, sender: str, seen: Seen) -> None:
        self._output.write(self._parties.other(sender), seen.unit.raw)

    def _coded(self, sender: str, payload: Payload) -> bytes | None:
        """Return the octets of something to send; None, with a note in the journal, where it stands for none."""
        try:
            return self.octets(payload)
        except Unwritable as error:
            text = f"what the {sender} was to be made to send is not sent: {error}"
            self._recorder.record(Note(topic=TAP, text=text, t=self._t))
            return None

    def _made(self, sender: str, payload: Payload) -> list[Seen]:
        octets = self._coded(sender, payload)
        if octets is None:
            return []
        splitter = Splitter()
        units = splitter.feed(octets)
        rest = splitter.rest()
        return [self._seen(unit) for unit in (*units, *((rest,) if rest else ()))]

    def octets(self, payload: Payload) -> bytes:
        """Return the octets of something to send.

        Raises:
            Unwritable: it stands for none.
        """
        try:
            if payload.shape == "octets":
                return bytes.fromhex(payload.data if isinstance(payload.data, str) else payload.data.decode())
            if isinstance(payload.data, bytes):
                return payload.data
            form: Json = msgspec.json.decode(payload.data)
        except ValueError as error:
            raise Unwritable(str(error)) from error
        return self._reading.write(form)
