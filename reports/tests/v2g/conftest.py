"""A V2G session to report on: it charges and discharges in a long loop, and says something that is wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.events import CaseEvent, FindingEvent, Frame, Header, Json, LinkEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding, Location
from v2x_harness.journal import Recorder
from v2x_harness.manifest import Catalogue
from v2x_harness.quantities import Curve, Quantities, Schedule
from v2x_harness.subject import Role, Subject
from v2x_harness.verdict import Verdict

LINK = "secc<-evcc#1"
CASE = "TC_SECC_DC_Loop"

QUANTITIES = Quantities(
    protocol="iso15118",
    value="Value",
    exponents=("Multiplier", "Exponent"),
    curves=(
        Curve(id="p", name="EVSE present", unit="W", kind="present", factors=("u", "i")),
        Curve(id="max", name="EVSE maximum", unit="W", kind="limit", fields=("EVSEMaximumPowerLimit",)),
        Curve(id="offer", name="offered schedule", unit="W", kind="offer"),
        Curve(id="i", name="EVSE present", unit="A", kind="present", fields=("EVSEPresentCurrent",)),
        Curve(id="target", name="EV target", unit="A", kind="target", fields=("EVTargetCurrent",)),
        Curve(id="u", name="EVSE present", unit="V", kind="present", fields=("EVSEPresentVoltage",)),
        Curve(id="soc", name="state of charge", unit="%", kind="present", fields=("EVRESSSOC",)),
    ),
    schedules=(Schedule(curve="offer", entries="Entry", value=("PMax",), start=("start",), duration=("duration",)),),
)


def physical(value: float, unit: str) -> Json:
    """Return a PhysicalValue as it stands in messages of 15118-2."""
    return {"Multiplier": -1, "Unit": unit, "Value": round(value * 10)}


def raw(octets: str) -> str:
    """Return a V2GTP message with this payload, as a journal has it."""
    payload = bytes.fromhex(octets)
    return base64.b64encode(bytes.fromhex("01fe8001") + len(payload).to_bytes(4) + payload).decode()


def message(name: str, body: Json, payload: str = "809a0011d0180800", **fields: object) -> Frame:
    """Return a message of a session, from the one that sends such."""
    sender, to = ("evcc", "secc") if name.endswith("Req") else ("secc", "evcc")
    decoded: Json = {
        "v2gtp": {"version": 1, "inverse": 254, "payload_type": 32769},
        "schema": "iso2",
        "V2G_Message": {"Header": {"SessionID": "00"}, "Body": {name: body}},
    }
    return Frame(link=LINK, sender=sender, to=to, raw=raw(payload), label=name, media="binary", decoded=decoded, **fields)


class Session:
    """Writes a session as a tap does, on a clock that it sets."""

    def __init__(self, path: Path) -> None:
        self.now = 0.0
        header = Header("run-7", "2026-01-02T03:04:05.000000Z", clock="virtual")
        self.recorder = Recorder(path, header, lambda: self.now)
        self.recorder.record(CaseEvent(CASE))

    def say(self, frame: Frame, after: float = 0.05) -> Frame:
        """Record a frame some seconds later."""
        self.now += after
        return self.recorder.record(frame)

    def loop(self, times: int, current: float, soc: int = 50, seconds: float = 0.25) -> None:
        """Charge, or discharge where the current is negative."""
        for number in range(times):
            request: Json = {"DC_EVStatus": {"EVRESSSOC": soc + number // 40}, "EVTargetCurrent": physical(current, "A")}
            answer: Json = {
                "ResponseCode": "OK",
                "EVSEPresentVoltage": physical(400 + number / 100, "V"),
                "EVSEPresentCurrent": physical(current, "A"),
                "EVSEMaximumPowerLimit": physical(1000, "W"),
            }
            self.say(message("CurrentDemandReq", request), seconds - 0.02)
            self.say(message("CurrentDemandRes", answer), 0.02)

    def end(self, verdict: Verdict = Verdict.PASS) -> None:
        """End the case, and the journal."""
        self.recorder.record(VerdictEvent(CASE, verdict, role="secc", duration=self.now))
        self.recorder.close()


def begun(folder: Path) -> tuple[Bundle, Session]:
    """Begin a bundle with one session in it."""
    made = Bundle.create(
        folder,
        run="run-7",
        subject=Subject(name="ACME SECC", roles=(Role(role="secc", protocol="iso15118", versions=("2",)),)),
        suite="4f" * 32,
        catalogue=Catalogue.of([], [], [], [QUANTITIES]),
        created="2026-01-02T03:04:05.000000Z",
    )
    return made, Session(made.journal_path("lane"))


@pytest.fixture(scope="session")
def charging(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A sealed run: SDP, TLS, 300 exchanges that charge, one that is cited, 200 that discharge, a response that says no."""
    made, session = begun(tmp_path_factory.mktemp("v2g") / "bundle")
    sdp: Json = {"v2gtp": {"payload_type": 0x9000}, "SECCDiscoveryReq": {"Security": 0, "TransportProtocol": 0}}
    session.say(Frame("sdp", "evcc", "secc", raw("0000"), "SECCDiscoveryReq", "binary", decoded=sdp))
    tls: Json = {"version": "TLSv1.2", "cipher": "ECDHE-ECDSA-AES128-SHA256"}
    opened = LinkEvent(LINK, "open", by="evcc", protocol="iso15118", detail={"tls": tls, "secc_tls": tls})
    session.recorder.record(opened)
    entries: Json = [{"start": 0, "duration": 60, "PMax": 800}, {"start": 60, "duration": 86_400, "PMax": 600}]
    session.say(message("ChargeParameterDiscoveryRes", {"ResponseCode": "OK", "Entry": entries}))
    session.loop(300, 2.0)
    wrong = session.say(message("CurrentDemandReq", {"EVTargetCurrent": physical(900, "A")}))
    session.recorder.record(
        FindingEvent(
            Finding(
                requirement="15118-2#limits",
                text="more than the EVSE can give is asked for",
                location=Location(wrong.n, "/V2G_Message/Body/CurrentDemandReq/EVTargetCurrent", (12, 9)),
                expected="at most 300 A",
                seen="900 A",
                axis=Axis.CONFORMANCE,
                source=CASE,
                case=CASE,
                party="evcc",
            )
        )
    )
    session.loop(200, -2.0, 57)
    session.say(message("PowerDeliveryRes", {"ResponseCode": "FAILED_PowerDeliveryNotApplied"}))
    session.recorder.record(LinkEvent(LINK, "close", by="evcc"))
    session.end(Verdict.FAIL)
    made.seal()
    return Bundle.open(made.path)
