from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner
from v2x_harness.bundle import Bundle
from v2x_harness.cli_evidence import diff, key, verify
from v2x_harness.errors import BundleError, SignatureError
from v2x_harness.schemas import validate

from .conftest import EVENTS, MakeBundle


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.add_typer(key, name="key")
    app.command("verify")(verify)
    app.command("diff")(diff)
    return app


@pytest.fixture
def run(app: typer.Typer):
    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)
        return (result.return_value or 0), result.stdout

    return run


def test_a_key_pair_signs_and_verifies(run, make_bundle: MakeBundle, tmp_path: Path) -> None:
    assert run("key", "new", tmp_path / "lab.key")[0] == 0
    from v2x_harness.attestation import SigningKey

    bundle = make_bundle()
    bundle.seal(keys=[SigningKey.load(tmp_path / "lab.key")])
    code, out = run("verify", bundle.path, "--key", tmp_path / "lab.key.pub")
    assert (code, out.splitlines()[-1]) == (0, "verified")
    code, out = run("verify", bundle.path)
    assert (code, out.splitlines()[-1]) == (1, "NOT verified")
    assert "WRONG signature" in out


def test_a_key_is_not_overwritten(run, tmp_path: Path) -> None:
    run("key", "new", tmp_path / "lab.key")
    with pytest.raises(SignatureError, match="exists already"):
        run("key", "new", tmp_path / "lab.key")


def test_verify_says_what_is_wrong(run, make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    bundle.seal()
    (bundle.path / "subject.json").write_text("{}")
    code, out = run("verify", bundle.path, "--unsigned")
    assert code == 1
    assert "subject.json was changed" in out


def test_diff_exits_with_1_on_a_regression(run, make_bundle: MakeBundle) -> None:
    one, two = make_bundle("one", lane1=EVENTS[:5]), make_bundle("two")
    one.seal()
    two.seal()
    code, out = run("diff", one.path, two.path)
    assert code == 1
    assert "TC_FAIL" in out
    assert out.splitlines()[-1] == "WORSE than before"
    code, out = run("diff", two.path, two.path)
    assert code == 0
    assert "still failing (2)" in out


def test_a_bundle_that_is_not_there_is_the_user_s_mistake(run, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="does not exist"):
        run("verify", tmp_path / "none")


@pytest.mark.parametrize(("name", "arguments"), [("key", ["new"]), ("verify", []), ("diff", [])])
def test_every_help_shows_an_example(app: typer.Typer, name: str, arguments: list[str]) -> None:
    assert "Example: v2x" in CliRunner().invoke(app, [name, *arguments, "--help"]).stdout


def test_json_output_fits_its_published_schema(run, make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.seal()
    validate("key", json.loads(run("key", "new", tmp_path / "k", "--json")[1]))
    validate("verification", json.loads(run("verify", bundle.path, "--json")[1]))
    validate("diff", json.loads(run("diff", bundle.path, bundle.path, "--json")[1]))
    assert Bundle.open(bundle.path)
