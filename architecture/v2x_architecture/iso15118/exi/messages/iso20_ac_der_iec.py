"""urn:iso:std:iso:15118:-20:AC-DER-IEC.

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
from v2x_architecture.iso15118.exi.messages.iso20_common_types import RationalNumberType, processingType

type curveDataPointsUnitType = Literal["V", "Hz", "W", "s", "var"]


type evOperatingModeType = Literal["GridFollowing", "GridForming"]


type gridConnectionModeType = Literal["GridConnected", "GridIslanded"]


type lockValueUnitType = Literal["V", "Hz", "W", "s", "var"]


type powerFactorExcitationType = Literal["OverExcited", "UnderExcited"]


type powerReferenceType = Literal["MaximumDischargePower", "MomentaryPower"]


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
    """

    EVProcessing: processingType
    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None
    EVReactivePowerLimits: EVReactivePowerLimitsType | None = None


class EVReactivePowerLimitsType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVReactivePowerLimits``.

    Attributes:
        EVMaximumChargeReactivePower: in var.
        EVMaximumChargeReactivePower_L2: in var.
        EVMaximumChargeReactivePower_L3: in var.
        EVMinimumChargeReactivePower: in var.
        EVMinimumChargeReactivePower_L2: in var.
        EVMinimumChargeReactivePower_L3: in var.
        EVMaximumDischargeReactivePower: in var.
        EVMaximumDischargeReactivePower_L2: in var.
        EVMaximumDischargeReactivePower_L3: in var.
        EVMinimumDischargeReactivePower: in var.
        EVMinimumDischargeReactivePower_L2: in var.
        EVMinimumDischargeReactivePower_L3: in var.
    """

    EVMaximumChargeReactivePower: RationalNumberType
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMinimumChargeReactivePower: RationalNumberType | None = None
    EVMinimumChargeReactivePower_L2: RationalNumberType | None = None
    EVMinimumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    EVMinimumDischargeReactivePower: RationalNumberType | None = None
    EVMinimumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMinimumDischargeReactivePower_L3: RationalNumberType | None = None


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
    """

    EVSENominalChargePower: RationalNumberType
    EVSENominalChargePower_L2: RationalNumberType | None = None
    EVSENominalChargePower_L3: RationalNumberType | None = None
    EVSENominalDischargePower: RationalNumberType
    EVSENominalDischargePower_L2: RationalNumberType | None = None
    EVSENominalDischargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVOperatingMode: evOperatingModeType
    GridConnectionMode: gridConnectionModeType
    DERControl: DERControlType


class DERControlType(msgspec.Struct, kw_only=True):
    """Content of the element ``DERControl``."""

    OvervoltageFaultRideThrough: FaultRideThroughType | None = None
    UndervoltageFaultRideThrough: FaultRideThroughType | None = None
    ZeroCurrent: ZeroCurrentType | None = None
    ReactivePowerSupport: ReactivePowerSupportType | None = None
    ActivePowerSupport: ActivePowerSupportType | None = None
    MaximumLevelDCInjection: RationalNumberType | None = None


class FaultRideThroughType(msgspec.Struct, kw_only=True):
    """Content of the elements ``OvervoltageFaultRideThrough``, ``UndervoltageFaultRideThrough``.

    Attributes:
        StepResponseTimeConstantActivePower: in s.
        StepResponseTimeConstantReactivePower: in s.
    """

    VoltageLimitStartFRT: RationalNumberType
    VoltageLimitStopFRT: RationalNumberType | None = None
    VoltageRecoveryLimit: RationalNumberType | None = None
    VoltageRideThroughPositiveCurveKFactor: RationalNumberType | None = None
    VoltageRideThroughNegativeCurveKFactor: RationalNumberType | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


