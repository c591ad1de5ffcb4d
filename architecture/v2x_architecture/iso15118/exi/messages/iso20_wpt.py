"""urn:iso:std:iso:15118:-20:WPT.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_common_types import (
    ChargeLoopReqType,
    ChargeLoopResType,
    ChargeParameterDiscoveryReqType,
    ChargeParameterDiscoveryResType,
    RationalNumberType,
    V2GRequestType,
    V2GResponseType,
    processingType,
)

type WPT_AlignmentCheckMethodType = Literal["PowerCheck", "LPE", "Proprietary"]


type WPT_EVPCChargeDiagnosticsType = Literal[
    "EVPCNoIssue",
    "EVPCTempOverheatDetected",
    "EVPCPowerTransferAnomalyDetected",
    "EVPCAnomalyDetected",
]


type WPT_EVResultType = Literal["EVResultUnknown", "EVResultSuccess", "EVResultFailed"]


type WPT_FinePositioningMethodType = Literal["Manual", "LF_TxEV", "LF_TxPrimaryDevice", "LPE", "Proprietary"]


type WPT_PairingMethodType = Literal["External confirmation", "LPE", "LF_TxEV", "LF_TxPrimaryDevice", "Optical", "Proprietary"]


type WPT_PowerClassType = Literal["MF-WPT1", "MF-WPT2", "MF-WPT3", "MF-WPT4"]


type WPT_SPCChargeDiagnosticsType = Literal[
    "SPCNoIssue",
    "SPCFODDetected",
    "SPCLOPDetected",
    "SPCTempOverheatDetected",
    "SPCPowerTransferAnomalyDetected",
    "SPCAnomalyDetected",
]


class WPT_FinePositioningSetupReqType(V2GRequestType, kw_only=True):
    """Content of the element ``WPT_FinePositioningSetupReq``.

    Attributes:
        NaturalOffset: 0 to 65535.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVProcessing: processingType
    EVDeviceFinePositioningMethodList: WPT_FinePositioningMethodListType
    EVDevicePairingMethodList: WPT_PairingMethodListType
    EVDeviceAlignmentCheckMethodList: WPT_AlignmentCheckMethodListType
    NaturalOffset: int
    VendorSpecificDataContainer: list[bytes] = []
    LF_SystemSetupData: WPT_LF_SystemSetupDataType | None = None


class WPT_FinePositioningMethodListType(msgspec.Struct, kw_only=True):
    """Content of the elements ``EVDeviceFinePositioningMethodList``, ``PrimaryDeviceFinePositioningMethodList``."""

    WPT_FinePositioningMethod: list[WPT_FinePositioningMethodType]


class WPT_PairingMethodListType(msgspec.Struct, kw_only=True):
    """Content of the elements ``EVDevicePairingMethodList``, ``PrimaryDevicePairingMethodList``."""

    WPT_PairingMethod: list[WPT_PairingMethodType]


class WPT_AlignmentCheckMethodListType(msgspec.Struct, kw_only=True):
    """Content of the elements ``EVDeviceAlignmentCheckMethodList``, ``PrimaryDeviceAlignmentCheckMethodList``."""

    WPT_AlignmentCheckMethod: list[WPT_AlignmentCheckMethodType]


class WPT_LF_SystemSetupDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``LF_SystemSetupData``."""

    LF_TransmitterSetupData: WPT_LF_TransmitterDataType | None = None
    LF_ReceiverSetupData: WPT_LF_ReceiverDataType | None = None


class WPT_LF_TransmitterDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``LF_TransmitterSetupData``.

    Attributes:
        NumberOfTransmitters: 0 to 255.
        SignalFrequency: in Hz.
    """

    NumberOfTransmitters: int
    SignalFrequency: RationalNumberType
    TxSpecData: list[WPT_TxRxSpecDataType]
    TxPackageSpecData: WPT_TxRxPackageSpecDataType | None = None


