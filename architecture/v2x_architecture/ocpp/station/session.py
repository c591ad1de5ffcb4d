"""A charging session on an EVSE, and when a transaction starts and stops in it: the rules of TxStartPoint and TxStopPoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from v2x_architecture.ocpp.smart_charging import Profile
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.hardware import Flow
from v2x_architecture.ocpp.station.metering import MeterValue
from v2x_architecture.ocpp.station.model import Authorization, ChargingState, IdToken, StopReason, Transaction, Trigger, TxPoint


class EventKind(StrEnum):
    """Which report of a transaction it is (TransactionEventEnumType)."""

    STARTED = "Started"
    UPDATED = "Updated"
    ENDED = "Ended"


@dataclass(slots=True)
class Session:
    """What goes on at an EVSE between two idle states.

    Attributes:
        evse: where; None: somebody is authorized and has not plugged in anywhere yet (shared reader).
        state: the charging state.
        points: the start and stop points that hold now.
        missed: start points that were reached while nobody could be served.
        authorization: permission to charge, while it lasts.
        former: whose authorization of the running transaction has ended.
        transaction: the transaction, while it lasts.
        deciding: somebody's token is being looked up.
        lock_failed: the cable could not be locked (G05).
        held: the cable stays locked until its owner shows the token (C15.FR.05, E05.FR.11, E09.FR.03).
        ready_at: when energy could flow first: somebody was authorized and a vehicle connected.
        offered_w: as last reported (W).
        signed: the meter has given a signed value since the cable was plugged in.
        choice: which of the schedules of its charging profile the vehicle has chosen over ISO 15118.
        starting_profile: charging profile of the remote start that is under way (K05).
        untold_token, untold_remote_start_id: to be told with the next report.
        values: samples for the end of the transaction.
        interval_from_wh: register at the last periodic sample.
    """

    evse: Evse | None
    state: ChargingState = ChargingState.IDLE
    points: frozenset[TxPoint] = frozenset()
    missed: frozenset[TxPoint] = frozenset()
    authorization: Authorization | None = None
    former: Authorization | None = None
    transaction: Transaction | None = None
    deciding: bool = False
    lock_failed: bool = False
    held: bool = False
    ready_at: datetime | None = None
    offered_w: float = 0.0
    signed: bool = False
    choice: int = 0
    starting_profile: Profile | None = None
    untold_token: IdToken | None = None
    untold_remote_start_id: int | None = None
    values: list[MeterValue] = field(default_factory=list)
    interval_from_wh: float = 0.0

    @property
    def connected(self) -> bool:
        """Whether a vehicle is connected."""
        return self.evse is not None and self.evse.hardware.plugged is not None

    @property
    def authorized(self) -> bool:
        """Whether somebody may charge."""
        return self.authorization is not None


@dataclass(frozen=True, slots=True)
class TransactionReport:
    """What is to be told about a transaction.

    2.0.1 makes a TransactionEvent of it; 1.6 StartTransaction, MeterValues, StopTransaction.

    Attributes:
        kind, trigger: what happened and why it is told.
        transaction: with the sequence number of this report.
        at: when it happened.
        state: the charging state.
        evse, connector: told once, with the first report after the vehicle is connected (E01.FR.16); None otherwise.
        token: told once, after somebody is authorized (E01.FR.10) or ends the authorization (E07.FR.02); None otherwise.
        remote_start_id: told once (F01.FR.25); None otherwise.
        phases: number of phases used, when it is news; None otherwise.
        reason: why it ended; None before.
        values: meter values.
        meter_wh: the register (Wh).
    """

    kind: EventKind
    trigger: Trigger
    transaction: Transaction
    at: datetime
    state: ChargingState
    evse: int | None = None
    connector: int | None = None
    token: IdToken | None = None
    remote_start_id: int | None = None
    phases: int | None = None
    reason: StopReason | None = None
    values: tuple[MeterValue, ...] = ()
    meter_wh: float = 0.0


AUTHORIZATION_ENDS = frozenset({TxPoint.AUTHORIZED, TxPoint.POWER_PATH_CLOSED, TxPoint.ENERGY_TRANSFER})
_DISCONNECTION_ENDS = frozenset({TxPoint.EV_CONNECTED, TxPoint.POWER_PATH_CLOSED})


def charging_state(session: Session) -> ChargingState:
    """Return the charging state that follows from plug, authorization and flow of energy."""
    if session.evse is None or not session.connected:
        return ChargingState.IDLE
    if not session.authorized:
        return ChargingState.EV_CONNECTED
    match session.evse.hardware.flow:
        case Flow.DRAWING:
            return ChargingState.CHARGING
        case Flow.DECLINED:
            return ChargingState.SUSPENDED_EV
        case Flow.NONE:
            return ChargingState.SUSPENDED_EVSE
        case Flow.PENDING:
            waiting = session.state in (ChargingState.SUSPENDED_EV, ChargingState.SUSPENDED_EVSE)
            return session.state if waiting else ChargingState.EV_CONNECTED


def points_reached(session: Session) -> frozenset[TxPoint]:
    """Return the start and stop points that hold now (2.0.1 part 2, TxStartStopPoint values)."""
    reached = set()
    if session.evse is not None and session.evse.hardware.bay_occupied:
        reached.add(TxPoint.PARKING_BAY_OCCUPANCY)
    if session.connected:
        reached.add(TxPoint.EV_CONNECTED)
    if session.authorized:
        reached.add(TxPoint.AUTHORIZED)
    if session.signed:
        reached.add(TxPoint.DATA_SIGNED)
    if session.connected and session.authorized:
        reached.add(TxPoint.POWER_PATH_CLOSED)
    if session.state is ChargingState.CHARGING:
        reached.add(TxPoint.ENERGY_TRANSFER)
    return frozenset(reached)


def starts(before: frozenset[TxPoint], now: frozenset[TxPoint], start_points: frozenset[TxPoint]) -> bool:
    """Whether a transaction starts: a start point has just been reached (E01.FR.01 to FR.06).

    Where the last transaction ended and the vehicle stayed, a start point that still holds counts again as soon as energy may
    flow again, so that nobody charges outside a transaction.
    """
    gained = now - before
    return bool(gained & start_points) or (TxPoint.POWER_PATH_CLOSED in gained and bool(now & start_points))


def stops(before: frozenset[TxPoint], now: frozenset[TxPoint], stop_points: frozenset[TxPoint]) -> bool:
    """Whether a transaction stops: a stop point no longer holds (E06.FR.01 to FR.07)."""
    lost = before - now
    if TxPoint.AUTHORIZED in lost and stop_points & AUTHORIZATION_ENDS:
        return True
    if TxPoint.EV_CONNECTED in lost and stop_points & _DISCONNECTION_ENDS:
        return True
    return bool(lost & stop_points & {TxPoint.PARKING_BAY_OCCUPANCY, TxPoint.ENERGY_TRANSFER})
