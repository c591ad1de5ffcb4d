"""What becomes of a transaction on the wire: StartTransaction, MeterValues, StopTransaction, and the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, override

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.metering import Context, MeterValue
from v2x_architecture.ocpp.station.model import IdToken, TokenInfo, Transaction
from v2x_architecture.ocpp.station.outbox import QueuedMessage
from v2x_architecture.ocpp.station.session import EventKind, Session, TransactionReport
from v2x_architecture.ocpp.v16.messages import (
    UNKNOWN_TRANSACTION,
    Json,
    meter_value,
    register,
    stop_reason,
    thinned,
    timestamp,
    token_info,
)
from v2x_architecture.ocpp.v16.status import Statuses16

_IDS: Final = "transaction ids of the central system"
_ABOUT_TRANSACTIONS: Final = ("MeterValues", "StopTransaction")


class Reporting16(Statuses16):
    """Adds the messages about transactions, in order and kept until the central system has them (3.7, 4.7, 4.8, 4.10).

    The central system gives a transaction its id in the answer to StartTransaction, so that messages about it get the id when
    they leave.
    """

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.csms_ids = self.store.load(_IDS, int)
        self.reset_type = "Soft"

    # -- telling -------------------------------------------------------------------------------------------------------------

    @override
    def send_report(self, report: TransactionReport) -> None:
        match report.kind:
            case EventKind.STARTED:
                self.outbox.keep("StartTransaction", self.start_payload(report), report.transaction.id)
            case EventKind.UPDATED:
                self.send_transaction_values(report.transaction, report.values)
            case EventKind.ENDED:
                self.outbox.keep("StopTransaction", self.stop_payload(report), report.transaction.id)

    def start_payload(self, report: TransactionReport) -> Json:
        """Return the payload of StartTransaction (6.45)."""
        transaction = report.transaction
        return {
            "connectorId": self.connector_of(transaction),
            "idTag": "" if transaction.token is None else transaction.token.value,
            "meterStart": register(report.meter_wh),
            "timestamp": timestamp(report.at),
        }

    def stop_payload(self, report: TransactionReport) -> Json:
        """Return the payload of StopTransaction (6.49), but for the transaction's id."""
        payload: Json = {
            "meterStop": register(report.meter_wh),
            "timestamp": timestamp(report.at),
            "reason": stop_reason(report.reason, report.trigger, self.reset_type) if report.reason is not None else "Other",
        }
        if report.token is not None:
            payload["idTag"] = report.token.value
        data = self.transaction_data(report.values)
        return payload | ({"transactionData": data} if data else {})

    def transaction_data(self, values: Sequence[MeterValue]) -> list[Json]:
        """Return transactionData: what StopTxnSampledData and StopTxnAlignedData ask for, no more than fits (3.16)."""
        kept = thinned(values, self.configuration.integer("StopTransactionMaxMeterValues"))
        asked = self.stop_measurands()
        return [told for each in kept if (told := meter_value(each, measurands=asked)) is not None]

    def stop_measurands(self) -> tuple[str, ...]:
        """Return the items of StopTxnSampledData and StopTxnAlignedData."""
        return (*self.configuration.items("StopTxnSampledData"), *self.configuration.items("StopTxnAlignedData"))

    def send_transaction_values(self, transaction: Transaction, values: Sequence[MeterValue]) -> None:
        """Send MeterValues of a transaction (4.7)."""
        told = self.meter_values(values)
        if told:
            payload: Json = {"connectorId": self.connector_of(transaction), "meterValue": told}
            self.outbox.keep("MeterValues", payload, transaction.id)

    @override
    def send_meter_values(self, evse: Evse, values: list[MeterValue], *, triggered: bool = False) -> None:
        """Send MeterValues that belong to no transaction; those of the clock are kept like those of a transaction (3.7)."""
        told = self.meter_values(values)
        if not told:
            return
        payload: Json = {"connectorId": self.connector_number(evse.id), "meterValue": told}
        if triggered:
            self.outbox.send("MeterValues", payload, triggered=True)
        else:
            self.outbox.keep("MeterValues", payload)

    def meter_values(self, values: Sequence[MeterValue]) -> list[Json]:
        """Return meterValue: each value with what the list of its kind asks for."""
        aligned, sampled = (self.configuration.items(f"MeterValues{kind}Data") for kind in ("Aligned", "Sampled"))
        told = (
            meter_value(each, measurands=aligned if each.samples[0].context is Context.SAMPLE_CLOCK else sampled)
            for each in values
        )
        return [each for each in told if each is not None]

    @override
    def begin_values(self, session: Session) -> tuple[MeterValue, ...]:
        """Keep the values of the beginning for StopTransaction, clock-aligned measurands too (errata 3.14)."""
        self._keep_boundary(session, Context.TRANSACTION_BEGIN)
        return ()

    @override
    def final_values(self, session: Session) -> tuple[MeterValue, ...]:
        self._keep_boundary(session, Context.TRANSACTION_END)
        return tuple(session.values)

    def _keep_boundary(self, session: Session, context: Context) -> None:
        if session.evse is not None:
            wanted = dict.fromkeys((*self.settings.ended_measurands, *self.settings.aligned_ended_measurands))
            value = self.sample(session.evse, wanted, context)
            session.values.extend([] if value is None else [value])

    def connector_of(self, transaction: Transaction) -> int:
        """Return the connectorId of a transaction."""
        assert transaction.evse is not None, "in 1.6 a transaction begins with a vehicle"
        return self.connector_number(transaction.evse, transaction.connector)

    # -- what becomes of it --------------------------------------------------------------------------------------------------

    @override
    def finish_message(self, message: QueuedMessage) -> Payload:
        """Fill in the transaction's id, which is known when its StartTransaction has been answered (errata 3.18)."""
        if message.transaction and message.action in _ABOUT_TRANSACTIONS:
            return message.payload | {"transactionId": self.csms_ids.get(message.transaction, UNKNOWN_TRANSACTION)}
        return message.payload

    @override
    def message_delivered(self, message: QueuedMessage, answer: Payload) -> None:
        if message.action == "StartTransaction":
            self.transaction_confirmed(message, answer)
        elif message.action == "StopTransaction":
            self.forget_transaction(message.transaction)
            if "idTagInfo" in answer and "idTag" in message.payload:
                self.learn(IdToken(str(message.payload["idTag"])), token_info(answer["idTagInfo"]))

    @override
    def message_discarded(self, message: QueuedMessage) -> None:
        super().message_discarded(message)
        if message.action == "StopTransaction":
            self.forget_transaction(message.transaction)

    def transaction_confirmed(self, message: QueuedMessage, answer: Payload) -> None:
        """Take the id of a transaction and what the central system says of its idTag (4.8, errata 3.17)."""
        number = int(answer["transactionId"])
        self.csms_ids[message.transaction] = number
        self.store.put(_IDS, message.transaction, number)
        session = self.session_of(message.transaction)
        if session is not None and session.transaction is not None:
            session.transaction.csms_id = number
        token, info = IdToken(str(message.payload["idTag"])), token_info(answer["idTagInfo"])
        self.compare_with_list(token, info)
        self.token_judged(message.transaction, token, info)

    def compare_with_list(self, token: IdToken, info: TokenInfo) -> None:
        """Report an idTag that the local list judges otherwise than the central system does (3.5.2)."""
        listed = self.local_list.get(token) if self.settings.list_enabled else None
        if listed is not None and listed.accepted != info.accepted:
            self.report_main(error_code="LocalListConflict")

    def forget_transaction(self, transaction: str) -> None:
        """Forget the id of a transaction about which there is nothing more to tell."""
        self.csms_ids.pop(transaction, None)
        self.store.delete(_IDS, transaction)

    def session_with(self, csms_id: int) -> Session | None:
        """Return the session in which the transaction with an id of the central system runs."""
        running = (each for each in self.sessions.values() if each.transaction is not None)
        return next((each for each in running if each.transaction and each.transaction.csms_id == csms_id), None)
