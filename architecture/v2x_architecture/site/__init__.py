"""What stands on the site beside the vehicles: meters."""

from v2x_architecture.site.meter import Meter, Reading

__all__ = ["Meter", "Reading"]
