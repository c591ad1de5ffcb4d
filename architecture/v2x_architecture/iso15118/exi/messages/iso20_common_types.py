"""urn:iso:std:iso:15118:-20:CommonTypes.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.xmldsig import SignatureType, X509IssuerSerialType

type evseNotificationType = Literal[
    "Pause",
    "ExitStandby",
    "Terminate",
    "ScheduleRenegotiation",
    "ServiceRenegotiation",
    "MeteringConfirmation",
]


type processingType = Literal["Finished", "Ongoing", "Ongoing_WaitingForCustomerInteraction"]


type responseCodeType = Literal[
    "OK",
    "OK_CertificateExpiresSoon",
    "OK_NewSessionEstablished",
    "OK_OldSessionJoined",
    "OK_PowerToleranceConfirmed",
    "WARNING_AuthorizationSelectionInvalid",
    "WARNING_CertificateExpired",
    "WARNING_CertificateNotYetValid",
    "WARNING_CertificateRevoked",
    "WARNING_CertificateValidationError",
    "WARNING_ChallengeInvalid",
    "WARNING_EIMAuthorizationFailure",
    "WARNING_eMSPUnknown",
    "WARNING_EVPowerProfileViolation",
    "WARNING_GeneralPnCAuthorizationError",
    "WARNING_NoCertificateAvailable",
    "WARNING_NoContractMatchingPCIDFound",
    "WARNING_PowerToleranceNotConfirmed",
    "WARNING_ScheduleRenegotiationFailed",
    "WARNING_StandbyNotAllowed",
    "WARNING_WPT",
    "FAILED",
    "FAILED_AssociationError",
    "FAILED_ContactorError",
    "FAILED_EVPowerProfileInvalid",
    "FAILED_EVPowerProfileViolation",
    "FAILED_MeteringSignatureNotValid",
    "FAILED_NoEnergyTransferServiceSelected",
    "FAILED_NoServiceRenegotiationSupported",
    "FAILED_PauseNotAllowed",
    "FAILED_PowerDeliveryNotApplied",
    "FAILED_PowerToleranceNotConfirmed",
    "FAILED_ScheduleRenegotiation",
    "FAILED_ScheduleSelectionInvalid",
    "FAILED_SequenceError",
    "FAILED_ServiceIDInvalid",
    "FAILED_ServiceSelectionInvalid",
    "FAILED_SignatureError",
    "FAILED_UnknownSession",
    "FAILED_WrongChargeParameter",
]


class V2GMessageType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""

    Header: MessageHeaderType


class V2GRequestType(V2GMessageType, kw_only=True):
    """What the types that extend it have in common."""


class MessageHeaderType(msgspec.Struct, kw_only=True):
    """Content of the element ``Header``.

    Attributes:
        SessionID: 8 octets.
        TimeStamp: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    SessionID: bytes
    TimeStamp: int
    Signature: SignatureType | None = None


class V2GResponseType(V2GMessageType, kw_only=True):
    """What the types that extend it have in common."""

    ResponseCode: responseCodeType


class RationalNumberType(msgspec.Struct, kw_only=True):
    """A ``RationalNumberType``.

    Attributes:
        Exponent: -128 to 127.
        Value: -32768 to 32767.
    """

    Exponent: int
    Value: int


class EVSEStatusType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVSEStatus``.

    Attributes:
        NotificationMaxDelay: in s; 0 to 65535.
    """

    NotificationMaxDelay: int
    EVSENotification: evseNotificationType


class MeterInfoType(msgspec.Struct, kw_only=True):
    """Content of the element ``MeterInfo``.

    Attributes:
        MeterID: at most 32 characters.
        ChargedEnergyReadingWh: in Wh; 0 to 18446744073709551615.
        BPT_DischargedEnergyReadingWh: in Wh; 0 to 18446744073709551615.
        CapacitiveEnergyReadingVARh: in varh; 0 to 18446744073709551615.
        BPT_InductiveEnergyReadingVARh: in varh; 0 to 18446744073709551615.
        MeterSignature: at most 64 octets.
        MeterStatus: -32768 to 32767.
        MeterTimestamp: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    MeterID: str
    ChargedEnergyReadingWh: int
    BPT_DischargedEnergyReadingWh: int | None = None
    CapacitiveEnergyReadingVARh: int | None = None
    BPT_InductiveEnergyReadingVARh: int | None = None
    MeterSignature: bytes | None = None
    MeterStatus: int | None = None
    MeterTimestamp: int | None = None


