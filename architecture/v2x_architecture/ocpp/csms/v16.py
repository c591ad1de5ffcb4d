"""OCPP 1.6J: what the Central System answers charge points, and what it remembers of its own requests."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.credentials import hashed, is_secret
from v2x_architecture.ocpp.csms.profiles import clear_profiles, drop_transaction_profiles, profile_row, put_profile
from v2x_architecture.ocpp.csms.requests import Requests16
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import Connector, LocalListEntry, Transaction
from v2x_architecture.ocpp.csms.tokens import Authorization, Start, id_tag_info
from v2x_architecture.ocpp.csms.variables import Key, put_variables
from v2x_architecture.ocpp.csms.wire import instant, integer, optional_integer, storable, token_key
from v2x_architecture.ocpp.messages import Payload

# What MessageTrigger asks for, where the requests are named otherwise.
_TRIGGERS = {"SignChargePointCertificate": "SignCertificate"}


class Room16(Room):
    """The Central System's side of OCPP 1.6J, with the messages of the security whitepaper."""

    version = "1.6"
    remote_control: ClassVar[frozenset[str]] = frozenset({"RemoteStartTransaction", "RemoteStopTransaction"})
    noted: ClassVar[frozenset[str]] = frozenset(
        {
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
            "LogStatusNotification",
            "SecurityEventNotification",
            "SignedFirmwareStatusNotification",
        }
    )

    requests = Requests16()
    read_limit = Key("", "GetConfigurationMaxKeys")
    write_limit = None  # one key a message
    local_list_limit = Key("", "SendLocalListMaxLength")

    # Core

    async def on_boot_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Accept the charge point or not (4.2)."""
        row = await self.row(db, station)
        row.vendor = payload["chargePointVendor"]
        row.model = payload["chargePointModel"]
        row.serial_number = payload.get("chargePointSerialNumber", payload.get("chargeBoxSerialNumber"))
        row.firmware_version = payload.get("firmwareVersion")
        return self.boot_answer(station)

    async def on_heartbeat(self, _db: AsyncSession, _station: StationSession, _payload: Payload) -> Payload:
        """Tell the time (4.6)."""
        return {"currentTime": self.current_time()}

    async def on_authorize(self, db: AsyncSession, _station: StationSession, payload: Payload) -> Payload:
        """Decide about an identifier (4.1)."""
        return {"idTagInfo": self.id_tag_info(await self.authorizer.authorize(db, payload["idTag"], None))}

    async def on_start_transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Open a transaction, whatever the identifier is worth (4.8); a retry gets the number that the first got."""
        started_at, connector = instant(payload["timestamp"]), integer(payload["connectorId"])
        known = await self.started(db, station, payload, started_at)
        start = Start(station.identity, connector, known.transaction_id if known else None)
        authorization = await self.authorizer.authorize(db, payload["idTag"], None, start)
        transaction = known or await self.open(db, station, payload, started_at)
        return {"transactionId": transaction.number, "idTagInfo": self.id_tag_info(authorization)}

    async def on_stop_transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Close a transaction (4.10). Nobody can prevent it: an unknown or closed one is taken note of, and confirmed."""
        stopped_at = instant(payload["timestamp"])
        meter_stop = integer(payload["meterStop"])
        transaction = await self.transaction(db, station, payload["transactionId"])
        if transaction is None:
            await self.note(db, station, "StopTransaction", payload)
        elif transaction.active:
            transaction.active = False
            transaction.stopped_at = stopped_at
            transaction.meter_stop = meter_stop
            transaction.reason = payload.get("reason", "Local")
            transaction.stop_id_token = payload.get("idTag")
            self.sample(db, station, transaction.evse, transaction.transaction_id, payload.get("transactionData", []))
            await drop_transaction_profiles(db, station.identity, transaction.transaction_id)
        if "idTag" not in payload:
            return {}
        return {"idTagInfo": self.id_tag_info(await self.authorizer.authorize(db, payload["idTag"], None))}

    async def on_meter_values(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Store samples (4.7)."""
        number = payload.get("transactionId")
        self.sample(
            db, station, integer(payload["connectorId"]), None if number is None else str(integer(number)), payload["meterValue"]
        )
        return {}

    async def on_status_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Store a connector's status (4.9)."""
        number = integer(payload["connectorId"])
        await db.merge(
            Connector(
                station=station.identity,
                evse=number,
                connector=1 if number else 0,
                status=payload["status"],
                error_code=payload["errorCode"],
                timestamp=instant(payload["timestamp"]) if "timestamp" in payload else self.clock.now(),
                detail={name: payload[name] for name in ("info", "vendorId", "vendorErrorCode") if name in payload} or None,
            )
        )
        return {}

    async def on_data_transfer(self, _db: AsyncSession, _station: StationSession, payload: Payload) -> Payload:
        """Answer a vendor's message (4.3)."""
        return self.data_transfer_answer(payload)

    async def on_sign_certificate(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        """Turn a certificate request down: no certificate authority stands behind this CSMS (whitepaper A02.FR.12)."""
        await self.note(db, station, "SignCertificate", payload)
        return {"status": "Rejected"}

    # Decisions

    def id_tag_info(self, authorization: Authorization) -> Payload:
        """Say a verdict on an identifier."""
        return id_tag_info(authorization)

    async def started(
        self, db: AsyncSession, station: StationSession, payload: Payload, started_at: datetime
    ) -> Transaction | None:
        """Return what a StartTransaction has opened already: its answer got lost, and the charge point retries."""
        return (
            await db.scalars(
                select(Transaction).where(
                    Transaction.station == station.identity,
                    Transaction.evse == integer(payload["connectorId"]),
                    Transaction.token_key == token_key(payload["idTag"]),
                    Transaction.started_at == started_at,
                    Transaction.meter_start == integer(payload["meterStart"]),
                )
            )
        ).first()

    async def open(self, db: AsyncSession, station: StationSession, payload: Payload, started_at: datetime) -> Transaction:
        """Make a new transaction; its number is unique over all charge points."""
        transaction = Transaction(
            station=station.identity,
            transaction_id="",
            evse=integer(payload["connectorId"]),
            connector=1,
            id_token=payload["idTag"],
            token_key=token_key(payload["idTag"]),
            started_at=started_at,
            meter_start=integer(payload["meterStart"]),
            reservation_id=optional_integer(payload.get("reservationId")),
        )
        db.add(transaction)
        await db.flush()
        transaction.transaction_id = str(transaction.number)
        return transaction

    async def transaction(self, db: AsyncSession, station: StationSession, number: object) -> Transaction | None:
        """Return a charge point's transaction; another charge point's is unknown to it."""
        found = await db.get(Transaction, integer(number))
        return found if found is not None and found.station == station.identity else None

    def asked_for(self, action: str, payload: Payload) -> set[str]:
        """Return the requests that a charge point is asked to send (5.17)."""
        if action not in {"TriggerMessage", "ExtendedTriggerMessage"}:
            return set()
        requested = str(payload.get("requestedMessage"))
        asked = {_TRIGGERS.get(requested, requested)}
        # The whitepaper's trigger asks for the signed variant by the name of the plain one.
        return asked | {"SignedFirmwareStatusNotification"} if requested == "FirmwareStatusNotification" else asked

    # What the answers to our own requests leave behind

    async def after_change_configuration(
        self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Remember a key's new value; a new AuthorizationKey is the only password from now on (whitepaper A01.FR.03)."""
        if answer.get("status") not in {"Accepted", "RebootRequired"}:
            return
        if is_secret(payload["key"]):
            (await self.row(db, station)).password_hash = await hashed(authorization_key(payload["value"]))
            return
        await put_variables(db, station.identity, {configuration_key(payload["key"]): {"value": payload["value"]}})

    async def after_get_configuration(
        self, db: AsyncSession, station: StationSession, _payload: Payload, answer: Payload
    ) -> None:
        """Remember the keys that were reported."""
        values: dict[Key, Payload] = {}
        for entry in answer.get("configurationKey", []):
            mutability = "ReadOnly" if entry["readonly"] else "ReadWrite"
            values[configuration_key(entry["key"])] = {"value": entry.get("value"), "mutability": mutability}
        await put_variables(db, station.identity, values)

    async def after_send_local_list(self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload) -> None:
        """Remember the local list that the charge point has now (5.15)."""
        if answer.get("status") != "Accepted":
            return
        if payload["updateType"] == "Full":
            await db.execute(delete(LocalListEntry).where(LocalListEntry.station == station.identity))
        for entry in payload.get("localAuthorizationList", []):
            key = token_key(entry["idTag"])
            if "idTagInfo" in entry:
                await db.merge(
                    LocalListEntry(station=station.identity, key=key, type="", id_token=entry["idTag"], info=entry["idTagInfo"])
                )
            else:
                await db.execute(
                    delete(LocalListEntry).where(LocalListEntry.station == station.identity, LocalListEntry.key == key)
                )
        (await self.row(db, station)).local_list_version = integer(payload["listVersion"])

    async def after_get_local_list_version(
        self, db: AsyncSession, station: StationSession, _payload: Payload, answer: Payload
    ) -> None:
        """Remember which version the charge point has (5.10)."""
        await self.told_list_version(db, station, integer(answer["listVersion"]))

    async def after_set_charging_profile(
        self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Remember a charging profile that the charge point took (5.16)."""
        if answer.get("status") == "Accepted":
            profile = payload["csChargingProfiles"]
            row = profile_row(station.identity, payload["connectorId"], profile, number="chargingProfileId")
            await put_profile(db, row, one_a_level=True)

    async def after_clear_charging_profile(
        self, db: AsyncSession, station: StationSession, payload: Payload, answer: Payload
    ) -> None:
        """Forget the charging profiles that the charge point has cleared (5.5)."""
        if answer.get("status") == "Accepted":
            await clear_profiles(
                db,
                station.identity,
                profile_id=optional_integer(payload.get("id")),
                evse=optional_integer(payload.get("connectorId")),
                purpose=payload.get("chargingProfilePurpose"),
                stack_level=optional_integer(payload.get("stackLevel")),
            )


def configuration_key(name: str) -> Key:
    """Return a configuration key as variables are kept: without a component."""
    return Key("", storable(name))


def authorization_key(value: str) -> bytes:
    """Return the password that an AuthorizationKey stands for: hexadecimal digits of its bytes, else the text itself."""
    try:
        return bytes.fromhex(value)
    except ValueError:
        return value.encode()
