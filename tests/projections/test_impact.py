"""The impact of an entry is what voiding it would change: tried by voiding it in a copy of the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.events import FactsReported, RequirementsJudged
from dingji.store import Log
from dingji.terms import entry_place
from dingji_projections.basis import Basis
from dingji_projections.engine import Views
from dingji_projections.grounds import lost
from dingji_projections.hindsight import hindsight
from dingji_projections.impact import Impact, impact
from dingji_projections.levels import spans
from dingji_projections.names import name_at, place_at
from dingji_projections.record import record
from dingji_projections.rounds import rounds_held
from dingji_projections.standing import standing_conditions
from dingji_projections.stations import station
from projections.logs import Book
from projections.resting import MOVES, PARAMETERS, ROUND, A, Move, write

ON = date(2024, 1, 9)
DAYS = [date(2024, 1, day) for day in range(1, 12)]


def answered(views: Views, known: int) -> dict[str, Any]:
    """Return what the queries answer at a position, without the code that impact puts them together with."""
    basis = Basis(ON, known, None)
    opened = [
        [(opened.kind, opened.on, closed) for _, opened, closed in rounds_held(views.log, basis._replace(on=day))]
        for day in DAYS
    ]
    held = record(views.log, f"station:{A}", known)
    detail = station(views, A, basis, PARAMETERS)
    return {
        "spans": spans(views, A, known),
        "names": [(name_at(views, A, day, known), place_at(views, A, day, known)) for day in DAYS],
        "cases": detail.cases,
        "unlodged": detail.unlodged,
        "conditions": standing_conditions(views, basis, PARAMETERS),
        "rounds": opened,
        "round": [kept.event for kept in record(views.log, ROUND, known).counting() if kept.topic != "EntryVoided"],
        "lost": lost(held),
        "hindsight": hindsight(views, basis, PARAMETERS),
        "dossier": dossier(views.log, known),
    }


def dossier(log: Log, known: int) -> dict[Any, Any]:
    """Return the statements in force, and the papers, of the station."""
    found: dict[Any, Any] = {}
    for kept in record(log, f"station:{A}", known).counting(ON):
        if isinstance(kept.event, FactsReported):
            found |= {(key, kept.event.by.office): (value, kept.entry) for key, value in kept.event.facts.items()}
        if isinstance(kept.event, RequirementsJudged):
            found |= {(key, kept.event.by.office): kept.entry for key in kept.event.judgements}
        for paper in getattr(kept.event, "evidence", ()):
            found[paper.sha256, kept.entry] = paper.supports
    return found


def copy_of(book: Book, moves: list[Move], entry: str, folder: str) -> Book:
    """Write the same ledger once more, and void the entry there."""
    copied = Book(Path(folder, "copy.ledger"))
    write(copied, moves)
    place = entry_place(entry)
    assert place is not None
    copied.add(place[0], "EntryVoided", "2024-01-20", entry=entry, cause="x", reason="x")
    return copied


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES, st.integers(0, 30))
def test_impact_is_empty_exactly_where_voiding_changes_nothing(moves: list[Move], pick: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, Views(book.log) as views:
        write(book, moves)
        entries = [
            kept.entry
            for stream in (f"station:{A}", ROUND)
            for kept in record(book.log, stream, book.log.head()).entries
            if kept.topic not in {"EntryVoided", "StationRegistered"}
        ]
        entry, known = entries[pick % len(entries)], book.log.head()
        before, digest = answered(views, known), views.digest()
        found = impact(views, Basis(ON, known, None), PARAMETERS, entry)
        assert views.digest() == digest  # nothing of what was supposed is kept
        with copy_of(book, moves, entry, folder) as copied, Views(copied.log) as voided:
            after = answered(voided, known + 1)
        check(found, before, after)


def check(found: Impact, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Assert that impact says no less and no more than what changed."""
    gone = found.entry
    for told in (before, after):  # the entry's own place in a list is no impact
        told["round"] = [event for event in told["round"] if event.id != f"{ROUND}-{gone.rpartition('@')[2]}"]
        told["lost"] = {entry: roots for entry, roots in told["lost"].items() if entry != gone}
    if found.voided_by is not None:
        assert found.empty
        assert before == after
        return
    assert found.empty == (before == after), (found, {key: (before[key], after[key]) for key in before})
