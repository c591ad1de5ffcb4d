"""OCPP 2.0.1: what the CSMS answers charging stations."""

from __future__ import annotations

import math
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.csms.device_model import DeviceModelRoom
from v2x_architecture.ocpp.csms.profiles import (
    drop_transaction_profiles,
    profile_row,
    put_profile,
    transaction_profile,
    unused_profile_id,
)
from v2x_architecture.ocpp.csms.remembered import RememberingRoom
from v2x_architecture.ocpp.csms.requests import Request, Requests201
from v2x_architecture.ocpp.csms.schedules import keeps_to, power_for, profile_for
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import Transaction, TransactionEvent
from v2x_architecture.ocpp.csms.tokens import Authorization, Start, id_token_info
from v2x_architecture.ocpp.csms.variables import Key
from v2x_architecture.ocpp.csms.wire import instant, integer, optional_integer, token_key
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload

_ENERGY = "Energy.Active.Import.Register"
_CONTRACT_IS_FINE_BUT = frozenset({"Blocked", "Expired", "Invalid", "Unknown"})
_CERTIFICATE_STATUS = {"CertificateExpired": "Expired", "CertificateRevoked": "Invalid", "CertChainError": "Invalid"}


class Room201(DeviceModelRoom, RememberingRoom):
    """The CSMS's side of OCPP 2.0.1."""

    version = "2.0.1"
    remote_control: ClassVar[frozenset[str]] = frozenset({"RequestStartTransaction", "RequestStopTransaction"})
    noted: ClassVar[frozenset[str]] = frozenset(
        {
            "ClearedChargingLimit",
            "FirmwareStatusNotification",
            "LogStatusNotification",
            "NotifyChargingLimit",
            "NotifyCustomerInformation",
            "NotifyDisplayMessages",
            "NotifyMonitoringReport",
            "PublishFirmwareStatusNotification",
            "ReservationStatusUpdate",
            "SecurityEventNotification",
        }
    )

    requests = Requests201()
    read_limit = Key("DeviceDataCtrlr", "ItemsPerMessage", "GetVariables")
    write_limit = Key("DeviceDataCtrlr", "ItemsPerMessage", "SetVariables")
    local_list_limit = Key("LocalAuthListCtrlr", "ItemsPerMessage")

    async def answer(self, station: StationSession, action: str, payload: Payload) -> Payload:
        """Answer a CALL; drop a station whose certificate is another's, told by the serial number (B01.FR.11, B01.FR.12)."""
        if action == "BootNotification" and not self.owns_certificate(station, payload):
            if station.endpoint is not None:
                await station.endpoint.close(1008, "the certificate is for another serial number")
            raise CallRefused(ErrorCode.SECURITY_ERROR, "the certificate is for another serial number")
        return await super().answer(station, action, payload)

    def owns_certificate(self, station: StationSession, payload: Payload) -> bool:
        """Whether a booting station's serial number is the CN of its certificate, if it has one."""
        return station.common_name in {None, payload["chargingStation"].get("serialNumber")}

    # B Provisioning, G Availability

    async def on_boot_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Accept the station or not (B01.FR.02, B02, B03)."""
        told = payload["chargingStation"]
        row = await self.row(db, station)
        row.vendor = told["vendorName"]
        row.model = told["model"]
        row.serial_number = told.get("serialNumber")
        row.firmware_version = told.get("firmwareVersion")
        return self.boot_answer(station)

    async def on_heartbeat(self, _db: AsyncSession, _station: StationSession, _payload: Payload) -> Payload:
        """Tell the time (G02)."""
        return {"currentTime": self.current_time()}

    async def on_status_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Store a connector's status (G01)."""
        where = integer(payload["evseId"]), integer(payload["connectorId"])
        await self.put_status(db, station, where, payload["connectorStatus"], payload["timestamp"])
        return {}

    # C Authorization

    async def on_authorize(self, db: AsyncSession, _station: StationSession, payload: Payload) -> Payload:
        """Decide about an identifier (C01), and about the contract certificate that comes with it (C07)."""
        token = payload["idToken"]
        authorization = await self.authorizer.authorize(db, token["idToken"], token["type"])
        info = self.id_token_info(authorization)
        if "certificate" not in payload and "iso15118CertificateHashData" not in payload:
            return {"idTokenInfo": info}
        certificate = self.certificate_status(authorization)
        return {
            "idTokenInfo": {**info, "status": _CERTIFICATE_STATUS.get(certificate, info["status"])},
            "certificateStatus": certificate,
        }

    def id_token_info(self, authorization: Authorization) -> Payload:
        """Say a verdict on an identifier."""
        return id_token_info(authorization)

    def certificate_status(self, authorization: Authorization) -> str:
        """Return what the CSMS thinks of a contract certificate (C07.FR.13 to FR.17).

        It has no contract roots, so that no chain can be verified: a policy says what to take certificates for.
        """
        status = self.policies.certificate or "CertChainError"
        return "ContractCancelled" if status == "Accepted" and authorization.status in _CONTRACT_IS_FINE_BUT else status

    # E Transactions, J Meter values

    async def on_transaction_event(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Take in an event of a transaction, in whatever order they come; one that was taken in already is only answered."""
        transaction = await self.transaction(db, station, payload)
        authorization = await self.event_authorization(db, station, transaction, payload)
        if await self.is_new(db, transaction, payload):
            self.take_in(db, station, transaction, payload)
            await db.flush()
            if payload["eventType"] == "Ended":
                await drop_transaction_profiles(db, station.identity, transaction.transaction_id)
        answer: Payload = {}
        if not transaction.active:
            transaction.total_cost = self.total_cost(transaction)
        if payload["eventType"] == "Ended" and transaction.total_cost is not None:
            answer["totalCost"] = transaction.total_cost
        if authorization is not None:
            answer["idTokenInfo"] = self.id_token_info(authorization)
        return answer

    async def transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Transaction:
        """Return the transaction of an event, made now if this is the first that arrives."""
        transaction_id = payload["transactionInfo"]["transactionId"]
        found = await self.find(db, station, transaction_id)
        if found is None:
            found = Transaction(station=station.identity, transaction_id=transaction_id, active=True, offline=False)
            db.add(found)
            await db.flush()
        return found

    async def find(self, db: AsyncSession, station: StationSession, transaction_id: str) -> Transaction | None:
        """Return a transaction by the station's id for it."""
        query = select(Transaction).where(Transaction.station == station.identity, Transaction.transaction_id == transaction_id)
        return (await db.scalars(query)).first()

    async def event_authorization(
        self, db: AsyncSession, station: StationSession, transaction: Transaction, payload: Payload
    ) -> Authorization | None:
        """Decide about the identifier of an event, if it has one (E01.FR.11, E01.FR.12, E02.FR.04, C12.FR.03)."""
        token = payload.get("idToken")
        if token is None:
            return None
        start = None
        if payload["eventType"] == "Started" or transaction.token_key is None:
            evse = payload.get("evse", {}).get("id", transaction.evse)
            start = Start(station.identity, optional_integer(evse), transaction.transaction_id)
        return await self.authorizer.authorize(db, token["idToken"], token["type"], start)

    async def is_new(self, db: AsyncSession, transaction: Transaction, payload: Payload) -> bool:
        """Whether an event has not been taken in yet: the same seqNo of a transaction is a retry."""
        return await db.get(TransactionEvent, (transaction.number, integer(payload["seqNo"]))) is None

    def take_in(self, db: AsyncSession, station: StationSession, transaction: Transaction, payload: Payload) -> None:
        """Store an event, and what it says about its transaction."""
        seq_no, timestamp = integer(payload["seqNo"]), instant(payload["timestamp"])
        db.add(
            TransactionEvent(
                transaction=transaction.number,
                seq_no=seq_no,
                event_type=payload["eventType"],
                trigger_reason=payload["triggerReason"],
                timestamp=timestamp,
                offline=payload.get("offline", False),
                payload=payload,
                received_at=self.clock.now(),
            )
        )
        told = payload["transactionInfo"]
        transaction.last_seq_no = max(seq_no, seq_no if transaction.last_seq_no is None else transaction.last_seq_no)
        if "chargingState" in told and (transaction.state_seq_no is None or seq_no > transaction.state_seq_no):
            transaction.charging_state, transaction.state_seq_no = told["chargingState"], seq_no
        transaction.offline = transaction.offline or payload.get("offline", False)
        if "remoteStartId" in told:
            transaction.remote_start_id = integer(told["remoteStartId"])
        if "reservationId" in payload:
            transaction.reservation_id = integer(payload["reservationId"])
        if "evse" in payload and transaction.evse is None:
            transaction.evse = integer(payload["evse"]["id"])
            transaction.connector = optional_integer(payload["evse"].get("connectorId"))
        self.take_in_token(transaction, payload)
        self.take_in_energy(transaction, payload)
        if payload["eventType"] == "Started":
            transaction.started_at = timestamp
        if payload["eventType"] == "Ended":
            transaction.active = False
            transaction.stopped_at = timestamp
            transaction.reason = told.get("stoppedReason", "Local")  # E06.FR.09
        self.sample(db, station, transaction.evse, transaction.transaction_id, payload.get("meterValue", []))

    def take_in_token(self, transaction: Transaction, payload: Payload) -> None:
        """Remember who started a transaction, and who stopped it."""
        token = payload.get("idToken")
        if token is None:
            return
        if payload["triggerReason"] == "StopAuthorized":
            transaction.stop_id_token = token["idToken"]
        elif transaction.token_key is None:
            transaction.id_token = token["idToken"]
            transaction.token_type = token["type"]
            transaction.token_key = token_key(token["idToken"])

    def take_in_energy(self, transaction: Transaction, payload: Payload) -> None:
        """Remember the energy register at the transaction's begin and end (Wh)."""
        registers = energy_registers(payload.get("meterValue", []))
        if "Transaction.Begin" in registers:
            transaction.meter_start = registers["Transaction.Begin"]
        if "Transaction.End" in registers:
            transaction.meter_stop = registers["Transaction.End"]

    def total_cost(self, transaction: Transaction) -> float | None:
        """Return the total cost of an ended transaction, None when it is not known (I03.FR.02, I03.FR.04)."""
        if self.policies.total_cost is not None:
            return self.policies.total_cost
        if self.config.energy_price is None or transaction.meter_start is None or transaction.meter_stop is None:
            return None
        cost = round(max(0.0, transaction.meter_stop - transaction.meter_start) / 1000 * self.config.energy_price, 2)
        return cost if math.isfinite(cost) else None

    async def on_meter_values(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Store samples (J01.FR.18)."""
        self.sample(db, station, integer(payload["evseId"]), None, payload["meterValue"])
        return {}

    # K Smart charging

    async def on_report_charging_profiles(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Remember the charging profiles that a station has, ours and those of others (K09)."""
        for profile in payload["chargingProfile"]:
            row = profile_row(station.identity, payload["evseId"], profile, source=payload["chargingLimitSource"])
            await put_profile(db, row)
        return {}

    async def on_notify_ev_charging_needs(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Say whether there will be a schedule for what a vehicle needs (K15.FR.02 to FR.05)."""
        await self.note(db, station, "NotifyEVChargingNeeds", payload)
        transaction = await self.active_at(db, station, integer(payload["evseId"]))
        return {"status": "Rejected" if transaction is None else self.needs_status()}

    def needs_status(self) -> str:
        """Return what the CSMS makes of a vehicle's needs."""
        return self.config.charging_needs

    async def on_notify_ev_charging_schedule(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Say whether a vehicle's own schedule keeps to that of the CSMS (K15.FR.11, FR.12)."""
        await self.note(db, station, "NotifyEVChargingSchedule", payload)
        transaction = await self.active_at(db, station, integer(payload["evseId"]))
        known = None if transaction is None else await transaction_profile(db, station.identity, transaction.transaction_id)
        good = known is None or self.keeps_to(payload, known.profile)
        return {"status": "Accepted" if good else "Rejected"}

    def keeps_to(self, payload: Payload, profile: Payload) -> bool:
        """Whether a schedule that a vehicle has told stays within a charging profile."""
        return keeps_to(payload["chargingSchedule"], instant(payload["timeBase"]), profile)

    def follows_after(self, station: StationSession, action: str, answer: Payload) -> float | None:
        """Send the schedule for a vehicle's needs, and send it again where the vehicle does not keep to it (K15.FR.07, FR.13)."""
        del station
        if self.config.charging_needs == "Rejected":
            return None
        match action, answer.get("status"):
            case ("NotifyEVChargingNeeds", "Accepted") | ("NotifyEVChargingSchedule", "Rejected"):
                return 0.0
            case "NotifyEVChargingNeeds", "Processing":
                return self.config.schedule_s
            case _:
                return None

    async def following(self, db: AsyncSession, station: StationSession, payload: Payload) -> Request | None:
        """Return the charging profile for a vehicle, in place of the one that its transaction has (K15.FR.07, K01.FR.39)."""
        evse = integer(payload["evseId"])
        transaction = await self.active_at(db, station, evse)
        if transaction is None:
            return None
        known = await transaction_profile(db, station.identity, transaction.transaction_id)
        if "chargingNeeds" not in payload:
            return None if known is None else self.requests.set_profile(evse, known.profile)
        now = self.clock.now()
        number = known.profile_id if known is not None else await unused_profile_id(db, station.identity)
        level = known.stack_level if known is not None else 0
        watts = power_for(payload["chargingNeeds"], now)
        profile = profile_for(transaction.transaction_id, watts, now, number=number, stack_level=level)
        return self.requests.set_profile(evse, profile)

    async def active_at(self, db: AsyncSession, station: StationSession, evse: int) -> Transaction | None:
        """Return the newest transaction that goes on at an EVSE."""
        query = select(Transaction).where(Transaction.station == station.identity, Transaction.evse == evse, Transaction.active)
        return (await db.scalars(query.order_by(Transaction.number.desc()))).first()

    async def on_data_transfer(self, _db: AsyncSession, _station: StationSession, payload: Payload) -> Payload:
        """Answer a vendor's message (P02)."""
        return self.data_transfer_answer(payload)

    # A Security, M Certificates: no certificate authority stands behind this CSMS

    async def on_sign_certificate(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Turn a certificate request down (A02.FR.12)."""
        await self.note(db, station, "SignCertificate", payload)
        return {"status": "Rejected"}

    async def on_get15118_ev_certificate(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Say that there is no contract certificate to give (M01)."""
        await self.note(db, station, "Get15118EVCertificate", payload)
        return {"status": "Failed", "exiResponse": ""}

    async def on_get_certificate_status(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Say that no OCSP responder was asked (M06.FR.04)."""
        await self.note(db, station, "GetCertificateStatus", payload)
        return {"status": "Failed"}


def energy_registers(values: list[Payload]) -> dict[str, float]:
    """Return the imported energy of samples by their context (Wh); phases, and what is no finite number, left out."""
    registers: dict[str, float] = {}
    for value in values:
        for sampled in value["sampledValue"]:
            if (
                sampled.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
                and "phase" not in sampled
            ):
                unit = sampled.get("unitOfMeasure", {})
                factor = 1000.0 if unit.get("unit", "Wh") == "kWh" else 1.0
                energy = scaled(sampled["value"], unit.get("multiplier", 0)) * factor
                if math.isfinite(energy):
                    registers[sampled.get("context", "Sample.Periodic")] = energy
    return registers


def scaled(value: float, multiplier: float) -> float:
    """Return a value times ten to its multiplier; no number for one that no meter has."""
    exponent = integer(multiplier)
    return value * 10.0**exponent if abs(exponent) < 100 else math.nan
