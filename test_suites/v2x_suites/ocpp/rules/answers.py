"""Answers that do not fit their calls: errors for what is right, lists that leave something out, states that contradict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from v2x_architecture.ocpp.codes import ErrorCode, meaning
from v2x_harness.finding import Layer

from v2x_suites.ocpp.rules.actions import MANDATORY
from v2x_suites.ocpp.rules.problem import FINE, Problem
from v2x_suites.ocpp.rules.rule import rule

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

# Codes that say the call was not built as the schema has it.
_ABOUT_FORM = frozenset(
    {
        ErrorCode.FORMAT_VIOLATION,
        ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
        ErrorCode.PROTOCOL_ERROR,
        ErrorCode.TYPE_CONSTRAINT_VIOLATION,
        ErrorCode.RPC_FRAMEWORK_ERROR,
    }
)
# 2.0.1 lets a station refuse a message that is longer than it said it can take with one of these (B06.FR.16 and others).
_TOO_MUCH = frozenset({ErrorCode.FORMAT_VIOLATION, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION})
_LISTS = ("GetVariables", "SetVariables", "GetReport", "SetVariableMonitoring", "ClearVariableMonitoring", "SendLocalList")


@rule(
    "semantics.error-for-valid",
    Layer.SEMANTICS,
    on="CALLERROR *",
    v16="OCPP-J-1.6#4.2.3",
    v201="OCPP-J-2.0.1#4.2.3.only FR.02",
)
def error_for_valid(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A call that keeps to its schema is not refused as malformed."""
    call, code = message.call, meaning(message.code)
    if call is None or not call.clean or call.entry is None:
        return None
    if code not in _ABOUT_FORM or (code in _TOO_MUCH and call.action in _LISTS and message.version != "1.6"):
        return FINE
    words = f"the {call.action} of frame {call.n} keeps to its schema, and is refused as malformed"
    return (Problem("/2", words, "CALLRESULT", message.code, cite=_of_stations(message)),)


