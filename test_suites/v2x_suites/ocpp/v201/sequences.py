"""What may be done to a station and a CSMS of OCPP 2.0.1, in and out of order."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule
from v2x_harness.events import Json

from v2x_suites.ocpp.sequences import (
    LATER,
    NO_TRANSACTION,
    NOTHING,
    NOW,
    NOWHERE,
    STRANGER,
    TOKEN,
    TRANSACTION,
    DrivenMachine,
    Machine,
    Step,
)

type _EventType = Literal["Started", "Updated", "Ended"]

_TOKEN: dict[str, Json] = {"idToken": TOKEN, "type": "ISO14443"}
_STRANGER: dict[str, Json] = {"idToken": STRANGER, "type": "ISO14443"}
_TRIGGERS = ("Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent", "LogStatusNotification", "BootNotification")
_BOOTS = ("PowerUp", "LocalReset", "Watchdog", "Triggered", "Unknown")


class StationMachine(DrivenMachine):
    """A CSMS and a driver that want all sorts of things of a station, some of which it cannot have or do."""

    ending = (
        Step(
            action="RequestStopTransaction",
            payload={"transactionId": NO_TRANSACTION},
            requirement="F03.FR.08",
            statuses=frozenset({"Rejected"}),
        ),
        Step(action="RequestStopTransaction", payload={"transactionId": TRANSACTION}),
        Step(action="unplug", by_hand=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.reset_before = False

    @precondition(lambda self: self.plugged)
    @rule(number=st.integers(1, 1000))
    def start(self, number: int) -> None:
        self.call("RequestStartTransaction", evseId=1, idToken=_TOKEN, remoteStartId=number)

    @rule(number=st.integers(1, 1000))
    def start_nowhere(self, number: int) -> None:
        self.call("RequestStartTransaction", evseId=NOWHERE, idToken=_TOKEN, remoteStartId=number)

    @rule(which=st.sampled_from([TRANSACTION, NO_TRANSACTION]))
    def stop(self, which: str) -> None:
        self.perform(self.ending[0]) if which == NO_TRANSACTION else self.call("RequestStopTransaction", transactionId=which)

    @rule(which=st.sampled_from([TRANSACTION, NO_TRANSACTION, ""]))
    def ask_for_transaction(self, which: str) -> None:
        self.call("GetTransactionStatus", **({"transactionId": which} if which else {}))

    @rule(evse=st.sampled_from([1, NOWHERE]), connector=st.sampled_from([1, NOWHERE]))
    def unlock(self, evse: int, connector: int) -> None:
        self.call("UnlockConnector", evseId=evse, connectorId=connector)

    @rule(number=st.integers(0, NOTHING))
    def reserve_nowhere(self, number: int) -> None:
        self.call("ReserveNow", id=number, expiryDateTime=LATER, idToken=_TOKEN, evseId=NOWHERE)

    @rule(number=st.integers(0, NOTHING))
    def cancel_no_reservation(self, number: int) -> None:
        self.call("CancelReservation", reservationId=number)

    @rule(evse=st.sampled_from([1, NOWHERE]))
    def make_operative(self, evse: int) -> None:
        self.call("ChangeAvailability", operationalStatus="Operative", evse={"id": evse})

    @rule()
    def make_inoperative_nowhere(self) -> None:
        self.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": NOWHERE, "connectorId": NOWHERE})

    @rule()
    def clear_no_profile(self) -> None:
        self.call("ClearChargingProfile", chargingProfileId=NOTHING)

    @rule(evse=st.sampled_from([1, NOWHERE]))
    def limit_no_transaction(self, evse: int) -> None:
        period: Json = {"startPeriod": 0, "limit": 10.0}
        schedule: Json = {"id": NOTHING, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
        profile: Json = {
            "id": NOTHING,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "transactionId": NO_TRANSACTION,
            "chargingSchedule": [schedule],
        }
        self.call("SetChargingProfile", evseId=evse, chargingProfile=profile)

    @rule(message=st.sampled_from(_TRIGGERS), evse=st.sampled_from([None, 1, NOWHERE]))
    def trigger(self, message: str, evse: int | None) -> None:
        where: dict[str, Json] = {} if evse is None else {"evse": {"id": evse, "connectorId": 1}}
        self.call("TriggerMessage", requestedMessage=message, **where)

    @rule(number=st.integers(0, NOTHING))
    def report_nothing(self, number: int) -> None:
        unknown: Json = {"component": {"name": "NoSuchComponent"}, "variable": {"name": "NoSuchVariable"}}
        self.call("GetReport", requestId=number, componentVariable=[unknown])

    @rule(name=st.sampled_from(["HeartbeatInterval", "NoSuchVariable"]))
    def set_nothing(self, name: str) -> None:
        variable: Json = {"component": {"name": "NoSuchComponent"}, "variable": {"name": name}, "attributeValue": "1"}
        self.call("SetVariables", setVariableData=[variable])

    @rule(action=st.sampled_from(["ClearCache", "GetLocalListVersion"]))
    def ask(self, action: str) -> None:
        self.call(action)

    @precondition(lambda self: not self.reset_before)
    @rule(kind=st.sampled_from(["Immediate", "OnIdle"]))
    def reset(self, kind: str) -> None:
        self.reset_before = True
        self.call("Reset", type=kind)

    @rule(kind=st.sampled_from(["Immediate", "OnIdle"]))
    def reset_nowhere(self, kind: str) -> None:
        self.call("Reset", type=kind, evseId=NOWHERE)


class CsmsMachine(Machine):
    """A station that tells of things in and out of order, some of which never were."""

    transactions = Bundle("transactions")
    ending = (
        Step(
            action="TransactionEvent",
            payload={
                "eventType": "Ended",
                "timestamp": NOW,
                "triggerReason": "EVCommunicationLost",
                "seqNo": 9,
                "transactionInfo": {"transactionId": NO_TRANSACTION, "stoppedReason": "EVDisconnected"},
            },
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, int] = {}

    def tell(self, transaction: str, kind: _EventType, number: int, **more: Json) -> None:
        """Send a TransactionEvent."""
        reason = {"Started": "CablePluggedIn", "Updated": "MeterValuePeriodic", "Ended": "EVCommunicationLost"}[kind]
        info: dict[str, Json] = {"transactionId": transaction}
        if kind == "Ended":
            info["stoppedReason"] = "EVDisconnected"
        self.call(
            "TransactionEvent", eventType=kind, timestamp=NOW, triggerReason=reason, seqNo=number, transactionInfo=info, **more
        )

    @initialize(target=transactions)
    def begin_first(self) -> str:
        return self.begin_one()

    @rule(target=transactions)
    def begin(self) -> str:
        return self.begin_one()

    def begin_one(self) -> str:
        """Begin a transaction, and return its id."""
        transaction = f"V2X-SEQUENCE-{len(self.told)}"
        self.told[transaction] = 0
        self.tell(transaction, "Started", 0, evse={"id": 1, "connectorId": 1}, idToken=_TOKEN)
        return transaction

    @rule(transaction=transactions, ahead=st.sampled_from([1, 1, 1, 0, 3, -1]))
    def update(self, transaction: str, ahead: int) -> None:
        self.told[transaction] = max(self.told[transaction] + ahead, 0)
        sampled: Json = {"value": 100.0 * self.told[transaction], "measurand": "Energy.Active.Import.Register"}
        values: Json = {"timestamp": NOW, "sampledValue": [sampled]}
        self.tell(transaction, "Updated", self.told[transaction], meterValue=[values])

    @rule(transaction=transactions)
    def end(self, transaction: str) -> None:
        self.told[transaction] += 1
        self.tell(transaction, "Ended", self.told[transaction])

    @rule(transaction=transactions)
    def begin_again(self, transaction: str) -> None:
        self.tell(transaction, "Started", 0, evse={"id": 1, "connectorId": 1})

    @rule(kind=st.sampled_from(["Updated", "Ended"]), number=st.integers(0, 1000), offline=st.booleans())
    def tell_of_nothing(self, kind: _EventType, number: int, offline: bool) -> None:
        self.tell(NO_TRANSACTION, kind, number, offline=offline)

    @rule(reason=st.sampled_from(_BOOTS))
    def boot(self, reason: str) -> None:
        self.call("BootNotification", reason=reason, chargingStation={"vendorName": "V2X", "model": "V2X"})

    @rule()
    def beat(self) -> None:
        self.call("Heartbeat")

    @rule(known=st.booleans())
    def authorize(self, known: bool) -> None:
        self.call("Authorize", idToken=_TOKEN if known else _STRANGER)

    @rule(evse=st.sampled_from([0, 1, NOWHERE]), status=st.sampled_from(["Available", "Occupied", "Faulted", "Unavailable"]))
    def tell_status(self, evse: int, status: str) -> None:
        self.call("StatusNotification", timestamp=NOW, connectorStatus=status, evseId=evse, connectorId=evse)

    @rule(evse=st.sampled_from([0, 1, NOWHERE]))
    def tell_values(self, evse: int) -> None:
        self.call("MeterValues", evseId=evse, meterValue=[{"timestamp": NOW, "sampledValue": [{"value": 7.5}]}])

    @rule(number=st.integers(0, NOTHING), part=st.integers(0, 9), more=st.booleans())
    def report_unasked(self, number: int, part: int, more: bool) -> None:
        self.call("NotifyReport", requestId=number, generatedAt=NOW, seqNo=part, tbc=more)

    @rule(kind=st.sampled_from(["FirmwareUpdated", "TamperDetectionActivated", "NoSuchEvent"]))
    def tell_security_event(self, kind: str) -> None:
        self.call("SecurityEventNotification", type=kind, timestamp=NOW)

    @rule(number=st.integers(0, NOTHING), status=st.sampled_from(["Uploaded", "Idle", "AcceptedCanceled"]))
    def tell_of_no_log(self, number: int, status: str) -> None:
        self.call("LogStatusNotification", status=status, requestId=number)

    @rule(number=st.integers(0, NOTHING), status=st.sampled_from(["Downloaded", "Installed", "InvalidSignature"]))
    def tell_of_no_firmware(self, number: int, status: str) -> None:
        self.call("FirmwareStatusNotification", status=status, requestId=number)

    @rule(number=st.integers(0, NOTHING))
    def tell_of_no_reservation(self, number: int) -> None:
        self.call("ReservationStatusUpdate", reservationId=number, reservationUpdateStatus="Removed")

    @rule(evse=st.sampled_from([1, NOWHERE]))
    def lift_no_limit(self, evse: int) -> None:
        self.call("ClearedChargingLimit", chargingLimitSource="EMS", evseId=evse)
