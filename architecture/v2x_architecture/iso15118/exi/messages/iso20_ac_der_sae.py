"""urn:iso:std:iso:15118:-20:AC-DER-SAE.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_ac import (
    AC_CPDReqEnergyTransferModeType,
    AC_CPDResEnergyTransferModeType,
    Dynamic_AC_CLReqControlModeType,
    Dynamic_AC_CLResControlModeType,
    Scheduled_AC_CLReqControlModeType,
    Scheduled_AC_CLResControlModeType,
)
from v2x_architecture.iso15118.exi.messages.iso20_common_types import EVSEStatusType, RationalNumberType, processingType

type derConnectionStatusType = Literal["Disconnected", "Connected"]


type derOperationalStateType = Literal["On", "Off"]


type derUnitType = Literal[
    "V",
    "Hz",
    "W",
    "s",
    "var",
    "PercentageEVMaximumConfiguredActivePower",
    "PercentageEVMaximumConfiguredReactivePower",
    "PercentageEVMaximumConfiguredApparentPower",
    "PercentageEVMaximumAvailableActivePower",
    "PercentageEVMaximumAvailableReactivePower",
    "PercentageV",
]


type gridConnectionModeType = Literal["GridConnected", "GridIslanded"]


type ieee1547AbnormalCategoryType = Literal["CategoryI", "CategoryII", "CategoryIII"]


type ieee1547NormalCategoryType = Literal["CategoryA", "CategoryB"]


type powerFactorExcitationType = Literal["OverExcited", "UnderExcited"]


type powerReferenceType = Literal["MaximumActivePower", "MomentaryPower"]


type requiredDEROperatingModeType = Literal["GridFollowing", "GridForming"]


class DER_AC_CPDReqEnergyTransferModeType(AC_CPDReqEnergyTransferModeType, kw_only=True):
    """Content of the element ``DER_AC_CPDReqEnergyTransferMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVSessionTotalDischargeEnergyAvailable: in Wh.
        EVNominalVoltage: in V.
        EVMaximumVoltage: in V.
        EVMinimumVoltage: in V.
        EVNominalVoltageOffset: in V.
        J3072CertificationDate: 0 to 18446744073709551615.
        EVUseableWattHours: 0 to 4294967295.
        EVUpdateTime: 0 to 18446744073709551615.
        SupportedModes: 0 to 4294967295.
        EnabledModes: 0 to 4294967295.
    """

    EVProcessing: processingType
    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVApparentPowerLimits: EVApparentPowerLimitsType
    EVReactivePowerLimits: EVReactivePowerLimitsType
    EVExcitationLimits: EVExcitationLimitsType
    EVInverterDetails: EVInverterDetailsType
    IEEE1547NormalCategory: ieee1547NormalCategoryType
    IEEE1547AbnormalCategory: ieee1547AbnormalCategoryType
    EVNominalVoltage: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType
    EVNominalVoltageOffset: RationalNumberType
    J3072Certified: bool
    J3072CertificationDate: int
    EVUseableWattHours: int
    EVUpdateTime: int
    SupportedModes: int
    EnabledModes: int


class EVApparentPowerLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVApparentPowerLimits``.

    Attributes:
        EVMaximumApparentPowerDuringChargingAndVarAbsorption: in VA.
        EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: in VA.
        EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection_L2: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection_L3: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: in VA.
    """

    EVMaximumApparentPowerDuringChargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: RationalNumberType | None = None


class EVReactivePowerLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVReactivePowerLimits``.

    Attributes:
        EVMaximumVarAbsorptionDuringCharging: in var.
        EVMaximumVarAbsorptionDuringCharging_L2: in var.
        EVMaximumVarAbsorptionDuringCharging_L3: in var.
        EVMinimumVarAbsorptionDuringCharging: in var.
        EVMinimumVarAbsorptionDuringCharging_L2: in var.
        EVMinimumVarAbsorptionDuringCharging_L3: in var.
        EVMaximumVarInjectionDuringCharging: in var.
        EVMaximumVarInjectionDuringCharging_L2: in var.
        EVMaximumVarInjectionDuringCharging_L3: in var.
        EVMinimumVarInjectionDuringCharging: in var.
        EVMinimumVarInjectionDuringCharging_L2: in var.
        EVMinimumVarInjectionDuringCharging_L3: in var.
        EVMaximumVarAbsorptionDuringDischarging: in var.
        EVMaximumVarAbsorptionDuringDischarging_L2: in var.
        EVMaximumVarAbsorptionDuringDischarging_L3: in var.
        EVMinimumVarAbsorptionDuringDischarging: in var.
        EVMinimumVarAbsorptionDuringDischarging_L2: in var.
        EVMinimumVarAbsorptionDuringDischarging_L3: in var.
        EVMaximumVarInjectionDuringDischarging: in var.
        EVMaximumVarInjectionDuringDischarging_L2: in var.
        EVMaximumVarInjectionDuringDischarging_L3: in var.
        EVMinimumVarInjectionDuringDischarging: in var.
        EVMinimumVarInjectionDuringDischarging_L2: in var.
        EVMinimumVarInjectionDuringDischarging_L3: in var.
        EVReactiveSusceptance: in S.
        EVReactiveSusceptance_L2: in S.
        EVReactiveSusceptance_L3: in S.
    """

    EVMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging: RationalNumberType
    EVMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging: RationalNumberType
    EVMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVReactiveSusceptance: RationalNumberType
    EVReactiveSusceptance_L2: RationalNumberType | None = None
    EVReactiveSusceptance_L3: RationalNumberType | None = None


class EVExcitationLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVExcitationLimits``.

    Attributes:
        EVSpecifiedOverExcitedDischargePower: in W.
        EVSpecifiedOverExcitedDischargePower_L2: in W.
        EVSpecifiedOverExcitedDischargePower_L3: in W.
        EVSpecifiedUnderExcitedDischargePower: in W.
        EVSpecifiedUnderExcitedDischargePower_L2: in W.
        EVSpecifiedUnderExcitedDischargePower_L3: in W.
    """

    EVSpecifiedOverExcitedPowerFactor: RationalNumberType
    EVSpecifiedOverExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower: RationalNumberType
    EVSpecifiedOverExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor: RationalNumberType
    EVSpecifiedUnderExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower: RationalNumberType
    EVSpecifiedUnderExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower_L3: RationalNumberType | None = None


class EVInverterDetailsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVInverterDetails``.

    Attributes:
        EVInverterSwVersion: at most 32 characters.
        EVInverterHwVersion: at most 32 characters.
        EVInverterManufacturer: at most 32 characters.
        EVInverterModel: at most 32 characters.
        EVInverterSerialNumber: at most 32 characters.
    """

    EVInverterSwVersion: str
    EVInverterHwVersion: str | None = None
    EVInverterManufacturer: str
    EVInverterModel: str
    EVInverterSerialNumber: str


class DER_AC_CPDResEnergyTransferModeType(AC_CPDResEnergyTransferModeType, kw_only=True):
    """Content of the element ``DER_AC_CPDResEnergyTransferMode``.

    Attributes:
        EVSENominalChargePower: in W.
        EVSENominalChargePower_L2: in W.
        EVSENominalChargePower_L3: in W.
        EVSENominalDischargePower: in W.
        EVSENominalDischargePower_L2: in W.
        EVSENominalDischargePower_L3: in W.
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
        EVSEUpdateTime: 0 to 18446744073709551615.
    """

    EVSEProcessing: processingType
    EVSEStatus: EVSEStatusType | None = None
    DERControlCPDRes: DERControlCPDResType
    EVSENominalChargePower: RationalNumberType | None = None
    EVSENominalChargePower_L2: RationalNumberType | None = None
    EVSENominalChargePower_L3: RationalNumberType | None = None
    EVSENominalDischargePower: RationalNumberType | None = None
    EVSENominalDischargePower_L2: RationalNumberType | None = None
    EVSENominalDischargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVSEReactivePowerLimits: EVSEReactivePowerLimitsType
    GridLimits: GridLimitsType
    RequiredDEROperatingMode: requiredDEROperatingModeType
    GridConnectionMode: gridConnectionModeType
    EVSEUpdateTime: int


class DERControlCPDResType(msgspec.Struct, kw_only=True):
    """Content of the element ``DERControlCPDRes``."""

    VoltageTrip: VoltageTripType
    FrequencyTrip: FrequencyTripType
    EnterServiceCPDRes: EnterServiceCPDResType
    ReactivePowerSupportCPDRes: ReactivePowerSupportCPDResType
    ActivePowerSupportCPDRes: ActivePowerSupportCPDResType


class VoltageTripType(msgspec.Struct, kw_only=True):
    """Content of the element ``VoltageTrip``."""

    OverVoltageMustTripCurve: DERCurveType
    UnderVoltageMustTripCurve: DERCurveType
    OverVoltageMomentaryCessationTripCurve: DERCurveType | None = None
    UnderVoltageMomentaryCessationTripCurve: DERCurveType | None = None
    OverVoltageMayTripCurve: DERCurveType | None = None
    UnderVoltageMayTripCurve: DERCurveType | None = None


class DERCurveType(msgspec.Struct, kw_only=True):
    """A ``DERCurveType``.

    Attributes:
        Priority: 0 to 65535.
    """

    Enable: bool
    Priority: int | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None


class CurveDataPointsListType(msgspec.Struct, kw_only=True):
    """Content of the elements ``CurveDataPoints``, ``CurveDataPoints_L2``, ``CurveDataPoints_L3``."""

    CurveDataPoint: list[DataTupleType]


class DataTupleType(msgspec.Struct, kw_only=True):
    """Content of the element ``CurveDataPoint``."""

    xValue: RationalNumberType
    yValue: RationalNumberType


class FrequencyTripType(msgspec.Struct, kw_only=True):
    """Content of the element ``FrequencyTrip``."""

    OverFrequencyMustTripCurve: DERCurveType
    UnderFrequencyMustTripCurve: DERCurveType
    OverFrequencyMayTripCurve: DERCurveType | None = None
    UnderFrequencyMayTripCurve: DERCurveType | None = None


class EnterServiceCPDResType(msgspec.Struct, kw_only=True):
    """Content of the element ``EnterServiceCPDRes``.

    Attributes:
        EnterServiceFrequencyHigh: in Hz.
        EnterServiceFrequencyLow: in Hz.
        EnterServiceDelay: in s.
        EnterServiceRandomizedDelay: in s.
        EnterServiceRampTime: in s.
    """

    PermitService: bool
    EnterServiceVoltageHigh: RationalNumberType
    EnterServiceVoltageLow: RationalNumberType
    EnterServiceFrequencyHigh: RationalNumberType
    EnterServiceFrequencyLow: RationalNumberType
    EnterServiceDelay: RationalNumberType | None = None
    EnterServiceRandomizedDelay: RationalNumberType | None = None
    EnterServiceRampTime: RationalNumberType | None = None


class ReactivePowerSupportCPDResType(msgspec.Struct, kw_only=True):
    """Content of the element ``ReactivePowerSupportCPDRes``."""

    ConstantPowerFactor: ConstantPowerFactorType
    VoltVar: VoltVarType
    WattVar: WattVarType
    ConstantVar: ConstantVarType


class ConstantPowerFactorType(msgspec.Struct, kw_only=True):
    """Content of the element ``ConstantPowerFactor``.

    Attributes:
        Priority: 0 to 65535.
    """

    Enable: bool
    Priority: int | None = None
    PowerFactorValue: RationalNumberType
    PowerFactorValue_L2: RationalNumberType | None = None
    PowerFactorValue_L3: RationalNumberType | None = None
    PowerFactorExcitation: powerFactorExcitationType
    PowerFactorExcitation_L2: powerFactorExcitationType | None = None
    PowerFactorExcitation_L3: powerFactorExcitationType | None = None


class VoltVarType(msgspec.Struct, kw_only=True):
    """Content of the element ``VoltVar``.

    Attributes:
        Priority: 0 to 65535.
        OpenLoopResponseTime: in s.
        TimeConstantPT1: in s; 0 to 4294967295.
        ReferenceVoltage: in V.
        ReferenceVoltageAdjustmentTimeConstant: in s; 0 to 4294967295.
    """

    Enable: bool
    Priority: int | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType
    TimeConstantPT1: int | None = None
    ReferenceVoltage: RationalNumberType
    AutonomousReferenceVoltageAdjustmentEnable: bool
    ReferenceVoltageAdjustmentTimeConstant: int


class WattVarType(msgspec.Struct, kw_only=True):
    """Content of the element ``WattVar``.

    Attributes:
        Priority: 0 to 65535.
        OpenLoopResponseTime: in s.
        TimeConstantPT1: in s; 0 to 4294967295.
    """

    Enable: bool
    Priority: int | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType | None = None
    TimeConstantPT1: int | None = None


class ConstantVarType(msgspec.Struct, kw_only=True):
    """Content of the element ``ConstantVar``.

    Attributes:
        Priority: 0 to 65535.
        VarSetpoint: in var.
        VarSetpoint_L2: in var.
        VarSetpoint_L3: in var.
    """

    Enable: bool
    Priority: int | None = None
    VarSetpoint: RationalNumberType
    VarSetpoint_L2: RationalNumberType | None = None
    VarSetpoint_L3: RationalNumberType | None = None
    Unit: derUnitType


class ActivePowerSupportCPDResType(msgspec.Struct, kw_only=True):
    """Content of the element ``ActivePowerSupportCPDRes``."""

    FrequencyDroop: FrequencyDroopType
    VoltWatt: VoltWattType
    ConstantWatt: ConstantWattType
    LimitMaxDischargePower: LimitMaxDischargePowerType


class FrequencyDroopType(msgspec.Struct, kw_only=True):
    """Content of the element ``FrequencyDroop``.

    Attributes:
        Priority: 0 to 65535.
    """

    Enable: bool
    Priority: int | None = None
    OverFrequencyDroop: FrequencyDroopSettingsType | None = None
    UnderFrequencyDroop: FrequencyDroopSettingsType | None = None


class FrequencyDroopSettingsType(msgspec.Struct, kw_only=True):
    """Content of the elements ``OverFrequencyDroop``, ``UnderFrequencyDroop``.

    Attributes:
        OpenLoopResponseTime: in s.
    """

    db: RationalNumberType
    DroopFactor: RationalNumberType
    DroopFactor_L2: RationalNumberType | None = None
    DroopFactor_L3: RationalNumberType | None = None
    PowerReference: powerReferenceType
    PowerReference_L2: powerReferenceType | None = None
    PowerReference_L3: powerReferenceType | None = None
    OpenLoopResponseTime: RationalNumberType


class VoltWattType(msgspec.Struct, kw_only=True):
    """Content of the element ``VoltWatt``.

    Attributes:
        Priority: 0 to 65535.
        OpenLoopResponseTime: in s.
        TimeConstantPT1: in s; 0 to 4294967295.
    """

    Enable: bool
    Priority: int | None = None
    xUnit: derUnitType
    yUnit: derUnitType
    CurveDataPoints: CurveDataPointsListType
    CurveDataPoints_L2: CurveDataPointsListType | None = None
    CurveDataPoints_L3: CurveDataPointsListType | None = None
    OpenLoopResponseTime: RationalNumberType
    TimeConstantPT1: int | None = None


class ConstantWattType(msgspec.Struct, kw_only=True):
    """Content of the element ``ConstantWatt``.

    Attributes:
        Priority: 0 to 65535.
        WattSetpoint: in W.
        WattSetpoint_L2: in W.
        WattSetpoint_L3: in W.
    """

    Enable: bool
    Priority: int | None = None
    WattSetpoint: RationalNumberType
    WattSetpoint_L2: RationalNumberType | None = None
    WattSetpoint_L3: RationalNumberType | None = None
    Unit: derUnitType


class LimitMaxDischargePowerType(msgspec.Struct, kw_only=True):
    """Content of the element ``LimitMaxDischargePower``.

    Attributes:
        Priority: 0 to 65535.
        PercentageValue: 0 to 65535.
        PercentageValue_L2: 0 to 65535.
        PercentageValue_L3: 0 to 65535.
        OpenLoopResponseTime: in s.
    """

    Enable: bool
    Priority: int | None = None
    PercentageValue: int
    PercentageValue_L2: int | None = None
    PercentageValue_L3: int | None = None
    OpenLoopResponseTime: RationalNumberType | None = None


class EVSEReactivePowerLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVSEReactivePowerLimits``.

    Attributes:
        EVSEMaximumVarAbsorptionDuringCharging: in var.
        EVSEMaximumVarAbsorptionDuringCharging_L2: in var.
        EVSEMaximumVarAbsorptionDuringCharging_L3: in var.
        EVSEMaximumVarInjectionDuringCharging: in var.
        EVSEMaximumVarInjectionDuringCharging_L2: in var.
        EVSEMaximumVarInjectionDuringCharging_L3: in var.
        EVSEMaximumVarAbsorptionDuringDischarging: in var.
        EVSEMaximumVarAbsorptionDuringDischarging_L2: in var.
        EVSEMaximumVarAbsorptionDuringDischarging_L3: in var.
        EVSEMaximumVarInjectionDuringDischarging: in var.
        EVSEMaximumVarInjectionDuringDischarging_L2: in var.
        EVSEMaximumVarInjectionDuringDischarging_L3: in var.
    """

    EVSEMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVSEMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringCharging: RationalNumberType
    EVSEMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVSEMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVSEMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringDischarging: RationalNumberType
    EVSEMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVSEMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None


class GridLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``GridLimits``.

    Attributes:
        GridNominalFrequency: in Hz.
        GridNominalVoltage: in V.
        GridNominalVoltageOffset: in V.
        GridMinFrequency: in Hz.
        GridMaxFrequency: in Hz.
        GridMaximumVoltage: in V.
        GridMinimumVoltage: in V.
    """

    GridNominalFrequency: RationalNumberType
    GridNominalVoltage: RationalNumberType
    GridNominalVoltageOffset: RationalNumberType
    GridMinFrequency: RationalNumberType | None = None
    GridMaxFrequency: RationalNumberType | None = None
    GridMaximumVoltage: RationalNumberType
    GridMinimumVoltage: RationalNumberType


class DER_Scheduled_AC_CLReqControlModeType(Scheduled_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``DER_Scheduled_AC_CLReqControlMode``.

    Attributes:
        EVPresentVoltage: in V.
        EVPresentFrequency: in Hz.
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVUpdateTime: 0 to 18446744073709551615.
        EVMinimumChargingDuration: 0 to 4294967295.
        EVDurationMaximumChargeRate: 0 to 4294967295.
        EVDurationMaximumDischargeRate: 0 to 4294967295.
        DERAlarmStatus: 0 to 4294967295.
        EnabledModes: 0 to 4294967295.
    """

    EVPresentVoltage: RationalNumberType
    EVPresentFrequency: RationalNumberType
    EVMaximumDischargePower: RationalNumberType | None = None
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    DEROperationalState: derOperationalStateType
    DERConnectionStatus: derConnectionStatusType
    EVApparentPower: EVApparentPowerType | None = None
    EVReactivePower: EVReactivePowerType | None = None
    EVExcitation: EVExcitationType | None = None
    EVUpdateTime: int
    EVMinimumChargingDuration: int | None = None
    EVDurationMaximumChargeRate: int | None = None
    EVDurationMaximumDischargeRate: int | None = None
    DERAlarmStatus: int
    EnabledModes: int


