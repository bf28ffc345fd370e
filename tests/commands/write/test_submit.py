"""Files of submissions: all or nothing, every fault told, receipts in file order, the refused lines set aside."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import COUNTY, STATION, Desk, classify
from dingji.harmless import harmless
from hostile import HOSTILE, SHORT, steering

BAD = classify("320583999")


def test_a_good_file_is_recorded(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(), classify("320583101"))
    assert "recorded 2" in desk.ok("submit", file)
    assert desk.head() == 107


def test_one_bad_line_keeps_the_whole_file_out(desk: Desk) -> None:
    result = desk.run("submit", desk.file("a.jsonl", classify(), BAD))
    assert result.exit_code == 1
    assert "line 2 station" in result.stdout
    assert "unknown-station" in result.stdout
    assert "Nothing was recorded" in result.stdout
    assert desk.head() == 105


def test_every_fault_of_every_line_is_told_with_its_hint(desk: Desk) -> None:
    file = desk.file("a.jsonl", BAD | {"foo": 1, "size": 3}, "nonsense", {"do": "certify"})
    said = desk.run("submit", file, lang="zh").stdout
    for part in (
        "第 1 行 foo",
        "第 1 行 size",
        "第 2 行",
        "bad-json",
        "第 3 行 level",
        "第 3 行 by",
        "missing-field",
        "→ ",
    ):
        assert part in said


def test_receipts_stand_one_a_line_in_file_order(desk: Desk) -> None:
    receipts = desk.receipts("submit", desk.file("a.jsonl", classify(), "", classify("320583101")))
    assert [(receipt["line"], receipt["status"], receipt["entry"], receipt["position"]) for receipt in receipts] == [
        (1, "recorded", "320583100@2", 106),
        (3, "recorded", "320583101@2", 107),
    ]
    keys = ["line", "id", "status", "entry", "position", "voided", "irregularities", "notes", "faults"]
    assert list(receipts[0]) == keys


def test_what_would_have_been_good_is_not_recorded(desk: Desk) -> None:
    receipts = desk.receipts("submit", desk.file("a.jsonl", classify(), BAD))
    assert [receipt["status"] for receipt in receipts] == ["not-recorded", "refused"]
    fault = receipts[1]["faults"][0]
    assert (fault["code"], fault["field"], set(fault)) == (
        "unknown-station",
        "station",
        {"code", "field", "clause", "message", "hint"},
    )


def test_a_dry_run_decides_and_records_nothing(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify())
    assert "dry run" in desk.ok("submit", file, "--dry-run")
    assert desk.run("submit", desk.file("b.jsonl", BAD), "--dry-run").exit_code == 1
    assert desk.head() == 105


def test_submitting_again_doubles_nothing(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify())
    desk.ok("submit", file)
    (receipt,) = desk.receipts("submit", file)
    assert (receipt["status"], receipt["entry"], receipt["position"]) == ("already-recorded", "320583100@2", 106)
    assert desk.head() == 106


def test_partial_records_the_good_lines_and_sets_the_others_aside(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(), BAD, b"\xff\xfe", '{"do": "x", "do": "y"}')
    result = desk.run("submit", file, "--partial")
    assert result.exit_code == 1
    assert "a.jsonl.rejected.jsonl" in result.stderr
    assert desk.head() == 106
    rejected = [json.loads(line) for line in Path(f"{file}.rejected.jsonl").read_text("utf-8").splitlines()]
    assert [line["line"] for line in rejected] == [2, 3, 4]
    assert rejected[0]["submission"] == BAD
    assert rejected[1]["text"] == "\\xff\\xfe"
    assert rejected[2]["text"] == '{"do": "x", "do": "y"}'
    assert [fault["code"] for line in rejected for fault in line["faults"]][:2] == ["unknown-station", "bad-json"]


def test_partial_writes_no_file_where_nothing_is_refused_or_recorded(desk: Desk) -> None:
    desk.ok("submit", desk.file("a.jsonl", classify()), "--partial")
    desk.run("submit", desk.file("b.jsonl", BAD), "--partial", "--dry-run")
    assert not list(desk.folder.glob("*.rejected.jsonl"))


def test_a_later_partial_writes_over_the_earlier_rejects(desk: Desk) -> None:
    file = desk.file("a.jsonl", BAD, BAD | {"station": "320583998"})
    desk.run("submit", file, "--partial")
    desk.file("a.jsonl", BAD)
    desk.run("submit", file, "--partial")
    assert len(Path(f"{file}.rejected.jsonl").read_text("utf-8").splitlines()) == 1


def rejects(desk: Desk) -> list[str]:
    return sorted(path.name for path in desk.folder.glob("*.rejected*"))


OURS, SECOND = "a.jsonl.rejected.jsonl", "a.jsonl.rejected-2.jsonl"


@pytest.fixture(params=[(), ("--partial",)], ids=["whole", "partial"])
def mended(desk: Desk, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Leave rejects of a file behind, then mend the file; return the arguments that submit it again."""
    file = desk.file("a.jsonl", classify(), BAD, BAD | {"station": "320583998"})
    desk.run("submit", file, "--partial")
    assert rejects(desk) == [OURS]
    desk.file("a.jsonl", classify(), classify("320583101"))
    return ("submit", file, *request.param)


