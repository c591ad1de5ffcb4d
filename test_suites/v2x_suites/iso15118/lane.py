"""A lane over ISO 15118: the subject, our side of the session, and the tap between them."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import msgspec
from v2x_adapters.acting import configured
from v2x_adapters.cable import Lead, lay_lead
from v2x_adapters.iso15118.places import Place
from v2x_adapters.iso15118.sites import Energy, applications_of, plug
from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.coupling import Coupling, CpState
from v2x_architecture.iso15118.editions import APPLICATIONS, Application
from v2x_architecture.iso15118.evcc import DriverSettings, EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.secc import EvseSettings, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.errors import AdapterError, HarnessError, SubjectError, UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.finding import Finding
from v2x_harness.journal import Recorder
from v2x_harness.operator import Operator, Product
from v2x_harness.protocol import Cast

from v2x_suites.casting import operator_of, settings_of, steps_of
from v2x_suites.iso15118.actors import Company, in_process, product_of
from v2x_suites.iso15118.certificates import Certificates
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.rules import Iso15118Judge
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, Watch
from v2x_suites.lanes import SuiteLane

ANEW: Final = {"din": "DIN70121#session.anew", "2": "15118-2#session.anew", "20": "15118-20#session.anew"}
"""Where it says that a session may follow a session."""


_LOOP: Final = 0.1
"""Between requests of the charge loop of 15118-20, where 0.5 s are the most: far enough from it on a machine that is busy (s)."""


def _spoken(settings: Mapping[str, Json], version: str, energy: Energy) -> tuple[Application, ...]:
    """Return what our EVCC offers: the protocols that a case names in ``applications``, or the one that the lane is about."""
    named = settings.get("applications")
    if not isinstance(named, list):
        return applications_of(version, energy)
    return tuple(APPLICATIONS[str(name)] for name in named)


class Iso15118Lane(SuiteLane):
    """What lanes with an SECC under test and lanes with an EVCC under test share.

    Attributes:
        tap: the point of control and observation.
        watch: what is seen of the case that runs.
        plug: where EV and EVSE meet, as far as they are models of ours.
        energy: what flows there.
    """

    protocol = "iso15118"

    def __init__(self, cast: Cast, recorder: Recorder, workdir: Path) -> None:
        super().__init__(cast, recorder, workdir, Iso15118Judge())
        self.watch = Watch(recorder)
        self.certificates = Certificates(cast.subject, cast.version, workdir)
        self.plug = Coupling()
        self.energy: Energy | None = None
        self.tap: V2gtpTap
        self._operator: Operator | None = None
        self._cables = ExitStack()
        self._lead: Lead | None = None
        self._product: Product | None = None
        self._tap: V2gtpTap | None = None
        self._first_link = 1

    @property
    def energies(self) -> tuple[Energy, ...]:
        """What may flow at the subject, by its PICS ``DC`` and ``AC``; both where they say nothing."""
        pics = self.cast.subject.pics
        told: tuple[Energy, ...] = tuple(each for each in ("DC", "AC") if pics.get(each))
        return told or ("DC", "AC")

    async def open(self) -> None:
        """Lay a cable to a third-party product; who else stands in the lane depends on what is to flow.

        Raises:
            ProductBlocked: this machine allows no cable.
        """
        if self.cast.subject.operator.kind == "adapter":
            self._lead = await asyncio.to_thread(self._cables.enter_context, lay_lead())

    @abstractmethod
    async def begin(self, energy: Energy | None = None, *, tls: bool = False) -> None:
        """Set the lane up for a case.

        Args:
            energy: what is to flow; what the subject has when None.
            tls: have sessions with TLS also where PIXIT ``tls`` says that there are none.

        Raises:
            AdapterError: an actor or the tap cannot be started.
            CannotJudge: the subject is not there.
        """

    async def prepare(self) -> None:
        """Leave behind what belongs to the case before.

        Raises:
            AdapterError: the adapter of a product has failed.
        """
        self.check()
        self.watch.close()
        # A slow subject answers, and ends its connections, when the next case has begun.
        self.watch = Watch(self.recorder, self.watch.gone | self.watch.links)
        if self._tap is not None:
            self._tap.install("steer", ())
            self._tap.poison(())
            self._tap.divert(None)
            await self._tap.mend()

    async def close(self) -> None:
        """Stop everything the lane started, our side first."""
        self.watch.close()
        try:
            await self._stop()
        finally:
            await asyncio.to_thread(self._cables.close)

    def _running(self) -> Iterable[object]:
        return (self._product,)

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Have the subject act.

        Raises:
            AdapterError: nobody is there yet, or it failed.
            UnsupportedVerb: its operator cannot.
        """
        if self._operator is None:
            raise AdapterError(f"the {self.role} is not there yet", "the case must begin with an EV at its plug")
        return await self._operator.do(verb, arguments)

    @property
    def silent(self) -> bool:
        """Whether the subject was asked something in this case, or should have come, and has said nothing at all."""
        items = [i for i in self.watch.items if isinstance(i, Message)]
        return not any(i.sender == self.role and not i.forged for i in items)

    def _secured(self, wanted: bool) -> bool:
        """Have sessions with TLS or without; return whether it was otherwise before."""
        before = self.certificates.tls
        self.certificates.tls = wanted or self.certificates.usual
        return before is not self.certificates.tls

    async def _stop(self) -> None:
        tap, product = self._tap, self._product
        self._tap = self._product = None
        if product is not None:
            await product.stop()
        if tap is not None:
            await tap.stop()
            self._first_link = tap.next_link

    async def _start_tap(self, target: SeccAddress, listener: SeccListener) -> None:
        self.tap = V2gtpTap(
            self.recorder,
            target,
            listener,
            subject=self.role,
            clock=self.clock,
            seed=self.cast.seed,
            first=self._first_link,
        )
        self.tap.install("disguise", steps_of(self.cast))
        await self.tap.start()
        self._tap = self.tap

    async def _place(self, energy: Energy, connect_to: str = "") -> str:
        """Start the subject, where the harness starts it; return where it listens, if it does."""
        company = Company(self.clock, self.plug, self._note)
        product = product_of(self.cast, company)
        self._operator = product or operator_of(self.cast)
        if product is None:
            return self.cast.subject.endpoint.url
        self._product = product
        placement = msgspec.structs.replace(
            self._placement(self.role),
            connect_to=connect_to,
            settings={
                **settings_of(self.cast),
                "energy": energy,
                **self.certificates.of_subject(self.role),
                **({"namespace": self._lead.namespace, "interface": self._lead.interface} if self._lead else {}),
            },
        )
        endpoint = (await product.start(placement)).endpoint
        # What a product sees at its end of the cable is not what leads to it from ours.
        return f"sdp://{self._lead.here}" if self._lead and endpoint else endpoint

    def _dead(self, what: str) -> Finding:
        return self._lifeless(ANEW[self.version], "no new session begins", "a new session", what)


