"""Plays with one thing wrong each: the order of things, and their time."""

from __future__ import annotations

from play import BOOT, Play, profile_16, profile_201
from sheet import Sheet

sheet = Sheet()
defect = sheet.defect

OK = {"status": "Accepted"}


def remote_start(play: Play, **more: object) -> tuple[str, dict]:
    if play.version == "1.6":
        return "RemoteStartTransaction", {"idTag": "T", "connectorId": 1, **more}
    return "RequestStartTransaction", {"remoteStartId": 3, "idToken": {"idToken": "T", "type": "Central"}, **more}


def availability(play: Play, **more: object) -> tuple[str, dict]:
    if play.version == "1.6":
        return "ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}
    return "ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}}


# Registration


@defect("sequence.boot-first", pointer="/2")
def call_while_the_boot_has_no_answer(play: Play) -> None:
    play.call("station", "BootNotification", BOOT[play.version])
    play.wait(10)
    play.call("station", "Heartbeat", {})


@defect("sequence.boot-first", pointer="/2")
def call_after_a_refused_boot(play: Play) -> None:
    play.error(play.call("station", "BootNotification", BOOT[play.version]), "InternalError")
    play.call("station", "Heartbeat", {})


@defect("sequence.boot-not-first", pointer="/2")
def heartbeat_before_the_boot(play: Play) -> None:
    play.heartbeat()
    play.boot()


@defect("sequence.pending-silence", pointer="/2")
def status_while_pending(play: Play) -> None:
    play.boot("Pending")
    play.call("station", "Heartbeat", {})


@defect("sequence.rejected-silence", pointer="/2")
def status_while_rejected(play: Play) -> None:
    play.boot("Rejected")
    play.call("station", "Heartbeat", {})


@defect("sequence.rejected-answer", pointer="")
def call_carried_out_while_rejected(play: Play) -> None:
    play.boot("Rejected")
    play.csms("ClearCache", {}, OK)


@defect("sequence.csms-before-accept", pointer="/2", party="csms", axis={"1.6": "compatibility"})
def csms_calls_whom_it_rejected(play: Play) -> None:
    play.boot("Rejected")
    play.call("csms", "ClearCache", {})


@defect("sequence.csms-before-accept", pointer="/2", party="csms", axis="compatibility")
def csms_calls_before_it_answers_the_boot(play: Play) -> None:
    message_id = play.call("station", "BootNotification", BOOT[play.version])
    play.csms("ClearCache", {}, OK)
    play.result(message_id, {"currentTime": play.now(), "interval": 300, "status": "Accepted"})


@defect("sequence.pending-remote", pointer="/2", party="csms")
def remote_start_while_pending(play: Play) -> None:
    play.boot("Pending")
    play.csms(*remote_start(play), {"status": "Rejected"})


@defect("sequence.pending-remote", pointer="/2/status", versions="2.0.1")
def remote_start_accepted_while_pending(play: Play) -> None:
    play.boot("Pending")
    play.csms(*remote_start(play), OK)


@defect("security.unregistered-call", pointer="", party="csms", axis={"1.6": "compatibility"})
def call_of_a_pending_station_answered(play: Play) -> None:
    play.boot("Pending")
    play.heartbeat()


@defect("timing.boot-retry", pointer="/2", axis={"1.6": "compatibility"})
def boot_again_too_soon(play: Play) -> None:
    play.boot("Pending", 60)
    play.wait(20)
    play.boot()


@defect("timing.boot-late", pointer="")
def no_boot_after_the_interval(play: Play) -> None:
    play.boot("Rejected", 60)
    play.wait(400)
    play.call("station", "BootNotification", BOOT[play.version])


@defect("sequence.trigger-boot", pointer="/3/requestedMessage", party="csms", versions="1.6")
def boot_triggered_though_accepted(play: Play) -> None:
    play.ready()
    play.csms("TriggerMessage", {"requestedMessage": "BootNotification"}, {"status": "Rejected"})


@defect("sequence.trigger-boot", pointer="/2/status", versions="2.0.1")
def trigger_to_boot_accepted(play: Play) -> None:
    play.ready()
    play.csms("TriggerMessage", {"requestedMessage": "BootNotification"}, OK)


# Timing


@defect("timing.answer", pointer="", party="csms")
def call_never_answered(play: Play) -> None:
    play.ready()
    play.call("station", "Heartbeat", {})
    play.wait(100)
    play.heartbeat()


@defect("timing.slow-answer", pointer="", party="csms", axis="compatibility")
def answer_after_45_seconds(play: Play) -> None:
    play.ready()
    message_id = play.call("station", "Heartbeat", {})
    play.wait(45)
    play.result(message_id, {"currentTime": play.now()})


@defect("timing.heartbeat", pointer="", axis={"1.6": "compatibility"})
def no_heartbeat_for_two_intervals(play: Play) -> None:
    play.ready()
    play.wait(900)
    play.heartbeat()


@defect("timing.status-after-boot", pointer="")
def no_status_after_the_boot(play: Play) -> None:
    play.boot()
    play.wait(120)
    play.heartbeat()


@defect("timing.trigger", pointer="", axis={"1.6": "compatibility"})
def trigger_accepted_and_nothing_sent(play: Play) -> None:
    play.ready()
    play.csms("TriggerMessage", {"requestedMessage": "MeterValues"}, OK)
    play.wait(120)
    play.heartbeat()


