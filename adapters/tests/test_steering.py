"""Playbooks: this frame in, those commands out."""

import pytest
from v2x_adapters.steering import Close, Drop, Forward, Hold, Payload, Reset, Send, Steering, fate
from v2x_harness.steer import Steer

BOOT = [2, "7", "BootNotification", {"reason": "PowerUp"}]
BEAT = [2, "8", "Heartbeat", {}]
ANSWER = [3, "7", {"status": "Accepted", "interval": 300}]


def station(steering, form, label=None):
    return steering.take("station", "csms", label or f"CALL {form[2]}", form)


def csms(steering, form=ANSWER, label="CALLRESULT BootNotification"):
    return steering.take("csms", "station", label, form)


def test_without_a_program_every_frame_passes():
    assert station(Steering(), BOOT) == (Forward(),)
    assert not Steering()


def test_only_the_frames_meant_are_touched():
    steering = Steering([Steer(do="drop", sender="station", label="CALL Boot*")])
    assert station(steering, BOOT) == (Drop(),)
    assert station(steering, BEAT) == (Forward(),)
    assert csms(steering, label="CALL BootNotification") == (Forward(),)


def test_when_compares_json_values_and_does_not_take_true_for_one():
    steering = Steering([Steer(do="drop", when={"/2/status": "Accepted", "/2/interval": 300})])
    assert csms(steering) == (Drop(),)
    assert csms(steering, [3, "7", {"status": "Accepted"}]) == (Forward(),)
    assert csms(Steering([Steer(do="drop", when={"/0": True})]), [1]) == (Forward(),)
    assert csms(Steering([Steer(do="drop", when={"/0": 1})]), None) == (Forward(),)


def test_nth_is_counted_over_matching_frames_only():
    steering = Steering([Steer(do="drop", label="CALL Heartbeat", nth=2)])
    seen = [station(steering, form) for form in (BEAT, BOOT, BEAT, BEAT)]
    assert seen == [(Forward(),), (Forward(),), (Drop(),), (Forward(),)]


def test_from_nth_means_that_one_and_all_later():
    steering = Steering([Steer(do="drop", from_nth=2)])
    assert [station(steering, BEAT)[0] for _ in range(4)] == [Forward(), Drop(), Drop(), Drop()]


def test_a_step_counts_frames_that_an_earlier_step_dropped():
    steering = Steering([Steer(do="drop", nth=1), Steer(do="close", nth=2)])
    assert [station(steering, BEAT) for _ in range(2)] == [(Drop(),), (Drop(), Close())]


def test_delay_and_rewrite_on_one_frame_add_up():
    steering = Steering([Steer(do="delay", seconds=2), Steer(do="rewrite", set={"/3/reason": "Unknown"})])
    assert station(steering, BOOT) == (Forward(2.0, Payload('[2,"7","BootNotification",{"reason":"Unknown"}]')),)


def test_rewrites_build_on_each_other():
    steering = Steering([Steer(do="rewrite", set={"/2/x": 1}), Steer(do="rewrite", remove=("/2/status", "/2/interval"))])
    assert csms(steering) == (Forward(0.0, Payload('[3,"7",{"x":1}]')),)


def test_a_pointer_that_does_not_fit_leaves_the_frame_alone():
    steering = Steering([Steer(do="rewrite", remove=("/9/none",), set={"/0/x": 1})])
    assert csms(steering) == (Forward(0.0, Payload('[3,"7",{"status":"Accepted","interval":300}]')),)


def test_rewriting_what_is_no_json_leaves_it_alone():
    assert csms(Steering([Steer(do="rewrite", set={"/0": 1})]), None, "malformed") == (Forward(),)


def test_replace_fills_in_the_elements_of_the_frame():
    steering = Steering([Steer(do="replace", raw='[4,"{1}","InternalError","{9}",{{}}]')])
    assert station(steering, [2, 'a"b', "X", {}]) == (Forward(0.0, Payload('[4,"a\\"b","InternalError","",{}]')),)


def test_elements_that_are_no_strings_are_filled_in_as_json():
    assert station(Steering([Steer(do="replace", raw="{0} {3}")]), BOOT) == (Forward(0.0, Payload('2 {"reason":"PowerUp"}')),)


def test_answer_swallows_the_frame_and_replies_in_the_receivers_place():
    steering = Steering([Steer(do="answer", label="CALL *", raw='[3,"{1}",{{}}]', seconds=1)])
    assert station(steering, BEAT) == (Drop(), Send("station", Payload('[3,"8",{}]'), 1.0))


def test_inject_follows_the_frame_to_its_receiver_or_to_whom_it_says():
    assert station(Steering([Steer(do="inject", raw="x")]), BEAT) == (Forward(), Send("csms", Payload("x")))
    steering = Steering([Steer(do="inject", raw="x", to="station", binary=True)])
    assert station(steering, BEAT) == (Forward(), Send("station", Payload(b"x")))


def test_duplicates_are_spaced():
    steering = Steering([Steer(do="duplicate", times=2, seconds=0.5)])
    assert station(steering, BEAT) == (Forward(), Send("csms", None, 0.5), Send("csms", None, 1.0))


def test_hold_keeps_the_frame_with_what_was_made_of_it():
    steering = Steering([Steer(do="rewrite", set={"/1": "z"}), Steer(do="hold", seconds=9)])
    assert csms(steering, [3, "7", {}]) == (Hold(9, Payload('[3,"z",{}]')),)


def test_close_and_reset_take_the_frame_with_them_and_end_the_program():
    drop = Steer(do="drop")
    assert station(Steering([Steer(do="close", code=1011), drop]), BEAT) == (Drop(), Close(1011))
    assert station(Steering([Steer(do="reset"), drop]), BEAT) == (Drop(), Reset())


def test_control_frames_are_meant_only_by_name():
    everything, pongs = Steering([Steer(do="drop")]), Steering([Steer(do="drop", label="pong")])
    assert everything.take("csms", "station", "pong", None) == (Forward(),)
    assert pongs.take("csms", "station", "pong", None) == (Drop(),)
    assert pongs.take("csms", "station", "ping", None) == (Forward(),)


def test_shapes_go_with_the_payload():
    steering = Steering([Steer(do="rewrite", shape="wrong_mask")])
    assert csms(steering, [3]) == (Forward(0.0, Payload("[3]", "wrong_mask")),)


@pytest.mark.parametrize(
    "step",
    [
        Steer(do="replace", raw='{"a":1}'),
        Steer(do="replace", raw="[}"),
        Steer(do="inject", raw="zz", shape="octets"),
        Steer(do="drop", when={"status": 1}),
    ],
)
def test_a_program_with_a_slip_in_it_is_refused_at_once(step):
    with pytest.raises(ValueError, match=r"brace|hexadecimal|pointer"):
        Steering([step])


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (Forward(), "forwarded"),
        (Forward(1.0), "delayed"),
        (Forward(1.0, Payload("")), "rewritten"),
        (Hold(), "delayed"),
        (Drop(), "dropped"),
    ],
)
def test_the_first_command_is_the_frames_fate(command, word):
    assert fate(command) == word