class EVApparentPowerType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVApparentPower``.

    Attributes:
        EVMaximumApparentPowerDuringChargingAndVarAbsorption: in VA.
        EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: in VA.
        EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection_L2: in VA.
        EVMaximumApparentPowerDuringChargingAndVarInjection_L3: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: in VA.
        EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: in VA.
    """

    EVMaximumApparentPowerDuringChargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringChargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringChargingAndVarInjection_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarAbsorption_L3: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection: RationalNumberType
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L2: RationalNumberType | None = None
    EVMaximumApparentPowerDuringDischargingAndVarInjection_L3: RationalNumberType | None = None


class EVReactivePowerType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVReactivePower``.

    Attributes:
        EVMaximumVarAbsorptionDuringCharging: in var.
        EVMaximumVarAbsorptionDuringCharging_L2: in var.
        EVMaximumVarAbsorptionDuringCharging_L3: in var.
        EVMinimumVarAbsorptionDuringCharging: in var.
        EVMinimumVarAbsorptionDuringCharging_L2: in var.
        EVMinimumVarAbsorptionDuringCharging_L3: in var.
        EVMaximumVarInjectionDuringCharging: in var.
        EVMaximumVarInjectionDuringCharging_L2: in var.
        EVMaximumVarInjectionDuringCharging_L3: in var.
        EVMinimumVarInjectionDuringCharging: in var.
        EVMinimumVarInjectionDuringCharging_L2: in var.
        EVMinimumVarInjectionDuringCharging_L3: in var.
        EVMaximumVarAbsorptionDuringDischarging: in var.
        EVMaximumVarAbsorptionDuringDischarging_L2: in var.
        EVMaximumVarAbsorptionDuringDischarging_L3: in var.
        EVMinimumVarAbsorptionDuringDischarging: in var.
        EVMinimumVarAbsorptionDuringDischarging_L2: in var.
        EVMinimumVarAbsorptionDuringDischarging_L3: in var.
        EVMaximumVarInjectionDuringDischarging: in var.
        EVMaximumVarInjectionDuringDischarging_L2: in var.
        EVMaximumVarInjectionDuringDischarging_L3: in var.
        EVMinimumVarInjectionDuringDischarging: in var.
        EVMinimumVarInjectionDuringDischarging_L2: in var.
        EVMinimumVarInjectionDuringDischarging_L3: in var.
    """

    EVMaximumVarAbsorptionDuringCharging: RationalNumberType
    EVMaximumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging: RationalNumberType
    EVMaximumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringCharging_L3: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging: RationalNumberType
    EVMaximumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarAbsorptionDuringDischarging_L3: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging: RationalNumberType
    EVMaximumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMaximumVarInjectionDuringDischarging_L3: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L2: RationalNumberType | None = None
    EVMinimumVarInjectionDuringDischarging_L3: RationalNumberType | None = None


