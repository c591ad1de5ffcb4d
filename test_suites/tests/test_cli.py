"""The command as a user types it: typing errors, selections, and what stands on the console."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import msgspec
import pytest
import typer.main
from v2x_harness.cli import build, invoke
from v2x_harness.cli.run import summarise
from v2x_harness.finding import Axis, Location
from v2x_harness.results import CaseResult, FindingRecord, RuleResult, Totals, Verdicts
from v2x_harness.schemas import validate
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import load
from v2x_suites.cli_demo import Judged
from v2x_suites.documents import demo_schema

WAIVER = """
[[waiver]]
subject = "reference station"
requirement = "B01.FR.01"
case = "{case}"
reason = "known"
owner = "somebody"
expires = 2099-12-31
"""


@pytest.fixture
def v2x(tmp_path, monkeypatch, capfd):
    """Run the command in an empty folder; give its exit code and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def v2x(*arguments):
        code = invoke(list(arguments))
        said = "".join(capfd.readouterr())
        assert "Traceback" not in said
        assert "INTERNALERROR" not in said
        return code, said

    return v2x


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "reference:station"], ["reference:station names no", "reference:station@2.0.1"]),
        (["run", "reference:station@1.6", "--suite", "2.0"], ["no role that there are cases for in version 2.0", "1.6"]),
        (["run", "reference:station@1.6", "--case", "TC_001"], ["no case is called TC_001", "TC_001_CS"]),
        (["run", "reference:station@1.6", "--case", "TC_B_01_CSMS"], ["is for a csms of ocpp 2.0.1", "station of ocpp 1.6"]),
        (["run", "reference:station@1.6", "--peer", "foo"], ["--peer foo", "csms=my-csms.toml"]),
        (["run", "reference:station@1.6", "--peer", "cs=reference:csms@1.6"], ["does not play cs", "csms"]),
        (["run", "reference:station@1.6", "--rerun-failed"], ["no earlier run of reference station"]),
        (["list", "--kind", "cas"], ["--kind cas", "case, rule, scenario, fault, control"]),
        (["list", "--role", "stations"], ["--role stations", "csms, evcc, secc, station"]),
        (["list", "--version", "2.0"], ["--version 2.0", "2.0.1"]),
        (["list", "TC_B_01"], ["no id fits TC_B_01", "TC_B_01_CS"]),
        (["explain", "TC_B_01"], ["nothing is called TC_B_01", "TC_B_01_CS"]),
        (["prove", "-k", "no_such_case"], ["no case fits"]),
        (["init", "--yes", "--url", "http://x"], ["http://x is no WebSocket URL", "ws://"]),
        (["init", "--yes", "--url", "ws://127.0.0.1:9"], ["cannot connect to ws://127.0.0.1:9"]),
        (["init", "--yes", "--listen", "here"], ["--listen here", "127.0.0.1:9000"]),
        (["init", "--yes", "--role", "station", "--url", "ws://127.0.0.1:9"], ["a station is not looked at so"]),
        (["adapter", "smoke", "nosuch"], ["there is no adapter nosuch", "ocpp-csms"]),
        (["adapter", "verbs", "ocpp-csms", "--ocpp", "2.0.1"], ["ocpp-csms does not speak ocpp 2.0.1", "1.6"]),
        (["adapter", "install", "nosuch"], ["no third-party product is called nosuch"]),
        (["adapter", "new", "mine", "--role", "charger"], ["no role is called 'charger'"]),
        (["demo", "--out", "."], ["cannot make the folder"]),
    ],
)
def test_a_typing_error_is_exit_code_2_and_says_what_may_have_been_meant(v2x, arguments, words):
    code, said = v2x(*arguments)
    assert code == 2
    for word in words:
        assert word in said


def test_a_selection_that_fits_nothing_leaves_the_folder_as_it_was(v2x, tmp_path):
    assert v2x("run", "reference:station@2.0.1", "-k", "no_such_case", "--out", "out")[0] == 2
    assert not (tmp_path / "out").exists()
    assert v2x("run", "reference:station@2.0.1", "-k", "no_such_case", "--out", "out")[1].count("not empty") == 0


def test_a_waiver_for_a_case_that_there_is_not_is_told_before_anything_runs(v2x, tmp_path):
    (tmp_path / "w.toml").write_text(WAIVER.format(case="TC_B_01"))
    code, said = v2x("run", "reference:station@2.0.1", "--waivers", "w.toml", "--out", "out")
    assert code == 2
    assert "no case is called TC_B_01" in said
    assert not (tmp_path / "out").exists()


def test_waivers_for_other_subjects_are_left_aside_and_that_is_said(v2x, tmp_path):
    (tmp_path / "w.toml").write_text(WAIVER.format(case="TC_B_01_CS").replace("reference station", "ACME"))
    code, said = v2x("run", "reference:station@2.0.1", "--case", "TC_B_06_CS", "--waivers", "w.toml", "--out", "out")
    assert code == 0
    assert "waivers for ACME are left aside" in said


def test_a_waiver_that_no_longer_fires_fails_the_run(v2x, tmp_path):
    (tmp_path / "w.toml").write_text(WAIVER.format(case="TC_B_01_CS"))
    code, said = v2x("run", "reference:station@2.0.1", "--case", "TC_B_01_CS", "--waivers", "w.toml", "--out", "out")
    assert code == 1
    assert "no longer fires, remove it: B01.FR.01 in TC_B_01_CS" in said