class SeccLane(Iso15118Lane):
    """An SECC under test, an EV of ours in front of the tap.

    Attributes:
        secc: the subject as the tap sees it. operator: makes it act.
        ev: our EV, not plugged in before the case wants it.
    """

    role = "secc"
    ev: EvTester

    async def begin(self, energy: Energy | None = None, *, tls: bool = False) -> None:
        """Start the SECC, where the harness starts it, and the tap; put an EV in front of it.

        Raises:
            AdapterError: something cannot be started.
            SubjectError: it is not said where the SECC listens.
        """
        chosen, other = energy or self.energies[0], self._secured(tls)
        if self._tap is None or chosen != self.energy or other:
            await self._stop()
            self.energy = chosen
            self.plug = plug(chosen, settings_of(self.cast), evse=in_process(self.cast))
            endpoint = await self._place(chosen)
            if not endpoint:
                raise SubjectError(f"{self.cast.subject.path}: endpoint.url is missing", "say where the SECC is: sdp://eth0")
            await self._start_tap(
                self._address(Place.of(endpoint)),
                SeccListener(sdp_port=0, tls=self.certificates.secc_tls(), plain=not self.certificates.tls),
            )
        if not self.fresh:
            with suppress(UnsupportedVerb):
                await self.operator.do("reset")

    async def prepare(self) -> None:
        """Leave behind what belongs to the case before; another EV comes.

        Raises:
            AdapterError: the adapter of a product has failed.
        """
        if self._tap is not None:
            await self.ev.unplug()
        await super().prepare()
        self.secc = UnderTest("secc", self.watch, self.pixit, self.version)
        self.operator = SeccOperator("secc", self, self.recorder)
        self.ev = EvTester(self.version, self.watch, self.recorder, self.pixit, self._evcc, self.clock, self._sdp_port)

    async def alive(self) -> Finding | None:
        """Begin a new session, up to its first response."""
        self.tap.install("steer", ())
        self.tap.poison(())
        try:
            await self.ev.unplug()
            await self.tap.disconnected(timeout=self.pixit.settle)
            await self.ev.plug_in()
            await self.ev.until("SessionSetupReq", within=self.pixit.settle)
        except (CannotJudge, TimeoutError) as error:
            return self._dead(str(error) or "the connection before it stays open")
        finally:
            await self.ev.disconnect()
        return None

    async def close(self) -> None:
        """Drive away, and stop everything."""
        if hasattr(self, "ev"):
            await self.ev.unplug()
        await super().close()

    def _address(self, place: Place) -> SeccAddress:
        tls = self.certificates.evcc_tls() if place.scheme == "tls" or self.certificates.tls else None
        host = place.host or "::1"
        if place.scheme == "sdp":
            return SeccAddress(host=host, interface=place.interface, sdp_port=place.port, tls=tls)
        return SeccAddress(host=host, interface=place.interface, port=place.port, tls=tls)

    def _sdp_port(self) -> int:
        """Return where the tap passes on what is asked over SDP.

        Raises:
            CannotJudge: the SECC's port is known beforehand.
        """
        if self.tap.target.port is not None:
            raise CannotJudge("the SECC is not asked over SDP: its port is known beforehand")
        return self.tap.sdp_port or 0

    def _evcc(self, settings: dict[str, Json]) -> EvccClient:
        """Return an EVCC in front of the tap, with a vehicle of its own."""
        assert self.energy is not None
        parked = plug(self.energy, settings, evse=False)
        self.plug.vehicle, self.plug.ress = parked.vehicle, parked.ress
        self.plug.cp_state, self.plug.ev_contactor_closed = CpState.B, False
        modes = tuple(mode for mode in DriverSettings().modes if mode.startswith(self.energy))
        driver = configured(DriverSettings(modes=modes), settings)
        config = EvccConfig(
            applications=_spoken(settings, self.version, self.energy), iso20_needs_tls=self.certificates.tls, loop_s=_LOOP
        )
        address = SeccAddress(sdp_port=self.tap.sdp_port or 0, tls=self.certificates.evcc_tls())
        patience: dict[str, Json] = {name: each for name, each in self.pixit.values.items() if name == "patience"}
        fields = {name: each for name, each in settings.items() if name != "applications"}
        config = configured(config, {**patience, **fields})
        return EvccClient(SimulatedEv(self.plug, driver), self.clock, config, address)


