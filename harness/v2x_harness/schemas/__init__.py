"""The published JSON Schemas: of the subject file, of the files in a bundle, of what the commands print with ``--json``.

All but ``subject.json`` are generated from the types that write those documents: ``v2x docs`` writes them. What the commands of
other packages print is published by those.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

import jsonschema
import msgspec

from v2x_harness.attestation import Envelope, Statement
from v2x_harness.case import Case
from v2x_harness.cli.catalogue import Entry
from v2x_harness.cli.initialise import Initialised
from v2x_harness.cli_evidence import NewKey
from v2x_harness.comparison import Diff
from v2x_harness.coverage import Coverage
from v2x_harness.events import Event, Json
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.manifest import Catalogue, Manifest, SubjectDocument
from v2x_harness.proof import Score
from v2x_harness.redaction import RedactionReport
from v2x_harness.report_writer import Reports
from v2x_harness.requirement import Requirement
from v2x_harness.results import Verdicts
from v2x_harness.rule import RuleInfo
from v2x_harness.verification import Verification
from v2x_harness.watching import Watched


class AnyOf:
    """An array of documents of several types."""

    def __init__(self, *kinds: type) -> None:
        self.kinds = kinds


# Name of the schema to what it is generated from, and what that is.
GENERATED: dict[str, tuple[object, str]] = {
    "catalogue": (Catalogue, "catalogue.json of a bundle: what the run was judged by"),
    "coverage": (list[Coverage], "v2x requirements coverage --json"),
    "diff": (Diff, "v2x diff --json: what changed between two runs"),
    "docs": (list[str], "v2x docs --json: the generated files that are, or were, stale"),
    "envelope": (Envelope, "statement.dsse.json of a bundle: the DSSE envelope"),
    "event": (Event, "one line of a journal"),
    "explain": (AnyOf(Case, RuleInfo, Fault, Control, GoodPeer, Requirement), "v2x explain --json: what has that id"),
    "init": (Initialised, "v2x init --json: what was written, and what was found at the endpoint"),
    "key": (NewKey, "v2x key new --json"),
    "list": (list[Entry], "v2x list --json: cases, rules, faults and controls"),
    "manifest": (Manifest, "manifest.json of a bundle"),
    "proxy": (Watched, "v2x proxy --json: what passed between two products, and what was wrong with it"),
    "prove": (Score, "v2x prove --json: what shows that cases and rules can fail"),
    "redaction": (RedactionReport, "redaction.json of a bundle: what was removed from the journals"),
    "report": (Reports, "v2x report --json: what was written"),
    "requirements-check": (list[str], "v2x requirements check --json: what is wrong with the registries"),
    "statement": (Statement, "the in-toto test-result statement inside the envelope"),
    "subject-document": (SubjectDocument, "subject.json of a bundle: the product as declared, and its effective PICS"),
    "verdicts": (Verdicts, "verdicts.json of a bundle, and v2x run --json: what a run came to"),
    "verification": (Verification, "v2x verify --json"),
}


def generate(name: str) -> str:
    """Return the text of a generated schema."""
    kind, title = GENERATED[name]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:v2x-conformance:{name}:1",
        "title": title,
    }
    if isinstance(kind, AnyOf):
        refs, definitions = msgspec.json.schema_components(kind.kinds, ref_template="#/$defs/{name}")
        body: dict[str, object] = {"type": "array", "items": {"anyOf": list(refs)}, "$defs": definitions}
    else:
        body = msgspec.json.schema(kind)
    return msgspec.json.format(json.dumps(head | body | {"title": title}), indent=2) + "\n"


def documents() -> dict[str, str]:
    """Return the generated schemas by file, for ``v2x docs``."""
    return {f"harness/v2x_harness/schemas/{name}.json": generate(name) for name in GENERATED}


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
