"""Current and power (pitfall: A taken for W)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.smart_charging import Rate, RateUnit, Supply, exact, to_wire

THREE = Supply(Fraction(32))
ONE = Supply(Fraction(32), phases=1)
DC = Supply(Fraction(250), Fraction(400), direct=True)


def test_power_is_divided_over_the_phases_that_the_period_names():
    assert THREE.rate(Fraction(6900), RateUnit.WATTS, 3) == Rate(Fraction(10), 3)
    assert THREE.rate(Fraction(6900), RateUnit.WATTS, None) == Rate(Fraction(10), 3)
    assert THREE.rate(Fraction(6900), RateUnit.WATTS, 1) == Rate(Fraction(30), 1)


def test_a_single_phase_outlet_takes_the_part_of_its_one_phase():
    rate = ONE.rate(Fraction(6900), RateUnit.WATTS, 3)
    assert (rate, ONE.watts(rate)) == (Rate(Fraction(10), 1), 2300)


def test_a_current_is_per_phase_and_stays_as_it_is_on_fewer_phases():
    assert ONE.rate(Fraction(16), RateUnit.AMPERES, 3) == Rate(Fraction(16), 1)


def test_direct_current_ignores_phases():
    assert DC.rate(Fraction(40_000), RateUnit.WATTS, 3) == Rate(Fraction(100), 1)
    assert DC.watts(Rate(Fraction(100), 1)) == 40_000


def test_direct_current_behind_an_alternating_supply_has_the_same_power():
    assert DC.convert(Rate(Fraction(16), 3), THREE) == Rate(Fraction(16 * 3 * 230, 400), 1)
    assert THREE.convert(Rate(Fraction(69), 1), DC) == Rate(Fraction(40), 3)


@pytest.mark.parametrize(("limit", "offered"), [("5.9", 0), ("6", 6), ("0", 0), ("40", 32)])
def test_a_control_pilot_offers_nothing_below_six_amperes_and_no_more_than_the_hardware(limit, offered):
    assert THREE.offered(Rate(Fraction(limit), 3)) == offered


def test_direct_current_can_be_offered_in_any_amount():
    assert DC.offered(Rate(Fraction(1, 2), 1)) == Fraction(1, 2)


def test_numbers_are_read_as_written():
    assert (exact(8.1), exact(Decimal("8.1")), exact(3)) == (Fraction(81, 10), Fraction(81, 10), 3)


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_limit_on_the_wire_has_one_decimal_and_promises_no_more(value):
    written = to_wire(value)
    assert exact(written) <= value < exact(written) + Fraction(1, 10)
    assert len(f"{Decimal(repr(written)).normalize():f}".partition(".")[2]) <= 1


@given(st.integers(0, 10**7), st.sampled_from([1, 2, 3, None]))
def test_a_power_comes_back_unchanged_through_current(tenths, phases):
    watts = Fraction(tenths, 10)
    assert THREE.measure(THREE.rate(watts, RateUnit.WATTS, phases), RateUnit.WATTS) == watts
