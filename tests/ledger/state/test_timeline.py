"""The spans of one station, case by case; tests/projections/tables/test_span_laws.py holds them to a naive fold."""

from __future__ import annotations

from dingji.state.timeline import FOREVER, MOVED, REGISTERED, Entry, Knowledge, Span, Standing

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
