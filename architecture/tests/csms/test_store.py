"""The store in memory, in a file, and on a PostgreSQL server of the test's own."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms, StoreUnusable, TokenSpec
from v2x_architecture.ocpp.csms.store import Store
from v2x_architecture.ocpp.csms.tables import Notification, Station, Transaction

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(request):
    """URL of an empty database of the kind that the test is parametrized with."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def memory():
    return "sqlite+aiosqlite://"


@pytest.fixture
def file(tmp_path):
    return f"sqlite+aiosqlite:///{tmp_path / 'csms.db'}"


every_database = pytest.mark.parametrize("database", ["memory", "file", "postgresql"], indirect=True)


@pytest.fixture
async def store(database):
    store = Store(database)
    await store.open()
    yield store
    await store.close()


def station(identity="CS1", **columns):
    return Station(identity=identity, version="2.0.1", local_list_version=0, **columns)


async def put(store, *rows):
    async def work(db):
        db.add_all(rows)

    await store.run(work)


async def get(store, table, key):
    return await store.run(lambda db: db.get(table, key))


@every_database
async def test_what_went_in_comes_out(store):
    booted_at = datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    boot = {"text": "ü\x00\ud800", "list": [1, 2.5, None, {}]}
    await put(store, station(vendor="A\x00C\ud800ME", boot=boot, booted_at=booted_at))
    row = await get(store, Station, "CS1")
    assert row.vendor == "A\ufffdC\ufffdME"
    assert row.boot == boot
    assert row.booted_at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@every_database
async def test_work_that_fails_leaves_nothing(store):
    async def work(db):
        db.add(station())
        await db.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(work)
    assert await get(store, Station, "CS1") is None


@every_database
async def test_work_goes_on_when_nobody_waits_for_it_any_more(store):
    task = asyncio.ensure_future(put(store, station()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(1)
    assert await get(store, Station, "CS1") is not None


@every_database
async def test_work_of_many_at_once_does_not_mix(store):
    async def work(db, identity):
        db.add(station(identity))
        await db.flush()
        await db.execute(select(Station))
        if identity.endswith("7"):
            raise LookupError

    results = await asyncio.gather(*(store.run(lambda db, n=n: work(db, f"CS{n}")) for n in range(20)), return_exceptions=True)
    assert sum(isinstance(result, LookupError) for result in results) == 2
    stored = await store.run(lambda db: db.scalars(select(Station.identity)))
    assert sorted(stored) == sorted(f"CS{n}" for n in range(20) if n not in {7, 17})


@every_database
async def test_a_station_goes_with_all_that_is_its_own(store):
    await put(store, station())
    await put(
        store,
        Notification(station="CS1", action="A", payload={}, received_at=datetime.now(UTC)),
        Transaction(station="CS1", transaction_id="TX", active=True, offline=False),
    )

    async def remove(db):
        await db.delete(await db.get(Station, "CS1"))

    await store.run(remove)
    for table in (Notification, Transaction):
        assert list(await store.run(lambda db, table=table: db.scalars(select(table)))) == []


@pytest.mark.parametrize("database", ["file", "postgresql"], indirect=True)
async def test_a_csms_that_is_started_again_goes_on_with_it(database, boots):
    config = CsmsConfig(database=database, tokens=(TokenSpec(id_token="T1"),), ping_interval=None)
    start = {"connectorId": 1, "idTag": "t1", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    event = {
        "eventType": "Started",
        "seqNo": 0,
        "timestamp": "2026-03-01T12:00:00Z",
        "triggerReason": "CablePluggedIn",
        "transactionInfo": {"transactionId": "TX"},
    }
    numbers = set()
    for boot in (True, False):
        async with ReferenceCsms(config, LoopClock(datetime(2026, 3, 1, tzinfo=UTC))) as csms:
            old, new = [
                (await OcppClient(url=csms.url, identity=version, versions=[version]).connect()).start() for version in boots
            ]
            if boot:
                await old.call("BootNotification", boots["1.6"])
                await new.call("BootNotification", boots["2.0.1"])
            numbers.add((await old.call("StartTransaction", start))["transactionId"])
            assert await new.call("TransactionEvent", event) == {}
            await old.close()
            await new.close()
    assert len(numbers) == 1


async def test_memory_is_gone_after_closing(memory):
    for _ in range(2):
        store = Store(memory)
        await store.open()
        await put(store, station())
        await store.close()


async def test_a_file_stays(file):
    for expected in (0, 1):
        store = Store(file)
        await store.open()
        assert len(list(await store.run(lambda db: db.scalars(select(Station))))) == expected
        if not expected:
            await put(store, station())
        await store.close()


@pytest.mark.parametrize("url", ["nonsense", "mongodb://x", "sqlite+nothing://"])
def test_a_url_that_does_not_work(url):
    with pytest.raises(StoreUnusable, match="database URL"):
        Store(url)


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:////nowhere/csms.db", "postgresql+asyncpg://csms:secret@127.0.0.1:9/csms"])
async def test_a_database_that_does_not_answer(url):
    with pytest.raises(StoreUnusable, match="cannot be used") as unusable:
        await Store(url).open()
    assert "secret" not in str(unusable.value)


async def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "file").write_text("no database " * 100)
    with pytest.raises(StoreUnusable, match="not a database"):
        await Store(f"sqlite+aiosqlite:///{tmp_path / 'file'}").open()


def test_a_url_is_shown_without_its_password():
    assert "secret" not in Store("postgresql+asyncpg://csms:secret@127.0.0.1/csms").url
