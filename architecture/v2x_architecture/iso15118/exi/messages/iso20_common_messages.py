"""urn:iso:std:iso:15118:-20:CommonMessages.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_common_types import (
    EVSEStatusType,
    ListOfRootCertificateIDsType,
    MeterInfoType,
    RationalNumberType,
    ReceiptType,
    V2GRequestType,
    V2GResponseType,
    processingType,
)

type authorizationType = Literal["EIM", "PnC"]


type channelSelectionType = Literal["Charge", "Discharge"]


type chargeProgressType = Literal["Start", "Stop", "Standby", "ScheduleRenegotiation"]


type chargingSessionType = Literal["Pause", "Terminate", "ServiceRenegotiation"]


type ecdhCurveType = Literal["SECP521", "X448"]


type evCheckInStatusType = Literal["CheckIn", "Processing", "Completed"]


type evCheckOutStatusType = Literal["CheckOut", "Processing", "Completed"]


type evseCheckOutStatusType = Literal["Scheduled", "Completed"]


type parkingMethodType = Literal["AutoParking", "MVGuideManual", "Manual"]


type powerToleranceAcceptanceType = Literal["PowerToleranceNotConfirmed", "PowerToleranceConfirmed"]


class SessionSetupReqType(V2GRequestType, kw_only=True):
    """Content of the element ``SessionSetupReq``.

    Attributes:
        EVCCID: at most 255 characters.
    """

    EVCCID: str


class SessionSetupResType(V2GResponseType, kw_only=True):
    """Content of the element ``SessionSetupRes``.

    Attributes:
        EVSEID: at most 255 characters.
    """

    EVSEID: str


class AuthorizationSetupReqType(V2GRequestType, kw_only=True):
    """Content of the element ``AuthorizationSetupReq``."""


class AuthorizationSetupResType(V2GResponseType, kw_only=True):
    """Content of the element ``AuthorizationSetupRes``."""

    AuthorizationServices: list[authorizationType]
    CertificateInstallationService: bool
    EIM_ASResAuthorizationMode: EIM_ASResAuthorizationModeType | None = None
    PnC_ASResAuthorizationMode: PnC_ASResAuthorizationModeType | None = None


class EIM_ASResAuthorizationModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``EIM_ASResAuthorizationMode``."""


class PnC_ASResAuthorizationModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``PnC_ASResAuthorizationMode``.

    Attributes:
        GenChallenge: 16 octets.
    """

    GenChallenge: bytes
    SupportedProviders: SupportedProvidersListType | None = None


class SupportedProvidersListType(msgspec.Struct, kw_only=True):
    """Content of the element ``SupportedProviders``.

    Attributes:
        ProviderID: at most 80 characters.
    """

    ProviderID: list[str]


class AuthorizationReqType(V2GRequestType, kw_only=True):
    """Content of the element ``AuthorizationReq``."""

    SelectedAuthorizationService: authorizationType
    EIM_AReqAuthorizationMode: EIM_AReqAuthorizationModeType | None = None
    PnC_AReqAuthorizationMode: PnC_AReqAuthorizationModeType | None = None


class EIM_AReqAuthorizationModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``EIM_AReqAuthorizationMode``."""


class PnC_AReqAuthorizationModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``PnC_AReqAuthorizationMode``.

    Attributes:
        GenChallenge: 16 octets.
        Id: attribute.
    """

    GenChallenge: bytes
    ContractCertificateChain: ContractCertificateChainType
    Id: str


class ContractCertificateChainType(msgspec.Struct, kw_only=True):
    """Content of the element ``ContractCertificateChain``.

    Attributes:
        Certificate: at most 1600 octets.
    """

    Certificate: bytes
    SubCertificates: SubCertificatesType


class SubCertificatesType(msgspec.Struct, kw_only=True):
    """Content of the element ``SubCertificates``.

    Attributes:
        Certificate: at most 1600 octets.
    """

    Certificate: list[bytes]


class AuthorizationResType(V2GResponseType, kw_only=True):
    """Content of the element ``AuthorizationRes``."""

    EVSEProcessing: processingType


class ServiceDiscoveryReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ServiceDiscoveryReq``."""

    SupportedServiceIDs: ServiceIDListType | None = None


