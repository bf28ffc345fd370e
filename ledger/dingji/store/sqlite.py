"""The log's writing half on SQLite: the eventsourcing application, and the recorder that appends its rows."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, cast

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteFactory,
)
from eventsourcing.utils import Environment, EnvType

from dingji.faults import IntegrityBroken, LedgerError
from dingji.store.layout import GUARDS, TABLE, checked_cookie, harden
from dingji.store.publish import check_free, publish

WAIT_SECONDS = 60.0
"""How long an append waits for the write lock, unless it is told otherwise."""

_SLICE_SECONDS = 0.1  # SQLite waits for a lock inside C, where Ctrl-C does not reach it, so it waits a little at a time

_STATEMENTS = [re.sub(r"^CREATE \w+", r"\g<0> IF NOT EXISTS", sql) for sql in (TABLE, *GUARDS.values())]

CACHE_KIB = 8192
"""The page cache of the writing connection: an import comes back to the same pages of the index again and again."""

ROWS_A_STATEMENT = 250
"""Rows that one statement inserts: a statement for each takes a third longer (hot path of an import)."""

_columns = attrgetter("originator_id", "originator_version", "topic", "state")


class LedgerConnection(SQLiteConnection):
    """The library's connection, with a transaction that takes the write lock first."""

    def __init__(self, sqlite_conn: sqlite3.Connection, max_age: float | None, path: Path) -> None:
        super().__init__(sqlite_conn, max_age)
        self.sqlite = sqlite_conn
        self._path = path
        self._cookie: int | None = None
        self._writable = False

    def begin(self, wait_seconds: float = WAIT_SECONDS) -> int:
        """Take the write lock before anything is read; past `wait_seconds` SQLite's own error stands.

        Returns the `schema_version` of the file, whose layout is checked with its guards: a trigger that came after it
        was opened would write too. Raises IntegrityBroken (`foreign-schema`, `newer-ledger`).
        """
        started = monotonic()
        while not self.sqlite.in_transaction:
            try:
                self.sqlite.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or monotonic() >= started + wait_seconds:
                    raise
        try:
            cookie: int = self.sqlite.execute("PRAGMA schema_version").fetchone()[0]
            if cookie != self._cookie:
                self._cookie = checked_cookie(self.sqlite, self._path, writing=True)
            if not self._writable:
                # On a file that can't be written BEGIN IMMEDIATE succeeds and locks nothing: fail here, not at the
                # insert.
                self.sqlite.execute("UPDATE stored_events SET rowid=rowid WHERE rowid IS NULL")
                self._writable = True
        except BaseException:
            self.rollback()
            raise
        return cookie


class LedgerPool(SQLiteConnectionPool):
    """The library's pool, of connections that reach the disk before they acknowledge a commit."""

    path: Path
    """Where the file is; `db_name` is its URI."""

    def _create_connection(self) -> SQLiteConnection:
        connection = sqlite3.connect(
            self.db_name, uri=True, isolation_level=None, check_same_thread=False, timeout=_SLICE_SECONDS
        )
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            harden(connection)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return LedgerConnection(connection, self.max_age, self.path)


class LedgerDatastore(SQLiteDatastore):
    """The library's datastore over `LedgerPool`, of one existing file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.resolve().as_uri()}?mode=rw", originator_id_type="text")
        self.pool: LedgerPool = LedgerPool(db_name=self.pool.db_name)
        self.pool.path = path


class LedgerRecorder(SQLiteApplicationRecorder):
    """The library's recorder on an append-only table with an integer key; stream names are text."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name)
        self.insert_events_statement = (
            "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
        )

    def construct_create_table_statements(self) -> list[str]:
        """Return the table and the triggers that keep its rows as they were written."""
        return _STATEMENTS

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Append the events in one durable transaction; return their positions."""
        with self.datastore.get_connection(commit=False) as connection:
            cast("LedgerConnection", connection).begin()
            try:
                positions = self._insert_events(connection.cursor(), stored_events, **kwargs)
                connection.commit()
            finally:
                connection.rollback()  # of what was not committed
        return positions

    def _insert_events(self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int]:
        first = self.append(c.sqlite_cursor, stored_events)
        return list(range(first, first + len(stored_events)))

    def append(self, cursor: sqlite3.Cursor, stored_events: Sequence[StoredEvent]) -> int:
        """Append under the write lock, the one way in of every row; return the position of the first."""
        try:
            for start in range(0, len(stored_events), ROWS_A_STATEMENT):
                part = stored_events[start : start + ROWS_A_STATEMENT]
                values = list(chain.from_iterable(map(_columns, part)))
                cursor.execute(self.insert_events_statement + ",(?,?,?,?)" * (len(part) - 1), values)
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        return (cursor.lastrowid or 0) - len(stored_events) + 1


class LedgerFactory(SQLiteFactory):
    """The library's factory, of our recorder on our datastore."""

    application_recorder_class = LedgerRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore = LedgerDatastore(Path(self.env[self.SQLITE_DBNAME]))


