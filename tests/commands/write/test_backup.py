"""`dingji backup`: whole or not at all, of one moment, with what is told of it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desk import Desk
from dingji.store.layout import GUARDS
from dingji.store.log import Log, open_log


def test_a_backup_is_a_ledger_that_answers_the_same(storied: Desk) -> None:
    copy = storied.folder / "copy.ledger"
    told = storied.json("backup", str(copy))
    assert told == {
        "file": str(copy),
        "entries": 111,
        "head": 111,
        "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
        "papers": None,
    }
    for question in (("levels", "--basis", "111"), ("events",)):
        assert storied.ok(*question, "--ledger", str(copy)) == storied.ok(*question)
    rename = ("rename", "320583100", "--name", "甲", "--on", "2024-06-01", "--by", "3205")
    storied.ok(*rename, "--ledger", str(copy))
    assert len(storied.ok("events", "--ledger", str(copy)).splitlines()) == 112
    assert len(storied.ok("events").splitlines()) == 111


def test_what_stands_in_the_write_ahead_log_is_in_the_backup(storied: Desk) -> None:
    rename = ("rename", "320583100", "--name", "甲", "--on", "2024-06-01", "--by", "3205")
    with open_log(storied.ledger):  # a reader keeps the entry in the write-ahead log
        storied.ok(*rename)
        shutil.copy(storied.ledger, storied.folder / "by-cp")
        assert storied.json("backup", str(storied.folder / "copy"))["head"] == 112
    assert len(storied.ok("events", "--ledger", str(storied.folder / "by-cp")).splitlines()) == 111


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_says_what_is_copied_and_what_is_not(storied: Desk, language: str) -> None:
    said = storied.ok("backup", str(storied.folder / "one"), lang=language)
    assert "111" in said
    assert hashlib.sha256((storied.folder / "one").read_bytes()).hexdigest() in said
    assert "evidence" not in said
    Path(f"{storied.ledger}.evidence").mkdir()
    said = storied.ok("backup", str(storied.folder / "two"), lang=language)
    assert f"cp -R {storied.ledger}.evidence {storied.folder / 'two'}.evidence" in said
    assert storied.json("backup", str(storied.folder / "three"))["papers"] == f"{storied.ledger}.evidence"


def test_nothing_is_overwritten(storied: Desk) -> None:
    taken = storied.folder / "taken"
    taken.write_text("mine")
    dangling = storied.folder / "dangling"
    dangling.symlink_to("nowhere")
    left = storied.folder / "left-wal"
    left.write_text("of another ledger")
    for place in (taken, dangling, storied.folder / "left", storied.ledger, storied.folder):
        result = storied.run("backup", str(place))
        assert result.exit_code == 1
        assert result.stderr.startswith("ledger-exists")
    assert taken.read_text() == "mine"
    nowhere = storied.run("backup", str(storied.folder / "no" / "copy"))
    assert (nowhere.exit_code, nowhere.stderr.split("：")[0].split(":")[0]) == (1, "ledger-not-writable")


def test_a_backup_that_fails_leaves_nothing(storied: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    storied.ok("events")  # SQLite leaves two empty files beside the ledger, as after any question
    before = sorted(os.listdir(storied.folder))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = storied.run("backup", str(storied.folder / "copy"))
    assert result.exit_code == 1
    assert result.stderr.startswith("ledger-not-writable")
    assert sorted(os.listdir(storied.folder)) == before


def test_a_backup_of_a_ledger_with_a_hole_is_made_and_says_so(storied: Desk) -> None:
    with closing(sqlite3.connect(storied.ledger)) as other, other:
        other.execute("DROP TRIGGER entries_never_go")
        other.execute("DELETE FROM stored_events WHERE rowid=50")
        other.execute(GUARDS["entries_never_go"])
    result = storied.run("backup", str(storied.folder / "copy"))
    assert result.exit_code == 3
    assert "110 entries up to position 111" in result.stdout
    assert "rebuild" in result.stderr


def test_a_question_says_that_it_reads_a_copy(storied: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Log, "is_copy", True)
    for language, words in (("zh", "临时副本"), ("en", "temporary copy")):
        result = storied.run("levels", "--json", lang=language)
        assert result.exit_code == 0
        assert words in result.stderr
        assert result.stdout.startswith("{")


def test_a_ledger_whose_name_leaves_no_room_for_its_papers(desk: Desk) -> None:
    long = desk.ledger.rename(desk.folder / ("a" * 250))
    assert "Backed up" in desk.ok("backup", str(desk.folder / "copy"), "--ledger", str(long))
