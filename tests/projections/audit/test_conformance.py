"""Audits of small ledgers: what was irregular, what came to light later, whose ground was voided, what is not done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from dingji.events.events import EVENTS
from dingji.events.submissions import VERBS
from dingji.faults import fault_kinds
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.applicable_rules import rule_tables
from dingji_projections.audit.conditions import standing_conditions
from dingji_projections.audit.conformance import DECIDED, AuditedDecision, Conformance, conformance
from dingji_projections.audit.lost_grounds import acts_without_ground
from dingji_projections.audit.scope import AuditScope
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.impact.impact import impact
from dingji_projections.tables.views import views_of
from stories import (
    BACHENG,
    CITY,
    FENGQIAO,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    REVIEW_23,
    REVIEW_25,
    YUSHAN,
    Story,
    act,
    applies,
    certifies,
    grants_standard,
    opens,
    recognises,
    recommends,
    voids,
)

ON = "2026-01-01"


class Auditor:
    """Asks about a story's ledger."""

    def __init__(self, story: Story, views: Views) -> None:
        self.story, self.views = story, views
        self.notice_rules = NoticeRules.of(story.notice.rules)

    def at(self, on: str = ON, known: int | None = None) -> Basis:
        return Basis(date.fromisoformat(on), self.story.log.head() if known is None else known, None)

    def found(self, on: str = ON, known: int | None = None, **scope: object) -> Conformance:
        return conformance(self.views, self.at(on, known), self.notice_rules, AuditScope(**scope))  # type: ignore[arg-type]

    def decision(self, entry: str, on: str = ON, known: int | None = None) -> AuditedDecision:
        (found,) = (one for one in self.found(on, known).decisions if one.entry == entry)
        return found

    def lost(self, on: str = ON, known: int | None = None) -> dict[str, str]:
        return {act.entry: act.ground for act in acts_without_ground(self.views, self.at(on, known), self.notice_rules)}


@pytest.fixture
def auditor(story: Story) -> Iterator[Auditor]:
    with views_of(story.log) as views:
        yield Auditor(story, views)


def test_a_backdated_certification_makes_a_later_one_no_promotion(story: Story, auditor: Auditor) -> None:
    late = story.standard("2024-06-15")
    known = story.log.head()
    assert auditor.decision(late).verdict == "conforms"
    story.assessed("standard", "2024-03-01", KUNSHAN)
    early = story.submit(grants_standard("2024-03-01")).recorded(notes=["calendar-unclear"]).entry
    found = auditor.decision(late)
    assert (found.verdict, found.codes, found.hindsight) == ("irregular", (), ("not-a-promotion",))
    assert found.clauses == ("三",)
    assert auditor.decision(early).verdict == "conforms"
    assert auditor.decision(late, known=known).verdict == "conforms"  # nobody could see it then
    seen = impact(auditor.views, auditor.at(), auditor.notice_rules, early)
    assert ("hindsight", late) in {(change.what, change.about) for change in seen.changes}


def test_a_void_that_takes_away_a_recommendation(story: Story, auditor: Auditor) -> None:
    certified = story.benchmark()
    known = story.log.head()
    recommendation = f"{YUSHAN}@3"
    assert auditor.lost() == {}
    story.submit(voids(recommendation)).recorded("ground-removed", notes=["grounds-lost"])
    assert auditor.lost() == {certified: recommendation}
    assert auditor.lost(known=known) == {}
    found = auditor.decision(certified)
    assert (found.verdict, found.ground) == ("ground-lost", recommendation)
    assert not auditor.found().conforms
    (amiss,) = (
        each
        for each in standing_conditions(auditor.views, auditor.at(), auditor.notice_rules)
        if each.code == "ground-lost"
    )
    assert (amiss.office, amiss.station, amiss.details["entry"]) == (KUNSHAN, YUSHAN, certified)
    (summed,) = (one for one in auditor.found().summary if one.county == KUNSHAN)
    assert (summed.ground_lost, summed.conforming) == (1, 0)


