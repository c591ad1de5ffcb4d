from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.smart_charging import Demand, share


def test_equal_demands_get_equal_parts():
    assert share(Fraction(32), [Demand(1, Fraction(32)), Demand(2, Fraction(32))]) == {1: 16, 2: 16}


def test_what_one_does_not_need_goes_to_the_others():
    assert share(Fraction(32), [Demand(1, Fraction(10)), Demand(2, Fraction(32))]) == {1: 10, 2: 22}


def test_below_its_minimum_the_least_important_waits():
    demands = [
        Demand(1, Fraction(32), Fraction(6)),
        Demand(2, Fraction(32), Fraction(6)),
        Demand(3, Fraction(32), Fraction(6), 1),
    ]
    assert share(Fraction(14), demands) == {3: 7, 1: 7, 2: 0}


def test_nothing_to_share_stops_all():
    assert share(Fraction(0), [Demand(1, Fraction(32), Fraction(6)), Demand(2, Fraction(32))]) == {1: 0, 2: 0}


amounts = st.fractions(0, 100, max_denominator=10)


@given(amounts, st.lists(st.tuples(amounts, amounts, st.integers(-9, 9)), max_size=6))
def test_never_more_than_the_total_nor_than_asked_and_never_below_the_minimum(total, wants):
    demands = [Demand(index, *want) for index, want in enumerate(wants)]
    parts = share(total, demands)
    assert sum(parts.values()) <= total
    for demand in demands:
        part = parts[demand.evse]
        assert part == 0 or min(demand.minimum, demand.amount) <= part <= demand.amount
