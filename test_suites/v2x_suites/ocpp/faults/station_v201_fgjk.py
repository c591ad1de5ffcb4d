"""A zoo of charging stations for OCPP 2.0.1, each with one thing wrong in remote control, availability, metering or charging."""

from __future__ import annotations

from dataclasses import replace
from typing import override

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Profile
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.model import IdToken, StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.v201.station import Firmware201

# -- F: remote control -------------------------------------------------------------------------------------------------------


class StationThatTrustsRemoteStarts(Firmware201):
    """Starts from afar without asking about the token, whatever AuthorizeRemoteStart says."""

    @override
    async def remote_start(
        self, session: Session, token: IdToken, remote_start_id: int | None = None, profile: Profile | None = None
    ) -> None:
        self.settings = replace(self.settings, authorize_remote_start=False)
        await super().remote_start(session, token, remote_start_id, profile)


class StationThatDoubtsRemoteStarts(Firmware201):
    """Asks about the token of every remote start, whatever AuthorizeRemoteStart says."""

    @override
    async def remote_start(
        self, session: Session, token: IdToken, remote_start_id: int | None = None, profile: Profile | None = None
    ) -> None:
        self.settings = replace(self.settings, authorize_remote_start=True)
        await super().remote_start(session, token, remote_start_id, profile)


class StationThatWaitsForEver(Firmware201):
    """Never gives up waiting for the EV."""

    @override
    def await_vehicle(self, session: Session) -> None:
        del session


class StationThatCannotBeStopped(Firmware201):
    """Accepts a remote stop and goes on charging."""

    @override
    def remote_stop(self, session: Session) -> None:
        del session


class StationThatStopsAnything(Firmware201):
    """Accepts the remote stop of a transaction that it has not, and stops the one that it has."""

    @override
    def on_request_stop_transaction(self, payload: Payload) -> Payload:
        running = [each.transaction.id for each in self.sessions.values() if each.transaction is not None]
        return super().on_request_stop_transaction(payload | {"transactionId": running[0] if running else ""})


class StationThatForgetsTriggers(Firmware201):
    """Accepts to send a message and does not send it."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        del payload
        return {"status": "Accepted"}


class StationThatTriggersOneEvse(Firmware201):
    """Takes a trigger for all EVSEs as one for the first."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        return super().on_trigger_message({"evse": {"id": 1}} | payload)


class StationThatTellsOldStatus(Firmware201):
    """Answers a trigger with the status that a connector had when the station booted."""

    @override
    def trigger_status(self, evse: Evse, connector: int) -> None:
        self.notify_status(evse, evse.connectors[connector], "Available", triggered=True)


class StationThatBootsAgain(Firmware201):
    """Boots again when it is triggered to, although its boot was accepted."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        if payload["requestedMessage"] != "BootNotification":
            return super().on_trigger_message(payload)
        self.after_answer(self.boot_again_now)
        return {"status": "Accepted"}


# -- G: availability ---------------------------------------------------------------------------------------------------------


class StationThatHidesPlugs(Firmware201):
    """Says nothing when EVs come and go."""

    @override
    def connector_status(self, evse: Evse, connector: Connector) -> str:
        status = super().connector_status(evse, connector)
        return "Available" if status == "Occupied" else status


class StationThatIsAllOrNothing(Firmware201):
    """Puts all of itself in or out of operation, whatever part it is told to."""

    @override
    def order_availability(self, *, operative: bool, evse: int | None = None, connector: int | None = None) -> bool:
        del evse, connector
        return super().order_availability(operative=operative)


class StationThatRejectsNoChange(Firmware201):
    """Rejects a change to what already is."""

    @override
    def on_change_availability(self, payload: Payload) -> Payload:
        operative, evse = payload["operationalStatus"] == "Operative", payload.get("evse", {}).get("id")
        affected = self.evses if evse is None else (evse,)
        if not any(self.changes(each, None, operative=operative) for each in affected):
            return {"status": "Rejected"}
        return super().on_change_availability(payload)


class StationThatServesAlways(Firmware201):
    """Starts from afar at an EVSE that is out of operation."""

    @override
    def evse_to_start(self, wanted: int | None) -> Evse | None:
        return super().evse_to_start(wanted) or (None if wanted is None else self.evses.get(wanted))


class StationThatGoesOutAtOnce(Firmware201):
    """Ends the transaction to go out of operation at once."""

    @override
    def follow_order(self, evse: int | None, connector: int | None, *, operative: bool) -> None:
        super().follow_order(evse, connector, operative=operative)
        for session in self.sessions.values():
            if session.transaction is not None and not operative:
                self.withdraw(session, Trigger.ABNORMAL_CONDITION, StopReason.OTHER, end=True)


class StationThatForgetsOrders(Firmware201):
    """Is back in operation after a reboot."""

    @override
    def ordered_operative(self, evse: int, connector: int) -> bool:
        booting = len(self.evses) < len(self.hardware.evses) or not self.evses[evse].connectors
        return booting or super().ordered_operative(evse, connector)


class StationThatChargesUnlocked(Firmware201):
    """Charges with a cable that it could not lock."""

    @override
    def lock_problem(self, evse: Evse, connector: Connector, *, failed: bool) -> None:
        super().lock_problem(evse, connector, failed=failed)
        self.sessions[evse.id].lock_failed = False
