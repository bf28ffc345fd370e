"""Derivations: every leaf bears weight, nothing recorded later changes one, and the stories that auditors ask about."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dingji.events import codec
from dingji.events.events import EntryVoided
from dingji.events.row import Row
from dingji.events.submissions import By
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins, load_plugins
from dingji.store.log import Log, open_log
from dingji.terms import entry_place
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import Record
from dingji_projections.tables.levels import level_at
from dingji_projections.tables.views import views_of
from dingji_projections.why.derivation import Why
from dingji_projections.why.why import Sources, derive, sources, why
from projections.dependent_acts import MOVES, NOTICE_RULES, A, Move, make, write
from projections.logs import Book
from projections.why.asking import Asker, verdicts
from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
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

NONE = Plugins([])
"""No plugins: what is derived from the log alone."""
ON = date(2024, 1, 9)
MOMENT = "2024-01-09T00:00:00.000000Z"
DEMO_ON = date(2026, 6, 30)


def leaves(found: Why) -> set[str]:
    """Return the entries that a derivation says the level rests on."""
    named = {one.entry for one in found.line if one.effect in {"sets", "needed"}}
    for step in found.acts():
        named.add(step.entry)
        if step.voided_by is not None:
            continue  # what it rested on carries nothing any more
        for traced in step.assessed.findings if step.assessed else ():
            named |= {fact.entry for fact in traced.facts}
            named |= {paper.entry for fact in traced.facts for paper in fact.papers if paper.entry}
            named |= {paper.entry for paper in traced.papers if paper.entry}
            named |= {part.entry for part in (traced.judgement, traced.reading) if part is not None and part.entry}
        if step.assessed is not None:
            named |= {entry for entry in (step.assessed.sized, step.assessed.adopted) if entry}
    return named


def rows_of(log: Log, stream: str, known: int) -> list[Row]:
    return log.stream(stream, upto=known)


def changed(log: Log, whole: Sources, entry: str, known: int, *, voided: bool) -> Sources:
    """Return the sources without an entry: struck out of the log, or voided at its end."""
    place = entry_place(entry)
    assert place is not None
    stream, version = place
    rows = rows_of(log, stream, known)
    if voided:
        void = EntryVoided(
            on=ON, by=By(office=CITY), recorded_at=MOMENT, id="void", entry=entry, cause="annulled", reason="x"
        )
        rows = [*rows, Row(known, stream, len(rows) + 1, "EntryVoided", codec.encode(void))]
    else:
        rows = [row for row in rows if row.version != version]
    found = Record.of(stream, rows)
    kind, _, code = stream.partition(":")
    if kind == "station":
        return whole._replace(station=found)
    return whole._replace(
        rounds={**whole.rounds, code: found} if kind == "round" else whole.rounds,
        notices={**whole.notices, code: found} if kind == "notice" else whole.notices,
    )


def value(found: Why) -> tuple[str, date, str]:
    return found.level, found.since, found.entry


def answer(found: Why) -> tuple[object, ...]:
    """Return what is answered: the level, and by which reviews it was upheld."""
    return (*value(found), *(one.entry for one in found.upheld))


def bears(log: Log, whole: Sources, found: Why, entry: str, known: int, *, voided: bool) -> bool:
    """Return whether without an entry the level is another one, or what rests on the entry is said to lack it."""
    try:
        without = derive(changed(log, whole, entry, known, voided=voided), DEMO_ON if known > 1000 else ON)
    except LedgerError:
        return True  # there is no such station any more
    gone = {entry, entry.rpartition("@")[0]}  # of a round or notice with no entry left, the stream
    if any(step.verb == "open_round" and step.entry in openings(whole, entry) for step in without.acts()):
        return True  # the round was opened twice: the other opening stands in, by its own name
    return answer(without) != answer(found) or bool(gone & set(without.unsupported))


def openings(whole: Sources, entry: str) -> set[str]:
    """Return the other openings of the round that an entry opened."""
    rounds = [record for code, record in whole.rounds.items() if entry.startswith(f"round:{code}@")]
    found = {kept.entry for record in rounds for kept in record.entries if kept.topic == "RoundOpened"}
    return found - {entry} if entry in found else set()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES)
@example([Move("ApplicationSubmitted", 2, 1), Move("RecommendationMade", 3, 1), Move("LevelCertified", 4, 1)])
@example(
    [  # what a voided step rested on carries nothing any more
        Move("StationRenamed", 2, 0),
        Move("ApplicationSubmitted", 2, 1),
        Move("EntryVoided", 2, 1),
        *[Move("StationRenamed", 2, 0)] * 3,
        Move("CertificationLodged", 2, 8),
        Move("LevelUpheld", 2, 1),
    ]
)
def test_every_leaf_bears_weight(moves: list[Move]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, moves)
        known = book.log.head()
        basis = Basis(ON, known, None)
        whole = sources(views, NONE, basis, NOTICE_RULES, A)
        standing = level_at(views, A, ON, known)
        if standing is None:
            with pytest.raises(LedgerError):
                derive(whole, ON)
            return
        found = derive(whole, ON)
        assert value(found) == (standing.level, date.fromordinal(standing.since), f"{A}@{standing.entry}")
        assert found.county.value == standing.county
        assert found.size.value == standing.size
        for entry in leaves(found):
            assert bears(book.log, whole, found, entry, known, voided=False), entry
            if entry not in {f"{A}@1"}:  # nobody may void a registration
                assert bears(book.log, whole, found, entry, known, voided=True), entry


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MOVES, st.integers(0, 40))
def test_nothing_recorded_later_changes_a_derivation(moves: list[Move], at: int) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book, views_of(book.log) as views:
        write(book, moves[: at % (len(moves) + 1)])
        basis = Basis(ON, book.log.head(), None)
        before = told(views, basis)
        for move in moves:
            make(book, move)
        assert told(views, basis) == before


def told(views: Views, basis: Basis) -> Why | str:
    try:
        return why(views, NONE, basis, NOTICE_RULES, A)
    except LedgerError as error:
        return error.fault.code


def test_a_benchmark_down_to_the_judgements(story: Story, asker: Asker) -> None:
    certified = story.benchmark()
    found = asker.why()
    assert value(found) == ("benchmark", date(2024, 11, 20), certified)
    assert found.instead == "ungraded"
    assert found.unsupported == ()
    steps = {step.verb: step for step in found.decision.steps}
    assert [step.verb for step in found.decision.steps] == ["apply", "recommend", "assess", "assess", "open_round"]
    assert verdicts(found.decision)["no-recommendation"] == "satisfied"
    assert {rule.clause for rule in found.decision.rules} == {"二", "三"}
    assert "standard-not-also-reached" in verdicts(found.decision)
    assert "assessment-old" not in verdicts(found.decision)
    assessed = next(step.assessed for step in found.decision.steps if step.assessed)
    assert {owner.distribution for owner in assessed.checks.values()}
    assert assessed.adopted == f"notice:{story.notice.id}@1"
    (first, _) = (one for one in assessed.findings if one.judgement is not None)
    assert first.judgement is not None
    assert (first.judgement.outcome, first.judgement.office, first.supported) == ("met", CITY, True)
    assert steps["apply"].office == YUSHAN


def test_an_act_is_shown_with_all_that_it_says(story: Story, asker: Asker) -> None:
    beside = {"document": "苏司〔2024〕1号", "note": "补录", "irregular": "会议决定", "on_precision": "month"}
    story.given(opens(PROMOTION_24), certifies("2024-11-30", f"{CITY}/p1", reason="够格", **beside))
    decision = asker.why().decision
    stored = story.state(decision.entry)
    row = story.log.row(decision.position or 0)
    assert row is not None
    assert f"station:{decision.entry}" == f"{row.stream}@{row.version}"
    assert {name: getattr(decision, name) for name in beside} == beside
    assert (decision.verb, str(decision.on), decision.recorded_at) == ("certify", "2024-11-30", stored["recorded_at"])
    assert (decision.office, decision.person) == (CITY, "p1")
    assert decision.details == {"level": "benchmark", "round": PROMOTION_24, "reason": "够格"}
    assert {one.code for one in decision.irregularities} == {one["code"] for one in stored["irregularities"]}


def test_a_void_that_takes_away_a_recommendation(story: Story, asker: Asker) -> None:
    certified = story.benchmark()
    known = story.log.head()
    before = asker.why()
    recommendation = f"{YUSHAN}@3"
    story.given(voids(recommendation))
    found = asker.why()
    assert value(found) == value(before)  # it stays recorded, without its ground
    assert found.unsupported == found.decision.unsupported == (recommendation,)
    assert verdicts(found.decision)["no-recommendation"] == "unsupported"
    assert verdicts(found.decision)["no-assessment"] == "satisfied"
    (gone,) = found.voided
    assert (gone.entry, gone.verb, gone.reason, gone.level) == (recommendation, "recommend", "录错", None)
    assert next(step for step in found.decision.steps if step.entry == recommendation).voided_by == gone.void
    assert asker.why(known=known) == before
    story.given(voids(certified))
    after = asker.why()
    assert (after.level, after.entry) == ("ungraded", f"{YUSHAN}@1")
    assert {one.entry: one.level for one in after.voided} == {recommendation: None, certified: "benchmark"}


def test_a_backdated_certification(story: Story, asker: Asker) -> None:
    late = story.standard("2024-06-15")
    known = story.log.head()
    story.assessed("standard", "2024-03-01", KUNSHAN)
    early = story.submit(grants_standard("2024-03-01")).recorded(notes=["calendar-unclear"]).entry
    found = asker.why()
    assert value(found) == ("standard", date(2024, 3, 1), early)
    assert {one.entry: one.effect for one in found.line} == {
        f"{YUSHAN}@1": "needed",
        early: "sets",
        late: "without_effect",
    }
    assert value(asker.why(known=known)) == ("standard", date(2024, 6, 15), late)
    story.given(voids(late))
    assert [(one.entry, one.level) for one in asker.why().voided] == [(late, None)]  # with it the level is the same


def test_a_certification_that_is_lodged_and_the_rules_of_its_level(story: Story, asker: Asker) -> None:
    certified = story.standard("2024-06-15")
    assert asker.why().lodging is None
    (lodged,) = story.given(act("lodge", "2024-07-01", KUNSHAN, certification=certified))
    found = asker.why()
    assert found.lodging is not None
    assert found.lodging.entry == lodged
    assert verdicts(found.lodging) == dict.fromkeys(("not-certified", "already-lodged", "not-own-county"), "satisfied")
    rules = set(verdicts(found.decision))
    assert "assessment-old" in rules  # a county's assessment may be old
    assert not rules & {"standard-not-also-reached", "no-application", "no-recommendation", "round-not-open"}


def test_a_downgrade_needs_what_it_lowered(story: Story, asker: Asker) -> None:
    story.given(recognises("benchmark", "2021-06-01"))
    story.given(opens(REVIEW_25))
    story.assessed("benchmark", "2025-06-01", CITY, "not_reached")
    story.assessed("standard", "2025-06-01", CITY)
    story.given(act("downgrade", "2025-06-02", CITY, to="standard", round=REVIEW_25, reason="不再达标"))
    found = asker.why()
    assert [(one.verb, one.effect) for one in found.line] == [
        ("register", "needed"),
        ("recognise", "needed"),
        ("downgrade", "sets"),
    ]
    assert found.instead == "benchmark"
    assert [step.verb for step in found.decision.steps] == ["assess", "assess", "open_round"]


def test_reviews_that_upheld_and_the_round_whose_opening_is_voided(story: Story, asker: Asker) -> None:
    story.given(recognises("benchmark", "2021-06-01"), opens(REVIEW_25))
    story.assessed("benchmark", "2025-06-01", CITY)
    story.assessed("standard", "2025-06-01", CITY)
    (upheld,) = story.given(act("uphold", "2025-06-02", CITY, round=REVIEW_25, reason="看过"))
    found = asker.why()
    assert [one.entry for one in found.upheld] == [upheld]
    assert [one.effect for one in found.line] == ["needed", "sets", "upholds"]
    assert found.upheld[0].steps[-1].entry == f"round:{REVIEW_25}@1"
    story.given(voids(f"round:{REVIEW_25}@1"))
    assert asker.why().unsupported == (f"round:{REVIEW_25}@1",)
    assert [one.verb for one in asker.why().voided] == ["open_round"]
    story.given(opens(REVIEW_25, on="2025-03-02"))
    found = asker.why()
    assert found.unsupported == ()
    assert found.upheld[0].steps[-1].entry == f"round:{REVIEW_25}@3"
    story.given(act("downgrade", "2025-07-01", CITY, to="standard", round=REVIEW_25, reason="复查", irregular="抽查"))
    found = asker.why()
    assert found.upheld == ()  # it upheld what is held no more
    assert [one.effect for one in found.line] == ["needed", "needed", "superseded", "sets"]


def test_an_act_that_the_procedure_forbids_shows_its_irregularities(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24))
    story.given(certifies(irregular="会议决定"))
    found = asker.why()
    assert verdicts(found.decision)["no-application"] == "irregular"
    assert verdicts(found.decision)["case-ended"] == "moot"
    assert verdicts(found.decision)["standard-not-reached"] == "moot"
    assert found.decision.irregular == "会议决定"


def test_an_application_made_again_is_told_with_the_one_it_replaces(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies("2024-03-10"))
    story.given(act("withdraw", "2024-03-20", YUSHAN, level="benchmark", round=PROMOTION_24))
    story.given(applies("2024-04-01"), recommends())
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    story.given(certifies())
    application = asker.why().decision.steps[0]
    assert (application.entry, application.instead) == (f"{YUSHAN}@4", None)  # the first one was withdrawn
    assert verdicts(application)["re-applied"] == "irregular"


def test_what_a_step_rested_on_is_shown_though_the_decision_did_not_name_it(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24))
    first, recommended = story.given(applies("2024-04-10"), recommends())
    story.given(voids(first, YUSHAN))
    (again,) = story.given(applies("2024-04-20"))  # recorded after the recommendation, dated before it
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    certified = story.submit(certifies()).recorded().entry
    assert story.state(certified)["rests_on"][:2] == [again, recommended]
    found = asker.why()
    assert [step.entry for step in found.decision.steps if step.verb == "apply"] == [again, first]
    assert found.unsupported == found.decision.unsupported == (first,)
    story.given(voids(recommended, KUNSHAN))
    gone = [step.entry for step in asker.why().decision.steps if step.verb == "apply"]
    assert gone == [again]  # what the recommendation rested on carries nothing any more


def test_an_assessment_that_two_reviews_share_is_shown_with_the_first(story: Story, asker: Asker) -> None:
    story.given(recognises("benchmark", "2021-06-01"), opens(REVIEW_25))
    shared = story.assessed("benchmark", "2025-06-01", CITY)
    first = story.assessed("standard", "2025-06-01", CITY)
    story.given(act("uphold", "2025-06-02", CITY, round=REVIEW_25, reason="看过"))
    second = story.assessed("standard", "2025-06-05", CITY)
    story.given(act("uphold", "2025-06-10", CITY, round=REVIEW_25, reason="再看过"))
    steps = [[step.entry for step in upheld.steps] for upheld in asker.why().upheld]
    assert steps == [[shared, first, f"round:{REVIEW_25}@1"], [second]]


def test_an_adoption_that_the_log_does_not_have(story: Story, asker: Asker) -> None:
    story.standard()
    known = story.log.head()
    basis = Basis(date(2026, 1, 1), known, None)
    whole = sources(asker.views, story.plugins, basis, NOTICE_RULES, YUSHAN)
    without = derive(whole._replace(notices={}), basis.on)
    assert without.decision.unsupported == (f"notice:{story.notice.id}",)


def test_a_step_that_the_log_does_not_have_is_named_among_the_others(story: Story, asker: Asker) -> None:
    story.benchmark()
    known = story.log.head()
    whole = sources(asker.views, story.plugins, Basis(date(2026, 1, 1), known, None), NOTICE_RULES, YUSHAN)
    steps = [step.entry for step in derive(whole, date(2026, 1, 1)).decision.steps]
    without = changed(story.log, whole, f"{YUSHAN}@2", known, voided=False)
    found = derive(without, date(2026, 1, 1)).decision
    assert [step.entry for step in found.steps] == steps
    assert (found.steps[0].verb, found.unsupported) == (None, (f"{YUSHAN}@2",))


def test_rules_about_persons_are_moot_where_nobody_is_named(story: Story, asker: Asker) -> None:
    story.benchmark()
    assert verdicts(asker.why().decision)["same-person"] == "moot"


def test_one_person_named_is_not_two(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends())
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    story.given(certifies(by=f"{CITY}/p2"))
    assert verdicts(asker.why().decision)["same-person"] == "moot"


def test_different_persons(story: Story, asker: Asker) -> None:
    story.given(opens(PROMOTION_24), applies(), recommends(by=f"{KUNSHAN}/p1"))
    story.assessed("standard", "2024-10-01", CITY)
    story.assessed("benchmark", "2024-10-01", CITY)
    story.given(certifies(by=f"{CITY}/p2"))
    assert verdicts(asker.why().decision)["same-person"] == "satisfied"


def test_a_certification_that_waits_to_be_lodged(story: Story, asker: Asker) -> None:
    certified = story.standard("2024-06-15")
    assert asker.why("2024-06-25").unlodged == 10
    story.given(act("lodge", "2024-07-01", KUNSHAN, certification=certified))
    assert asker.why().unlodged is None
    assert asker.why("2024-06-25").unlodged == 10


def test_a_transfer_between_counties(story: Story, asker: Asker) -> None:
    story.standard("2024-06-15")
    (moved,) = story.given(act("transfer", "2024-07-01", CITY, county=HUQIU))
    found = asker.why()
    assert (found.county.value, found.county.entry) == (HUQIU, moved)
    assert found.decision.office == KUNSHAN
    assert verdicts(found.decision)["wrong-authority"] == "satisfied"


@pytest.mark.parametrize(
    ("on", "station", "code"),
    [
        ("2020-12-31", YUSHAN, "not-registered"),
        ("2026-01-01", "320583999", "unknown-station"),
        ("2025-12-01", BACHENG, "station-closed"),
    ],
)
def test_there_is_nothing_to_derive(story: Story, asker: Asker, on: str, station: str, code: str) -> None:
    story.given(act("close", "2025-06-01", KUNSHAN, station=BACHENG))
    with pytest.raises(LedgerError) as raised:
        asker.why(on, station=station)
    assert raised.value.fault.code == code


def test_every_leaf_of_full_assessments_bears_weight(demo_ledger: Path) -> None:
    with open_log(demo_ledger, readonly=True) as log, views_of(log) as views:
        plugins = load_plugins()
        notice = plugins.notice("suzhou-2023-143")
        assert notice is not None
        known = log.head()
        basis = Basis(DEMO_ON, known, None)
        for station in ("320508022", "320506100"):
            whole = sources(views, plugins, basis, NoticeRules.of(notice.rules), station)
            found = derive(whole, DEMO_ON)
            named = leaves(found)
            assert len(named) > 10
            assert found.unsupported == ()
            for entry in named:
                assert bears(log, whole, found, entry, known, voided=False), entry


def test_a_report_voided_after_the_assessment_is_a_finding_without_support(demo_ledger: Path) -> None:
    with open_log(demo_ledger, readonly=True) as log, views_of(log) as views:
        known = log.head()
        whole = sources(views, NONE, Basis(DEMO_ON, known, None), NOTICE_RULES, "320508022")
        found = derive(whole, DEMO_ON)
        assessed = next(step.assessed for step in found.decision.steps if step.assessed)
        traced = next(one for one in assessed.findings if one.facts and one.facts[0].papers)
        entry = traced.facts[0].entry
        after = derive(changed(log, whole, entry, known, voided=True), DEMO_ON)
        again = next(step.assessed for step in after.decision.steps if step.assessed)
        one = next(one for one in again.findings if one.requirement == traced.requirement)
        assert traced.supported
        assert not one.supported
        assert not one.facts[0].supported
        assert one.facts[0].statement == traced.facts[0].statement  # what it said is told all the same
