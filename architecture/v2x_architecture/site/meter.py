"""An electricity meter: a register that never goes back, and what it measures now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter shows at one moment.

    Attributes:
        at: when it was read.
        energy_wh: register of active energy imported, since the meter was made (Wh).
        power_w: active power imported now (W); negative while it is exported.
        currents_a: current by phase, L1 first (A), with the sign of the power; one value for DC.
        voltages_v: voltage by phase against neutral (V); one value for DC.
        offered_a, offered_w: what the EVSE offers at most to the vehicle (A by phase, W).
        frequency_hz: of the grid (Hz); None for DC.
        soc: state of charge of the vehicle (percent), where it tells.
        exported_wh: register of active energy exported (Wh); None where there is no such register.
    """

    at: datetime
    energy_wh: float
    power_w: float = 0.0
    currents_a: tuple[float, ...] = ()
    voltages_v: tuple[float, ...] = ()
    offered_a: float = 0.0
    offered_w: float = 0.0
    frequency_hz: float | None = 50.0
    soc: float | None = None
    exported_wh: float | None = None


class Meter:
    """Active energy registers; keep their values without power.

    Args:
        energy_wh: what the import register already shows (Wh).
        exported_wh: what the export register already shows (Wh).
    """

    def __init__(self, energy_wh: float = 0.0, exported_wh: float = 0.0) -> None:
        self.energy_wh = energy_wh
        self.exported_wh = exported_wh

    def add(self, energy_wh: float) -> None:
        """Count energy that flowed (Wh).

        Raises:
            ValueError: the energy is negative; the import register never goes back.
        """
        if energy_wh < 0:
            raise ValueError("the import register never goes back")
        self.energy_wh += energy_wh

    def give(self, energy_wh: float) -> None:
        """Count energy that flowed back (Wh).

        Raises:
            ValueError: the energy is negative; the export register never goes back.
        """
        if energy_wh < 0:
            raise ValueError("the export register never goes back")
        self.exported_wh += energy_wh
