"""Seeded faults, controls and good peers of OCPP.

The tables are data: one TOML file a role, version and block, with ``[defaults]`` for all its tables. What a tap cannot do is
done by a subclass of the reference actor, in ``station_v16.py``, ``station_v201.py``, ``csms_v16.py`` and ``csms_v201.py``: a zoo
with one docstring each.
"""