class ServiceIDListType(msgspec.Struct, kw_only=True):
    """Content of the element ``SupportedServiceIDs``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ServiceID: list[int]


class ServiceDiscoveryResType(V2GResponseType, kw_only=True):
    """Content of the element ``ServiceDiscoveryRes``."""

    ServiceRenegotiationSupported: bool
    EnergyTransferServiceList: ServiceListType
    VASList: ServiceListType | None = None


class ServiceListType(msgspec.Struct, kw_only=True):
    """Content of the elements ``EnergyTransferServiceList``, ``VASList``."""

    Service: list[ServiceType]


class ServiceType(msgspec.Struct, kw_only=True):
    """Content of the element ``Service``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ServiceID: int
    FreeService: bool


class ServiceDetailReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ServiceDetailReq``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ServiceID: int


class ServiceDetailResType(V2GResponseType, kw_only=True):
    """Content of the element ``ServiceDetailRes``.

    Attributes:
        ServiceID: 0 to 65535.
    """

    ServiceID: int
    ServiceParameterList: ServiceParameterListType


class ServiceParameterListType(msgspec.Struct, kw_only=True):
    """Content of the element ``ServiceParameterList``."""

    ParameterSet: list[ParameterSetType]


class ParameterSetType(msgspec.Struct, kw_only=True):
    """Content of the element ``ParameterSet``.

    Attributes:
        ParameterSetID: 0 to 65535.
    """

    ParameterSetID: int
    Parameter: list[ParameterType]


class ParameterType(msgspec.Struct, kw_only=True):
    """Content of the element ``Parameter``.

    Attributes:
        byteValue: -128 to 127.
        shortValue: -32768 to 32767.
        intValue: -2147483648 to 2147483647.
        finiteString: at most 80 characters.
        Name: attribute; at most 80 characters.
    """

    boolValue: bool | None = None
    byteValue: int | None = None
    shortValue: int | None = None
    intValue: int | None = None
    rationalNumber: RationalNumberType | None = None
    finiteString: str | None = None
    Name: str


class ServiceSelectionReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ServiceSelectionReq``."""

    SelectedEnergyTransferService: SelectedServiceType
    SelectedVASList: SelectedServiceListType | None = None


class SelectedServiceType(msgspec.Struct, kw_only=True):
    """Content of the elements ``SelectedEnergyTransferService``, ``SelectedService``.

    Attributes:
        ServiceID: 0 to 65535.
        ParameterSetID: 0 to 65535.
    """

    ServiceID: int
    ParameterSetID: int


class SelectedServiceListType(msgspec.Struct, kw_only=True):
    """Content of the element ``SelectedVASList``."""

    SelectedService: list[SelectedServiceType]


class ServiceSelectionResType(V2GResponseType, kw_only=True):
    """Content of the element ``ServiceSelectionRes``."""


class ScheduleExchangeReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ScheduleExchangeReq``.

    Attributes:
        MaximumSupportingPoints: 12 to 1024.
    """

    MaximumSupportingPoints: int
    Dynamic_SEReqControlMode: Dynamic_SEReqControlModeType | None = None
    Scheduled_SEReqControlMode: Scheduled_SEReqControlModeType | None = None


class Dynamic_SEReqControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Dynamic_SEReqControlMode``.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        MinimumSOC: in %; 0 to 100.
        TargetSOC: in %; 0 to 100.
        EVTargetEnergyRequest: in Wh.
        EVMaximumEnergyRequest: in Wh.
        EVMinimumEnergyRequest: in Wh.
        EVMaximumV2XEnergyRequest: in Wh.
        EVMinimumV2XEnergyRequest: in Wh.
    """

    DepartureTime: int
    MinimumSOC: int | None = None
    TargetSOC: int | None = None
    EVTargetEnergyRequest: RationalNumberType
    EVMaximumEnergyRequest: RationalNumberType
    EVMinimumEnergyRequest: RationalNumberType
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


class Scheduled_SEReqControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Scheduled_SEReqControlMode``.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        EVTargetEnergyRequest: in Wh.
        EVMaximumEnergyRequest: in Wh.
        EVMinimumEnergyRequest: in Wh.
    """

    DepartureTime: int | None = None
    EVTargetEnergyRequest: RationalNumberType | None = None
    EVMaximumEnergyRequest: RationalNumberType | None = None
    EVMinimumEnergyRequest: RationalNumberType | None = None
    EVEnergyOffer: EVEnergyOfferType | None = None


