"""The EVSE behind an EVCC under test, as a case leads it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.clock import Clock
from v2x_architecture.coupling import Coupling, Present
from v2x_architecture.iso15118.secc import EvseSettings, Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.tcp import Link
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json
from v2x_harness.journal import Recorder
from v2x_harness.subject import Pixit

from v2x_suites.iso15118.desk import Desk
from v2x_suites.iso15118.testers import Tester
from v2x_suites.iso15118.watch import Watch


class _Server(SeccServer):
    """A reference SECC whose connections wait for a case."""

    def __init__(self, *arguments: Any, came: asyncio.Queue[Desk], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._came = came

    async def converse(self, link: Link, secc: Secc) -> None:
        """Hand the session to the case, and keep it open until the case is through with it."""
        desk = Desk(secc, link, self.clock)
        self._came.put_nowait(desk)
        try:
            await desk.ended.wait()
        finally:
            await desk.close()


class SeTester(Tester):
    """The EVSE behind an EVCC under test.

    Args:
        make: makes the EVSE by settings.
        clock: of the lane.
        placed: is told where it listens.

    Attributes:
        listener: where the SECC is to be found.
        link: the tap in front of the EVCC, once our SECC has listened.
        measured: whether the EV is a model at the same `plug`, so that what is measured there is the EV's own doing.
    """

    link: V2gtpTap
    measured = False

    def __init__(
        self,
        version: str,
        watch: Watch,
        recorder: Recorder,
        pixit: Pixit,
        make: Callable[[dict[str, Json]], tuple[SimulatedEvse, SeccConfig]],
        clock: Clock,
        placed: Callable[[SeccServer], Awaitable[None]],
    ) -> None:
        super().__init__("secc", version, watch, recorder, pixit, clock)
        self._make, self._placed = make, placed
        self.listener = SeccListener(sdp_port=0)
        self._came: asyncio.Queue[Desk] = asyncio.Queue()
        self.server: SeccServer | None = None

    @property
    def evse(self) -> SimulatedEvse:
        """The EVSE."""
        assert self.server is not None
        assert isinstance(self.server.evse, SimulatedEvse)
        return self.server.evse

    @property
    def energy(self) -> str:
        """What flows at the plug: ``AC`` or ``DC``."""
        return "DC" if self.plug.supply is not None else "AC"

    @property
    def settings(self) -> EvseSettings:
        """What the EVSE's operator wants; may be changed at any time."""
        return self.evse.settings

    @property
    def plug(self) -> Coupling:
        """What can be measured there."""
        return self.evse.plug

    @property
    def flowing(self) -> Present:
        """What flows now into an EV that is a model at the same plug."""
        now = self._clock.monotonic()
        return self.plug.dc(now) if self.plug.supply is not None else self.plug.ac(now)

    @property
    def secc(self) -> Secc:
        """The session's state machine."""
        assert self.desk is not None
        assert isinstance(self.desk.machine, Secc)
        return self.desk.machine

    @property
    def machine(self) -> Secc | None:
        """The session's state machine; None before there is one."""
        return self.secc if self.desk is not None else None

    @property
    def ending(self) -> str:
        """How the session of our SECC ended."""
        closed = self.machine.closed if self.machine is not None else None
        return f"{closed.reason.value}{f' ({closed.text})' if closed.text else ''}" if closed is not None else ""

    async def listens(self, **settings: Json) -> None:
        """Begin to listen, before the EV is plugged in.

        Args:
            settings: fields of `SeccConfig` and `EvseSettings`; ``outlet`` and ``supply`` for the models.
        """
        self.note("listens", **settings)
        evse, config = self._make(settings)
        self.server = _Server(evse, self._clock, config, self.listener, came=self._came)
        await self.server.start()
        await self._placed(self.server)

    async def until(self, name: str, nth: int = 1, *, within: float | None = None, refused: bool = False) -> Send:
        """Let our side go on up to its next response of this name, which is held.

        Args:
            name: of the response.
            nth: the how manieth from here.
            within: seconds; the subject's ``settle`` when None.
            refused: take it also when it is a refusal.

        Raises:
            CannotJudge: it does not come so far, or what our side has to say to this EVCC is a refusal.
        """
        held = await super().until(name, nth, within=within)
        body = getattr(getattr(held.message, "Body", None), "BodyElement", held.message)
        code = str(getattr(body, "ResponseCode", ""))
        if code.upper().startswith("FAILED") and not refused:
            raise CannotJudge(f"this is no good session any more: our SECC has to answer {name} {code}")
        return held

    async def stop(self) -> None:
        """End what goes on, and listen no more."""
        await self.disconnect()
        if self.server is not None:
            await self.server.stop()
            self.server = None

    async def next_session(self, within: float | None = None) -> None:
        """Wait for the EV to connect again.

        Raises:
            NotSeen: it does not.
        """
        limit = within or self.pixit.connect
        try:
            async with asyncio.timeout(limit):
                self.desk = await self._came.get()
        except TimeoutError:
            raise NotSeen(f"no connection of the EVCC within {limit:g} s{self.watch.obstacle}") from None

    async def _connected(self, within: float) -> Desk:
        if self.desk is None:
            try:
                await self.next_session()
            except NotSeen as error:
                raise CannotJudge(str(error)) from error
        return self._desk
