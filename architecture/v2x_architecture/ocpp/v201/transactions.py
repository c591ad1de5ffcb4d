"""Functional blocks E and J: TransactionEvent, MeterValues, GetTransactionStatus."""

from __future__ import annotations

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.metering import MeterValue, Sample
from v2x_architecture.ocpp.station.model import Transaction
from v2x_architecture.ocpp.station.outbox import QueuedMessage
from v2x_architecture.ocpp.station.session import TransactionReport
from v2x_architecture.ocpp.v201.base import Base201, info_of, timestamp, token_of, token_payload
from v2x_architecture.site.signing import ENCODING_METHOD


class TransactionEvents(Base201):
    """E01 to E15, J01, J02: the messages; when they are due is `Charging`'s and `Transactions`'."""

    def send_report(self, report: TransactionReport) -> None:
        """Send a TransactionEvent; it is kept until it is delivered (E04.FR.01, E13)."""
        self.outbox.keep("TransactionEvent", self.transaction_event(report), report.transaction.id)

    def transaction_event(self, report: TransactionReport) -> Payload:
        """Return the TransactionEventRequest for a report."""
        transaction = report.transaction
        info: Payload = {"transactionId": transaction.id, "chargingState": report.state.value}
        if transaction.charging_s > 0:
            info["timeSpentCharging"] = int(transaction.charging_s)
        if report.reason is not None:
            info["stoppedReason"] = report.reason.value
        if report.remote_start_id is not None:
            info["remoteStartId"] = report.remote_start_id
        payload: Payload = {
            "eventType": report.kind.value,
            "timestamp": timestamp(report.at),
            "triggerReason": report.trigger.value,
            "seqNo": self.next_sequence_number(transaction),
            "transactionInfo": info,
        }
        if report.phases is not None:
            payload["numberOfPhasesUsed"] = report.phases
        if report.evse is not None:
            payload["evse"] = {"id": report.evse, "connectorId": report.connector}
        if report.token is not None:
            payload["idToken"] = token_payload(report.token)
        if report.values:
            key = self.key_to_tell(transaction, report)
            payload["meterValue"] = [self.meter_value(value, key) for value in report.values]
        return payload

    def key_to_tell(self, transaction: Transaction, report: TransactionReport) -> str:
        """Return the meter's public key where it goes with signed values (PublicKeyWithSignedMeterValue), empty otherwise."""
        if transaction.evse is None or not any(sample.signed for value in report.values for sample in value.samples):
            return ""
        when = self.device.get("OCPPCommCtrlr.PublicKeyWithSignedMeterValue")
        if when == "Never" or (when == "OncePerTransaction" and transaction.key_told):
            return ""
        transaction.key_told = True
        return self.evses[transaction.evse].hardware.signer.public_key

    def finish_message(self, message: QueuedMessage) -> Payload:
        """Mark what happened offline as such (E04.FR.03, E11.FR.02, E11.FR.07)."""
        if message.action == "TransactionEvent" and message.offline:
            return message.payload | {"offline": True}
        return message.payload

    def message_dispensable(self, message: QueuedMessage) -> bool:
        """Whether it is an intermediate TransactionEvent that only brings meter values (E04.FR.07)."""
        return message.payload.get("triggerReason") in ("MeterValuePeriodic", "MeterValueClock")

    def message_delivered(self, message: QueuedMessage, answer: Payload) -> None:
        """Act on what the CSMS says of the token in a TransactionEvent (E05)."""
        if message.action == "TransactionEvent" and "idToken" in message.payload and "idTokenInfo" in answer:
            self.token_judged(message.transaction, token_of(message.payload["idToken"]), info_of(answer["idTokenInfo"]))

    def send_meter_values(self, evse: Evse, values: list[MeterValue], *, triggered: bool = False) -> None:
        """Send MeterValues that belong to no transaction (J01.FR.02)."""
        payload: Payload = {"evseId": evse.id, "meterValue": [self.meter_value(value) for value in values]}
        self.outbox.send("MeterValues", payload, triggered=triggered)

    def meter_value(self, value: MeterValue, public_key: str = "") -> Payload:
        """Return samples of one moment as messages have them (MeterValueType)."""
        samples = [self.sampled_value(sample, public_key) for sample in value.samples]
        return {"timestamp": timestamp(value.at), "sampledValue": samples}

    def sampled_value(self, sample: Sample, public_key: str = "") -> Payload:
        """Return one sample (SampledValueType), to a hundredth of its unit."""
        payload: Payload = {
            "value": round(sample.value, 2),
            "context": sample.context.value,
            "measurand": sample.measurand,
            "location": sample.location,
            "unitOfMeasure": {"unit": sample.unit},
        }
        if sample.phase:
            payload["phase"] = sample.phase
        if sample.signed:
            # The signing method is empty because the OCMF container names it.
            payload["signedMeterValue"] = {
                "signedMeterData": sample.signed,
                "signingMethod": "",
                "encodingMethod": ENCODING_METHOD,
                "publicKey": public_key,
            }
        return payload

    def on_get_transaction_status(self, payload: Payload) -> Payload:
        """Tell whether a transaction runs, and whether messages about it (or any) wait (E14)."""
        wanted = payload.get("transactionId")
        if wanted is None:
            return {"messagesInQueue": any(message.transaction for message in self.outbox)}
        return {
            "ongoingIndicator": self.session_of(wanted) is not None,
            "messagesInQueue": any(message.transaction == wanted for message in self.outbox),
        }
