"""Copies that were left half way are swept by whoever comes next, and those in use are not."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from commands.write.evidence.scans import ADD, kept, scan
from desk import STATION, Desk
from dingji.evidence import papers


@pytest.mark.parametrize("command", [("show", STATION), ("verify",), ("reuse",)])
def test_what_was_left_half_way_an_hour_ago_is_swept_by_any_command(
    desk: Desk, folder: Path, command: tuple[str, ...]
) -> None:
    folder.mkdir()
    names = [f".incoming-{digit * 32}" for digit in "abcdef"]
    old, new, linked, within, pipe, target = (folder / name for name in names)
    other, like = folder / ".incoming-notes.txt", folder / f".incoming-{'A' * 32}"
    for left in (old, new, target, other, like):
        left.write_bytes(b"half")
    linked.symlink_to(target)
    within.mkdir()
    os.mkfifo(pipe)
    hour_ago = time.time() - 3601
    for left in (old, linked, within, pipe, other, like):
        os.utime(left, (hour_ago, hour_ago), follow_symlinks=False)
    desk.ok("evidence", *command)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names[1:], other.name, like.name])


def test_adding_sweeps_even_if_it_is_refused(desk: Desk, folder: Path) -> None:
    path, _ = scan(desk)
    folder.mkdir()
    left = folder / f".incoming-{'a' * 32}"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    assert desk.run("evidence", "add", path, *ADD[:-2], "--by", "320584").exit_code == 1
    assert kept(folder) == []


def test_a_folder_that_is_a_link_is_not_swept(desk: Desk, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    left = elsewhere / f".incoming-{'a' * 32}"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    folder.symlink_to(elsewhere)
    desk.ok("evidence", "verify")
    assert left.exists()


def test_a_copy_that_is_still_wanted_is_touched(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, digest = scan(desk)
    other, _ = scan(desk, "other", b"another paper")
    monkeypatch.setattr(papers, "TOUCH_SECONDS", -1.0)
    utime, touched = os.utime, []

    def seen(name: str, **options: Any) -> None:
        touched.append(name)
        utime(name, **options)

    monkeypatch.setattr(os, "utime", seen)
    desk.ok("evidence", "add", path, other, *ADD)
    assert touched
    assert all(name.startswith(".incoming-") for name in touched)
    assert f"{digest[:2]}/{digest}" in kept(folder)


def test_a_paper_is_kept_by_a_clock_that_is_ahead_of_the_disks(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = scan(desk)
    later = time.time() + 2 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    desk.ok("evidence", "add", path, *ADD)
    assert kept(folder) == [f"{digest[:2]}/{digest}"]
