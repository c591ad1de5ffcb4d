"""Plays with one thing wrong each: framing, schema, format and links."""

from __future__ import annotations

import base64
import json

from play import PERIOD_16, Play, profile_16
from sheet import Sheet

sheet = Sheet()
defect = sheet.defect


@defect("framing.json", pointer="")
def text_that_is_no_json(play: Play) -> None:
    play.raw("station", '[2,"m","Heartbeat",{}', media="text")


@defect("framing.json", pointer="")
def binary_that_is_no_json(play: Play) -> None:
    play.raw("station", base64.b64encode(b"\x00\xff").decode(), media="binary")


@defect("framing.binary", pointer="", axis="compatibility")
def message_in_a_binary_frame(play: Play) -> None:
    play.raw("station", base64.b64encode(b'[2,"m","Heartbeat",{}]').decode(), media="binary")


@defect("framing.structure", pointer="")
def object_instead_of_an_array(play: Play) -> None:
    play.raw("station", '{"messageTypeId":2}')


@defect("framing.structure", pointer="")
def call_without_payload(play: Play) -> None:
    play.raw("station", '[2,"m","Heartbeat"]')


@defect("framing.structure", pointer="/1")
def message_id_that_is_a_number(play: Play) -> None:
    play.raw("station", '[2,17,"Heartbeat",{}]')


@defect("framing.structure", pointer="/2", party="csms")
def result_with_an_array_as_payload(play: Play) -> None:
    play.call("station", "Heartbeat", {})
    play.raw("csms", '[3,"m1",[]]')


@defect("framing.message-type", pointer="/0")
def unknown_message_type(play: Play) -> None:
    play.raw("station", '[7,"m","Heartbeat",{}]')


@defect("framing.message-id", pointer="/1")
def message_id_of_40_characters(play: Play) -> None:
    play.station("Heartbeat", {}, {"currentTime": play.now()})
    message_id = play.call("station", "Heartbeat", {}, message_id="x" * 40)
    play.result(message_id, {"currentTime": play.now()})


