"""Evidence added: kept by its digest before an entry refers to it, or refused, and then nothing is left."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from commands.write.evidence.scans import ADD, kept, scan
from desk import COUNTY, DINGJI, STATION, Desk
from dingji.evidence import files as paperfiles


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
