from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.events import Frame, LinkEvent
from v2x_reports.marked_json import Line, decoded, excerpt, field_name, lines, nearest, pointer_of

FORM = [2, "1", "BootNotification", {"reason": "Unknown", "chargingStation": {"model": "W"}, "a/b": [1, 2]}]


def marked(form: object, *pointers: str) -> list[tuple[str, str]]:
    return [(line.text.strip(), line.mark) for line in lines(form, pointers) if line.mark]


def frame(raw: str, media: str = "json") -> Frame:
    return Frame("l", "station", "csms", raw, media=media)  # type: ignore[arg-type]


def test_the_offending_field_is_marked() -> None:
    assert marked(FORM, "/3/reason") == [('"reason": "Unknown"', "bad")]
    assert marked(FORM, "/3/a~1b/1") == [("2", "bad")]


def test_an_offending_object_is_marked_as_a_whole() -> None:
    assert [text for text, _ in marked(FORM, "/3/chargingStation")] == ['"chargingStation": {', '"model": "W"', "}"]


def test_what_is_missing_is_shown_where_it_should_stand() -> None:
    assert marked(FORM, "/3/chargingStation/vendorName") == [('"vendorName": absent', "absent")]
    assert marked(FORM, "/3/evse/id") == [('"evse": absent', "absent")]
    assert marked(FORM, "/9") == [("9: absent", "absent")]
    assert marked({}, "/x") == [('"x": absent', "absent")]


def test_a_pointer_through_a_plain_value_marks_that_value() -> None:
    assert marked(FORM, "/3/reason/x") == [('"reason": "Unknown"', "bad")]


def test_long_strings_are_cut() -> None:
    (line,) = lines("x" * 5000, [])
    assert len(line.text) < 400
    assert "5000 characters" in line.text


def test_an_excerpt_shows_what_stands_around_the_mark() -> None:
    form = [2, "1", "X", {f"key{i}": i for i in range(100)}]
    shown = excerpt(frame(json.dumps(form)), ["/3/key50"], around=2)
    assert [line.text.strip() for line in shown] == [
        "…",
        '"key48": 48',
        '"key49": 49',
        '"key50": 50',
        '"key51": 51',
        '"key52": 52',
        "…",
    ]
    assert len(excerpt(frame(json.dumps(form)), [""])) == 29
    assert excerpt(frame(json.dumps(form)), ["/3"])[-1].mark in ("gap", "bad")


def test_a_frame_that_is_no_json_is_shown_as_it_is() -> None:
    assert excerpt(frame("[4,", "text"), []) == [Line("[4,", "bad")]
    assert excerpt(frame("3q2+7w==", "binary"), [""])[0].text == "3q2+7w==  (binary)"
    assert excerpt(frame("x" * 9000, "text"), [])[0].text.endswith("…")


@pytest.mark.parametrize("raw", ["{", "[" * 100_000])
def test_a_frame_that_lies_about_being_json_has_no_form(raw: str) -> None:
    assert decoded(frame(raw)) is None


def test_a_header_is_found_whatever_its_case() -> None:
    link = LinkEvent("l", "refused", detail={"headers": {"Sec-WebSocket-Protocol": "ocpp1.6"}})
    assert pointer_of(link, "header:sec-websocket-protocol") == "/headers/Sec-WebSocket-Protocol"
    assert [line.text.strip() for line in excerpt(link, ["header:sec-websocket-protocol"]) if line.mark == "bad"] == [
        '"Sec-WebSocket-Protocol": "ocpp1.6"'
    ]
    assert pointer_of(link, "header:X-Y") == "/headers/X-Y"
    assert pointer_of(frame("{}"), "bit:123") == ""


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/3/meterValue/0/timestamp", "meterValue[0].timestamp"),
        ("/3/reason", "reason"),
        ("/2", "2"),
        ("/V2G_Message/Body/CurrentDemandReq/EVTargetCurrent/Value", "EVTargetCurrent.Value"),
        ("/V2G_Message/Header/SessionID", "Header.SessionID"),
        ("/DC_ChargeLoopReq/DisplayParameters/PresentSOC", "DisplayParameters.PresentSOC"),
        ("/V2G_Message/Body/SessionStopReq", "SessionStopReq"),
        ("/status", "status"),
        ("bit:7", "bit:7"),
        ("", ""),
    ],
)
def test_a_pointer_has_a_name_for_people(pointer: str, name: str) -> None:
    assert field_name(pointer) == name


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.lists(st.text(max_size=3), max_size=4))
def test_any_value_with_any_pointer_can_be_written_out(value: object, steps: list[str]) -> None:
    pointer = "".join("/" + s.replace("~", "~0").replace("/", "~1") for s in steps)
    at, missing = nearest(value, pointer)
    written = lines(value, [pointer])
    assert written
    if pointer and missing is None and at == pointer:
        assert any(line.mark == "bad" for line in written)
    if missing is not None:
        assert any(line.mark == "absent" for line in written)


def test_what_is_nested_too_deeply_is_written_out_so_far_only():
    form: list[object] = []
    for _ in range(3_000):
        form = [form]
    assert any("nested deeper than 40 levels" in line.text for line in lines(form, []))
