"""The charge point and the reference CSMS on a real connection, in virtual time."""

import asyncio

import pytest
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms, TokenSpec
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.station import ReferenceStation

pytestmark = pytest.mark.anyio

ID = "CP 16/ä"


@pytest.fixture
async def backend(csms):
    tokens = (TokenSpec(id_token="TAG1", group="FAMILY"), TokenSpec(id_token="TAG2", group="FAMILY"))
    config = CsmsConfig(tokens=tokens, stations={ID: "sixteen bytes it is"}, ping_interval=None, compression=False)
    async with ReferenceCsms(config, csms.clock) as running:
        yield running


@pytest.fixture
async def station(backend, csms):
    keys = {"MeterValueSampleInterval": 300, "StopTxnSampledData": "Energy.Active.Import.Register"}
    config = StationConfig(
        url=backend.url,
        identity=ID,
        version="1.6",
        password="sixteen bytes it is",
        evses=(EvseConfig(), EvseConfig()),
        variables=keys,
    )
    actor = ReferenceStation(config, csms.clock)
    await actor.start()
    await asyncio.sleep(1)
    yield actor
    await actor.stop()


@pytest.fixture
def call(backend):
    """Lets the CSMS send a CALL; gives the payload of the answer."""

    async def send(action, **payload):
        answer = await backend.call(ID, action, payload)
        return answer["result"]

    return send


async def test_a_day_of_a_charge_point(station, backend, call):
    assert (await backend.stations())["stations"][0]["registration"] == "Accepted"
    # A driver comes, charges within a limit, and leaves.
    await station.plug_in(1)
    await station.present_token("TAG1", evse=1)
    await asyncio.sleep(600)
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]},
    }
    assert await call("SetChargingProfile", connectorId=0, csChargingProfiles=profile) == {"status": "Accepted"}
    schedule = await call("GetCompositeSchedule", connectorId=1, duration=3600)
    assert schedule["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6.0, "numberPhases": 3}]
    await asyncio.sleep(600)
    await station.present_token("TAG2", evse=1)
    await station.unplug(1)
    # Another is started remotely and charges through a reboot of nothing less than the station.
    assert await backend.remote_start(ID, "TAG1", evse=2) == {"status": "Accepted"}
    await station.plug_in(2)
    await asyncio.sleep(600)
    assert await call("Reset", type="Hard") == {"status": "Accepted"}
    await asyncio.sleep(60)
    # The connection is lost; a third charges offline.
    await station.network_down()
    await station.present_token("TAG2", evse=2)
    await asyncio.sleep(900)
    await station.press_stop(2)
    await station.network_up()
    await asyncio.sleep(60)
    observed = await station.observe()
    assert observed["queued"] == 0
    assert observed["online"]
    assert (await backend.call(ID, "ClearChargingProfile", {}))["result"] == {"status": "Accepted"}


async def test_every_operation_of_the_central_system_is_answered(station, call, backend):
    assert len((await call("GetConfiguration"))["configurationKey"]) > 40
    assert await call("ChangeConfiguration", key="HeartbeatInterval", value="600") == {"status": "Accepted"}
    assert await call("ChangeAvailability", connectorId=2, type="Inoperative") == {"status": "Accepted"}
    assert await call("ClearCache") == {"status": "Accepted"}
    assert await call("DataTransfer", vendorId="com.example") == {"status": "UnknownVendorId"}
    assert await call("GetLocalListVersion") == {"listVersion": 0}
    assert await call("SendLocalList", listVersion=1, updateType="Full") == {"status": "Accepted"}
    assert await call("TriggerMessage", requestedMessage="MeterValues", connectorId=1) == {"status": "Accepted"}
    assert await call("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    for action in ("ReserveNow", "UpdateFirmware"):
        payload = {"location": "ftp://example.com", "retrieveDate": "2030-01-01T00:00:00Z"}
        if action == "ReserveNow":
            payload = {"connectorId": 1, "expiryDate": "2030-01-01T00:00:00Z", "idTag": "A", "reservationId": 1}
        assert (await backend.call(ID, action, payload))["error"]["code"] == "NotSupported"


async def test_a_new_password_is_used_on_the_next_connection(station, call, backend):
    key = "00112233445566778899aabbccddeeff00112233"
    assert await call("ChangeConfiguration", key="AuthorizationKey", value=key) == {"status": "Accepted"}
    await asyncio.sleep(60)
    (told,) = (await backend.stations())["stations"]
    assert told["connected"]
    assert (await station.observe())["online"]


async def test_a_rejected_charge_point_does_not_answer_until_it_is_accepted(station, backend):
    await backend.set_boot(ID, "Rejected", 100)
    await station.power_cycle()
    await asyncio.sleep(2)
    unanswered = await backend.call(ID, "GetLocalListVersion", {}, override=True)
    assert unanswered["error"]["code"] == "CallTimeout"
    await backend.set_boot(ID, "Accepted")
    await asyncio.sleep(120)
    assert (await backend.call(ID, "GetLocalListVersion", {}))["result"] == {"listVersion": 0}
