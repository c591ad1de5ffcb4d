import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.credentials import BasicCredentials, connection_url, identity_in

identities = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=48)


@given(identities)
def test_every_identity_comes_through_a_url(identity):
    url = connection_url("ws://csms.example.com/ocpp", identity)
    assert url.isascii()
    assert identity_in(url.removeprefix("ws://csms.example.com"), "/ocpp") == identity


@pytest.mark.parametrize(
    ("endpoint", "identity", "url"),
    [
        ("ws://csms.example.com/ocpp", "CS001", "ws://csms.example.com/ocpp/CS001"),
        ("ws://csms.example.com/ocpp/", "CS001", "ws://csms.example.com/ocpp/CS001"),
        ("wss://csms.example.com/ocppj", "RDAM|123", "wss://csms.example.com/ocppj/RDAM%7C123"),
        ("wss://csms.example.com/ocppj", "RDAM 123", "wss://csms.example.com/ocppj/RDAM%20123"),
        ("ws://csms.example.com:8080", "a/b", "ws://csms.example.com:8080/a%2Fb"),
        ("ws://csms.example.com/ocpp?tenant=1", "CS001", "ws://csms.example.com/ocpp/CS001?tenant=1"),
    ],
)
def test_the_identity_follows_the_path_percent_encoded(endpoint, identity, url):
    assert connection_url(endpoint, identity) == url


@pytest.mark.parametrize(
    ("path", "base", "identity"),
    [
        ("/CS001", "/", "CS001"),
        ("/CS001?x=y", "/", "CS001"),
        ("/ocpp/CS%20001", "/ocpp", "CS 001"),
        ("/ocpp/CS%2F001", "/ocpp/", "CS/001"),
        ("/ocpp/CS+001", "/ocpp", "CS+001"),
        ("/", "/", None),
        ("/ocpp/", "/ocpp", None),
        ("/ocpp", "/ocpp", None),
        ("/other/CS001", "/ocpp", None),
        ("/ocpp/CS001/", "/ocpp", None),
        ("/ocpp/a/b", "/ocpp", None),
        ("/ocpp/%FF", "/ocpp", None),
    ],
)
def test_a_path_without_one_identity_after_the_base_has_none(path, base, identity):
    assert identity_in(path, base) == identity


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"), max_size=48), st.binary(max_size=40))
def test_any_password_comes_through_a_header(username, password):
    credentials = BasicCredentials(username, password)
    assert BasicCredentials.parse(credentials.header()) == credentials


@given(st.text())
def test_arbitrary_headers_are_read_or_not(header):
    assert isinstance(BasicCredentials.parse(header), BasicCredentials | None)


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Bearer abc", "Basic " + base64.b64encode(b"no colon").decode(), "Basic /zo=", "Basic YTpi YTpi"],
)
def test_what_is_no_basic_header_holds_no_credentials(header):
    assert BasicCredentials.parse(header) is None


def test_the_scheme_is_read_in_any_case():
    assert BasicCredentials.parse("bAsIc YTpi") == BasicCredentials("a", b"b")
