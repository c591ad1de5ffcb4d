"""The battery: what it takes, exactly, however the time is cut up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from v2x_architecture.vehicle import ElectricVehicle, VehicleModel

models = st.builds(
    VehicleModel,
    capacity_wh=st.floats(1_000, 200_000),
    soc=st.floats(0, 100),
    max_power_w=st.floats(1_000, 350_000),
    phases=st.sampled_from([1, 2, 3]),
    taper_from=st.floats(10, 95),
    cut_off=st.floats(0.01, 0.5),
)
offers = st.floats(500, 400_000)
phases = st.sampled_from([1, 2, 3])


def test_constant_power_below_the_taper():
    vehicle = ElectricVehicle(VehicleModel(capacity_wh=60_000, soc=20, max_power_w=11_000))
    assert vehicle.charge(50_000, 3600) == pytest.approx(11_000)
    assert vehicle.soc == pytest.approx(20 + 100 * 11_000 / 60_000)


def test_fewer_phases_take_less():
    vehicle = ElectricVehicle(VehicleModel(max_power_w=11_040, phases=3))
    assert vehicle.power(50_000, phases=1) == pytest.approx(3_680)
    assert vehicle.power(50_000, phases=3) == pytest.approx(11_040)


def test_suspended_takes_nothing():
    vehicle = ElectricVehicle(VehicleModel())
    vehicle.suspended = True
    assert vehicle.charge(11_000, 3600) == 0
    assert vehicle.seconds_to_full(11_000) is None


def test_taper_ends_at_the_cut_off():
    vehicle = ElectricVehicle(VehicleModel(soc=99.999, max_power_w=10_000, cut_off=0.05))
    assert vehicle.power(50_000) == pytest.approx(500, rel=0.01)


@given(models, offers, phases, st.lists(st.floats(0, 7200), min_size=2, max_size=6))
def test_time_may_be_cut_up_at_will(model, offer, on, pieces):
    whole, cut = ElectricVehicle(model), ElectricVehicle(model)
    taken = whole.charge(offer, sum(pieces), on)
    assert taken == pytest.approx(sum(cut.charge(offer, piece, on) for piece in pieces), rel=1e-6, abs=1e-3)


@given(models, offers, phases, st.floats(0, 100_000))
def test_energy_is_bounded_by_offer_charger_and_battery(model, offer, on, seconds):
    vehicle = ElectricVehicle(model)
    peak = model.max_power_w * min(on, model.phases) / model.phases
    taken = vehicle.charge(offer, seconds, on)
    assert -1e-6 <= taken <= min(offer, peak) * seconds / 3600 * (1 + 1e-9) + 1e-6
    assert vehicle.soc <= 100 * (1 + 1e-9)
    assert vehicle.power(offer, on) <= min(offer, peak) * (1 + 1e-9)


@given(models, offers, phases)
def test_it_is_full_when_it_says_so(model, offer, on):
    vehicle = ElectricVehicle(model)
    seconds = vehicle.seconds_to_full(offer, on)
    assume(seconds is not None)
    vehicle.charge(offer, seconds * 0.99, on)
    left = vehicle.seconds_to_full(offer, on)
    assert left is None or left == pytest.approx(seconds * 0.01, rel=0.01, abs=1.0)
    vehicle.charge(offer, seconds * 0.01 + 1.0, on)
    assert vehicle.full


@pytest.mark.parametrize("wrong", [{"soc": 120}, {"capacity_wh": 0}, {"phases": 4}, {"taper_from": 100}, {"cut_off": 0}])
def test_impossible_vehicles(wrong):
    with pytest.raises(ValueError, match="a vehicle needs"):
        VehicleModel(**wrong)


def test_discharging_stops_at_the_charge_that_is_kept() -> None:
    ev = ElectricVehicle(VehicleModel(capacity_wh=60_000, soc=50))
    assert ev.discharge(6_000, 3600, 20) == 6_000
    assert ev.soc == 40
    assert ev.discharge(60_000, 3600, 20) == 12_000
    assert ev.discharge(60_000, 3600, 20) == 0


def test_no_more_is_stored_than_there_is_room_for() -> None:
    ev = ElectricVehicle(VehicleModel(capacity_wh=60_000, soc=99))
    assert ev.store(500) == 500
    assert ev.store(500) == pytest.approx(100)
    assert ev.store(-1) == 0
