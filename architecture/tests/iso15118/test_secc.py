"""The SECC against EVs that do it wrongly: what it answers, and when it ends the connection."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.editions import APPLICATIONS, DIN, ISO2, Application, Edition
from v2x_architecture.iso15118.exi import Schema, codec, validate_message
from v2x_architecture.iso15118.exi.messages import app_protocol, din, iso2
from v2x_architecture.iso15118.negotiation import offer
from v2x_architecture.iso15118.secc import AddedService, CloseReason, EvseSettings, Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.secc.outputs import Close, Output
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.sequences import sequence_of
from v2x_architecture.iso15118.v2gtp import Discarded, PayloadType, Reason, Received

from .pair import ac_plug, dc_plug


class Ev:
    """A hand at the wire: says what it is told to, wherever it stands."""

    def __init__(self, secc: Secc) -> None:
        self.secc, self.now, self.session = secc, 0.0, bytes(8)
        self.outputs: list[Output] = []

    def raw(self, payload: bytes, payload_type: int = PayloadType.EXI) -> list[Output]:
        self.outputs = self.secc.receive(Received(payload_type, payload, b""), self.now)
        return self.outputs

    def agree(self, *applications: Application) -> app_protocol.supportedAppProtocolRes:
        self.raw(codec(Schema.SAP).encode(offer(applications or (ISO2,))))
        message = self.sent.message
        assert isinstance(message, app_protocol.supportedAppProtocolRes)
        return message

    @property
    def sent(self) -> Send:
        (sent,) = (each for each in self.outputs if isinstance(each, Send))
        return sent

    @property
    def closed(self) -> CloseReason | None:
        closed = [each.reason for each in self.outputs if isinstance(each, Close)]
        return closed[0] if closed else None

    def ask(self, request: iso2.BodyBaseType, *, session: bytes | None = None, wait: bool = True) -> str:
        """Send a request; return the response's code."""
        header = iso2.MessageHeaderType(SessionID=self.session if session is None else session)
        message = iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=request))
        outputs = self.raw(codec(Schema.ISO2).encode(message))
        while wait and not outputs:
            assert self.secc.next_deadline is not None
            self.now = self.secc.next_deadline
            self.outputs = outputs = self.secc.handle_timeout(self.now)
        answer = self.sent.message
        assert isinstance(answer, iso2.V2G_Message)
        assert list(validate_message(codec(Schema.ISO2), "V2G_Message", answer)) == []
        assert self.sent.name.removesuffix("Res") == type(request).__name__.removesuffix("ReqType")
        if self.session == bytes(8):
            self.session = answer.Header.SessionID
        code: str = getattr(answer.Body.BodyElement, "ResponseCode", "")
        return code


@pytest.fixture
def ac() -> Ev:
    ev = Ev(Secc(SimulatedEvse(ac_plug())))
    ev.agree()
    return ev


@pytest.fixture
def dc() -> Ev:
    ev = Ev(Secc(SimulatedEvse(dc_plug())))
    ev.agree()
    return ev


def value(amount: int, unit: iso2.unitSymbolType, multiplier: int = 0) -> iso2.PhysicalValueType:
    return iso2.PhysicalValueType(Multiplier=multiplier, Unit=unit, Value=amount)


STATUS = iso2.DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=50)
SETUP = iso2.SessionSetupReqType(EVCCID=bytes(6))
DISCOVERY = iso2.ServiceDiscoveryReqType()
AUTHORIZATION = iso2.AuthorizationReqType()
STOP = iso2.SessionStopReqType(ChargingSession="Terminate")


def select(*services: int, payment: iso2.paymentOptionType = "ExternalPayment") -> iso2.PaymentServiceSelectionReqType:
    chosen = [iso2.SelectedServiceType(ServiceID=each) for each in services]
    return iso2.PaymentServiceSelectionReqType(
        SelectedPaymentOption=payment, SelectedServiceList=iso2.SelectedServiceListType(SelectedService=chosen)
    )


