"""urn:iso:std:iso:15118:-20:AC.

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
)


class AC_ChargeParameterDiscoveryReqType(ChargeParameterDiscoveryReqType, kw_only=True):
    """Content of the element ``AC_ChargeParameterDiscoveryReq``.

    Attributes:
        AC_CPDReqEnergyTransferMode: the class tells the element.
    """

    AC_CPDReqEnergyTransferMode: AC_CPDReqEnergyTransferModeType


class AC_CPDReqEnergyTransferModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``AC_CPDReqEnergyTransferMode``.

    Attributes:
        EVMaximumChargePower: in W.
        EVMaximumChargePower_L2: in W.
        EVMaximumChargePower_L3: in W.
        EVMinimumChargePower: in W.
        EVMinimumChargePower_L2: in W.
        EVMinimumChargePower_L3: in W.
    """

    EVMaximumChargePower: RationalNumberType
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None


class AC_ChargeParameterDiscoveryResType(ChargeParameterDiscoveryResType, kw_only=True):
    """Content of the element ``AC_ChargeParameterDiscoveryRes``.

    Attributes:
        AC_CPDResEnergyTransferMode: the class tells the element.
    """

    AC_CPDResEnergyTransferMode: AC_CPDResEnergyTransferModeType


class AC_CPDResEnergyTransferModeType(msgspec.Struct, kw_only=True):
    """Content of the element ``AC_CPDResEnergyTransferMode``.

    Attributes:
        EVSEMaximumChargePower: in W.
        EVSEMaximumChargePower_L2: in W.
        EVSEMaximumChargePower_L3: in W.
        EVSEMinimumChargePower: in W.
        EVSEMinimumChargePower_L2: in W.
        EVSEMinimumChargePower_L3: in W.
        EVSENominalFrequency: in Hz.
        MaximumPowerAsymmetry: in W.
        EVSEPresentActivePower: in W.
        EVSEPresentActivePower_L2: in W.
        EVSEPresentActivePower_L3: in W.
    """

    EVSEMaximumChargePower: RationalNumberType
    EVSEMaximumChargePower_L2: RationalNumberType | None = None
    EVSEMaximumChargePower_L3: RationalNumberType | None = None
    EVSEMinimumChargePower: RationalNumberType
    EVSEMinimumChargePower_L2: RationalNumberType | None = None
    EVSEMinimumChargePower_L3: RationalNumberType | None = None
    EVSENominalFrequency: RationalNumberType
    MaximumPowerAsymmetry: RationalNumberType | None = None
    EVSEPowerRampLimitation: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


class AC_ChargeLoopReqType(ChargeLoopReqType, kw_only=True):
    """Content of the element ``AC_ChargeLoopReq``.

    Attributes:
        CLReqControlMode: the class tells the element.
    """

    CLReqControlMode: CLReqControlModeType


class AC_ChargeLoopResType(ChargeLoopResType, kw_only=True):
    """Content of the element ``AC_ChargeLoopRes``.

    Attributes:
        EVSETargetFrequency: in Hz.
        CLResControlMode: the class tells the element.
    """

    EVSETargetFrequency: RationalNumberType | None = None
    CLResControlMode: CLResControlModeType


class BPT_AC_CPDReqEnergyTransferModeType(AC_CPDReqEnergyTransferModeType, kw_only=True):
    """Content of the element ``BPT_AC_CPDReqEnergyTransferMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None


class BPT_AC_CPDResEnergyTransferModeType(AC_CPDResEnergyTransferModeType, kw_only=True):
    """Content of the element ``BPT_AC_CPDResEnergyTransferMode``.

    Attributes:
        EVSEMaximumDischargePower: in W.
        EVSEMaximumDischargePower_L2: in W.
        EVSEMaximumDischargePower_L3: in W.
        EVSEMinimumDischargePower: in W.
        EVSEMinimumDischargePower_L2: in W.
        EVSEMinimumDischargePower_L3: in W.
    """

    EVSEMaximumDischargePower: RationalNumberType
    EVSEMaximumDischargePower_L2: RationalNumberType | None = None
    EVSEMaximumDischargePower_L3: RationalNumberType | None = None
    EVSEMinimumDischargePower: RationalNumberType
    EVSEMinimumDischargePower_L2: RationalNumberType | None = None
    EVSEMinimumDischargePower_L3: RationalNumberType | None = None


class Scheduled_AC_CLReqControlModeType(Scheduled_CLReqControlModeType, kw_only=True):
    """Content of the element ``Scheduled_AC_CLReqControlMode``.

    Attributes:
        EVMaximumChargePower: in W.
        EVMaximumChargePower_L2: in W.
        EVMaximumChargePower_L3: in W.
        EVMinimumChargePower: in W.
        EVMinimumChargePower_L2: in W.
        EVMinimumChargePower_L3: in W.
        EVPresentActivePower: in W.
        EVPresentActivePower_L2: in W.
        EVPresentActivePower_L3: in W.
        EVPresentReactivePower: in var.
        EVPresentReactivePower_L2: in var.
        EVPresentReactivePower_L3: in var.
    """

    EVMaximumChargePower: RationalNumberType | None = None
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType | None = None
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None
    EVPresentActivePower: RationalNumberType
    EVPresentActivePower_L2: RationalNumberType | None = None
    EVPresentActivePower_L3: RationalNumberType | None = None
    EVPresentReactivePower: RationalNumberType | None = None
    EVPresentReactivePower_L2: RationalNumberType | None = None
    EVPresentReactivePower_L3: RationalNumberType | None = None


class Scheduled_AC_CLResControlModeType(Scheduled_CLResControlModeType, kw_only=True):
    """Content of the element ``Scheduled_AC_CLResControlMode``.

    Attributes:
        EVSETargetActivePower: in W.
        EVSETargetActivePower_L2: in W.
        EVSETargetActivePower_L3: in W.
        EVSETargetReactivePower: in var.
        EVSETargetReactivePower_L2: in var.
        EVSETargetReactivePower_L3: in var.
        EVSEPresentActivePower: in W.
        EVSEPresentActivePower_L2: in W.
        EVSEPresentActivePower_L3: in W.
    """

    EVSETargetActivePower: RationalNumberType | None = None
    EVSETargetActivePower_L2: RationalNumberType | None = None
    EVSETargetActivePower_L3: RationalNumberType | None = None
    EVSETargetReactivePower: RationalNumberType | None = None
    EVSETargetReactivePower_L2: RationalNumberType | None = None
    EVSETargetReactivePower_L3: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


class BPT_Scheduled_AC_CLReqControlModeType(Scheduled_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``BPT_Scheduled_AC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
    """

    EVMaximumDischargePower: RationalNumberType | None = None
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType | None = None
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None