class ReceiptType(msgspec.Struct, kw_only=True):
    """Content of the element ``Receipt``.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    TimeAnchor: int
    EnergyCosts: DetailedCostType | None = None
    OccupancyCosts: DetailedCostType | None = None
    AdditionalServicesCosts: DetailedCostType | None = None
    OverstayCosts: DetailedCostType | None = None
    TaxCosts: list[DetailedTaxType] = []


class DetailedCostType(msgspec.Struct, kw_only=True):
    """A ``DetailedCostType``."""

    Amount: RationalNumberType
    CostPerUnit: RationalNumberType


class DetailedTaxType(msgspec.Struct, kw_only=True):
    """Content of the element ``TaxCosts``.

    Attributes:
        TaxRuleID: 1 to 4294967295.
    """

    TaxRuleID: int
    Amount: RationalNumberType


class ListOfRootCertificateIDsType(msgspec.Struct, kw_only=True):
    """A ``ListOfRootCertificateIDsType``."""

    RootCertificateID: list[X509IssuerSerialType]


class ChargeParameterDiscoveryReqType(V2GRequestType, kw_only=True):
    """What the types that extend it have in common."""


class ChargeParameterDiscoveryResType(V2GResponseType, kw_only=True):
    """What the types that extend it have in common."""


class ChargeLoopReqType(V2GRequestType, kw_only=True):
    """What the types that extend it have in common."""

    DisplayParameters: DisplayParametersType | None = None
    MeterInfoRequested: bool


class DisplayParametersType(msgspec.Struct, kw_only=True):
    """Content of the element ``DisplayParameters``.

    Attributes:
        PresentSOC: in %; 0 to 100.
        MinimumSOC: in %; 0 to 100.
        TargetSOC: in %; 0 to 100.
        MaximumSOC: in %; 0 to 100.
        RemainingTimeToMinimumSOC: in s; 0 to 4294967295.
        RemainingTimeToTargetSOC: in s; 0 to 4294967295.
        RemainingTimeToMaximumSOC: in s; 0 to 4294967295.
        BatteryEnergyCapacity: in Wh.
    """

    PresentSOC: int | None = None
    MinimumSOC: int | None = None
    TargetSOC: int | None = None
    MaximumSOC: int | None = None
    RemainingTimeToMinimumSOC: int | None = None
    RemainingTimeToTargetSOC: int | None = None
    RemainingTimeToMaximumSOC: int | None = None
    ChargingComplete: bool | None = None
    BatteryEnergyCapacity: RationalNumberType | None = None
    InletHot: bool | None = None


class ChargeLoopResType(V2GResponseType, kw_only=True):
    """What the types that extend it have in common."""

    EVSEStatus: EVSEStatusType | None = None
    MeterInfo: MeterInfoType | None = None
    Receipt: ReceiptType | None = None


class CLReqControlModeType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class CLResControlModeType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class Scheduled_CLReqControlModeType(CLReqControlModeType, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        EVTargetEnergyRequest: in Wh.
        EVMaximumEnergyRequest: in Wh.
        EVMinimumEnergyRequest: in Wh.
    """

    EVTargetEnergyRequest: RationalNumberType | None = None
    EVMaximumEnergyRequest: RationalNumberType | None = None
    EVMinimumEnergyRequest: RationalNumberType | None = None


class Scheduled_CLResControlModeType(CLResControlModeType, kw_only=True):
    """What the types that extend it have in common."""


class Dynamic_CLReqControlModeType(CLReqControlModeType, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        EVTargetEnergyRequest: in Wh.
        EVMaximumEnergyRequest: in Wh.
        EVMinimumEnergyRequest: in Wh.
    """

    DepartureTime: int | None = None
    EVTargetEnergyRequest: RationalNumberType
    EVMaximumEnergyRequest: RationalNumberType
    EVMinimumEnergyRequest: RationalNumberType


class Dynamic_CLResControlModeType(CLResControlModeType, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        MinimumSOC: in %; 0 to 100.
        TargetSOC: in %; 0 to 100.
        AckMaxDelay: in s; 0 to 65535.
    """

    DepartureTime: int | None = None
    MinimumSOC: int | None = None
    TargetSOC: int | None = None
    AckMaxDelay: int | None = None
