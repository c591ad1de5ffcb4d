"""urn:din:70121:2012:MsgBody; urn:din:70121:2012:MsgDataTypes; urn:din:70121:2012:MsgDef; urn:din:70121:2012:MsgHeader.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.xmldsig import SignatureType

type DC_EVErrorCodeType = Literal[
    "NO_ERROR",
    "FAILED_RESSTemperatureInhibit",
    "FAILED_EVShiftPosition",
    "FAILED_ChargerConnectorLockFault",
    "FAILED_EVRESSMalfunction",
    "FAILED_ChargingCurrentdifferential",
    "FAILED_ChargingVoltageOutOfRange",
    "Reserved_A",
    "Reserved_B",
    "Reserved_C",
    "FAILED_ChargingSystemIncompatibility",
    "NoData",
]


type DC_EVSEStatusCodeType = Literal[
    "EVSE_NotReady",
    "EVSE_Ready",
    "EVSE_Shutdown",
    "EVSE_UtilityInterruptEvent",
    "EVSE_IsolationMonitoringActive",
    "EVSE_EmergencyShutdown",
    "EVSE_Malfunction",
    "Reserved_8",
    "Reserved_9",
    "Reserved_A",
    "Reserved_B",
    "Reserved_C",
]


type EVRequestedEnergyTransferType = Literal[
    "AC_single_phase_core",
    "AC_three_phase_core",
    "DC_core",
    "DC_extended",
    "DC_combo_core",
    "DC_unique",
]


type EVSENotificationType = Literal["None", "StopCharging", "ReNegotiation"]


type EVSEProcessingType = Literal["Finished", "Ongoing"]


type EVSESupportedEnergyTransferType = Literal[
    "AC_single_phase_core",
    "AC_three_phase_core",
    "DC_core",
    "DC_extended",
    "DC_combo_core",
    "DC_dual",
    "AC_core1p_DC_extended",
    "AC_single_DC_core",
    "AC_single_phase_three_phase_core_DC_extended",
    "AC_core3p_DC_extended",
]


type costKindType = Literal["relativePricePercentage", "RenewableGenerationPercentage", "CarbonDioxideEmission"]


type faultCodeType = Literal["ParsingError", "NoTLSRootCertificatAvailable", "UnknownError"]


type isolationLevelType = Literal["Invalid", "Valid", "Warning", "Fault"]


type paymentOptionType = Literal["Contract", "ExternalPayment"]


type responseCodeType = Literal[
    "OK",
    "OK_NewSessionEstablished",
    "OK_OldSessionJoined",
    "OK_CertificateExpiresSoon",
    "FAILED",
    "FAILED_SequenceError",
    "FAILED_ServiceIDInvalid",
    "FAILED_UnknownSession",
    "FAILED_ServiceSelectionInvalid",
    "FAILED_PaymentSelectionInvalid",
    "FAILED_CertificateExpired",
    "FAILED_SignatureError",
    "FAILED_NoCertificateAvailable",
    "FAILED_CertChainError",
    "FAILED_ChallengeInvalid",
    "FAILED_ContractCanceled",
    "FAILED_WrongChargeParameter",
    "FAILED_PowerDeliveryNotApplied",
    "FAILED_TariffSelectionInvalid",
    "FAILED_ChargingProfileInvalid",
    "FAILED_EVSEPresentVoltageToLow",
    "FAILED_MeteringSignatureNotValid",
    "FAILED_WrongEnergyTransferType",
]


type serviceCategoryType = Literal["EVCharging", "Internet", "ContractCertificate", "OtherCustom"]


type unitSymbolType = Literal["h", "m", "s", "A", "Ah", "V", "VA", "W", "W/s", "Wh"]


type valueType = Literal["bool", "byte", "short", "int", "physicalValue", "string"]


class V2G_Message(msgspec.Struct, kw_only=True):
    """Content of the element ``V2G_Message``."""

    Header: MessageHeaderType
    Body: BodyType


class MessageHeaderType(msgspec.Struct, kw_only=True):
    """A ``MessageHeaderType``.

    Attributes:
        SessionID: at most 8 octets.
    """

    SessionID: bytes
    Notification: NotificationType | None = None
    Signature: SignatureType | None = None


class NotificationType(msgspec.Struct, kw_only=True):
    """A ``NotificationType``.

    Attributes:
        FaultMsg: at most 64 characters.
    """

    FaultCode: faultCodeType
    FaultMsg: str | None = None


class BodyType(msgspec.Struct, kw_only=True):
    """Content of the element ``Body``.

    Attributes:
        BodyElement: the class tells the element.
    """

    BodyElement: BodyBaseType | None = None


class BodyBaseType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class ServiceType(msgspec.Struct, kw_only=True):
    """Content of the element ``Service``."""

    ServiceTag: ServiceTagType
    FreeService: bool


class ServiceTagType(msgspec.Struct, kw_only=True):
    """Content of the element ``ServiceTag``.

    Attributes:
        ServiceID: 0 to 65535.
        ServiceName: at most 32 characters.
        ServiceScope: at most 32 characters.
    """

    ServiceID: int
    ServiceName: str | None = None
    ServiceCategory: serviceCategoryType
    ServiceScope: str | None = None


class ServiceTagListType(msgspec.Struct, kw_only=True):
    """A ``ServiceTagListType``."""

    Service: list[ServiceType]


class SelectedServiceListType(msgspec.Struct, kw_only=True):
    """A ``SelectedServiceListType``."""

    SelectedService: list[SelectedServiceType]


class SelectedServiceType(msgspec.Struct, kw_only=True):
    """Content of the element ``SelectedService``.

    Attributes:
        ServiceID: 0 to 65535.
        ParameterSetID: -32768 to 32767.
    """

    ServiceID: int
    ParameterSetID: int | None = None


class ServiceParameterListType(msgspec.Struct, kw_only=True):
    """A ``ServiceParameterListType``."""

    ParameterSet: list[ParameterSetType]


class ParameterSetType(msgspec.Struct, kw_only=True):
    """Content of the element ``ParameterSet``.

    Attributes:
        ParameterSetID: -32768 to 32767.
    """

    ParameterSetID: int
    Parameter: list[ParameterType]


class ParameterType(msgspec.Struct, kw_only=True):
    """Content of the element ``Parameter``.

    Attributes:
        byteValue: -128 to 127.
        shortValue: -32768 to 32767.
        intValue: -2147483648 to 2147483647.
        Name: attribute.
        ValueType: attribute.
    """

    boolValue: bool | None = None
    byteValue: int | None = None
    shortValue: int | None = None
    intValue: int | None = None
    physicalValue: PhysicalValueType | None = None
    stringValue: str | None = None
    Name: str
    ValueType: valueType


class PhysicalValueType(msgspec.Struct, kw_only=True):
    """A ``PhysicalValueType``.

    Attributes:
        Multiplier: -3 to 3.
        Value: -32768 to 32767.
    """

    Multiplier: int
    Unit: unitSymbolType | None = None
    Value: int


class ServiceChargeType(ServiceType, kw_only=True):
    """Content of the element ``ServiceCharge``."""

    EnergyTransferType: EVSESupportedEnergyTransferType


class CertificateChainType(msgspec.Struct, kw_only=True):
    """A ``CertificateChainType``.

    Attributes:
        Certificate: at most 1200 octets.
    """

    Certificate: bytes
    SubCertificates: SubCertificatesType | None = None


class SubCertificatesType(msgspec.Struct, kw_only=True):
    """Content of the element ``SubCertificates``.

    Attributes:
        Certificate: at most 1200 octets.
    """

    Certificate: list[bytes]


class ListOfRootCertificateIDsType(msgspec.Struct, kw_only=True):
    """A ``ListOfRootCertificateIDsType``.

    Attributes:
        RootCertificateID: at most 40 characters.
    """

    RootCertificateID: list[str]


class MeterInfoType(msgspec.Struct, kw_only=True):
    """A ``MeterInfoType``.

    Attributes:
        MeterID: at most 32 characters.
        MeterReading: in Wh.
        SigMeterReading: at most 32 octets.
        MeterStatus: -32768 to 32767.
        TMeter: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    MeterID: str
    MeterReading: PhysicalValueType | None = None
    SigMeterReading: bytes | None = None
    MeterStatus: int | None = None
    TMeter: int | None = None


