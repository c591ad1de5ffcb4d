"""Whole sessions of ISO 15118-2 between both state machines: sequences, energy, limits, renegotiation, pause."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.charging import Notification, Schedule, ScheduleEntry
from v2x_architecture.iso15118.editions import DIN, ISO2, Application
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, Wish
from v2x_architecture.iso15118.evcc.script import Paused
from v2x_architecture.iso15118.exi import Schema, codec, validate_message
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.secc import CloseReason, EvseSettings, Memory, SeccConfig
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.values import number

from .pair import Pair, ac_plug, dc_plug

SETUP = [
    "supportedAppProtocol",
    "SessionSetup",
    "ServiceDiscovery",
    "PaymentServiceSelection",
    "Authorization",
    "ChargeParameterDiscovery",
]


def pairs(session: Pair) -> list[str]:
    return [name.removesuffix("Req") for name in session.names if name.endswith("Req")]


def test_an_ac_session_reads_as_its_sequence_chart() -> None:
    session = Pair.at(ac_plug(79.9)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert session.secc.closed is not None
    assert session.secc.closed.reason is CloseReason.STOPPED
    assert pairs(session) == [*SETUP, "PowerDelivery", "ChargingStatus", "PowerDelivery", "SessionStop"]
    assert session.plug.cp_state is CpState.B
    assert not session.plug.evse_contactor_closed


def test_a_dc_session_reads_as_its_sequence_chart() -> None:
    session = Pair.at(dc_plug(79.9)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    charge = ["CableCheck", "PreCharge", "PowerDelivery", "CurrentDemand", "PowerDelivery", "WeldingDetection", "SessionStop"]
    assert pairs(session) == SETUP + charge
    assert not session.plug.ev_contactor_closed
    assert session.plug.supply is not None
    assert not session.plug.supply.on


@pytest.mark.parametrize("plug", [ac_plug(79.0), dc_plug(79.0)], ids=["AC", "DC"])
def test_every_message_is_valid_and_of_one_session(plug: object) -> None:
    session = Pair.at(plug).run()
    messages = [each.message for each in session.said if isinstance(each.message, iso2.V2G_Message)]
    assert [each for message in messages for each in validate_message(codec(Schema.ISO2), "V2G_Message", message)] == []
    assert len({each.Header.SessionID for each in messages[1:]}) == 1


def test_the_meter_agrees_with_what_is_told_and_with_what_the_battery_took_in_dc() -> None:
    session = Pair.at(dc_plug(50.0), driver=DriverSettings(target_soc=52.0)).run()
    told = session.bodies(iso2.CurrentDemandResType)
    times = [each.at for each in session.said if each.name == "CurrentDemandRes"]
    energy = sum(
        number(one.EVSEPresentVoltage) * number(one.EVSEPresentCurrent) * (later - at) / 3600
        for one, (at, later) in zip(told, itertools.pairwise(times), strict=False)
    )
    metered = session.plug.meter.energy_wh
    assert energy == pytest.approx(metered, rel=0.01)
    readings = [each.MeterInfo.MeterReading for each in told if each.MeterInfo is not None]
    assert readings == sorted(readings)
    assert readings[-1] == int(metered)
    stored = session.ev.vehicle.energy_wh - 30_000
    assert stored == pytest.approx(60_000 * 0.02, rel=0.01)
    assert stored < metered < 1.06 * stored


def test_the_meter_agrees_with_what_the_battery_took_in_ac() -> None:
    session = Pair.at(ac_plug(50.0), driver=DriverSettings(target_soc=51.0)).run()
    stored = session.ev.vehicle.energy_wh - 30_000
    assert session.plug.meter.energy_wh == pytest.approx(stored / 0.92)
    assert session.bodies(iso2.ChargingStatusResType)[-1].MeterInfo is not None


@pytest.mark.parametrize("settings", [EvseSettings(max_current_a=40.0), EvseSettings(max_power_w=11_000.0)])
def test_neither_the_evses_current_nor_its_power_is_exceeded_in_dc(settings: EvseSettings) -> None:
    session = Pair.at(dc_plug(79.8), evse=settings).run()
    demands, told = session.bodies(iso2.CurrentDemandReqType), session.bodies(iso2.CurrentDemandResType)
    assert max(number(each.EVTargetCurrent) for each in demands) <= 40.0
    assert max(number(each.EVSEPresentCurrent) * number(each.EVSEPresentVoltage) for each in told) <= (
        settings.max_power_w or 1e9
    )
    assert any(each.EVSECurrentLimitAchieved or number(each.EVSEPresentCurrent) > 20 for each in told)


def test_a_limit_that_falls_is_followed_at_once() -> None:
    session = Pair.at(ac_plug(50.0), driver=DriverSettings(target_soc=50.5))
    session.run(until=30.0)
    assert session.plug.ac(30.0).power_w > 11_000
    session.evse.settings.max_current_a = 10.0
    session.run_on(until=60.0)
    assert session.bodies(iso2.ChargingStatusResType)[-1].EVSEMaxCurrent == iso2.PhysicalValueType(
        Multiplier=-1, Unit="A", Value=100
    )


def test_a_schedule_bounds_what_is_drawn() -> None:
    low = Schedule(
        id=7,
        entries=(
            ScheduleEntry(start_s=0, max_power_w=3_000.0),
            ScheduleEntry(start_s=60, max_power_w=6_000.0, duration_s=86_000),
        ),
    )
    session = Pair.at(ac_plug(50.0), evse=EvseSettings(schedules=(low,)), driver=DriverSettings(target_soc=50.4)).run()
    (start, *_) = session.bodies(iso2.PowerDeliveryReqType)
    assert start.SAScheduleTupleID == 7
    assert start.ChargingProfile is not None
    assert [each.ChargingProfileEntryStart for each in start.ChargingProfile.ProfileEntry] == [0, 60]
    seconds = session.said[-1].at
    assert session.plug.meter.energy_wh <= (3_000 * 61 + 6_000 * (seconds - 60)) / 3600


def test_an_ev_without_a_profile_is_served_too() -> None:
    session = Pair.at(ac_plug(79.9), driver=DriverSettings(with_profile=False)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED


def test_an_ev_without_a_profile_keeps_to_its_schedule() -> None:
    low = Schedule(id=7, entries=(ScheduleEntry(start_s=0, max_power_w=3_000.0, duration_s=86_400),))
    driver = DriverSettings(target_soc=50.4, with_profile=False)
    session = Pair.at(ac_plug(50.0), evse=EvseSettings(schedules=(low,)), driver=driver).run()
    assert session.plug.meter.energy_wh <= 3_000 * session.said[-1].at / 3600


def test_an_ac_renegotiation_leaves_the_contactor_closed() -> None:
    session = Pair.at(ac_plug(79.9), driver=DriverSettings(wish=Wish.RENEGOTIATE)).run()
    renegotiation = ["PowerDelivery", "ChargeParameterDiscovery", "PowerDelivery", "ChargingStatus"]
    assert pairs(session) == [*SETUP, "PowerDelivery", "ChargingStatus", *renegotiation, "PowerDelivery", "SessionStop"]
    assert [each.ChargeProgress for each in session.bodies(iso2.PowerDeliveryReqType)] == [
        "Start",
        "Renegotiate",
        "Start",
        "Stop",
    ]


def test_a_dc_renegotiation_goes_through_cable_check_and_pre_charge() -> None:
    session = Pair.at(dc_plug(79.9), driver=DriverSettings(wish=Wish.RENEGOTIATE)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    again = ["ChargeParameterDiscovery", "CableCheck", "PreCharge", "PowerDelivery", "CurrentDemand", "PowerDelivery"]
    assert pairs(session)[6:] == [*again[1:], *again, "WeldingDetection", "SessionStop"]


@pytest.mark.parametrize("plug", [ac_plug, dc_plug], ids=["AC", "DC"])
def test_a_late_renegotiation_may_take_as_long_as_the_first_one(plug: object) -> None:
    driver = DriverSettings(target_soc=54.0)
    session = Pair.at(plug(50.0), evse=EvseSettings(schedule_s=3.0), driver=driver)
    session.run(until=100.0)
    driver.wish = Wish.RENEGOTIATE
    session.run_on()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert "Renegotiate" in [each.ChargeProgress for each in session.bodies(iso2.PowerDeliveryReqType)]


def test_an_evse_that_wants_to_renegotiate_is_followed() -> None:
    session = Pair.at(ac_plug(50.0), evse=EvseSettings(notification=Notification("ReNegotiation", 10)))
    session.run(until=3.0)
    session.evse.settings.notification = Notification()
    session.run_on(until=5.0)
    assert "Renegotiate" in [each.ChargeProgress for each in session.bodies(iso2.PowerDeliveryReqType)]


@pytest.mark.parametrize("plug", [ac_plug(50.0), dc_plug(50.0)], ids=["AC", "DC"])
def test_an_evse_that_wants_to_stop_is_followed(plug: object) -> None:
    session = Pair.at(plug, evse=EvseSettings(notification=Notification("StopCharging", 0))).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert session.now < 30


@pytest.mark.parametrize("plug", [ac_plug, dc_plug], ids=["AC", "DC"])
def test_a_paused_session_is_joined_again(plug: object) -> None:
    memory, outlet = Memory(), plug(50.0)
    first = Pair.at(outlet, driver=DriverSettings(wish=Wish.PAUSE), memory=memory).run()
    assert first.evcc.outcome is not None
    assert first.evcc.outcome.ending is Ending.PAUSED
    assert first.secc.closed is not None
    assert first.secc.closed.reason is CloseReason.PAUSED
    assert first.evcc.paused is not None
    driver = DriverSettings(target_soc=50.1)
    config = EvccConfig(resume=first.evcc.paused)
    second = Pair.at(outlet, driver=driver, evcc=config, memory=memory, now=first.now + 600).run()
    assert second.evcc.outcome is not None
    assert second.evcc.outcome.ending is Ending.FINISHED
    (setup,) = second.bodies(iso2.SessionSetupResType)
    assert setup.ResponseCode == "OK_OldSessionJoined"
    assert second.secc.dialogue is not None
    assert second.secc.dialogue.session_id == first.evcc.paused.session_id
    assert memory.paused is None


def test_a_session_that_nobody_remembers_is_a_new_one() -> None:
    config = EvccConfig(resume=Paused(application="iso2", session_id=bytes(range(8))))
    session = Pair.at(ac_plug(79.9), evcc=config).run()
    assert session.bodies(iso2.SessionSetupResType)[0].ResponseCode == "OK_NewSessionEstablished"
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED


def test_what_takes_time_is_waited_for() -> None:
    evse = EvseSettings(authorization_s=20.0, schedule_s=10.0)
    session = Pair.at(dc_plug(79.9, check_seconds=20.0), evse=evse).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    first = {each.name: each.at for each in reversed(session.said)}
    assert first["PowerDeliveryReq"] > 50.0
    ongoing = session.bodies(iso2.CableCheckResType)[0]
    assert (ongoing.EVSEProcessing, ongoing.DC_EVSEStatus.EVSEStatusCode) == ("Ongoing", "EVSE_IsolationMonitoringActive")


def test_a_customer_may_take_longer_than_an_evse() -> None:
    waiting = Pair.at(ac_plug(79.9), evse=EvseSettings(authorization=Authorization.WAITING))
    waiting.run(until=300.0)
    assert waiting.evcc.outcome is None
    waiting.evse.settings.authorization = Authorization.ACCEPTED
    waiting.run_on()
    assert waiting.evcc.outcome is not None
    assert waiting.evcc.outcome.ending is Ending.FINISHED


def test_the_secc_gives_up_before_the_evcc_does() -> None:
    session = Pair.at(ac_plug(79.9), evse=EvseSettings(authorization_s=1_000.0)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.REFUSED
    assert 55.0 < session.now < 56.0


def test_answers_may_take_their_time() -> None:
    config = msgspec.structs.replace(SeccConfig(), pace_s=0.1)
    session = Pair.at(dc_plug(79.9), secc=config)
    assert session.secc.pace("CurrentDemandRes") == 0.1


def test_what_was_agreed_on_before_a_pause_still_holds_less_the_time_that_has_passed() -> None:
    entries = (ScheduleEntry(start_s=0, max_power_w=3_000.0), ScheduleEntry(start_s=600, max_power_w=6_000.0, duration_s=3_000))
    memory, plug = Memory(), ac_plug(50.0)
    evse = EvseSettings(schedules=(Schedule(id=4, entries=entries), Schedule(id=5, entries=entries[:1])))
    first = Pair.at(plug, evse=evse, driver=DriverSettings(wish=Wish.PAUSE), memory=memory).run()
    config = EvccConfig(resume=first.evcc.paused)
    driver = DriverSettings(target_soc=50.1)
    again = Pair.at(plug, evse=EvseSettings(), driver=driver, evcc=config, memory=memory, now=first.now + 1_000).run()
    (told,) = again.bodies(iso2.ChargeParameterDiscoveryResType)
    assert isinstance(told.SASchedules, iso2.SAScheduleListType)
    (agreed,) = told.SASchedules.SAScheduleTuple
    (left,) = agreed.PMaxSchedule.PMaxScheduleEntry
    assert agreed.SAScheduleTupleID == 4
    assert isinstance(left.TimeInterval, iso2.RelativeTimeIntervalType)
    assert 2_500 < (left.TimeInterval.duration or 0) < 2_600
    assert number(left.PMax) == 6_000


@pytest.mark.parametrize("edition", [DIN, ISO2])
def test_an_ev_that_stays_in_state_c_after_charging_is_refused(edition: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Pair.at(dc_plug(79.99), evcc=EvccConfig(applications=(edition,)))
    monkeypatch.setattr(session.ev, "set_cp", lambda state, now: session.plug.set_cp(CpState.C, now))
    session.plug.set_cp(CpState.B, 0.0)
    session.run()
    assert session.evcc.outcome is not None
    assert (session.evcc.outcome.message, session.evcc.outcome.code) == ("WeldingDetection", "FAILED")


@pytest.mark.parametrize("edition", [DIN, ISO2])
def test_an_evse_that_does_not_see_the_control_pilot_lets_the_session_end(
    edition: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Pair.at(dc_plug(79.99), evcc=EvccConfig(applications=(edition,)))
    monkeypatch.setattr(session.evse, "cp_state", lambda now: CpState.C)
    session.run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