class EVEnergyOfferType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVEnergyOffer``."""

    EVPowerSchedule: EVPowerScheduleType
    EVAbsolutePriceSchedule: EVAbsolutePriceScheduleType


class EVPowerScheduleType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPowerSchedule``.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    TimeAnchor: int
    EVPowerScheduleEntries: EVPowerScheduleEntryListType


class EVPowerScheduleEntryListType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPowerScheduleEntries``."""

    EVPowerScheduleEntry: list[EVPowerScheduleEntryType]


class EVPowerScheduleEntryType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPowerScheduleEntry``.

    Attributes:
        Duration: in s; 0 to 4294967295.
        Power: in W.
    """

    Duration: int
    Power: RationalNumberType


class EVAbsolutePriceScheduleType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVAbsolutePriceSchedule``.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
        Currency: at most 3 characters.
        PriceAlgorithm: at most 255 characters.
    """

    TimeAnchor: int
    Currency: str
    PriceAlgorithm: str
    EVPriceRuleStacks: EVPriceRuleStackListType


class EVPriceRuleStackListType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPriceRuleStacks``."""

    EVPriceRuleStack: list[EVPriceRuleStackType]


class EVPriceRuleStackType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPriceRuleStack``.

    Attributes:
        Duration: in s; 0 to 4294967295.
    """

    Duration: int
    EVPriceRule: list[EVPriceRuleType]


class EVPriceRuleType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPriceRule``.

    Attributes:
        PowerRangeStart: in W.
    """

    EnergyFee: RationalNumberType
    PowerRangeStart: RationalNumberType


class ScheduleExchangeResType(V2GResponseType, kw_only=True):
    """Content of the element ``ScheduleExchangeRes``."""

    EVSEProcessing: processingType
    GoToPause: bool | None = None
    Dynamic_SEResControlMode: Dynamic_SEResControlModeType | None = None
    Scheduled_SEResControlMode: Scheduled_SEResControlModeType | None = None


class Dynamic_SEResControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Dynamic_SEResControlMode``.

    Attributes:
        DepartureTime: in s; 0 to 4294967295.
        MinimumSOC: in %; 0 to 100.
        TargetSOC: in %; 0 to 100.
    """

    DepartureTime: int | None = None
    MinimumSOC: int | None = None
    TargetSOC: int | None = None
    AbsolutePriceSchedule: AbsolutePriceScheduleType | None = None
    PriceLevelSchedule: PriceLevelScheduleType | None = None


class PriceScheduleType(msgspec.Struct, kw_only=True):
    """What the types that extend it have in common.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
        PriceScheduleID: 1 to 4294967295.
        PriceScheduleDescription: at most 160 characters.
    """

    TimeAnchor: int
    PriceScheduleID: int
    PriceScheduleDescription: str | None = None


class AbsolutePriceScheduleType(PriceScheduleType, kw_only=True):
    """Content of the element ``AbsolutePriceSchedule``.

    Attributes:
        Currency: at most 3 characters.
        Language: at most 3 characters.
        PriceAlgorithm: at most 255 characters.
        Id: attribute.
    """

    Currency: str
    Language: str
    PriceAlgorithm: str
    MinimumCost: RationalNumberType | None = None
    MaximumCost: RationalNumberType | None = None
    TaxRules: TaxRuleListType | None = None
    PriceRuleStacks: PriceRuleStackListType
    OverstayRules: OverstayRuleListType | None = None
    AdditionalSelectedServices: AdditionalServiceListType | None = None
    Id: str | None = None


class TaxRuleListType(msgspec.Struct, kw_only=True):
    """Content of the element ``TaxRules``."""

    TaxRule: list[TaxRuleType]