def ac_parameters(
    mode: iso2.EnergyTransferModeType = "AC_three_phase_core", current: int = 32, least: int = 6
) -> iso2.ChargeParameterDiscoveryReqType:
    told = iso2.AC_EVChargeParameterType(
        EAmount=value(10, "Wh", 3), EVMaxVoltage=value(400, "V"), EVMaxCurrent=value(current, "A"), EVMinCurrent=value(least, "A")
    )
    return iso2.ChargeParameterDiscoveryReqType(RequestedEnergyTransferMode=mode, EVChargeParameter=told)


def dc_parameters(voltage: int = 400) -> iso2.ChargeParameterDiscoveryReqType:
    told = iso2.DC_EVChargeParameterType(
        DC_EVStatus=STATUS, EVMaximumCurrentLimit=value(200, "A"), EVMaximumVoltageLimit=value(voltage, "V")
    )
    return iso2.ChargeParameterDiscoveryReqType(RequestedEnergyTransferMode="DC_extended", EVChargeParameter=told)


def power(progress: iso2.chargeProgressType, schedule: int = 1, *limits: int) -> iso2.PowerDeliveryReqType:
    entries = [
        iso2.ProfileEntryType(ChargingProfileEntryStart=place * 60, ChargingProfileEntryMaxPower=value(limit, "W"))
        for place, limit in enumerate(limits)
    ]
    profile = iso2.ChargingProfileType(ProfileEntry=entries) if entries else None
    return iso2.PowerDeliveryReqType(ChargeProgress=progress, SAScheduleTupleID=schedule, ChargingProfile=profile)


def until_parameters(ev: Ev) -> None:
    for request in (SETUP, DISCOVERY, select(1), AUTHORIZATION):
        assert ev.ask(request).startswith("OK")


# The protocol


def test_no_common_protocol_ends_the_connection() -> None:
    ev = Ev(Secc(SimulatedEvse(ac_plug())))
    assert ev.agree(APPLICATIONS["iso20-dc"]).ResponseCode == "Failed_NoNegotiation"
    assert ev.closed is CloseReason.NO_AGREEMENT
    assert ev.raw(codec(Schema.SAP).encode(offer([ISO2]))) == []


def test_a_session_cannot_begin_before_a_protocol_is_agreed_on() -> None:
    ev = Ev(Secc(SimulatedEvse(ac_plug())))
    message = iso2.V2G_Message(Header=iso2.MessageHeaderType(SessionID=bytes(8)), Body=iso2.BodyType(BodyElement=SETUP))
    ev.raw(codec(Schema.ISO2).encode(message))
    assert ev.closed in (CloseReason.MALFORMED, CloseReason.UNEXPECTED)


def test_an_evcc_that_says_nothing_is_not_waited_for() -> None:
    secc = Secc(SimulatedEvse(ac_plug()), now=100.0)
    assert secc.next_deadline == 118.0
    assert secc.handle_timeout(117.9) == []
    (close,) = secc.handle_timeout(118.0)
    assert isinstance(close, Close)
    assert close.reason is CloseReason.SETUP_TIMEOUT


def test_an_evcc_that_agrees_on_a_protocol_has_no_more_time_to_set_a_session_up() -> None:
    ac = Ev(Secc(SimulatedEvse(ac_plug())))
    ac.now = 15.0
    ac.agree()
    assert ac.secc.next_deadline == 18.0
    (close,) = ac.secc.handle_timeout(18.0)
    assert isinstance(close, Close)
    assert close.reason is CloseReason.SETUP_TIMEOUT


# V2GTP and EXI


def test_what_v2gtp_discards_and_what_has_another_payload_type_is_not_answered(ac: Ev) -> None:
    assert ac.secc.receive(Discarded(Reason.VERSION, b"", 0), 0.0) == []
    assert ac.raw(b"\x80\x98", PayloadType.ISO20_MAIN) == []
    assert ac.ask(SETUP) == "OK_NewSessionEstablished"


