"""Who may charge: Local Authorization List, Authorization Cache, the CSMS, and what to do without it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from v2x_architecture.ocpp.errors import OcppError
from v2x_architecture.ocpp.station.availability import Availability
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import IdToken, TokenInfo
from v2x_architecture.ocpp.station.outbox import Offline
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.station.storage import Store

_CACHE = "authorization cache"
_LIST = "local list"
_VERSION = "local list version"


class Source(StrEnum):
    """Where an authorization comes from."""

    LOCAL_LIST = "local list"
    CACHE = "cache"
    CSMS = "CSMS"
    OFFLINE_UNKNOWN = "unknown offline"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an identifier may charge.

    Attributes:
        accepted: it may.
        info: what is known of it, if anything.
        source: who said so.
    """

    accepted: bool
    info: TokenInfo | None
    source: Source


class CacheEntry(msgspec.Struct):
    """What the cache keeps of an identifier.

    Attributes:
        info: as last heard from the CSMS.
        used_at: when it was last heard of or used; its life time counts from here.
    """

    info: TokenInfo
    used_at: datetime


class AuthorizationCache:
    """Identifiers the CSMS said something about (C10, C12).

    Args:
        store: where it is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries = store.load(_CACHE, CacheEntry)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, token: IdToken, now: datetime, life_time_s: float | None) -> TokenInfo | None:
        """Return what is known of a token; an expired entry is removed (C10.FR.08, FR.10, FR.13)."""
        entry = self._entries.get(token.key)
        if entry is None:
            return None
        if _expiry(entry, life_time_s) <= now:
            self._drop(token.key)
            return None
        return entry.info

    def put(self, token: IdToken, info: TokenInfo, now: datetime, size: int) -> None:
        """Keep what the CSMS said; the cache makes room: refused identifiers first, then the oldest (C10.FR.01, FR.07)."""
        self._entries.pop(token.key, None)
        while self._entries and len(self._entries) >= size:
            refused = (key for key, entry in self._entries.items() if not entry.info.accepted)
            self._drop(next(refused, None) or min(self._entries, key=lambda key: self._entries[key].used_at))
        if size > 0:
            entry = self._entries[token.key] = CacheEntry(info, now)
            self._store.put(_CACHE, token.key, entry)

    def touch(self, token: IdToken, now: datetime) -> None:
        """Note that an identifier was used: its life time begins anew."""
        entry = self._entries.get(token.key)
        if entry is not None:
            entry.used_at = now
            self._store.put(_CACHE, token.key, entry)

    def clear(self) -> None:
        """Forget all identifiers (C11)."""
        self._entries.clear()
        self._store.clear(_CACHE)

    def _drop(self, key: str) -> None:
        del self._entries[key]
        self._store.delete(_CACHE, key)


class ListEntry(msgspec.Struct, frozen=True):
    """An identifier of the local list."""

    token: IdToken
    info: TokenInfo


class LocalList:
    """The list that the CSMS sends (D01, D02).

    Args:
        store: where it is kept.

    Attributes:
        version: as the CSMS numbered it; 0: there is none.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries = store.load(_LIST, ListEntry)
        self.version = store.get(_VERSION, "version", int) or 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, token: IdToken) -> TokenInfo | None:
        """Return what the list says of a token, or None."""
        entry = self._entries.get(token.key)
        return None if entry is None else entry.info

    def replace(self, version: int, entries: list[ListEntry]) -> None:
        """Take a full list (D01.FR.04, FR.15)."""
        self._entries.clear()
        self._store.clear(_LIST)
        self.change(version, entries, [])

    def change(self, version: int, entries: list[ListEntry], removed: list[IdToken]) -> None:
        """Add, update and remove identifiers (D01.FR.16, FR.17)."""
        for token in removed:
            if self._entries.pop(token.key, None) is not None:
                self._store.delete(_LIST, token.key)
        for entry in entries:
            self._entries[entry.token.key] = entry
            self._store.put(_LIST, entry.token.key, entry)
        self.version = version
        self._store.put(_VERSION, "version", version)

    def size_after(self, entries: list[ListEntry], removed: list[IdToken]) -> int:
        """Return how many identifiers it would have after a change."""
        keys = set(self._entries) - {token.key for token in removed}
        return len(keys | {entry.token.key for entry in entries})


