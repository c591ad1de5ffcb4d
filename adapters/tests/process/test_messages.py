from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_adapters.process import messages
from v2x_adapters.process.messages import Do, Done, Event, Failed, ProtocolMismatch, Ready, Start, Stop, Stopped, Unsupported
from v2x_harness.operator import Placement

# Text that JSON can carry: no lone surrogates.
text = st.text(st.characters(codec="utf-8"), max_size=40)
name = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
scalar = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text
json_value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
json_object = st.dictionaries(text, json_value, max_size=3)
number = st.integers(1, 2**31)

from_adapter = st.one_of(
    st.builds(
        Ready,
        product=name,
        verbs=st.lists(name, unique=True, max_size=5).map(tuple),
        product_version=text,
        endpoint=text,
    ),
    st.builds(Done, id=number, result=json_object),
    st.builds(Unsupported, id=number, verb=name, message=text),
    st.builds(Failed, message=text, id=number, hint=text),
    st.builds(Event, name=name, data=json_object),
    st.builds(Stopped),
)
to_adapter = st.one_of(
    st.builds(Do, id=number, verb=name, arguments=json_object, within=st.floats(0.001, 1e6)),
    st.builds(Stop),
    st.builds(
        Start,
        placement=st.builds(
            Placement, role=text, protocol=text, version=text, settings=json_object, identities=st.just({"A": ""})
        ),
    ),
)


@given(from_adapter)
def test_what_an_adapter_sends_is_read_as_it_was_meant(message: messages.FromAdapter) -> None:
    assert messages.decode(msgspec.json.encode(message)) == message


@given(to_adapter)
def test_what_the_harness_sends_is_one_line_that_the_schema_accepts(message: messages.ToAdapter) -> None:
    line = messages.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["protocol"] == "v2x-adapter/1"


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_mismatch(line: bytes) -> None:
    with pytest.raises(ProtocolMismatch):
        messages.decode(line)


@given(st.dictionaries(st.sampled_from(["protocol", "type", "id", "verb", "result", "message"]), json_value))
def test_arbitrary_objects_raise_nothing_but_a_mismatch(value: dict[str, object]) -> None:
    value["protocol"] = "v2x-adapter/1"
    try:
        messages.decode(json.dumps(value).encode())
    except ProtocolMismatch:
        return


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"Listening on 8080", "no JSON"),
        (b"[1,2]", "JSON, but no object"),
        (b"{}", "of protocol None"),
        (b'{"protocol":"v2x-adapter/9","type":"stopped"}', "of protocol 'v2x-adapter/9'"),
        (b'{"protocol":"v2x-adapter/1","type":"do"}', "of type 'do'; an adapter sends done, event"),
        (b'{"protocol":"v2x-adapter/1","type":["ready"]}', "of type"),
        (b'{"protocol":"v2x-adapter/1","type":"done","id":0,"result":{}}', "id: 0 is less than"),
        (b'{"protocol":"v2x-adapter/1","type":"done","id":1,"result":[]}', "result: .* is not of type"),
        (b'{"protocol":"v2x-adapter/1","type":"done","id":1.0,"result":{}}', "id"),
        (b'{"protocol":"v2x-adapter/1","type":"stopped","extra":1}', "extra"),
    ],
)
def test_a_line_that_is_no_message_says_why(line: bytes, why: str) -> None:
    with pytest.raises(ProtocolMismatch, match=why):
        messages.decode(line)


def test_a_verb_that_the_schema_forbids_is_not_sent() -> None:
    with pytest.raises(ProtocolMismatch, match="verb"):
        messages.encode(Do(id=1, verb="", arguments={}, within=1.0))
