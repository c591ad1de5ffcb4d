"""A realistic run to report on: it passes, fails, warns, is blocked, is cut off; and one that is large."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.case import Case
from v2x_harness.events import (
    CaseEvent,
    FindingEvent,
    Frame,
    Header,
    Json,
    LinkEvent,
    Note,
    OperatorEvent,
    RuleEvent,
    VerdictEvent,
)
from v2x_harness.finding import Finding, Layer
from v2x_harness.journal import Recorder
from v2x_harness.manifest import Catalogue, Identity
from v2x_harness.redact import Redactor
from v2x_harness.requirement import Level, Registry, Requirement
from v2x_harness.rule import RuleInfo
from v2x_harness.subject import Endpoint, Role, Subject
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

from .page import Page

SUBJECT = Subject(
    name="ACME Wallbox 22",
    vendor="ACME Charging B.V.",
    product_version="1.2.3",
    roles=(Role(role="station", protocol="ocpp", versions=("2.0.1",)),),
    endpoint=Endpoint(identity="CS001", password="correct horse battery"),
    secrets=("correct horse battery",),
    pics={"C-44": True, "AQ-1": False},
)

REQUIREMENTS = [
    ("B01.FR.01", "announces itself with a boot notification before anything else", "after a power cycle"),
    ("B01.FR.05", "says in its boot notification that it was powered up", "after a power cycle"),
    ("B01.FR.09", "reports the status of every connector", "its boot was accepted"),
    ("B02.FR.02", "sends nothing but what it is asked for", "its boot is pending"),
    ("C01.FR.02", "has a token authorized before energy flows", ""),
    ("E02.FR.04", "numbers the messages of a transaction without a gap", ""),
    ("G02.FR.01", "sends heartbeats at the interval it was given", "nothing else was sent"),
    ("J01.FR.14", "sends meter values at the interval that is configured", ""),
    ("K01.FR.03", "refuses a charging profile above the maximum", ""),
]

CASES = [
    ("TC_B_01_CS", "Cold boot, accepted", "B01.FR.01 B01.FR.05 B01.FR.09", "test_b_boot"),
    ("TC_B_02_CS", "Cold boot, pending", "B02.FR.02", "test_b_boot"),
    ("TC_C_01_CS", "Local start with a token", "C01.FR.02", "test_c_authorization"),
    ("TC_E_02_CS", "Sequence numbers over an offline hour", "E02.FR.04", "test_e_transactions"),
    ("TC_G_02_CS", "Heartbeat interval", "G02.FR.01", "test_g_availability"),
    ("TC_J_01_CS", "Clock-aligned meter values", "J01.FR.14", "test_j_meter_values"),
    ("TC_K_01_CS", "Profile above the maximum", "K01.FR.03", "test_k_smart_charging"),
    ("TC_K_10_CS", "Profile for a vehicle", "K01.FR.03", "test_k_smart_charging"),
]

CATALOGUE = Catalogue.of(
    cases=[
        Case(
            id=id_,
            verifies=tuple(verifies.split()),
            role="station",
            protocol="ocpp",
            version="2.0.1",
            title=title,
            purpose="What an operator does, and what must be seen on the wire.",
            source=f"v2x_suites.ocpp.v201.station.{module}:{id_.lower()}",
        )
        for id_, title, verifies, module in CASES
    ],
    rules=[
        RuleInfo(id=f"ocpp.{name}", protocol="ocpp", layer=layer, requirements={"2.0.1": (req,)}, parties=("station",), text=text)
        for name, layer, req, text in (
            ("schema.request", Layer.SCHEMA, "OCPP-J-2.0.1#4", "A request's payload fits its JSON schema."),
            ("format.timestamp", Layer.FORMAT, "OCPP-2.0.1#2.1.13", "Timestamps are RFC 3339 with a zone."),
            ("timing.answer", Layer.TIMING, "OCPP-J-2.0.1#4.1.1", "A request is answered within the time-out."),
        )
    ],
    registries=[
        Registry(
            "ocpp",
            "2.0.1",
            1256,
            [Requirement(id=i, level=Level.MUST, actor="station", text=t, condition=c) for i, t, c in REQUIREMENTS],
        )
    ],
)

HOSTILE = '<script>alert("x")</script> & | `*_[x](y)'


class Script:
    """Writes events as a tap and the plugin do, with a clock that goes on by itself."""

    def __init__(self, recorder: Recorder) -> None:
        self.record = recorder.record
        self.link = "csms<-CS001#1"
        self._id = 0

    def call(self, sender: str, action: str, payload: Json, answer: Json = None, **fields: object) -> int:
        """Record a CALL, and its CALLRESULT when there is one; return the ``n`` of the CALL."""
        to = "csms" if sender == "station" else "station"
        self._id += 1
        message = str(self._id)
        call = self.frame(sender, to, [2, message, action, payload], f"CALL {action}", **fields)
        if answer is not None:
            self.frame(to, sender, [3, message, answer], f"CALLRESULT {action}")
        return call

    def frame(self, sender: str, to: str, form: Json, label: str, **fields: object) -> int:
        raw = form if isinstance(form, str) else json.dumps(form, separators=(",", ":"))
        frame = {"type": "frame", "link": self.link, "sender": sender, "to": to, "raw": raw, "label": label}
        return self.record(msgspec.convert(frame | {"at": "2026-01-02T03:04:05.123456Z"} | fields, Frame)).n

    def finding(self, requirement: str, text: str, **fields: object) -> None:
        self.record(
            FindingEvent(msgspec.convert({"type": "finding", "requirement": requirement, "text": text, **fields}, Finding))
        )

    def verdict(self, case: str, verdict: Verdict, requirements: dict[str, Verdict] | None = None, reason: str = "") -> None:
        event = VerdictEvent(case, verdict, requirements or {}, reason, role="station", duration=1.25, wall=0.04)
        self.record(event)


def boot(script: Script, reason: str = "PowerUp", *, status: str = "Accepted") -> int:
    script.record(
        LinkEvent(
            script.link,
            "open",
            by="station",
            protocol="ocpp/2.0.1",
            detail={
                "path": "/CS001",
                "subprotocol": "ocpp2.0.1",
                "status": 101,
                "headers": {"Authorization": "Basic Q1MwMDE6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"},
            },
        )
    )
    station = {"model": "Wallbox 22", "vendorName": "ACME", "firmwareVersion": "1.2.3", "serialNumber": "0042"}
    answer = {"currentTime": "2026-01-02T03:04:05Z", "interval": 300, "status": status}
    return script.call("station", "BootNotification", {"reason": reason, "chargingStation": station}, answer)


def statuses(script: Script) -> int:
    at = {"timestamp": "2026-01-02T03:04:06", "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    return script.call("station", "StatusNotification", at, {})


def lane_1(script: Script) -> Iterator[None]:
    """Failing, passing, warning cases."""
    script.record(CaseEvent("TC_B_01_CS"))
    script.record(OperatorEvent("station", "power_cycle", {"cause": "power"}))
    n = boot(script, "Unknown")
    script.record(CaseEvent("TC_B_01_CS", "step", "every connector is reported"))
    status = statuses(script)
    script.finding(
        "OCPP-2.0.1#2.1.13",
        "the timestamp has no zone",
        location={"frame": status, "pointer": "/3/timestamp"},
        expected="RFC 3339 with Z or an offset",
        seen='"2026-01-02T03:04:06"',
        layer="format",
        source="rule:ocpp.format.timestamp",
        case="TC_B_01_CS",
        party="station",
    )
    script.finding(
        "B01.FR.05",
        "assert boot.reason == 'PowerUp'",
        location={"frame": n, "pointer": "/3/reason"},
        expected="'PowerUp'",
        seen='"Unknown"',
        source="TC_B_01_CS",
        case="TC_B_01_CS",
        party="station",
    )
    requirements = {"B01.FR.01": Verdict.PASS, "B01.FR.05": Verdict.FAIL, "B01.FR.09": Verdict.PASS}
    script.verdict("TC_B_01_CS", Verdict.FAIL, requirements, "B01.FR.05: assert boot.reason == 'PowerUp'")
    yield
    script.record(CaseEvent("TC_B_02_CS"))
    boot(script, status="Pending")
    script.verdict("TC_B_02_CS", Verdict.PASS, {"B02.FR.02": Verdict.PASS})
    yield
    script.record(CaseEvent("TC_C_01_CS"))
    script.record(OperatorEvent("station", "present_token", {"id_token": "04A1B2C3D4E5F6", "type": "ISO14443"}))
    token = {"idToken": {"idToken": "04A1B2C3D4E5F6", "type": "ISO14443"}, "customData": {"vendorId": HOSTILE}}
    n = script.call("station", "Authorize", token, {"idTokenInfo": {"status": "Accepted"}})
    script.finding(
        "C01.FR.02",
        "customData in an Authorize request: older systems refuse it",
        location={"frame": n, "pointer": "/3/customData"},
        expected="no customData where it is not needed",
        seen="an object",
        axis="compatibility",
        source="TC_C_01_CS",
        case="TC_C_01_CS",
        party="station",
    )
    script.verdict("TC_C_01_CS", Verdict.WARN, {"C01.FR.02": Verdict.WARN})
    yield
    script.record(CaseEvent("TC_E_02_CS"))
    script.record(OperatorEvent("station", "network_down"))
    script.record(LinkEvent(script.link, "close", by="station", detail={"code": 1006, "reason": ""}))
    script.link = "csms<-CS001#2"
    script.record(LinkEvent(script.link, "refused", by="csms", detail={"status": 401, "headers": {"WWW-Authenticate": "Basic"}}))
    script.record(LinkEvent(script.link, "open", by="station", protocol="ocpp/2.0.1", detail={"subprotocol": "ocpp2.0.1"}))
    meter = [{"timestamp": "2026-01-02T03:05:00Z", "sampledValue": [{"value": 11000.5, "unitOfMeasure": {"unit": "W"}}]}]
    for number, fate in ((1, "forwarded"), (2, "delayed"), (2, "dropped"), (4, "rewritten")):
        event = {
            "eventType": "Updated",
            "seqNo": number,
            "offline": True,
            "triggerReason": "MeterValuePeriodic",
            "transactionInfo": {"transactionId": "f3b0c1"},
            "timestamp": "2026-01-02T03:05:00Z",
            "meterValue": meter,
        }
        n = script.call("station", "TransactionEvent", event, {} if fate != "dropped" else None, fate=fate)
    script.frame(
        "csms", "station", [2, "x", "TriggerMessage", {"requestedMessage": "Heartbeat"}], "CALL TriggerMessage", fate="injected"
    )
    script.frame("station", "csms", "[4,", "malformed", media="text")
    script.frame("station", "csms", "3q2+7w==", "binary", media="binary")
    script.finding(
        "E02.FR.04",
        "the sequence number jumps from 2 to 4",
        location={"frame": n, "pointer": "/3/seqNo"},
        expected="3",
        seen="4",
        layer="sequence",
        source="TC_E_02_CS",
        case="TC_E_02_CS",
        party="station",
    )
    script.finding(
        "OCPP-J-2.0.1#4",
        "evse is required by the schema when a transaction starts",
        location={"frame": n, "pointer": "/3/evse/id"},
        expected="an integer",
        seen="absent",
        layer="schema",
        source="rule:ocpp.schema.request",
        case="TC_E_02_CS",
        party="station",
    )
    script.verdict("TC_E_02_CS", Verdict.FAIL, {"E02.FR.04": Verdict.FAIL}, f"E02.FR.04: gap {HOSTILE}\nsecond line")
    yield


def lane_2(script: Script) -> Iterator[None]:
    """Cases without a clear judgement."""
    script.record(CaseEvent("TC_G_02_CS"))
    boot(script)
    script.finding(
        "G02.FR.01",
        "no Heartbeat within 330 s",
        location={},
        expected="CALL Heartbeat within 330 s",
        seen="nothing",
        layer="timing",
        source="TC_G_02_CS",
        case="TC_G_02_CS",
        party="station",
    )
    script.verdict("TC_G_02_CS", Verdict.FAIL, {"G02.FR.01": Verdict.FAIL}, "G02.FR.01: no Heartbeat within 330 s")
    yield
    script.record(CaseEvent("TC_J_01_CS"))
    script.record(OperatorEvent("station", "plug_in", {"evse": 1}, "failed: the adapter does not answer"))
    script.verdict("TC_J_01_CS", Verdict.INCONCLUSIVE, reason="the station did not come back after its reboot")
    yield
    script.verdict("TC_K_01_CS", Verdict.NOT_APPLICABLE, reason="C-44 is declared, AQ-1 is not")
    script.verdict("TC_K_10_CS", Verdict.BLOCKED, reason="the operator cannot plug_in: unsupported")
    script.record(Note("adapter", "the adapter said hello\x07"))
    yield


def rules(script: Script, inspected: int) -> None:
    script.record(RuleEvent("ocpp.schema.request", inspected, ("OCPP-J-2.0.1#4",)))
    script.record(RuleEvent("ocpp.format.timestamp", inspected, ("OCPP-2.0.1#2.1.13",)))
    script.record(RuleEvent("ocpp.timing.answer", 0, ("OCPP-J-2.0.1#4.1.1",)))


def write_lane(path: Path, play: Callable[[Script], None], *, footer: bool = True, clock: str = "virtual") -> None:
    time = iter(range(10_000_000))
    header = Header("run-42", "2026-01-02T03:04:05.000000Z", clock=clock, versions={"v2x-conformance": "0.1.0"}, seed=7)
    recorder = Recorder(path, header, lambda: next(time) * 0.0173, Redactor({"password": "correct horse battery"}))
    play(Script(recorder))
    if footer:
        recorder.close()
    else:
        assert recorder._file
        recorder._file.close()


def new_bundle(folder: Path, catalogue: Catalogue = CATALOGUE) -> Bundle:
    return Bundle.create(
        folder,
        run="run-42",
        subject=SUBJECT,
        suite="4f" * 32,
        catalogue=catalogue,
        versions={"v2x-conformance": "0.1.0", "python": "3.13"},
        created="2026-01-02T03:04:05.000000Z",
    )


IDENTITY = Identity(
    name=SUBJECT.name,
    vendor=SUBJECT.vendor,
    version=SUBJECT.product_version,
    observed={"model": "Wallbox 22", "version": "1.2.3"},
)


@pytest.fixture
def parse() -> type[Page]:
    """Read a page."""
    return Page


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A sealed run of two lanes with one of everything."""
    made = new_bundle(tmp_path / "run" / "bundle")

    def first(script: Script) -> None:
        list(lane_1(script))
        rules(script, 12)

    def second(script: Script) -> None:
        list(lane_2(script))
        rules(script, 3)

    write_lane(made.journal_path("lane1"), first)
    write_lane(made.journal_path("lane2"), second)
    made.seal(product=IDENTITY, pics={"C-44": True, "AQ-1": False})
    return Bundle.open(made.path)