def test_rejects_of_an_earlier_run_are_removed_once_all_is_recorded(desk: Desk, mended: tuple[str, ...]) -> None:
    result = desk.run(*mended, lang="zh")
    assert result.exit_code == 0
    assert f"已删除 {desk.folder / OURS}" in result.stderr
    assert rejects(desk) == []
    assert "rejected" not in desk.run(*mended).stderr


def changed_first(content: bytes) -> bytes:
    return content.replace(b"320583999", b"320583103", 1)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a line corrected": changed_first,
    "a line removed": lambda content: content[content.index(b"\n") + 1 :],
    "the last line removed": lambda content: content[: content.index(b"\n") + 1],
    "a line added": lambda content: content + b"{}\n",
    "a blank at the end": lambda content: content + b"\n",
    "no end of line": lambda content: content[:-1],
    "other ends of line": lambda content: content.replace(b"\n", b"\r\n"),
    "a byte-order mark": lambda content: b"\xef\xbb\xbf" + content,
    "another digest": lambda content: content[:-4] + (b"0" if content[-4:-3] != b"0" else b"1") + content[-3:],
    "of a version without the digest": lambda content: content[:-78] + b"}\n",
    "emptied": lambda _: b"",
    "something else": lambda _: b"my notes\n",
}


@pytest.mark.parametrize("change", CHANGES)
def test_rejects_that_somebody_changed_are_left_and_named(desk: Desk, mended: tuple[str, ...], change: str) -> None:
    path = desk.folder / OURS
    path.write_bytes(CHANGES[change](path.read_bytes()))
    content = path.read_bytes()
    result = desk.run(*mended)
    assert result.exit_code == 0
    assert f"Kept {path}" in result.stderr
    assert path.read_bytes() == content


@pytest.mark.parametrize("change", CHANGES)
def test_rejects_that_somebody_changed_are_not_written_over(desk: Desk, change: str) -> None:
    file = desk.file("a.jsonl", BAD, BAD | {"station": "320583998"})
    desk.run("submit", file, "--partial")
    path = desk.folder / OURS
    path.write_bytes(CHANGES[change](path.read_bytes()))
    content = path.read_bytes()
    for _ in range(2):  # what we wrote beside it is ours to write over again
        result = desk.run("submit", file, "--partial")
        assert f"{path} was changed" in result.stderr
        assert f"The refused lines are in {desk.folder / SECOND}" in result.stderr
        assert rejects(desk) == [SECOND, OURS]
        assert path.read_bytes() == content
        assert len((desk.folder / SECOND).read_bytes().splitlines()) == 2
    desk.file("a.jsonl", classify())
    result = desk.run("submit", file)
    assert f"Kept {path}" in result.stderr
    assert rejects(desk) == [OURS]


def test_what_is_no_file_of_ours_is_not_followed(desk: Desk, mended: tuple[str, ...]) -> None:
    path, other = desk.folder / OURS, desk.folder / "other"
    path.rename(other)
    path.symlink_to(other)
    assert "Kept " in desk.run(*mended).stderr
    path.unlink()
    os.mkfifo(path)
    assert "Kept " in desk.run(*mended).stderr
    assert other.exists()


def test_rejects_stay_while_anything_is_refused_or_nothing_is_recorded(desk: Desk, mended: tuple[str, ...]) -> None:
    content = (desk.folder / OURS).read_bytes()
    desk.run(*mended, "--dry-run")
    desk.file("a.jsonl", classify(), BAD)
    desk.run("submit", mended[1])
    assert (desk.folder / OURS).read_bytes() == content


