"""What the schemas do not say of the strings in a payload: dates, identifiers, numbers, addresses, text for people.

The format rules are written twice, on purpose: as constraints that are compiled into the schema (`with_formats`), so that a
good payload is passed in one go, and in words (`explain`) for one that is not. What the constraints let pass, the words must let
pass too; a property test holds them together.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import cache
from typing import Any, Final, Literal

import orjson
from v2x_architecture.ocpp import schema as schemas
from v2x_architecture.ocpp.versions import Version
from v2x_harness.events import Json
from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules.actions import names
from v2x_suites.ocpp.rules.problem import Problem, info


class Sort(Enum):
    """What kind of string stands in a field."""

    DATE_TIME = auto()
    TOKEN = auto()
    IDENTIFIER = auto()
    NUMBER = auto()
    ADDRESS = auto()
    TECHNICAL = auto()
    FREE_TEXT = auto()
    OPAQUE = auto()


_OPAQUE: Final = names("""
    data value attributeValue csr certificate certificateChain signature signingCertificate ocspResult exiRequest exiResponse
    signedMeterData signingMethod encodingMethod publicKey password apnPassword basicAuthPassword key messageId valueList
    valuesList actualValue issuerNameHash issuerKeyHash serialNumberHash firmwareSigningCertificate checksum iso15118SchemaVersion
    responderURL vendorId content instance
""")
_FREE_TEXT: Final = names("info additionalInfo techInfo techCode vendorErrorCode cause")
_ADDRESSES: Final = names("location remoteLocation ocppCsmsUrl")
_PLACEHOLDERS: Final = ("null", "NULL", "Null", "(null)", "undefined", "nil", "NaN")

TIMESTAMP = info(
    "format.timestamp",
    Layer.FORMAT,
    "A date and time is written as RFC 3339 has it, with an offset from UTC.",
    v16="OCPP-1.6#3.15",
    v201="OCPP-2.0.1#3.1-time-format",
)
PRECISION = info(
    "format.timestamp-precision",
    Layer.FORMAT,
    "Seconds have at most three decimals.",
    v16="OCPP-1.6#3.15",
    v201="OCPP-2.0.1#3.1-time-format",
)
ZONE = info(
    "format.timestamp-zone",
    Layer.FORMAT,
    "Times are given in UTC with a Z, which every known peer reads.",
    v16="OCPP-1.6#3.14",
    v201="OCPP-2.0.1#3.1-time-zone",
    axis=Axis.COMPATIBILITY,
)
CLOCK_NOT_SET = info(
    "semantics.clock-not-set",
    Layer.SEMANTICS,
    "A timestamp tells when something happened, not that the clock had not been set yet.",
    v16="OCPP-1.6#3.15",
    v201="OCPP-2.0.1#3.1-time-format",
)
EMPTY = info(
    "format.empty-string",
    Layer.FORMAT,
    "A field that has nothing to say is left out, and a required one says something.",
    v16="OCPP-1.6#6",
    v201="OCPP-J-2.0.1#4.1.5",
    axis=Axis.COMPATIBILITY,
)
PLACEHOLDER = info(
    "format.placeholder",
    Layer.FORMAT,
    "A field without a value is left out instead of holding the word null.",
    v16="OCPP-1.6#6",
    v201="OCPP-J-2.0.1#4.1.5",
    axis=Axis.COMPATIBILITY,
)
EMBEDDED_JSON = info(
    "format.embedded-json",
    Layer.FORMAT,
    "Text meant for people is not a JSON document in disguise.",
    v16="OCPP-1.6#6.47",
    v201="OCPP-J-2.0.1#4.1.2",
    axis=Axis.COMPATIBILITY,
)
NUMBER = info(
    "format.number",
    Layer.FORMAT,
    "The value of a raw sample is a decimal number.",
    v16="OCPP-1.6#7.43",
    parties=("station",),
)
CHARACTERS = info(
    "format.characters",
    Layer.FORMAT,
    "Strings are printable; only text meant for people goes beyond ASCII.",
    v16="OCPP-1.6#7.28 OCPP-J-1.6#4.1.2",
    v201="OCPP-J-2.0.1#4.1.2",
    axis=Axis.COMPATIBILITY,
)
IDENTIFIER = info(
    "format.identifier",
    Layer.FORMAT,
    "Identifiers keep to the characters that an identifierString may have.",
    v201="OCPP-2.0.1#2.1.4",
)
ADDRESS = info(
    "format.address",
    Layer.FORMAT,
    "The address of a file or of a CSMS is a complete URI.",
    v16="OCPP-1.6#6.25 OCPP-1.6#6.55",
    v201="OCPP-2.0.1#LogParametersType OCPP-2.0.1#FirmwareType",
    parties=("csms",),
)
INFOS = (TIMESTAMP, PRECISION, ZONE, CLOCK_NOT_SET, EMPTY, PLACEHOLDER, EMBEDDED_JSON, NUMBER, CHARACTERS, IDENTIFIER, ADDRESS)

# A day that the calendar has (29 February always), from 2010 on; OCPP 1.6 is of 2015.
_DAY: Final = (
    "20[1-9][0-9]-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
)
_TIME: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
_PATTERNS: Final[dict[Sort, str]] = {
    Sort.DATE_TIME: f"^{_DAY}T{_TIME}(?:\\.[0-9]{{1,3}})?Z$",
    Sort.TOKEN: "^[!-~](?:[ -~]*[!-~])?$",
    Sort.IDENTIFIER: "^[A-Za-z0-9*_=:+|@.-]*$",
    Sort.NUMBER: "^-?[0-9]+(?:\\.[0-9]+)?$",
    Sort.ADDRESS: "^[A-Za-z][A-Za-z0-9+.-]*://[!-~]+$",
    Sort.TECHNICAL: "^[ -~]+$",
    Sort.FREE_TEXT: "^[^\\x00-\\x1f\\x7f\\[{][^\\x00-\\x1f\\x7f]*$",
}
_WORDS: Final = frozenset({Sort.TOKEN, Sort.TECHNICAL, Sort.FREE_TEXT})
_COMPILED: Final = {sort: re.compile(pattern) for sort, pattern in _PATTERNS.items()}
_RFC3339: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def sort_of(version: Version, name: str, field: dict[str, Any], siblings: dict[str, Any]) -> Sort | None:
    """Tell what kind of string a field of a schema holds; None when it is no string, or one of a given list."""
    if field.get("type") != "string" or "enum" in field:
        return None
    if field.get("format") == "date-time":
        return Sort.DATE_TIME
    if name == "value" and "measurand" in siblings:
        return Sort.NUMBER
    if name in ("idTag", "parentIdTag"):
        return Sort.TOKEN
    if version != "1.6" and name in ("idToken", "transactionId", "additionalIdToken"):
        return Sort.IDENTIFIER
    if name in _ADDRESSES:
        return Sort.ADDRESS
    if name in _OPAQUE:
        return Sort.OPAQUE
    return Sort.FREE_TEXT if name in _FREE_TEXT else Sort.TECHNICAL


def with_formats(version: Version, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a schema that also asks what the format rules ask."""
    strict = copy.deepcopy(schema)
    for properties in _property_tables(strict):
        for name, field in properties.items():
            sort = sort_of(version, name, field, properties)
            if sort is not None and sort is not Sort.OPAQUE:
                field["pattern"] = _PATTERNS[sort]
                if sort in _WORDS:
                    field["not"] = {"enum": list(_PLACEHOLDERS)}
    return strict