class WPT_TxRxSpecDataType(msgspec.Struct, kw_only=True):
    """Content of the elements ``RxSpecData``, ``TxSpecData``.

    Attributes:
        TxRxIdentifier: 1 to 4294967295.
    """

    TxRxIdentifier: int
    TxRxPosition: WPT_CoordinateXYZType
    TxRxOrientation: WPT_CoordinateXYZType


class WPT_CoordinateXYZType(msgspec.Struct, kw_only=True):
    """Content of the elements ``TxRxOrientation``, ``TxRxPosition``.

    Attributes:
        Coord_X: -32768 to 32767.
        Coord_Y: -32768 to 32767.
        Coord_Z: -32768 to 32767.
    """

    Coord_X: int
    Coord_Y: int
    Coord_Z: int


class WPT_TxRxPackageSpecDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``TxPackageSpecData``.

    Attributes:
        PulseSeparationTime: 0 to 65535.
        PulseDuration: 0 to 65535.
        PackageSeparationTime: 0 to 65535.
    """

    PulseSequenceOrder: list[WPT_TxRxPulseOrderType]
    PulseSeparationTime: int
    PulseDuration: int
    PackageSeparationTime: int


class WPT_TxRxPulseOrderType(msgspec.Struct, kw_only=True):
    """Content of the element ``PulseSequenceOrder``.

    Attributes:
        IndexNumber: 0 to 65535.
        TxRxIdentifier: 1 to 4294967295.
    """

    IndexNumber: int
    TxRxIdentifier: int


class WPT_LF_ReceiverDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``LF_ReceiverSetupData``.

    Attributes:
        NumberOfReceivers: 0 to 255.
    """

    NumberOfReceivers: int
    RxSpecData: list[WPT_TxRxSpecDataType]


class WPT_FinePositioningSetupResType(V2GResponseType, kw_only=True):
    """Content of the element ``WPT_FinePositioningSetupRes``.

    Attributes:
        NaturalOffset: 0 to 65535.
        VendorSpecificDataContainer: at most 256 octets.
    """

    PrimaryDeviceFinePositioningMethodList: WPT_FinePositioningMethodListType
    PrimaryDevicePairingMethodList: WPT_PairingMethodListType
    PrimaryDeviceAlignmentCheckMethodList: WPT_AlignmentCheckMethodListType
    NaturalOffset: int
    VendorSpecificDataContainer: list[bytes] = []
    LF_SystemSetupData: WPT_LF_SystemSetupDataType | None = None


class WPT_FinePositioningReqType(V2GRequestType, kw_only=True):
    """Content of the element ``WPT_FinePositioningReq``.

    Attributes:
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVProcessing: processingType
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: list[bytes] = []
    WPT_LF_DataPackageList: WPT_LF_DataPackageListType | None = None


class WPT_LF_DataPackageListType(msgspec.Struct, kw_only=True):
    """Content of the element ``WPT_LF_DataPackageList``.

    Attributes:
        NumPackages: 0 to 255.
    """

    NumPackages: int
    WPT_LF_DataPackage: WPT_LF_DataPackageType


class WPT_LF_DataPackageType(msgspec.Struct, kw_only=True):
    """Content of the element ``WPT_LF_DataPackage``.

    Attributes:
        PackageIndex: 0 to 255.
    """

    PackageIndex: int
    LF_TxData: WPT_LF_TxDataListType | None = None
    LF_RxData: WPT_LF_RxDataListType | None = None


class WPT_LF_TxDataListType(msgspec.Struct, kw_only=True):
    """Content of the element ``LF_TxData``."""

    WPT_LF_TxDataList: WPT_LF_TxDataType


class WPT_LF_TxDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``WPT_LF_TxDataList``.

    Attributes:
        TxIdentifier: 1 to 4294967295.
    """

    TxIdentifier: int
    EIRP: RationalNumberType


