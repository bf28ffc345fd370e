"""The engine of the projections: views that catch up with the log, are rebuilt beside the live ones, and are asked."""

# ruff: noqa: S608 (what is put into SQL here are the tables' names, never values)

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, Self
from zlib import crc32

from dingji.events.row import Row
from dingji.store.log import Log
from dingji_projections.engine import view_file
from dingji_projections.engine.projection import LAST_STREAM, STREAMS, Fold, Projection
from dingji_projections.engine.rebuild import ReportProgress, collector_off, fill

BATCH = 2_000
"""Positions that one transaction of a catch-up takes in."""

REFOLDS = 200
"""A gap of fewer positions is caught up station by station; a larger one only while it is a small part of the log."""


class Views:
    """A ledger's views, for as long as its log is open. Queries see all that the log held when they began."""

    def __init__(self, log: Log, projections: tuple[Projection, ...]) -> None:
        self.log = log
        self.projections = projections
        self._reached = 0
        self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a temporary one is gone then."""
        self._db.close()

    def query(self, sql: str, values: Sequence[Any] | Mapping[str, Any], known: int) -> list[Any]:
        """Return the rows of a query about what is known at a position, having caught up to it first."""
        if known > self._reached:
            self.catch_up()
        return self._safely(lambda: self._db.execute(sql, values).fetchall())

    def catch_up(self, report: ReportProgress | None = None) -> int:
        """Take in what the log has gained and return the position reached; every query does so where it must."""
        head = self.log.head()
        self._safely(lambda: self._catch_up(head, report))
        self._reached = max(self._reached, head)
        return head

    def rebuild(self, report: ReportProgress | None = None, *, only: str | None = None) -> int:
        """Build every table (or `only` one) anew beside the live one, put it in place at once; return the position."""
        head = self.log.head()
        self._safely(lambda: self._rebuild(self._chosen(only), head, report, replace=True))
        return self.catch_up()

    @contextmanager
    def with_log(self, log: Log, station: str | None) -> Iterator[Views]:
        """Lend views whose rows of one station are those of another log; afterwards all is as it was."""
        self.catch_up()
        lent = copy(self)
        lent.log = log
        with view_file.undone(self._db):
            if station is not None:
                for projection in self.projections:
                    self._put(projection, station, _folded(projection, log.stream(f"{STREAMS}{station}")))
            yield lent

    def position(self, table: str) -> int:
        """Return the position up to which a table has read the log."""
        return self._position(table) or 0

    def digest(self, only: str | None = None) -> str:
        """Return the SHA-256 (hex) over all rows, in the order of the tables and their keys."""
        from hashlib import sha256  # late, like orjson: neither is needed to answer a question

        import orjson

        whole = sha256()
        for projection in self._chosen(only):
            whole.update(orjson.dumps([projection.table, projection.columns]))
            for row in self._db.execute(f"SELECT * FROM {projection.table} ORDER BY {','.join(projection.key)}"):
                whole.update(orjson.dumps(row))
        return whole.hexdigest()

    def _chosen(self, only: str | None) -> list[Projection]:
        return [projection for projection in self.projections if only in {None, projection.table}]

    def _connect(self) -> None:
        self._db = view_file.connect(self.log.path, self.projections)
        self._file = view_file.identity(view_file.views_path(self.log.path))

    def _safely(self, work: Callable[[], view_file.Returned]) -> view_file.Returned:
        """Do the work; where the file turns out to be damaged, once more on new views."""
        try:
            return view_file.patiently(work)
        except sqlite3.DatabaseError as error:
            if not view_file.is_damage(error):
                raise view_file.trouble(error, self.log.path) from error
        self._db.close()
        view_file.discard(view_file.views_path(self.log.path), self._file)
        self._connect()
        self._catch_up(self.log.head(), None)
        return work()

    def _catch_up(self, head: int, report: ReportProgress | None) -> None:
        while behind := [each for each in self.projections if self._lag(each, head)]:
            if far := [each for each in behind if self._is_far(each, head)]:
                self._rebuild(far, head, report)
                continue
            with view_file.writing(self._db):
                for projection in behind:
                    self._advance(projection, head)

    def _lag(self, projection: Projection, head: int) -> int:
        """Return how many positions a table is behind; all of them where it read another log."""
        position = self._position(projection.table)
        return head + 1 if position is None else max(0, head - position)

    def _is_far(self, projection: Projection, head: int) -> bool:
        """Return whether a rebuild is quicker than folding the stations touched."""
        lag = self._lag(projection, head)
        return lag > head or (lag > REFOLDS and lag * 50 > head)

    def _position(self, table: str) -> int | None:
        """Return how far a table has read; None where it read another log, or one that went on differently."""
        row = self._db.execute("SELECT position, mark FROM progress WHERE view=?", (table,)).fetchone()
        if row is None:
            return 0
        return row[0] if row[1] == self._mark(row[0]) else None

    def _mark(self, position: int) -> str:
        """Return a mark of the entry at a position: it tells one log from another, and proves nothing."""
        row = self.log.row(position)
        return f"{row.stream}@{row.version} {len(row.state)} {crc32(row.state)}" if row else ""

    def _advance(self, projection: Projection, head: int) -> None:
        """Take in one batch, under the lock; who waited for it reads the position again, so nothing is done twice."""
        position = self._position(projection.table)
        if position is not None and position < head:
            self._take_in(projection, position, min(head, position + BATCH))

    def _take_in(self, projection: Projection, position: int, upto: int) -> None:
        """Fold the stations that a stretch of the log touched once more, whole: a station's stream is short."""
        found = self.log.scan(position, upto=upto, topics=projection.topics, first=STREAMS, last=LAST_STREAM)
        for stream in sorted({row.stream for row in found}):
            fold = _folded(projection, self.log.stream(stream, upto=upto))
            self._put(projection, stream.removeprefix(STREAMS), fold)
        self._record(projection, upto)

    def _put(self, projection: Projection, station: str, fold: Fold) -> None:
        """Write what changed of a station's rows: of many, one entry changes two or three."""
        table, key = projection.table, len(projection.key)
        old = set(self._db.execute(f"SELECT * FROM {table} WHERE station=?", (station,)))
        new = projection.rows(fold, station)
        test = " AND ".join(f"{column}=?" for column in projection.key)
        self._db.executemany(f"DELETE FROM {table} WHERE {test}", [row[:key] for row in old.difference(new)])
        self._db.executemany(projection.insert("main"), [row for row in new if row not in old])

    def _record(self, projection: Projection, position: int) -> None:
        self._db.execute("REPLACE INTO progress VALUES (?,?,?)", (projection.table, position, self._mark(position)))

    def _rebuild(
        self, projections: list[Projection], head: int, report: ReportProgress | None, *, replace: bool = False
    ) -> None:
        groups = _of_one_fold(projections)
        for number, group in enumerate(groups):
            with self._beside(), collector_off():
                self._build(group, head, report and _part(report, number, len(groups)))
                with view_file.writing(self._db):
                    for projection in group:
                        position = self._position(projection.table)
                        if replace or position is None or position < head:
                            self._swap(projection, head)

    def _build(self, group: list[Projection], head: int, report: ReportProgress | None) -> None:
        """Fill the tables of one fold in a private temporary file."""
        self._db.execute("BEGIN")
        for projection in group:
            self._db.execute(projection.create("fresh"))
        fill(self._db, "fresh", group, self.log, head, report)
        for projection in group:
            for statement in projection.create_indexes("fresh"):
                self._db.execute(statement)
        self._db.execute("COMMIT")

    def _swap(self, projection: Projection, head: int) -> None:
        """Put the table of `fresh` in place; SQLite copies its pages, for the two are alike down to the indexes."""
        table = projection.table
        for statement in (f"DROP TABLE main.{table}", projection.create("main"), *projection.create_indexes("main")):
            self._db.execute(statement)
        self._db.execute(f"INSERT INTO main.{table} SELECT * FROM fresh.{table}")
        self._record(projection, head)
        newest = self.log.head()
        if newest > head:  # another process may have read on meanwhile: a table never goes back
            self._take_in(projection, head, newest)

    @contextmanager
    def _beside(self) -> Iterator[None]:
        """Attach an empty file that nobody else sees, and that is gone afterwards, killed or not."""
        self._db.execute("ATTACH '' AS fresh")
        try:
            self._db.execute("PRAGMA fresh.journal_mode=OFF")
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.execute("DETACH fresh")


def _folded(projection: Projection, rows: list[Row]) -> Fold:
    fold = projection.fold()
    for row in rows:
        if row.topic in projection.topics:
            fold.take(row)
    return fold


def _of_one_fold(projections: list[Projection]) -> list[list[Projection]]:
    """Return the projections in groups that read the same of the log."""
    groups: dict[Any, list[Projection]] = {}
    for projection in projections:
        groups.setdefault((projection.fold, projection.topics), []).append(projection)
    return list(groups.values())


def _part(report: ReportProgress, number: int, parts: int) -> ReportProgress:
    """Return a report of one part of the work that tells of the whole."""
    return lambda done, total: report(number * total + done, parts * total)
