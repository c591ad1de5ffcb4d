"""The EV in front of an SECC under test, as a case leads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from v2x_architecture.clock import Clock
from v2x_architecture.coupling import Coupling, CpState, Present
from v2x_architecture.iso15118.evcc import DriverSettings, Evcc, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient
from v2x_architecture.iso15118.tcp import ConnectFailed
from v2x_architecture.iso15118.udp import NotFound, asking
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder
from v2x_harness.subject import Pixit

from v2x_suites.iso15118.desk import Desk
from v2x_suites.iso15118.testers import Tester
from v2x_suites.iso15118.watch import Message, Watch


class EvTester(Tester):
    """The EV in front of an SECC under test.

    Args:
        make: makes the EVCC with its vehicle, by settings.
        clock: of the lane.
        sdp_port: tells the UDP port that the SECC is asked at.
    """

    def __init__(
        self,
        version: str,
        watch: Watch,
        recorder: Recorder,
        pixit: Pixit,
        make: Callable[[dict[str, Json]], EvccClient],
        clock: Clock,
        sdp_port: Callable[[], int],
    ) -> None:
        super().__init__("evcc", version, watch, recorder, pixit, clock)
        self._make, self._sdp_port = make, sdp_port
        self.client: EvccClient | None = None

    @property
    def ev(self) -> SimulatedEv:
        """The vehicle."""
        assert self.client is not None
        assert isinstance(self.client.ev, SimulatedEv)
        return self.client.ev

    @property
    def driver(self) -> DriverSettings:
        """What the driver wants; may be changed at any time."""
        return self.ev.settings

    @property
    def plug(self) -> Coupling:
        """What can be measured there."""
        return self.ev.plug

    @property
    def cp_state(self) -> CpState:
        """The control pilot's state, as the EV sets it."""
        return self.plug.cp_state

    def set_cp(self, state: CpState) -> None:
        """Set the control pilot to a state of the case's choice, until our EVCC sets it again."""
        self.note("set_cp", state=state.value)
        self.ev.set_cp(state, self._clock.monotonic())

    @property
    def output(self) -> Present:
        """What the EVSE gives now, as it is measured at the plug: only where PICS ``Measured`` says that it can be."""
        now = self._clock.monotonic()
        return self.plug.dc(now) if self.plug.outlet is None else self.plug.ac(now)

    @property
    def evcc(self) -> Evcc:
        """The session's state machine."""
        assert self.machine is not None
        return self.machine

    @property
    def machine(self) -> Evcc | None:
        """The session's state machine; None before there is one."""
        return self.client.evcc if self.client is not None else None

    @property
    def ending(self) -> str:
        """How the session of our EVCC ended."""
        outcome = self.machine.outcome if self.machine is not None else None
        return f"{outcome.ending.value}{f' ({outcome.text})' if outcome.text else ''}" if outcome is not None else ""

    async def plug_in(self, **settings: Json) -> None:
        """Plug in, look for the SECC and connect to it; nothing is said yet.

        Args:
            settings: fields of `EvccConfig` and `DriverSettings`; ``vehicle`` and ``ress`` for the models; ``applications`` are
                names of `APPLICATIONS`, the dearest first.

        Raises:
            CannotJudge: there is no connection.
        """
        self.note("plug_in", **settings)
        self.client = self._make(settings)
        await self.connects()

    async def connects(self) -> None:
        """Connect, for the first time or again; a session that was paused is joined again.

        Raises:
            CannotJudge: there is no connection.
        """
        assert self.client is not None
        await self.disconnect()
        self.ev.set_cp(CpState.B, self._clock.monotonic())
        try:
            async with asyncio.timeout(self.pixit.connect):
                link, evcc = await self.client.connect()
        except (NotFound, ConnectFailed, OSError) as error:
            raise CannotJudge(f"our EVCC cannot connect: {error or 'nobody answers'}") from error
        self.desk = Desk(evcc, link, self._clock)
        self.desk.begin(evcc.start(self._clock.monotonic()))

    async def begins(self, schema_id: int = 23) -> Message:
        """Plug in anew, have a protocol agreed on and a session set up, and return the response to SessionSetupReq.

        Args:
            schema_id: that our EVCC gives its protocol, so that only who has read its offer can answer.

        Raises:
            NotSeen: the SECC does not answer, or agrees to nothing that was offered.
            CannotJudge: there is no connection.
        """
        await self.unplug()
        await self.plug_in(first_schema_id=schema_id)
        await self.until("supportedAppProtocolReq")
        agreed = await self.sends()
        if agreed.content["SchemaID"] != schema_id:
            words = f"SchemaID {schema_id}, which was offered"
            raise NotSeen(f"the SECC does not agree to {words}", expected=words, seen=agreed.brief, frame=agreed.n)
        await self.until("SessionSetupReq")
        return await self.sends()

    async def unplug(self) -> None:
        """Pull the cable out, whatever goes on."""
        self.note("unplug")
        await self.disconnect()
        if self.client is not None:
            self.ev.set_cp(CpState.A, self._clock.monotonic())

    async def sends(
        self,
        change: Mapping[str, Json] | None = None,
        without: Sequence[str] = (),
        *,
        within: float | None = None,
        payload_type: int | None = None,
    ) -> Message:
        """Send the request that is held, changed, and return the SECC's response as the tap saw it; our EVCC hears of it later.

        Args:
            change: pointers to new values, see `editing`.
            without: pointers of what is left out.
            within: seconds; the subject's ``answer`` when None.
            payload_type: of V2GTP, where it is to be a wrong one.

        Raises:
            NotSeen: there was no response.
        """
        start = len(self.watch.items)
        name = self.held.name
        self.put(change, without, payload_type=payload_type)
        return await self.response(start, name, within)

    async def sends_other(
        self,
        name: str,
        change: Mapping[str, Json] | None = None,
        *,
        session_id: str | None = None,
        without: Sequence[str] = (),
        within: float | None = None,
    ) -> Message:
        """Send a request of this name instead of what is held, and return the SECC's response as the tap saw it.

        Raises:
            NotSeen: there was no response.
        """
        start = len(self.watch.items)
        self.put_other(name, change, session_id=session_id, without=without)
        return await self.response(start, name, within)

    async def asks(self, datagram: bytes, *, within: float | None = None) -> Message:
        """Ask for an SECC over SDP with a datagram of the case's own, and return what the SECC answers, as the tap saw it.

        Raises:
            NotSeen: it does not answer.
            CannotJudge: it is not asked over SDP.
        """
        start = len(self.watch.items)

        def answered(item: Message | LinkEvent) -> Message | None:
            return item if isinstance(item, Message) and (item.sender, item.link) == ("secc", "sdp") else None

        async with self._cast(datagram):
            _, answer = await self.watch.wait(answered, start, within or self.pixit.answer, "an answer over SDP")
        return answer

    async def asks_in_vain(self, datagram: bytes, *, for_: float = 2.0) -> None:
        """Send a datagram to where SDP is answered, and see that there is no answer.

        Args:
            for_: seconds; an EVCC waits for 0.25.

        Raises:
            NotSeen: there was an answer.
            CannotJudge: the SECC is not asked over SDP.
        """
        try:
            answer = await self.asks(datagram, within=for_)
        except NotSeen:
            return
        words = "no answer over SDP"
        raise NotSeen(f"the SECC answered {answer.name}", expected=words, seen=answer.brief, frame=answer.n)

    @asynccontextmanager
    async def _cast(self, datagram: bytes) -> AsyncIterator[None]:
        """Send a datagram to where SDP is answered, and keep the socket that an answer comes to."""
        bound, target = asking(None, "::1", self._sdp_port())
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=bound)
        try:
            transport.sendto(datagram, target)
            yield
        finally:
            transport.close()
            # The transport closes its socket in the loop's next turn.
            await asyncio.sleep(0)

    async def response(self, start: int, name: str, within: float | None = None) -> Message:
        """Wait for what the SECC says next.

        Args:
            start: index in the watch from which on it counts.
            name: of the request, for the finding.
            within: seconds; the subject's ``answer`` when None.

        Raises:
            NotSeen: it says nothing.
        """

        def spoke(item: Message | LinkEvent) -> Message | LinkEvent | None:
            if isinstance(item, Message):
                return item if item.sender == "secc" and not item.forged and item.link != "sdp" else None
            return item if item.event == "close" else None

        words = f"a response to {name}"
        index, _ = await self.watch.wait(spoke, start, within or self.pixit.answer, words)
        item = self.watch.items[index]
        if isinstance(item, LinkEvent):
            raise NotSeen(f"{words}: the connection was closed by the {item.by or 'network'} instead", expected=words)
        return item

    async def _connected(self, within: float) -> Desk:
        return self._desk
