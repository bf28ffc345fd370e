"""What goes wrong outside of submissions: bugs, a broken ledger, pipes that close, Ctrl-C."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import sqlite3
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desk import DINGJI, Desk, classify
from dingji_commands.app import wiring
from dingji_commands.terminal.interrupts import Interrupts, held_back_at_commit


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bug_leaves_its_trace_in_a_file_that_it_names(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(wiring, "open_views", broken)
    result = desk.run("levels", lang=language)
    assert result.exit_code == 1
    assert result.stderr.startswith("internal")
    found = re.search(r"\S*dingji-\S+\.txt", result.stderr)
    assert found
    trace = Path(found.group().lstrip("详情已写入"))
    assert "ZeroDivisionError: a bug" in trace.read_text("utf-8")
    trace.unlink()


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), MemoryError()])
def test_what_the_system_refuses_is_no_bug(desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refused(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("dingji_commands.app.wiring.open_views", refused)
    result = desk.run("levels")
    assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "out-of-resources")


def test_a_broken_ledger_exits_with_3(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.ledger)) as connection, connection:
        connection.execute("DROP TRIGGER entries_never_change")
        connection.execute("UPDATE stored_events SET topic='Nonsense' WHERE originator_id='station:320583100'")
    result = desk.run("history", "320583100", lang="zh")
    assert result.exit_code == 3
    assert result.stderr.startswith("unreadable-entry")


def test_whoever_stops_reading_ends_it_quietly(desk: Desk) -> None:
    for command in ("events", "levels"):
        process = subprocess.Popen(
            [DINGJI, command], env=desk.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (141, b"")
        process.stderr.close()


def test_output_that_cannot_be_written_is_said_and_what_was_recorded_too(desk: Desk) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [DINGJI, "submit", desk.file("a.jsonl", classify())],
            env=desk.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert b"cannot be written" in done.stderr
    assert b"is recorded" in done.stderr
    assert b"Traceback" not in done.stderr
    assert desk.head() == 106


def test_without_an_output_it_still_works(desk: Desk) -> None:
    done = subprocess.run(["/bin/sh", "-c", f'"{DINGJI}" levels >&-'], env=desk.environment(), check=False)
    assert done.returncode == 0


def long_file(desk: Desk, count: int) -> str:
    facts = {"do": "report", "station": "320583100", "on": "2023-09-01", "by": {"office": "320583"}}
    text = json.dumps(facts | {"facts": {"full_time_staff": 6}})[:-1]
    path = desk.folder / "long.jsonl"
    path.write_text("".join(f'{text}, "id": "x{number}"}}\n' for number in range(count)))
    return str(path)


@pytest.mark.usefixtures("interruptible")
def reads(process: subprocess.Popen[bytes], file: str) -> bool:
    """Return whether a process has a file open; a process that ended has none."""
    try:
        return any(os.path.realpath(one) == file for one in Path(f"/proc/{process.pid}/fd").iterdir())
    except OSError:
        return False


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something happened, however busy the machine is."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("wait", [0, 0.2, 0.6])
def test_ctrl_c_in_the_middle_of_a_file_records_all_or_nothing(desk: Desk, wait: float) -> None:
    file = long_file(desk, 30_000)
    process = subprocess.Popen(
        [DINGJI, "submit", file], env=desk.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    wait_for(lambda: reads(process, file))
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode == 130 and b"interrupted:" in said:
        assert desk.head() == 105
    elif process.returncode == 130:
        assert b"recorded already" in said
        assert desk.head() == 30_105
    assert process.returncode in {130, 0}
    assert desk.head() in {105, 30_105}
    assert b"Traceback" not in said


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_while_standard_input_is_awaited(desk: Desk) -> None:
    process = subprocess.Popen(
        [DINGJI, "submit", "-"],
        env=desk.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(json.dumps(classify()).encode() + b"\n")
    process.stdin.flush()
    waiting = process.stdin.fileno()
    wait_for(lambda: struct.unpack("i", fcntl.ioctl(waiting, termios.FIONREAD, b"1234")) == (0,))  # the line was read
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith(b"interrupted: ")
    assert desk.head() == 105


def test_ctrl_c_in_the_middle_of_a_question(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dingji_commands.audit.conflicts.conflicts_at", interrupted)
    result = desk.run("conflicts", lang="zh")
    assert (result.exit_code, result.stdout) == (130, "")
    assert "查询已中断" in result.stderr
    assert "提交" not in result.stderr  # nothing was submitted


def test_ctrl_c_behind_the_last_line_waits_for_the_commit() -> None:
    interrupts = Interrupts()
    with pytest.raises(KeyboardInterrupt):
        interrupts.handle()
    assert list(interrupts.watched([1, 2])) == [1, 2]
    interrupts.handle()
    assert interrupts.held_back


@pytest.mark.usefixtures("interruptible")
def test_a_held_back_ctrl_c_is_raised_when_the_commit_is_over() -> None:
    done = []

    def commit() -> None:
        with held_back_at_commit() as interrupts:
            list(interrupts.watched([]))
            os.kill(os.getpid(), signal.SIGINT)
            done.append("committed")

    with pytest.raises(KeyboardInterrupt):
        commit()
    assert done == ["committed"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_is_ignored_a_commit_leaves_it_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back_at_commit() as interrupts:
            signal.raise_signal(signal.SIGINT)
            list(interrupts.watched([]))
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    except KeyboardInterrupt:
        pytest.fail("it was not ignored")
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_command_that_was_started_with_ctrl_c_ignored_goes_on(desk: Desk) -> None:
    started = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts what runs in its background
    try:
        process = subprocess.Popen(
            [DINGJI, "submit", "-"], env=desk.environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
    finally:
        signal.signal(signal.SIGINT, started)
    assert process.stdin
    process.stdin.write(json.dumps(classify()).encode() + b"\n")
    process.stdin.flush()
    waiting = process.stdin.fileno()
    wait_for(lambda: struct.unpack("i", fcntl.ioctl(waiting, termios.FIONREAD, b"1234")) == (0,))  # the line was read
    process.send_signal(signal.SIGINT)
    process.stdin.close()
    assert process.wait(60) == 0
    assert desk.head() == 106


def test_ctrl_c_before_the_last_line_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dingji.intake.files.Source.lines", interrupted)
    result = desk.run("submit", desk.file("a.jsonl", classify()))
    assert result.exit_code == 130
    assert result.stderr.startswith("interrupted: ")
    assert desk.head() == 105


def test_what_was_committed_before_ctrl_c_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dingji_commands.write.submit.file_lines", interrupted)
    result = desk.run("submit", desk.file("a.jsonl", classify()), lang="zh")
    assert result.exit_code == 130
    assert "已经录入完毕" in result.stderr
    assert desk.head() == 106


def test_kill_in_the_middle_of_a_file_leaves_all_or_nothing(desk: Desk) -> None:
    file = long_file(desk, 30_000)
    process = subprocess.Popen([DINGJI, "submit", file], env=desk.environment(), stdout=subprocess.DEVNULL)
    wait_for(lambda: reads(process, file))
    time.sleep(0.2)
    process.kill()
    process.wait()
    assert desk.head() in {105, 30_105}
    desk.ok("submit", desk.file("a.jsonl", classify()))
