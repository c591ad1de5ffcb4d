import itertools
import random

import pytest
from sqlalchemy import select
from v2x_architecture.ocpp.csms import CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.tables import MeterValue, Transaction, TransactionEvent

pytestmark = pytest.mark.anyio
TOKEN = {"idToken": "T1", "type": "ISO14443"}


@pytest.fixture
def config():
    return CsmsConfig(
        tokens=(TokenSpec(id_token="T1", group="G"), TokenSpec(id_token="ONE", concurrent=False)),
        energy_price=0.5,
        ping_interval=None,
    )


@pytest.fixture
async def station(connect):
    return await connect("2.0.1")


@pytest.fixture
def rows(csms):
    """All rows of a table."""

    async def rows(table):
        return list(await csms.store.run(lambda db: db.scalars(select(table))))

    return rows


def event(type_, seq_no, *, tx="TX1", trigger="Trigger", info=None, **more):
    return {
        "eventType": type_,
        "seqNo": seq_no,
        "timestamp": f"2026-03-01T12:00:{seq_no:02}Z",
        "triggerReason": trigger,
        "transactionInfo": {"transactionId": tx, **(info or {})},
        **more,
    }


def energy(wh, context):
    return [{"timestamp": "2026-03-01T12:00:00Z", "sampledValue": [{"value": wh, "context": context}]}]


def whole():
    """The events of a transaction, in order."""
    return [
        event("Started", 0, trigger="CablePluggedIn", evse={"id": 1, "connectorId": 2}, info={"chargingState": "EVConnected"}),
        event("Updated", 1, trigger="Authorized", idToken=TOKEN),
        event("Updated", 2, info={"chargingState": "Charging"}, meterValue=energy(100, "Transaction.Begin")),
        event("Updated", 3, trigger="MeterValuePeriodic", meterValue=energy(1100, "Sample.Periodic")),
        event("Updated", 4, trigger="StopAuthorized", idToken={"idToken": "T1", "type": "ISO14443"}),
        event("Ended", 5, info={"stoppedReason": "EVDisconnected"}, meterValue=energy(2100, "Transaction.End")),
    ]


async def test_a_transaction_is_put_together_from_its_events(station, rows):
    for request in whole():
        await station.call("TransactionEvent", request)
    [transaction] = await rows(Transaction)
    assert (transaction.transaction_id, transaction.evse, transaction.connector) == ("TX1", 1, 2)
    assert (transaction.id_token, transaction.stop_id_token, transaction.active) == ("T1", "T1", False)
    assert (transaction.meter_start, transaction.meter_stop, transaction.total_cost) == (100, 2100, 1.0)
    assert (transaction.reason, transaction.charging_state, transaction.last_seq_no) == ("EVDisconnected", "Charging", 5)
    assert len(await rows(MeterValue)) == 3


async def test_the_answer_has_token_info_only_for_an_event_with_a_token(station):
    answers = [await station.call("TransactionEvent", request) for request in whole()]
    info = {"status": "Accepted", "groupIdToken": {"idToken": "G", "type": "Central"}}
    assert answers == [{}, {"idTokenInfo": info}, {}, {}, {"idTokenInfo": info}, {"totalCost": 1.0}]


async def test_the_order_in_which_events_come_does_not_matter(station, connect, rows):
    def told(transaction):
        ignored = {"number", "station", "_sa_instance_state"}
        return {name: value for name, value in vars(transaction).items() if name not in ignored}

    for request in whole():
        await station.call("TransactionEvent", request)
    for number in range(6):
        other = await connect("2.0.1", identity=f"shuffled-{number}")
        for request in random.Random(number).sample(whole(), 6):
            await other.call("TransactionEvent", request)
    in_order, *shuffled = map(told, await rows(Transaction))
    assert shuffled == [in_order] * 6


