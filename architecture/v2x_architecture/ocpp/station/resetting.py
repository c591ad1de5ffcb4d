"""Resets: at once or as soon as nobody charges, of the station or of one EVSE."""

from __future__ import annotations

from enum import StrEnum

from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.communicating import Communicating
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session


class ResetStatus(StrEnum):
    """What becomes of a reset (ResetStatusEnumType)."""

    ACCEPTED = "Accepted"
    SCHEDULED = "Scheduled"
    REJECTED = "Rejected"


class Resetting(Communicating):
    """Adds resets (B11, B12; 1.6: 5.14)."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self._reset_when_idle = False
        self._resetting = False

    def order_reset(self, *, immediate: bool, evse: int | None = None) -> ResetStatus:
        """Take an order to reset; it is carried out after the answer.

        Args:
            immediate: stop transactions for it; otherwise wait until they have ended.
            evse: which EVSE; None: the station.
        """
        affected = list(self.evses.values()) if evse is None else [self.evses[evse]]
        if not immediate and any(self.busy(each) for each in affected):
            for each in affected:
                each.resetting = True
                self.update_status(each)
            self._reset_when_idle = self._reset_when_idle or evse is None
            return ResetStatus.SCHEDULED
        if evse is None:
            self.after_answer(
                lambda: self.reset_station(BootCause.REMOTE_RESET, Trigger.RESET_COMMAND, StopReason.IMMEDIATE_RESET)
            )
        else:
            self.after_answer(lambda: self.reset_evse(self.evses[evse]))
        return ResetStatus.ACCEPTED

    def reset_station(self, cause: BootCause, trigger: Trigger, reason: StopReason) -> None:
        """Stop all transactions, give their last reports time to be delivered, restart (B12.FR.04, FR.05)."""
        if not self._resetting:
            self._resetting = True
            for evse in self.evses.values():
                evse.resetting = True
            for session in self.sessions.values():
                if session.transaction is not None:
                    self.withdraw(session, trigger, reason, end=True)
            self.spawn(self._restart_when_told(cause))

    def reset_evse(self, evse: Evse) -> None:
        """Stop the transaction of an EVSE and restart it: it is unavailable meanwhile (B11.FR.08, B12.FR.08)."""
        evse.resetting = True
        session = self.sessions[evse.id]
        if session.transaction is not None:
            self.withdraw(session, Trigger.RESET_COMMAND, StopReason.IMMEDIATE_RESET, end=True)
        self.update_status(evse)
        self.timers.start(f"reset {evse.id}", self.config.restart_s, lambda: self._evse_reset(evse))

    def transaction_over(self, session: Session) -> None:
        """Carry out resets that waited for the transaction to end (B12.FR.01)."""
        super().transaction_over(session)
        if self._resetting:
            return
        if self._reset_when_idle:
            if not any(self.busy(each) for each in self.evses.values()):
                self._resetting = True
                self.spawn(self._restart_when_told(BootCause.SCHEDULED_RESET))
        elif session.evse is not None and session.evse.resetting:
            self.reset_evse(session.evse)

    async def _restart_when_told(self, cause: BootCause) -> None:
        await self.outbox.settled(self.settings.message_timeout_s)
        self.restart(cause)

    def _evse_reset(self, evse: Evse) -> None:
        evse.resetting = False
        self.update_status(evse)
