"""The subject as the tap sees it, and its operator."""

from __future__ import annotations

from collections.abc import Callable

from v2x_harness.blocks import NotSeen
from v2x_harness.events import Json, LinkEvent
from v2x_harness.finding import Layer

from v2x_suites.acting import Actor
from v2x_suites.iso15118.watch import Message, Watch
from v2x_suites.watching import Onlooker


class UnderTest(Onlooker[Watch]):
    """An SECC or EVCC under test."""

    async def says(self, *names: str, within: float | None = None, where: Callable[[Message], bool] | None = None) -> Message:
        """Wait for the subject's next message of one of these names.

        Args:
            names: of messages; any, when none is given.
            within: seconds; the subject's ``settle`` when None.
            where: what else must hold.

        Raises:
            NotSeen: it did not come.
        """

        def fits(item: Message | LinkEvent) -> Message | None:
            if not isinstance(item, Message) or item.sender != self.role or item.forged:
                return None
            if (names and item.name not in names) or (not names and item.link == "sdp"):
                return None
            return item if where is None or where(item) else None

        words = f"{' or '.join(names) or 'a message'} from the {self.role}"
        index, message = await self.watch.wait(fits, self._next, within or self.pixit.settle, words)
        self._next = index + 1
        return message

    async def next(self, *expected: str, within: float | None = None) -> Message:
        """Wait for the subject's very next message, which must be one of these.

        Raises:
            NotSeen: it did not come, or is another one.
        """
        message = await self.says(within=within)
        if expected and message.name not in expected:
            words = f"{' or '.join(expected)} from the {self.role}"
            raise NotSeen(f"{message.name} came instead of {words}", expected=words, seen=message.brief, frame=message.n)
        return message

    async def then(self, within: float | None = None) -> Message | LinkEvent:
        """Wait for what the subject does next: its next message, or the end of the connection, whoever ends it.

        Args:
            within: seconds; the subject's ``settle`` when None.

        Raises:
            NotSeen: it does nothing.
        """

        def does(item: Message | LinkEvent) -> Message | LinkEvent | None:
            if isinstance(item, LinkEvent):
                return item if item.event == "close" else None
            return item if item.sender == self.role and not item.forged and item.link != "sdp" else None

        words = f"a message from the {self.role}, or the end of the connection"
        done: Message | LinkEvent
        index, done = await self.watch.wait(does, self._next, within or self.pixit.settle, words)
        self._next = index + 1
        return done

    async def ends(self, *parting: str, within: float | None = None) -> LinkEvent:
        """Wait until the subject has ended the connection, and has said nothing before but these.

        Args:
            parting: names of messages that may still come.
            within: seconds; as long as `closes` waits when None.

        Raises:
            NotSeen: the connection stays open, something else is said, or our side has ended it.
        """
        end = self.watch.now + (within if within is not None else self.termination)
        while True:
            done = await self.then(max(0.01, end - self.watch.now))
            if isinstance(done, Message):
                if done.name not in parting:
                    words = f"the {self.role} to end the connection"
                    raise NotSeen(f"{done.name} came instead of the end", expected=words, seen=done.brief, frame=done.n)
            elif done.by == self.role:
                return done
            else:
                raise NotSeen(f"the connection was ended by the {done.by or 'network'}, not by the {self.role}")

    async def closes(self, within: float | None = None) -> LinkEvent:
        """Wait until the subject has ended the connection.

        Args:
            within: seconds; PIXIT ``termination`` (TCP connection termination), 5 s and what a product needs, when None.

        Raises:
            NotSeen: it stays open, or our side has ended it.
        """
        limit = within if within is not None else self.termination

        def closed(item: Message | LinkEvent) -> LinkEvent | None:
            return item if isinstance(item, LinkEvent) and item.event == "close" else None

        words = f"the {self.role} to end the connection"
        index, event = await self.watch.wait(closed, self._next, limit, words)
        self._next = index + 1
        if event.by != self.role:
            raise NotSeen(f"the connection was ended by the {event.by or 'network'}, not by the {self.role}", expected=words)
        return event

    async def stays_quiet(self, *names: str, for_: float | None = None) -> None:
        """Watch that the subject says nothing of these names (nothing at all, when none is given) for a while.

        Args:
            for_: seconds; the subject's ``quiet`` when None.

        Raises:
            NotSeen: it said something.
        """
        seconds = for_ if for_ is not None else self.pixit.quiet
        try:
            message = await self.says(*names, within=seconds)
        except NotSeen:
            self.from_now()
            return
        what = " or ".join(names) or "nothing"
        raise NotSeen(
            f"the {self.role} said {message.name} though it must not within {seconds:g} s",
            expected=f"no {what}" if names else what,
            seen=message.brief,
            frame=message.n,
            layer=Layer.SEQUENCE,
        )

    def said(self, *names: str) -> list[Message]:
        """Return every message of these names that the subject has sent since the case began; consumes nothing."""
        mine = [i for i in self.watch.items if isinstance(i, Message) and i.sender == self.role and not i.forged]
        return [message for message in mine if not names or message.name in names]

    def heard(self, *names: str) -> list[Message]:
        """Return every message of these names that has reached it since the case began; consumes nothing."""
        others = [i for i in self.watch.items if isinstance(i, Message) and i.sender != self.role]
        return [message for message in others if not names or message.name in names]

    @property
    def termination(self) -> float:
        """Within which a connection must have ended once a session is over (s)."""
        value = self.pixit.values.get("termination", 7.0)
        return float(value) if isinstance(value, int | float) else 7.0


