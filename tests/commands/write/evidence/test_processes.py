"""Evidence in several processes, and in one that is killed: what an entry refers to is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands.write.evidence.scans import ADD, kept, scan
from desk import COUNTY, DINGJI, Desk
from dingji.evidence import papers
from dingji.evidence.files import opened
from dingji.evidence.papers import Papers
from dingji.faults import LedgerError


def test_killed_between_copy_and_record_no_entry_refers_to_a_missing_paper(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    code = textwrap.dedent(
        """
        import os, signal, sys
        from dingji.writer.ledger import Ledger
        from dingji_commands.main import main
        Ledger.submit = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        main(sys.argv[1:])
        """
    )
    arguments = [sys.executable, "-c", code, "evidence", "add", path, *ADD]
    done = subprocess.run(arguments, env=desk.environment(), capture_output=True, check=False, timeout=60)
    assert (done.returncode, desk.head()) == (-signal.SIGKILL, 105)
    assert desk.json("evidence", "verify")["unreferred"] == [digest]
    desk.ok("evidence", "add", path, *ADD)
    assert desk.json("evidence", "verify")["ok"] == 1
    assert kept(folder) == [f"{digest[:2]}/{digest}"]


def test_killed_at_any_moment_what_is_referred_to_is_there(desk: Desk) -> None:
    path, _ = scan(desk, "large", os.urandom(4 << 20))
    for delay in (0.1, 0.2, 0.3, 0.4, 0.5):
        with subprocess.Popen(
            [DINGJI, "evidence", "add", path, *ADD, "--id", str(delay)],
            env=desk.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(delay)
            process.kill()
        told = desk.json("evidence", "verify")
        assert told["checked"] == told["ok"]


def test_a_file_is_on_disk_before_the_ledger_hears_of_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path, digest = scan(desk)
    done: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        done.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def submitted(*_: object, **__: object) -> None:
        done.append("submit")
        raise LedgerError("ledger-busy", seconds=60)

    monkeypatch.setattr(os, "fsync", watched)
    monkeypatch.setattr("dingji.writer.ledger.Ledger.submit", submitted)
    assert desk.run("evidence", "add", path, *ADD).stderr.startswith("ledger-busy")
    names = [Path(each).name for each in done]
    assert names[1].startswith(".incoming-")
    assert names[2:] == [digest[:2], "my.ledger.evidence", "submit"]
    assert kept(Path(f"{desk.ledger}.evidence")) == []


def test_two_at_once_do_not_take_each_others_papers_away(desk: Desk) -> None:
    path, digest = scan(desk)
    bad = [word.replace(COUNTY, "320584") if word == COUNTY else word for word in ADD]
    with ended([[*ADD, "--id", str(number)] if number % 2 else bad for number in range(6)], desk, path) as codes:
        assert sorted(codes) == [0, 0, 0, 1, 1, 1]
    told = desk.json("evidence", "verify")
    assert (told["checked"], told["ok"]) == (1, 1)
    assert len(desk.json("evidence", "show", digest)["papers"][0]["references"]) == 3


@contextmanager
def ended(runs: list[list[str]], desk: Desk, path: str) -> Iterator[list[int]]:
    running = [
        subprocess.Popen(
            [DINGJI, "evidence", "add", path, *run],
            env=desk.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for run in runs
    ]
    yield [process.wait(120) for process in running]


def test_a_folder_in_use_is_waited_for_and_then_said(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "LOCK_SECONDS", 0.1)
    path, digest = scan(desk)
    with Papers(desk.ledger).receiving() as intake, opened(path) as descriptor:
        intake.copy(descriptor, path)
        with intake.placed():
            assert desk.run("evidence", "add", path, *ADD).stderr.startswith("ledger-busy")
    assert kept(folder) == []
    desk.ok("evidence", "add", path, *ADD)
    assert kept(folder) == [f"{digest[:2]}/{digest}"]
