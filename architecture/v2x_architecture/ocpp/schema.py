"""The JSON Schemas of OCPP 1.6, 2.0.1 and 2.1, and what the error tables say about a payload that breaks one.

The schemas are those that come with the PyPI package ``ocpp``, corrected by ``overlay.toml``. A payload is first put to
jsonschema-rs, which takes microseconds; only one that fails is put to jsonschema, which says in words why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import jsonschema_rs
import orjson
from jsonschema import Draft6Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from v2x_architecture.ocpp.codes import ErrorCode, spell
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.versions import Version

type Kind = Literal["request", "response"]

_FOLDERS: Final[dict[Version, str]] = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}

_C: Final = ErrorCode

# What breaking a keyword means in the words of the error table, the closest code first. The tables overlap: a missing field is an
# occurrence constraint, and an incomplete (1.6) or non-conforming (2.x) payload too. So each also has the others that fit.
_CODES: Final[dict[str, tuple[ErrorCode, ...]]] = {
    "required": (_C.OCCURRENCE_CONSTRAINT_VIOLATION, _C.PROTOCOL_ERROR, _C.FORMAT_VIOLATION),
    "minItems": (_C.OCCURRENCE_CONSTRAINT_VIOLATION, _C.PROPERTY_CONSTRAINT_VIOLATION, _C.FORMAT_VIOLATION),
    "maxItems": (_C.OCCURRENCE_CONSTRAINT_VIOLATION, _C.PROPERTY_CONSTRAINT_VIOLATION, _C.FORMAT_VIOLATION),
    "additionalProperties": (
        _C.FORMAT_VIOLATION,
        _C.PROTOCOL_ERROR,
        _C.OCCURRENCE_CONSTRAINT_VIOLATION,
        _C.PROPERTY_CONSTRAINT_VIOLATION,
    ),
    "type": (_C.TYPE_CONSTRAINT_VIOLATION, _C.FORMAT_VIOLATION, _C.PROPERTY_CONSTRAINT_VIOLATION),
}
_VALUE_CODES: Final = (_C.PROPERTY_CONSTRAINT_VIOLATION, _C.TYPE_CONSTRAINT_VIOLATION, _C.FORMAT_VIOLATION)


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One way in which a payload breaks its schema.

    Attributes:
        pointer: JSON Pointer into the payload; for a missing property, to the object that lacks it.
        code: the error code that fits best, as the version spells it.
        text: what is wrong, in words.
        keyword: the keyword of JSON Schema that is broken.
        also: further codes of the version whose description fits.
    """

    pointer: str
    code: str
    text: str
    keyword: str = ""
    also: tuple[str, ...] = ()


def actions(version: Version) -> frozenset[str]:
    """Return the actions of a version, those of the 1.6 security whitepaper included."""
    return frozenset(action for action, kind in _catalogue(version) if kind == "request")


def schema(version: Version, action: str, kind: Kind) -> dict[str, Any]:
    """Return the schema of a message, corrected by the overlay; treat it as read-only.

    Raises:
        LookupError: the version has no such message (a SEND has no response).
    """
    try:
        name = _catalogue(version)[action, kind]
    except KeyError:
        raise LookupError(f"OCPP {version} has no {kind} {action!r}") from None
    return _load(version, name)


def is_valid(version: Version, action: str, kind: Kind, payload: object, *, formats: bool = False) -> bool:
    """Tell whether a payload keeps to its schema; False for an action that the version does not have.

    Args:
        version: of OCPP.
        action: name of the message without ``Request`` or ``Response``.
        kind: which of the two.
        payload: the JSON value.
        formats: assert ``date-time`` and ``uri`` too.
    """
    validator = _fast(version, action, kind, formats)
    return validator is not None and validator.is_valid(payload)


def validate(version: Version, action: str, kind: Kind, payload: object, *, formats: bool = False) -> list[SchemaProblem]:
    """Return all that is wrong with a payload, empty when nothing is.

    Args:
        version: of OCPP.
        action: name of the message without ``Request`` or ``Response``.
        kind: which of the two.
        payload: the JSON value.
        formats: assert ``date-time`` and ``uri`` too.
    """
    validator = _fast(version, action, kind, formats)
    if validator is None:
        code = spell(_C.NOT_IMPLEMENTED, version)
        return [SchemaProblem("", code, f"OCPP {version} has no {kind} {action!r}")]
    if validator.is_valid(payload):
        return []
    return _explain(version, action, kind, payload, formats=formats)


def refusal(version: Version, problems: list[SchemaProblem]) -> CallRefused:
    """Return the CALLERROR that answers a request with these problems (at least one)."""
    first = problems[0]
    where = f"{first.pointer}: " if first.pointer else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return CallRefused(spell(first.code, version), f"{where}{first.text}{more}")


