"""Transactions of the 2.0.1 station: E01 to E15."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = pytest.mark.anyio


def brief(event):
    """What a TransactionEvent says: event, trigger, state, and the reason if it ended."""
    info = event["transactionInfo"]
    reason = (info["stoppedReason"],) if "stoppedReason" in info else ()
    return (event["eventType"], event["triggerReason"], info["chargingState"], *reason)


def story(peer):
    return [brief(event) for event in peer.all("TransactionEvent")]


@pytest.fixture
async def at(bench_of):
    """A bench with certain start and stop points, and a good token."""

    async def make(start, stop="EVConnected,Authorized", **variables):
        values = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop} | variables
        bench = await bench_of(variables=values)
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        return bench

    return make


class TestStart:
    async def test_cable_first(self, at):
        bench = await at("EVConnected,Authorized")
        await bench.station.plug_in()
        assert await bench.peer.expect("StatusNotification", connectorStatus="Occupied")
        started = await bench.peer.expect("TransactionEvent")
        assert brief(started) == ("Started", "CablePluggedIn", "EVConnected")
        assert started["evse"] == {"id": 1, "connectorId": 1}
        assert started["seqNo"] == 0
        assert "idToken" not in started
        await bench.station.present_token("GOOD")
        authorized = await bench.peer.expect("TransactionEvent")
        assert brief(authorized) == ("Updated", "Authorized", "EVConnected")
        assert authorized["idToken"] == {"idToken": "GOOD", "type": "ISO14443"}
        assert "evse" not in authorized
        charging = await bench.peer.expect("TransactionEvent")
        assert brief(charging) == ("Updated", "ChargingStateChanged", "Charging")
        assert charging["numberOfPhasesUsed"] == 3
        assert "idToken" not in charging
        assert [event["seqNo"] for event in bench.peer.all("TransactionEvent")] == [0, 1, 2]
        assert len({event["transactionInfo"]["transactionId"] for event in bench.peer.all("TransactionEvent")}) == 1

    async def test_token_first(self, at):
        bench = await at("EVConnected,Authorized")
        await bench.station.present_token("GOOD")
        started = await bench.peer.expect("TransactionEvent")
        assert brief(started) == ("Started", "Authorized", "Idle")
        assert "idToken" in started
        assert "evse" not in started
        await bench.station.plug_in()
        plugged = await bench.peer.expect("TransactionEvent")
        assert brief(plugged) == ("Updated", "CablePluggedIn", "EVConnected")
        assert plugged["evse"] == {"id": 1, "connectorId": 1}
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "ChargingStateChanged", "Charging")

    @pytest.mark.parametrize(
        ("point", "first", "started"),
        [
            ("ParkingBayOccupancy", "occupy_bay", ("Started", "EVDetected", "Idle")),
            ("EVConnected", "plug_in", ("Started", "CablePluggedIn", "EVConnected")),
            ("Authorized", "present_token", ("Started", "Authorized", "EVConnected")),
            ("PowerPathClosed", "present_token", ("Started", "Authorized", "EVConnected")),
            ("EnergyTransfer", "energy", ("Started", "ChargingStateChanged", "Charging")),
        ],
    )
    async def test_each_start_point_starts_a_transaction_when_it_is_reached(self, at, point, first, started):
        bench = await at(point)
        steps = {
            "occupy_bay": bench.station.occupy_bay,
            "plug_in": bench.station.plug_in,
            "present_token": lambda: bench.station.present_token("GOOD"),
        }
        for name, step in steps.items():
            if name == first:
                break
            await step()
            await bench.peer.quiet("TransactionEvent", during=0.1)
        if first != "energy":
            await steps[first]()
        assert brief(await bench.peer.expect("TransactionEvent")) == started

    async def test_power_path_closed_by_the_cable(self, at):
        bench = await at("PowerPathClosed")
        await bench.station.present_token("GOOD")
        await bench.peer.quiet("TransactionEvent", during=1)
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        assert brief(started) == ("Started", "CablePluggedIn", "EVConnected")
        assert started["idToken"]["idToken"] == "GOOD"
        assert started["evse"] == {"id": 1, "connectorId": 1}

    async def test_nobody_charges_outside_a_transaction_after_the_first_one_ended(self, at):
        bench = await at("EVConnected", "Authorized")
        await bench.charging()
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        await bench.station.present_token("GOOD")
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Started", "Authorized", "EVConnected")

    async def test_refused_token_starts_nothing(self, at):
        bench = await at("Authorized")
        await bench.station.present_token("BAD")
        await bench.peer.expect("Authorize")
        await bench.peer.quiet(during=10)

    async def test_start_button(self, at):
        bench = await at("Authorized")
        await bench.station.present_token("", "NoAuthorization")
        started = await bench.peer.expect("TransactionEvent")
        assert started["idToken"] == {"idToken": "", "type": "NoAuthorization"}
        assert bench.peer.all("Authorize") == []

    async def test_without_authorization_a_cable_is_enough(self, at):
        bench = await at("PowerPathClosed", **{"AuthCtrlr.Enabled": False})
        await bench.station.plug_in()
        started = await bench.peer.expect("TransactionEvent")
        assert started["idToken"] == {"idToken": "", "type": "NoAuthorization"}

    async def test_transaction_ids_are_never_used_twice(self, at):
        bench = await at("EVConnected", "EVConnected")
        ids = set()
        for _ in range(3):
            await bench.station.plug_in()
            ids.add((await bench.peer.expect("TransactionEvent"))["transactionInfo"]["transactionId"])
            await bench.station.unplug()
            await bench.peer.expect("TransactionEvent", eventType="Ended")
            await bench.station.power_cycle()
            await bench.booted()
        assert len(ids) == 3


class TestStop:
    @pytest.mark.parametrize(
        ("point", "step", "ended"),
        [
            ("ParkingBayOccupancy", "leave_bay", ("Ended", "EVDeparted", "EVConnected", "Local")),
            ("EVConnected", "unplug", ("Ended", "EVCommunicationLost", "Idle", "EVDisconnected")),
            ("Authorized", "present_token", ("Ended", "StopAuthorized", "EVConnected", "Local")),
            ("PowerPathClosed", "present_token", ("Ended", "StopAuthorized", "EVConnected", "Local")),
            ("PowerPathClosed", "unplug", ("Ended", "EVCommunicationLost", "Idle", "EVDisconnected")),
            ("EnergyTransfer", "present_token", ("Ended", "StopAuthorized", "EVConnected", "Local")),
            ("EnergyTransfer", "ev_suspend", ("Ended", "ChargingStateChanged", "SuspendedEV", "StoppedByEV")),
            ("Authorized", "press_stop", ("Ended", "StopAuthorized", "EVConnected", "Local")),
        ],
    )
    async def test_each_stop_point_stops_the_transaction_when_it_no_longer_holds(self, at, point, step, ended):
        bench = await at("EVConnected", point)
        await bench.station.occupy_bay()
        await bench.charging()
        steps = {"present_token": lambda: bench.station.present_token("GOOD")}
        await (steps.get(step) or getattr(bench.station, step))()
        assert brief(await bench.peer.expect("TransactionEvent")) == ended
        await bench.peer.quiet("TransactionEvent")

    async def test_stopping_token_is_told_once_and_cable_released(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        assert bench.station.hardware.evses[1].connectors[1].locked
        await bench.station.present_token("GOOD")
        ended = await bench.peer.expect("TransactionEvent")
        assert ended["idToken"]["idToken"] == "GOOD"
        assert not bench.station.hardware.evses[1].connectors[1].locked
        await bench.station.unplug()
        await bench.peer.expect("StatusNotification", connectorStatus="Available")
        assert len(bench.peer.all("Authorize")) == 1

    async def test_where_authorization_is_no_stop_point_the_cable_ends_it(self, at):
        bench = await at("EVConnected", "EVConnected")
        await bench.charging()
        await bench.station.present_token("GOOD")
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "StopAuthorized", "EVConnected")
        await bench.peer.quiet(during=5)
        await bench.station.unplug()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Ended", "EVCommunicationLost", "Idle", "Local")

    async def test_suspended_vehicle_does_not_end_the_transaction(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        await bench.station.ev_suspend()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "ChargingStateChanged", "SuspendedEV")
        await bench.station.ev_resume()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "ChargingStateChanged", "Charging")

    async def test_full_battery_suspends(self, at):
        bench = await at("EVConnected")
        await bench.charging(soc=99.5)
        event = await bench.peer.expect("TransactionEvent", within=7200)
        assert brief(event) == ("Updated", "ChargingStateChanged", "SuspendedEV")
        assert event["transactionInfo"]["timeSpentCharging"] > 60

    async def test_fault_ends_the_transaction(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        await bench.station.set_fault(error_code="GroundFailure")
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Ended", "AbnormalCondition", "EVConnected", "GroundFault")
        await bench.peer.expect("StatusNotification", connectorStatus="Faulted")
        await bench.station.clear_fault()
        await bench.peer.expect("StatusNotification", connectorStatus="Occupied")


class TestNoVehicle:
    async def test_connect_timeout_ends_the_transaction(self, at):
        bench = await at("Authorized", **{"TxCtrlr.EVConnectionTimeOut": 20})
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent")
        before = bench.peer.now()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Ended", "EVConnectTimeout", "Idle", "Timeout")
        assert 19 < bench.peer.now() - before < 21

    async def test_connect_timeout_leaves_a_transaction_about_the_bay(self, at):
        bench = await at("ParkingBayOccupancy", "ParkingBayOccupancy")
        await bench.station.occupy_bay()
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent", triggerReason="Authorized")
        assert brief(await bench.peer.expect("TransactionEvent", within=70)) == ("Updated", "EVConnectTimeout", "Idle")
        await bench.station.plug_in()
        await bench.peer.expect("TransactionEvent", triggerReason="CablePluggedIn")
        await bench.peer.quiet("TransactionEvent")
        await bench.station.unplug()
        await bench.station.leave_bay()
        assert (await bench.peer.expect("TransactionEvent", eventType="Ended"))["triggerReason"] == "EVDeparted"

    async def test_without_a_transaction_the_authorization_just_lapses(self, at):
        bench = await at("PowerPathClosed", **{"TxCtrlr.EVConnectionTimeOut": 20})
        await bench.station.present_token("GOOD")
        await asyncio.sleep(25)
        await bench.station.plug_in()
        await bench.peer.quiet("TransactionEvent")


class TestEvSideDisconnect:
    async def test_suspends_and_resumes_where_it_does_not_deauthorize(self, at):
        bench = await at("EVConnected", "Authorized", **{"TxCtrlr.StopTxOnEVSideDisconnect": False})
        await bench.charging()
        await bench.station.unplug()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "EVCommunicationLost", "Idle")
        assert bench.station.hardware.evses[1].connectors[1].locked
        await asyncio.sleep(10)
        await bench.station.plug_in()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "CablePluggedIn", "EVConnected")
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Updated", "ChargingStateChanged", "Charging")

    async def test_ends_after_the_timeout_when_nobody_comes_back(self, at):
        bench = await at("EVConnected", "Authorized", **{"TxCtrlr.StopTxOnEVSideDisconnect": False})
        await bench.charging()
        await bench.station.unplug()
        await bench.peer.expect("TransactionEvent", triggerReason="EVCommunicationLost")
        assert brief(await bench.peer.expect("TransactionEvent", within=70)) == ("Ended", "EVConnectTimeout", "Idle", "Timeout")

    async def test_deauthorizes(self, at):
        bench = await at("EVConnected", "Authorized")
        await bench.charging()
        await bench.station.unplug()
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Ended", "EVCommunicationLost", "Idle", "EVDisconnected")
        await bench.peer.expect("StatusNotification", connectorStatus="Available")

    async def test_cable_stays_locked_until_its_owner_shows_the_token(self, at):
        bench = await at("EVConnected", "Authorized", **{"OCPPCommCtrlr.UnlockOnEVSideDisconnect": False})
        await bench.charging()
        await bench.station.unplug()
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        await bench.peer.quiet("StatusNotification", during=5)
        await bench.station.present_token("OTHER")
        await bench.peer.quiet("StatusNotification", during=5)
        await bench.station.present_token("GOOD")
        await bench.peer.expect("StatusNotification", connectorStatus="Available")


class TestInvalidToken:
    """The CSMS says in the answer to a TransactionEvent that the token is not valid: E05."""

    async def start(self, bench):
        bench.peer.script["TransactionEvent"] = lambda event: {"idTokenInfo": {"status": "Blocked"}} if "idToken" in event else {}
        await bench.station.plug_in()
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent", triggerReason="Authorized")

    async def test_ends_the_transaction(self, at):
        bench = await at("EVConnected", "Authorized")
        await self.start(bench)
        ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
        assert brief(ended) == ("Ended", "Deauthorized", "EVConnected", "DeAuthorized")
        assert bench.station.hardware.evses[1].connectors[1].locked

    async def test_stops_the_energy_where_authorization_is_no_stop_point(self, at):
        bench = await at("EVConnected", "EVConnected")
        await self.start(bench)
        event = await bench.peer.expect("TransactionEvent", triggerReason="Deauthorized")
        assert brief(event) == ("Updated", "Deauthorized", "EVConnected")
        await bench.peer.quiet("TransactionEvent")

    async def test_suspends_where_stop_tx_on_invalid_id_is_false(self, at):
        bench = await at("EVConnected", **{"TxCtrlr.StopTxOnInvalidId": False})
        await self.start(bench)
        event = await bench.peer.expect("TransactionEvent")
        assert brief(event) == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
        await bench.peer.quiet("TransactionEvent")

    async def test_allows_so_much_energy_where_configured(self, at):
        variables = {"TxCtrlr.StopTxOnInvalidId": False, "TxCtrlr.MaxEnergyOnInvalidId": 500}
        bench = await at("EVConnected", **variables)
        await self.start(bench)
        before = bench.station.hardware.evses[1].meter.energy_wh
        await bench.peer.expect("TransactionEvent", triggerReason="ChargingStateChanged")
        event = await bench.peer.expect("TransactionEvent", within=3600)
        assert brief(event) == ("Updated", "ChargingStateChanged", "SuspendedEVSE")
        assert bench.station.hardware.evses[1].meter.energy_wh - before == pytest.approx(500, abs=1)


class TestDelivery:
    async def test_failed_message_is_retried_with_growing_pauses_and_given_up(self, at):
        bench = await at("EVConnected", **{"OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": 10})

        def fail(event):
            from v2x_architecture.ocpp.errors import CallRefused

            raise CallRefused("InternalError")

        bench.peer.script["TransactionEvent"] = fail
        await bench.station.plug_in()
        times = []
        for _ in range(3):
            event = await bench.peer.expect("TransactionEvent")
            assert event["seqNo"] == 0
            times.append(bench.peer.now())
        assert times[1] - times[0] == pytest.approx(10, abs=0.5)
        assert times[2] - times[1] == pytest.approx(20, abs=0.5)
        await bench.peer.quiet("TransactionEvent", during=100)
        del bench.peer.script["TransactionEvent"]
        await bench.station.unplug()
        assert (await bench.peer.expect("TransactionEvent"))["seqNo"] == 1

    async def test_offline_events_come_later_marked_offline_and_in_order(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        bench.peer.cut()
        await asyncio.sleep(1)
        await bench.station.ev_suspend()
        await asyncio.sleep(10)
        await bench.station.present_token("GOOD")
        await asyncio.sleep(10)
        bench.peer.reachable = True
        suspended = await bench.peer.expect("TransactionEvent")
        ended = await bench.peer.expect("TransactionEvent")
        assert [suspended["seqNo"], ended["seqNo"]] == [3, 4]
        assert suspended["offline"] is ended["offline"] is True
        assert ended["eventType"] == "Ended"
        assert suspended["timestamp"] < ended["timestamp"]

    async def test_queue_survives_a_power_cycle(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        bench.peer.cut()
        await bench.station.present_token("GOOD")
        await asyncio.sleep(1)
        await bench.station.power_cycle()
        bench.peer.reachable = True
        ended = await bench.peer.expect("TransactionEvent", within=120)
        assert brief(ended) == ("Ended", "StopAuthorized", "EVConnected", "Local")
        assert ended["offline"] is True

    async def test_power_cut_ends_the_transaction_afterwards(self, at):
        bench = await at("EVConnected")
        started = await bench.charging()
        await bench.station.power_cycle()
        ended = await bench.peer.expect("TransactionEvent")
        assert brief(ended) == ("Ended", "AbnormalCondition", "EVConnected", "PowerLoss")
        assert ended["seqNo"] == 3
        assert ended["transactionInfo"]["transactionId"] == started["transactionInfo"]["transactionId"]
        await bench.peer.quiet("TransactionEvent")

    async def test_transaction_status(self, at):
        bench = await at("EVConnected", **{"OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]": 10})
        started = await bench.charging()
        id_ = started["transactionInfo"]["transactionId"]
        status = await bench.peer.ask("GetTransactionStatus", {"transactionId": id_})
        assert status == {"ongoingIndicator": True, "messagesInQueue": False}
        assert await bench.peer.ask("GetTransactionStatus") == {"messagesInQueue": False}

        def fail(event):
            from v2x_architecture.ocpp.errors import CallRefused

            raise CallRefused("InternalError")

        bench.peer.script["TransactionEvent"] = fail
        await bench.station.present_token("GOOD")
        await bench.peer.expect("TransactionEvent", eventType="Ended")
        await asyncio.sleep(1)
        status = await bench.peer.ask("GetTransactionStatus", {"transactionId": id_})
        assert status == {"ongoingIndicator": False, "messagesInQueue": True}
        assert await bench.peer.ask("GetTransactionStatus") == {"messagesInQueue": True}
        unknown = await bench.peer.ask("GetTransactionStatus", {"transactionId": "unknown"})
        assert unknown == {"ongoingIndicator": False, "messagesInQueue": False}


class TestNotYetServing:
    async def test_vehicle_that_came_before_the_station_was_accepted(self, at, bench_of):
        bench = await bench_of(boot=False)
        bench.peer.script["BootNotification"] = lambda _: {
            "currentTime": bench.peer.time(),
            "interval": 10,
            "status": "Pending",
        }
        await bench.peer.expect("BootNotification")
        await bench.station.plug_in()
        await asyncio.sleep(1)
        del bench.peer.script["BootNotification"]
        started = await bench.peer.expect("TransactionEvent")
        assert brief(started) == ("Started", "CablePluggedIn", "EVConnected")

    async def test_vehicle_on_an_evse_that_comes_into_operation(self, at):
        bench = await at("EVConnected")
        await bench.peer.ask("ChangeAvailability", {"operationalStatus": "Inoperative"})
        await bench.station.plug_in()
        await bench.peer.quiet("TransactionEvent")
        await bench.peer.ask("ChangeAvailability", {"operationalStatus": "Operative"})
        assert brief(await bench.peer.expect("TransactionEvent")) == ("Started", "CablePluggedIn", "EVConnected")

    async def test_vehicle_that_stays_over_a_reboot_is_no_new_arrival(self, at):
        bench = await at("EVConnected")
        await bench.charging()
        await bench.peer.ask("Reset", {"type": "Immediate"})
        await bench.booted()
        await bench.peer.quiet("TransactionEvent")

    async def test_before_acceptance_where_it_is_allowed(self, bench_of):
        variables = {"TxCtrlr.TxBeforeAcceptedEnabled": True, "AuthCtrlr.OfflineTxForUnknownIdEnabled": True}
        bench = await bench_of(boot=False, variables=variables)
        bench.peer.script["BootNotification"] = lambda _: {
            "currentTime": bench.peer.time(),
            "interval": 10,
            "status": "Pending",
        }
        await bench.peer.expect("BootNotification")
        await bench.station.plug_in()
        await bench.station.present_token("ANY")
        await bench.peer.quiet(during=5)
        assert bench.station.hardware.evses[1].read(bench.firmware.now()).power_w > 0
        del bench.peer.script["BootNotification"]
        started = await bench.peer.expect("TransactionEvent")
        assert started["offline"] is True
