"""What stands on the site beside the vehicles: meters, outlets and power supplies."""

from v2x_architecture.site.meter import Meter, Reading
from v2x_architecture.site.signing import Signer
from v2x_architecture.site.supply import AcOutletModel, DcSupply, DcSupplyModel

__all__ = ["AcOutletModel", "DcSupply", "DcSupplyModel", "Meter", "Reading", "Signer"]