def test_what_failed_is_found_beside_the_folder_of_the_new_run(v2x, tmp_path):
    assert v2x("run", "reference:station@2.0.1", "--case", "TC_B_06_CS", "--out", "mine/one")[0] == 0
    code, said = v2x("run", "reference:station@2.0.1", "--rerun-failed", "--out", "mine/two")
    assert code == 2
    assert "everything passed in mine/one/bundle" in said


def test_list_as_json_has_the_kinds_that_are_promised(v2x):
    code, said = v2x("list", "--json")
    entries = json.loads(said)
    validate("list", entries)
    assert code == 0
    assert {entry["kind"] for entry in entries} == {"case", "rule", "fault", "control"}
    assert {"kind", "id", "protocol", "version", "role", "requirements"} <= set(entries[0])
    assert {e["kind"] for e in json.loads(v2x("list", "--kind", "good-peer", "--json")[1])} == {"good-peer"}
    assert json.loads(v2x("list", "--kind", "scenario", "--json")[1]) == []


@pytest.mark.parametrize("id_", ["TC_B_01_CS", "TC_001_CSMS", "ocpp.timing.heartbeat", "B01.FR.02"])
def test_what_is_explained_is_written_for_people(v2x, id_):
    code, said = v2x("explain", id_)
    assert code == 0
    assert id_ in said
    assert not set("{}'") & set(said.split("killed by")[0].split("title")[0])


def test_a_proof_of_a_selection_scores_only_that(v2x):
    code, said = v2x("prove", "-k", "TC_B_32_CS", "--json")
    score = json.loads(said[said.index("{") :])
    validate("prove", score)
    assert code == 0
    assert score["survivors"] == score["cases_without_kill"] == score["rules_without_kill"] == []
    assert 0 < score["faults"] == score["killed"] < 50


def finding(text, **more):
    return FindingRecord(requirement="R.01", text=text, source="TC_X", axis=Axis.CONFORMANCE, location=Location(1), **more)


def test_the_summary_says_a_thing_once_and_shortly(capsys):
    findings = (finding("x" * 900), finding("other"), finding("known", waived="somebody"))
    failed = CaseResult(case="TC_X", verdict=Verdict.FAIL, findings=(0, 1))
    verdicts = Verdicts(
        run="r",
        subject="reference:station",
        verdict=Verdict.FAIL,
        complete=True,
        totals=Totals(cases={"fail": 2}, rules={}, requirements={}, findings={"waived": 1}),
        cases=(failed, CaseResult(case="TC_Y", verdict=Verdict.FAIL, findings=(2,), waived=True)),
        rules=(RuleResult(rule="r", verdict=Verdict.PASS),),
        requirements=(),
        findings=findings,
    )
    summarise(verdicts, Path("out"), 0)
    said = capsys.readouterr().out
    assert said.count("R.01") == 1
    assert "TC_X 2 times" in said
    assert max(map(len, said.splitlines())) < 260
    assert "fail 2 (1 waived)" in said
    assert "waived 1 findings" in said
    assert "reference:station: fail" in said


def commands():
    """Every command, with the words that call it."""

    def walk(words, command):
        if hasattr(command, "commands"):
            for name, each in command.commands.items():
                yield from walk([*words, name], each)
        else:
            yield words

    return list(walk([], typer.main.get_command(build())))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_help_shows_an_example_of_its_own_command(v2x, words):
    code, said = v2x(*words, "--help")
    assert code == 0
    assert "Example" in said
    assert f"v2x {' '.join(words)}" in said.split("Example", 1)[1]
    assert "[]" not in said  # a table of TOML that was taken for markup


def test_the_waiver_in_the_readme_can_be_read(tmp_path):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = [each.split("```")[0] for each in readme.split("```toml\n")[1:]]
    (tmp_path / "w.toml").write_text(next(each for each in blocks if "[[waiver]]" in each))
    (known,) = load(tmp_path / "w.toml")
    assert known.source == "TC_064_CSMS"


def test_the_schema_of_the_demo_is_published_and_fresh():
    published = resources.files("v2x_suites").joinpath("schemas/demo.json").read_text(encoding="utf-8")
    assert json.loads(published) == json.loads(demo_schema()), "run: make docs"
    found = Judged(product="p", verdict=Verdict.FAIL, findings=[("R", "text")])
    jsonschema.validate(json.loads(msgspec.json.encode([found])), json.loads(published))


@pytest.mark.parametrize("words", [w for w in commands() if w != ["adapter", "protocol"]], ids=" ".join)
def test_every_command_that_prints_takes_json(v2x, words):
    assert "--json" in v2x(*words, "--help")[1]


def test_init_as_json_fits_its_schema(v2x):
    code, said = v2x("init", "--yes", "--role", "csms", "--json")
    assert code == 0
    document = json.loads(said)
    validate("init", document)
    assert (document["file"], document["role"]) == ("subject.toml", "csms")


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_an_unknown_option_is_exit_code_2(v2x, words):
    code, said = v2x(*words, "--no-such-option")
    assert code == 2
    assert "no-such-option" in said