class TaxRuleType(msgspec.Struct, kw_only=True):
    """Content of the element ``TaxRule``.

    Attributes:
        TaxRuleID: 1 to 4294967295.
        TaxRuleName: at most 80 characters.
        TaxRate: in %.
    """

    TaxRuleID: int
    TaxRuleName: str | None = None
    TaxRate: RationalNumberType
    TaxIncludedInPrice: bool | None = None
    AppliesToEnergyFee: bool
    AppliesToParkingFee: bool
    AppliesToOverstayFee: bool
    AppliesMinimumMaximumCost: bool


class PriceRuleStackListType(msgspec.Struct, kw_only=True):
    """Content of the element ``PriceRuleStacks``."""

    PriceRuleStack: list[PriceRuleStackType]


class PriceRuleStackType(msgspec.Struct, kw_only=True):
    """Content of the element ``PriceRuleStack``.

    Attributes:
        Duration: in s; 0 to 4294967295.
    """

    Duration: int
    PriceRule: list[PriceRuleType]


class PriceRuleType(msgspec.Struct, kw_only=True):
    """Content of the element ``PriceRule``.

    Attributes:
        ParkingFeePeriod: in s; 0 to 4294967295.
        CarbonDioxideEmission: in g/kWh; 0 to 65535.
        RenewableGenerationPercentage: in %; 0 to 255.
        PowerRangeStart: in W.
    """

    EnergyFee: RationalNumberType
    ParkingFee: RationalNumberType | None = None
    ParkingFeePeriod: int | None = None
    CarbonDioxideEmission: int | None = None
    RenewableGenerationPercentage: int | None = None
    PowerRangeStart: RationalNumberType


class OverstayRuleListType(msgspec.Struct, kw_only=True):
    """Content of the element ``OverstayRules``.

    Attributes:
        OverstayTimeThreshold: in s; 0 to 4294967295.
        OverstayPowerThreshold: in W.
    """

    OverstayTimeThreshold: int | None = None
    OverstayPowerThreshold: RationalNumberType | None = None
    OverstayRule: list[OverstayRuleType]


class OverstayRuleType(msgspec.Struct, kw_only=True):
    """Content of the element ``OverstayRule``.

    Attributes:
        OverstayRuleDescription: at most 160 characters.
        StartTime: in s; 0 to 4294967295.
        OverstayFeePeriod: in s; 0 to 4294967295.
    """

    OverstayRuleDescription: str | None = None
    StartTime: int
    OverstayFee: RationalNumberType
    OverstayFeePeriod: int


class AdditionalServiceListType(msgspec.Struct, kw_only=True):
    """Content of the element ``AdditionalSelectedServices``."""

    AdditionalService: list[AdditionalServiceType]


class AdditionalServiceType(msgspec.Struct, kw_only=True):
    """Content of the element ``AdditionalService``.

    Attributes:
        ServiceName: at most 80 characters.
    """

    ServiceName: str
    ServiceFee: RationalNumberType


class PriceLevelScheduleType(PriceScheduleType, kw_only=True):
    """Content of the element ``PriceLevelSchedule``.

    Attributes:
        NumberOfPriceLevels: 0 to 255.
        Id: attribute.
    """

    NumberOfPriceLevels: int
    PriceLevelScheduleEntries: PriceLevelScheduleEntryListType
    Id: str | None = None


class PriceLevelScheduleEntryListType(msgspec.Struct, kw_only=True):
    """Content of the element ``PriceLevelScheduleEntries``."""

    PriceLevelScheduleEntry: list[PriceLevelScheduleEntryType]


class PriceLevelScheduleEntryType(msgspec.Struct, kw_only=True):
    """Content of the element ``PriceLevelScheduleEntry``.

    Attributes:
        Duration: in s; 0 to 4294967295.
        PriceLevel: 0 to 255.
    """

    Duration: int
    PriceLevel: int


