"""The hands of a case: the actors that it may operate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder
from v2x_harness.operator import Operator
from v2x_harness.subject import Pixit

from v2x_suites.acting import Actor
from v2x_suites.ocpp.watch import Message, Watch, answer_to


class StationOperator(Actor):
    """Makes a charging station act as its user, its driver and its installer would.

    Attributes:
        plugged: EVSEs where an EV has been plugged in and not pulled out again.
    """

    def __init__(self, role: str, operator: Operator, recorder: Recorder) -> None:
        super().__init__(role, operator, recorder)
        self.plugged: set[int] = set()

    async def do(self, verb: str, **arguments: Json) -> Mapping[str, Json]:
        """Perform a verb, and remember where an EV is left.

        Raises:
            UnsupportedVerb: the operator cannot.
            AdapterError: it failed.
        """
        result = await super().do(verb, **arguments)
        evse = arguments.get("evse", 1)
        if verb == "plug_in" and isinstance(evse, int):
            self.plugged.add(evse)
        elif verb == "unplug" and isinstance(evse, int):
            self.plugged.discard(evse)
        return result

    async def power_cycle(self) -> None:
        """Cut the power and give it back."""
        await self.do("power_cycle")

    async def plug_in(self, evse: int = 1, connector: int = 1, **vehicle: Json) -> None:
        """Plug the cable of an EV in; ``capacity_wh``, ``soc``, ``max_power_w``, ``phases`` describe the EV."""
        await self.do("plug_in", evse=evse, connector=connector, vehicle=vehicle or None)

    async def plug_in_speaking(
        self, evcc: Mapping[str, Json], vehicle: Mapping[str, Json], evse: int = 1, connector: int = 1
    ) -> None:
        """Plug in an EV that speaks ISO 15118.

        Args:
            evcc: how it speaks: ``protocols`` (``iso2``, ``iso20-ac``…), ``target_soc``, ``departure_s``…
            vehicle: ``capacity_wh``, ``soc``, ``max_power_w``, ``phases``.
            evse, connector: where.
        """
        await self.do("plug_in", evse=evse, connector=connector, vehicle=dict(vehicle), evcc=dict(evcc))

    async def ev_renegotiate(self, evse: int = 1, **needs: Json) -> None:
        """Have an EV that speaks ISO 15118 ask for a schedule anew; ``target_soc`` and ``departure_s`` change what it needs."""
        await self.do("ev_renegotiate", evse=evse, **needs)

    async def unplug(self, evse: int = 1) -> None:
        """Pull the cable out."""
        await self.do("unplug", evse=evse)

    async def present_token(self, id_token: str, type: str | None = None, evse: int = 1) -> None:  # noqa: A002
        """Hold an RFID card (or what `type` says) to the reader."""
        await self.do("present_token", id_token=id_token, type=type, evse=evse)

    async def press_stop(self, evse: int = 1) -> None:
        """Press the stop button."""
        await self.do("press_stop", evse=evse)

    async def ev_suspend(self, evse: int = 1) -> None:
        """Have the EV stop taking energy."""
        await self.do("ev_suspend", evse=evse)

    async def ev_resume(self, evse: int = 1) -> None:
        """Have the EV take energy again."""
        await self.do("ev_resume", evse=evse)

    async def set_fault(self, evse: int = 1, connector: int = 1, error_code: str = "OtherError") -> None:
        """Make a connector faulty."""
        await self.do("set_fault", evse=evse, connector=connector, error_code=error_code)

    async def clear_fault(self, evse: int = 1, connector: int = 1) -> None:
        """Mend it."""
        await self.do("clear_fault", evse=evse, connector=connector)

    async def configure(self, key: str, value: str) -> None:
        """Set a configuration key (1.6) or ``Component.Variable`` (2.x) from the local side."""
        await self.do("configure", key=key, value=value)


class StationActor(StationOperator):
    """The station that stands in front of a CSMS under test.

    Args:
        power_on: starts it with further settings.
    """

    def __init__(
        self,
        role: str,
        operator: Operator,
        recorder: Recorder,
        watch: Watch,
        pixit: Pixit,
        power_on: Callable[[dict[str, Json]], Awaitable[None]],
    ) -> None:
        super().__init__(role, operator, recorder)
        self._watch, self._pixit, self._power_on = watch, pixit, power_on
        self._next = 0

    async def power_on(self, **settings: Json) -> None:
        """Give it power for the first time: it connects and boots.

        Args:
            settings: of the reference station, for this case.
        """
        await self._power_on(settings)
        self._note("power_on", settings, "done")

    async def call(self, action: str, payload: Mapping[str, Json] | None = None, /, **fields: Json) -> Message:
        """Have it send a CALL, whatever its state; return the CSMS's answer as the tap saw it.

        Raises:
            NotSeen: the CSMS did not answer.
            CannotJudge: the station did not send it.
        """
        return await exchange(
            self, self._watch, self._pixit, "send", {"action": action, "payload": {**(payload or {}), **fields}}
        )

    def from_now(self) -> None:
        """Forget what it has sent: a precondition's messages are not the case's."""
        self._next = len(self._watch.items)

    async def sends(
        self,
        action: str,
        *,
        within: float | None = None,
        where: Callable[[Message], bool] | None = None,
        again: bool = False,
        **fields: Json,
    ) -> Message:
        """Wait until the station has sent a CALL of this action with these fields, from where the last such wait ended.

        Args:
            action: of the CALL.
            within: seconds; the subject's ``settle`` when None.
            where: what else must hold.
            again: the message that the last wait ended with counts too.
            fields: of the payload, with their values.

        Raises:
            CannotJudge: our own station did not send it.
        """

        def accept(item: Message | LinkEvent) -> Message | None:
            fits = isinstance(item, Message) and (item.kind, item.sender, item.action) == ("CALL", self.role, action)
            if not (fits and isinstance(item, Message) and item.has(fields)):
                return None
            return item if where is None or where(item) else None

        try:
            start = max(self._next - 1, 0) if again else self._next
            words = f"{action} from our station"
            index, message = await self._watch.wait(accept, start, within or self._pixit.settle, words)
        except NotSeen as error:
            raise CannotJudge(f"no {error}{self._watch.obstacle}") from error
        self._next = index + 1
        return message


class CsmsOperator(Actor):
    """Makes a CSMS act as its staff would.

    Args:
        station: identity of the station it is made to act on.
        ready: whether the role's frames are seen on the tap.
    """

    def __init__(self, role: str, operator: Operator, recorder: Recorder, station: str, watch: Watch, pixit: Pixit) -> None:
        super().__init__(role, operator, recorder)
        self.station, self._watch, self._pixit = station, watch, pixit

    async def call(
        self, action: str, payload: Mapping[str, Json] | None = None, /, *, override: bool = False, **fields: Json
    ) -> Message:
        """Have it send a CALL, and return the station's answer as the tap saw it: a CALLRESULT or a CALLERROR.

        Args:
            action: of the CALL.
            payload: of the CALL; or as keywords.
            override: have it send what a good CSMS would not, such as a remote start while the boot is pending.

        Raises:
            NotSeen: the station did not answer.
            CannotJudge: the CSMS did not send it.
        """
        arguments: dict[str, Json] = {"station": self.station, "action": action, "payload": {**(payload or {}), **fields}}
        if override:
            arguments["override"] = True
        return await exchange(self, self._watch, self._pixit, "call", arguments)

    async def send(self, action: str, payload: Mapping[str, Json] | None = None, /, **fields: Json) -> Message:
        """Have it send a CALL, and return that CALL as the tap saw it.

        Raises:
            CannotJudge: the CSMS did not send it.
        """
        arguments: dict[str, Json] = {"station": self.station, "action": action, "payload": {**(payload or {}), **fields}}
        return await exchange(self, self._watch, self._pixit, "call", arguments, until="call")

    async def sees(self, action: str, after: Message) -> Message:
        """Wait for the next CALL of this action that it sends after `after`.

        Raises:
            NotSeen: there was none.
        """

        def is_next(item: Message | LinkEvent) -> Message | None:
            fits = isinstance(item, Message) and (item.kind, item.sender, item.action) == ("CALL", self.role, action)
            return item if fits and isinstance(item, Message) and item.n > after.n else None

        return (await self._watch.wait(is_next, 0, self._pixit.settle, f"another {action} from the {self.role}"))[1]

    async def set_boot(self, status: str, interval: int | None = None) -> None:
        """Answer the next BootNotifications with this status."""
        await self.do("set_boot", station=self.station, status=status, interval=interval)

    async def set_token(self, id_token: str, status: str = "Accepted", type: str | None = None, **more: Json) -> None:  # noqa: A002
        """Make a token known, with what `Authorize` says of it."""
        await self.do("set_token", id_token=id_token, status=status, type=type, **more)

    async def set_policy(self, name: str, value: Json) -> None:
        """Set a policy of the reference CSMS."""
        await self.do("set_policy", name=name, value=value)


# How often an actor is asked to send a CALL that does not come, and how long is waited for it (s).
_TRIES = 3
_MOMENT = 1.0


async def exchange(
    actor: Actor,
    watch: Watch,
    pixit: Pixit,
    verb: str,
    arguments: dict[str, Json],
    until: Literal["call", "answer"] = "answer",
) -> Message:
    """Have an actor send a CALL; return that CALL, or the answer to it, as the tap saw it.

    What the actor itself says of the exchange is recorded and not looked at.

    Raises:
        NotSeen: there was no answer.
        CannotJudge: the CALL was never seen.
        UnsupportedVerb: the actor cannot send it.
        AdapterError: the actor failed before the CALL was seen.
    """
    start, action = len(watch.items), arguments["action"]

    def is_call(item: Message | LinkEvent) -> Message | None:
        if isinstance(item, Message) and item.kind == "CALL" and (item.sender, item.action) == (actor.role, action):
            return item
        return None

    async def see() -> Message:
        try:
            call = (await watch.wait(is_call, start, pixit.settle, f"CALL {action} from the {actor.role}"))[1]
        except NotSeen as error:
            raise CannotJudge(f"the {actor.role} was asked to send {action} and did not") from error
        return call if until == "call" else await answer_to(watch, call, pixit.answer)

    async def act() -> None:
        # A peer may need a moment to notice that the other side has connected again.
        for _ in range(_TRIES):
            await actor.do(verb, **arguments)
            try:
                await watch.wait(is_call, start, _MOMENT, "the CALL")
            except NotSeen:
                continue
            return

    acting = asyncio.ensure_future(act())
    seeing = asyncio.ensure_future(see())
    try:
        await asyncio.wait((acting, seeing), return_when=asyncio.FIRST_COMPLETED)
        if acting.done() and (error := acting.exception()) and not seeing.done() and not watch.saw(is_call, start):
            if isinstance(error, AdapterError) and not isinstance(error, UnsupportedVerb) and not watch.connected:
                raise CannotJudge(f"the connection is down: {error}") from error
            raise error
        seen = await seeing
        # The actor may have to take note of the answer, which the tap has seen before it.
        await asyncio.wait((acting,), timeout=_MOMENT)
        return seen
    finally:
        for task in (acting, seeing):
            task.cancel()
        await asyncio.gather(acting, seeing, return_exceptions=True)
