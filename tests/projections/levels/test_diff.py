"""Two points compared: which stations differ, and the entries that it came of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.store.log import Log
from dingji_projections.engine.basis import Basis, basis
from dingji_projections.engine.engine import Views
from dingji_projections.levels.diff import Changed, Side, diff
from dingji_projections.tables.views import views_of
from projections.logs import HUQIU, KUNSHAN, ORDER, Book, Fact, Move, facts_of, moves, naive_at

A, B, C = "320583100", "320583101", "320505003"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A is certified, then found to be so earlier; B moves; C closes; A's late paper is voided in the end."""
    with Book(tmp_path / "a.ledger") as book:
        book.register(A, "2020-01-01", KUNSHAN)  # 1
        book.register(B, "2020-01-01", KUNSHAN)
        book.register(C, "2020-06-01", HUQIU)
        book.add(A, "SizeClassified", "2021-01-01", size="large")
        book.add(A, "LevelCertified", "2023-09-01", level="standard", round="r1")  # 5: A@3
        book.add(A, "LevelCertified", "2024-11-20", level="benchmark", round="r2")  # 6: A@4
        book.add(B, "StationTransferred", "2022-01-01", county=HUQIU)
        book.add(C, "StationClosed", "2024-01-01")  # 8
        book.add(A, "LevelRecognised", "2021-06-01", level="high_standard", under="x")  # 9: A@5, late
        book.add(A, "EntryVoided", "2025-01-01", entry=f"{A}@4", cause="annulled", reason="x")  # 10: A@6
        yield book


@pytest.fixture
def views(book: Book) -> Iterator[Views]:
    with views_of(book.log) as views:
        yield views


def at(log: Log, on: str, known: int | None = None) -> Basis:
    return basis(log, on=date.fromisoformat(on), known=None if known is None else str(known))


def told(found: list[Changed]) -> list[tuple[str, tuple[str, ...], list[str]]]:
    return [(one.station, one.changes, [f"{each.effect} {each.entry}" for each in one.causes]) for one in found]


def test_two_dates(views: Views) -> None:
    found = diff(views, at(views.log, "2021-12-31"), at(views.log, "2024-12-31"))
    assert told(found) == [(C, ("gone",), [f"in {C}@2"]), (B, ("county",), [f"in {B}@2"])]
    assert found[0].before == Side(HUQIU, None, "ungraded")
    assert found[0].after is None
    assert found[0].name == f"{C}所"


def test_two_dates_backwards(views: Views) -> None:
    found = diff(views, at(views.log, "2024-12-31"), at(views.log, "2021-12-31"))
    assert told(found) == [(C, ("appeared",), [f"out {C}@2"]), (B, ("county",), [f"out {B}@2"])]


def test_of_many_steps_up_the_last_suffices_and_backwards_all_are_needed(views: Views) -> None:
    early, late = at(views.log, "2021-01-01", 8), at(views.log, "2024-12-31", 8)
    assert told(diff(views, early, late, KUNSHAN))[0] == (A, ("level",), [f"in {A}@4"])
    assert told(diff(views, late, early, KUNSHAN))[0] == (A, ("level",), [f"out {A}@3", f"out {A}@4"])


def test_what_was_learnt_late_and_what_was_voided(views: Views) -> None:
    (one,) = diff(views, at(views.log, "2024-12-31", 8), at(views.log, "2024-12-31", 10))
    assert (one.before, one.after) == (Side(KUNSHAN, "large", "benchmark"), Side(KUNSHAN, "large", "high_standard"))
    assert [(cause.entry, cause.effect, cause.voided_by, cause.word) for cause in one.causes] == [
        (f"{A}@5", "in", None, "high_standard"),
        (f"{A}@4", "out", f"{A}@6", "benchmark"),
    ]
    assert told(diff(views, at(views.log, "2022-01-01", 8), at(views.log, "2022-01-01", 10)))[0][2] == [f"in {A}@5"]


def test_a_station_appears_with_all_that_makes_what_it_is(views: Views) -> None:
    found = diff(views, at(views.log, "2019-01-01"), at(views.log, "2022-06-01"), KUNSHAN)
    assert told(found) == [(A, ("appeared",), [f"in {A}@1", f"in {A}@2", f"in {A}@5"])]


def test_a_county_has_what_came_and_what_left(views: Views) -> None:
    one, other = at(views.log, "2021-01-01"), at(views.log, "2022-01-01")
    assert [found.station for found in diff(views, one, other, HUQIU)] == [B]
    assert B in [found.station for found in diff(views, one, other, KUNSHAN)]
    assert diff(views, one, other, "320506") == []


Point = tuple[int, int]
DAY = date(2024, 1, 1).toordinal()
POINTS = st.tuples(st.integers(DAY - 1, DAY + 8), st.integers(0, 40))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(moves(2), min_size=1, max_size=30), POINTS, POINTS, st.sampled_from(["on", "known", "both"]))
def test_causes_applied_to_one_point_give_the_other_and_none_is_idle(
    made: list[Move], one: Point, other: Point, axis: str
) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        with book.together():
            for move in made:
                book.move(move)
        head = book.log.head()
        here = (one[0], min(one[1], head))
        there = (here[0] if axis == "known" else other[0], here[1] if axis == "on" else min(other[1], head))
        found = {each.station: each for each in diff(views, _basis(here), _basis(there))}
        assert diff(views, _basis(here), _basis(here)) == []
        for stream in book.log.streams("station:"):
            station = stream.removeprefix("station:")
            facts = [fact for fact in facts_of(book.log, station) if fact.topic in {*ORDER, "EntryVoided"}]
            _check(facts, here, there, found.get(station))


def _basis(point: Point) -> Basis:
    return Basis(date.fromordinal(point[0]), point[1], None)


def _check(facts: list[Fact], here: Point, there: Point, told: Changed | None) -> None:
    """Fold what counts at one point, changed by the causes as they are printed, naively from nothing."""
    counting, goal = _counting(facts, here), _seen(_counting(facts, there))
    versions = {cause.entry.partition("@")[2]: cause for cause in told.causes} if told else {}
    assert (told is None) == (_seen(counting) == goal)
    for left_out in [None, *versions]:
        changed = dict(counting)
        for version, cause in versions.items():
            if version != left_out:
                assert (int(version) in counting) == (cause.effect == "out")
                changed.pop(int(version), None)
                if cause.effect == "in":
                    changed[int(version)] = next(fact for fact in facts if fact.version == int(version))
        assert (_seen(changed) == goal) == (left_out is None)


def _counting(facts: list[Fact], point: Point) -> dict[int, Fact]:
    on, known = point
    gone = {fact.target for fact in facts if fact.topic == "EntryVoided" and fact.position <= known}
    return {
        fact.version: fact
        for fact in facts
        if fact.position <= known and fact.on <= on and fact.version not in gone and fact.topic in ORDER
    }


def _seen(counting: dict[int, Fact]) -> tuple[str, str | None, str] | None:
    held = naive_at(list(counting.values()), date.max.toordinal(), 1 << 40)
    return held and held[:3]
