"""What stands on the site beside the vehicles: meters."""

from v2x_architecture.site.meter import Meter, Reading
from v2x_architecture.site.signing import Signer

__all__ = ["Meter", "Reading", "Signer"]
