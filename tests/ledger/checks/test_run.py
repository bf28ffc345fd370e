"""A check that does what it may not: its finding is an error, and the others stand."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import pytest

from checking import (
    STAFF,
    assessed,
    check,
    only,
    report,
    requirement,
    said,
    standard,
)
from dingji.catalogue.standard import Requirement
from dingji.checks.check import UNDETERMINED, Finding
from dingji.checks.dossier import Dossier, NamedEntry
from dingji.events.codec import encode_canonical
from dingji.events.events import FindingRecord
from dingji.terms import Outcome, Verdict

FEW = report("2024-05-01", {"staff": 3})


def run(function: Any, judges: bool = False, *entries: NamedEntry) -> FindingRecord:
    return only(assessed(requirement("R", 'check = "own"'), *entries, specs=check(function, judges)))


class OwnText(str):
    """A text that no event can hold."""

    __slots__ = ()


class OwnNumber(int):
    """A number that no event can hold."""


class OwnFinding(Finding, frozen=True):
    """A finding that could answer otherwise each time."""


class ForEver:
    """A value whose words never end."""

    def __repr__(self) -> str:
        return repr(self)


class TestErrors:
    """A check that does what it may not."""

    def test_what_it_raises_is_an_error_with_its_trace_and_owner(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            return Finding(Outcome.MET, dossier.on.year // 0)

        result = assessed(requirement("R", 'check = "own"'), specs=check(own))
        finding = only(result)
        assert finding.outcome is Outcome.ERROR
        assert "ZeroDivisionError" in said(finding)
        assert "test_run.py:" in said(finding)
        assert "some-plugin 1.2" in said(finding)
        assert "/" not in said(finding).replace("//", "")  # no folders: the same on every machine
        assert (result.verdict, result.short) == (Verdict.UNDETERMINED, ("R",))

    def test_even_leaving_the_program_or_calling_itself_for_ever_is(self) -> None:
        def leave(requirement: Requirement, dossier: Dossier) -> Finding:
            sys.exit("stop")

        def recur(requirement: Requirement, dossier: Dossier) -> Finding:
            return recur(requirement, dossier)

        assert "SystemExit" in said(run(leave))
        assert "RecursionError" in said(run(recur))

    def test_an_error_is_the_same_in_every_run(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise ValueError(object())

        assert "object at 0x>" in said(run(own))

    def test_a_lone_surrogate_does_not_get_out(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise ValueError("\ud800")

        encode_canonical(run(own))

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            True,
            "met",
            Outcome.MET,
            Finding("met"),  # type: ignore[arg-type]
            Finding(Outcome.ERROR),
            Finding(Outcome.NEEDS_JUDGEMENT),
            Finding(Outcome.MET, 1.5),
            Finding(Outcome.MET, float("nan")),
            Finding(Outcome.MET, 2**53),
            Finding(Outcome.MET, {1: 2}),
            Finding(Outcome.MET, [[[[[1]]]]]),
            Finding(Outcome.MET, object()),
            Finding(Outcome.MET, {"a": date(2024, 1, 1)}),
            Finding(Outcome.MET, "\ud800"),
            Finding(Outcome.MET, required=1.5),
            Finding(Outcome.MET, reason={"zh": "只有中文"}),
            Finding(Outcome.MET, reason="words"),  # type: ignore[arg-type]
            Finding(Outcome.MET, {"\ud800": 1}),
            Finding(Outcome.MET, OwnText("a")),
            Finding(Outcome.MET, [OwnNumber(1)]),
            Finding(Outcome.MET, "x" * 5_000_000),
            Finding(Outcome.MET, list(range(500_000))),
            Finding(Outcome.MET, required={str(number): number for number in range(500_000)}),
            Finding(Outcome.MET, reason={"zh": "大" * 5_000_000, "en": "large"}),
            Finding(ForEver()),  # type: ignore[arg-type]
            OwnFinding(Outcome.MET),
        ],
    )
    def test_what_is_no_finding_is_an_error(self, answer: Any) -> None:
        finding = run(lambda requirement, dossier: answer)
        assert finding.outcome is Outcome.ERROR
        assert "some-plugin" in said(finding)
        assert len(encode_canonical(finding)) < 10_000

    @pytest.mark.parametrize(
        "answer",
        [
            Finding(Outcome.NOT_APPLICABLE),
            Finding(Outcome.MET, [Outcome.MET, 2]),
            Finding(Outcome.MET, "x" * 60_000),
            Finding(Outcome.MET, {"a": [1, "二", True, None], "b": {"c": -1}}, (1, 2), {"zh": "好", "en": "good"}),
        ],
    )
    def test_plain_findings_pass(self, answer: Finding) -> None:
        finding = run(lambda requirement, dossier: answer)
        assert (finding.outcome, finding.measured, finding.reason) == (answer.outcome, answer.measured, answer.reason)

    def test_only_a_check_registered_for_it_may_ask_for_a_judgement(self) -> None:
        answer = Finding(Outcome.NEEDS_JUDGEMENT)
        assert run(lambda requirement, dossier: answer, True).outcome is Outcome.NEEDS_JUDGEMENT

    def test_a_fact_that_is_not_in_the_dictionary_is_an_error(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            dossier.known("nothing")
            return UNDETERMINED

        assert "KeyError" in said(run(own))

    @pytest.mark.parametrize("raised", [KeyboardInterrupt, GeneratorExit, MemoryError, StopIteration, BaseException])
    def test_whatever_is_raised_is_the_checks_own(self, raised: type[BaseException]) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise raised

        assert raised.__name__ in said(run(own))

    def test_an_error_that_cannot_be_shown_is_named(self) -> None:
        class Unshown(Exception):
            def __str__(self) -> str:
                raise KeyboardInterrupt

        class Unnamed(Exception):
            @property  # type: ignore[misc]  # what a traceback asks of an error is what is broken
            def __class__(self) -> Any:
                raise ValueError

        def unshown(requirement: Requirement, dossier: Dossier) -> Finding:
            raise Unshown

        def unnamed(requirement: Requirement, dossier: Dossier) -> Finding:
            raise Unnamed

        assert "Unshown" in said(run(unshown))
        assert "Unnamed" in said(run(unnamed))

    def test_an_error_is_one_short_line_without_control_characters(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise ValueError("\x1b]0;own\x07\u202e\n" * 100_000)

        words = said(run(own))
        assert words.isprintable()
        assert r"\x1b" in words
        assert len(words) < 10_000

    def test_a_requirement_that_the_standard_does_not_have_is_an_error(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            assert dossier.judged("R") == (None, None)
            dossier.judged("S")
            return UNDETERMINED

        assert "KeyError: 'S'" in said(run(own))

    def test_one_error_leaves_the_other_findings_alone(self) -> None:
        def own(requirement: Requirement, dossier: Dossier) -> Finding:
            raise ValueError("no")

        whole = standard(requirement("R1", 'check = "own"'), requirement("R2", *STAFF), specs=check(own))
        result = assessed(whole, FEW, specs=check(own))
        assert [one.outcome for one in result.findings] == [Outcome.ERROR, Outcome.NOT_MET]
        assert result.verdict is Verdict.NOT_REACHED


def test_an_undetermined_finding_without_unknown_facts_still_has_a_reason() -> None:
    assert said(run(lambda requirement, dossier: UNDETERMINED))
    finding = run(lambda requirement, dossier: Finding(Outcome.UNDETERMINED, reason={"zh": "甲。", "en": "A."}))
    assert said(finding) == "A."
