"""The log played forward: what each entry changed, and the counts that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.events.row import Row
from dingji_projections.levels import replay as module
from dingji_projections.levels.changes import HeldLevel, LevelChange
from dingji_projections.levels.replay import Played, ReplayScope, Tally, replay
from dingji_projections.tables.levels import levels
from dingji_projections.tables.views import views_of
from projections.logs import CITY, HUQIU, KUNSHAN, Book, Fact, Move, moves, naive_at

A, B = "320583100", "320583101"
STANDARD, UNGRADED = (HeldLevel(KUNSHAN, None, level, rank) for level, rank in (("standard", 1), ("ungraded", 0)))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        yield book


def played(book: Book, scope: ReplayScope | None = None) -> list[Played]:
    with views_of(book.log) as views:
        scope = scope or ReplayScope(0, book.log.head())
        return list(replay(views, scope, Tally(views, scope)))


def test_each_entry_comes_with_what_it_changed_and_the_counts_after_it(book: Book) -> None:
    book.register(A, "2020-01-01")
    book.add(A, "FactsReported", "2022-01-01", facts={"full_time_staff": 5}, tier="county")
    book.add(A, "LevelRecognised", "2022-05-01", level="standard", under="x")
    first, second, third = played(book)
    assert first.changes == (LevelChange(date(2020, 1, 1), None, None, UNGRADED),)
    assert first.counts == {KUNSHAN: {"ungraded": 1}}
    assert (second.entry, second.changes, second.counts) == (f"{A}@2", (), {})
    assert second.details == {"facts": ["full_time_staff"], "tier": "county"}
    assert third.changes == (LevelChange(date(2022, 5, 1), None, UNGRADED, STANDARD),)
    assert third.counts == {KUNSHAN: {"standard": 1}}


def test_a_backdated_entry_changes_a_stretch_that_ends(book: Book) -> None:
    book.register(A, "2020-01-01")
    book.add(A, "LevelRecognised", "2022-05-01", level="benchmark", under="x")
    book.add(A, "LevelRecognised", "2021-05-01", level="standard", under="found later")
    last = played(book)[-1]
    assert last.changes == (LevelChange(date(2021, 5, 1), date(2022, 5, 1), UNGRADED, STANDARD),)
    assert last.counts == {}


def test_a_void_gives_back_what_was_before(book: Book) -> None:
    book.register(A, "2020-01-01")
    entry = book.add(A, "LevelRecognised", "2022-05-01", level="standard", under="x")
    book.add(A, "EntryVoided", "2023-01-01", entry=entry, cause="recording-error", reason="x")
    last = played(book)[-1]
    assert last.changes == (LevelChange(date(2022, 5, 1), None, STANDARD, UNGRADED),)
    assert last.counts == {KUNSHAN: {"ungraded": 1}}
    assert last.details["entry"] == entry


def test_a_closed_station_counts_nowhere(book: Book) -> None:
    book.register(A, "2020-01-01")
    book.add(A, "StationClosed", "2023-01-01")
    last = played(book)[-1]
    assert last.changes == (LevelChange(date(2023, 1, 1), None, UNGRADED, None),)
    assert last.counts == {KUNSHAN: {}}


def test_a_county_is_played_with_its_stations_while_they_are_its_own(book: Book) -> None:
    book.add(f"office:{KUNSHAN}", "OfficeEnrolled", "2020-01-01", name="昆山", tier="county", parent=CITY)
    book.add(f"office:{HUQIU}", "OfficeEnrolled", "2020-01-01", name="虎丘", tier="county", parent=CITY)
    book.register(A, "2020-01-01", KUNSHAN)
    book.register(B, "2020-01-01", HUQIU)
    book.add(A, "SizeClassified", "2021-01-01", size="large")
    moved = book.add(A, "StationTransferred", "2022-01-01", county=HUQIU)
    book.add(A, "LevelRecognised", "2023-01-01", level="standard", under="x")
    late = book.add(A, "FactsReported", "2021-06-01", facts={}, evidence=(), tier="station")
    closed = book.add(B, "StationClosed", "2023-06-01")
    lodged = book.add(B, "CertificationLodged", "2023-07-01", certification=f"{B}@1")

    def entries(county: str) -> list[str]:
        return [one.entry for one in played(book, ReplayScope(0, book.log.head(), county=county))]

    assert entries(KUNSHAN) == [f"office:{KUNSHAN}@1", f"{A}@1", f"{A}@2", moved, late]
    assert entries(HUQIU) == [f"office:{HUQIU}@1", f"{B}@1", moved, f"{A}@4", closed, lodged]
    gone = next(one for one in played(book, ReplayScope(0, book.log.head(), county=KUNSHAN)) if one.entry == moved)
    assert gone.counts == {KUNSHAN: {}}
    come = next(one for one in played(book, ReplayScope(0, book.log.head(), county=HUQIU)) if one.entry == moved)
    assert come.counts == {HUQIU: {"ungraded": 2}}


def test_one_station_is_played_alone(book: Book) -> None:
    book.register(A)
    book.register(B)
    book.add(A, "LevelRecognised", "2022-05-01", level="standard", under="x")
    found = played(book, ReplayScope(0, 3, station=A))
    assert [one.entry for one in found] == [f"{A}@1", f"{A}@2"]
    assert found[-1].counts == {KUNSHAN: {"standard": 1}}


def test_what_no_longer_fits_a_stretch_is_read_in_the_next(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        book.register(f"{KUNSHAN}{number:03d}")
    whole = played(book)
    monkeypatch.setattr(module, "STRETCH", 2)
    assert played(book) == whole
    assert whole[-1].counts == {KUNSHAN: {"ungraded": 9}}


def test_nothing_is_played_of_an_empty_ledger(book: Book) -> None:
    assert played(book) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(moves(), min_size=1, max_size=20), st.data())
def test_laws(drawn: list[Move], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder) / "a.ledger") as book:
        with book.together():
            for move in drawn:
                book.move(move)
        head = book.log.head()
        whole = played(book)
        assert [one.position for one in whole] == list(range(1, head + 1))
        _applied_one_after_the_other_they_are_the_levels(book, whole)
        after = data.draw(st.integers(0, head))
        until = data.draw(st.integers(after, head))
        # What is known later, and where the playing begins, do not change what is played.
        assert played(book, ReplayScope(after, until)) == whole[after:until]
        for county in ("c1", "c2"):
            part = played(book, ReplayScope(after, until, county=county))
            counted = {one.position: one.counts[county] for one in whole[after:until] if county in one.counts}
            assert {one.position: one.counts[county] for one in part if one.counts} == counted
            changed = {one.position for one in whole[after:until] if county in _counties(one)}
            assert changed <= {one.position for one in part}


def _counties(one: Played) -> set[str]:
    return {held.county for change in one.changes for held in (change.before, change.after) if held}


def _applied_one_after_the_other_they_are_the_levels(book: Book, whole: list[Played]) -> None:
    """Hold the changes, laid one over the other, and the counts against a fold from nothing at every position."""
    rows = list(book.log.scan())
    days = sorted({one.on.toordinal() for one in whole})
    held: dict[tuple[str, int], HeldLevel] = {}
    counts: dict[str, dict[str, int]] = {}
    for one in whole:
        for change in one.changes:
            for day in days:
                if change.start.toordinal() <= day and (change.end is None or day < change.end.toordinal()):
                    key = (one.station or "", day)
                    assert held.get(key) == change.before
                    held.pop(key, None)
                    held |= {key: change.after} if change.after else {}
        counts |= one.counts
        assert held == _naive(rows, one.position, days)
        last = [now for (_, day), now in held.items() if day == days[-1]]
        for county, levels_ in counts.items():
            assert {
                level: sum(now.county == county and now.level == level for now in last) for level in levels_
            } == levels_


def _naive(rows: list[Row], known: int, days: list[int]) -> dict[tuple[str, int], HeldLevel]:
    found = {}
    for stream in {row.stream for row in rows}:
        facts = [_fact(row) for row in rows if row.stream == stream]
        for day in days:
            if (at := naive_at(facts, day, known)) is not None:
                county, size, level, rank, _, _ = at
                found[stream.removeprefix("station:"), day] = HeldLevel(county, size, level, rank)
    return found


def _fact(row: Row) -> Fact:
    from orjson import loads

    state = loads(row.state)
    word = next((state[name] for name in ("level", "to", "size", "county") if state.get(name)), "")
    target = int(state["entry"].rpartition("@")[2]) if row.topic == "EntryVoided" else 0
    return Fact(row.position, row.version, row.topic, date.fromisoformat(state["on"]).toordinal(), word, target)


def test_the_counts_in_the_end_are_those_of_levels(book: Book) -> None:
    book.register(A, county=KUNSHAN)
    book.register(B, county=HUQIU)
    book.add(A, "LevelRecognised", "2022-05-01", level="standard", under="x")
    with views_of(book.log) as views:
        scope = ReplayScope(0, book.log.head())
        tally = Tally(views, scope)
        list(replay(views, scope, tally))
        now = [(row.county, row.level) for row in levels(views, date(2025, 1, 1), scope.until)]
        assert sorted(now) == [(HUQIU, "ungraded"), (KUNSHAN, "standard")]
        assert tally.counts == {KUNSHAN: {"ungraded": 0, "standard": 1}, HUQIU: {"ungraded": 1}}
        assert Tally(views, scope._replace(after=scope.until)).counts == {
            KUNSHAN: {"standard": 1},
            HUQIU: {"ungraded": 1},
        }
