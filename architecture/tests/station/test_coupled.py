"""The physical side of an EVSE with an SECC, without anybody who speaks: contactor, flow, meter."""

from __future__ import annotations

import asyncio

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.coupling import CpState
from v2x_architecture.ocpp.station import EvseConfig, SeccSettings, StationConfig
from v2x_architecture.ocpp.station.coupled import CoupledEvse, installed
from v2x_architecture.ocpp.station.hardware import EvseHardware, Flow, Happening
from v2x_architecture.ocpp.station.metering import EXPORT_MEASURANDS, MEASURANDS, Context, measurands_of, samples_of
from v2x_architecture.site import DcSupplyModel, Meter
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel

from .site import AC, DC, EPOCH

pytestmark = pytest.mark.anyio


def coupled(config: EvseConfig) -> CoupledEvse:
    evse = installed(StationConfig(evses=(config,)), LoopClock(EPOCH)).evses[1]
    assert isinstance(evse, CoupledEvse)
    return evse


async def test_only_an_evse_with_an_secc_is_coupled() -> None:
    evses = installed(StationConfig(evses=(EvseConfig(), AC)), LoopClock(EPOCH)).evses
    assert [type(each) for each in evses.values()] == [EvseHardware, CoupledEvse]


async def test_energy_flows_when_contactor_and_vehicle_let_it() -> None:
    evse, heard = coupled(AC), []
    evse.listener = lambda _, happening, __: heard.append((happening, evse.flow))
    vehicle = ElectricVehicle(VehicleModel(soc=50.0))
    evse.plug_in_speaking(1, vehicle, Ress(RessModel(), vehicle))
    evse.offer(11_040.0)
    assert evse.flow is Flow.PENDING
    now = evse.clock.monotonic()
    evse.plug.set_cp(CpState.C, now)
    evse.plug.set_evse_contactor(closed=True, now=now)
    evse.look()
    assert (evse.flow, evse.connected) == (Flow.PENDING, True)
    evse.plug.set_ac(6_900.0, now)
    evse.look()
    assert evse.flow is Flow.DRAWING
    await asyncio.sleep(360)
    reading = evse.read(EPOCH)
    assert reading.energy_wh == pytest.approx(690, abs=1)
    assert reading.power_w == pytest.approx(6_900)
    assert reading.currents_a == pytest.approx((10.0, 10.0, 10.0))
    assert reading.soc is None, "a vehicle with AC of 15118-2 tells no state of charge"
    evse.plug.set_ac(0.0, evse.clock.monotonic())
    evse.look()
    assert evse.flow is Flow.DECLINED
    evse.offer(0.0)
    assert evse.flow is Flow.NONE
    assert evse.connected, "an offer of nothing leaves the contactor to the SECC"
    evse.cut()
    assert not evse.connected
    evse.unplug()
    assert (heard[0][0], heard[-1][0]) == (Happening.PLUGGED, Happening.UNPLUGGED)


async def test_a_vehicle_that_never_draws_has_declined_after_a_while() -> None:
    evse = coupled(AC)
    evse.plug_in_speaking(1, ElectricVehicle(VehicleModel()), None)
    evse.offer(11_040.0)
    evse.plug.set_evse_contactor(closed=True, now=evse.clock.monotonic())
    evse.look()
    assert evse.flow is Flow.PENDING
    await asyncio.sleep(5)
    evse.look()
    assert evse.flow is Flow.DECLINED


async def test_what_does_not_flow_because_the_evse_asked_is_the_evse_s_doing() -> None:
    evse = coupled(AC)
    evse.plug_in_speaking(1, ElectricVehicle(VehicleModel()), None)
    evse.offer(11_040.0)
    evse.interrupting = True
    evse.look()
    assert evse.flow is Flow.NONE


async def test_a_vehicle_on_one_phase_draws_on_one() -> None:
    evse = coupled(AC)
    evse.plug_in_speaking(1, ElectricVehicle(VehicleModel()), None)
    evse.offer(11_040.0)
    evse.plug.set_evse_contactor(closed=True, now=evse.clock.monotonic())
    evse.plug.set_ac(2_300.0, evse.clock.monotonic())
    evse.single_phase = True
    assert evse.phases_used == 1
    assert evse.read(EPOCH).currents_a == pytest.approx((10.0, 0.0, 0.0))


async def test_losing_power_opens_the_contactor_and_keeps_the_meter() -> None:
    evse = coupled(DC)
    evse.plug_in_speaking(1, ElectricVehicle(VehicleModel()), None)
    evse.offer(50_000.0)
    now = evse.clock.monotonic()
    evse.plug.set_dc(400.0, 100.0, now)
    evse.plug.set_evse_contactor(closed=True, now=now)
    evse.plug.set_ev_contactor(closed=True, now=now)
    await asyncio.sleep(36)
    evse.power_off()
    counted = evse.meter.energy_wh
    assert counted == pytest.approx(400, rel=0.01)
    await asyncio.sleep(36)
    assert evse.read(EPOCH).energy_wh == counted
    assert evse.plug.cp_state is CpState.C, "the vehicle is still there"


async def test_a_meter_that_was_there_before_goes_on() -> None:
    evse = coupled(DC)
    meter = Meter(1_000.0, 500.0)
    evse.keep_meter(meter)
    assert evse.plug.meter is evse.meter is meter
    assert evse.read(EPOCH).exported_wh == 500.0


async def test_a_supply_can_be_told() -> None:
    secc = SeccSettings(supply=DcSupplyModel(max_voltage_v=500.0, max_current_a=80.0), discharge_w=15_000.0)
    evse = coupled(EvseConfig(current="DC", phases=1, voltage_v=400.0, secc=secc))
    assert evse.plug.supply is not None
    model = evse.plug.supply.model
    assert (model.max_voltage_v, model.max_current_a, model.max_discharge_w) == (500.0, 80.0, 15_000.0)
    assert model.max_discharge_a == 80.0


async def test_export_is_measured_where_energy_is_taken_back() -> None:
    assert measurands_of((EvseConfig(),)) == MEASURANDS
    assert measurands_of((EvseConfig(), DC)) == (*MEASURANDS, *EXPORT_MEASURANDS)
    evse = coupled(DC)
    evse.plug_in_speaking(1, ElectricVehicle(VehicleModel()), None)
    evse.offer(50_000.0)
    now = evse.clock.monotonic()
    evse.plug.set_dc(400.0, -25.0, now)
    evse.plug.set_evse_contactor(closed=True, now=now)
    evse.plug.set_ev_contactor(closed=True, now=now)
    evse.look()
    await asyncio.sleep(36)
    reading = evse.read(EPOCH)
    values = {
        name: [each.value for each in samples_of(reading, name, Context.OTHER, None)]
        for name in measurands_of((DC,))
        if name.startswith(("Power.Active", "Current.Im", "Current.Ex", "Energy.Active.Ex"))
    }
    assert values == {
        "Power.Active.Import": [0.0],
        "Current.Import": [0.0],
        "Energy.Active.Export.Register": [pytest.approx(100, rel=0.01)],
        "Power.Active.Export": [10_000.0],
        "Current.Export": [25.0],
    }
    plain = EvseHardware(1, EvseConfig(), LoopClock(EPOCH), 0.2).read(EPOCH)
    assert [samples_of(plain, name, Context.OTHER, None) for name in EXPORT_MEASURANDS] == [[], [], []]
