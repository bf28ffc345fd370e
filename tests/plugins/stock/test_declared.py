"""Stock checks of what is declared and of two figures: more_than, covers, one_of, holds."""

from __future__ import annotations

from typing import Any

import pytest

from checking import said
from dingji.terms import Outcome
from trials import NIL, Trials, check, nil

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT

TRIALS = Trials(
    staff="int",
    quota="int",
    branch=("own", "joint", "none"),
    duties=[["leave", "warning", "reports", "plan"]],
    asked=[["leave", "warning", "reports", "plan"]],
    rooms=["text"],
    nil=[NIL],
)


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("evidence", "on", "registered", "size") if key in case}
    return TRIALS.found(lines, case, **settings)


class TestFigures:
    """more_than, covers."""

    @pytest.mark.parametrize(("staff", "outcome"), [(5, NOT_MET), (6, NOT_MET), (7, MET)])
    def test_more_than_is_strictly_more(self, staff: int, outcome: Outcome) -> None:
        lines = check("more_than", 'fact = "staff", limit = { large = 10, medium = 6, small = 4 }')
        finding = found(lines, staff=staff)
        assert (finding.outcome, finding.measured, finding.required) == (outcome, staff, 6)
        assert found(lines, size=None).lacking == {"size": "missing", "staff": "missing"}

    @pytest.mark.parametrize(
        ("staff", "quota", "within", "outcome"),
        [
            (2, 3, False, NOT_MET), (3, 3, False, MET), (4, 3, False, MET),
            (2, 3, True, NOT_MET), (3, 3, True, MET), (4, 3, True, UNDETERMINED),
        ],
    )  # fmt: skip
    def test_covers(self, staff: int, quota: int, within: bool, outcome: Outcome) -> None:
        lines = check("covers", f'part = "staff", whole = "quota", within = {str(within).lower()}')
        finding = found(lines, staff=staff, quota=quota)
        assert finding.outcome is outcome
        assert (finding.measured, finding.required) == ((None, None) if outcome is UNDETERMINED else (staff, quota))

    @pytest.mark.parametrize("none", ["met", "not_met", "not_applicable", "undetermined"])
    def test_covers_nothing(self, none: str) -> None:
        lines = check("covers", f'part = "staff", whole = "quota", none = "{none}"')
        assert found(lines, staff=0, quota=0).outcome.value == none
        assert found(check("covers", 'part = "staff", whole = "quota"'), staff=0, quota=0).outcome is MET

    def test_covers_names_all_that_it_lacks(self) -> None:
        assert found(check("covers", 'part = "staff", whole = "quota"')).lacking == {
            "staff": "missing", "quota": "missing"
        }  # fmt: skip

    @pytest.mark.parametrize(
        "lines",
        [
            check("covers", 'part = "staff", whole = "quota", evidence = true'),
            check("at_least", 'fact = "staff", minimum = 2, evidence = true'),
        ],
    )
    def test_with_evidence_asked_for(self, lines: tuple[str, ...]) -> None:
        assert found(lines, staff=2, quota=2).lacking == {"staff": "unsupported"}
        assert found(lines, staff=2, quota=2, evidence=["staff"]).outcome is MET
        assert found(lines, staff=1, quota=2).outcome is NOT_MET


class TestDeclared:
    """one_of, holds."""

    @pytest.mark.parametrize(("branch", "outcome"), [("own", MET), ("joint", MET), ("none", NOT_MET)])
    def test_one_of(self, branch: str, outcome: Outcome) -> None:
        lines = check("one_of", 'fact = "branch", values = ["own", "joint"]')
        assert found(lines, branch=branch).outcome is outcome
        assert found(lines).lacking == {"branch": "missing"}

    def test_one_of_with_evidence(self) -> None:
        lines = check("one_of", 'fact = "branch", values = ["own"], evidence = true')
        assert found(lines, branch="own").lacking == {"branch": "unsupported"}
        assert found(lines, branch="own", evidence=["branch"]).outcome is MET
        assert found(lines, branch="joint").outcome is NOT_MET

    @pytest.mark.parametrize(
        ("duties", "outcome"),
        [(["leave", "warning"], MET), (["warning", "plan", "leave"], MET), (["leave", "plan"], NOT_MET), ([], NOT_MET)],
    )
    def test_holds_all(self, duties: list[str], outcome: Outcome) -> None:
        finding = found(check("holds", 'fact = "duties", items = ["leave", "warning"]'), duties=duties)
        assert (finding.outcome, finding.required) == (outcome, ["leave", "warning"])
        if outcome is NOT_MET:
            assert "Lacking: " in said(finding)

    @pytest.mark.parametrize(
        ("duties", "outcome"), [(["leave"], NOT_MET), (["leave", "plan"], MET), (["reports"], NOT_MET)]
    )
    def test_holds_enough_of_those_named(self, duties: list[str], outcome: Outcome) -> None:
        lines = check("holds", 'fact = "duties", items = ["leave", "warning", "plan"], minimum = 2')
        assert found(lines, duties=duties).outcome is outcome

    @pytest.mark.parametrize(("rooms", "outcome"), [(["a"], NOT_MET), (["a", "a"], NOT_MET), (["a", "b"], MET)])
    def test_holds_enough_of_any_kind(self, rooms: list[str], outcome: Outcome) -> None:
        assert found(check("holds", 'fact = "rooms", minimum = 2'), rooms=rooms).outcome is outcome
        assert found(check("holds", 'fact = "rooms"'), rooms=rooms[:1]).outcome is MET
        assert found(check("holds", 'fact = "rooms"'), rooms=[]).outcome is NOT_MET

    @pytest.mark.parametrize(
        ("asked", "duties", "outcome"),
        [
            (["leave", "plan"], ["leave"], MET),
            (["leave", "warning"], ["leave"], NOT_MET),
            (["plan"], ["leave"], NOT_APPLICABLE),
            ([], [], NOT_APPLICABLE),
        ],
    )
    def test_holds_what_another_list_asks_for(self, asked: list[str], duties: list[str], outcome: Outcome) -> None:
        lines = check("holds", 'fact = "duties", items = ["leave", "warning"], limited_to = { fact = "asked" }')
        assert found(lines, asked=asked, duties=duties).outcome is outcome
        assert found(lines, duties=duties).lacking == {"asked": "missing"}
        assert found(lines).lacking == {"asked": "missing", "duties": "missing"}

    def test_a_nil_statement_stands_for_what_is_lacking(self) -> None:
        lines = check("holds", 'fact = "duties", items = ["leave", "warning"], nil = "nil"', "window_months = 12")
        whole, part = nil("2023-07-01", "2024-06-30"), nil("2023-08-01", "2024-06-30")
        assert found(lines, duties=["leave"], nil=[whole]).outcome is MET
        assert found(lines, duties=["leave"], nil=[part]).outcome is NOT_MET
        assert found(lines, duties=["leave"]).lacking == {"nil": "missing"}
        assert found(lines, duties=["leave", "warning"]).outcome is MET
        assert found(lines, nil=[whole]).lacking == {"duties": "missing"}

    def test_holds_with_evidence(self) -> None:
        lines = check("holds", 'fact = "duties", items = ["leave"], evidence = true')
        bare = found(lines, duties=["leave"])
        assert (bare.outcome, bare.lacking) == (UNDETERMINED, {"duties": "unsupported"})
        assert found(lines, duties=["leave"], evidence=["duties"]).outcome is MET
