"""What the views keep of every entry that they have read: its checksum, its stream's length, whether it can be read."""

# ruff: noqa: S608 (what is put into SQL here are our own words and numbers, never values)

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Final

from dingji.events.row import Row
from dingji.store.log import Log
from dingji_projections.engine.entry_check import (
    INCONSISTENT,
    NO_SUM,
    SUM_BYTES,
    UNREADABLE,
    Damage,
    EntrySums,
    ReadStretch,
    checked,
    damage_of,
    hole,
)

SEEN_TABLES: Final = (
    "CREATE TABLE seen (position INT NOT NULL, moment TEXT NOT NULL)",
    "CREATE TABLE sums (block INTEGER PRIMARY KEY, sums BLOB NOT NULL)",
    "CREATE TABLE streams (stream TEXT PRIMARY KEY, entries INT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE topics (topic TEXT PRIMARY KEY, entries INT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE unreadable (position INTEGER PRIMARY KEY,"
    " stream TEXT NOT NULL, version INT NOT NULL, topic TEXT NOT NULL, why TEXT NOT NULL)",
)

BLOCK: Final = 128
"""Sums in one row of their table."""

STRETCH: Final = 5_000
"""Entries that are read at a time."""


class Lengths(dict[str, int]):
    """The lengths of streams, asked of the table when first wanted."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        """Begin with what the table has, or with empty streams."""
        super().__init__()
        self._connection = connection

    def __missing__(self, stream: str) -> int:
        sql = "SELECT entries FROM streams WHERE stream=?"
        row = self._connection.execute(sql, (stream,)).fetchone() if self._connection else None
        found: int = row[0] if row else 0
        return found


class SeenLog:
    """What was read of a log, by the tables of its views."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.position = 0
        """The last position that was read, as of the last look."""
        self.unreadable: list[Damage] = []
        self.unreadable_positions: frozenset[int] = frozenset()
        self.end: Damage | None = None
        """What ended the reading before the head of the log."""
        self.just_read = False
        """Whether all of it was read, or compared, just now: then a fold need not compare it again."""

    def look(self) -> None:
        """Look at how far the tables are."""
        row = self._db.execute("SELECT position FROM seen").fetchone()
        self.position = row[0] if row else 0
        self.unreadable = [
            Damage(position, stream, version, topic, UNREADABLE, why)
            for position, stream, version, topic, why in self._db.execute("SELECT * FROM unreadable ORDER BY position")
        ]
        self.unreadable_positions = frozenset(damage.position for damage in self.unreadable)

    def compare(self, log: Log, head: int) -> bool:
        """Compare the last entry read with the log's; return whether it is another log altogether."""
        self.end = None
        self.look()
        self.just_read = not self.position
        if not self.position:
            return False
        why, row = "read-further", None
        if self.position <= head:
            row = log.row(self.position)
            if row is not None and self.agrees(row):
                return False
            why = "entry-changed"
        first = log.row(1)
        if first is None or not self.agrees(first):
            return True
        where = min(self.position, head + 1)
        self.end = damage_of(row, INCONSISTENT, why) if row else Damage(where, "", 0, "", INCONSISTENT, why)
        return False

    def agrees(self, row: Row) -> bool:
        """Return whether an entry is what it was when it was read."""
        kept = self.sums([row.position]).get(row.position, NO_SUM)
        return kept in {NO_SUM, EntrySums().of(row)}

    def read_on(self, log: Log, upto: int) -> None:
        """Read one stretch of the log, under the lock: who waited for it looks again first."""
        position, moment = self._db.execute("SELECT position,moment FROM seen").fetchone() or (0, "")
        if position < upto:
            lengths, counts = Lengths(self._db), Counter(dict(self._db.execute("SELECT * FROM topics")))
            rows = log.scan(position, upto=min(upto, position + STRETCH))
            stretch = checked(rows, position, moment, lengths, counts)
            self._keep(position, stretch, lengths, counts)
            self.end = stretch.end
            if self.end is None and stretch.position < min(upto, position + STRETCH):
                self.end = hole(stretch.position + 1)
        self.look()

    def _keep(self, before: int, stretch: ReadStretch, lengths: dict[str, int], counts: dict[str, int]) -> None:
        first, filled = divmod(before, BLOCK)
        kept = self._db.execute("SELECT sums FROM sums WHERE block=?", (first,)).fetchone() if filled else None
        sums = (kept[0] if kept else b"") + b"".join(stretch.sums)
        size = BLOCK * SUM_BYTES
        blocks = [(first + at // size, sums[at : at + size]) for at in range(0, len(sums), size)]
        self._db.executemany("REPLACE INTO sums VALUES (?,?)", blocks)
        self._db.executemany("REPLACE INTO streams VALUES (?,?)", lengths.items())
        self._db.executemany("REPLACE INTO topics VALUES (?,?)", counts.items())
        rows = [(each.position, each.stream, each.version, each.topic, each.why) for each in stretch.unreadable]
        self._db.executemany("INSERT INTO unreadable VALUES (?,?,?,?,?)", rows)
        self._db.execute("DELETE FROM seen")
        self._db.execute("INSERT INTO seen VALUES (?,?)", (stretch.position, stretch.moment))

    def mend(self, row: Row) -> None:
        """Take in an entry that can be read now."""
        block, at = divmod(row.position - 1, BLOCK)
        (sums,) = self._db.execute("SELECT sums FROM sums WHERE block=?", (block,)).fetchone()
        at *= SUM_BYTES
        mended = sums[:at] + EntrySums().of(row) + sums[at + SUM_BYTES :]
        self._db.execute("UPDATE sums SET sums=? WHERE block=?", (mended, block))
        for topic, more in ((self._topic_before(row), -1), (row.topic, 1)):
            sql = "INSERT INTO topics VALUES (?,?) ON CONFLICT DO UPDATE SET entries=entries+excluded.entries"
            self._db.execute(sql, (topic, more))
        self._db.execute("DELETE FROM unreadable WHERE position=?", (row.position,))

    def _topic_before(self, row: Row) -> str:
        (topic,) = self._db.execute("SELECT topic FROM unreadable WHERE position=?", (row.position,)).fetchone()
        return str(topic)

    def entries_of(self, topics: Collection[str]) -> int:
        """Return how many entries of some topics were read."""
        sql = f"SELECT coalesce(sum(entries),0) FROM topics WHERE topic IN ({','.join('?' * len(topics))})"
        entries: int = self._db.execute(sql, tuple(topics)).fetchone()[0]
        return entries

    def sums_between(self, first: int, last: int) -> Callable[[int], bytes]:
        """Return what looks up the sum of an entry at a position between two; nothing for what was not read."""
        block = (first - 1) // BLOCK
        sql = "SELECT sums FROM sums WHERE block BETWEEN ? AND ? ORDER BY block"
        sums = b"".join([row[0] for row in self._db.execute(sql, (block, (last - 1) // BLOCK))])
        before = block * BLOCK + 1
        return lambda position: sums[(position - before) * SUM_BYTES : (position - before + 1) * SUM_BYTES]

    def sums(self, positions: list[int]) -> dict[int, bytes]:
        """Return the sums of the entries at positions; none for what was not read."""
        sql = (
            f"SELECT p.value,substr(s.sums,1+{SUM_BYTES}*((p.value-1)%{BLOCK}),{SUM_BYTES}) FROM json_each(?) AS p"
            f" CROSS JOIN sums AS s ON s.block=(p.value-1)/{BLOCK}"
        )
        return dict(self._db.execute(sql, (json.dumps(positions),)))

    def length(self, stream: str) -> tuple[int, int]:
        """Return how far the log was read, and how many entries of a stream there were."""
        sql = "SELECT (SELECT position FROM seen), (SELECT entries FROM streams WHERE stream=?)"
        position, entries = self._db.execute(sql, (stream,)).fetchone()
        return position or 0, entries or 0

    def names(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""
        sql = "SELECT stream FROM streams WHERE stream>=? AND stream<? ORDER BY stream"
        return iter([name for (name,) in self._db.execute(sql, (prefix, prefix + "\U0010ffff"))])

    def changed(self, log: Log) -> Iterator[tuple[int, Damage | None]]:
        """Read again all that was read, and yield each position reached, with the entry that is not what it was."""
        position, moment, lengths = 0, "", Lengths(None)
        while position < self.position:
            upto = min(self.position, position + STRETCH)
            rows = list(log.scan(position, upto=upto))
            stretch = checked(rows, position, moment, lengths, Counter())
            kept = self.sums_between(position + 1, upto)
            pairs = zip(stretch.sums, rows, strict=False)
            found = next((row for now, row in pairs if kept(row.position) not in {now, NO_SUM, b""}), None)
            if found is None and stretch.position < upto:  # an entry that was read before now ends the reading
                found = next((row for row in rows if row.position == stretch.position + 1), None)
                yield upto, damage_of(found, INCONSISTENT, "entry-changed") if found else hole(stretch.position + 1)
                return
            yield upto, damage_of(found, INCONSISTENT, "entry-changed") if found else None
            position, moment = stretch.position, stretch.moment

    def fits(self) -> bool:
        """Return whether the sums, the lengths of streams and the counts of topics are those of as many entries."""
        sums, lengths, counts = (
            self._db.execute(f"SELECT coalesce(sum({column}),0) FROM {table}").fetchone()[0]
            for table, column in (("sums", "length(sums)"), ("streams", "entries"), ("topics", "entries"))
        )
        return bool(sums == self.position * SUM_BYTES and lengths == counts == self.position)

    def forget(self) -> None:
        """Forget all that was read."""
        for table in ("seen", "sums", "streams", "topics", "unreadable"):
            self._db.execute(f"DELETE FROM {table}")
        self.end = None
        self.look()
