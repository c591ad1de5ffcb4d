"""Functional block G: StatusNotification, ChangeAvailability; and UnlockConnector of block F."""

from __future__ import annotations

import asyncio

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.v201.base import Base201, timestamp


class Connectors(Base201):
    """G01, G03, G04, F05."""

    def connector_status(self, evse: Evse, connector: Connector) -> str:
        """Return the ConnectorStatus: what is worst, or else whether somebody occupies it."""
        hardware = connector.hardware
        if hardware.fault:
            return "Faulted"
        occupied = hardware.vehicle is not None or hardware.cable
        if occupied and (connector.operative or self.busy(evse)):
            return "Occupied"
        if not connector.operative or evse.resetting:
            return "Unavailable"
        return "Available"

    def notify_status(self, evse: Evse, connector: Connector, status: str, *, triggered: bool = False) -> asyncio.Future[Payload]:
        """Send a StatusNotification (G01)."""
        payload: Payload = {
            "timestamp": timestamp(self.now()),
            "connectorStatus": status,
            "evseId": evse.id,
            "connectorId": connector.id,
        }
        return self.outbox.send("StatusNotification", payload, triggered=triggered)

    def lock_problem(self, evse: Evse, connector: Connector, *, failed: bool) -> None:
        """Report a lock that fails, or works again (G05.FR.02)."""
        super().lock_problem(evse, connector, failed=failed)
        event: Payload = {
            "eventId": self.next_event_id(),
            "timestamp": timestamp(self.now()),
            "trigger": "Delta",
            "actualValue": "true" if failed else "false",
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": evse.id, "connectorId": connector.id}},
            "variable": {"name": "Problem"},
        }
        notification: Payload = {"generatedAt": timestamp(self.now()), "seqNo": 0, "eventData": [event]}
        self.outbox.send("NotifyEvent", notification)

    def next_event_id(self) -> int:
        """Return an id that no event had before."""
        return self.remember("event id", (self.recall("event id", int) or 0) + 1)

    def on_change_availability(self, payload: Payload) -> Payload:
        """Put the station, an EVSE or a connector in or out of operation (G03, G04)."""
        place = payload.get("evse", {})
        evse, connector = place.get("id") or None, place.get("connectorId")
        if evse is not None and (evse not in self.evses or connector not in (None, *self.evses[evse].connectors)):
            reason = "UnknownEvse" if evse not in self.evses else "UnknownConnectorId"
            return {"status": "Rejected", "statusInfo": {"reasonCode": reason}}
        operative = payload["operationalStatus"] == "Operative"
        affected = list(self.evses) if evse is None else [evse]
        waits = any(self.busy(self.evses[each]) and self.changes(each, connector, operative=operative) for each in affected)
        self.after_answer(lambda: self.follow_order(evse, connector, operative=operative))
        return {"status": "Scheduled" if waits else "Accepted"}

    def changes(self, evse: int, connector: int | None, *, operative: bool) -> bool:
        """Whether an order changes anything at an EVSE (G03.FR.03)."""
        connectors = self.evses[evse].connectors.values()
        return any(each.operative != operative for each in connectors if connector in (None, each.id))

    def follow_order(self, evse: int | None, connector: int | None, *, operative: bool) -> None:
        """Carry out an order of the CSMS, now or after the transaction."""
        self.order_availability(operative=operative, evse=evse, connector=connector)

    def on_unlock_connector(self, payload: Payload) -> Payload:
        """Unlock a cable, unless somebody is charging with it (F05)."""
        evse = self.evses.get(payload["evseId"])
        connector = None if evse is None else evse.connectors.get(payload["connectorId"])
        if evse is None or connector is None:
            return {"status": "UnknownConnector"}
        session = self.sessions[evse.id]
        if session.transaction is not None and session.authorized and connector.hardware.vehicle is not None:
            return {"status": "OngoingAuthorizedTransaction"}
        if evse.hardware.config.tethered:
            return {"status": "UnlockFailed", "statusInfo": {"reasonCode": "FixedCable"}}
        unlocked = evse.hardware.unlock(connector.id)
        if unlocked:
            session.held, session.former = False, session.former if session.transaction is not None else None
        return {"status": "Unlocked" if unlocked else "UnlockFailed"}
