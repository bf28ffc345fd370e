"""The log: every entry of a ledger in the order it was recorded, read at any time and written by one at a time."""

# eventsourcing is not imported here: it takes 50 ms, a third of what a cold query may cost, and a query needs rows
# only. So reads have a plain connection of their own, and the first write imports `sqlite.py`, the library's half.
# Another database is another such pair behind `open_log` and `create_log`.

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self, cast

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent

    from dingji.faults import LedgerError
    from dingji.sqlite import LedgerApplication, LedgerConnection, LedgerRecorder

APPLICATION_ID = 0x44494E47  # "DING", in the header of the file
SCHEMA_VERSION = 1
BATCH_ROWS = 1000
BATCH_BYTES = 4 << 20
READ_WAIT_SECONDS = 5.0
_LAST = (1 << 63) - 1  # no position is greater

_SELECT = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events WHERE "

# Leaps from name to name over the unique index: SELECT DISTINCT would read all of it.
_STREAMS = (
    "WITH RECURSIVE names(name) AS (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>=?1 AND originator_id<?2 UNION ALL SELECT (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>name AND originator_id<?2) FROM names WHERE name IS NOT NULL)"
    " SELECT name FROM names WHERE name IS NOT NULL LIMIT ?3"
)


class Row(NamedTuple):
    """One entry as it is stored."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes


# Without the length check of Row._make, which takes as long as SQLite takes for the row.
_row = cast("Callable[[Any], Row]", partial(tuple.__new__, Row))


class _Within(NamedTuple):
    """Which entries are read: of some topics, of streams from `first` to `last`, and what a test of SQL admits."""

    topics: Collection[str] | None = None
    first: str | None = None
    last: str | None = None
    also: tuple[str, ...] = ()
    """The test, then its values."""


class _Reads:
    """What can be asked of the log, inside a transaction or outside of one."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._cursor = connection.cursor()
        self._cursor.row_factory = None  # the library's connections make rows by name, at twice the cost

    def _fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        try:
            return self._cursor.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            _fail(error, self.path)

    def _rows(self, condition: str, parameters: Sequence[Any]) -> list[Row]:
        return list(map(_row, self._fetch(_SELECT + condition, parameters)))

    def _head(self) -> int:
        return self._fetch("SELECT max(rowid) FROM stored_events")[0][0] or 0

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the entries of a stream by version, those at positions up to `upto`."""
        bound = _LAST if upto is None else upto
        return self._rows("originator_id=? AND +rowid<=? ORDER BY originator_version", (stream, bound))

    def row(self, position: int) -> Row | None:
        """Return the entry at a position."""
        return next(iter(self._rows("rowid=?", (position,))), None)

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        return next(iter(self._rows("originator_id=? AND originator_version=?", (stream, version))), None)

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        least, beyond = prefix, prefix + "\U0010ffff"
        while names := self._fetch(_STREAMS, (least, beyond, BATCH_ROWS)):
            yield from (name for (name,) in names)
            if len(names) < BATCH_ROWS:
                return
            least = names[-1][0] + "\0"

    def find(
        self, topics: Collection[str], keys: Sequence[str], value: str, *, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield the entries of the topics whose state holds the text `value` under `keys`; it reads them all."""
        field = "$" + "".join(f'."{key}"' for key in keys)
        test = "json_type(CAST(state AS TEXT),?)='text' AND json_extract(CAST(state AS TEXT),?)=?"
        head = self._head()
        within = _Within(topics, also=(test, field, field, value))
        return chain.from_iterable(self._batches(0, head if upto is None else min(upto, head), within))

    def _batches(self, after: int, upto: int, within: _Within) -> Iterator[list[Row]]:
        # A statement a batch: a cursor left open would hold its snapshot, for all other reads of this connection and
        # against the clearing of the write-ahead log.
        more = True
        while more:
            condition, parameters = _condition(after, upto, within)
            batch, more = self._batch(f"{_SELECT}{condition} ORDER BY rowid LIMIT {BATCH_ROWS}", parameters)
            if batch:
                after = batch[-1].position
                yield batch

    def _batch(self, sql: str, parameters: Sequence[Any]) -> tuple[list[Row], bool]:
        """Return a batch that is bounded in rows and in bytes, and whether there may be more."""
        rows: list[Row] = []
        size = 0
        try:
            cursor = self._connection.cursor()
            cursor.row_factory = None
            cursor.execute(sql, parameters)
            while size < BATCH_BYTES and (part := cursor.fetchmany(16)):
                rows += map(_row, part)
                size += sum([len(row[4]) for row in part])
            cursor.close()
        except sqlite3.Error as error:
            _fail(error, self.path)
        return rows, size >= BATCH_BYTES or len(rows) == BATCH_ROWS