class LedgerApplication(Application[str]):
    """The eventsourcing application that holds the log of one ledger."""

    # Its mapper, repository and save() stay unused: they want events that carry their own stream and version, and
    # rebuild them past `__init__` without a check. Ours are typed structs that carry neither: `codec` makes the bytes
    # of a StoredEvent from one, and a `Row` names the entry that one was read from.

    def __init__(self, path: Path, *, create_table: bool = False) -> None:
        self._settings = {
            "SQLITE_DBNAME": str(path),
            "ORIGINATOR_ID_TYPE": "text",
            "CREATE_TABLE": "yes" if create_table else "no",
        }
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return our settings alone: the library would let the environment of the process override them."""
        return Environment(name, self._settings)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Return our factory, whatever PERSISTENCE_MODULE says."""
        return LedgerFactory(env)

    def connect(self) -> tuple[LedgerRecorder, LedgerConnection]:
        """Return the recorder, and a connection of its pool to keep for writing until the application is closed."""
        recorder = cast("LedgerRecorder", self.recorder)
        # Not with `is_writer`: if opening the connection fails, the pool never gives back that lock of its own.
        return recorder, cast("LedgerConnection", recorder.datastore.pool.get_connection())


def create(path: Path, marks: dict[str, int]) -> None:
    """Put an empty log, marked by `marks`, at a path where nothing is: whole, or not at all."""
    check_free(path)
    with TemporaryDirectory(prefix=".dingji-", dir=path.parent) as folder:
        draft = Path(folder, "log")
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            for name, value in marks.items():
                connection.execute(f"PRAGMA {name}={value}")
        LedgerApplication(draft, create_table=True).close()  # which moves the write-ahead log into the file
        publish(draft, path)


_NO_ACCESS = {
    "read-only": ({sqlite3.SQLITE_READONLY}, {errno.EROFS}),
    "no-access": ({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}, {errno.EACCES, errno.EPERM}),
    "no-folder": (set(), {errno.ENOENT, errno.ENOTDIR}),
    "disk-full": ({sqlite3.SQLITE_FULL}, {errno.ENOSPC, errno.EDQUOT}),
    "io-error": ({sqlite3.SQLITE_IOERR}, set(errno.errorcode)),
}


def fault_of(error: BaseException, path: Path, waited: float | None) -> LedgerError | None:
    """Return the fault that a user sees for an error of SQLite, the library or the file system; None for a bug.

    `waited` is for how many seconds a writer waited; None for a read.
    """
    code = _code(error) or _code(error.__cause__)  # the library wraps SQLite's errors in its own
    number = error.errno if isinstance(error, OSError) else None
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        locked = waited is None
        return LedgerError("ledger-locked", path=str(path)) if locked else LedgerError("ledger-busy", seconds=waited)
    if code == sqlite3.SQLITE_NOTADB:
        return LedgerError("not-a-ledger", path=str(path))
    if code == sqlite3.SQLITE_CORRUPT:
        return IntegrityBroken("damaged-ledger", path=str(path), why=str(error))
    if isinstance(error, FileExistsError):
        return LedgerError("ledger-exists", path=error.filename2 or error.filename)
    for why, (codes, numbers) in _NO_ACCESS.items():
        if code in codes or number in numbers:
            kind = "ledger-not-readable" if waited is None else "ledger-not-writable"
            return LedgerError(kind, path=str(path), why=why)
    return None


def _code(error: BaseException | None) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