class SASchedulesType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class SAScheduleListType(SASchedulesType, kw_only=True):
    """Content of the element ``SAScheduleList``."""

    SAScheduleTuple: list[SAScheduleTupleType]


class SAScheduleTupleType(msgspec.Struct, kw_only=True):
    """Content of the element ``SAScheduleTuple``.

    Attributes:
        SAScheduleTupleID: -32768 to 32767.
    """

    SAScheduleTupleID: int
    PMaxSchedule: PMaxScheduleType
    SalesTariff: SalesTariffType | None = None


class PMaxScheduleType(msgspec.Struct, kw_only=True):
    """Content of the element ``PMaxSchedule``.

    Attributes:
        PMaxScheduleID: -32768 to 32767.
    """

    PMaxScheduleID: int
    PMaxScheduleEntry: list[PMaxScheduleEntryType]


class EntryType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        TimeInterval: the class tells the element.
    """

    TimeInterval: IntervalType


class IntervalType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class PMaxScheduleEntryType(EntryType, kw_only=True):
    """Content of the element ``PMaxScheduleEntry``.

    Attributes:
        PMax: in W; -32768 to 32767.
    """

    PMax: int


class SalesTariffType(msgspec.Struct, kw_only=True):
    """Content of the element ``SalesTariff``.

    Attributes:
        SalesTariffID: -32768 to 32767.
        SalesTariffDescription: at most 32 characters.
        NumEPriceLevels: 0 to 255.
        Id: attribute.
    """

    SalesTariffID: int
    SalesTariffDescription: str | None = None
    NumEPriceLevels: int
    SalesTariffEntry: list[SalesTariffEntryType]
    Id: str


class SalesTariffEntryType(EntryType, kw_only=True):
    """Content of the element ``SalesTariffEntry``.

    Attributes:
        EPriceLevel: 0 to 255.
    """

    EPriceLevel: int
    ConsumptionCost: list[ConsumptionCostType] = []


class ConsumptionCostType(msgspec.Struct, kw_only=True):
    """Content of the element ``ConsumptionCost``.

    Attributes:
        startValue: 0 to 4294967295.
    """

    startValue: int
    Cost: list[CostType] = []


class CostType(msgspec.Struct, kw_only=True):
    """Content of the element ``Cost``.

    Attributes:
        amount: 0 to 4294967295.
        amountMultiplier: -3 to 3.
    """

    costKind: costKindType
    amount: int
    amountMultiplier: int | None = None


class RelativeTimeIntervalType(IntervalType, kw_only=True):
    """Content of the element ``RelativeTimeInterval``.

    Attributes:
        start: in s; 0 to 4294967295.
        duration: in s; 0 to 4294967295.
    """

    start: int
    duration: int | None = None


class EVSEStatusType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class AC_EVSEStatusType(EVSEStatusType, kw_only=True):
    """Content of the element ``AC_EVSEStatus``.

    Attributes:
        NotificationMaxDelay: in s; 0 to 4294967295.
    """

    PowerSwitchClosed: bool
    RCD: bool
    NotificationMaxDelay: int
    EVSENotification: EVSENotificationType


class EVStatusType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class DC_EVSEStatusType(EVSEStatusType, kw_only=True):
    """Content of the element ``DC_EVSEStatus``.

    Attributes:
        NotificationMaxDelay: in s; 0 to 4294967295.
    """

    EVSEIsolationStatus: isolationLevelType | None = None
    EVSEStatusCode: DC_EVSEStatusCodeType
    NotificationMaxDelay: int
    EVSENotification: EVSENotificationType


class DC_EVStatusType(EVStatusType, kw_only=True):
    """Content of the element ``DC_EVStatus``.

    Attributes:
        EVRESSSOC: in %; 0 to 100.
    """

    EVReady: bool
    EVCabinConditioning: bool | None = None
    EVRESSConditioning: bool | None = None
    EVErrorCode: DC_EVErrorCodeType
    EVRESSSOC: int


class EVChargeParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class AC_EVChargeParameterType(EVChargeParameterType, kw_only=True):
    """Content of the element ``AC_EVChargeParameter``.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        EAmount: in Wh.
        EVMaxVoltage: in V.
        EVMaxCurrent: in A.
        EVMinCurrent: in A.
    """

    DepartureTime: int
    EAmount: PhysicalValueType
    EVMaxVoltage: PhysicalValueType
    EVMaxCurrent: PhysicalValueType
    EVMinCurrent: PhysicalValueType


class DC_EVChargeParameterType(EVChargeParameterType, kw_only=True):
    """Content of the element ``DC_EVChargeParameter``.

    Attributes:
        EVMaximumCurrentLimit: in A.
        EVMaximumPowerLimit: in W.
        EVMaximumVoltageLimit: in V.
        EVEnergyCapacity: in Wh.
        EVEnergyRequest: in Wh.
        FullSOC: in %; 0 to 100.
        BulkSOC: in %; 0 to 100.
    """

    DC_EVStatus: DC_EVStatusType
    EVMaximumCurrentLimit: PhysicalValueType
    EVMaximumPowerLimit: PhysicalValueType | None = None
    EVMaximumVoltageLimit: PhysicalValueType
    EVEnergyCapacity: PhysicalValueType | None = None
    EVEnergyRequest: PhysicalValueType | None = None
    FullSOC: int | None = None
    BulkSOC: int | None = None


class EVSEChargeParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class AC_EVSEChargeParameterType(EVSEChargeParameterType, kw_only=True):
    """Content of the element ``AC_EVSEChargeParameter``.

    Attributes:
        EVSEMaxVoltage: in V.
        EVSEMaxCurrent: in A.
        EVSEMinCurrent: in A.
    """

    AC_EVSEStatus: AC_EVSEStatusType
    EVSEMaxVoltage: PhysicalValueType
    EVSEMaxCurrent: PhysicalValueType
    EVSEMinCurrent: PhysicalValueType


class DC_EVSEChargeParameterType(EVSEChargeParameterType, kw_only=True):
    """Content of the element ``DC_EVSEChargeParameter``.

    Attributes:
        EVSEMaximumCurrentLimit: in A.
        EVSEMaximumPowerLimit: in W.
        EVSEMaximumVoltageLimit: in V.
        EVSEMinimumCurrentLimit: in A.
        EVSEMinimumVoltageLimit: in V.
        EVSECurrentRegulationTolerance: in A.
        EVSEPeakCurrentRipple: in A.
        EVSEEnergyToBeDelivered: in Wh.
    """

    DC_EVSEStatus: DC_EVSEStatusType
    EVSEMaximumCurrentLimit: PhysicalValueType
    EVSEMaximumPowerLimit: PhysicalValueType | None = None
    EVSEMaximumVoltageLimit: PhysicalValueType
    EVSEMinimumCurrentLimit: PhysicalValueType
    EVSEMinimumVoltageLimit: PhysicalValueType
    EVSECurrentRegulationTolerance: PhysicalValueType | None = None
    EVSEPeakCurrentRipple: PhysicalValueType
    EVSEEnergyToBeDelivered: PhysicalValueType | None = None


class EVPowerDeliveryParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class DC_EVPowerDeliveryParameterType(EVPowerDeliveryParameterType, kw_only=True):
    """Content of the element ``DC_EVPowerDeliveryParameter``."""

    DC_EVStatus: DC_EVStatusType
    BulkChargingComplete: bool | None = None
    ChargingComplete: bool


class ChargingProfileType(msgspec.Struct, kw_only=True):
    """A ``ChargingProfileType``.

    Attributes:
        SAScheduleTupleID: -32768 to 32767.
    """

    SAScheduleTupleID: int
    ProfileEntry: list[ProfileEntryType]


class ProfileEntryType(msgspec.Struct, kw_only=True):
    """Content of the element ``ProfileEntry``.

    Attributes:
        ChargingProfileEntryStart: in s; 0 to 4294967295.
        ChargingProfileEntryMaxPower: in W; -32768 to 32767.
    """

    ChargingProfileEntryStart: int
    ChargingProfileEntryMaxPower: int


class PaymentOptionsType(msgspec.Struct, kw_only=True):
    """A ``PaymentOptionsType``."""

    PaymentOption: list[paymentOptionType]


class SessionSetupReqType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionSetupReq``.

    Attributes:
        EVCCID: at most 8 octets.
    """

    EVCCID: bytes


