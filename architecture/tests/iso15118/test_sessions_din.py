"""Whole sessions of DIN SPEC 70121 between both state machines."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest
from v2x_architecture.iso15118.charging import Notification, Schedule, ScheduleEntry
from v2x_architecture.iso15118.editions import DIN, Edition
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, Evcc, EvccConfig, Wish
from v2x_architecture.iso15118.evcc.din import DinDialogue as EvccDialogue
from v2x_architecture.iso15118.evcc.script import Steps
from v2x_architecture.iso15118.exi import Schema, codec, validate_message
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.secc import EvseSettings
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.values import number

from .pair import Pair, ac_plug, dc_plug

ONLY_DIN = EvccConfig(applications=(DIN,))


def test_a_session_reads_as_its_sequence_chart_and_all_of_it_is_valid() -> None:
    session = Pair.at(dc_plug(79.9), evcc=ONLY_DIN).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert [name.removesuffix("Req") for name in session.names if name.endswith("Req")] == [
        "supportedAppProtocol",
        "SessionSetup",
        "ServiceDiscovery",
        "ServicePaymentSelection",
        "ContractAuthentication",
        "ChargeParameterDiscovery",
        "CableCheck",
        "PreCharge",
        "PowerDelivery",
        "CurrentDemand",
        "PowerDelivery",
        "WeldingDetection",
        "SessionStop",
    ]
    messages = [each.message for each in session.said if isinstance(each.message, din.V2G_Message)]
    assert [each for message in messages for each in validate_message(codec(Schema.DIN), "V2G_Message", message)] == []


def test_energy_and_limits_agree() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN, driver=DriverSettings(target_soc=51.0)).run()
    stored = session.ev.vehicle.energy_wh - 30_000
    assert stored == pytest.approx(600, rel=0.02)
    assert stored < session.plug.meter.energy_wh < 1.06 * stored
    # Schedules tell no more than 32 kW, which does not hold back an EVSE that says it has more.
    told = session.bodies(din.CurrentDemandResType)
    assert max(number(each.EVSEPresentVoltage) * number(each.EVSEPresentCurrent) for each in told) > 60_000


def test_a_small_schedule_is_kept() -> None:
    session = Pair.at(dc_plug(79.8, max_power_w=20_000.0), evcc=ONLY_DIN).run()
    demands = session.bodies(din.CurrentDemandReqType)
    assert max(number(each.EVTargetCurrent) for each in demands) < 20_000 / 380


@pytest.mark.parametrize("wish", [Wish.STOP, Wish.PAUSE, Wish.RENEGOTIATE])
def test_whatever_else_the_driver_wants_ends_the_session(wish: Wish) -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN, driver=DriverSettings(wish=wish)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED


def test_a_stop_while_the_cable_is_checked_ends_the_check_in_order() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN, evse=EvseSettings(notification=Notification("StopCharging", 0))).run()
    last = session.bodies(din.CableCheckResType)[-1]
    assert (last.ResponseCode, last.EVSEProcessing, last.DC_EVSEStatus.EVSEStatusCode) == ("OK", "Finished", "EVSE_Shutdown")
    # The EV goes no further.
    assert session.bodies(din.PreChargeReqType) == []


def test_an_evse_that_stops_in_between_is_followed() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN)
    session.run(until=20.0)
    session.evse.settings.notification = Notification("StopCharging", 0)
    session.run_on()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert session.now < 30


def test_a_car_gives_up_when_it_is_not_ready_to_charge_in_time() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN, evse=EvseSettings(authorization=Authorization.WAITING)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.ONGOING_TIMEOUT
    assert "V2G_EVCC_Ongoing_Timeout" in session.evcc.outcome.text
    assert 59 < session.now < 61


def test_a_schedule_without_power_is_left_aside() -> None:
    no_power = (Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=0, duration_s=60),)),)
    session = Pair.at(dc_plug(79.9), evcc=ONLY_DIN, evse=EvseSettings(schedules=no_power)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert max(number(each.EVTargetCurrent) for each in session.bodies(din.CurrentDemandReqType)) > 10


def test_a_refused_customer_ends_the_session() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN, evse=EvseSettings(authorization=Authorization.REJECTED)).run()
    assert session.evcc.outcome is not None
    assert (session.evcc.outcome.ending, session.evcc.outcome.message) == (Ending.REFUSED, "ContractAuthentication")


def test_ac_is_not_to_be_had() -> None:
    session = Pair.at(ac_plug(50.0), evcc=ONLY_DIN).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.NO_AGREEMENT


def test_a_stop_is_told_as_status_and_never_as_notification() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN).run(until=20.0)
    session.evse.settings.notification = Notification("StopCharging", 0)
    told = [each.DC_EVSEStatus for each in session.run_on().bodies(din.CurrentDemandResType)]
    assert {each.EVSENotification for each in told} == {"None"}
    assert told[-1].EVSEStatusCode == "EVSE_Shutdown"


def test_an_emergency_is_answered_failed_with_the_output_off() -> None:
    session = Pair.at(dc_plug(50.0), evcc=ONLY_DIN).run(until=20.0)
    session.evse.settings.dc_status = "EVSE_EmergencyShutdown"
    last = session.run_on().bodies(din.CurrentDemandResType)[-1]
    assert (last.ResponseCode, last.DC_EVSEStatus.EVSEStatusCode) == ("FAILED", "EVSE_EmergencyShutdown")
    assert number(last.EVSEPresentCurrent) == 0


def test_pre_charging_for_ever_is_not_borne() -> None:
    # A battery that nobody can reach, and an EV that never gives up.
    patient = msgspec.structs.replace(ONLY_DIN, pre_charge_tolerance_v=-1.0)
    session = Pair.at(dc_plug(50.0), evcc=patient)
    session.evcc = PatientEvcc(session.ev, patient)
    session.run()
    assert session.evcc.outcome is not None
    assert (session.evcc.outcome.code, session.evcc.outcome.message) == ("FAILED", "PreCharge")
    asked = [each.at for each in session.said if each.name == "PreChargeReq"]
    assert asked[-1] - asked[0] == pytest.approx(20.0, abs=0.6)


class Patient(EvccDialogue):
    """An EVCC that waits for ever."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """Wait, however long it has been."""
        yield from self.wait(self.config.ongoing_s)


class PatientEvcc(Evcc):
    """That EVCC's state machine."""

    dialogues: ClassVar = {**Evcc.dialogues, Edition.DIN: Patient}