class Authorizing(Availability):
    """Adds the decision whether an identifier may charge (C01 to C16; 1.6: 3.4, 3.5, 4.1)."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.cache = AuthorizationCache(self.store)
        self.local_list = LocalList(self.store)

    @abstractmethod
    async def request_authorization(self, token: IdToken, evse: int | None) -> TokenInfo:
        """Ask the CSMS about an identifier.

        Raises:
            Offline, CallRefused, CallTimeout, ConnectionLost: there is no answer.
        """

    async def authorize(self, token: IdToken, evse: int | None) -> Decision:
        """Decide whether an identifier may charge: known locally, by asking the CSMS, or by the rules for being offline."""
        if token.type == "NoAuthorization" or not self.settings.auth_enabled:
            return Decision(accepted=True, info=None, source=Source.NOBODY)
        known = self.known_locally(token)
        if self.online and known is not None and self.trusts_local(known):
            return known
        if self.online and not self.settings.remote_authorization:
            return known or Decision(accepted=False, info=None, source=Source.NOBODY)
        if self.online:
            try:
                info = await self.request_authorization(token, evse)
            except (Offline, OcppError):
                return self.decide_offline(token, known)
            self.learn(token, info)
            return Decision(accepted=info.allows(evse), info=info, source=Source.CSMS)
        return self.decide_offline(token, known)

    def known_locally(self, token: IdToken) -> Decision | None:
        """Return what the local list, or else the cache, says of a token (C13.FR.01, C14.FR.01)."""
        settings, now = self.settings, self.now()
        if settings.list_enabled and (info := self.local_list.get(token)) is not None:
            fresh = not (settings.list_expiry and info.expires is not None and info.expires <= now)
            return Decision(accepted=info.accepted and fresh, info=info, source=Source.LOCAL_LIST)
        if settings.cache_enabled and (info := self.cache.get(token, now, settings.cache_life_time_s)) is not None:
            return Decision(accepted=info.accepted, info=info, source=Source.CACHE)
        return None

    def trusts_local(self, known: Decision) -> bool:
        """Whether what is known locally is enough while the CSMS can be asked (C10.FR.03, C12.FR.05, C14.FR.02, FR.03)."""
        if known.accepted:
            return self.settings.local_pre_authorize
        asks = self.settings.cache_asks_again if known.source is Source.CACHE else self.settings.list_asks_again
        return not asks

    def decide_offline(self, token: IdToken, known: Decision | None) -> Decision:
        """Decide without the CSMS (C13, C15): what is not Accepted locally is refused; the unknown may be allowed."""
        del token
        if known is not None:
            accepted = known.accepted and self.settings.local_authorize_offline
            return Decision(accepted=accepted, info=known.info, source=known.source)
        return Decision(accepted=self.settings.offline_tx_for_unknown_id, info=None, source=Source.OFFLINE_UNKNOWN)

    def learn(self, token: IdToken, info: TokenInfo) -> None:
        """Keep in the cache what the CSMS said (C10.FR.04, FR.05); some types are never kept (C02.FR.03, C03.FR.02)."""
        if self.settings.cache_enabled and token.type not in ("NoAuthorization", "Central"):
            self.cache.put(token, info, self.now(), self.cache_size(self.settings))

    def cache_size(self, settings: Settings) -> int:
        """Return how many identifiers fit into the cache."""
        return settings.cache_size

    def is_master_pass(self, info: TokenInfo | None) -> bool:
        """Whether an identifier may stop every transaction and start none (C16)."""
        group = self.settings.master_pass_group
        return bool(group) and info is not None and info.group.lower() == group.lower()


def _expiry(entry: CacheEntry, life_time_s: float | None) -> datetime:
    """Return when a cache entry expires: as the CSMS said, else a life time after its last use."""
    if entry.info.expires is not None:
        return entry.info.expires
    return _NEVER if life_time_s is None else entry.used_at + timedelta(seconds=life_time_s)


_NEVER = datetime.max.replace(tzinfo=UTC)
