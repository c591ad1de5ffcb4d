"""Several processes that share a log find what one finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from v2x_harness.events import CaseEvent, Frame, Header, LinkEvent
from v2x_harness.journal import Recorder
from v2x_suites.ocpp import judging
from v2x_suites.ocpp.judging import judge_file, judge_log, processes_for
from v2x_suites.ocpp.logs import LogError, open_log

STATIONS = 7


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Of several stations, each with something wrong: on the wire, in a payload, in the order, in time, and by its silence."""
    path = tmp_path / "fleet.ndjson"
    with Recorder(path, Header(run="r", started="2024-05-01T08:00:00Z"), lambda: 0.0) as recorder:
        recorder.record(CaseEvent(case="TC_X", event="begin", t=0.01))
        for number in range(STATIONS):
            link = f"csms<-10.0.0.{number}#1"
            recorder.record(
                LinkEvent(link=link, event="open", protocol="ocpp/1.6", detail={"identity": f"CS{number}"}, t=0.1 + number / 100)
            )
        for t in range(400):
            number = t % STATIONS
            link = f"csms<-10.0.0.{number}#1"
            asked = ('{"extra":1}', "{}", '{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"never"}', "not json")[
                t // STATIONS % 4
            ]
            action = ("Heartbeat", "Heartbeat", "StartTransaction", "Authorize")[t // STATIONS % 4]
            recorder.record(Frame(link=link, sender="station", to="csms", raw=f'[2,"{t}","{action}",{asked}]', t=1.0 + t))
            if t // STATIONS % 3:
                recorder.record(Frame(link=link, sender="csms", to="station", raw=f'[3,"{t}",{{}}]', t=1.5 + t))
        recorder.record(LinkEvent(link="csms<-10.0.0.1#1", event="close", t=500.0))
        recorder.record(Frame(link="csms<-10.0.0.2#1", sender="station", to="csms", raw='[2,"z","Heartbeat",{}]', t=5000.0))
    return path


def told(found) -> list[tuple]:
    return sorted((f.location.frame or 0, f.source, f.text, f.party, f.requirement) for f in found)


def test_shares_make_up_the_whole(journal: Path) -> None:
    whole = judge_log(open_log(journal))
    parts = [judge_log(open_log(journal), share=(index, 3)) for index in range(3)]
    together = judging._together(parts)
    assert len(whole.found) > STATIONS * 4
    assert told(together.found) == told(whole.found)
    assert (together.inspected, together.suppressed) == (whole.inspected, whole.suppressed)
    assert (together.frames, together.links, together.versions) == (whole.frames, whole.links, whole.versions)
    assert all(0 < len(part.found) < len(whole.found) for part in parts)


def test_processes_share_a_file(journal: Path) -> None:
    whole, shared = judge_file(journal), judge_file(journal, processes=2)
    assert told(shared.found) == told(whole.found)
    assert shared.inspected == whole.inspected


def test_a_cut_journal_says_so_however_many_judge_it(journal: Path) -> None:
    cut = journal.with_name("cut.ndjson")
    cut.write_bytes(journal.read_bytes()[:-300])
    assert judge_file(cut, processes=2).problem == judge_file(cut).problem != ""


def test_a_file_that_cannot_be_used_is_told_as_ever(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot read"):
        judge_file(tmp_path / "none", processes=2)


def test_small_files_are_judged_by_one(journal: Path, tmp_path: Path) -> None:
    assert processes_for(journal) == processes_for(tmp_path / "none") == 1
