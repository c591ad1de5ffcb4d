"""Sequence charts of one side of a connection: what comes in, what goes out, what is reported."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule
from v2x_architecture.ocpp.errors import Fault, LocalProtocolError
from v2x_architecture.ocpp.events import (
    CallAbandoned,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    LateAnswer,
    ProtocolViolation,
    ResultErrorReceived,
    ResultReceived,
    SendReceived,
)
from v2x_architecture.ocpp.rpc import Connection, new_message_id
from v2x_architecture.ocpp.versions import VERSIONS, Version

every_version = pytest.mark.parametrize("version", VERSIONS)


class Chart:
    """A connection under a clock, with ids 1, 2, 3…"""

    def __init__(self, version: Version, **settings) -> None:
        ids = iter(range(1, 1000))
        self.connection = Connection(version, new_id=lambda: str(next(ids)), **settings)
        self.now = 0.0

    def call(self, action: str, **payload) -> str:
        return self.connection.call(action, payload, self.now)

    def receives(self, *frame: object, raw: str | bytes | None = None) -> list:
        return self.connection.receive(json.dumps(frame) if raw is None else raw, self.now)

    @property
    def sent(self) -> list:
        return [json.loads(text) for text in self.connection.data_to_send()]

    def passes(self, seconds: float) -> list:
        self.now += seconds
        return self.connection.handle_timeout(self.now)


@pytest.fixture
def chart() -> Callable[..., Chart]:
    return Chart


# Calling


@every_version
def test_a_call_is_answered(chart, version):
    c = chart(version)
    assert c.call("Heartbeat") == "1"
    assert c.sent == [[2, "1", "Heartbeat", {}]]
    assert c.receives(3, "1", {"currentTime": "now"}) == [ResultReceived("1", "Heartbeat", {"currentTime": "now"})]
    assert c.connection.outstanding is None


@every_version
def test_a_call_is_refused(chart, version):
    c = chart(version)
    c.call("Heartbeat")
    [error] = c.receives(4, "1", "NotSupported", "no", {"a": 1})
    assert error == ErrorReceived("1", "Heartbeat", "NotSupported", "no", {"a": 1})


def test_one_call_is_outstanding_the_others_wait_in_order(chart):
    c = chart("2.0.1")
    for action in ("A", "B", "C"):
        c.call(action)
    assert c.sent == [[2, "1", "A", {}]]
    assert (c.connection.outstanding, c.connection.queued) == ("A", 2)
    c.receives(3, "1", {})
    assert c.sent == [[2, "2", "B", {}]]
    c.receives(4, "2", "GenericError", "", {})
    assert c.sent == [[2, "3", "C", {}]]


def test_the_peers_calls_do_not_wait_for_ours(chart):
    c = chart("1.6")
    c.call("Heartbeat")
    c.receives(2, "x", "Reset", {"type": "Soft"})
    c.connection.respond("x", {"status": "Accepted"})
    assert c.sent == [[2, "1", "Heartbeat", {}], [3, "x", {"status": "Accepted"}]]


def test_a_call_times_out_and_the_next_goes_out(chart):
    c = chart("2.0.1", call_timeout=30.0)
    c.call("A")
    c.call("B")
    assert c.connection.next_deadline() == 30.0
    assert c.passes(29.9) == []
    [late] = c.passes(0.1)
    assert late == CallTimedOut("1", "A", 30.0)
    assert late.fault is Fault.REMOTE
    assert [frame[2] for frame in c.sent] == ["A", "B"]
    assert c.connection.next_deadline() == 60.0


def test_waiting_in_the_queue_does_not_count_as_waiting_for_an_answer(chart):
    c = chart("1.6", call_timeout=30.0)
    c.call("A")
    c.connection.call("B", {}, c.now, timeout=5.0)
    c.now = 20.0
    c.receives(3, "1", {})
    assert c.connection.next_deadline() == 25.0


def test_a_late_answer_is_told_from_an_answer_to_nothing(chart):
    c = chart("2.0.1")
    c.call("A")
    c.passes(30)
    [late] = c.receives(3, "1", {"x": 1})
    assert isinstance(late, LateAnswer)
    assert (late.action, late.repeated, late.fault) == ("A", False, Fault.REMOTE)
    [nothing] = c.receives(3, "never", {})
    assert isinstance(nothing, ProtocolViolation)
    assert not nothing.answered
    assert len(c.sent) == 1, "an answer is never answered"


def test_a_second_answer_is_reported_as_such(chart):
    c = chart("1.6")
    c.call("A")
    c.receives(3, "1", {})
    [again] = c.receives(4, "1", "GenericError", "", {})
    assert isinstance(again, LateAnswer)
    assert again.repeated


def test_only_the_last_finished_ids_are_remembered(chart):
    c = chart("1.6")
    for _ in range(20):
        c.receives(3, c.call("A"), {})
    assert isinstance(c.receives(3, "20", {})[0], LateAnswer)
    assert isinstance(c.receives(3, "1", {})[0], ProtocolViolation)


def test_a_cancelled_call_leaves_the_queue_or_is_waited_for_no_longer(chart):
    c = chart("2.0.1")
    for action in ("A", "B", "C"):
        c.call(action)
    c.connection.cancel("2", c.now)
    c.connection.cancel("1", c.now)
    assert [frame[2] for frame in c.sent] == ["A", "C"]
    assert isinstance(c.receives(3, "1", {})[0], LateAnswer)


def test_an_id_of_ours_is_not_used_twice_at_a_time_but_may_be_for_a_retry(chart):
    c = chart("2.0.1")
    c.connection.call("A", {}, 0, message_id="same")
    for _ in range(2):
        with pytest.raises(LocalProtocolError, match="unanswered"):
            c.connection.call("A", {}, 0, message_id="same")
        c.connection.call("B", {}, 0)
    c.passes(30)
    c.connection.call("A", {}, c.now, message_id="same")


def test_new_message_ids_are_unique_and_fit():
    ids = {new_message_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {36}


# Being called


@every_version
def test_a_call_of_the_peer_is_reported_and_answered_once(chart, version):
    c = chart(version)
    assert c.receives(2, "x", "Reset", {"type": "Hard"}) == [CallReceived("x", "Reset", {"type": "Hard"})]
    assert c.connection.unanswered == {"x": "Reset"}
    c.connection.respond("x", {"status": "Accepted"})
    with pytest.raises(LocalProtocolError, match="no CALL with the id 'x'"):
        c.connection.respond("x", {})
    with pytest.raises(LocalProtocolError, match="no CALL"):
        c.connection.refuse("y", "NotSupported")
    assert c.sent == [[3, "x", {"status": "Accepted"}]]


@pytest.mark.parametrize(
    ("version", "spelled"), [("1.6", "OccurenceConstraintViolation"), ("2.0.1", "OccurrenceConstraintViolation")]
)
def test_a_refusal_is_spelled_as_the_version_wants_it(chart, version, spelled):
    c = chart(version)
    c.receives(2, "x", "Reset", {})
    c.connection.refuse("x", "OccurrenceConstraintViolation", "type is missing", {"field": "type"})
    assert c.sent == [[4, "x", spelled, "type is missing", {"field": "type"}]]


def test_a_code_that_no_table_has_cannot_be_sent(chart):
    c = chart("2.0.1")
    c.receives(2, "x", "Reset", {})
    with pytest.raises(LocalProtocolError, match="'Nonsense' is no error code"):
        c.connection.refuse("x", "Nonsense")
    c.connection.refuse("x", "NotSupported")


def test_an_answer_that_is_no_json_leaves_the_call_answerable(chart):
    c = chart("2.0.1")
    c.receives(2, "x", "Reset", {})
    with pytest.raises(LocalProtocolError):
        c.connection.respond("x", {"status": object()})
    c.connection.refuse("x", "InternalError")
    assert c.sent == [[4, "x", "InternalError", "", {}]]


@pytest.mark.parametrize(("version", "code"), [("1.6", "GenericError"), ("2.0.1", "RpcFrameworkError")])
def test_an_id_that_is_being_handled_already_is_refused(chart, version, code):
    c = chart(version)
    c.receives(2, "x", "Reset", {})
    [violation] = c.receives(2, "x", "Reset", {})
    assert violation.answered
    assert [(frame[1], frame[2]) for frame in c.sent] == [("x", code)]


def test_an_id_that_has_been_answered_before_is_marked(chart):
    c = chart("2.0.1")
    c.receives(2, "x", "Reset", {})
    c.connection.respond("x", {})
    assert c.receives(2, "x", "Reset", {}) == [CallReceived("x", "Reset", {}, repeated=True)]


def test_a_call_before_the_last_is_answered_is_marked(chart):
    c = chart("2.0.1")
    c.receives(2, "x", "Reset", {})
    assert c.receives(2, "y", "Reset", {}) == [CallReceived("y", "Reset", {}, overlapping=True)]


def test_a_flood_of_calls_is_refused_beyond_the_limit(chart):
    c = chart("2.0.1", max_unanswered=2)
    for message_id in "xyz":
        c.receives(2, message_id, "Reset", {})
    assert [(frame[0], frame[1], frame[2]) for frame in c.sent] == [(4, "z", "GenericError")]
    c.connection.respond("x", {})
    assert isinstance(c.receives(2, "z", "Reset", {})[0], CallReceived)


# What is no proper message


@pytest.mark.parametrize("raw", ["", "hello", "{}", "[]", '[2,7,"Reset",{}]', '[2,"cut sho'])
def test_what_has_no_readable_id_is_answered_with_minus_one_in_2_x_and_ignored_in_1_6(chart, raw):
    for version in ("2.0.1", "2.1"):
        c = chart(version)
        [violation] = c.receives(raw=raw)
        [[number, message_id, code, text, details]] = c.sent
        assert (number, message_id, code, details) == (4, "-1", "RpcFrameworkError", {})
        assert text
        assert violation.answered
    c = chart("1.6")
    [violation] = c.receives(raw=raw)
    assert not violation.answered
    assert c.sent == []


@pytest.mark.parametrize(
    ("raw", "code", "code_in_1_6"),
    [
        ('[2,"x","Reset",{', "FormatViolation", "FormationViolation"),
        ('[2,"x","Reset",[]]', "FormatViolation", "FormationViolation"),
        ('[2,"x","Reset"]', "RpcFrameworkError", "FormationViolation"),
        ('["2","x","Reset",{}]', "RpcFrameworkError", "FormationViolation"),
    ],
)
def test_a_malformed_call_with_a_readable_id_is_refused(chart, raw, code, code_in_1_6):
    for version, wanted in (("1.6", code_in_1_6), ("2.0.1", code), ("2.1", code)):
        c = chart(version)
        c.receives(raw=raw)
        assert [(frame[0], frame[1], frame[2]) for frame in c.sent] == [(4, "x", wanted)]


def test_a_message_id_that_is_too_long_is_refused_with_that_id(chart):
    c = chart("1.6")
    c.receives(2, "x" * 37, "Reset", {})
    assert [frame[1] for frame in c.sent] == ["x" * 37]


def test_an_unknown_message_type_is_refused_by_2_0_1_and_ignored_by_the_others(chart):
    answers = {}
    for version in VERSIONS:
        c = chart(version)
        [violation] = c.receives(7, "x", "Reset", {})
        assert violation.error.code == "MessageTypeNotSupported"
        answers[version] = [frame[:3] for frame in c.sent]
    assert answers == {"1.6": [], "2.0.1": [[4, "x", "MessageTypeNotSupported"]], "2.1": []}


@pytest.mark.parametrize("frame", [[3, "x"], [3, "x", 7], [4, "x"], [4, "x", 1, "", {}], [3], [4, 7]])
def test_a_malformed_answer_is_never_answered_with_callerror(chart, frame):
    for version in VERSIONS:
        c = chart(version)
        assert isinstance(c.receives(*frame)[0], ProtocolViolation)
        assert c.sent == []


def test_a_malformed_answer_to_our_call_ends_it(chart):
    c = chart("2.0.1")
    c.call("A")
    c.call("B")
    [violation] = c.receives(3, "1", "Accepted")
    assert (violation.call, violation.answered) == ("A", False)
    assert [frame[2] for frame in c.sent] == ["A", "B"]


def test_2_1_tells_the_peer_that_its_answer_was_malformed(chart):
    c = chart("2.1")
    c.call("A")
    [violation] = c.receives(3, "1", "Accepted")
    assert (violation.call, violation.answered) == ("A", True)
    assert [frame[:3] for frame in c.sent][1:] == [[5, "1", "FormatViolation"]]


def test_a_frame_that_is_too_long_is_refused_unread(chart):
    c = chart("2.0.1", max_frame=100)
    [violation] = c.receives(2, "x", "DataTransfer", {"data": "y" * 100})
    assert "longer than the 100" in str(violation.error)
    assert [frame[:3] for frame in c.sent] == [[4, "x", "FormatViolation"]]
    assert c.connection.unanswered == {}


def test_the_peers_callerror_about_an_unreadable_message_is_reported(chart):
    c = chart("2.0.1")
    c.call("A")
    assert c.receives(4, "-1", "RpcFrameworkError", "?", {}) == [ErrorReceived("-1", None, "RpcFrameworkError", "?", {})]
    assert c.connection.outstanding == "A"


# What 2.1 adds


def test_a_send_goes_out_beside_an_outstanding_call_and_is_not_answered(chart):
    c = chart("2.1")
    c.call("A")
    c.connection.send("NotifyPeriodicEventStream", {"id": 1})
    assert c.sent == [[2, "1", "A", {}], [6, "2", "NotifyPeriodicEventStream", {"id": 1}]]
    assert c.receives(6, "x", "NotifyPeriodicEventStream", {}) == [SendReceived("x", "NotifyPeriodicEventStream", {})]
    assert isinstance(c.receives(6, "y", 7, {})[0], ProtocolViolation)
    assert c.sent == []


def test_the_peer_may_refuse_our_result(chart):
    c = chart("2.1")
    c.receives(2, "x", "Reset", {})
    c.connection.respond("x", {})
    [event] = c.receives(5, "x", "FormatViolation", "", {})
    assert event == ResultErrorReceived("x", "Reset", "FormatViolation", "", {})
    assert event.fault is Fault.LOCAL
    [event] = c.receives(5, "y", "FormatViolation", "", {})
    assert event.action is None


def test_a_result_can_be_refused_while_it_is_fresh(chart):
    c = chart("2.1")
    c.call("A")
    c.receives(3, "1", {})
    c.connection.refuse_result("1", "TypeConstraintViolation", "x is no integer")
    assert c.sent[1:] == [[5, "1", "TypeConstraintViolation", "x is no integer", {}]]
    with pytest.raises(LocalProtocolError, match="no CALLRESULT"):
        c.connection.refuse_result("9", "GenericError")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_neither_send_nor_callresulterror_exist_before_2_1(chart, version):
    c = chart(version)
    with pytest.raises(LocalProtocolError, match="no SEND"):
        c.connection.send("NotifyPeriodicEventStream", {})
    with pytest.raises(LocalProtocolError, match="no CALLRESULTERROR"):
        c.connection.refuse_result("1", "GenericError")


# The end


def test_the_end_of_the_connection_abandons_what_is_unanswered(chart):
    c = chart("2.1")
    c.call("A")
    c.call("B")
    c.receives(2, "x", "Reset", {})
    assert c.connection.close() == [CallAbandoned("1", "A", sent=True), CallAbandoned("2", "B", sent=False)]
    assert c.connection.close() == []
    assert c.connection.next_deadline() is None
    assert c.receives(2, "y", "Reset", {}) == []
    c.connection.respond("x", {})  # a handler that was at work when the connection ended does no wrong
    assert c.sent == []
    with pytest.raises(LocalProtocolError, match="closed"):
        c.call("A")
    with pytest.raises(LocalProtocolError, match="closed"):
        c.connection.send("A", {})


# Whatever comes


@given(st.sampled_from(VERSIONS), st.lists(st.text(max_size=40) | st.binary(max_size=40), max_size=10))
def test_no_input_raises(version, inputs):
    connection = Connection(version)
    for data in inputs:
        connection.receive(data, 0.0)
        for text in connection.data_to_send():
            number, message_id, *_ = json.loads(text)
            assert (number, message_id) == (4, "-1")


class TwoSides(RuleBasedStateMachine):
    """Two connections that talk over a line which may lose nothing, in any interleaving."""

    @property
    def sides(self) -> tuple[Connection, Connection]:
        return self.left, self.right

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = Connection("2.1"), Connection("2.1")
        self.line: dict[int, list[str]] = {0: [], 1: []}
        self.asked: dict[int, list[str]] = {0: [], 1: []}
        self.got: dict[int, list[str]] = {0: [], 1: []}
        self.to_answer: dict[int, list[str]] = {0: [], 1: []}
        self.now = 0.0

    calls = Bundle("calls")
    which = st.sampled_from([0, 1])

    def put(self, side: int) -> None:
        self.line[1 - side] += self.sides[side].data_to_send()

    @rule(side=which, action=st.sampled_from("ABC"))
    def call(self, side: int, action: str) -> None:
        self.asked[side].append(self.sides[side].call(action, {}, self.now))
        self.put(side)

    @rule(side=which)
    def deliver(self, side: int) -> None:
        if not self.line[side]:
            return
        for event in self.sides[side].receive(self.line[side].pop(0), self.now):
            match event:
                case CallReceived(message_id):
                    assert not event.overlapping
                    self.to_answer[side].append(message_id)
                case ResultReceived(message_id) | ErrorReceived(message_id):
                    self.got[side].append(message_id)
                case _:
                    raise AssertionError(event)
        self.put(side)

    @rule(side=which, well=st.booleans())
    def answer(self, side: int, well: bool) -> None:
        if self.to_answer[side]:
            message_id = self.to_answer[side].pop(0)
            if well:
                self.sides[side].respond(message_id, {})
            else:
                self.sides[side].refuse(message_id, "GenericError")
            self.put(side)

    @rule(seconds=st.floats(0, 1))
    @precondition(lambda self: self.now < 25)
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def answers_come_in_the_order_of_the_calls(self) -> None:
        for side in (0, 1):
            assert self.got[side] == self.asked[side][: len(self.got[side])]

    @invariant()
    def at_most_one_call_is_on_the_way(self) -> None:
        for side in (0, 1):
            on_line = sum(text.startswith("[2,") for text in self.line[side])
            assert on_line + len(self.to_answer[side]) <= 1


TestTwoSides = TwoSides.TestCase
TestTwoSides.settings = settings(max_examples=60, stateful_step_count=40)
