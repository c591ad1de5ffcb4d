"""Our side of a session as a case leads it: a reference EVCC for an SECC under test, a reference SECC for an EVCC under test.

It goes its own way up to a message that a case names; there it waits, so that the case can change that message, send another one
instead, or keep silent.

    await ev.plug_in()
    await ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-477"):
        answer = await ev.sends({"RequestedEnergyTransferMode": "DC_combo_core"})
        assert answer.code == "FAILED_WrongEnergyTransferMode"
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.evcc import Evcc
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.secc import Secc
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_harness.blocks import CannotJudge
from v2x_harness.events import Json, OperatorEvent
from v2x_harness.journal import Recorder
from v2x_harness.subject import Pixit

from v2x_suites.iso15118.desk import Desk
from v2x_suites.iso15118.editing import body_of, changed, schema_of
from v2x_suites.iso15118.samples import sample
from v2x_suites.iso15118.watch import Message, Watch

NO_SESSION = bytes(8).hex().upper()


class Tester(ABC):
    """What both of our sides have in common.

    Args:
        role: that is played.
        version: of the standard.
        watch: what the tap sees.
        recorder: where it is noted what our side was made to do.
        pixit: the subject's timers.
        clock: of the lane.
    """

    def __init__(self, role: str, version: str, watch: Watch, recorder: Recorder, pixit: Pixit, clock: Clock) -> None:
        self.role, self.version, self.watch, self.pixit = role, version, watch, pixit
        self._recorder, self._clock = recorder, clock
        self.desk: Desk | None = None

    @property
    def held(self) -> Send:
        """What our side wants to send, and has not.

        Raises:
            CannotJudge: nothing is held.
        """
        if self.desk is None or self.desk.held is None:
            raise CannotJudge(f"our {self.role.upper()} has nothing to send at this point")
        return self.desk.held

    @property
    def plain(self) -> dict[str, Json]:
        """The plain form of what is held: the request or response, without the header of the older editions.

        Raises:
            CannotJudge: nothing is held.
        """
        return body_of(self.held, schema_of(self.held, self.schemas))

    @property
    @abstractmethod
    def machine(self) -> Evcc | Secc | None:
        """The session's state machine; None before there is one."""

    @property
    def session_id(self) -> str:
        """SessionID of the session, in hexadecimal; zeros where there is none."""
        dialogue = self.machine.dialogue if self.machine is not None else None
        return dialogue.session_id.hex().upper() if dialogue is not None else NO_SESSION

    @property
    def schemas(self) -> Mapping[int, Schema]:
        """The grammars of what was negotiated, by payload type; of what comes first in our side's mind before that."""
        assert self.machine is not None
        dialogue = self.machine.dialogue
        return dialogue.application.schemas if dialogue is not None else self.machine.config.applications[0].schemas

    @property
    @abstractmethod
    def ending(self) -> str:
        """How the session of our side ended, in words; empty while it goes on."""

    async def until(self, name: str, nth: int = 1, *, within: float | None = None) -> Send:
        """Let our side go on up to its next message of this name, which is held.

        Args:
            name: of the request or response; any, when it is empty.
            nth: the how manieth from here.
            within: seconds; the subject's ``settle`` when None.

        Raises:
            CannotJudge: it does not come so far.
        """
        left = nth

        def reached(send: Send) -> bool:
            nonlocal left
            left -= name in ("", send.name)
            return left == 0

        start, limit = len(self.watch.items), within or self.pixit.settle
        desk = await self._connected(limit)
        if await desk.go_on(reached, seconds=limit) is None:
            why = self.ending or f"not within {limit:g} s"
            last = next((m.brief for m in reversed(self.watch.items[start:]) if isinstance(m, Message)), "nothing")
            there = f"our {self.role.upper()} did not get as far as {name or 'its next message'}"
            raise CannotJudge(f"{there}: {why}; the last message: {last}")
        return self.held

    async def goes_on(self, seconds: float) -> None:
        """Let our side go on for some time, or to its end."""
        desk = await self._connected(seconds)
        await desk.go_on(seconds=seconds)

    async def completes(self, within: float | None = None) -> None:
        """Let our side go on to the end of the session.

        Raises:
            CannotJudge: it does not end.
        """
        limit = within or self.pixit.settle
        desk = await self._connected(limit)
        await desk.go_on(seconds=limit)
        if not self.ending:
            raise CannotJudge(f"the session does not end within {limit:g} s")

    def say(self, send: Send) -> None:
        """Send a message."""
        self._desk.send(send)

    def put(
        self, change: Mapping[str, Json] | None = None, without: Sequence[str] = (), *, payload_type: int | None = None
    ) -> None:
        """Send what is held, with some of its fields otherwise.

        Args:
            change: pointers to new values, see `editing`.
            without: pointers of what is left out.
            payload_type: of V2GTP, where it is to be a wrong one.
        """
        held = self.held
        send = changed(held, schema_of(held, self.schemas), change, without) if change or without else held
        if payload_type is not None:
            send = Send(send.name, send.message, payload_type, send.payload)
        self.say(send)

    def put_other(
        self,
        name: str,
        change: Mapping[str, Json] | None = None,
        *,
        like: Mapping[str, Json] | None = None,
        session_id: str | None = None,
        without: Sequence[str] = (),
    ) -> None:
        """Send a message of this name instead of what is held.

        Args:
            name: of the message.
            change: pointers to values that are otherwise in it, see `editing`.
            like: what is in it but for that; a sample of ours when None.
            session_id: the session's when None.
            without: pointers of what is left out.
        """
        chosen = self.session_id if session_id is None else session_id
        send = sample(self.version, name, chosen, timestamp=int(self._clock.now().timestamp()))
        schema = schema_of(send, self.schemas)
        if like is not None:
            change = {**like, **(change or {})}
            without = (*without, *(body_of(send, schema).keys() - like.keys()))
        self.say(changed(send, schema, change, without) if change or without else send)

    def put_octets(self, payload: bytes, *, payload_type: int | None = None, header: bytes | None = None) -> None:
        """Send octets instead of what is held.

        Args:
            payload: behind the header.
            payload_type: of V2GTP; that of what is held, or the edition's, when None.
            header: 8 octets instead of a good header.
        """
        held = self.desk.held if self.desk is not None else None
        kind = payload_type if payload_type is not None else held.payload_type if held is not None else PayloadType.EXI
        self._desk.send_raw(header + payload if header is not None else encode(kind, payload))

    async def disconnect(self, *, abort: bool = False) -> None:
        """End the connection, if there is one."""
        if self.desk is not None:
            await self.desk.close(abort=abort)

    def note(self, verb: str, **arguments: Json) -> None:
        """Note in the journal what our side was made to do."""
        self._recorder.record(OperatorEvent(role=self.role, verb=verb, arguments=arguments))

    @property
    def _desk(self) -> Desk:
        if self.desk is None:
            raise CannotJudge(f"our {self.role.upper()} is not connected")
        return self.desk

    @abstractmethod
    async def _connected(self, within: float) -> Desk:
        """Return the connection; wait for it where it is the other side's to make."""
