from __future__ import annotations

import msgspec
import pytest
from v2x_harness.events import FORMAT, Event, Footer, Frame, Header, LinkEvent, Note, RuleEvent

from .conftest import EVENTS

decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


@pytest.mark.parametrize(
    "event", [*EVENTS, Header("r", "s"), Note("a", "b"), Footer({"header": 1}, "ab", "t")], ids=lambda e: type(e).__name__
)
def test_an_event_comes_back_as_it_was_written(event: Event) -> None:
    line = msgspec.json.encode(event)
    assert decoder.decode(line) == event
    assert msgspec.json.decode(line)["type"] == event.__struct_config__.tag


def test_a_header_names_its_format() -> None:
    assert Header("r", "s").format == FORMAT


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"type":"unheard-of"}',
        b'{"type":"frame","link":"l"}',
        b'{"type":"frame","link":"l","sender":"a","to":"b","raw":"","fate":"eaten"}',
        b'{"type":"verdict","case":"A","verdict":"perhaps"}',
        b'{"type":"rule","rule":"x","inspected":"often"}',
    ],
)
def test_what_is_no_event_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(line)


def test_fields_of_a_later_version_are_passed_over() -> None:
    assert decoder.decode(b'{"type":"rule","rule":"x","later":1}') == RuleEvent("x")


def test_the_decoded_form_of_json_is_the_frame_itself() -> None:
    assert Frame("l", "a", "b", '[2,"1","Heartbeat",{}]').form() == [2, "1", "Heartbeat", {}]


def test_the_decoded_form_of_anything_else_is_what_the_tap_put_there() -> None:
    assert Frame("l", "a", "b", "AA==", media="binary", decoded={"x": 1}).form() == {"x": 1}
    assert Frame("l", "a", "b", "[4,", media="text").form() is None


def test_default_values_are_not_shared() -> None:
    assert LinkEvent("l", "open").detail is not LinkEvent("l", "open").detail
