"""The log: every entry of a ledger in the order it was recorded, read at any time and written by one at a time."""

# eventsourcing is not imported here: it takes 50 ms, a third of what a cold query may cost, and a query needs rows
# only. So `reads.py` has a plain connection of its own, and the first write imports `sqlite.py`, the library's half.
# Another database is another such pair behind `open_log` and `create_log`.

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dingji.events.row import Row
from dingji.store.reads import READ_WAIT_SECONDS, Reads, Within, error_of, fail, inconsistent

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

    from dingji.store.sqlite import LedgerApplication, LedgerConnection, LedgerRecorder

APPLICATION_ID = 0x44494E47  # "DING", in the header of the file
SCHEMA_VERSION = 1


class Writer(Reads):
    """The one transaction that holds the write lock; its reads see what it appended."""

    head: int
    """The greatest position, this transaction's included."""

    def __init__(self, path: Path, recorder: LedgerRecorder, connection: LedgerConnection) -> None:
        super().__init__(path, connection.sqlite)
        self._recorder = recorder
        self._begin = connection.begin
        self._over = True
        self.wait_seconds = 0.0

    def __enter__(self) -> Self:
        if not self._over:
            raise RuntimeError("the ledger is being written")
        try:
            self._begin(self.wait_seconds)
            self.head, given = self._ends()
            if self.head != given:
                raise inconsistent("tail-gone", position=self.head + 1)
        except BaseException as error:
            self.rollback()
            fail(error, self.path, self.wait_seconds)
        self._over = False
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._over:
                self._connection.commit()
        except sqlite3.Error as error:
            fail(error, self.path)
        finally:
            self.rollback()  # takes nothing back after the commit, but the writer is over

    def append(self, events: Sequence[StoredEvent]) -> int:
        """Append the events and return the position of the first; whatever goes wrong ends the transaction."""
        if self._over:
            raise RuntimeError("the transaction is over")
        try:
            first = self._recorder.append(self._cursor, events) if events else self.head + 1
            if first != self.head + 1:
                # Rows are gone from the end of the log: AUTOINCREMENT does not give their positions again.
                raise inconsistent("tail-gone", position=self.head + 1)
        except BaseException as error:
            # A batch that failed half-way has left its first rows in the transaction.
            self.rollback()
            fail(error, self.path)
        self.head += len(events)
        return first

    def rollback(self) -> None:
        """Keep nothing of this transaction and end it; the context then exits quietly."""
        self._over = True
        self._connection.rollback()


class Log(Reads):
    """The entries of an open ledger, for one thread. Reads see what was committed, and wait for no writer."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, readonly: bool) -> None:
        super().__init__(path, connection)
        self._readonly = readonly
        self._application: LedgerApplication | None = None
        self._writer: Writer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def head(self) -> int:
        """Return the greatest position, 0 when nothing is recorded."""
        return self._head()

    def ends(self) -> tuple[int, int]:
        """Return the greatest position, and the greatest that SQLite ever gave: beyond the first, entries are gone."""
        return self._ends()

    def file_fault(self) -> str | None:
        """Return the first that SQLite finds wrong with its file, index against table too; it reads all of it."""
        found: str = self._fetch("PRAGMA integrity_check(1)")[0][0]
        return None if found == "ok" else found

    def scan(
        self,
        after: int = 0,
        *,
        upto: int | None = None,
        topics: Collection[str] | None = None,
        first: str | None = None,
        last: str | None = None,
    ) -> Iterator[Row]:
        """Read on from a position to `upto`, or to the head of this moment; `first` and `last` bound the streams."""
        head = self._head()
        within = Within(topics, first, last)
        return chain.from_iterable(self._batches(after, head if upto is None else min(upto, head), within))

    def writing(self, wait_seconds: float = 60.0) -> AbstractContextManager[Writer]:
        """Take the write lock, and commit on leaving: then all is on disk; after any exception nothing is kept."""
        if self._writer is None:
            if self._readonly:
                raise error_of("ledger-not-writable", path=str(self.path), why="read-only")
            from dingji.store.sqlite import LedgerApplication

            self._application = LedgerApplication(self.path)
            try:
                self._writer = Writer(self.path, *self._application.connect())
            except sqlite3.Error as error:
                fail(error, self.path)
        self._writer.wait_seconds = wait_seconds
        return self._writer

    def close(self) -> None:
        """Close every connection to the file."""
        if self._application is not None:
            self._application.close()
        self._connection.close()


def create_log(path: Path) -> Log:
    """Create a ledger's log at a path where nothing is yet; it appears there whole or not at all."""
    from dingji.store.sqlite import create

    try:
        create(path, {"application_id": APPLICATION_ID, "user_version": SCHEMA_VERSION})
    except Exception as error:
        fail(error, path)
    return open_log(path)


def open_log(path: Path, *, readonly: bool = False) -> Log:
    """Open an existing ledger's log, one on read-only media too; `readonly` leaves the file's bytes as they are."""
    path = path.absolute()  # the first write opens it again, wherever the process is by then
    try:
        if not path.is_file():
            raise error_of("not-a-ledger" if path.exists() else "no-ledger", path=str(path))
        return Log(path, _connect_somehow(path, "ro" if readonly else "rw"), readonly=readonly)
    except (sqlite3.Error, OSError) as error:
        fail(error, path)


def _connect_somehow(path: Path, mode: str) -> sqlite3.Connection:
    file = path.resolve()
    try:
        return _connect(f"{file.as_uri()}?mode={mode}", path)
    except sqlite3.OperationalError as error:
        # A log in WAL mode is read by way of two files beside it, which can't be made in a read-only folder. Then
        # nobody writes it either, and `immutable` reads it without them. But it would not see entries that still
        # stand in a write-ahead log, so if there is one the error stands.
        wal = Path(f"{file}-wal")
        code = error.sqlite_errorcode & 0xFF
        if code not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or (wal.exists() and wal.stat().st_size):
            raise
        return _connect(f"{file.as_uri()}?mode=ro&immutable=1", path)


def _connect(uri: str, path: Path) -> sqlite3.Connection:
    """Connect for reading to a file that says it is a ledger."""
    # SQLite is asked for the marks, not the file: to close any other descriptor of a file drops the locks that this
    # process holds on it.
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=READ_WAIT_SECONDS
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")  # the last connection to be closed writes the file
        connection.execute("PRAGMA query_only=ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID or not 1 <= version <= SCHEMA_VERSION:
            raise error_of("not-a-ledger", path=str(path))
    except BaseException:
        connection.close()
        raise
    return connection
