"""Charging profiles that a station was given."""

from __future__ import annotations


class Profiles:
    """The profiles that a station of 2.0.1 was given: by EVSE, purpose, stack level and transaction, the profile's id."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: dict[tuple[object, ...], tuple[int, str | None, str | None]] = {}