class WPT_LF_RxDataListType(msgspec.Struct, kw_only=True):
    """Content of the element ``LF_RxData``."""

    WPT_LF_RxDataList: WPT_LF_RxDataType


class WPT_LF_RxDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``WPT_LF_RxDataList``.

    Attributes:
        RxIdentifier: 1 to 4294967295.
    """

    RxIdentifier: int
    RSSIData: WPT_LF_RxRSSIListType


class WPT_LF_RxRSSIListType(msgspec.Struct, kw_only=True):
    """Content of the element ``RSSIData``."""

    RSSIDataList: WPT_LF_RxRSSIType


class WPT_LF_RxRSSIType(msgspec.Struct, kw_only=True):
    """Content of the element ``RSSIDataList``.

    Attributes:
        TxIdentifier: 1 to 4294967295.
    """

    TxIdentifier: int
    RSSI: RationalNumberType


class WPT_FinePositioningResType(V2GResponseType, kw_only=True):
    """Content of the element ``WPT_FinePositioningRes``.

    Attributes:
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVSEProcessing: processingType
    VendorSpecificDataContainer: list[bytes] = []
    WPT_LF_DataPackageList: WPT_LF_DataPackageListType | None = None


class WPT_PairingReqType(V2GRequestType, kw_only=True):
    """Content of the element ``WPT_PairingReq``.

    Attributes:
        ObservedIDCode: 1 to 4294967295.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVProcessing: processingType
    ObservedIDCode: int | None = None
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: list[bytes] = []


class WPT_PairingResType(V2GResponseType, kw_only=True):
    """Content of the element ``WPT_PairingRes``.

    Attributes:
        ObservedIDCode: 1 to 4294967295.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVSEProcessing: processingType
    ObservedIDCode: int | None = None
    AlternativeSECCList: AlternativeSECCListType | None = None
    VendorSpecificDataContainer: list[bytes] = []


class AlternativeSECCListType(msgspec.Struct, kw_only=True):
    """Content of the element ``AlternativeSECCList``."""

    AlternativeSECC: list[AlternativeSECCType]


class AlternativeSECCType(msgspec.Struct, kw_only=True):
    """Content of the element ``AlternativeSECC``.

    Attributes:
        SSID: at most 255 characters.
        BSSID: at most 12 characters.
        IPAddress: at most 39 characters.
        Port: 0 to 65535.
    """

    SSID: str | None = None
    BSSID: str | None = None
    IPAddress: str | None = None
    Port: int | None = None


class WPT_ChargeParameterDiscoveryReqType(ChargeParameterDiscoveryReqType, kw_only=True):
    """Content of the element ``WPT_ChargeParameterDiscoveryReq``.

    Attributes:
        EVPCMaxReceivablePower: in W.
        SDMaxGroundClearence: 0 to 65535.
        SDMinGroundClearence: 0 to 65535.
        EVPCNaturalFrequency: in Hz.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVPCMaxReceivablePower: RationalNumberType
    SDMaxGroundClearence: int
    SDMinGroundClearence: int
    EVPCNaturalFrequency: RationalNumberType
    EVPCDeviceLocalControl: bool
    VendorSpecificDataContainer: list[bytes] = []


class WPT_ChargeParameterDiscoveryResType(ChargeParameterDiscoveryResType, kw_only=True):
    """Content of the element ``WPT_ChargeParameterDiscoveryRes``.

    Attributes:
        SDMinOutputPower: in W.
        SDMaxOutputPower: in W.
        SDMaxGroundClearanceSupport: 0 to 65535.
        SDMinGroundClearanceSupport: 0 to 65535.
        PDMinCoilCurrent: in A.
        PDMaxCoilCurrent: in A.
        SDManufacturerSpecificDataContainer: at most 256 octets.
    """

    PDInputPowerClass: WPT_PowerClassType
    SDMinOutputPower: RationalNumberType
    SDMaxOutputPower: RationalNumberType
    SDMaxGroundClearanceSupport: int
    SDMinGroundClearanceSupport: int
    PDMinCoilCurrent: RationalNumberType
    PDMaxCoilCurrent: RationalNumberType
    SDManufacturerSpecificDataContainer: list[bytes] = []


class WPT_AlignmentCheckReqType(V2GRequestType, kw_only=True):
    """Content of the element ``WPT_AlignmentCheckReq``.

    Attributes:
        TargetCoilCurrent: in A.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVProcessing: processingType
    TargetCoilCurrent: RationalNumberType | None = None
    EVResultCode: WPT_EVResultType
    VendorSpecificDataContainer: list[bytes] = []


