"""What the firmware of a station does for a vehicle that speaks ISO 15118, as the SECC of the vehicle's EVSE asks for it."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, Schedule
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.limiting import Limiting
from v2x_architecture.ocpp.station.model import IdToken, StopReason, Trigger


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of an authorization that waits for the vehicle to stop.

    Attributes:
        trigger, reason, end, keep_locked: as of `Charging.withdraw`.
        token: who stopped; told with the end.
    """

    trigger: Trigger
    reason: StopReason | None
    end: bool
    keep_locked: bool
    token: IdToken | None


class Speaking(Limiting):
    """Firmware that an SECC can talk to."""

    @abstractmethod
    def tell_needs(self, evse: int, needs: ChargingNeeds) -> asyncio.Future[Payload] | None:
        """Tell the CSMS what a vehicle needs, and return what gets the answer; None where the version has no such message."""

    @abstractmethod
    def schedules_for(self, evse: int, seconds: int) -> tuple[Schedule, ...]:
        """Return what the charging profiles leave for a vehicle from now on, one schedule or several to choose from (K15.FR.07).

        Args:
            evse: where.
            seconds: how long the schedules are to be.
        """

    @abstractmethod
    def ev_chose(self, evse: int, schedule: int, choice: Choice) -> None:
        """A vehicle has chosen; energy may flow.

        Args:
            evse: where.
            schedule: which of the schedules that it was offered, from 0.
            choice: what it told.
        """

    @abstractmethod
    def ev_stopped(self, evse: int) -> None:
        """The vehicle has stopped because it was asked to, or has not in time: end its authorization."""

    @abstractmethod
    def ev_ended(self, evse: int) -> None:
        """A vehicle ends its session, so that nobody is authorized any more (E15.FR.04, FR.05)."""
