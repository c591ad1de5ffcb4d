"""OCPP 1.6J and 2.0.1: requirements, rules, cases, faults."""

from v2x_suites.ocpp.suite import PROTOCOL

__all__ = ["PROTOCOL"]
