"""Variables that stations have told of: the device model of 2.0.1, the configuration keys of 1.6.

Names and instances are compared without regard to the case of ASCII letters (2.0.1 ComponentType and VariableType, 1.6 CiString),
and kept as they were told first.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.ocpp.csms.credentials import is_secret
from v2x_architecture.ocpp.csms.tables import Variable
from v2x_architecture.ocpp.csms.wire import integer, storable
from v2x_architecture.ocpp.messages import Payload

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


class Key(NamedTuple):
    """What tells an attribute of a variable from all others of its station; absent parts are ``""`` and 0.

    Attributes:
        component, component_instance: of 2.0.1; 1.6 has none.
        evse, connector: where the component is.
        name, instance: of the variable.
        attribute: ``Actual``, ``Target``, ``MinSet`` or ``MaxSet``.
    """

    component: str
    name: str
    instance: str = ""
    component_instance: str = ""
    evse: int = 0
    connector: int = 0
    attribute: str = "Actual"

    @classmethod
    def of(cls, component: Payload, variable: Payload, attribute: str | None = None) -> Key:
        """Return the key of ComponentType and VariableType."""
        evse = component.get("evse", {})
        return cls(
            storable(component["name"]),
            storable(variable["name"]),
            storable(variable.get("instance", "")),
            storable(component.get("instance", "")),
            integer(evse.get("id", 0)),
            integer(evse.get("connectorId", 0)),
            attribute or "Actual",
        )

    @property
    def compared(self) -> Key:
        """The key as it is compared."""
        return self._replace(
            component=self.component.translate(_LOWER),
            name=self.name.translate(_LOWER),
            instance=self.instance.translate(_LOWER),
            component_instance=self.component_instance.translate(_LOWER),
        )


async def find_variables(db: AsyncSession, station: str, components: set[str]) -> dict[Key, Variable]:
    """Return what is known of components' variables, by their keys as compared."""
    lower = [component.translate(_LOWER) for component in components]
    named = or_(Variable.component.in_(components), func.lower(Variable.component).in_(lower))
    query = select(Variable).where(Variable.station == station, named)
    return {_key(row).compared: row for row in await db.scalars(query)}


async def put_variables(db: AsyncSession, station: str, values: Mapping[Key, Payload]) -> None:
    """Store what was told of variables, credentials left out.

    Args:
        db: a session of the store.
        station: whose.
        values: the columns told of each; what is not said stays.
    """
    known = await find_variables(db, station, {key.component for key in values})
    for key, told in values.items():
        if is_secret(key.name):
            continue
        row = known.get(key.compared)
        if row is None:
            row = known[key.compared] = Variable(station=station, **key._asdict())
            db.add(row)
        for column, value in told.items():
            setattr(row, column, value)


async def value_of(db: AsyncSession, station: str, key: Key) -> str | None:
    """Return the value that a station has told of a variable, None when it has not."""
    row = (await find_variables(db, station, {key.component})).get(key.compared)
    return None if row is None else row.value


def _key(row: Variable) -> Key:
    return Key(row.component, row.name, row.instance, row.component_instance, row.evse, row.connector, row.attribute)