def test_malformed_exi_ends_the_connection(ac: Ev) -> None:
    ac.raw(b"\x80\x98\x02\x00\xff\xff")
    assert ac.closed is CloseReason.MALFORMED


@pytest.mark.parametrize("body", [None, iso2.SessionSetupResType(ResponseCode="OK", EVSEID="DE*V2X*E1")])
def test_what_no_response_belongs_to_ends_the_connection(ac: Ev, body: iso2.BodyBaseType | None) -> None:
    message = iso2.V2G_Message(Header=iso2.MessageHeaderType(SessionID=bytes(8)), Body=iso2.BodyType(BodyElement=body))
    ac.raw(codec(Schema.ISO2).encode(message))
    assert ac.closed is CloseReason.UNEXPECTED


def test_a_message_without_its_envelope_ends_the_connection(ac: Ev) -> None:
    ac.raw(codec(Schema.ISO2).encode(SETUP))
    assert ac.closed is CloseReason.UNEXPECTED


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_no_octets_do_anything_but_end_the_connection(payloads: list[bytes]) -> None:
    for application in (ISO2, DIN):
        ev = Ev(Secc(SimulatedEvse(dc_plug())))
        ev.agree(application)
        for payload in payloads:
            ev.raw(payload)
            ev.raw(b"\x80\x9a" + payload)


# Session and sequence


def test_before_there_is_a_session_no_id_is_unknown(ac: Ev) -> None:
    assert ac.ask(DISCOVERY, session=bytes.fromhex("0000000000000001")) == "FAILED_SequenceError"


def test_another_session_is_unknown(ac: Ev) -> None:
    ac.ask(SETUP)
    assert ac.ask(DISCOVERY, session=bytes(8)) == "FAILED_UnknownSession"
    assert ac.closed is CloseReason.REFUSED


@pytest.mark.parametrize(
    ("before", "request_"),
    [
        ([], DISCOVERY),
        ([SETUP], SETUP),
        ([SETUP], AUTHORIZATION),
        ([SETUP, DISCOVERY], AUTHORIZATION),
        ([SETUP, DISCOVERY, select(1)], power("Start")),
        ([SETUP, DISCOVERY, select(1)], iso2.ChargingStatusReqType()),
        ([SETUP, DISCOVERY, select(1), AUTHORIZATION], iso2.CableCheckReqType(DC_EVStatus=STATUS)),
        ([SETUP, DISCOVERY, select(1), AUTHORIZATION, ac_parameters()], iso2.WeldingDetectionReqType(DC_EVStatus=STATUS)),
    ],
)
def test_a_request_out_of_sequence_is_refused_in_its_own_response(
    ac: Ev, before: list[iso2.BodyBaseType], request_: iso2.BodyBaseType
) -> None:
    for each in before:
        assert ac.ask(each).startswith("OK")
    assert ac.ask(request_) == "FAILED_SequenceError"
    assert ac.closed is CloseReason.REFUSED


