"""Bad input: each gives a located, coded fault in the user's language, exit 1 or 2, and records nothing."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import pytest

from desk import CITY, STATION, Desk, classify
from dingji.store import log as store

GOOD = classify()
TEXT = json.dumps(GOOD)


def line(**changes: object) -> str:
    return json.dumps(GOOD | changes)


CASES = {"year": 2023, "month": 12, "accepted": 3, "settled": 3}


def stated(**facts: object) -> str:
    common = {"do": "report", "station": STATION, "on": "2023-09-04", "by": {"office": "320583"}}
    return json.dumps(common | {"facts": facts})


BAD_LINES: dict[str, tuple[str | bytes, str, str | None]] = {
    "cut off": (TEXT[:-4], "bad-json", None),
    "no json": ("classify 320583100", "bad-json", None),
    "not an object": ("[1, 2]", "bad-json", None),
    "a doubled key": (TEXT[:-1] + ', "size": "small"}', "duplicate-key", "size"),
    "a doubled key within": (line(basis={})[:-2] + '"a": 1, "a": 2}}', "duplicate-key", "a"),
    "not a number": (TEXT[:-1] + ', "basis": {"a": NaN}}', "bad-json", None),
    "infinity": (TEXT[:-1] + ', "basis": {"a": -Infinity}}', "bad-json", None),
    "a month of 13": (
        stated(mediation_cases=[CASES, CASES | {"month": 13}]),
        "bad-value",
        "facts.mediation_cases[2].month",
    ),
    "a year of two digits": (
        stated(mediation_cases=[CASES | {"year": 24}]),
        "bad-value",
        "facts.mediation_cases[1].year",
    ),
    "fewer than none": (
        stated(mediation_cases=[CASES | {"settled": -1}]),
        "bad-value",
        "facts.mediation_cases[1].settled",
    ),
    "no place of a ranking": (
        stated(performance_ranks=[{"year": 2023, "rank": 0, "stations": 9}]),
        "bad-value",
        "facts.performance_ranks[1].rank",
    ),
    "a code that is none": (stated(party_branch="ours"), "bad-value", "facts.party_branch"),
    "a day before all in a list": (
        stated(misconduct_records=["0202-01-31"]),
        "bad-value",
        "facts.misconduct_records[1]",
    ),
    "a float": (line(basis={"a": 1.5}), "bad-value", "basis.a"),
    "a large number": (line(basis={"a": 2**53}), "bad-value", "basis.a"),
    "an unknown verb": (line(do="promote"), "unknown-verb", "do"),
    "no verb": (json.dumps({"on": "2023-09-01"}), "missing-field", "do"),
    "an unknown field": (line(colour="red"), "unknown-field", "colour"),
    "a missing field": (TEXT.replace('"size": "medium", ', ""), "missing-field", "size"),
    "an unknown station": (line(station="320583999"), "unknown-station", "station"),
    "an unknown office": (line(by={"office": "320599"}), "unknown-office", "by.office"),
    "an unknown round": (line(round="2024-siez"), "unknown-round", "round"),
    "no such day": (line(on="2023-02-30"), "bad-value", "on"),
    "a date of another form": (line(on="01.09.2023"), "bad-value", "on"),
    "a date in the future": (line(on="2190-01-01"), "future-date", "on"),
    "a date before all": (line(on="1900-01-01"), "bad-value", "on"),
    "full-width digits": (line(station="３２０５８３１００"), "bad-value", "station"),
    "a control character": (line(note="a\u0007b"), "bad-value", "note"),
    "a direction character": (json.dumps(GOOD | {"note": "a\u202eb"}, ensure_ascii=False), "bad-value", "note"),
    "a lone surrogate": (line(note="a\ud800b"), "bad-value", "note"),
    "too much text": (line(note="长" * 5000), "bad-value", "note"),
    "deep nesting": ('{"do": ' + "[" * 200_000 + "]" * 200_000 + "}", "bad-json", None),
    "another encoding": ('{"do": "分类"}'.encode("gbk"), "bad-json", None),
    "a null byte": (b'{"do": "\x00"}', "bad-json", None),
    "a line past the limit": (line(note="x" * (1 << 20)), "too-large", None),
}


@pytest.mark.parametrize("name", BAD_LINES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_line_is_a_located_fault(desk: Desk, name: str, language: str) -> None:
    bad, code, field = BAD_LINES[name]
    file = desk.file("a.jsonl", line(station="320583101"), bad)
    result = desk.run("submit", file, "--json", lang=language)
    assert result.exit_code == 1
    receipts = [json.loads(text) for text in result.stdout.splitlines()]
    assert [receipt["status"] for receipt in receipts] == ["not-recorded", "refused"]
    fault = next(fault for fault in receipts[1]["faults"] if fault["code"] == code)
    assert (receipts[1]["line"], fault["field"]) == (2, field)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in fault["message"]) is (language == "zh")
    said = desk.run("submit", file, lang=language)
    assert ("第 2 行" if language == "zh" else "line 2") in said.stdout
    assert code in said.stdout
    assert desk.head() == 105


def test_a_file_of_nothing(desk: Desk) -> None:
    for content in (b"", b"\n  \n", b"\xef\xbb\xbf"):
        (desk.folder / "a.jsonl").write_bytes(content)
        result = desk.run("submit", str(desk.folder / "a.jsonl"), lang="zh")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "empty-file" in result.stderr


def test_what_is_no_file_of_submissions(desk: Desk) -> None:
    for path in (desk.folder, desk.folder / "nothing.jsonl", Path("/dev/null"), Path("/dev/zero")):
        result = desk.run("submit", str(path), lang="zh")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "unreadable-file" in result.stderr
        assert "核对路径" in result.stderr


def test_a_table_that_is_not_utf_8(desk: Desk) -> None:
    (desk.folder / "a.csv").write_bytes("do,station\n分类,1\n".encode("gbk"))
    result = desk.run("submit", str(desk.folder / "a.csv"))
    assert result.exit_code == 1
    assert "unreadable-file" in result.stderr


def test_a_line_of_200_megabytes_in_bounded_memory(desk: Desk) -> None:
    path = desk.folder / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"do": "classify", "note": "')
        file.seek(200 << 20)  # a hole: nothing is written to the disk, and null bytes are read
        file.write(b'"}\n' + TEXT.encode() + b"\n")
    done, peak = desk.measured("submit", "long.jsonl", "--json")
    receipts = [json.loads(text) for text in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(receipt["line"], receipt["status"]) for receipt in receipts] == [(1, "refused"), (2, "not-recorded")]
    assert receipts[0]["faults"][0]["code"] == "too-large"
    assert peak < 120 << 10
    assert desk.head() == 105


@pytest.mark.parametrize("content", [b"", b"no ledger at all" * 1000, None], ids=["empty", "text", "folder"])
@pytest.mark.parametrize("command", ["levels", "submit", "events", "rebuild", "classify"])
def test_a_path_that_is_no_ledger(bare_desk: Desk, content: bytes | None, command: str) -> None:
    if content is None:
        bare_desk.ledger.mkdir()
    else:
        bare_desk.ledger.write_bytes(content)
    arguments = {
        "submit": ["submit", bare_desk.file("a.jsonl", GOOD)],
        "classify": ["classify", STATION, "--size", "large", "--on", "2023-09-01", "--by", CITY],
    }
    result = bare_desk.run(*arguments.get(command, [command]), lang="zh")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("not-a-ledger")
    assert "不是定级台账" in result.stderr


def test_no_ledger_at_all(bare_desk: Desk) -> None:
    result = bare_desk.run("levels", lang="zh")
    assert result.exit_code == 1
    assert "dingji init" in result.stderr
    assert not list(bare_desk.folder.iterdir())


def test_a_ledger_that_is_read_only_is_read_and_not_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "open_log", partial(store.open_log, readonly=True))
    assert desk.run("levels").exit_code == 0
    result = desk.run("submit", desk.file("a.jsonl", GOOD), lang="zh")
    assert (result.exit_code, result.stdout, desk.head()) == (1, "", 105)
    assert result.stderr.startswith("ledger-not-writable：台账不可写")


def test_a_ledger_whose_file_may_not_be_written(desk: Desk) -> None:
    desk.ledger.chmod(0o444)
    if os.access(desk.ledger, os.W_OK):
        pytest.skip("this user may write any file")
    assert desk.run("levels").exit_code == 0
    assert desk.run("submit", desk.file("a.jsonl", GOOD)).stderr.startswith("ledger-not-writable")


@pytest.mark.parametrize(
    "arguments",
    [
        ["levels", "--on", "2023-02-30"],
        ["levels", "--on", "２０２３-01-01"],
        ["levels", "--on", "20230101"],
        ["levels", "--known", "yesterday"],
        ["levels", "--known", "2023-01-01T00:00:00"],
        ["levels", "--known", "106"],
        ["levels", "--known", "-1"],
        ["levels", "--level", "golden"],
        ["levels", "--json", "--csv"],
        ["events", "--from", "0"],
        ["events", "--from", "x"],
        ["classify", STATION, "--size", "large", "--on", "today", "--by", CITY],
        ["classify", STATION, "--size", "large", "--on", "2023-09-01"],
        ["submit"],
        ["submit", "a", "b"],
        ["submit", "a", "--format", "xlsx"],
        ["schema", "promote"],
        ["facts", "colour"],
        ["promote"],
        ["levels", "--colour"],
        ["assess", STATION, "--standard", "standard"],
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_use_exits_with_2(desk: Desk, arguments: list[str], language: str) -> None:
    result = desk.run(*arguments, lang=language)
    assert (result.exit_code, result.stdout) == (2, "")
    usage = "用法：" if language == "zh" else "Usage:"
    assert ('{"faults":[{"code":"bad-usage"' if "--json" in arguments else usage) in result.stderr
    if language == "zh":
        assert not any(word in result.stderr for word in ("Usage", "Error", "Try ", "Invalid", "Missing", "No such"))


@pytest.mark.parametrize(
    "arguments", [["levels", "--county", "999999"], ["history", "320583999"], ["station", "320583999"]]
)
def test_what_the_ledger_does_not_know_is_said(desk: Desk, arguments: list[str]) -> None:
    result = desk.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("unknown-")


@pytest.mark.parametrize(
    "arguments", [["history", "\udcff"], ["levels", "--county", "\udcff"], ["acts", "--person", "a\udcff"]]
)
def test_an_argument_that_is_not_utf8_is_a_bad_value(desk: Desk, arguments: list[str]) -> None:
    result = desk.run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("bad-value: ")
    assert "not encoded in UTF-8" in result.stderr


def test_the_name_of_a_file_may_be_any_bytes(desk: Desk) -> None:
    path = desk.folder / "\udcff.jsonl"
    path.write_text(TEXT + "\n", "utf-8")
    assert "recorded" in desk.ok("submit", str(path))


@pytest.mark.parametrize(
    "arguments",
    [
        ["conformance", "--from", "10000"],
        ["conformance", "--to", "0"],
        ["events", "--from", "9" * 30],
        ["late", "--days", "9" * 12],
        ["cases", "--days", "9" * 12],
    ],
)
def test_a_number_beyond_what_can_be_meant_is_a_wrong_use(desk: Desk, arguments: list[str]) -> None:
    result = desk.run(*arguments)
    assert (result.exit_code, arguments[1] in result.stderr) == (2, True)


def test_a_backup_under_a_name_that_is_too_long_is_refused(desk: Desk) -> None:
    result = desk.run("backup", str(desk.folder / ("a" * 300)))
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, "ledger-not-writable")


def test_an_official_text_whose_title_runs_into_the_table_is_read(bare_desk: Desk) -> None:
    path = bare_desk.folder / "official.txt"
    path.write_text("附件1\n标题\n\t主项\n附件" + "9" * 5000 + "\n", "utf-8")
    result = bare_desk.run("standards", "verify", str(path))
    assert (result.exit_code, result.stderr.startswith("no-attachment: ")) == (1, True)


@pytest.mark.parametrize("points", [b"\xff\xfe", b"[dingji]\nx\n"])
def test_a_distribution_with_damaged_metadata_is_named_and_breaks_no_question(desk: Desk, points: bytes) -> None:
    info = desk.folder / "site" / "stray-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stray\nVersion: 1.0\n")
    (info / "entry_points.txt").write_bytes(points)
    env = {"PYTHONPATH": str(info.parent)}
    assert desk.process("levels", env=env).returncode == 0
    assert b"stray-1.0.dist-info" in desk.process("plugins", env=env).stdout
    assessed = desk.process("assess", STATION, "--standard", "standard", "--dry-run", "--on", "2024-01-01", env=env)
    assert b"plugin-failed" in assessed.stderr
