"""Tables: a row says what a line says, and is judged like one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dingji.faults import LedgerError
from dingji.intake.csv_table import columns, record_of, table_lines
from dingji.intake.files import LARGEST_LINE, Line, Source
from ledger.intake.line_faults import told


def rows(tmp_path: Path, text: str | bytes) -> Iterator[Line]:
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    with Source(str(file)) as source:
        yield from table_lines(source)


HEAD = "do,station,on,by,person,"


def row(tmp_path: Path, more: str, cells: str) -> bytes:
    (found,) = rows(tmp_path, f"{HEAD}{more}\nreport,320583100,2024-01-01,320583,p1,{cells}\n")
    assert found.fault is None
    return found.text


def test_a_row_says_what_a_line_says(tmp_path: Path) -> None:
    text = row(tmp_path, "facts.staff,facts.hall,facts.town,evidence,note", '5,true,玉山,"[{""a"": 1}]",')
    assert json.loads(text) == {
        "do": "report",
        "station": "320583100",
        "on": "2024-01-01",
        "by": {"office": "320583", "person": "p1"},
        "facts": {"staff": 5, "hall": True, "town": "玉山"},
        "evidence": [{"a": 1}],
    }


def test_rows_bear_the_number_of_their_last_line(tmp_path: Path) -> None:
    found = list(rows(tmp_path, 'do,note\nrename,a\n\n,\nrename,"b\nc"\n'))
    assert [one.number for one in found] == [2, 6]
    assert told(found[1].text)[0] == ("bad-value", "note", "control")  # a line break is one


def test_a_table_of_one_verb_has_its_columns() -> None:
    assert columns("classify")[:1] == ["do"]
    assert {"station", "size", "on", "by", "person", "irregular"} <= set(columns("classify"))
    assert record_of([("do", "report"), ("note", " ")]) == {"do": "report", "facts": {}}


@pytest.mark.parametrize(
    ("cell", "told_of"),
    [
        ("1.5", ("bad-value", "facts.a", "wrong-type")),
        ("9" * 40, ("bad-value", "facts.a", "out-of-range")),
        ("[NaN]", ("bad-json", None, "not-number")),
        ("[" * 100_000, None),
        ("[" * 300 + "]" * 300, ("bad-json", None, "too-deep")),
        ('"[""\\ud800""]"', ("bad-value", "facts.a[0]", "surrogate")),
    ],
)
def test_whatever_stands_in_a_cell_is_judged_as_in_a_line(tmp_path: Path, cell: str, told_of: Any) -> None:
    found = told(row(tmp_path, "facts.a", cell))
    if cell == "1.5":
        assert found == []  # a text, which is for the dictionary of facts to refuse
    elif told_of is None:
        assert found == [("bad-value", "facts.a", "too-long")]  # a text too
    else:
        assert told_of in found


def test_a_doubled_key_in_a_cell_is_not_read(tmp_path: Path) -> None:
    text = row(tmp_path, "basis", '"{""a"": 1, ""a"": 2}"').replace(b"report", b"classify")
    assert ("bad-value", "basis", "wrong-type") in told(text)


def test_a_row_of_any_depth_is_told(tmp_path: Path) -> None:
    for depth in range(100, 1100, 10):
        for one in rows(tmp_path, f"{HEAD}basis\nclassify,1,2024-01-01,1,p,{'[' * depth}{']' * depth}\n"):
            assert one.fault is not None or told(one.text), depth


def faults_in(found: Iterator[Line]) -> list[str]:
    return [one.fault.code for one in found if one.fault]


def test_a_table_that_is_askew_is_told(tmp_path: Path) -> None:
    assert faults_in(rows(tmp_path, "do,do\nrename,rename\n")) == ["duplicate-key"]
    assert faults_in(rows(tmp_path, "do\nrename,玉山\n")) == ["bad-value"]
    (bare_columns,) = rows(tmp_path, "do,,\nrename,x,\n")  # columns without a name are passed over
    assert json.loads(bare_columns.text) == {"do": "rename"}
    wide = "x" * (LARGEST_LINE // 2)
    assert faults_in(rows(tmp_path, f"do,note,reason\nrename,{wide},{wide}\n")) == ["too-large"]
    assert list(rows(tmp_path, "")) == list(rows(tmp_path, "do,note\n")) == []


@pytest.mark.parametrize("content", [b"do\n\xff", b'do\n"open', b'do\n"a"b', b"do," + b"x" * (LARGEST_LINE + 1)])
def test_what_is_no_table_is_said_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LedgerError) as error:
        list(rows(tmp_path, content))
    assert error.value.fault.code == "unreadable-file"