class Scheduled_SEResControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Scheduled_SEResControlMode``."""

    ScheduleTuple: list[ScheduleTupleType]


class ScheduleTupleType(msgspec.Struct, kw_only=True):
    """Content of the element ``ScheduleTuple``.

    Attributes:
        ScheduleTupleID: 1 to 4294967295.
    """

    ScheduleTupleID: int
    ChargingSchedule: ChargingScheduleType
    DischargingSchedule: ChargingScheduleType | None = None


class ChargingScheduleType(msgspec.Struct, kw_only=True):
    """Content of the elements ``ChargingSchedule``, ``DischargingSchedule``."""

    PowerSchedule: PowerScheduleType
    AbsolutePriceSchedule: AbsolutePriceScheduleType | None = None
    PriceLevelSchedule: PriceLevelScheduleType | None = None


class PowerScheduleType(msgspec.Struct, kw_only=True):
    """Content of the element ``PowerSchedule``.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
        AvailableEnergy: in Wh.
    """

    TimeAnchor: int
    AvailableEnergy: RationalNumberType | None = None
    PowerTolerance: RationalNumberType | None = None
    PowerScheduleEntries: PowerScheduleEntryListType


class PowerScheduleEntryListType(msgspec.Struct, kw_only=True):
    """Content of the element ``PowerScheduleEntries``."""

    PowerScheduleEntry: list[PowerScheduleEntryType]


class PowerScheduleEntryType(msgspec.Struct, kw_only=True):
    """Content of the elements ``EVPowerProfileEntry``, ``PowerScheduleEntry``.

    Attributes:
        Duration: in s; 0 to 4294967295.
        Power: in W.
        Power_L2: in W.
        Power_L3: in W.
    """

    Duration: int
    Power: RationalNumberType
    Power_L2: RationalNumberType | None = None
    Power_L3: RationalNumberType | None = None


class PowerDeliveryReqType(V2GRequestType, kw_only=True):
    """Content of the element ``PowerDeliveryReq``."""

    EVProcessing: processingType
    ChargeProgress: chargeProgressType
    EVPowerProfile: EVPowerProfileType | None = None
    BPT_ChannelSelection: channelSelectionType | None = None


class EVPowerProfileType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPowerProfile``.

    Attributes:
        TimeAnchor: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    TimeAnchor: int
    Dynamic_EVPPTControlMode: Dynamic_EVPPTControlModeType | None = None
    Scheduled_EVPPTControlMode: Scheduled_EVPPTControlModeType | None = None
    EVPowerProfileEntries: EVPowerProfileEntryListType


class Dynamic_EVPPTControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Dynamic_EVPPTControlMode``."""


class Scheduled_EVPPTControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Scheduled_EVPPTControlMode``.

    Attributes:
        SelectedScheduleTupleID: 1 to 4294967295.
    """

    SelectedScheduleTupleID: int
    PowerToleranceAcceptance: powerToleranceAcceptanceType | None = None


class EVPowerProfileEntryListType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPowerProfileEntries``."""

    EVPowerProfileEntry: list[PowerScheduleEntryType]


class PowerDeliveryResType(V2GResponseType, kw_only=True):
    """Content of the element ``PowerDeliveryRes``."""

    EVSEStatus: EVSEStatusType | None = None


class MeteringConfirmationReqType(V2GRequestType, kw_only=True):
    """Content of the element ``MeteringConfirmationReq``."""

    SignedMeteringData: SignedMeteringDataType


class SignedMeteringDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignedMeteringData``.

    Attributes:
        SessionID: 8 octets.
        Id: attribute.
    """

    SessionID: bytes
    MeterInfo: MeterInfoType
    Receipt: ReceiptType | None = None
    Dynamic_SMDTControlMode: Dynamic_SMDTControlModeType | None = None
    Scheduled_SMDTControlMode: Scheduled_SMDTControlModeType | None = None
    Id: str


class Dynamic_SMDTControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Dynamic_SMDTControlMode``."""


