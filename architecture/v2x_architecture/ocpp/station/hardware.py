"""The physical side of a station: meters, contactors, plugs, bays and the vehicles on them. It outlives every power cycle.

The firmware offers power and is told what happens; it never decides what a vehicle does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.station.config import EvseConfig
from v2x_architecture.site import Meter, Reading, Signer
from v2x_architecture.vehicle import ElectricVehicle


class Flow(StrEnum):
    """What an offer of power came to."""

    NONE = "none"
    PENDING = "pending"
    DRAWING = "drawing"
    DECLINED = "declined"


class Happening(StrEnum):
    """What the hardware tells the firmware."""

    PLUGGED = "plugged"
    UNPLUGGED = "unplugged"
    FLOW = "flow"
    BAY_OCCUPIED = "bay occupied"
    BAY_LEFT = "bay left"
    CABLE_REMOVED = "cable removed"
    FAULT = "fault"


@dataclass(slots=True)
class ConnectorHardware:
    """A socket or an attached cable.

    Attributes:
        id: connector id, from 1.
        vehicle: what is plugged in.
        cable: a driver's cable is in the socket (it may stay there, locked, without a vehicle).
        locked: the cable is locked in the socket.
        lock_jammed: unlocking fails.
        fault: error code of a fault, empty for none.
    """

    id: int
    vehicle: ElectricVehicle | None = None
    cable: bool = False
    locked: bool = False
    lock_jammed: bool = False
    fault: str = ""


@dataclass(slots=True)
class EvseHardware:
    """One EVSE: a meter, a contactor, connectors.

    Args:
        id: EVSE id, from 1.
        config: what it can do.
        clock: its time.
        reaction_s: how long vehicle and contactor take to react to an offer (s).
    """

    id: int
    config: EvseConfig
    clock: Clock
    reaction_s: float
    meter: Meter = field(init=False)
    connectors: dict[int, ConnectorHardware] = field(init=False)
    bay_occupied: bool = False
    offered_w: float = 0.0
    phases: int = 0
    flow: Flow = Flow.NONE
    listener: Callable[[EvseHardware, Happening, int], None] | None = None
    _settled_at: float = 0.0
    _timer: asyncio.TimerHandle | None = None
    _signer: Signer | None = None

    def __post_init__(self) -> None:
        self.meter = Meter(self.config.meter_wh)
        self.connectors = {number: ConnectorHardware(number) for number in range(1, self.config.connectors + 1)}
        self._settled_at = self.clock.monotonic()

    @property
    def signer(self) -> Signer:
        """The meter's signing unit, made when it is first needed."""
        if self._signer is None:
            self._signer = Signer(f"METER-{self.id}")
        return self._signer

    def keep_meter(self, meter: Meter) -> None:
        """Go on with a meter that was there before."""
        self.meter = meter

    @property
    def plugged(self) -> ConnectorHardware | None:
        """The connector on which a vehicle is, if any."""
        return next((each for each in self.connectors.values() if each.vehicle is not None), None)

    @property
    def vehicle(self) -> ElectricVehicle | None:
        """The vehicle that is plugged in, if any."""
        connector = self.plugged
        return None if connector is None else connector.vehicle

    @property
    def phases_used(self) -> int:
        """Phases on which the vehicle draws."""
        vehicle = self.vehicle
        return 0 if vehicle is None else min(self.phases or self.config.phases, vehicle.model.phases)

    def plug_in(self, connector: int, vehicle: ElectricVehicle) -> None:
        """Put a vehicle on a connector.

        Raises:
            ValueError: the EVSE has no such connector, or a vehicle already.
        """
        self._may_plug_in(connector)
        self._settle()
        self.connectors[connector].vehicle = vehicle
        self.connectors[connector].cable = not self.config.tethered
        self._tell(Happening.PLUGGED, connector)
        self._react()

    def _may_plug_in(self, connector: int) -> None:
        if connector not in self.connectors:
            raise ValueError(f"EVSE {self.id} has no connector {connector}")
        if self.plugged is not None:
            raise ValueError(f"a vehicle is already plugged in on EVSE {self.id}")

    def unplug(self) -> None:
        """Pull the cable out of the vehicle; a cable that is not locked leaves with the driver.

        Raises:
            ValueError: no vehicle is plugged in.
        """
        connector = self.plugged
        if connector is None:
            raise ValueError(f"no vehicle is plugged in on EVSE {self.id}")
        self._settle()
        connector.vehicle = None
        connector.cable = connector.locked
        self._flow(Flow.NONE, tell=False)
        self._tell(Happening.UNPLUGGED, connector.id)

    def suspend(self, suspended: bool) -> None:
        """Let the vehicle pause, or go on.

        Raises:
            ValueError: no vehicle is plugged in.
        """
        vehicle = self.vehicle
        if vehicle is None:
            raise ValueError(f"no vehicle is plugged in on EVSE {self.id}")
        self._settle()
        vehicle.suspended = suspended
        self._react()

    def occupy_bay(self, occupied: bool) -> None:
        """Let a vehicle arrive in the bay, or leave it."""
        if occupied != self.bay_occupied:
            self.bay_occupied = occupied
            self._tell(Happening.BAY_OCCUPIED if occupied else Happening.BAY_LEFT, 0)

    def set_fault(self, connector: int, code: str) -> None:
        """Break a connector, or mend it (empty code).

        Raises:
            ValueError: the EVSE has no such connector.
        """
        if connector not in self.connectors:
            raise ValueError(f"EVSE {self.id} has no connector {connector}")
        self.connectors[connector].fault = code
        self._tell(Happening.FAULT, connector)

    def jam_lock(self, connector: int, jammed: bool) -> None:
        """Jam a lock, or free it.

        Raises:
            ValueError: the EVSE has no such connector.
        """
        if connector not in self.connectors:
            raise ValueError(f"EVSE {self.id} has no connector {connector}")
        self.connectors[connector].lock_jammed = jammed

    def lock(self, connector: int) -> bool:
        """Lock the cable in the socket; an attached cable has nothing to lock. Returns whether it worked."""
        socket = self.connectors[connector]
        if not self.config.tethered and not socket.locked:
            socket.locked = not socket.lock_jammed
        return self.config.tethered or socket.locked

    def unlock(self, connector: int) -> bool:
        """Unlock the cable; a cable without a vehicle is taken away. Returns whether it worked."""
        socket = self.connectors[connector]
        if socket.lock_jammed:
            return False
        socket.locked = False
        if socket.vehicle is None and socket.cable:
            socket.cable = False
            self._tell(Happening.CABLE_REMOVED, connector)
        return True

    def offer(self, watts: float, phases: int | None = None) -> None:
        """Offer power to the vehicle (W, on so many phases); 0 opens the contactor at once."""
        phases = phases or self.config.phases
        if watts == self.offered_w and phases == self.phases:
            return
        self._settle()
        self.offered_w = watts
        self.phases = phases
        self._react()

    def power_off(self) -> None:
        """Lose power: the contactor opens, nobody listens."""
        self._settle()
        self.listener = None
        self.offered_w = 0.0
        self._flow(Flow.NONE, tell=False)

    def read(self, at: datetime) -> Reading:
        """Read the meter; ``at`` is the time to note beside it."""
        self._settle()
        vehicle = self.vehicle
        power = self._power()
        voltage = self.config.voltage_v
        used = self.phases_used
        current = power / (voltage * used) if used else 0.0
        return Reading(
            at=at,
            energy_wh=self.meter.energy_wh,
            power_w=power,
            currents_a=tuple(current if phase < used else 0.0 for phase in range(self.config.phases)),
            voltages_v=(voltage,) * self.config.phases,
            offered_a=self.offered_w / (voltage * (self.phases or self.config.phases)),
            offered_w=self.offered_w,
            frequency_hz=None if self.config.current == "DC" else 50.0,
            soc=vehicle.soc if vehicle is not None else None,
        )

    def seconds_to_energy(self, energy_wh: float) -> float | None:
        """Return after how long, at today's power, that much more energy has flowed (s), or None when none flows."""
        power = self._power()
        return energy_wh * 3600 / power if power > 0 else None

    def _power(self) -> float:
        vehicle = self.vehicle
        if vehicle is None or self.flow is not Flow.DRAWING:
            return 0.0
        return vehicle.power(self.offered_w, self._charger_phases(vehicle))

    def _charger_phases(self, vehicle: ElectricVehicle) -> int:
        """Phases of its charger that the vehicle can use; direct current goes past the charger."""
        return vehicle.model.phases if self.config.current == "DC" else self.phases

    def _settle(self) -> None:
        """Count the energy that flowed since the last look."""
        now = self.clock.monotonic()
        seconds, self._settled_at = now - self._settled_at, now
        if self.flow is Flow.DRAWING and (vehicle := self.vehicle) is not None:
            self.meter.add(vehicle.charge(self.offered_w, seconds, self._charger_phases(vehicle)))

    def _react(self) -> None:
        """Find out what becomes of the offer, now or after the reaction time."""
        vehicle = self.vehicle
        if vehicle is None or self.offered_w <= 0:
            self._flow(Flow.NONE)
        elif self.flow is Flow.DRAWING:
            if vehicle.wants_energy:
                self._watch_for_full(vehicle)
            else:
                self._flow(Flow.DECLINED)
        else:
            if self.flow is Flow.NONE:
                self._flow(Flow.PENDING)
            self._schedule(self.reaction_s, self._answer)

    def _answer(self) -> None:
        """The vehicle begins to draw, or shows that it does not want to."""
        vehicle = self.vehicle
        if vehicle is None or self.offered_w <= 0:
            return
        self._settle()
        if vehicle.wants_energy:
            self._flow(Flow.DRAWING)
            self._watch_for_full(vehicle)
        else:
            self._flow(Flow.DECLINED)

    def _watch_for_full(self, vehicle: ElectricVehicle) -> None:
        seconds = vehicle.seconds_to_full(self.offered_w, self._charger_phases(vehicle))
        if seconds is not None:
            self._schedule(seconds, self._look_again)

    def _look_again(self) -> None:
        self._settle()
        self._react()

    def _flow(self, flow: Flow, *, tell: bool = True) -> None:
        self._cancel()
        if flow is not self.flow:
            self.flow = flow
            if tell:
                self._tell(Happening.FLOW, 0)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Tell nobody what happens, because who listens does it."""
        listener, self.listener = self.listener, None
        try:
            yield
        finally:
            self.listener = listener

    def _tell(self, happening: Happening, connector: int) -> None:
        if self.listener is not None:
            self.listener(self, happening, connector)

    def _schedule(self, seconds: float, action: Callable[[], None]) -> None:
        self._cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, action)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Hardware:
    """All EVSEs of a station.

    Args:
        evses: by id.
    """

    def __init__(self, evses: dict[int, EvseHardware]) -> None:
        self.evses = evses

    def power_off(self) -> None:
        """Lose power on every EVSE."""
        for evse in self.evses.values():
            evse.power_off()
