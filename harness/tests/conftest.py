"""A small run with one of everything, for what reads journals and bundles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.case import Case
from v2x_harness.events import CaseEvent, Event, FindingEvent, Frame, Header, LinkEvent, OperatorEvent, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding, Layer, Location
from v2x_harness.journal import Recorder
from v2x_harness.manifest import Catalogue
from v2x_harness.requirement import Level, Registry, Requirement
from v2x_harness.rule import RuleInfo
from v2x_harness.subject import Endpoint, Role, Subject
from v2x_harness.verdict import Verdict

RUN = "run-1"

SUBJECT = Subject(
    name="ACME Wallbox",
    vendor="ACME",
    product_version="1.2.3",
    roles=(Role(role="station", protocol="ocpp", versions=("2.0.1",)),),
    endpoint=Endpoint(identity="CS001", password="correct horse battery"),
    secrets=("correct horse battery",),
    pics={"C-44": True},
)

CATALOGUE = Catalogue.of(
    cases=[
        Case(id=id_, verifies=(req,), role="station", protocol="ocpp", version="2.0.1", title=f"Title of {id_}.")
        for id_, req in (("TC_PASS", "R.01"), ("TC_FAIL", "R.02"), ("TC_SKIP", "R.03"))
    ],
    rules=[
        RuleInfo(
            id="ocpp.schema",
            protocol="ocpp",
            layer=Layer.SCHEMA,
            requirements={"2.0.1": ("R.09",)},
            parties=("station", "csms"),
            text="Payloads are valid.",
        )
    ],
    registries=[
        Registry(
            "ocpp",
            "2.0.1",
            1256,
            [Requirement(id=f"R.0{i}", level=Level.MUST, actor="station", text=f"Requirement {i}.") for i in range(1, 10)],
        )
    ],
)

BOOT = '[2,"1","BootNotification",{"reason":"Unknown","chargingStation":{"model":"W","vendorName":"ACME"}}]'

EVENTS: tuple[Event, ...] = (
    LinkEvent("csms<-CS001#1", "open", by="station", protocol="ocpp/2.0.1", detail={"path": "/CS001"}),
    CaseEvent("TC_PASS"),
    OperatorEvent("station", "power_cycle"),
    Frame("csms<-CS001#1", "station", "csms", '[2,"0","Heartbeat",{}]', label="CALL Heartbeat"),
    VerdictEvent("TC_PASS", Verdict.PASS, {"R.01": Verdict.PASS}, role="station", duration=0.5),
    CaseEvent("TC_FAIL"),
    Frame("csms<-CS001#1", "station", "csms", BOOT, label="CALL BootNotification"),
    FindingEvent(
        Finding(
            "R.09",
            "the payload breaks the schema",
            Location(7, "/3/reason"),
            layer=Layer.SCHEMA,
            source="rule:ocpp.schema",
            case="TC_FAIL",
            party="station",
        )
    ),
    FindingEvent(
        Finding(
            "R.02",
            "the reason is wrong",
            Location(7, "/3/reason"),
            expected="'PowerUp'",
            seen='"Unknown"',
            source="TC_FAIL",
            case="TC_FAIL",
            party="station",
        )
    ),
    FindingEvent(Finding("R.04", "peers trip on it", axis=Axis.COMPATIBILITY, source="TC_FAIL", case="TC_FAIL", party="station")),
    VerdictEvent("TC_FAIL", Verdict.FAIL, {"R.02": Verdict.FAIL, "R.04": Verdict.WARN}, role="station", duration=1.5),
    VerdictEvent("TC_SKIP", Verdict.NOT_APPLICABLE, reason="C-99 is not declared", role="station"),
    RuleEvent("ocpp.schema", 2, ("R.09",)),
    RuleEvent("ocpp.timing", 0, ("R.08",)),
)

type WriteJournal = Callable[..., Path]
type MakeBundle = Callable[..., Bundle]


@pytest.fixture
def write_journal(tmp_path: Path) -> WriteJournal:
    """Write a journal; ``footer=False`` leaves it as a killed run does."""

    def write(path: Path | None = None, events: Iterable[Event] = EVENTS, *, footer: bool = True, seed: int = 7) -> Path:
        path = path or tmp_path / "journal.ndjson"
        time = iter(range(10_000))
        header = Header(RUN, "2026-01-02T03:04:05.000000Z", versions={"v2x": "0.1.0"}, seed=seed)
        recorder = Recorder(path, header, clock=lambda: next(time) / 10)
        for event in events:
            recorder.record(event)
        if footer:
            recorder.close()
        else:
            assert recorder._file
            recorder._file.close()
        return path

    return write


@pytest.fixture
def make_bundle(tmp_path: Path, write_journal: WriteJournal) -> MakeBundle:
    """Make a bundle that is not sealed yet, with a journal for each lane given."""

    def make(name: str = "bundle", *, footer: bool = True, **lanes: Iterable[Event]) -> Bundle:
        bundle = Bundle.create(
            tmp_path / name,
            run=RUN,
            subject=SUBJECT,
            suite="0" * 64,
            catalogue=CATALOGUE,
            versions={"v2x": "0.1.0"},
            created="2026-01-02T03:04:05.000000Z",
        )
        for lane, events in (lanes or {"lane1": EVENTS}).items():
            write_journal(bundle.journal_path(lane), events, footer=footer)
        return bundle

    return make
