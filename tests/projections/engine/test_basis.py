"""What `--known` means, and the date beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.events.row import Row
from dingji.faults import LedgerError
from dingji_projections.engine.basis import basis, moment_named, position_at, position_of
from projections.logs import Book

TODAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Three files: two entries in one instant, one just before midnight in Suzhou, one just after."""
    with Book(tmp_path_factory.mktemp("basis") / "a.ledger") as book:
        times = ("01:00:00", "01:00:00", "15:59:59.999999", "16:00:00")
        for number, time in enumerate(times):
            book.now = datetime.fromisoformat(f"2024-03-01T{time}Z") - timedelta(seconds=1)
            book.add(f"32058310{number}", "StationRegistered", "2020-01-01", name="x", county="c", serves="t")
        yield book


def known(book: Book, text: str) -> int:
    return basis(book.log, on=TODAY, known=text).known


def test_without_more_it_is_as_known_now(book: Book) -> None:
    found = basis(book.log, on=TODAY)
    assert found.fields() == {"on": TODAY, "known": 4, "recorded_until": "2024-03-01T16:00:00.000000Z"}


def test_a_date_to_come(book: Book) -> None:
    assert basis(book.log, on=date(2030, 12, 31)).on == date(2030, 12, 31)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("0", 0),
        ("2", 2),
        ("004", 4),
        ("2024-02-29", 0),
        ("2024-03-01", 3),
        ("2024-03-02", 4),
        ("2024-03-01T01:00:00Z", 2),
        ("2024-03-01T00:59:59.999999Z", 0),
        ("2024-03-01T09:00:00+08:00", 2),
        ("2024-03-01T23:59:59.9999999+08:00", 3),
        ("2024-03-02t00:00:00+08:00", 4),
        ("2024-03-01T11:00:00-05:00", 4),
        ("2999-01-01", 4),
        ("9999-12-31", 4),
        ("0001-01-01", 0),
    ],
)
def test_known(book: Book, text: str, position: int) -> None:
    assert known(book, text) == position


def test_before_everything_nothing_was_recorded(book: Book) -> None:
    assert basis(book.log, on=TODAY, known="0").recorded_until is None


def test_the_day_ends_when_the_notice_says(book: Book) -> None:
    assert position_of(book.log, "2024-03-01", timezone(timedelta(hours=-5))) == 4
    assert position_of(book.log, "2024-03-01", timezone(timedelta(hours=14))) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5", "position-range"),
        ("9" * 5000, "position-range"),
        ("-1", "known-form"),
        ("", "known-form"),
        ("٣", "known-form"),
        ("2024-3-1", "known-form"),
        ("2024-02-30", "known-form"),
        ("2024-W01-1", "known-form"),
        ("2024-03-01T01:00:00", "known-form"),
        ("2024-03-01 01:00:00Z", "known-form"),
        ("2024-03-01T25:00:00Z", "known-form"),
        ("2024-03-01T01:00:00+8", "known-form"),
        ("yesterday", "known-form"),
        ("2024-03-01T01:00:00+99:00", "known-form"),
        (" 2", "known-form"),
    ],
)
def test_what_is_no_knowledge(book: Book, text: str, why: str) -> None:
    with pytest.raises(LedgerError) as raised:
        known(book, text)
    fault = raised.value.fault
    assert (fault.code, fault.field, fault.args["why"]) == ("bad-value", "known", why)
    assert fault.render("zh")["message"] != fault.render("en")["message"]


class Rows:
    """A log of ten entries, hours apart."""

    def __init__(self) -> None:
        self.times = [datetime(2024, 2, 29, tzinfo=UTC) + timedelta(hours=5 * number) for number in range(10)]

    def head(self) -> int:
        return len(self.times)

    def row(self, position: int) -> Row:
        text = self.times[position - 1].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return Row(position, "s", position, "t", f'{{"recorded_at":"{text}"}}'.encode())


@settings(deadline=None)
@given(st.integers(-10, 70 * 60))
def test_a_moment_means_the_last_position_recorded_by_then(minutes: int) -> None:
    rows = Rows()
    moment = rows.times[0] + timedelta(minutes=minutes)
    found = position_at(rows, moment)  # type: ignore[arg-type]
    assert found == sum(time <= moment for time in rows.times)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-01", "2024-03-01T15:59:59.999999Z"),
        ("2024-03-01T01:00:00-05:00", "2024-03-01T06:00:00Z"),
        ("2024-03-01t01:00:00z", "2024-03-01T01:00:00Z"),
        ("9999-12-31", "9999-12-31T15:59:59.999999Z"),
    ],
)
def test_a_date_or_moment_names_a_moment(text: str, moment: str) -> None:
    assert moment_named(text) == datetime.fromisoformat(moment)
    assert moment_named("20240301") is None


@pytest.mark.parametrize("text", ["9999-12-31T23:00:00-05:00", "0001-01-01T00:00:00+08:00"])
def test_a_moment_beyond_all_dates_is_a_wrong_use(text: str) -> None:
    with pytest.raises(LedgerError) as error:
        moment_named(text)
    assert error.value.fault.args["why"] == "known-form"
