"""Products that live in a process of their own, and the JSON-lines protocol they are driven with."""

from v2x_adapters.process.host import AdapterProcess, Limits
from v2x_adapters.process.product import AdapterProduct

__all__ = ["AdapterProcess", "AdapterProduct", "Limits"]
