"""An SECC and an EVCC at one plug, joined without sockets; time jumps to whatever happens next."""

from __future__ import annotations

from dataclasses import dataclass, field

from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.evcc import DriverSettings, Evcc, EvccConfig, SimulatedEv
from v2x_architecture.iso15118.secc import Close, EvseSettings, Memory, Output, Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import Framer, encode
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel


@dataclass
class Said:
    """A message that went over the wire."""

    at: float
    name: str
    message: object

    @property
    def body(self) -> object:
        return getattr(getattr(self.message, "Body", None), "BodyElement", self.message)


# A battery that gives as well as it takes; whether it may is for the other side, and the service, to say.
BOTH_WAYS = RessModel(max_discharge_a=100.0, max_discharge_w=30_000.0)


def ac_plug(soc: float = 50.0, **outlet: float) -> Coupling:
    ev = ElectricVehicle(VehicleModel(soc=soc))
    return Coupling(outlet=AcOutletModel(**outlet), vehicle=ev, ress=Ress(BOTH_WAYS, ev))


def dc_plug(soc: float = 50.0, capacity_wh: float = 60_000.0, **supply: float) -> Coupling:
    ev = ElectricVehicle(VehicleModel(soc=soc, capacity_wh=capacity_wh))
    return Coupling(supply=DcSupply(DcSupplyModel(**supply)), vehicle=ev, ress=Ress(BOTH_WAYS, ev))


@dataclass
class Pair:
    """Both sides, and what they said."""

    plug: Coupling
    evse: SimulatedEvse
    ev: SimulatedEv
    secc: Secc
    evcc: Evcc
    now: float = 0.0
    said: list[Said] = field(default_factory=list)
    cut: bool = False

    @classmethod
    def at(
        cls,
        plug: Coupling,
        *,
        evse: EvseSettings | None = None,
        driver: DriverSettings | None = None,
        secc: SeccConfig | None = None,
        evcc: EvccConfig | None = None,
        memory: Memory | None = None,
        kind: type[Secc] = Secc,
        now: float = 0.0,
    ) -> Pair:
        side, vehicle = SimulatedEvse(plug, evse), SimulatedEv(plug, driver)
        return cls(plug, side, vehicle, kind(side, secc, memory, now=now), Evcc(vehicle, evcc, now=now), now)

    @property
    def names(self) -> list[str]:
        """Names of all that was said, repetitions of a pair left out."""
        names: list[str] = []
        for each in self.said:
            if names[-2:] != [] and each.name in names[-2:]:
                continue
            names.append(each.name)
        return names

    def bodies[T](self, kind: type[T]) -> list[T]:
        return [each.body for each in self.said if isinstance(each.body, kind)]

    def run(self, until: float = 100_000.0) -> Pair:
        """Let them talk until both are done, or until a time."""
        self._to_secc(self.evcc.start(self.now))
        return self.run_on(until)

    def run_on(self, until: float = 100_000.0) -> Pair:
        """Let them go on."""
        while self.evcc.outcome is None or (self.secc.closed is None and not self.cut):
            due = [each for each in (self.evcc.next_deadline, self.secc.next_deadline) if each is not None]
            if not due or min(due) > until:
                break
            self.now = max(self.now, min(due))
            self._to_evcc(self.secc.handle_timeout(self.now))
            self._to_secc(self.evcc.handle_timeout(self.now))
            self._hang_up()
        return self

    def _hang_up(self) -> None:
        if self.cut:
            return
        if self.evcc.outcome is not None:
            self.secc.lost(self.now)
        elif self.secc.closed is not None:
            self.evcc.lost(self.now, self.secc.closed.reason.value)

    def _to_secc(self, sent: list[Send]) -> None:
        for each in sent:
            self.said.append(Said(self.now, each.name, each.message))
            (event,) = Framer().receive(encode(each.payload_type, each.payload))
            if not self.cut:
                self._to_evcc(self.secc.receive(event, self.now))

    def _to_evcc(self, outputs: list[Output]) -> None:
        for each in outputs:
            if isinstance(each, Close):
                continue
            self.said.append(Said(self.now, each.name, each.message))
            (event,) = Framer().receive(encode(each.payload_type, each.payload))
            self._to_secc(self.evcc.receive(event, self.now))
