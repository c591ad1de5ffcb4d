"""What a V2G message, or a connection that carries such, says in a few words: for charts, and to tell when something changes."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_harness.events import Frame, Json, LinkEvent

# Fields that say how a session goes, with what they say as long as nothing happens. In the order in which they are told.
_TOLD: dict[str, frozenset[Json]] = {
    "ResponseCode": frozenset(),
    "EVSEProcessing": frozenset({"Finished"}),
    "EVProcessing": frozenset({"Finished"}),
    "RequestedEnergyTransferMode": frozenset(),
    "EVRequestedEnergyTransferType": frozenset(),
    "SelectedPaymentOption": frozenset(),
    "SelectedAuthorizationService": frozenset(),
    "ChargeProgress": frozenset(),
    "ReadyToChargeState": frozenset(),
    "ChargingSession": frozenset(),
    "EVErrorCode": frozenset({"NO_ERROR"}),
    "EVSEStatusCode": frozenset({"EVSE_Ready"}),
    "EVSENotification": frozenset({"None"}),
    "EVSEIsolationStatus": frozenset({"Valid", "Invalid"}),
}
_SECURITY = {0x00: "TLS", 0x10: "no TLS"}
_DEEPEST = 8


def is_v2g(event: Frame) -> bool:
    """Tell whether a frame is a V2GTP message with a decoded form."""
    return isinstance(event.decoded, dict) and "v2gtp" in event.decoded


def brief(frame: Frame) -> str:
    """Return what a V2GTP message says, beside its name: its response code, and what is not as usual; empty for others."""
    form = frame.decoded
    if not isinstance(form, dict) or "v2gtp" not in form:
        return ""
    match form:
        case {"SECCDiscoveryReq": {"Security": wanted}}:
            return f"{_security(wanted)} wanted"
        case {"SECCDiscoveryRes": {"SECC_IP_Address": address, "SECC_Port": port, "Security": offered}}:
            return f"[{address}]:{port}, {_security(offered)}"
        case {"supportedAppProtocolReq": {"AppProtocol": [*offered]}}:
            return ", ".join(_namespaces(offered))
        case {"problem": str() as problem}:
            return problem
    found: dict[str, Json] = {}
    for name, value in _members(form, 0):
        usual = _TOLD.get(name)
        if usual is not None and not isinstance(value, dict | list) and value not in usual:
            found.setdefault(name, value)
    return ", ".join(_said(name, found[name]) for name in _TOLD if name in found)


def failed(frame: Frame) -> bool:
    """Tell whether a response says that it failed."""
    return any(name == "ResponseCode" and str(value).upper().startswith("FAILED") for name, value in _members(frame.decoded, 0))


def connection(event: LinkEvent) -> str:
    """Say what became of a connection between EVCC and SECC; empty for connections of other protocols."""
    detail = event.detail
    reason = f": {detail['reason']}" if detail.get("reason") else ""
    match event.event:
        case "open" if event.protocol.partition("/")[0] == "iso15118":
            if detail.get("untouched"):
                return "TCP connected; what is said is left as it is"
            tls = detail.get("tls") or detail.get("secc_tls")
            if not isinstance(tls, dict):
                return "TCP connected, no TLS"
            sides = ", both sides" if "tls" in detail and "secc_tls" in detail else ""
            mutual = ", EV certificate" if "tls" in detail and "peer" in tls else ""
            return f"TCP, {tls.get('version', 'TLS')} {tls.get('cipher', '')}".rstrip() + sides + mutual
        case "tls" if "with" in detail:
            who = str(detail["with"]).upper()
            return f"TLS handshake with the {who} failed{reason}"
    return ""


def _security(code: Json) -> str:
    return _SECURITY.get(code, f"security {code}") if isinstance(code, int) else f"security {code}"


def _namespaces(offered: list[Json]) -> Iterator[str]:
    for each in offered:
        if isinstance(each, dict):
            namespace = str(each.get("ProtocolNamespace", ""))
            yield namespace.removeprefix("urn:").removesuffix(":MsgDef").removesuffix(":CommonMessages")


def _members(form: Json, depth: int) -> Iterator[tuple[str, Json]]:
    if depth > _DEEPEST:
        return
    if isinstance(form, dict):
        for name, value in form.items():
            yield name, value
            if isinstance(value, dict | list):
                yield from _members(value, depth + 1)
    elif isinstance(form, list):
        for value in form:
            yield from _members(value, depth + 1)


def _said(name: str, value: Json) -> str:
    return f"{name} {str(value).lower()}" if isinstance(value, bool) else str(value)