class ZeroCurrentType(msgspec.Struct, kw_only=True):
    """Content of the element ``ZeroCurrent``.

    Attributes:
        OverVoltageLimit: in V.
        UnderVoltageLimit: in V.
        StepResponseTimeConstantActivePower: in s.
        StepResponseTimeConstantReactivePower: in s.
    """

    OverVoltageLimit: RationalNumberType | None = None
    UnderVoltageLimit: RationalNumberType | None = None
    OverVoltageRecoveryLimit: RationalNumberType | None = None
    UnderVoltageRecoveryLimit: RationalNumberType | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


class ReactivePowerSupportType(msgspec.Struct, kw_only=True):
    """Content of the element ``ReactivePowerSupport``."""

    VoltVar: DERCurveType | None = None
    WattVar: DERCurveType | None = None
    WattCosPhi: DERCurveType | None = None


class DERCurveType(msgspec.Struct, kw_only=True):
    """Content of the elements ``VoltVar``, ``WattCosPhi``, ``WattVar``.

    Attributes:
        StepResponseTimeConstantReactivePower: in s.
        IntentionalDelay: in s.
    """

    xUnit: curveDataPointsUnitType
    yUnit: curveDataPointsUnitType
    CurveDataPoints: CurveDataPointsListType
    MinCosPhi: RationalNumberType | None = None
    LockValueUnit: lockValueUnitType | None = None
    LockInValue: RationalNumberType | None = None
    LockOutValue: RationalNumberType | None = None
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType
    IntentionalDelay: RationalNumberType | None = None


class CurveDataPointsListType(msgspec.Struct, kw_only=True):
    """Content of the element ``CurveDataPoints``."""

    CurveDataPoint: list[DataTupleType]


class DataTupleType(msgspec.Struct, kw_only=True):
    """Content of the element ``CurveDataPoint``."""

    xValue: RationalNumberType
    yValue: SetpointExcitationType


class SetpointExcitationType(msgspec.Struct, kw_only=True):
    """Content of the element ``yValue``."""

    SetpointValue: RationalNumberType
    Excitation: powerFactorExcitationType | None = None


class ActivePowerSupportType(msgspec.Struct, kw_only=True):
    """Content of the element ``ActivePowerSupport``."""

    UnderFrequencyWatt: FrequencyWattType | None = None
    OverFrequencyWatt: FrequencyWattType | None = None
    VoltWatt: VoltWattType | None = None


class FrequencyWattType(msgspec.Struct, kw_only=True):
    """Content of the elements ``OverFrequencyWatt``, ``UnderFrequencyWatt``.

    Attributes:
        Fstart: in Hz.
        Fstop: in Hz.
        IntentionalDelayFstop: in s; 0 to 65535.
        DeactivationTime: 0 to 65535.
        IntentionalDelayPowerControl: in s; 0 to 65535.
        PowerUpRamp: 0 to 65535.
        StepResponseTimeConstantActivePower: in s.
    """

    Fstart: RationalNumberType
    Fstop: RationalNumberType
    IntentionalDelayFstop: int | None = None
    Slope: RationalNumberType
    DeactivationTime: int | None = None
    IntentionalDelayPowerControl: int | None = None
    PowerReference: powerReferenceType
    HysteresisControl: bool
    PowerUpRamp: int | None = None
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType


class VoltWattType(msgspec.Struct, kw_only=True):
    """Content of the element ``VoltWatt``.

    Attributes:
        UStart: in V.
        UStop: in V.
        StepResponseTimeConstantActivePower: in s.
        IntentionalDelayPowerControl: in s; 0 to 4294967295.
    """

    PowerReference: powerReferenceType
    UStart: RationalNumberType
    UStop: RationalNumberType
    PT1ResponseActivePower: bool
    StepResponseTimeConstantActivePower: RationalNumberType
    IntentionalDelayPowerControl: int | None = None


