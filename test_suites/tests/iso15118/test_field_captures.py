"""The table of what is found in captures: made from the report of the command, and not without reasons."""

import json
from pathlib import PurePath

import msgspec
import pytest
from v2x_harness.cli import invoke
from v2x_harness.errors import RegistryError
from v2x_suites.cli_check import CheckReport
from v2x_suites.iso15118.field_captures import Reason, main, source, table
from v2x_suites.iso15118.rules import all_infos


@pytest.fixture
def report(capture, traffic, tmp_path, capsys):
    """The report over a folder with two vehicles, one of which breaks a facet."""
    for name in ("Maker/One_1/2024-02-27T13:26:06.131Z-din", "Maker/Two"):
        (tmp_path / name).mkdir(parents=True)
    capture(*traffic.good(), name="Maker/One_1/2024-02-27T13:26:06.131Z-din/a.dump")
    capture(*traffic.negotiation(), *traffic.setup(evccid="02AF000102030405"), name="Maker/Two/b.dump")
    invoke(["check", str(tmp_path), "--json"])
    return tmp_path, capsys.readouterr().out


def test_each_vehicle_and_each_rule_has_its_line(report) -> None:
    root, text = report
    about = msgspec.structs.replace(source(), reasons=(Reason(rule="iso15118.schema.facets", why="it is so"),))
    lines = "\n".join(table(PurePath(root), msgspec.json.decode(text, type=CheckReport), about))
    assert "| Maker One 1 | 1 | 1 | 6 | 2 | 0 | 0 | - |" in lines
    assert "| Maker Two | 1 | 1 | 6 | 2 | 1 | 0 | schema.facets |" in lines
    assert "| iso15118.schema.facets | conformance | evcc | 1 of 2 | 1 |" in lines
    assert "- **iso15118.schema.facets** (1 of 2): it is so" in lines


def test_a_rule_that_often_finds_something_needs_its_reason(report) -> None:
    root, text = report
    about = msgspec.structs.replace(source(), reasons=())
    with pytest.raises(RegistryError, match=r"schema\.facets finds something in 1 of 2 captures, and has no reason"):
        list(table(PurePath(root), msgspec.json.decode(text, type=CheckReport), about))


def test_the_command_prints_it(report, tmp_path, capsys) -> None:
    root, text = report
    report_file = tmp_path / "report.json"
    found = json.loads(text)
    found["files"] = found["files"][:1]
    report_file.write_text(json.dumps(found))
    assert main([str(root), str(report_file)]) == 0
    assert "# What the rules find in captures of real vehicles" in capsys.readouterr().out


def test_reasons_are_of_rules_that_exist() -> None:
    assert {each.rule for each in source().reasons} <= {each.id for each in all_infos()}
