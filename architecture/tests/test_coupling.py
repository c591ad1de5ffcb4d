"""An EV at an EVSE: both measure the same, and the meter saw it."""

from __future__ import annotations

import pytest
from v2x_architecture.coupling import Coupling, CpState, Present
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel, Meter
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel


@pytest.fixture
def ev() -> ElectricVehicle:
    return ElectricVehicle(VehicleModel(soc=50.0))


def dc(ev: ElectricVehicle, **model: float) -> Coupling:
    ress = Ress(RessModel(max_discharge_a=100, max_discharge_w=40_000), ev)
    return Coupling(supply=DcSupply(DcSupplyModel(**model)), vehicle=ev, ress=ress)


def test_pre_charge_takes_its_time_and_moves_no_energy(ev: ElectricVehicle) -> None:
    plug = dc(ev)
    plug.set_dc(365.0, 2.0, 0.0)
    assert plug.dc(1.0) == Present(250.0)
    assert plug.dc(5.0) == Present(365.0)
    assert plug.meter.energy_wh == 0
    plug.switch_off(5.0)
    assert plug.dc(6.0).voltage_v == pytest.approx(115.0)


def test_dc_that_flows_is_metered_and_stored(ev: ElectricVehicle) -> None:
    plug = dc(ev)
    before = ev.energy_wh
    plug.set_dc(403.0, 100.0, 0.0)
    plug.set_ev_contactor(closed=True, now=0.0)
    present = plug.dc(0.0)
    assert present.current_a == 100.0
    assert present.voltage_v == pytest.approx(370.0)
    plug.advance(60.0)
    assert plug.meter.energy_wh == pytest.approx(370.0 * 100 * 60 / 3600)
    assert ev.energy_wh - before == pytest.approx(365.0 * 100 * 60 / 3600)


def test_a_supply_gives_no_more_than_it_can(ev: ElectricVehicle) -> None:
    plug = dc(ev, max_current_a=50.0)
    plug.set_ev_contactor(closed=True, now=0.0)
    plug.set_dc(403.0, 200.0, 0.0)
    assert plug.dc(0.0).current_a == 50.0
    plug.set_dc(366.0, 200.0, 0.0)
    assert plug.dc(0.0).current_a == pytest.approx(20.0)


def test_energy_flows_back_where_the_supply_can(ev: ElectricVehicle) -> None:
    plug = dc(ev, max_discharge_a=60.0, max_discharge_w=20_000.0)
    plug.set_ev_contactor(closed=True, now=0.0)
    plug.set_dc(403.0, -100.0, 0.0)
    assert plug.dc(0.0).current_a == pytest.approx(-20_000 / 365)
    plug.advance(60.0)
    assert plug.meter.energy_wh == 0
    assert plug.meter.exported_wh > 300
    assert ev.soc < 50.0


def test_welded_contactors_show_the_batterys_voltage(ev: ElectricVehicle) -> None:
    plug = dc(ev)
    plug.set_ev_contactor(closed=True, now=0.0)
    plug.ev_contactor_welded = True
    plug.set_ev_contactor(closed=False, now=1.0)
    assert plug.dc(60.0).voltage_v == pytest.approx(365.0)


def test_ac_is_drawn_through_a_closed_contactor_by_a_charger_with_losses(ev: ElectricVehicle) -> None:
    plug = Coupling(outlet=AcOutletModel(), vehicle=ev, meter=Meter(1_000.0))
    plug.set_ac(11_000.0, 0.0)
    assert plug.ac(0.0) == Present()
    plug.set_cp(CpState.C, 0.0)
    assert plug.set_evse_contactor(closed=True, now=0.0)
    assert plug.ac(0.0) == Present(230.0, pytest.approx(11_000 / 690), 11_000.0)
    before = ev.energy_wh
    plug.advance(3600.0)
    assert plug.meter.energy_wh == pytest.approx(12_000.0)
    assert ev.energy_wh - before == pytest.approx(11_000 * 0.92)
    plug.set_cp(CpState.B, 3600.0)
    assert not plug.evse_contactor_closed


def test_ac_flows_back_where_the_outlet_allows_it(ev: ElectricVehicle) -> None:
    plug = Coupling(outlet=AcOutletModel(max_discharge_a=10.0), vehicle=ev)
    plug.set_evse_contactor(closed=True, now=0.0)
    plug.set_ac(-11_000.0, 0.0)
    assert plug.ac(0.0).power_w == -6_900.0
    plug.advance(3600.0)
    assert plug.meter.exported_wh == pytest.approx(6_900.0)


def test_a_contactor_that_is_stuck_says_so(ev: ElectricVehicle) -> None:
    plug = Coupling(outlet=AcOutletModel(), vehicle=ev)
    plug.evse_contactor_stuck = True
    assert not plug.set_evse_contactor(closed=True, now=0.0)


def test_an_unknown_ev_takes_what_is_set_and_an_unknown_evse_gives_what_it_says(ev: ElectricVehicle) -> None:
    bench = Coupling(supply=DcSupply(DcSupplyModel()))
    assert bench.cp_state is CpState.C
    bench.set_dc(400.0, 100.0, 0.0)
    assert bench.dc(1.0) == Present(250.0)
    bench.set_evse_contactor(closed=True, now=1.0)
    assert bench.dc(1.0) == Present(400.0, 100.0, 40_000.0)
    alone = Coupling(vehicle=ev, ress=Ress(RessModel(), ev))
    alone.told(Present(360.0), 0.0)
    assert alone.dc(0.0) == Present(360.0)
    alone.set_ev_contactor(closed=True, now=0.0)
    alone.told(Present(380.0, 100.0), 1.0)
    alone.advance(37.0)
    assert ev.energy_wh == pytest.approx(30_000 + 365)


def test_an_unknown_evse_gives_ac_as_long_as_the_ev_is_ready(ev: ElectricVehicle) -> None:
    alone = Coupling(vehicle=ev)
    alone.set_ac(3_680.0, 0.0)
    assert alone.ac(0.0).power_w == 0
    alone.set_cp(CpState.C, 0.0)
    assert alone.ac(0.0).power_w == pytest.approx(3_680.0)


def test_a_pulled_plug_ends_whatever_flowed(ev: ElectricVehicle) -> None:
    plug = dc(ev)
    ress = plug.ress
    plug.set_dc(403.0, 100.0, 0.0)
    plug.set_cp(CpState.C, 0.0)
    plug.set_ev_contactor(closed=True, now=0.0)
    plug.disconnect(36.0)
    counted = plug.meter.energy_wh
    assert counted == pytest.approx(370.0, rel=0.01)
    assert plug.cp_state is CpState.A
    # What the EV does now has nothing to do with the plug.
    plug.set_cp(CpState.C, 37.0)
    plug.set_ev_contactor(closed=True, now=37.0)
    plug.set_ac(5_000.0, 37.0)
    assert plug.cp_state is CpState.A
    assert plug.dc(100.0).current_a == 0.0
    assert plug.meter.energy_wh == counted
    plug.connect(ev, ress, 200.0)
    assert plug.cp_state is CpState.B
    plug.disconnect(201.0)
    plug.connect(None, None, 202.0)
    assert plug.cp_state is CpState.C