class EVExcitationType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVExcitation``.

    Attributes:
        EVSpecifiedOverExcitedDischargePower: in W.
        EVSpecifiedOverExcitedDischargePower_L2: in W.
        EVSpecifiedOverExcitedDischargePower_L3: in W.
        EVSpecifiedUnderExcitedDischargePower: in W.
        EVSpecifiedUnderExcitedDischargePower_L2: in W.
        EVSpecifiedUnderExcitedDischargePower_L3: in W.
    """

    EVSpecifiedOverExcitedPowerFactor: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower: RationalNumberType
    EVSpecifiedOverExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedOverExcitedDischargePower_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedPowerFactor_L3: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower: RationalNumberType
    EVSpecifiedUnderExcitedDischargePower_L2: RationalNumberType | None = None
    EVSpecifiedUnderExcitedDischargePower_L3: RationalNumberType | None = None


class DER_Scheduled_AC_CLResControlModeType(Scheduled_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``DER_Scheduled_AC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMaximumChargePower_L2: in W.
        EVSEMaximumChargePower_L3: in W.
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
    """

    DERControlCLRes: DERControlCLResType
    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    RequiredDEROperatingMode: requiredDEROperatingModeType | None = None
    GridConnectionMode: gridConnectionModeType | None = None


class DERControlCLResType(msgspec.Struct, kw_only=True):
    """Content of the element ``DERControlCLRes``."""

    VoltageTrip: VoltageTripType | None = None
    FrequencyTrip: FrequencyTripType | None = None
    EnterServiceCLRes: EnterServiceCLResType
    ReactivePowerSupportCLRes: ReactivePowerSupportCLResType | None = None
    ActivePowerSupportCLRes: ActivePowerSupportCLResType | None = None


