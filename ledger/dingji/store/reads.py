"""Reading the log: entries by position, by stream, in batches; inside a transaction or outside of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from dingji.events.row import Row

if TYPE_CHECKING:
    from dingji.faults import LedgerError

BATCH_ROWS = 1000
BATCH_BYTES = 4 << 20
READ_WAIT_SECONDS = 5.0
_LAST = (1 << 63) - 1  # no position is greater

_SELECT = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events WHERE "

# Leaps from name to name over the unique index: SELECT DISTINCT would read all of it.
_STREAMS = (
    "WITH RECURSIVE names(name) AS (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>=? AND originator_id<? UNION ALL SELECT (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>name AND originator_id<?) FROM names WHERE name IS NOT NULL)"
    " SELECT name FROM names WHERE name IS NOT NULL LIMIT ?"
)


# Without the length check of Row._make, which takes as long as SQLite takes for the row.
_row = cast("Callable[[Any], Row]", partial(tuple.__new__, Row))


class Within(NamedTuple):
    """Which entries are read: of some topics, of streams from `first` to `last`, and what a test of SQL admits."""

    topics: Collection[str] | None = None
    first: str | None = None
    last: str | None = None
    also: tuple[str, ...] = ()
    """The test, then its values."""


class Reads:
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
            fail(error, self.path)

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
        while names := self._fetch(_STREAMS, (least, beyond, beyond, BATCH_ROWS)):
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
        within = Within(topics, also=(test, field, field, value))
        return chain.from_iterable(self._batches(0, head if upto is None else min(upto, head), within))

    def _batches(self, after: int, upto: int, within: Within) -> Iterator[list[Row]]:
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
            fail(error, self.path)
        return rows, size >= BATCH_BYTES or len(rows) == BATCH_ROWS


def _condition(after: int, upto: int, within: Within) -> tuple[str, list[Any]]:
    """Return the WHERE of a read in position order; the plus keeps SQLite from sorting by way of the other index."""
    topics, first, last, also = within
    bounds = (("rowid>?", after), ("rowid<=?", upto), ("+originator_id>=?", first), ("+originator_id<=?", last))
    tests = [test for test, value in bounds if value is not None]
    values: list[Any] = [value for _, value in bounds if value is not None]
    if topics is not None:
        tests.append(f"topic IN ({','.join('?' * len(topics))})")
        values += topics
    return " AND ".join([*tests, *also[:1]]), [*values, *also[1:]]


def fail(error: BaseException, path: Path, seconds: float = READ_WAIT_SECONDS) -> NoReturn:
    """Raise a fault for what a user can mend; a bug as it is."""
    if isinstance(error, sqlite3.Error | OSError) or error.__cause__:
        from dingji.store.sqlite import fault_of

        if fault := fault_of(error, path, seconds):
            raise fault from error
    raise error


def error_of(code: str, **args: Any) -> LedgerError:
    """Return the error of a code."""
    # Imported when something is wrong: it brings msgspec, 30 ms of a cold query.
    from dingji.faults import IntegrityBroken, LedgerError

    return (IntegrityBroken if code == "log-inconsistent" else LedgerError)(code, **args)
