"""Windows of time."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingji.dates import months_before, window


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2024-06-30", 12, "2023-06-30"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2023-03-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2024-02-29", 48, "2020-02-29"),
        ("2024-01-15", 1, "2023-12-15"),
        ("2024-01-31", 0, "2024-01-31"),
        ("2024-08-31", 36, "2021-08-31"),
        ("0001-02-01", 3, "0001-01-01"),
    ],
)
def test_months_before_is_clamped_to_the_end_of_the_month(day: str, months: int, expected: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_a_window_leaves_out_its_beginning_and_holds_its_end() -> None:
    year = window(date(2024, 6, 30), 12)
    assert date(2023, 6, 30) not in year
    assert "2023-06-30" not in year
    assert date(2023, 7, 1) in year
    assert "2023-07-01" in year
    assert "2024-06-30" in year
    assert "2024-07-01" not in year


def test_no_window_reaches_before_the_registration() -> None:
    assert window(date(2024, 6, 30), 36, date(2023, 1, 1)).first == date(2023, 1, 1)
    assert window(date(2024, 6, 30), 36, date(2001, 1, 1)).first == date(2021, 7, 1)


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(0, 120))
def test_windows_of_n_months_lie_end_to_end(on: date, months: int) -> None:
    before = months_before(on, months)
    assert before <= on
    assert window(on, months).first == before + timedelta(days=1)
    assert before.day == min(on.day, monthrange(before.year, before.month)[1])


@given(st.dates(min_value=date(1900, 1, 1)), st.dates(min_value=date(1900, 1, 1)), st.integers(0, 60))
def test_a_later_date_never_has_an_earlier_window(one: date, other: date, months: int) -> None:
    first, last = sorted((one, other))
    assert months_before(first, months) <= months_before(last, months)
