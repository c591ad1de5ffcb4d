"""What a vehicle has told of itself over ISO 15118, as the device model names it (2.0.1 part 2, appendices: ConnectedEV)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.charging import ChargingNeeds
from v2x_architecture.iso15118.exi.messages.app_protocol import (
    AppProtocolType,
    supportedAppProtocolReq,
    supportedAppProtocolRes,
)
from v2x_architecture.iso15118.sending import Said
from v2x_architecture.iso15118.values import number, quotient

_ERRORS: Final[Mapping[str, str]] = {
    "FAILED_ChargingCurrentdifferential": "ChargingCurrentDeviation",
    "FAILED_RESSTemperatureInhibit": "BatteryTemperature",
    "FAILED_ChargingVoltageOutOfRange": "VoltageDeviation",
    "FAILED_EVRESSMalfunction": "ChargingSystemError",
    "FAILED_EVShiftPosition": "VehicleShiftPosition",
    "FAILED_ChargingSystemIncompatibility": "ChargingSystemIncompatibility",
    "FAILED_ChargerConnectorLockFault": "ChargerConnectorLockFault",
}
"""EVErrorCode, and the member of ChargingState that says the same."""

_SECONDS: Final[Mapping[str, tuple[str, ...]]] = {
    "RemainingTimeBulk": ("RemainingTimeToBulkSoC",),
    "RemainingTimeFull": ("RemainingTimeToFullSoC", "RemainingTimeToMaximumSOC"),
}
_COMPLETE: Final[Mapping[str, str]] = {
    "ChargingCompleteBulk": "BulkChargingComplete",
    "ChargingCompleteFull": "ChargingComplete",
}
"""Variables, and the fields of the editions that tell them."""

type Attribute = tuple[str, str]
"""Name of a variable, with its instance in brackets where it has one, and AttributeEnumType."""


class ConnectedEv:
    """The vehicle at an EVSE with an SECC.

    Args:
        clock: tells when a message came; departure is told in seconds from then.

    Attributes:
        mode: of energy transfer that it has asked for (EnergyTransferModeType); empty while it has not.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offered: dict[int, AppProtocolType] = {}
        self._told: dict[Attribute, str] = {}
        self.mode = ""

    @property
    def told(self) -> Mapping[Attribute, str]:
        """The values of what it has told so far; nothing of what it has not."""
        return self._told

    def forget(self) -> None:
        """There is no vehicle any more."""
        self._offered, self._told, self.mode = {}, {}, ""

    def hear(self, said: Said) -> None:
        """Take what is said between the vehicle and the SECC."""
        match said.message:
            case supportedAppProtocolReq() as offer:
                self.forget()
                self._offered = {each.SchemaID: each for each in offer.AppProtocol}
                self._told |= {(f"ProtocolSupportedByEV[{each.Priority}]", "Actual"): _named(each) for each in offer.AppProtocol}
            case supportedAppProtocolRes(SchemaID=int(agreed)) if agreed in self._offered:
                self._told["ProtocolAgreed", "Actual"] = _named(self._offered[agreed])
            case message if said.sender == "evcc":
                self._request(said.name, getattr(getattr(message, "Body", None), "BodyElement", message))

    def set_needs(self, needs: ChargingNeeds) -> None:
        """Take what it needs: its limits, what it wants, and until when."""
        self.mode = needs.mode
        alternating = needs.mode.startswith("AC")
        current, voltage = ("ACCurrent", "ACVoltage") if alternating else ("DCCurrent", "DCVoltage")
        departure = None if needs.departure_s is None else self._in(needs.departure_s)
        self._tell("MaxSet", {current: needs.max_current_a, voltage: needs.max_voltage_v, "StateOfCharge": needs.full_soc})
        if alternating:
            self._tell("MinSet", {current: needs.min_current_a})
        else:
            self._tell("MaxSet", {"Power": needs.max_power_w})
        self._tell("Target", {"EnergyImport": needs.energy_wh})
        told = {"EnergyCapacity": needs.capacity_wh, "StateOfChargeBulk": needs.bulk_soc, "StateOfCharge": needs.soc}
        self._tell("Actual", told)
        if departure is not None:
            self._told["DepartureTime", "Actual"] = departure.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def set_soc(self, soc: float) -> None:
        """Take its state of charge (percent)."""
        self._tell("Actual", {"StateOfCharge": soc})

    def _request(self, name: str, request: object) -> None:
        """Take a request of the vehicle: names of fields are those of all editions that have them."""
        identifier = getattr(request, "EVCCID", None)
        if identifier is not None:
            self._told["VehicleID", "Actual"] = identifier.hex().upper() if isinstance(identifier, bytes) else identifier
        status = getattr(request, "DC_EVStatus", None)
        if status is not None:
            self._told["ChargingState", "Actual"] = _ERRORS.get(status.EVErrorCode, "")
        if name in ("CurrentDemandReq", "AC_ChargeLoopReq", "DC_ChargeLoopReq"):
            for part in (request, getattr(request, "CLReqControlMode", None), getattr(request, "DisplayParameters", None)):
                self._demand(part)

    def _demand(self, part: object) -> None:
        """Take what it wants now, as far as a part of its request tells."""
        self._tell("Target", {"DCCurrent": _value(part, "EVTargetCurrent"), "DCVoltage": _value(part, "EVTargetVoltage")})
        for variable, fields in _SECONDS.items():
            if (seconds := _value(part, *fields)) is not None:
                self._told[variable, "Actual"] = str(int(seconds))
        for variable, field in _COMPLETE.items():
            if (complete := getattr(part, field, None)) is not None:
                self._told[variable, "Actual"] = "true" if complete else "false"

    def _tell(self, attribute: str, values: Mapping[str, float | None]) -> None:
        self._told |= {(name, attribute): f"{value:.10g}" for name, value in values.items() if value is not None}

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)


def _named(protocol: AppProtocolType) -> str:
    return f"{protocol.ProtocolNamespace},{protocol.VersionNumberMajor},{protocol.VersionNumberMinor}"


def _value(message: object, *fields: str) -> float | None:
    """Return the first of some fields that there is, in its unit."""
    for field in fields:
        value = getattr(message, field, None)
        if isinstance(value, int | float):
            return float(value)
        if value is not None:
            return quotient(value) if hasattr(value, "Exponent") else number(value)
    return None