def _property_tables(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict) and all(isinstance(field, dict) for field in properties.values()):
            yield properties
        for each in schema.values():
            yield from _property_tables(each)


OF_TIME: Final = (TIMESTAMP, PRECISION, ZONE, CLOCK_NOT_SET)
_INFOS_OF: Final = {
    Sort.DATE_TIME: OF_TIME,
    Sort.TOKEN: (EMPTY, PLACEHOLDER, CHARACTERS),
    Sort.IDENTIFIER: (IDENTIFIER,),
    Sort.NUMBER: (NUMBER,),
    Sort.ADDRESS: (ADDRESS,),
    Sort.TECHNICAL: (EMPTY, PLACEHOLDER, CHARACTERS),
    Sort.FREE_TEXT: (EMPTY, PLACEHOLDER, CHARACTERS, EMBEDDED_JSON),
    Sort.OPAQUE: (),
}


@cache
def asked_of(version: Version, action: str, kind: Literal["request", "response"]) -> tuple[RuleInfo, ...]:
    """Return the format rules that have something to look at in a message."""
    sorts = {
        sort_of(version, name, field, properties)
        for properties in _property_tables(schemas.schema(version, action, kind))
        for name, field in properties.items()
    }
    return tuple({each.id: each for sort in sorts if sort for each in _INFOS_OF[sort]}.values())


def explain(version: Version, schema: dict[str, Any], payload: Json, at: str) -> Iterator[Problem]:
    """Say what the format rules find in a payload.

    Args:
        version: of OCPP.
        schema: of the payload.
        payload: which need not keep to it.
        at: JSON pointer of the payload.
    """
    yield from _explain(version, schema, schema, payload, at)


def _explain(version: Version, root: dict[str, Any], schema: dict[str, Any], value: Json, at: str) -> Iterator[Problem]:
    schema = _resolved(root, schema)
    match value:
        case list():
            items = schema.get("items", {})
            for index, each in enumerate(value):
                yield from _explain(version, root, items, each, f"{at}/{index}")
        case dict():
            properties = schema.get("properties", {})
            required = schema.get("required", ())
            for name, each in value.items():
                if (field := properties.get(name)) is None:
                    continue
                pointer = f"{at}/{name}"
                sort = sort_of(version, name, _resolved(root, field), properties)
                if sort is None or not isinstance(each, str):
                    yield from _explain(version, root, field, each, pointer)
                elif not (sort is Sort.NUMBER and value.get("format") == "SignedData"):
                    yield from of_string(version, sort, each, pointer, required=name in required)


