"""The vehicle behind the plug: battery, charger, driver's wishes. Makes meter values physical."""

from v2x_architecture.vehicle.battery import ElectricVehicle, VehicleModel

__all__ = ["ElectricVehicle", "VehicleModel"]
