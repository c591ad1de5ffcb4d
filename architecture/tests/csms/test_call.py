import asyncio

import pytest
from sqlalchemy import select
from v2x_architecture.ocpp.csms import StationNotConnected, UnknownStation
from v2x_architecture.ocpp.csms.tables import Connector, Notification, Station
from v2x_architecture.ocpp.errors import CallRefused, ConnectionLost, LocalProtocolError

pytestmark = pytest.mark.anyio
both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


@pytest.fixture
def rows(csms):
    """All rows of a table."""

    async def rows(table):
        return list(await csms.store.run(lambda db: db.scalars(select(table))))

    return rows


class TestCall:
    @both_versions
    async def test_result(self, csms, connect, answering, version):
        handler = answering(ClearCache={"status": "Rejected"})
        await connect(version, handler)
        assert await csms.call("CS1", "ClearCache", {}) == {"result": {"status": "Rejected"}}
        assert handler.calls == [("ClearCache", {})]

    async def test_callerror(self, csms, connect):
        await connect("2.0.1")
        answer = await csms.call("CS1", "ClearCache", {})
        assert answer == {"error": {"code": "NotImplemented", "description": "ClearCache is not known here"}}

    async def test_no_answer(self, csms, connect):
        async def mute(action, payload):
            await asyncio.Event().wait()

        await connect("2.0.1", mute)
        before = asyncio.get_running_loop().time()
        assert (await csms.call("CS1", "ClearCache", {}))["error"]["code"] == "CallTimeout"
        assert asyncio.get_running_loop().time() - before >= 30

    async def test_the_station_goes_away(self, csms, connect):
        async def leave(action, payload):
            await station.abort()
            raise ConnectionLost

        station = await connect("2.0.1", leave)
        assert (await csms.call("CS1", "ClearCache", {}))["error"]["code"] == "NotConnected"
        assert (await csms.call("CS1", "ClearCache", {}))["error"]["code"] == "NotConnected"

    async def test_an_answer_that_breaks_its_schema(self, csms, connect):
        async def broken(action, payload):
            return {"status": "Perhaps"}

        station = await connect("2.0.1")
        station.handler, station.validation = broken, type(station.validation)(outgoing=False)
        assert (await csms.call("CS1", "ClearCache", {}))["error"]["code"] == "InvalidResponse"

    async def test_a_payload_that_breaks_its_schema_goes_out_only_when_a_tester_insists(self, csms, connect, answering):
        handler = answering()
        station = await connect("2.0.1", handler)
        station.validation = type(station.validation)(requests=False)
        with pytest.raises(LocalProtocolError):
            await csms.call("CS1", "Reset", {})
        assert handler.calls == []
        assert await csms.call("CS1", "Reset", {}, override=True) == {"result": {"status": "Accepted"}}

    async def test_nothing_is_remembered_of_an_invalid_profile_that_a_station_takes(self, csms, connect, answering):
        station = await connect("2.0.1", answering())
        station.validation = type(station.validation)(requests=False)
        profile = {"evseId": 1, "chargingProfile": {"id": "x"}}
        assert await csms.call("CS1", "SetChargingProfile", profile, override=True) == {"result": {"status": "Accepted"}}

    async def test_nobody_of_that_name(self, csms):
        with pytest.raises(UnknownStation, match="CS9"):
            await csms.call("CS9", "ClearCache", {})


class TestConnections:
    async def test_stations_are_listed(self, csms, connect):
        await connect("1.6", identity="old")
        new = await connect("2.0.1", identity="new", boot=False)
        await new.close()
        await asyncio.sleep(1)
        assert (await csms.stations())["stations"] == [
            {"station": "old", "version": "1.6", "connected": True, "registration": "Accepted"},
            {"station": "new", "version": "2.0.1", "connected": False, "registration": None},
        ]

    async def test_a_station_is_disconnected(self, csms, connect):
        station = await connect("2.0.1")
        await csms.disconnect("CS1", code=1001, reason="maintenance")
        await station.wait_closed()
        assert (station.close_code, station.close_reason) == (1001, "maintenance")
        with pytest.raises(StationNotConnected):
            await csms.disconnect("CS1")

    async def test_a_second_connection_takes_the_place_of_the_first(self, csms, connect, answering):
        first = await connect("2.0.1")
        await connect("2.0.1", answering())
        await first.wait_closed()
        assert await csms.call("CS1", "ClearCache", {}) == {"result": {"status": "Accepted"}}

    async def test_identities_are_taken_as_they_are_decoded(self, csms, connect):
        await connect("2.0.1", identity="CS 1/ä")
        assert [entry["station"] for entry in (await csms.stations())["stations"]] == ["CS 1/ä"]

    async def test_what_a_station_sent_before_its_connection_broke_is_processed(self, connect, boots, rows):
        station = await connect("2.0.1", boot=False)
        call = asyncio.ensure_future(station.call("BootNotification", boots["2.0.1"]))
        await asyncio.sleep(0)
        await station.close()
        with pytest.raises(ConnectionLost):
            await call
        await asyncio.sleep(1)
        assert [row.registration for row in await rows(Station)] == ["Accepted"]


