"""The operations of the Core profile (chapter 5)."""

import asyncio

import pytest
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.station.config import EvseConfig

pytestmark = pytest.mark.anyio

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


# Availability


async def test_an_idle_connector_becomes_unavailable_and_available(station, csms):
    assert await csms.call("ChangeAvailability", connectorId=1, type="Inoperative") == ACCEPTED
    assert csms.actions == ["ChangeAvailability.conf", "StatusNotification"]
    assert await csms.call("ChangeAvailability", connectorId=1, type="Inoperative") == ACCEPTED
    assert await csms.call("ChangeAvailability", connectorId=1, type="Operative") == ACCEPTED
    assert (csms.told(0), csms.told(1)) == ([], ["Unavailable", "Available"])


async def test_an_unavailable_connector_does_not_charge(station, csms):
    await csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(2)
    assert csms.told(1) == ["Unavailable"]
    assert "StartTransaction" not in csms.actions
    assert await csms.call("RemoteStartTransaction", idTag="TAG1", connectorId=1) == REJECTED


async def test_the_charge_point_takes_its_connectors_along(start, csms):
    await start(connectors=2)
    csms.forget()
    assert await csms.call("ChangeAvailability", connectorId=0, type="Inoperative") == ACCEPTED
    assert await csms.call("ChangeAvailability", connectorId=2, type="Operative") == ACCEPTED
    assert await csms.call("ChangeAvailability", connectorId=0, type="Operative") == ACCEPTED
    assert csms.told(0) == csms.told(1) == ["Unavailable", "Available"]
    assert csms.told(2) == ["Unavailable", "Available"]


async def test_a_change_waits_for_the_transaction(start, csms):
    station = await start(connectors=2)
    await station.plug_in(2)
    await station.present_token("TAG1", evse=2)
    await asyncio.sleep(1)
    csms.forget()
    assert await csms.call("ChangeAvailability", connectorId=0, type="Inoperative") == {"status": "Scheduled"}
    assert (csms.told(0), csms.told(1), csms.told(2)) == ([], ["Unavailable"], [])
    await station.press_stop(2)
    await asyncio.sleep(1)
    assert (csms.told(0), csms.told(2)) == (["Unavailable"], ["Finishing"])
    await station.unplug(2)
    await asyncio.sleep(1)
    assert csms.told(2) == ["Finishing", "Unavailable"]


async def test_unavailability_outlives_a_power_cycle(station, csms):
    await csms.call("ChangeAvailability", connectorId=0, type="Inoperative")
    csms.forget()
    await station.power_cycle()
    await asyncio.sleep(2)
    assert (csms.told(0), csms.told(1)) == (["Unavailable"], ["Unavailable"])


async def test_an_unknown_connector_changes_nothing(station, csms):
    assert await csms.call("ChangeAvailability", connectorId=2, type="Inoperative") == REJECTED


# Configuration


async def test_the_supported_feature_profiles_are_told(station, csms):
    answer = await csms.call("GetConfiguration", key=["SupportedFeatureProfiles", "NoSuchKey"])
    assert answer["configurationKey"][0]["value"] == "Core,LocalAuthListManagement,SmartCharging,RemoteTrigger"
    assert answer["unknownKey"] == ["NoSuchKey"]


async def test_all_keys_are_told_when_none_is_named(station, csms):
    for request in ({}, {"key": []}):
        answer = await csms.call("GetConfiguration", **request)
        assert len(answer["configurationKey"]) > 40
        assert "unknownKey" not in answer


async def test_too_many_keys_are_refused(start, csms):
    await start(GetConfigurationMaxKeys=2)
    with pytest.raises(CallRefused, match="GetConfigurationMaxKeys"):
        await csms.call("GetConfiguration", key=["A", "B", "C"])


async def test_a_key_that_needs_a_reboot_is_in_effect_after_it(station, csms):
    answer = await csms.call("ChangeConfiguration", key="WebSocketPingInterval", value="44")
    assert answer == {"status": "RebootRequired"}
    await csms.call("Reset", type="Soft")
    await asyncio.sleep(5)
    assert [each.ping_interval_s for each in csms.profiles] == [0, 44]


async def test_a_message_timeout_counts_from_the_next_connection(station, csms):
    assert await csms.call("ChangeConfiguration", key="MessageTimeout", value="5") == ACCEPTED
    await csms.lose()
    csms.reachable = True
    await asyncio.sleep(30)
    assert csms.profiles[-1].message_timeout_s == 5


