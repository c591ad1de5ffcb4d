"""Plays with one thing wrong each: what messages mean, alone and beside each other."""

from __future__ import annotations

from typing import Any

from defects_course import OK, availability, remote_start
from play import BOOT, PERIOD_16, PERIOD_201, SCHEDULE_16, SCHEDULE_201, Play, profile_16, profile_201
from sheet import Sheet

sheet = Sheet()
defect = sheet.defect

SAMPLE = "/3/meterValue/0/sampledValue/0"


def sample(
    play: Play, value: float, measurand: str = "Energy.Active.Import.Register", unit: str | None = "Wh", **more: Any
) -> dict:
    if play.version == "1.6":
        told: dict[str, Any] = {"value": f"{value:g}", "measurand": measurand, **more}
        if unit:
            told["unit"] = unit
    else:
        told = {"value": value, "measurand": measurand, **more}
        if unit:
            told["unitOfMeasure"] = {"unit": unit}
    return told


# Registration


@defect("semantics.boot-interval", pointer="/2/interval", party="csms")
def negative_interval(play: Play) -> None:
    play.boot(interval=-1)


@defect("semantics.boot-refused", pointer="/2", party="csms")
def boot_answered_with_an_error(play: Play) -> None:
    play.error(play.call("station", "BootNotification", BOOT[play.version]), "InternalError")


