"""Charging stations for OCPP 2.0.1 that do wrong on the connection itself, where no tap step can stand in for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import override

from v2x_architecture.ocpp.v201.station import Firmware201


class StationThatStorms(Firmware201):
    """Tries again twice a second when it is refused."""

    @override
    def reconnect_delays(self) -> Iterator[float]:
        return repeat(0.5)


class StationThatStaysAway(Firmware201):
    """Waits long before it connects again, so that much happens while it is away."""

    @override
    def reconnect_delays(self) -> Iterator[float]:
        return repeat(50.0)
