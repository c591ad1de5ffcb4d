"""A battery with terminals: currents, limits, losses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel


def ress(soc: float = 50.0, **model: float) -> Ress:
    return Ress(RessModel(**model), ElectricVehicle(VehicleModel(soc=soc)))


def test_what_goes_in_is_stored_but_for_the_heat() -> None:
    battery = ress()
    rest = battery.open_circuit_v
    energy = battery.flow(100.0, 36.0)
    assert energy == pytest.approx((rest + 5.0) * 100.0 * 36 / 3600)
    assert battery.vehicle.energy_wh == pytest.approx(30_000 + rest * 100 * 36 / 3600)
    assert battery.open_circuit_v > rest


def test_what_comes_out_is_less_than_what_leaves_the_cells() -> None:
    battery = ress(max_discharge_a=50.0, max_discharge_w=20_000.0)
    assert battery.discharge_current == 50.0
    before = battery.vehicle.energy_wh
    given = -battery.flow(-50.0, 3600)
    assert 0 < given < before - battery.vehicle.energy_wh


def test_it_gives_nothing_below_its_least_charge_and_takes_nothing_when_full() -> None:
    assert ress(10.0, max_discharge_a=50.0, max_discharge_w=20_000.0).discharge_current == 0.0
    assert ress(100.0).charge_current == 0.0
    low = ress(11.0, max_discharge_a=50.0, max_discharge_w=20_000.0)
    low.flow(-50.0, 36_000)
    assert low.vehicle.soc == pytest.approx(10.0)


def test_the_highest_voltage_leaves_less_and_less_current() -> None:
    assert ress(20.0).charge_current == 250.0
    assert ress(99.0).charge_current == pytest.approx((403 - 399.3) / 0.05)


@given(st.floats(0, 100), st.floats(1_000, 300_000))
def test_its_own_current_keeps_all_its_limits(soc: float, power: float) -> None:
    battery = ress(soc, max_charge_w=power)
    current = battery.charge_current
    assert 0 <= current <= 250.0
    assert battery.voltage(current) <= 403.0 + 1e-6
    assert battery.voltage(current) * current <= power * (1 + 1e-9)


def test_a_model_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="full_v"):
        RessModel(empty_v=410.0)
