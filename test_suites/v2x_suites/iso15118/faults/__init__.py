"""Seeded faults, controls and good peers of ISO 15118.

The tables are data: one TOML file a role, version and block, with ``[defaults]`` for all its tables. What a tap cannot do is
done by a subclass of the reference actor: a zoo with one docstring each, in ``secc_any.py`` and ``evcc_any.py`` where an edition
makes no difference, else in ``secc_2_dc.py``, ``evcc_20.py`` and so on.
"""