class SeccOperator(Actor):
    """Makes an SECC under test act as its operator would."""

    async def set_authorization(self, status: str = "Accepted", seconds: float | None = None) -> None:
        """Have an EV authorized by external means: ``Accepted``, ``Ongoing``, ``Waiting``, ``Rejected``."""
        await self.do("set_authorization", status=status, seconds=seconds)

    async def notify(self, notification: str = "None", max_delay_s: int | None = None) -> None:
        """Have it want something of the EV: ``None``, ``StopCharging``, ``ReNegotiation``."""
        await self.do("notify", notification=notification, max_delay_s=max_delay_s)

    async def set_limits(self, max_current_a: float | None = None, max_power_w: float | None = None) -> None:
        """Have it offer less than it can (A of a phase or of DC, W)."""
        await self.do("set_limits", max_current_a=max_current_a, max_power_w=max_power_w)

    async def set_target_power(self, power_w: float) -> None:
        """Have it want some power to flow in dynamic control (W), negative to take back."""
        await self.do("set_target_power", power_w=power_w)

    async def set_schedules(self, schedules: Json = None, seconds: float | None = None) -> None:
        """Have it offer these schedules, after some seconds."""
        await self.do("set_schedules", schedules=schedules, seconds=seconds)

    async def set_insulation(self, ohm: float | None = None) -> None:
        """Have so much resistance between its DC output and earth (ohm); what there is by itself for None."""
        await self.do("set_insulation", ohm=ohm)

    async def set_contactor(self, *, stuck: bool = True) -> None:
        """Have its contactor stay as it is: open where it is open, welded where it is closed."""
        await self.do("set_contactor", stuck=stuck)

    async def set_rcd(self, *, tripped: bool = True) -> None:
        """Have the residual current device of its AC outlet trip, or be switched on again."""
        await self.do("set_rcd", tripped=tripped)

    async def set_status(self, status: str) -> None:
        """Have its DC supply be in a state, as DC_EVSEStatusCode has it."""
        await self.do("set_status", status=status)


class EvccOperator(Actor):
    """Makes an EVCC under test act as its driver would."""

    async def plug_in(self) -> None:
        """Plug in, or wake it up from a pause: it looks for an SECC."""
        await self.do("plug_in")

    async def unplug(self) -> None:
        """Pull the cable out."""
        await self.do("unplug")

    async def stop_charging(self) -> None:
        """Have the driver want no more."""
        await self.do("stop_charging")

    async def pause(self) -> None:
        """Have the EV want to go on later."""
        await self.do("pause")

    async def renegotiate(self) -> None:
        """Have the EV want another schedule."""
        await self.do("renegotiate")

    async def set_driver(self, **wanted: Json) -> None:
        """Have the driver want something else (``target_soc``, ``departure_s``…)."""
        await self.do("set_driver", **wanted)
