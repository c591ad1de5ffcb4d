"""Components and variables: what there is, what it is set to, what it may be set to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.metering import measurands_of
from v2x_architecture.ocpp.station.storage import Store

_SECTION: Final = "variables"

type DataType = Literal["string", "decimal", "integer", "dateTime", "boolean", "OptionList", "SequenceList", "MemberList"]
type AttributeType = Literal["Actual", "Target", "MinSet", "MaxSet"]
type Mutability = Literal["ReadOnly", "WriteOnly", "ReadWrite"]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the table."""

    type: DataType
    value: str = ""
    mutability: Mutability = "ReadOnly"
    unit: str = ""
    min: float | None = None
    max: float | None = None
    values: str = ""
    constant: bool = False
    live: bool = False
    reboot: bool = False
    attributes: tuple[AttributeType, ...] = ("Actual",)
    fleeting: bool = False
    secc: bool = False


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of a component, with its characteristics.

    Attributes:
        component, evse, connector: where it is; None: of no EVSE, of no connector.
        name, instance: what it is called; no instance: empty.
        type, unit, minimum, maximum, values: its characteristics.
        mutability: who may do what with it.
        default: what it is at first.
        constant: it never changes.
        live: it is looked up when somebody asks.
        reboot: a new value counts from the next boot on.
        attributes: that it has.
        fleeting: each attribute is there only while it has a value.
    """

    component: str
    name: str
    type: DataType
    instance: str = ""
    evse: int | None = None
    connector: int | None = None
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    mutability: Mutability = "ReadOnly"
    default: str = ""
    constant: bool = False
    live: bool = False
    reboot: bool = False
    attributes: tuple[AttributeType, ...] = ("Actual",)
    fleeting: bool = False

    @property
    def writable(self) -> bool:
        """Whether the CSMS may set it."""
        return self.mutability != "ReadOnly"

    @property
    def name_in_component(self) -> str:
        """Its name wherever it is: ``TxCtrlr.TxStartPoint``, ``EVSE.Power``."""
        return f"{self.component}.{self.name}" + (f"[{self.instance}]" if self.instance else "")

    @property
    def dotted(self) -> str:
        """Its name in configuration files: ``TxCtrlr.TxStartPoint``, ``EVSE.Power@1``."""
        name = self.name_in_component
        return name + (f"@{self.evse}" if self.evse is not None else "") + (f".{self.connector}" if self.connector else "")

    def component_payload(self) -> Payload:
        """Return the component as a message names it."""
        payload: Payload = {"name": self.component}
        if self.evse is not None:
            payload["evse"] = {"id": self.evse} | ({"connectorId": self.connector} if self.connector is not None else {})
        return payload

    def variable_payload(self) -> Payload:
        """Return the variable as a message names it."""
        return {"name": self.name} | ({"instance": self.instance} if self.instance else {})

    def characteristics(self) -> Payload:
        """Return VariableCharacteristics."""
        payload: Payload = {"dataType": self.type, "supportsMonitoring": False}
        if self.unit:
            payload["unit"] = self.unit
        if self.minimum is not None:
            payload["minLimit"] = self.minimum
        if self.maximum is not None:
            payload["maxLimit"] = self.maximum
        if self.values:
            payload["valuesList"] = ",".join(self.values)
        return payload

    def complaint(self, value: str) -> str | None:
        """Return what is wrong with a value for this variable, None when nothing is (B05.FR.07, FR.08)."""
        match self.type:
            case "boolean":
                return None if value in ("true", "false") else "it is neither true nor false"
            case "integer":
                return self._outside(value) if re.fullmatch(r"[+-]?\d+", value) else "it is no integer"
            case "decimal":
                return self._outside(value)
            case "dateTime":
                return _no_date_time(value)
            case "string":
                return "it is too long" if self.maximum is not None and len(value) > self.maximum else None
            case "OptionList":
                return None if value in self.values else f"it is none of {', '.join(self.values)}"
            case "SequenceList" | "MemberList":
                return self._no_list(value)

    def _outside(self, value: str) -> str | None:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return "it is no number"
        if not number.is_finite():
            return "it is no number"
        if self.minimum is not None and number < Decimal(str(self.minimum)):
            return f"it is below {self.minimum:g}"
        if self.maximum is not None and number > Decimal(str(self.maximum)):
            return f"it is above {self.maximum:g}"
        return None

    def _no_list(self, value: str) -> str | None:
        members = split_list(value)
        strange = [member for member in members if member not in self.values]
        if strange:
            return f"{', '.join(strange)} is none of {', '.join(self.values)}"
        return "a member is there twice" if len(set(members)) != len(members) else None


class Unknown(Enum):
    """What of a component and variable a station does not have."""

    COMPONENT = "UnknownComponent"
    VARIABLE = "UnknownVariable"


type _Place = tuple[str, str, int | None, int | None]


class Catalogue:
    """All variables of a station with certain EVSEs, without their values.

    Args:
        evses: the EVSEs.
        without: variables and components that it shows to nobody; the station itself still looks at them.
        fixed: variables and components that the CSMS cannot set.

    Raises:
        ValueError: there is none of such a name.
    """

    def __init__(self, evses: tuple[EvseConfig, ...], without: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> None:
        expanded = tuple(_expand(_table(), evses))
        names = {name for each in expanded for name in (each.component, each.name_in_component)}
        if strange := sorted({*without, *fixed} - names):
            raise ValueError(f"there is no variable or component {', '.join(strange)}")

        def among(variable: Variable, named: tuple[str, ...]) -> bool:
            return variable.component in named or variable.name_in_component in named

        everything = [msgspec.structs.replace(v, mutability="ReadOnly") if among(v, fixed) else v for v in expanded]
        self.variables = tuple(v for v in everything if not among(v, without))
        self.by_name = {each.dotted.lower(): each for each in everything}
        self.places: dict[_Place, dict[tuple[str, str], Variable]] = {}
        for each in self.variables:
            place = self.places.setdefault((each.component.lower(), "", each.evse, each.connector), {})
            place[each.name.lower(), each.instance.lower()] = each


class DeviceModel:
    """The variables of one station and their values; names are compared without regard to case.

    Args:
        store: where values are kept that were set.
        config: its EVSEs, values that differ from the table's, and what it is without.
        live: looks up the variables that are not kept.

    Raises:
        ValueError: an initial value is for no variable, or not one for it.
    """

    def __init__(
        self,
        store: Store,
        config: StationConfig,
        live: Callable[[Variable, AttributeType], str],
    ) -> None:
        self._store = store
        self._live = live
        self._catalogue = catalogue(config.evses, config.without, config.fixed)
        self._values: dict[str, str] = {}
        for name, value in config.variables.items():
            self._values[self.named(name, as_text(value)).dotted] = as_text(value)
        self._values |= store.load(_SECTION, str)

    def __iter__(self) -> Iterator[Variable]:
        return (each for each in self._catalogue.variables if self.is_there(each))

    def is_there(self, variable: Variable) -> bool:
        """Whether there is such a variable now."""
        return not variable.fleeting or any(self.value(variable, each) for each in variable.attributes)

    def named(self, name: str, value: str | None = None) -> Variable:
        """Return the variable of a dotted name.

        Raises:
            ValueError: there is none, or ``value`` is not one for it.
        """
        variable = self._catalogue.by_name.get(name.lower())
        if variable is None:
            raise ValueError(f"there is no variable {name}")
        if value is not None and (complaint := variable.complaint(value)) is not None:
            raise ValueError(f"{name} cannot be {value!r}: {complaint}")
        return variable

    def find(self, component: Payload, variable: Payload) -> Variable | Unknown:
        """Return the variable that a message names, or what of it is unknown (B06.FR.06, FR.07, FR.15)."""
        evse = component.get("evse", {})
        place = (component["name"].lower(), component.get("instance", "").lower(), evse.get("id"), evse.get("connectorId"))
        variables = self._catalogue.places.get(place)
        if variables is None:
            return Unknown.COMPONENT
        found = variables.get((variable["name"].lower(), variable.get("instance", "").lower()))
        return found if found is not None and self.is_there(found) else Unknown.VARIABLE

    def value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        """Return what a variable is set to."""
        if variable.live:
            return self._live(variable, attribute)
        return self._values.get(variable.dotted, variable.default)

    def get(self, name: str) -> str:
        """Return the value of the variable of a dotted name.

        Raises:
            KeyError: there is none.
        """
        return self.value(self._catalogue.by_name[name.lower()])

    def set(self, variable: Variable, value: str) -> None:
        """Set a variable, to outlive power cycles. The value must be one for it."""
        self._values[variable.dotted] = value
        self._store.put(_SECTION, variable.dotted, value)

    def report_entry(self, variable: Variable) -> Payload:
        """Return ReportData of a variable (B07.FR.08, FR.11)."""
        attributes: list[Payload] = []
        for kind in variable.attributes:
            value = self.value(variable, kind)
            if variable.fleeting and not value:
                continue
            attribute: Payload = {"type": kind, "mutability": variable.mutability, "persistent": not variable.fleeting}
            if variable.mutability != "WriteOnly":
                attribute["value"] = value
            if variable.constant:
                attribute["constant"] = True
            attributes.append(attribute)
        return {
            "component": variable.component_payload(),
            "variable": variable.variable_payload(),
            "variableAttribute": attributes,
            "variableCharacteristics": variable.characteristics(),
        }


@lru_cache(maxsize=32)
def catalogue(evses: tuple[EvseConfig, ...], without: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> Catalogue:
    """Return the catalogue for certain EVSEs, made once."""
    return Catalogue(evses, without, fixed)


def split_list(value: str) -> list[str]:
    """Return the members of a comma-separated list."""
    return [member.strip() for member in value.split(",") if member.strip()]


def as_text(value: str | float | bool) -> str:
    """Return a configured value as the device model writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _table() -> dict[str, dict[str, _Entry]]:
    data = (files(__package__) / "device_model.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, dict[str, _Entry]])


def _expand(table: dict[str, dict[str, _Entry]], evses: tuple[EvseConfig, ...]) -> Iterator[Variable]:
    """Give every component its variables; EVSEs and connectors stand for as many as there are."""
    if all(each.tethered for each in evses):
        # A station with attached cables only has nothing to unlock (part 2, UnlockOnEVSideDisconnect).
        unlock = {"UnlockOnEVSideDisconnect": _Entry("boolean", value="false", constant=True)}
        table = table | {"OCPPCommCtrlr": table["OCPPCommCtrlr"] | unlock}
    for component, entries in table.items():
        for secc in (False, True):
            chosen = {key: entry for key, entry in entries.items() if entry.secc is secc}
            for evse, connector, maximum in _places("SECC" if secc else component, evses):
                for key, entry in chosen.items():
                    yield _variable(component, key, entry, (evse, connector, maximum), evses)


def _variable(
    component: str, key: str, entry: _Entry, place: tuple[int | None, int | None, float | None], evses: tuple[EvseConfig, ...]
) -> Variable:
    name, _, instance = key.removesuffix("]").partition("[")
    evse, connector, maximum = place
    return Variable(
        component=component,
        name=name,
        instance=instance,
        evse=evse,
        connector=connector,
        type=entry.type,
        unit=entry.unit,
        minimum=entry.min,
        maximum=maximum if name == "Power" and component == "EVSE" else entry.max,
        values=measurands_of(evses) if entry.values == "measurands" else tuple(split_list(entry.values)),
        mutability=entry.mutability,
        default=entry.value,
        constant=entry.constant,
        live=entry.live,
        reboot=entry.reboot,
        attributes=entry.attributes,
        fleeting=entry.fleeting,
    )


def _places(component: str, evses: tuple[EvseConfig, ...]) -> Iterable[tuple[int | None, int | None, float | None]]:
    """Return EVSE, connector and greatest power (W) of every instance of a component."""
    match component:
        case "SECC":
            return [(number, None, None) for number, each in enumerate(evses, start=1) if each.secc is not None]
        case "EVSE" | "FiscalMetering":
            return [(number, None, each.max_power_w) for number, each in enumerate(evses, start=1)]
        case "Connector" | "ConnectorPlugRetentionLock":
            return [
                (number, connector, None)
                for number, each in enumerate(evses, start=1)
                for connector in range(1, each.connectors + 1)
            ]
        case _:
            return [(None, None, None)]


def _no_date_time(value: str) -> str | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return "it is no date and time"
    return None if moment.tzinfo is not None else "it has no time zone"