@pytest.fixture
def passing(tmp_path: Path) -> Bundle:
    """A run in which everything passes."""
    made = new_bundle(tmp_path / "passing" / "bundle")

    def play(script: Script) -> None:
        script.record(CaseEvent("TC_B_02_CS"))
        boot(script, status="Pending")
        script.verdict("TC_B_02_CS", Verdict.PASS, {"B02.FR.02": Verdict.PASS})

    write_lane(made.journal_path("lane1"), play, clock="real")
    made.seal()
    return Bundle.open(made.path)


@pytest.fixture
def waived(tmp_path: Path) -> Bundle:
    """The failing run of the first lane, with a waiver that holds, one that expired and one that no longer fires."""
    made = new_bundle(tmp_path / "waived" / "bundle")
    write_lane(made.journal_path("lane1"), lambda script: list(lane_1(script)))

    def waiver(case: str, requirement: str, expires: date) -> Waiver:
        return Waiver(
            subject=SUBJECT.name, case=case, requirement=requirement, reason="mended in 1.3", owner="jane", expires=expires
        )

    later = date(2026, 12, 31)
    waivers = [
        waiver("TC_B_01_CS", "B01.FR.05", later),
        waiver("TC_E_02_CS", "E02.FR.04", date(2026, 1, 1)),
        waiver("TC_B_02_CS", "B02.FR.02", later),
    ]
    made.seal(waivers=waivers, today=date(2026, 1, 2))
    return Bundle.open(made.path)


