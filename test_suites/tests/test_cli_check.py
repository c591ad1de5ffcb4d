"""``v2x check`` as its users meet it: exit codes, tables, JSON, and what it says of files that it cannot use."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from v2x_harness.cli import invoke
from v2x_harness.events import Frame, Header, LinkEvent
from v2x_harness.journal import Recorder
from v2x_suites.cli_check import check_file, json_schema

GOOD = ('[2,"1","Heartbeat",{}]', '[3,"1",{"currentTime":"2024-05-01T08:00:00Z"}]')
TRIPS = ('[2,"1","Heartbeat",{}]', '[3,"1",{"currentTime":"2024-05-01T10:00:00+02:00"}]')
BREAKS = ('[2,"1","Heartbeat",{"extra":1}]', '[3,"1",{"currentTime":"never"}]')


@pytest.fixture
def journal(tmp_path: Path):
    def write(frames: tuple[str, ...], version: str = "1.6", name: str = "run.ndjson") -> Path:
        path = tmp_path / name
        with Recorder(path, Header(run="r", started="2024-05-01T08:00:00Z"), lambda: 0.0) as recorder:
            recorder.record(LinkEvent(link="csms<-A#1", event="open", protocol=f"ocpp/{version}", t=0.1))
            for n, raw in enumerate(frames):
                sender, to = ("station", "csms") if raw.startswith("[2") else ("csms", "station")
                recorder.record(Frame(link="csms<-A#1", sender=sender, to=to, raw=raw, t=1.0 + n))
        return path

    return write


def test_nothing_wrong_is_exit_code_0(journal, capsys) -> None:
    assert invoke(["check", str(journal(GOOD))]) == 0
    assert "0 against the specification" in capsys.readouterr().out


def test_a_breach_is_exit_code_1_and_says_where(journal, capsys) -> None:
    assert invoke(["check", str(journal(BREAKS))]) == 1
    out = capsys.readouterr().out
    assert "schema.request" in out
    assert "/3/extra" in out


def test_what_only_trips_peers_fails_with_strict_only(journal) -> None:
    path = str(journal(TRIPS))
    assert invoke(["check", path]) == 0
    assert invoke(["check", path, "--strict"]) == 1


def test_json_keeps_to_its_published_schema(journal, capsys) -> None:
    assert invoke(["check", str(journal(BREAKS)), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, json_schema())
    file = report["files"][0]
    assert file["complete"]
    assert file["versions"] == ["1.6"]
    assert report["conformance"] == file["conformance"] == len([f for f in file["findings"] if f.get("axis") != "compatibility"])
    assert {rule["id"] for rule in file["rules"] if rule["findings"]} >= {"ocpp.schema.request", "ocpp.format.timestamp"}


def test_the_published_schema_is_fresh() -> None:
    published = resources.files("v2x_suites").joinpath("schemas/check.json").read_text(encoding="utf-8")
    assert json.loads(published) == json.loads(json.dumps(json_schema()))


def test_findings_can_be_limited(journal, capsys) -> None:
    assert invoke(["check", str(journal(BREAKS)), "--max-findings", "1"]) == 1
    assert "more are not listed" in capsys.readouterr().out


def test_one_side_can_be_looked_at_alone(journal, capsys) -> None:
    path = str(journal(('[2,"1","Heartbeat",{}]', '[3,"1",{"currentTime":"never"}]')))
    assert invoke(["check", path, "--party", "station"]) == 0
    assert invoke(["check", path, "--party", "csms"]) == 1
    assert invoke(["check", path, "--party", "somebody"]) == 2
    capsys.readouterr()


def test_rules_are_listed_with_what_they_inspected(journal, capsys) -> None:
    invoke(["check", str(journal(GOOD)), "--rules"])
    assert "not applicable" in capsys.readouterr().out


def test_several_files_and_a_runs_folder(journal, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "journal"
    folder.mkdir(parents=True)
    journal(GOOD, name="good.ndjson").rename(folder / "good.ndjson")
    assert invoke(["check", str(tmp_path / "run"), str(journal(BREAKS))]) == 1


def test_the_version_of_a_log_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text('[2,"1","Heartbeat",{}]\n')
    assert check_file(path, "2.0.1").versions == ("2.0.1",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "nowhere.log"], "cannot read nowhere.log"),
        (["check", "--version", "3.0", "x"], "3.0"),
        (["check"], "FILE"),
    ],
)
def test_a_users_mistake_is_exit_code_2_without_a_stack_trace(arguments: list[str], said: str, capsys) -> None:
    assert invoke(arguments) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_a_file_without_ocpp_is_exit_code_2_and_says_what_is_read(tmp_path: Path, capsys) -> None:
    path = tmp_path / "shopping.txt"
    path.write_text("milk\neggs\n")
    assert invoke(["check", str(path)]) == 2
    assert "holds no OCPP" in capsys.readouterr().err


def test_a_folder_without_a_journal_is_exit_code_2(tmp_path: Path, capsys) -> None:
    assert invoke(["check", str(tmp_path)]) == 2
    assert "no journal" in capsys.readouterr().err


def test_a_journal_that_was_cut_is_judged_as_far_as_it_goes(journal, capsys) -> None:
    path = journal(BREAKS)
    text = path.read_bytes()
    path.write_bytes(text[: text.rindex(b'{"type":"frame"') + 30])
    assert invoke(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "incomplete" in out
    assert "schema.request" in out


def test_help_shows_an_example(capsys) -> None:
    invoke(["check", "--help"])
    assert "v2x check --version 1.6" in capsys.readouterr().out
