"""SDP: what goes over the wire, the patience of an EVCC, the answers of an SECC."""

from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.sdp import (
    MOST_REQUESTS,
    RETRY,
    Discovery,
    Request,
    Responder,
    Response,
    SdpError,
    Security,
    Transport,
    decode_request,
    decode_response,
)

HERE = IPv6Address("fe80::1")


def test_a_request_on_the_wire() -> None:
    raw = bytes.fromhex("01fe9000000000020000")
    assert Request(Security.TLS).encode() == raw
    assert decode_request(raw) == Request(Security.TLS, Transport.TCP)


def test_a_response_on_the_wire() -> None:
    raw = bytes.fromhex("01fe900100000014fe800000000000000000000000000001cfd91000")
    assert Response(HERE, 53209).encode() == raw
    assert decode_response(raw) == Response(HERE, 53209, Security.NONE, Transport.TCP)


@given(st.builds(Response, st.ip_addresses(v=6), st.integers(0, 0xFFFF), st.sampled_from(Security), st.sampled_from(Transport)))
def test_what_is_encoded_is_decoded(response: Response) -> None:
    assert decode_response(response.encode()) == response


@given(st.binary(max_size=60))
def test_arbitrary_octets_raise_nothing_else(datagram: bytes) -> None:
    for decode in (decode_request, decode_response):
        try:
            decode(datagram)
        except SdpError:
            continue


@pytest.mark.parametrize(
    ("datagram", "words"),
    [
        ("01fe900100000014" + "00" * 20, "payload type is 0x9001"),
        ("01fe9000000000031000ff", "3 octets, not 2"),
        ("01fe9000000000020100", "security 0x01 is reserved"),
        ("01fe9000000000021001", "transport protocol 0x01 is reserved"),
        ("02fd9000000000021000", "version"),
        ("01fe90000000000210", "ended within"),
    ],
)
def test_what_is_no_request_is_told_why(datagram: str, words: str) -> None:
    with pytest.raises(SdpError, match=words):
        decode_request(bytes.fromhex(datagram))


def test_an_evcc_asks_every_quarter_of_a_second_and_gives_up_after_fifty() -> None:
    search, sent, now = Discovery(Request()), 0, 100.0
    while (until := search.next_deadline) is not None:
        now = max(now, until)
        sent += search.due(now) is not None
        assert search.due(now + RETRY / 2) is None
    assert sent == search.asked == MOST_REQUESTS
    assert search.failed
    assert now == pytest.approx(100.0 + MOST_REQUESTS * RETRY)


def test_the_first_good_response_ends_the_search() -> None:
    search = Discovery(Request())
    assert search.due(0.0) == Request().encode()
    with pytest.raises(SdpError):
        search.receive(Request().encode())
    assert not search.over
    search.receive(Response(HERE, 1).encode())
    search.receive(Response(HERE, 2).encode())
    assert search.response == Response(HERE, 1)
    assert search.over
    assert search.due(9.0) is None
    assert search.next_deadline is None


@pytest.mark.parametrize(
    ("responder", "asked", "told"),
    [
        (Responder(HERE, tls_port=1, plain_port=2), Security.TLS, Response(HERE, 1, Security.TLS)),
        (Responder(HERE, tls_port=1, plain_port=2), Security.NONE, Response(HERE, 2, Security.NONE)),
        (Responder(HERE, tls_port=1), Security.NONE, Response(HERE, 1, Security.TLS)),
        (Responder(HERE, plain_port=2), Security.TLS, Response(HERE, 2, Security.NONE)),
    ],
)
def test_an_secc_tells_what_it_has(responder: Responder, asked: Security, told: Response) -> None:
    answer = responder.answer(Request(asked).encode())
    assert answer is not None
    assert decode_response(answer) == told


def test_an_secc_without_a_port_is_silent() -> None:
    assert Responder(HERE).answer(Request().encode()) is None


def test_transport_over_udp_is_not_answered() -> None:
    with pytest.raises(SdpError, match="UDP"):
        Responder(HERE, plain_port=1).answer(v2gtp.encode(0x9000, b"\x10\x10"))


def test_a_port_beyond_two_octets_is_refused() -> None:
    with pytest.raises(ValueError, match="two octets"):
        Response(HERE, 65536).encode()


def test_an_answer_with_another_transport_is_left_aside() -> None:
    search = Discovery(Request())
    with pytest.raises(SdpError, match="UDP"):
        search.receive(Response(HERE, 9, transport=Transport.UDP).encode())
    assert search.response is None