def test_every_request_can_be_refused_validly(dc: Ev) -> None:
    dc.ask(SETUP)
    certificate = iso2.CertificateChainType(Certificate=b"x")
    roots = iso2.ListOfRootCertificateIDsType(RootCertificateID=[])
    meter = iso2.MeterInfoType(MeterID="M")
    requests: list[iso2.BodyBaseType] = [
        iso2.ServiceDetailReqType(ServiceID=1),
        select(1),
        iso2.PaymentDetailsReqType(eMAID="DE" + "0" * 12, ContractSignatureCertChain=certificate),
        AUTHORIZATION,
        ac_parameters(),
        power("Start"),
        iso2.MeteringReceiptReqType(SessionID=bytes(8), MeterInfo=meter),
        iso2.ChargingStatusReqType(),
        iso2.CableCheckReqType(DC_EVStatus=STATUS),
        iso2.PreChargeReqType(DC_EVStatus=STATUS, EVTargetVoltage=value(400, "V"), EVTargetCurrent=value(1, "A")),
        iso2.CurrentDemandReqType(
            DC_EVStatus=STATUS, EVTargetVoltage=value(400, "V"), EVTargetCurrent=value(1, "A"), ChargingComplete=False
        ),
        iso2.WeldingDetectionReqType(DC_EVStatus=STATUS),
        iso2.CertificateInstallationReqType(OEMProvisioningCert=b"x", ListOfRootCertificateIDs=roots, Id="id1"),
        iso2.CertificateUpdateReqType(
            ContractSignatureCertChain=certificate, eMAID="DE" + "0" * 12, ListOfRootCertificateIDs=roots, Id="id1"
        ),
    ]
    codec_ = codec(Schema.ISO2)
    for request in requests:
        dialogue = dc.secc.dialogue
        assert dialogue is not None
        header = iso2.MessageHeaderType(SessionID=dialogue.session_id)
        answer = dialogue.answer(iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=request)), 0.0)
        message = getattr(answer, "message", None)
        assert isinstance(message, iso2.V2G_Message)
        assert list(validate_message(codec_, "V2G_Message", message)) == []
        assert codec_.decode(codec_.encode(message)).message == message
        assert getattr(message.Body.BodyElement, "ResponseCode", "") == "FAILED_SequenceError"


def test_a_session_may_be_stopped_whenever_no_energy_flows(dc: Ev) -> None:
    until_parameters(dc)
    assert dc.ask(dc_parameters()) == "OK"
    dc.secc.evse.plug.set_cp(CpState.C, 0.0)
    assert dc.ask(iso2.CableCheckReqType(DC_EVStatus=STATUS)) == "OK"
    assert dc.ask(STOP) == "OK"
    assert dc.closed is CloseReason.STOPPED


def test_the_next_request_must_come_within_the_sequence_timeout(ac: Ev) -> None:
    ac.ask(SETUP)
    assert ac.secc.next_deadline == 60.0
    (close,) = ac.secc.handle_timeout(60.0)
    assert isinstance(close, Close)
    assert close.reason is CloseReason.SEQUENCE_TIMEOUT
    assert ac.secc.state == "End"


# What is in the requests


INTERNET = AddedService(
    id=3, category="Internet", name="InternetAccess", parameters=({"Protocol": "http", "Port": 80, "Free": True},)
)


@pytest.mark.parametrize(
    ("category", "listed"), [(None, [3, 61000]), ("Internet", [3]), ("OtherCustom", [61000]), ("ContractCertificate", [])]
)
def test_services_are_listed_by_category(category: iso2.serviceCategoryType | None, listed: list[int]) -> None:
    config = SeccConfig(services=(INTERNET, AddedService(id=61_000)))
    ev = Ev(Secc(SimulatedEvse(ac_plug()), config))
    ev.agree()
    ev.ask(SETUP)
    assert ev.ask(iso2.ServiceDiscoveryReqType(ServiceCategory=category)) == "OK"
    message = ev.sent.message
    assert isinstance(message, iso2.V2G_Message)
    response = message.Body.BodyElement
    assert isinstance(response, iso2.ServiceDiscoveryResType)
    services = response.ServiceList.Service if response.ServiceList is not None else []
    assert [each.ServiceID for each in services] == listed


