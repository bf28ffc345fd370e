"""One requirement: whether it applies, what is left to judgement, and what was judged."""

from __future__ import annotations

from typing import Any

import pytest

from checking import (
    CITY,
    COUNTY,
    JUDGED,
    OURS,
    STAFF,
    STATION,
    assessed,
    check,
    judge,
    only,
    outcome,
    report,
    requirement,
    said,
)
from dingji.catalogue.standard import Requirement
from dingji.checks.check import Finding
from dingji.checks.dossier import Dossier, NamedEntry
from dingji.terms import Outcome, Verdict

FEW, MANY = report("2024-05-01", {"staff": 3}), report("2024-05-01", {"staff": 9})


class TestConditions:
    """A requirement with a condition."""

    ROOMS = 'condition = { fact = "rooms", more_than = 0 }'

    def test_false_it_does_not_apply_and_the_fact_that_decided_is_named(self) -> None:
        entry = report("2024-05-01", {"rooms": 0})
        result = assessed(requirement("R", *STAFF, self.ROOMS), entry)
        finding = only(result)
        assert (finding.outcome, finding.facts) == (Outcome.NOT_APPLICABLE, {"rooms": entry[0]})
        assert "Rooms: 0" in said(finding)
        assert result.rests_on == (entry[0],)

    def test_unknown_it_is_undetermined_and_the_fact_is_named(self) -> None:
        finding = only(assessed(requirement("R", *STAFF, self.ROOMS), MANY))
        assert (finding.outcome, finding.lacking) == (Outcome.UNDETERMINED, {"rooms": "missing"})

    def test_true_the_check_decides(self) -> None:
        rooms = report("2024-05-01", {"rooms": 1})
        assert outcome(*STAFF, self.ROOMS, entries=(rooms, MANY)) is Outcome.MET
        assert outcome(*STAFF, self.ROOMS, entries=(rooms, FEW)) is Outcome.NOT_MET

    @pytest.mark.parametrize(
        ("condition", "facts", "expected"),
        [
            ('{ fact = "rooms", more_than = 2 }', {"rooms": 2}, False),
            ('{ fact = "rooms", at_least = 2 }', {"rooms": 2}, True),
            ('{ fact = "rooms", less_than = 2 }', {"rooms": 2}, False),
            ('{ fact = "rooms", at_most = 2 }', {"rooms": 2}, True),
            ('{ fact = "rooms", is = 0 }', {"rooms": 0}, True),
            ('{ fact = "sign", is = true }', {"sign": True}, True),
            ('{ fact = "sign", is = false }', {"sign": True}, False),
            ('{ fact = "branch", is = "own" }', {"branch": "joint"}, False),
            ('{ fact = "opened", at_least = 2023-08-23 }', {"opened": "2023-08-23"}, True),
            ('{ fact = "opened", at_least = 2023-08-23 }', {"opened": "2023-08-22"}, False),
            ('{ fact = "duties", contains = "daily" }', {"duties": ["visits", "daily"]}, True),
            ('{ fact = "duties", contains = "daily" }', {"duties": []}, False),
            ('{ fact = "duties", contains_any = ["daily", "visits"] }', {"duties": ["visits"]}, True),
            ('{ fact = "duties", contains_any = ["daily", "visits"] }', {"duties": []}, False),
            ('{ any = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }', {"rooms": 1}, True),
            ('{ any = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }', {"rooms": 0}, None),
            (
                '{ any = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }',
                {"rooms": 0, "sign": False},
                False,
            ),
            ('{ all = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }', {"rooms": 1}, None),
            ('{ all = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }', {"rooms": 0}, False),
            (
                '{ all = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }',
                {"rooms": 1, "sign": True},
                True,
            ),
            (
                '{ all = [{ fact = "sign", is = true }, { any = [{ fact = "rooms", is = 3 }, '
                '{ fact = "rooms", is = 4 }] }] }',
                {"rooms": 4, "sign": True},
                True,
            ),
        ],
    )
    def test_comparisons(self, condition: str, facts: dict[str, Any], expected: bool | None) -> None:
        entries = report("2024-05-01", {"staff": 9} | facts)
        wanted = {True: Outcome.MET, False: Outcome.NOT_APPLICABLE, None: Outcome.UNDETERMINED}[expected]
        assert outcome(*STAFF, f"condition = {condition}", entries=(entries,)) is wanted

    def test_every_unknown_fact_of_a_condition_is_named_at_once(self) -> None:
        both = 'condition = { all = [{ fact = "sign", is = true }, { fact = "rooms", more_than = 0 }] }'
        assert only(assessed(requirement("R", *STAFF, both))).lacking == {"sign": "missing", "rooms": "missing"}


class TestOurs:
    """A number that is ours and not the notice's (rule 33)."""

    def test_it_can_give_met(self) -> None:
        assert outcome(*STAFF, OURS, entries=(MANY,)) is Outcome.MET

    def test_short_of_it_a_judgement_is_needed_and_the_assumption_printed(self) -> None:
        result = assessed(requirement("R", *STAFF, OURS), FEW)
        finding = only(result)
        assert (finding.outcome, finding.measured, finding.required) == (Outcome.NEEDS_JUDGEMENT, 3, 4)
        assert "twelve months" in said(finding)
        assert result.verdict is Verdict.UNDETERMINED

    def test_unknown_facts_stay_unknown(self) -> None:
        assert outcome(*STAFF, OURS) is Outcome.UNDETERMINED


