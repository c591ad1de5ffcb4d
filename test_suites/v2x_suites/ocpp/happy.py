"""Hard-coded happy answers: the smallest payload that a schema accepts, and that says yes wherever it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from v2x_architecture.ocpp.schema import schema
from v2x_architecture.ocpp.versions import Version
from v2x_harness.events import Json

# What an enumeration is answered with, in this order, else with its first value.
_YES = ("Accepted", "Unlocked", "Operative", "Available")


def happy_answer(version: Version, action: str) -> dict[str, Json]:
    """Return a schema-valid answer to a CALL that agrees to everything and knows nothing.

    Args:
        version: ``1.6`` or ``2.0.1``.
        action: of the CALL.
    """
    answer = _minimal(schema(version, action, "response"), schema(version, action, "response"))
    assert isinstance(answer, dict)
    if "interval" in answer:
        answer["interval"] = 300
    if action == "StartTransaction":
        answer["transactionId"] = 1
    return answer


def _minimal(node: Mapping[str, Any], root: Mapping[str, Any]) -> Json:
    """Return the smallest value that a schema node accepts."""
    if "$ref" in node:
        return _minimal(root["definitions"][node["$ref"].rsplit("/", 1)[-1]], root)
    if "enum" in node:
        return next((str(yes) for yes in _YES if yes in node["enum"]), str(node["enum"][0]))
    match node.get("type"):
        case "object":
            return {name: _minimal(node["properties"][name], root) for name in node.get("required", ())}
        case "array":
            return [_minimal(node["items"], root)] * int(node.get("minItems", 0))
        case "integer" | "number":
            return int(node.get("minimum", 0))
        case "boolean":
            return True
    return "2024-01-01T00:00:00Z" if node.get("format") == "date-time" else "x"
