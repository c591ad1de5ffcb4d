"""What a product says on the wire of which product it is."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_harness.events import Event, Frame, LinkEvent
from v2x_harness.field import Field

# Words for what BootNotification tells of a station, and what 1.6 and 2.0.1 call it.
_STATION = {
    "vendor": ("chargePointVendor", "vendorName"),
    "model": ("chargePointModel", "model"),
    "version": ("firmwareVersion", "firmwareVersion"),
    "serial": ("chargePointSerialNumber", "serialNumber"),
}


def identity_told(event: Event, role: str) -> dict[str, str]:
    """Return what an event tells of the product in a role: a station's BootNotification, either side of the handshake.

    Returns:
        ``vendor``, ``model``, ``version`` (of the firmware), ``serial`` of a station; ``server`` of a CSMS; ``subprotocol``: what
        a station offers and a CSMS takes; empty when it tells nothing.
    """
    if isinstance(event, LinkEvent):
        return {word: said for word, said in _handshake(event, role) if said}
    if role == "station" and isinstance(event, Frame) and event.label == "CALL BootNotification":
        if event.sender != role or event.media != "json" or event.fate == "injected":
            return {}
        boot = Field(event.form(), event.n)[3]
        station = boot.chargingStation
        told = {word: (station[v201] if station.exists else boot[v16]).peek() for word, (v16, v201) in _STATION.items()}
        return {word: said for word, said in told.items() if isinstance(said, str) and said}
    return {}


def _handshake(event: LinkEvent, role: str) -> Iterator[tuple[str, str]]:
    if event.event not in ("open", "refused"):
        return
    if role == "station":
        offered = event.detail.get("subprotocols_offered")
        yield "subprotocol", ", ".join(map(str, offered)) if isinstance(offered, list) else ""
    elif event.by != "tap":
        yield "subprotocol", str(event.detail.get("subprotocol") or "")
        headers = event.detail.get("response_headers")
        pairs = headers.items() if isinstance(headers, dict) else ()
        yield from (("server", value) for name, value in pairs if name.lower() == "server" and isinstance(value, str))
