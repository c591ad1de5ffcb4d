"""What a station keeps without power. Values go in and out as bytes, so that nothing survives a power cycle by accident."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Protocol

import msgspec


class Store(Protocol):
    """Documents by section and key."""

    def put(self, section: str, key: str, value: object) -> None:
        """Keep a value: anything that msgspec can write as JSON."""
        ...

    def get[T](self, section: str, key: str, kind: type[T]) -> T | None:
        """Return the value under a key, or None."""
        ...

    def load[T](self, section: str, kind: type[T]) -> dict[str, T]:
        """Return a section, oldest key first."""
        ...

    def delete(self, section: str, key: str) -> None:
        """Forget a key; unknown keys are no error."""
        ...

    def clear(self, section: str | None = None) -> None:
        """Forget a section, or everything."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class MemoryStore:
    """Keeps documents as long as the process lives."""

    def __init__(self) -> None:
        self._sections: dict[str, dict[str, bytes]] = {}

    def put(self, section: str, key: str, value: object) -> None:
        """Keep a value."""
        self._sections.setdefault(section, {})[key] = msgspec.json.encode(value)

    def get[T](self, section: str, key: str, kind: type[T]) -> T | None:
        """Return the value under a key, or None."""
        data = self._sections.get(section, {}).get(key)
        return None if data is None else msgspec.json.decode(data, type=kind)

    def load[T](self, section: str, kind: type[T]) -> dict[str, T]:
        """Return a section, oldest key first."""
        return {key: msgspec.json.decode(data, type=kind) for key, data in self._sections.get(section, {}).items()}

    def delete(self, section: str, key: str) -> None:
        """Forget a key; unknown keys are no error."""
        self._sections.get(section, {}).pop(key, None)

    def clear(self, section: str | None = None) -> None:
        """Forget a section, or everything."""
        if section is None:
            self._sections.clear()
        else:
            self._sections.pop(section, None)

    def close(self) -> None:
        """Do nothing: memory has no files."""


class SqliteStore:
    """Keeps documents in an SQLite file; every change is written at once.

    Args:
        path: the file; made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS document (section TEXT, key TEXT, value BLOB, PRIMARY KEY (section, key))")

    def put(self, section: str, key: str, value: object) -> None:
        """Keep a value."""
        self._db.execute(
            "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (section, key, msgspec.json.encode(value)),
        )

    def get[T](self, section: str, key: str, kind: type[T]) -> T | None:
        """Return the value under a key, or None."""
        row = self._db.execute("SELECT value FROM document WHERE section = ? AND key = ?", (section, key)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def load[T](self, section: str, kind: type[T]) -> dict[str, T]:
        """Return a section, oldest key first."""
        rows = self._db.execute("SELECT key, value FROM document WHERE section = ? ORDER BY rowid", (section,))
        return {key: msgspec.json.decode(value, type=kind) for key, value in rows}

    def delete(self, section: str, key: str) -> None:
        """Forget a key; unknown keys are no error."""
        self._db.execute("DELETE FROM document WHERE section = ? AND key = ?", (section, key))

    def clear(self, section: str | None = None) -> None:
        """Forget a section, or everything."""
        if section is None:
            self._db.execute("DELETE FROM document")
        else:
            self._db.execute("DELETE FROM document WHERE section = ?", (section,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def open_store(path: str | None) -> Store:
    """Return a store: in the file at ``path``, or in memory."""
    return MemoryStore() if path is None else SqliteStore(Path(path))