class Scheduled_SMDTControlModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``Scheduled_SMDTControlMode``.

    Attributes:
        SelectedScheduleTupleID: 1 to 4294967295.
    """

    SelectedScheduleTupleID: int


class MeteringConfirmationResType(V2GResponseType, kw_only=True):
    """Content of the element ``MeteringConfirmationRes``."""


class SessionStopReqType(V2GRequestType, kw_only=True):
    """Content of the element ``SessionStopReq``.

    Attributes:
        EVTerminationCode: at most 80 characters.
        EVTerminationExplanation: at most 160 characters.
    """

    ChargingSession: chargingSessionType
    EVTerminationCode: str | None = None
    EVTerminationExplanation: str | None = None


class SessionStopResType(V2GResponseType, kw_only=True):
    """Content of the element ``SessionStopRes``."""


class CertificateInstallationReqType(V2GRequestType, kw_only=True):
    """Content of the element ``CertificateInstallationReq``.

    Attributes:
        MaximumContractCertificateChains: 0 to 255.
    """

    OEMProvisioningCertificateChain: SignedCertificateChainType
    ListOfRootCertificateIDs: ListOfRootCertificateIDsType
    MaximumContractCertificateChains: int
    PrioritizedEMAIDs: EMAIDListType | None = None


class SignedCertificateChainType(msgspec.Struct, kw_only=True):
    """Content of the element ``OEMProvisioningCertificateChain``.

    Attributes:
        Certificate: at most 1600 octets.
        Id: attribute.
    """

    Certificate: bytes
    SubCertificates: SubCertificatesType | None = None
    Id: str


class EMAIDListType(msgspec.Struct, kw_only=True):
    """Content of the element ``PrioritizedEMAIDs``.

    Attributes:
        EMAID: at most 255 characters.
    """

    EMAID: list[str]


class CertificateInstallationResType(V2GResponseType, kw_only=True):
    """Content of the element ``CertificateInstallationRes``.

    Attributes:
        RemainingContractCertificateChains: 0 to 255.
    """

    EVSEProcessing: processingType
    CPSCertificateChain: CertificateChainType
    SignedInstallationData: SignedInstallationDataType
    RemainingContractCertificateChains: int


class CertificateChainType(msgspec.Struct, kw_only=True):
    """Content of the element ``CPSCertificateChain``.

    Attributes:
        Certificate: at most 1600 octets.
    """

    Certificate: bytes
    SubCertificates: SubCertificatesType | None = None


class SignedInstallationDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignedInstallationData``.

    Attributes:
        DHPublicKey: 133 octets.
        SECP521_EncryptedPrivateKey: 94 octets.
        X448_EncryptedPrivateKey: 84 octets.
        TPM_EncryptedPrivateKey: 206 octets.
        Id: attribute.
    """

    ContractCertificateChain: ContractCertificateChainType
    ECDHCurve: ecdhCurveType
    DHPublicKey: bytes
    SECP521_EncryptedPrivateKey: bytes | None = None
    X448_EncryptedPrivateKey: bytes | None = None
    TPM_EncryptedPrivateKey: bytes | None = None
    Id: str


class VehicleCheckInReqType(V2GRequestType, kw_only=True):
    """Content of the element ``VehicleCheckInReq``.

    Attributes:
        VehicleFrame: -32768 to 32767.
        DeviceOffset: -32768 to 32767.
        VehicleTravel: -32768 to 32767.
    """

    EVCheckInStatus: evCheckInStatusType
    ParkingMethod: parkingMethodType
    VehicleFrame: int | None = None
    DeviceOffset: int | None = None
    VehicleTravel: int | None = None


class VehicleCheckInResType(V2GResponseType, kw_only=True):
    """Content of the element ``VehicleCheckInRes``.

    Attributes:
        ParkingSpace: -32768 to 32767.
        DeviceLocation: -32768 to 32767.
        TargetDistance: -32768 to 32767.
    """

    ParkingSpace: int | None = None
    DeviceLocation: int | None = None
    TargetDistance: int | None = None


class VehicleCheckOutReqType(V2GRequestType, kw_only=True):
    """Content of the element ``VehicleCheckOutReq``.

    Attributes:
        CheckOutTime: in s since 1970-01-01 UTC; 0 to 18446744073709551615.
    """

    EVCheckOutStatus: evCheckOutStatusType
    CheckOutTime: int


class VehicleCheckOutResType(V2GResponseType, kw_only=True):
    """Content of the element ``VehicleCheckOutRes``."""

    EVSECheckOutStatus: evseCheckOutStatusType


class TargetPositionType(msgspec.Struct, kw_only=True):
    """A ``TargetPositionType``.

    Attributes:
        TargetOffsetX: 0 to 65535.
        TargetOffsetY: 0 to 65535.
    """

    TargetOffsetX: int
    TargetOffsetY: int
