"""The nouns of a charging station, in the words of OCPP 2.0.1; the 1.6 station translates at its edge."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class TxPoint(StrEnum):
    """Moments of a charging session at which a transaction can start or stop (2.0.1 part 2, TxStartPoint and TxStopPoint)."""

    PARKING_BAY_OCCUPANCY = "ParkingBayOccupancy"
    EV_CONNECTED = "EVConnected"
    AUTHORIZED = "Authorized"
    DATA_SIGNED = "DataSigned"
    POWER_PATH_CLOSED = "PowerPathClosed"
    ENERGY_TRANSFER = "EnergyTransfer"


class ChargingState(StrEnum):
    """State of the charging process (ChargingStateEnumType)."""

    IDLE = "Idle"
    EV_CONNECTED = "EVConnected"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    CHARGING = "Charging"


class Trigger(StrEnum):
    """What made the station report on a transaction (TriggerReasonEnumType)."""

    AUTHORIZED = "Authorized"
    CABLE_PLUGGED_IN = "CablePluggedIn"
    CHARGING_RATE_CHANGED = "ChargingRateChanged"
    CHARGING_STATE_CHANGED = "ChargingStateChanged"
    DEAUTHORIZED = "Deauthorized"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"
    EV_COMMUNICATION_LOST = "EVCommunicationLost"
    EV_CONNECT_TIMEOUT = "EVConnectTimeout"
    METER_VALUE_CLOCK = "MeterValueClock"
    METER_VALUE_PERIODIC = "MeterValuePeriodic"
    TIME_LIMIT_REACHED = "TimeLimitReached"
    TRIGGER = "Trigger"
    UNLOCK_COMMAND = "UnlockCommand"
    STOP_AUTHORIZED = "StopAuthorized"
    EV_DEPARTED = "EVDeparted"
    EV_DETECTED = "EVDetected"
    REMOTE_STOP = "RemoteStop"
    REMOTE_START = "RemoteStart"
    ABNORMAL_CONDITION = "AbnormalCondition"
    SIGNED_DATA_RECEIVED = "SignedDataReceived"
    RESET_COMMAND = "ResetCommand"


class StopReason(StrEnum):
    """Why a transaction stopped (ReasonEnumType)."""

    DE_AUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    ENERGY_LIMIT_REACHED = "EnergyLimitReached"
    EV_DISCONNECTED = "EVDisconnected"
    GROUND_FAULT = "GroundFault"
    IMMEDIATE_RESET = "ImmediateReset"
    LOCAL = "Local"
    MASTER_PASS = "MasterPass"  # noqa: S105 - a reason, no secret
    OTHER = "Other"
    OVERCURRENT_FAULT = "OvercurrentFault"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    STOPPED_BY_EV = "StoppedByEV"
    TIMEOUT = "Timeout"


class Registration(StrEnum):
    """What the CSMS said to the last BootNotification."""

    NONE = "None"
    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class IdToken(msgspec.Struct, frozen=True):
    """An identifier that somebody shows.

    Attributes:
        value: the identifier; compared without regard to case.
        type: IdTokenEnumType; ``ISO14443`` where a version has no types.
        additional: further identifiers that go with it, as the message has them.
    """

    value: str
    type: str = "ISO14443"
    additional: tuple[dict[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What caches and lists know it by."""
        return f"{self.type}:{self.value.lower()}"

    def same(self, other: IdToken | None) -> bool:
        """Whether both are the same identifier."""
        return other is not None and self.key == other.key


class TokenInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the CSMS said about an identifier (IdTokenInfoType, idTagInfo).

    Attributes:
        status: ``Accepted``, or why not.
        group: identifier of its group (groupIdToken, parentIdTag); compared without regard to case.
        expires: after this it is no longer valid in a cache or list.
        evses: EVSEs on which it may charge; empty for all.
    """

    status: str
    group: str = ""
    expires: datetime | None = None
    evses: tuple[int, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it may charge."""
        return self.status == "Accepted"

    def allows(self, evse: int | None) -> bool:
        """Whether it may charge on that EVSE (C01.FR.21)."""
        return self.accepted and (not self.evses or evse is None or evse in self.evses)

    def shares_group(self, other: TokenInfo | None) -> bool:
        """Whether both belong to one group."""
        return other is not None and self.group != "" and self.group.lower() == other.group.lower()


class Authorization(msgspec.Struct):
    """Permission to charge in a session.

    Attributes:
        token: who got it.
        info: what is known of the token; None when nobody was asked (offline, remote start without check).
        remote_start_id: of the request that gave it.
        invalid: the CSMS said afterwards that the token is not valid, and StopTxOnInvalidId is false.
        invalid_from_wh: meter register when that became known.
    """

    token: IdToken
    info: TokenInfo | None = None
    remote_start_id: int | None = None
    invalid: bool = False
    invalid_from_wh: float = 0.0


class Transaction(msgspec.Struct):
    """A transaction as the station keeps it, also without power.

    Attributes:
        id: made by the station (2.0.1), or its own name for it until the CSMS gives one (1.6).
        evse, connector: where; None until known.
        started_at, meter_start_wh: time and register at the start.
        seq_no: number of the next message about it.
        token: who it was authorized for, and ``group`` that token's group.
        csms_id: what the CSMS calls it (1.6).
        charging_state: as last reported.
        evse_told: the EVSE is told once.
        begin_told: values at the start were reported.
        key_told: the meter's public key was told.
        phases_told: number of phases as last reported.
        stop_reason: known before it ends (remote stop that waits for the cable).
        charging_s: how long energy flowed (s).
        told_at: when it was last reported on.
    """

    id: str
    started_at: datetime
    evse: int | None = None
    connector: int | None = None
    meter_start_wh: float = 0.0
    seq_no: int = 0
    token: IdToken | None = None
    group: str = ""
    csms_id: int | None = None
    charging_state: ChargingState | None = None
    evse_told: bool = False
    begin_told: bool = False
    key_told: bool = False
    phases_told: int | None = None
    stop_reason: StopReason | None = None
    charging_s: float = 0.0
    told_at: datetime | None = None
