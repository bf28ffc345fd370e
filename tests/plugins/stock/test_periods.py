"""Stock checks of entries in time: none_within, every_period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import said
from dingji.terms import Outcome
from trials import Trials, check

MET, NOT_MET, NOT_APPLICABLE = Outcome.MET, Outcome.NOT_MET, Outcome.NOT_APPLICABLE
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT
KINDS = ["contract", "decision", "document", "other"]

TRIALS = Trials(
    days=["date"],
    reviews=[{"date": "date", "type": KINDS, "by": "text"}],
    meetings=[{"held_on": "date", "kind": ["members", "group"], "present": {"items": ["medium", "small"]}}],
    stations=[{"station": "text", "size": ["large", "medium", "small"]}],
)  # fmt: skip

YEAR = "window_months = 12"


def found(lines: tuple[str, ...], **case: Any) -> Any:
    settings = {key: case.pop(key) for key in ("evidence", "on", "registered", "size", "stated") if key in case}
    return TRIALS.found(lines, case, **settings)


def review(day: str, kind: str = "contract") -> dict[str, str]:
    return {"date": day, "type": kind, "by": "x"}


class TestNoneWithin:
    """No entry in a window; this one reaches before the registration."""

    NONE = check("none_within", 'fact = "days"', "window_months = 36")

    @pytest.mark.parametrize(
        ("day", "outcome"),
        [("2021-06-30", MET), ("2021-07-01", NOT_MET), ("2024-06-30", NOT_MET), ("2024-07-01", MET)],
    )
    def test_the_first_and_the_last_day(self, day: str, outcome: Outcome) -> None:
        finding = found(self.NONE, days=[day])
        assert (finding.outcome, finding.required) == (outcome, 0)
        assert "2021-07-01 to 2024-06-30" in said(finding)

    def test_the_registration_is_no_bound(self) -> None:
        assert found(self.NONE, days=["2021-07-01"], registered=date(2024, 1, 1)).outcome is NOT_MET

    def test_an_empty_list_is_met_and_none_undetermined(self) -> None:
        assert found(self.NONE, days=[]).outcome is MET
        assert found(self.NONE).lacking == {"days": "missing"}

    @pytest.mark.parametrize("older", ["met", "needs_judgement", "not_met"])
    def test_older_ones_come_to_what_is_said(self, older: str) -> None:
        lines = check("none_within", f'fact = "days", older = "{older}"', "window_months = 36")
        finding = found(lines, days=["2021-06-30", "2015-01-01"])
        assert (finding.outcome.value, finding.measured) == (older, 0)
        assert "Before that: 2" in said(finding)
        assert found(lines, days=["2021-06-30", "2024-01-01"]).outcome is NOT_MET
        assert found(lines, days=[]).outcome is MET

    def test_only_where_older_ones_are_judged_can_it_be_judged(self) -> None:
        for older, judges in (("met", False), ("needs_judgement", True), ("not_met", False)):
            lines = check("none_within", f'fact = "days", older = "{older}"')
            assert TRIALS.standard(*lines).requirements[0].judgeable is judges

    def test_with_a_filter(self) -> None:
        lines = check("none_within", 'fact = "reviews", where = { type = "contract" }', YEAR)
        assert found(lines, reviews=[review("2024-01-01", "decision")]).outcome is MET
        assert found(lines, reviews=[review("2024-01-01")]).outcome is NOT_MET


def meeting(day: str, kind: str = "members", *sizes: str) -> dict[str, Any]:
    return {"held_on": day, "kind": kind, "present": list(sizes)}


QUARTERS = check("every_period", 'fact = "meetings", period = "quarter", last = 4')


class TestEveryPeriod:
    """An entry in each full month, quarter or half-month."""

    FOUR = ("2023-09-30", "2023-10-01", "2024-01-01", "2024-06-30")

    def test_one_in_each_quarter(self) -> None:
        finding = found(QUARTERS, meetings=[meeting(day) for day in self.FOUR])
        assert (finding.outcome, finding.measured, finding.required) == (MET, 4, 4)
        assert "2023-07-01 to 2024-06-30" in said(finding)

    @pytest.mark.parametrize("left_out", FOUR)
    def test_a_quarter_without_one_is_named(self, left_out: str) -> None:
        finding = found(QUARTERS, meetings=[meeting(day) for day in self.FOUR if day != left_out])
        assert (finding.outcome, finding.measured) == (NOT_MET, 3)
        assert f"{left_out[:4]}-Q{(int(left_out[5:7]) + 2) // 3}." in said(finding)

    def test_the_running_quarter_is_not_asked_for(self) -> None:
        for on, first in ((date(2024, 6, 29), "2023-04-01"), (date(2024, 6, 30), "2023-07-01")):
            assert first in said(found(QUARTERS, meetings=[], on=on))

    def test_half_months_break_after_the_15th(self) -> None:
        lines = check("every_period", 'fact = "days", period = "half_month", last = 2')
        assert found(lines, days=["2024-06-15", "2024-06-16"]).outcome is MET
        assert found(lines, days=["2024-06-14", "2024-06-15"]).outcome is NOT_MET
        finding = found(lines, days=["2024-05-16", "2024-06-01"], on=date(2024, 6, 29))
        assert finding.outcome is MET
        assert "2024-05-16 to 2024-06-15" in said(finding)
        assert "2024-02-16/29" in said(found(lines, days=[], on=date(2024, 3, 1)))

    def test_months_within_a_window(self) -> None:
        lines = check("every_period", 'fact = "days", period = "month"', "window_months = 3")
        days = ["2024-04-10", "2024-05-10", "2024-06-10"]
        assert found(lines, days=days).required == 3
        assert found(lines, days=days, on=date(2024, 6, 29)).required == 2  # April and May are whole within it
        assert found(lines, days=[days[0], days[2]]).outcome is NOT_MET

    @pytest.mark.parametrize(
        ("registered", "required"),
        [("2023-07-01", 4), ("2023-07-02", 3), ("2024-03-31", 1), ("2024-04-01", 1), ("2024-04-02", 0)],
    )
    def test_none_before_the_registration(self, registered: str, required: int) -> None:
        finding = found(QUARTERS, meetings=[meeting("2024-05-01")], registered=date.fromisoformat(registered))
        assert finding.required == required
        if required == 0:
            assert finding.outcome is NEEDS_JUDGEMENT

    def test_of_each_kind_that_another_list_has(self) -> None:
        lines = check(
            "every_period",
            'fact = "meetings", period = "quarter", last = 1, each = { field = "present", '
            'values = ["medium", "small"], limited_to = { fact = "stations", field = "size" } }',
        )
        both = [
            {"station": "a", "size": "large"},
            {"station": "b", "size": "medium"},
            {"station": "c", "size": "small"},
        ]
        apart = [meeting("2024-05-01", "members", "medium"), meeting("2024-05-02", "members", "small")]
        assert found(lines, meetings=apart, stations=both).outcome is MET
        assert found(lines, meetings=apart[:1], stations=both).outcome is NOT_MET
        assert found(lines, meetings=apart[:1], stations=both[:2]).outcome is MET
        assert found(lines, meetings=[meeting("2024-05-01")], stations=both[:1]).outcome is MET
        assert found(lines, meetings=[], stations=both[:1]).outcome is NOT_MET
        assert found(lines).lacking == {"meetings": "missing", "stations": "missing"}

    def test_with_a_filter(self) -> None:
        lines = check("every_period", 'fact = "meetings", period = "month", last = 1, where = { kind = "group" }')
        assert found(lines, meetings=[meeting("2024-06-01")]).outcome is NOT_MET
        assert found(lines, meetings=[meeting("2024-06-01", "group")]).outcome is MET

    def test_only_some_of_many_are_named(self) -> None:
        lines = check("every_period", 'fact = "days", period = "month", last = 12')
        reason = said(found(lines, days=[]))
        assert "2023-07, 2023-08, " in reason
        assert "And 6 more." in reason


@given(st.dates(date(2020, 1, 1), date(2024, 12, 31)), st.integers(1, 30))
def test_as_many_periods_are_asked_for_as_are_full(registered: date, last: int) -> None:
    lines = check("every_period", f'fact = "days", period = "month", last = {last}')
    on = registered + timedelta(days=100)
    whole = [
        start
        for start in (date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13))
        if start >= registered and (start + timedelta(days=32)).replace(day=1) - timedelta(days=1) <= on
    ]
    assert found(lines, days=[], registered=registered, on=on).required == min(len(whole), last)
