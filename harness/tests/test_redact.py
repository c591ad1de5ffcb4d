from __future__ import annotations

import base64
import json
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from v2x_harness.errors import RegistryError
from v2x_harness.events import (
    Event,
    FindingEvent,
    Footer,
    Frame,
    Header,
    LinkEvent,
    Note,
    OperatorEvent,
    RuleEvent,
    VerdictEvent,
)
from v2x_harness.finding import Finding
from v2x_harness.redact import Redactor, mark
from v2x_harness.redaction import MarkCounter
from v2x_harness.verdict import Verdict

from .conftest import EVENTS

PASSWORD = 'S3cret/ü"x+y'

PLACES = (
    "/3/setVariableData/*/attributeValue if /3/setVariableData/*/variable/name = BasicAuthPassword",
    "/3/value if /2 = ChangeConfiguration and /3/key = AuthorizationKey",
    "operator /payload/value if /payload/key = AuthorizationKey",
)


def frame(raw: str, media: str = "json", **fields: object) -> Frame:
    return msgspec.convert(
        {"type": "frame", "link": "l", "sender": "csms", "to": "station", "raw": raw, "media": media, **fields}, Frame
    )


def written(event: Event) -> str:
    return msgspec.json.encode(event).decode()


@pytest.mark.parametrize(
    "text",
    [
        PASSWORD,
        json.dumps(PASSWORD),
        json.dumps(json.dumps({"p": PASSWORD})),
        json.dumps(PASSWORD, ensure_ascii=False),
        quote(PASSWORD, safe=""),
        quote(PASSWORD, safe="").lower().replace("s3cret", "S3cret"),
        "".join(f"%{b:02x}" for b in PASSWORD.encode()),
        PASSWORD.encode().hex(),
        PASSWORD.encode().hex().upper(),
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(f"CS001:{PASSWORD}".encode()).decode(),
        base64.b64encode(f"CS0012:{PASSWORD}".encode()).decode(),
        base64.urlsafe_b64encode(f"CS00123:{PASSWORD}".encode()).decode().rstrip("="),
    ],
)
def test_a_known_secret_is_removed_in_every_encoding(text: str) -> None:
    clean = Redactor({"password": PASSWORD}).text(f"before {text} after")
    assert text.strip('"') not in clean
    assert "[redacted:password:" in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")


def test_the_base64_of_user_and_password_goes_as_a_whole() -> None:
    word = base64.b64encode(b"CS001:correct horse").decode()
    assert Redactor({"password": "correct horse"}).text(f"x {word} y") == "x [redacted:password:base64] y"


def test_an_event_without_secrets_is_the_same_object() -> None:
    redactor = Redactor({"password": PASSWORD}, PLACES)
    for event in (*EVENTS, Header("r", "s"), Footer({}, "", ""), RuleEvent("r", 1)):
        clean = redactor(event)
        assert clean == event
        if isinstance(event, Frame):
            assert clean is event


def test_json_frames_stay_json_and_keep_the_bytes_around_the_secret() -> None:
    raw = '[2, "1" ,"DataTransfer",{"data":"it is correct horse battery!"}]'
    clean = Redactor({"password": "correct horse battery"})(frame(raw))
    assert isinstance(clean, Frame)
    assert clean.raw == '[2, "1" ,"DataTransfer",{"data":"it is [redacted:password:plain]!"}]'


def test_a_secret_written_in_escapes_is_found() -> None:
    raw = '{"a":"' + "".join(f"\\u{ord(c):04x}" for c in "correct horse") + '"}'
    assert Redactor({"password": "correct horse"})(frame(raw)) == frame('{"a":"[redacted:password:plain]"}')


def test_a_secret_that_is_a_number_leaves_json_behind() -> None:
    clean = Redactor({"pin": "12345678"})(frame('{"pin":12345678,"p":12345678}'))
    assert json.loads(clean.raw) == {"pin": "[redacted:pin:plain]", "p": "[redacted:pin:plain]"}


def test_a_short_secret_is_removed_only_where_it_stands_alone() -> None:
    clean = Redactor({"pin": "1234"})(frame('{"pin":"1234","id":"A1234Z","t":"2026-01-02T03:04:05.512345Z"}'))
    assert json.loads(clean.raw) == {"pin": "[redacted:pin:plain]", "id": "A1234Z", "t": "2026-01-02T03:04:05.512345Z"}


