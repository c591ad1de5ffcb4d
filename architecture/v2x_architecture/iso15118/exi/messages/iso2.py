"""urn:iso:15118:2:2013:MsgBody; urn:iso:15118:2:2013:MsgDataTypes; urn:iso:15118:2:2013:MsgDef; urn:iso:15118:2:2013:MsgHeader.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.xmldsig import SignatureType, X509IssuerSerialType

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


type EVSENotificationType = Literal["None", "StopCharging", "ReNegotiation"]


type EVSEProcessingType = Literal["Finished", "Ongoing", "Ongoing_WaitingForCustomerInteraction"]


type EnergyTransferModeType = Literal[
    "AC_single_phase_core",
    "AC_three_phase_core",
    "DC_core",
    "DC_extended",
    "DC_combo_core",
    "DC_unique",
]


type chargeProgressType = Literal["Start", "Stop", "Renegotiate"]


type chargingSessionType = Literal["Terminate", "Pause"]


type costKindType = Literal["relativePricePercentage", "RenewableGenerationPercentage", "CarbonDioxideEmission"]


type faultCodeType = Literal["ParsingError", "NoTLSRootCertificatAvailable", "UnknownError"]


type isolationLevelType = Literal["Invalid", "Valid", "Warning", "Fault", "No_IMD"]


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
    "FAILED_MeteringSignatureNotValid",
    "FAILED_NoChargeServiceSelected",
    "FAILED_WrongEnergyTransferMode",
    "FAILED_ContactorError",
    "FAILED_CertificateNotAllowedAtThisEVSE",
    "FAILED_CertificateRevoked",
]


type serviceCategoryType = Literal["EVCharging", "Internet", "ContractCertificate", "OtherCustom"]


type unitSymbolType = Literal["h", "m", "s", "A", "V", "W", "Wh"]


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
    """A ``BodyType``.

    Attributes:
        BodyElement: the class tells the element.
    """

    BodyElement: BodyBaseType | None = None


class BodyBaseType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class SessionSetupReqType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionSetupReq``.

    Attributes:
        EVCCID: at most 6 octets.
    """

    EVCCID: bytes


class SessionSetupResType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionSetupRes``.

    Attributes:
        EVSEID: 7 to 37 characters.
        EVSETimeStamp: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    ResponseCode: responseCodeType
    EVSEID: str
    EVSETimeStamp: int | None = None


class ServiceDiscoveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDiscoveryReq``.

    Attributes:
        ServiceScope: at most 64 characters.
    """

    ServiceScope: str | None = None
    ServiceCategory: serviceCategoryType | None = None


class ServiceDiscoveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``ServiceDiscoveryRes``."""

    ResponseCode: responseCodeType
    PaymentOptionList: PaymentOptionListType
    ChargeService: ChargeServiceType
    ServiceList: ServiceListType | None = None


class PaymentOptionListType(msgspec.Struct, kw_only=True):
    """A ``PaymentOptionListType``."""

    PaymentOption: list[paymentOptionType]


class ServiceType(msgspec.Struct, kw_only=True):
    """Content of the element ``Service``.

    Attributes:
        ServiceID: 0 to 65535.
        ServiceName: at most 32 characters.
        ServiceScope: at most 64 characters.
    """

    ServiceID: int
    ServiceName: str | None = None
    ServiceCategory: serviceCategoryType
    ServiceScope: str | None = None
    FreeService: bool


class ChargeServiceType(ServiceType, kw_only=True):
    """A ``ChargeServiceType``."""

    SupportedEnergyTransferMode: SupportedEnergyTransferModeType


class SupportedEnergyTransferModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``SupportedEnergyTransferMode``."""

    EnergyTransferMode: list[EnergyTransferModeType]


class ServiceListType(msgspec.Struct, kw_only=True):
    """A ``ServiceListType``."""

    Service: list[ServiceType]


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
    """

    boolValue: bool | None = None
    byteValue: int | None = None
    shortValue: int | None = None
    intValue: int | None = None
    physicalValue: PhysicalValueType | None = None
    stringValue: str | None = None
    Name: str


class PhysicalValueType(msgspec.Struct, kw_only=True):
    """A ``PhysicalValueType``.

    Attributes:
        Multiplier: -3 to 3.
        Value: -32768 to 32767.
    """

    Multiplier: int
    Unit: unitSymbolType
    Value: int


class PaymentServiceSelectionReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentServiceSelectionReq``."""

    SelectedPaymentOption: paymentOptionType
    SelectedServiceList: SelectedServiceListType


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


class PaymentServiceSelectionResType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentServiceSelectionRes``."""

    ResponseCode: responseCodeType


class PaymentDetailsReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentDetailsReq``.

    Attributes:
        eMAID: 14 to 15 characters.
    """

    eMAID: str
    ContractSignatureCertChain: CertificateChainType


class CertificateChainType(msgspec.Struct, kw_only=True):
    """A ``CertificateChainType``.

    Attributes:
        Certificate: at most 800 octets.
        Id: attribute.
    """

    Certificate: bytes
    SubCertificates: SubCertificatesType | None = None
    Id: str | None = None


class SubCertificatesType(msgspec.Struct, kw_only=True):
    """Content of the element ``SubCertificates``.

    Attributes:
        Certificate: at most 800 octets.
    """

    Certificate: list[bytes]


class PaymentDetailsResType(BodyBaseType, kw_only=True):
    """Content of the element ``PaymentDetailsRes``.

    Attributes:
        GenChallenge: 16 octets.
        EVSETimeStamp: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    ResponseCode: responseCodeType
    GenChallenge: bytes
    EVSETimeStamp: int


class AuthorizationReqType(BodyBaseType, kw_only=True):
    """Content of the element ``AuthorizationReq``.

    Attributes:
        GenChallenge: 16 octets.
        Id: attribute.
    """

    GenChallenge: bytes | None = None
    Id: str | None = None


class AuthorizationResType(BodyBaseType, kw_only=True):
    """Content of the element ``AuthorizationRes``."""

    ResponseCode: responseCodeType
    EVSEProcessing: EVSEProcessingType


class ChargeParameterDiscoveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargeParameterDiscoveryReq``.

    Attributes:
        MaxEntriesSAScheduleTuple: 0 to 65535.
        EVChargeParameter: the class tells the element.
    """

    MaxEntriesSAScheduleTuple: int | None = None
    RequestedEnergyTransferMode: EnergyTransferModeType
    EVChargeParameter: EVChargeParameterType


class EVChargeParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
    """

    DepartureTime: int | None = None


class ChargeParameterDiscoveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargeParameterDiscoveryRes``.

    Attributes:
        SASchedules: the class tells the element.
        EVSEChargeParameter: the class tells the element.
    """

    ResponseCode: responseCodeType
    EVSEProcessing: EVSEProcessingType
    SASchedules: SASchedulesType | None = None
    EVSEChargeParameter: EVSEChargeParameterType


class SASchedulesType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class EVSEChargeParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class PowerDeliveryReqType(BodyBaseType, kw_only=True):
    """Content of the element ``PowerDeliveryReq``.

    Attributes:
        SAScheduleTupleID: 1 to 255.
        EVPowerDeliveryParameter: the class tells the element.
    """

    ChargeProgress: chargeProgressType
    SAScheduleTupleID: int
    ChargingProfile: ChargingProfileType | None = None
    EVPowerDeliveryParameter: EVPowerDeliveryParameterType | None = None


class ChargingProfileType(msgspec.Struct, kw_only=True):
    """A ``ChargingProfileType``."""

    ProfileEntry: list[ProfileEntryType]


class ProfileEntryType(msgspec.Struct, kw_only=True):
    """Content of the element ``ProfileEntry``.

    Attributes:
        ChargingProfileEntryStart: in s; 0 to 4294967295.
        ChargingProfileEntryMaxPower: in W.
        ChargingProfileEntryMaxNumberOfPhasesInUse: 1 to 3.
    """

    ChargingProfileEntryStart: int
    ChargingProfileEntryMaxPower: PhysicalValueType
    ChargingProfileEntryMaxNumberOfPhasesInUse: int | None = None


class EVPowerDeliveryParameterType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class PowerDeliveryResType(BodyBaseType, kw_only=True):
    """Content of the element ``PowerDeliveryRes``.

    Attributes:
        EVSEStatus: the class tells the element.
    """

    ResponseCode: responseCodeType
    EVSEStatus: EVSEStatusType


class EVSEStatusType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        NotificationMaxDelay: in s; 0 to 65535.
    """

    NotificationMaxDelay: int
    EVSENotification: EVSENotificationType


class MeteringReceiptReqType(BodyBaseType, kw_only=True):
    """Content of the element ``MeteringReceiptReq``.

    Attributes:
        SessionID: at most 8 octets.
        SAScheduleTupleID: 1 to 255.
        Id: attribute.
    """

    SessionID: bytes
    SAScheduleTupleID: int | None = None
    MeterInfo: MeterInfoType
    Id: str | None = None