@defect("semantics.boot-identity", pointer="/3/chargePointSerialNumber", axis="compatibility", versions="1.6")
def boot_without_a_serial_number(play: Play) -> None:
    answer = {"currentTime": play.now(), "interval": 300, "status": "Accepted"}
    play.station("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}, answer)


@defect("semantics.boot-identity", pointer="/3/chargingStation/serialNumber", axis="compatibility", versions="2.0.1")
def boot_without_serial_number(play: Play) -> None:
    play.boot(chargingStation={"model": "M", "vendorName": "V"})


# Meter values


@defect("semantics.unit", pointer=f"{SAMPLE}/unit", versions="1.6")
def power_in_watt_hours(play: Play) -> None:
    play.meter(sample(play, 3000, "Power.Active.Import", "Wh"))


@defect("semantics.unit", pointer=f"{SAMPLE}/unitOfMeasure/unit", versions="2.0.1")
def power_in_wh(play: Play) -> None:
    play.meter(sample(play, 3000, "Power.Active.Import", "Wh"))


@defect("semantics.unit-missing", pointer=f"{SAMPLE}/unit", axis="compatibility", versions="1.6")
def power_without_a_unit(play: Play) -> None:
    play.meter(sample(play, 3000, "Power.Active.Import", None))


@defect("semantics.unit-missing", pointer=f"{SAMPLE}/unitOfMeasure/unit", axis="compatibility", versions="2.0.1")
def voltage_without_a_unit(play: Play) -> None:
    play.meter(sample(play, 230, "Voltage", None))


@defect("semantics.celsius", pointer=f"{SAMPLE}/unit", axis="compatibility", versions="1.6")
def celsius_spelled_well(play: Play) -> None:
    play.meter(sample(play, 32, "Temperature", "Celsius"))


@defect("semantics.register-decreases", pointer=f"{SAMPLE}/value")
def register_that_goes_back(play: Play) -> None:
    for value in (5000, 5100, 5050):
        play.meter(sample(play, value))
        play.wait(60)


@defect("semantics.register-decreases", pointer=f"{SAMPLE}/value")
def export_register_that_goes_back(play: Play) -> None:
    for value in (5000, 4000):
        play.meter(sample(play, value, "Energy.Active.Export.Register"))
        play.wait(60)


@defect("semantics.energy-without-power", pointer="/3/meterValue/0")
def kilowatt_hours_called_watt_hours(play: Play) -> None:
    for minute in range(4):
        play.meter(sample(play, 5 + minute * 0.18), sample(play, 11000, "Power.Active.Import", "W"))
        play.wait(60)


@defect("semantics.sample-range", pointer=f"{SAMPLE}/value")
def state_of_charge_above_100(play: Play) -> None:
    play.meter(sample(play, 5400, "SoC", "Percent"))


@defect("semantics.sample-range", pointer=f"{SAMPLE}/value")
def power_factor_above_one(play: Play) -> None:
    play.meter(sample(play, 98, "Power.Factor", None))


@defect("semantics.sample-without-transaction", pointer=f"{SAMPLE}/context", axis="compatibility", versions="1.6")
def periodic_sample_without_a_transaction(play: Play) -> None:
    play.meter(sample(play, 3000, "Power.Active.Import", "W", context="Sample.Periodic"), transaction=None)


# Transactions


@defect("semantics.meter-stop", pointer="/3/meterStop", versions="1.6")
def meter_stop_below_meter_start(play: Play) -> None:
    play.ready()
    play.start(meter=1000)
    play.stop(meter=900)


@defect("semantics.meter-stop", pointer="/3/meterStop", versions="1.6")
def meter_stop_below_the_last_sample(play: Play) -> None:
    play.ready()
    play.start(meter=1000)
    play.meter(sample(play, 1500))
    play.stop(meter=1400)


@defect("semantics.stop-before-start", pointer="/3/timestamp", versions="1.6")
def stop_an_hour_before_the_start(play: Play) -> None:
    play.ready()
    play.start()
    play.stop(timestamp=play.now(-3600))


@defect("semantics.id-tag-is-reason", pointer="/3/idTag", axis="compatibility", versions="1.6")
def reason_in_the_id_tag(play: Play) -> None:
    play.ready()
    play.start()
    play.stop(idTag="PowerLoss")


@defect("semantics.stop-reason", pointer="/3", versions="1.6")
def remote_stop_without_a_reason(play: Play) -> None:
    play.ready()
    play.start()
    play.csms("RemoteStopTransaction", {"transactionId": 7}, OK)
    play.stop()


@defect("semantics.transaction-id", pointer="/2/transactionId", party="csms", versions="1.6")
def transaction_id_of_one_that_goes_on(play: Play) -> None:
    play.ready()
    play.start(7)
    play.start(7, connector=2)


@defect("semantics.transaction-id", pointer="/2/transactionId", party="csms", versions="1.6")
def transaction_id_minus_one(play: Play) -> None:
    play.ready()
    play.start(-1)


@defect("semantics.transaction-id-reused", pointer="/3/transactionInfo/transactionId", versions="2.0.1")
def transaction_id_used_again(play: Play) -> None:
    play.ready()
    for _ in range(2):
        play.event("Started", 0)
        play.event("Ended", 1)
        play.wait(60)


@defect("semantics.event-order", pointer="/3/timestamp", versions="2.0.1")
def event_from_before_the_last(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Updated", 1, timestamp=play.now(-600))


@defect("semantics.evse-missing", pointer="/3", versions="2.0.1")
def charging_at_no_evse(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Updated", 1, "ChargingStateChanged", chargingState="Charging")


@defect("semantics.evse-missing", pointer="/3/evse", versions="2.0.1")
def charging_at_no_connector(play: Play) -> None:
    play.ready()
    play.event("Started", 0, "CablePluggedIn", chargingState="EVConnected", evse={"id": 1})


@defect("semantics.stopped-reason", pointer="/3/transactionInfo", versions="2.0.1")
def remote_stop_without_a_stopped_reason(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Ended", 1, "RemoteStop")


@defect("semantics.charging-state", pointer="/3/transactionInfo", versions="2.0.1")
def charging_state_that_is_not_told(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Updated", 1, "ChargingStateChanged")


@defect("semantics.remote-start-id", pointer="/3/transactionInfo", versions="2.0.1")
def remote_start_without_its_id(play: Play) -> None:
    play.ready()
    play.event("Started", 0, "RemoteStart")


@defect("semantics.remote-start-id", pointer="/3/transactionInfo/remoteStartId", versions="2.0.1")
def remote_start_with_another_id(play: Play) -> None:
    play.ready()
    play.csms(*remote_start(play), OK)
    play.event("Started", 0, "RemoteStart", remoteStartId=99)


@defect("semantics.id-token-info", pointer="/2", party="csms", versions="2.0.1")
def token_without_an_answer(play: Play) -> None:
    play.ready()
    play.event("Started", 0, "Authorized", idToken={"idToken": "T", "type": "Central"})


@defect("semantics.offline-flag", pointer="/3", versions="2.0.1")
def offline_event_not_marked(play: Play) -> None:
    play.ready()
    play.close()
    play.wait(300)
    play.open()
    play.event("Started", 0, timestamp=play.now(-150))


# Status


@defect("semantics.status-of-station", pointer="/3/status", versions="1.6")
def station_that_charges(play: Play) -> None:
    play.status("Charging", 0)


@defect("semantics.status-of-station", pointer="/3/connectorId", versions="2.0.1")
def connector_zero(play: Play) -> None:
    play.status("Available", 0)


@defect("semantics.status-error", pointer="/3/errorCode", versions="1.6")
def communication_error_while_available(play: Play) -> None:
    play.status("Available", errorCode="EVCommunicationError")


@defect("semantics.status-error", pointer="/3/errorCode", axis="compatibility", versions="1.6")
def fault_without_an_error(play: Play) -> None:
    play.status("Faulted")


# Charging profiles


def set_profile(play: Play, place: int = 1, **more: Any) -> None:
    if play.version == "1.6":
        told = {"connectorId": place, "csChargingProfiles": profile_16(**more)}
    else:
        told = {"evseId": place, "chargingProfile": profile_201(**more)}
    play.csms("SetChargingProfile", told, OK)


@defect("semantics.profile-transaction", pointer="/3/csChargingProfiles", party="csms", axis="compatibility", versions="1.6")
def tx_profile_without_a_transaction(play: Play) -> None:
    set_profile(play, chargingProfilePurpose="TxProfile")


@defect("semantics.profile-transaction", pointer="/3/chargingProfile", party="csms", versions="2.0.1")
def tx_profile_without_transaction(play: Play) -> None:
    set_profile(play, chargingProfilePurpose="TxProfile")


@defect("semantics.profile-transaction", pointer="/3/connectorId", party="csms", versions="1.6")
def tx_profile_for_the_station(play: Play) -> None:
    set_profile(play, 0, chargingProfilePurpose="TxProfile", transactionId=7)


@defect("semantics.profile-remote-start", pointer="/3/chargingProfile/chargingProfilePurpose", party="csms")
def remote_start_with_a_default_profile(play: Play) -> None:
    profile = profile_16() if play.version == "1.6" else profile_201()
    play.csms(*remote_start(play, chargingProfile=profile), OK)


@defect("semantics.profile-remote-start", pointer="/3/chargingProfile/transactionId", party="csms", versions="2.0.1")
def remote_start_with_a_transaction(play: Play) -> None:
    profile = profile_201(chargingProfilePurpose="TxProfile", transactionId="T1")
    play.csms(*remote_start(play, chargingProfile=profile), OK)


@defect("semantics.profile-whole-station", pointer="/3/connectorId", party="csms", versions="1.6")
def station_limit_on_a_connector(play: Play) -> None:
    set_profile(play, 1, chargingProfilePurpose="ChargePointMaxProfile")


@defect("semantics.profile-whole-station", pointer="/3/chargingProfile/chargingProfileKind", party="csms", versions="2.0.1")
def relative_station_limit(play: Play) -> None:
    set_profile(play, 0, chargingProfilePurpose="ChargingStationMaxProfile")


@defect(
    "semantics.profile-start",
    pointer=SCHEDULE_16,
    party="csms",
    axis="compatibility",
    versions="1.6",
)
def absolute_schedule_without_a_start(play: Play) -> None:
    set_profile(play, chargingProfileKind="Absolute")


@defect("semantics.profile-start", pointer=SCHEDULE_201, party="csms", versions="2.0.1")
def absolute_schedule_without_start(play: Play) -> None:
    set_profile(play, chargingProfileKind="Absolute")


@defect("semantics.profile-start", pointer=f"{SCHEDULE_201}/startSchedule", party="csms", versions="2.0.1")
def relative_schedule_with_a_start(play: Play) -> None:
    set_profile(play, schedule={"startSchedule": play.now()})


def periods(*starts: int) -> dict[str, Any]:
    return {"chargingSchedulePeriod": [{"startPeriod": start, "limit": 16.0} for start in starts]}


@defect(
    "semantics.profile-periods",
    pointer=f"{PERIOD_16}/0/startPeriod",
    party="csms",
    versions="1.6",
)
def first_period_after_the_start(play: Play) -> None:
    set_profile(play, schedule=periods(60))


@defect(
    "semantics.profile-periods",
    pointer=f"{PERIOD_201}/2/startPeriod",
    party="csms",
    versions="2.0.1",
)
def periods_out_of_order(play: Play) -> None:
    set_profile(play, schedule=periods(0, 120, 60))


@defect(
    "semantics.limit",
    pointer=f"{PERIOD_201}/0/limit",
    party="csms",
    versions="2.0.1",
)
def limit_with_two_decimals(play: Play) -> None:
    set_profile(play, schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.25}]})


@defect(
    "semantics.zero-limit",
    pointer=f"{PERIOD_16}/0/limit",
    party="csms",
    axis="compatibility",
    versions="1.6",
)
def limit_of_zero(play: Play) -> None:
    set_profile(play, schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 0}]})


