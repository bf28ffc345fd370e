"""The sheet of facts: written for a clerk, filled in with a spreadsheet, and read back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk import COUNTY, STATION, Desk
from dingji.catalogue.value_types import Form, item_form
from dingji.harmless import harmless
from dingji.intake.cell_values import value_of
from dingji.intake.fact_sheet import COLUMNS, sheet_bytes
from dingji_commands.app import wiring

FROM = ["--on", "2024-06-01", "--by", COUNTY]
Cells = dict[str, tuple[str, str]]


def template(desk: Desk, standard: str = "standard", **options: Any) -> list[dict[str, str]]:
    written = desk.run("facts", "template", STATION, "--standard", standard, "--on", "2024-06-01", **options)
    assert written.exit_code == 0, written.output
    return list(csv.DictReader(io.StringIO(written.stdout_bytes.decode("utf-8-sig"), newline="")))


def filled(desk: Desk, cells: Cells, name: str = "facts.csv", **form: Any) -> str:
    """Fill cells into the sheet as a spreadsheet would; return its path."""
    encoding = form.pop("encoding", "utf-8-sig")
    rows = template(desk)
    known = {row["key"] for row in rows}
    rows = [row | dict(zip(("value", "evidence"), cells.get(row["key"], ("", "")), strict=True)) for row in rows]
    rows += [dict.fromkeys(COLUMNS, "") | {"key": key, "value": cells[key][0]} for key in cells if key not in known]
    path = desk.folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, **form)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def stated(desk: Desk, position: int = 106) -> dict[str, Any]:
    lines = desk.ok("events", "--from", str(position), "--json").splitlines()
    found: dict[str, Any] = json.loads(lines[0])["state"]
    return found


def faults(desk: Desk, path: str) -> list[tuple[int, str, str]]:
    receipts = desk.receipts("report", STATION, "--from", path, *FROM)
    return [(each["line"], fault["field"], fault["code"]) for each in receipts for fault in each["faults"]]


def line_of(desk: Desk, key: str) -> int:
    return 2 + [row["key"] for row in template(desk)].index(key)


def test_a_sheet_lists_every_fact_that_the_standard_asks_for(desk: Desk) -> None:
    rows = template(desk)
    keys = [row["key"] for row in rows]
    facts = {fact["key"]: fact for fact in desk.json("facts")["facts"]}
    assert len(set(keys)) == len(keys) > 100
    assert set(keys) <= set(facts)
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert all(row["label"] == facts[row["key"]]["label"]["en"] for row in rows)
    assert all(row["hint"] and row["supplier"] and not row["value"] and not row["evidence"] for row in rows)
    assert set(keys) != {row["key"] for row in template(desk, "benchmark")}


def test_what_an_assessment_misses_stands_on_the_sheet(desk: Desk) -> None:
    desk.ok("classify", STATION, "--size", "medium", "--on", "2023-09-01", "--by", COUNTY)
    for standard in ("standard", "benchmark"):
        shown = desk.json("assess", STATION, "--standard", standard, "--on", "2024-06-01", "--dry-run")
        asked = {key for finding in shown["findings"] for key in finding["facts"]} - {"size", "serves"}
        assert asked <= {row["key"] for row in template(desk, standard)}


def test_only_the_facts_of_the_stations_size_are_listed(desk: Desk) -> None:
    every = {row["key"] for row in template(desk)}
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    assert {row["key"] for row in template(desk)} < every


def test_a_station_without_a_size_is_said(desk: Desk) -> None:
    result = desk.run("facts", "template", STATION, "--standard", "standard", lang="zh")
    assert "类型未定" in result.stderr
    desk.ok("classify", STATION, "--size", "small", "--on", "2023-09-01", "--by", COUNTY)
    assert desk.run("facts", "template", STATION, "--standard", "standard").stderr == ""


def test_labels_and_hints_are_in_the_users_language(desk: Desk) -> None:
    rows = {row["key"]: row for row in template(desk, lang="zh")}
    assert rows["party_branch"]["hint"] == "own（独立党支部） / joint（联合党支部） / none（无党支部）"
    reviews = rows["legality_reviews"]["hint"]
    assert "type=contract（政府合同）/decision（重大行政决策）/" in reviews
    assert rows["separately_established"]["hint"] == "是 / 否"
    honours = rows["party_honours"]
    assert honours["hint"] == "可填多项，用 ; 隔开，没有则填“无”；每项：date=2024-06-30, title=文字"
    assert honours["label"] == "支部或党员荣誉（日期、名称，不写姓名）"


def test_a_spreadsheet_opens_it_as_it_is_meant(desk: Desk) -> None:
    written = desk.run("facts", "template", STATION, "--standard", "standard", lang="zh").stdout_bytes
    assert written.startswith(b"\xef\xbb\xbfkey,label,unit,hint,supplier,value,evidence\r\n")
    assert written.count(b"\n") == written.count(b"\r\n")


def test_a_sheet_is_written_to_a_new_file_only(desk: Desk) -> None:
    path = desk.folder / "new.csv"
    arguments = ["facts", "template", STATION, "--standard", "standard", "--output", str(path)]
    assert f"--from {path}" in desk.ok(*arguments)
    first = path.read_bytes()
    result = desk.run(*arguments, lang="zh")
    assert (result.exit_code, result.stderr.split("：")[0], path.read_bytes()) == (1, "file-exists", first)
    assert desk.run(*arguments[:-1], str(desk.folder / "no" / "a.csv")).stderr.startswith("file-exists")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["320583999", "--standard", "standard"], "unknown-station"),
        ([STATION, "--standard", "golden"], "unknown-standard"),
        ([STATION, "--standard", "standard", "--on", "2020-12-31"], "not-registered"),
    ],
)
def test_what_has_no_sheet_is_said(desk: Desk, arguments: list[str], code: str) -> None:
    result = desk.run("facts", "template", *arguments)
    assert (result.exit_code, result.stdout, result.stderr.split(":")[0]) == (1, "", code)


def test_no_cell_of_a_sheet_is_run_by_a_spreadsheet() -> None:
    for cell in ("=1+1", "+1", "-1", "@x", "\tx", "\r=x"):
        assert harmless(cell) == f"'{cell}"
    assert harmless("a=1") == "a=1"
    assert b",'=cmd,'+x,'-,'@" in sheet_bytes([("k", "=cmd", "+x", "-", "@", "", "")])


VALUES: dict[str, tuple[str, Any]] = {
    "separately_established": ("是", True),
    "dual_leadership_bureau_led": ("FALSE", False),
    "special_post_staff": ("1,200", 1200),
    "full_party_members": (" 0 ", 0),
    "party_branch": ("联合党支部", "joint"),
    "party_honours": (
        "date=2024/3/1, title=先进, 集体；date=2023年1月2日，title=x",
        [{"date": "2024-03-01", "title": "先进, 集体"}, {"date": "2023-01-02", "title": "x"}],
    ),
    "party_standard_areas": ("无", []),
    "joint_agreements": (
        "partner=tribunal, functions=information|exchange\npartner=police_station, functions=emergency",
        [
            {"partner": "tribunal", "functions": ["information", "exchange"]},
            {"partner": "police_station", "functions": ["emergency"]},
        ],
    ),
}


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"encoding": "utf-8", "lineterminator": "\n"},
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"quoting": csv.QUOTE_ALL},
    ],
    ids=["as written", "plain", "semicolons", "tabs", "quoted"],
)
def test_a_sheet_that_is_filled_in_comes_back_as_facts(desk: Desk, form: dict[str, Any]) -> None:
    path = filled(desk, {key: (cell, "") for key, (cell, _) in VALUES.items()}, **form)
    assert desk.ok("report", STATION, "--from", path, *FROM)
    assert stated(desk)["facts"] == {key: value for key, (_, value) in VALUES.items()}


def test_a_sheet_goes_the_way_of_a_report(desk: Desk) -> None:
    path = filled(desk, {"full_party_members": ("3", "")})
    assert desk.ok("report", STATION, "--from", path, *FROM, "--dry-run", lang="zh") == "可以录入，未录入\n"
    assert desk.ok("report", STATION, "--from", path, *FROM).startswith(f"Recorded as {STATION}@2")
    facts = ["--fact", "full_party_members=3"]
    assert desk.receipts("report", STATION, *facts, *FROM)[0]["status"] == "already-recorded"
    assert desk.codes("report", STATION, "--from", path, *FROM[:3], "320581") == ["not-own-county"]


def test_a_sheet_may_come_through_a_pipe(desk: Desk) -> None:
    sheet = Path(filled(desk, {"full_party_members": ("3", "")})).read_bytes()
    desk.ok("report", STATION, "--from", "-", *FROM, stdin=sheet)
    assert stated(desk)["facts"] == {"full_party_members": 3}


def test_everything_wrong_is_told_by_line_and_column_at_once(desk: Desk) -> None:
    cells = {
        "separately_established": ("maybe", ""),
        "special_post_staff": ("1.5", "../outside.pdf"),
        "full_party_members": ("-3", ""),
        "party_branch": ("ours", ""),
        "party_honours": ("date=2024-02-30, title=x", ""),
        "party_standard_areas": ("[1", ""),
        "joint_agreements": ("partner=tribunal", "none.pdf"),
        "full_party_membres": ("3", ""),
    }
    path = filled(desk, cells)
    assert faults(desk, path) == [
        (line_of(desk, "separately_established"), "value", "bad-value"),
        (line_of(desk, "special_post_staff"), "value", "bad-value"),
        (line_of(desk, "special_post_staff"), "evidence", "outside-folder"),
        (line_of(desk, "full_party_members"), "value", "bad-value"),
        (line_of(desk, "party_branch"), "value", "bad-value"),
        (line_of(desk, "party_honours"), "value", "bad-value"),
        (line_of(desk, "party_standard_areas"), "value", "bad-value"),
        (line_of(desk, "joint_agreements"), "value", "bad-value"),
        (line_of(desk, "joint_agreements"), "evidence", "unreadable-paper"),
        (len(template(desk)) + 2, "key", "unknown-fact"),
    ]
    said = desk.run("report", STATION, "--from", path, *FROM, lang="zh")
    assert (said.exit_code, desk.head()) == (1, 105)
    for words in ("party_honours[1].date", "应填“是”或“否”", "full_party_members、", "未录入任何内容"):
        assert words in said.stdout
    assert not Path(f"{desk.ledger}.evidence").exists()


def test_a_fact_filled_in_twice_is_refused(desk: Desk) -> None:
    path = desk.file("twice.csv", "key,value", "full_party_members,3", "", "full_party_members,4")
    assert faults(desk, path) == [(4, "key", "fact-twice")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "missing-column"),
        (b"key,label\nfull_party_members,3\n", "missing-column"),
        ("key,value\nfull_party_members,三\n".encode("gbk"), "unreadable-file"),
        (b'key,value\nfull_party_members,"3\n', "unreadable-file"),
        (b"key,value\nfull_party_members,\n", "empty-file"),
    ],
    ids=["nothing", "no value", "gbk", "quote", "not filled in"],
)
def test_what_is_no_sheet_is_refused(desk: Desk, content: bytes, code: str) -> None:
    path = desk.folder / "sheet.csv"
    path.write_bytes(content)
    result = desk.run("report", STATION, "--from", str(path), *FROM)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, code)
    assert desk.head() == 105


def test_a_row_too_short_or_too_long_is_no_trouble(desk: Desk) -> None:
    path = desk.file("short.csv", "value,KEY ", "3,full_party_members,,,", "x")
    assert faults(desk, path) == [(3, "key", "unknown-fact")]


def test_a_sheet_goes_without_other_facts(desk: Desk) -> None:
    path = filled(desk, {"full_party_members": ("3", "")})
    result = desk.run("report", STATION, "--from", path, "--fact", "full_party_members=4", *FROM)
    assert (result.exit_code, desk.head()) == (2, 105)


def test_the_evidence_of_a_sheet_is_kept_and_put_together(desk: Desk) -> None:
    (desk.folder / "papers").mkdir()
    (desk.folder / "papers" / "b.pdf").write_bytes(b"b")
    (desk.folder / "a.pdf").write_bytes(b"a")
    a, b = hashlib.sha256(b"a").hexdigest(), hashlib.sha256(b"b").hexdigest()
    cells = {
        "separately_established": ("yes", "a.pdf; papers/b.pdf"),
        "full_party_members": ("", "a.pdf"),
        "party_branch": ("own", "./papers/b.pdf"),
    }
    told = desk.json("report", STATION, "--from", filled(desk, cells), *FROM)
    assert told["status"] == "recorded"
    assert sorted((paper["name"], paper["sha256"], sorted(paper["supports"])) for paper in told["evidence"]) == [
        ("a.pdf", a, ["full_party_members", "separately_established"]),
        ("b.pdf", b, ["party_branch", "separately_established"]),
    ]
    assert stated(desk)["facts"] == {"separately_established": True, "party_branch": "own"}
    assert desk.json("evidence", "verify")["ok"] == 2


def test_evidence_that_is_kept_may_be_named_by_its_digest(desk: Desk) -> None:
    path = desk.folder / "a.pdf"
    path.write_bytes(b"a")
    digest = hashlib.sha256(b"a").hexdigest()
    add = ["--station", STATION, "--supports", "party_branch", *FROM]
    desk.ok("evidence", "add", str(path), *add)
    path.unlink()
    sheet = filled(desk, {"full_party_members": ("3", digest.upper()), "party_branch": ("own", "")})
    desk.ok("report", STATION, "--from", sheet, *FROM)
    assert stated(desk, 107)["evidence"] == [{"name": "a.pdf", "sha256": digest, "supports": ["full_party_members"]}]
    sheet = filled(desk, {"full_party_members": ("3", "f" * 64)})
    assert faults(desk, sheet) == [(line_of(desk, "full_party_members"), "evidence", "unknown-paper")]


def _outside(folder: Path) -> None:
    (folder.parent / "outside.pdf").write_bytes(b"secret")


def _linked(folder: Path) -> None:
    _outside(folder)
    (folder / "link.pdf").symlink_to(folder.parent / "outside.pdf")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "sub").mkdir()


@pytest.mark.parametrize(
    ("named", "prepare"),
    [
        ("../outside.pdf", _outside),
        ("sub/../../outside.pdf", _linked),
        ("{parent}/outside.pdf", _outside),
        ("link.pdf", _linked),
        ("linked/outside.pdf", _linked),
        ("sub", _linked),
        (".", _linked),
        ("sub//x", _linked),
    ],
)
def test_no_path_of_a_sheet_leads_out_of_its_folder(desk: Desk, named: str, prepare: Callable[[Path], None]) -> None:
    prepare(desk.folder)
    path = filled(desk, {"full_party_members": ("3", named.format(parent=desk.folder.parent))})
    ((line, field, code),) = faults(desk, path)
    assert (line, field) == (line_of(desk, "full_party_members"), "evidence")
    assert code in {"outside-folder", "unreadable-paper"}
    assert (desk.head(), Path(f"{desk.ledger}.evidence").exists()) == (105, False)


def test_every_kind_of_fact_can_be_written_into_a_cell() -> None:
    for fact in wiring.plugins().facts(wiring.installed_notice(wiring.DEFAULT_NOTICE)).values():
        value, cell = example(fact.form)
        assert value_of(fact.form, cell) == (value, None), fact.key
        assert fact.fault(value) is None


def test_every_code_can_be_written_as_its_label_too() -> None:
    for fact in wiring.plugins().facts(wiring.installed_notice(wiring.DEFAULT_NOTICE)).values():
        for form in fact.form.parts():
            for name, label in form.values.items():
                code: Any = name == "true" if form.type == "bool" else name
                for said in (name, *label.values()):
                    assert value_of(form, said) == (code, None), fact.key
                    assert value_of(Form("list", items=form), f"{said}; {said}") == ([code, code], None)


def example(form: Form) -> tuple[Any, str]:
    """Return a value, and the cell that says it, codes by their labels."""
    if form.items:
        value, cell = example(form.items)
        return [value, value], f"{cell}; {cell}"
    if form.fields:
        parts = {name: example(inner) for name, inner in form.fields.items()}
        cells = {name: cell.replace("; ", "|") for name, (_, cell) in parts.items()}
        record = {name: value for name, (value, _) in parts.items()}
        return record, ", ".join(f"{name}={cell}" for name, cell in cells.items())
    values: dict[str, tuple[Any, str]] = {
        "int": (max(form.minimum, 1), str(max(form.minimum, 1))),
        "bool": (True, "yes"),
        "date": ("2024-01-31", "2024/1/31"),
        "text": ("字", "字"),
    }
    if form.values:
        code, label = next(iter(form.values.items()))
        return (code == "true" if form.type == "bool" else code), label["zh"]
    return values[form.type]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        (Form("int"), "1e3"),
        (Form("int"), "１"),
        (Form("int"), "1,2"),
        (Form("int"), "9" * 5000),
        (Form("bool"), "2"),
        (Form("list", items=Form("int")), "1;x"),
        (Form("list", items=Form("int")), '[{"a": 1, "a": 2}]'),
        (Form("list", items=Form("int")), "[" * 100_000),
        (Form("list", items=item_form({"a": "int"}, {})), "a=1, a=2"),
        (Form("list", items=item_form({"a": "int"}, {})), "b=1"),
        (Form("list", items=item_form({"a": "int"}, {})), "1"),
    ],
)
def test_a_cell_that_says_nothing_clear_is_refused(form: Form, cell: str) -> None:
    value, why = value_of(form, cell)
    assert value is None
    assert why is not None
    assert why.endswith("-form")