class WPT_AlignmentCheckResType(V2GResponseType, kw_only=True):
    """Content of the element ``WPT_AlignmentCheckRes``.

    Attributes:
        PowerTransmitted: in W.
        SupplyDeviceCurrent: in A.
        VendorSpecificDataContainer: at most 256 octets.
    """

    EVSEProcessing: processingType
    PowerTransmitted: RationalNumberType | None = None
    SupplyDeviceCurrent: RationalNumberType | None = None
    VendorSpecificDataContainer: list[bytes] = []


class WPT_ChargeLoopReqType(ChargeLoopReqType, kw_only=True):
    """Content of the element ``WPT_ChargeLoopReq``.

    Attributes:
        EVPCPowerRequest: in W.
        EVPCPowerOutput: in W.
        EVPCOperatingFrequency: in Hz.
        ManufacturerSpecificDataContainer: at most 256 octets.
    """

    EVPCPowerRequest: RationalNumberType
    EVPCPowerOutput: RationalNumberType
    EVPCChargeDiagnostics: WPT_EVPCChargeDiagnosticsType
    EVPCOperatingFrequency: RationalNumberType | None = None
    EVPCPowerControlParameter: WPT_EVPCPowerControlParameterType | None = None
    ManufacturerSpecificDataContainer: list[bytes] = []


class WPT_EVPCPowerControlParameterType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVPCPowerControlParameter``.

    Attributes:
        EVPCCoilCurrentRequest: in A.
        EVPCCoilCurrentInformation: in A.
        EVPCCurrentOutputInformation: in A.
        EVPCVoltageOutputInformation: in V.
    """

    EVPCCoilCurrentRequest: RationalNumberType
    EVPCCoilCurrentInformation: RationalNumberType
    EVPCCurrentOutputInformation: RationalNumberType
    EVPCVoltageOutputInformation: RationalNumberType


class WPT_ChargeLoopResType(ChargeLoopResType, kw_only=True):
    """Content of the element ``WPT_ChargeLoopRes``.

    Attributes:
        EVPCPowerRequest: in W.
        SDPowerInput: in W.
        SPCMaxOutputPowerLimit: in W.
        SPCMinOutputPowerLimit: in W.
        SPCOperatingFrequency: in Hz.
        ManufacturerSpecificDataContainer: at most 256 octets.
    """

    EVPCPowerRequest: RationalNumberType
    SDPowerInput: RationalNumberType | None = None
    SPCMaxOutputPowerLimit: RationalNumberType
    SPCMinOutputPowerLimit: RationalNumberType
    SPCChargeDiagnostics: WPT_SPCChargeDiagnosticsType
    SPCOperatingFrequency: RationalNumberType | None = None
    SPCPowerControlParameter: WPT_SPCPowerControlParameterType | None = None
    ManufacturerSpecificDataContainer: list[bytes] = []


class WPT_SPCPowerControlParameterType(msgspec.Struct, kw_only=True):
    """Content of the element ``SPCPowerControlParameter``.

    Attributes:
        SPCPrimaryDeviceCoilCurrentInformation: in A.
    """

    SPCPrimaryDeviceCoilCurrentInformation: RationalNumberType
