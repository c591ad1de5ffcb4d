"""The SECC of ISO 15118-20 against EVs that do it wrongly."""

from __future__ import annotations

import pytest
from v2x_architecture.coupling import Coupling, CpState
from v2x_architecture.iso15118.charging import Schedule, ScheduleEntry
from v2x_architecture.iso15118.editions import ISO20_AC, ISO20_DC, Application
from v2x_architecture.iso15118.exi import Schema, codec, validate_message
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc import Memory, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.dialogue import Answer, NoAnswer
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.sequences import sequence_of

from .pair import ac_plug, dc_plug

HEADER = ct.MessageHeaderType(SessionID=bytes(8), TimeStamp=0)


def number(value: int) -> ct.RationalNumberType:
    return ct.RationalNumberType(Exponent=0, Value=value)


def dc_limits(voltage: int = 400, *, both: bool = False) -> dc.DC_ChargeParameterDiscoveryReqType:
    common = [number(value) for value in (50_00, 0, 100, 0, voltage, 200)]
    mode = dc.DC_CPDReqEnergyTransferModeType(
        EVMaximumChargePower=common[0],
        EVMinimumChargePower=common[1],
        EVMaximumChargeCurrent=common[2],
        EVMinimumChargeCurrent=common[3],
        EVMaximumVoltage=common[4],
        EVMinimumVoltage=common[5],
    )
    if both:
        mode = dc.BPT_DC_CPDReqEnergyTransferModeType(
            **{name: getattr(mode, name) for name in dc.DC_CPDReqEnergyTransferModeType.__struct_fields__},
            EVMaximumDischargePower=number(5_000),
            EVMinimumDischargePower=number(0),
            EVMaximumDischargeCurrent=number(20),
            EVMinimumDischargeCurrent=number(0),
        )
    return dc.DC_ChargeParameterDiscoveryReqType(Header=HEADER, DC_CPDReqEnergyTransferMode=mode)


def schedule(mode: str = "Scheduled") -> cm.ScheduleExchangeReqType:
    request = cm.ScheduleExchangeReqType(Header=HEADER, MaximumSupportingPoints=12)
    if mode == "Scheduled":
        request.Scheduled_SEReqControlMode = cm.Scheduled_SEReqControlModeType()
    return request


def power(
    progress: cm.chargeProgressType, tuple_id: int | None = 1, watt: int = 1_000, processing: ct.processingType = "Finished"
) -> cm.PowerDeliveryReqType:
    request = cm.PowerDeliveryReqType(Header=HEADER, EVProcessing=processing, ChargeProgress=progress)
    if tuple_id is not None and progress == "Start":
        entry = cm.PowerScheduleEntryType(Duration=3_600, Power=number(watt))
        request.EVPowerProfile = cm.EVPowerProfileType(
            TimeAnchor=0,
            Scheduled_EVPPTControlMode=cm.Scheduled_EVPPTControlModeType(SelectedScheduleTupleID=tuple_id),
            EVPowerProfileEntries=cm.EVPowerProfileEntryListType(EVPowerProfileEntry=[entry]),
        )
    return request


SETUP = cm.SessionSetupReqType(Header=HEADER, EVCCID="0200000000E1")
AUTHORIZATION_SETUP = cm.AuthorizationSetupReqType(Header=HEADER)
AUTHORIZATION = cm.AuthorizationReqType(
    Header=HEADER, SelectedAuthorizationService="EIM", EIM_AReqAuthorizationMode=cm.EIM_AReqAuthorizationModeType()
)
DISCOVERY = cm.ServiceDiscoveryReqType(Header=HEADER)
DETAIL = cm.ServiceDetailReqType(Header=HEADER, ServiceID=2)
CHECK = dc.DC_CableCheckReqType(Header=HEADER)


def select(service: int = 2, parameters: int = 1) -> cm.ServiceSelectionReqType:
    chosen = cm.SelectedServiceType(ServiceID=service, ParameterSetID=parameters)
    return cm.ServiceSelectionReqType(Header=HEADER, SelectedEnergyTransferService=chosen)


def pre_charge(processing: ct.processingType) -> dc.DC_PreChargeReqType:
    return dc.DC_PreChargeReqType(
        Header=HEADER, EVProcessing=processing, EVPresentVoltage=number(380), EVTargetVoltage=number(380)
    )