class Writer(_Reads):
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
            self.head = self._head()
        except BaseException as error:
            self.rollback()
            _fail(error, self.path, self.wait_seconds)
        self._over = False
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and not self._over:
                self._connection.commit()
        except sqlite3.Error as error:
            _fail(error, self.path)
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
                raise _error("log-inconsistent", stream=str(self.path), version=self.head + 1)
        except BaseException as error:
            # A batch that failed half-way has left its first rows in the transaction.
            self.rollback()
            _fail(error, self.path)
        self.head += len(events)
        return first

    def rollback(self) -> None:
        """Keep nothing of this transaction and end it; the context then exits quietly."""
        self._over = True
        self._connection.rollback()


class Log(_Reads):
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
        within = _Within(topics, first, last)
        return chain.from_iterable(self._batches(after, head if upto is None else min(upto, head), within))

    def writing(self, wait_seconds: float = 60.0) -> AbstractContextManager[Writer]:
        """Take the write lock, and commit on leaving: then all is on disk; after any exception nothing is kept."""
        if self._writer is None:
            if self._readonly:
                raise _error("ledger-not-writable", path=str(self.path), why="read-only")
            from dingji.sqlite import LedgerApplication

            self._application = LedgerApplication(self.path)
            try:
                self._writer = Writer(self.path, *self._application.connect())
            except sqlite3.Error as error:
                _fail(error, self.path)
        self._writer.wait_seconds = wait_seconds
        return self._writer

    def close(self) -> None:
        """Close every connection to the file."""
        if self._application is not None:
            self._application.close()
        self._connection.close()


def _condition(after: int, upto: int, within: _Within) -> tuple[str, list[Any]]:
    """Return the WHERE of a read in position order; the plus keeps SQLite from sorting by way of the other index."""
    topics, first, last, also = within
    bounds = (("rowid>?", after), ("rowid<=?", upto), ("+originator_id>=?", first), ("+originator_id<=?", last))
    tests = [test for test, value in bounds if value is not None]
    values: list[Any] = [value for _, value in bounds if value is not None]
    if topics is not None:
        tests.append(f"topic IN ({','.join('?' * len(topics))})")
        values += topics
    return " AND ".join([*tests, *also[:1]]), [*values, *also[1:]]


def create_log(path: Path) -> Log:
    """Create a ledger's log at a path where nothing is yet; it appears there whole or not at all."""
    from dingji.sqlite import create

    try:
        create(path, {"application_id": APPLICATION_ID, "user_version": SCHEMA_VERSION})
    except Exception as error:
        _fail(error, path)
    return open_log(path)


def open_log(path: Path, *, readonly: bool = False) -> Log:
    """Open an existing ledger's log, one on read-only media too; `readonly` leaves the file's bytes as they are."""
    path = path.absolute()  # the first write opens it again, wherever the process is by then
    try:
        if not path.is_file():
            raise _error("not-a-ledger" if path.exists() else "no-ledger", path=str(path))
        return Log(path, _connect_somehow(path, "ro" if readonly else "rw"), readonly=readonly)
    except (sqlite3.Error, OSError) as error:
        _fail(error, path)


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
            raise _error("not-a-ledger", path=str(path))
    except BaseException:
        connection.close()
        raise
    return connection


def _fail(error: BaseException, path: Path, seconds: float = READ_WAIT_SECONDS) -> NoReturn:
    """Raise a fault for what a user can mend; a bug as it is."""
    if isinstance(error, sqlite3.Error | OSError) or error.__cause__:
        from dingji.sqlite import fault_of

        if fault := fault_of(error, path, seconds):
            raise fault from error
    raise error


def _error(code: str, **args: Any) -> LedgerError:
    # Imported when something is wrong: it brings msgspec, 30 ms of a cold query.
    from dingji.faults import IntegrityBroken, LedgerError

    return (IntegrityBroken if code == "log-inconsistent" else LedgerError)(code, **args)
