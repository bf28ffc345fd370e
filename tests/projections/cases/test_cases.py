"""Cases: held against a naive model built on what the rules take a case to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dingji.state.case import case_of
from dingji.state.state_cache import fold
from dingji.state.station import Station
from dingji.store.log import Log
from dingji_projections.audit.stations import station
from dingji_projections.cases.cases import HOW, CaseFilter, CaseRow, listed_cases
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.views import views_of
from projections.dependent_acts import NOTICE_RULES
from projections.logs import CITY, HUQIU, KUNSHAN, Book

A, B = "320583100", "320583101"
R1, R2 = "r1", "r2"
THREE_TIERS = replace(
    NOTICE_RULES,
    routes={
        **NOTICE_RULES.routes,
        "high_standard": (
            ("apply", "station"),
            ("recommend", "county"),
            ("recommend", "city"),
            ("certify", "province"),
        ),
    },
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        found(book)
        yield book


def found(book: Book) -> None:
    """Enrol the offices, register two stations, open two rounds."""
    book.add(f"office:{CITY}", "OfficeEnrolled", "2020-01-01", name="市局", tier="city")
    for county in (KUNSHAN, HUQIU):
        book.add(f"office:{county}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
    for code in (A, B):
        book.register(code, "2020-01-01")
    for round_ in (R1, R2):
        book.add(f"round:{round_}", "RoundOpened", "2024-01-01", kind="promotion", year=2024)


def case(book: Book, topic: str, on: str, code: str = A, by: str | None = None, **fields: Any) -> str:
    """Add a step of the case of the first round."""
    own = {"level": "benchmark", "round": R1} | fields
    if topic in {"RecommendationMade", "RecommendationDeclined"}:
        own.setdefault("tier", "county")
    return book.add(code, topic, on, by=by or code, **own)


def asked(book: Book, on: str = "2024-12-31", known: int | None = None, days: int = 180, **which: Any) -> list[CaseRow]:
    with views_of(book.log) as views:
        basis = Basis(date.fromisoformat(on), book.log.head() if known is None else known, None)
        return listed_cases(views, basis, which.pop("notice_rules", NOTICE_RULES), CaseFilter(days, **which))


def one(book: Book, *arguments: Any, **which: Any) -> CaseRow:
    (filed,) = asked(book, *arguments, **which)
    return filed


def test_a_case_goes_from_desk_to_desk(book: Book) -> None:
    entry = case(book, "ApplicationSubmitted", "2024-03-01")
    filed = one(book, "2024-03-11")
    assert (filed.station, filed.name, filed.county, filed.level, filed.round) == (
        A,
        f"{A}所",
        KUNSHAN,
        "benchmark",
        R1,
    )
    assert (filed.state, filed.entry, filed.applied, filed.days) == ("open", entry, date(2024, 3, 1), 10)
    assert filed.awaits
    assert (filed.awaits.verb, filed.awaits.office, filed.awaits.closed) == ("recommend", KUNSHAN, None)
    case(book, "RecommendationMade", "2024-04-01", by=KUNSHAN)
    filed = one(book, "2024-04-01")
    assert filed.awaits
    assert (filed.awaits.verb, filed.awaits.office, filed.days, filed.since) == ("certify", CITY, 0, date(2024, 4, 1))
    assert [(step.verb, step.entry, step.office) for step in filed.steps] == [
        ("apply", f"{A}@2", A),
        ("recommend", f"{A}@3", KUNSHAN),
    ]
    certified = case(book, "LevelCertified", "2024-06-01", by=CITY)
    filed = one(book)
    assert filed.ended
    assert (filed.state, filed.awaits, filed.days, filed.stalled) == ("ended", None, None, ())
    assert (filed.ended.how, filed.ended.entry, filed.ended.on, filed.ended.office) == (
        *("certified", certified, date(2024, 6, 1), CITY),
    )
    assert one(book, "2024-05-31").state == "open"
    assert asked(book, "2024-02-29") == []


@pytest.mark.parametrize(
    ("topic", "how"),
    [
        ("ApplicationWithdrawn", "withdrawn"),
        ("RecommendationDeclined", "declined"),
        ("CertificationRefused", "refused"),
        ("LevelCertified", "certified"),
    ],
)
def test_how_a_case_ends_and_begins_again(book: Book, topic: str, how: str) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    ending = case(book, topic, "2024-04-01")
    again = case(book, "ApplicationSubmitted", "2024-05-01")
    newer, older = asked(book, days=365)
    assert (newer.state, newer.entry, len(newer.steps)) == ("open", again, 1)
    assert older.ended
    assert (older.state, older.ended.how, older.ended.entry) == ("ended", how, ending)
    book.add(A, "EntryVoided", "2024-06-01", entry=ending, cause="x", reason="x")
    filed = one(book)  # the first application is still open, and the second one renews it
    assert (filed.state, filed.entry, [step.entry for step in filed.steps]) == ("stalled", again, [f"{A}@2", again])


def test_a_new_application_in_an_open_case_asks_for_everything_again(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    case(book, "RecommendationMade", "2024-04-01")
    case(book, "ApplicationSubmitted", "2024-05-01")
    filed = one(book)
    assert filed.awaits
    assert (filed.awaits.verb, len(filed.steps)) == ("recommend", 3)


def test_a_route_with_two_recommendations(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01", level="high_standard")
    case(book, "RecommendationMade", "2024-04-01", level="high_standard", tier="city", by=CITY)
    filed = one(book, notice_rules=THREE_TIERS)
    assert filed.awaits
    assert (filed.awaits.verb, filed.awaits.tier) == ("recommend", "county")
    case(book, "RecommendationMade", "2024-05-01", level="high_standard", tier="county", by=KUNSHAN)
    filed = one(book, notice_rules=THREE_TIERS)
    assert filed.awaits
    assert (filed.awaits.verb, filed.awaits.tier, filed.awaits.office) == ("certify", "province", None)


def test_the_closing_of_a_station_ends_its_cases(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    closing = book.add(A, "StationClosed", "2024-05-01", by=KUNSHAN)
    case(book, "LevelCertified", "2024-06-01", by=CITY)  # too late, had anybody known of the closing
    filed = one(book)
    assert filed.ended
    assert (filed.ended.how, filed.ended.entry, filed.ended.on, filed.ended.office) == (
        *("station-closed", closing, date(2024, 5, 1), KUNSHAN),
    )
    assert (filed.county, filed.name) == (KUNSHAN, f"{A}所")
    assert one(book, "2024-04-30").state == "open"
    book.add(A, "EntryVoided", "2024-07-01", entry=closing, cause="x", reason="x")
    filed = one(book)
    assert filed.ended
    assert filed.ended.how == "certified"


def test_what_was_decided_on_the_day_of_the_closing_was_decided(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    case(book, "CertificationRefused", "2024-05-01")
    book.add(A, "StationClosed", "2024-05-01")
    filed = one(book)
    assert filed.ended
    assert filed.ended.how == "refused"


def test_a_case_stands_still_when_its_round_is_over(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    closing = book.add(f"round:{R1}", "RoundClosed", "2024-05-01")
    assert one(book, "2024-05-01").state == "open"
    assert one(book, "2024-05-02").stalled == ("round-closed",)
    book.add(f"round:{R1}", "EntryVoided", "2024-06-01", entry=closing, cause="x", reason="x")
    assert one(book, "2024-05-02").state == "open"
    book.add(f"round:{R1}", "EntryVoided", "2024-06-01", entry=f"round:{R1}@1", cause="x", reason="x")
    assert one(book, "2024-05-02").stalled == ("round-not-open",)


def test_a_case_stands_still_when_no_office_can_take_it(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    closing = book.add(f"office:{KUNSHAN}", "OfficeClosed", "2024-05-01")
    filed = one(book, "2024-05-01")
    assert filed.awaits
    assert (filed.stalled, filed.awaits.office, filed.awaits.closed) == (
        *(("office-closed",), KUNSHAN, date(2024, 5, 1)),
    )
    assert asked(book, "2024-05-01", office=KUNSHAN) == [filed]
    assert one(book, "2024-04-30").state == "open"
    book.add(f"office:{KUNSHAN}", "EntryVoided", "2024-06-01", entry=closing, cause="x", reason="x")
    book.add(f"office:{KUNSHAN}", "OfficeClosed", "2024-05-01", successor=HUQIU)
    filed = one(book, "2024-05-01")
    assert filed.awaits
    assert (filed.state, filed.awaits.office) == ("open", HUQIU)
    assert one(book, "2024-05-01", notice_rules=replace(NOTICE_RULES, routes={})).state == "open"


def test_a_case_stands_still_when_nothing_happens(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    assert one(book, "2024-03-31", days=30).state == "open"
    assert one(book, "2024-04-01", days=30).stalled == ("idle",)
    case(book, "RecommendationMade", "2024-03-20")
    assert one(book, "2024-04-01", days=30).state == "open"


def test_whose_desk_and_which_cases(book: Book) -> None:
    case(book, "ApplicationSubmitted", "2024-03-01")
    case(book, "RecommendationMade", "2024-04-01", by=KUNSHAN)
    case(book, "ApplicationSubmitted", "2024-03-02", B)
    case(book, "RecommendationDeclined", "2024-04-02", B, by=KUNSHAN)
    case(book, "ApplicationSubmitted", "2024-05-02", B, round=R2)
    case(book, "ApplicationWithdrawn", "2024-05-03", B, round=R2)
    book.add(B, "StationTransferred", "2024-06-01", county=HUQIU)

    def told(**which: Any) -> list[tuple[str, str, str]]:
        return [(filed.station, filed.round, filed.state) for filed in asked(book, "2024-07-01", **which)]

    assert told() == [(A, R1, "open"), (B, R1, "ended"), (B, R2, "ended")]
    assert told(office=CITY) == [(A, R1, "open")]
    assert told(office=KUNSHAN) == [(B, R1, "ended")]
    assert told(office=B) == [(B, R2, "ended")]
    assert told(county=HUQIU) == [(B, R1, "ended"), (B, R2, "ended")]
    assert told(round=R2) == told(station=B, round=R2) == [(B, R2, "ended")]
    assert told(states=frozenset({"open"})) == [(A, R1, "open")]


# Against a naive model.

TOPICS = (
    *("ApplicationSubmitted",) * 3,
    *("RecommendationMade", "ApplicationWithdrawn", "RecommendationDeclined", "LevelCertified"),
    *("CertificationRefused", "EntryVoided", "EntryVoided", "StationClosed", "StationTransferred"),
)


class Move(NamedTuple):
    """One drawn act; `pick` chooses what it is about."""

    topic: str
    day: int
    pick: int


MOVE = st.builds(Move, st.sampled_from(TOPICS), st.integers(2, 12), st.integers(0, 23))
MOVES = st.lists(MOVE, min_size=10, max_size=16)  # fewer seldom meet in one case


def write(book: Book, moves: list[Move]) -> None:
    """Write what was drawn, past every rule."""
    for move in moves:
        code, on = (A, A, B)[move.pick % 3], f"2024-01-{move.day:02}"
        level, round_ = ("benchmark", "benchmark", "high_standard")[move.pick // 3 % 3], (R1, R2)[move.pick // 9 % 2]
        if move.topic == "EntryVoided":
            head = len(book.log.stream(f"station:{code}"))
            name = f"{code}@{move.pick % max(1, head - 1) + 2}"
            book.add(code, move.topic, on, entry=name, cause="x", reason="x")
        elif move.topic == "StationClosed":
            book.add(code, move.topic, on)
        elif move.topic == "StationTransferred":
            book.add(code, move.topic, on, county=(KUNSHAN, HUQIU)[move.pick % 2])
        else:
            tier = {"tier": ("county", "city")[move.pick % 2]} if move.topic.startswith("Recommendation") else {}
            named = None if move.topic == "LevelCertified" and move.pick % 5 == 0 else round_
            book.add(code, move.topic, on, level=level, round=named, **tier)


def naive(log: Log, on: date, known: int) -> set[tuple[Any, ...]]:
    """Return the cases of all stations as the rules would see them, application by application."""
    told = set()
    for code in (A, B):
        state = fold(f"station:{code}", log.stream(f"station:{code}", upto=known))
        assert isinstance(state, Station)
        day = on.toordinal()
        closings = [(mark.on, mark.version) for mark in state.counting() if mark.topic == "StationClosed"]
        closing = min((each for each in closings if each[0] <= day), default=None)
        steps = sorted((mark for mark in state.steps if mark.on <= day), key=lambda mark: (mark.on, mark.version))
        if closing:
            late = {"ApplicationSubmitted", "RecommendationMade"}
            steps = [mark for mark in steps if mark.on <= closing[0] or mark.topic in late]
        for level, round_ in {(mark.level, mark.round) for mark in steps}:
            mine = [mark for mark in steps if (mark.level, mark.round) == (level, round_)]
            for end in [*range(len(mine)), None]:
                before = case_of(msgspec.structs.replace(state, steps=tuple(mine[:end])), level, round_, day)
                again = end is not None and mine[end].topic == "ApplicationSubmitted"
                if before.application is None or not (end is None or (again and before.ended)):
                    continue
                ended = (before.ended.on, before.ended.version) if before.ended else closing
                waits = None if ended else frozenset(before.recommended)
                told.add((code, level, round_, before.application.version, ended and ended[1], waits))
    return told


def seen(views: Views, on: date, known: int) -> set[tuple[Any, ...]]:
    """Return the cases listed, in the words of the naive model."""
    told = set()
    for filed in listed_cases(views, Basis(on, known, None), THREE_TIERS, CaseFilter(180)):
        ended = filed.ended and int(filed.ended.entry.rpartition("@")[2])
        assert filed.ended is None or filed.ended.how in HOW.values()
        waits = None if ended else _recommended(views, filed)
        told.add((filed.station, filed.level, filed.round, int(filed.entry.rpartition("@")[2]), ended, waits))
    return told


def _recommended(views: Views, filed: CaseRow) -> frozenset[str]:
    """Return the tiers that recommended, and see that the case waits for the first that is left."""
    own = [step for step in filed.steps if step.verb == "recommend"]
    since = [step.entry for step in filed.steps].index(filed.entry)
    state = fold(f"station:{filed.station}", views.log.stream(f"station:{filed.station}"))
    assert isinstance(state, Station)
    marks = [state.marks[int(step.entry.rpartition("@")[2]) - 1] for step in own if step in filed.steps[since:]]
    tiers = frozenset(mark.tier for mark in marks)
    left = [
        (verb, tier)
        for verb, tier in THREE_TIERS.routes[filed.level]
        if verb != "apply" and not (verb == "recommend" and tier in tiers)
    ]
    assert filed.awaits
    assert (filed.awaits.verb, filed.awaits.tier) == left[0]
    return tiers


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES, st.lists(MOVE, max_size=4), st.integers(6, 13), st.integers(0, 6))
def test_the_cases_are_what_the_rules_make_of_the_steps(
    moves: list[Move], later: list[Move], day: int, back: int
) -> None:
    on = date(2024, 1, day)
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        with book.together():
            found(book)
        write(book, moves)
        head = book.log.head()
        known = max(7, head - back)
        expected = naive(book.log, on, known)
        assert seen(views, on, known) == expected
        before = listed_cases(views, Basis(on, known, None), THREE_TIERS, CaseFilter(180))
        write(book, later)
        assert listed_cases(views, Basis(on, known, None), THREE_TIERS, CaseFilter(180)) == before
        _of_each_station(views, on, known, before)


def _of_each_station(views: Views, on: date, known: int, whole: list[CaseRow]) -> None:
    """See that one station asked for alone, in full or in brief, has the same cases."""
    basis = Basis(on, known, None)
    for code in (A, B):
        alone = listed_cases(views, basis, THREE_TIERS, CaseFilter(180, station=code))
        assert alone == [filed for filed in whole if filed.station == code]
        brief = station(views, code, basis, THREE_TIERS).cases
        assert {(each.entry, each.awaits, each.since) for each in brief} == {
            (filed.entry, filed.awaits, filed.since) for filed in alone if filed.ended is None
        }