class SessionSetupResType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionSetupRes``.

    Attributes:
        EVSEID: at most 32 octets.
        DateTimeNow: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    ResponseCode: responseCodeType
    EVSEID: bytes
    DateTimeNow: int | None = None


class ServiceDiscoveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDiscoveryReq``.

    Attributes:
        ServiceScope: at most 32 characters.
    """

    ServiceScope: str | None = None
    ServiceCategory: serviceCategoryType | None = None


class ServiceDiscoveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDiscoveryRes``."""

    ResponseCode: responseCodeType
    PaymentOptions: PaymentOptionsType
    ChargeService: ServiceChargeType
    ServiceList: ServiceTagListType | None = None


class ServiceDetailReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDetailReq``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ServiceID: int


class ServiceDetailResType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDetailRes``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ResponseCode: responseCodeType
    ServiceID: int
    ServiceParameterList: ServiceParameterListType | None = None


class ServicePaymentSelectionReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ServicePaymentSelectionReq``."""

    SelectedPaymentOption: paymentOptionType
    SelectedServiceList: SelectedServiceListType


class ServicePaymentSelectionResType(BodyBaseType, kw_only=True):
    """Content of the element ``ServicePaymentSelectionRes``."""

    ResponseCode: responseCodeType


class PaymentDetailsReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentDetailsReq``.

    Attributes:
        ContractID: at most 24 characters.
    """

    ContractID: str
    ContractSignatureCertChain: CertificateChainType


