"""Stations with their open cases, rounds with their counts, and what is amiss on a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dingji.faults import LedgerError
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.conditions import StandingCondition, size_shares, standing_conditions
from dingji_projections.audit.stations import station, stations
from dingji_projections.cases.rounds import rounds
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.views import views_of
from projections.logs import CITY, HUQIU, KUNSHAN, Book

A, B, C, D = "320583100", "320583101", "320505003", "320505004"
REVIEW, PROMOTION = "2023-review", "2024-promotion"

NOTICE_RULES = NoticeRules(
    top=CITY,
    county_tier="county",
    share_sizes=frozenset({"large", "medium"}),
    share_numerator=4,
    share_denominator=5,
    routes={
        "standard": (("certify", "county"), ("lodge", "county")),
        "benchmark": (("apply", "station"), ("recommend", "county"), ("certify", "city")),
    },
    review_round="review",
    reviewed_levels=frozenset({"benchmark"}),
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "a.ledger") as book:
        book.add(f"office:{CITY}", "OfficeEnrolled", "2020-01-01", name="市局", tier="city")
        for county in (KUNSHAN, HUQIU):
            book.add(f"office:{county}", "OfficeEnrolled", "2020-01-01", name="县局", tier="county", parent=CITY)
        for code, county in ((A, KUNSHAN), (B, KUNSHAN), (C, HUQIU), (D, HUQIU)):
            book.register(code, "2020-01-01", county)
        yield book


@pytest.fixture
def views(book: Book) -> Iterator[Views]:
    with views_of(book.log) as views:
        yield views


def at(book: Book, on: str, known: int | None = None) -> Basis:
    return Basis(date.fromisoformat(on), book.log.head() if known is None else known, None)


def conditions(views: Views, book: Book, on: str, code: str, known: int | None = None) -> list[StandingCondition]:
    found = standing_conditions(views, at(book, on, known), NOTICE_RULES)
    for condition in found:
        assert "{" not in condition.fault.render("en")["message"]
    return [condition for condition in found if condition.code == code]


def apply(book: Book, code: str = A, on: str = "2024-03-01", **fields: Any) -> str:
    return book.add(code, "ApplicationSubmitted", on, level="benchmark", round=PROMOTION, by=code, **fields)


def test_the_list(book: Book, views: Views) -> None:
    book.add(A, "SizeClassified", "2021-01-01", size="large")
    book.add(B, "StationRenamed", "2022-01-01", name="新所", serves="street")
    book.add(D, "StationClosed", "2023-01-01")
    found = stations(views, at(book, "2024-01-01"))
    assert [(row.station, row.name, row.serves, row.size) for row in found] == [
        (C, f"{C}所", "town", None),
        (A, f"{A}所", "town", "large"),
        (B, "新所", "street", None),
    ]
    assert [row.station for row in stations(views, at(book, "2024-01-01"), county=KUNSHAN)] == [A, B]
    gone = stations(views, at(book, "2024-01-01"), closed=True)[1]
    assert (gone.station, gone.registered, gone.closed) == (D, date(2020, 1, 1), date(2023, 1, 1))
    assert (gone.county, gone.level, gone.since, gone.name) == (None, None, None, f"{D}所")
    assert stations(views, at(book, "2022-12-31"), closed=True)[1].closed is None
    assert stations(views, at(book, "2019-12-31"), closed=True) == []


def test_a_station_before_and_after(book: Book, views: Views) -> None:
    book.add(A, "StationClosed", "2023-01-01")
    before, after = (station(views, A, at(book, on), NOTICE_RULES) for on in ("2019-01-01", "2023-01-01"))
    assert (before.name, before.level, before.registered, before.closed) == (None, None, date(2020, 1, 1), None)
    assert (after.name, after.level, after.closed) == (f"{A}所", None, date(2023, 1, 1))
    with pytest.raises(LedgerError):
        station(views, "nobody", at(book, "2024-01-01"), NOTICE_RULES)
    with pytest.raises(LedgerError):
        station(views, A, at(book, "2024-01-01", 3), NOTICE_RULES)


def desks(views: Views, book: Book, on: str = "2024-12-31", known: int | None = None) -> list[tuple[str, str, Any]]:
    found = station(views, A, at(book, on, known), NOTICE_RULES).cases
    return [(case.level, case.awaits.verb, case.awaits.office) for case in found if case.awaits]


def test_a_case_lies_at_the_desk_of_the_next_step(book: Book, views: Views) -> None:
    entry = apply(book)
    assert desks(views, book) == [("benchmark", "recommend", KUNSHAN)]
    book.add(A, "RecommendationMade", "2024-04-01", level="benchmark", round=PROMOTION, tier="county")
    assert desks(views, book) == [("benchmark", "certify", CITY)]
    assert desks(views, book, "2024-03-31") == [("benchmark", "recommend", KUNSHAN)]
    assert desks(views, book, known=book.log.head() - 1) == [("benchmark", "recommend", KUNSHAN)]
    assert desks(views, book, "2024-02-01") == []
    (case,) = station(views, A, at(book, "2024-12-31"), NOTICE_RULES).cases
    assert (case.entry, case.applied, case.round) == (entry, date(2024, 3, 1), PROMOTION)


@pytest.mark.parametrize(
    "topic", ["ApplicationWithdrawn", "RecommendationDeclined", "LevelCertified", "CertificationRefused"]
)
def test_a_case_ends(book: Book, views: Views, topic: str) -> None:
    apply(book)
    fields = {"tier": "county"} if topic == "RecommendationDeclined" else {}
    ending = book.add(A, topic, "2024-04-01", level="benchmark", round=PROMOTION, **fields)
    assert desks(views, book) == []
    book.add(A, "EntryVoided", "2024-05-01", entry=ending, cause="annulled", reason="x")
    assert desks(views, book) == [("benchmark", "recommend", KUNSHAN)]


def test_a_case_of_a_station_that_moved_or_closed(book: Book, views: Views) -> None:
    apply(book)
    book.add(A, "StationTransferred", "2024-05-01", county=HUQIU)
    assert desks(views, book) == [("benchmark", "recommend", HUQIU)]
    book.add(f"office:{HUQIU}", "OfficeClosed", "2024-06-01", successor=KUNSHAN)
    assert desks(views, book) == [("benchmark", "recommend", KUNSHAN)]
    book.add(A, "StationClosed", "2024-07-01")
    assert desks(views, book) == []


def test_a_case_that_no_route_foresees(book: Book, views: Views) -> None:
    apply(book)
    (case,) = station(views, A, at(book, "2024-12-31"), replace(NOTICE_RULES, routes={})).cases
    assert case.awaits is None


def assess(book: Book, code: str, on: str, standard: str, verdict: str) -> str:
    return book.add(
        code,
        "AssessmentRecorded",
        on,
        standard=standard,
        notice="n",
        catalogue="c",
        verdict=verdict,
        findings=(),
        checks={},
        serves="town",
        read_to=1,
        tier="city",
    )


def test_the_last_assessment_by_each_standard(book: Book, views: Views) -> None:
    late = assess(book, A, "2024-03-01", "standard", "reached")
    assess(book, A, "2024-02-01", "standard", "not_reached")
    voided = assess(book, A, "2024-04-01", "benchmark", "undetermined")
    found = station(views, A, at(book, "2024-12-31"), NOTICE_RULES).assessments
    assert [(each.standard, str(each.verdict), each.entry) for each in found] == [
        ("benchmark", "undetermined", voided),
        ("standard", "reached", late),
    ]
    book.add(A, "EntryVoided", "2024-05-01", entry=voided, cause="annulled", reason="x")
    assert len(station(views, A, at(book, "2024-12-31"), NOTICE_RULES).assessments) == 1


def test_rounds(book: Book, views: Views) -> None:
    book.add(f"round:{PROMOTION}", "RoundOpened", "2024-02-01", kind="promotion", year=2024)
    book.add(f"round:{REVIEW}", "RoundOpened", "2023-10-01", kind="review", year=2023)
    closing = book.add(f"round:{REVIEW}", "RoundClosed", "2023-12-01")
    apply(book, A)
    voided = apply(book, B)
    book.add(A, "LevelCertified", "2024-06-01", level="benchmark", round=PROMOTION)
    book.add(C, "LevelUpheld", "2023-11-01", level="benchmark", reason="x", round=REVIEW)
    book.add(D, "LevelDowngraded", "2023-11-01", to="ungraded", held="standard", reason="x", round=REVIEW)
    known = book.log.head()
    book.add(B, "EntryVoided", "2024-06-01", entry=voided, cause="recording-error", reason="x")
    book.add(f"round:{REVIEW}", "EntryVoided", "2024-06-01", entry=closing, cause="recording-error", reason="x")
    first, second = rounds(views, at(book, "2024-12-31"))
    assert (first.round, first.kind, first.year, first.opened, first.closed, first.upheld, first.downgraded) == (
        (REVIEW, "review", 2023, date(2023, 10, 1), None, 1, 1)
    )
    assert (second.applications, second.certifications, second.recommendations, second.refusals) == (1, 1, 0, 0)
    before = rounds(views, at(book, "2024-12-31", known))
    assert (before[0].closed, before[1].applications) == (date(2023, 12, 1), 2)
    assert rounds(views, at(book, "2024-05-31"))[1].certifications == 0
    assert [row.round for row in rounds(views, at(book, "2024-01-31"))] == [REVIEW]


def test_the_share_of_sizes(book: Book, views: Views) -> None:
    for code, size in ((A, "large"), (B, "medium"), (C, "small")):
        book.add(code, "SizeClassified", "2022-01-01", size=size)
    shares = size_shares(views, at(book, "2024-01-01"), NOTICE_RULES)
    assert [(share.office, share.counted, share.total, share.unclassified, share.low) for share in shares] == [
        (HUQIU, 0, 1, (D,), True),
        (KUNSHAN, 2, 2, (), False),
        (CITY, 2, 3, (D,), True),
    ]
    found = conditions(views, book, "2024-01-01", "size-share-low")
    assert [(each.office, each.station) for each in found] == [(CITY, None), (HUQIU, None)]
    assert conditions(views, book, "2021-12-31", "size-share-low") == []


def test_exactly_four_of_five_are_enough(book: Book, views: Views) -> None:
    for number in range(5):
        code = f"32050510{number}"
        book.register(code, "2020-01-01", "320501")
        book.add(code, "SizeClassified", "2021-01-01", size="small" if number == 4 else "large")
    shares = {share.office: share for share in size_shares(views, at(book, "2024-01-01"), NOTICE_RULES)}
    assert (shares["320501"].counted, shares["320501"].total, shares["320501"].low) == (4, 5, False)


def test_a_level_under_another_size(book: Book, views: Views) -> None:
    book.add(A, "SizeClassified", "2021-01-01", size="large")
    entry = book.add(A, "LevelCertified", "2023-09-01", level="standard")
    assert conditions(views, book, "2024-01-01", "level-under-other-size") == []
    book.add(A, "SizeClassified", "2024-06-01", size="medium")
    assert conditions(views, book, "2024-05-31", "level-under-other-size") == []
    (found,) = conditions(views, book, "2024-06-01", "level-under-other-size")
    assert (found.station, found.office) == (A, KUNSHAN)
    assert found.details == {"level": "standard", "size": "large", "now": "medium", "entry": entry}
    book.add(A, "LevelUpheld", "2025-11-01", level="standard", reason="x", round="2025-review")
    assert conditions(views, book, "2025-11-01", "level-under-other-size") == []
    assert len(conditions(views, book, "2025-10-31", "level-under-other-size")) == 1


def test_a_level_from_before_the_first_size_is_under_none(book: Book, views: Views) -> None:
    book.add(A, "LevelRecognised", "2020-06-01", level="standard", under="x")
    book.add(A, "SizeClassified", "2021-01-01", size="large")
    assert conditions(views, book, "2024-01-01", "level-under-other-size") == []


def test_unlodged(book: Book, views: Views) -> None:
    entry = book.add(A, "LevelCertified", "2024-01-01", level="standard", by=KUNSHAN)
    book.add(B, "LevelCertified", "2024-01-01", level="benchmark")
    book.add(A, "StationTransferred", "2024-01-05", county=HUQIU)
    (found,) = conditions(views, book, "2024-01-31", "unlodged")
    assert (found.station, found.office) == (A, KUNSHAN)
    assert found.details == {"entry": entry, "days": 30, "level": "standard"}
    detail = station(views, A, at(book, "2024-01-31"), NOTICE_RULES)
    assert [(each.certification, each.days) for each in detail.unlodged] == [(entry, 30)]
    lodging = book.add(A, "CertificationLodged", "2024-02-01", certification=entry)
    assert conditions(views, book, "2024-02-01", "unlodged") == []
    assert len(conditions(views, book, "2024-01-31", "unlodged")) == 1
    known = book.log.head()
    book.add(A, "EntryVoided", "2024-03-01", entry=lodging, cause="recording-error", reason="x")
    assert len(conditions(views, book, "2024-02-01", "unlodged")) == 1
    assert conditions(views, book, "2024-02-01", "unlodged", known) == []
    book.add(A, "EntryVoided", "2024-03-01", entry=entry, cause="annulled", reason="x")
    assert conditions(views, book, "2024-02-01", "unlodged") == []


def test_a_benchmark_that_a_review_did_not_look_at(book: Book, views: Views) -> None:
    for code in (A, B, C, D):
        book.add(code, "LevelRecognised", "2023-01-01", level="benchmark", under="x")
    book.add(f"round:{REVIEW}", "RoundOpened", "2023-10-01", kind="review", year=2023)
    book.add(A, "LevelUpheld", "2023-11-01", level="benchmark", reason="x", round=REVIEW)
    book.add(B, "LevelDowngraded", "2023-11-01", to="ungraded", held="benchmark", reason="x", round=REVIEW)
    book.add(C, "StationClosed", "2023-11-15")
    assert conditions(views, book, "2023-12-01", "level-not-reviewed") == []
    book.add(f"round:{REVIEW}", "RoundClosed", "2023-12-01")
    (found,) = conditions(views, book, "2023-12-01", "level-not-reviewed")
    assert (found.station, found.office) == (D, HUQIU)
    assert found.details == {"round": REVIEW, "level": "benchmark"}
    assert conditions(views, book, "2023-11-30", "level-not-reviewed") == []


def test_a_promotion_round_reviews_nothing(book: Book, views: Views) -> None:
    book.add(A, "LevelRecognised", "2023-01-01", level="benchmark", under="x")
    book.add(f"round:{PROMOTION}", "RoundOpened", "2024-01-01", kind="promotion", year=2024)
    book.add(f"round:{PROMOTION}", "RoundClosed", "2024-12-01")
    assert conditions(views, book, "2024-12-31", "level-not-reviewed") == []


def test_the_rules_of_an_installed_notice() -> None:
    from importlib import resources

    from dingji.catalogue.notice import Notice

    found = NoticeRules.of(Notice(resources.files("dingji_plugins.suzhou_2023_143")).rules)
    assert found == replace(
        NOTICE_RULES,
        routes={**NOTICE_RULES.routes, "high_standard": ()},
        reviewed_by={
            "standard": frozenset({"standard"}),
            "high_standard": frozenset(),
            "benchmark": frozenset({"benchmark", "standard"}),
        },
        round_of={"benchmark": "promotion", "uphold": "review", "downgrade": "review", "classify": "size"},
        clauses=found.clauses,
        traits={
            "standard": frozenset({"assessed_lately"}),
            "high_standard": frozenset(),
            "benchmark": frozenset({"also_reached"}),
        },
        attained={"standard": 1, "benchmark": 3},
    )
    assert found.clauses["not-a-promotion"] == "三"
    assert found.lodged_levels == {"standard"}