def test_a_void_that_takes_away_a_reading(story: Story, auditor: Auditor) -> None:
    reading = act("adopt_reading", "2024-01-01", CITY, requirement="S1.1.2b", reading="six")
    (chosen,) = story.given(reading)
    story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 9}))
    certified = story.standard("2024-06-15")
    other = story.assessed("standard", "2023-12-31", KUNSHAN)  # dated before the reading counted
    known = story.log.head()
    resting = impact(auditor.views, auditor.at(), auditor.notice_rules, chosen).rests.listed
    assert auditor.lost() == {}
    story.submit(voids(chosen)).recorded("ground-removed", notes=["grounds-lost"])
    lost = auditor.lost()
    assert lost == {one.entry: chosen for one in resting}
    assert {certified} < set(lost)
    assert other not in lost
    assert auditor.lost(known=known) == {}
    found = auditor.decision(certified)
    assert (found.verdict, found.ground) == ("ground-lost", chosen)
    story.given(reading)  # what was assessed by the voided one was not assessed by this one
    assert auditor.lost() == lost
    story.assessed("standard", "2024-08-01", KUNSHAN)
    assert set(auditor.lost()) == {certified}  # repeated; the certification is not
    story.given(voids(certified))
    assert auditor.lost() == {}


def test_a_lost_ground_is_listed_until_the_level_is_upheld(story: Story, auditor: Auditor) -> None:
    certified = story.benchmark()
    story.given(opens(REVIEW_25))
    story.assessed("benchmark", "2025-06-01", CITY)
    story.assessed("standard", "2025-06-01", CITY)
    story.given(act("uphold", "2025-06-02", CITY, round=REVIEW_25, reason="看过"))
    story.given(voids(f"{YUSHAN}@3"))
    assert certified in auditor.lost()  # the upholding knew nothing of the loss
    story.assessed("benchmark", "2025-12-01", CITY)
    story.assessed("standard", "2025-12-01", CITY)
    story.given(act("uphold", "2025-12-02", CITY, round=REVIEW_25, reason="失去依据后复核"))
    assert auditor.lost() == {}
    assert auditor.lost("2025-12-01") == {certified: f"{YUSHAN}@3"}  # not upheld yet on that day
    assert auditor.decision(certified).verdict == "conforms"


def test_a_lost_ground_is_listed_until_the_decision_is_voided(story: Story, auditor: Auditor) -> None:
    certified = story.benchmark()
    story.given(voids(f"{YUSHAN}@3"), voids(certified))
    assert auditor.lost() == {}
    found = auditor.decision(certified)
    assert (found.verdict, found.voided_by) == ("voided", f"{YUSHAN}@10")


def test_a_recommendation_is_made_again(story: Story, auditor: Auditor) -> None:
    story.given(opens(PROMOTION_24))
    story.given(applies())
    story.given(recommends())
    story.given(voids(f"{YUSHAN}@2"))
    assert auditor.lost() == {f"{YUSHAN}@3": f"{YUSHAN}@2"}
    story.given(applies("2024-04-02"), recommends("2024-05-02"))
    assert auditor.lost() == {}


def test_a_round_whose_opening_is_voided_and_opened_again(story: Story, auditor: Auditor) -> None:
    certified = story.benchmark()
    opening = f"round:{PROMOTION_24}@1"
    seen = impact(auditor.views, auditor.at(), auditor.notice_rules, opening)
    assert {one.entry for one in seen.rests.listed} == {f"{YUSHAN}@2", f"{YUSHAN}@3", certified}
    assert all(one.path == (opening, one.entry) for one in seen.rests.listed)
    story.given(voids(opening))
    assert auditor.lost() == {f"{YUSHAN}@3": opening, certified: opening}
    story.given(opens(PROMOTION_24, on="2024-11-01"))
    assert auditor.lost() == {}
    assert auditor.decision(certified).verdict == "conforms"
    story.given(voids(f"round:{PROMOTION_24}@3"), opens(PROMOTION_24, on="2024-11-25"))
    assert auditor.decision(certified).hindsight == ("round-not-open",)