class PaymentDetailsResType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentDetailsRes``.

    Attributes:
        DateTimeNow: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    ResponseCode: responseCodeType
    GenChallenge: str
    DateTimeNow: int


class ContractAuthenticationReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ContractAuthenticationReq``.

    Attributes:
        Id: attribute.
    """

    GenChallenge: str | None = None
    Id: str | None = None


class ContractAuthenticationResType(BodyBaseType, kw_only=True):
    """Content of the element ``ContractAuthenticationRes``."""

    ResponseCode: responseCodeType
    EVSEProcessing: EVSEProcessingType


class ChargeParameterDiscoveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargeParameterDiscoveryReq``.

    Attributes:
        EVChargeParameter: the class tells the element.
    """

    EVRequestedEnergyTransferType: EVRequestedEnergyTransferType
    EVChargeParameter: EVChargeParameterType


class ChargeParameterDiscoveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargeParameterDiscoveryRes``.

    Attributes:
        SASchedules: the class tells the element.
        EVSEChargeParameter: the class tells the element.
    """

    ResponseCode: responseCodeType
    EVSEProcessing: EVSEProcessingType
    SASchedules: SASchedulesType
    EVSEChargeParameter: EVSEChargeParameterType


class PowerDeliveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PowerDeliveryReq``.

    Attributes:
        EVPowerDeliveryParameter: the class tells the element.
    """

    ReadyToChargeState: bool
    ChargingProfile: ChargingProfileType | None = None
    EVPowerDeliveryParameter: EVPowerDeliveryParameterType | None = None


class PowerDeliveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``PowerDeliveryRes``.

    Attributes:
        EVSEStatus: the class tells the element.
    """

    ResponseCode: responseCodeType
    EVSEStatus: EVSEStatusType


class ChargingStatusReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargingStatusReq``."""


class ChargingStatusResType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargingStatusRes``.

    Attributes:
        EVSEID: at most 32 octets.
        SAScheduleTupleID: -32768 to 32767.
        EVSEMaxCurrent: in A.
    """

    ResponseCode: responseCodeType
    EVSEID: bytes
    SAScheduleTupleID: int
    EVSEMaxCurrent: PhysicalValueType | None = None
    MeterInfo: MeterInfoType | None = None
    ReceiptRequired: bool
    AC_EVSEStatus: AC_EVSEStatusType


class MeteringReceiptReqType(BodyBaseType, kw_only=True):
    """Content of the element ``MeteringReceiptReq``.

    Attributes:
        SessionID: at most 8 octets.
        SAScheduleTupleID: -32768 to 32767.
        Id: attribute.
    """

    SessionID: bytes
    SAScheduleTupleID: int | None = None
    MeterInfo: MeterInfoType
    Id: str | None = None


class MeteringReceiptResType(BodyBaseType, kw_only=True):
    """Content of the element ``MeteringReceiptRes``."""

    ResponseCode: responseCodeType
    AC_EVSEStatus: AC_EVSEStatusType


class SessionStopType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionStopReq``."""


class SessionStopResType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionStopRes``."""

    ResponseCode: responseCodeType


class CertificateUpdateReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateUpdateReq``.

    Attributes:
        ContractID: at most 24 characters.
        DHParams: at most 256 octets.
        Id: attribute.
    """

    ContractSignatureCertChain: CertificateChainType
    ContractID: str
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    DHParams: bytes
    Id: str | None = None


