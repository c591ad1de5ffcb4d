"""Functional block F: RequestStartTransaction, RequestStopTransaction, TriggerMessage; and DataTransfer of block P."""

from __future__ import annotations

from functools import partial

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import InvalidProfile, Profile
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.metering import Context
from v2x_architecture.ocpp.station.model import IdToken, Registration, Trigger
from v2x_architecture.ocpp.station.session import EventKind, Session
from v2x_architecture.ocpp.v201.base import token_of
from v2x_architecture.ocpp.v201.smart_charging import SmartCharging


class RemoteControl(SmartCharging):
    """F01 to F03, F06, P01."""

    # -- F01, F02, F03 -------------------------------------------------------------------------------------------------------

    def on_request_start_transaction(self, payload: Payload) -> Payload:
        """Start a transaction, or authorize one that waits for it (F01, F02)."""
        evse = self.evse_to_start(payload.get("evseId"))
        if self.registration is not Registration.ACCEPTED:
            return _rejected("CSNotAccepted")
        if evse is None:
            return _rejected("UnknownEvse" if payload.get("evseId") not in (None, *self.evses) else "TxInProgress")
        profile: Profile | None = None
        if "chargingProfile" in payload and self.smart_charging_enabled:
            try:
                profile = self.profiles.read(payload["chargingProfile"], evse.id, self.now())
            except InvalidProfile:
                return _rejected("InvalidProfile")
            refusal = self.profiles.refusal(profile, self.smart_sessions(), starting=True)
            if refusal is not None:
                return _rejected(refusal.reason_code)
        session = self.sessions[evse.id]
        token = token_of(payload["idToken"])
        self.after_answer(partial(self.start_remotely, session, token, payload["remoteStartId"], profile))
        answer: Payload = {"status": "Accepted"}
        if session.transaction is not None:
            answer["transactionId"] = session.transaction.id
        return answer

    def evse_to_start(self, wanted: int | None) -> Evse | None:
        """Return the EVSE on which a remote start can happen, None when there is none (F01.FR.20, FR.23, FR.24)."""
        candidates = list(self.evses) if wanted is None else [wanted] if wanted in self.evses else []
        free = [self.evses[each] for each in candidates if self.may_serve(self.evses[each]) and self.is_free(self.sessions[each])]
        plugged = (each for each in free if each.hardware.plugged is not None)
        return next(plugged, None) or next(iter(free), None)

    def is_free(self, session: Session) -> bool:
        """Whether nobody is authorized in a session, or being so."""
        return session.authorization is None and session.former is None and not session.deciding

    def start_remotely(self, session: Session, token: IdToken, remote_start_id: int, profile: Profile | None) -> None:
        """Start after the answer."""
        self.spawn(self.remote_start(session, token, remote_start_id, profile))

    def on_request_stop_transaction(self, payload: Payload) -> Payload:
        """Stop a transaction (F03)."""
        session = self.session_of(payload["transactionId"])
        if session is None or self.registration is not Registration.ACCEPTED:
            return _rejected("TxNotFound" if session is None else "CSNotAccepted")
        self.after_answer(partial(self.remote_stop, session))
        return {"status": "Accepted"}

    # -- F06 -----------------------------------------------------------------------------------------------------------------

    def on_trigger_message(self, payload: Payload) -> Payload:
        """Send a message because the CSMS asks for it (F06)."""
        wanted, place = payload["requestedMessage"], payload.get("evse", {})
        evse, connector = place.get("id") or None, place.get("connectorId")
        if evse is not None and evse not in self.evses:
            return _rejected("UnknownEvse")
        evses = list(self.evses.values()) if evse is None else [self.evses[evse]]
        match wanted:
            case "BootNotification":
                if self.registration is Registration.ACCEPTED:
                    return _rejected("InvalidMessageSeq")
                self.after_answer(self.boot_again_now)
            case "Heartbeat":
                self.after_answer(self.trigger_heartbeat)
            case "StatusNotification":
                if evse is None or connector is None:
                    return _rejected("MissingParam")
                if connector not in self.evses[evse].connectors:
                    return _rejected("UnknownConnectorId")
                self.after_answer(partial(self.trigger_status, self.evses[evse], connector))
            case "MeterValues":
                self.after_answer(partial(self.trigger_meter_values, evses))
            case "TransactionEvent":
                running = [self.sessions[each.id] for each in evses if self.busy(each)]
                if not running:
                    return _rejected("TxNotFound")
                self.after_answer(partial(self.trigger_transaction_events, running))
            case _:
                return {"status": "NotImplemented"}
        return {"status": "Accepted"}

    def trigger_heartbeat(self) -> None:
        """Send a Heartbeat."""
        self.outbox.send("Heartbeat", {}, triggered=True)

    def trigger_status(self, evse: Evse, connector: int) -> None:
        """Send a StatusNotification."""
        self.report_status(evse, evse.connectors[connector], triggered=True)

    def trigger_meter_values(self, evses: list[Evse]) -> None:
        """Send MeterValues with what AlignedDataCtrlr.Measurands names (F06.FR.06)."""
        for evse in evses:
            value = self.sample(evse, self.settings.aligned_measurands, Context.TRIGGER)
            if value is not None:
                self.send_meter_values(evse, [value], triggered=True)

    def trigger_transaction_events(self, sessions: list[Session]) -> None:
        """Send TransactionEvents with what SampledDataCtrlr.TxUpdatedMeasurands names (F06.FR.07)."""
        for session in sessions:
            if session.transaction is not None and session.evse is not None:
                value = self.sample(session.evse, self.settings.sampled_measurands, Context.TRIGGER)
                self.report(session, EventKind.UPDATED, Trigger.TRIGGER, values=() if value is None else (value,))

    # -- P01 -----------------------------------------------------------------------------------------------------------------

    def on_data_transfer(self, payload: Payload) -> Payload:
        """Know no vendor's extensions (P01.FR.05)."""
        del payload
        return {"status": "UnknownVendorId"}


def _rejected(reason: str) -> Payload:
    return {"status": "Rejected", "statusInfo": {"reasonCode": reason}}
