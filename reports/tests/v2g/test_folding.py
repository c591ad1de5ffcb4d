"""Loops of sessions are folded, and nothing else is."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.events import Frame, LinkEvent
from v2x_reports.folding import Fold, Folder, Gap

from .conftest import LINK, message


def exchanges(count: int, name: str = "CurrentDemand", code: str = "OK", start: int = 0) -> list[Frame]:
    made = []
    for _ in range(count):
        for kind, body in (("Req", {}), ("Res", {"ResponseCode": code})):
            n = start + len(made)
            made.append(msgspec.structs.replace(message(f"{name}{kind}", body), n=n, t=n / 10))
    return made


def folded(events, cited=()) -> list:
    folder = Folder(frozenset(cited))
    made = [settled for event in events for settled in folder.add(event)]
    return [*made, *folder.rest()]


def test_a_loop_becomes_one_entry_with_its_count_and_times() -> None:
    (fold,) = folded(exchanges(500))
    assert (fold.labels, fold.count, fold.note) == (("CurrentDemandReq", "CurrentDemandRes"), 500, "OK")
    assert (fold.begins, fold.ends, round(fold.slowest, 3), fold.first, fold.last) == (0.0, 99.9, 0.1, 0, 999)


def test_its_first_and_last_exchanges_can_be_opened() -> None:
    (fold,) = folded(exchanges(500))
    assert [e.n if isinstance(e, Frame) else e for e in fold.events] == [0, 1, 2, 3, Gap(496, "exchanges"), 996, 997, 998, 999]


def test_a_few_exchanges_alike_are_left_as_they_are() -> None:
    events = exchanges(5)
    assert folded(events) == events


def test_a_response_that_says_something_else_ends_a_loop() -> None:
    events = [*exchanges(50), *exchanges(1, code="FAILED", start=100), *exchanges(50, start=102)]
    made = folded(events)
    assert [type(each) for each in made] == [Fold, Frame, Frame, Fold]
    assert made[2].decoded["V2G_Message"]["Body"]["CurrentDemandRes"] == {"ResponseCode": "FAILED"}


def test_what_is_cited_is_never_folded_away() -> None:
    made = folded(exchanges(100), cited=[51])
    assert [type(each) for each in made].count(Fold) == 2
    assert 51 in [each.n for each in made if isinstance(each, Frame)]


def test_requests_that_nobody_answers_are_folded_too() -> None:
    made = folded([each for each in exchanges(50) if each.label.endswith("Req")])
    assert [(fold.labels, fold.count, fold.slowest) for fold in made] == [(("CurrentDemandReq",), 50, None)]


def test_whatever_else_happens_stands_where_it_happened() -> None:
    close = LinkEvent(LINK, "close", n=99)
    made = folded([*exchanges(20), close, *exchanges(20, "PreCharge")])
    assert [type(each) for each in made] == [Fold, LinkEvent, Fold]


def test_frames_of_other_protocols_are_left_alone() -> None:
    events = [Frame("l", "station", "csms", "[2]", "CALL Heartbeat", n=n) for n in range(100)]
    assert folded(events) == events


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["Req", "Res", ""]), st.integers(1, 12)), max_size=12))
def test_nothing_is_lost_and_the_order_stays(parts) -> None:
    events = [message(name + kind, {}) for name, kind, count in parts for _ in range(count)]
    events = [msgspec.structs.replace(event, n=n) for n, event in enumerate(events)]
    made = folded(events)
    seen = []
    for each in made:
        seen += [each.n] if isinstance(each, Frame) else range(each.first, each.last + 1)
        if isinstance(each, Fold):
            assert each.count * len(each.labels) == each.last - each.first + 1
    assert seen == list(range(len(events)))
