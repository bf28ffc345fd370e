"""Text of somebody who wants to steer a terminal, hide something or run a spreadsheet; and ledgers forged with it."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

CONTROLS: Final = "\x1b[31m\x1b]0;title\x07\x1b[2J\r\t\b\x00\x7f\x85\x9b2J"
MARKS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u180e\u3164\u2800\ufe0f\ufff9\ufffb\ue000\U000e0041"
LINES: Final = "\u2028\u2029\x0b\x0c\x1c\x1e\nFORGED"
HOSTILE: Final = CONTROLS + MARKS + UNSEEN + LINES
STORABLE: Final = HOSTILE.replace("\x00", "")
SHORT: Final = "\x1b[31m\u202e\u200b\x85\nFORGED"

_BLANK: Final = frozenset("\u034f\u115f\u1160\u2800\u3164\ufe0f")
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_SEQUENCE: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def steering(text: str) -> set[str]:
    """Return what must not reach a reader: all that is not seen, but the ends of lines that are ours."""
    return {one for one in text if one != "\n" and (unicodedata.category(one) in _STEERING or one in _BLANK)}


def forged_lines(text: str) -> list[str]:
    """Return the lines that a forged end of a line began."""
    return [line for line in text.split("\n") if line.lstrip(" │├└─'\"").startswith("FORGED")]


def without_sequences(text: str) -> str:
    """Return what a terminal was sent without the sequences that draw on it, for a command that may draw."""
    return _SEQUENCE.sub("", text)


def _is_free_text(key: str, value: str) -> bool:
    return not value.isascii() or key in {"en", "version", "distribution", "clause", "ground"}


def spoilt(value: Any, key: str = "", is_free: Callable[[str, str], bool] = _is_free_text) -> Any:
    """Return a stored value with hostile text in every text that is free."""
    if isinstance(value, dict):
        return {name: spoilt(inner, name, is_free) for name, inner in value.items()}
    if isinstance(value, list):
        return [spoilt(inner, key, is_free) for inner in value]
    return value + STORABLE if isinstance(value, str) and is_free(key, value) else value


def stored(state: Any) -> bytes:
    """Return a state as it is stored."""
    return json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def forge(ledger: Path, change: Callable[[sqlite3.Connection], None]) -> None:
    """Change a ledger past its rules, and leave its schema as it was."""
    with closing(sqlite3.connect(ledger)) as connection, connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        change(connection)
        for _, sql in triggers:
            connection.execute(sql)


def spoil_texts(connection: sqlite3.Connection) -> None:
    """Put hostile text into every free text of a ledger: names, reasons, notes, labels, papers, findings."""
    rows = connection.execute("SELECT rowid, state FROM stored_events").fetchall()
    changed = [(stored(spoilt(json.loads(state))), place) for place, state in rows]
    connection.executemany("UPDATE stored_events SET state = ? WHERE rowid = ?", changed)


def spoil_words(connection: sqlite3.Connection) -> None:
    """Put hostile text into streams, topics and codes: the last of a ledger's entries are of no known form."""
    last, recorded = connection.execute(
        "SELECT max(rowid), json_extract(state, '$.recorded_at') FROM stored_events"
    ).fetchone()
    state = connection.execute("SELECT state FROM stored_events WHERE topic = 'StationRegistered'").fetchone()[0]
    read = json.loads(state)
    everywhere = spoilt(read, is_free=lambda key, _: key not in {"on", "recorded_at"}) | {"recorded_at": recorded}
    rows = [
        (f"station:320583999{SHORT}", 1, "StationRegistered", stored(read | {"id": "x", "recorded_at": recorded})),
        ("station:320583998", 1, "StationRegistered", stored(everywhere)),
        ("station:320583997", 1, f"Station{SHORT}", stored(read | {"recorded_at": recorded})),
    ]
    for place, row in enumerate(rows, last + 1):
        connection.execute("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", (place, *row))
