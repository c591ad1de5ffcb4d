"""Logs from elsewhere: frames, who sent them, of which station, and when, as far as can be told."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.events import Frame, Header, LinkEvent, Note, RuleEvent, VerdictEvent
from v2x_harness.journal import Recorder
from v2x_harness.verdict import Verdict
from v2x_suites.ocpp.logs import Log, LogError, open_log
from v2x_suites.ocpp.logs.hints import side_of, time_of, version_of
from v2x_suites.ocpp.logs.plain import PlainLog
from v2x_suites.ocpp.rules.stream import LeanFrame

CALL = '[2,"17","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
RESULT = '[3,"17",{"status":"Accepted","currentTime":"2024-05-01T08:00:00Z","interval":300}]'
RESET = '[2,"99","Reset",{"type":"Soft"}]'


def read(path: Path, text: str) -> tuple[Log, list[LeanFrame]]:
    path.write_text(text, encoding="utf-8")
    log = open_log(path)
    items = [item for batch in log.batches() for item in batch]
    assert all(isinstance(item, LeanFrame) for item in items)
    return log, items  # type: ignore[return-value]  # just looked at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.log"


def senders(frames: list[LeanFrame]) -> list[str]:
    return [frame.sender for frame in frames]


LOGS = {
    "PyPI ocpp, at the CSMS": f"""
INFO:ocpp:CP_1: receive message {CALL}
INFO:ocpp:CP_1: send {RESULT}
INFO:ocpp:CP_1: send {RESET}
""",
    "PyPI ocpp, at the station": f"""
INFO:ocpp:CP_1: send {CALL}
INFO:ocpp:CP_1: receive message {RESULT}
INFO:ocpp:CP_1: receive message {RESET}
""",
    "evcc": f"""
[ocpp  ] TRACE 2024/05/01 08:00:00 recv CP_1: {CALL}
[ocpp  ] TRACE 2024/05/01 08:00:01 send CP_1: {RESULT}
[ocpp  ] TRACE 2024/05/01 08:00:02 send CP_1: {RESET}
""",
    "SteVe": f"""
[INFO ] 2024-05-01 08:00:00,123 d.r.s.o.w.WebSocketLogger (qtp1) - [chargeBoxId=CP_1, sessionId=abc] Received: {CALL}
[INFO ] 2024-05-01 08:00:00,133 d.r.s.o.w.WebSocketLogger (qtp1) - [chargeBoxId=CP_1, sessionId=abc] Sending: {RESULT}
[INFO ] 2024-05-01 08:00:01,133 d.r.s.o.w.WebSocketLogger (qtp1) - [chargeBoxId=CP_1, sessionId=abc] Sending: {RESET}
""",
    "arrows": f"""
