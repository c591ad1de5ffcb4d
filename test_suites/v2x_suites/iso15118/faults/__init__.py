"""Seeded faults, controls and good peers of ISO 15118.

The tables are data: one TOML file a role, version and block, with ``[defaults]`` for all its tables. What a tap cannot do is
done by a subclass of the reference actor, in ``secc_din.py``, ``secc_2.py``, ``evcc_20.py`` and so on: a zoo with one docstring
each.
"""
