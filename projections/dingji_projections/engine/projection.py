"""What a projection is: one table, the fold that fills it from a station's entries, and the topics it reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from dingji.events.row import Row

VOIDED = "EntryVoided"
ASSESSED = "AssessmentRecorded"

STREAMS = "station:"
"""How the names of stations' streams begin."""

LAST_STREAM = "station;"
"""What sorts behind all of them."""


STRICT = "STRICT, " if sqlite3.sqlite_version_info >= (3, 37) else ""
"""What keeps values of other types out of a table, where SQLite can."""


class Fold(Protocol):
    """The rows of one station, grown entry by entry in the order of the log."""

    def take(self, row: Row) -> None:
        """Take in one entry."""

    def rows(self, station: str) -> list[tuple[Any, ...]]:
        """Return the station's rows in the order of the table's key."""

    def weight(self) -> int:
        """Return about how many values are held: what bounds the memory of a rebuild."""


def _own_rows(fold: Fold, station: str) -> list[tuple[Any, ...]]:
    return fold.rows(station)


class Projection(NamedTuple):
    """A table keyed by station first; `columns` and `indexes` in SQL, `key` the columns that identify a row.

    Projections of one `fold` and the same topics are built together, from one reading of the log; then all but one
    say by `rows` what they take of the fold.
    """

    table: str
    topics: frozenset[str]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    indexes: dict[str, str]
    fold: Callable[[], Fold]
    rows: Callable[[Any, str], list[tuple[Any, ...]]] = _own_rows

    def create(self, schema: str) -> str:
        """Return the statement that makes the table in `schema`."""
        columns = ",".join(self.columns)
        key = ",".join(self.key)
        return f"CREATE TABLE {schema}.{self.table} ({columns}, PRIMARY KEY ({key})) {STRICT}WITHOUT ROWID"

    def create_indexes(self, schema: str) -> list[str]:
        """Return the statements that make the indexes in `schema`."""
        return [f"CREATE INDEX {schema}.{name} ON {self.table} ({by})" for name, by in self.indexes.items()]

    def insert(self, schema: str) -> str:
        """Return the statement that adds one row in `schema`."""
        return f"INSERT INTO {schema}.{self.table} VALUES ({','.join('?' * len(self.columns))})"  # noqa: S608 (our own words)