class CertificateUpdateResType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateUpdateRes``.

    Attributes:
        ContractSignatureEncryptedPrivateKey: at most 128 octets.
        DHParams: at most 256 octets.
        ContractID: at most 24 characters.
        RetryCounter: -32768 to 32767.
        Id: attribute.
    """

    ResponseCode: responseCodeType
    ContractSignatureCertChain: CertificateChainType
    ContractSignatureEncryptedPrivateKey: bytes
    DHParams: bytes
    ContractID: str
    RetryCounter: int
    Id: str


class CertificateInstallationReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateInstallationReq``.

    Attributes:
        OEMProvisioningCert: at most 1200 octets.
        DHParams: at most 256 octets.
        Id: attribute.
    """

    OEMProvisioningCert: bytes
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    DHParams: bytes
    Id: str | None = None


class CertificateInstallationResType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateInstallationRes``.

    Attributes:
        ContractSignatureEncryptedPrivateKey: at most 128 octets.
        DHParams: at most 256 octets.
        ContractID: at most 24 characters.
        Id: attribute.
    """

    ResponseCode: responseCodeType
    ContractSignatureCertChain: CertificateChainType
    ContractSignatureEncryptedPrivateKey: bytes
    DHParams: bytes
    ContractID: str
    Id: str


class CableCheckReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CableCheckReq``."""

    DC_EVStatus: DC_EVStatusType


class CableCheckResType(BodyBaseType, kw_only=True):
    """Content of the element ``CableCheckRes``."""

    ResponseCode: responseCodeType
    DC_EVSEStatus: DC_EVSEStatusType
    EVSEProcessing: EVSEProcessingType


class PreChargeReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PreChargeReq``.

    Attributes:
        EVTargetVoltage: in V.
        EVTargetCurrent: in A.
    """

    DC_EVStatus: DC_EVStatusType
    EVTargetVoltage: PhysicalValueType
    EVTargetCurrent: PhysicalValueType


class PreChargeResType(BodyBaseType, kw_only=True):
    """Content of the element ``PreChargeRes``.

    Attributes:
        EVSEPresentVoltage: in V.
    """

    ResponseCode: responseCodeType
    DC_EVSEStatus: DC_EVSEStatusType
    EVSEPresentVoltage: PhysicalValueType


class CurrentDemandReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CurrentDemandReq``.

    Attributes:
        EVTargetCurrent: in A.
        EVMaximumVoltageLimit: in V.
        EVMaximumCurrentLimit: in A.
        EVMaximumPowerLimit: in W.
        RemainingTimeToFullSoC: in s.
        RemainingTimeToBulkSoC: in s.
        EVTargetVoltage: in V.
    """

    DC_EVStatus: DC_EVStatusType
    EVTargetCurrent: PhysicalValueType
    EVMaximumVoltageLimit: PhysicalValueType | None = None
    EVMaximumCurrentLimit: PhysicalValueType | None = None
    EVMaximumPowerLimit: PhysicalValueType | None = None
    BulkChargingComplete: bool | None = None
    ChargingComplete: bool
    RemainingTimeToFullSoC: PhysicalValueType | None = None
    RemainingTimeToBulkSoC: PhysicalValueType | None = None
    EVTargetVoltage: PhysicalValueType


class CurrentDemandResType(BodyBaseType, kw_only=True):
    """Content of the element ``CurrentDemandRes``.

    Attributes:
        EVSEPresentVoltage: in V.
        EVSEPresentCurrent: in A.
        EVSEMaximumVoltageLimit: in V.
        EVSEMaximumCurrentLimit: in A.
        EVSEMaximumPowerLimit: in W.
    """

    ResponseCode: responseCodeType
    DC_EVSEStatus: DC_EVSEStatusType
    EVSEPresentVoltage: PhysicalValueType
    EVSEPresentCurrent: PhysicalValueType
    EVSECurrentLimitAchieved: bool
    EVSEVoltageLimitAchieved: bool
    EVSEPowerLimitAchieved: bool
    EVSEMaximumVoltageLimit: PhysicalValueType | None = None
    EVSEMaximumCurrentLimit: PhysicalValueType | None = None
    EVSEMaximumPowerLimit: PhysicalValueType | None = None


class WeldingDetectionReqType(BodyBaseType, kw_only=True):
    """Content of the element ``WeldingDetectionReq``."""

    DC_EVStatus: DC_EVStatusType


class WeldingDetectionResType(BodyBaseType, kw_only=True):
    """Content of the element ``WeldingDetectionRes``.

    Attributes:
        EVSEPresentVoltage: in V.
    """

    ResponseCode: responseCodeType
    DC_EVSEStatus: DC_EVSEStatusType
    EVSEPresentVoltage: PhysicalValueType