@pytest.fixture
def cut_off(tmp_path: Path) -> Bundle:
    """A run that was killed in its second case: no footer, never sealed."""
    made = new_bundle(tmp_path / "cut" / "bundle")

    def play(script: Script) -> None:
        events = lane_1(script)
        next(events)
        script.record(CaseEvent("TC_B_02_CS"))
        boot(script, status="Pending")

    write_lane(made.journal_path("lane1"), play, footer=False)
    return Bundle.open(made.path)


def write_large(folder: Path, cases: int, frames: int, *, failing: int = 7) -> Bundle:
    """A run of many cases; every `failing`-th fails."""
    ids = [f"TC_{'BCEFGJK'[i % 7]}_{i:03}_CS" for i in range(cases)]
    catalogue = msgspec.structs.replace(
        CATALOGUE,
        cases=tuple(
            Case(id=i, verifies=("B01.FR.05",), role="station", protocol="ocpp", version="2.0.1", title=f"Number {i}")
            for i in ids
        ),
    )
    made = new_bundle(folder, catalogue)

    def play(script: Script) -> None:
        for number, id_ in enumerate(ids):
            script.record(CaseEvent(id_))
            n = boot(script)
            for _ in range((frames // cases - 2) // 2):
                n = statuses(script)
            bad = number % failing == 0
            if bad:
                script.finding(
                    "B01.FR.05", "wrong", location={"frame": n, "pointer": "/3/evseId"}, source=id_, case=id_, party="station"
                )
            verdict = Verdict.FAIL if bad else Verdict.PASS
            script.verdict(id_, verdict, {"B01.FR.05": verdict})

    write_lane(made.journal_path("lane1"), play)
    made.seal(product=IDENTITY)
    return Bundle.open(made.path)
