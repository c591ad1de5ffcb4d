import pytest
from sqlalchemy import select
from v2x_architecture.ocpp.csms import CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.tables import MeterValue, Notification, Transaction

pytestmark = pytest.mark.anyio
START = {"connectorId": 1, "idTag": "T1", "meterStart": 1000, "timestamp": "2026-03-01T12:00:00Z"}
STOP = {"meterStop": 5000, "timestamp": "2026-03-01T13:00:00Z"}


@pytest.fixture
def config():
    return CsmsConfig(
        tokens=(TokenSpec(id_token="T1"), TokenSpec(id_token="ONE", concurrent=False), TokenSpec(id_token="T2")),
        ping_interval=None,
    )


@pytest.fixture
async def station(connect):
    return await connect("1.6")


@pytest.fixture
def rows(csms):
    """All rows of a table."""

    async def rows(table):
        return list(await csms.store.run(lambda db: db.scalars(select(table))))

    return rows


async def test_transactions_of_all_stations_have_ids_of_their_own(connect):
    stations = [await connect("1.6", identity=f"CS{n}") for n in (1, 2)]
    ids = [
        (await station.call("StartTransaction", START | {"connectorId": connector}))["transactionId"]
        for station in stations
        for connector in (1, 2)
    ]
    assert len(set(ids)) == 4
    assert min(ids) > 0


async def test_a_retried_start_gets_the_same_id(station, rows):
    first = await station.call("StartTransaction", START)
    assert await station.call("StartTransaction", START) == first
    assert len(await rows(Transaction)) == 1


async def test_another_start_with_the_same_token_gets_another_id(station):
    first = await station.call("StartTransaction", START)
    later = await station.call("StartTransaction", START | {"timestamp": "2026-03-01T12:05:00Z"})
    assert later["transactionId"] != first["transactionId"]


async def test_an_invalid_token_gets_an_id_too(station):
    answer = await station.call("StartTransaction", START | {"idTag": "stranger"})
    assert answer["idTagInfo"] == {"status": "Invalid"}
    assert answer["transactionId"] > 0


async def test_a_token_with_one_transaction_at_a_time(station):
    one = START | {"idTag": "ONE"}
    assert (await station.call("StartTransaction", one))["idTagInfo"]["status"] == "Accepted"
    assert (await station.call("StartTransaction", one))["idTagInfo"]["status"] == "Accepted", "a retry"
    second = await station.call("StartTransaction", one | {"connectorId": 2})
    assert second["idTagInfo"]["status"] == "ConcurrentTx"
    assert (await station.call("Authorize", {"idTag": "ONE"}))["idTagInfo"]["status"] == "Accepted"


async def test_a_token_is_free_again_after_its_transaction(station):
    one = START | {"idTag": "ONE"}
    number = (await station.call("StartTransaction", one))["transactionId"]
    await station.call("StopTransaction", STOP | {"transactionId": number})
    second = await station.call("StartTransaction", one | {"connectorId": 2})
    assert second["idTagInfo"]["status"] == "Accepted"


async def test_a_stop_closes_the_transaction_with_its_data(station, rows):
    number = (await station.call("StartTransaction", START))["transactionId"]
    sampled = [{"value": "5000", "context": "Transaction.End"}]
    data = [{"timestamp": STOP["timestamp"], "sampledValue": sampled}]
    answer = await station.call(
        "StopTransaction", STOP | {"transactionId": number, "idTag": "T2", "reason": "Remote", "transactionData": data}
    )
    assert answer == {"idTagInfo": {"status": "Accepted"}}
    [transaction] = await rows(Transaction)
    assert (transaction.active, transaction.meter_start, transaction.meter_stop) == (False, 1000, 5000)
    assert (transaction.reason, transaction.stop_id_token) == ("Remote", "T2")
    [value] = await rows(MeterValue)
    assert (value.transaction_id, value.sampled) == (str(number), sampled)


async def test_a_stop_without_token_gets_no_token_info(station):
    number = (await station.call("StartTransaction", START))["transactionId"]
    assert await station.call("StopTransaction", STOP | {"transactionId": number}) == {}


async def test_a_retried_stop_changes_nothing(station, rows):
    number = (await station.call("StartTransaction", START))["transactionId"]
    stop = STOP | {"transactionId": number}
    await station.call("StopTransaction", stop)
    assert await station.call("StopTransaction", stop | {"meterStop": 9}) == {}
    [transaction] = await rows(Transaction)
    assert transaction.meter_stop == 5000


@pytest.mark.parametrize("number", [-1, 0, 4711])
async def test_a_stop_of_an_unknown_transaction_is_confirmed_and_noted(station, rows, number):
    assert await station.call("StopTransaction", STOP | {"transactionId": number}) == {}
    assert [note.action for note in await rows(Notification)] == ["StopTransaction"]


async def test_a_station_cannot_stop_the_transaction_of_another(connect, rows):
    first, second = [await connect("1.6", identity=f"CS{n}") for n in (1, 2)]
    number = (await first.call("StartTransaction", START))["transactionId"]
    await second.call("StopTransaction", STOP | {"transactionId": number})
    [transaction] = await rows(Transaction)
    assert transaction.active


async def test_a_transaction_that_happened_offline_is_taken_as_it_was(connect, station, rows):
    await station.close()
    late = await connect("1.6", boot=False)
    number = (await late.call("StartTransaction", START | {"timestamp": "2026-02-27T08:00:00Z"}))["transactionId"]
    await late.call("StopTransaction", STOP | {"transactionId": number, "timestamp": "2026-02-27T09:00:00Z"})
    [transaction] = await rows(Transaction)
    assert (transaction.started_at.isoformat(), transaction.stopped_at.isoformat()) == (
        "2026-02-27T08:00:00+00:00",
        "2026-02-27T09:00:00+00:00",
    )


async def test_meter_values_are_stored_whatever_they_belong_to(station, rows):
    values = [{"timestamp": "2026-03-01T12:10:00Z", "sampledValue": [{"value": "1.5", "measurand": "Power.Active.Import"}]}]
    assert await station.call("MeterValues", {"connectorId": 1, "transactionId": 99, "meterValue": values}) == {}
    assert await station.call("MeterValues", {"connectorId": 0, "meterValue": values}) == {}
    assert [(value.evse, value.transaction_id) for value in await rows(MeterValue)] == [(1, "99"), (0, None)]