class DER_Dynamic_AC_CLReqControlModeType(Dynamic_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``DER_Dynamic_AC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVMaximumChargeReactivePower: in var.
        EVMaximumChargeReactivePower_L2: in var.
        EVMaximumChargeReactivePower_L3: in var.
        EVMaximumDischargeReactivePower: in var.
        EVMaximumDischargeReactivePower_L2: in var.
        EVMaximumDischargeReactivePower_L3: in var.
        GridEventCondition: 0 to 255.
        EVMaximumV2XEnergyRequest: in Wh.
        EVMinimumV2XEnergyRequest: in Wh.
        EVSessionTotalDischargeEnergyAvailable: in Wh.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumChargeReactivePower: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    GridEventCondition: int
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None
    EVSessionTotalDischargeEnergyAvailable: RationalNumberType | None = None


class DER_Dynamic_AC_CLResControlModeType(Dynamic_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``DER_Dynamic_AC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMaximumChargePower_L2: in W.
        EVSEMaximumChargePower_L3: in W.
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
        DSOMaximumDischargePower: in W.
        DSOMaximumDischargePower_L2: in W.
        DSOMaximumDischargePower_L3: in W.
    """

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    DSOMaximumDischargePower: RationalNumberType | None = None
    DSOMaximumDischargePower_L2: RationalNumberType | None = None
    DSOMaximumDischargePower_L3: RationalNumberType | None = None
    DSOQSetpoint: DSOQSetpointType | None = None
    DSOCosPhiSetpoint: DSOCosPhiSetpointType | None = None


class DSOQSetpointType(msgspec.Struct, kw_only=True):
    """Content of the element ``DSOQSetpoint``.

    Attributes:
        StepResponseTimeConstantReactivePower: in s.
    """

    DSOQSetpointValue: RationalNumberType
    DSOQSetpointValue_L2: RationalNumberType | None = None
    DSOQSetpointValue_L3: RationalNumberType | None = None
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


class DSOCosPhiSetpointType(msgspec.Struct, kw_only=True):
    """Content of the element ``DSOCosPhiSetpoint``.

    Attributes:
        StepResponseTimeConstantReactivePower: in s.
    """

    DSOCosPhiSetpointValue: RationalNumberType
    DSOCosPhiSetpointValue_L2: RationalNumberType | None = None
    DSOCosPhiSetpointValue_L3: RationalNumberType | None = None
    Excitation: powerFactorExcitationType
    PT1ResponseReactivePower: bool
    StepResponseTimeConstantReactivePower: RationalNumberType


class DER_Scheduled_AC_CLReqControlModeType(Scheduled_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``DER_Scheduled_AC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVMaximumChargeReactivePower: in var.
        EVMaximumChargeReactivePower_L2: in var.
        EVMaximumChargeReactivePower_L3: in var.
        EVMaximumDischargeReactivePower: in var.
        EVMaximumDischargeReactivePower_L2: in var.
        EVMaximumDischargeReactivePower_L3: in var.
        GridEventCondition: 0 to 255.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumChargeReactivePower: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumChargeReactivePower_L3: RationalNumberType | None = None
    EVMaximumDischargeReactivePower: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L2: RationalNumberType | None = None
    EVMaximumDischargeReactivePower_L3: RationalNumberType | None = None
    GridEventCondition: int


class DER_Scheduled_AC_CLResControlModeType(Scheduled_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``DER_Scheduled_AC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMaximumChargePower_L2: in W.
        EVSEMaximumChargePower_L3: in W.
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
        DSOMaximumDischargePower: in W.
        DSOMaximumDischargePower_L2: in W.
        DSOMaximumDischargePower_L3: in W.
    """

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    DSOMaximumDischargePower: RationalNumberType | None = None
    DSOMaximumDischargePower_L2: RationalNumberType | None = None
    DSOMaximumDischargePower_L3: RationalNumberType | None = None
    DSOQSetpoint: DSOQSetpointType | None = None
    DSOCosPhiSetpoint: DSOCosPhiSetpointType | None = None
