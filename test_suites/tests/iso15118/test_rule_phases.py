"""DC from the cable check on; services, payment and schedules; SDP."""

import base64
from ipaddress import IPv6Address

import pytest
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.units import of_datagram
from v2x_architecture.iso15118.sdp import Request, Response, Security
from v2x_harness.events import Frame
from v2x_suites.iso15118.rules import judge

from .talk import judged

CHANGES = {
    "pre-charging is left early": ("2 dc", "PreChargeRes", {"EVSEPresentVoltage": 20.0}, "dc.pre_charge_voltage", "evcc"),
    "of -20": ("20 dc", "DC_PreChargeRes", {"EVSEPresentVoltage": 20.0}, "dc.pre_charge_voltage", "evcc"),
    "pre-charge current": ("din", "PreChargeReq", {"EVTargetCurrent": 10.0}, "dc.pre_charge_current", "evcc"),
    "isolation": ("2 dc", "CableCheckRes", {"EVSEIsolationStatus": "Fault"}, "dc.isolation_checked", "secc"),
    "isolation is not told": ("din", "CableCheckRes", {"EVSEIsolationStatus": None}, "dc.isolation_checked", "secc"),
    "isolation early": ("2 dc", "ChargeParameterDiscoveryRes", {"EVSEIsolationStatus": "Valid"}, "dc.isolation_early", "secc"),
    "bad isolation": ("2 dc", "CurrentDemandRes", {"EVSEIsolationStatus": "Fault"}, "dc.isolation_fault", "secc"),
    "broken": ("din", "CurrentDemandRes", {"EVSEStatusCode": "EVSE_Malfunction"}, "dc.broken", "secc"),
    "not ready": ("2 dc", "CurrentDemandReq", {"EVReady": False}, "dc.not_ready", "evcc"),
    "error": ("din", "CurrentDemandReq", {"EVErrorCode": "FAILED_EVRESSMalfunction"}, "dc.not_ready", "evcc"),
    "stop ignored": ("2 ac", "ChargingStatusRes", {"EVSENotification": "StopCharging"}, "session.stop_ignored", "evcc"),
    "payment": ("2 ac", "PaymentServiceSelectionReq", {"SelectedPaymentOption": "Contract"}, "services.payment", "evcc"),
    "payment OK": (
        "din",
        "ServicePaymentSelectionReq",
        {"SelectedPaymentOption": "Contract"},
        "services.payment_accepted",
        "secc",
    ),
    "contract": ("2 ac", "PaymentServiceSelectionReq", {"SelectedPaymentOption": "Contract"}, "services.contract_chosen", "evcc"),
    "contract offered": ("2 ac", "ServiceDiscoveryRes", {"PaymentOption": ["Contract"]}, "services.contract_offered", "secc"),
    "energy": ("2 ac", "ChargeParameterDiscoveryReq", {"RequestedEnergyTransferMode": "DC_unique"}, "services.energy", "evcc"),
    "service": ("20 dc", "ServiceSelectionReq", {"ServiceID": 6}, "services.energy", "evcc"),
    "energy OK": ("20 dc", "ServiceSelectionReq", {"ServiceID": 6}, "services.energy_accepted", "secc"),
    "receipt": ("2 dc", "CurrentDemandRes", {"ReceiptRequired": True}, "services.receipt", "secc"),
    "no schedule": ("2 dc", "ChargeParameterDiscoveryRes", {"SAScheduleList": None}, "schedules.present", "secc"),
    "entries": ("2 ac", "ChargeParameterDiscoveryRes", {"start": 10}, "schedules.entries", "secc"),
    "schedule": ("2 ac", "PowerDeliveryReq", {"SAScheduleTupleID": 77}, "schedules.selected", "evcc"),
    "schedule OK": ("20 dc", "PowerDeliveryReq", {"SelectedScheduleTupleID": 77}, "schedules.accepted", "secc"),
    "profile": ("2 ac", "PowerDeliveryReq", {"ChargingProfileEntryMaxPower": 99_000.0}, "schedules.profile", "evcc"),
    "schedule changed": ("2 ac", "ChargingStatusRes", {"SAScheduleTupleID": 77}, "schedules.changed", "secc"),
}


@pytest.mark.parametrize(("name", "message", "values", "rule", "party"), CHANGES.values(), ids=CHANGES)
def test_one_change_to_a_good_session(good, name, message, values, rule, party) -> None:
    nth = 1 if message == "PowerDeliveryReq" else None
    assert (rule, party) in judged(good[name][0].edit(message, nth, **values))


def test_a_schedule_that_is_too_long_for_others(good) -> None:
    talk = good["2 ac"][0]
    line = talk.lines[talk.place("ChargeParameterDiscoveryRes")]
    reading = Reading()
    for each in talk.lines:
        meaning = reading.read(of_datagram(each.octets))
        if each is line:
            break
    (entry,) = _found(meaning.form, "PMaxScheduleEntry")
    rows = [{**entry, "RelativeTimeInterval": {"start": 100 * place}} for place in range(13)]
    found = judged(talk.edit("ChargeParameterDiscoveryRes", PMaxScheduleEntry=rows))
    assert ("schedules.too_long", "secc") in found
    assert judged(talk.edit("ChargeParameterDiscoveryRes", PMaxScheduleEntry=rows[:12])) == []


def _found(form, name):
    if isinstance(form, dict):
        return form.get(name) or next((each for value in form.values() if (each := _found(value, name))), None)
    if isinstance(form, list):
        return next((each for value in form if (each := _found(value, name))), None)
    return None


def test_an_evcc_that_stops_when_it_is_asked_to(good) -> None:
    talk = good["2 ac"][0].edit("ChargingStatusRes", -1, EVSENotification="StopCharging")
    assert judged(talk) == []


def sdp(*messages):
    judging, found = judge(), []
    for n, message in enumerate(messages):
        sender = "evcc" if isinstance(message, Request) else "secc"
        raw = base64.b64encode(message.encode()).decode()
        found += judging.feed(Frame(link="sdp", sender=sender, to="", raw=raw, media="binary", n=n))
    return [(each.source.removeprefix("rule:iso15118."), each.party) for each in found]


def test_sdp_tells_a_port_and_the_security_that_was_asked_for() -> None:
    address = IPv6Address("fe80::1")
    plain, secure = Request(Security.NONE), Request(Security.TLS)
    assert sdp(plain, Response(address, 50_000, Security.NONE)) == []
    assert sdp(plain, Response(address, 61851 - 50_000, Security.NONE)) == [("sdp.port", "secc")]
    assert sdp(plain, Response(address, 50_000, Security.TLS)) == [("sdp.security", "secc")]
    assert sdp(secure, Response(address, 50_000, Security.NONE)) == []


def test_an_secc_that_is_silent_for_all_that_an_evcc_asks() -> None:
    assert sdp(*[Request()] * 60) == [("sdp.silent", "secc")]
    assert sdp(*[Request()] * 49) == []
