"""The messages of the product-adapter protocol, checked against its JSON Schema in both directions.

`protocol.schema.json` beside this file is the contract, also for adapters that import nothing of ours. The structs here are its
typed form on the host's side.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources

import jsonschema_rs
import msgspec
from v2x_harness.events import Json
from v2x_harness.operator import Placement

PROTOCOL = "v2x-adapter/1"


class ProtocolMismatch(Exception):
    """A line is no message of this protocol; the text says why."""


class Start(msgspec.Struct, frozen=True, tag="start", tag_field="type"):
    """Start the product at a placement."""

    placement: Placement
    protocol: str = PROTOCOL


class Do(msgspec.Struct, frozen=True, tag="do", tag_field="type"):
    """Perform a verb; ``within`` says for how many seconds the answer is waited for."""

    id: int
    verb: str
    arguments: dict[str, Json]
    within: float
    protocol: str = PROTOCOL


class Stop(msgspec.Struct, frozen=True, tag="stop", tag_field="type"):
    """Stop the product and end."""

    protocol: str = PROTOCOL


class Ready(msgspec.Struct, frozen=True, tag="ready", tag_field="type"):
    """The product runs."""

    product: str
    verbs: tuple[str, ...]
    product_version: str = ""
    endpoint: str = ""
    protocol: str = PROTOCOL


class Done(msgspec.Struct, frozen=True, tag="done", tag_field="type"):
    """The verb was performed."""

    id: int
    result: dict[str, Json]
    protocol: str = PROTOCOL


class Unsupported(msgspec.Struct, frozen=True, tag="unsupported", tag_field="type"):
    """The verb cannot be performed."""

    id: int
    verb: str
    message: str = ""
    protocol: str = PROTOCOL


class Failed(msgspec.Struct, frozen=True, tag="failed", tag_field="type"):
    """The verb (without ``id``: the start) failed."""

    message: str
    id: int | None = None
    hint: str = ""
    protocol: str = PROTOCOL


class Event(msgspec.Struct, frozen=True, tag="event", tag_field="type"):
    """Something happened that people may want to know."""

    name: str
    data: dict[str, Json] = {}
    protocol: str = PROTOCOL


class Stopped(msgspec.Struct, frozen=True, tag="stopped", tag_field="type"):
    """The product has ended."""

    protocol: str = PROTOCOL


type ToAdapter = Start | Do | Stop
type FromAdapter = Ready | Done | Unsupported | Failed | Event | Stopped


@cache
def schema_text() -> str:
    """Return the protocol's JSON Schema."""
    return resources.files(__package__).joinpath("protocol.schema.json").read_text(encoding="utf-8")


@cache
def _schema_of(definition: str) -> Callable[[object], list[str]]:
    whole = msgspec.json.decode(schema_text(), type=dict[str, object])
    validator = jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": whole["$defs"]})

    def problems(value: object) -> list[str]:
        return [
            f"{'/'.join(map(str, error.instance_path)) or 'message'}: {error.message}" for error in validator.iter_errors(value)
        ]

    return problems


_FROM_ADAPTER = frozenset({"ready", "done", "unsupported", "failed", "event", "stopped"})


def _typed(value: dict[str, object]) -> FromAdapter:
    return msgspec.convert(value, type=Ready | Done | Unsupported | Failed | Event | Stopped)


def encode(message: ToAdapter) -> bytes:
    """Write a message as one line.

    Raises:
        ProtocolMismatch: the schema forbids it (an argument that is no JSON object, a verb too long).
    """
    line = msgspec.json.encode(message)
    if problems := _schema_of("to_adapter")(msgspec.json.decode(line)):
        raise ProtocolMismatch("; ".join(problems[:3]))
    return line + b"\n"


def decode(line: bytes) -> FromAdapter:
    """Read one line of an adapter's standard output.

    Raises:
        ProtocolMismatch: it is no JSON object, of another protocol version, of no known type, or breaks the schema.
    """
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolMismatch(f"no JSON ({error})") from error
    if not isinstance(value, dict):
        raise ProtocolMismatch("JSON, but no object")
    if value.get("protocol") != PROTOCOL:
        raise ProtocolMismatch(f"of protocol {value.get('protocol')!r}, where this harness speaks {PROTOCOL!r}")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _FROM_ADAPTER:
        raise ProtocolMismatch(f"of type {kind!r}; an adapter sends {', '.join(sorted(_FROM_ADAPTER))}")
    if problems := _schema_of(kind)(value):
        raise ProtocolMismatch("; ".join(problems[:3]))
    try:
        return _typed(value)
    except msgspec.ValidationError as error:
        # JSON Schema takes 1.0 for an integer.
        raise ProtocolMismatch(str(error)) from error