class Ev:
    """A hand at the wire."""

    def __init__(self, plug: Coupling, application: Application) -> None:
        self.plug = plug
        config = SeccConfig(iso20_needs_tls=False)
        self.dialogue = Iso20Dialogue(application, SimulatedEvse(plug), config, Memory())
        self.now = 0.0
        self.ended = False

    def ask(self, request: ct.V2GRequestType) -> str:
        """Send a request in the session; return the response's code."""
        header = ct.MessageHeaderType(SessionID=self.dialogue.session_id, TimeStamp=0)
        request = type(request)(**{name: getattr(request, name) for name in request.__struct_fields__} | {"Header": header})
        answer = self.dialogue.answer(request, self.now)
        while not isinstance(answer, Answer):
            self.now += answer.after
            answer = self.dialogue.answer(request, self.now)
        self.ended = answer.end is not None
        message = answer.message
        assert isinstance(message, ct.V2GResponseType)
        schema = {"AC": Schema.AC, "DC": Schema.DC}.get(answer.name.partition("_")[0], Schema.CM)
        assert list(validate_message(codec(schema), answer.name, message)) == []
        assert codec(schema).decode(codec(schema).encode(message)).message == message
        assert answer.name.removesuffix("Res") == type(request).__name__.removesuffix("ReqType")
        return message.ResponseCode


@pytest.fixture
def ev() -> Ev:
    return Ev(dc_plug(max_discharge_a=50.0, max_discharge_w=20_000.0), ISO20_DC)


@pytest.fixture
def selected(ev: Ev) -> Ev:
    for request in (SETUP, AUTHORIZATION_SETUP, AUTHORIZATION, DISCOVERY, DETAIL, select()):
        assert ev.ask(request).startswith("OK")
    return ev


@pytest.fixture
def checked(selected: Ev) -> Ev:
    selected.plug.set_cp(CpState.C, 0.0)
    for request in (dc_limits(), schedule(), CHECK):
        assert selected.ask(request) == "OK"
    selected.now = 5.0
    assert selected.ask(CHECK) == "OK"
    return selected


def test_another_session_and_a_request_out_of_sequence_are_refused(ev: Ev) -> None:
    assert ev.ask(SETUP) == "OK_NewSessionEstablished"
    assert ev.ask(DISCOVERY) == "FAILED_SequenceError"
    assert ev.ended
    other = Ev(dc_plug(), ISO20_DC)
    other.ask(SETUP)
    answer = other.dialogue.answer(AUTHORIZATION_SETUP, 0.0)
    assert isinstance(answer, Answer)
    assert getattr(answer.message, "ResponseCode", "") == "FAILED_UnknownSession"


@pytest.mark.parametrize(("plug", "application"), [(ac_plug, ISO20_AC), (dc_plug, ISO20_DC)], ids=["AC", "DC"])
def test_every_request_that_the_state_table_knows_has_a_valid_refusal(plug: type[Coupling], application: Application) -> None:
    loop = ac.Scheduled_AC_CLReqControlModeType(EVPresentActivePower=number(0))
    demand = dc.Scheduled_DC_CLReqControlModeType(EVTargetCurrent=number(1), EVTargetVoltage=number(400))
    ac_mode = ac.AC_CPDReqEnergyTransferModeType(EVMaximumChargePower=number(1), EVMinimumChargePower=number(0))
    certificate = cm.SignedCertificateChainType(Certificate=b"x", Id="id1")
    requests: list[ct.V2GRequestType] = [
        AUTHORIZATION,
        DISCOVERY,
        DETAIL,
        select(),
        dc_limits(),
        schedule(),
        CHECK,
        pre_charge("Finished"),
        power("Start"),
        dc.DC_WeldingDetectionReqType(Header=HEADER, EVProcessing="Finished"),
        ac.AC_ChargeParameterDiscoveryReqType(Header=HEADER, AC_CPDReqEnergyTransferMode=ac_mode),
        ac.AC_ChargeLoopReqType(Header=HEADER, MeterInfoRequested=False, CLReqControlMode=loop),
        dc.DC_ChargeLoopReqType(Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=number(400), CLReqControlMode=demand),
        cm.CertificateInstallationReqType(
            Header=HEADER,
            OEMProvisioningCertificateChain=certificate,
            ListOfRootCertificateIDs=ct.ListOfRootCertificateIDsType(RootCertificateID=[]),
            MaximumContractCertificateChains=1,
        ),
        cm.SessionStopReqType(Header=HEADER, ChargingSession="Terminate"),
        SETUP,
    ]
    known = {name for taken in sequence_of(application.edition).states.values() for name in taken}
    assert {type(each).__name__.removesuffix("Type") for each in requests} | {"AuthorizationSetupReq"} == known
    ev = Ev(plug(), application)
    for request in requests[:-1]:
        assert ev.ask(request) == "FAILED_SequenceError"


