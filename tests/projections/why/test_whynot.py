"""The way to a level: it ends exactly where the ledger would certify, and what it lists is what the rules ask for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dingji.events.events import FindingRecord
from dingji.faults import LedgerError
from dingji.plugins.manager import load_plugins
from dingji.store.log import open_log
from dingji.terms import Outcome
from dingji_projections.ask.bounds import bounds
from dingji_projections.engine.basis import ZONE, Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.views import views_of
from dingji_projections.why.whynot import WHOLE, WhyNot, shortfalls, whynot
from fuzz.submissions import DATES, FILES
from stories import (
    CITY,
    DELTA,
    KUNSHAN,
    PROMOTION_24,
    SUZHOU,
    YUSHAN,
    Setting,
    Story,
    act,
    applies,
    certifies,
    grants_standard,
    opens,
    recognises,
    recommends,
    worded,
)


class Asker:
    """Asks a story's ledger what stands between a station and a level."""

    def __init__(self, story: Story, views: Views) -> None:
        self.story, self.views = story, views

    def whynot(self, level: str = "benchmark", on: str = "2024-11-20", known: int | None = None) -> WhyNot:
        known = self.story.log.head() if known is None else known
        basis = Basis(date.fromisoformat(on), known, None, ZONE)
        found = whynot(self.views, self.story.plugins, basis, self.story.setting.station, level)
        for fault in (*found.faults, *(fault for step in found.steps for fault in step.faults)):
            worded(fault)
        return found


@pytest.fixture
def asker(story: Story) -> Iterator[Asker]:
    with views_of(story.log) as views:
        yield Asker(story, views)


def told(found: WhyNot) -> list[tuple[str, str]]:
    return [(step.verb, step.state) for step in found.steps]


def codes(found: WhyNot) -> set[str]:
    return {fault.code for fault in found.faults}


def test_the_way_to_benchmark_begins_with_a_round(story: Story, asker: Asker) -> None:
    found = asker.whynot()
    assert codes(found) == {"no-round-open"}
    assert found.faults[0].args["year"] == 2024
    story.assessed("benchmark", "2024-02-01", CITY)
    assert asker.whynot().steps[3].entry is None  # it lies in no round
    assert told(found) == [
        ("open_round", "next"),
        ("apply", "later"),
        ("recommend", "later"),
        ("assess", "later"),
        ("assess", "later"),
        ("certify", "later"),
    ]


def test_the_way_to_benchmark_step_by_step(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24))
    found = asker.whynot()
    assert codes(found) == {"no-application", "no-recommendation", "no-assessment"}
    assert told(found)[:4] == [("open_round", "done"), ("apply", "next"), ("recommend", "later"), ("assess", "next")]
    (application,) = story.given(applies())
    found = asker.whynot()
    assert told(found)[1:3] == [("apply", "done"), ("recommend", "next")]
    assert found.steps[1].entry == application
    assert found.steps[2].office == KUNSHAN


