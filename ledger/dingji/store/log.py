"""The log: every entry of a ledger in the order it was recorded, read at any time and written by one at a time."""

# eventsourcing is not imported here: it takes 50 ms, a third of what a cold query may cost, and a query needs rows
# only. So `reads.py` has a plain connection of its own, and the first write imports `sqlite.py`, the library's half.
# Another database is another such pair behind `open_log` and `create_log`.

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from dingji.events.row import Row
from dingji.store.errors import error_of, inconsistent
from dingji.store.layout import APPLICATION_ID, SCHEMA_VERSION, checked_cookie, harden
from dingji.store.reads import READ_WAIT_SECONDS, Reads, Within, fail
from dingji.store.rows import MOST_STATE

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from eventsourcing.persistence import StoredEvent

    from dingji.faults import LedgerError
    from dingji.store.sqlite import LedgerApplication, LedgerConnection, LedgerRecorder

COPIED_PAGES = 2500
"""Pages of a ledger that are copied before the next look at progress and Ctrl-C."""


class Writer(Reads):
    """The one transaction that holds the write lock; its reads see what it appended."""

    head: int
    """The greatest position, this transaction's included."""

    def __init__(self, path: Path, recorder: LedgerRecorder, connection: LedgerConnection) -> None:
        super().__init__(path, connection.sqlite, cookie=0)
        self._recorder = recorder
        self._begin = connection.begin
        self._over = True
        self.wait_seconds = 0.0

    def __enter__(self) -> Self:
        if not self._over:
            raise RuntimeError("the ledger is being written")
        try:
            self._cookie = self._begin(self.wait_seconds)
            self.head, given = self._ends()
            if self.head != given:
                raise inconsistent("tail-gone", position=self.head + 1)
        except BaseException as error:
            self.rollback()
            fail(error, self.path, waited=self.wait_seconds)
        self._over = False
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._over:
                self._connection.commit()
        except sqlite3.Error as error:
            fail(error, self.path, waited=self.wait_seconds)
        finally:
            self.rollback()  # takes nothing back after the commit, but the writer is over

    def append(self, events: Sequence[StoredEvent]) -> int:
        """Append the events and return the position of the first; whatever goes wrong ends the transaction."""
        if self._over:
            raise RuntimeError("the transaction is over")
        try:
            if any(len(event.state) > MOST_STATE for event in events):
                raise error_of("too-large", why="state-bytes", limit=f"{MOST_STATE >> 20} MiB")
            first = self._recorder.append(self._cursor, events) if events else self.head + 1
        except BaseException as error:
            # A batch that failed half-way has left its first rows in the transaction.
            self.rollback()
            fail(error, self.path, waited=self.wait_seconds)
        self.head += len(events)
        return first

    def rollback(self) -> None:
        """Keep nothing of this transaction and end it; the context then exits quietly."""
        self._over = True
        self._connection.rollback()


class Log(Reads):
    """The entries of an open ledger, for one thread. Reads see what was committed, and wait for no writer."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        cookie: int,
        *,
        readonly: bool,
        folder: TemporaryDirectory[str] | None = None,
    ) -> None:
        """Read by way of a connection; `folder` holds the temporary copy that it reads, if it does."""
        super().__init__(path, connection, cookie)
        self._readonly = readonly
        self._folder = folder
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
            if self._readonly or self.is_copy:
                raise error_of("ledger-not-writable", path=str(self.path), why="read-only")
            if self.path.stat().st_nlink > 1:
                # The write-ahead log is found by the file's name: under two names two of them would be written.
                raise error_of("ledger-not-writable", path=str(self.path), why="linked")
            from dingji.store.sqlite import LedgerApplication

            self._application = LedgerApplication(self.path)
            try:
                self._writer = Writer(self.path, *self._application.connect())
            except sqlite3.Error as error:
                fail(error, self.path, waited=wait_seconds)
        self._writer.wait_seconds = wait_seconds
        return self._writer

    def close(self) -> None:
        """Close every connection to the file."""
        if self._application is not None:
            self._application.close()
        self._connection.close()
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def is_copy(self) -> bool:
        """Whether a temporary copy is read: its write-ahead log could not be read where the ledger stands."""
        return self._folder is not None

    def copy_to(self, path: Path, report: Callable[[int, int], None] = lambda done, total: None) -> Copied:
        """Copy the ledger as it is now to a path where nothing is, onto the disk, while others write.

        `report` takes (done, total) in pages.
        """
        try:
            # In a transaction all steps copy one state; without one, each entry that is recorded starts them anew.
            self._connection.execute("BEGIN")
            entries = self._fetch("SELECT count(*) FROM stored_events")[0][0]
            _, given = self._ends()
            with closing(sqlite3.connect(path, isolation_level=None)) as target:
                self._connection.backup(
                    target, pages=COPIED_PAGES, progress=lambda _, left, total: report(total - left, total)
                )
            _sync(path)
        except (sqlite3.Error, OSError) as error:
            fail(error, path, waited=READ_WAIT_SECONDS)
        finally:
            self._connection.rollback()
        return Copied(entries, given)


class Copied(NamedTuple):
    """What a copy of a ledger holds."""

    entries: int
    head: int
    """The greatest position; more than the entries where some are gone."""


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def create_log(path: Path) -> Log:
    """Create a ledger's log at a path where nothing is yet; it appears there whole or not at all."""
    from dingji.store.sqlite import create

    try:
        create(path, {"application_id": APPLICATION_ID, "user_version": SCHEMA_VERSION})
    except Exception as error:
        fail(error, path, waited=0.0)
    return open_log(path)


