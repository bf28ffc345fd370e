"""The engine of the projections: views that catch up with the log, are rebuilt beside the live ones, and are asked."""

# ruff: noqa: S608 (what is put into SQL here are the tables' names, never values)

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dingji.events.row import Row
from dingji.store.errors import error_of
from dingji.store.log import Log
from dingji_projections.engine import view_file
from dingji_projections.engine.checked_log import CheckedLog, FoldedLog
from dingji_projections.engine.entry_check import INCONSISTENT, Damage
from dingji_projections.engine.projection import LAST_STREAM, STREAMS, Fold, Projection
from dingji_projections.engine.rebuild import ReportProgress, collector_off, fill
from dingji_projections.engine.seen import SeenLog

if TYPE_CHECKING:
    from dingji.faults import IntegrityBroken

BATCH = 2_000
"""Positions that one transaction of a catch-up takes in."""

REFOLDS = 200
"""A gap of fewer positions is caught up station by station; a larger one only while it is a small part of the log."""


_OF_STATION = re.compile(r":station\b")


class Views:
    """A ledger's views, for as long as its log is open. Queries see all that the log held when they began."""

    def __init__(self, log: Log, projections: tuple[Projection, ...]) -> None:
        self._log = log
        self._checked = CheckedLog(log, self)
        self.log: Log = self._checked
        """The log as questions read it."""
        self.projections = projections
        self._reached = -1
        self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, *__: object) -> None:
        if isinstance(error, sqlite3.Error):  # those of the log are faults already
            self._discard_damaged()
            raise error_of("views-damaged", why=str(error)) from error
        self.close()

    def close(self) -> None:
        """Close the file; a temporary one is gone then."""
        self._db.close()

    @property
    def are_kept(self) -> bool:
        """Whether the views stand where the next question finds them; else it reads the log again."""
        return self._place is not None

    def query(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any], known: int, station: str | None = None
    ) -> list[Any]:
        """Return the rows of a query about what is known at a position, having caught up to it first.

        Raises IntegrityBroken for what is wrong with the log up to there: with the entries of the `station` whose rows
        alone are asked for (in a query that names `:station`, that one), else with any.
        """
        if known > self._reached or self._seen.end is not None or self._seen.unreadable:
            if station is None and isinstance(values, Mapping) and _OF_STATION.search(sql):
                station = values["station"]
            self._checked.require(known, stream=station and f"{STREAMS}{station}")
        return self._safely(lambda: self._db.execute(sql, values).fetchall())

    def catch_up(self, report: ReportProgress | None = None) -> int:
        """Take in what the log has gained and return the position reached; every query does so where it must."""
        head, given = self._log.ends()
        if head and self._began_empty:  # now there is a first entry to tell the ledger by
            self._db.close()
            self._connect()
        self._safely(lambda: self._catch_up(head, report))
        self._reached = max(self._reached, head)
        if self._seen.end is None and head != given:
            self._seen.end = Damage(head + 1, "", 0, "", INCONSISTENT, "tail-gone")
        return self._seen.position

    def seen_to(self, position: int) -> SeenLog:
        """Return what was seen of the log, having read up to a position or as far as it can be read."""
        if position > self._reached:
            self.catch_up()
        return self._seen

    def unreadable_error(self, damage: Damage) -> IntegrityBroken | None:
        """Look again at an entry that could not be read and return why; one that was mended is taken in."""
        from dingji.events import codec  # late: only a damaged log needs it
        from dingji.faults import IntegrityBroken
        from dingji_projections.engine.briefs import Unread, recorded_at_of

        row = self._log.row(damage.position)
        if row is None:
            return damage.error()
        try:
            codec.decode_row(row)
            recorded_at_of(row.topic, row.state)
        except IntegrityBroken as error:
            return error
        except Unread:
            return damage.error()
        with view_file.writing(self._db):
            self._seen.mend(row)
            self._db.execute("DELETE FROM progress")
        self._seen.look()
        self.catch_up()
        return None

    def rebuild(self, report: ReportProgress | None = None, *, only: str | None = None, anew: bool = False) -> int:
        """Build every table (or `only` one) anew beside the live one, put it in place at once; return the position.

        All of the log is compared with what was read of it before, which is forgotten only where it is to be read
        `anew`. Raises IntegrityBroken for all that is wrong with it; where entries are not what they were, or not where
        they belong, nothing is replaced.
        """
        if anew:
            self.forget()
        position = self.catch_up()
        parts: list[ReportProgress | None] = [None] * (1 + len(self.projections))
        chosen = self._chosen(only)
        if report:
            count = 1 + len(_of_one_fold(chosen))
            parts = [_part(report, number, count) for number in range(count)]
        if only is None:
            self._prove(parts[0])
        self._safely(lambda: self._rebuild(chosen, position, parts[1:], replace=True))
        self.catch_up()
        if only is None:
            self._checked.require(self._checked.head())
        return self._seen.position

    def forget(self) -> None:
        """Forget all that was read: what the log holds now is believed when it is asked."""
        self._safely(self._forget)

    def _prove(self, report: ReportProgress | None) -> None:
        """Read the whole log once more. Raises IntegrityBroken (`log-inconsistent`, `damaged-ledger`)."""
        stations = sum(1 for _ in self._seen.names(STREAMS)) if report else 0
        with collector_off():
            for reached, damage in self._seen.changed(self._log):
                if report:
                    report(stations * reached // self._seen.position, stations)
                if damage is not None:
                    raise damage.error()
        if self._seen.end is not None:
            raise self._seen.end.error()
        if not self._seen.fits():  # the log is what it was, and the views have lost some of what they kept of it
            self.forget()
            self.catch_up()
        self._seen.just_read = True
        if (why := self._log.file_fault()) is not None:
            from dingji.faults import IntegrityBroken

            raise IntegrityBroken("damaged-ledger", path=str(self._log.path), why=why)

    def _forget(self) -> None:
        with view_file.writing(self._db):
            self._seen.forget()
            for table in ("progress", *(projection.table for projection in self.projections)):
                self._db.execute(f"DELETE FROM {table}")
        self._reached = -1

    @contextmanager
    def with_log(self, log: Log, station: str | None) -> Iterator[Views]:
        """Lend views whose rows of one station are those of another log; afterwards all is as it was."""
        self.catch_up()
        lent = copy(self)
        lent.log = log
        with view_file.undone(self._db):
            if station is not None:
                for projection in self.projections:
                    fold = _folded(projection, log.stream(f"{STREAMS}{station}"))
                    self._put(projection, station, fold)
            yield lent

    def position(self, table: str) -> int:
        """Return the position up to which a table has read the log."""
        row = self._db.execute("SELECT position FROM progress WHERE view=?", (table,)).fetchone()
        return row[0] if row else 0

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
        self._began_empty = self._log.head() == 0
        self._in_memory = False
        self._place = view_file.views_path(self._log)
        try:
            self._open_at(self._place)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.Error) and not view_file.is_no_room(error):
                raise
            self._go_without_place()

    def _open_at(self, place: Path | None) -> None:
        self._use(view_file.connect(place, self.projections))
        self._file = view_file.identity(place) if place is not None else None

    def _use(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._seen = SeenLog(self._db)
        self._believed = FoldedLog(self._log, _AsSeen(self._seen))

    def _safely(self, work: Callable[[], view_file.Returned]) -> view_file.Returned:
        """Do the work; where the file is damaged, or has no room, once more on new views, which caught up first."""
        caught_up = True
        while True:
            try:
                if not caught_up:
                    self._catch_up(self._log.head(), None)
                    caught_up = True
                return view_file.patiently(work)
            except sqlite3.Error as error:
                self._renew(error)
                caught_up = False

    def _renew(self, error: sqlite3.Error) -> None:
        """Open new views in the place of those that failed. Raises the error that these do not mend."""
        damaged = view_file.is_damage(error)
        if self._in_memory or not (damaged or view_file.is_no_room(error)):
            raise error
        self._db.close()
        place, self._reached = self._place, -1
        if damaged and place is not None:
            try:
                view_file.discard(place, self._file)
                self._connect()
                return
            except OSError:  # a cache folder that can't be written any more
                pass
        self._go_without_place()

    def _go_without_place(self) -> None:
        """Go on with views that nobody keeps, in a temporary file; where there is no room for that, in memory."""
        kept_before, self._place = self._place is not None, None
        try:
            if kept_before:
                self._open_at(None)
                return
        except sqlite3.Error as error:
            if not view_file.is_no_room(error):
                raise
        self._in_memory = True
        self._use(view_file.connect_in_memory(self.projections))

    def _discard_damaged(self) -> None:
        """Take away views on which a question failed, so that the next one builds new ones."""
        self._db.close()
        if self._place is not None:
            with suppress(OSError):
                view_file.discard(self._place, self._file)

    def _catch_up(self, head: int, report: ReportProgress | None) -> None:
        if self._seen.compare(self._log, head):
            self._forget()
        while self._seen.end is None and self._seen.position < head:
            with view_file.writing(self._db), collector_off():
                self._seen.read_on(self._log, head)
                if head <= self._seen.position and not any(self._is_far(each, head) for each in self.projections):
                    self._advance(self.projections, head)  # as after every submission: one commit for all
        head = min(head, self._seen.position)
        while behind := [each for each in self.projections if self._lag(each, head)]:
            if far := [each for each in behind if self._is_far(each, head)]:
                count = len(_of_one_fold(far))
                self._rebuild(
                    far, head, [report and _part(report, part, count) for part in range(count)], replace=False
                )
                continue
            with view_file.writing(self._db):
                self._advance(behind, head)

    def _lag(self, projection: Projection, head: int) -> int:
        """Return how many positions a table is behind."""
        return max(0, head - self.position(projection.table))

    def _is_far(self, projection: Projection, head: int) -> bool:
        """Return whether a rebuild is quicker than folding the stations touched."""
        lag = self._lag(projection, head)
        return lag > REFOLDS and lag * 50 > head

    def _advance(self, projections: Sequence[Projection], head: int) -> None:
        """Take in one batch, under the lock; who waited for it reads the position again, so nothing is done twice."""
        read = functools.cache(lambda stream, upto: self._believed.stream(stream, upto=upto))
        for projection in projections:
            position = self.position(projection.table)
            if position < head:
                self._take_in(projection, position, min(head, position + BATCH), read)

    def _take_in(self, projection: Projection, position: int, upto: int, read: Callable[[str, int], list[Row]]) -> None:
        """Fold the stations that a stretch of the log touched once more, whole: a station's stream is short."""
        found = self._log.scan(position, upto=upto, topics=projection.topics, first=STREAMS, last=LAST_STREAM)
        for stream in sorted({row.stream for row in found}):
            self._put(projection, stream.removeprefix(STREAMS), _folded(projection, read(stream, upto)))
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
        self._db.execute("REPLACE INTO progress VALUES (?,?)", (projection.table, position))

    def _rebuild(
        self, projections: list[Projection], head: int, reports: Sequence[ReportProgress | None], *, replace: bool
    ) -> None:
        for group, report in zip(_of_one_fold(projections), reports, strict=False):
            with self._beside(), collector_off():
                self._build(group, head, report)
                with view_file.writing(self._db):
                    for projection in group:
                        if replace or self.position(projection.table) < head:
                            self._swap(projection, head)

    def _build(self, group: list[Projection], head: int, report: ReportProgress | None) -> None:
        """Fill the tables of one fold in a private temporary file."""
        self._db.execute("BEGIN")
        for projection in group:
            self._db.execute(projection.create("fresh"))
        fill(self._db, "fresh", group, self._believed, head, report)
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
        self._seen.look()
        while self.position(table) < self._seen.position:  # another process may have read on: a table never goes back
            self._advance([projection], self._seen.position)

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


class _AsSeen:
    """A reader that reads no further: what its log is asked lies within what was seen."""

    def __init__(self, seen: SeenLog) -> None:
        self._seen = seen

    def seen_to(self, _: int) -> SeenLog:
        return self._seen

    def unreadable_error(self, _: Damage) -> None:
        return None  # a fold passes over it


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
