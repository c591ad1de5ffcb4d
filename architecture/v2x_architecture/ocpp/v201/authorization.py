"""Functional blocks C and D: Authorize, the Authorization Cache, the Local Authorization List."""

from __future__ import annotations

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.authorizing import ListEntry
from v2x_architecture.ocpp.station.link import readable
from v2x_architecture.ocpp.station.model import IdToken, TokenInfo
from v2x_architecture.ocpp.v201.base import Base201, info_of, token_of, token_payload


class Authorization(Base201):
    """C01 to C16, D01, D02: the messages; the decisions are `Authorizing`'s."""

    async def request_authorization(self, token: IdToken, evse: int | None) -> TokenInfo:
        """Ask the CSMS about an identifier (C01.FR.02)."""
        del evse
        answer = await self.outbox.send("Authorize", {"idToken": token_payload(token)}, urgent=True)
        with readable("Authorize"):
            return info_of(answer["idTokenInfo"])

    def on_clear_cache(self, payload: Payload) -> Payload:
        """Clear the cache, unless it is switched off (C11)."""
        del payload
        if not self.settings.cache_enabled:
            return {"status": "Rejected"}
        self.cache.clear()
        return {"status": "Accepted"}

    def on_get_local_list_version(self, payload: Payload) -> Payload:
        """Return the version of the list; 0: there is none, or it is switched off (D02)."""
        del payload
        return {"versionNumber": self.local_list.version if self.settings.list_enabled else 0}

    def on_send_local_list(self, payload: Payload) -> Payload:
        """Replace or change the list (D01)."""
        if not self.settings.list_enabled:
            return {"status": "Failed", "statusInfo": {"reasonCode": "NotEnabled"}}
        version, full = payload["versionNumber"], payload["updateType"] == "Full"
        if version <= 0:
            return {"status": "Failed", "statusInfo": {"reasonCode": "ValuePositiveOnly"}}
        if not full and version <= self.local_list.version:
            return {"status": "VersionMismatch"}
        items = payload.get("localAuthorizationList", [])
        entries = [ListEntry(token_of(item["idToken"]), info_of(item["idTokenInfo"])) for item in items if "idTokenInfo" in item]
        removed = [token_of(item["idToken"]) for item in items if "idTokenInfo" not in item]
        problem = self.list_problem(entries, removed, full=full)
        if problem is not None:
            return {"status": "Failed", "statusInfo": {"reasonCode": problem}}
        if full:
            self.local_list.replace(version, entries)
        else:
            self.local_list.change(version, entries, removed)
        return {"status": "Accepted"}

    def list_problem(self, entries: list[ListEntry], removed: list[IdToken], *, full: bool) -> str | None:
        """Return the reason code why a list cannot be taken, None when it can (D01.FR.06, FR.12)."""
        keys = [entry.token.key for entry in entries] + [token.key for token in removed]
        if len(set(keys)) != len(keys):
            return "InvalidValue"
        if full and removed:
            return "MissingParam"
        size = len(entries) if full else self.local_list.size_after(entries, removed)
        if size > self.settings.list_size:
            return "OutOfStorage"
        if len(keys) > int(self.device.get("LocalAuthListCtrlr.ItemsPerMessage")):
            return "TooManyElements"
        return None
