"""Whole sessions of ISO 15118-20 between both state machines: AC and DC, one way and both, scheduled and dynamic."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest
from v2x_architecture.coupling import Coupling, CpState
from v2x_architecture.iso15118.charging import Notification, Schedule, ScheduleEntry
from v2x_architecture.iso15118.editions import ISO2, ISO20_AC, ISO20_DC
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, Wish
from v2x_architecture.iso15118.exi import Schema, codec, validate_message
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc import CloseReason, EvseSettings, Memory, SeccConfig
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.values import quotient

from .pair import Pair, Said, ac_plug, dc_plug

type Control = Literal["Scheduled", "Dynamic"]
CONTROLS: tuple[Control, ...] = ("Scheduled", "Dynamic")
SECC = SeccConfig(iso20_needs_tls=False)
SETUP = ["supportedAppProtocol", "SessionSetup", "AuthorizationSetup", "Authorization", "ServiceDiscovery", "ServiceDetail"]


def ac_both(soc: float = 50.0) -> Coupling:
    return ac_plug(soc, max_discharge_a=16.0)


def dc_both(soc: float = 50.0) -> Coupling:
    return dc_plug(soc, max_discharge_a=50.0, max_discharge_w=20_000.0)


def evcc(control: Control = "Scheduled", *, both: bool = False) -> EvccConfig:
    return EvccConfig(applications=(ISO20_DC, ISO20_AC), control=control, bidirectional=both, iso20_needs_tls=False, demand_s=0.1)


def pairs(session: Pair) -> list[str]:
    return [name.removesuffix("Req") for name in session.names if name.endswith("Req")]


def schema_of(said: Said) -> Schema:
    return {"AC": Schema.AC, "DC": Schema.DC}.get(said.name.partition("_")[0], Schema.CM)


def problems(session: Pair) -> list[object]:
    messages = [each for each in session.said if isinstance(each.message, ct.V2GMessageType)]
    return [problem for each in messages for problem in validate_message(codec(schema_of(each)), each.name, each.message)]


def ending(session: Pair) -> Ending | None:
    return session.evcc.outcome.ending if session.evcc.outcome is not None else None


@pytest.mark.parametrize("control", CONTROLS)
def test_an_ac_session_reads_as_its_sequence_chart(control: Control) -> None:
    session = Pair.at(ac_plug(79.95), secc=SECC, evcc=evcc(control)).run()
    assert ending(session) is Ending.FINISHED
    loop = ["ServiceSelection", "AC_ChargeParameterDiscovery", "ScheduleExchange", "PowerDelivery", "AC_ChargeLoop"]
    assert pairs(session) == [*SETUP, *loop, "PowerDelivery", "SessionStop"]
    assert problems(session) == []
    assert session.plug.cp_state is CpState.B
    stored = session.ev.vehicle.energy_wh - 0.7995 * 60_000
    assert session.plug.meter.energy_wh == pytest.approx(stored / 0.92)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_dc_session_reads_as_its_sequence_chart(control: Control) -> None:
    session = Pair.at(dc_plug(79.8), secc=SECC, evcc=evcc(control)).run()
    assert ending(session) is Ending.FINISHED
    before = ["ServiceSelection", "DC_ChargeParameterDiscovery", "ScheduleExchange", "DC_CableCheck", "DC_PreCharge"]
    after = ["PowerDelivery", "DC_ChargeLoop", "PowerDelivery", "DC_WeldingDetection", "SessionStop"]
    assert pairs(session) == SETUP + before + after
    assert problems(session) == []
    assert not session.plug.ev_contactor_closed
    assert session.secc.closed is not None
    assert session.secc.closed.reason is CloseReason.STOPPED


def test_every_message_is_of_one_session_and_has_the_time() -> None:
    session = Pair.at(dc_plug(79.9), secc=SECC, evcc=evcc()).run()
    messages = [each for each in session.said if isinstance(each.message, ct.V2GMessageType)]
    assert len({each.message.Header.SessionID for each in messages[1:]}) == 1
    assert all(each.message.Header.TimeStamp == int(each.at) for each in messages)


@pytest.mark.parametrize("plug", [ac_both, dc_both], ids=["AC", "DC"])
def test_an_ev_that_plans_by_itself_gives_energy_back(plug: type[Coupling]) -> None:
    driver = DriverSettings(give_w=10_000.0, keep_soc=49.8, max_discharge_w=10_000.0)
    session = Pair.at(plug(50.0), secc=SECC, evcc=evcc(both=True), driver=driver).run()
    assert ending(session) is Ending.FINISHED
    assert problems(session) == []
    given = 30_000 - session.ev.vehicle.energy_wh
    assert given == pytest.approx(120, rel=0.03)
    assert session.plug.meter.energy_wh == pytest.approx(0, abs=0.1)
    assert 0.9 * given < session.plug.meter.exported_wh < given
    loops = [each for each in session.bodies(ct.ChargeLoopResType) if each.MeterInfo is not None]
    assert loops[-1].MeterInfo is not None
    assert loops[-1].MeterInfo.BPT_DischargedEnergyReadingWh == int(session.plug.meter.exported_wh)


@pytest.mark.parametrize("plug", [ac_both, dc_both], ids=["AC", "DC"])
def test_an_evse_that_decides_takes_energy_back_and_gives_it_again(plug: type[Coupling]) -> None:
    driver = DriverSettings(max_discharge_w=10_000.0, target_soc=50.1)
    session = Pair.at(
        plug(50.0), secc=SECC, evcc=evcc("Dynamic", both=True), driver=driver, evse=EvseSettings(target_power_w=-8_000.0)
    )
    session.run(until=60.0)
    exported = session.plug.meter.exported_wh
    assert exported > 60
    assert session.evse.present(60.0).power_w == pytest.approx(-8_000, rel=0.02)
    session.evse.settings.target_power_w = 9_000.0
    session.run_on()
    assert ending(session) is Ending.FINISHED
    assert session.plug.meter.exported_wh == pytest.approx(exported, rel=0.02)
    assert session.ev.vehicle.soc >= 50.1
    assert problems(session) == []


def test_the_sign_of_current_and_power_is_that_of_the_flow() -> None:
    driver = DriverSettings(give_w=8_000.0, keep_soc=49.9)
    session = Pair.at(dc_both(50.0), secc=SECC, evcc=evcc(both=True), driver=driver).run()
    told = session.bodies(dc.DC_ChargeLoopResType)
    assert min(quotient(each.EVSEPresentCurrent) for each in told) == pytest.approx(-8_000 / 365, rel=0.01)
    energy = 0.0
    times = [each.at for each in session.said if each.name == "DC_ChargeLoopRes"]
    for each, (at, later) in zip(told, itertools.pairwise(times), strict=False):
        energy += quotient(each.EVSEPresentCurrent) * quotient(each.EVSEPresentVoltage) * (later - at) / 3600
    assert -energy == pytest.approx(session.plug.meter.exported_wh, rel=0.02)


def test_a_service_with_one_way_takes_nothing_back() -> None:
    evse = EvseSettings(target_power_w=-8_000.0)
    for plug in (ac_both(50.0), dc_both(50.0)):
        session = Pair.at(plug, secc=SECC, evcc=evcc("Dynamic"), evse=evse).run(until=30.0)
        assert session.plug.meter.exported_wh == 0


def test_an_ev_that_wants_both_ways_takes_one_where_there_is_no_other() -> None:
    session = Pair.at(ac_plug(79.95), secc=SECC, evcc=evcc(both=True)).run()
    assert ending(session) is Ending.FINISHED
    (selected,) = session.bodies(cm.ServiceSelectionReqType)
    assert selected.SelectedEnergyTransferService.ServiceID == 1


def test_a_schedule_bounds_what_is_drawn() -> None:
    low = Schedule(id=9, entries=(ScheduleEntry(start_s=0, max_power_w=3_000.0), ScheduleEntry(start_s=60, max_power_w=6_000.0)))
    session = Pair.at(
        ac_plug(50.0), secc=SECC, evcc=evcc(), evse=EvseSettings(schedules=(low,)), driver=DriverSettings(target_soc=50.4)
    ).run()
    assert ending(session) is Ending.FINISHED
    assert session.plug.meter.energy_wh <= (3_000 * 61 + 6_000 * (session.now - 60)) / 3600
    (start, _) = session.bodies(cm.PowerDeliveryReqType)
    assert start.EVPowerProfile is not None
    assert start.EVPowerProfile.Scheduled_EVPPTControlMode is not None
    assert start.EVPowerProfile.Scheduled_EVPPTControlMode.SelectedScheduleTupleID == 9


@pytest.mark.parametrize("plug", [ac_plug, dc_plug], ids=["AC", "DC"])
def test_energy_flows_on_while_schedules_are_renegotiated(plug: type[Coupling]) -> None:
    session = Pair.at(plug(79.5), secc=SECC, evcc=evcc(), driver=DriverSettings(wish=Wish.RENEGOTIATE)).run()
    assert ending(session) is Ending.FINISHED
    progress = [each.ChargeProgress for each in session.bodies(cm.PowerDeliveryReqType)]
    assert progress == ["Start", "ScheduleRenegotiation", "Start", "Stop"]
    assert len(session.bodies(cm.ScheduleExchangeReqType)) == 2
    assert len([each for each in pairs(session) if each == "DC_CableCheck"]) <= 1


def test_an_evse_that_wants_to_stop_is_followed() -> None:
    session = Pair.at(ac_plug(50.0), secc=SECC, evcc=evcc(), evse=EvseSettings(notification=Notification("StopCharging"))).run()
    assert ending(session) is Ending.FINISHED
    assert session.now < 10


def test_a_paused_session_is_joined_again() -> None:
    memory, plug = Memory(), dc_plug(50.0)
    first = Pair.at(plug, secc=SECC, evcc=evcc(), driver=DriverSettings(wish=Wish.PAUSE), memory=memory).run()
    assert ending(first) is Ending.PAUSED
    assert first.evcc.paused is not None
    config = EvccConfig(applications=(ISO20_DC,), iso20_needs_tls=False, resume=first.evcc.paused)
    second = Pair.at(
        plug, secc=SECC, evcc=config, driver=DriverSettings(target_soc=50.1), memory=memory, now=first.now + 60
    ).run()
    assert ending(second) is Ending.FINISHED
    assert second.bodies(cm.SessionSetupResType)[0].ResponseCode == "OK_OldSessionJoined"


def test_what_takes_time_is_waited_for_and_a_customer_may_take_longer() -> None:
    evse = EvseSettings(authorization_s=20.0, schedule_s=10.0)
    assert ending(Pair.at(dc_plug(79.9, check_seconds=10.0), secc=SECC, evcc=evcc(), evse=evse).run()) is Ending.FINISHED
    waiting = Pair.at(ac_plug(79.9), secc=SECC, evcc=evcc(), evse=EvseSettings(authorization=Authorization.WAITING))
    waiting.run(until=200.0)
    assert waiting.evcc.outcome is None


def test_a_rejected_customer_may_try_again_until_the_ev_gives_up() -> None:
    session = Pair.at(ac_plug(79.9), secc=SECC, evcc=evcc(), evse=EvseSettings(authorization=Authorization.REJECTED)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.ONGOING_TIMEOUT
    assert "WARNING_EIMAuthorizationFailure" in session.evcc.outcome.text
    assert session.secc.state == "End"


def test_an_ev_that_falls_silent_while_energy_flows_is_let_go_at_once() -> None:
    session = Pair.at(dc_plug(50.0), secc=SECC, evcc=evcc())
    session.run(until=20.0)
    assert session.secc.state == "DC_ChargeLoopOrPowerDelivery"
    deadline = session.secc.next_deadline
    assert deadline is not None
    assert deadline - session.now <= 0.5
    session.secc.handle_timeout(deadline)
    assert session.secc.closed is not None
    assert session.secc.closed.reason is CloseReason.SEQUENCE_TIMEOUT


def test_without_tls_the_older_protocol_is_agreed_on() -> None:
    session = Pair.at(dc_plug(79.9), evcc=EvccConfig(applications=(ISO20_DC, ISO2), iso20_needs_tls=False)).run()
    assert "DC_ChargeLoopReq" not in session.names
    assert ending(session) is Ending.FINISHED
    alone = Pair.at(dc_plug(79.9), evcc=EvccConfig(applications=(ISO20_DC,))).run()
    assert ending(alone) is Ending.NO_AGREEMENT
    assert alone.said == []


def test_an_evse_without_ac_does_not_agree_on_ac() -> None:
    config = EvccConfig(applications=(ISO20_AC,), iso20_needs_tls=False)
    assert ending(Pair.at(dc_plug(79.9), secc=SECC, evcc=config).run()) is Ending.NO_AGREEMENT


def test_a_loop_asks_for_the_meter_and_is_told_it() -> None:
    session = Pair.at(ac_plug(79.95), secc=SECC, evcc=evcc()).run()
    told = session.bodies(ac.AC_ChargeLoopResType)
    assert all(each.MeterInfo is not None for each in told)


def test_schedules_tell_price_levels_where_they_are_to() -> None:
    config = SeccConfig(iso20_needs_tls=False, price_levels=True)
    session = Pair.at(dc_both(79.9), secc=config, evcc=evcc(both=True)).run()
    assert ending(session) is Ending.FINISHED
    assert problems(session) == []
    (told,) = session.bodies(cm.ScheduleExchangeResType)
    assert told.Scheduled_SEResControlMode is not None
    assert told.Scheduled_SEResControlMode.ScheduleTuple[0].ChargingSchedule.PriceLevelSchedule is not None