# Data transfer


@pytest.mark.parametrize(("vendor", "status"), [("com.example", "UnknownVendorId"), ("V2X", "UnknownMessageId")])
async def test_data_of_others_is_not_understood(station, csms, vendor, status):
    assert await csms.call("DataTransfer", vendorId=vendor, messageId="x", data="y") == {"status": status}


# Remote start and stop


async def test_a_remote_start_waits_for_the_vehicle(station, csms):
    assert await csms.call("RemoteStartTransaction", idTag="APP1", connectorId=1) == ACCEPTED
    await asyncio.sleep(1)
    assert csms.actions == ["RemoteStartTransaction.conf", "Authorize", "StatusNotification"]
    await station.plug_in()
    await asyncio.sleep(1)
    assert csms.sent("StartTransaction")[0]["idTag"] == "APP1"
    assert csms.told(1) == ["Preparing", "Charging"]


async def test_a_remote_start_need_not_be_authorized(start, csms):
    station = await start(AuthorizeRemoteTxRequests=False)
    await station.plug_in()
    csms.forget()
    await csms.call("RemoteStartTransaction", idTag="APP1", connectorId=1)
    await asyncio.sleep(1)
    assert "Authorize" not in csms.actions
    assert csms.told(1)[-1] == "Charging"


async def test_a_remote_start_for_an_invalid_identifier_starts_nothing(station, csms):
    csms.tags["BAD"] = {"status": "Blocked"}
    await station.plug_in()
    assert await csms.call("RemoteStartTransaction", idTag="BAD") == ACCEPTED
    await asyncio.sleep(5)
    assert "StartTransaction" not in csms.actions


async def test_a_remote_start_times_out_without_a_vehicle(start, csms):
    await start(ConnectionTimeOut=15)
    csms.forget()
    await csms.call("RemoteStartTransaction", idTag="APP1")
    await asyncio.sleep(20)
    assert csms.told(1) == ["Preparing", "Available"]


async def test_without_a_connector_the_one_with_a_vehicle_is_taken(start, csms):
    station = await start(connectors=3)
    await station.plug_in(2)
    assert await csms.call("RemoteStartTransaction", idTag="APP1") == ACCEPTED
    await asyncio.sleep(1)
    assert csms.sent("StartTransaction")[0]["connectorId"] == 2


@pytest.mark.parametrize("connector", [0, 2, 99])
async def test_a_connector_that_is_not_there_starts_nothing(station, csms, connector):
    assert await csms.call("RemoteStartTransaction", idTag="APP1", connectorId=connector) == REJECTED


async def test_a_connector_in_use_starts_nothing(charging, csms):
    assert await csms.call("RemoteStartTransaction", idTag="APP1", connectorId=1) == REJECTED
    assert await csms.call("RemoteStartTransaction", idTag="APP1") == REJECTED


async def test_a_faulted_connector_starts_nothing(station, csms):
    await station.set_fault()
    assert await csms.call("RemoteStartTransaction", idTag="APP1", connectorId=1) == REJECTED


async def test_a_remote_stop_stops(charging, csms):
    assert await csms.call("RemoteStopTransaction", transactionId=1) == ACCEPTED
    await asyncio.sleep(1)
    assert csms.actions[0] == "RemoteStopTransaction.conf"
    stop = csms.sent("StopTransaction")[0]
    assert (stop["reason"], stop["transactionId"], "idTag" in stop) == ("Remote", 1, False)
    assert csms.told(1) == ["Finishing"]
    assert not charging.hardware.evses[1].connectors[1].locked


@pytest.mark.parametrize("transaction", [0, -1, 2])
async def test_an_unknown_transaction_is_not_stopped(charging, csms, transaction):
    assert await csms.call("RemoteStopTransaction", transactionId=transaction) == REJECTED


# Reset and unlock


@pytest.mark.parametrize("kind", ["Soft", "Hard"])
async def test_a_reset_stops_and_tells_before_it_reboots(charging, csms, kind):
    assert await csms.call("Reset", type=kind) == ACCEPTED
    await asyncio.sleep(10)
    said = [action for action in csms.actions if action != "StatusNotification"]
    assert said == ["Reset.conf", "StopTransaction", "BootNotification"]
    assert csms.sent("StopTransaction")[0]["reason"] == f"{kind}Reset"


