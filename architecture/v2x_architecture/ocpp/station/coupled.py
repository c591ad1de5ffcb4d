"""The physical side of an EVSE with an SECC: energy flows as EV and SECC agree, through the same meter as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from v2x_architecture.clock import Clock
from v2x_architecture.coupling import Coupling, Present
from v2x_architecture.ocpp.station.config import EvseConfig, SeccSettings, StationConfig
from v2x_architecture.ocpp.station.hardware import EvseHardware, Flow, Hardware
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel, Meter, Reading
from v2x_architecture.vehicle import ElectricVehicle, Ress

_NOTHING: Final = 1.0
"""Power below which nothing counts as flowing (W)."""
_PATIENCE: Final = 3.0
"""How long an EV may take until it draws, once the contactor has closed and it is offered power (s)."""


class CoupledEvse(EvseHardware):
    """An EVSE at whose plug there is a control pilot, and an outlet or a DC supply that its SECC commands.

    A vehicle that does not speak ISO 15118 charges with AC as at any other EVSE; DC it cannot have.

    Attributes:
        plug: between EV and EVSE.
        speaks: the vehicle that is plugged in speaks ISO 15118.
        soc: state of charge as the EV told it (percent); None where it has not.
        single_phase: the EV has asked for AC on one phase.
        interrupting: the EVSE has asked the EV to stop or to renegotiate, so that it is its doing when nothing flows.
        stranger: the vehicle has come by itself, over ISO 15118 only.
    """

    plug: Coupling
    speaks: bool
    soc: float | None
    single_phase: bool
    interrupting: bool
    stranger: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        secc = self.config.secc or SeccSettings()
        outlet, supply = _outlet(self.config, secc), _supply(self.config, secc)
        direct = self.config.current == "DC"
        self.plug = Coupling(outlet=None if direct else outlet, supply=DcSupply(supply) if direct else None, meter=self.meter)
        self._closed_at: float | None = None
        self._offered_at = 0.0
        self._outlet = outlet
        self._forget()
        self.plug.disconnect(self.clock.monotonic())

    def keep_meter(self, meter: Meter) -> None:
        """Go on with a meter that was there before."""
        super().keep_meter(meter)
        self.plug.meter = meter

    @property
    def phases_used(self) -> int:
        """Phases on which the vehicle draws."""
        return 1 if self.single_phase else super().phases_used

    # The vehicle

    def plug_in_speaking(self, connector: int, vehicle: ElectricVehicle, ress: Ress | None) -> None:
        """Put a vehicle that speaks ISO 15118 on a connector.

        Args:
            connector: where.
            vehicle: the vehicle; it stands for any vehicle where ``ress`` is None.
            ress: its battery for DC; None for a vehicle of which nothing is known but what it says.

        Raises:
            ValueError: the EVSE has no such connector, or a vehicle already.
        """
        self._may_plug_in(connector)
        self.speaks = True
        self.plug.connect(vehicle if ress is not None else None, ress, self.clock.monotonic())
        self.plug_in(connector, vehicle)

    def begin_to_speak(self) -> None:
        """Find out that the vehicle that is plugged in speaks ISO 15118; nothing is known of it but what it says."""
        self._settle()
        self.speaks = True
        self.plug.connect(None, None, self.clock.monotonic())
        self._react()

    def unplug(self) -> None:
        """Pull the cable out of the vehicle.

        Raises:
            ValueError: no vehicle is plugged in.
        """
        if self.plugged is not None:
            self._settle()
            self.plug.disconnect(self.clock.monotonic())
            self._forget()
        super().unplug()

    # What the SECC does

    @property
    def connected(self) -> bool:
        """Whether the contactor is closed."""
        return self.plug.evse_contactor_closed

    def look(self) -> None:
        """Find out what flows now, after EV or SECC did something."""
        self._settle()
        if not self.connected:
            self._closed_at = None
        elif self._closed_at is None:
            self._closed_at = self.clock.monotonic()
        self._react()

    def cut(self) -> None:
        """Open the contactor at once."""
        now = self.clock.monotonic()
        self.plug.switch_off(now)
        self.plug.set_evse_contactor(closed=False, now=now)
        self.look()

    def offer(self, watts: float, phases: int | None = None) -> None:
        """Offer power to the vehicle (W, on so many phases). The contactor is the SECC's."""
        if self.plug.outlet is not None:
            self.plug.outlet = msgspec.structs.replace(self._outlet, phases=phases or self.config.phases)
        if watts > 0 and self.offered_w <= 0:
            self._offered_at = self.clock.monotonic()
        super().offer(watts, phases)

    def power_off(self) -> None:
        """Lose power: the contactor opens, nobody listens."""
        super().power_off()
        now = self.clock.monotonic()
        self.plug.switch_off(now)
        self.plug.set_evse_contactor(closed=False, now=now)
        self._closed_at, self.interrupting = None, False

    def present(self) -> Present:
        """Measure what flows."""
        now = self.clock.monotonic()
        return self.plug.ac(now) if self.plug.supply is None else self.plug.dc(now)

    def read(self, at: datetime) -> Reading:
        """Read the meter; ``at`` is the time to note beside it."""
        reading = super().read(at)
        exported = self.meter.exported_wh if self.config.bidirectional else None
        if not self.speaks:
            return replace(reading, exported_wh=exported)
        present = self.present()
        reading = replace(reading, exported_wh=exported, soc=self.soc)
        if self.config.current == "AC":
            return reading
        return replace(reading, currents_a=(present.current_a,), voltages_v=(present.voltage_v,))

    # How it works

    def _power(self) -> float:
        if self.speaks:
            return self.present().power_w
        return super()._power() if self.config.current == "AC" else 0.0

    def _settle(self) -> None:
        if not self.speaks:
            super()._settle()
            return
        self._settled_at = self.clock.monotonic()
        self.plug.advance(self._settled_at)

    def _react(self) -> None:
        if self.speaks:
            self._flow(self._agreed_flow())
        elif self.config.current == "AC":
            super()._react()
        else:
            self._flow(Flow.PENDING if self.vehicle is not None and self.offered_w > 0 else Flow.NONE)

    def _agreed_flow(self) -> Flow:
        """Return what became of the offer: the EV decides when it draws, once the SECC has closed the contactor."""
        if self.vehicle is None or self.offered_w <= 0:
            return Flow.NONE
        if abs(self._power()) > _NOTHING:
            return Flow.DRAWING
        if self.interrupting:
            return Flow.NONE
        begun = self.flow in (Flow.DRAWING, Flow.DECLINED)
        late = self._closed_at is not None and self.clock.monotonic() - max(self._closed_at, self._offered_at) > _PATIENCE
        return Flow.DECLINED if begun or late else Flow.PENDING

    def _forget(self) -> None:
        self.speaks = self.single_phase = self.interrupting = self.stranger = False
        self.soc, self._closed_at = None, None


def installed(config: StationConfig, clock: Clock) -> Hardware:
    """Return the physical side of a station, its EVSEs with and without SECC."""
    kinds = {number: EvseHardware if each.secc is None else CoupledEvse for number, each in enumerate(config.evses, start=1)}
    return Hardware({number: kind(number, config.evses[number - 1], clock, config.reaction_s) for number, kind in kinds.items()})


def _outlet(config: EvseConfig, secc: SeccSettings) -> AcOutletModel:
    back = secc.discharge_w / config.voltage_v / config.phases
    return AcOutletModel(
        voltage_v=config.voltage_v, phases=config.phases, max_current_a=config.max_current_a, max_discharge_a=back
    )


def _supply(config: EvseConfig, secc: SeccSettings) -> DcSupplyModel:
    """Return the supply as configured, or one as strong as the EVSE; the EVSE decides what it takes back."""
    model = secc.supply or DcSupplyModel(max_current_a=config.max_current_a, max_power_w=config.max_power_w)
    back = min(model.max_current_a, secc.discharge_w / model.min_voltage_v)
    return msgspec.structs.replace(model, max_discharge_w=secc.discharge_w, max_discharge_a=back)