class EvccLane(Iso15118Lane):
    """An EVCC under test, an EVSE of ours behind the tap.

    Attributes:
        evcc: the subject as the tap sees it. operator: makes it act.
        se: our EVSE, whose SECC does not listen before the case wants it.
        asked_for_ocsp: whether the EVCC was seen to ask for OCSP responses, without which it may refuse our SECC.
    """

    role = "evcc"
    se: SeTester
    asked_for_ocsp = False
    _sdp_port = 0

    async def begin(self, energy: Energy | None = None, *, tls: bool = False) -> None:
        """Put an EVSE behind the tap; the EVCC is started when its SECC listens.

        Raises:
            AdapterError: what was started before cannot be stopped.
        """
        chosen, other = energy or self.energies[0], self._secured(tls)
        if chosen != self.energy or other:
            await self._stop()
            self.energy = chosen
        listener = SeccListener(sdp_port=self._sdp_port, tls=self.certificates.secc_tls(), plain=not self.certificates.tls)
        self.se.listener = listener
        self.se.measured = in_process(self.cast)

    async def prepare(self) -> None:
        """Leave behind what belongs to the case before; the EV drives away.

        Raises:
            AdapterError: the adapter of a product has failed.
        """
        if hasattr(self, "se"):
            await self._part()
        await super().prepare()
        self.evcc = UnderTest("evcc", self.watch, self.pixit, self.version)
        self.operator = EvccOperator("evcc", self, self.recorder)
        self.se = SeTester(self.version, self.watch, self.recorder, self.pixit, self._secc, self.clock, self._placed)

    async def alive(self) -> Finding | None:
        """Have the EV plugged in anew, and see it come; one that may rightly refuse our SECC is not waited for."""
        if self.certificates.tls and self.asked_for_ocsp:
            return None
        self.tap.install("steer", ())
        self.tap.poison(())
        try:
            await self.se.disconnect()
            self.se.desk = None
            await self.operator.unplug()
            await self.tap.disconnected(timeout=self.pixit.settle)
            self.evcc.from_now()
            await self.operator.plug_in()
            await self.se.next_session()
            await self.evcc.says("supportedAppProtocolReq")
        except UnsupportedVerb:
            return None
        except (NotSeen, TimeoutError) as error:
            return self._dead(str(error) or "the connection before it stays open")
        return None

    async def close(self) -> None:
        """Have the EV drive away, and stop everything."""
        if hasattr(self, "se"):
            await self._part()
        await super().close()

    async def _part(self) -> None:
        if self._tap is not None:
            with suppress(HarnessError):
                await self.operator.unplug()
        await self.se.stop()

    async def _placed(self, server: SeccServer) -> None:
        """Start the tap in front of our SECC, and the EVCC in front of the tap."""
        self._sdp_port = server.sdp_port or 0
        if self._tap is None:
            assert self.energy is not None
            target = SeccAddress(sdp_port=self._sdp_port, tls=self.certificates.evcc_tls())
            await self._start_tap(target, self._listener())
            await self._place(self.energy, self.tap.url)
        self.se.link = self.tap
        if not self.fresh:
            with suppress(UnsupportedVerb):
                await self.operator.do("reset")

    def _listener(self) -> SeccListener:
        """Return where the EVCC looks for an SECC."""
        where = f"sdp://{self._lead.here}" if self._lead else self.cast.subject.endpoint.listen
        place = Place.of(where) if where else Place(port=0)
        tls = self.certificates.secc_tls()
        return SeccListener(host=place.host or "::1", interface=place.interface, sdp_port=place.port, tls=tls, plain=tls is None)

    def _secc(self, settings: dict[str, Json]) -> tuple[SimulatedEvse, SeccConfig]:
        """Return an EVSE behind the tap, and how its SECC behaves."""
        assert self.energy is not None
        merged = {**settings_of(self.cast), **settings} if in_process(self.cast) else settings
        if self._tap is None:
            self.plug = plug(self.energy, merged, ev=in_process(self.cast))
        else:
            built = plug(self.energy, settings, ev=False)
            self.plug.outlet, self.plug.supply = built.outlet, built.supply
        evse = SimulatedEvse(self.plug, configured(EvseSettings(), settings))
        spoken = applications_of(self.version, self.energy)
        config = SeccConfig(applications=spoken, iso20_needs_tls=self.certificates.tls)
        return evse, configured(configured(config, self._indulgence), settings)

    @property
    def _indulgence(self) -> dict[str, Json]:
        """What PIXIT says that our SECC is to put up with: an EVCC that is slow, or will not do without prices."""
        return {name: each for name, each in self.pixit.values.items() if name in ("patience", "price_levels")}