class TestExternal:
    """A document that the notice refers to and does not contain (rule 31)."""

    @pytest.mark.parametrize("entry", [FEW, MANY])
    def test_without_it_nothing_is_decided_and_it_is_named(self, entry: NamedEntry) -> None:
        finding = only(assessed(requirement("R", *STAFF, 'external = ["《标识规范》"]'), entry))
        assert finding.outcome is Outcome.NEEDS_JUDGEMENT
        assert "《标识规范》" in said(finding)

    def test_it_is_named_where_the_check_asks_for_a_judgement_anyway(self) -> None:
        assert "《标识规范》" in said(only(assessed(requirement("R", *JUDGED, 'external = ["《标识规范》"]'))))


class TestJudgements:
    """A requirement that somebody has to judge (rule 32)."""

    @pytest.mark.parametrize("verdict", ["met", "not_met"])
    def test_a_judgement_that_counts_decides_and_is_named(self, verdict: str) -> None:
        facts, judgement = (
            report("2024-05-01", {"staff": 3}, position=10),
            judge("2024-05-02", "R", verdict, position=9),
        )
        result = assessed(requirement("R", *JUDGED, 'facts = ["staff"]'), facts, judgement)
        finding = only(result)
        assert (finding.outcome, finding.judgement) == (Outcome(verdict), f"{STATION}@9")
        assert f"{STATION}@9" in said(finding)
        assert finding.facts == {"staff": f"{STATION}@10"}
        assert finding.evidence == ("e" * 64,)
        assert result.rests_on == (f"{STATION}@9", f"{STATION}@10")

    def test_without_one_it_stays_open(self) -> None:
        result = assessed(requirement("R", *JUDGED))
        assert (only(result).outcome, only(result).judgement) == (Outcome.NEEDS_JUDGEMENT, None)
        assert (result.verdict, result.short) == (Verdict.UNDETERMINED, ("R",))

    def test_the_stations_own_is_shown_and_does_not_count(self) -> None:
        own = judge("2024-05-02", "R", by=STATION)
        result = assessed(requirement("R", *JUDGED), own)
        finding = only(result)
        assert (finding.outcome, finding.judgement, finding.shown) == (Outcome.NEEDS_JUDGEMENT, None, own[0])
        assert own[0] in said(finding)
        assert result.rests_on == ()

    def test_the_latest_counts_whoever_gave_it(self) -> None:
        judged = judge("2024-05-02", "R", "not_met", by=CITY), judge("2024-05-03", "R", "met", by=COUNTY)
        assert outcome(*JUDGED, entries=judged) is Outcome.MET

    def test_not_applicable_needs_a_condition(self) -> None:
        judgement = judge("2024-05-02", "R", "not_applicable")
        assert outcome(*JUDGED, entries=(judgement,)) is Outcome.NEEDS_JUDGEMENT
        condition = 'condition = { fact = "rooms", more_than = 0 }'
        rooms = report("2024-05-01", {"rooms": 1})
        assert outcome(*JUDGED, condition, entries=(judgement, rooms)) is Outcome.NOT_APPLICABLE
        assert outcome(*JUDGED, condition, entries=(judgement,)) is Outcome.UNDETERMINED

    def test_it_does_not_touch_what_is_computed(self) -> None:
        assert outcome(*STAFF, entries=(FEW, judge("2024-05-02", "R"))) is Outcome.NOT_MET
        assert outcome(*STAFF, entries=(judge("2024-05-02", "R"),)) is Outcome.UNDETERMINED

    def test_it_resolves_what_is_ours_or_not_contained(self) -> None:
        assert outcome(*STAFF, OURS, entries=(FEW, judge("2024-05-02", "R"))) is Outcome.MET
        external = 'external = ["文件"]'
        assert outcome(*STAFF, external, entries=(MANY, judge("2024-05-02", "R", "not_met"))) is Outcome.NOT_MET

    def test_facts_that_only_support_it_do_not_hinder_it(self) -> None:
        finding = only(assessed(requirement("R", *JUDGED, 'facts = ["staff"]'), judge("2024-05-02", "R")))
        assert (finding.outcome, finding.lacking) == (Outcome.MET, {})


def test_conflicts_are_shown_with_both_values() -> None:
    own, county = report("2024-05-01", {"staff": 9}, by=STATION), report("2024-06-01", {"staff": 3})
    finding = only(assessed(requirement("R", *STAFF), own, county))
    assert (finding.outcome, finding.measured) == (Outcome.NOT_MET, 3)
    assert finding.conflicts == {"staff": (own[0],)}
    assert f"9 ({own[0]})" in said(finding)
    assert f"3 ({county[0]})" in said(finding)


def test_conflicts_of_other_kinds_of_values_are_shown_in_words() -> None:
    def own(requirement: Requirement, dossier: Dossier) -> Finding:
        dossier.values("sign", "duties", "branch")
        return Finding(Outcome.MET)

    entries = (
        report("2024-05-01", {"sign": True, "duties": ["daily"], "branch": "own"}, by=STATION),
        report("2024-06-01", {"sign": False, "duties": [], "branch": "none"}),
    )
    words = said(only(assessed(requirement("R", 'check = "own"'), *entries, specs=check(own))))
    assert all(
        word in words for word in ("yes (", "no (", "a list of 1 (", "a list of 0 (", "its own (", "no branch (")
    )
