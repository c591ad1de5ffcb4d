import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_adapters.websocket.handshake import BadHead, described, identity_of, inflaters, request_head, response_head

printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def request(*fields, target="/ocpp/CS001", method="GET"):
    lines = [f"{method} {target} HTTP/1.1", "Host: tap:1", *fields]
    return request_head("\r\n".join(lines).encode("iso-8859-1") + b"\r\n\r\n")


def response(*fields, status="101 Switching Protocols"):
    return response_head("\r\n".join([f"HTTP/1.1 {status}", *fields]).encode("iso-8859-1") + b"\r\n\r\n")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_a_head_or_a_bad_head(raw):
    for read in (request_head, response_head):
        try:
            head = read(raw + b"\r\n\r\n")
        except BadHead:
            continue
        assert head.raw == raw + b"\r\n\r\n"
        head.redacted()


def test_fields_are_found_whatever_their_case_and_however_they_are_split():
    head = request("sec-websocket-PROTOCOL: ocpp2.0.1 ,ocpp1.6", "Sec-WebSocket-Protocol: ocpp2.1")
    assert described(head, None)["subprotocols_offered"] == ["ocpp2.0.1", "ocpp1.6", "ocpp2.1"]


def test_only_the_host_changes_on_the_way():
    head = request("X-Host: Host: other", "Cookie: a=b")
    assert head.to("csms:9000") == head.raw.replace(b"Host: tap:1", b"Host: csms:9000", 1)
    assert request(target="/CS001?x=1").to("c", "/end").startswith(b"GET /CS001/end?x=1 HTTP/1.1\r\nHost: c\r\n")


@pytest.mark.parametrize(
    ("target", "identity"),
    [
        ("/ocpp/CS001", "CS001"),
        ("/CS%20001", "CS 001"),
        ("/a/CS001/", "CS001"),
        ("/a/CS%2F1?x=/y", "CS/1"),
        ("/", ""),
        ("*", "*"),
    ],
)
def test_the_identity_is_the_last_segment(target, identity):
    assert identity_of(target) == identity


@settings(deadline=None)
@given(st.text(max_size=10).filter(lambda user: ":" not in user), st.binary(min_size=4, max_size=40))
def test_of_credentials_the_user_and_the_length_are_told(user, password):
    encoded = base64.b64encode(user.encode() + b":" + password).decode()
    detail = described(request(f"Authorization: Basic {encoded}"), None)
    assert detail["basic_auth"] == {"user": user, "password_octets": len(password)}
    assert encoded not in str(detail["headers"])


@pytest.mark.parametrize("value", ["Basic !!!", "Basic", "Basic " + base64.b64encode(b"no colon").decode()])
def test_credentials_that_are_none_are_said_to_be_so(value):
    assert "problem" in described(request(f"Authorization: {value}"), None)["basic_auth"]


@settings(deadline=None)
@given(printable)
def test_what_looks_like_a_secret_is_told_by_its_length_only(secret):
    fields = [f"{name}: SECRET{secret}" for name in ("X-Api-Key", "Cookie", "X-Auth", "Proxy-Authorization")]
    detail = described(request(*fields, target="/CS001?token=SECRETx&a=1"), response(f"Set-Cookie: SECRET{secret}"))
    assert "SECRET" not in str(detail)
    assert detail["path"].endswith("&a=1")
    assert detail["headers"]["Cookie"] == f"({len(secret) + 6} characters)"


def test_a_response_tells_status_and_subprotocol():
    detail = described(request(), response("Sec-WebSocket-Protocol: ocpp1.6"))
    assert (detail["status"], detail["subprotocol"]) == (101, "ocpp1.6")


def test_without_the_extension_nothing_is_inflated():
    assert inflaters(response("Sec-WebSocket-Extensions: x-webkit-deflate-frame")) == (None, None)


@pytest.mark.parametrize(
    "extension",
    [
        "permessage-deflate",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        'permessage-deflate; client_max_window_bits="9"; server_max_window_bits=8',
        "foo, permessage-deflate; client_max_window_bits=bad",
    ],
)
def test_each_side_is_inflated_as_it_was_agreed(extension):
    for inflater in inflaters(response(f"Sec-WebSocket-Extensions: {extension}")):
        context = zlib.compressobj(wbits=-9)
        wire = (context.compress(b"hello") + context.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert inflater.inflate(wire, 100) == (b"hello", 5)
