"""ISO 15118-2, -20 and DIN SPEC 70121: requirements, rules, cases, faults."""

from v2x_suites.iso15118.suite import PROTOCOL

__all__ = ["PROTOCOL"]
