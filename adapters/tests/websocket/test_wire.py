import os
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_adapters.websocket.wire import (
    BINARY,
    CONT,
    PING,
    TEXT,
    Inflater,
    Reader,
    close_frame,
    close_of,
    fragments,
    frame,
    shaped,
)
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

sides = st.booleans()
opcodes = st.sampled_from([0, 1, 2, 3, 8, 9, 10, 15])


def read(data, *, masked=True, limit=1 << 20, inflater=None, step=None):
    reader = Reader(masked=masked, limit=limit, inflater=inflater)
    units = []
    for at in range(0, len(data), step or len(data) or 1):
        units += reader.feed(data[at : at + (step or len(data))])
    rest = reader.rest()
    return [*units, rest] if rest else units


def endpoint(*, client):
    """An independent endpoint that receives what a client (or server) would send."""
    if client:
        return ServerProtocol(state=State.OPEN, max_size=None)
    return ClientProtocol(parse_uri("ws://x/"), state=State.OPEN, max_size=None)


@settings(deadline=None)
@given(st.binary(max_size=70000), sides, st.integers(1, 999))
def test_what_is_written_is_read_however_it_is_cut(payload, mask, step):
    wire = frame(BINARY, payload, mask=mask)
    (unit,) = read(wire, masked=mask, step=step)
    assert (unit.kind, unit.payload, unit.wire, unit.size) == ("binary", payload, wire, len(payload))


@settings(deadline=None)
@given(st.text(max_size=300), sides)
def test_an_independent_endpoint_reads_what_is_written(text, mask):
    peer = endpoint(client=mask)
    peer.receive_data(frame(TEXT, text.encode(), mask=mask))
    (event,) = peer.events_received()
    assert (event.opcode, bytes(event.data)) == (Opcode.TEXT, text.encode())


@settings(deadline=None)
@given(st.binary(max_size=300), sides)
def test_what_an_independent_endpoint_writes_is_read(payload, mask):
    (unit,) = read(Frame(Opcode.BINARY, payload).serialize(mask=mask), masked=mask)
    assert unit.payload == payload


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(1, 200), sides)
def test_fragments_are_one_message_and_keep_their_wire_form(payload, size, mask):
    wire = fragments(BINARY, payload, size, mask=mask)
    (unit,) = read(wire, masked=mask)
    assert (unit.payload, unit.wire) == (payload, wire)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200)), sides, st.integers(1, 50), st.integers(1, 100))
def test_no_octets_whatever_are_lost_or_raise(chunks, masked, limit, step):
    data = b"".join(chunks)
    units = read(data, masked=masked, limit=limit, step=step)
    assert sorted(b"".join(unit.wire for unit in units)) == sorted(data)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2, 3, 8, 9, 10, 15]), st.binary(max_size=140), st.booleans(), st.integers(0, 7))),
    sides,
)
def test_no_frames_whatever_are_lost_or_raise(frames, masked):
    data = b"".join(frame(opcode, payload, mask=masked, fin=fin, rsv=rsv) for opcode, payload, fin, rsv in frames)
    units = read(data, masked=masked, limit=100, inflater=Inflater(), step=17)
    assert sorted(b"".join(unit.wire for unit in units)) == sorted(data)


def test_control_frames_come_out_of_the_middle_of_a_message():
    wire = frame(TEXT, b"ab", mask=True, fin=False) + frame(PING, b"p", mask=True) + frame(CONT, b"c", mask=True)
    assert [(unit.kind, unit.payload) for unit in read(wire)] == [("ping", b"p"), ("text", b"abc")]


@pytest.mark.parametrize(
    ("wire", "problem"),
    [
        (frame(TEXT, b"x", mask=False), "not masked"),
        (frame(3, b"x", mask=True), "opcode 3 is reserved"),
        (frame(11, b"x", mask=True), "opcode 11 is reserved"),
        (frame(TEXT, b"x", mask=True, rsv=2), "reserved bit"),
        (frame(TEXT, b"x", mask=True, rsv=4), "reserved bit"),
        (frame(PING, b"x" * 126, mask=True), "longer than 125"),
        (frame(PING, b"x", mask=True, fin=False), "fragmented"),
        (frame(CONT, b"x", mask=True), "continues nothing"),
        (frame(8, b"x", mask=True), "close frame"),
        (close_frame(1005, mask=True), "close frame"),
        (frame(8, b"\x03\xe8\xff", mask=True), "no UTF-8"),
        (frame(TEXT, b"x", mask=True, fin=False), "ended within"),
        (frame(TEXT, b"abc", mask=True)[:-1], "ended within"),
    ],
    ids=lambda value: value if isinstance(value, str) else "frame",  # the masks are random
)
def test_what_breaks_the_protocol_is_named_and_kept(wire, problem):
    (unit,) = read(wire)
    assert unit.kind == "broken"
    assert problem in unit.problem
    assert unit.wire == wire