def test_the_way_to_benchmark_through_its_assessments(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    short = story.assessed("benchmark", "2024-10-01", CITY, "not_reached")
    found = asker.whynot()
    assert codes(found) == {"standard-not-reached"}
    assert (found.steps[3].state, found.steps[3].entry, found.steps[3].verdict) == ("next", short, "not_reached")
    assert [one.requirement for one in found.standards[0].short] == ["B1.1.1b"]
    story.assessed("benchmark", "2024-10-02", CITY)
    found = asker.whynot()
    assert codes(found) == set()
    assert told(found)[-2:] == [("assess", "next"), ("certify", "next")]  # the lower standard: asked for, not blocking
    assert [step.blocking for step in found.steps[3:5]] == [True, False]
    story.given(certifies())
    assert asker.whynot().holds
    assert asker.whynot("standard").holds


def test_the_way_to_standard_ends_with_its_lodging(story: Story, asker: Asker) -> None:
    found = asker.whynot("standard")
    assert codes(found) == {"no-assessment"}
    assert [(step.verb, step.office, step.state) for step in found.steps] == [
        ("assess", KUNSHAN, "next"),
        ("certify", KUNSHAN, "later"),
        ("lodge", KUNSHAN, "later"),
    ]
    story.assessed("standard", "2024-06-15", KUNSHAN)
    found = asker.whynot("standard")
    assert codes(found) == set()
    assert told(found) == [("assess", "done"), ("certify", "next"), ("lodge", "later")]
    story.submit(grants_standard("2024-11-20")).recorded(notes=["calendar-unclear"])


def test_a_level_that_is_granted_no_more(story: Story, asker: Asker) -> None:
    found = asker.whynot("high_standard")
    assert not found.granted
    assert codes(found) == {"level-not-granted"}
    assert (found.steps, found.standards) == ((), ())
    story.given(recognises("high_standard"))
    assert asker.whynot("high_standard").holds


def test_a_case_that_ended_begins_again(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.given(act("withdraw", "2024-06-01", YUSHAN, level="benchmark", round=PROMOTION_24))
    found = asker.whynot()
    assert "case-ended" in codes(found)
    assert told(found)[1:3] == [("apply", "next"), ("recommend", "later")]


def test_a_case_goes_on_after_its_round(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.given(act("close_round", "2024-12-31", CITY, round=PROMOTION_24))
    found = asker.whynot(on="2025-01-10")
    assert found.round == PROMOTION_24
    assert codes(found) == {"no-assessment"}
    assert told(found)[0] == ("open_round", "next")


def test_nothing_recorded_later_changes_the_way(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies())
    known = story.log.head()
    before = asker.whynot(known=known)
    story.given(recommends())
    story.assessed("benchmark", "2024-10-02", CITY)
    assert asker.whynot(known=known) == before != asker.whynot()


def test_before_a_notice_is_in_force(story: Story, asker: Asker) -> None:
    found = asker.whynot("standard", "2022-05-01")
    assert "no-notice-in-force" in codes(found)
    assert {step.state for step in found.steps} == {"later"}
    assert {step.state for step in asker.whynot("benchmark", "2022-05-01").steps} == {"later"}  # its round, too


@pytest.mark.parametrize(
    ("level", "on", "code"),
    [("golden", "2024-11-20", "bad-value"), ("benchmark", "2020-01-01", "not-registered")],
)
def test_there_is_no_such_way(asker: Asker, level: str, on: str, code: str) -> None:
    with pytest.raises(LedgerError) as raised:
        asker.whynot(level, on)
    assert raised.value.fault.code == code


def test_ungraded_is_what_every_station_is_at_least(asker: Asker) -> None:
    assert asker.whynot("ungraded").holds


@pytest.mark.parametrize("setting", [SUZHOU, DELTA], ids=["suzhou", "delta"])
@given(data=st.data())
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_nothing_stands_before_a_level_exactly_where_the_ledger_would_certify(
    setting: Setting, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, Story(Path(folder), setting) as story, views_of(story.log) as views:
        for number, kind in enumerate(story.notice.rounds):
            opening = {"do": "open_round", "round": f"{kind}-1", "kind": kind, "year": 2024 + number}
            story.given(opening | {"on": DATES[setting.id][3], "by": {"office": story.notice.rules.top.office}})
        story.submit_file(*data.draw(FILES[setting.id]), partial=True)
        on = data.draw(st.sampled_from(DATES[setting.id]))
        known, asker = story.log.head(), Asker(story, views)
        before = {}
        for level in story.notice.rules.level:
            try:
                found = before[level.id] = asker.whynot(level.id, on)
            except LedgerError:
                continue
            certifying = next((step for step in found.steps if step.verb == "certify"), None)
            if found.holds or certifying is None or (level.round and found.round is None):
                continue
            record = act("certify", on, certifying.office or found.county, station=setting.station, level=level.id)
            answer = story.tried(record | ({"round": found.round} if found.round and level.round else {}))
            assert answer.faults == codes(found), level.id
            assert (answer.status == "recorded") == (not found.faults)
        for record in data.draw(FILES[setting.id]):
            story.submit(record)
        for code, found in before.items():
            assert asker.whynot(code, on, known) == found


def test_requirements_are_sorted_by_what_is_nearest() -> None:
    findings = (
        FindingRecord("far", Outcome.NOT_MET, measured=2, required=8),
        FindingRecord("near", Outcome.NOT_MET, measured=[7, True], required=[8, True]),
        FindingRecord("most", Outcome.NOT_MET, measured={"a": 12}, required={"a": 10}),
        FindingRecord("words", Outcome.NOT_MET, measured="无", required=["独立"]),
        FindingRecord("missing", Outcome.UNDETERMINED, lacking={"x": "missing", "y": "unsupported"}),
        FindingRecord("paper", Outcome.UNDETERMINED, lacking={"y": "unsupported"}),
        FindingRecord("judge", Outcome.NEEDS_JUDGEMENT),
        FindingRecord("met", Outcome.MET),
        FindingRecord("may", Outcome.NOT_MET),
    )
    musts = frozenset(finding.requirement for finding in findings) - {"may"}
    found = shortfalls(findings, musts)
    assert [one.requirement for one in found] == ["paper", "judge", "missing", "near", "most", "far", "words"]
    assert [one.gap for one in found[3:]] == [125, 200, 750, WHOLE]
    assert {one.kind for one in found} <= set(bounds().nearest)


def test_the_requirements_are_those_that_an_assessment_would_find_short(demo_ledger: Path) -> None:
    from dingji.writer.ledger import Ledger

    plugins = load_plugins()
    on = date(2026, 6, 30)
    with open_log(demo_ledger, readonly=True) as log, views_of(log) as views:
        basis = Basis(on, log.head(), None, ZONE)
        for station in ("320583100", "320506100"):
            found = whynot(views, plugins, basis, station, "benchmark")
            for tried in found.standards:
                fields = Ledger(log, lambda: plugins).preview(station, tried.standard, on)
                assert {one.requirement for one in tried.short} == set(fields["short"])
                assert tried.verdict == fields["verdict"]
