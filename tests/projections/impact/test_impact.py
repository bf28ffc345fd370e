"""The impact of an entry is what voiding it would change: tried by voiding it in a copy of the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dingji.events.events import AssessmentRecorded, EntryVoided, FactsReported, ReadingAdopted, RequirementsJudged
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.terms import Verdict, entry_place
from dingji_projections.audit.conditions import standing_conditions
from dingji_projections.audit.hindsight import hindsight
from dingji_projections.audit.stations import station
from dingji_projections.cases.cases import CaseFilter, listed_cases
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.impact.impact import Impact, impact
from dingji_projections.records.grounds import lost
from dingji_projections.records.record import record
from dingji_projections.tables.levels import spans
from dingji_projections.tables.names import name_at, place_at
from dingji_projections.tables.views import views_of
from dingji_projections.why.why import why
from projections.dependent_acts import MOVES, NOTICE, NOTICE_RULES, ROUND, A, Move, write
from projections.logs import CITY, HUQIU, KUNSHAN, Book

ON = date(2024, 1, 9)
B = "320505003"
DAYS = [date(2024, 1, day) for day in range(1, 12)]


def answered(views: Views, known: int) -> dict[str, Any]:
    """Return what the queries answer at a position, without the code that impact puts them together with."""
    basis = Basis(ON, known, None)
    opened = [
        [(opened.kind, opened.on, closed) for _, opened, closed in rounds_held(views.log, basis._replace(on=day))]
        for day in DAYS
    ]
    held = record(views.log, f"station:{A}", known)
    detail = station(views, A, basis, NOTICE_RULES)
    adopted = fold(NOTICE, views.log.stream(NOTICE, upto=known))
    return {
        "spans": spans(views, A, known),
        "names": [(name_at(views, A, day, known), place_at(views, A, day, known)) for day in DAYS],
        "cases": detail.cases,
        "listed_cases": listed_cases(views, basis, NOTICE_RULES, CaseFilter(180)),
        "why": [derived(views, day, known) for day in DAYS],
        "unlodged": detail.unlodged,
        "conditions": standing_conditions(views, basis, NOTICE_RULES),
        "rounds": opened,
        "readings": [adopted.readings(day) for day in DAYS],
        "round": [kept.event for kept in record(views.log, ROUND, known).counting() if kept.topic != "EntryVoided"],
        "lost": lost(held),
        "unread": lost(held, dict.fromkeys(unread(views.log, known), ("reading",))),
        "hindsight": hindsight(views, basis, NOTICE_RULES),
        "dossier": dossier(views.log, known),
    }


def derived(views: Views, day: date, known: int) -> Any:
    """Return what `why` says of the station's level on a day: the level, its entry, who upheld it, what is gone."""
    try:
        found = why(views, Plugins([]), Basis(day, known, None), NOTICE_RULES, A)
    except LedgerError as error:
        return error.fault.code
    return found.level, found.entry, [act.entry for act in found.upheld], found.unsupported


def unread(log: Log, known: int) -> list[str]:
    """Return the assessments of the station whose reading was voided: each found by going through the log so far."""
    notice, found = record(log, NOTICE, known), []
    voids = {kept.event.entry: kept.position for kept in notice.entries if isinstance(kept.event, EntryVoided)}
    for kept in record(log, f"station:{A}", known).entries:
        if isinstance(kept.event, AssessmentRecorded) and kept.event.readings:
            counted = [
                (each.event.on, each.version, each.entry)
                for each in notice.entries
                if isinstance(each.event, ReadingAdopted) and each.event.requirement in kept.event.readings
                if each.position < kept.position < voids.get(each.entry, known + 1) and each.event.on <= kept.event.on
            ]
            if counted and max(counted)[2] in voids:
                found.append(kept.entry)
    return found


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


OF_ONE_CASE = st.sampled_from(
    [
        *("ApplicationSubmitted", "ApplicationWithdrawn", "RecommendationMade", "CertificationRefused"),
        *("LevelCertified", "LevelUpheld", "LevelDowngraded", "StationClosed", "LevelRecognised"),
    ]
)
COURSES = st.lists(st.builds(Move, OF_ONE_CASE, st.integers(2, 9), st.just(1)), min_size=2, max_size=8)
"""Moves about one level in one round: drawn at large they seldom meet."""


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES | COURSES, st.integers(0, 30))
@example(
    [Move("ApplicationSubmitted", 2, 1), Move("ApplicationWithdrawn", 3, 1), Move("ApplicationSubmitted", 4, 1)], 1
)
@example([Move("LevelRecognised", 2, 1), Move("LevelUpheld", 3, 1)], 1)
@example([Move("StationRenamed", 2, 0), Move("EntryVoided", 2, 1), Move("ApplicationWithdrawn", 2, 1)], 1)
def test_impact_is_empty_exactly_where_voiding_changes_nothing(moves: list[Move], pick: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, moves)
        entries = [
            kept.entry
            for stream in (f"station:{A}", ROUND, NOTICE)
            for kept in record(book.log, stream, book.log.head()).entries
            if kept.topic not in {"EntryVoided", "StationRegistered", "NoticeAdopted"}
        ]
        entry, known = entries[pick % len(entries)], book.log.head()
        before, digest = answered(views, known), views.digest()
        found = impact(views, Basis(ON, known, None), NOTICE_RULES, entry)
        assert views.digest() == digest  # nothing of what was supposed is kept
        with copy_of(book, moves, entry, folder) as copied, views_of(copied.log) as voided:
            after = answered(voided, known + 1)
        check(found, before, after)


