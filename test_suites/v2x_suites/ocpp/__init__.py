"""OCPP: requirements, rules, cases and faults."""
