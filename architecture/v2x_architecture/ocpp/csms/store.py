"""The store of a CSMS: one database, short transactions, and a clock that holds still while it works."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from v2x_architecture.clock import working
from v2x_architecture.ocpp.csms.errors import StoreUnusable
from v2x_architecture.ocpp.csms.inline_sqlite import InlineConnection
from v2x_architecture.ocpp.csms.tables import Base


class Store:
    """What a CSMS remembers.

    Args:
        url: SQLAlchemy URL of an async driver: ``sqlite+aiosqlite://`` (in memory), ``sqlite+aiosqlite:///FILE``,
            ``postgresql+asyncpg://…``.

    Raises:
        StoreUnusable: no such driver, or the URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
            self._engine = _engine(self._url.render_as_string(hide_password=False))
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise StoreUnusable(f"no database URL that works here: {error}") from error
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        # SQLite has one writer, and in memory one connection: transactions take turns.
        self._tasks: set[asyncio.Task[Any]] = set()
        self._turn = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None

    @property
    def url(self) -> str:
        """The database's URL, without its password."""
        return self._url.render_as_string()

    async def open(self) -> None:
        """Create the tables that are missing.

        Raises:
            StoreUnusable: the server does not answer, the file cannot be written.
        """
        try:
            await self._create()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            await self.close()
            raise StoreUnusable(f"{self.url} cannot be used: {error}") from error

    async def _create(self) -> None:
        if self._engine.dialect.name == "sqlite" and self._url.database:
            # aiosqlite leaves its thread behind when a file cannot be opened, so that is tried without it.
            sqlite3.connect(self._url.database).close()
        with working():
            if self._engine.dialect.name == "sqlite" and not self._url.database:
                # As one script: creating an empty store costs milliseconds this way, and casts create many.
                async with self._engine.connect() as connection:
                    raw = await connection.get_raw_connection()
                    driver = raw.driver_connection
                    assert driver is not None
                    await driver.executescript(_sqlite_script())
            else:
                async with self._engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)

    async def close(self) -> None:
        """Finish what is under way and let go of the database; an in-memory one is gone."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        with working():
            await self._engine.dispose()

    async def run[T](self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do work in a transaction: its changes are committed at the end, or not at all.

        Whoever waits may be cancelled (a connection that ends takes its handlers with it), the work is not.

        Args:
            work: takes a session and awaits nothing else: virtual time stands still meanwhile.
        """
        task = asyncio.get_running_loop().create_task(self._transaction(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _transaction[T](self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with self._turn or nullcontext():
            with working():
                async with self._sessions.begin() as session:
                    return await work(session)


@cache
def _sqlite_script() -> str:
    dialect = sqlite.dialect()
    tables = Base.metadata.sorted_tables
    creations = [str(CreateTable(table).compile(dialect=dialect)) for table in tables]
    creations += [str(CreateIndex(index).compile(dialect=dialect)) for table in tables for index in table.indexes]
    return ";\n".join(creations)


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        engine = create_async_engine(url)
    else:
        engine = create_async_engine(url, poolclass=StaticPool, pool_reset_on_return=None, async_creator=_in_memory)
    _enforce_foreign_keys(engine.sync_engine)
    return engine


async def _in_memory() -> aiosqlite.Connection:
    return await InlineConnection()


def _enforce_foreign_keys(engine: Engine) -> None:
    """SQLite ignores foreign keys unless told not to, on each connection."""

    @event.listens_for(engine, "connect")
    def pragma(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
