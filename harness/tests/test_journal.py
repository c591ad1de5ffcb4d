from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_harness.errors import IncompleteJournal, JournalError
from v2x_harness.events import CaseEvent, Event, Footer, Frame, Header, Note, OperatorEvent
from v2x_harness.journal import Journal, Recorder, utc_now

from .conftest import EVENTS, WriteJournal

HEADER = Header("r", "2026-01-02T03:04:05Z")


def record(path: Path, events: list[Event]) -> bytes:
    with Recorder(path, HEADER, clock=lambda: 0.0) as recorder:
        for event in events:
            recorder.record(event)
    return path.read_bytes()


def read(path: Path) -> tuple[list[Event], str]:
    journal = Journal(path)
    events = list(journal.events())
    return events, journal.problem


def test_a_journal_gives_back_what_was_recorded(write_journal: WriteJournal) -> None:
    events, problem = read(write_journal())
    assert not problem
    assert isinstance(events[0], Header)
    assert isinstance(events[-1], Footer)
    assert [msgspec.structs.replace(e, n=0, t=0.0) for e in events[1:-1]] == list(EVENTS)


def test_events_are_numbered_and_stamped_with_the_clock_since_it_was_opened(write_journal: WriteJournal) -> None:
    events, _ = read(write_journal())
    assert [e.n for e in events] == list(range(len(EVENTS) + 2))
    assert [e.t for e in events] == sorted(e.t for e in events)
    assert events[1].t == pytest.approx(0.2)


def test_a_stamp_of_the_tap_is_kept(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "j", HEADER, clock=lambda: 5.0)
    assert recorder.record(Note("a", "b", t=3.25)).t == 3.25
    recorder.close()


def test_an_event_is_redacted_before_anybody_sees_it(tmp_path: Path) -> None:
    def redact(event: Event) -> Event:
        return msgspec.structs.replace(event, text="***") if isinstance(event, Note) else event

    seen: list[Event] = []
    with Recorder(tmp_path / "j", HEADER, clock=lambda: 0.0, redact=redact) as recorder:
        recorder.subscribe(seen.append)
        kept = recorder.record(Note("log", "hunter2"))
    assert kept.text == "***"
    assert seen == [kept]
    assert b"hunter2" not in (tmp_path / "j").read_bytes()


def test_a_subscriber_hears_nothing_after_it_left(tmp_path: Path) -> None:
    seen: list[Event] = []
    with Recorder(tmp_path / "j", HEADER, clock=lambda: 0.0) as recorder:
        leave = recorder.subscribe(seen.append)
        recorder.record(Note("a", "1"))
        leave()
        recorder.record(Note("a", "2"))
    assert [e.text for e in seen if isinstance(e, Note)] == ["1"]


def test_a_recorder_without_a_path_keeps_nothing_but_tells_its_subscribers() -> None:
    seen: list[Event] = []
    with Recorder(None, HEADER, clock=lambda: 0.0) as recorder:
        recorder.subscribe(seen.append)
        recorder.record(Note("a", "1"))
        recorder.sync()
    assert len(seen) == 1


def test_a_journal_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"old")
    with pytest.raises(JournalError, match="cannot write") as caught:
        Recorder(tmp_path / "j", HEADER, clock=lambda: 0.0)
    assert caught.value.hint
    assert (tmp_path / "j").read_bytes() == b"old"


def test_closing_twice_writes_one_footer(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "j", HEADER, clock=lambda: 0.0)
    recorder.close()
    recorder.close()
    assert (tmp_path / "j").read_bytes().count(b'"footer"') == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "first line is no event"),
        (b"\xff\xfe\n", "first line is no event"),
        (b"[" * 50_000 + b"\n", "first line is no event"),
        (b'{"type":"note","topic":"a","text":"b"}\n', "no journal of format"),
        (b'{"type":"header","run":"r","started":"s","format":"v2x-journal/99"}\n', "no journal of format"),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(JournalError, match=reason):
        Journal(tmp_path / "j")


def test_a_missing_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot read"):
        Journal(tmp_path / "none")


def test_a_journal_without_footer_is_readable_and_says_so(write_journal: WriteJournal) -> None:
    path = write_journal(footer=False)
    events, problem = read(path)
    assert len(events) == len(EVENTS) + 1
    assert problem == f"no footer: the run was cut off; {len(EVENTS) + 1} events could be read"
    with pytest.raises(IncompleteJournal, match="no footer"):
        list(Journal(path).events(strict=True))


