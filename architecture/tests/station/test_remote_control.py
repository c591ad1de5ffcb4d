"""Remote control, availability and resets of the 2.0.1 station: B11, B12, F01 to F06, G01 to G04."""

from __future__ import annotations

import asyncio

import pytest
from v2x_architecture.ocpp.station import EvseConfig

pytestmark = pytest.mark.anyio

TWO = (EvseConfig(), EvseConfig(connectors=2))


def start_request(token="GOOD", evse=1, **more):
    payload = {"idToken": {"idToken": token, "type": "ISO14443"}, "remoteStartId": 17}
    return payload | ({} if evse is None else {"evseId": evse}) | more


@pytest.fixture
async def bench(bench_of):
    bench = await bench_of(evses=TWO)
    bench.peer.tokens["GOOD"] = {"status": "Accepted"}
    return bench


class TestRemoteStart:
    async def test_before_the_cable(self, bench):
        assert await bench.peer.ask("RequestStartTransaction", start_request()) == {"status": "Accepted"}
        await bench.peer.expect("Authorize")
        started = await bench.peer.expect("TransactionEvent")
        assert (started["eventType"], started["triggerReason"]) == ("Started", "RemoteStart")
        assert started["transactionInfo"]["remoteStartId"] == 17
        assert started["idToken"]["idToken"] == "GOOD"
        await bench.station.plug_in()
        plugged = await bench.peer.expect("TransactionEvent")
        assert plugged["triggerReason"] == "CablePluggedIn"
        assert "remoteStartId" not in plugged["transactionInfo"]

    async def test_after_the_cable_it_names_the_transaction(self, bench):
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        answer = await bench.peer.ask("RequestStartTransaction", start_request())
        assert answer == {"status": "Accepted", "transactionId": started["transactionInfo"]["transactionId"]}
        event = await bench.peer.expect("TransactionEvent")
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "RemoteStart")
        assert event["transactionInfo"]["remoteStartId"] == 17

    async def test_where_the_cable_starts_the_transaction_remote_start_is_the_trigger(self, bench):
        await bench.peer.set(TxCtrlr__TxStartPoint="PowerPathClosed")
        await bench.peer.ask("RequestStartTransaction", start_request())
        await bench.peer.quiet("TransactionEvent", during=1)
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        assert started["triggerReason"] == "RemoteStart"
        assert started["transactionInfo"]["remoteStartId"] == 17

    async def test_without_authorization_first(self, bench):
        await bench.peer.set(AuthCtrlr__AuthorizeRemoteStart="false")
        await bench.peer.ask("RequestStartTransaction", start_request("ANY"))
        assert (await bench.peer.expect("TransactionEvent"))["idToken"]["idToken"] == "ANY"
        assert bench.peer.all("Authorize") == []

    async def test_refused_token_starts_nothing(self, bench):
        assert (await bench.peer.ask("RequestStartTransaction", start_request("BAD")))["status"] == "Accepted"
        await bench.peer.expect("Authorize")
        await bench.peer.quiet("TransactionEvent")

    async def test_station_chooses_a_free_evse(self, bench):
        await bench.charging(evse=1)
        await bench.station.plug_in(2)
        await bench.peer.expect("TransactionEvent", eventType="Started")
        assert (await bench.peer.ask("RequestStartTransaction", start_request(evse=None)))["status"] == "Accepted"
        event = await bench.peer.expect("TransactionEvent", triggerReason="RemoteStart")
        assert event["transactionInfo"]["remoteStartId"] == 17

    @pytest.mark.parametrize("why", ["unknown", "occupied", "unavailable", "faulted"])
    async def test_is_rejected_where_nobody_can_start(self, bench, why):
        evse = 1
        if why == "unknown":
            evse = 9
        elif why == "occupied":
            await bench.charging()
        elif why == "unavailable":
            await bench.peer.ask("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 1}})
        else:
            await bench.station.set_fault()
        assert (await bench.peer.ask("RequestStartTransaction", start_request(evse=evse)))["status"] == "Rejected"

    async def test_stop(self, bench):
        started = await bench.charging()
        id_ = started["transactionInfo"]["transactionId"]
        assert (await bench.peer.ask("RequestStopTransaction", {"transactionId": "other"}))["status"] == "Rejected"
        assert (await bench.peer.ask("RequestStopTransaction", {"transactionId": id_}))["status"] == "Accepted"
        ended = await bench.peer.expect("TransactionEvent")
        assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "RemoteStop")
        assert ended["transactionInfo"]["stoppedReason"] == "Remote"
        assert "idToken" not in ended
        assert (await bench.peer.ask("RequestStartTransaction", start_request()))["status"] == "Accepted"

    async def test_stop_of_a_transaction_that_nobody_was_authorized_for(self, bench):
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        await bench.peer.ask("RequestStopTransaction", {"transactionId": started["transactionInfo"]["transactionId"]})
        assert (await bench.peer.expect("TransactionEvent"))["eventType"] == "Ended"

    async def test_stop_where_the_cable_ends_it(self, bench):
        await bench.peer.set(TxCtrlr__TxStopPoint="EVConnected")
        started = await bench.charging()
        await bench.peer.ask("RequestStopTransaction", {"transactionId": started["transactionInfo"]["transactionId"]})
        event = await bench.peer.expect("TransactionEvent")
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "RemoteStop")
        await bench.station.unplug()
        ended = await bench.peer.expect("TransactionEvent")
        assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "Remote")