class TestNotifications:
    async def test_16_connector_status(self, connect, rows):
        station = await connect("1.6")
        status = {"connectorId": 2, "errorCode": "GroundFailure", "status": "Faulted", "info": "leak"}
        assert await station.call("StatusNotification", status) == {}
        [row] = await rows(Connector)
        assert (row.evse, row.connector, row.status, row.error_code, row.detail) == (
            2,
            1,
            "Faulted",
            "GroundFailure",
            {"info": "leak"},
        )

    async def test_201_connector_status_as_message_and_as_event_the_latest_wins(self, connect, rows):
        station = await connect("2.0.1")

        def status(at, value):
            return {"timestamp": f"2026-03-01T12:00:0{at}Z", "connectorStatus": value, "evseId": 1, "connectorId": 1}

        def event(at, value):
            data = {
                "eventId": 1,
                "timestamp": f"2026-03-01T12:00:0{at}Z",
                "trigger": "Delta",
                "actualValue": value,
                "eventNotificationType": "HardWiredNotification",
                "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
                "variable": {"name": "AvailabilityState"},
            }
            return {"generatedAt": "2026-03-01T12:00:00Z", "seqNo": 0, "eventData": [data]}

        await station.call("StatusNotification", status(1, "Available"))
        await station.call("NotifyEvent", event(3, "Occupied"))
        await station.call("StatusNotification", status(2, "Unavailable"))
        assert [(row.evse, row.connector, row.status) for row in await rows(Connector)] == [(1, 1, "Occupied")]

    @both_versions
    async def test_security_events_are_confirmed_and_kept(self, connect, rows, version):
        station = await connect(version)
        event = {"type": "StartupOfTheDevice", "timestamp": "2026-03-01T12:00:00Z"}
        assert await station.call("SecurityEventNotification", event) == {}
        assert [(row.action, row.payload) for row in await rows(Notification)] == [("SecurityEventNotification", event)]

    @both_versions
    async def test_vendor_messages(self, csms, connect, version):
        station = await connect(version)
        assert await station.call("DataTransfer", {"vendorId": "org.acme"}) == {"status": "UnknownVendorId"}
        await csms.set_policy("data_transfer", {"vendor": "org.acme", "message": "hello", "data": "world"})
        answer = await station.call("DataTransfer", {"vendorId": "org.acme", "messageId": "hello"})
        assert answer == {"status": "Accepted", "data": "world"}
        answer = await station.call("DataTransfer", {"vendorId": "org.acme", "messageId": "bye"})
        assert answer == {"status": "UnknownMessageId"}

    @both_versions
    async def test_certificates_are_turned_down(self, connect, version):
        assert await (await connect(version)).call("SignCertificate", {"csr": "PEM"}) == {"status": "Rejected"}

    @pytest.mark.parametrize(("version", "code"), [("1.6", "NotSupported"), ("2.0.1", "NotSupported")])
    async def test_what_only_a_csms_sends_is_not_supported(self, connect, version, code):
        station = await connect(version)
        with pytest.raises(CallRefused, match=code):
            await station.call("ClearCache")

    @both_versions
    async def test_what_the_version_does_not_have_is_not_implemented(self, connect, version):
        station = await connect(version)
        station.validation = type(station.validation)(outgoing=False)
        with pytest.raises(CallRefused, match="NotImplemented"):
            await station.call("MakeCoffee")

    @both_versions
    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-03-01", "0001-01-01T00:00:00+14:00"])
    async def test_a_time_that_is_none_is_refused(self, connect, rows, version, text):
        station = await connect(version)
        with pytest.raises(CallRefused, match="PropertyConstraintViolation"):
            await station.call("MeterValues", meter_values(version, text))

    @both_versions
    @pytest.mark.parametrize("text", ["2026-03-01T12:00:00", "2026-03-01T13:00:00+01", "2026-03-01t12:00:00.123456z"])
    async def test_a_time_in_the_spelling_of_the_field_is_taken(self, connect, version, text):
        assert await (await connect(version)).call("MeterValues", meter_values(version, text)) == {}


def meter_values(version, timestamp):
    if version == "1.6":
        return {"connectorId": 1, "meterValue": [{"timestamp": timestamp, "sampledValue": [{"value": "1"}]}]}
    return {"evseId": 1, "meterValue": [{"timestamp": timestamp, "sampledValue": [{"value": 1}]}]}
