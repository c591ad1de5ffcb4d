"""The V2GTP tap: a point of control and observation between an EVCC and an SECC."""

from v2x_adapters.v2gtp.tap import V2gtpTap

__all__ = ["V2gtpTap"]
