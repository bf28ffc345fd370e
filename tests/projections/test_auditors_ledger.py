"""One small ledger with all that auditors stumble over, and every question asked of it.

A certification recorded late, a void that takes a recommendation away, a plugin upgraded between two assessments, a
station that moves to another county, and two offices that report different staff.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dingji.intake.draft_standard import read_draft
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_loading import Candidate, collect
from dingji_plugins import stock
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.conformance import conformance
from dingji_projections.audit.scope import AuditScope
from dingji_projections.audit.submitted import LateLimit, acts_of, late
from dingji_projections.cases.cases import CaseFilter, listed_cases
from dingji_projections.engine.basis import ZONE, Basis
from dingji_projections.engine.engine import Views
from dingji_projections.facts.conflicts import conflicts
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.facts.history import fact_histories
from dingji_projections.facts.shared_papers import shared_papers
from dingji_projections.facts.swings import SwingFilter, swings
from dingji_projections.impact.impact import impact
from dingji_projections.levels.diff import diff
from dingji_projections.levels.lineage import lineage
from dingji_projections.levels.replay import ReplayScope, Tally, replay
from dingji_projections.reruns.assessments import assessments
from dingji_projections.reruns.recheck import recheck
from dingji_projections.reruns.simulate import Drafts, simulate
from dingji_projections.tables.views import views_of
from dingji_projections.why.why import why
from dingji_projections.why.whynot import whynot
from projections.reruns.test_simulate import STRICTER
from stories import (
    BACHENG,
    CITY,
    FENGQIAO,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    YUSHAN,
    NoticePlugin,
    Story,
    act,
    grants_standard,
    voids,
)

PAPER = "ab" * 32
BEGUN = datetime(2024, 1, 5, 4, tzinfo=UTC)


class Told:
    """The ledger, its views, and the names of what matters in it."""

    def __init__(self, story: Story, views: Views) -> None:
        self.story, self.views = story, views
        self.notice_rules = NoticeRules.of(story.notice.rules)
        self.entries: dict[str, str] = {}
        self.heads: dict[str, int] = {}

    def at(self, on: str = "2025-01-01", known: str | None = None) -> Basis:
        return Basis(date.fromisoformat(on), self.heads[known or "end"], None, ZONE)

    def keep(self, name: str, entry: str) -> None:
        """Remember an entry, and how far the log reached before it."""
        self.heads[f"before {name}"] = self.story.log.head() - 1
        self.entries[name] = entry


def write(told: Told) -> None:
    """Write the ledger, day by day."""
    story = told.story
    _two_offices(told)
    _a_recommendation_taken_away(told)
    story.now = datetime(2024, 12, 20, 4, tzinfo=UTC)
    story.assessed("standard", "2024-03-01", KUNSHAN)
    (early,) = story.given(grants_standard("2024-03-01"))
    told.keep("early", early)
    story.plugins = _upgraded(story)
    story.ledger = story.reopen()
    told.keep("upgraded", story.assessed("standard", "2024-12-19", KUNSHAN, station=BACHENG))
    (moved,) = story.given(act("transfer", "2024-12-20", CITY, station=FENGQIAO, county=KUNSHAN))
    told.keep("moved", moved)
    told.heads["end"] = story.log.head()


def _two_offices(told: Told) -> None:
    story = told.story
    story.now = datetime(2024, 6, 16, 4, tzinfo=UTC)
    paper = [{"sha256": PAPER, "name": "名册", "supports": ["staff"]}]
    story.given(act("classify", "2024-01-05", KUNSHAN, size="small"))
    story.given(act("report", "2024-05-30", KUNSHAN, facts={"staff": 9}, evidence=paper))
    (own,) = story.given(act("report", "2024-06-10", YUSHAN, facts={"staff": 7}))
    told.keep("own", own)
    story.given(act("report", "2024-06-10", CITY, station=FENGQIAO, facts={"staff": 3}, evidence=paper))
    told.keep("late", story.standard("2024-06-15"))


def _a_recommendation_taken_away(told: Told) -> None:
    story = told.story
    story.now = datetime(2024, 11, 21, 4, tzinfo=UTC)
    told.keep("benchmark", story.benchmark(BACHENG))
    story.now = datetime(2024, 12, 1, 4, tzinfo=UTC)
    told.entries["recommendation"] = f"{BACHENG}@3"
    (void,) = story.given(voids(f"{BACHENG}@3", on="2024-12-01"))
    told.keep("void", void)


def _upgraded(story: Story) -> Plugins:
    folder = story.setting.folder()
    candidates = [
        Candidate("stock", "dingji", "1", lambda: stock),
        Candidate("notices", "stories", "0", lambda: NoticePlugin(folder)),
    ]
    return Plugins([collect(candidate) for candidate in candidates])


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Story(Path(folder), clock=BEGUN) as story,
        views_of(story.log) as views,
    ):
        told = Told(story, views)
        write(told)
        yield told


def test_nothing_that_is_asked_writes_to_the_log(told: Told) -> None:
    assert told.story.log.head() == told.heads["end"]


def test_why(told: Told) -> None:
    found = why(told.views, told.story.plugins, told.at(), told.notice_rules, YUSHAN)
    assert (found.level, found.since, found.entry) == ("standard", date(2024, 3, 1), told.entries["early"])
    assert {one.entry: one.effect for one in found.line}[told.entries["late"]] == "without_effect"
    before = why(told.views, told.story.plugins, told.at(known="before early"), told.notice_rules, YUSHAN)
    assert before.entry == told.entries["late"]
    assert why(told.views, told.story.plugins, told.at(), told.notice_rules, BACHENG).unsupported == (
        told.entries["recommendation"],
    )


def test_whynot(told: Told) -> None:
    found = whynot(told.views, told.story.plugins, told.at(), YUSHAN, "benchmark")
    assert [fault.code for fault in found.faults] == ["no-application", "no-recommendation", "no-assessment"]
    assert found.round == PROMOTION_24
    assert whynot(told.views, told.story.plugins, told.at(), BACHENG, "benchmark").holds


def test_diff(told: Told) -> None:
    earlier, later = told.at("2024-04-01", "before early"), told.at("2024-04-01")
    (changed,) = diff(told.views, earlier, later)
    assert (changed.station, [cause.entry for cause in changed.causes]) == (YUSHAN, [told.entries["early"]])
    assert diff(told.views, later, later) == []
    (moved,) = (one for one in diff(told.views, told.at("2024-12-19"), told.at()) if one.station == FENGQIAO)
    assert [cause.entry for cause in moved.causes] == [told.entries["moved"]]


def test_late(told: Told) -> None:
    found = late(told.story.log, told.at(), None, LateLimit(30, 1000), _quiet)
    days = {one.entry: one.days for one in found.entries}
    assert days[told.entries["early"]] == (date(2024, 12, 20) - date(2024, 3, 1)).days
    assert told.entries["late"] not in days


def test_conflicts(told: Told) -> None:
    found = conflicts(told.story.log, told.at(), _fact_rules(told), {YUSHAN: KUNSHAN, FENGQIAO: HUQIU}, 1000)
    (conflict,) = found.conflicts
    assert (conflict.station, conflict.fact) == (YUSHAN, "staff")
    assert {(said.office, said.value, said.counts) for said in conflict.statements} == {
        (YUSHAN, 7, True),  # the later one, of what a station may say for itself
        (KUNSHAN, 9, False),
    }
    before = conflicts(told.story.log, told.at(known="before own"), _fact_rules(told), {YUSHAN: KUNSHAN}, 1000)
    assert before.total == 0


def test_facts_history_and_swings(told: Told) -> None:
    (history,) = fact_histories(told.story.log, YUSHAN, told.at(), _fact_rules(told), "staff")
    assert [(one.office, one.value) for one in history.entries] == [(KUNSHAN, 9), (YUSHAN, 7)]
    assert history.in_force == told.entries["own"]
    assert swings(told.views, told.at(), _fact_rules(told), {YUSHAN: KUNSHAN}, SwingFilter(12, 1000)).total == 0


def test_impact(told: Told) -> None:
    known = told.at(known="before void")
    found = impact(told.views, known, told.notice_rules, told.entries["recommendation"])
    assert [one.entry for one in found.rests.listed] == [told.entries["benchmark"]]
    assert not found.empty
    assert (
        impact(told.views, told.at(), told.notice_rules, told.entries["recommendation"]).voided_by
        == (told.entries["void"])
    )


def test_the_figures_of_a_circular_rest_on_a_certification(told: Told) -> None:
    found = impact(told.views, told.at(known="before void"), told.notice_rules, told.entries["benchmark"])
    figures = {change.about: (change.before, change.after) for change in found.changes if change.what == "figure"}
    assert set(figures) == {f"{office} {level}" for office in (KUNSHAN, CITY) for level in ("standard", "benchmark")}
    before, after = figures[f"{KUNSHAN} benchmark"]
    assert (before["exact"], after["exact"]) == (1, 0)
    before, after = figures[f"{CITY} standard"]  # who holds benchmark attains more than standard
    assert (before["exact"], before["at_or_above"] - after["at_or_above"]) == (after["exact"], 1)


def test_recheck(told: Told) -> None:
    positions = assessments(told.story.log, told.heads["end"])
    results = {one.entry: one.result for one in recheck(told.story.log, told.story.plugins, positions)}
    assert results.pop(told.entries["upgraded"]) == "identical"
    assert set(results.values()) == {"not_reproducible"}


def test_conformance(told: Told) -> None:
    found = conformance(told.views, told.at(), told.notice_rules, AuditScope())
    decided = {one.entry: (one.verdict, one.hindsight, one.ground) for one in found.decisions}
    assert decided[told.entries["late"]] == ("irregular", ("not-a-promotion",), None)
    assert decided[told.entries["benchmark"]] == ("ground-lost", (), told.entries["recommendation"])
    assert decided[told.entries["early"]] == ("conforms", (), None)
    assert {one.county for one in found.summary} >= {KUNSHAN}
    assert {one.entry for one in found.unlodged} == {told.entries["early"], told.entries["late"]}


def test_simulate(told: Told, tmp_path: Path) -> None:
    text = (told.story.setting.folder() / "standard.toml").read_text("utf-8")
    path = tmp_path / "draft.toml"
    path.write_text(text.replace('\n[[indicator]]\nid = "S1.1.2"\n', STRICTER, 1), "utf-8")
    drafts = Drafts([read_draft(path, told.story.plugins, told.story.notice)], recorded=False)
    found = simulate(told.story.log, told.story.plugins, told.at(), drafts)
    changes = {one.station: (one.change, one.after) for one in found.stations}
    assert changes[YUSHAN] == ("loses", "not_reached")  # nine of staff, and the draft wants ten


def test_replay(told: Told) -> None:
    scope = ReplayScope(0, told.heads["end"], station=YUSHAN)
    played = {one.entry: one.changes for one in replay(told.views, scope, Tally(told.views, scope))}
    (change,) = played[told.entries["early"]]
    assert (change.start, change.end) == (date(2024, 3, 1), date(2024, 6, 15))
    assert change.before is not None
    assert change.after is not None
    assert (change.before.level, change.after.level) == ("ungraded", "standard")


def test_cases(told: Told) -> None:
    (case,) = listed_cases(told.views, told.at(), told.notice_rules, CaseFilter(days=90, round=PROMOTION_24))
    assert (case.station, case.state) == (BACHENG, "ended")
    assert case.ended is not None
    assert (case.ended.how, case.ended.entry) == ("certified", told.entries["benchmark"])


def test_evidence_reuse(told: Told) -> None:
    (found,) = shared_papers(told.story.log, told.at())
    assert found.sha256 == PAPER
    assert {use.station for use in found.uses} == {YUSHAN, FENGQIAO}


def test_acts_and_lineage(told: Told) -> None:
    found = acts_of(told.story.log, told.at(), (CITY, None), 1000, _quiet)
    assert {told.entries["moved"], told.entries["void"], told.entries["benchmark"]} <= {
        one.entry for one in found.entries
    }
    steps = lineage(told.story.log, FENGQIAO, told.at()).steps
    assert [(step.county, step.entry) for step in steps if step.county] == [
        (HUQIU, f"{FENGQIAO}@1"),
        (KUNSHAN, told.entries["moved"]),
    ]


def _quiet(done: int, total: int) -> None:
    assert done <= total


def _fact_rules(told: Told) -> FactRules:
    notice: Any = told.story.notice
    return FactRules.of(notice, told.story.plugins.facts(notice))
