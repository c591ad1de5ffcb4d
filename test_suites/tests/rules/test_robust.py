"""Whatever a product sends, no rule raises, and nothing is remembered without bound."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play import Play
from v2x_architecture.ocpp import schema
from v2x_harness.events import Frame, LinkEvent
from v2x_harness.finding import Finding
from v2x_suites.ocpp.rules import OcppJudge
from v2x_suites.ocpp.rules.known.ids import IDS_KEPT
from v2x_suites.ocpp.rules.stream import CALLS_KEPT

VERSIONS = ("1.6", "2.0.1", "2.1")
ACTIONS = sorted({action for version in VERSIONS for action in schema.actions(version)})
NAMES = sorted(
    {
        name
        for version in VERSIONS
        for action in schema.actions(version)
        for name in schema.schema(version, action, "request")["properties"]
    }
)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["Accepted", "Started"])
)
names = st.sampled_from(NAMES) | st.text(max_size=6)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=8
)
payloads = st.dictionaries(names, values, max_size=6)
ids = st.sampled_from(["1", "2", "3"]) | st.text(max_size=40)
arrays = st.one_of(
    st.tuples(st.just(2), ids, st.sampled_from(ACTIONS), payloads),
    st.tuples(st.just(3), ids, payloads),
    st.tuples(st.just(4), ids, st.text(max_size=20), st.text(max_size=5), payloads),
    st.lists(values, max_size=5),
)
senders = st.sampled_from(["station", "csms", "", "someone"])
fates = st.sampled_from(["forwarded", "dropped", "delayed", "rewritten", "injected"])
times = st.floats(0, 400)


@st.composite
def frames(draw: st.DrawFn) -> tuple[Any, ...]:
    text = draw(st.one_of(arrays.map(lambda array: json.dumps(array, default=str)), st.text(max_size=60)))
    return text, draw(senders), draw(fates), draw(st.sampled_from(["json", "text", "binary"])), draw(times)


def put(judge: OcppJudge, sequence: list[tuple[Any, ...]]) -> list[Finding]:
    """Put frames to a judge, one a while after the other."""
    found, t = [], 1.0
    found += judge.feed(LinkEvent(link="csms<-A#1", event="open", detail={"identity": "A"}, t=t))
    for n, (text, sender, fate, media, wait) in enumerate(sequence):
        t += wait
        frame = Frame(link="csms<-A#1", sender=sender, to="", raw=text, media=media, fate=fate, n=n, t=t)
        found += judge.feed(frame)
    found += judge.finish()
    return found


@settings(max_examples=120, deadline=None)
@given(st.lists(frames(), max_size=12), st.sampled_from([None, *VERSIONS]))
def test_arbitrary_frames_never_raise(sequence: list[tuple[Any, ...]], version: str | None) -> None:
    judge = OcppJudge(version)
    for finding in put(judge, sequence):
        assert finding.text
        assert finding.requirement
    assert all(count >= 0 for count in judge.inspected().values())


def _of_schema(root: dict[str, Any], field: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Make values that a schema lets pass, and now and then one that it does not."""
    if "$ref" in field:
        field = root["definitions"][field["$ref"].rpartition("/")[2]]
    if "enum" in field:
        return st.sampled_from(field["enum"])
    match field.get("type"):
        case "string" if field.get("format") == "date-time":
            return st.sampled_from(["2024-05-01T08:00:00Z", "2024-05-01T08:00:00", "1970-01-01T00:00:00Z", "never"])
        case "string":
            return st.sampled_from(["1", "12.5", "A", "", "null", '{"a":1}', "ü", "Wh", "TAG1"])
        case "integer":
            # A number without a fraction is an integer, however it is written.
            return st.integers(-2, 3) | st.sampled_from([1.0, 2.0, 10**30])
        case "number":
            return st.sampled_from([0, -1, 16.0, 16.25, 1e300])
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(_of_schema(root, field["items"]), min_size=field.get("minItems", 0), max_size=2)
        case "object":
            required = {name: _of_schema(root, field["properties"][name]) for name in field.get("required", ())}
            optional = {
                name: _of_schema(root, each) for name, each in field.get("properties", {}).items() if name not in required
            }
            optional.pop("customData", None)
            return st.fixed_dictionaries(required, optional=optional)
    return st.just("x")


WITH_RULES = {
    "1.6": "BootNotification StatusNotification StartTransaction StopTransaction MeterValues Authorize SetChargingProfile "
    "RemoteStartTransaction TriggerMessage GetConfiguration ChangeAvailability SendLocalList GetCompositeSchedule DataTransfer",
    "2.0.1": "BootNotification StatusNotification TransactionEvent MeterValues Authorize SetChargingProfile "
    "RequestStartTransaction TriggerMessage "
    "GetVariables SetVariables ChangeAvailability SendLocalList GetCompositeSchedule NotifyReport",
}


@pytest.mark.parametrize("version", WITH_RULES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_conversations_made_from_the_schemas_never_raise(version: Any, data: st.DataObject) -> None:
    """What keeps to the schemas comes further into the rules than noise does."""
    play = Play(version)
    play.boot(interval=30)
    for _ in range(data.draw(st.integers(1, 6))):
        action = data.draw(st.sampled_from(WITH_RULES[version].split()))
        asked, told = (schema.schema(version, action, kind) for kind in ("request", "response"))
        message_id = play.call(data.draw(st.sampled_from(["station", "csms"])), action, data.draw(_of_schema(asked, asked)))
        play.wait(data.draw(st.sampled_from([0.1, 40.0, 100.0])))
        if data.draw(st.booleans()):
            play.result(message_id, data.draw(_of_schema(told, told)))
    assert all(finding.requirement for finding in play.found)


def test_deep_nesting_is_a_finding_and_no_crash() -> None:
    play = Play("1.6")
    play.raw("station", "[" * 100_000 + "]" * 100_000)
    assert {finding.source for finding in play.found} >= {"rule:ocpp.framing.json"}


def test_numbers_beyond_measure_do_no_harm() -> None:
    play = Play("2.0.1")
    play.ready()
    play.raw("station", '[2,"m","MeterValues",{"evseId":1e400}]')
    play.event("Started", 10**30)
    play.event("Updated", 10**40)
    assert play.found


def test_what_is_remembered_is_bounded() -> None:
    play = Play("1.6", opened=False)
    for number in range(3 * IDS_KEPT):
        play.call("station", "Heartbeat", {}, message_id=f"h{number}")
    session = next(iter(play.judge._sessions.values()))
    assert len(session.calls["station"]) <= CALLS_KEPT
    held = session.station.ids["station"]
    assert len(held.young) + len(held.old) <= 2 * IDS_KEPT + 1


def test_findings_of_one_rule_on_one_station_are_limited_and_counted() -> None:
    judge = OcppJudge("1.6", limit=10)
    play = Play("1.6", judge=judge)
    for _ in range(50):
        play.raw("station", "{}")
    assert len(play.found) == 10
    assert judge.suppressed["ocpp.framing.structure"] == 40