def test_a_changed_event_breaks_the_footer(write_journal: WriteJournal) -> None:
    path = write_journal()
    path.write_bytes(path.read_bytes().replace(b"Heartbeat", b"Heartbeet"))
    assert "changed after the run" in read(path)[1]


def test_a_removed_event_breaks_the_footer(write_journal: WriteJournal) -> None:
    path = write_journal()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + lines[4:]))
    assert "changed after the run" in read(path)[1]


def test_an_event_below_the_footer_is_noticed(write_journal: WriteJournal) -> None:
    path = write_journal()
    whole = read(path)[0]
    with path.open("ab") as file:
        file.write(b'{"type":"note","topic":"a","text":"b"}\n')
    events, problem = read(path)
    assert events == whole
    assert "stands below the footer" in problem


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
events = st.lists(
    st.builds(Note, topic=st.text(), text=st.text())
    | st.builds(CaseEvent, case=st.text())
    | st.builds(OperatorEvent, role=st.text(), verb=st.text(), arguments=st.dictionaries(st.text(), json_values, max_size=3))
    | st.builds(Frame, link=st.text(), sender=st.text(), to=st.text(), raw=st.text(), media=st.sampled_from(["json", "text"])),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(events)
def test_any_event_comes_back_as_it_was(recorded: list[Event]) -> None:
    with TemporaryDirectory() as folder:
        record(Path(folder, "j"), recorded)
        back, problem = read(Path(folder, "j"))
    assert not problem
    assert [msgspec.structs.replace(e, n=0, t=0.0) for e in back[1:-1]] == recorded


def test_a_journal_cut_at_any_byte_gives_every_whole_event_and_says_it_is_incomplete(write_journal: WriteJournal) -> None:
    path = write_journal(events=EVENTS[:6])
    whole, content = read(path)[0], path.read_bytes()
    ends = [i for i, byte in enumerate(content) if byte == 0x0A]
    for cut in range(len(content)):
        path.write_bytes(content[:cut])
        # A line is whole with its last brace: the line feed behind it carries nothing.
        readable = sum(end <= cut for end in ends)
        if readable == 0:
            with pytest.raises(JournalError):
                Journal(path)
            continue
        back, problem = read(path)
        assert back == whole[:readable]
        assert bool(problem) == (readable < len(whole))


@settings(max_examples=60, deadline=None)
@given(events, st.data())
def test_any_journal_cut_anywhere_is_a_prefix_that_says_so(recorded: list[Event], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "j")
        content = record(path, recorded)
        whole = read(path)[0]
        first = content.index(b"\n")
        cut = data.draw(st.integers(first, len(content) - 2))
        path.write_bytes(content[:cut])
        back, problem = read(path)
    assert problem
    assert back == whole[: len(back)]
    assert len(back) == sum(end <= cut for end, byte in enumerate(content) if byte == 0x0A)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_a_damaged_journal_raises_nothing_but_its_own_errors(noise: bytes, at: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "j")
        content = record(path, [Note("a", "b"), CaseEvent("c")])
        at %= len(content)
        path.write_bytes(content[:at] + noise + content[at + len(noise) :])
        with contextlib.suppress(JournalError):
            read(path)


KILLED = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from v2x_harness.events import Header, Note
    from v2x_harness.journal import Recorder

    recorder = Recorder(Path(sys.argv[1]), Header("r", "2026-01-02T03:04:05Z"), clock=time.monotonic)
    number = 0
    while True:
        recorder.record(Note("count", str(number)))
        print(number, flush=True)
        number += 1
    """
)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_kill_9_loses_nothing_that_had_been_seen(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as child:
        assert child.stdout
        for _ in range(500):
            seen = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split(b"\n")
        seen = max([seen, *map(int, filter(None, rest[:-1]))])
        child.wait()
    events, problem = read(path)
    numbers = [int(e.text) for e in events if isinstance(e, Note)]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > seen
    assert "no footer" in problem


def test_the_wall_time_is_rfc_3339_utc() -> None:
    assert utc_now().endswith("Z")
    assert len(utc_now()) == len("2026-01-02T03:04:05.000000Z")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_a_full_disk_breaks_the_journal_and_nobody_who_records():
    seen: list[Event] = []
    recorder = Recorder(None, HEADER, clock=lambda: 0.0)
    recorder.subscribe(seen.append)
    with Path("/dev/full").open("wb", buffering=0) as full:
        recorder._file = full
        assert recorder.record(Note(topic="t", text="x")) in seen
    assert recorder.broken
    assert "No space left on device" in str(recorder.broken)
    recorder.record(Note(topic="t", text="y"))
    recorder.close()
    assert len(seen) == 2
