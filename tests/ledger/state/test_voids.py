"""What a void takes away: an earlier entry of its own stream, however the state was come by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dingji.events import codec
from dingji.events.events import (
    EntryVoided,
    Event,
    OfficeEnrolled,
    OfficeRenamed,
    StationRegistered,
    StationRenamed,
    topic_of,
)
from dingji.events.row import Row
from dingji.events.submissions import By
from dingji.state import office, station
from dingji.state.state_cache import fold

CODE, OFFICE = "320583100", "320583"


def event(form: type[Event], number: int, **own: Any) -> Event:
    on = date(2024, 1, number)
    return form(on=on, by=By(office="3205"), recorded_at="2024-02-01T00:00:00.000000Z", id=f"i{number}", **own)


def void(number: int, entry: str) -> Event:
    return event(EntryVoided, number, entry=entry, cause="recording-error", reason="x")


def evolved(events: list[Event]) -> station.Station:
    state: station.Station | None = None
    for version, each in enumerate(events, 1):
        state = station.evolve(state, version, each, CODE)
    assert state is not None
    return state


def replayed(events: list[Event]) -> station.Station:
    rows = [
        Row(version, f"station:{CODE}", version, topic_of(each), codec.encode(each))
        for version, each in enumerate(events, 1)
    ]
    state: station.Station = fold(f"station:{CODE}", rows)
    return state


@pytest.mark.parametrize("named", [f"{CODE}@3", f"{CODE}@2", "320583101@1", f"office:{OFFICE}@1", "x"])
@pytest.mark.parametrize("made", [evolved, replayed])
def test_a_void_of_anything_but_an_earlier_entry_takes_nothing_away(
    named: str, made: Callable[[list[Event]], station.Station]
) -> None:
    state = made(
        [
            event(StationRegistered, 1, name="一所", county=OFFICE, serves="town"),
            void(2, named),
            event(StationRenamed, 3, name="二所"),
        ]
    )
    assert state.voided == {}
    assert [mark.version for mark in state.counting()] == [1, 2, 3]
    assert [called.name for called in state.names] == ["一所", "二所"]
    assert state.standing(date(2024, 1, 9).toordinal()) is not None


@pytest.mark.parametrize("made", [evolved, replayed])
def test_the_first_void_of_an_entry_counts(made: Callable[[list[Event]], station.Station]) -> None:
    registered = event(StationRegistered, 1, name="一所", county=OFFICE, serves="town")
    renamed = event(StationRenamed, 2, name="二所")
    state = made([registered, renamed, void(3, f"{CODE}@2"), void(4, f"{CODE}@2")])
    assert state.voided == {2: 3}
    assert [called.name for called in state.names] == ["一所"]


def test_an_office_reads_voids_likewise() -> None:
    state: office.Office | None = None
    enrolled = event(OfficeEnrolled, 1, name="局", tier="county", parent="3205")
    renamed = event(OfficeRenamed, 4, name="新局")
    voids = [void(2, f"office:{OFFICE}@3"), void(3, f"{OFFICE}@1")]
    after = [void(5, f"office:{OFFICE}@4"), void(6, f"office:{OFFICE}@4")]
    for version, each in enumerate([enrolled, *voids, renamed, *after], 1):
        state = office.evolve(state, version, each, OFFICE)
    assert state is not None
    assert state.voided == {4: 5}
