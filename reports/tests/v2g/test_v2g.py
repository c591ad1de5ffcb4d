"""What messages and connections are told to say."""

from __future__ import annotations

import msgspec
import pytest
from v2x_harness.events import Frame, LinkEvent
from v2x_reports.v2g import brief, connection, failed

from .conftest import LINK, message


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished"}, "OK_NewSessionEstablished"),
        ("CableCheckRes", {"ResponseCode": "OK", "EVSEProcessing": "Ongoing"}, "OK, Ongoing"),
        ("CableCheckRes", {"EVSEProcessing": "Finished", "ResponseCode": "OK"}, "OK"),
        ("PowerDeliveryReq", {"ChargeProgress": "Stop"}, "Stop"),
        ("PowerDeliveryReq", {"ReadyToChargeState": False}, "ReadyToChargeState false"),
        ("CurrentDemandReq", {"DC_EVStatus": {"EVErrorCode": "FAILED_RESSTemperatureInhibit"}}, "FAILED_RESSTemperatureInhibit"),
        ("CurrentDemandRes", {"DC_EVSEStatus": {"EVSENotification": "StopCharging"}}, "StopCharging"),
        ("CurrentDemandReq", {"DC_EVStatus": {"EVErrorCode": "NO_ERROR", "EVRESSSOC": 50}}, ""),
    ],
)
def test_a_message_says_how_it_went_and_what_is_unusual(name, body, told) -> None:
    assert brief(message(name, body)) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"SECCDiscoveryReq": {"Security": 0, "TransportProtocol": 0}}, "TLS wanted"),
        (
            {"SECCDiscoveryRes": {"SECC_IP_Address": "fe80::1", "SECC_Port": 61_341, "Security": 16}},
            "[fe80::1]:61341, no TLS",
        ),
        (
            {"supportedAppProtocolReq": {"AppProtocol": [{"ProtocolNamespace": "urn:iso:15118:2:2013:MsgDef"}, 7]}},
            "iso:15118:2:2013",
        ),
        ({"payload": "80", "problem": "the payload ends 1 bits too early"}, "the payload ends 1 bits too early"),
        ({"SECCDiscoveryRes": {"Security": []}}, ""),
    ],
)
def test_what_comes_before_the_session_is_told_too(content, told) -> None:
    frame = msgspec.structs.replace(message("XReq", {}), decoded={"v2gtp": {}, **content})
    assert brief(frame) == told


def test_frames_of_other_protocols_say_nothing() -> None:
    assert brief(Frame("l", "station", "csms", '[3,"1",{"ResponseCode":"OK"}]')) == ""


def test_a_response_that_failed_is_known() -> None:
    assert failed(message("SessionSetupRes", {"ResponseCode": "FAILED_SequenceError"}))
    assert not failed(message("SessionSetupRes", {"ResponseCode": "OK"}))


TLS13 = {"version": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "peer": {"subject": {}}}


@pytest.mark.parametrize(
    ("event", "detail", "told"),
    [
        ("open", {}, "TCP connected, no TLS"),
        ("open", {"tls": TLS13, "secc_tls": TLS13}, "TCP, TLSv1.3 TLS_AES_256_GCM_SHA384, both sides, EV certificate"),
        ("open", {"secc_tls": {"version": "TLSv1.2"}}, "TCP, TLSv1.2"),
        ("open", {"untouched": True}, "TCP connected; what is said is left as it is"),
        ("tls", {"with": "evcc", "reason": "UNKNOWN_CA"}, "TLS handshake with the EVCC failed: UNKNOWN_CA"),
        ("close", {"reason": "reset"}, ""),
    ],
)
def test_connections_tell_of_tcp_and_tls(event, detail, told) -> None:
    assert connection(LinkEvent(LINK, event, by="evcc", protocol="iso15118", detail=detail)) == told


def test_connections_of_other_protocols_are_told_elsewhere() -> None:
    assert connection(LinkEvent("csms<-CS001#1", "open", by="station", protocol="ocpp/2.0.1")) == ""