def test_the_rejects_of_standard_input_wait_for_another_partial(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    desk.run("submit", "-", "--partial", stdin=json.dumps(BAD))
    desk.run("submit", "-", stdin=json.dumps(classify()))
    assert rejects(desk) == ["stdin.rejected.jsonl"]
    desk.run("submit", "-", "--partial", stdin=json.dumps(classify()))
    assert rejects(desk) == []


def test_rejects_that_cannot_be_written_are_found_before_anything_is_recorded(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(), BAD)
    Path(f"{file}.rejected.jsonl").mkdir()
    result = desk.run("submit", file, "--partial")
    assert result.exit_code == 1
    assert "unwritable-file" in result.stderr
    assert desk.head() == 105


def test_standard_input_is_a_file_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    text = "\ufeff" + json.dumps(classify()) + "\n" + json.dumps(BAD)
    assert desk.run("submit", "-", "--partial", stdin=text).exit_code == 1
    assert desk.head() == 106
    assert (desk.folder / "stdin.rejected.jsonl").exists()


def table(desk: Desk, name: str, rows: list[dict[str, str]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (desk.folder / name).open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return str(desk.folder / name)


ROWS = [
    {
        "do": "classify",
        "station": STATION,
        "on": "2023-09-01",
        "by": COUNTY,
        "size": "small",
        "basis": '{"area_ha": 3}',
    },
    {
        "do": "report",
        "station": STATION,
        "on": "2023-09-02",
        "by": COUNTY,
        "person": "k-7",
        "facts.full_time_staff": "6",
    },
]


def test_a_table_says_the_same_as_lines(desk: Desk) -> None:
    desk.ok("submit", table(desk, "a.csv", ROWS))
    lines = [json.loads(line) for line in desk.ok("events", "--from", "106", "--json").splitlines()]
    assert [line["topic"] for line in lines] == ["SizeClassified", "FactsReported"]
    assert lines[0]["state"]["basis"] == {"area_ha": 3}
    assert lines[1]["state"]["facts"] == {"full_time_staff": 6}
    assert lines[1]["state"]["by"] == {"office": COUNTY, "person": "k-7"}


@pytest.mark.parametrize("note", ["=1+1", "-5", "＝1", "'=x", "''x", "@cmd", "+86 512"])
def test_a_mark_against_spreadsheets_is_taken_off(desk: Desk, note: str) -> None:
    desk.ok("submit", table(desk, "a.csv", [ROWS[0] | {"note": harmless(note)}]))
    (line,) = map(json.loads, desk.ok("events", "--from", "106", "--json").splitlines())
    assert line["state"]["note"] == note


def test_a_number_that_a_spreadsheet_marked_is_a_number(desk: Desk) -> None:
    file = table(desk, "a.csv", [ROWS[1] | {"facts.full_time_staff": "'-5"}])
    (receipt,) = desk.receipts("submit", file)
    assert [fault["field"] for fault in receipt["faults"]] == ["facts.full_time_staff"]


def test_refused_lines_are_kept_visibly(desk: Desk) -> None:
    bad = classify(note="\u202e\x85", station=SHORT)
    file = desk.file("a.jsonl", bad, f"no json {HOSTILE}".replace("\n", ""))
    assert desk.run("submit", file, "--partial").exit_code == 1
    kept = Path(f"{file}.rejected.jsonl").read_text("utf-8")
    assert steering(kept) == set()
    assert json.loads(kept.split("\n")[0])["submission"] == bad


def test_a_table_of_another_ending_is_asked_for(desk: Desk) -> None:
    file = table(desk, "a.txt", ROWS)
    assert desk.run("submit", file).exit_code == 1
    desk.ok("submit", file, "--format", "csv")


def test_lines_under_a_table_s_ending_are_asked_for(desk: Desk) -> None:
    desk.ok("submit", desk.file("a.csv", classify()), "--format", "jsonl")


def test_a_fault_of_a_table_names_its_row(desk: Desk) -> None:
    file = table(desk, "a.csv", [*ROWS, ROWS[0] | {"station": "1", "size": "huge"}])
    receipts = desk.receipts("submit", file)
    assert [(receipt["line"], receipt["status"]) for receipt in receipts][2] == (4, "refused")


def test_many_refused_lines_are_counted_and_never_hidden(desk: Desk) -> None:
    file = desk.file("a.jsonl", *[BAD | {"note": str(number)} for number in range(120)])
    said = desk.run("submit", file).stdout
    assert "line 50 station" in said
    assert "line 51 station" not in said
    assert "70 more refused lines; --json lists them all" in said
    assert len(desk.receipts("submit", file)) == 120


def test_a_hint_stands_once_in_a_list(desk: Desk) -> None:
    said = desk.run("submit", desk.file("a.jsonl", BAD, BAD | {"note": "2"})).stdout
    assert said.count("Check the code") == 1


def test_irregularities_and_notes_of_recorded_lines_are_listed(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(), classify(on="2024-05-01", size="large"))
    said = desk.ok("submit", file)
    assert "line 2 320583100@3 irregular round" in said
    assert "exceptional-size-change (一)" in said
    assert "irregular among them 1" in said


def test_the_faults_of_one_line_are_bounded_too(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify() | {f"colour{number}": 1 for number in range(500)})
    said = desk.run("submit", file).stdout
    assert said.count("unknown-field") == 20
    assert "480 more; --json lists them all" in said
    assert len(desk.receipts("submit", file)[0]["faults"]) == 500
