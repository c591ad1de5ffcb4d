import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import Fault, LocalProtocolError, RemoteProtocolError
from v2x_architecture.ocpp.messages import Call, CallError, CallResult, CallResultError, Send, encode, parse
from v2x_architecture.ocpp.versions import VERSIONS, Version

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)
payloads = st.dictionaries(texts, json_values, max_size=4)
ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=36)
old_messages = (
    st.builds(Call, ids, texts, payloads)
    | st.builds(CallResult, ids, payloads)
    | st.builds(CallError, ids, texts, st.text(st.characters(exclude_categories=["Cs"]), max_size=255), payloads)
)
new_messages = old_messages | st.builds(Send, ids, texts, payloads) | st.builds(CallResultError, ids, texts, texts, payloads)

versions = pytest.mark.parametrize("version", VERSIONS)


def refused(text: str | bytes, version: Version = "2.0.1") -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        parse(text, version)
    return caught.value


@given(old_messages)
def test_what_is_encoded_parses_to_itself(message):
    for version in VERSIONS:
        assert parse(encode(message), version) == message


@given(new_messages)
def test_the_messages_of_2_1_too_parse_to_themselves(message):
    assert parse(encode(message), "2.1") == message
    assert parse(encode(message).encode(), "2.1") == message


@given(st.text() | st.binary(), st.sampled_from(VERSIONS))
def test_arbitrary_input_raises_nothing_but_a_remote_protocol_error(data, version):
    with contextlib.suppress(RemoteProtocolError):
        parse(data, version)


@given(st.lists(json_values | st.sampled_from([2, 3, 4, 5, 6]), max_size=6), st.sampled_from(VERSIONS))
def test_arbitrary_arrays_raise_nothing_but_a_remote_protocol_error(frame, version):
    with contextlib.suppress(RemoteProtocolError):
        parse(json.dumps(frame), version)


@given(new_messages, st.data())
def test_a_message_cut_short_raises_nothing_but_a_remote_protocol_error(message, data):
    text = encode(message)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    error = refused(cut, "2.1")
    assert error.fault is Fault.REMOTE
    assert error.code in set(ErrorCode)
    assert error.message_id in {None, message.message_id}


@versions
def test_a_null_payload_is_an_empty_one(version):
    assert parse('[2,"a","Heartbeat",null]', version) == Call("a", "Heartbeat", {})
    assert parse('[3,"a",null]', version) == CallResult("a", {})


@pytest.mark.parametrize("number", [5, 6])
def test_the_messages_of_2_1_are_unknown_types_before_it(number):
    error = refused(f'[{number},"a","X",{{}},{{}}]', "2.0.1")
    assert (error.code, error.message_type) == (ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, number)


@pytest.mark.parametrize(
    ("text", "code", "message_id", "message_type"),
    [
        ("", ErrorCode.RPC_FRAMEWORK_ERROR, None, None),
        ("{}", ErrorCode.RPC_FRAMEWORK_ERROR, None, None),
        ("[]", ErrorCode.RPC_FRAMEWORK_ERROR, None, None),
        ('["2","a","Heartbeat",{}]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", None),
        ("[true]", ErrorCode.RPC_FRAMEWORK_ERROR, None, None),
        ("[2]", ErrorCode.RPC_FRAMEWORK_ERROR, None, 2),
        ('[2,17,"Heartbeat",{}]', ErrorCode.RPC_FRAMEWORK_ERROR, None, 2),
        ('[2,"a","Heartbeat"]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", 2),
        ('[2,"a","Heartbeat",{},{}]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", 2),
        ('[2,"a",7,{}]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", 2),
        ('[2,"a","Heartbeat",[]]', ErrorCode.FORMAT_VIOLATION, "a", 2),
        ('[3,"a","x"]', ErrorCode.FORMAT_VIOLATION, "a", 3),
        ('[4,"a","InternalError",null,{}]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", 4),
        ('[4,"a","InternalError",""]', ErrorCode.RPC_FRAMEWORK_ERROR, "a", 4),
        ('[9,"a"]', ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, "a", 9),
        ('[2,"a","Heartbeat",{', ErrorCode.FORMAT_VIOLATION, "a", 2),
        (' [ 3 , "a" , {"x":', ErrorCode.FORMAT_VIOLATION, "a", 3),
        ('[2,"a', ErrorCode.RPC_FRAMEWORK_ERROR, None, 2),
        ('[2,"a","Heartbeat",{"x":NaN}]', ErrorCode.FORMAT_VIOLATION, "a", 2),
        (b'[2,"a","Heartbeat",{"x":"\xff"}]', ErrorCode.FORMAT_VIOLATION, "a", 2),
        ("[" * 3000, ErrorCode.RPC_FRAMEWORK_ERROR, None, None),
    ],
)
def test_a_malformed_message_says_what_could_be_read_of_it(text, code, message_id, message_type):
    error = refused(text)
    assert (error.code, error.message_id, error.message_type) == (code, message_id, message_type)


def test_a_message_id_has_at_most_36_characters():
    assert parse(f'[2,"{"x" * 36}","Heartbeat",{{}}]', "1.6").message_id == "x" * 36
    assert refused(f'[2,"{"x" * 37}","Heartbeat",{{}}]').message_id == "x" * 37
    with pytest.raises(LocalProtocolError, match="longer than 36"):
        encode(Call("x" * 37, "Heartbeat", {}))


def test_what_json_cannot_say_is_our_own_fault():
    for value in (object(), 2**70, "\ud800"):
        with pytest.raises(LocalProtocolError) as caught:
            encode(Call("a", "Heartbeat", {"x": value}))
        assert caught.value.fault is Fault.LOCAL


def test_a_description_is_shortened_to_what_fits():
    assert parse(encode(CallError("a", "GenericError", "x" * 300)), "1.6").description == "x" * 255