@rule(
    "semantics.not-implemented",
    Layer.SEMANTICS,
    on="CALLERROR *",
    v16="OCPP-1.6#3.3",
    v201="OCPP-J-2.0.1#4.2.3.only FR.02",
)
def not_implemented(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """What every station and every CSMS must have is not refused as unknown."""
    call = message.call
    if call is None or message.code not in ("NotImplemented", "NotSupported"):
        return None
    if call.action not in MANDATORY.get((message.session.table.ids, message.sender), ()):
        return FINE
    words = f"{call.action} is refused as {message.code}, though every {message.sender} has it"
    return (Problem("/2", words, "CALLRESULT", message.code, cite=_of_stations(message)),)


def _of_stations(message: OcppMessage) -> str:
    """Return the requirement that 2.0.1 has for stations; what holds for both sides is in OCPP-J."""
    return "FR.02" if message.sender == "station" and message.session.table.ids == "2.0.1" else ""


@rule(
    "semantics.keys-unanswered",
    Layer.SEMANTICS,
    on="CALLRESULT GetConfiguration, CALLRESULT GetVariables, CALLRESULT SetVariables",
    v16="OCPP-1.6#5.8",
    v201="B06.FR.01 B05.FR.01",
    parties=("station",),
)
def keys_unanswered(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Every key or variable that was asked for is in the answer, known or unknown."""
    call = message.call
    if call is None or not call.valid:
        return None
    if message.action == "GetConfiguration":
        asked = {key.lower() for key in call.payload.get("key", ())}
        told = {each["key"].lower() for each in message.payload.get("configurationKey", ())}
        told |= {key.lower() for key in message.payload.get("unknownKey", ())}
        if not asked:
            return None
        missing = sorted(asked - told)
        if not missing:
            return FINE
        words = f"{len(missing)} of {len(asked)} keys are neither known nor unknown: {', '.join(missing[:5])}"
        return (Problem("/2", words, "each key in configurationKey or unknownKey", f"{len(told)} keys"),)
    verb = "get" if message.action == "GetVariables" else "set"
    wanted, given = call.payload[f"{verb}VariableData"], message.payload[f"{verb}VariableResult"]
    if len(wanted) == len(given):
        return FINE
    words = f"{len(wanted)} variables were asked for, and {len(given)} are answered"
    cite = "B06.FR.01" if verb == "get" else "B05.FR.01"
    return (Problem(f"/2/{verb}VariableResult", words, str(len(wanted)), str(len(given)), cite=cite),)


@rule(
    "semantics.unknown-vendor",
    Layer.SEMANTICS,
    on="CALLRESULT DataTransfer",
    v16="OCPP-1.6#4.3",
)
def unknown_vendor(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Who does not know a vendor answers without data."""
    if message.payload["status"] != "UnknownVendorId":
        return None
    if "data" not in message.payload:
        return FINE
    return (Problem("/2/data", "the vendor is unknown, and the answer carries data", "no data", "data"),)


@rule(
    "semantics.availability",
    Layer.SEMANTICS,
    on="CALLRESULT ChangeAvailability",
    v16="OCPP-1.6#5.2",
    v201="G03.FR.05",
    parties=("station",),
)
def availability(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A connector with a transaction becomes unavailable when that has ended, not before."""
    call = message.call
    if call is None or not call.valid or call.payload.get("type", call.payload.get("operationalStatus")) != "Inoperative":
        return None
    if message.session.table.ids == "1.6":
        active = station.transactions_v16.active.get(call.payload["connectorId"])
        going_on = active is not None and not station.transactions_v16.unanswered
        where = f"connector {call.payload['connectorId']}"
    else:
        place = (call.payload.get("evse") or {}).get("id", 0)
        known = station.transactions_v201.known.get(station.transactions_v201.at.get(place, ""))
        going_on = known is not None and known.ended is None
        where = f"EVSE {place}"
    if not going_on:
        return None
    if message.payload["status"] != "Accepted":
        return FINE
    words = f"a transaction goes on at {where}, and the change is accepted at once"
    return (Problem("/2/status", words, "Scheduled", "Accepted"),)


@rule(
    "sequence.idle-unasked",
    Layer.SEQUENCE,
    on="CALL FirmwareStatusNotification, CALL DiagnosticsStatusNotification",
    v16="OCPP-1.6#4.5 OCPP-1.6#4.4",
    parties=("station",),
)
def idle_unasked(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Idle is said of firmware or diagnostics only when the CSMS asked."""
    if message.payload["status"] != "Idle":
        return None
    if message.action in station.registration.asked:
        return FINE
    cite = "OCPP-1.6#4.5" if message.action == "FirmwareStatusNotification" else "OCPP-1.6#4.4"
    words = "the status Idle is sent, and nobody asked for it"
    return (Problem("/3/status", words, "no message while there is nothing to tell", "Idle", cite=cite),)


@rule(
    "semantics.local-list",
    Layer.SEMANTICS,
    on="CALL SendLocalList",
    v16="OCPP-1.6#6.41 OCPP-1.6-errata#3.52 OCPP-1.6#7.1",
    v201="D01.FR.18 D01.FR.06 OCPP-2.0.1#AuthorizationData",
    parties=("csms",),
)
def local_list(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A local authorization list has a version above 0 and each token once, in full lists with what it may."""
    payload, problems = message.payload, []
    old = message.session.table.ids == "1.6"
    name = "listVersion" if old else "versionNumber"
    if payload[name] <= 0:
        cite = "OCPP-1.6-errata#3.52" if old else "D01.FR.18"
        words = "this version stands for an empty list or for none"
        problems.append(Problem(f"/3/{name}", words, "more than 0", str(payload[name]), cite=cite))
    seen: set[object] = set()
    for index, entry in enumerate(payload.get("localAuthorizationList", ())):
        token = entry["idTag"].lower() if old else (entry["idToken"]["idToken"].lower(), entry["idToken"]["type"])
        at = f"/3/localAuthorizationList/{index}"
        if token in seen:
            cite = "OCPP-1.6#6.41" if old else "D01.FR.06"
            problems.append(Problem(at, "the token is in the list twice", "each token once", str(token), cite=cite))
        seen.add(token)
        if payload["updateType"] == "Full" and ("idTagInfo" if old else "idTokenInfo") not in entry:
            words = "the list is full, and does not say what the token may"
            cite = "OCPP-1.6#7.1" if old else "OCPP-2.0.1#AuthorizationData"
            problems.append(Problem(at, words, "idTagInfo" if old else "idTokenInfo", "none", cite=cite))
    return problems


@rule(
    "semantics.token-case",
    Layer.SEMANTICS,
    on="CALLRESULT Authorize",
    v16="OCPP-1.6#7.28",
    v201="OCPP-2.0.1#IdTokenType",
    parties=("csms",),
)
def token_case(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A token is the same token in upper and in lower case."""
    token, status = _judged(message)
    if not token:
        return None
    known = station.tokens.get(token.lower())
    if known is None or known[0] == token:
        return None
    before, accepted, n = known
    if accepted == (status == "Accepted") or status not in ("Accepted", "Invalid", "Unknown"):
        return FINE
    at = "/2/idTagInfo/status" if message.session.table.ids == "1.6" else "/2/idTokenInfo/status"
    words = f"the token is {status} as {token!r}, and was otherwise as {before!r} (frame {n}); case does not count"
    return (Problem(at, words, "the same answer", status),)


def _judged(message: OcppMessage) -> tuple[str, str]:
    """Return the token that an Authorize asked for, and what the CSMS says of it."""
    call = message.call
    if call is None or not call.valid or not message.valid:
        return "", ""
    if message.session.table.ids == "1.6":
        return call.payload["idTag"], message.payload["idTagInfo"]["status"]
    return call.payload["idToken"]["idToken"], message.payload["idTokenInfo"]["status"]


RULES = (
    error_for_valid,
    not_implemented,
    keys_unanswered,
    unknown_vendor,
    availability,
    idle_unasked,
    local_list,
    token_case,
)

_TOKENS_KEPT = 256


def _learn_token(message: OcppMessage, station: Station) -> None:
    token, status = _judged(message)
    if token:
        tokens = station.tokens
        tokens.pop(token.lower(), None)
        tokens[token.lower()] = (token, status == "Accepted", message.n)
        if len(tokens) > _TOKENS_KEPT:
            del tokens[next(iter(tokens))]


LEARN: tuple[Lesson, ...] = (("CALLRESULT", "Authorize", _learn_token),)
