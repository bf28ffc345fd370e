"""A file that came from elsewhere: only a layout of ours is read, and only a guarded one is written."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from dingji.faults import IntegrityBroken
from dingji.store.layout import GUARDS, LAYOUTS, SCHEMA_VERSION, TABLE
from dingji.store.log import Log, create_log, open_log

FORGED = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " VALUES ('station:2', 1, 'LevelRecognised', CAST('{}' AS BLOB))"
)
HIDDEN = f"CREATE TRIGGER hidden AFTER INSERT ON stored_events WHEN new.originator_id='station:1' BEGIN {FORGED}; END"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "dingji.ledger"
    with create_log(path) as log:
        record(log, 1)
    return path


def record(log: Log, version: int) -> None:
    with log.writing() as writer:
        writer.append([StoredEvent("station:1", version, "Noted", b"{}")])


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        for statement in statements:
            other.execute(statement)
            other.commit()


def rewritten(old: str, new: str) -> tuple[str, str]:
    """Return the statements that change a text of the layout behind SQLite's back."""
    return "PRAGMA writable_schema=ON", f"UPDATE sqlite_schema SET sql=replace(sql, '{old}', '{new}')"  # noqa: S608


def broken(act: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(IntegrityBroken) as caught:
        act()
    fault = caught.value.fault
    return fault.code, fault.args["part"], fault.args["why"]


FOREIGN = [
    ([HIDDEN], "trigger hidden", "part-foreign"),
    ([HIDDEN.replace("hidden", "entries_kept")], "trigger entries_kept", "part-foreign"),
    (["CREATE VIEW answers AS SELECT 1"], "view answers", "part-foreign"),
    (["CREATE TABLE t (a)"], "table t", "part-foreign"),
    (["CREATE INDEX i ON stored_events (topic)"], "index i", "part-foreign"),
    (
        ["ALTER TABLE stored_events RENAME TO real", "CREATE VIEW stored_events AS SELECT * FROM real"],
        "table real",
        "part-foreign",
    ),
    (["DROP TABLE stored_events"], "index sqlite_autoindex_stored_events_1", "part-missing"),
    (["ALTER TABLE stored_events ADD COLUMN more"], "table stored_events", "part-changed"),
    (
        ["DROP TRIGGER entries_never_go", HIDDEN.replace("hidden", "entries_never_go")],
        "trigger entries_never_go",
        "part-changed",
    ),
    (
        [HIDDEN, "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET name='sqlite_x' WHERE name='hidden'"],
        "sqlite_schema: malformed database schema (sqlite_x)",
        "part-changed",
    ),
    ([*rewritten("topic TEXT NOT NULL", "topic TEXT")], "table stored_events", "part-changed"),
    ([*rewritten("name,seq", "name,seq,more")], "table sqlite_sequence", "part-changed"),
    (
        [HIDDEN, "PRAGMA writable_schema=ON", "UPDATE sqlite_schema SET name=x'ff' WHERE name='hidden'"],
        r"sqlite_schema: b'malformed database schema (\xff)'",
        "part-changed",
    ),
]


@pytest.mark.parametrize(("statements", "part", "why"), FOREIGN)
@pytest.mark.parametrize("readonly", [True, False])
def test_a_layout_that_is_not_ours_is_refused(
    path: Path, statements: list[str], part: str, why: str, readonly: bool
) -> None:
    change(path, *statements)
    assert broken(lambda: open_log(path, readonly=readonly)) == ("foreign-schema", part, why)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "utf16"
    marks = ("PRAGMA encoding='UTF-16le'", "PRAGMA application_id=0x44494E47", "PRAGMA user_version=1")
    change(path, *marks, TABLE, *GUARDS.values())
    assert broken(lambda: open_log(path)) == ("foreign-schema", "encoding UTF-16le", "part-changed")


def test_statistics_of_sqlite_are_no_foreign_part(path: Path) -> None:
    change(path, "ANALYZE")
    with open_log(path) as log:
        record(log, 2)
        assert log.head() == 2


@pytest.mark.parametrize("guard", GUARDS)
def test_a_ledger_without_a_guard_is_read_and_not_written(path: Path, guard: str) -> None:
    change(path, f"DROP TRIGGER {guard}")
    with open_log(path) as log:
        assert [row.position for row in log.scan()] == [1]
        assert broken(lambda: record(log, 2)) == ("foreign-schema", f"trigger {guard}", "guard-missing")
        assert log.head() == 1
        change(path, GUARDS[guard])
        record(log, 2)
        assert log.head() == 2


@pytest.mark.parametrize("written_before", [True, False])
def test_a_trigger_that_comes_while_the_ledger_is_open_writes_nothing(path: Path, written_before: bool) -> None:
    with open_log(path) as log:
        if written_before:
            record(log, 2)
        change(path, HIDDEN)
        assert broken(lambda: record(log, 3)) == ("foreign-schema", "trigger hidden", "part-foreign")
        change(path, "DROP TRIGGER hidden")
        assert [row.stream for row in log.scan()] == ["station:1"] * (1 + written_before)
        record(log, 2 + written_before)


def test_a_trigger_under_an_old_number_is_seen_by_the_first_write(path: Path) -> None:
    with open_log(path) as log:
        with closing(sqlite3.connect(path)) as other:
            (number,) = other.execute("PRAGMA schema_version").fetchone()
        change(path, HIDDEN, f"PRAGMA schema_version={number}")
        assert broken(lambda: record(log, 2))[1] == "trigger hidden"


def test_a_view_that_comes_while_the_ledger_is_open_is_not_read(path: Path) -> None:
    with open_log(path, readonly=True) as log:
        assert log.head() == 1
        change(path, *FOREIGN[5][0])
        assert broken(lambda: list(log.scan()))[0] == "foreign-schema"


def test_a_newer_program_that_comes_while_the_ledger_is_open(path: Path) -> None:
    with open_log(path) as log:
        change(path, "CREATE TABLE more (a)", f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        with pytest.raises(IntegrityBroken, match="newer-ledger"):
            record(log, 2)


def test_every_connection_is_hardened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    with open_log(path) as log:
        record(log, 2)
        assert len(opened) == 2
        for connection in opened:
            assert connection.execute("PRAGMA trusted_schema").fetchone()[0] == 0
            assert connection.execute("PRAGMA cell_size_check").fetchone()[0] == 1
            if sys.version_info >= (3, 12):
                assert connection.getconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE)


def test_the_frozen_layout_is_what_a_new_ledger_has(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        found = other.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    assert set(found) == LAYOUTS[SCHEMA_VERSION]
    # Of layout 1, to the letter: ledgers that exist have it.
    assert re.sub(r"\s+", " ", TABLE) == (
        "CREATE TABLE stored_events ( rowid INTEGER PRIMARY KEY AUTOINCREMENT, originator_id TEXT NOT NULL,"
        " originator_version INT NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL,"
        " UNIQUE (originator_id, originator_version))"
    )


def test_a_file_of_a_format_that_sqlite_does_not_know(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[47] = 9  # the schema's format number, of which SQLite knows 1 to 4
    path.write_bytes(content)
    with pytest.raises(IntegrityBroken) as raised:
        open_log(path)
    assert raised.value.fault.code == "damaged-ledger"
    assert raised.value.fault.args["why"] == "unsupported file format"
