"""urn:iso:std:iso:15118:-20:DC.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_common_types import (
    CLReqControlModeType,
    CLResControlModeType,
    ChargeLoopReqType,
    ChargeLoopResType,
    ChargeParameterDiscoveryReqType,
    ChargeParameterDiscoveryResType,
    Dynamic_CLReqControlModeType,
    Dynamic_CLResControlModeType,
    RationalNumberType,
    Scheduled_CLReqControlModeType,
    Scheduled_CLResControlModeType,
    V2GRequestType,
    V2GResponseType,
    processingType,
)


class DC_ChargeParameterDiscoveryReqType(ChargeParameterDiscoveryReqType, kw_only=True):
    """Content of the element ``DC_ChargeParameterDiscoveryReq``.

    Attributes:
        DC_CPDReqEnergyTransferMode: the class tells the element.
    """

    DC_CPDReqEnergyTransferMode: DC_CPDReqEnergyTransferModeType


class DC_CPDReqEnergyTransferModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``DC_CPDReqEnergyTransferMode``.

    Attributes:
        EVMaximumChargePower: in W.
        EVMinimumChargePower: in W.
        EVMaximumChargeCurrent: in A.
        EVMinimumChargeCurrent: in A.
        EVMaximumVoltage: in V.
        EVMinimumVoltage: in V.
        TargetSOC: in %; 0 to 100.
    """

    EVMaximumChargePower: RationalNumberType
    EVMinimumChargePower: RationalNumberType
    EVMaximumChargeCurrent: RationalNumberType
    EVMinimumChargeCurrent: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType
    TargetSOC: int | None = None


class DC_ChargeParameterDiscoveryResType(ChargeParameterDiscoveryResType, kw_only=True):
    """Content of the element ``DC_ChargeParameterDiscoveryRes``.

    Attributes:
        DC_CPDResEnergyTransferMode: the class tells the element.
    """

    DC_CPDResEnergyTransferMode: DC_CPDResEnergyTransferModeType


class DC_CPDResEnergyTransferModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``DC_CPDResEnergyTransferMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMinimumChargePower: in W.
        EVSEMaximumChargeCurrent: in A.
        EVSEMinimumChargeCurrent: in A.
        EVSEMaximumVoltage: in V.
        EVSEMinimumVoltage: in V.
    """

    EVSEMaximumChargePower: RationalNumberType
    EVSEMinimumChargePower: RationalNumberType
    EVSEMaximumChargeCurrent: RationalNumberType
    EVSEMinimumChargeCurrent: RationalNumberType
    EVSEMaximumVoltage: RationalNumberType
    EVSEMinimumVoltage: RationalNumberType
    EVSEPowerRampLimitation: RationalNumberType | None = None


class DC_CableCheckReqType(V2GRequestType, kw_only=True):
    """Content of the element ``DC_CableCheckReq``."""


class DC_CableCheckResType(V2GResponseType, kw_only=True):
    """Content of the element ``DC_CableCheckRes``."""

    EVSEProcessing: processingType


class DC_PreChargeReqType(V2GRequestType, kw_only=True):
    """Content of the element ``DC_PreChargeReq``.

    Attributes:
        EVPresentVoltage: in V.
        EVTargetVoltage: in V.
    """

    EVProcessing: processingType
    EVPresentVoltage: RationalNumberType
    EVTargetVoltage: RationalNumberType


class DC_PreChargeResType(V2GResponseType, kw_only=True):
    """Content of the element ``DC_PreChargeRes``.

    Attributes:
        EVSEPresentVoltage: in V.
    """

    EVSEPresentVoltage: RationalNumberType


class DC_ChargeLoopReqType(ChargeLoopReqType, kw_only=True):
    """Content of the element ``DC_ChargeLoopReq``.

    Attributes:
        EVPresentVoltage: in V.
        CLReqControlMode: the class tells the element.
    """

    EVPresentVoltage: RationalNumberType
    CLReqControlMode: CLReqControlModeType


class DC_ChargeLoopResType(ChargeLoopResType, kw_only=True):
    """Content of the element ``DC_ChargeLoopRes``.

    Attributes:
        EVSEPresentCurrent: in A.
        EVSEPresentVoltage: in V.
        CLResControlMode: the class tells the element.
    """

    EVSEPresentCurrent: RationalNumberType
    EVSEPresentVoltage: RationalNumberType
    EVSEPowerLimitAchieved: bool
    EVSECurrentLimitAchieved: bool
    EVSEVoltageLimitAchieved: bool
    CLResControlMode: CLResControlModeType


class DC_WeldingDetectionReqType(V2GRequestType, kw_only=True):
    """Content of the element ``DC_WeldingDetectionReq``."""

    EVProcessing: processingType


class DC_WeldingDetectionResType(V2GResponseType, kw_only=True):
    """Content of the element ``DC_WeldingDetectionRes``.

    Attributes:
        EVSEPresentVoltage: in V.
    """

    EVSEPresentVoltage: RationalNumberType


class BPT_DC_CPDReqEnergyTransferModeType(DC_CPDReqEnergyTransferModeType, kw_only=True):
    """Content of the element ``BPT_DC_CPDReqEnergyTransferMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMinimumDischargePower: in W.
        EVMaximumDischargeCurrent: in A.
        EVMinimumDischargeCurrent: in A.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMinimumDischargePower: RationalNumberType
    EVMaximumDischargeCurrent: RationalNumberType
    EVMinimumDischargeCurrent: RationalNumberType


