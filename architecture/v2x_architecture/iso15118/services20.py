"""Energy transfer services of ISO 15118-20 and their parameter sets (15118-20: 8.4.3.2, tables 204 to 208)."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm


class Service(IntEnum):
    """ServiceID of an energy transfer service."""

    AC = 1
    DC = 2
    AC_BPT = 5
    DC_BPT = 6

    @property
    def energy(self) -> str:
        """``AC`` or ``DC``."""
        return self.name[:2]

    @property
    def bidirectional(self) -> bool:
        """Whether energy may flow back."""
        return self in (Service.AC_BPT, Service.DC_BPT)


class ControlMode(IntEnum):
    """Who decides on the power."""

    SCHEDULED = 1
    """The EV, within schedules."""
    DYNAMIC = 2
    """The SECC."""


class ParameterSet(msgspec.Struct, frozen=True, kw_only=True):
    """How a service can be had.

    Attributes:
        id: ParameterSetID.
        connector: of AC 1 for one phase and 2 for three; of DC 1 for core and 2 for extended pins.
        control: who decides on the power.
        nominal_voltage_v: of AC (V); None for DC.
    """

    id: int
    connector: int
    control: ControlMode
    nominal_voltage_v: int | None = None


def to_message(service: Service, offered: ParameterSet, *, price_levels: bool = False) -> cm.ParameterSetType:
    """Return a parameter set as ServiceDetailRes carries it; mobility needs by the EV alone, price levels or no prices."""
    values = {"Connector": offered.connector, "ControlMode": int(offered.control)}
    if offered.nominal_voltage_v is not None:
        values["EVSENominalVoltage"] = offered.nominal_voltage_v
    values |= {"MobilityNeedsMode": 1, "Pricing": 2 if price_levels else 0}
    if service.bidirectional:
        # One channel for both ways; an inverter that follows the grid.
        values |= {"BPTChannel": 1, "GeneratorMode": 1}
    if service is Service.AC_BPT:
        values["GridCodeIslandingDetectionMethod"] = 1
    parameters = [cm.ParameterType(Name=name, intValue=value) for name, value in values.items()]
    return cm.ParameterSetType(ParameterSetID=offered.id, Parameter=parameters)


def from_message(told: cm.ParameterSetType) -> ParameterSet | None:
    """Return a parameter set that an SECC offers; None for one that lacks what every set must have."""
    values = {each.Name: each.intValue for each in told.Parameter}
    connector, control = values.get("Connector"), values.get("ControlMode")
    if connector is None or control not in (1, 2):
        return None
    return ParameterSet(
        id=told.ParameterSetID,
        connector=connector,
        control=ControlMode(control),
        nominal_voltage_v=values.get("EVSENominalVoltage"),
    )
