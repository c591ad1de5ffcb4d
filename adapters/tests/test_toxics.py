import random

import pytest
from v2x_adapters.steering import Drop, Forward, Hold, Send
from v2x_adapters.toxics import Conditions, Ending
from v2x_harness.steer import Toxic


def conditions(*toxics):
    return Conditions(toxics, random.Random(1))


def test_without_toxics_nothing_happens():
    calm = conditions()
    assert not calm
    assert calm.strike("station", "csms") is None
    assert calm.release("station", 100, 5.0) == 5.0
    assert calm.admitted("station", 100) == 100
    assert not calm.endings()


def test_latency_keeps_the_order_whatever_the_jitter():
    slow = conditions(Toxic(kind="latency", seconds=1.0, jitter=0.9))
    arrivals = [slow.release("station", 1, now / 100) for now in range(200)]
    assert arrivals == sorted(arrivals)
    assert all(0.1 <= arrival - now / 100 <= 2.9 for now, arrival in enumerate(arrivals))


def test_bandwidth_is_shared_by_what_is_under_way_and_regained_in_silence():
    narrow = conditions(Toxic(kind="bandwidth", rate=100))
    assert [narrow.release("station", 50, 0.0), narrow.release("station", 50, 0.0), narrow.release("station", 50, 10.0)] == [
        0.5,
        1.0,
        10.5,
    ]
    assert narrow.release("csms", 100, 0.0) == 1.0


def test_a_toxic_of_one_sender_leaves_the_other_alone():
    slow = conditions(Toxic(kind="latency", seconds=2, sender="csms"), Toxic(kind="drop", sender="csms"))
    assert slow.slow("csms")
    assert not slow.slow("station")
    assert slow.release("station", 1, 0.0) == 0.0
    assert slow.strike("station", "csms") is None
    assert slow.strike("csms", "station") == (Drop(),)


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("drop", (Drop(),)),
        ("duplicate", (Forward(), Send("csms", None))),
        ("reorder", (Hold(3.0),)),
        ("timeout", (Drop(),)),
        ("latency", None),
        ("slice", None),
    ],
)
def test_what_strikes_frames_answers_with_commands(kind, commands):
    assert conditions(Toxic(kind=kind, seconds=3.0)).strike("station", "csms") == commands


def test_control_frames_are_struck_by_a_timeout_only():
    assert conditions(Toxic(kind="drop")).strike("station", "csms", control=True) is None
    assert conditions(Toxic(kind="timeout")).strike("station", "csms", control=True) == (Drop(),)


def test_probability_is_that_of_a_seeded_source():
    rare = conditions(Toxic(kind="drop", probability=0.25))
    dropped = sum(rare.strike("station", "csms") is not None for _ in range(1000))
    assert 200 < dropped < 300


def test_a_limit_counts_octets_and_lets_the_first_ones_pass():
    limited = conditions(Toxic(kind="limit", size=250))
    assert [limited.admitted("station", 100) for _ in range(4)] == [100, 100, 50, 0]


def test_endings_are_told_in_advance():
    assert conditions(Toxic(kind="reset", seconds=2), Toxic(kind="timeout", seconds=5), Toxic(kind="timeout")).endings() == [
        Ending(2, "reset"),
        Ending(5, "close"),
    ]


def test_slices_and_slow_closes_are_sizes_and_seconds():
    odd = conditions(Toxic(kind="slice", size=10), Toxic(kind="slow_close", seconds=4, sender="csms"))
    assert odd.fragment("station") == 10
    assert odd.gap("station") == 0
    assert conditions(Toxic(kind="slice", size=10, seconds=0.1)).gap("station") == 0.1
    assert (odd.linger("station"), odd.linger("csms")) == (0, 4)
