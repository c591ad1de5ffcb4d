"""The charging profiles installed on a charging station: set, replaced, cleared, told, kept over a reboot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, override

from v2x_architecture.ocpp.smart_charging.composite import ChargingLimits
from v2x_architecture.ocpp.smart_charging.profile import STATION, Purpose, instant, profile_16, profile_201
from v2x_architecture.ocpp.smart_charging.rules import RULES_16, RULES_201, Capabilities, Situation, first_refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from v2x_architecture.ocpp.smart_charging.composite import Session, Site
    from v2x_architecture.ocpp.smart_charging.profile import Json, Profile
    from v2x_architecture.ocpp.smart_charging.rules import Refusal, Rule


class ProfileStore(ABC):
    """The installed profiles and the rules of one OCPP version for them.

    Args:
        site: the hardware that they limit.
        capabilities: of the station.
    """

    rules: ClassVar[tuple[Rule, ...]]

    def __init__(self, site: Site, capabilities: Capabilities | None = None) -> None:
        self.site = site
        self.capabilities = capabilities or Capabilities()
        self._profiles: dict[int, Profile] = {}

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All installed profiles, in the order they came."""
        return tuple(self._profiles.values())

    @abstractmethod
    def read(self, payload: Json, evse: int, received: datetime) -> Profile:
        """Read a profile of this version's messages.

        Raises:
            InvalidProfile: a date and time cannot be read.
        """

    def refusal(
        self, profile: Profile, sessions: Mapping[int, Session], *, starting: bool = False, serves_iso15118: bool = False
    ) -> Refusal | None:
        """Return why a profile cannot be taken, None when it can.

        Args:
            profile: as read.
            sessions: the transaction on each EVSE that has one.
            starting: whether it came with a remote start.
            serves_iso15118: whether the session is one of ISO 15118.
        """
        replaced = frozenset(one.id for one in self._replaced_by(profile))
        situation = Situation(self.site, self.capabilities, self.profiles, sessions, replaced, starting, serves_iso15118)
        return first_refusal(self.rules, profile, situation)

    def install(self, profile: Profile) -> list[Profile]:
        """Install a profile that is not refused, and return those it takes the place of."""
        replaced = self._replaced_by(profile)
        for one in replaced:
            del self._profiles[one.id]
        self._profiles[profile.id] = profile
        return replaced

    def _replaced_by(self, profile: Profile) -> list[Profile]:
        return [one for one in self.profiles if one.id == profile.id or self._takes_place_of(profile, one)]

    def _takes_place_of(self, _profile: Profile, _installed: Profile) -> bool:
        """Whether a new profile replaces one with another id."""
        return False

    def clear(
        self,
        *,
        profile_id: int | None = None,
        evse: int | None = None,
        purpose: Purpose | None = None,
        stack_level: int | None = None,
    ) -> list[Profile]:
        """Remove the profiles that match and return them (K10.FR.03, K10.FR.04; 1.6 errata 3.25, 3.26).

        An id decides alone, without it all that is named must fit; nothing named means all. External constraints stay
        (K10.FR.08, K10.FR.09).
        """
        removed = [
            one
            for one in self.profiles
            if one.purpose is not Purpose.EXTERNAL
            and (
                one.id == profile_id
                if profile_id is not None
                else evse in {None, one.evse} and purpose in {None, one.purpose} and stack_level in {None, one.stack_level}
            )
        ]
        for one in removed:
            del self._profiles[one.id]
        return removed

    def find(
        self,
        *,
        evse: int | None = None,
        ids: Collection[int] | None = None,
        purpose: Purpose | None = None,
        stack_level: int | None = None,
        sources: Collection[str] | None = None,
    ) -> list[Profile]:
        """Return the profiles that match everything named (K09.FR.04 to K09.FR.06)."""
        return [
            one
            for one in self.profiles
            if evse in {None, one.evse}
            and (not ids or one.id in ids)
            and purpose in {None, one.purpose}
            and stack_level in {None, one.stack_level}
            and (not sources or one.source in sources)
        ]

    def end_transaction(self, evse: int) -> list[Profile]:
        """Remove the TxProfiles of the transaction that ended on an EVSE, and return them (K02.FR.05; 1.6: 7.10)."""
        return self.clear(evse=evse, purpose=Purpose.TX)

    def release(self, profile_id: int) -> None:
        """Remove an external constraint that its external system released (K13.FR.01)."""
        self._profiles.pop(profile_id, None)

    def limits(self, sessions: Mapping[int, Session], now: datetime) -> ChargingLimits:
        """Return what may be drawn, as of now."""
        return ChargingLimits(self.site, self.profiles, sessions, now)

    def dump(self) -> list[dict[str, Any]]:
        """Return what must outlive a power cycle, as JSON (K01.FR.27; 1.6 errata 3.37)."""
        return [
            {"evse": one.evse, "received": one.received.isoformat(), "profile": dict(one.payload)}
            for one in self.profiles
            if one.purpose is not Purpose.EXTERNAL
        ]

    def load(self, dumped: Iterable[Json]) -> None:
        """Take the place of what is installed with what `dump` gave."""
        read = [self.read(one["profile"], one["evse"], instant(one["received"])) for one in dumped]
        self._profiles = {one.id: one for one in read}


class ProfileStore16(ProfileStore):
    """Charging profiles by the rules of 1.6."""

    rules = RULES_16

    @override
    def read(self, payload: Json, evse: int, received: datetime) -> Profile:
        return profile_16(payload, evse, received)

    @override
    def _takes_place_of(self, profile: Profile, installed: Profile) -> bool:
        """The same stack level and purpose replace (1.6: 3.13.2, 5.16.3); on its connector only, where one is named (3.13.1)."""
        if (installed.stack_level, installed.purpose) != (profile.stack_level, profile.purpose):
            return False
        return profile.evse in {installed.evse, STATION}


class ProfileStore201(ProfileStore):
    """Charging profiles by the rules of 2.0.1, where nothing but the same id replaces (K01.FR.05)."""

    rules = RULES_201

    @override
    def read(self, payload: Json, evse: int, received: datetime) -> Profile:
        return profile_201(payload, evse, received)
