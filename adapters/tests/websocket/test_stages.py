"""Playbooks: a unit arrives, this is recorded, that is sent; no sockets, and time passes when the test says so."""

import pytest
from v2x_adapters.ocpp.labels import OcppLabeller
from v2x_adapters.stages import Parties, Program
from v2x_adapters.steering import Steering
from v2x_adapters.toxics import Conditions
from v2x_adapters.websocket.stages import WebSocketStages
from v2x_adapters.websocket.wire import CLOSE, Reader, frame
from v2x_harness.events import Frame, Header, LinkEvent
from v2x_harness.journal import Recorder
from v2x_harness.steer import Steer, Toxic

CALL = '[2,"1","Heartbeat",{}]'
RESET = '[2,"9","Reset",{}]'


class Stage:
    """Stages with an output that keeps what is done, and a clock that is moved by hand."""

    def __init__(self, subject):
        self.done, self.events, self.timers, self.now = [], [], [], 0.0
        self.recorder = Recorder(None, Header(run="r", started=""), lambda: self.now)
        self.recorder.subscribe(self._recorded)
        self.program = Program()
        parties = Parties("station", "csms", subject)
        self.stages = WebSocketStages("l", parties, self.recorder, lambda: "", self.program, OcppLabeller(), self)
        self.readers = {role: Reader(masked=role == "station") for role in ("station", "csms")}

    def _recorded(self, event):
        if isinstance(event, Frame):
            self.done.append(("record", event.sender, event.label, event.fate))
        elif isinstance(event, LinkEvent):
            self.done.append((event.event, event.by))

    # Output.

    def write(self, to, wire):
        units = Reader(masked=to == "csms").feed(wire)
        self.done += [("send", to, unit.payload.decode() if unit.kind == "text" else unit.kind) for unit in units]

    def later(self, seconds, action):
        self.timers.append((self.now + seconds, action))

    def close(self, code):
        self.done.append(("closed", code))

    def reset(self):
        self.done.append(("reset",))

    # The test's hand.

    def says(self, sender, text):
        data = text if isinstance(text, bytes) else frame(1, text.encode(), mask=sender == "station")
        for unit in self.readers[sender].feed(data):
            self.stages.arrived(sender, unit)
        done, self.done = self.done, []
        return done

    def passes(self, seconds):
        self.now += seconds
        due = [timer for timer in self.timers if timer[0] <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for _, action in sorted(due, key=lambda timer: timer[0]):
            action()
        done, self.done = self.done, []
        return done


@pytest.fixture
def stage():
    return Stage("station")


def test_a_frame_is_recorded_and_then_sent(stage):
    assert stage.says("station", CALL) == [
        ("record", "station", "CALL Heartbeat", "forwarded"),
        ("send", "csms", CALL),
    ]


def test_what_the_subject_sends_is_disguised_then_recorded_then_steered(stage):
    stage.program.disguise = Steering([Steer(do="rewrite", set={"/2": "Faulty"})])
    stage.program.steer = Steering([Steer(do="rewrite", set={"/3": {"steered": 1}}, label="CALL Faulty")])
    assert stage.says("station", CALL) == [
        ("record", "station", "CALL Faulty", "rewritten"),
        ("record", "station", "CALL Faulty", "injected"),
        ("send", "csms", '[2,"1","Faulty",{"steered":1}]'),
    ]


def test_what_the_subject_gets_is_recorded_then_steered_then_disguised(stage):
    stage.program.disguise = Steering([Steer(do="rewrite", set={"/2": "Disguised"}, label="CALL Steered")])
    stage.program.steer = Steering([Steer(do="rewrite", set={"/2": "Steered"})])
    assert stage.says("csms", RESET) == [
        ("record", "csms", "CALL Reset", "rewritten"),
        ("record", "csms", "CALL Steered", "injected"),
        ("send", "station", '[2,"9","Disguised",{}]'),
    ]


def test_without_a_subject_the_disguise_has_nothing_to_do():
    stage = Stage("")
    stage.program.disguise = Steering([Steer(do="drop")])
    assert stage.says("csms", RESET)[-1] == ("send", "station", RESET)
    assert stage.says("station", CALL)[-1] == ("send", "csms", CALL)


def test_a_disguised_subject_swallows_in_silence(stage):
    stage.program.disguise = Steering([Steer(do="drop", sender="station")])
    assert stage.says("station", CALL) == []


def test_a_disguised_subject_that_is_late_is_recorded_when_it_speaks(stage):
    stage.program.disguise = Steering([Steer(do="delay", sender="station", seconds=9)])
    assert stage.says("station", CALL) == []
    assert stage.passes(8.9) == []
    assert stage.passes(0.2) == [("record", "station", "CALL Heartbeat", "forwarded"), ("send", "csms", CALL)]


def test_a_disguised_subject_answers_in_its_own_name(stage):
    stage.program.disguise = Steering([Steer(do="answer", sender="csms", raw='[3,"{1}",{{}}]', seconds=1)])
    assert stage.says("csms", RESET) == [("record", "csms", "CALL Reset", "forwarded")]
    assert stage.passes(1) == [("record", "station", "CALLRESULT Reset", "forwarded"), ("send", "csms", '[3,"9",{}]')]


def test_a_disguise_may_tell_its_subject_what_nobody_else_sees(stage):
    stage.program.disguise = Steering([Steer(do="inject", sender="station", to="station", raw="psst")])
    assert ("send", "station", "psst") in stage.says("station", CALL)


def test_what_a_case_answers_goes_back_marked_and_through_the_disguise(stage):
    stage.program.steer = Steering([Steer(do="answer", sender="station", raw='[3,"{1}",{{}}]')])
    stage.program.disguise = Steering([Steer(do="rewrite", sender="csms", set={"/2/x": 1})])
    assert stage.says("station", CALL) == [
        ("record", "station", "CALL Heartbeat", "dropped"),
        ("record", "csms", "CALLRESULT Heartbeat", "injected"),
        ("send", "station", '[3,"1",{"x":1}]'),
    ]


def test_a_held_frame_follows_the_next_of_its_sender_only(stage):
    stage.program.steer = Steering([Steer(do="hold", label="CALL Heartbeat")])
    assert stage.says("station", CALL) == [("record", "station", "CALL Heartbeat", "delayed")]
    assert ("send", "csms", CALL) not in stage.says("csms", RESET)
    assert stage.says("station", '[3,"9",{}]')[-2:] == [("send", "csms", '[3,"9",{}]'), ("send", "csms", CALL)]


def test_a_held_frame_is_let_go_once_its_time_is_up(stage):
    stage.program.steer = Steering([Steer(do="hold", label="CALL Heartbeat", seconds=5)])
    stage.says("station", CALL)
    assert stage.passes(5) == [("send", "csms", CALL)]
    assert stage.says("station", '[3,"9",{}]').count(("send", "csms", CALL)) == 0


def test_closing_is_the_taps_doing_or_the_subjects(stage):
    stage.program.steer = Steering([Steer(do="close", sender="csms", code=1013)])
    assert stage.says("csms", RESET)[1:] == [("close", "tap"), ("closed", 1013)]
    other = Stage("csms")
    other.program.disguise = Steering([Steer(do="reset", sender="csms")])
    assert other.says("csms", RESET) == [("close", "csms"), ("reset",)]


def test_control_frames_pass_programs_that_do_not_name_them(stage):
    stage.program.steer = Steering([Steer(do="drop")])
    assert stage.says("station", frame(9, b"", mask=True)) == [("ping", "station"), ("send", "csms", "ping")]
    stage.program.steer = Steering([Steer(do="drop", label="ping")])
    assert stage.says("station", frame(9, b"", mask=True)) == [("ping", "station")]


def test_a_second_close_frame_passes_and_is_no_second_event(stage):
    assert stage.says("station", frame(CLOSE, b"\x03\xe8", mask=True)) == [("close", "station"), ("send", "csms", "close")]
    assert stage.says("csms", frame(CLOSE, b"\x03\xe8", mask=False)) == [("send", "station", "close")]
    stage.stages.ended("csms")
    assert stage.done == []


def test_the_network_does_not_touch_what_the_case_dropped(stage):
    stage.program.steer = Steering([Steer(do="drop")])
    stage.stages.conditions = Conditions([Toxic(kind="duplicate")])
    assert stage.says("station", CALL) == [("record", "station", "CALL Heartbeat", "dropped")]


def test_the_network_strikes_what_the_case_rewrote(stage):
    stage.program.steer = Steering([Steer(do="rewrite", set={"/1": "z"})])
    stage.stages.conditions = Conditions([Toxic(kind="drop")])
    assert stage.says("station", CALL) == [("record", "station", "CALL Heartbeat", "dropped")]
    stage.stages.conditions = Conditions([Toxic(kind="duplicate")])
    assert [text for what, _, text, *_ in stage.says("station", CALL) if what == "send"] == ['[2,"z","Heartbeat",{}]'] * 2
    stage.stages.conditions = Conditions([Toxic(kind="reorder", seconds=1)])
    assert stage.says("station", CALL) == [("record", "station", "CALL Heartbeat", "rewritten")]
    assert stage.passes(1)[-1] == ("send", "csms", '[2,"z","Heartbeat",{}]')
