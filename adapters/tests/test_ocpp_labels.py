import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_adapters.ocpp.labels import OcppDialect, OcppLabeller

elements = st.sampled_from([None, True, 2, 3, 4, 5, 6, 2.0, -1, 10**30, "", "1", "Heartbeat", [], {}, {"a": 1}])
forms = elements | st.lists(elements, max_size=6)


def test_answers_are_labelled_by_what_they_answer():
    labeller = OcppLabeller()
    assert labeller.label("station", [2, "1", "BootNotification", {}]) == "CALL BootNotification"
    assert labeller.label("csms", [2, "1", "Reset", {}]) == "CALL Reset"
    assert labeller.label("csms", [3, "1", {}]) == "CALLRESULT BootNotification"
    assert labeller.label("station", [4, "1", "InternalError", "", {}]) == "CALLERROR Reset"
    assert labeller.label("station", [5, "1", "InternalError", "", {}]) == "CALLRESULTERROR BootNotification"
    assert labeller.label("station", [6, "2", "NotifyPeriodicEventStream", {}]) == "SEND NotifyPeriodicEventStream"


def test_an_answer_that_comes_twice_keeps_its_label():
    labeller = OcppLabeller()
    labeller.label("station", [2, "1", "Heartbeat", {}])
    assert [labeller.label("csms", [3, "1", {}]) for _ in range(2)] == ["CALLRESULT Heartbeat"] * 2


def test_an_answer_to_nothing_says_so():
    labeller = OcppLabeller()
    labeller.label("csms", [2, "1", "Reset", {}])
    assert labeller.label("csms", [3, "1", {}]) == "CALLRESULT ?"


@pytest.mark.parametrize(
    "form",
    [None, {}, [], [2], [2, 1, "A", {}], [2, "1", "A"], [3, "1"], [4, "1", "X"], [9, "1", "A", {}], "x", [True, "1", "A", {}]],
)
def test_what_is_no_frame_is_malformed(form):
    assert OcppLabeller().label("station", form) == "malformed"


def test_the_beginning_of_a_large_frame_is_enough():
    labeller = OcppLabeller()
    assert labeller.label("station", None, ' [2, "1","NotifyReport", {"reportData":[') == "CALL NotifyReport"
    assert labeller.label("csms", None, '[3,"1",{"x":') == "CALLRESULT NotifyReport"
    assert labeller.label("csms", None, "[9,") == "malformed"


def test_calls_are_not_remembered_for_ever():
    labeller = OcppLabeller()
    for n in range(20_000):
        labeller.label("station", [2, str(n), "Heartbeat", {}])
    assert labeller.label("csms", [3, "0", {}]) == "CALLRESULT ?"
    assert labeller.label("csms", [3, "19999", {}]) == "CALLRESULT Heartbeat"


@settings(deadline=None)
@given(st.lists(forms, max_size=20))
def test_any_json_has_a_label(frames):
    labeller = OcppLabeller()
    for form in frames:
        assert labeller.label("station", form)


@pytest.mark.parametrize(
    ("subprotocol", "name"),
    [("ocpp1.6", "ocpp/1.6"), ("ocpp2.0.1", "ocpp/2.0.1"), ("ocpp2.1", "ocpp/2.1"), ("ocpp", ""), ("", ""), ("mqtt", "")],
)
def test_subprotocols_have_the_journals_names(subprotocol, name):
    assert OcppDialect().protocol(subprotocol) == name
