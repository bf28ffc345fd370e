"""Standards shown row by row, what is unclear in them, and the official text held against them."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from desk import CITY, COUNTY, STATION, Desk
from dingji.catalogue.notice import Notice
from dingji.catalogue.official_text import FILE, compared, read_text, row_digest, row_digests, rows_of
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji.plugins.manager import load_plugins
from dingji_commands.app import wiring

TEXT = """Notice of nowhere

附件1
Of the first kind

\t项
\t目
\t内容

\t甲
\t乙

丙
\tFirst  demand（1）

\t
\t
\tSecond
demand

附件 二：

\tArea
\tLarge
\tSmall

\tOne
\t3
\t

\t
\t2
\t1
"""
"""A notice of our own: cells over several lines, empty ones, and a heading in other figures."""

FIRST: list[tuple[str, ...]] = [("甲", "乙丙", "First  demand（1）"), ("", "", "Seconddemand")]
SECOND: list[tuple[str, ...]] = [("One", "3", ""), ("", "2", "1")]


def digests(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f'{number} = "{row_digest(row)}"' for number, row in enumerate(rows, 1))


class OwnNotice:
    """A notice with the digests of the text above; of its standards, only the rows are asked."""

    def __init__(self, folder: Path, cells: str) -> None:
        (folder / FILE).write_text(cells, "utf-8")
        self.folder = folder

    def parse(self, name: str) -> object:
        return Notice.parse(self, name)  # type: ignore[arg-type]  # it has a folder, which is all that is asked


@pytest.fixture(scope="session")
def standard() -> Standard:
    plugins = load_plugins()
    notice = plugins.notice("suzhou-2023-143")
    assert notice is not None
    return plugins.standard(notice, "benchmark")


def two_rows(standard: Standard) -> Standard:

    return msgspec.structs.replace(standard, indicators=standard.indicators[:2])


def test_a_standard_is_told_row_by_row(bare_desk: Desk) -> None:
    for code, rows, requirements in (("benchmark", 55, 104), ("standard", 58, 127)):
        told = bare_desk.json("standards", "show", code)
        assert list(told) == ["standard", "notice", "indicators"]
        assert [one["row"] for one in told["indicators"]] == list(range(1, rows + 1))
        assert all(list(one) == ["id", "row", "area", "criterion", "requirements"] for one in told["indicators"])
        found = [requirement for one in told["indicators"] for requirement in one["requirements"]]
        keys = ["id", "title", "text", "applies_to", "modality", "check", "parameters", "ambiguous"]
        assert all(list(requirement) == keys for requirement in found)
        assert len(found) == requirements
        said = bare_desk.ok("standards", "show", code, lang="zh")
        assert all(f"    {requirement['id']} " in said for requirement in found)


def test_only_what_is_asked_of_one_size(bare_desk: Desk) -> None:
    told = bare_desk.json("standards", "show", "standard", "--size", "small")
    found = [requirement for one in told["indicators"] for requirement in one["requirements"]]
    assert found
    assert all("small" in requirement["applies_to"] for requirement in found)
    assert "S2.1.2a" not in {requirement["id"] for requirement in found}
    result = bare_desk.run("standards", "show", "standard", "--size", "huge")
    assert (result.exit_code, "large, medium, small" in result.stderr) == (2, True)


def test_one_requirement_in_full(bare_desk: Desk) -> None:
    told = bare_desk.json("standards", "show", "S1.1.2")
    assert told["standard"] == "standard"
    assert told["requirement"]["parameters"] == {
        "fact": "special_post_staff",
        "minimum": {"large": 3, "medium": 2, "small": 2},
    }
    assert list(told["requirement"]["readings"]) == ["large-and-medium"]
    assert told["requirement"]["facts"] == ["special_post_staff"]
    said = bare_desk.ok("standards", "show", "S1.1.2", lang="zh")
    for part in ("附件2第2行", "大型 3，中型 2，小型 2", "存疑", "large-and-medium", "special_post_staff", "填报"):
        assert part in said


def test_a_window_is_dated_on_request(bare_desk: Desk) -> None:
    standard = wiring.plugins().standard(wiring.installed_notice(wiring.DEFAULT_NOTICE), "benchmark")
    timed = next(one for one in standard.requirements if one.window_months == 36)
    told = bare_desk.json("standards", "show", timed.id, "--on", "2024-06-30")["requirement"]
    assert told["window"] == ["2021-07-01", "2024-06-30"]
    assert "2021-07-01" in bare_desk.ok("standards", "show", timed.id, "--on", "2024-06-30")


def test_what_is_no_standard_and_no_requirement(bare_desk: Desk) -> None:
    result = bare_desk.run("standards", "show", "standrd", lang="zh")
    assert (result.exit_code, "是否为 standard" in result.stderr) == (2, True)
    assert bare_desk.run("standards", "show", "standard", "--notice", "nowhere").stderr.startswith("unknown-notice")


def test_what_is_unclear_without_a_ledger(bare_desk: Desk) -> None:
    rows = {row["requirement"]: row for row in bare_desk.json("standards", "ambiguities")["ambiguities"]}
    assert list(rows["S1.1.2"]["readings"]) == ["default", "large-and-medium"]
    assert rows["S1.1.2"]["in_force"] is None
    assert all(row["readings"] or row["doubt"] for row in rows.values())
    assert "S1.1.2" in bare_desk.ok("standards", "ambiguities", lang="zh")


def test_the_reading_in_force_is_that_of_the_ledger_on_the_day(desk: Desk) -> None:
    reading = ["--reading", "large-and-medium", "--on", "2024-03-01", "--by", CITY]
    desk.ok("adopt-reading", "S1.1.2", *reading)
    for day, expected in (("2024-02-29", "default"), ("2024-03-01", "large-and-medium")):
        rows = desk.json("standards", "ambiguities", "--on", day)["ambiguities"]
        assert next(row for row in rows if row["requirement"] == "S1.1.2")["in_force"] == expected
    assert "large-and-medium: " in desk.ok("standards", "ambiguities")


def test_the_stations_whose_verdict_hangs_on_a_reading(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "medium", "--on", "2023-09-01", "--by", COUNTY)
    desk.ok("report", STATION, "--fact", "special_post_staff=2", "--on", "2024-03-01", "--by", COUNTY)
    head = desk.head()
    (found,) = desk.json("standards", "ambiguities", "--affected", "--on", "2024-06-01")["affected"]
    assert found == {
        "station": STATION,
        "standard": "standard",
        "requirement": "S1.1.2",
        "reading": "default",
        "outcome": "met",
        "verdict": "undetermined",
        "other": "large-and-medium",
        "other_outcome": "not_met",
        "other_verdict": "not_reached",
    }
    assert desk.json("standards", "ambiguities", "--affected", "--on", "2024-02-01")["affected"] == []
    said = desk.ok("standards", "ambiguities", "--affected", "--on", "2024-06-01", lang="zh")
    assert "large-and-medium：未达到" in said
    assert desk.head() == head


def test_what_hangs_on_a_reading_needs_a_ledger(bare_desk: Desk) -> None:
    assert bare_desk.run("standards", "ambiguities", "--affected").exit_code == 1


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_rows_and_cells_are_found_in_the_text(ending: str) -> None:
    text = TEXT.replace("\n", ending)
    assert (rows_of(text, 1), rows_of(text, 2), rows_of(text, 3)) == (FIRST, SECOND, [])


def test_white_space_and_width_make_no_difference() -> None:
    assert row_digest(("First demand (1)", "")) == row_digest(("First\u3000demand（１）", " "))
    assert row_digest(("3", "")) != row_digest(("", "3"))


def test_each_row_is_held_against_its_digest(tmp_path: Path, standard: Standard) -> None:
    notice: Notice = OwnNotice(tmp_path, f"[benchmark]\n{digests(FIRST)}\n")  # type: ignore[assignment]  # as above
    own = two_rows(standard)
    assert [row.result for row in compared(TEXT, "n.txt", notice, own)] == ["ok", "ok"]
    changed = TEXT.replace("Second", "Third")
    assert [row.result for row in compared(changed, "n.txt", notice, own)] == ["ok", "differs"]
    more = TEXT.replace("\n附件 二", "\n\tA\n\tB\n\tC\n\n附件 二")
    assert [row.result for row in compared(more, "n.txt", notice, own)] == ["ok", "ok", "extra"]
    less = TEXT.replace("\t\n\t\n\tSecond\ndemand\n", "")
    assert [row.result for row in compared(less, "n.txt", notice, own)] == ["ok", "missing"]
    with pytest.raises(LedgerError) as caught:
        compared("nothing", "n.txt", notice, own)
    assert caught.value.fault.code == "no-attachment"


@pytest.mark.parametrize("wrong", ['1 = "00"\n2 = "00"', "", f"{digests(FIRST)}\n3 = 'x'"])
def test_every_row_has_its_digest_and_no_other_has(tmp_path: Path, standard: Standard, wrong: str) -> None:
    notice: Notice = OwnNotice(tmp_path, f"[benchmark]\n{wrong}\n")  # type: ignore[assignment]  # as above
    with pytest.raises(LedgerError) as caught:
        row_digests(notice, two_rows(standard))
    assert caught.value.fault.code == "bad-catalogue"


def test_every_row_of_the_installed_notice_has_its_digest() -> None:
    notice = wiring.installed_notice(wiring.DEFAULT_NOTICE)
    for code, rows in (("benchmark", 55), ("standard", 58)):
        found = row_digests(notice, wiring.plugins().standard(notice, code))
        assert sorted(found) == list(range(1, rows + 1))
        assert len(set(found.values())) == rows


def test_a_text_that_is_not_the_notice_s_differs(bare_desk: Desk) -> None:
    path = bare_desk.folder / "notice.txt"
    path.write_text(TEXT, "utf-8")
    result = bare_desk.run("standards", "verify", str(path), "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert [row["result"] for row in told["standards"][0]["rows"]][:3] == ["differs", "differs", "missing"]
    said = bare_desk.run("standards", "verify", str(path), lang="zh")
    assert (said.exit_code, "第1行 不一致" in said.stdout) == (1, True)


def test_a_file_that_cannot_be_verified(bare_desk: Desk) -> None:
    assert bare_desk.run("standards", "verify", str(bare_desk.folder / "no")).stderr.startswith("unreadable-file")
    path = bare_desk.folder / "notice.txt"
    path.write_text("附件1\n", "utf-8")
    result = bare_desk.run("standards", "verify", str(path))
    assert (result.exit_code, result.stderr.startswith("no-attachment")) == (1, True)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerError):
        read_text(str(path))


def test_the_official_wording_stands_beside_ours(bare_desk: Desk) -> None:
    path = bare_desk.folder / "notice.txt"
    path.write_text(TEXT, "utf-8")
    told = bare_desk.json("standards", "show", "benchmark", "--official", str(path))
    assert told["indicators"][0]["official"] == {"cells": ["甲", "乙丙", "Firstdemand（1）"], "result": "differs"}
    said = bare_desk.ok("standards", "show", "standard", "--official", str(path))
    assert "Official: One | 3 | — (not the text that the standard follows)" in said
    one = bare_desk.ok("standards", "show", "S1.1.2", "--official", str(path), lang="zh")
    assert "原文：2 | 1" in one


def test_the_standards_of_a_notice(bare_desk: Desk) -> None:
    rows = {row["standard"]: row for row in bare_desk.json("standards")["standards"]}
    assert {code: row["indicators"] for code, row in rows.items()} == {"benchmark": 55, "standard": 58}
    assert "标杆" in bare_desk.ok("standards", lang="zh")
