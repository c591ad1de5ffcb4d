"""The status of connectors and of the main controller (4.9), and their availability (5.2)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final, override

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import Authorization, ChargingState, Transaction
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.v16.base import Base16
from v2x_architecture.ocpp.v16.messages import ERROR_CODES, Json, timestamp, transition

MAIN_CONTROLLER: Final = 0
"""connectorId of the main controller (3.8)."""

_DISCONNECTED: Final = "EV side disconnected"
_ORDERED: Final = "main controller operative"

_IN_TRANSACTION: Final = {
    ChargingState.CHARGING: "Charging",
    ChargingState.SUSPENDED_EV: "SuspendedEV",
    ChargingState.SUSPENDED_EVSE: "SuspendedEVSE",
    ChargingState.IDLE: "SuspendedEV",
}


class Statuses16(Base16):
    """Adds StatusNotification, the statuses it tells, and orders to be operative or not."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.main_ordered = self.recall(_ORDERED, bool) is not False
        self.main_status = "Available" if self.main_ordered else "Unavailable"
        self._main_told = ""
        self._finishing: set[int] = set()
        self._leaving: set[int] = set()
        self._unstable: dict[int, tuple[str, ...]] = {}

    # -- what a status is ----------------------------------------------------------------------------------------------------

    @override
    def connector_status(self, evse: Evse, connector: Connector) -> str:
        """Return ChargePointStatus of a connector (7.7)."""
        session, plugged = self.sessions[evse.id], evse.hardware.plugged
        transaction = session.transaction
        elsewhere = plugged is not None and plugged.id != connector.id
        if connector.hardware.fault:
            return "Faulted"
        if elsewhere or (transaction is not None and transaction.connector not in (None, connector.id)):
            return "Unavailable"
        if transaction is not None:
            # A vehicle that has not reacted yet: the status stays what it was.
            waiting = connector.status if connector.status in _IN_TRANSACTION.values() else "Preparing"
            return _IN_TRANSACTION.get(session.state, waiting)
        if self.user_must_act(evse):
            return "Finishing"
        if not connector.operative:
            return "Unavailable"
        return "Preparing" if session.connected or session.authorized or evse.hardware.bay_occupied else "Available"

    def user_must_act(self, evse: Evse) -> bool:
        """Whether a transaction has ended and its cable is still there (7.7: Finishing)."""
        still_there = evse.hardware.plugged is not None or evse.id in self._leaving or self.sessions[evse.id].held
        return evse.id in self._finishing and still_there

    @override
    def transaction_over(self, session: Session) -> None:
        if session.evse is not None:
            self._finishing.add(session.evse.id)
        super().transaction_over(session)
        self.update_main()

    @override
    def end_interrupted(self, transaction: Transaction) -> None:
        super().end_interrupted(transaction)
        if transaction.evse is not None:
            self._finishing.add(transaction.evse)

    @override
    def grant(self, session: Session, authorization: Authorization) -> None:
        if session.evse is not None:
            self._finishing.discard(session.evse.id)
        super().grant(session, authorization)
        if session.evse is not None:
            self.update_status(session.evse)

    @override
    def plugged_in(self, session: Session) -> None:
        if session.evse is not None:
            self._finishing.discard(session.evse.id)
        super().plugged_in(session)

    @override
    def unplugged(self, session: Session) -> None:
        """Let a transaction that ends because the vehicle leaves finish before the connector is available again (4.9)."""
        evse = session.evse
        if evse is None:
            return
        self._leaving.add(evse.id)
        super().unplugged(session)
        self._leaving.discard(evse.id)
        self.update_status(evse)

    # -- telling it ----------------------------------------------------------------------------------------------------------

    @override
    def update_status(self, evse: Evse) -> None:
        """Tell statuses that changed, at once or when they have lasted MinimumStatusDuration."""
        seconds = self.configuration.integer("MinimumStatusDuration")
        statuses = tuple(self.connector_status(evse, each) for each in evse.connectors.values())
        if seconds == 0:
            self.follow_status(evse)
        elif statuses != self._unstable.get(evse.id):
            self._unstable[evse.id] = statuses
            self.timers.start(f"status {evse.id}", seconds, partial(self.follow_status, evse))

    def follow_status(self, evse: Evse) -> None:
        """Tell the statuses of an EVSE's connectors, going through those in between where the table of 4.9 has no short cut."""
        for connector in evse.connectors.values():
            for status in transition(connector.status, self.connector_status(evse, connector)):
                connector.status = status
                if self.online:
                    self._tell(evse, connector)

    @override
    def notify_status(self, evse: Evse, connector: Connector, status: str, *, triggered: bool = False) -> asyncio.Future[Payload]:
        told: Json = {}
        if status == "Faulted":
            code = connector.hardware.fault
            told["errorCode"] = code if code in ERROR_CODES else "OtherError"
            if code not in ERROR_CODES:
                told["vendorErrorCode"] = code[:50]
        elif self.vehicle_is_away(evse) and status in ("SuspendedEV", "Finishing"):
            told["info"] = _DISCONNECTED
        return self.send_status(self.connector_number(evse.id, connector.id), status, told, triggered=triggered)

    def vehicle_is_away(self, evse: Evse) -> bool:
        """Whether the vehicle left during a transaction, or ended it so."""
        return evse.hardware.plugged is None and (self.busy(evse) or self.user_must_act(evse))

    def send_status(
        self, number: int, status: str, told: Json | None = None, *, triggered: bool = False
    ) -> asyncio.Future[Payload]:
        """Send StatusNotification (6.47); return what gets its answer.

        Args:
            number: connectorId.
            status: ChargePointStatus.
            told: further fields.
            triggered: asked for with TriggerMessage.
        """
        payload: Json = {"connectorId": number, "errorCode": "NoError", "status": status, "timestamp": timestamp(self.now())}
        return self.outbox.send("StatusNotification", payload | (told or {}), triggered=triggered)

    def report_main(self, *, triggered: bool = False, error_code: str = "NoError") -> None:
        """Tell the status of the main controller."""
        self._main_told = self.main_status
        self.send_status(MAIN_CONTROLLER, self.main_status, {"errorCode": error_code}, triggered=triggered)

    @override
    def accepted(self) -> None:
        """Tell the main controller's status, then each connector's (errata 3.22)."""
        self.report_main()
        super().accepted()

    @override
    def back_online(self, away_s: float) -> None:
        """Tell what changed while there was no connection (4.9)."""
        super().back_online(away_s)
        if self.main_status != self._main_told:
            self.report_main()

    # -- availability --------------------------------------------------------------------------------------------------------

    def change_availability(self, number: int, *, operative: bool) -> bool:
        """Take an order to be operative or not, for a connector or, with 0, for the charge point and all connectors (5.2).

        Returns:
            Whether it is in effect; otherwise it waits for transactions to end.
        """
        if number == MAIN_CONTROLLER:
            self.main_ordered = self.remember(_ORDERED, operative)
        numbers = self.connectors if number == MAIN_CONTROLLER else (number,)
        done = True
        for each in numbers:
            evse, connector = self.connectors[each]
            done &= self.order_availability(operative=operative, evse=evse.id, connector=connector.id)
        self.update_main()
        return done

    @override
    def ordered_operative(self, evse: int, connector: int) -> bool:
        """Whether a connector was last ordered to work; an order for the charge point was one for each connector, too."""
        return self._ordered.get(f"{evse}.{connector}", True)

    def update_main(self) -> None:
        """Bring the main controller's status in line with its order once no transaction holds it up."""
        pending = any(
            self.ordered_operative(evse.id, connector.id) != connector.operative for evse, connector in self.connectors.values()
        )
        status = "Available" if self.main_ordered else "Unavailable"
        if status != self.main_status and not pending:
            self.main_status = status
            if self.online:
                self.report_main()
