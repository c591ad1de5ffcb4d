"""What this package contributes to ``v2x docs``: the published schemas of what its commands print."""

from __future__ import annotations

import json

import msgspec

from v2x_adapters import cli_reference_station, iso15118_console
from v2x_adapters.cli_adapter import Installed, Listed, Verbs, Written
from v2x_adapters.cli_exi import DecodedPayload, EncodedPayload, GeneratedFiles
from v2x_adapters.cli_exi_check import CheckedVectors
from v2x_adapters.cli_pki import MadePki
from v2x_adapters.ocpp import csms_console
from v2x_adapters.process.smoke import Report

# Name of the schema to the type of what is printed, and what prints it.
PRINTED: dict[str, tuple[object, str]] = {
    "adapter-list": (list[Listed], "v2x adapter list --json"),
    "adapter-install": (list[Installed], "v2x adapter install --json"),
    "adapter-new": (Written, "v2x adapter new --json"),
    "adapter-smoke": (Report, "v2x adapter smoke --json"),
    "adapter-verbs": (Verbs, "v2x adapter verbs --json"),
    "exi-check": (CheckedVectors, "v2x exi check --json"),
    "exi-decode": (DecodedPayload, "v2x exi decode --json"),
    "exi-encode": (EncodedPayload, "v2x exi encode --json"),
    "exi-tables": (GeneratedFiles, "v2x exi tables --json"),
    "pki-make": (MadePki, "v2x pki make --json"),
    "reference-csms": (csms_console.Line, "v2x reference csms --json, one a line"),
    "reference-evcc": (iso15118_console.Line, "v2x reference evcc --json, one a line"),
    "reference-secc": (iso15118_console.Line, "v2x reference secc --json, one a line"),
    "reference-station": (cli_reference_station.Line, "v2x reference station --json, one a line"),
}


def documents() -> dict[str, str]:
    """Return the schemas by file."""
    return {f"adapters/v2x_adapters/schemas/{name}.json": schema(name) for name in PRINTED}


def schema(name: str) -> str:
    """Return the text of one schema."""
    kind, title = PRINTED[name]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:v2x-conformance:{name}:1",
        "title": title,
    }
    text = json.dumps(head | msgspec.json.schema(kind) | {"title": title})
    return msgspec.json.format(text, indent=2) + "\n"
