"""Reading the log: entries by position, by stream, in batches; inside a transaction or outside of one."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from dingji.events.row import Row, Unreadable, unreadable
from dingji.store.errors import inconsistent
from dingji.store.layout import checked_cookie
from dingji.store.rows import careful_row, is_trouble, is_written_by_log, plain_row

BATCH_ROWS = 1000
BATCH_BYTES = 4 << 20
READ_WAIT_SECONDS = 5.0
CLOSER = 16  # times shorter is the stretch that is looked at again where one value spoils the reading of many
_LAST = (1 << 63) - 1  # no position is greater

_POSITIONS = "SELECT rowid FROM stored_events WHERE "
_SELECT = "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events WHERE "

# By way of the index, but all that is read of an entry is read from the table: else an index that lies would give one
# entry's name to another's state.
_POSITIONS_BY_INDEX = "SELECT i.rowid FROM stored_events AS i WHERE i.originator_id=? AND "
_SELECT_BY_INDEX = (
    "SELECT e.rowid, e.originator_id, e.originator_version, e.topic, e.state FROM stored_events AS i"
    " LEFT JOIN stored_events AS e ON e.rowid=i.rowid WHERE i.originator_id=? AND "
)

# Leaps from name to name over the unique index: SELECT DISTINCT would read all of it.
_STREAMS = (
    "WITH RECURSIVE names(name) AS (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>=? AND originator_id<? UNION ALL SELECT (SELECT min(originator_id) FROM stored_events"
    " WHERE originator_id>name AND originator_id<?) FROM names WHERE name IS NOT NULL)"
    " SELECT name FROM names WHERE name IS NOT NULL LIMIT ?"
)


class Within(NamedTuple):
    """Which entries are read: of some topics, of streams from `first` to `last`, and what a test of SQL admits."""

    topics: Collection[str] | None = None
    first: str | None = None
    last: str | None = None
    also: tuple[str, ...] = ()
    """The test, then its values."""

    def admits(self, row: Row) -> bool:
        """Return whether an entry that cannot be read is of these topics and streams; no test of SQL can be made."""
        in_streams = (self.first is None or row.stream >= self.first) and (self.last is None or row.stream <= self.last)
        return in_streams and (self.topics is None or row.topic in self.topics)


class Reads:
    """What can be asked of the log, inside a transaction or outside of one."""

    def __init__(self, path: Path, connection: sqlite3.Connection, cookie: int) -> None:
        """Read a file whose layout was checked when its `schema_version` was `cookie`."""
        self.path = path
        self._cookie = cookie
        self._connection = connection
        self._cursor = connection.cursor()
        self._cursor.row_factory = None  # the library's connections make rows by name, at twice the cost

    def _fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        try:
            return self._cursor.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            if is_trouble(error):
                self._name_unreadable()
            fail(error, self.path)

    def _name_unreadable(self) -> None:
        """Raise IntegrityBroken for the first entry of which no name can be read."""
        for batch in self._batches(0, self._head(), Within()):
            for row in batch:
                if isinstance(row.state, Unreadable):
                    raise unreadable(row, row.state.why)

    def _rows(self, condition: str, parameters: Sequence[Any]) -> list[Row]:
        try:
            return self._checked(self._cursor.execute(_SELECT + condition, parameters).fetchall())
        except sqlite3.Error as error:
            if not is_trouble(error):
                fail(error, self.path)
        positions = self._fetch(_POSITIONS + condition, parameters)
        return [row for (position,) in positions if (row := self._careful(position)) is not None]

    def _rows_by_index(self, stream: str, condition: str, parameters: Sequence[Any]) -> list[Row]:
        values: list[Any]
        try:
            values = self._cursor.execute(_SELECT_BY_INDEX + condition, (stream, *parameters)).fetchall()
        except sqlite3.Error as error:
            if not is_trouble(error):
                fail(error, self.path)
            values = self._fetch(_POSITIONS_BY_INDEX + condition, (stream, *parameters))
            rows = [self._careful(position) for (position,) in values]
            values = [row or (None,) for row in rows]
        if any(value[0] is None for value in values):
            raise inconsistent("index-differs", entry=stream)
        return self._checked(values)

    def _careful(self, position: int) -> Row | None:
        try:
            return careful_row(self._connection, position)
        except sqlite3.Error as error:
            fail(error, self.path)

    def _head(self) -> int:
        return self._fetch("SELECT max(rowid) FROM stored_events")[0][0] or 0

    def _ends(self) -> tuple[int, int]:
        # AUTOINCREMENT gives no position twice, and remembers the last it gave; no more than one row is ours.
        ends = "(SELECT min(rowid) FROM stored_events), (SELECT max(rowid) FROM stored_events)"
        kept = "max(seq), count(*), typeof(max(seq)) FROM sqlite_sequence WHERE name='stored_events'"
        first, head, given, rows, kind = self._fetch(f"SELECT {ends}, {kept}")[0]
        if first is not None and first < 1:
            raise inconsistent("before-first", position=first)
        return head or 0, (given or 0) if rows <= 1 and kind in {"integer", "null"} else -1

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the entries of a stream by version, those at positions up to `upto`.

        Raises IntegrityBroken (`log-inconsistent`) where they are not numbered from 1 on, in the order of positions.
        """
        bound = _LAST if upto is None else upto
        rows = self._rows_by_index(stream, "+i.rowid<=? ORDER BY i.originator_version", (bound,))
        before = 0
        for version, row in enumerate(rows, 1):
            if row[2] != version or row[1] != stream or row[0] <= before:
                if any(isinstance(each.state, Unreadable) for each in rows):
                    break  # perhaps it has no version: whoever decodes it says so
                self._misplaced(stream, version, row)
            before = row[0]
        return rows

    def _misplaced(self, stream: str, version: int, row: Row) -> NoReturn:
        """Say what is wrong with what stands in the place of a version of a stream."""
        from dingji.terms import entry_name

        position, name, _, _, _ = row
        why = "version-order" if name == stream else "index-differs"
        raise inconsistent(why, entry=entry_name(stream, version), position=position if name == stream else 0)

    def row(self, position: int) -> Row | None:
        """Return the entry at a position."""
        return next(iter(self._rows("rowid=?", (position,))), None)

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        for row in self._rows_by_index(stream, "i.originator_version=?", (version,)):
            if row[1:3] != (stream, version):
                self._misplaced(stream, version, row)
            return row
        return None

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
        # What is no JSON is an error to SQLite, and is yielded like what is no state: whoever reads it says so, and to
        # leave it out would be an answer.
        text = "CAST(state AS TEXT)"
        test = f"CASE typeof(state) WHEN 'blob' THEN json_type({text},?)='text' AND json_extract({text},?)=? ELSE 1 END"
        head = self._head()
        within = Within(topics, also=(test, field, field, value))
        return chain.from_iterable(self._batches(0, head if upto is None else min(upto, head), within))

    def count(self, topics: Collection[str], after: int, upto: int) -> int:
        """Return how many entries of the topics there are behind a position, up to another."""
        condition, values = _condition(after, upto, Within(topics))
        found: int = self._fetch(f"SELECT count(*) FROM stored_events WHERE {condition}", values)[0][0]  # noqa: S608 (our own words)
        return found

    def _batches(self, after: int, upto: int, within: Within) -> Iterator[list[Row]]:
        # What is new comes in here, so here a layout that was changed while the file is open is noticed.
        if self._fetch("PRAGMA schema_version")[0][0] != self._cookie:
            self._cookie = checked_cookie(self._connection, self.path)
        # A statement a batch: a cursor left open would hold its snapshot, for all other reads of this connection and
        # against the clearing of the write-ahead log.
        stretch = upto
        while after < upto:
            end = min(upto, after + stretch)
            batch, more, sound = self._batch(after, end, within)
            if batch:
                after = batch[-1].position
                yield batch
            if not sound and stretch > 1:
                stretch = max(1, min(stretch, end - after) // CLOSER)  # look closer where the trouble is
            elif not sound:
                after, stretch = end, CLOSER
                if (row := self._careful(end)) is not None and within.admits(row):
                    yield [row]
            elif not more:
                after, stretch = end, stretch * CLOSER

    def _batch(self, after: int, upto: int, within: Within) -> tuple[list[Row], bool, bool]:
        """Return a batch that is bounded in rows and in bytes, whether there may be more, and whether it went well."""
        values: list[Any] = []
        size, sound = 0, True
        condition, parameters = _condition(after, upto, within)
        cursor = self._connection.cursor()
        cursor.row_factory = None
        try:
            cursor.execute(f"{_SELECT}{condition} ORDER BY rowid LIMIT {BATCH_ROWS}", parameters)
            while size < BATCH_BYTES and (part := cursor.fetchmany(16)):
                values += part
                size += sum([len(value[4]) for value in part])
        except TypeError:
            size = BATCH_BYTES  # a number in place of a state: `_checked` looks closer
        except sqlite3.Error as error:
            if not is_trouble(error):
                fail(error, self.path)
            sound = False
        finally:
            cursor.close()
        return self._checked(values), size >= BATCH_BYTES or len(values) == BATCH_ROWS, sound

    def _checked(self, values: list[Any]) -> list[Row]:
        if is_written_by_log(values):
            return list(map(plain_row, values))
        return [row for value in values if (row := self._careful(value[0])) is not None]


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


def fail(error: BaseException, path: Path, *, waited: float | None = None) -> NoReturn:
    """Raise a fault for what a user can mend; a bug as it is. `waited` as in `fault_of`."""
    if isinstance(error, sqlite3.Error | OSError) or error.__cause__:
        from dingji.store.sqlite import fault_of

        if fault := fault_of(error, path, waited):
            raise fault from error
    raise error