@cache
def _catalogue(version: Version) -> Mapping[tuple[str, Kind], str]:
    """Return the file names of a version's schemas, without extension, by action and kind."""
    names: dict[tuple[str, Kind], str] = {}
    for entry in files("ocpp").joinpath(_FOLDERS[version], "schemas").iterdir():
        name = entry.name.removesuffix(".json")
        if name == entry.name:
            continue
        if name.endswith("Response"):
            names[name.removesuffix("Response"), "response"] = name
        else:
            # 1.6 names a request by its action; in 2.1 so does the one SEND.
            names[name.removesuffix("Request"), "request"] = name
    return names


@cache
def _load(version: Version, name: str) -> dict[str, Any]:
    text = files("ocpp").joinpath(_FOLDERS[version], "schemas", f"{name}.json").read_bytes()
    loaded: dict[str, Any] = orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    for fix in overlay():
        if fix.version == version and fix.schema == name:
            fix.apply(loaded)
    return loaded


@dataclass(frozen=True, slots=True)
class Fix:
    """One entry of the overlay: a known error of a schema, and its correction."""

    version: str
    schema: str
    pointer: str
    op: Literal["set", "add", "remove"]
    reason: str
    value: Any = None

    def apply(self, loaded: dict[str, Any]) -> None:
        """Correct a loaded schema in place.

        Raises:
            LookupError: the pointer leads nowhere.
        """
        *path, last = (part.replace("~1", "/").replace("~0", "~") for part in self.pointer.split("/")[1:])
        parent: Any = loaded
        for part in path:
            parent = parent[part]
        if self.op == "remove":
            parent.pop(last, None)
        elif self.op == "set":
            parent[last] = self.value
        elif self.value not in parent[last]:
            parent[last].append(self.value)


@cache
def overlay() -> tuple[Fix, ...]:
    """Return the known errors of the schemas."""
    table = tomllib.loads(files(__package__).joinpath("overlay.toml").read_text(encoding="utf-8"))
    return tuple(Fix(**entry) for entry in table["fix"])


@cache
def _fast(version: Version, action: str, kind: Kind, formats: bool) -> jsonschema_rs.Validator | None:
    name = _catalogue(version).get((action, kind))
    if name is None:
        return None
    return jsonschema_rs.validator_for(_load(version, name), validate_formats=formats)


# Slow, and in words

_RFC3339: Final = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


_FORMATS: Final = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or _RFC3339.fullmatch(value) is not None


def _explain(version: Version, action: str, kind: Kind, payload: object, *, formats: bool) -> list[SchemaProblem]:
    loaded = schema(version, action, kind)
    explaining = Draft6Validator(loaded, format_checker=_FORMATS if formats else None)
    problems = [problem for error in explaining.iter_errors(payload) for problem in _problems(version, error)]
    mistyped = {problem.pointer for problem in problems if problem.keyword == "type"}
    # A value of the wrong type is in no enumeration either; once is enough.
    problems = [problem for problem in problems if problem.keyword != "enum" or problem.pointer not in mistyped]
    if problems:
        return problems
    # The two validators disagree: the fast one has the word.
    validator = jsonschema_rs.validator_for(loaded, validate_formats=formats)
    return [_problem(version, list(error.instance_path), "format", error.message) for error in validator.iter_errors(payload)]


def _problems(version: Version, error: ValidationError) -> Iterator[SchemaProblem]:
    """Return the problems behind one error; an object with two surplus properties has two."""
    keyword = str(error.validator)
    path = list(error.absolute_path)
    if keyword == "multipleOf" and Decimal(str(error.instance)) % Decimal(str(error.validator_value)) == 0:
        # In binary 21.4 is no multiple of 0.1; in the decimal notation that was sent it is.
        return
    if keyword == "additionalProperties" and isinstance(error.instance, dict) and isinstance(error.schema, dict):
        for name in sorted(set(error.instance) - set(error.schema.get("properties", {}))):
            yield _problem(version, [*path, name], keyword, "is no property that the schema knows here")
    elif keyword == "type" and not path:
        # The payload itself is not an object: that is not a field of the wrong type.
        yield _problem(version, path, "additionalProperties", "the payload is no JSON object")
    else:
        yield _problem(version, path, keyword, _words(error))


def _words(error: ValidationError) -> str:
    """Return what is wrong, without the whole of a long value."""
    shown = repr(error.instance)
    if len(shown) > 60:
        shown = f"{shown[:57]}…"
    wanted, instance = error.validator_value, error.instance
    match error.validator:
        case "required":
            return error.message
        case "enum" if isinstance(wanted, list):
            return f"{shown} is none of {', '.join(map(str, wanted))}"
        case "type":
            return f"{shown} is of the wrong type, {wanted} is wanted"
        case "maxLength" if isinstance(instance, str):
            return f"{shown} has {len(instance)} characters, at most {wanted} are allowed"
        case "minItems" | "maxItems" if isinstance(instance, list):
            return f"has {len(instance)} elements, {error.validator}: {wanted}"
        case _:
            return error.message.replace(repr(error.instance), shown)


def _problem(version: Version, path: list[Any], keyword: str, text: str) -> SchemaProblem:
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    best, *also = _CODES.get(keyword, _VALUE_CODES)
    return SchemaProblem(pointer, spell(best, version), text, keyword, tuple(spell(code, version) for code in also))