2024-05-01T08:00:00.000Z ChargePoint>CentralSystem stationId=CP_1 {CALL}
2024-05-01T08:00:01.000Z CentralSystem>ChargePoint stationId=CP_1 {RESULT}
2024-05-01T08:00:02.000Z CentralSystem>ChargePoint stationId=CP_1 {RESET}
""",
    "JSON lines with the frame as text": "\n".join(
        json.dumps(
            {"time": f"2024-05-01T08:00:0{n}Z", "level": "info", "identifier": "CP_1", "dir": way, "message": f"frame {raw}"}
        )
        for n, (way, raw) in enumerate((("in", CALL), ("out", RESULT), ("out", RESET)))
    ),
    "objects that hold frames": json.dumps(
        [
            {"timestamp": 1714550400000 + n, "chargePointId": "CP_1", "direction": way, "ocpp": "1.6", "frame": json.loads(raw)}
            for n, (way, raw) in enumerate((("cp", CALL), ("csms", RESULT), ("csms", RESET)))
        ]
    ),
    "an object with a list in it": json.dumps(
        {
            "log": {
                "entries": [{"stationId": "CP_1", "data": CALL}, *({"stationId": "CP_1", "data": raw} for raw in (RESULT, RESET))]
            }
        }
    ),
    "frames taken apart": json.dumps(
        [
            {"identity": "CP_1", "messageTypeId": 2, "messageId": "17", "action": "BootNotification", "payload": {}},
            {"identity": "CP_1", "messageTypeId": 3, "messageId": "17", "payload": {"status": "Accepted"}},
            {"identity": "CP_1", "messageTypeId": 2, "messageId": "99", "action": "Reset", "payload": {"type": "Soft"}},
        ]
    ),
    "HTML": "\n".join(
        f"<tr><td>08:00:00.{n}</td><td>{way}</td><td>chargePointId: CP_1</td><td><pre>{html.escape(raw)}</pre></td></tr>"
        for n, (way, raw) in enumerate((("CP&gt;CSMS", CALL), ("CSMS&gt;CP", RESULT), ("CSMS&gt;CP", RESET)))
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_the_frames_and_who_sent_them(name: str, path: Path) -> None:
    _, frames = read(path, LOGS[name])
    assert [json.loads(frame.raw)[:2] for frame in frames] == [[2, "17"], [3, "17"], [2, "99"]]
    assert senders(frames) == ["station", "csms", "csms"]
    assert {frame.link for frame in frames} == {"CP_1#1"}


@pytest.mark.parametrize(
    "name", ["evcc", "SteVe", "arrows", "JSON lines with the frame as text", "objects that hold frames", "HTML"]
)
def test_their_times(name: str, path: Path) -> None:
    log, frames = read(path, LOGS[name])
    assert log.timed
    assert frames[0].t == 0
    assert 0 < frames[1].t < frames[2].t <= 2


def test_without_times_it_says_so(path: Path) -> None:
    log, _ = read(path, LOGS["PyPI ocpp, at the CSMS"])
    assert not log.timed


def test_a_frame_over_several_lines(path: Path) -> None:
    _, frames = read(path, f"sent\n{json.dumps(json.loads(CALL), indent=2)}\nreceived {RESULT}\n")
    assert senders(frames) == ["station", "csms"]
    assert frames[0].n == 2


def test_two_frames_on_a_line(path: Path) -> None:
    _, frames = read(path, f"{CALL} was answered by {RESULT}")
    assert senders(frames) == ["station", "csms"]


def test_frames_alone_one_a_line(path: Path) -> None:
    log, frames = read(path, f"{CALL}\n{RESULT}\n")
    assert (log.kind, log.unit) == ("NDJSON of frames", "line")
    assert [frame.n for frame in frames] == [1, 2]


def test_a_single_frame(path: Path) -> None:
    log, frames = read(path, CALL)
    assert senders(frames) == ["station"]
    assert log.unit == "element"


def test_the_version_of_each_link(path: Path) -> None:
    log, _ = read(path, json.dumps([{"station": "A", "protocol": "ocpp2.0.1", "frame": [2, "1", "Heartbeat", {}]}]))
    assert log.versions == {"A#1": "2.0.1"}


def test_a_frame_that_is_broken_in_its_field_is_given_as_it_is(path: Path) -> None:
    _, frames = read(path, json.dumps([{"station": "A", "direction": "cp", "frame": '[2,"1","Heartbeat",{}'}]))
    assert frames[0].raw == '[2,"1","Heartbeat",{}'


@pytest.mark.parametrize("text", ["nothing of the kind\nat all\n", "[1, 2, 3]", "{}", '{"a": [1]}\n'])
def test_what_holds_no_ocpp_is_said_to(text: str, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(LogError) as error:
        list(open_log(path).batches())
    assert str(path) in str(error.value)
    assert error.value.hint


def test_empty_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    for name in ("empty", "missing"):
        with pytest.raises(LogError, match=name):
            open_log(tmp_path / name)


@given(st.text(max_size=200))
def test_arbitrary_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("log") / "x"
    path.write_text(text, encoding="utf-8")
    try:
        for batch in PlainLog(path).batches():
            list(batch)
    except LogError:
        pass


@pytest.mark.parametrize(
    ("word", "side"),
    [
        ("cp", "station"),
        ("Charging Station", "station"),
        ("CSMS", "csms"),
        ("central system", "csms"),
        ("received", "in"),
        ("outgoing", "out"),
        ("CS -> CSMS", "station"),
        ("CP->CS", "station"),
        ("CS->CP", "csms"),
        ("station to csms", "station"),
        ("sideways", ""),
        (None, ""),
    ],
)
def test_words_for_directions(word: object, side: str) -> None:
    assert side_of(word) == side


def test_words_for_versions() -> None:
    assert [version_of(text) for text in ("1.6", "ocpp1.6", "OCPP 1.6J", "ocpp2.0.1", "2.1", "3", None)] == [
        "1.6",
        "1.6",
        "1.6",
        "2.0.1",
        "2.1",
        None,
        None,
    ]


def test_times_in_many_forms() -> None:
    for text in ("2024-05-01T08:00:00Z", "2024-05-01 08:00:00,000", "2024/05/01 08:00:00", "2024-05-01T10:00:00.000+02:00"):
        assert time_of(text) == 1714550400
    assert time_of(1714550400000) == time_of(1714550400) == 1714550400
    assert time_of("yesterday") is None


# Journals


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "run.ndjson"
    with Recorder(path, Header(run="r", started="2024-05-01T08:00:00Z"), lambda: 0.0) as recorder:
        recorder.record(LinkEvent(link="csms<-A#1", event="open", protocol="ocpp/1.6", t=0.1))
        for n in range(3):
            raw = f'[2,"{n}","Heartbeat",{{}}]'
            recorder.record(Frame(link="csms<-A#1", sender="station", to="csms", raw=raw, t=1.0 + n))
    return path


def events(path: Path) -> tuple[Log, list]:
    log = open_log(path)
    return log, [item for batch in log.batches() for item in batch]


def test_a_whole_journal(journal: Path) -> None:
    log, items = events(journal)
    assert (log.kind, log.problem) == ("journal", "")
    assert [type(item).__name__ for item in items] == ["Header", "LinkEvent", "LeanFrame", "LeanFrame", "LeanFrame"]


def test_events_that_are_not_read_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson"
    with Recorder(path, Header(run="r", started="2024-05-01T08:00:00Z"), lambda: 0.0) as recorder:
        recorder.record(Note(topic="t", text="x"))
        recorder.record(RuleEvent(rule="ocpp.framing.json", inspected=1))
        recorder.record(VerdictEvent(case="TC_B_01_CS", verdict=Verdict.PASS))
    log, items = events(path)
    assert log.problem == ""
    assert [type(item).__name__ for item in items] == ["Header"]


def test_a_journal_that_was_cut_is_read_as_far_as_it_goes(journal: Path) -> None:
    text = journal.read_bytes()
    journal.write_bytes(text[: text.rindex(b'{"type":"frame"') + 40])
    log, items = events(journal)
    assert len(items) == 4
    assert "line 5 is cut" in log.problem


def test_a_journal_without_its_footer(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    log, items = events(journal)
    assert len(items) == 5
    assert "no footer" in log.problem


def test_a_journal_that_was_changed(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b'\\"1\\"', b'\\"9\\"'))
    log, _ = events(journal)
    assert "changed" in log.problem