def test_an_added_service_has_details_and_can_be_chosen() -> None:
    ev = Ev(Secc(SimulatedEvse(ac_plug()), SeccConfig(services=(INTERNET,))))
    ev.agree()
    ev.ask(SETUP)
    ev.ask(DISCOVERY)
    assert ev.ask(iso2.ServiceDetailReqType(ServiceID=3)) == "OK"
    message = ev.sent.message
    assert isinstance(message, iso2.V2G_Message)
    response = message.Body.BodyElement
    assert isinstance(response, iso2.ServiceDetailResType)
    assert response.ServiceParameterList is not None
    (offered,) = response.ServiceParameterList.ParameterSet
    values = {each.Name: (each.stringValue, each.intValue, each.boolValue) for each in offered.Parameter}
    assert values == {"Protocol": ("http", None, None), "Port": (None, 80, None), "Free": (None, None, True)}
    assert ev.ask(select(1, 3)) == "OK"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (select(1, payment="Contract"), "FAILED_PaymentSelectionInvalid"),
        (select(1, 9), "FAILED_ServiceSelectionInvalid"),
        (select(), "FAILED_NoChargeServiceSelected"),
        (iso2.ServiceDetailReqType(ServiceID=9), "FAILED_ServiceIDInvalid"),
        (iso2.ServiceDetailReqType(ServiceID=1), "OK"),
    ],
)
def test_services_and_payment_that_are_not_offered_are_refused(ac: Ev, request_: iso2.BodyBaseType, code: str) -> None:
    ac.ask(SETUP)
    ac.ask(DISCOVERY)
    message = iso2.V2G_Message(Header=iso2.MessageHeaderType(SessionID=ac.session), Body=iso2.BodyType(BodyElement=request_))
    assert ac.secc.dialogue is not None
    answer = ac.secc.dialogue.answer(message, 0.0)
    body = getattr(answer, "message", message).Body.BodyElement
    assert getattr(body, "ResponseCode", "") == code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ac_parameters("DC_extended"), "FAILED_WrongEnergyTransferMode"),
        (dc_parameters(), "FAILED_WrongEnergyTransferMode"),
        (ac_parameters(current=0, least=0), "FAILED_WrongChargeParameter"),
        (ac_parameters(current=-32), "FAILED_WrongChargeParameter"),
        (ac_parameters(current=64, least=40), "FAILED_WrongChargeParameter"),
        (
            msgspec.structs.replace(ac_parameters(), EVChargeParameter=dc_parameters().EVChargeParameter),
            "FAILED_WrongChargeParameter",
        ),
    ],
)
def test_charge_parameters_that_cannot_be_are_refused(ac: Ev, request_: iso2.BodyBaseType, code: str) -> None:
    until_parameters(ac)
    assert ac.ask(request_) == code


@pytest.mark.parametrize(("departure", "lasting"), [(3600, 3600), (None, 86_400)])
def test_schedules_last_until_the_departure(ac: Ev, departure: int | None, lasting: int) -> None:
    until_parameters(ac)
    request = ac_parameters()
    assert isinstance(request.EVChargeParameter, iso2.AC_EVChargeParameterType)
    request.EVChargeParameter.DepartureTime = departure
    assert ac.ask(request) == "OK"
    message = ac.sent.message
    assert isinstance(message, iso2.V2G_Message)
    response = message.Body.BodyElement
    assert isinstance(response, iso2.ChargeParameterDiscoveryResType)
    assert isinstance(response.SASchedules, iso2.SAScheduleListType)
    (entry,) = response.SASchedules.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry
    assert entry.TimeInterval == iso2.RelativeTimeIntervalType(start=0, duration=lasting)


def test_an_ev_below_the_evses_voltage_is_refused(dc: Ev) -> None:
    until_parameters(dc)
    assert dc.ask(dc_parameters(100)) == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (power("Start", 2), "FAILED_TariffSelectionInvalid"),
        (power("Start", 1, 22_081), "FAILED_ChargingProfileInvalid"),
        (power("Start", 1, 1_000, 32_000), "FAILED_ChargingProfileInvalid"),
        (power("Renegotiate"), "FAILED"),
        (power("Start", 1, 22_080, 11_000), "OK"),
        (power("Start"), "OK"),
    ],
)
def test_schedule_profile_and_progress_are_checked(ac: Ev, request_: iso2.BodyBaseType, code: str) -> None:
    until_parameters(ac)
    assert ac.ask(ac_parameters()) == "OK"
    ac.secc.evse.plug.set_cp(CpState.C, 0.0)
    assert ac.ask(request_) == code


