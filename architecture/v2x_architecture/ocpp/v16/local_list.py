"""The Local Authorization List Management profile (5.10, 5.15)."""

from __future__ import annotations

from typing import Final

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.authorizing import ListEntry
from v2x_architecture.ocpp.station.model import IdToken
from v2x_architecture.ocpp.v16.core import Core16
from v2x_architecture.ocpp.v16.messages import Json, token_info

NOT_SUPPORTED: Final = -1
"""listVersion of a charge point without a local list (5.10)."""

EMPTY: Final = 0
"""listVersion of an empty list (5.10)."""


class LocalList16(Core16):
    """Adds the answers about the local list; where it is disabled, as if there were none."""

    def on_get_local_list_version(self, request: Payload) -> Json:
        """Answer GetLocalListVersion."""
        del request
        if not self.settings.list_enabled:
            return {"listVersion": NOT_SUPPORTED}
        return {"listVersion": self.local_list.version if len(self.local_list) else EMPTY}

    def on_send_local_list(self, request: Payload) -> Json:
        """Answer SendLocalList."""
        return {"status": self.update_list(request)}

    def update_list(self, request: Payload) -> str:
        """Take a full list or changes to it; return UpdateStatus (7.47)."""
        version, full = request["listVersion"], request["updateType"] == "Full"
        data = request.get("localAuthorizationList", [])
        if not self.settings.list_enabled:
            return "NotSupported"
        if version < 1 or not self.list_is_sound(data, full=full):
            return "Failed"
        if not full and version <= self.local_list.version:
            return "VersionMismatch"
        entries = [ListEntry(IdToken(each["idTag"]), token_info(each["idTagInfo"])) for each in data if "idTagInfo" in each]
        removed = [IdToken(each["idTag"]) for each in data if "idTagInfo" not in each]
        if (len(entries) if full else self.local_list.size_after(entries, removed)) > self.settings.list_size:
            return "Failed"
        if full:
            self.local_list.replace(version, entries)
        else:
            self.local_list.change(version, entries, removed)
        return "Accepted"

    def list_is_sound(self, data: list[Json], *, full: bool) -> bool:
        """Whether a list is short enough, names no idTag twice and, when it is a full one, judges each (6.41, 7.1)."""
        keys = {IdToken(str(each["idTag"])).key for each in data}
        fits = len(data) <= self.configuration.integer("SendLocalListMaxLength")
        return fits and len(keys) == len(data) and not (full and any("idTagInfo" not in each for each in data))
