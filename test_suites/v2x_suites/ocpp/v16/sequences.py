"""What may be done to a charge point and a central system of OCPP 1.6, in and out of order."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule
from v2x_harness.events import Json

from v2x_suites.ocpp.sequences import LATER, NOTHING, NOW, NOWHERE, STRANGER, TOKEN, TRANSACTION, DrivenMachine, Machine, Step

_TRIGGERS = ("Heartbeat", "StatusNotification", "MeterValues", "BootNotification", "FirmwareStatusNotification")
_STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted")


class StationMachine(DrivenMachine):
    """A central system and a driver that want all sorts of things of a charge point, some of which it cannot have or do."""

    ending = (
        Step(
            action="RemoteStopTransaction",
            payload={"transactionId": NOTHING},
            requirement="OCPP-1.6#5.12.answer",
            statuses=frozenset({"Rejected"}),
        ),
        Step(action="RemoteStopTransaction", payload={"transactionId": TRANSACTION}),
        Step(action="unplug", by_hand=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.reset_before = False

    @precondition(lambda self: self.plugged)
    @rule()
    def start(self) -> None:
        self.call("RemoteStartTransaction", idTag=TOKEN, connectorId=1)

    @rule()
    def start_nowhere(self) -> None:
        self.call("RemoteStartTransaction", idTag=TOKEN, connectorId=NOWHERE)

    @rule(nothing=st.booleans())
    def stop(self, nothing: bool) -> None:
        self.perform(self.ending[0 if nothing else 1])

    @rule(connector=st.sampled_from([1, NOWHERE]))
    def unlock(self, connector: int) -> None:
        self.call("UnlockConnector", connectorId=connector)

    @rule(number=st.integers(0, NOTHING))
    def reserve_nowhere(self, number: int) -> None:
        self.call("ReserveNow", connectorId=NOWHERE, expiryDate=LATER, idTag=TOKEN, reservationId=number)

    @rule(number=st.integers(0, NOTHING))
    def cancel_no_reservation(self, number: int) -> None:
        self.call("CancelReservation", reservationId=number)

    @rule(connector=st.sampled_from([0, 1, NOWHERE]))
    def make_operative(self, connector: int) -> None:
        self.call("ChangeAvailability", connectorId=connector, type="Operative")

    @rule()
    def make_inoperative_nowhere(self) -> None:
        self.call("ChangeAvailability", connectorId=NOWHERE, type="Inoperative")

    @rule()
    def clear_no_profile(self) -> None:
        self.call("ClearChargingProfile", id=NOTHING)

    @rule(connector=st.sampled_from([1, NOWHERE]))
    def limit_no_transaction(self, connector: int) -> None:
        period: Json = {"startPeriod": 0, "limit": 10.0}
        profile: Json = {
            "chargingProfileId": NOTHING,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "transactionId": NOTHING,
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
        }
        self.call("SetChargingProfile", connectorId=connector, csChargingProfiles=profile)

    @rule(message=st.sampled_from(_TRIGGERS), connector=st.sampled_from([None, 1, NOWHERE]))
    def trigger(self, message: str, connector: int | None) -> None:
        where: dict[str, Json] = {} if connector is None else {"connectorId": connector}
        self.call("TriggerMessage", requestedMessage=message, **where)

    @rule(key=st.sampled_from(["NoSuchKey", "NumberOfConnectors"]))
    def configure_nothing(self, key: str) -> None:
        self.call("ChangeConfiguration", key=key, value="V2X")

    @rule(action=st.sampled_from(["ClearCache", "GetLocalListVersion", "GetConfiguration"]))
    def ask(self, action: str) -> None:
        self.call(action)

    @rule(duration=st.integers(0, 1000), connector=st.sampled_from([0, 1, NOWHERE]))
    def ask_for_schedule(self, duration: int, connector: int) -> None:
        self.call("GetCompositeSchedule", connectorId=connector, duration=duration)

    @precondition(lambda self: not self.reset_before)
    @rule(kind=st.sampled_from(["Hard", "Soft"]))
    def reset(self, kind: str) -> None:
        self.reset_before = True
        self.call("Reset", type=kind)


class CsmsMachine(Machine):
    """A charge point that tells of things in and out of order, some of which never were."""

    transactions = Bundle("transactions")
    ending = (
        Step(
            action="StopTransaction",
            payload={"transactionId": NOTHING, "meterStop": 100, "timestamp": NOW},
            requirement="OCPP-1.6#4.10.answer",
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.started = 0

    @initialize(target=transactions)
    def start_first(self) -> str:
        return self.start_one(1, known=True)

    @rule(target=transactions, connector=st.sampled_from([1, 2, NOWHERE]), known=st.booleans())
    def start(self, connector: int, known: bool) -> str:
        return self.start_one(connector, known=known)

    def start_one(self, connector: int, *, known: bool) -> str:
        """Start a transaction, and return the name for its id."""
        self.started += 1
        payload: dict[str, Json] = {
            "connectorId": connector,
            "idTag": TOKEN if known else STRANGER,
            "meterStart": self.started,
            "timestamp": NOW,
        }
        name = f"{TRANSACTION}-{self.started}"
        self.perform(Step(action="StartTransaction", payload=payload, gives=name))
        return name

    @rule(transaction=transactions, meter=st.integers(0, 1000), more=st.booleans())
    def stop(self, transaction: str, meter: int, more: bool) -> None:
        token: dict[str, Json] = {"idTag": TOKEN, "reason": "Remote"} if more else {}
        self.call("StopTransaction", transactionId=transaction, meterStop=meter, timestamp=NOW, **token)

    @rule()
    def stop_nothing(self) -> None:
        self.perform(self.ending[0])

    @rule(transaction=transactions, connector=st.sampled_from([1, NOWHERE]), meter=st.integers(0, 1000))
    def tell_values(self, transaction: str, connector: int, meter: int) -> None:
        values: Json = {"timestamp": NOW, "sampledValue": [{"value": str(meter)}]}
        self.call("MeterValues", connectorId=connector, transactionId=transaction, meterValue=[values])

    @rule(connector=st.sampled_from([0, 1, NOWHERE]))
    def tell_values_of_nothing(self, connector: int) -> None:
        values: Json = {"timestamp": NOW, "sampledValue": [{"value": "7"}]}
        self.call("MeterValues", connectorId=connector, transactionId=NOTHING, meterValue=[values])

    @rule()
    def boot(self) -> None:
        self.call("BootNotification", chargePointVendor="V2X", chargePointModel="V2X")

    @rule()
    def beat(self) -> None:
        self.call("Heartbeat")

    @rule(known=st.booleans())
    def authorize(self, known: bool) -> None:
        self.call("Authorize", idTag=TOKEN if known else STRANGER)

    @rule(connector=st.sampled_from([1, NOWHERE]), status=st.sampled_from(_STATUSES))
    def tell_status(self, connector: int, status: str) -> None:
        self.call("StatusNotification", connectorId=connector, errorCode="NoError", status=status, timestamp=NOW)

    @rule(status=st.sampled_from(["Idle", "Uploaded", "UploadFailed"]))
    def tell_of_no_diagnostics(self, status: str) -> None:
        self.call("DiagnosticsStatusNotification", status=status)

    @rule(status=st.sampled_from(["Idle", "Downloaded", "Installed", "InstallationFailed"]))
    def tell_of_no_firmware(self, status: str) -> None:
        self.call("FirmwareStatusNotification", status=status)

    @rule(data=st.text("abc", max_size=10))
    def transfer_data(self, data: str) -> None:
        self.call("DataTransfer", vendorId="org.example.no-such-vendor", data=data)
