"""urn:iso:std:iso:15118:-20:ACDP.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_common_types import (
    RationalNumberType,
    V2GRequestType,
    V2GResponseType,
    processingType,
)

type cpStatusType = Literal["StateA", "StateB", "StateC", "StateD", "StateE"]


type electricalChargingDeviceStatusType = Literal["State_A", "State_B", "State_C", "State_D"]


type errorCodeType = Literal[
    "OK_NoEVError",
    "FAILED",
    "FAILED_EmergencyEvent",
    "FAILED_Breaker",
    "FAILED_RESSTemperatureInhibit",
    "FAILED_RESS",
    "FAILED_ChargingCurrentDifferential",
    "FAILED_ChargingVoltageOutOfRange",
    "FAILED_Reserved1",
    "FAILED_Reserved2",
]


type isolationStatusType = Literal["Invalid", "Safe", "Warning", "Fault"]


type mechanicalChargingDeviceStatusType = Literal["Home", "Moving", "EndPosition"]


class ACDP_VehiclePositioningReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ACDP_VehiclePositioningReq``."""

    EVMobilityStatus: bool
    EVPositioningSupport: bool


class ACDP_VehiclePositioningResType(V2GResponseType, kw_only=True):
    """Content of the element ``ACDP_VehiclePositioningRes``.

    Attributes:
        EVRelativeXDeviation: -32768 to 32767.
        EVRelativeYDeviation: -32768 to 32767.
        ContactWindowXc: -32768 to 32767.
        ContactWindowYc: -32768 to 32767.
    """

    EVSEProcessing: processingType
    EVSEPositioningSupport: bool
    EVRelativeXDeviation: int
    EVRelativeYDeviation: int
    ContactWindowXc: int
    ContactWindowYc: int
    EVInChargePosition: bool


class ACDP_ConnectReqType(V2GRequestType, kw_only=True):
    """Content of the elements ``ACDP_ConnectReq``, ``ACDP_DisconnectReq``."""

    EVElectricalChargingDeviceStatus: electricalChargingDeviceStatusType


class ACDP_ConnectResType(V2GResponseType, kw_only=True):
    """Content of the elements ``ACDP_ConnectRes``, ``ACDP_DisconnectRes``."""

    EVSEProcessing: processingType
    EVSEElectricalChargingDeviceStatus: electricalChargingDeviceStatusType
    EVSEMechanicalChargingDeviceStatus: mechanicalChargingDeviceStatusType


class ACDP_SystemStatusReqType(V2GRequestType, kw_only=True):
    """Content of the element ``ACDP_SystemStatusReq``."""

    EVTechnicalStatus: EVTechnicalStatusType


class EVTechnicalStatusType(msgspec.Struct, kw_only=True):
    """Content of the element ``EVTechnicalStatus``.

    Attributes:
        EVSOC: in %; 0 to 100.
    """

    EVReadyToCharge: bool
    EVImmobilizationRequest: bool
    EVImmobilized: bool | None = None
    EVWLANStrength: RationalNumberType | None = None
    EVCPStatus: cpStatusType | None = None
    EVSOC: int | None = None
    EVErrorCode: errorCodeType | None = None
    EVTimeout: bool | None = None


class ACDP_SystemStatusResType(V2GResponseType, kw_only=True):
    """Content of the element ``ACDP_SystemStatusRes``."""

    EVSEMechanicalChargingDeviceStatus: mechanicalChargingDeviceStatusType
    EVSEReadyToCharge: bool
    EVSEIsolationStatus: isolationStatusType
    EVSEDisabled: bool
    EVSEUtilityInterruptEvent: bool
    EVSEEmergencyShutdown: bool
    EVSEMalfunction: bool
    EVInChargePosition: bool
    EVAssociationStatus: bool