class BPT_Scheduled_AC_CLResControlModeType(Scheduled_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``BPT_Scheduled_AC_CLResControlMode``."""


class Dynamic_AC_CLReqControlModeType(Dynamic_CLReqControlModeType, kw_only=True):
    """Content of the element ``Dynamic_AC_CLReqControlMode``.

    Attributes:
        EVMaximumChargePower: in W.
        EVMaximumChargePower_L2: in W.
        EVMaximumChargePower_L3: in W.
        EVMinimumChargePower: in W.
        EVMinimumChargePower_L2: in W.
        EVMinimumChargePower_L3: in W.
        EVPresentActivePower: in W.
        EVPresentActivePower_L2: in W.
        EVPresentActivePower_L3: in W.
        EVPresentReactivePower: in var.
        EVPresentReactivePower_L2: in var.
        EVPresentReactivePower_L3: in var.
    """

    EVMaximumChargePower: RationalNumberType
    EVMaximumChargePower_L2: RationalNumberType | None = None
    EVMaximumChargePower_L3: RationalNumberType | None = None
    EVMinimumChargePower: RationalNumberType
    EVMinimumChargePower_L2: RationalNumberType | None = None
    EVMinimumChargePower_L3: RationalNumberType | None = None
    EVPresentActivePower: RationalNumberType
    EVPresentActivePower_L2: RationalNumberType | None = None
    EVPresentActivePower_L3: RationalNumberType | None = None
    EVPresentReactivePower: RationalNumberType
    EVPresentReactivePower_L2: RationalNumberType | None = None
    EVPresentReactivePower_L3: RationalNumberType | None = None


class Dynamic_AC_CLResControlModeType(Dynamic_CLResControlModeType, kw_only=True):
    """Content of the element ``Dynamic_AC_CLResControlMode``.

    Attributes:
        EVSETargetActivePower: in W.
        EVSETargetActivePower_L2: in W.
        EVSETargetActivePower_L3: in W.
        EVSETargetReactivePower: in var.
        EVSETargetReactivePower_L2: in var.
        EVSETargetReactivePower_L3: in var.
        EVSEPresentActivePower: in W.
        EVSEPresentActivePower_L2: in W.
        EVSEPresentActivePower_L3: in W.
    """

    EVSETargetActivePower: RationalNumberType
    EVSETargetActivePower_L2: RationalNumberType | None = None
    EVSETargetActivePower_L3: RationalNumberType | None = None
    EVSETargetReactivePower: RationalNumberType | None = None
    EVSETargetReactivePower_L2: RationalNumberType | None = None
    EVSETargetReactivePower_L3: RationalNumberType | None = None
    EVSEPresentActivePower: RationalNumberType | None = None
    EVSEPresentActivePower_L2: RationalNumberType | None = None
    EVSEPresentActivePower_L3: RationalNumberType | None = None


class BPT_Dynamic_AC_CLReqControlModeType(Dynamic_AC_CLReqControlModeType, kw_only=True):
    """Content of the element ``BPT_Dynamic_AC_CLReqControlMode``.

    Attributes:
        EVMaximumDischargePower: in W.
        EVMaximumDischargePower_L2: in W.
        EVMaximumDischargePower_L3: in W.
        EVMinimumDischargePower: in W.
        EVMinimumDischargePower_L2: in W.
        EVMinimumDischargePower_L3: in W.
        EVMaximumV2XEnergyRequest: in Wh.
        EVMinimumV2XEnergyRequest: in Wh.
    """

    EVMaximumDischargePower: RationalNumberType
    EVMaximumDischargePower_L2: RationalNumberType | None = None
    EVMaximumDischargePower_L3: RationalNumberType | None = None
    EVMinimumDischargePower: RationalNumberType
    EVMinimumDischargePower_L2: RationalNumberType | None = None
    EVMinimumDischargePower_L3: RationalNumberType | None = None
    EVMaximumV2XEnergyRequest: RationalNumberType | None = None
    EVMinimumV2XEnergyRequest: RationalNumberType | None = None


class BPT_Dynamic_AC_CLResControlModeType(Dynamic_AC_CLResControlModeType, kw_only=True):
    """Content of the element ``BPT_Dynamic_AC_CLResControlMode``."""