def open_log(path: Path, *, readonly: bool = False) -> Log:
    """Open an existing ledger's log, one on read-only media too; `readonly` leaves the file's bytes as they are."""
    path = path.absolute()  # the first write opens it again, wherever the process is by then
    try:
        if not _is_file(path):
            raise error_of("not-a-ledger", path=str(path))
        return _opened(path, readonly=readonly)
    except (sqlite3.Error, OSError) as error:
        fail(error, path)


def _is_file(path: Path) -> bool:
    # Not Path.is_file: from Python 3.14 on it says no where the folder may not be searched.
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise error_of("no-ledger", path=str(path)) from None


_NOTHING_BESIDE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL}
_NO_INDEX = {sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP}


def _opened(path: Path, *, readonly: bool) -> Log:
    file = path.resolve()
    try:
        return Log(path, *_connect(f"{file.as_uri()}?mode={'ro' if readonly else 'rw'}", path), readonly=readonly)
    except sqlite3.OperationalError as error:
        # A log in WAL mode is read by way of two files beside it, which can't be made in a read-only folder or on a
        # full disk. Then nobody writes it either, and `immutable` reads it without them.
        if error.sqlite_errorcode & 0xFF not in _NOTHING_BESIDE and error.sqlite_errorcode not in _NO_INDEX:
            raise
    wal = Path(f"{file}-wal")
    if not (wal.exists() and wal.stat().st_size):
        return Log(path, *_connect(f"{file.as_uri()}?mode=ro&immutable=1", path), readonly=readonly)
    # That would not see entries that still stand in a write-ahead log: they are read where both files may be made.
    from dingji.store.temporary_copy import temporary_copy

    folder = temporary_copy(file)
    try:
        uri = f"{Path(folder.name, 'ledger').as_uri()}?mode=ro"
        return Log(path, *_connect(uri, path), readonly=readonly, folder=folder)
    except BaseException:
        folder.cleanup()
        raise


def _connect(uri: str, path: Path) -> tuple[sqlite3.Connection, int]:
    """Connect for reading to a file that is laid out as a ledger; return its `schema_version` too."""
    # SQLite is asked for the marks, not the file: to close any other descriptor of a file drops the locks that this
    # process holds on it.
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=READ_WAIT_SECONDS
    )
    try:
        connection.execute("PRAGMA synchronous=FULL")  # the last connection to be closed writes the file
        connection.execute("PRAGMA query_only=ON")
        harden(connection)
        return connection, checked_cookie(connection, path)
    except BaseException as error:
        connection.close()
        if (malformed := _malformed(error, path)) is not None:
            raise malformed from error
        raise


def _malformed(error: BaseException, path: Path) -> LedgerError | None:
    """Return the error of a file that SQLite can make no sense of: of its layout, or of its pages."""
    if isinstance(error, UnicodeDecodeError):  # it names a part, in whatever bytes the file has for it
        return error_of("foreign-schema", path=str(path), part=f"sqlite_schema: {error.object!a}", why="part-changed")
    if getattr(error, "sqlite_errorcode", 0) & 0xFF not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR}:
        return None
    if "malformed database schema" in str(error):
        return error_of("foreign-schema", path=str(path), part=f"sqlite_schema: {error}", why="part-changed")
    return error_of("damaged-ledger", path=str(path), why=str(error))