def test_a_response_is_no_request(ev: Ev) -> None:
    with pytest.raises(NoAnswer):
        ev.dialogue.answer(cm.SessionStopResType(Header=HEADER, ResponseCode="OK"), 0.0)


def test_a_contract_is_warned_about_and_may_be_tried_again_as_eim(ev: Ev) -> None:
    ev.ask(SETUP)
    ev.ask(AUTHORIZATION_SETUP)
    contract = cm.AuthorizationReqType(Header=HEADER, SelectedAuthorizationService="PnC")
    assert ev.ask(contract) == "WARNING_AuthorizationSelectionInvalid"
    assert not ev.ended
    assert ev.ask(AUTHORIZATION) == "OK"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (cm.ServiceDetailReqType(Header=HEADER, ServiceID=1), "FAILED_ServiceIDInvalid"),
        (select(1), "FAILED_NoEnergyTransferServiceSelected"),
        (select(2, 9), "FAILED_ServiceSelectionInvalid"),
        (select(6, 2), "OK"),
    ],
)
def test_services_that_are_not_offered_are_refused(ev: Ev, request_: ct.V2GRequestType, code: str) -> None:
    for request in (SETUP, AUTHORIZATION_SETUP, AUTHORIZATION, DISCOVERY, DETAIL):
        ev.ask(request)
    assert ev.ask(request_) == code


def test_only_services_that_the_ev_knows_are_told(ev: Ev) -> None:
    for request in (SETUP, AUTHORIZATION_SETUP, AUTHORIZATION):
        ev.ask(request)
    ids = cm.ServiceIDListType(ServiceID=[6])
    header = ct.MessageHeaderType(SessionID=ev.dialogue.session_id, TimeStamp=0)
    answer = ev.dialogue.answer(cm.ServiceDiscoveryReqType(Header=header, SupportedServiceIDs=ids), 0.0)
    assert isinstance(answer, Answer)
    assert isinstance(answer.message, cm.ServiceDiscoveryResType)
    assert [each.ServiceID for each in answer.message.EnergyTransferServiceList.Service] == [6]


@pytest.mark.parametrize("request_", [dc_limits(100), dc_limits(both=True)])
def test_charge_parameters_of_another_service_or_voltage_are_refused(selected: Ev, request_: ct.V2GRequestType) -> None:
    assert selected.ask(request_) == "FAILED_WrongChargeParameter"


def test_schedules_of_the_other_control_mode_are_refused(selected: Ev) -> None:
    assert selected.ask(dc_limits()) == "OK"
    wrong = schedule("none")
    wrong.Dynamic_SEReqControlMode = cm.Dynamic_SEReqControlModeType(
        DepartureTime=0, EVTargetEnergyRequest=number(0), EVMaximumEnergyRequest=number(0), EVMinimumEnergyRequest=number(0)
    )
    assert selected.ask(wrong) == "FAILED"


def test_power_delivery_may_not_come_while_the_ev_still_pre_charges(checked: Ev) -> None:
    assert checked.ask(pre_charge("Ongoing")) == "OK"
    assert checked.ask(power("Start")) == "FAILED_SequenceError"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (power("Start", None), "FAILED_EVPowerProfileInvalid"),
        (power("Start", 5), "FAILED_ScheduleSelectionInvalid"),
        (power("Start", 1, 32_000), "OK"),
        (power("Standby"), "WARNING_StandbyNotAllowed"),
        (power("ScheduleRenegotiation"), "FAILED_ScheduleRenegotiation"),
        (power("Start", processing="Ongoing"), "OK"),
    ],
)
def test_power_delivery_is_checked(checked: Ev, request_: ct.V2GRequestType, code: str) -> None:
    assert checked.ask(pre_charge("Finished")) == "OK"
    assert checked.ask(request_) == code