def test_a_secret_that_is_public_anyway_does_not_tear_holes() -> None:
    redactor = Redactor({"password": "CS001-lobby"}, public=["CS001-lobby"])
    link = LinkEvent(
        "csms<-CS001-lobby#1", "open", detail={"path": "/CS001-lobby", "headers": {"Authorization": "Basic Q1MwMDE="}}
    )
    clean = redactor(link)
    assert clean.detail == {"path": "/CS001-lobby", "headers": {"Authorization": "Basic [redacted:credential:header]"}}


def test_what_the_harness_itself_wrote_is_never_torn() -> None:
    verdict = VerdictEvent("TC_station", Verdict.FAIL, {"R.station": Verdict.FAIL}, reason="station said so", role="station")
    finding = FindingEvent(Finding("R.station", "bad", seen="station", source="TC_station", party="station"))
    redactor = Redactor({"password": "station"})
    clean = redactor(verdict)
    assert (clean.case, clean.role, clean.requirements) == (verdict.case, verdict.role, verdict.requirements)
    assert clean.reason == "[redacted:password:plain] said so"
    found = redactor(finding).finding
    assert (found.requirement, found.source, found.party) == ("R.station", "TC_station", "station")
    assert found.seen == "[redacted:password:plain]"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic Q1MwMDE6aHVudGVyMg==",
        "authorization: Bearer abc.def.ghi",
        '{"Authorization":"Basic Q1MwMDE6aHVudGVyMg=="}',
        "AUTHORIZATION: Token 0123456789abcdef",
        "sent Basic Q1MwMDE6aHVudGVyMg== to it",
        "Bearer eyJhbGciOiJIUzI1NiJ9.e30.abc",
    ],
)
def test_a_credential_in_a_header_is_removed_without_being_known(text: str) -> None:
    clean = Redactor().text(text)
    assert "[redacted:credential:header]" in clean
    for part in ("Q1MwMDE6", "abc.def", "0123456789abcdef", "eyJ"):
        assert part not in clean