class EnterServiceCLResType(msgspec.Struct, kw_only=True):
    """Content of the element ``EnterServiceCLRes``.

    Attributes:
        EnterServiceFrequencyHigh: in Hz.
        EnterServiceFrequencyLow: in Hz.
        EnterServiceDelay: in s.
        EnterServiceRandomizedDelay: in s.
        EnterServiceRampTime: in s.
    """

    PermitService: bool
    EnterServiceVoltageHigh: RationalNumberType | None = None
    EnterServiceVoltageLow: RationalNumberType | None = None
    EnterServiceFrequencyHigh: RationalNumberType | None = None
    EnterServiceFrequencyLow: RationalNumberType | None = None
    EnterServiceDelay: RationalNumberType | None = None
    EnterServiceRandomizedDelay: RationalNumberType | None = None
    EnterServiceRampTime: RationalNumberType | None = None


class ReactivePowerSupportCLResType(msgspec.Struct, kw_only=True):
    """Content of the element ``ReactivePowerSupportCLRes``."""

    ConstantPowerFactor: ConstantPowerFactorType | None = None
    VoltVar: VoltVarType | None = None
    WattVar: WattVarType | None = None
    ConstantVar: ConstantVarType | None = None


class ActivePowerSupportCLResType(msgspec.Struct, kw_only=True):
    """Content of the element ``ActivePowerSupportCLRes``."""

    FrequencyDroop: FrequencyDroopType | None = None
    VoltWatt: VoltWattType | None = None
    ConstantWatt: ConstantWattType | None = None
    LimitMaxDischargePower: LimitMaxDischargePowerType | None = None


class DER_Dynamic_AC_CLReqControlModeType(Dynamic_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``DER_Dynamic_AC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVPresentVoltage: in V.
        EVPresentFrequency: in Hz.
        EVSessionTotalDischargeEnergyAvailable: in Wh.
        EVMaximumV2XEnergyRequest: in Wh.
        EVMinimumV2XEnergyRequest: in Wh.
        EVUpdateTime: 0 to 18446744073709551615.
        EVMinimumChargingDuration: 0 to 4294967295.
        EVDurationMaximumChargeRate: 0 to 4294967295.
        EVDurationMaximumDischargeRate: 0 to 4294967295.
        DERAlarmStatus: 0 to 4294967295.
        EnabledModes: 0 to 4294967295.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVPresentVoltage: RationalNumberType
    EVPresentFrequency: RationalNumberType
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVApparentPower: EVApparentPowerType | None = None
    EVReactivePower: EVReactivePowerType | None = None
    EVExcitation: EVExcitationType | None = None
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None
    DEROperationalState: derOperationalStateType
    DERConnectionStatus: derConnectionStatusType
    EVUpdateTime: int
    EVMinimumChargingDuration: int
    EVDurationMaximumChargeRate: int
    EVDurationMaximumDischargeRate: int
    DERAlarmStatus: int
    EnabledModes: int


class DER_Dynamic_AC_CLResControlModeType(Dynamic_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``DER_Dynamic_AC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMaximumChargePower_L2: in W.
        EVSEMaximumChargePower_L3: in W.
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
    """

    DERControlCLRes: DERControlCLResType
    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    RequiredDEROperatingMode: requiredDEROperatingModeType | None = None
    GridConnectionMode: gridConnectionModeType | None = None
