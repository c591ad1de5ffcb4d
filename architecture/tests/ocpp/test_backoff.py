from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.backoff import BackOff


def test_the_wait_doubles_so_many_times_and_then_stays():
    waits = BackOff(wait_minimum=10, random_range=5, repeat_times=3).delays(lambda low, high: low)
    assert list(islice(waits, 6)) == [10, 20, 40, 80, 80, 80]


def test_a_new_random_part_is_added_each_time_and_kept_at_the_end():
    parts = iter([1, 2, 3])
    waits = BackOff(wait_minimum=10, random_range=5, repeat_times=2).delays(lambda low, high: next(parts))
    assert list(islice(waits, 5)) == [11, 22, 43, 43, 43]


@given(st.floats(0, 1000), st.floats(0, 100), st.integers(0, 8))
def test_waits_stay_within_their_bounds(minimum, spread, times):
    waits = list(islice(BackOff(minimum, spread, times).delays(), times + 3))
    for n, wait in enumerate(waits):
        base = minimum * 2 ** min(n, times)
        assert base <= wait <= base + spread
    assert waits[-1] == waits[-2] == waits[-3]