class MeterInfoType(msgspec.Struct, kw_only=True):
    """A ``MeterInfoType``.

    Attributes:
        MeterID: at most 32 characters.
        MeterReading: in Wh; 0 to 18446744073709551615.
        SigMeterReading: at most 64 octets.
        MeterStatus: -32768 to 32767.
        TMeter: in s since 1970-01-01 UTC; -9223372036854775808 to 9223372036854775807.
    """

    MeterID: str
    MeterReading: int | None = None
    SigMeterReading: bytes | None = None
    MeterStatus: int | None = None
    TMeter: int | None = None


class MeteringReceiptResType(BodyBaseType, kw_only=True):
    """Content of the element ``MeteringReceiptRes``.

    Attributes:
        EVSEStatus: the class tells the element.
    """

    ResponseCode: responseCodeType
    EVSEStatus: EVSEStatusType


class SessionStopReqType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionStopReq``."""

    ChargingSession: chargingSessionType


class SessionStopResType(BodyBaseType, kw_only=True):
    """Content of the element ``SessionStopRes``."""

    ResponseCode: responseCodeType


class CertificateUpdateReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateUpdateReq``.

    Attributes:
        eMAID: 14 to 15 characters.
        Id: attribute.
    """

    ContractSignatureCertChain: CertificateChainType
    eMAID: str
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    Id: str


class ListOfRootCertificateIDsType(msgspec.Struct, kw_only=True):
    """A ``ListOfRootCertificateIDsType``."""

    RootCertificateID: list[X509IssuerSerialType]


class CertificateUpdateResType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateUpdateRes``.

    Attributes:
        RetryCounter: -32768 to 32767.
    """

    ResponseCode: responseCodeType
    SAProvisioningCertificateChain: CertificateChainType
    ContractSignatureCertChain: CertificateChainType
    ContractSignatureEncryptedPrivateKey: ContractSignatureEncryptedPrivateKeyType
    DHpublickey: DiffieHellmanPublickeyType
    eMAID: EMAIDType
    RetryCounter: int | None = None


class ContractSignatureEncryptedPrivateKeyType(msgspec.Struct, kw_only=True):
    """A ``ContractSignatureEncryptedPrivateKeyType``.

    Attributes:
        value: at most 48 octets.
        Id: attribute.
    """

    value: bytes
    Id: str


class DiffieHellmanPublickeyType(msgspec.Struct, kw_only=True):
    """A ``DiffieHellmanPublickeyType``.

    Attributes:
        value: at most 65 octets.
        Id: attribute.
    """

    value: bytes
    Id: str


class EMAIDType(msgspec.Struct, kw_only=True):
    """A ``EMAIDType``.

    Attributes:
        value: 14 to 15 characters.
        Id: attribute.
    """

    value: str
    Id: str


class CertificateInstallationReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateInstallationReq``.

    Attributes:
        OEMProvisioningCert: at most 800 octets.
        Id: attribute.
    """

    OEMProvisioningCert: bytes
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    Id: str


class CertificateInstallationResType(BodyBaseType, kw_only=True):
    """Content of the element ``CertificateInstallationRes``."""

    ResponseCode: responseCodeType
    SAProvisioningCertificateChain: CertificateChainType
    ContractSignatureCertChain: CertificateChainType
    ContractSignatureEncryptedPrivateKey: ContractSignatureEncryptedPrivateKeyType
    DHpublickey: DiffieHellmanPublickeyType
    eMAID: EMAIDType


class ChargingStatusReqType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargingStatusReq``."""


class ChargingStatusResType(BodyBaseType, kw_only=True):
    """Content of the element ``ChargingStatusRes``.

    Attributes:
        EVSEID: 7 to 37 characters.
        SAScheduleTupleID: 1 to 255.
        EVSEMaxCurrent: in A.
    """

    ResponseCode: responseCodeType
    EVSEID: str
    SAScheduleTupleID: int
    EVSEMaxCurrent: PhysicalValueType | None = None
    MeterInfo: MeterInfoType | None = None
    ReceiptRequired: bool | None = None
    AC_EVSEStatus: AC_EVSEStatusType


class AC_EVSEStatusType(EVSEStatusType, kw_only=True):
    """Content of the element ``AC_EVSEStatus``."""

    RCD: bool


class CableCheckReqType(BodyBaseType, kw_only=True):
    """Content of the element ``CableCheckReq``."""

    DC_EVStatus: DC_EVStatusType


class EVStatusType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common."""


