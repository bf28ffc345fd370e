"""The yardstick: what SQLite and orjson alone do on the same rows, in a table like the log's."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson

from bench.table import timed

Entry = tuple[str, int, str, bytes]

_TABLE = (
    "CREATE TABLE stored_events (rowid INTEGER PRIMARY KEY AUTOINCREMENT, originator_id TEXT NOT NULL,"
    " originator_version INT NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL,"
    " UNIQUE (originator_id, originator_version))"
)
_INSERT = "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"


class RawLog:
    """A table of entries, and nothing around it."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_TABLE)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def bulk(self, entries: Sequence[Entry]) -> float:
        """Insert all in one transaction; return the seconds."""

        def work() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(_INSERT, entries)
            self._db.execute("COMMIT")

        return timed(work)

    def one(self, entry: Entry) -> float:
        """Insert one in a transaction of its own; return the seconds."""

        def work() -> None:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(_INSERT, entry)
            self._db.execute("COMMIT")

        return timed(work)

    def scan(self) -> float:
        """Read all in the order of recording and parse their states; return the seconds."""
        return _scanned(self._db)


def scan(path: Path) -> float:
    """Read a ledger's own rows as `RawLog.scan` does; return the seconds."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        return _scanned(db)


def _scanned(db: sqlite3.Connection) -> float:
    def work() -> None:
        loads = orjson.loads
        rows = db.execute(
            "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events ORDER BY rowid"
        )
        for row in rows:
            loads(row[4])

    return timed(work)