def test_no_power_without_state_c(checked: Ev) -> None:
    checked.ask(pre_charge("Finished"))
    checked.plug.set_cp(CpState.B, checked.now)
    assert checked.ask(power("Start")) == "FAILED_PowerDeliveryNotApplied"


def test_a_profile_above_the_schedule_is_refused(checked: Ev) -> None:
    checked.ask(pre_charge("Finished"))
    request = power("Start")
    assert request.EVPowerProfile is not None
    request.EVPowerProfile.EVPowerProfileEntries.EVPowerProfileEntry[0].Power = ct.RationalNumberType(Exponent=3, Value=151)
    assert checked.ask(request) == "FAILED_EVPowerProfileInvalid"


def test_a_loop_of_the_other_control_mode_is_refused(checked: Ev) -> None:
    checked.ask(pre_charge("Finished"))
    assert checked.ask(power("Start")) == "OK"
    dynamic = dc.Dynamic_DC_CLReqControlModeType(
        EVTargetEnergyRequest=number(0),
        EVMaximumEnergyRequest=number(0),
        EVMinimumEnergyRequest=number(0),
        EVMaximumChargePower=number(1),
        EVMinimumChargePower=number(0),
        EVMaximumChargeCurrent=number(1),
        EVMaximumVoltage=number(400),
        EVMinimumVoltage=number(200),
    )
    loop = dc.DC_ChargeLoopReqType(
        Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=number(380), CLReqControlMode=dynamic
    )
    assert checked.ask(loop) == "FAILED"


def test_the_services_can_be_chosen_anew(checked: Ev) -> None:
    assert checked.ask(cm.SessionStopReqType(Header=HEADER, ChargingSession="ServiceRenegotiation")) == "OK"
    assert not checked.ended
    assert checked.ask(DISCOVERY) == "OK"


def test_pausing_before_charging_is_refused(checked: Ev) -> None:
    assert checked.ask(cm.SessionStopReqType(Header=HEADER, ChargingSession="Pause")) == "FAILED_PauseNotAllowed"


def test_the_short_time_begins_with_the_first_response_of_the_loop(checked: Ev) -> None:
    checked.ask(pre_charge("Finished"))
    assert checked.ask(power("Start")) == "OK"
    assert checked.dialogue.sequence_timeout() == 60.0
    demand = dc.Scheduled_DC_CLReqControlModeType(EVTargetCurrent=number(1), EVTargetVoltage=number(380))
    loop = dc.DC_ChargeLoopReqType(Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=number(380), CLReqControlMode=demand)
    assert checked.ask(loop) == "OK"
    assert checked.dialogue.sequence_timeout() == 0.5


def test_in_an_emergency_the_loop_is_refused_and_the_supply_switched_off(checked: Ev) -> None:
    assert checked.ask(pre_charge("Finished")) == "OK"
    assert checked.ask(power("Start")) == "OK"
    demand = dc.Scheduled_DC_CLReqControlModeType(EVTargetCurrent=number(10), EVTargetVoltage=number(400))
    loop = dc.DC_ChargeLoopReqType(Header=HEADER, MeterInfoRequested=False, EVPresentVoltage=number(380), CLReqControlMode=demand)
    assert checked.ask(loop) == "OK"
    checked.dialogue.evse.settings.dc_status = "EVSE_EmergencyShutdown"
    assert checked.ask(loop) == "FAILED"
    assert checked.dialogue.evse.plug.dc(1.0).current_a == 0


def test_an_ev_is_offered_no_more_schedules_and_entries_than_there_is_room_for(selected: Ev) -> None:
    assert selected.ask(dc_limits()) == "OK"
    entries = tuple(ScheduleEntry(start_s=600 * n, max_power_w=10_000 + n) for n in range(40))
    selected.dialogue.evse.settings.schedules = tuple(Schedule(id=n, entries=entries) for n in range(1, 6))
    assert selected.ask(schedule()) == "OK"
    assert [each.id for each in selected.dialogue.schedules] == [1, 2, 3]
    assert {len(each.entries) for each in selected.dialogue.schedules} == {12}
