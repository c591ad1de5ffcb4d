"""The vehicle behind the plug: battery, charger, driver's wishes. Makes meter values physical."""

from v2x_architecture.vehicle.battery import ElectricVehicle, VehicleModel
from v2x_architecture.vehicle.ress import Ress, RessModel

__all__ = ["ElectricVehicle", "Ress", "RessModel", "VehicleModel"]
