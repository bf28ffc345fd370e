"""Questions where the views cannot be kept, or turn out to be damaged: each is answered, or says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from desk import DINGJI, Desk
from dingji.store.log import open_log
from dingji_projections.engine.seen import SeenLog
from disks import fill_up, small_disk
from projections.logs import place_of_views


def test_a_cache_on_a_full_disk(storied: Desk) -> None:
    expected = storied.ok("levels")
    with small_disk() as disk:
        fill_up(disk)
        done = storied.process("levels", env={"XDG_CACHE_HOME": str(disk)})
    assert (done.returncode, done.stdout.decode()) == (0, expected)
    assert b"nothing can be kept in the cache folder" in done.stderr


def test_views_that_fill_the_disk_up(demo_desk: Desk) -> None:
    expected = demo_desk.ok("levels")
    with small_disk("100k") as disk:
        done = demo_desk.process("levels", env={"XDG_CACHE_HOME": str(disk)})
    assert (done.returncode, done.stdout.decode()) == (0, expected)
    assert b"nothing can be kept in the cache folder" in done.stderr


def test_a_ledger_on_a_full_disk(storied: Desk) -> None:
    expected = storied.ok("levels")
    with small_disk("4m") as disk:
        ledger = disk / "my.ledger"
        shutil.copy(storied.ledger, ledger)
        fill_up(disk)
        done = storied.process("levels", "--ledger", str(ledger))
        given = ("--name", "新名", "--on", "2024-01-01", "--by", "3205", "--ledger", str(ledger))
        refused = storied.process("rename", "320583100", *given)
    assert (done.returncode, done.stdout.decode()) == (0, expected)
    assert (refused.returncode, refused.stderr.partition(b":")[0]) == (1, b"ledger-not-writable")


def test_views_found_damaged_in_the_middle_of_a_question(storied: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = storied.ok("history", "320583100")
    with open_log(storied.ledger, readonly=True) as log:
        place = place_of_views(log)
    assert place.exists()

    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(SeenLog, "length", damaged)
        result = storied.run("history", "320583100")
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "views-damaged")
    assert not place.exists()
    assert storied.ok("history", "320583100") == expected


def test_without_a_home_a_question_is_answered(storied: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = storied.environment({"HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": ""})
    done = subprocess.run([DINGJI, "levels"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"nothing can be kept in the cache folder" in done.stderr
