"""The layout of a ledger's file, frozen for each version of it; a file that is laid out otherwise is refused."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dingji.store.errors import error_of
from dingji.store.rows import ROW_LIMIT

if TYPE_CHECKING:
    from dingji.faults import LedgerError

APPLICATION_ID: Final = 0x44494E47  # "DING", in the header of the file
SCHEMA_VERSION: Final = 1

# The library reads the position from a column of this name. AUTOINCREMENT gives no position twice, and a key that
# only grows, beside the unique index, appends three times as fast as the library's text primary key.
TABLE: Final = """CREATE TABLE stored_events (
        rowid INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id TEXT NOT NULL,
        originator_version INT NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))"""

GUARDS: Final = {
    "entries_never_change": """CREATE TRIGGER entries_never_change BEFORE UPDATE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'an entry of the ledger never changes'); END""",
    "entries_never_go": """CREATE TRIGGER entries_never_go BEFORE DELETE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never removed'); END""",
}
"""The triggers that keep the rows as they were written, by name."""


class Part(NamedTuple):
    """A row of `sqlite_schema`: something that steers what a statement reads or does."""

    type: str
    name: str
    table: str
    sql: str | None


LAYOUTS: Final = {
    1: frozenset(
        {
            Part("table", "stored_events", "stored_events", TABLE),
            Part("index", "sqlite_autoindex_stored_events_1", "stored_events", None),
            Part("table", "sqlite_sequence", "sqlite_sequence", "CREATE TABLE sqlite_sequence(name,seq)"),
            *(Part("trigger", name, "stored_events", sql) for name, sql in GUARDS.items()),
        }
    )
}
"""The parts of a ledger's file by its `user_version`, to the letter: what stands here never changes."""

_STATISTICS = frozenset(
    {
        Part("table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
        Part("table", "sqlite_stat4", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
    }
)
"""What `ANALYZE` adds: it changes how fast an answer comes, and no answer."""

_COLUMNS = ",".join(f"CAST({column} AS BLOB)" for column in ("type", "name", "tbl_name", "sql"))  # not always UTF-8
_MOST_PARTS = 100  # more are not read: a few of them are foreign already


def harden(connection: sqlite3.Connection, *, defensive: bool = True) -> None:
    """Let nothing that a file brings along run or reach out, or fill the memory."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, ROW_LIMIT)
    if defensive and sys.version_info >= (3, 12):  # before, Python does not offer it
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)


def checked_cookie(connection: sqlite3.Connection, path: Path, *, writing: bool = False) -> int:
    """Return the `schema_version` of a file that is a ledger of a layout known here; SQLite raises it with each change.

    Raises LedgerError (`not-a-ledger`), IntegrityBroken (`newer-ledger`, `foreign-schema`). A missing guard steers
    nothing that is read, so only `writing` asks for it: what was done to the rows is then told by the rows.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID or version < 1:
        raise error_of("not-a-ledger", path=str(path))
    if version > SCHEMA_VERSION:
        raise error_of("newer-ledger", path=str(path), version=version, known=SCHEMA_VERSION)
    (encoding,) = connection.execute("PRAGMA encoding").fetchone()
    if encoding != "UTF-8":
        raise error_of("foreign-schema", path=str(path), part=f"encoding {encoding}", why="part-changed")
    cookie: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sqlite_schema LIMIT {_MOST_PARTS}").fetchall()  # noqa: S608  (our own words)
    _compare([Part(*map(_text, row)) for row in rows], LAYOUTS[version], path, writing=writing)
    return cookie


def _text(stored: bytes | None) -> Any:
    return None if stored is None else stored.decode(errors="replace")


def _compare(found: list[Part], layout: frozenset[Part], path: Path, *, writing: bool) -> None:
    for part in found:
        if (part not in layout and part not in _STATISTICS) or found.count(part) > 1:
            changed = any((part.type, part.name) == (ours.type, ours.name) for ours in layout)
            raise _foreign(path, part, "part-changed" if changed else "part-foreign")
    for part in sorted(layout.difference(found)):
        if writing or part.type != "trigger":
            raise _foreign(path, part, "guard-missing" if part.type == "trigger" else "part-missing")


def _foreign(path: Path, part: Part, why: str) -> LedgerError:
    return error_of("foreign-schema", path=str(path), part=f"{part.type} {part.name}"[:200], why=why)