@pytest.mark.parametrize(
    "text",
    ["Basic charging profile", "the bearer of this token", '{"authorization":"Accepted"}', "AuthorizationCacheEnabled = x"],
)
def test_the_words_of_a_sentence_are_no_credentials(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize("value", ["Basic Q1M=", "Digest username=x", "raw-token", ["Basic Q1M=", "Basic Q1M="]])
def test_a_link_event_never_shows_what_a_credential_header_held(value: object) -> None:
    clean = Redactor()(LinkEvent("l", "open", detail={"headers": {"authorization": value, "Host": "h"}}))
    assert "Q1M" not in written(clean)
    assert "username" not in written(clean)
    assert "raw-token" not in written(clean)
    assert clean.detail["headers"]["Host"] == "h"


def test_a_private_key_is_removed_from_json_and_text() -> None:
    pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI\n+/=\n-----END EC PRIVATE KEY-----"
    redactor = Redactor()
    assert redactor.text(f"key:\n{pem}\nend") == "key:\n[redacted:private key:pem]\nend"
    clean = redactor(frame(json.dumps({"key": pem, "x": 1})))
    assert json.loads(clean.raw) == {"key": "[redacted:private key:pem]", "x": 1}
    assert "MHc" not in redactor.text(pem[:45])


def test_a_place_that_carries_a_secret_is_emptied_and_the_secret_known_from_then_on() -> None:
    redactor = Redactor(places=PLACES)
    data = [
        {"variable": {"name": "HeartbeatInterval"}, "attributeValue": "300"},
        {"variable": {"name": "basicauthPassword"}, "attributeValue": "new-password-0123"},
    ]
    clean = redactor(frame(json.dumps([2, "1", "SetVariables", {"setVariableData": data}]), label="CALL SetVariables"))
    values = [d["attributeValue"] for d in json.loads(clean.raw)[3]["setVariableData"]]
    assert values == ["300", "[redacted:BasicAuthPassword:place]"]
    header = base64.b64encode(b"CS001:new-password-0123").decode()
    assert redactor.text(header) == "[redacted:BasicAuthPassword:base64]"


def test_the_binary_form_of_a_hexadecimal_key_is_removed_too() -> None:
    redactor = Redactor(places=PLACES)
    key = "001122AABBCCDDEEFF00112233445566"
    clean = redactor(frame(json.dumps([2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": key}])))
    assert json.loads(clean.raw)[3]["value"] == "[redacted:AuthorizationKey:place]"
    assert redactor.text(f"sent {key.lower()}") == "sent [redacted:AuthorizationKey:plain]"
    assert redactor.text(base64.b64encode(b"CS001:" + bytes.fromhex(key)).decode()) == "[redacted:AuthorizationKey:base64]"


def test_another_key_at_the_same_place_is_left_alone() -> None:
    raw = '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"600"}]'
    assert Redactor(places=PLACES)(frame(raw)).raw == raw


def test_the_arguments_of_a_verb_have_places_too() -> None:
    event = OperatorEvent("csms", "call", {"payload": {"key": "AuthorizationKey", "value": "0123456789abcdef"}})
    clean = Redactor(places=PLACES)(event)
    assert clean.arguments == {"payload": {"key": "AuthorizationKey", "value": "[redacted:AuthorizationKey:place]"}}
    assert event.arguments["payload"]["value"] == "0123456789abcdef"


def test_binary_frames_are_looked_into() -> None:
    raw = base64.b64encode(b"\xff\x00 correct horse \xfe").decode()
    clean = Redactor({"password": "correct horse"})(frame(raw, "binary"))
    assert base64.b64decode(clean.raw) == b"\xff\x00 [redacted:password:plain] \xfe"
    assert Redactor({"password": "other-one"})(frame(raw, "binary")).raw == raw
    assert Redactor({"password": "correct horse"})(frame("no base64 correct horse", "binary")).raw.endswith(":plain]")


def test_the_decoded_form_is_cleaned_like_the_frame() -> None:
    clean = Redactor({"password": "correct horse"})(frame("AA==", "binary", decoded={"a": ["correct horse"]}))
    assert clean.decoded == {"a": ["[redacted:password:plain]"]}


@pytest.mark.parametrize("place", ["value", "/3/value if key = x", "/3/value if /3/key", "operator value", "/3 if /2 ="])
def test_a_place_that_is_not_written_as_it_should_be_is_refused(place: str) -> None:
    with pytest.raises(RegistryError, match="secret place"):
        Redactor(places=[place])


def test_the_report_lists_what_was_removed_and_where_first() -> None:
    redactor, counter = Redactor({"password": "correct horse"}), MarkCounter()
    events: list[Event] = [
        frame('"correct horse"', label="CALL DataTransfer", n=1),
        frame('"correct horse correct horse"', label="CALL DataTransfer", n=2),
        frame(base64.b64encode(b"correct horse").decode(), "binary", label="CALL X", n=3),
        LinkEvent("l", "open", detail={"headers": {"Authorization": "Basic x"}}, n=4),
        Note("log", "nothing", n=5),
    ]
    for event in events:
        counter.feed("lane1", redactor(event))
    assert [(r.secret, r.encoding, r.place, r.count, r.n) for r in counter.report().redacted] == [
        ("credential", "header", "link open", 1, 4),
        ("password", "plain", "frame CALL DataTransfer", 3, 1),
        ("password", "plain", "frame CALL X", 1, 3),
    ]


def test_the_report_reads_any_frame() -> None:
    counter = MarkCounter()
    counter.feed("l", frame("no base64!", "binary"))
    assert counter.report().redacted == ()


passwords = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=6, max_size=24).filter(lambda s: s.strip() == s)


@settings(max_examples=150, deadline=None)
@given(passwords, st.text(max_size=10), st.sampled_from(["json", "utf8json", "base64", "percent", "hex"]))
def test_no_password_gets_through_a_frame(password: str, around: str, how: str) -> None:
    ways = {
        "json": lambda: json.dumps([2, "1", "X", {"a": around + password}]),
        "utf8json": lambda: json.dumps([2, "1", "X", {"a": password + around}], ensure_ascii=False),
        "base64": lambda: json.dumps([base64.b64encode(f"{around}:{password}".encode()).decode()]),
        "percent": lambda: json.dumps([quote(password, safe="")]),
        "hex": lambda: json.dumps([password.encode().hex()]),
    }
    raw = ways[how]()
    assume(password not in mark("password", "plain"))
    clean = Redactor({"password": password})(frame(raw))
    assert "[redacted:password:" in clean.raw
    assert password not in json.dumps(json.loads(clean.raw), ensure_ascii=False)
    assert json.loads(clean.raw) != json.loads(raw)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_cleaned(text: str) -> None:
    redactor = Redactor({"password": PASSWORD}, PLACES)
    for media in ("json", "text", "binary"):
        redactor(frame(text, media))
    redactor.text(text)


def test_json_that_is_nested_too_deeply_to_look_through_is_left_out_whole():
    raw = "[" * 2_000 + '"hunter2-hunter2\\u0021"' + "]" * 2_000
    clean = Redactor({"password": "hunter2-hunter2!"})(Frame(link="l", sender="a", to="b", raw=raw))
    assert isinstance(clean, Frame)
    assert "hunter2" not in clean.raw
    assert "redacted" in clean.raw