@defect(
    "semantics.limit-unit",
    pointer=f"{PERIOD_16}/0/limit",
    party="csms",
    axis="compatibility",
    versions="1.6",
)
def sixteen_watts(play: Play) -> None:
    set_profile(play, schedule={"chargingRateUnit": "W"})


@defect(
    "semantics.profile-phases",
    pointer=f"{PERIOD_201}/0/phaseToUse",
    party="csms",
    versions="2.0.1",
)
def phase_to_use_with_three_phases(play: Play) -> None:
    set_profile(
        play, schedule={"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0, "numberPhases": 3, "phaseToUse": 2}]}
    )


@defect("semantics.profile-stack-level", pointer="/3/csChargingProfiles/stackLevel", party="csms", versions="1.6")
def negative_stack_level(play: Play) -> None:
    set_profile(play, stackLevel=-1)


@defect("semantics.profile-stack-level", pointer="/3/chargingProfile/validTo", party="csms", versions="2.0.1")
def valid_until_before_valid_from(play: Play) -> None:
    set_profile(play, validFrom=play.now(), validTo=play.now(-60))


@defect("semantics.profile-schedules", pointer="/3/chargingProfile/chargingSchedule", party="csms", versions="2.0.1")
def default_profile_with_two_schedules(play: Play) -> None:
    profile = profile_201()
    set_profile(play, chargingSchedule=profile["chargingSchedule"] * 2)


@defect("semantics.composite-schedule", pointer="/2", versions="1.6")
def composite_schedule_that_is_not_there(play: Play) -> None:
    play.csms("GetCompositeSchedule", {"connectorId": 1, "duration": 600}, OK)


@defect("semantics.composite-schedule", pointer="/2/schedule/chargingSchedulePeriod/0/startPeriod", versions="2.0.1")
def composite_schedule_that_begins_late(play: Play) -> None:
    schedule = {"evseId": 1, "duration": 600, "scheduleStart": play.now(), "chargingRateUnit": "A", **periods(60)}
    play.csms("GetCompositeSchedule", {"evseId": 1, "duration": 600}, {**OK, "schedule": schedule})


# Answers


@defect("semantics.error-for-valid", pointer="/2", party="csms")
def good_call_refused_as_malformed(play: Play) -> None:
    play.error(play.call("station", "Heartbeat", {}), "TypeConstraintViolation")


@defect("semantics.not-implemented", pointer="/2", party="csms")
def heartbeat_not_implemented(play: Play) -> None:
    play.error(play.call("station", "Heartbeat", {}), "NotImplemented")


@defect("semantics.keys-unanswered", pointer="/2", versions="1.6")
def key_that_is_neither_known_nor_unknown(play: Play) -> None:
    play.csms("GetConfiguration", {"key": ["HeartbeatInterval", "Nonsense"]}, {"unknownKey": ["Nonsense"]})


@defect("semantics.keys-unanswered", pointer="/2/getVariableResult", versions="2.0.1")
def variable_without_a_result(play: Play) -> None:
    asked = {"component": {"name": "A"}, "variable": {"name": "B"}}
    given = {**asked, "attributeStatus": "UnknownComponent"}
    play.csms("GetVariables", {"getVariableData": [asked, asked]}, {"getVariableResult": [given]})


@defect("semantics.unknown-vendor", pointer="/2/data", party="csms", versions="1.6")
def unknown_vendor_with_data(play: Play) -> None:
    play.station("DataTransfer", {"vendorId": "org.example"}, {"status": "UnknownVendorId", "data": "?"})


@defect("semantics.availability", pointer="/2/status", versions="1.6")
def unavailable_at_once_in_a_transaction(play: Play) -> None:
    play.ready()
    play.start()
    play.csms(*availability(play), OK)


@defect("semantics.availability", pointer="/2/status", versions="2.0.1")
def unavailable_at_once_while_charging(play: Play) -> None:
    play.ready()
    play.event("Started", 0, evse={"id": 1, "connectorId": 1})
    play.csms(*availability(play), OK)


@defect("semantics.local-list", pointer="/3/listVersion", party="csms", versions="1.6")
def local_list_of_version_zero(play: Play) -> None:
    play.csms("SendLocalList", {"listVersion": 0, "updateType": "Full"}, OK)


@defect("semantics.local-list", pointer="/3/localAuthorizationList/1", party="csms", versions="2.0.1")
def local_list_with_a_token_twice(play: Play) -> None:
    entry = {"idToken": {"idToken": "T", "type": "Central"}, "idTokenInfo": OK}
    told = {"versionNumber": 1, "updateType": "Full", "localAuthorizationList": [entry, entry]}
    play.csms("SendLocalList", told, OK)


@defect("semantics.token-case", pointer="/2/idTagInfo/status", party="csms", versions="1.6")
def tag_that_is_another_in_lower_case(play: Play) -> None:
    for tag, status in (("ABCD", "Accepted"), ("abcd", "Invalid")):
        play.station("Authorize", {"idTag": tag}, {"idTagInfo": {"status": status}})


@defect("semantics.token-case", pointer="/2/idTokenInfo/status", party="csms", versions="2.0.1")
def token_that_is_another_in_lower_case(play: Play) -> None:
    for token, status in (("ABCD", "Accepted"), ("abcd", "Unknown")):
        play.station("Authorize", {"idToken": {"idToken": token, "type": "Central"}}, {"idTokenInfo": {"status": status}})


# Clocks


@defect("semantics.csms-clock", pointer="/2/currentTime", party="csms")
def time_that_stands_still(play: Play) -> None:
    time = play.now()
    for _ in range(2):
        play.station("Heartbeat", {}, {"currentTime": time})
        play.wait(300)


@defect("semantics.station-clock", pointer="/3/timestamp", axis="compatibility")
def status_from_the_future(play: Play) -> None:
    play.boot()
    play.status("Available", timestamp=play.now(7200))
