"""The published JSON Schemas: of the subject file, of the files in a bundle, of what the commands print with ``--json``.

All but ``subject.json`` are generated from the types that write those documents: ``python -m v2x_harness.schemas`` writes them.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

import jsonschema
import msgspec

from v2x_harness.attestation import Envelope, Statement
from v2x_harness.cli_evidence import NewKey
from v2x_harness.comparison import Diff
from v2x_harness.events import Event, Json
from v2x_harness.manifest import Catalogue, Manifest, SubjectDocument
from v2x_harness.redaction import RedactionReport
from v2x_harness.report_writer import Reports
from v2x_harness.results import Verdicts
from v2x_harness.verification import Verification
from v2x_harness.watching import Watched

# Name of the schema to what it is generated from, and what that is.
GENERATED: dict[str, tuple[object, str]] = {
    "catalogue": (Catalogue, "catalogue.json of a bundle: what the run was judged by"),
    "diff": (Diff, "v2x diff --json: what changed between two runs"),
    "envelope": (Envelope, "statement.dsse.json of a bundle: the DSSE envelope"),
    "event": (Event, "one line of a journal"),
    "key": (NewKey, "v2x key new --json"),
    "manifest": (Manifest, "manifest.json of a bundle"),
    "proxy": (Watched, "v2x proxy --json: what passed between two products, and what was wrong with it"),
    "redaction": (RedactionReport, "redaction.json of a bundle: what was removed from the journals"),
    "report": (Reports, "v2x report --json: what was written"),
    "statement": (Statement, "the in-toto test-result statement inside the envelope"),
    "subject-document": (SubjectDocument, "subject.json of a bundle: the product as declared, and its effective PICS"),
    "verdicts": (Verdicts, "verdicts.json of a bundle, and v2x run --json: what a run came to"),
    "verification": (Verification, "v2x verify --json"),
}


def generate(name: str) -> bytes:
    """Return the text of a generated schema."""
    kind, title = GENERATED[name]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:v2x-conformance:{name}:1",
        "title": title,
    }
    return msgspec.json.format(json.dumps(head | msgspec.json.schema(kind) | {"title": title}), indent=2).encode() + b"\n"


@cache
def schema(name: str) -> dict[str, Json]:
    """Return a published schema.

    Raises:
        FileNotFoundError: none has that name.
    """
    document: dict[str, Json] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_bytes())
    return document


def validate(name: str, document: Json) -> None:
    """Check a document against a published schema.

    Raises:
        jsonschema.ValidationError: it does not fit.
    """
    _validator(name).validate(document)


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(name))


def write(folder: Path) -> None:
    """Write every generated schema into a folder."""
    for name in GENERATED:
        (folder / f"{name}.json").write_bytes(generate(name))
