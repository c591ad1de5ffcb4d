"""What the store holds, as operators read it: over the REST API, or from a test's diagnosis."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.config import TokenSpec
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.tables import (
    Base,
    ChargingProfile,
    Connector,
    LocalListEntry,
    MeterValue,
    Notification,
    Station,
    Token,
    Transaction,
    TransactionEvent,
    Variable,
)


class ConnectorView(msgspec.Struct, frozen=True, kw_only=True):
    """A connector's last reported status; in 1.6 connector n is EVSE n, connector 1, and EVSE 0 is the station."""

    evse: int
    connector: int
    status: str
    error_code: str | None
    timestamp: datetime
    detail: dict[str, Any] | None


class StationView(msgspec.Struct, frozen=True, kw_only=True):
    """A charging station."""

    station: str
    version: str
    connected: bool
    registration: str | None
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    booted_at: datetime | None
    seen_at: datetime | None
    local_list_version: int
    connectors: list[ConnectorView]


class TransactionView(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction. Energy registers are in Wh; `missing` are sequence numbers that have not come (2.0.1)."""

    number: int
    station: str
    transaction_id: str
    evse: int | None
    connector: int | None
    active: bool
    id_token: str | None
    token_type: str | None
    stop_id_token: str | None
    started_at: datetime | None
    stopped_at: datetime | None
    meter_start: float | None
    meter_stop: float | None
    reason: str | None
    charging_state: str | None
    offline: bool
    reservation_id: int | None
    remote_start_id: int | None
    total_cost: float | None
    missing: list[int]


class VariableView(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of the device model (2.0.1), or a configuration key (1.6, without component)."""

    component: str
    component_instance: str
    evse: int
    connector: int
    name: str
    instance: str
    attribute: str
    value: str | None
    mutability: str | None
    characteristics: dict[str, Any] | None


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """A charging profile that a station has, as far as known."""

    source: str
    profile_id: int
    evse: int
    purpose: str
    stack_level: int
    transaction_id: str | None
    profile: dict[str, Any]


class LocalListEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the local authorization list that a station accepted."""

    id_token: str
    type: str
    info: dict[str, Any]


class NotificationView(msgspec.Struct, frozen=True, kw_only=True):
    """What a station told: security events, firmware and log progress, monitoring."""

    action: str
    payload: dict[str, Any]
    received_at: datetime


class MeterValueView(msgspec.Struct, frozen=True, kw_only=True):
    """A sample, its values as the station sent them."""

    evse: int | None
    transaction_id: str | None
    timestamp: datetime
    sampled: list[Any]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list: at most `limit` entries after the first `offset`."""

    limit: int = 100
    offset: int = 0


_EVERYTHING = Page(limit=2**31 - 1)


async def stations(db: AsyncSession, sessions: dict[str, StationSession], page: Page = _EVERYTHING) -> list[StationView]:
    """Return the stations that are known."""
    rows = await db.scalars(select(Station).order_by(Station.identity).limit(page.limit).offset(page.offset))
    return [await _station(db, row, sessions.get(row.identity)) for row in rows]


async def station(db: AsyncSession, sessions: dict[str, StationSession], identity: str) -> StationView | None:
    """Return a station, None for an unknown one."""
    row = await db.get(Station, identity)
    return None if row is None else await _station(db, row, sessions.get(identity))


async def _station(db: AsyncSession, row: Station, session: StationSession | None) -> StationView:
    query = select(Connector).where(Connector.station == row.identity).order_by(Connector.evse, Connector.connector)
    connectors = [_view(ConnectorView, connector) for connector in await db.scalars(query)]
    return StationView(
        station=row.identity,
        version=row.version,
        connected=session is not None and session.endpoint is not None,
        registration=row.registration,
        vendor=row.vendor,
        model=row.model,
        serial_number=row.serial_number,
        firmware_version=row.firmware_version,
        booted_at=row.booted_at,
        seen_at=session.seen_at if session is not None and session.seen_at is not None else row.seen_at,
        local_list_version=row.local_list_version,
        connectors=connectors,
    )


async def transactions(
    db: AsyncSession, identity: str | None = None, *, active: bool | None = None, page: Page = _EVERYTHING
) -> list[TransactionView]:
    """Return transactions, the latest first.

    Args:
        db: a session of the store.
        identity: of one station only.
        active: only those that are under way, or only those that are not.
        page: which part.
    """
    query = select(Transaction).order_by(Transaction.number.desc()).limit(page.limit).offset(page.offset)
    if identity is not None:
        query = query.where(Transaction.station == identity)
    if active is not None:
        query = query.where(Transaction.active.is_(active))
    return [await _transaction(db, row) for row in await db.scalars(query)]


async def transaction(db: AsyncSession, number: int) -> TransactionView | None:
    """Return a transaction by its number, None for an unknown one."""
    row = await db.get(Transaction, number)
    return None if row is None else await _transaction(db, row)


async def _transaction(db: AsyncSession, row: Transaction) -> TransactionView:
    return _view(TransactionView, row, missing=await missing(db, row))


async def missing(db: AsyncSession, transaction: Transaction) -> list[int]:
    """Return the sequence numbers that lie between those that have come, at most 1000 (1.3.2.1: they need not start with 0)."""
    query = select(TransactionEvent.seq_no, TransactionEvent.event_type).where(TransactionEvent.transaction == transaction.number)
    events = (await db.execute(query)).all()
    seen = sorted(event.seq_no for event in events)
    started = any(event.event_type == "Started" for event in events)
    first = seen[0] if started else 0
    gaps: list[int] = []
    for number in seen:
        gaps += range(first, min(number, first + 1000 - len(gaps)))
        first = number + 1
    return gaps


async def tokens(db: AsyncSession, page: Page = _EVERYTHING) -> list[TokenSpec]:
    """Return the identifiers that are known."""
    rows = await db.scalars(select(Token).order_by(Token.key).limit(page.limit).offset(page.offset))
    return [token_spec(row) for row in rows]


def token_spec(row: Token) -> TokenSpec:
    """Return an identifier as it was made known."""
    return _view(TokenSpec, row, evses=None if row.evses is None else tuple(row.evses))


async def variables(db: AsyncSession, identity: str, page: Page = _EVERYTHING) -> list[VariableView]:
    """Return the variables that a station has told of."""
    return await _of_station(db, VariableView, Variable, identity, page)


async def profiles(db: AsyncSession, identity: str, page: Page = _EVERYTHING) -> list[ProfileView]:
    """Return the charging profiles of a station."""
    return await _of_station(db, ProfileView, ChargingProfile, identity, page)


async def local_list(db: AsyncSession, identity: str, page: Page = _EVERYTHING) -> list[LocalListEntryView]:
    """Return the local authorization list of a station."""
    return await _of_station(db, LocalListEntryView, LocalListEntry, identity, page)


async def notifications(db: AsyncSession, identity: str, page: Page = _EVERYTHING) -> list[NotificationView]:
    """Return what a station has told, in the order of arrival."""
    return await _of_station(db, NotificationView, Notification, identity, page)


async def meter_values(db: AsyncSession, identity: str, page: Page = _EVERYTHING) -> list[MeterValueView]:
    """Return a station's samples, in the order of arrival."""
    return await _of_station(db, MeterValueView, MeterValue, identity, page)


async def _of_station[V: msgspec.Struct](
    db: AsyncSession, view: type[V], table: type[Base], identity: str, page: Page
) -> list[V]:
    columns = table.__table__.c
    query = (
        select(table)
        .where(columns.station == identity)
        .order_by(*table.__table__.primary_key)
        .limit(page.limit)
        .offset(page.offset)
    )
    return [_view(view, row) for row in await db.scalars(query)]


def _view[V: msgspec.Struct](view: type[V], row: Base, **computed: object) -> V:
    """Make a view of the attributes of its names."""
    names = [name for name in view.__struct_fields__ if name not in computed]
    return view(**{name: getattr(row, name) for name in names}, **computed)
