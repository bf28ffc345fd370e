"""Rows as they come from the file, and those that the log cannot have written: of wrong types, or absurdly long."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast

from dingji.events.row import MOST_RAW, TOO_LARGE, Row, Unreadable

MOST_STATE: Final = 16 << 20
"""Bytes of the longest state that is written or read."""

MOST_TEXT: Final = 64 << 10
"""Bytes of the longest stream or topic that is read."""

ROW_LIMIT: Final = MOST_STATE + (1 << 20)
"""Bytes of a row that SQLite still makes or reads: it fails on a longer value before it loads any of it."""

TYPES: Final = {"originator_id": "text", "originator_version": "integer", "topic": "text", "state": "blob"}

# Without the length check of Row._make, which takes as long as SQLite takes for the row.
plain_row = cast("Callable[[Any], Row]", partial(tuple.__new__, Row))


def is_written_by_log(values: list[tuple[Any, ...]]) -> bool:
    """Return whether rows are such as the log writes; if not, `careful_row` looks closer (hot path of reading)."""
    if not values:
        return True
    _, streams, versions, topics, states = zip(*values, strict=True)
    try:
        texts, size, total = len("".join(streams + topics)), len(b"".join(states)), sum(versions)
    except TypeError:
        return False
    if type(total) is not int or (size > MOST_STATE and max(map(len, states)) > MOST_STATE):
        return False
    return texts <= MOST_TEXT or max(map(len, streams + topics)) <= MOST_TEXT  # those of a batch together have less


def is_trouble(error: sqlite3.Error) -> bool:
    """Return whether an error of a read comes from one value: too long, no JSON, or a text that is not UTF-8."""
    code = getattr(error, "sqlite_errorcode", None)
    not_json = code == sqlite3.SQLITE_ERROR and "malformed JSON" in str(error)
    return code == sqlite3.SQLITE_TOOBIG or not_json or (code is None and isinstance(error, sqlite3.OperationalError))


def careful_row(connection: sqlite3.Connection, position: int) -> Row | None:
    """Return the row at a position, value by value; one that the log cannot have written with an `Unreadable` state."""
    cursor = connection.cursor()
    cursor.row_factory = None
    kinds = ",".join(f"typeof({column})" for column in TYPES)  # loads none of them
    found = cursor.execute(f"SELECT {kinds} FROM stored_events WHERE rowid=?", (position,)).fetchone()  # noqa: S608  (our own words)
    if found is None:
        return None
    values = {column: _value(cursor, column, kind, position) for column, kind in zip(TYPES, found, strict=True)}
    whys = (value.why for value in values.values() if isinstance(value, Unreadable))
    why = next(whys, None)
    stream, version, topic, state = values.values()
    if why is None:
        return Row(position, stream, version, topic, state)
    if not isinstance(state, Unreadable):
        state = Unreadable.of(why, len(state), state[:MOST_RAW])
    version = 0 if isinstance(version, Unreadable) else version
    return Row(position, _text(stream), version, _text(topic), state)


def _text(value: str | Unreadable) -> str:
    return value.start.decode(errors="backslashreplace") if isinstance(value, Unreadable) else value


def _value(cursor: sqlite3.Cursor, column: str, kind: str, position: int) -> Any:
    """Return one value as it is stored, or an `Unreadable` of what of it can be shown."""
    if kind not in {"text", "blob"}:
        sql = f"SELECT {column} FROM stored_events WHERE rowid=?"  # noqa: S608  (our own words)
        (value,) = cursor.execute(sql, (position,)).fetchone()
        return value if kind == TYPES[column] else Unreadable.of("wrong-type", None, str(value).encode())
    most = MOST_STATE if column == "state" else MOST_TEXT
    with cursor.connection.blobopen("stored_events", column, position, readonly=True) as stored:
        size = len(stored)
        fits = size <= most and kind == TYPES[column]
        content = stored.read(size if fits else MOST_RAW)
    if not fits:
        return Unreadable.of(TOO_LARGE if size > most else "wrong-type", size, content)
    if kind == "blob":
        return content
    try:
        return content.decode()
    except UnicodeDecodeError:
        return Unreadable.of("not-utf8", size, content[:MOST_RAW])