def test_facts_lead_by_the_assessment_to_the_lodging(story: Story, auditor: Auditor) -> None:
    certified = story.standard()
    lodged = story.given(act("lodge", "2024-07-01", KUNSHAN, certification=certified))[0]
    judged, assessed = f"{YUSHAN}@2", f"{YUSHAN}@3"
    seen = impact(auditor.views, auditor.at(), auditor.notice_rules, judged)
    assert [one.path for one in seen.rests.listed] == [
        (judged, assessed),
        (judged, assessed, certified),
        (judged, assessed, certified, lodged),
    ]
    assert ("judgement", f"S1.1.1a {CITY}") in {(change.what, change.about) for change in seen.changes}
    story.given(voids(judged))
    assert set(auditor.lost()) == {assessed, certified, lodged}
    voided = impact(auditor.views, auditor.at(), auditor.notice_rules, judged)
    assert voided.empty
    assert voided.voided_by == f"{YUSHAN}@6"


def test_voiding_a_certification_shows_the_levels_before_and_after(story: Story, auditor: Auditor) -> None:
    certified = story.standard("2024-06-15")
    seen = impact(auditor.views, auditor.at(), auditor.notice_rules, certified)
    (level,) = (change for change in seen.changes if change.what == "level")
    assert level[2:] == (date(2024, 6, 15), None, "standard", "ungraded")
    gone = [change for change in seen.changes if change.what == "condition"]
    assert [(change.before.code, change.after) for change in gone] == [("unlodged", None)]


def test_an_office_carries_what_it_did(story: Story, auditor: Auditor) -> None:
    certified = story.standard()
    seen = impact(auditor.views, auditor.at(), auditor.notice_rules, f"office:{KUNSHAN}@1")
    assert [(one.entry, one.office) for one in seen.rests.listed] == [(f"{YUSHAN}@3", KUNSHAN), (certified, KUNSHAN)]
    registered = impact(auditor.views, auditor.at(), auditor.notice_rules, f"{YUSHAN}@1")
    assert registered.rests.count == 3
    notice = impact(auditor.views, auditor.at(), auditor.notice_rules, f"notice:{story.notice.id}@1")
    assert [one.entry for one in notice.rests.listed] == [f"{YUSHAN}@3", certified]


def test_a_withdrawal_that_turned_up_after_the_certification(story: Story, auditor: Auditor) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    certified = story.submit(certifies()).recorded().entry
    story.given(act("withdraw", "2024-06-01", YUSHAN, level="benchmark", round=PROMOTION_24))
    assert auditor.decision(certified).hindsight == ("case-ended",)


def test_a_transfer_that_turned_up_after_the_county_decided(story: Story, auditor: Auditor) -> None:
    certified = story.standard("2024-06-15")
    story.given(act("transfer", "2024-02-01", CITY, county=HUQIU))
    found = auditor.decision(certified)
    assert (found.county, found.hindsight) == (HUQIU, ("not-own-county",))
    assert not auditor.found(county=KUNSHAN).decisions
    story.given(act("transfer", "2024-06-15", CITY, county=KUNSHAN))
    assert auditor.decision(certified).hindsight == ()  # on a transfer's own date either county may act


def test_a_downgrade_of_a_level_that_was_never_held(story: Story, auditor: Auditor) -> None:
    story.given(recognises("high_standard"), opens(REVIEW_23, on="2023-09-01"))
    story.assessed("standard", "2023-10-01", CITY)
    down = story.given(act("downgrade", "2023-10-02", CITY, round=REVIEW_23, to="standard", reason="x"))[0]
    assert auditor.decision(down).verdict == "conforms"
    story.given(recognises("ungraded", on="2022-01-01"))
    assert auditor.decision(down).hindsight == ("nothing-to-review",)


def test_a_station_closed_by_a_late_entry(story: Story, auditor: Auditor) -> None:
    certified = story.standard("2024-06-15")
    story.given(act("close", "2024-06-01", CITY))
    assert auditor.decision(certified).hindsight == ("station-closed",)


