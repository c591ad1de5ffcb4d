"""What happens at a CSMS, told to whoever watches it: a console, a log. No credentials are in it (A01.FR.09, C04.FR.04)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from v2x_architecture.ocpp.csms.credentials import is_secret
from v2x_architecture.ocpp.messages import Payload

HIDDEN = "***"

Sender = Literal["station", "csms"]


class Connected(msgspec.Struct, frozen=True, kw_only=True, tag="connected", tag_field="event"):
    """A station has connected."""

    at: datetime
    station: str
    version: str


class Disconnected(msgspec.Struct, frozen=True, kw_only=True, tag="disconnected", tag_field="event"):
    """A station's connection has ended; `code` and `reason` are those of WebSocket."""

    at: datetime
    station: str
    code: int | None
    reason: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused", tag_field="event"):
    """An opening handshake was refused with an HTTP status."""

    at: datetime
    station: str
    status: int
    text: str


class Exchange(msgspec.Struct, frozen=True, kw_only=True, tag="exchange", tag_field="event"):
    """A CALL and what came of it.

    Attributes:
        at: when the answer was known.
        station: with whom.
        sender: who sent the CALL.
        action, request: of the CALL.
        response: payload of the CALLRESULT, None when there was none.
        error: code and description of the CALLERROR, or what happened instead of an answer.
    """

    at: datetime
    station: str
    sender: Sender
    action: str
    request: dict[str, Any]
    response: dict[str, Any] | None = None
    error: str | None = None


type Activity = Connected | Disconnected | Refused | Exchange

type Watch = Callable[[Activity], None]


def hidden(payload: Payload) -> Payload:
    """Return a payload without the credentials in it: passwords, and the key codes that drivers type in."""
    shown = copy.deepcopy(payload)
    _hide(shown)
    return shown


def _hide(value: Any) -> None:
    if isinstance(value, list):
        for member in value:
            _hide(member)
    if not isinstance(value, dict):
        return
    if value.get("type") == "KeyCode" and "idToken" in value:
        value["idToken"] = HIDDEN
    if is_secret(value.get("key")) and "value" in value:
        value["value"] = HIDDEN
    variable = value.get("variable")
    if isinstance(variable, dict) and is_secret(variable.get("name")):
        for name in ("attributeValue", "actualValue"):
            if name in value:
                value[name] = HIDDEN
        for attribute in value.get("variableAttribute", []):
            attribute["value"] = HIDDEN
    for member in value.values():
        _hide(member)
