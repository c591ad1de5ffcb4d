"""A lane over OCPP: the subject, its counterpart, and the tap between them."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket.tap import WebSocketTap
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.errors import AdapterError, HarnessError, SubjectError
from v2x_harness.events import Event, Frame, Json, LinkEvent, Note
from v2x_harness.field import Field
from v2x_harness.finding import Finding
from v2x_harness.journal import Recorder
from v2x_harness.observed import note_identity
from v2x_harness.operator import Operator, Product
from v2x_harness.protocol import Cast

from v2x_suites.casting import operator_of, settings_of, steps_of
from v2x_suites.lanes import SuiteLane
from v2x_suites.ocpp.actors import Company, counterpart_of, product_of
from v2x_suites.ocpp.identity import identity_told
from v2x_suites.ocpp.peers import CsmsOperator, StationActor, StationOperator
from v2x_suites.ocpp.reach import reach, tls_for, tls_towards
from v2x_suites.ocpp.rules import judge
from v2x_suites.ocpp.under_test import CsmsUnderTest, StationUnderTest
from v2x_suites.ocpp.watch import Message, Watch

# What the last look after a case asks of a station: something that every product must answer, by a result or an error.
_HARMLESS: dict[str, tuple[str, dict[str, Json]]] = {
    "1.6": ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
    "2.0.1": (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
    ),
}
# How long a subject that has been waited for in vain is looked for before the next case (s): it may come late, and a whole suite
# must not wait for one that never comes.
_GLANCE = 1.0
# How long a CSMS gets to take a connection before a case (s).
_REACH = 10.0
# Where the specification says that every CALL is to be answered.
ANSWERS = {"1.6": "OCPP-J-1.6#4.1.1", "2.0.1": "OCPP-J-2.0.1#4.1.4"}


class OcppLane(SuiteLane):
    """What station lanes and CSMS lanes share.

    Attributes:
        tap: the point of control and observation.
        watch: what is seen of the case that runs.
        identity: of the station on the link.
    """

    protocol = "ocpp"

    def __init__(self, cast: Cast, recorder: Recorder, workdir: Path) -> None:
        super().__init__(cast, recorder, workdir, judge(cast.version))
        self.identity = cast.subject.endpoint.identity or "CS-UNDER-TEST"
        # A product that the harness starts is given a password like any station in the field; some let nobody in without one.
        started = cast.subject.operator.kind == "adapter"
        self.password = cast.subject.endpoint.password or (secrets.token_urlsafe(16) if started else "")
        self.company = Company(self.clock, self._note)
        self.watch = Watch(recorder)
        self.tap: WebSocketTap
        self._started: list[Product | WebSocketTap] = []
        self._boot_status = ""
        self._identity: dict[str, str] = {}
        self._deaf = recorder.subscribe(self._listen)

    def _listen(self, event: Event) -> None:
        """Note which product the subject says it is, and remember how the last boot was answered: cases leave it pending."""
        if isinstance(event, Frame) and event.label == "CALLRESULT BootNotification" and event.media == "json":
            self._boot_status = str(Field(event.form(), event.n)[2].status.peek())
        said = identity_told(event, self.role)
        if said.items() - self._identity.items():
            self._identity |= said
            note_identity(self.recorder, said)

    async def _place(self, role: str, product: Product, **where: object) -> str:
        """Start a product that the harness starts itself; return the endpoint it listens on, if it does."""
        told: dict[str, object] = {"identity": self.identity, "password": self.password, **where}
        self._started.append(product)
        return (await product.start(msgspec.structs.replace(self._placement(role), **told))).endpoint

    async def _tap(
        self, listen: str, forward: str, tls: ssl.SSLContext | None = None, target_tls: ssl.SSLContext | None = None
    ) -> None:
        """Start the tap: ``host:port`` to listen at, URL to go on to, and the TLS contexts of either side."""
        host, _, port = listen.rpartition(":")
        self.tap = WebSocketTap(
            self.recorder,
            forward,
            OcppDialect(),
            subject=self.role,
            clock=self.clock,
            host=host,
            port=int(port),
            tls=tls,
            target_tls=target_tls,
            seed=self.cast.seed,
        )
        self.tap.install("disguise", steps_of(self.cast))
        self._started.append(self.tap)
        await self.tap.start()

    async def close(self) -> None:
        """Stop whatever was started, last first."""
        self.watch.close()
        self._deaf()
        while self._started:
            await self._started.pop().stop()

    def _watch_anew(self) -> None:
        """Leave behind what belongs to the case before."""
        self.watch.close()
        self.watch = Watch(self.recorder)
        self.tap.install("steer", ())
        self.tap.poison(())

    async def _connected(self, within: float | None = None) -> None:
        """Wait until the station is connected through the tap.

        Args:
            within: seconds; the subject's ``reboot`` when None.

        Raises:
            NotSeen: it does not come.
        """
        limit = self.pixit.reboot if within is None else within
        try:
            await self.tap.connected(identity=self.identity, timeout=limit)
        except TimeoutError:
            raise NotSeen(f"no connection of {self.identity} within {limit:g} s{self.watch.obstacle}") from None

    def _running(self) -> Iterable[object]:
        return self._started

    def _answered(self) -> bool:
        """Whether the subject has answered anything in this case; an answer to nothing is none."""
        answers = (i for i in self.watch.items if isinstance(i, Message) and i.kind in ("CALLRESULT", "CALLERROR"))
        return any(answer.sender == self.role and answer.action and not answer.forged for answer in answers)

    def _dead(self, what: str) -> Finding:
        return self._lifeless(ANSWERS[self.version], f"the {self.role} is dead", "an answer", what)


class StationLane(OcppLane):
    """A charging station under test, a CSMS behind the tap.

    Attributes:
        station: the subject as the tap sees it. operator: makes it act.
        csms: makes its counterpart act.
    """

    role = "station"

    async def open(self) -> None:
        """Start the CSMS and the tap; start the station, or leave it to come by itself.

        Raises:
            AdapterError: something cannot be started.
        """
        endpoint = self.cast.subject.endpoint
        self._csms = counterpart_of(self.cast, self.company, "csms")
        forward = await self._place("csms", self._csms, identities={self.identity: self.password})
        listen = endpoint.listen.partition("://")[2] or endpoint.listen or "127.0.0.1:0"
        tls, authority = tls_for(self.cast.subject, listen.rpartition(":")[0])
        await self._tap(listen, forward, tls=tls)
        self._absent, self._mute = "", False
        product = self._product = product_of(self.cast, self.company)
        self._operator: Operator = product or operator_of(self.cast)
        self._hands()
        if product:
            await self._place("station", product, connect_to=self.tap.url, settings=settings_of(self.cast))
        else:
            trust = f"; it must trust the CA in {authority}" if authority else ""
            text = f"waiting up to {self.pixit.connect:g} s for the station at {self.tap.url}/{self.identity}{trust}"
            self.recorder.record(Note(topic="waiting", text=text))
        try:
            await self.watch.wait(_accepted, 0, self.pixit.connect, "an accepted BootNotification")
        except NotSeen as error:
            self._absent = f"; the station was expected at {self.tap.url}/{self.identity}"
            raise CannotJudge(f"no {str(error).removeprefix('an ')}{self.watch.obstacle}{self._absent}") from error

    def _hands(self) -> None:
        self.station = StationUnderTest(self.role, self.watch, self.pixit, self.version)
        self.operator = StationOperator("station", self._operator, self.recorder)
        self.csms = CsmsOperator("csms", self._csms, self.recorder, self.identity, self.watch, self.pixit)

    async def prepare(self) -> None:
        """Bring the lane back to where a case may begin: connected, accepted, at rest.

        Raises:
            AdapterError: its adapter has failed.
            CannotJudge: the station does not come.
        """
        self.check()
        self._watch_anew()
        left = self.operator.plugged
        self._hands()
        if not self.fresh:
            await self.tap.mend()
            await self.csms.set_boot("Accepted")
            absent, self._absent = self._absent, self._absent or "; it did not come back after the case before"
            try:
                await self._connected(_GLANCE if absent else None)
                if self._boot_status != "Accepted":
                    limit = self.pixit.settle if absent else self.pixit.reboot + self.pixit.interval
                    await self.watch.wait(_accepted, 0, limit, "an accepted BootNotification")
            except NotSeen as error:
                if absent or self._product is None:
                    raise CannotJudge(f"{error}{absent}") from error
                await self._start_anew(self._product, error)
            self._absent = ""
            if self._product and not self._mute:
                await self._make_sure_of(self._product)
            for evse in sorted(left):
                with suppress(HarnessError):
                    await self.operator.unplug(evse)
        await self.station.calm()

    async def _make_sure_of(self, product: Product) -> None:
        """See that a station that the harness has started answers; start one that does not anew, once.

        Raises:
            CannotJudge: it does not come even so.
        """
        try:
            await self.csms.call(*_HARMLESS[self.version], override=True)
        except (NotSeen, CannotJudge) as error:
            await self._start_anew(product, error)
            try:
                await self.csms.call(*_HARMLESS[self.version], override=True)
            except (NotSeen, CannotJudge):
                # That it never answers is for the cases to say.
                self._mute = True

    async def _start_anew(self, product: Product, error: Exception) -> None:
        """Start a station anew that the case before has left dead, with what it remembers: other cases are to judge it, too.

        Raises:
            CannotJudge: it does not come even so.
        """
        self.recorder.record(Note(topic="started anew", text=f"the station: {error}"))
        self._started.remove(product)
        await product.stop()
        seen = len(self.watch.items)
        await self._place("station", product, connect_to=self.tap.url, settings=settings_of(self.cast))
        try:
            await self.watch.wait(_accepted, seen, self.pixit.connect, "an accepted BootNotification")
        except NotSeen as missing:
            raise CannotJudge(f"started anew, and no {str(missing).removeprefix('an ')}{self.watch.obstacle}") from missing

    async def alive(self) -> Finding | None:
        """Ask the station for something harmless."""
        self.tap.install("steer", ())
        await self.tap.mend()
        await self.csms.set_boot("Accepted")
        try:
            await self._connected()
            await self.csms.call(*_HARMLESS[self.version], override=True)
        except NotSeen as error:
            return self._dead(str(error))
        return None

    @property
    def silent(self) -> bool:
        """Whether the CSMS has asked the station something in this case, or has lost it, and got no answer."""
        calls = (i for i in self.watch.items if isinstance(i, Message) and i.kind == "CALL")
        asked = any(call.sender != self.role and not call.forged for call in calls)
        return (asked or not self.watch.connected) and not self._answered()


class CsmsLane(OcppLane):
    """A CSMS under test, a station that the case operates in front of the tap.

    Attributes:
        csms: the subject as the tap sees it. operator: makes it act.
        station: makes its counterpart act; not started before the case asks for it.
    """

    role = "csms"
    _station: Product | None = None
    _visits = 0

    async def open(self) -> None:
        """Start the CSMS, where the harness starts it, and the tap.

        Raises:
            AdapterError: something cannot be started.
            SubjectError: it is not said where the CSMS listens.
        """
        endpoint = self.cast.subject.endpoint
        product = product_of(self.cast, self.company)
        forward = endpoint.url
        if product:
            identities = {self.identity: self.password}
            forward = await self._place("csms", product, identities=identities, settings=settings_of(self.cast))
        if not forward:
            raise SubjectError(f"{self.cast.subject.path}: endpoint.url is missing", "say where the CSMS listens")
        self._target_tls = None if product else tls_towards(endpoint)
        await self._tap("127.0.0.1:0", forward, target_tls=self._target_tls)
        self._operator: Operator = product or operator_of(self.cast)
        self._reach, self._patience = "" if product else forward, _REACH

    async def prepare(self) -> None:
        """Put a new station in front of the CSMS, still without power.

        Raises:
            AdapterError: the old one cannot be stopped, or the adapter of the CSMS has failed.
            CannotJudge: nobody listens where the CSMS is said to.
        """
        self.check()
        if self._station and self._station in self._started:
            await self._station.stop()
            self._started.remove(self._station)
        self._watch_anew()
        await self.tap.mend()
        if self._reach:
            patience, self._patience = self._patience, _GLANCE
            await reach(self._reach, self._target_tls, patience)
            self._patience = _REACH
        self._visits += 1
        self._station = counterpart_of(self.cast, self.company, "station")
        self.csms = CsmsUnderTest(self.role, self.watch, self.pixit, self.version)
        self.operator = CsmsOperator("csms", self._operator, self.recorder, self.identity, self.watch, self.pixit)
        self.station = StationActor("station", self._station, self.recorder, self.watch, self.pixit, self._power_on)

    async def _power_on(self, settings: dict[str, Json]) -> None:
        assert self._station is not None
        folder = self.workdir / f"station-{self._visits}"
        folder.mkdir(exist_ok=True)
        await self._place("station", self._station, connect_to=self.tap.url, settings=settings, workdir=str(folder))

    async def booted(self, **settings: Json) -> None:
        """Start the station and wait until the CSMS has accepted it and has come to rest.

        Args:
            settings: of the reference station, for this case.

        Raises:
            CannotJudge: it does not accept it.
        """
        await self.station.power_on(**settings)
        try:
            await self.watch.wait(_accepted, 0, self.pixit.settle, "an accepted BootNotification")
        except NotSeen as error:
            raise CannotJudge(f"no {str(error).removeprefix('an ')}{self.watch.obstacle}") from error
        await self.csms.calm()
        self.station.from_now()

    async def alive(self) -> Finding | None:
        """Have the station send a Heartbeat, over a new connection if it must."""
        self.tap.install("steer", ())
        await self.tap.mend()
        try:
            if self._station not in self._started:
                await self.station.power_on()
            await self._connected()
            try:
                await self.station.call("Heartbeat")
            except AdapterError:
                # Our own station is rebooting, as the case has left it.
                await self.watch.wait(_accepted, len(self.watch.items), self.pixit.reboot, "an accepted BootNotification")
                await self.station.call("Heartbeat")
        except NotSeen as error:
            return self._dead(str(error))
        return None

    @property
    def silent(self) -> bool:
        """Whether our station has come to the CSMS in this case, or tried to, and got no answer."""
        return bool(self.watch.items) and not self._answered()


def _accepted(item: Message | LinkEvent) -> Message | None:
    if isinstance(item, Message) and item.kind == "CALLRESULT" and item.action == "BootNotification":
        return item if item.payload["status"] == "Accepted" else None
    return None
