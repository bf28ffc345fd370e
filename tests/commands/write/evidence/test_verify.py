"""Evidence verified: what is missing, what was changed, what nothing refers to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from commands.write.evidence.scans import ADD, scan
from desk import CITY, COUNTY, STATION, Desk


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