def check(found: Impact, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Assert that impact says no less and no more than what changed."""
    gone = found.entry
    for told in (before, after):  # the entry's own place in a list is no impact
        told["round"] = [event for event in told["round"] if event.id != f"{ROUND}-{gone.rpartition('@')[2]}"]
        for kind in ("lost", "unread"):
            told[kind] = {entry: roots for entry, roots in told[kind].items() if entry != gone}
    if found.voided_by is not None:
        assert found.empty
        assert before == after
        return
    assert found.empty == (before == after), (found, {key: (before[key], after[key]) for key in before})


def test_what_rests_on_an_entry_through_a_voided_one_has_lost_that_ground_first(tmp_path: Path) -> None:
    with Book(tmp_path / "a.ledger") as book:
        write(book, [])
        report = book.add(A, "FactsReported", "2024-01-03", facts={}, tier="county")
        fields: dict[str, Any] = {
            "standard": "benchmark",
            "notice": "n",
            "catalogue": "c",
            "checks": {},
            "findings": (),
        }
        fields |= {"verdict": Verdict.REACHED, "serves": "town", "tier": "city", "read_to": book.log.head()}
        assessment = book.add(A, "AssessmentRecorded", "2024-01-04", rests_on=(report,), **fields)
        decision = book.add(A, "LevelCertified", "2024-01-05", level="benchmark", round="r1", rests_on=(assessment,))
        book.add(A, "EntryVoided", "2024-01-20", entry=assessment, cause="x", reason="x")
        known = book.log.head()
        with views_of(book.log) as views:
            found = impact(views, Basis(date(2024, 2, 1), known, None), NOTICE_RULES, report)
            assert [each.path for each in found.rests.listed] == [(report, assessment, decision)]
            assert found.changes == ()  # the decision's ground is named by what was voided first
            before = [
                each.details for each in standing_conditions(views, Basis(date(2024, 2, 1), known, None), NOTICE_RULES)
            ]
            book.add(A, "EntryVoided", "2024-01-20", entry=report, cause="x", reason="x")
            after = [
                each.details
                for each in standing_conditions(views, Basis(date(2024, 2, 1), known + 1, None), NOTICE_RULES)
            ]
    assert {"verb": "certify", "entry": decision, "level": "benchmark", "ground": assessment} in before
    assert before == after


OFFICES = st.lists(
    st.tuples(
        st.sampled_from(["OfficeClosed"] * 4 + ["OfficeRenamed", "RecommendationMade", "EntryVoided"]),
        st.integers(2, 10),
        st.integers(0, 14),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 30))
def test_the_impact_of_an_office_s_entry_is_where_cases_lie(drawn: list[tuple[str, int, int]], pick: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        names = _of_offices(book, drawn)
        if not names:
            return
        entry, basis = names[pick % len(names)], Basis(ON, book.log.head(), None)
        before, found = _desks(views, basis), impact(views, basis, NOTICE_RULES, entry)
        with Book(Path(folder, "copy.ledger")) as copied, views_of(copied.log) as voided:
            _of_offices(copied, drawn)
            copied.add(entry.partition("@")[0], "EntryVoided", "2024-01-20", entry=entry, cause="x", reason="x")
            after = _desks(voided, basis._replace(known=basis.known + 1))
    moved = {change.about: (change.before, change.after) for change in found.changes if change.what == "case"}
    expected = {about: (before[about], after[about]) for about in before if before[about] != after[about]}
    assert moved == ({} if found.voided_by else expected)


def _of_offices(book: Book, drawn: list[tuple[str, int, int]]) -> list[str]:
    """Write a small ledger of cases and offices that close; return the entries of offices that could be voided."""
    write(book, [])
    names: list[str] = []
    for code in (HUQIU, "320506"):
        book.add(f"office:{code}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
    book.register(B, "2024-01-01", HUQIU)
    for code in (A, B):
        book.add(code, "ApplicationSubmitted", "2024-01-02", level="benchmark", round="r1")
    for topic, day, choice in drawn:
        on, office = date(2024, 1, day), (KUNSHAN, HUQIU)[choice % 2]
        if topic == "OfficeClosed":
            successor = (None, KUNSHAN, HUQIU, "320506")[choice % 4]
            names.append(book.add(f"office:{office}", topic, on, successor=successor))
        elif topic == "OfficeRenamed":
            names.append(book.add(f"office:{office}", topic, on, name=f"n{choice}"))
        elif topic == "EntryVoided":
            if names:
                name = names[choice % len(names)]
                book.add(name.partition("@")[0], topic, on, entry=name, cause="x", reason="x")
        else:
            tier = {"tier": "county"} if topic == "RecommendationMade" else {}
            book.add((A, B)[choice % 2], topic, on, level="benchmark", round="r1", **tier)
    return names


def _desks(views: Views, basis: Basis) -> dict[str, Any]:
    """Return the open cases of both stations, as `station` tells them."""
    return {
        f"{code} {case.level} {case.round}": case
        for code in (A, B)
        for case in station(views, code, basis, NOTICE_RULES).cases
    }
