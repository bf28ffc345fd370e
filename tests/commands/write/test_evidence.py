"""Evidence: files kept by their digest before an entry refers to them, shown, and verified."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from desk import CITY, COUNTY, DINGJI, STATION, Desk
from dingji.evidence import files as paperfiles
from dingji.evidence import papers
from dingji.evidence.files import opened
from dingji.evidence.papers import Papers
from dingji.faults import LedgerError

ADD = ["--station", STATION, "--supports", "full_time_staff,head_in_post", "--on", "2024-06-01", "--by", COUNTY]


@pytest.fixture
def folder(desk: Desk) -> Path:
    return Path(f"{desk.ledger}.evidence")


def scan(desk: Desk, name: str = "scan.pdf", content: bytes = b"a scan") -> tuple[str, str]:
    path = desk.folder / name
    path.write_bytes(content)
    return str(path), hashlib.sha256(content).hexdigest()


def kept(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_a_file_is_kept_under_its_digest_and_reported(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    told = desk.json("evidence", "add", path, *ADD, "--person", "P-7", "--document", "〔2024〕1号", "--note", "扫描件")
    assert (told["status"], told["entry"]) == ("recorded", f"{STATION}@2")
    paper = {"sha256": digest, "name": "scan.pdf", "supports": ["full_time_staff", "head_in_post"]}
    assert told["evidence"] == [paper | {"size": 6}]
    assert kept(folder) == [f"{digest[:2]}/{digest}"]
    state = json.loads(desk.ok("events", "--from", "106", "--json").splitlines()[0])["state"]
    assert state["evidence"] == [paper]
    assert (state["by"], state["document"], state["note"]) == (
        {"office": COUNTY, "person": "P-7"},
        "〔2024〕1号",
        "扫描件",
    )


def test_blanks_about_the_stations_code_lose_no_paper(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    arguments = [f"\u3000{each} " if each == STATION else each for each in ADD]
    assert STATION not in arguments
    assert desk.json("evidence", "add", path, *arguments)["entry"] == f"{STATION}@2"
    assert kept(folder) == [f"{digest[:2]}/{digest}"]


def test_only_the_owner_can_read_what_is_kept_and_nobody_writes_it(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, folder / digest[:2], folder / digest[:2] / digest)]
    assert modes == [0o700, 0o700, 0o400]


def test_what_is_kept_is_told_in_both_languages(desk: Desk) -> None:
    path, digest = scan(desk)
    assert desk.ok("evidence", "add", path, *ADD).splitlines() == [
        f"Recorded as {STATION}@2 (position 106)",
        f"  {digest}  scan.pdf",
    ]
    assert desk.ok("evidence", "add", path, *ADD, lang="zh").startswith(f"此前已录入 {STATION}@2")


def test_a_file_handed_in_twice_is_kept_and_reported_once(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    told = desk.json("evidence", "add", path, path, *ADD)
    assert [paper["sha256"] for paper in told["evidence"]] == [digest]
    assert desk.json("evidence", "add", path, *ADD)["status"] == "already-recorded"
    assert (desk.head(), len(kept(folder))) == (106, 1)


def test_two_names_of_one_content_are_one_file(desk: Desk, folder: Path) -> None:
    (one, digest), (other, _) = scan(desk), scan(desk, "copy.pdf")
    told = desk.json("evidence", "add", one, other, *ADD)
    assert [paper["name"] for paper in told["evidence"]] == ["scan.pdf", "copy.pdf"]
    assert kept(folder) == [f"{digest[:2]}/{digest}"]


def test_a_dry_run_keeps_nothing(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    told = desk.json("evidence", "add", path, *ADD, "--dry-run")
    assert (told["status"], told["evidence"][0]["sha256"]) == ("not-recorded", digest)
    assert (desk.head(), folder.exists()) == (105, False)


def test_a_refused_report_leaves_nothing(desk: Desk, folder: Path) -> None:
    path, _ = scan(desk)
    wrong = [word.replace("head_in_post", "head_in_pots") for word in ADD]
    assert desk.codes("evidence", "add", path, *wrong) == ["unknown-fact"]
    assert (desk.head(), kept(folder)) == (105, [])


def test_a_refused_report_takes_nothing_away_that_was_there(desk: Desk, folder: Path) -> None:
    (path, digest), (other, _) = scan(desk), scan(desk, "other.pdf", b"another")
    desk.ok("evidence", "add", path, *ADD)
    result = desk.run("evidence", "add", path, other, *ADD, "--by", "320584")
    assert result.exit_code == 1
    assert kept(folder) == [f"{digest[:2]}/{digest}"]
    desk.ok("evidence", "verify")


def test_all_that_is_wrong_with_the_files_is_said_at_once(desk: Desk, folder: Path) -> None:
    (good, _), (empty, _) = scan(desk), scan(desk, "empty", b"")
    link = desk.folder / "link.pdf"
    link.symlink_to(good)
    pipe = desk.folder / "pipe"
    os.mkfifo(pipe)
    files = [good, empty, str(link), str(pipe), str(desk.folder), str(desk.folder / "none"), "nul\0l"]
    receipt = desk.receipts("evidence", "add", *files, *ADD)[0]
    assert [fault["code"] for fault in receipt["faults"]] == ["unreadable-paper"] * 6
    said = [fault["message"] for fault in receipt["faults"]]
    for message, why in zip(said, ("empty", "a link", "no ordinary file", "a folder", "no such file"), strict=False):
        assert why in message
    assert (desk.head(), kept(folder)) == (105, [])
    assert "普通文件" in desk.run("evidence", "add", empty, *ADD, lang="zh").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_leave_to_read_is_refused(desk: Desk) -> None:
    path, _ = scan(desk)
    Path(path).chmod(0)
    assert desk.codes("evidence", "add", path, *ADD) == ["unreadable-paper"]


def test_a_file_that_cannot_be_read_to_its_end_is_refused(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = scan(desk)

    def broken(*_: object) -> bytes:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr("dingji.evidence.files.os.read", broken)
        result = desk.run("evidence", "add", path, *ADD)
    assert (result.exit_code, "unreadable-paper" in result.stdout) == (1, True)
    assert (desk.head(), kept(folder)) == (105, [])


def test_a_full_disk_is_said_and_leaves_nothing(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = scan(desk)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr("dingji.evidence.files.os.write", full)
        result = desk.run("evidence", "add", path, *ADD, lang="zh")
    assert (result.exit_code, "磁盘已满" in result.stderr) == (1, True)
    assert (desk.head(), kept(folder)) == (105, [])


def test_a_file_over_the_limit_is_refused(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paperfiles, "LARGEST_PAPER", 5)
    path, _ = scan(desk)
    assert desk.codes("evidence", "add", path, *ADD) == ["paper-too-large"]
    assert kept(folder) == []


def test_a_large_file_goes_through_in_bounded_memory(desk: Desk) -> None:
    path = desk.folder / "large.bin"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    done, peak = desk.measured("evidence", "add", str(path), *ADD, "--json")
    assert json.loads(done.stdout)["evidence"][0]["size"] == 200 << 20
    assert peak < 150_000


def test_a_name_that_is_no_text_is_for_the_ledger_to_refuse(desk: Desk, folder: Path) -> None:
    bad = os.fsencode(desk.folder) + b"/\xff.pdf"
    Path(os.fsdecode(bad)).write_bytes(b"a scan")
    result = subprocess.run(
        [DINGJI.encode(), b"evidence", b"add", bad, *map(os.fsencode, ADD)],
        env=desk.environment(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, b"Traceback" in result.stderr) == (1, False)
    assert kept(folder) == []


def test_no_folder_is_made_beside_a_ledger_that_is_not_there(bare_desk: Desk) -> None:
    path, _ = scan(bare_desk)
    result = bare_desk.run("evidence", "add", path, *ADD)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "no-ledger")
    assert sorted(each.name for each in bare_desk.folder.iterdir()) == ["scan.pdf"]


def test_a_link_in_place_of_the_folder_is_not_followed(desk: Desk, folder: Path) -> None:
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    folder.symlink_to(elsewhere)
    path, _ = scan(desk)
    result = desk.run("evidence", "add", path, *ADD)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "evidence-folder")
    assert (list(elsewhere.iterdir()), desk.head()) == ([], 105)


def test_a_link_within_the_folder_is_not_followed(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / digest[:2]).symlink_to(elsewhere)
    assert desk.run("evidence", "add", path, *ADD).stderr.startswith("evidence-folder")
    assert (list(elsewhere.iterdir()), desk.head()) == ([], 105)


def test_a_link_in_place_of_a_paper_is_told_and_mended(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    place = folder / digest[:2] / digest
    place.unlink()
    place.symlink_to(path)
    assert desk.run("evidence", "verify").exit_code == 1
    desk.ok("evidence", "add", path, *ADD)
    assert not place.is_symlink()
    desk.ok("evidence", "verify")


def test_verify_names_what_is_missing_and_what_was_changed(desk: Desk, folder: Path) -> None:
    digests = []
    for name in ("one", "two", "three"):
        path, digest = scan(desk, name, name.encode())
        desk.ok("evidence", "add", path, *ADD)
        digests.append(digest)
    good, missing, changed = digests
    (folder / missing[:2] / missing).unlink()
    (folder / changed[:2] / changed).chmod(0o600)
    (folder / changed[:2] / changed).write_bytes(b"threE")
    result = desk.run("evidence", "verify", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [told[name] for name in ("checked", "ok", "missing", "changed", "unreadable")] == [3, 1, 1, 1, 0]
    assert {each["sha256"]: (each["state"], each["names"], each["entries"]) for each in told["amiss"]} == {
        missing: ("missing", ["two"], [f"{STATION}@3"]),
        changed: ("changed", ["three"], [f"{STATION}@4"]),
    }
    for lang, words in (("en", ("missing", "changed", "→")), ("zh", ("缺失", "被改动", "→"))):
        said = desk.run("evidence", "verify", lang=lang)
        assert said.exit_code == 1
        assert all(word in said.stdout for word in (*words, missing, changed))
        assert good not in said.stdout


def test_what_was_changed_is_mended_by_adding_it_again(desk: Desk, folder: Path) -> None:
    path, digest = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    place = folder / digest[:2] / digest
    place.chmod(0o600)
    place.write_bytes(b"")
    assert desk.run("evidence", "verify").exit_code == 1
    assert desk.json("evidence", "add", path, *ADD)["status"] == "already-recorded"
    desk.ok("evidence", "verify")


def test_verify_counts_what_only_a_voided_entry_refers_to_and_what_none_does(desk: Desk, folder: Path) -> None:
    (path, digest), (_, stray) = scan(desk), scan(desk, "stray", b"stray")
    desk.ok("evidence", "add", path, *ADD)
    void = ["--cause", "recording-error", "--reason", "错", "--on", "2024-06-02", "--by", CITY]
    desk.ok("void", f"{STATION}@2", *void)
    (folder / stray[:2]).mkdir(exist_ok=True)
    (folder / stray[:2] / stray).write_bytes(b"stray")
    told = desk.json("evidence", "verify")
    assert (told["checked"], told["ok"], told["unreferred"]) == (1, 1, [stray])
    assert desk.json("evidence", "show", digest)["papers"][0]["references"][0]["voided"] is True


def test_verify_of_a_ledger_without_papers_is_good(desk: Desk) -> None:
    assert desk.json("evidence", "verify")["checked"] == 0
    assert "0" in desk.ok("evidence", "verify", lang="zh")


def test_a_digest_reported_without_its_file_is_missing(desk: Desk) -> None:
    paper = json.dumps({"sha256": "0" * 64, "name": "照片", "supports": ["head_in_post"]})
    desk.ok("report", STATION, "--evidence", paper, "--on", "2024-06-01", "--by", COUNTY)
    told = json.loads(desk.run("evidence", "verify", "--json").stdout)
    assert [each["state"] for each in told["amiss"]] == ["missing"]
    assert "not kept" in desk.ok("evidence", "show", "0" * 64)


def test_papers_are_shown_by_digest_and_by_station(desk: Desk) -> None:
    path, digest = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    shown = desk.json("evidence", "show", digest.upper())
    assert shown == desk.json("evidence", "show", STATION)
    assert shown["papers"] == [
        {
            "sha256": digest,
            "kept": True,
            "size": 6,
            "references": [
                {
                    "entry": f"{STATION}@2",
                    "position": 106,
                    "on": "2024-06-01",
                    "by": COUNTY,
                    "name": "scan.pdf",
                    "supports": ["full_time_staff", "head_in_post"],
                    "voided": False,
                }
            ],
        }
    ]
    for lang, words in (("en", "6 bytes"), ("zh", "6 字节")):
        assert desk.ok("evidence", "show", digest, lang=lang).splitlines()[0] == f"{digest}  {words}"
    assert desk.ok("evidence", "show", "320583101", lang="zh") == "没有佐证材料。\n"


@pytest.mark.parametrize(
    ("asked", "code"),
    [("f" * 64, "unknown-paper"), ("320583999", "unknown-station"), ("../../etc/passwd", "unknown-station")],
)
def test_what_is_not_there_is_not_shown(desk: Desk, asked: str, code: str) -> None:
    result = desk.run("evidence", "show", asked)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, code)


def test_evidence_alone_says_what_may_follow(desk: Desk) -> None:
    result = desk.run("evidence", lang="zh")
    assert result.exit_code == 2
    assert "add, show, verify" in result.stderr
    assert "dingji evidence verify" in desk.ok("evidence", "--help")
    assert desk.run("evidence", "ad").exit_code == 2
    assert desk.run("evidence", "add", "x", *ADD[:2], "--supports", " , ", *ADD[4:]).exit_code == 2


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


def test_long_work_shows_on_a_terminal_how_far_it_is(desk: Desk) -> None:
    path, _ = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    code = (
        "import sys; from dingji_commands import main; from dingji_commands.terminal import progress;"
        "progress.LONG = 1; main.main(sys.argv[1:])"
    )
    ours, theirs = os.openpty()
    arguments = [sys.executable, "-c", code, "evidence", "verify", "--json"]
    environment = desk.environment({"TERM": "xterm", "COLUMNS": "80"})
    done = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    assert b"Reading the papers" in os.read(ours, 1 << 16)
    os.close(ours)
    assert json.loads(done.stdout)["ok"] == 1
