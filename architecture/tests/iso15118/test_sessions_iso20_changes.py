"""What changes while an ISO 15118-20 session goes on: standby, another service, a joined session, messages beside the loop."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.charging import Notification, NotificationKind, Schedule, ScheduleEntry
from v2x_architecture.iso15118.editions import ISO20_AC, ISO20_DC
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, Wish
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc import CloseReason, Memory, SeccConfig
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.services20 import ControlMode, Service
from v2x_architecture.iso15118.v2gtp import Framer, PayloadType, encode
from v2x_architecture.iso15118.values import quotient

from .pair import Pair, ac_plug, dc_plug

SECC = SeccConfig(iso20_needs_tls=False)
PLUGS = pytest.mark.parametrize("plug", [ac_plug, dc_plug], ids=["AC", "DC"])


def evcc(**rest: str | bool) -> EvccConfig:
    return msgspec.structs.replace(EvccConfig(applications=(ISO20_DC, ISO20_AC), iso20_needs_tls=False), **rest)


def session(plug: Coupling, wish: Wish = Wish.CHARGE, secc: SeccConfig = SECC, **rest: str | bool) -> Pair:
    return Pair.at(plug, secc=secc, evcc=evcc(**rest), driver=DriverSettings(wish=wish))


def progress(pair: Pair) -> list[str]:
    return [each.ChargeProgress for each in pair.bodies(cm.PowerDeliveryReqType)]


def requests(pair: Pair) -> list[str]:
    return [each.name.removesuffix("Req") for each in pair.said if each.name.endswith("Req")]


def wants(pair: Pair, kind: NotificationKind, delay_s: int = 0) -> None:
    pair.evse.settings.notification = Notification(kind, delay_s)


@PLUGS
@pytest.mark.parametrize("control", ["Scheduled", "Dynamic"])
def test_an_ev_stays_without_energy_for_as_long_as_it_likes(plug: Callable[[float], Coupling], control: str) -> None:
    pair = session(plug(79.9), Wish.STANDBY, control=control).run(until=60.0)
    assert progress(pair) == ["Start", "Standby"]
    assert requests(pair)[-1] in ("AC_ChargeLoop", "DC_ChargeLoop")
    assert pair.plug.evse_contactor_closed
    before = pair.plug.meter.energy_wh
    pair.run_on(until=120.0)
    assert pair.plug.meter.energy_wh == before
    pair.ev.settings.wish = Wish.CHARGE
    pair.run_on()
    assert progress(pair) == ["Start", "Standby", "Start", "Stop"]
    assert pair.evcc.outcome is not None
    assert pair.evcc.outcome.ending is Ending.FINISHED
    assert pair.plug.meter.energy_wh > before


@PLUGS
def test_an_secc_that_allows_no_standby_is_charged_at(plug: Callable[[float], Coupling]) -> None:
    pair = session(plug(79.5), Wish.STANDBY, msgspec.structs.replace(SECC, standby=False)).run(until=20.0)
    assert [each.ResponseCode for each in pair.bodies(cm.PowerDeliveryResType)] == ["OK", "WARNING_StandbyNotAllowed"]
    before = pair.plug.meter.energy_wh
    pair.run_on(until=30.0)
    assert pair.plug.meter.energy_wh > before


@PLUGS
def test_an_ev_leaves_standby_when_it_is_asked_to(plug: Callable[[float], Coupling]) -> None:
    pair = session(plug(79.5), Wish.STANDBY).run(until=20.0)
    wants(pair, "ExitStandby")
    pair.run_on(until=21.0)
    wants(pair, "None")
    pair.run_on(until=30.0)
    assert progress(pair) == ["Start", "Standby", "Start"]
    pair.ev.settings.wish = Wish.CHARGE
    pair.run_on(until=31.0)
    pair.ev.settings.wish = Wish.STANDBY
    pair.run_on(until=40.0)
    assert progress(pair)[-1] == "Standby"


@PLUGS
@pytest.mark.parametrize(
    ("wish", "after"), [(Wish.STOP, ["Stop"]), (Wish.PAUSE, ["Stop"]), (Wish.RENEGOTIATE, ["ScheduleRenegotiation", "Start"])]
)
def test_standby_ends_in_each_way(plug: Callable[[float], Coupling], wish: Wish, after: list[str]) -> None:
    pair = session(plug(79.5), Wish.STANDBY).run(until=20.0)
    pair.ev.settings.wish = wish
    pair.run_on(until=25.0)
    assert progress(pair) == ["Start", "Standby", *after]


def test_who_falls_silent_in_standby_is_let_go_as_in_the_loop() -> None:
    pair = session(dc_plug(50.0), Wish.STANDBY).run(until=20.0)
    assert pair.secc.dialogue is not None
    assert pair.secc.dialogue.sequence_timeout() == 0.5


@PLUGS
def test_a_service_is_chosen_anew(plug: Callable[[float], Coupling]) -> None:
    pair = session(plug(79.8), Wish.CHANGE_SERVICE).run()
    asked = requests(pair)
    assert asked.count("ServiceSelection") == asked.count("SessionStop") == 2
    assert asked.count("AuthorizationSetup") == 1
    assert [each.ChargingSession for each in pair.bodies(cm.SessionStopReqType)] == ["ServiceRenegotiation", "Terminate"]
    assert pair.evcc.outcome is not None
    assert pair.evcc.outcome.ending is Ending.FINISHED


@PLUGS
def test_an_evse_may_ask_for_another_service(plug: Callable[[float], Coupling]) -> None:
    pair = session(plug(50.0)).run(until=15.0)
    wants(pair, "ServiceRenegotiation", 30)
    until = 15.0
    while "SessionStop" not in requests(pair):
        pair.run_on(until=(until := until + 0.02))
    wants(pair, "None")
    pair.run_on(until=40.0)
    assert requests(pair).count("ServiceSelection") == 2
    assert "ChargeLoop" in requests(pair)[-1]


def test_where_it_is_not_supported_no_service_is_chosen_anew() -> None:
    pair = session(dc_plug(50.0), Wish.CHANGE_SERVICE, msgspec.structs.replace(SECC, service_renegotiation=False)).run(until=20.0)
    wants(pair, "ServiceRenegotiation")
    pair.run_on(until=40.0)
    assert requests(pair).count("ServiceSelection") == 1
    assert requests(pair)[-1] == "DC_ChargeLoop"


@PLUGS
@pytest.mark.parametrize("control", ["Scheduled", "Dynamic"])
def test_a_joined_session_begins_with_the_exchange_of_limits(plug: Callable[[float], Coupling], control: str) -> None:
    memory, at = Memory(), plug(50.0)
    first = Pair.at(at, secc=SECC, evcc=evcc(control=control), driver=DriverSettings(wish=Wish.PAUSE), memory=memory)
    if control == "Dynamic":
        wants(first, "Pause")
    first.run()
    assert first.evcc.paused is not None
    second = Pair.at(
        at,
        secc=SECC,
        evcc=evcc(resume=first.evcc.paused, control=control),
        driver=DriverSettings(target_soc=50.1),
        memory=memory,
        now=first.now + 60,
    ).run()
    asked = requests(second)
    assert asked[1:3] == ["SessionSetup", "AC_ChargeParameterDiscovery" if plug is ac_plug else "DC_ChargeParameterDiscovery"]
    dynamic = [
        each.CLReqControlMode for each in (*second.bodies(ac.AC_ChargeLoopReqType), *second.bodies(dc.DC_ChargeLoopReqType))
    ]
    kinds = (ac.Dynamic_AC_CLReqControlModeType, dc.Dynamic_DC_CLReqControlModeType)
    assert isinstance(dynamic[0], kinds) is (control == "Dynamic")
    assert second.evcc.outcome is not None
    assert second.evcc.outcome.ending is Ending.FINISHED


def test_a_paused_session_is_its_own_evs_only() -> None:
    memory, plug = Memory(), dc_plug(50.0)
    first = Pair.at(plug, secc=SECC, evcc=evcc(), driver=DriverSettings(wish=Wish.PAUSE), memory=memory).run()
    assert first.evcc.paused is not None
    assert memory.paused is not None
    memory.paused = msgspec.structs.replace(memory.paused, peer=b"another's certificate")
    second = Pair.at(plug, secc=SECC, evcc=evcc(resume=first.evcc.paused), memory=memory, now=first.now + 60).run(
        until=first.now + 90
    )
    assert second.bodies(cm.SessionSetupResType)[0].ResponseCode == "OK_NewSessionEstablished"
    assert "AuthorizationSetup" in requests(second)


@PLUGS
@pytest.mark.parametrize("control", ["Scheduled", "Dynamic"])
def test_a_register_is_confirmed_once_beside_the_loop(plug: Callable[[float], Coupling], control: str) -> None:
    pair = session(plug(79.0), control=control).run(until=15.0)
    wants(pair, "MeteringConfirmation", 10)
    pair.run_on(until=20.0)
    (confirmed,) = pair.bodies(cm.MeteringConfirmationReqType)
    assert confirmed.SignedMeteringData.SessionID == pair.evcc.dialogue.session_id if pair.evcc.dialogue else b""
    assert (confirmed.SignedMeteringData.Scheduled_SMDTControlMode is None) is (control == "Dynamic")
    assert pair.bodies(cm.MeteringConfirmationResType)[0].ResponseCode == "OK"
    wants(pair, "None")
    pair.run_on(until=22.0)
    wants(pair, "MeteringConfirmation", 10)
    pair.run_on(until=25.0)
    assert len(pair.bodies(cm.MeteringConfirmationReqType)) == 2


def test_the_first_turn_of_the_loop_tells_the_register_unasked() -> None:
    pair = session(dc_plug(79.5)).run(until=12.0)
    assert pair.secc.dialogue is not None
    first = pair.bodies(dc.DC_ChargeLoopResType)[0]
    assert first.MeterInfo is not None


@pytest.mark.parametrize("kind", ["Pause", "StopCharging"])
def test_who_decides_on_the_power_lowers_it_before_the_end(kind: NotificationKind) -> None:
    pair = session(dc_plug(50.0), control="Dynamic").run(until=20.0)
    wants(pair, kind)
    pair.run_on(until=20.5)
    last = pair.bodies(dc.DC_ChargeLoopResType)[-1]
    assert abs(quotient(last.EVSEPresentCurrent)) <= 1.0


# A hand at the wire, beside an EVCC that charges


def beside(
    pair: Pair, request: ct.V2GRequestType, payload_type: int = PayloadType.SCHEDULE_RENEGOTIATION
) -> list[ct.V2GResponseType]:
    """Send a message on a side stream; return what is answered there."""
    (event,) = Framer().receive(encode(payload_type, codec(Schema.CM).encode(request)))
    outputs = [each for each in pair.secc.receive(event, pair.now) if isinstance(each, Send)]
    assert all(each.payload_type == payload_type for each in outputs)
    return [each.message for each in outputs if isinstance(each.message, ct.V2GResponseType)]


def header(pair: Pair) -> ct.MessageHeaderType:
    assert pair.secc.dialogue is not None
    return ct.MessageHeaderType(SessionID=pair.secc.dialogue.session_id, TimeStamp=0)


def exchange(pair: Pair) -> cm.ScheduleExchangeReqType:
    mode = cm.Scheduled_SEReqControlModeType()
    return cm.ScheduleExchangeReqType(Header=header(pair), MaximumSupportingPoints=12, Scheduled_SEReqControlMode=mode)


def test_a_schedule_is_renegotiated_beside_the_loop() -> None:
    pair = session(dc_plug(50.0)).run(until=20.0)
    pair.evse.settings.schedules = (Schedule(id=7, entries=(ScheduleEntry(start_s=0, max_power_w=11_000.0),)),)
    waiting = pair.secc.next_deadline
    (response,) = beside(pair, exchange(pair))
    assert isinstance(response, cm.ScheduleExchangeResType)
    assert response.Scheduled_SEResControlMode is not None
    assert [each.ScheduleTupleID for each in response.Scheduled_SEResControlMode.ScheduleTuple] == [7]
    assert pair.secc.next_deadline == waiting
    loops = len(pair.bodies(dc.DC_ChargeLoopReqType))
    pair.run_on(until=22.0)
    assert len(pair.bodies(dc.DC_ChargeLoopReqType)) > loops


@pytest.mark.parametrize(("what", "code"), [("session", "FAILED_UnknownSession"), ("meter", "FAILED_MeteringSignatureNotValid")])
def test_what_is_not_of_the_session_ends_it(what: str, code: str) -> None:
    pair = session(dc_plug(50.0)).run(until=20.0)
    meter = ct.MeterInfoType(MeterID="M", ChargedEnergyReadingWh=1)
    data = cm.SignedMeteringDataType(
        SessionID=bytes(8), MeterInfo=meter, Id="id1", Dynamic_SMDTControlMode=cm.Dynamic_SMDTControlModeType()
    )
    request: ct.V2GRequestType = cm.MeteringConfirmationReqType(Header=header(pair), SignedMeteringData=data)
    payload_type = PayloadType.METERING_CONFIRMATION
    if what == "session":
        request, payload_type = exchange(pair), PayloadType.SCHEDULE_RENEGOTIATION
        request.Header.SessionID = b"\1" * 8
    assert [each.ResponseCode for each in beside(pair, request, payload_type)] == [code]
    assert pair.secc.closed is not None
    assert pair.secc.closed.reason is CloseReason.REFUSED


def test_before_energy_flows_there_is_nothing_beside() -> None:
    pair = session(dc_plug(50.0, check_seconds=30.0)).run(until=10.0)
    assert [each.ResponseCode for each in beside(pair, exchange(pair))] == ["FAILED_SequenceError"]


def test_what_belongs_to_the_main_stream_is_left_aside_elsewhere() -> None:
    pair = session(dc_plug(50.0)).run(until=20.0)
    stop = cm.SessionStopReqType(Header=header(pair), ChargingSession="Terminate")
    assert beside(pair, stop) == []
    assert beside(pair, exchange(pair), PayloadType.METERING_CONFIRMATION) == []
    assert pair.secc.closed is None


@pytest.mark.parametrize(
    ("kind", "older"), [("None", "None"), ("StopCharging", "StopCharging"), ("ReNegotiation", "ReNegotiation"), ("Pause", "None")]
)
def test_older_editions_have_fewer_wishes(kind: NotificationKind, older: str) -> None:
    assert Notification(kind).older == older


def test_what_was_chosen_is_kept_with_a_pause() -> None:
    memory = Memory()
    pair = Pair.at(dc_plug(50.0), secc=SECC, evcc=evcc(control="Dynamic"), memory=memory)
    wants(pair, "Pause")
    pair.run()
    assert memory.paused is not None
    assert (memory.paused.service, memory.paused.control) == (Service.DC, ControlMode.DYNAMIC)


def test_who_decides_on_the_power_decides_on_pauses() -> None:
    memory = Memory()
    driver = DriverSettings(wish=Wish.PAUSE)
    pair = Pair.at(dc_plug(50.0), secc=SECC, evcc=evcc(control="Dynamic"), driver=driver, memory=memory).run()
    assert pair.bodies(cm.SessionStopResType)[0].ResponseCode == "FAILED_PauseNotAllowed"
    assert memory.paused is None


@pytest.mark.parametrize(("gives", "target"), [(4_000.0, -4_000.0), (0.0, 0.0)])
def test_no_more_is_wanted_back_than_the_ev_gives(gives: float, target: float) -> None:
    driver = DriverSettings(max_discharge_w=gives)
    pair = Pair.at(
        ac_plug(50.0, max_discharge_a=16.0), secc=SECC, evcc=evcc(control="Dynamic", bidirectional=True), driver=driver
    )
    pair.evse.settings.target_power_w = -5_000.0
    pair.run(until=20.0)
    told = pair.bodies(ac.AC_ChargeLoopResType)[-1].CLResControlMode
    assert isinstance(told, ac.BPT_Dynamic_AC_CLResControlModeType)
    assert quotient(told.EVSETargetActivePower) == target
