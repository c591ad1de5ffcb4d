"""A small charging station on the PyPI package `ocpp`: OCPP 1.6J and 2.0.1.

Framing, correlation, schema validation, routing and error codes are the package's; what is here is a station's minimum of
hardware and behaviour.
"""
