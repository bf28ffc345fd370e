"""A log that refuses to answer from entries that changed since the views first read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from dingji.events.row import Row
from dingji.store.log import Log
from dingji_projections.engine.entry_check import INCONSISTENT, NO_SUM, Damage, EntrySums, damage_of, hole
from dingji_projections.engine.seen import SeenLog

if TYPE_CHECKING:
    from dingji.faults import IntegrityBroken

COMPARED = 1000
"""Entries whose sums are looked up together."""

SPARSE = 30
"""Where so many positions are passed over for one entry that is read, each sum is looked up by itself."""


class Reader(Protocol):
    """What has read the log."""

    def seen_to(self, position: int) -> SeenLog:
        """Return what was seen of the log, having read up to a position or as far as it can be read."""

    def unreadable_error(self, damage: Damage) -> IntegrityBroken | None:
        """Look again at an entry that nobody could read and return why; where one can now, take it in."""


class CheckedLog(Log):
    """The log as questions read it; nothing can be written to it.

    Every read raises IntegrityBroken (`log-inconsistent`, `unreadable-entry`) rather than answer from what is damaged.
    """

    def __init__(self, log: Log, reader: Reader) -> None:
        """Read `log`, comparing with what `reader` has seen."""
        super().__init__(log.path, log._connection, log._cookie, readonly=True)
        self._log, self._reader, self._sums = log, reader, EntrySums()

    def close(self) -> None:
        """Leave the connection open: it belongs to the log beneath."""

    def head(self) -> int:
        """Return the greatest position: all entries up to it were found in order, and no more were ever recorded."""
        head = self._log.head()
        end = self._reader.seen_to(head).end
        if end is not None:
            raise end.error()
        return head

    def sound_until(self) -> tuple[int, Damage | None]:
        """Return the position up to which questions can be answered, and what is wrong behind it."""
        seen = self._reader.seen_to(self._log.head())
        if seen.end is None:
            return seen.position, None
        return min(seen.position, seen.end.position - 1), seen.end

    def require(self, known: int, *, stream: str | None = None, topics: Collection[str] | None = None) -> SeenLog:
        """Raise what is wrong up to a position: with one stream, with entries of some topics, or with all."""
        seen = self._reader.seen_to(known)
        if seen.end is not None and seen.end.position <= known:
            raise seen.end.error()
        for damage in tuple(seen.unreadable):
            concerned = (stream is None or stream == damage.stream) and (topics is None or damage.topic in topics)
            if concerned and damage.position <= known:
                self._refuse(damage)
        return seen

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the entries of a stream by version, those at positions up to `upto`."""
        upto = self.head() if upto is None else upto
        seen = self.require(upto, stream=stream)
        position, length = seen.length(stream)
        rows = self._log.stream(stream, upto=max(position, upto))
        among = sum(1 for row in rows if row.position <= position)
        if among < length and (seen.end is None or seen.end.position > position):
            raise _differs(stream, among + 1).error()
        found = [row for row in rows if row.position <= upto]
        self._compare(seen, found)
        return found

    def row(self, position: int) -> Row | None:
        """Return the entry at a position."""
        seen = self._reader.seen_to(position)
        if seen.end is not None and seen.end.position <= position:
            raise seen.end.error()
        row = self._log.row(position)
        if row is None:
            if 0 < position <= seen.position:
                raise hole(position).error()
            return None
        self._readable(seen, row)
        self._compare(seen, [row])
        return row

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""
        seen = self._reader.seen_to(0)
        row = self._log.entry(stream, version)
        if row is None:
            if 0 < version <= seen.length(stream)[1] and seen.end is None:
                raise _differs(stream, version).error()
            return None
        self._readable(seen, row)
        self._compare(seen, [row])
        return row

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        return self._reader.seen_to(self._log.head()).names(prefix)

    def find(
        self, topics: Collection[str], keys: Sequence[str], value: str, *, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield the entries of the topics whose state holds the text `value` under `keys`; it reads them all."""
        upto = self.head() if upto is None else upto
        seen = self.require(upto, topics=topics)
        return self._compared(seen, self._log.find(topics, keys, value, upto=upto))

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
        upto = self.head() if upto is None else upto
        seen = self.require(upto, topics=topics)
        rows = self._log.scan(after, upto=upto, topics=topics, first=first, last=last)
        if first is not None or last is not None:
            return self._compared(seen, rows)
        if topics is None:
            return self._compared(seen, _gapless(rows, after, upto))
        compared = self._compared(seen, rows)
        return compared if after else self._counted(seen, compared, topics, upto)

    def _counted(self, seen: SeenLog, rows: Iterator[Row], topics: Collection[str], upto: int) -> Iterator[Row]:
        """Yield the rows of some topics up to a position, all that were seen: a changed topic hides an entry."""
        found = 0
        for row in rows:
            found += 1
            yield row
        if seen.end is None and found + self._log.count(topics, upto, seen.position) != seen.entries_of(topics):
            changed = (damage for _, damage in seen.changed(self._log) if damage is not None)
            raise next(changed, Damage(upto, "", 0, "", INCONSISTENT, "entry-changed")).error()

    def _readable(self, seen: SeenLog, row: Row) -> None:
        if row.position in seen.unreadable_positions:
            for damage in [each for each in seen.unreadable if each.position == row.position]:
                self._refuse(damage)

    def _refuse(self, damage: Damage) -> None:
        error = self._reader.unreadable_error(damage)
        if error is not None:
            raise error

    def _compared(self, seen: SeenLog, rows: Iterator[Row]) -> Iterator[Row]:
        while batch := list(islice(rows, COMPARED)):
            self._compare(seen, batch)
            yield from batch

    def _compare(self, seen: SeenLog, rows: list[Row]) -> None:
        """Hot path: it runs for every entry that a question reads."""
        if not rows:
            return
        first, last = rows[0][0], rows[-1][0]
        if last - first < SPARSE * len(rows):
            kept = seen.sums_between(first, last)
        else:
            sums = seen.sums([row[0] for row in rows])
            kept = lambda position: sums.get(position, b"")  # noqa: E731
        sum_of = self._sums.of
        for row in rows:
            then = kept(row[0])
            if then != sum_of(row) and then and then != NO_SUM:
                raise damage_of(row, INCONSISTENT, "entry-changed").error()


class FoldedLog(CheckedLog):
    """The log as folds read it: what nobody can read is left out."""

    def stream(self, stream: str, *, upto: int | None = None) -> list[Row]:
        """Return the entries of a stream by version, those at positions up to `upto`."""
        left_out = self._reader.seen_to(0).unreadable_positions
        return [row for row in super().stream(stream, upto=upto) if row[0] not in left_out]

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
        seen = self._reader.seen_to(0)
        read = self._log.scan if seen.just_read else super().scan
        rows = read(after, upto=upto, topics=topics, first=first, last=last)
        left_out = seen.unreadable_positions
        return (row for row in rows if row[0] not in left_out) if left_out else rows


def _gapless(rows: Iterator[Row], after: int, upto: int) -> Iterator[Row]:
    """Yield the rows from one position to another. Raises IntegrityBroken where one is missing."""
    for row in rows:
        if row.position != after + 1:
            break
        yield row
        after = row.position
    if after < upto:
        raise hole(after + 1).error()


def _differs(stream: str, version: int) -> Damage:
    """Return the damage of an entry that the index does not find."""
    return Damage(0, stream, version, "", INCONSISTENT, "index-differs")


def sound_until(log: Log) -> tuple[int, Damage | None]:
    """Return the position up to which questions of a log can be answered, and what is wrong behind it."""
    return log.sound_until() if isinstance(log, CheckedLog) else (log.head(), None)
