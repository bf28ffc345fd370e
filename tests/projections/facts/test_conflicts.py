"""Facts on which offices disagree: the stories of two offices, and brute force over the record."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.catalogue.notice import Notice
from dingji.checks.dossier import Fact
from dingji.dates import months_before
from dingji.faults import LedgerError
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.writer.assess_station import Question, dossier_of
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.conflicts import Conflict, ConflictsFound, conflicts
from dingji_projections.facts.fact_statements import FactRules, stations_asked
from dingji_projections.tables.views import views_of
from projections.logs import Book
from stories import BACHENG, CITY, FENGQIAO, HUQIU, KUNSHAN, SUZHOU, YUSHAN, Story, act, plugins_of, voids

ON = date(2024, 6, 30)
PLUGINS = plugins_of(SUZHOU)


def notice() -> Notice:
    found = PLUGINS.notice(SUZHOU.id)
    assert found is not None
    return found


FACT_RULES = FactRules.of(notice(), PLUGINS.facts(notice()))


def found(
    log: Log,
    on: date = ON,
    known: int | None = None,
    limit: int = 100,
    station: str | None = None,
    county: str | None = None,
) -> ConflictsFound:
    basis = Basis(on, log.head() if known is None else known, None)
    with views_of(log) as views:
        return conflicts(log, basis, FACT_RULES, stations_asked(views, basis, station=station, county=county), limit)


def said(one: Conflict) -> list[tuple[str, Any, str]]:
    return [(told.office, told.value, told.why) for told in one.statements]


def reports(on: str, by: str, station: str = YUSHAN, **facts: Any) -> dict[str, Any]:
    return act("report", on, by, station=station, facts=facts)


def test_two_offices_report_different_staff_until_they_agree(story: Story) -> None:
    own, county = story.given(reports("2024-05-01", YUSHAN, staff=8), reports("2024-06-01", KUNSHAN, staff=6))
    (one,) = found(story.log).conflicts
    assert (one.station, one.county, one.fact, one.seen_by) == (YUSHAN, KUNSHAN, "staff", ())
    assert said(one) == [(KUNSHAN, 6, "later"), (YUSHAN, 8, "earlier")]
    assert [(told.entry, told.counts, str(told.on), told.tier) for told in one.statements] == [
        (county, True, "2024-06-01", "county"),
        (own, False, "2024-05-01", "station"),
    ]
    known = story.log.head()
    assert found(story.log, date(2024, 5, 31)) == ConflictsFound(0, 0, ())

    story.given(reports("2024-06-15", YUSHAN, staff=6))
    assert found(story.log).total == 0
    assert found(story.log, known=known).conflicts == (one,)
    assert found(story.log, date(2024, 6, 14)).conflicts == (one,)


def test_of_a_fact_that_must_be_confirmed_the_later_word_of_the_station_does_not_count(story: Story) -> None:
    story.given(reports("2024-05-01", KUNSHAN, hall=False), reports("2024-06-01", YUSHAN, hall=True))
    (one,) = found(story.log).conflicts
    assert said(one) == [(KUNSHAN, False, "confirmed"), (YUSHAN, True, "unconfirmed")]
    story.given(reports("2024-06-02", CITY, hall=True))
    (one,) = found(story.log).conflicts
    assert said(one) == [(CITY, True, "later"), (KUNSHAN, False, "earlier")]


def test_nobody_is_contradicted_where_no_value_counts(story: Story) -> None:
    story.given(reports("2024-06-01", YUSHAN, hall=True), reports("2023-06-30", KUNSHAN, hall=False))
    assert found(story.log).total == 0  # the county's is stale, and the station's is not confirmed
    assert found(story.log, date(2024, 6, 29)).total == 1


def test_a_voided_statement_contradicts_nobody_from_the_void_on(story: Story) -> None:
    own, _ = story.given(reports("2024-05-01", YUSHAN, staff=8), reports("2024-06-01", KUNSHAN, staff=6))
    known = story.log.head()
    story.given(voids(own))
    assert found(story.log).total == 0
    assert found(story.log, known=known).total == 1


def test_an_assessment_that_shows_both_has_seen_the_disagreement(story: Story) -> None:
    story.given(act("classify", "2024-01-01", KUNSHAN, size="small"))
    before = story.assessed("standard", "2024-05-20", KUNSHAN)
    story.given(reports("2024-05-01", YUSHAN, staff=8), reports("2024-06-01", KUNSHAN, staff=6))
    seen = story.assessed("standard", "2024-06-10", KUNSHAN)
    (one,) = found(story.log).conflicts
    assert before not in one.seen_by
    assert one.seen_by == (seen,)
    assert found(story.log, date(2024, 6, 9)).conflicts[0].seen_by == ()
    known = story.log.head()
    *_, other = story.given(reports("2024-05-15", YUSHAN, staff=9))
    assert found(story.log).conflicts[0].seen_by == ()  # against another statement than the one that was seen
    story.given(voids(other), reports("2024-06-12", KUNSHAN, staff=5))
    assert found(story.log).conflicts[0].seen_by == ()  # for another statement
    story.given(voids(seen))
    assert found(story.log, date(2024, 6, 11)).conflicts[0].seen_by == ()
    assert found(story.log, known=known).conflicts[0].seen_by == (seen,)


def test_some_stations_and_no_more_than_asked_for(story: Story) -> None:
    for station, county in ((YUSHAN, KUNSHAN), (BACHENG, KUNSHAN), (FENGQIAO, HUQIU)):
        story.given(
            reports("2024-05-01", station, station, staff=8, hall=True),
            reports("2024-06-01", county, station, staff=6, hall=False),
        )
    assert [one.station for one in found(story.log, county=HUQIU).conflicts] == [FENGQIAO] * 2
    assert [one.fact for one in found(story.log, station=BACHENG).conflicts] == ["staff", "hall"]
    few = found(story.log, limit=3)
    assert (few.total, few.stations) == (6, 3)
    assert [(one.station, one.fact) for one in few.conflicts] == [
        *((FENGQIAO, "staff"), (FENGQIAO, "hall"), (YUSHAN, "staff")),
    ]
    story.given(act("close", "2024-06-20", KUNSHAN, station=BACHENG))
    assert {one.station for one in found(story.log).conflicts} == {YUSHAN, FENGQIAO}
    assert [one.county for one in found(story.log, station=BACHENG).conflicts] == [None, None]


@pytest.mark.parametrize(
    ("station", "county", "on", "code"),
    [
        ("320583199", None, ON, "unknown-station"),
        (YUSHAN, None, date(2000, 1, 1), "not-registered"),
        (None, "320599", ON, "unknown-office"),
    ],
)
def test_what_is_asked_about_must_be_known(
    story: Story, station: str | None, county: str | None, on: date, code: str
) -> None:
    with pytest.raises(LedgerError) as raised:
        found(story.log, on, station=station, county=county)
    assert raised.value.fault.code == code


class Report(NamedTuple):
    """One drawn entry: a report of a fact by one of three offices, or the void of an earlier one."""

    office: str
    day: int
    facts: dict[str, Any]
    void: int


TIERS = {YUSHAN: "station", KUNSHAN: "county", CITY: "city"}
FIRST = date(2023, 6, 20)
"""Drawn days reach from before what is fresh on ON to the day after it."""

REPORTS = st.builds(
    Report,
    office=st.sampled_from(sorted(TIERS)),
    day=st.one_of(st.integers(0, 14), st.integers(372, 377)),
    facts=st.fixed_dictionaries({}, optional={"staff": st.integers(1, 2), "hall": st.booleans()}),
    void=st.integers(-5, 7),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(REPORTS, min_size=1, max_size=9), st.integers(0, 12))
def test_conflicts_are_what_brute_force_over_the_record_gives(drawn: list[Report], later: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book:
        book.register(YUSHAN)
        for version, report in enumerate(drawn, 2):
            on = FIRST + timedelta(days=report.day)
            if 1 < report.void < version:  # nobody voids a registration, or what is not there yet
                entry = f"{YUSHAN}@{report.void}"
                book.add(YUSHAN, "EntryVoided", on, entry=entry, cause="recording-error", reason="x")
            else:
                fields = {"facts": report.facts, "tier": TIERS[report.office]}
                book.add(YUSHAN, "FactsReported", on, by=report.office, **fields)
        known = max(1, book.log.head() - later)
        with views_of(book.log) as views:
            basis = Basis(ON, known, None)
            got = conflicts(book.log, basis, FACT_RULES, stations_asked(views, basis, station=YUSHAN), 100)
        told = {one.fact: [(said.entry, said.why) for said in one.statements] for one in got.conflicts}
        assert told == naive(book.log, known)
        assert got.total == len(told)
        assert {key: {name for name, _ in one[1:]} for key, one in told.items()} == of_the_engine(book.log, known)


def naive(log: Log, known: int) -> dict[str, list[tuple[str, str]]]:
    """Look at every fact, every office and every report, one by one."""
    rows = [(row, orjson.loads(row.state)) for row in log.stream(f"station:{YUSHAN}") if row.position <= known]
    gone = {int(state["entry"].partition("@")[2]) for _, state in rows if "entry" in state}
    reports = [
        (state["on"], row.position, f"{YUSHAN}@{row.version}", state)
        for row, state in rows
        if row.topic == "FactsReported" and row.version not in gone and state["on"] <= str(ON)
    ]
    result = {}
    for key, own in (("staff", True), ("hall", False)):
        last = {
            one[3]["by"]["office"]: one for one in sorted(reports, key=lambda one: one[:2]) if key in one[3]["facts"]
        }
        entitled = [report for office, report in last.items() if own or TIERS[office] != "station"]
        if not entitled or max(one[0] for one in entitled) <= str(months_before(ON, 12)):
            continue
        on, position, entry, state = max(entitled, key=lambda one: one[:2])
        against = sorted(
            (report[:3], office)
            for office, report in last.items()
            if report[3]["facts"][key] != state["facts"][key] and report[0] > str(months_before(ON, 12))
        )
        if against:
            latest = all((on, position) > (other[0], other[1]) for other, _ in against)
            rest = [(other[2], "earlier" if own or TIERS[of] != "station" else "unconfirmed") for other, of in against]
            result[key] = [(entry, "later" if latest else "confirmed"), *rest]
    return result


def of_the_engine(log: Log, known: int) -> dict[str, set[str]]:
    """Return the entries that an assessment's dossier names against the value in force."""
    rows = log.stream(f"station:{YUSHAN}", upto=known)
    question = Question(notice=notice(), station=fold(rows[0].stream, rows), on=ON, rows=rows, rounds=(), readings={})
    dossier = dossier_of(PLUGINS, question, "standard")
    facts = [fact for key in ("staff", "hall") if isinstance(fact := dossier.known(key), Fact)]
    return {fact.kind.key: {other.entry for other in fact.others} for fact in facts if fact.others}
