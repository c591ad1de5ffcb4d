"""A zoo of Central Systems for OCPP 1.6, each with one thing wrong that a tap cannot do."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, override

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import Token
from v2x_architecture.ocpp.csms.tokens import Authorization, Authorizer, Start
from v2x_architecture.ocpp.csms.v16 import Room16
from v2x_architecture.ocpp.csms.wire import instant
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.versions import Version

_STATUSES = ("Available", "Preparing", "Charging", "Finishing", "Unavailable", "Faulted")


class _RoomOfSixStatuses(Room16):
    @override
    async def on_status_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        if payload["status"] not in _STATUSES:
            raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "unknown status")
        return await super().on_status_notification(db, station, payload)


class CsmsThatKnowsSixStatuses(ReferenceCsms):
    """Knows no Reserved and no suspended connectors."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomOfSixStatuses}


class _RoomWithoutZero(Room16):
    @override
    async def on_status_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        if payload["connectorId"] == 0:
            raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "no such connector")
        return await super().on_status_notification(db, station, payload)


class CsmsWithoutConnectorZero(ReferenceCsms):
    """Takes no status of connector 0."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomWithoutZero}


class _RoomWithShortColumns(Room16):
    @override
    async def on_status_notification(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        if len(payload.get("vendorErrorCode", "")) > 20:
            raise CallRefused(ErrorCode.INTERNAL_ERROR, "value too long for column")
        return await super().on_status_notification(db, station, payload)


class CsmsWithShortColumns(ReferenceCsms):
    """Stores 20 characters of a vendor's error code, and fails on more."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomWithShortColumns}


class _MindsCase(Authorizer):
    @override
    async def authorize(self, db: AsyncSession, id_token: str, type_: str | None, start: Start | None = None) -> Authorization:
        known = (await db.scalars(select(Token).where(Token.id_token == id_token))).first()
        return await super().authorize(db, id_token, type_, start) if known else Authorization(self.unknown_status())


class _RoomThatMindsCase(Room16):
    authorizer_type = _MindsCase


class CsmsThatMindsCase(ReferenceCsms):
    """Tells idTags apart by upper and lower case."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomThatMindsCase}


class _RoomThatRefusesThePast(Room16):
    @override
    async def on_start_transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        answer = await super().on_start_transaction(db, station, payload)
        late = self.clock.now() - instant(payload["timestamp"]) > timedelta(days=1)
        return answer | {"idTagInfo": {"status": "Expired"}} if late else answer


class CsmsThatRefusesThePast(ReferenceCsms):
    """Says Expired of every idTag whose transaction began more than a day ago."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomThatRefusesThePast}


class _RoomThatWantsTransactions(Room16):
    @override
    async def on_meter_values(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        if "transactionId" not in payload:
            raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "transactionId is missing")
        return await super().on_meter_values(db, station, payload)


class CsmsThatWantsTransactions(ReferenceCsms):
    """Takes meter values of transactions only."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomThatWantsTransactions}


class _RoomThatRefusesUnknownStops(Room16):
    @override
    async def on_stop_transaction(self, db: AsyncSession, station: StationSession, payload: Payload) -> Payload:
        if await self.transaction(db, station, payload["transactionId"]) is None:
            raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "no such transaction")
        return await super().on_stop_transaction(db, station, payload)


class CsmsThatRefusesUnknownStops(ReferenceCsms):
    """Takes the end of no transaction that it does not know."""

    rooms: ClassVar[dict[Version, type[Room]]] = {**ReferenceCsms.rooms, "1.6": _RoomThatRefusesUnknownStops}