async def test_a_retried_event_is_answered_but_taken_in_once(station, rows):
    for request in itertools.chain.from_iterable(zip(whole(), whole(), strict=True)):
        await station.call("TransactionEvent", request)
    assert [event.seq_no for event in await rows(TransactionEvent)] == [0, 1, 2, 3, 4, 5]
    assert len(await rows(MeterValue)) == 3
    assert await station.call("TransactionEvent", whole()[-1]) == {"totalCost": 1.0}


async def test_an_offline_transaction_with_lost_updates(station, rows):
    first, *_, last = whole()
    for request in (first, last):
        await station.call("TransactionEvent", request | {"offline": True})
    [transaction] = await rows(Transaction)
    assert (transaction.offline, transaction.active) == (True, False)


async def test_a_late_update_does_not_reopen_a_transaction(station, rows):
    first, second, *_, last = whole()
    for request in (first, last, second):
        await station.call("TransactionEvent", request)
    [transaction] = await rows(Transaction)
    assert not transaction.active


async def test_an_invalid_token_in_an_event(station):
    request = event("Started", 0, idToken={"idToken": "stranger", "type": "ISO14443"})
    assert await station.call("TransactionEvent", request) == {"idTokenInfo": {"status": "Invalid"}}


async def test_a_start_without_authorization(station):
    request = event("Started", 0, idToken={"idToken": "", "type": "NoAuthorization"})
    assert await station.call("TransactionEvent", request) == {"idTokenInfo": {"status": "Accepted"}}


async def test_a_token_with_one_transaction_at_a_time(station):
    one = {"idToken": {"idToken": "ONE", "type": "ISO14443"}}
    first = await station.call("TransactionEvent", event("Started", 0, evse={"id": 1}, **one))
    second = await station.call("TransactionEvent", event("Started", 0, tx="TX2", evse={"id": 2}, **one))
    assert [first["idTokenInfo"]["status"], second["idTokenInfo"]["status"]] == ["Accepted", "ConcurrentTx"]


async def test_stations_number_their_transactions_without_regard_to_each_other(connect, rows):
    for identity in ("CS1", "CS2"):
        station = await connect("2.0.1", identity=identity)
        await station.call("TransactionEvent", event("Started", 0))
    assert [transaction.station for transaction in await rows(Transaction)] == ["CS1", "CS2"]


async def test_total_cost_by_policy(csms, station):
    await csms.set_policy("totalCost", 0)
    assert await station.call("TransactionEvent", event("Ended", 0)) == {"totalCost": 0}


async def test_no_total_cost_without_registers(station):
    assert await station.call("TransactionEvent", event("Ended", 0)) == {}


async def test_registers_count_kilowatt_hours_and_multipliers(station, rows):
    values = [
        {
            "timestamp": "2026-03-01T12:00:00Z",
            "sampledValue": [{"value": 1.5, "context": "Transaction.Begin", "unitOfMeasure": {"unit": "kWh"}}],
        },
        {
            "timestamp": "2026-03-01T12:00:00Z",
            "sampledValue": [{"value": 35, "context": "Transaction.End", "unitOfMeasure": {"multiplier": 2}}],
        },
    ]
    await station.call("TransactionEvent", event("Ended", 0, meterValue=values))
    [transaction] = await rows(Transaction)
    assert (transaction.meter_start, transaction.meter_stop) == (1500, 3500)


@pytest.mark.parametrize("values", [(0, 1.3e62), (-1.7e308, 1.7e308), (0, 5e-324)])
async def test_registers_that_no_meter_has_do_no_harm(station, values):
    for seq_no, (type_, context, value) in enumerate(
        zip(("Started", "Ended"), ("Transaction.Begin", "Transaction.End"), values, strict=True)
    ):
        assert await station.call("TransactionEvent", event(type_, seq_no, meterValue=energy(value, context))) is not None


@pytest.mark.parametrize("multiplier", [400, -400, 2**31])
async def test_multipliers_that_no_meter_has_do_no_harm(station, multiplier):
    values = energy(1, "Transaction.End")
    values[0]["sampledValue"][0]["unitOfMeasure"] = {"multiplier": multiplier}
    assert await station.call("TransactionEvent", event("Ended", 0, meterValue=values)) == {}