@defect("timing.report", pointer="", versions="2.0.1")
def report_accepted_and_not_sent(play: Play) -> None:
    play.ready()
    play.csms("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}, OK)
    play.wait(120)
    play.heartbeat()


# Transactions of 1.6


@defect("sequence.transaction-unknown", pointer="/3/transactionId", versions="1.6")
def meter_values_of_another_transaction(play: Play) -> None:
    play.ready()
    play.start(7)
    play.meter({"value": "1001"}, transaction=8)


@defect("sequence.transaction-unknown", pointer="/3/transactionId", versions="1.6")
def stop_of_another_transaction(play: Play) -> None:
    play.ready()
    play.start(7)
    play.stop(8)


@defect("sequence.transaction-stopped", pointer="/3/transactionId", versions="1.6")
def second_stop(play: Play) -> None:
    play.ready()
    play.start()
    play.stop()
    play.stop()


@defect("sequence.transaction-stopped", pointer="/3/transactionId", versions="1.6")
def meter_values_after_the_stop(play: Play) -> None:
    play.ready()
    play.start()
    play.stop()
    play.meter({"value": "2000"})


@defect("sequence.transaction-on-transaction", pointer="/3/connectorId", versions="1.6")
def second_start_on_a_connector(play: Play) -> None:
    play.ready()
    play.start(7)
    play.start(8, meter=1100)


@defect("sequence.authorize-to-stop", pointer="/3/idTag", versions="1.6")
def authorize_for_the_same_token_before_the_stop(play: Play) -> None:
    play.ready()
    play.start()
    play.wait(600)
    play.station("Authorize", {"idTag": "TAG1"}, {"idTagInfo": OK})
    play.stop(idTag="TAG1")


# Transactions of 2.0.1


@defect("sequence.transaction-event-type", pointer="/3/eventType", versions="2.0.1")
def first_event_is_not_started(play: Play) -> None:
    play.ready()
    play.event("Updated", 0)


@defect("sequence.transaction-event-type", pointer="/3/eventType", versions="2.0.1")
def event_after_the_end(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Ended", 1)
    play.event("Updated", 2)


@defect("sequence.transaction-event-type", pointer="/3/eventType", versions="2.0.1")
def started_twice(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Started", 1)


@defect("sequence.sequence-number", pointer="/3/seqNo", versions="2.0.1")
def sequence_number_left_out(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Updated", 2)


@defect("sequence.sequence-number", pointer="/3/seqNo", versions="2.0.1")
def sequence_number_used_twice(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Updated", 1)
    play.event("Updated", 1, "ChargingStateChanged", chargingState="Idle")


@defect("sequence.one-transaction-on-evse", pointer="/3/evse/id", versions="2.0.1")
def second_transaction_on_an_evse(play: Play) -> None:
    play.ready()
    play.event("Started", 0, evse={"id": 1, "connectorId": 1})
    play.event("Started", 0, evse={"id": 1, "connectorId": 2}, transactionId="T2")


@defect("sequence.authorize-to-end", pointer="/3/idToken", versions="2.0.1")
def authorize_for_the_same_token_before_the_end(play: Play) -> None:
    play.ready()
    token = {"idToken": "TAG1", "type": "Central"}
    info = {"idTokenInfo": OK}
    play.event("Started", 0, "Authorized", idToken=token, answer=info)
    play.wait(600)
    play.station("Authorize", {"idToken": token}, info)
    play.event("Ended", 1, "StopAuthorized", idToken=token, answer=info)


@defect("sequence.report-parts", pointer="/3/seqNo", versions="2.0.1")
def report_with_a_part_missing(play: Play) -> None:
    play.ready()
    play.csms("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}, OK)
    for number, more in ((0, True), (2, False)):
        play.station("NotifyReport", {"requestId": 1, "generatedAt": play.now(), "seqNo": number, "tbc": more})


@defect("sequence.report-parts", pointer="/3/seqNo", versions="2.0.1")
def report_that_begins_at_one(play: Play) -> None:
    play.ready()
    play.station("NotifyReport", {"requestId": 1, "generatedAt": play.now(), "seqNo": 1})


# The rest


@defect("sequence.status-transition", pointer="/3/status", axis="compatibility", versions="1.6")
def from_finishing_to_charging(play: Play) -> None:
    play.ready()
    for status in ("Preparing", "Charging", "Finishing", "Charging"):
        play.status(status)


@defect("sequence.idle-unasked", pointer="/3/status", versions="1.6")
def idle_firmware_without_a_trigger(play: Play) -> None:
    play.ready()
    play.station("FirmwareStatusNotification", {"status": "Idle"})


@defect(
    "sequence.profile-for-ended",
    pointer="/3/csChargingProfiles/transactionId",
    party="csms",
    axis="compatibility",
    versions="1.6",
)
def profile_for_a_transaction_that_ended(play: Play) -> None:
    play.ready()
    play.start()
    play.stop()
    told = profile_16(chargingProfilePurpose="TxProfile", transactionId=7)
    play.csms("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": told}, {"status": "Rejected"})


@defect(
    "sequence.profile-for-ended",
    pointer="/3/chargingProfile/transactionId",
    party="csms",
    axis="compatibility",
    versions="2.0.1",
)
def profile_for_a_transaction_that_has_ended(play: Play) -> None:
    play.ready()
    play.event("Started", 0)
    play.event("Ended", 1)
    told = profile_201(chargingProfilePurpose="TxProfile", transactionId="T1")
    play.csms("SetChargingProfile", {"evseId": 1, "chargingProfile": told}, {"status": "Rejected"})


@defect("sequence.profile-clash", pointer="/3/chargingProfile/stackLevel", party="csms", versions="2.0.1")
def two_profiles_at_one_level(play: Play) -> None:
    play.ready()
    for number in (1, 2):
        play.csms("SetChargingProfile", {"evseId": 1, "chargingProfile": profile_201(id=number)}, OK)