def test_a_message_within_another_is_broken_and_the_other_goes_on():
    wire = frame(TEXT, b"a", mask=True, fin=False) + frame(TEXT, b"x", mask=True) + frame(CONT, b"b", mask=True)
    assert [(unit.kind, unit.payload) for unit in read(wire)] == [("broken", b"x"), ("text", b"ab")]


def test_a_masked_frame_from_a_server_is_broken():
    (unit,) = read(frame(TEXT, b"x", mask=True), masked=False)
    assert (unit.kind, unit.payload) == ("broken", b"x")


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_large_message_is_looked_at_in_part_and_passes_whole(step):
    wire = frame(TEXT, b"a" * 500, mask=True)
    first, *tails = read(wire + frame(TEXT, b"next", mask=True), limit=100, step=step)
    *tails, after = tails
    assert (first.kind, first.payload, first.size, first.cut) == ("text", b"a" * 100, 500, True)
    assert {tail.kind for tail in tails} == {"tail"}
    assert tails[-1].size == 0
    assert all(tail.size for tail in tails[:-1])
    assert b"".join(unit.wire for unit in (first, *tails)) == wire
    assert after.payload == b"next"


@pytest.mark.parametrize("step", [1, 9, 1000])
def test_a_large_message_in_fragments_passes_whole_too(step):
    wire = fragments(TEXT, b"a" * 500, 60, mask=True)
    first, *tails = read(wire, limit=100, step=step)
    assert (first.payload, first.size) == (b"a" * 100, -1)
    assert tails[-1].size == 0
    assert all(tail.size for tail in tails[:-1])
    assert b"".join(unit.wire for unit in (first, *tails)) == wire


def deflated(*messages, takeover=True):
    context = zlib.compressobj(wbits=-15)
    for message in messages:
        if not takeover:
            context = zlib.compressobj(wbits=-15)
        payload = (context.compress(message) + context.flush(zlib.Z_SYNC_FLUSH))[:-4]
        yield frame(TEXT, payload, mask=True, rsv=4)


@pytest.mark.parametrize("takeover", [True, False])
def test_deflated_messages_are_inflated(takeover):
    messages = [b"[2,1,hello]" * 40, b"[2,1,hello]" * 41]
    units = read(b"".join(deflated(*messages, takeover=takeover)), inflater=Inflater(takeover=takeover))
    assert [(unit.kind, unit.payload, unit.compressed) for unit in units] == [("text", message, True) for message in messages]


def test_a_message_that_inflates_beyond_the_limit_is_cut_and_the_next_is_read():
    units = read(b"".join(deflated(b"a" * 5000, b"b")), limit=1000, inflater=Inflater())
    assert [(unit.payload, unit.size) for unit in units] == [(b"a" * 1000, 5000), (b"b", 1)]
    assert not units[0].cut


def test_what_cannot_be_inflated_is_broken_and_what_follows_is_not_guessed_at():
    wire = frame(TEXT, b"\xff\xff", mask=True, rsv=4)
    units = read(wire + wire + frame(TEXT, b"plain", mask=True), inflater=Inflater())
    assert [unit.kind for unit in units] == ["broken", "binary", "text"]


@settings(deadline=None)
@given(st.integers(1000, 4999), st.text(max_size=40))
def test_close_frames_are_written_and_read(code, reason):
    for unit in read(close_frame(code, reason, mask=True)):
        if unit.kind == "close":
            assert close_of(unit.payload) == (code, reason)


def test_a_close_frame_without_a_code_means_1005():
    (unit,) = read(frame(8, b"", mask=True))
    assert close_of(unit.payload) == (1005, "")


@pytest.mark.parametrize("mask", [True, False])
@pytest.mark.parametrize(
    ("shape", "code"),
    [("wrong_mask", 1002), ("reserved_opcode", 1002), ("reserved_bits", 1002), ("long_ping", 1002), ("invalid_utf8", None)],
)
def test_each_shape_is_refused_by_an_independent_endpoint_and_seen_here(shape, code, mask):
    wire = shaped('[2,"1","Heartbeat",{}]', shape, mask=mask)
    peer = endpoint(client=mask)
    peer.receive_data(wire)
    if code:
        assert peer.close_sent.code == code
        (unit,) = read(wire, masked=mask)
        assert unit.kind == "broken"
    else:
        (event,) = peer.events_received()
        with pytest.raises(UnicodeDecodeError):
            event.data.decode()


def test_fragments_and_unfinished_and_octets_are_what_they_say():
    text = '[2,"1","Heartbeat",{}]'
    assert [unit.payload for unit in read(shaped(text, "fragments", mask=True))] == [text.encode()]
    assert read(shaped(text, "unfinished", mask=True))[0].problem
    assert shaped("8100", "octets", mask=True) == b"\x81\x00"


def test_a_megabyte_that_trickles_in_is_put_together_once():
    wire = frame(BINARY, os.urandom(1 << 20), mask=True)
    (unit,) = read(wire, step=1 << 10)
    assert unit.wire == wire
