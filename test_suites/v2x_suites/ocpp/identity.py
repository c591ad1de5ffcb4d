"""What a product says on the wire of which product it is."""

from __future__ import annotations

from v2x_harness.events import Event, Frame, Json, LinkEvent
from v2x_harness.field import Field

# Words for what BootNotification tells of a station, and what 1.6 and 2.0.1 call it.
_STATION = {
    "vendor": ("chargePointVendor", "vendorName"),
    "model": ("chargePointModel", "model"),
    "version": ("firmwareVersion", "firmwareVersion"),
    "serial": ("chargePointSerialNumber", "serialNumber"),
}


def identity_told(event: Event, role: str) -> dict[str, str]:
    """Return what an event tells of the product in a role: a station's BootNotification, the HTTP response of a CSMS.

    Returns:
        ``vendor``, ``model``, ``version`` (of the firmware), ``serial``; ``server`` of a CSMS; empty when it tells nothing.
    """
    if role == "station" and isinstance(event, Frame) and event.label == "CALL BootNotification":
        if event.sender != role or event.media != "json" or event.fate == "injected":
            return {}
        boot = Field(event.form(), event.n)[3]
        station = boot.chargingStation
        told = {word: (station[v201] if station.exists else boot[v16]).peek() for word, (v16, v201) in _STATION.items()}
        return {word: said for word, said in told.items() if isinstance(said, str) and said}
    if role == "csms" and isinstance(event, LinkEvent) and event.event in ("open", "refused") and event.by != "tap":
        return _server(event.detail.get("response_headers"))
    return {}


def _server(headers: Json) -> dict[str, str]:
    pairs = headers.items() if isinstance(headers, dict) else ()
    said = next((value for name, value in pairs if name.lower() == "server" and isinstance(value, str)), "")
    return {"server": said} if said else {}
