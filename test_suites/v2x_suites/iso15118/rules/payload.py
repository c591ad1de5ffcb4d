"""What can be told of one message alone: whether it is EXI of its schema, and valid against it."""

from __future__ import annotations

from collections.abc import Iterator

from v2x_adapters.v2gtp.reading import Meaning
from v2x_architecture.iso15118.exi import Decoded, Unsupported, Violation, validate
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.rule import Problem, info

DECODE = info("exi.decode", Layer.FRAMING, "EXI.decode", "A payload is EXI of the schema that was negotiated.")
UNUSUAL = info(
    "exi.unusual",
    Layer.FRAMING,
    "EXI.decode",
    "A payload uses of EXI only what V2G messages need.",
    axis=Axis.COMPATIBILITY,
)
END = info(
    "exi.end",
    Layer.FRAMING,
    "EXI.end",
    "Nothing follows an EXI document but zero bits up to the end of its last octet.",
    axis=Axis.COMPATIBILITY,
)
DECLARED = info("schema.declared", Layer.SCHEMA, "schema", "A message holds what its schema declares, and nothing else.")
FACETS = info("schema.facets", Layer.SCHEMA, "schema", "Values have the lengths, bounds and characters of their types.")

INFOS = (DECODE, UNUSUAL, END, DECLARED, FACETS)

_RULES = {"padding": END, "trailing": END, "deviation": DECLARED}


def of_error(meaning: Meaning) -> Problem | None:
    """Say why a payload cannot be decoded."""
    error = meaning.error
    if error is None or meaning.schema is None:
        return None
    rule = UNUSUAL if isinstance(error, Unsupported) else DECODE
    where = f" in {error.path}" if error.path else ""
    words = f"the payload cannot be decoded as {meaning.schema.description}{where}: {error.text}"
    bit = f"bit:{error.bit_offset}" if error.bit_offset is not None else ""
    return Problem(rule, words, bit, f"EXI of {meaning.schema.namespace}", str(meaning.form.get("payload", ""))[:80])


def of_message(decoded: Decoded) -> Iterator[Problem]:
    """Say what a message holds against its schema."""
    for each in validate(decoded):
        rule = _RULES.get(each.facet, FACETS)
        yield Problem(
            rule,
            _words(each),
            each.pointer if rule is FACETS or each.offset is None else f"bit:{each.offset}",
            each.expected,
            each.value,
        )


def _words(violation: Violation) -> str:
    match violation.facet:
        case "trailing":
            return f"octets follow the document: {violation.value}"
        case "padding":
            return f"the bits behind the document are {violation.value}"
        case "deviation":
            return f"{violation.pointer} holds what the schema does not declare: {violation.value or violation.expected}"
    return f"{violation.pointer} breaks {violation.facet}: {violation.expected}"