class TestUnlock:
    async def unlock(self, bench, evse=1, connector=1):
        return (await bench.peer.ask("UnlockConnector", {"evseId": evse, "connectorId": connector}))["status"]

    async def test_results(self, bench):
        assert await self.unlock(bench) == "Unlocked"
        assert await self.unlock(bench, 9) == "UnknownConnector"
        assert await self.unlock(bench, 1, 2) == "UnknownConnector"
        await bench.station.jam_lock()
        assert await self.unlock(bench) == "UnlockFailed"
        await bench.station.jam_lock(jammed=False)
        await bench.charging()
        assert await self.unlock(bench) == "OngoingAuthorizedTransaction"


class TestTrigger:
    async def trigger(self, bench, message, **evse):
        payload = {"requestedMessage": message} | ({"evse": evse} if evse else {})
        return (await bench.peer.ask("TriggerMessage", payload))["status"]

    async def test_results(self, bench):
        assert await self.trigger(bench, "BootNotification") == "Rejected"
        assert await self.trigger(bench, "Heartbeat") == "Accepted"
        await bench.peer.expect("Heartbeat")
        assert await self.trigger(bench, "StatusNotification", id=2, connectorId=2) == "Accepted"
        status = await bench.peer.expect("StatusNotification")
        assert (status["evseId"], status["connectorId"]) == (2, 2)
        assert await self.trigger(bench, "StatusNotification") == "Rejected"
        assert await self.trigger(bench, "StatusNotification", id=1, connectorId=2) == "Rejected"
        assert await self.trigger(bench, "FirmwareStatusNotification") == "NotImplemented"
        assert await self.trigger(bench, "TransactionEvent") == "Rejected"

    async def test_meter_values_of_every_evse(self, bench):
        await self.trigger(bench, "MeterValues")
        for evse in (1, 2):
            values = await bench.peer.expect("MeterValues")
            assert values["evseId"] == evse
            assert values["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"

    async def test_transaction_event(self, bench):
        await bench.charging()
        assert await self.trigger(bench, "TransactionEvent", id=1) == "Accepted"
        event = await bench.peer.expect("TransactionEvent")
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "Trigger")
        assert event["transactionInfo"]["chargingState"] == "Charging"
        assert event["meterValue"][0]["sampledValue"][0]["context"] == "Trigger"


class TestAvailability:
    async def change(self, bench, status, **evse):
        payload = {"operationalStatus": status} | ({"evse": evse} if evse else {})
        return (await bench.peer.ask("ChangeAvailability", payload))["status"]

    async def test_whole_station(self, bench):
        assert await self.change(bench, "Inoperative") == "Accepted"
        statuses = [await bench.peer.expect("StatusNotification") for _ in range(3)]
        assert {(each["evseId"], each["connectorId"], each["connectorStatus"]) for each in statuses} == {
            (1, 1, "Unavailable"),
            (2, 1, "Unavailable"),
            (2, 2, "Unavailable"),
        }
        assert await self.change(bench, "Inoperative") == "Accepted"
        await bench.peer.quiet(during=2)
        await bench.station.power_cycle()
        status = await bench.peer.expect("StatusNotification")
        assert status["connectorStatus"] == "Unavailable"
        await bench.booted()
        assert await self.change(bench, "Operative") == "Accepted"
        assert (await bench.peer.expect("StatusNotification"))["connectorStatus"] == "Available"

    async def test_one_connector(self, bench):
        assert await self.change(bench, "Inoperative", id=2, connectorId=2) == "Accepted"
        status = await bench.peer.expect("StatusNotification")
        assert (status["evseId"], status["connectorId"], status["connectorStatus"]) == (2, 2, "Unavailable")
        await bench.peer.quiet(during=2)
        await self.change(bench, "Inoperative", id=2)
        await bench.peer.expect("StatusNotification", connectorId=1, connectorStatus="Unavailable")
        await self.change(bench, "Operative", id=2)
        await bench.peer.expect("StatusNotification", connectorId=1, connectorStatus="Available")
        await bench.peer.quiet(during=2)

    async def test_waits_for_the_transaction_and_survives_a_power_cut(self, bench):
        await bench.charging()
        assert await self.change(bench, "Inoperative", id=1) == "Scheduled"
        await bench.peer.quiet(during=2)
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        await bench.peer.expect("StatusNotification", connectorStatus="Unavailable")
        await bench.station.unplug()
        await bench.peer.quiet("StatusNotification", during=2)
        await bench.station.power_cycle()
        await bench.peer.expect("StatusNotification", evseId=1, connectorStatus="Unavailable")

    async def test_unknown_places_are_rejected(self, bench):
        assert await self.change(bench, "Inoperative", id=7) == "Rejected"
        assert await self.change(bench, "Inoperative", id=1, connectorId=2) == "Rejected"


