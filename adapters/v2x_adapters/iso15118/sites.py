"""What the reference SECC and EVCC stand on: a plug with an EVSE on one side and an EV on the other, as settings want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import APPLICATIONS, Application
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json

from v2x_adapters.acting import configured

type Energy = Literal["AC", "DC"]

OUTLET: Final = AcOutletModel(max_discharge_a=32.0)
"""Of the reference SECC: three phases, both ways."""
SUPPLY: Final = DcSupplyModel(max_discharge_a=100.0, max_discharge_w=30_000.0, check_seconds=1.0)
"""Of the reference SECC, both ways."""
VEHICLE: Final = VehicleModel(soc=50.0)
RESS: Final = RessModel(max_discharge_a=100.0, max_discharge_w=30_000.0)
"""Of the reference EVCC: a battery that gives as well as it takes."""


def plug(energy: Energy, settings: Mapping[str, Json], *, evse: bool = True, ev: bool = True) -> Coupling:
    """Return a plug.

    Args:
        energy: what flows there.
        settings: ``outlet``, ``supply``, ``vehicle`` and ``ress`` say what the models have otherwise.
        evse: whether the EVSE is a model of ours.
        ev: whether the EV is.

    Raises:
        AdapterError: a model cannot be so.
    """
    parts = {name: _table(settings, name) for name in ("outlet", "supply", "vehicle", "ress")}
    made = Coupling()
    if ev:
        vehicle = ElectricVehicle(configured(VEHICLE, parts["vehicle"]))
        made = Coupling(vehicle=vehicle, ress=Ress(configured(RESS, parts["ress"]), vehicle))
    if evse and energy == "AC":
        made.outlet = configured(OUTLET, parts["outlet"])
    elif evse:
        made.supply = DcSupply(configured(SUPPLY, parts["supply"]))
    return made


def applications_of(version: str, energy: Energy) -> tuple[Application, ...]:
    """Return what an actor speaks that has one edition: ``din``, ``2`` or ``20``.

    Raises:
        AdapterError: there is no such edition.
    """
    names = {"din": "din", "2": "iso2", "20": f"iso20-{energy.lower()}"}
    if version not in names:
        raise AdapterError(f"there is no edition {version} of ISO 15118", f"there are {', '.join(names)}")
    return (APPLICATIONS[names[version]],)


def energy_of(settings: Mapping[str, Json]) -> Energy:
    """Return what flows at a plug: the setting ``energy``, DC where there is none.

    Raises:
        AdapterError: it is neither AC nor DC.
    """
    energy = settings.get("energy", "DC")
    if energy not in ("AC", "DC"):
        raise AdapterError(f"energy is {energy!r}", "it is AC or DC")
    return "AC" if energy == "AC" else "DC"


def _table(settings: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    table = settings.get(name, {})
    if not isinstance(table, Mapping):
        raise AdapterError(f"the setting {name} of the reference actor is wrong: it is a table")
    return table
