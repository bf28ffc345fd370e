"""Findings of an assessment traced to their facts, papers and readings."""

from __future__ import annotations

from dingji_projections.why.derivation import PaperUsed
from projections.why.asking import Asker, findings, verdicts
from stories import CITY, KUNSHAN, YUSHAN, Story, act, voids


def test_a_paper_whose_report_is_voided(story: Story, asker: Asker) -> None:
    paper = [{"sha256": "cd" * 32, "name": "名册", "supports": ["staff"]}]
    (stated, handed) = story.given(
        act("report", "2024-06-01", KUNSHAN, facts={"staff": 9}),
        act("report", "2024-06-02", KUNSHAN, facts={}, evidence=paper),
    )
    certified = story.standard("2024-06-15")
    (one,) = (one for one in findings(asker.why()).values() if one.facts)
    assert one.facts[0].statement is not None
    assert (one.facts[0].entry, one.facts[0].statement.value) == (stated, 9)
    assert one.facts[0].papers == (PaperUsed("cd" * 32, "名册", handed),)
    story.given(voids(handed))
    found = asker.why()
    again = findings(found)[one.requirement]
    assert (found.entry, found.unsupported) == (certified, (handed,))
    assert (again.supported, again.facts[0].supported, again.papers) == (False, True, (PaperUsed("cd" * 32),))


def test_a_decision_whose_assessment_lost_a_report_has_lost_it_too(story: Story, asker: Asker) -> None:
    (stated,) = story.given(act("report", "2024-06-01", KUNSHAN, facts={"staff": 9}))
    story.standard("2024-06-15")
    assert asker.why().decision.unsupported == ()
    story.given(voids(stated))
    decision = asker.why().decision
    assessed = next(step for step in decision.steps if step.assessed)
    assert (decision.unsupported, assessed.unsupported) == ((stated,), (stated,))
    assert verdicts(decision)["no-assessment"] == "unsupported"


def test_what_would_count_instead_of_a_fact(story: Story, asker: Asker) -> None:
    (first, second) = story.given(
        act("report", "2024-06-01", KUNSHAN, facts={"staff": 9}),
        act("report", "2024-06-02", KUNSHAN, facts={"staff": 8}),
    )
    story.standard("2024-06-15")
    (one,) = (one for one in findings(asker.why()).values() if one.facts)
    assert (one.facts[0].entry, one.facts[0].instead, one.facts[0].since) == (second, first, None)
    (backdated,) = story.given(act("report", "2024-06-03", KUNSHAN, facts={"staff": 1}))
    story.given(act("report", "2024-06-16", KUNSHAN, facts={"staff": 2}))  # dated after the assessment
    (one,) = (one for one in findings(asker.why()).values() if one.facts)
    assert (one.facts[0].entry, one.facts[0].instead, one.facts[0].since) == (second, first, backdated)


def test_what_is_too_old_or_confirmed_by_nobody_would_not_count_instead(story: Story, asker: Asker) -> None:
    story.given(
        act("report", "2023-06-01", KUNSHAN, facts={"staff": 9}),
        act("report", "2024-06-02", KUNSHAN, facts={"staff": 8}),
    )
    story.standard("2024-06-15")
    (one,) = (one for one in findings(asker.why()).values() if one.facts)
    assert one.facts[0].instead is None
    story.given(act("report", "2024-06-03", YUSHAN, facts={"hall": True}))
    assert all(fact.since is None for one in findings(asker.why()).values() for fact in one.facts)


def test_offices_that_state_otherwise_are_told_with_the_fact(story: Story, asker: Asker) -> None:
    (other,) = story.given(act("report", "2024-06-01", YUSHAN, facts={"staff": 3}))
    story.given(act("report", "2024-06-02", KUNSHAN, facts={"staff": 8}))
    story.standard("2024-06-15")
    (one,) = (one for one in findings(asker.why()).values() if one.facts)
    assert [(told.entry, told.office, told.value) for told in one.facts[0].differing] == [(other, YUSHAN, 3)]


def test_a_reading_that_is_voided_after_the_assessment(story: Story, asker: Asker) -> None:
    (chosen,) = story.given(act("adopt_reading", "2024-01-01", CITY, requirement="S1.1.2b", reading="six"))
    story.given(act("report", "2024-06-01", KUNSHAN, facts={"staff": 9}))
    story.standard("2024-06-15")
    reading = findings(asker.why())["S1.1.2b"].reading
    assert reading is not None
    assert (reading.reading, reading.entry, reading.supported) == ("six", chosen, True)
    story.given(voids(chosen))
    found = asker.why()
    assert found.unsupported == (chosen,)
    assert found.decision.unsupported == (chosen,)  # what its assessment has lost, it has lost
    assert [(one.entry, one.verb, one.reason) for one in found.voided] == [(chosen, "adopt_reading", "录错")]
    story.given(act("adopt_reading", "2024-01-01", CITY, requirement="S1.1.2b", reading="six", note="重新采用"))
    assert asker.why().unsupported == (chosen,)  # what was assessed by the first one did not know the second
    again = findings(found)["S1.1.2b"]
    assert again.reading is not None
    assert (again.supported, again.reading.supported, again.reading.entry) == (False, False, chosen)