class TestReset:
    async def reset(self, bench, kind, **more):
        return (await bench.peer.ask("Reset", {"type": kind} | more))["status"]

    @pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
    async def test_idle(self, bench, kind):
        assert await self.reset(bench, kind) == "Accepted"
        assert (await bench.peer.expect("BootNotification"))["reason"] == "RemoteReset"
        assert (await bench.peer.expect("SecurityEventNotification"))["type"] == "ResetOrReboot"

    async def test_immediate_ends_transactions_first(self, bench):
        await bench.charging()
        assert await self.reset(bench, "Immediate") == "Accepted"
        ended = await bench.peer.expect("TransactionEvent")
        assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "ResetCommand")
        assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"
        assert ended["transactionInfo"]["chargingState"] == "EVConnected"
        assert "idToken" not in ended
        await bench.peer.expect("BootNotification", reason="RemoteReset")
        await bench.peer.expect("StatusNotification", evseId=1, connectorStatus="Occupied")
        await bench.peer.quiet("TransactionEvent")

    async def test_undelivered_end_is_sent_after_the_reboot(self, bench):
        from .conftest import Silence

        await bench.charging()

        def silence(_):
            raise Silence

        bench.peer.script["TransactionEvent"] = silence
        await self.reset(bench, "Immediate")
        await bench.peer.expect("BootNotification", within=60)
        del bench.peer.script["TransactionEvent"]
        ended = await bench.peer.expect("TransactionEvent")
        assert (ended["eventType"], ended["offline"]) == ("Ended", True)

    async def test_on_idle_waits_for_every_transaction(self, bench):
        await bench.charging(evse=1)
        await bench.charging(evse=2)
        assert await self.reset(bench, "OnIdle") == "Scheduled"
        await bench.station.present_token("GOOD", evse=1)
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        await bench.peer.quiet("BootNotification")
        await bench.station.present_token("GOOD", evse=2)
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        assert (await bench.peer.expect("BootNotification"))["reason"] == "ScheduledReset"

    async def test_on_idle_makes_free_evses_unavailable(self, bench):
        await bench.charging(evse=1)
        assert await self.reset(bench, "OnIdle") == "Scheduled"
        await bench.peer.expect("StatusNotification", evseId=2, connectorStatus="Unavailable")
        assert (await bench.peer.ask("RequestStartTransaction", start_request(evse=2)))["status"] == "Rejected"

    async def test_of_one_evse(self, bench):
        await bench.charging(evse=2)
        assert await self.reset(bench, "Immediate", evseId=1) == "Accepted"
        await bench.peer.expect("StatusNotification", evseId=1, connectorStatus="Unavailable")
        await bench.peer.expect("StatusNotification", evseId=1, connectorStatus="Available")
        assert await self.reset(bench, "Immediate", evseId=2) == "Accepted"
        ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
        assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"
        await bench.peer.quiet("BootNotification")
        assert await self.reset(bench, "Immediate", evseId=5) == "Rejected"

    async def test_from_the_local_side(self, bench):
        await bench.charging()
        await bench.station.local_reset()
        ended = await bench.peer.expect("TransactionEvent")
        assert ended["transactionInfo"]["stoppedReason"] == "Reboot"
        assert (await bench.peer.expect("BootNotification"))["reason"] == "LocalReset"


async def test_what_the_station_does_not_have_is_refused(bench):
    assert await bench.peer.refused("ClearDisplayMessage", {"id": 1}) == "NotSupported"
    assert (await bench.peer.ask("DataTransfer", {"vendorId": "org.example"}))["status"] == "UnknownVendorId"
    with pytest.raises(Exception, match="Nonsense"):
        await bench.peer.link.handler("Nonsense", {})


async def test_security_events_are_kept_until_delivered(bench):
    bench.peer.cut()
    await asyncio.sleep(1)
    await bench.station.security_event("TamperDetectionActivated", "lid open")
    bench.peer.reachable = True
    event = await bench.peer.expect("SecurityEventNotification")
    assert (event["type"], event["techInfo"]) == ("TamperDetectionActivated", "lid open")


async def test_lock_failure_keeps_the_vehicle_from_charging_and_is_reported(bench):
    await bench.station.jam_lock()
    await bench.station.plug_in()
    await bench.station.present_token("GOOD")
    event = (await bench.peer.expect("NotifyEvent"))["eventData"][0]
    assert (event["component"]["name"], event["variable"]["name"]) == ("ConnectorPlugRetentionLock", "Problem")
    assert event["actualValue"] == "true"
    await asyncio.sleep(5)
    assert bench.peer.all("TransactionEvent")[-1]["transactionInfo"]["chargingState"] == "SuspendedEVSE"