@defect("framing.message-id-reused", pointer="/1")
def message_id_used_twice(play: Play) -> None:
    for status in ("Available", "Preparing"):
        told = {"connectorId": 1, "errorCode": "NoError", "status": status}
        if play.version != "1.6":
            told = {"timestamp": play.now(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
        play.result(play.call("station", "StatusNotification", told, message_id="same"), {})


@defect("framing.answer-without-call", pointer="/1", party="csms")
def answer_to_nothing(play: Play) -> None:
    play.raw("csms", '[3,"nobody-asked",{}]')


@defect("framing.answer-without-call", pointer="/1", party="csms")
def second_answer(play: Play) -> None:
    message_id = play.call("station", "Heartbeat", {})
    for _ in range(2):
        play.result(message_id, {"currentTime": play.now()})


@defect("framing.answer-without-call", pointer="/1")
def error_for_a_result(play: Play) -> None:
    message_id = play.call("station", "Heartbeat", {})
    play.result(message_id, {"currentTime": play.now()})
    play.raw("station", json.dumps([4, message_id, "FormatViolation", "", {}]))


@defect("framing.call-outstanding", pointer="/1", axis={"1.6": "compatibility"})
def two_calls_at_once(play: Play) -> None:
    first = play.call("station", "Heartbeat", {})
    second = play.call("station", "Heartbeat", {})
    play.result(first, {"currentTime": play.now()})
    play.result(second, {"currentTime": play.now()})


@defect("framing.size", pointer="", axis="compatibility")
def frame_of_100_kilobytes(play: Play) -> None:
    play.station("DataTransfer", {"vendorId": "org.example", "data": "x" * 100_000}, {"status": "Accepted"})


@defect("framing.error-code", pointer="/2", party="csms")
def error_code_of_no_table(play: Play) -> None:
    play.error(play.call("station", "DataTransfer", {"vendorId": "org.example"}), "Oops")


@defect("framing.error-code", pointer="/2", party="csms", axis="compatibility")
def error_code_of_the_other_version(play: Play) -> None:
    other = "FormatViolation" if play.version == "1.6" else "FormationViolation"
    play.error(play.call("station", "DataTransfer", {"vendorId": 5}), other)


@defect("framing.null-payload", pointer="/3", axis="compatibility")
def null_as_payload(play: Play) -> None:
    play.raw("station", '[2,"m","Heartbeat",null]')


@defect("framing.subprotocol", pointer="header:Sec-WebSocket-Protocol", party="csms", opened=False)
def subprotocol_that_was_not_offered(play: Play) -> None:
    play.open(subprotocols_offered=["ocpp1.6"], subprotocol="ocpp2.0.1")


@defect("framing.subprotocol", pointer="header:Sec-WebSocket-Protocol", party="csms", opened=False)
def connection_kept_open_without_a_version(play: Play) -> None:
    play.open(subprotocol="")
    play.wait(10)
    play.heartbeat()


@defect("framing.subprotocol", pointer="header:Sec-WebSocket-Protocol", opened=False)
def no_version_offered(play: Play) -> None:
    play.open(subprotocols_offered=[], subprotocol="")


@defect("timing.reconnect", pointer="", opened=False)
def five_attempts_in_a_second(play: Play) -> None:
    for _ in range(5):
        play.refused()
        play.wait(0.2)


# Schema


@defect("schema.request", pointer="/3")
def required_field_missing(play: Play) -> None:
    play.station("DataTransfer", {}, {"status": "Accepted"})


@defect("schema.request", pointer="/3/vendorId")
def field_too_long(play: Play) -> None:
    play.station("DataTransfer", {"vendorId": "x" * 256}, {"status": "Accepted"})


@defect("schema.response", pointer="/2/status", party="csms")
def value_outside_the_list(play: Play) -> None:
    play.station("DataTransfer", {"vendorId": "org.example"}, {"status": "Perhaps"})


@defect("schema.response", pointer="/2", party="csms", versions="1.6", opened=False)
def answer_logged_before_its_call(play: Play) -> None:
    play.raw("csms", '[3,"late",{"status":"Accepted"}]')
    told = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": play.now()}
    play.call("station", "StartTransaction", told, message_id="late")


@defect("schema.action", pointer="/2")
def action_of_no_version(play: Play) -> None:
    play.call("station", "Hello", {})


@defect("schema.action", pointer="/2")
def action_in_lower_case(play: Play) -> None:
    play.call("station", "heartbeat", {})


@defect("schema.direction", pointer="/2", party="csms")
def csms_that_boots(play: Play) -> None:
    play.call("csms", "Heartbeat", {})


# Format


def heartbeat_at(play: Play, time: str) -> None:
    play.station("Heartbeat", {}, {"currentTime": time})


@defect("format.timestamp", pointer="/2/currentTime", party="csms")
def timestamp_without_offset(play: Play) -> None:
    heartbeat_at(play, "2024-05-01T08:00:00")


@defect("format.timestamp", pointer="/2/currentTime", party="csms")
def timestamp_with_hours_only_in_its_offset(play: Play) -> None:
    heartbeat_at(play, "2024-05-01T08:00:00+02")


@defect("format.timestamp", pointer="/2/currentTime", party="csms")
def timestamp_on_a_day_that_is_not(play: Play) -> None:
    heartbeat_at(play, "2024-04-31T08:00:00Z")


@defect("format.timestamp", pointer="/2/currentTime", party="csms", opened=False)
def timestamp_in_an_answer_whose_call_is_not_in_the_log(play: Play) -> None:
    play.raw("csms", '[3,"826",{"currentTime":"2024-05-01T08:00:00.123456"}]')


@defect("format.timestamp-precision", pointer="/2/currentTime", party="csms", axis={"1.6": "compatibility"})
def timestamp_with_six_decimals(play: Play) -> None:
    heartbeat_at(play, "2024-05-01T08:00:01.123456Z")


@defect("format.timestamp-zone", pointer="/2/currentTime", party="csms", axis="compatibility")
def timestamp_not_in_utc(play: Play) -> None:
    heartbeat_at(play, "2024-05-01T10:00:01+02:00")


@defect("semantics.clock-not-set", pointer="/3/timestamp")
def timestamp_of_1970(play: Play) -> None:
    if play.version == "1.6":
        play.status("Available", timestamp="1970-01-01T00:00:23Z")
    else:
        play.status("Available", timestamp="1970-01-01T00:00:23Z")


@defect("format.empty-string", pointer="/3/chargePointVendor", axis="compatibility", versions="1.6")
def empty_vendor(play: Play) -> None:
    play.boot(chargePointVendor="")


@defect("format.empty-string", pointer="/3/chargingStation/firmwareVersion", axis="compatibility", versions="2.0.1")
def empty_firmware_version(play: Play) -> None:
    play.boot(chargingStation={"model": "M", "vendorName": "V", "serialNumber": "S", "firmwareVersion": ""})


@defect("format.placeholder", pointer="/3/info", axis="compatibility", versions="1.6")
def the_word_null(play: Play) -> None:
    play.status("Available", info="null")


@defect("format.placeholder", pointer="/3/chargingStation/serialNumber", axis="compatibility", versions="2.0.1")
def the_word_undefined(play: Play) -> None:
    play.boot(chargingStation={"model": "M", "vendorName": "V", "serialNumber": "undefined"})


@defect("format.embedded-json", pointer="/3/info", axis="compatibility", versions="1.6")
def json_in_text(play: Play) -> None:
    play.status("Preparing", info='{"reason":"plugged","v":0}')


@defect("format.embedded-json", pointer="/2/statusInfo/additionalInfo", axis="compatibility", versions="2.0.1")
def json_in_additional_info(play: Play) -> None:
    play.csms("ClearCache", {}, {"status": "Accepted", "statusInfo": {"reasonCode": "X", "additionalInfo": '{"a":1}'}})


@defect("format.number", pointer="/3/meterValue/0/sampledValue/0/value", versions="1.6")
def value_with_a_decimal_comma(play: Play) -> None:
    play.meter({"value": "12,5"}, transaction=None)


@defect("format.number", pointer="/3/meterValue/0/sampledValue/0/value", versions="1.6", axis="compatibility")
def value_with_an_exponent(play: Play) -> None:
    play.meter({"value": "1e3"}, transaction=None)


@defect("format.characters", pointer="/3/idTag", axis="compatibility", versions="1.6")
def id_tag_with_a_blank_at_its_end(play: Play) -> None:
    play.station("Authorize", {"idTag": "ABC "}, {"idTagInfo": {"status": "Accepted"}})


@defect("format.characters", pointer="/3/chargingStation/model", axis="compatibility", versions="2.0.1")
def model_with_a_letter_that_is_not_ascii(play: Play) -> None:
    play.boot(chargingStation={"model": "Säule", "vendorName": "V", "serialNumber": "S"})


@defect("format.identifier", pointer="/3/idToken/idToken", versions="2.0.1")
def token_with_a_blank(play: Play) -> None:
    play.station("Authorize", {"idToken": {"idToken": "A B", "type": "Central"}}, {"idTokenInfo": {"status": "Accepted"}})


@defect("format.address", pointer="/3/location", party="csms", versions="1.6")
def location_that_is_no_uri(play: Play) -> None:
    play.csms("GetDiagnostics", {"location": "uploads here"}, {})


@defect("format.address", pointer="/3/log/remoteLocation", party="csms", versions="2.0.1")
def remote_location_that_is_no_uri(play: Play) -> None:
    asked = {"logType": "DiagnosticsLog", "requestId": 1, "log": {"remoteLocation": "uploads here"}}
    play.csms("GetLog", asked, {"status": "Accepted"})


@defect(
    "semantics.limit",
    pointer=f"{PERIOD_16}/0/limit",
    party="csms",
    versions="1.6",
)
def negative_limit(play: Play) -> None:
    told = profile_16(schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": -6.0}]})
    play.csms("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": told}, {"status": "Accepted"})
