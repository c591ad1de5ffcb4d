"""Labels for OCPP-J frames: ``CALL BootNotification``, ``CALLRESULT BootNotification``.

A result names no action, so the calls of each side are remembered by their message id (OCPP-J, Part 4 §4).
"""

from __future__ import annotations

import re

from v2x_harness.events import Json

# So many calls of one side are remembered, answered or not; an older one is forgotten. A flood has thousands on their way before
# the first of them is answered.
_REMEMBERED = 16_384

_BEGINNING = re.compile(r'\s*\[\s*([23])\s*,\s*"([^"\\]*)"\s*,\s*(?:"([^"\\]*)"\s*,\s*)?\{')


class OcppLabeller:
    """Labels the frames of one link, matching answers with calls."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, str]] = {}

    def label(self, sender: str, form: Json, beginning: str = "") -> str:
        """Return the label of a frame; ``malformed`` for what is no OCPP-J frame.

        Args:
            sender: role that sent it.
            form: its decoded form.
            beginning: of a message too large to be decoded, the first characters: enough for its label.
        """
        if begun := _BEGINNING.match(beginning):
            kind, message_id, action = begun.groups()
            form = [2, message_id, action, {}] if kind == "2" else [3, message_id, {}]
        match form:
            case [2, str() as message_id, str() as action, _]:
                calls = self._calls.setdefault(sender, {})
                calls[message_id] = action
                if len(calls) > _REMEMBERED:
                    del calls[next(iter(calls))]
                return f"CALL {action}"
            case [3, str() as message_id, _]:
                return f"CALLRESULT {self._action(sender, message_id, own=False)}"
            case [4, str() as message_id, _, _, _]:
                return f"CALLERROR {self._action(sender, message_id, own=False)}"
            case [5, str() as message_id, _, _, _]:
                # It answers a CALLRESULT, so it comes from the side that called (OCPP 2.1, Part 4 §4.2.3).
                return f"CALLRESULTERROR {self._action(sender, message_id, own=True)}"
            case [6, str(), str() as action, _]:
                return f"SEND {action}"
        return "malformed"

    def _action(self, sender: str, message_id: str, *, own: bool) -> str:
        for role, calls in self._calls.items():
            if (role == sender) is own and message_id in calls:
                return calls[message_id]
        return "?"


class OcppDialect:
    """OCPP-J over WebSocket."""

    def protocol(self, subprotocol: str) -> str:
        """Return ``ocpp/1.6``, ``ocpp/2.0.1``, ``ocpp/2.1``; nothing for what is no OCPP subprotocol."""
        return f"ocpp/{subprotocol[4:]}" if subprotocol.startswith("ocpp") and len(subprotocol) > 4 else ""

    def labeller(self) -> OcppLabeller:
        """Return what labels the frames of a new link."""
        return OcppLabeller()