def test_the_contactor_closes_when_the_ev_reaches_state_c_in_time(ac: Ev) -> None:
    until_parameters(ac)
    ac.ask(ac_parameters())
    plug = ac.secc.evse.plug
    header = iso2.MessageHeaderType(SessionID=ac.session)
    message = iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=power("Start")))
    assert ac.raw(codec(Schema.ISO2).encode(message)) == []
    ac.now = 0.2
    plug.set_cp(CpState.C, 0.2)
    (sent,) = ac.secc.handle_timeout(0.2)
    assert isinstance(sent, Send)
    assert plug.evse_contactor_closed
    assert ac.secc.next_deadline == pytest.approx(60.2)


def test_without_state_c_no_power_is_delivered(ac: Ev) -> None:
    until_parameters(ac)
    ac.ask(ac_parameters())
    assert ac.ask(power("Start")) == "FAILED_PowerDeliveryNotApplied"
    assert ac.now == pytest.approx(0.5, abs=0.06)


def test_a_contactor_that_does_not_close_is_an_error(ac: Ev) -> None:
    until_parameters(ac)
    ac.ask(ac_parameters())
    plug = ac.secc.evse.plug
    plug.set_cp(CpState.C, 0.0)
    plug.evse_contactor_stuck = True
    assert ac.ask(power("Start")) == "FAILED_ContactorError"


def test_a_residual_current_device_that_has_tripped_is_told_and_lets_nothing_flow(ac: Ev) -> None:
    until_parameters(ac)
    ac.ask(ac_parameters())
    plug = ac.secc.evse.plug
    plug.set_cp(CpState.C, 0.0)
    assert ac.ask(power("Start")) == "OK"
    assert plug.evse_contactor_closed
    ac.secc.evse.settings.rcd_tripped = True
    assert ac.ask(iso2.ChargingStatusReqType()) == "OK"
    assert ac.sent.message.Body.BodyElement.AC_EVSEStatus.RCD
    assert not plug.evse_contactor_closed


def test_a_cable_that_is_not_safe_is_refused() -> None:
    ev = Ev(Secc(SimulatedEvse(dc_plug(insulation_ohm=1_000.0, check_seconds=0.0))))
    ev.agree()
    until_parameters(ev)
    ev.ask(dc_parameters())
    ev.secc.evse.plug.set_cp(CpState.C, 0.0)
    assert ev.ask(iso2.CableCheckReqType(DC_EVStatus=STATUS)) == "FAILED"


def test_no_cable_check_without_state_c(dc: Ev) -> None:
    until_parameters(dc)
    dc.ask(dc_parameters())
    request = iso2.CableCheckReqType(DC_EVStatus=STATUS)
    assert dc.ask(request) == "OK"
    dc.now = 1.6
    assert dc.ask(request) == "FAILED"


def test_a_rejected_customer_is_refused() -> None:
    ev = Ev(Secc(SimulatedEvse(ac_plug(), EvseSettings(authorization=Authorization.REJECTED))))
    ev.agree()
    for request in (SETUP, DISCOVERY, select(1)):
        ev.ask(request)
    assert ev.ask(AUTHORIZATION) == "FAILED"


# The end


def test_energy_stops_when_the_connection_is_lost(dc: Ev) -> None:
    dc.ask(SETUP)
    plug = dc.secc.evse.plug
    plug.set_dc(400.0, 10.0, 0.0)
    dc.secc.lost(1.0)
    assert not plug.supply.on
    assert dc.secc.closed is not None
    assert dc.secc.closed.reason is CloseReason.LOST
    dc.secc.lost(2.0)


def test_a_subclass_has_one_fault() -> None:
    class Forgetful(Secc):
        def sequence_timeout(self) -> float:
            return 1e9

    secc = Forgetful(SimulatedEvse(ac_plug()), SeccConfig(pace_s=0.05))
    ev = Ev(secc)
    ev.agree()
    ev.ask(SETUP)
    assert ev.sent.after == 0.05
    assert secc.handle_timeout(1e6) == []