def _resolved(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    resolved: dict[str, Any] = root.get("definitions", {}).get(reference.rpartition("/")[2], {})
    return resolved


def of_string(version: Version, sort: Sort, text: str, at: str, *, required: bool) -> Iterator[Problem]:
    """Say what the format rules find in one string."""
    if sort is Sort.OPAQUE:
        return
    placeholder = sort in _WORDS and text in _PLACEHOLDERS
    if _COMPILED[sort].fullmatch(text) and not placeholder:
        return
    seen = _short(text)
    if sort is Sort.DATE_TIME:
        yield from of_timestamp(version, text, at)
    elif sort is Sort.NUMBER:
        yield from _of_number(text, at)
    elif sort is Sort.IDENTIFIER:
        words = "the identifier has characters that an identifierString may not have"
        yield Problem(at, words, "a-z A-Z 0-9 * - _ = : + | @ .", seen, IDENTIFIER)
    elif not text.strip():
        words = "the field is empty; known peers refuse that" if not text else "the field holds nothing but white space"
        yield Problem(at, words, "a value, since the field is required" if required else "no such field", seen, EMPTY)
    elif sort is Sort.ADDRESS:
        yield Problem(at, "the address is no complete URI", "scheme://host/path", seen, ADDRESS)
    elif placeholder:
        words = f"the field holds the word {text}, which peers take for a value"
        yield Problem(at, words, "no such field", seen, PLACEHOLDER)
    elif sort is Sort.FREE_TEXT and (odd := next((c for c in text if c < " " or c == "\x7f"), None)) is None:
        if _is_json(text):
            words = "a JSON document stands in a field for text; peers cut it off or choke on it"
            yield Problem(at, words, "text for people", seen, EMBEDDED_JSON)
    elif sort is Sort.FREE_TEXT:
        yield Problem(at, f"the control character U+{ord(odd or ' '):04X} stands in it", "printable text", seen, CHARACTERS)
    else:
        yield Problem(at, _wrong_character(text), "printable ASCII", seen, CHARACTERS)


def of_timestamp(version: Version, text: str, at: str) -> Iterator[Problem]:
    """Say what is wrong with a date and time."""
    found = _RFC3339.fullmatch(text)
    year, month, day = (int(part) for part in found.groups()[:3]) if found else (0, 0, 0)
    if not found or not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        yield Problem(at, _wrong_with_timestamp(text), "RFC 3339, as 2024-05-01T10:00:00Z", _short(text), TIMESTAMP)
        return
    if year < 2010:
        words = "the timestamp is older than the protocol: the clock had not been set"
        yield Problem(at, words, "the time at which it happened", text, CLOCK_NOT_SET)
    decimals = len(found[5] or ".") - 1
    if decimals > 3:
        axis = Axis.COMPATIBILITY if version == "1.6" else None
        yield Problem(at, f"the seconds have {decimals} decimals", "at most 3", text, PRECISION, axis=axis)
    if not (text.endswith("Z") and text[10] == "T"):
        words = "the time is not given in UTC with a Z; some known peers cannot read it"
        yield Problem(at, words, "UTC, written with T and Z", text, ZONE)


def _wrong_with_timestamp(text: str) -> str:
    body = text[10:]
    if not body:
        return "the timestamp has no time of day"
    if re.search(r"[+-]\d{2}$", body):
        return "the offset has no minutes: ISO 8601 knows that, RFC 3339 does not"
    if re.search(r"[+-]\d{4}$", body):
        return "the offset has no colon"
    if not re.search(r"([Zz]|[+-]\d{2}:\d{2})$", body):
        return "the timestamp has no offset from UTC, so it is not known which moment it means"
    return "this is no date and time of RFC 3339"


def _of_number(text: str, at: str) -> Iterator[Problem]:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        words = "the number is written in a way that some peers cannot read"
        yield Problem(at, words, "digits and a point", _short(text), NUMBER, axis=Axis.COMPATIBILITY)
    else:
        hint = "; the decimal sign is a point" if "," in text else ""
        yield Problem(at, f"the value is no decimal number{hint}", "a decimal number", _short(text), NUMBER)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _wrong_character(text: str) -> str:
    if text != text.strip():
        return "white space stands at the beginning or end"
    odd = next((c for c in text if not " " <= c <= "~"), " ")
    kind = "control character" if odd < " " or odd == "\x7f" else "character"
    return f"the {kind} U+{ord(odd):04X} stands in it"


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 80 else f"{shown[:77]}…"
