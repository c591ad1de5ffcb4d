"""DC charging on the EVSE's side, as plain values: the same physics for every edition."""

from __future__ import annotations

from typing import Final

import msgspec

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import ChargingNeeds, DcLimits
from v2x_architecture.iso15118.secc.evse import Check, Evse

PRE_CHARGE_CURRENT: Final = 2.0
"""Most that flows before the EV's contactors are closed (A; IEC 61851-23: CC.5.1)."""
CP_DETECTION: Final = 1.5
"""V2G_SECC_CPState_Detection_Timeout: how long state C may take after the first CableCheckReq (s)."""
CP_RELEASE: Final = 1.4
"""How long state B may take after charging, so that the response still comes in its performance time of 1.5 s (s)."""
AFTER_CHARGING: Final = "WeldingDetectionOrSessionStop"
"""State of the older editions once PowerDeliveryReq has ended DC charging."""
LOOK_AGAIN: Final = 0.05
"""Between looks at the control pilot (s)."""
READY: Final = frozenset({CpState.C, CpState.D})


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a demand for current.

    Attributes:
        present: what flows.
        limits: of the EVSE now.
        current_limited, voltage_limited, power_limited: which of them was reached.
    """

    present: Present
    limits: DcLimits
    current_limited: bool
    voltage_limited: bool
    power_limited: bool


def undemanded(evse: Evse, now: float) -> Demand:
    """Return what there is where nothing was demanded."""
    return Demand(
        present=evse.present(now),
        limits=evse.dc_limits(now),
        current_limited=False,
        voltage_limited=False,
        power_limited=False,
    )


class DcOutput:
    """The DC output in the course of a session.

    Args:
        evse: that it belongs to.
    """

    def __init__(self, evse: Evse) -> None:
        self.evse = evse
        self._asked_first: float | None = None
        self._sees_pilot = False
        self._release_asked: float | None = None

    def look(self, now: float) -> None:
        """Look at the control pilot before energy: an EVSE that sees C or D from the first sees nothing of its EV."""
        self._sees_pilot = self._sees_pilot or self.evse.cp_state(now) not in READY

    def released(self, now: float) -> Check:
        """Tell whether the EV has left state C after charging, as it must soon ([V2G-DC-988], [V2G2-921])."""
        if not self._sees_pilot or self.evse.cp_state(now) not in READY:
            self._release_asked = None
            return Check.PASSED
        if self._release_asked is None:
            self._release_asked = now
        return Check.ONGOING if now - self._release_asked < CP_RELEASE else Check.FAILED

    def cable_check(self, now: float) -> Check:
        """Test cable and isolation, once the EV is in state C.

        Without state C the EV is told to wait, for the time that its detection may take.
        """
        if self._asked_first is None:
            self._asked_first = now
        if self.evse.cp_state(now) not in READY:
            return Check.ONGOING if now - self._asked_first < CP_DETECTION else Check.FAILED
        return self.evse.cable_check(now)

    def restart(self) -> None:
        """Begin again with the cable check, as a renegotiation does."""
        self._asked_first = None

    def emergency(self, now: float) -> bool:
        """Tell whether there is an emergency; then the output is switched off at once, whatever the EV wants."""
        if self.evse.dc_status(now) != "EVSE_EmergencyShutdown":
            return False
        self.evse.switch_off(now)
        return True

    def pre_charge(self, voltage_v: float, current_a: float, now: float) -> Present | None:
        """Bring the output to the EV's voltage; None when it is one that the output cannot have."""
        if not 0 <= voltage_v <= self.evse.dc_limits(now).max_voltage_v:
            return None
        self.evse.set_dc(voltage_v, min(max(current_a, 0.0), PRE_CHARGE_CURRENT), now)
        return self.evse.present(now)

    def demand(self, voltage_v: float, current_a: float, now: float, needs: ChargingNeeds | None = None) -> Demand:
        """Give what is demanded, as far as the EVSE's limits and the EV's own allow it."""
        limits = self.evse.dc_limits(now)
        voltage = min(voltage_v, limits.max_voltage_v)
        if needs is not None:
            voltage = min(voltage, needs.max_voltage_v)
        current = max(-limits.max_discharge_a, min(current_a, limits.max_current_a))
        before = self.evse.present(now)
        by_power = limits.max_power_w / before.voltage_v if before.voltage_v > 0 else current
        back = limits.max_discharge_w / before.voltage_v if before.voltage_v > 0 else 0.0
        self.evse.set_dc(voltage, max(-back, min(current, by_power)), now)
        present = self.evse.present(now)
        return Demand(
            present=present,
            limits=limits,
            current_limited=current_a >= limits.max_current_a,
            voltage_limited=voltage_v >= limits.max_voltage_v,
            power_limited=current > by_power or current < -back,
        )
