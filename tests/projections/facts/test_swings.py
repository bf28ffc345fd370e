"""Facts that rose before an assessment and fell after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checking import ENTITLED, some_facts
from dingji.catalogue.notice import Notice
from dingji.dates import months_before
from dingji.events.events import FindingRecord
from dingji.store.log import Log
from dingji.terms import Outcome, Verdict
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.fact_statements import FactRules, stations_asked
from dingji_projections.facts.swings import Swing, SwingFilter, SwingsFound, swings
from dingji_projections.tables.views import views_of
from projections.logs import Book
from stories import BACHENG, CITY, FENGQIAO, HUQIU, KUNSHAN, SUZHOU, YUSHAN, Record, Story, act, plugins_of, voids

ON = date(2024, 12, 31)
PLUGINS = plugins_of(SUZHOU)


def notice() -> Notice:
    found = PLUGINS.notice(SUZHOU.id)
    assert found is not None
    return found


FACT_RULES = FactRules.of(notice(), PLUGINS.facts(notice()))
DRAWN = FactRules(some_facts(), ENTITLED)
NEAR = SwingFilter(6, 100)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with Story(tmp_path) as story:
        story.given(act("classify", "2024-01-01", KUNSHAN, size="small"))
        yield story


def staff(number: int, on: str, **fields: Any) -> Record:
    return act("report", on, KUNSHAN, facts={"staff": number}, **fields)


def found(
    log: Log, on: date = ON, known: int | None = None, wanted: SwingFilter = NEAR, fact_rules: FactRules = FACT_RULES
) -> SwingsFound:
    basis = Basis(on, log.head() if known is None else known, None)
    with views_of(log) as views:
        return swings(views, basis, fact_rules, stations_asked(views, basis), wanted)


def borrowed(story: Story) -> tuple[str, ...]:
    """Lead the station through an assessment for which it had twice its staff; return the entries."""
    before, lent = story.given(staff(4, "2024-02-01"), staff(8, "2024-05-01"))
    assessed = story.assessed("standard", "2024-06-10", KUNSHAN)
    (after,) = story.given(staff(4, "2024-08-01"))
    return before, lent, assessed, after


def test_staff_borrowed_for_an_assessment_is_found_with_what_rested_on_it(story: Story) -> None:
    before, lent, assessed, after = borrowed(story)
    whole = found(story.log)
    (one,) = whole.swings
    assert (whole.total, whole.assessments) == (1, 1)
    assert (one.station, one.county, one.fact, one.measure) == (YUSHAN, KUNSHAN, "staff", "number")
    assert (one.assessment, str(one.assessed), one.standard, one.office) == (
        assessed,
        "2024-06-10",
        "standard",
        KUNSHAN,
    )
    told = [(held.value, held.entry, str(held.on), held.office) for held in (one.before, one.at, one.after)]
    assert told == [
        (4, before, "2024-02-01", KUNSHAN),
        (8, lent, "2024-05-01", KUNSHAN),
        (4, after, "2024-08-01", KUNSHAN),
    ]
    assert one.requirements == ("S1.1.2b",)


def test_what_is_not_known_to_have_fallen_is_no_swing(story: Story) -> None:
    borrowed(story)
    assert found(story.log, date(2024, 7, 31)).total == 0
    assert found(story.log, known=story.log.head() - 1).total == 0
    known = story.log.head()
    story.given(staff(8, "2024-07-01"), staff(9, "2024-09-01"))
    assert found(story.log).total == 1  # eight was stated once more, and still it fell to four in August
    assert found(story.log, known=known).swings[0].after.value == 4


def test_how_near_is_near(story: Story) -> None:
    borrowed(story)
    assert found(story.log, wanted=SwingFilter(2, 9)).total == 1  # on 2024-04-11 there were four, and on 2024-08-01
    assert found(story.log, wanted=SwingFilter(1, 9)).total == 0
    story.given(staff(5, "2024-07-09"))
    assert found(story.log, wanted=SwingFilter(1, 9)).total == 0  # it rose more than a month before
    late = story.assessed("standard", "2024-05-31", KUNSHAN)
    assert [one.assessment for one in found(story.log, wanted=SwingFilter(2, 9)).swings] == [f"{YUSHAN}@6", late]


@pytest.mark.parametrize(("fell", "swung"), [("2024-07-09", 1), ("2024-07-10", 0)])
def test_a_month_after_is_over_on_the_same_day_of_the_next(story: Story, fell: str, swung: int) -> None:
    story.given(staff(4, "2024-05-01"), staff(8, "2024-06-01"))
    story.assessed("standard", "2024-06-10", KUNSHAN)
    story.given(staff(4, fell))
    assert found(story.log, wanted=SwingFilter(1, 9)).total == swung


def test_an_assessment_that_was_voided_is_not_looked_at_and_a_voided_value_still_is(story: Story) -> None:
    before, lent, assessed, after = borrowed(story)
    story.given(voids(lent), voids(after))
    (one,) = found(story.log).swings
    assert (one.at.entry, one.at.voided_by, one.at.value) == (lent, f"{YUSHAN}@8", 8)
    assert one.before.entry == one.after.entry == before  # as known now it never rose
    assert found(story.log, date(2024, 6, 11)).total == 1
    assert found(story.log, date(2024, 6, 10)).total == 0  # nothing is after it yet
    story.given(voids(assessed))
    assert found(story.log) == SwingsFound(0, 0, ())
    assert found(story.log, known=story.log.head() - 1).total == 1


def test_the_nearest_lower_values_are_named(story: Story) -> None:
    story.given(*(staff(number, f"2024-0{month}-01") for month, number in enumerate((3, 5, 9, 7), 1)))
    assessed = story.assessed("standard", "2024-04-15", KUNSHAN)
    story.given(*(staff(number, f"2024-0{month}-01") for month, number in enumerate((8, 6, 4), 5)))
    (one,) = found(story.log).swings
    assert (one.assessment, one.before.value, one.at.value, one.after.value) == (assessed, 5, 7, 6)


def test_yes_for_the_assessment_only(story: Story) -> None:
    halls = [
        act("report", on, KUNSHAN, facts={"hall": hall}) for on, hall in (("2024-02-01", False), ("2024-05-01", True))
    ]
    story.given(*halls)
    story.assessed("standard", "2024-06-10", KUNSHAN)
    assert found(story.log).total == 0
    story.given(act("report", "2024-06-11", KUNSHAN, facts={"hall": False}))
    (one,) = found(story.log).swings
    assert (one.fact, one.measure, one.requirements) == ("hall", "answer", ("S1.1.2a",))
    assert (one.before.value, one.at.value, one.after.value) == (False, True, False)
    assert found(story.log, wanted=SwingFilter(6, 9, "staff")).total == 0
    assert found(story.log, wanted=SwingFilter(6, 9, "hall")).total == 1


def test_no_more_than_asked_for_and_of_the_stations_asked_for(story: Story) -> None:
    for station in (YUSHAN, BACHENG):
        story.given(act("classify", "2024-01-01", KUNSHAN, station=station, size="small", note="again"))
        story.given(staff(4, "2024-02-01", station=station), staff(8, "2024-05-01", station=station))
        story.assessed("standard", "2024-06-10", KUNSHAN, station=station)
        story.given(staff(4, "2024-08-01", station=station))
    story.given(act("classify", "2024-01-01", HUQIU, station=FENGQIAO, size="small"))
    story.given(act("report", "2024-02-01", HUQIU, station=FENGQIAO, facts={"staff": 4}))
    story.assessed("standard", "2024-06-10", HUQIU, station=FENGQIAO)
    whole = found(story.log, wanted=SwingFilter(6, 1))
    assert (whole.total, whole.assessments, [one.station for one in whole.swings]) == (2, 2, [YUSHAN])
    basis = Basis(ON, story.log.head(), None)
    with views_of(story.log) as views:
        asked = stations_asked(views, basis, station=BACHENG)
        assert [one.station for one in swings(views, basis, FACT_RULES, asked, SwingFilter(6, 9)).swings] == [BACHENG]


class Drawn(NamedTuple):
    """One drawn entry: a report, an assessment that rests on reports drawn, or the void of an entry."""

    kind: str
    day: int
    office: str
    facts: dict[str, Any]
    target: int


TIERS = {YUSHAN: "station", KUNSHAN: "county", CITY: "city"}
FACTS = {
    "sign": st.booleans(),
    "duties": st.lists(st.sampled_from(["daily", "visits"]), max_size=2, unique=True),
    "branch": st.sampled_from(["own", "none"]),
}
ENTRIES = st.builds(
    Drawn,
    kind=st.sampled_from(["report", "report", "report", "assess", "void"]),
    day=st.one_of(st.integers(0, 60), st.integers(380, 420)),
    office=st.sampled_from(sorted(TIERS)),
    facts=st.fixed_dictionaries({"staff": st.integers(1, 4)}, optional=FACTS),
    target=st.integers(0, 9),
)
FIRST = date(2023, 10, 1)


@settings(max_examples=200, deadline=None)
@given(st.lists(ENTRIES, min_size=4, max_size=12), st.integers(0, 2), st.integers(1, 2), st.integers(40, 430))
def test_swings_are_what_looking_at_every_day_gives(drawn: list[Drawn], later: int, months: int, on: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book:
        book.register(YUSHAN, "2020-01-01")
        reports: list[tuple[str, dict[str, Any]]] = []
        for version, one in enumerate(drawn, 2):
            day = FIRST + timedelta(days=one.day)
            if one.kind == "void" and 1 < one.target < version:
                target = f"{YUSHAN}@{one.target}"
                book.add(YUSHAN, "EntryVoided", day, entry=target, cause="recording-error", reason="x")
            elif one.kind == "assess" and reports:
                entry, facts = reports[one.target % len(reports)]
                assess(book, day, entry, facts)
            else:
                name = book.add(YUSHAN, "FactsReported", day, by=one.office, facts=one.facts, tier=TIERS[one.office])
                reports.append((name, one.facts))
        basis = (FIRST + timedelta(days=on), max(1, book.log.head() - later))
        got = found(book.log, *basis, SwingFilter(months, 100), DRAWN)
        assert [brief(one) for one in got.swings] == naive(book.log, *basis, months)


def assess(book: Book, on: date, entry: str, facts: dict[str, Any]) -> None:
    """Append an assessment with two requirements that rest on all facts of a report."""
    named = dict.fromkeys(facts, entry)
    findings = tuple(FindingRecord(id_, Outcome.MET, facts=named) for id_ in ("R1", "R2"))
    fields: dict[str, Any] = {"standard": "standard", "notice": "n", "catalogue": "c", "verdict": Verdict.REACHED}
    fields |= {"findings": findings, "checks": {}, "serves": "town", "read_to": 1, "tier": "county"}
    book.add(YUSHAN, "AssessmentRecorded", on, by=KUNSHAN, **fields)


Brief = tuple[str, str, tuple[Any, str], tuple[Any, str], tuple[Any, str]]


def brief(one: Swing) -> Brief:
    assert one.requirements == ("R1", "R2")
    before, at, after = ((held.value, held.entry) for held in (one.before, one.at, one.after))
    return one.assessment, one.fact, before, at, after


def naive(log: Log, on: date, known: int, months: int) -> list[Brief]:
    """Look at every assessment, every fact and every day."""
    rows = [(row, orjson.loads(row.state)) for row in log.stream(f"station:{YUSHAN}") if row.position <= known]
    gone = {state["entry"] for row, state in rows if row.topic == "EntryVoided"}
    named = {f"{YUSHAN}@{row.version}": (row, state) for row, state in rows}
    counting = {name: both for name, both in named.items() if name not in gone and both[1]["on"] <= str(on)}
    reports = [
        (state["on"], row.position, name, state)
        for name, (row, state) in counting.items()
        if row.topic == "FactsReported"
    ]
    reports.sort(key=lambda one: one[:2])
    result = []
    for name, (row, state) in counting.items():
        if row.topic != "AssessmentRecorded":
            continue
        rested = state["findings"][0].get("facts", {})
        for key in ("staff", "sign", "duties"):
            if key in rested:
                day, at = date.fromisoformat(state["on"]), size(named[rested[key]][1]["facts"][key])
                before = near(reports, key, at, [day - timedelta(days=n) for n in range(1, 99)], (months, day, on))
                after = near(reports, key, at, [day + timedelta(days=n) for n in range(1, 99)], (months, day, on))
                if before and after:
                    result.append((name, key, before, (at, rested[key]), after))
    return result


def near(reports: Any, key: str, at: int, days: list[date], bounds: tuple[int, date, date]) -> tuple[int, str] | None:
    """Return the first lower value in force on some days that are near, and its entry."""
    months, assessed, on = bounds
    for day in days:
        is_near = day > months_before(assessed, months) if day < assessed else assessed > months_before(day, months)
        if not is_near or day > on:
            return None
        stating = [
            (said, name, state["facts"][key])
            for said, _, name, state in reports
            if key in state["facts"] and said <= str(day) and (key != "staff" or state["tier"] != "station")
        ]
        fresh = str(months_before(day, 12 if key == "staff" else 24))
        if stating and stating[-1][0] > fresh and size(stating[-1][2]) < at:
            return size(stating[-1][2]), stating[-1][1]
    return None


def size(value: Any) -> int:
    return len(value) if isinstance(value, list) else value
