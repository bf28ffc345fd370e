"""Text in the columns of a terminal: what is torn and what is not."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji_commands.terminal.columns import GAP, laid, width, wrap

WORDS = st.sampled_from(
    [
        "2024-09-19",
        "320583100@22",
        "2025-review",
        "high-standard",
        "12",
        "-",
        "司法所",
        "标杆",
        "（高新区）",
        "certified",
    ]
)
CELLS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
TABLES = st.integers(1, 7).flatmap(lambda wide: st.lists(st.tuples(*[CELLS] * wide), min_size=1, max_size=5))


@settings(deadline=None, max_examples=300)
@given(TABLES, st.integers(20, 100))
def test_a_table_is_fitted_and_no_word_is_torn_or_lost(rows: list[tuple[str, ...]], columns: int) -> None:
    headers = [f"Column {number}" for number in range(len(rows[0]))]
    table = laid(headers, rows, columns)
    assert len(table.rows) == len(rows)
    assert all(width(line) <= max(columns, 24) for lines in (table.heading, *table.rows) for line in lines)
    for row, lines in zip(rows, table.rows, strict=True):
        held = Counter(word for word in " ".join(row).split() if word.isascii())
        if not table.heading:
            held += Counter(word for header in headers for word in header.split())
        assert Counter(word for line in lines for word in line.split() if word.isascii()) == held
        assert Counter("".join(lines).replace(" ", "")) >= Counter("".join(row).replace(" ", ""))


@given(TABLES)
def test_in_room_enough_a_row_is_a_line(rows: list[tuple[str, ...]]) -> None:
    headers = ["x"] * len(rows[0])
    whole = laid(headers, rows)
    assert all(len(lines) == 1 for lines in (whole.heading, *whole.rows))
    assert laid(headers, rows, max(width(line) for lines in whole for line in _flat(lines)) + GAP * 60) == whole


def _flat(lines: list[str] | list[list[str]]) -> list[str]:
    return [line for one in lines for line in ([one] if isinstance(one, str) else one)]


def test_prose_makes_room_for_codes() -> None:
    row = ["2025-01-01", "320583100@1", "苏州工业园区司法局", "Building and management standard"]
    table = laid(["On", "Entry", "Office", "Title"], [row], 60)
    assert table.rows == [
        [
            "2025-01-01  320583100@1  苏州工业园区司法   Building and",
            "                         局                 management",
            "                                            standard",
        ]
    ]


def test_a_row_that_does_not_fit_is_told_column_by_column() -> None:
    table = laid(["On", "Entry", "Why"], [["2025-01-01", "320583100@1", "standard-not-also-reached and more"]], 30)
    assert table == (
        [],
        [["On     2025-01-01", "Entry  320583100@1", "Why    standard-not-also-reached", "       and more"]],
    )


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("known (recorded 2026-06-30 16:48:00).", 22, ["known (recorded", "2026-06-30 16:48:00)."]),
        ("虎丘区（高新区）司法局", 8, ["虎丘区", "（高新", "区）司法", "局"]),
        ("昆山市司法局, 常熟", 12, ["昆山市司法", "局, 常熟"]),
        ("文号：苏司〔2025〕核字", 12, ["文号：苏司", "〔2025〕核字"]),
        ("320583100@22、320583100@23", 20, ["320583100@22、", "320583100@23"]),
    ],
)
def test_where_a_text_is_broken(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(text, columns) == lines