class DC_EVStatusType(EVStatusType, kw_only=True):
    """Content of the element ``DC_EVStatus``.

    Attributes:
        EVRESSSOC: in %; 0 to 100.
    """

    EVReady: bool
    EVErrorCode: DC_EVErrorCodeType
    EVRESSSOC: int


class CableCheckResType(BodyBaseType, kw_only=True):
    """Content of the element ``CableCheckRes``."""

    ResponseCode: responseCodeType
    DC_EVSEStatus: DC_EVSEStatusType
    EVSEProcessing: EVSEProcessingType


class DC_EVSEStatusType(EVSEStatusType, kw_only=True):
    """Content of the element ``DC_EVSEStatus``."""

    EVSEIsolationStatus: isolationLevelType | None = None
    EVSEStatusCode: DC_EVSEStatusCodeType


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
        EVSEID: 7 to 37 characters.
        SAScheduleTupleID: 1 to 255.
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
    EVSEID: str
    SAScheduleTupleID: int
    MeterInfo: MeterInfoType | None = None
    ReceiptRequired: bool | None = None


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


class SAScheduleListType(SASchedulesType, kw_only=True):
    """Content of the element ``SAScheduleList``."""

    SAScheduleTuple: list[SAScheduleTupleType]


class SAScheduleTupleType(msgspec.Struct, kw_only=True):
    """Content of the element ``SAScheduleTuple``.

    Attributes:
        SAScheduleTupleID: 1 to 255.
    """

    SAScheduleTupleID: int
    PMaxSchedule: PMaxScheduleType
    SalesTariff: SalesTariffType | None = None


class PMaxScheduleType(msgspec.Struct, kw_only=True):
    """Content of the element ``PMaxSchedule``."""

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
        PMax: in W.
    """

    PMax: PhysicalValueType


class SalesTariffType(msgspec.Struct, kw_only=True):
    """Content of the element ``SalesTariff``.

    Attributes:
        SalesTariffID: 1 to 255.
        SalesTariffDescription: at most 32 characters.
        NumEPriceLevels: 0 to 255.
        Id: attribute.
    """

    SalesTariffID: int
    SalesTariffDescription: str | None = None
    NumEPriceLevels: int | None = None
    SalesTariffEntry: list[SalesTariffEntryType]
    Id: str | None = None


class SalesTariffEntryType(EntryType, kw_only=True):
    """Content of the element ``SalesTariffEntry``.

    Attributes:
        EPriceLevel: 0 to 255.
    """

    EPriceLevel: int | None = None
    ConsumptionCost: list[ConsumptionCostType] = []


class ConsumptionCostType(msgspec.Struct, kw_only=True):
    """Content of the element ``ConsumptionCost``."""

    startValue: PhysicalValueType
    Cost: list[CostType]


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
        start: in s; 0 to 16777214.
        duration: in s; 0 to 86400.
    """

    start: int
    duration: int | None = None


class AC_EVChargeParameterType(EVChargeParameterType, kw_only=True):
    """Content of the element ``AC_EVChargeParameter``.

    Attributes:
        EAmount: in Wh.
        EVMaxVoltage: in V.
        EVMaxCurrent: in A.
        EVMinCurrent: in A.
    """

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


class AC_EVSEChargeParameterType(EVSEChargeParameterType, kw_only=True):
    """Content of the element ``AC_EVSEChargeParameter``.

    Attributes:
        EVSENominalVoltage: in V.
        EVSEMaxCurrent: in A.
    """

    AC_EVSEStatus: AC_EVSEStatusType
    EVSENominalVoltage: PhysicalValueType
    EVSEMaxCurrent: PhysicalValueType


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
    EVSEMaximumPowerLimit: PhysicalValueType
    EVSEMaximumVoltageLimit: PhysicalValueType
    EVSEMinimumCurrentLimit: PhysicalValueType
    EVSEMinimumVoltageLimit: PhysicalValueType
    EVSECurrentRegulationTolerance: PhysicalValueType | None = None
    EVSEPeakCurrentRipple: PhysicalValueType
    EVSEEnergyToBeDelivered: PhysicalValueType | None = None


class DC_EVPowerDeliveryParameterType(EVPowerDeliveryParameterType, kw_only=True):
    """Content of the element ``DC_EVPowerDeliveryParameter``."""

    DC_EVStatus: DC_EVStatusType
    BulkChargingComplete: bool | None = None
    ChargingComplete: bool