async def test_a_stop_that_cannot_be_told_before_a_reset_is_told_after_it(start, csms):
    station = await start(MessageTimeout=5, TransactionMessageRetryInterval=1, MeterValueSampleInterval=0)
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    csms.forget()
    csms.answers["StopTransaction"] = {"no answer": True}
    await csms.call("Reset", type="Hard")
    await asyncio.sleep(4)
    csms.answers.clear()
    await asyncio.sleep(60)
    said = [action for action in csms.actions if action != "StatusNotification"]
    assert said == ["Reset.conf", "StopTransaction", "BootNotification", "StopTransaction"]


async def test_a_local_reset_says_reboot(charging, csms):
    await charging.local_reset()
    await asyncio.sleep(10)
    assert csms.sent("StopTransaction")[0]["reason"] == "Reboot"
    assert "BootNotification" in csms.actions


async def test_unlocking_ends_the_transaction_first(charging, csms):
    assert await csms.call("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    await asyncio.sleep(1)
    assert csms.sent("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert not charging.hardware.evses[1].connectors[1].locked


async def test_a_jammed_lock_fails_to_unlock(station, csms):
    await station.jam_lock()
    assert await csms.call("UnlockConnector", connectorId=1) == {"status": "UnlockFailed"}


async def test_what_has_no_lock_cannot_be_unlocked(start, csms):
    await start(evses=(EvseConfig(tethered=True),))
    for connector in (0, 1, 2):
        assert await csms.call("UnlockConnector", connectorId=connector) == {"status": "NotSupported"}


# What is not there


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ReserveNow", {"connectorId": 1, "expiryDate": "2030-01-01T00:00:00Z", "idTag": "A", "reservationId": 1}),
        ("CancelReservation", {"reservationId": 1}),
        ("GetDiagnostics", {"location": "ftp://example.com"}),
        ("UpdateFirmware", {"location": "ftp://example.com", "retrieveDate": "2030-01-01T00:00:00Z"}),
        ("GetLog", {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "ftp://example.com"}}),
    ],
)
async def test_messages_of_other_feature_profiles_are_not_supported(station, csms, action, payload):
    with pytest.raises(CallRefused, match="NotSupported"):
        await csms.call(action, **payload)


async def test_messages_that_a_central_system_never_sends_are_not_implemented(station, csms):
    with pytest.raises(CallRefused, match="NotImplemented"):
        await csms.call("Heartbeat")


# Several connectors of one EVSE


async def test_connectors_are_numbered_without_a_gap_and_one_of_an_evse_is_used_at_a_time(start, csms):
    station = await start(evses=(EvseConfig(connectors=2), EvseConfig()))
    await station.plug_in(1, 2)
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert csms.sent("StartTransaction")[0]["connectorId"] == 2
    assert [csms.told(number)[-1] for number in (1, 2, 3)] == ["Unavailable", "Charging", "Available"]
    await station.unplug(1)
    await asyncio.sleep(1)
    assert [csms.told(number)[-1] for number in (1, 2, 3)] == ["Available"] * 3


async def test_a_status_is_told_when_it_has_lasted(start, csms):
    station = await start(MinimumStatusDuration=5)
    csms.forget()
    await station.plug_in()
    await asyncio.sleep(2)
    await station.unplug()
    await asyncio.sleep(20)
    assert csms.told(1) == []
    await station.plug_in()
    await asyncio.sleep(20)
    assert csms.told(1) == ["Preparing"]


# A charge point with fewer feature profiles


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ClearChargingProfile", {}),
        ("GetCompositeSchedule", {"connectorId": 1, "duration": 60}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
    ],
)
async def test_a_core_charge_point_supports_nothing_else(start, csms, action, payload):
    await start(SupportedFeatureProfiles="Core")
    with pytest.raises(CallRefused, match="NotSupported"):
        await csms.call(action, **payload)


async def test_a_core_charge_point_has_no_local_list_and_ignores_charging_profiles(start, csms):
    station = await start(SupportedFeatureProfiles="Core")
    assert await csms.call("GetLocalListVersion") == {"listVersion": -1}
    assert await csms.call("SendLocalList", listVersion=1, updateType="Full") == {"status": "NotSupported"}
    await station.plug_in()
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]},
    }
    assert await csms.call("RemoteStartTransaction", idTag="APP1", chargingProfile=profile) == ACCEPTED
    await asyncio.sleep(1)
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(22_000)
