"""What there is to touch: EVSEs with one connector each, their meters, and the vehicles at them."""

import time


class Evse:
    """One EVSE: plug, contactor, meter.

    Energy is what has flowed since it was built (Wh); power is drawn (W) while the contactor is closed and the vehicle wants it.
    """

    def __init__(self, number, power_w=11000.0):
        self.number = number
        self.offered_w = power_w
        self.wanted_w = power_w
        self.plugged = False
        self.suspended = False
        self.closed = False
        self.fault = ""
        self._energy_wh = 0.0
        self._read_at = time.monotonic()

    @property
    def power_w(self):
        flows = self.closed and self.plugged and not self.suspended and not self.fault
        return min(self.offered_w, self.wanted_w) if flows else 0.0

    def read_wh(self):
        """Return the meter's register (Wh), and bring it up to date: to be called before anything changes."""
        now = time.monotonic()
        self._energy_wh += self.power_w * (now - self._read_at) / 3600.0
        self._read_at = now
        return self._energy_wh

    def change(self, **what):
        """Change plugged, suspended, closed, fault or wanted_w."""
        self.read_wh()
        for name, value in what.items():
            setattr(self, name, value)