def test_din_refuses_in_each_response_validly() -> None:
    """Every request of DIN SPEC 70121 that comes at the wrong time has a valid refusal."""
    secc = Secc(SimulatedEvse(dc_plug()))
    ev = Ev(secc)
    ev.agree(DIN)

    def physical(amount: int) -> din.PhysicalValueType:
        return din.PhysicalValueType(Multiplier=0, Value=amount)

    status = din.DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=50)
    chain = din.CertificateChainType(Certificate=b"x")
    roots = din.ListOfRootCertificateIDsType(RootCertificateID=["x"])
    parameters = din.DC_EVChargeParameterType(
        DC_EVStatus=status, EVMaximumCurrentLimit=physical(100), EVMaximumVoltageLimit=physical(400)
    )
    requests: list[din.BodyBaseType] = [
        din.ServiceDiscoveryReqType(),
        din.ServiceDetailReqType(ServiceID=1),
        din.ServicePaymentSelectionReqType(
            SelectedPaymentOption="ExternalPayment",
            SelectedServiceList=din.SelectedServiceListType(SelectedService=[din.SelectedServiceType(ServiceID=1)]),
        ),
        din.PaymentDetailsReqType(ContractID="X", ContractSignatureCertChain=chain),
        din.ContractAuthenticationReqType(),
        din.ChargeParameterDiscoveryReqType(EVRequestedEnergyTransferType="DC_extended", EVChargeParameter=parameters),
        din.PowerDeliveryReqType(ReadyToChargeState=True),
        din.ChargingStatusReqType(),
        din.MeteringReceiptReqType(SessionID=bytes(8), MeterInfo=din.MeterInfoType(MeterID="M")),
        din.CableCheckReqType(DC_EVStatus=status),
        din.PreChargeReqType(DC_EVStatus=status, EVTargetVoltage=physical(400), EVTargetCurrent=physical(1)),
        din.CurrentDemandReqType(
            DC_EVStatus=status, EVTargetCurrent=physical(1), EVTargetVoltage=physical(400), ChargingComplete=False
        ),
        din.WeldingDetectionReqType(DC_EVStatus=status),
        din.SessionStopType(),
        din.CertificateUpdateReqType(
            ContractSignatureCertChain=chain, ContractID="X", ListOfRootCertificateIDs=roots, DHParams=b"x"
        ),
        din.CertificateInstallationReqType(OEMProvisioningCert=b"x", ListOfRootCertificateIDs=roots, DHParams=b"x"),
    ]
    assert len(requests) + 1 == sum(name.endswith("ReqType") or name == "SessionStopType" for name in vars(din))
    dialogue = secc.dialogue
    assert dialogue is not None
    for request in requests:
        message = din.V2G_Message(Header=din.MessageHeaderType(SessionID=bytes(8)), Body=din.BodyType(BodyElement=request))
        answer = dialogue.answer(message, 0.0)
        sent = getattr(answer, "message", None)
        assert isinstance(sent, din.V2G_Message)
        assert getattr(sent.Body.BodyElement, "ResponseCode", "") == "FAILED_SequenceError"
        assert list(validate_message(codec(Schema.DIN), "V2G_Message", sent)) == []
        assert codec(Schema.DIN).decode(codec(Schema.DIN).encode(sent)).message == sent


@pytest.mark.parametrize("edition", [Edition.DIN, Edition.ISO2])
def test_the_state_table_and_the_dialogue_know_the_same_requests(edition: Edition) -> None:
    taken = {name for names in sequence_of(edition).states.values() for name in names}
    module = din if edition is Edition.DIN else iso2
    assert all(hasattr(module, f"{name}Type") or name == "SessionStopReq" for name in taken)


def test_pausing_before_charging_is_refused(ac: Ev) -> None:
    until_parameters(ac)
    assert ac.ask(iso2.SessionStopReqType(ChargingSession="Pause")) == "FAILED"


def test_a_missing_charge_service_weighs_more_than_an_unknown_one(ac: Ev) -> None:
    ac.ask(SETUP)
    ac.ask(DISCOVERY)
    assert ac.ask(select(9)) == "FAILED_NoChargeServiceSelected"
