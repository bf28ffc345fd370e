"""Answers as people and programs read them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji_commands.terminal.columns import width
from dingji_commands.terminal.table import NotedRow, csv_text, json_bytes, noted_lines, show, table, text
from dingji_projections.engine.basis import Basis
from dingji_projections.tables.levels import LevelRow

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("shown", "columns"),
    [
        ("abc", 3),
        ("司法所", 6),
        ("Ａ１", 4),
        ("ｱ", 1),
        ("é", 1),
        ("e\u0301", 1),
        ("한", 2),
        ("…", 1),
        ("", 0),
        ("𠮷", 2),
    ],
)
def test_width(shown: str, columns: int) -> None:
    assert width(shown) == columns


def test_columns_stand_under_each_other() -> None:
    lines = table(["司法所", "level"], [["玉山", "标杆所"], ["Bacheng", None]])
    assert lines == "司法所   level\n玉山     标杆所\nBacheng  -\n"


def test_headers_alone() -> None:
    assert table(["司法所", "level"], []) == "司法所  level\n"


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(), st.text(), st.integers()), max_size=5))
def test_a_row_is_a_line_with_all_that_it_says(rows: list[tuple[str, str, int]]) -> None:
    lines = table(["a", "b", "c"], rows).split("\n")
    assert len(lines) == len(rows) + 2
    for line, row in zip(lines[1:], rows, strict=False):
        assert all(text(value).rstrip() in line for value in row)
    places = {width(line) - width(str(row[2])) for line, row in zip(lines[1:], rows, strict=False)}
    assert len(places) <= 1


def test_nothing_in_a_cell_moves_the_cursor() -> None:
    assert text("a\x1b[2Jb\nc\u202ed\u3000e") == r"a\x1b[2Jb\nc\u202ed e"


def test_columns_are_as_wide_as_what_is_shown() -> None:
    assert table(["a\u202e", "b"], [["x\u200b\x1b", 1], ["司", 2]]) == (
        "a\\u202e      b\nx\\u200b\\x1b  1\n司           2\n"
    )


def test_what_stands_above_and_below_a_row_is_visible_and_on_lines_of_its_own() -> None:
    row = NotedRow(["x"], ["above\nFORGED\u2028"], ["below\x85\nFORGED"])
    assert noted_lines(["a"], [row]) == ["a", r"above\nFORGED\u2028", "x", r"      below\x85\nFORGED"]


def test_lists_and_dates() -> None:
    assert text(["a", "b"]) == "a, b"
    assert text([]) == "-"
    assert text(date(2024, 1, 2)) == "2024-01-02"
    assert text(0) == "0"


def test_json_of_our_own_records() -> None:
    class Record(msgspec.Struct):
        start: date

    row = LevelRow("320583100", "玉山", "320583", None, "standard", date(2024, 1, 2).toordinal(), 7)
    answer = {"basis": Basis(date(2024, 1, 1), 3, None), "levels": [row], "more": Record(date(2024, 1, 1))}
    assert orjson.loads(json_bytes(answer)) == {
        "basis": {"ledger": None, "on": "2024-01-01", "known": 3, "recorded_until": None},
        "levels": [
            {
                "station": "320583100",
                "name": "玉山",
                "county": "320583",
                "size": None,
                "level": "standard",
                "since": "2024-01-02",
                "entry": "320583100@7",
            }
        ],
        "more": {"start": "2024-01-01"},
    }
    assert json_bytes([]) == b"[]\n"


def test_json_of_anything_else_is_a_bug() -> None:
    with pytest.raises(TypeError):
        json_bytes(object())


def test_json_of_a_path_that_is_no_text() -> None:
    assert json_bytes({"file": "\udc9b", "name": "\u202e司"}) == (b'{"file": "\\udc9b", "name": "\\u202e\\u53f8"}\n')


def test_no_cell_of_a_csv_is_run_by_a_spreadsheet() -> None:
    rows: list[list[Any]] = [["=1+1", -5, "-5", "\t=x", ["=1"], "＝1", True, None, "'=1"]]
    assert csv_text([*"abcdefghi"], rows).splitlines()[1] == ("""'=1+1,-5,'-5,\\t=x,"[""=1""]",'＝1,True,,''=1""")


def test_csv() -> None:
    rows: list[list[Any]] = [["玉山, 一", None, date(2024, 1, 2), ["a"]], ['"x"\ny', 1, "", {"k": 1}]]
    assert csv_text(["a", "b", "c", "d"], rows) == (
        'a,b,c,d\n"玉山, 一",,2024-01-02,"[""a""]"\n"""x""\\ny",1,,"{""k"":1}"\n'
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_table_that_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    show(["司法所", "level"], [["昆山市玉山镇司法所昆山市玉山镇司法所", "[bold]benchmark"]], out)
    said = out.getvalue()
    assert "[bold]" in said.replace("\n", "").replace(" ", "")
    assert said.count("玉山镇") + said.count("玉") >= 2
    assert "…" not in said


def test_a_pipe_gets_plain_text_without_loading_rich() -> None:
    code = (
        "import sys; from dingji_commands.terminal.table import show; show(['a'], [['司法所' * 100]]);"
        "assert not {'rich', 'orjson', 'msgspec'} & set(sys.modules)"
    )
    paths = f"{ROOT}/ledger:{ROOT}/projections"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout == "a\n" + "司法所" * 100 + "\n"


def test_a_question_alone_loads_neither_msgspec_nor_rich(tmp_path: Path) -> None:
    """A third of what a cold `dingji levels` may take would go into loading them."""
    from dingji_projections.tables.views import views_of
    from projections.logs import Book

    with Book(tmp_path / "a.ledger") as book, views_of(book.log) as views:
        book.register("320583100")
        views.catch_up()
    code = (
        "import sys; from datetime import date; from pathlib import Path; from dingji.store.log import open_log;"
        "from dingji_projections.tables.views import views_of; from dingji_projections.tables.levels import levels;"
        "from dingji_projections.engine.basis import basis\n"
        "with open_log(Path(sys.argv[1])) as log, views_of(log) as views:\n"
        "    at = basis(log, on=date(2024, 1, 1))\n"
        "    print(levels(views, at.on, at.known)[0].station)\n"
        "assert not {'rich', 'orjson', 'msgspec', 'eventsourcing'} & set(sys.modules), sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.ledger")],
        env={"PYTHONPATH": f"{ROOT}/ledger:{ROOT}/projections", "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("320583100\n", "")
