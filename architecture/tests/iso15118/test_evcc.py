"""The EVCC against SECCs that do it wrongly: how the session ends, and that the vehicle lets go."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.charging import DcStatus
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_DC, Application
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, Evcc, EvccConfig, Outcome, SimulatedEv
from v2x_architecture.iso15118.evcc.vehicle import Limits
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import din, iso2
from v2x_architecture.iso15118.negotiation import Agreement
from v2x_architecture.iso15118.secc import EvseSettings, Output, Secc, SeccConfig
from v2x_architecture.iso15118.secc.dialogue import Answer, Dialogue
from v2x_architecture.iso15118.secc.outputs import Close
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import Discarded, Framer, PayloadType, Reason, Received, encode

from .pair import Pair, ac_plug, dc_plug


class Faulty(Secc):
    """Does something else with one response."""

    at: ClassVar[str] = ""

    def encode(self, answer: Answer, schema: Schema) -> Send:
        sent = super().encode(self.spoil(answer) if answer.name == self.at else answer, schema)
        return self.replace(sent) if answer.name == self.at else sent

    def spoil(self, answer: Answer) -> Answer:
        return answer

    def replace(self, sent: Send) -> Send:
        return sent


class OtherSession(Faulty):
    at = "ServiceDiscoveryRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Header.SessionID = bytes(range(8))
        return answer


class OtherResponse(Faulty):
    at = "AuthorizationRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Body.BodyElement = iso2.SessionStopResType(ResponseCode="OK")
        return answer


class Refusal(Faulty):
    at = "ChargeParameterDiscoveryRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Body.BodyElement.ResponseCode = "FAILED"
        return answer


class Garbage(Faulty):
    at = "PaymentServiceSelectionRes"

    def replace(self, sent: Send) -> Send:
        return Send(sent.name, sent.message, sent.payload_type, b"\x80\xff\xff")


class WrongPayloadType(Faulty):
    at = "SessionSetupRes"

    def replace(self, sent: Send) -> Send:
        return Send(sent.name, sent.message, PayloadType.ISO20_MAIN, sent.payload)


class NoSchedule(Faulty):
    at = "ChargeParameterDiscoveryRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Body.BodyElement.SASchedules = None
        return answer


class OnlyContract(Faulty):
    at = "ServiceDiscoveryRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Body.BodyElement.PaymentOptionList.PaymentOption = ["Contract"]
        return answer


class BadIsolation(Faulty):
    at = "CableCheckRes"

    def spoil(self, answer: Answer) -> Answer:
        answer.message.Body.BodyElement.DC_EVSEStatus.EVSEIsolationStatus = "Fault"
        return answer


class WrongSchemaId(Secc):
    def negotiate(self, request: object) -> Agreement:
        return Agreement(application=ISO2, schema_id=99)


@pytest.mark.parametrize(
    ("kind", "ending", "message"),
    [
        (OtherSession, Ending.UNKNOWN_SESSION, "ServiceDiscovery"),
        (OtherResponse, Ending.UNEXPECTED, "Authorization"),
        (Refusal, Ending.REFUSED, "ChargeParameterDiscovery"),
        (Garbage, Ending.MALFORMED, "PaymentServiceSelection"),
        (WrongPayloadType, Ending.MESSAGE_TIMEOUT, "SessionSetup"),
        (NoSchedule, Ending.UNSUITABLE, "ChargeParameterDiscovery"),
        (OnlyContract, Ending.UNSUITABLE, "ServiceDiscovery"),
        (BadIsolation, Ending.UNSUITABLE, "CableCheck"),
        (WrongSchemaId, Ending.NO_AGREEMENT, "supportedAppProtocol"),
    ],
)
def test_a_response_that_the_session_cannot_go_on_with_ends_it(kind: type[Secc], ending: Ending, message: str) -> None:
    session = Pair.at(dc_plug(50.0, check_seconds=0.0), kind=kind).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (ending, message)
    assert outcome.text
    assert not outcome.ending.in_order
    assert not session.plug.ev_contactor_closed
    assert session.plug.cp_state is CpState.B


@pytest.mark.parametrize(("name", "timeout"), [("SessionSetup", 2.0), ("PowerDelivery", 5.0), ("CurrentDemand", 0.25)])
def test_each_message_has_its_own_timeout(name: str, timeout: float) -> None:
    class Silent(Faulty):
        at = f"{name}Res"

        def replace(self, sent: Send) -> Send:
            return Send(sent.name, sent.message, PayloadType.ISO20_MAIN, sent.payload)

    session = Pair.at(dc_plug(50.0), kind=Silent).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (Ending.MESSAGE_TIMEOUT, name)
    (asked,) = (each.at for each in session.said if each.name == f"{name}Req")
    assert session.now - asked == pytest.approx(timeout)
    # What flows while a CurrentDemandRes is waited for is all that flows.
    assert session.plug.meter.energy_wh <= 105_000 * 0.25 / 3600
    assert not session.plug.ev_contactor_closed


def test_dins_power_delivery_has_less_time() -> None:
    class Silent(Faulty):
        at = "PowerDeliveryRes"

        def replace(self, sent: Send) -> Send:
            return Send(sent.name, sent.message, PayloadType.ISO20_MAIN, sent.payload)

    session = Pair.at(dc_plug(50.0), kind=Silent, evcc=EvccConfig(applications=(DIN,))).run()
    (asked,) = (each.at for each in session.said if each.name == "PowerDeliveryReq")
    assert session.now - asked == pytest.approx(2.0)


def test_communication_must_be_set_up_in_time_from_plugging_in() -> None:
    session = Pair.at(ac_plug())
    session.cut = True
    session.now = 19.5
    session.run()
    assert session.now == 20.0
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.MESSAGE_TIMEOUT


def test_an_evse_that_is_never_ready_is_given_up() -> None:
    class Slow(Secc):
        def start_dialogue(self, application: Application) -> Dialogue:
            dialogue = super().start_dialogue(application)
            dialogue.timers = msgspec.structs.replace(
                dialogue.timers, session=dialogue.timers.session | {"V2G_SECC_CableCheck_Performance_Time": 1e9}
            )
            return dialogue

    session = Pair.at(dc_plug(50.0, check_seconds=1_000.0), kind=Slow).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (Ending.ONGOING_TIMEOUT, "CableCheck")
    asked = next(each.at for each in session.said if each.name == "CableCheckReq")
    assert 39.0 < session.now - asked <= 40.0


@pytest.mark.parametrize("application", [DIN, ISO2])
def test_an_secc_that_is_late_with_its_cable_check_says_no_before_the_evcc_gives_up(application: Application) -> None:
    config = EvccConfig(applications=(application,))
    session = Pair.at(dc_plug(50.0, check_seconds=1_000.0), evcc=config).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (Ending.REFUSED, "CableCheck")
    asked = next(each.at for each in session.said if each.name == "CableCheckReq")
    assert 38.0 < session.now - asked < 39.0


def test_a_voltage_that_does_not_come_is_given_up() -> None:
    session = Pair.at(dc_plug(50.0, ramp_v_per_s=10.0, check_seconds=0.0)).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (Ending.ONGOING_TIMEOUT, "PreCharge")
    assert "V2G_EVCC_PreCharge_Timeout" in outcome.text


def test_an_evse_with_too_little_voltage_is_left() -> None:
    session = Pair.at(dc_plug(50.0, max_voltage_v=300.0)).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.UNSUITABLE


def test_an_evse_without_the_evs_plug_is_left() -> None:
    session = Pair.at(ac_plug(50.0), driver=DriverSettings(modes=("DC_extended",))).run()
    outcome = session.evcc.outcome
    assert outcome is not None
    assert (outcome.ending, outcome.message) == (Ending.UNSUITABLE, "ServiceDiscovery")
    assert "AC_three_phase_core" in outcome.text


def test_a_protocol_that_the_secc_has_not_is_not_agreed_on() -> None:
    session = Pair.at(dc_plug(), evcc=EvccConfig(applications=(ISO20_DC,))).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.NO_AGREEMENT


def test_the_older_protocol_will_do() -> None:
    config = SeccConfig(applications=(DIN,))
    session = Pair.at(dc_plug(79.9), secc=config, evcc=EvccConfig(applications=(ISO20_DC, ISO2, DIN))).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert session.bodies(din.SessionSetupResType)


@pytest.mark.parametrize(("status", "ending"), [("EVSE_Shutdown", Ending.FINISHED), ("EVSE_EmergencyShutdown", Ending.REFUSED)])
def test_a_stop_of_the_evse_is_followed_and_an_emergency_ends_all(status: DcStatus, ending: Ending) -> None:
    session = Pair.at(dc_plug(50.0))
    session.run(until=20.0)
    session.evse.settings.dc_status = status
    session.run_on()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is ending
    assert session.now < 30.0
    assert not session.plug.ev_contactor_closed


@pytest.mark.parametrize("limits", [Limits(current_a=-50.0), Limits(power_w=-1e4), Limits(voltage_v=-400.0)])
def test_limits_below_zero_are_none_to_draw_within(limits: Limits) -> None:
    ev = SimulatedEv(dc_plug(50.0))
    demand = ev.demand(limits, 0.0)
    assert demand.current_a >= 0
    assert demand.voltage_v >= 0
    ev.draw(limits, 0.0)
    assert ev.plug.ac_set_w >= 0


def test_an_isolation_fault_while_energy_flows_ends_the_session() -> None:
    class Faulted(Secc):
        def encode(self, answer: Answer, schema: Schema) -> Send:
            if answer.name == "CurrentDemandRes":
                answer.message.Body.BodyElement.DC_EVSEStatus.EVSEIsolationStatus = "Fault"
            return super().encode(answer, schema)

    session = Pair.at(dc_plug(50.0), kind=Faulted).run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert len(session.bodies(iso2.CurrentDemandReqType)) < 5


def test_welded_contactors_do_not_keep_the_session_from_ending() -> None:
    session = Pair.at(dc_plug(79.9))
    session.plug.ev_contactor_welded = True
    session.run()
    assert session.evcc.outcome is not None
    assert session.evcc.outcome.ending is Ending.FINISHED
    assert len(session.bodies(iso2.WeldingDetectionReqType)) == 10


def test_a_lost_connection_ends_the_session_and_the_flow() -> None:
    session = Pair.at(dc_plug(50.0))
    session.run(until=20.0)
    assert session.plug.dc(20.0).current_a > 100
    session.evcc.lost(20.0, "cut")
    assert session.evcc.outcome == Outcome(ending=Ending.LOST, message="", text="cut")
    assert session.plug.dc(20.0).current_a == 0
    session.evcc.lost(21.0)
    assert session.evcc.handle_timeout(30.0) == []


def test_what_nobody_asked_for_is_left_aside() -> None:
    session = Pair.at(dc_plug(50.0))
    evcc: Evcc = session.evcc
    (sap,) = evcc.start(0.0)
    assert evcc.receive(Discarded(Reason.LENGTH, b"", 9), 0.0) == []
    (event,) = Framer().receive(encode(sap.payload_type, sap.payload))
    answer = session.secc.receive(event, 0.0)[0]
    assert isinstance(answer, Send)
    (reply,) = Framer().receive(encode(answer.payload_type, answer.payload))
    (setup,) = evcc.receive(reply, 0.1)
    assert setup.name == "SessionSetupReq"
    assert evcc.next_deadline == pytest.approx(2.1)


@settings(max_examples=100)
@given(st.binary(max_size=60), st.sampled_from([0x8001, 0x8002]))
def test_no_octets_do_anything_but_end_the_session(payload: bytes, payload_type: int) -> None:
    evcc = Pair.at(dc_plug(50.0)).evcc
    evcc.start(0.0)
    evcc.receive(Received(payload_type, payload, b""), 0.1)
    evcc.handle_timeout(2.0)
    assert evcc.outcome is not None


def test_an_outcome_is_plain_data() -> None:
    session = Pair.at(ac_plug(79.9), evse=EvseSettings()).run()
    plain = msgspec.to_builtins(session.evcc.outcome)
    assert plain == {"ending": Ending.FINISHED.value, "message": "SessionStop", "code": "", "text": ""}


def test_an_output_is_a_message_or_the_end() -> None:
    session = Pair.at(ac_plug(79.9)).run()
    end: Output | None = session.secc.closed
    assert isinstance(end, Close)
    assert end.after == 5.0
