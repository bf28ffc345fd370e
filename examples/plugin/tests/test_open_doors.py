"""The golden cases hold and the checks are pure; beside them, one case said in code."""

from __future__ import annotations

import dingji_open_doors

from dingji.testing import Bench, golden_failures

BENCH = Bench("suzhou-2023-143", dingji_open_doors)


def test_golden_cases() -> None:
    assert golden_failures(dingji_open_doors) == []


def test_the_same_partner_twice_counts_once() -> None:
    activities = [{"date": f"2024-0{month}-01", "partner": "tribunal"} for month in (1, 2, 3)]
    found = BENCH.finding(requirement="open-doors-4", size="large", facts={"joint_activities": activities})
    assert (found.outcome, found.measured, found.required) == ("not_met", 1, 2)
