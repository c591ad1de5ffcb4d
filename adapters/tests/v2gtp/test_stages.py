"""Playbooks: a message arrives, this is recorded, that is sent; no sockets, and time passes when the test says so."""

import pytest
from v2x_adapters.stages import Parties, Program
from v2x_adapters.steering import Steering
from v2x_adapters.toxics import Conditions
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.stages import V2gtpStages
from v2x_adapters.v2gtp.units import Splitter
from v2x_architecture.iso15118.editions import ISO2
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.negotiation import offer
from v2x_architecture.iso15118.v2gtp import encode
from v2x_harness.events import Frame, Header, LinkEvent, Note
from v2x_harness.journal import Recorder
from v2x_harness.steer import Steer, Toxic

OFFER = encode(0x8001, codec(Schema.SAP).encode(offer((ISO2,))))
NAME = "supportedAppProtocolReq"
PRIORITY = f"/{NAME}/AppProtocol/0/Priority"
BAD = b"\x02\xfd" + OFFER[2:]


class Stage:
    """Stages with an output that keeps what is done, and a clock that is moved by hand."""

    def __init__(self, subject=""):
        self.done, self.timers, self.now = [], [], 0.0
        recorder = Recorder(None, Header(run="r", started=""), lambda: self.now)
        recorder.subscribe(self._recorded)
        self.program = Program()
        self.stages = V2gtpStages("l", Parties("evcc", "secc", subject), recorder, lambda: "", self.program, Reading(), self)
        self.splitter = Splitter()

    def _recorded(self, event):
        if isinstance(event, Frame):
            self.done.append(("record", event.sender, event.label, event.fate))
        elif isinstance(event, LinkEvent):
            self.done.append((event.event, event.by))
        elif isinstance(event, Note):
            self.done.append(("note", event.topic))

    def write(self, to, wire):
        self.done.append(("send", to, wire))

    def later(self, seconds, action):
        self.timers.append((self.now + seconds, action))

    def close(self, code):
        self.done.append(("closed",))

    def reset(self):
        self.done.append(("reset",))

    def says(self, sender, data):
        for unit in self.splitter.feed(data):
            self.stages.arrived(sender, unit)
        done, self.done = self.done, []
        return done

    def passes(self, seconds):
        self.now += seconds
        for _, action in sorted((each for each in self.timers if each[0] <= self.now), key=lambda each: each[0]):
            action()
        done, self.done = self.done, []
        return done

    def steers(self, *steps):
        self.program.steer = Steering(steps)


@pytest.fixture
def stage():
    return Stage()


def test_a_message_is_recorded_and_then_sent(stage) -> None:
    assert stage.says("evcc", OFFER) == [("record", "evcc", NAME, "forwarded"), ("send", "secc", OFFER)]


def test_a_bad_header_passes_with_its_tail(stage) -> None:
    assert stage.says("evcc", BAD[:20]) == [("record", "evcc", "malformed", "forwarded"), ("send", "secc", BAD[:20])]
    assert stage.says("evcc", BAD[20:]) == [("send", "secc", BAD[20:])]


def test_a_tail_is_dropped_with_its_beginning(stage) -> None:
    stage.steers(Steer(do="drop", label="malformed"))
    assert stage.says("evcc", BAD[:20]) == [("record", "evcc", "malformed", "dropped")]
    assert stage.says("evcc", BAD[20:]) == []
    assert stage.says("evcc", OFFER)[-1] == ("send", "secc", OFFER)


def test_a_rewritten_field_is_coded_anew(stage) -> None:
    stage.steers(Steer(do="rewrite", label=NAME, when={PRIORITY: 1}, set={PRIORITY: 20}))
    recorded, made, (_, to, wire) = stage.says("evcc", OFFER)
    assert (recorded, made) == (("record", "evcc", NAME, "rewritten"), ("record", "evcc", NAME, "injected"))
    assert to == "secc"
    assert codec(Schema.SAP).decode(wire[8:]).message.AppProtocol[0].Priority == 20


def test_a_value_without_a_code_is_not_sent(stage) -> None:
    stage.steers(Steer(do="rewrite", label=NAME, set={PRIORITY: 10_000}))
    assert stage.says("evcc", OFFER) == [("note", "tap"), ("record", "evcc", NAME, "dropped")]


def test_a_delayed_message_waits(stage) -> None:
    stage.steers(Steer(do="delay", label=NAME, seconds=2))
    assert stage.says("evcc", OFFER) == [("record", "evcc", NAME, "delayed")]
    assert stage.passes(2) == [("send", "secc", OFFER)]


def test_a_message_is_answered_in_the_others_place(stage) -> None:
    stage.steers(Steer(do="answer", label=NAME, raw='{{"supportedAppProtocolRes": {{"ResponseCode": "Failed_NoNegotiation"}}}}'))
    assert stage.says("evcc", OFFER)[:2] == [
        ("record", "evcc", NAME, "dropped"),
        ("record", "secc", "supportedAppProtocolRes", "injected"),
    ]


def test_a_disguise_is_recorded_as_the_subjects_own(stage) -> None:
    stage = Stage("evcc")
    stage.program.disguise = Steering([Steer(do="replace", label=NAME, raw=BAD.hex(), shape="octets")])
    assert stage.says("evcc", OFFER) == [("record", "evcc", "malformed", "forwarded"), ("send", "secc", BAD)]


def test_a_link_is_reset_once(stage) -> None:
    stage.steers(Steer(do="reset", label=NAME))
    assert stage.says("evcc", OFFER) == [("record", "evcc", NAME, "dropped"), ("close", "tap"), ("reset",)]
    stage.stages.ended("evcc")
    assert stage.passes(0) == []


def test_the_network_drops_and_doubles(stage) -> None:
    stage.stages.conditions = Conditions([Toxic(kind="drop")])
    assert stage.says("evcc", OFFER) == [("record", "evcc", NAME, "dropped")]
    stage.stages.conditions = Conditions([Toxic(kind="duplicate")])
    assert [each for each in stage.says("evcc", OFFER) if each[0] == "send"] == [("send", "secc", OFFER)] * 2
