from __future__ import annotations

import json
from collections.abc import Callable

import jsonschema
import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.cli import catalogue
from v2x_harness.schemas import GENERATED, generate, schema, validate

from .conftest import MakeBundle

NAMES = sorted([*GENERATED, "subject"])


@pytest.mark.parametrize("name", NAMES)
def test_a_published_schema_is_a_schema_with_a_name_of_its_own(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"] == f"urn:v2x-conformance:{name}:1"
    assert schema(name)["title"]


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_schema_is_up_to_date(name: str) -> None:
    assert schema(name) == json.loads(generate(name)), "run: make docs"


@pytest.mark.parametrize("sealed", [True, False])
def test_every_part_of_a_bundle_fits_its_schema(make_bundle: MakeBundle, sealed: bool) -> None:
    bundle = make_bundle()
    if sealed:
        bundle.seal()
        for part in ("verdicts", "redaction"):
            validate(part, json.loads((bundle.path / f"{part}.json").read_text()))
        validate("envelope", json.loads((bundle.path / "statement.dsse.json").read_text()))
        validate("statement", json.loads(Bundle.open(bundle.path).envelope.body))
    for part, name in (("manifest", "manifest"), ("catalogue", "catalogue"), ("subject", "subject-document")):
        validate(name, json.loads((bundle.path / f"{part}.json").read_text()))
    for line in bundle.journal_path("lane1").read_text().splitlines():
        validate("event", json.loads(line))


@pytest.mark.parametrize(
    ("name", "print_"),
    [
        ("list", lambda: catalogue.list_(json=True)),
        ("explain", lambda: catalogue.explain("TC_B_01_CS", json=True)),
        ("explain", lambda: catalogue.explain("B01.FR.01", json=True)),
        ("coverage", lambda: catalogue.coverage(json=True)),
        ("requirements-check", lambda: catalogue.check(json=True)),
    ],
)
def test_what_the_catalogue_prints_fits_its_schema(
    capsys: pytest.CaptureFixture[str], name: str, print_: Callable[[], int]
) -> None:
    print_()
    validate(name, json.loads(capsys.readouterr().out))


def test_a_document_that_does_not_fit_is_refused() -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate("verdicts", {"run": 1})
