"""Schema: whether an action exists, who may send it, and whether a payload keeps to the version's schema."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_architecture.ocpp import schema
from v2x_harness.finding import Layer

from v2x_suites.ocpp.rules import strings
from v2x_suites.ocpp.rules.actions import close_to, initiators, known_elsewhere
from v2x_suites.ocpp.rules.problem import BOTH, Problem, info
from v2x_suites.ocpp.rules.stream import OcppMessage
from v2x_suites.ocpp.rules.table import Entry

REQUEST = info(
    "schema.request",
    Layer.SCHEMA,
    "The payload of a CALL keeps to the schema of its action.",
    v16="OCPP-1.6#6",
    v201="OCPP-J-2.0.1#4.1.7",
)
RESPONSE = info(
    "schema.response",
    Layer.SCHEMA,
    "The payload of a CALLRESULT keeps to the schema of the action it answers.",
    v16="OCPP-1.6#6",
    v201="OCPP-J-2.0.1#4.1.7",
)
ACTION = info(
    "schema.action",
    Layer.SCHEMA,
    "The action of a CALL is one that the version has.",
    v16="OCPP-J-1.6#4.2.1",
    v201="OCPP-J-2.0.1#4.1.6",
)
DIRECTION = info(
    "schema.direction",
    Layer.SCHEMA,
    "An action is sent by the side that the specification gives it to.",
    v16="OCPP-1.6#3.3",
    v201="OCPP-2.0.1#messages",
    parties=BOTH,
)
INFOS = (REQUEST, RESPONSE, ACTION, DIRECTION)


def of_payload(message: OcppMessage, entry: Entry) -> Iterator[Problem]:
    """Say all that is wrong with a payload, by schema and by format."""
    version = message.version
    described = REQUEST if entry.kind == "request" else RESPONSE
    for found in schema.validate(version, entry.action, entry.kind, message.payload):
        yield Problem(
            message.at + found.pointer, f"{entry.action}: {found.text}", seen=_at(message, found.pointer), rule=described
        )
    yield from strings.explain(version, schema.schema(version, entry.action, entry.kind), message.payload, message.at)


def of_unknown_result(message: OcppMessage) -> Iterator[Problem]:
    """Say what is wrong with a result whose action is not known: its time is a time in any case."""
    if isinstance(time := message.payload.get("currentTime"), str):
        yield from strings.of_timestamp(message.version, time, "/2/currentTime")


def of_action(message: OcppMessage) -> Problem:
    """Say what is wrong with an action that the version does not have."""
    version, action = message.version, message.action
    hint = ""
    if close := close_to(version, action):
        hint = f"; {close} is how it is written"
    elif elsewhere := known_elsewhere(action):
        hint = f"; it belongs to {' and '.join(elsewhere)}"
    return Problem("/2", f"OCPP {version} has no action {action[:60]!r}{hint}", "an action of the version", action[:60], ACTION)


def of_direction(message: OcppMessage) -> Problem:
    """Say that this action is not this side's to send."""
    expected = " or ".join(sorted(initiators(message.version, message.action)))
    words = f"{message.action} is not for the {message.sender} to send"
    return Problem("/2", words, f"sent by the {expected}", f"sent by the {message.sender}", DIRECTION)


def _at(message: OcppMessage, pointer: str) -> str:
    value: object = message.payload
    for part in pointer.split("/")[1:]:
        match value:
            case dict():
                value = value.get(part.replace("~1", "/").replace("~0", "~"))
            case list() if part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            case _:
                return ""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}…"
