from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner
from v2x_harness.bundle import Bundle
from v2x_harness.errors import BundleError
from v2x_harness.schemas import validate
from v2x_reports.cli_report import report

type Run = Callable[..., str]


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("report")(report)
    return app


@pytest.fixture
def run(app: typer.Typer) -> Run:
    def run(*arguments: object) -> str:
        result = CliRunner().invoke(app, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)
        assert not result.return_value
        return result.stdout

    return run


def test_without_options_the_html_report_is_written_beside_the_bundle(run: Run, bundle: Bundle) -> None:
    out = run(bundle.path)
    assert (bundle.path.parent / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert out.split() == ["html", str(bundle.path.parent / "report.html")]


def test_every_report_is_written_where_it_was_asked_for(run: Run, bundle: Bundle, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(bundle.path, "--html", tmp_path / "x.html", "--junit", "--ctrf", "--markdown", "--allure", tmp_path / "al", "--out", out)
    assert (tmp_path / "x.html").is_file()
    assert sorted(p.name for p in out.iterdir()) == ["ctrf.json", "junit.xml", "summary.md"]
    assert list((tmp_path / "al").glob("*-result.json"))


def test_a_report_can_be_printed(run: Run, bundle: Bundle) -> None:
    assert ET.fromstring(run(bundle.path, "--junit", "--out", "-").encode()).tag == "testsuites"
    assert run(bundle.path, "--markdown", "--out", "-").startswith("## ")
    assert not (bundle.path.parent / "junit.xml").exists()


def test_json_output_fits_its_published_schema(run: Run, bundle: Bundle, tmp_path: Path) -> None:
    document = json.loads(run(bundle.path, "--junit", "--ctrf", "--out", tmp_path, "--json"))
    validate("report", document)
    assert [w["kind"] for w in document["written"]] == ["junit", "ctrf"]
    assert document["verdict"] == "fail"


def test_a_zip_is_read_as_well(run: Run, bundle: Bundle, tmp_path: Path) -> None:
    run(bundle.pack(tmp_path / "b.zip"))
    assert (tmp_path / "report.html").is_file()


def test_an_incomplete_bundle_is_reported_and_said_so(app: typer.Typer, cut_off: Bundle) -> None:
    result = CliRunner().invoke(app, [str(cut_off.path)], standalone_mode=False)
    assert "incomplete" in result.stderr
    assert "INCOMPLETE RUN" in (cut_off.path.parent / "report.html").read_text()


def test_what_is_no_bundle_is_the_user_s_mistake(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="does not exist"):
        run(tmp_path / "none")


def test_the_help_shows_an_example(app: typer.Typer) -> None:
    assert "Example: v2x report" in CliRunner().invoke(app, ["--help"]).stdout
