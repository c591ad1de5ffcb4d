"""Whatever a journal holds, every report can be written of it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_harness.bundle import Bundle
from v2x_harness.events import (
    CaseEvent,
    Event,
    FindingEvent,
    Frame,
    LinkEvent,
    Note,
    OperatorEvent,
    RuleEvent,
    VerdictEvent,
)
from v2x_harness.finding import Axis, Finding, Layer, Location
from v2x_harness.verdict import Verdict
from v2x_reports import ctrf, html, junit, markdown
from v2x_reports.account import account
from v2x_reports.allure import AllureResults

from .conftest import new_bundle, write_lane
from .test_html import Page

text = st.text(max_size=12)
role = st.sampled_from(["station", "csms", "", "<x>"])
case = st.sampled_from(["TC_B_01_CS", "TC_Z_99_CS", "odd <case> & \x00"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
tables = st.dictionaries(text, json_values, max_size=2)
pointers = st.sampled_from(["", "/3/a", "/x/0", "header:Y", "bit:9"])
findings = st.builds(
    Finding,
    requirement=text.filter(bool),
    text=text,
    location=st.builds(Location, frame=st.none() | st.integers(0, 20), pointer=pointers),
    expected=text,
    seen=text,
    axis=st.sampled_from(Axis),
    layer=st.sampled_from(Layer),
    source=case | st.just("rule:ocpp.schema.request") | st.just("rule:unknown"),
    party=role,
    case=case | st.just(""),
    also=st.lists(text, max_size=2).map(tuple),
)
frames = st.builds(
    Frame,
    link=text,
    sender=role,
    to=role,
    raw=text | json_values.map(json.dumps),
    label=text,
    media=st.sampled_from(["json", "text", "binary"]),
    fate=st.sampled_from(["forwarded", "dropped", "delayed", "rewritten", "injected"]),
    decoded=json_values,
    of=st.none() | st.integers(0, 9),
)
events = st.lists(
    frames
    | st.builds(LinkEvent, link=text, event=st.sampled_from(["open", "refused", "close", "tls"]), by=role, detail=tables)
    | st.builds(OperatorEvent, role=role, verb=text, arguments=tables, outcome=st.sampled_from(["done", "failed: \x00"]))
    | st.builds(CaseEvent, case=case, event=st.sampled_from(["begin", "step"]), text=text)
    | st.builds(FindingEvent, finding=findings)
    | st.builds(
        VerdictEvent,
        case=case,
        verdict=st.sampled_from(Verdict),
        requirements=st.dictionaries(text, st.sampled_from([Verdict.PASS, Verdict.WARN, Verdict.FAIL]), max_size=2),
        reason=text,
        variant=text,
        role=role,
    )
    | st.builds(RuleEvent, rule=st.sampled_from(["ocpp.schema.request", "odd"]), inspected=st.integers(0, 3))
    | st.builds(Note, topic=text, text=text),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events, st.booleans(), tables)
def test_every_report_can_be_written(stream: list[Event], footer: bool, declared: dict[str, object]) -> None:
    with TemporaryDirectory() as folder:
        made = new_bundle(Path(folder, "b"))
        write_lane(made.journal_path("l"), lambda script: [script.record(e) for e in stream] and None, footer=footer)
        subject = msgspec.structs.replace(made.subject, declared=declared)
        (made.path / "subject.json").write_bytes(msgspec.json.encode(subject))
        told = account(Bundle.open(made.path))
        Page(html.render(told))
        ET.fromstring(junit.render(told).encode())
        assert ctrf.report(told)["results"]["summary"]["tests"] >= len(told.cases)
        assert markdown.render(told).startswith("## ")
        AllureResults(told, Path(folder, "allure")).write()
