"""A station's line of entries, and its spans as knowledge grows, case by case.

tests/projections/tables/test_span_laws.py holds the spans to a naive fold.
"""

from __future__ import annotations

import functools
import itertools
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.state.timeline import (
    AFTER_ALL,
    CLASSIFIED,
    CLOSED,
    FOREVER,
    MOVED,
    REGISTERED,
    Entry,
    Knowledge,
    LevelLine,
    Span,
    Standing,
    step,
)

HERE, THERE = (Standing(county, None, "ungraded", 0, 10, 1) for county in ("here", "there"))


def test_two_moves_there_and_back_on_one_day_leave_one_span() -> None:
    knowledge = Knowledge()
    knowledge.learn(1, Entry(10, REGISTERED, 1, "here", 0))
    knowledge.learn(2, Entry(50, MOVED, 2, "there", 0))
    knowledge.learn(3, Entry(50, MOVED, 3, "here", 0))
    assert knowledge.open == [Span(10, FOREVER, 3, FOREVER, HERE)]
    assert knowledge.spans() == [
        Span(10, FOREVER, 1, 2, HERE),
        Span(10, 50, 2, 3, HERE),
        Span(10, FOREVER, 3, FOREVER, HERE),
        Span(50, FOREVER, 2, 3, THERE),
    ]


def test_only_the_span_that_the_day_cut_off_is_joined_again() -> None:
    knowledge = Knowledge()
    knowledge.learn(1, Entry(10, REGISTERED, 1, "here", 0))
    knowledge.learn(2, Entry(20, CLASSIFIED, 2, "large", 0))
    knowledge.learn(3, Entry(50, MOVED, 3, "there", 0))
    knowledge.learn(4, Entry(50, MOVED, 4, "here", 0))
    assert [span[:4] for span in knowledge.open] == [(10, 20, 2, FOREVER), (20, FOREVER, 4, FOREVER)]


@st.composite
def lines(draw: st.DrawFn) -> list[Entry]:
    """Draw the entries of a line in the order of their versions, dates anyhow; the first need not be a registration."""
    drawn = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(MOVED, CLOSED), st.integers(0, 3)), max_size=8))
    own = {MOVED: ("here", "there", "beyond", "here"), CLASSIFIED: ("large", "small", "large", "small")}
    entries = [
        Entry(on, kind, version, own.get(kind, ("ungraded", "low", "middle", "high"))[rank], rank)
        for version, (on, kind, rank) in enumerate(drawn, 2)
    ]
    return [Entry(draw(st.integers(1, 3)), REGISTERED, 1, "here", 0), *entries]


def fold(entries: list[Entry]) -> Standing | None:
    return functools.reduce(step, sorted(entries), None)


@settings(max_examples=200, deadline=None)
@given(lines(), st.randoms(use_true_random=False))
def test_a_line_is_the_same_in_whatever_order_its_entries_come(entries: list[Entry], chance: Random) -> None:
    grown = functools.reduce(LevelLine.insert, chance.sample(entries, len(entries)), LevelLine())
    assert grown == LevelLine.of(chance.sample(entries, len(entries)))
    assert grown.entries == tuple(sorted(entries))
    assert grown.standings == tuple(fold(list(grown.entries[: place + 1])) for place in range(len(entries)))


@settings(max_examples=200, deadline=None)
@given(lines(), st.integers(1, 10))
def test_a_line_without_an_entry_is_that_of_the_others(entries: list[Entry], version: int) -> None:
    line = LevelLine.of(entries)
    assert line.remove(version) == LevelLine.of(entry for entry in entries if entry.version != version)
    assert line.remove(99) is line


@settings(max_examples=200, deadline=None)
@given(lines())
def test_what_holds_on_a_date_is_the_fold_of_what_sorts_before(entries: list[Entry]) -> None:
    line = LevelLine.of(entries)
    for on in range(8):
        assert line.at(on) == fold([entry for entry in entries if entry.on <= on])
        for kind in range(REGISTERED, AFTER_ALL):
            assert line.before(on, kind) == fold([entry for entry in entries if (entry.on, entry.kind) <= (on, kind)])
    assert LevelLine().at(5) is LevelLine().before(5, CLOSED) is None


@settings(max_examples=200, deadline=None)
@given(lines())
def test_spans_of_a_line_say_what_holds_and_touch_only_where_it_changes(entries: list[Entry]) -> None:
    line = LevelLine.of(entries)
    found = line.spans()
    for on in range(8):
        assert [held for first, end, held in found if first <= on < end] == [held for held in [line.at(on)] if held]
    assert all(one[1] < other[0] or one[2] != other[2] for one, other in itertools.pairwise(found))
    for start in range(8):
        assert line.spans(start) == [span for span in found if span[1] > start]
