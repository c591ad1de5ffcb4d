"""The schema of the store: portable between SQLite and PostgreSQL.

What came over the wire is stored as text that every database takes: NUL and lone surrogates, which JSON allows and databases
refuse, become U+FFFD; JSON is kept as ASCII text. Times are UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, ForeignKey, Index, Integer, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from v2x_architecture.ocpp.csms.wire import storable

# An auto-incrementing key must be a plain INTEGER in SQLite; 1.6 wants transaction ids that fit 32 bits anyway.
_Key = Integer


class WireText(TypeDecorator[str]):
    """Text from the wire."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what no database stores."""
        return None if value is None else storable(value)


class WireJson(TypeDecorator[Any]):
    """A JSON value as ASCII text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Encode."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Decode."""
        return None if value is None else json.loads(value)


class Instant(TypeDecorator[datetime]):
    """An aware time, stored as UTC without a zone (SQLite knows no zones)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Drop the zone after going to UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own idiom
        str: WireText(),
        datetime: Instant(),
        int: BigInteger(),
        dict[str, Any]: WireJson(),
        list[Any]: WireJson(),
    }


class Station(Base):
    """A charging station.

    Attributes:
        registration: status given in the last BootNotification response; None when it never booted here.
        boot: payload of its last BootNotification.
        password_hash: salted hash of a password set over OCPP; None when the configured one holds.
        local_list_version: version of the local authorization list that it accepted last.
    """

    __tablename__ = "station"

    identity: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    serial_number: Mapped[str | None]
    firmware_version: Mapped[str | None]
    registration: Mapped[str | None]
    boot: Mapped[dict[str, Any] | None]
    booted_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    local_list_version: Mapped[int] = mapped_column(default=0)


class Connector(Base):
    """A connector's last reported status. 1.6 has no EVSEs: its connector n is EVSE n, connector 1; its connector 0 is EVSE 0."""

    __tablename__ = "connector"

    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"), primary_key=True)
    evse: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    connector: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str]
    error_code: Mapped[str | None]
    timestamp: Mapped[datetime]
    detail: Mapped[dict[str, Any] | None]


class Token(Base):
    """An identifier of a driver; see `TokenSpec`. `key` is the identifier in one case."""

    __tablename__ = "token"

    key: Mapped[str] = mapped_column(primary_key=True)
    id_token: Mapped[str]
    type: Mapped[str | None]
    status: Mapped[str]
    group: Mapped[str | None] = mapped_column("group_id")
    group_type: Mapped[str] = mapped_column(default="Central")
    expires: Mapped[datetime | None]
    concurrent: Mapped[bool] = mapped_column(default=True)
    evses: Mapped[list[Any] | None]
    language: Mapped[str | None]
    personal_message: Mapped[str | None]


class Transaction(Base):
    """A transaction, whole as far as its station has told.

    Attributes:
        number: unique over all stations; 1.6's transactionId.
        transaction_id: the station's own id (2.0.1), or the number as text (1.6).
        started_at: None while the start has not arrived (2.0.1 events may come out of order).
        meter_start, meter_stop: energy register (Wh), as far as reported.
        charging_state, state_seq_no: the newest told, and the seqNo of the event that told it, 2.0.1.
        last_seq_no: highest seqNo seen, 2.0.1.
    """

    __tablename__ = "charging_transaction"
    __table_args__ = (UniqueConstraint("station", "transaction_id"), Index("ix_transaction_token", "token_key", "active"))

    number: Mapped[int] = mapped_column(_Key, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"))
    transaction_id: Mapped[str]
    evse: Mapped[int | None]
    connector: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    id_token: Mapped[str | None]
    token_key: Mapped[str | None]
    token_type: Mapped[str | None]
    stop_id_token: Mapped[str | None]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    meter_start: Mapped[float | None]
    meter_stop: Mapped[float | None]
    reason: Mapped[str | None]
    charging_state: Mapped[str | None]
    state_seq_no: Mapped[int | None]
    offline: Mapped[bool] = mapped_column(default=False)
    reservation_id: Mapped[int | None]
    remote_start_id: Mapped[int | None]
    last_seq_no: Mapped[int | None]
    total_cost: Mapped[float | None]


class TransactionEvent(Base):
    """A TransactionEvent as it came; the same seqNo of a transaction is stored once."""

    __tablename__ = "transaction_event"

    transaction: Mapped[int] = mapped_column(ForeignKey("charging_transaction.number", ondelete="CASCADE"), primary_key=True)
    seq_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_type: Mapped[str]
    trigger_reason: Mapped[str]
    timestamp: Mapped[datetime]
    offline: Mapped[bool]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]


class MeterValue(Base):
    """A sample: the values taken at one time, as they came."""

    __tablename__ = "meter_value"
    __table_args__ = (Index("ix_meter_value_station", "station", "transaction_id"),)

    id: Mapped[int] = mapped_column(_Key, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"))
    evse: Mapped[int | None]
    transaction_id: Mapped[str | None]
    timestamp: Mapped[datetime]
    sampled: Mapped[list[Any]]


class Variable(Base):
    """A variable of the device model (2.0.1), or a configuration key (1.6: component ``""``).

    Absent instances are ``""``, absent EVSE and connector numbers 0, so that the key has no holes.
    """

    __tablename__ = "variable"

    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"), primary_key=True)
    component: Mapped[str] = mapped_column(primary_key=True)
    component_instance: Mapped[str] = mapped_column(primary_key=True, default="")
    evse: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    connector: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    name: Mapped[str] = mapped_column(primary_key=True)
    instance: Mapped[str] = mapped_column(primary_key=True, default="")
    attribute: Mapped[str] = mapped_column(primary_key=True, default="Actual")
    value: Mapped[str | None]
    mutability: Mapped[str | None]
    characteristics: Mapped[dict[str, Any] | None]


class LocalListEntry(Base):
    """An entry of the local authorization list that a station accepted."""

    __tablename__ = "local_list_entry"

    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True, default="")
    id_token: Mapped[str]
    info: Mapped[dict[str, Any]]


class ChargingProfile(Base):
    """A charging profile that a station accepted from us, or reported.

    Attributes:
        evse: EVSE (2.0.1) or connector (1.6); 0 for the whole station.
        source: ``CSO`` for ours, else the chargingLimitSource that the station reported.
    """

    __tablename__ = "charging_profile"

    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    profile_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    evse: Mapped[int]
    purpose: Mapped[str]
    stack_level: Mapped[int]
    transaction_id: Mapped[str | None]
    profile: Mapped[dict[str, Any]]


class Notification(Base):
    """What a station told and nothing else of the store holds: security events, firmware and log progress, monitoring."""

    __tablename__ = "notification"
    __table_args__ = (Index("ix_notification_station", "station", "action"),)

    id: Mapped[int] = mapped_column(_Key, primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("station.identity", ondelete="CASCADE"))
    action: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