def test_the_coverage_of_a_review(story: Story, auditor: Auditor) -> None:
    for station in (YUSHAN, BACHENG, FENGQIAO):
        story.given(recognises("benchmark", station=station))
    story.given(opens(REVIEW_23, on="2023-09-01"))
    story.assessed("benchmark", "2023-10-01", CITY)
    story.assessed("standard", "2023-10-01", CITY)
    story.given(act("uphold", "2023-10-02", CITY, round=REVIEW_23, reason="x"))
    story.given(act("close", "2023-10-03", CITY, station=FENGQIAO))
    running = {one.county: one for one in auditor.found("2023-11-01").coverage}
    assert (running[KUNSHAN].held, running[KUNSHAN].seen, running[KUNSHAN].over) == (2, 1, False)
    assert auditor.found("2023-11-01").conforms  # it is not over: who was not seen may be yet
    story.given(act("close_round", "2023-12-01", CITY, round=REVIEW_23))
    over = {one.county: one for one in auditor.found("2023-12-01").coverage}
    assert (over[KUNSHAN].not_seen, over[KUNSHAN].closed_meanwhile) == ((BACHENG,), ())
    assert (over[HUQIU].not_seen, over[HUQIU].closed_meanwhile) == ((), (FENGQIAO,))
    assert not auditor.found("2023-12-01").conforms
    assert auditor.found("2023-12-01", county=HUQIU).conforms
    assert auditor.found(round=PROMOTION_24).coverage == ()


def test_years_are_those_of_the_rounds_or_else_of_the_dates(story: Story, auditor: Auditor) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    late = story.given(certifies("2025-01-10"))[0]
    story.assessed("standard", "2025-05-01", KUNSHAN, station=BACHENG)
    other = story.given(grants_standard("2025-05-02", station=BACHENG))[0]
    entries = {
        year: [one.entry for one in auditor.found(start=year, until=year).decisions] for year in (2023, 2024, 2025)
    }
    assert entries == {2023: [], 2024: [late], 2025: [other]}
    assert [one.entry for one in auditor.found(round=PROMOTION_24).decisions] == [late]
    assert [one.entry for one in auditor.found(start=2025).unlodged] == [other]
    assert [one.days for one in auditor.found("2025-05-12").unlodged] == [10]
    assert auditor.found(until=2024).unlodged == ()


def test_what_was_recorded_as_irregular_is_listed_with_its_clause(story: Story, auditor: Auditor) -> None:
    story.given(opens(PROMOTION_24), applies())
    certified = story.submit(certifies(irregular="补录")).entry
    story.given(opens("2026-review", on="2025-12-01"))
    found = auditor.found()
    told = {(one.entry, one.fault.code, one.fault.clause) for one in found.irregularities}
    assert (certified, "no-recommendation", "三") in told
    assert (certified, "no-assessment", "二") in told
    assert ("round:2026-review@1", "out-of-calendar", "三") in told
    (decision,) = found.decisions
    assert decision.verdict == "irregular"
    assert decision.clauses == ("三", "二")
    assert {"no-recommendation", "not-a-promotion"} <= set(decision.rules)
    story.given(voids(certified))
    found = auditor.found()
    assert found.decisions[0].verdict == "voided"
    assert {one.entry for one in found.irregularities if one.voided_by} == {certified}
    assert "decision-voided" in {one.fault.code for one in found.irregularities}


def test_size_shares_belong_to_the_whole_and_not_to_a_round(story: Story, auditor: Auditor) -> None:
    story.given(opens(PROMOTION_24))
    story.given(act("classify", "2023-09-01", CITY, station=YUSHAN, size="small"))
    assert [(share.office, share.low) for share in auditor.found().shares] == [(KUNSHAN, True), (CITY, True)]
    assert auditor.found(round=PROMOTION_24).conforms
    assert not auditor.found().conforms
    assert auditor.found(county=HUQIU).conforms


def test_an_audit_as_known_then_never_changes(story: Story, auditor: Auditor) -> None:
    story.benchmark()
    known = story.log.head()
    before = auditor.found(known=known)
    story.given(voids(f"{YUSHAN}@3"), voids(f"{YUSHAN}@2"))
    story.given(act("transfer", "2024-02-01", CITY, county=HUQIU))
    assert auditor.found(known=known) == before


def test_the_rules_that_decisions_are_judged_by_are_codes_that_are_raised() -> None:
    data = rule_tables()
    named = {
        code
        for table in ("rules", "route", "trait", "round", "ground")
        for codes in data[table].values()
        for code in codes
    }
    assert named <= set(fault_kinds())
    assert {*DECIDED, "classify"} <= set(data["rules"]) <= set(VERBS)
    assert set(data["ground"]) <= set(EVENTS)
