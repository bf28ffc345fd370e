"""苏司〔2023〕143号: both standards load whole, and what is computed comes out as the notice has it."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checking import CITY, COUNTY, STATION, TODAY, judge, report
from dingji.assessment import Assessment, assess
from dingji.dossier import Entry, Subject, build_dossier, entitlement
from dingji.events import FindingRecord
from dingji.hooks import Plugins, load_plugins
from dingji.notice import Notice
from dingji.terms import Outcome, Verdict
from dingji_plugins import stock, suzhou_2023_143

GOLDEN: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("golden.toml").read_text("utf-8"))

PLUGINS: Plugins = load_plugins([stock, suzhou_2023_143])
SIZES = ("large", "medium", "small")


def notice() -> Notice:
    found = PLUGINS.notice("suzhou-2023-143")
    assert found is not None
    return found


STANDARDS = {code: PLUGINS.standard(notice(), code) for code in ("standard", "benchmark")}
CHECKS = {code: PLUGINS.checks_for(standard) for code, standard in STANDARDS.items()}


def assessed(
    code: str, *entries: Entry, size: str | None = "large", serves: str = "town", adopted: dict[str, str] | None = None
) -> Assessment:
    subject = Subject(TODAY, size, serves, date(2020, 1, 1))
    held = build_dossier(entries, subject, PLUGINS.facts(notice()), entitlement(notice(), code, date(2024, 1, 1)))
    return assess(STANDARDS[code], held, CHECKS[code], adopted)


def found(id_: str, *entries: Entry, **case: Any) -> FindingRecord:
    result = assessed("standard", *entries, **case)
    return next(finding for finding in result.findings if finding.requirement == id_)


@pytest.mark.parametrize(
    ("code", "attachment", "areas", "rows", "requirements"),
    [("benchmark", 1, 5, 55, 104), ("standard", 2, 6, 58, 127)],
)
def test_a_standard_loads_whole(code: str, attachment: int, areas: int, rows: int, requirements: int) -> None:
    PLUGINS.require_sound()
    standard = STANDARDS[code]
    assert (standard.attachment, len(standard.areas), len(standard.indicators)) == (attachment, areas, rows)
    assert len(standard.requirements) == requirements
    assert standard.digest == notice().parts[f"{code}.toml"]
    assert set(CHECKS[code]) == standard.checks


def test_no_requirement_of_the_two_standards_shares_an_id() -> None:
    ids = [requirement.id for standard in STANDARDS.values() for requirement in standard.requirements]
    assert len(ids) == len(set(ids)) == 231


def test_the_dictionary_of_facts_loads_whole() -> None:
    facts = PLUGINS.facts(notice())
    assert len(facts) == 205
    assert {kind.supplier for kind in facts.values()} == set(facts.suppliers)
    assert all(kind.station == (kind.supplier == "station") for kind in facts.values())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("code", STANDARDS)
def test_an_empty_dossier_determines_nothing(code: str, size: str) -> None:
    result = assessed(code, size=size)
    assert [finding.requirement for finding in result.findings] == [one.id for one in STANDARDS[code].requirements]
    assert {finding.outcome for finding in result.findings} <= {
        Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT, Outcome.NOT_APPLICABLE
    }  # fmt: skip
    assert (result.verdict, result.rests_on) == (Verdict.UNDETERMINED, ())
    assert all(finding.reason for finding in result.findings)


def reaching() -> list[Entry]:
    """Return entries with which a large station in a town reaches both standards."""
    facts: dict[str, Any] = {
        "special_post_staff": 3, "special_post_staff_diverted": 0, "full_time_staff": 10, "qualified_lawyers": 1,
        "correction_subjects": 31, "correction_social_workers": 3, "resettlement_persons": 0,
        "resettlement_social_workers": 0, "social_workers_total": 3, "town_committee_mediators": 2,
        "police_stations_in_area": 2, "police_room_mediators": [2, 3], "tribunals_in_area": 0, "floor_area_m2": 400,
        "separately_established": True, "dual_leadership_bureau_led": True, "special_posts_bureau_managed": True,
        "assessment_bureau_led": True,
    }  # fmt: skip
    papers = [("a", key) for key, value in facts.items() if value is True]
    entries = [report("2024-05-01", facts, evidence=papers)]
    for standard in STANDARDS.values():
        entries += [judge("2024-06-01", one.id, by=CITY) for one in standard.requirements if one.judgeable]
    return entries


@pytest.mark.parametrize("code", STANDARDS)
def test_a_station_with_all_that_is_asked_reaches_it(code: str) -> None:
    result = assessed(code, *reaching())
    assert (result.short, result.verdict) == ((), Verdict.REACHED)
    assert {finding.outcome for finding in result.findings} <= {Outcome.MET, Outcome.NOT_APPLICABLE}


def test_a_judgement_of_the_county_does_not_count_for_benchmark() -> None:
    id_ = STANDARDS["benchmark"].requirements[0].id
    county, city = judge("2024-06-01", id_, by=COUNTY), judge("2024-06-01", id_, by=CITY)
    assert assessed("benchmark", county).findings[0].shown == county[0]
    assert assessed("benchmark", county).findings[0].outcome is Outcome.NEEDS_JUDGEMENT
    assert assessed("benchmark", county, city).findings[0].judgement == city[0]


def floors() -> list[tuple[dict[str, Any], str]]:
    return [(floor, size) for floor in GOLDEN["floor"] for size in SIZES]


@pytest.mark.parametrize(
    ("floor", "size"), floors(), ids=lambda one: one if isinstance(one, str) else one["requirement"]
)
def test_a_floor_holds_at_its_number_and_not_below(floor: dict[str, Any], size: str) -> None:
    at = floor["at"][size]
    for number, outcome in ((at - 1, Outcome.NOT_MET), (at, Outcome.MET), (at + 1, Outcome.MET)):
        entry = report("2024-05-01", {floor["fact"]: number})
        finding = found(floor["requirement"], entry, size=size, serves=floor.get("serves", "town"))
        assert (finding.outcome, finding.measured, finding.required) == (outcome, number, at)
        assert finding.facts == {floor["fact"]: entry[0]}
        if number == at:
            assert finding.otherwise == floor.get("otherwise", {}).get(size, {})


@pytest.mark.parametrize("case", GOLDEN["case"], ids=lambda case: case["title"].replace(" ", "-"))
def test_a_golden_case(case: dict[str, Any]) -> None:
    papers = [("a", key) for key in case.get("evidence", ())]
    entry = report("2024-05-01", case["facts"], by=STATION if case.get("by") == "station" else COUNTY, evidence=papers)
    adopted = {case["requirement"]: case["adopted"]} if "adopted" in case else {}
    finding = found(case["requirement"], entry, size=case["size"], serves=case.get("serves", "town"), adopted=adopted)
    assert finding.outcome == case["outcome"]
    assert finding.otherwise == case.get("otherwise", {})
    assert finding.reading_matters is bool(case.get("otherwise"))
    if "required" in case:
        assert finding.required == case["required"]


def test_every_computed_requirement_has_a_golden_case() -> None:
    named = {one["requirement"] for kind in GOLDEN.values() for one in kind}
    computed = {one.id for standard in STANDARDS.values() for one in standard.requirements if not one.judges}
    assert named == computed