class BPT_DC_CPDResEnergyTransferModeType(DC_CPDResEnergyTransferModeType, kw_only=True):
    """Content of the element ``BPT_DC_CPDResEnergyTransferMode``.

    Attributes:
        EVSEMaximumDischargePower: in W.
        EVSEMinimumDischargePower: in W.
        EVSEMaximumDischargeCurrent: in A.
        EVSEMinimumDischargeCurrent: in A.
    """

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMaximumDischargeCurrent: RationalNumberType
    EVSEMinimumDischargeCurrent: RationalNumberType


class Scheduled_DC_CLReqControlModeType(Scheduled_CLReqControlModeType, kw_only=True):
    """Content of the element ``Scheduled_DC_CLReqControlMode``.

    Attributes:
        EVTargetCurrent: in A.
        EVTargetVoltage: in V.
        EVMaximumChargePower: in W.
        EVMinimumChargePower: in W.
        EVMaximumChargeCurrent: in A.
        EVMaximumVoltage: in V.
        EVMinimumVoltage: in V.
    """

    EVTargetCurrent: RationalNumberType
    EVTargetVoltage: RationalNumberType
    EVMaximumChargePower: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType | None = None
    EVMaximumChargeCurrent: RationalNumberType | None = None
    EVMaximumVoltage: RationalNumberType | None = None
    EVMinimumVoltage: RationalNumberType | None = None


class Scheduled_DC_CLResControlModeType(Scheduled_CLResControlModeType, kw_only=True):
    """Content of the element ``Scheduled_DC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMinimumChargePower: in W.
        EVSEMaximumChargeCurrent: in A.
        EVSEMaximumVoltage: in V.
    """

    EVSEMaximumChargePower: RationalNumberType | None = None
    EVSEMinimumChargePower: RationalNumberType | None = None
    EVSEMaximumChargeCurrent: RationalNumberType | None = None
    EVSEMaximumVoltage: RationalNumberType | None = None


class BPT_Scheduled_DC_CLReqControlModeType(Scheduled_DC_CLReqControlModeType, kw_only=True):
    """Content of the element ``BPT_Scheduled_DC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMinimumDischargePower: in W.
        EVMaximumDischargeCurrent: in A.
    """

    EVMaximumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMaximumDischargeCurrent: RationalNumberType | None = None


class BPT_Scheduled_DC_CLResControlModeType(Scheduled_DC_CLResControlModeType, kw_only=True):
    """Content of the element ``BPT_Scheduled_DC_CLResControlMode``.

    Attributes:
        EVSEMaximumDischargePower: in W.
        EVSEMinimumDischargePower: in W.
        EVSEMaximumDischargeCurrent: in A.
        EVSEMinimumVoltage: in V.
    """

    EVSEMaximumDischargePower: RationalNumberType | None = None
    EVSEMinimumDischargePower: RationalNumberType | None = None
    EVSEMaximumDischargeCurrent: RationalNumberType | None = None
    EVSEMinimumVoltage: RationalNumberType | None = None


class Dynamic_DC_CLReqControlModeType(Dynamic_CLReqControlModeType, kw_only=True):
    """Content of the element ``Dynamic_DC_CLReqControlMode``.

    Attributes:
        EVMaximumChargePower: in W.
        EVMinimumChargePower: in W.
        EVMaximumChargeCurrent: in A.
        EVMaximumVoltage: in V.
        EVMinimumVoltage: in V.
    """

    EVMaximumChargePower: RationalNumberType
    EVMinimumChargePower: RationalNumberType
    EVMaximumChargeCurrent: RationalNumberType
    EVMaximumVoltage: RationalNumberType
    EVMinimumVoltage: RationalNumberType


class Dynamic_DC_CLResControlModeType(Dynamic_CLResControlModeType, kw_only=True):
    """Content of the element ``Dynamic_DC_CLResControlMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMinimumChargePower: in W.
        EVSEMaximumChargeCurrent: in A.
        EVSEMaximumVoltage: in V.
    """

    EVSEMaximumChargePower: RationalNumberType
    EVSEMinimumChargePower: RationalNumberType
    EVSEMaximumChargeCurrent: RationalNumberType
    EVSEMaximumVoltage: RationalNumberType


class BPT_Dynamic_DC_CLReqControlModeType(Dynamic_DC_CLReqControlModeType, kw_only=True):
    """Content of the element ``BPT_Dynamic_DC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMinimumDischargePower: in W.
        EVMaximumDischargeCurrent: in A.
        EVMaximumV2XEnergyRequest: in Wh.
        EVMinimumV2XEnergyRequest: in Wh.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMinimumDischargePower: RationalNumberType
    EVMaximumDischargeCurrent: RationalNumberType
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


class BPT_Dynamic_DC_CLResControlModeType(Dynamic_DC_CLResControlModeType, kw_only=True):
    """Content of the element ``BPT_Dynamic_DC_CLResControlMode``.

    Attributes:
        EVSEMaximumDischargePower: in W.
        EVSEMinimumDischargePower: in W.
        EVSEMaximumDischargeCurrent: in A.
        EVSEMinimumVoltage: in V.
    """

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMaximumDischargeCurrent: RationalNumberType
    EVSEMinimumVoltage: RationalNumberType
