"""苏司〔2023〕143号: both standards load whole, and what is computed comes out as the notice has it."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checking import CITY, COUNTY, TODAY, judge, report
from dingji.catalogue.facts import RESERVED
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Requirement
from dingji.checks.assessment import Assessment, assess
from dingji.checks.dossier import NamedEntry, Subject, build_dossier, entitlement
from dingji.plugins.check_parameters import fact_keys
from dingji.plugins.manager import Plugins, load_plugins
from dingji.terms import Outcome, Verdict
from dingji_plugins import stock, suzhou_2023_143

REACHING: dict[str, Any] = tomllib.loads(Path(__file__).with_name("reaching.toml").read_text("utf-8"))

PLUGINS: Plugins = load_plugins([stock, suzhou_2023_143])
SIZES = ("large", "medium", "small")


def notice() -> Notice:
    found = PLUGINS.notice("suzhou-2023-143")
    assert found is not None
    return found


STANDARDS = {code: PLUGINS.standard(notice(), code) for code in ("standard", "benchmark")}
CHECKS = {code: PLUGINS.checks_for(standard) for code, standard in STANDARDS.items()}


def assessed(
    code: str,
    *entries: NamedEntry,
    size: str | None = "large",
    serves: str = "town",
    adopted: dict[str, str] | None = None,
) -> Assessment:
    subject = Subject(TODAY, size, serves, date(2020, 1, 1))
    held = build_dossier(entries, subject, PLUGINS.facts(notice()), entitlement(notice(), code, date(2024, 1, 1)))
    return assess(STANDARDS[code], held, CHECKS[code], adopted)


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


def test_every_code_has_one_label_wherever_a_finding_shows_it() -> None:
    facts = PLUGINS.facts(notice())
    for standard in STANDARDS.values():
        for requirement in standard.requirements:
            forms = [part for key in keys_of(requirement) for part in facts[key].form.parts()]
            labels: dict[str, dict[str, str]] = {}
            for code, label in (pair for form in forms for pair in form.values.items()):
                assert labels.setdefault(code, label) == label, (requirement.id, code)


def keys_of(requirement: Requirement) -> set[str]:
    """Return all facts that a requirement can look at."""
    conditions = [leaf.fact for leaf in requirement.condition.leaves()] if requirement.condition else []
    keys = {*conditions, *fact_keys(requirement.parameters), *requirement.facts}
    return {key for key in keys if key and key not in RESERVED}


def test_no_code_stands_in_a_reason() -> None:
    """Where records lack something, where a filter is named, where a value falls short: each in words."""
    codes = {code for kind in PLUGINS.facts(notice()).values() for part in kind.form.parts() for code in part.values}
    empty = {key: nothing(key) for key in REACHING}
    for entries in (reaching(), reaching(**empty), reaching(party_branch="none", premises_independence="shared")):
        for code in STANDARDS:
            for finding in assessed(code, *entries).findings:
                words = (finding.reason or {"zh": ""})["zh"]
                assert codes.isdisjoint(re.findall(r"[a-z_]+", words)), words


def nothing(key: str) -> Any:
    """Return what says the least of a fact."""
    kind = PLUGINS.facts(notice())[key]
    return [] if kind.type == "list" else REACHING[key]


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


def reaching(*, without: str = "", **instead: Any) -> list[NamedEntry]:
    """Return entries with which a large station in a town reaches both standards, all but one fact or with others."""
    facts = {key: plain(value) for key, value in (REACHING | instead).items() if key != without}
    entries = [report("2024-06-01", facts, evidence=[("a", key) for key in facts])]
    for standard in STANDARDS.values():
        entries += [judge("2024-06-01", one.id, by=CITY) for one in standard.requirements if asks(one)]
    return entries


def asks(requirement: Requirement) -> bool:
    """Return whether an assessor has to judge it, whatever the facts."""
    return requirement.check == "judged" or bool(requirement.external)


def plain(value: Any) -> Any:
    """Return a fact's value as reports state it: days as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(held) for name, held in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("code", STANDARDS)
def test_a_station_with_all_that_is_asked_reaches_it(code: str) -> None:
    result = assessed(code, *reaching())
    assert (result.short, result.verdict) == ((), Verdict.REACHED)
    assert {finding.outcome for finding in result.findings} <= {Outcome.MET, Outcome.NOT_APPLICABLE}
    assert [finding.requirement for finding in result.findings if finding.reading_matters] == []


@pytest.mark.parametrize("key", REACHING)
def test_without_a_fact_nothing_is_known_of_what_asks_for_it(key: str) -> None:
    for code in STANDARDS:
        lost = assessed(code, *reaching(without=key)).findings
        changed = [finding for finding in lost if finding.outcome not in (Outcome.MET, Outcome.NOT_APPLICABLE)]
        assert {finding.outcome for finding in changed} <= {Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT}
        assert all(key in finding.lacking for finding in changed if finding.outcome is Outcome.UNDETERMINED)


def test_a_finding_names_the_facts_it_rests_on_and_their_papers() -> None:
    entries = reaching(special_post_staff=2)
    finding = next(one for one in assessed("standard", *entries).findings if one.requirement == "S1.1.2")
    assert (finding.outcome, finding.measured, finding.required) == (Outcome.NOT_MET, 2, 3)
    assert finding.facts == {"special_post_staff": entries[0][0]}
    assert finding.evidence == ("a" * 64,)
    assert assessed("standard", *entries).verdict is Verdict.NOT_REACHED


def test_a_judgement_of_the_county_does_not_count_for_benchmark() -> None:
    id_, place = next((one.id, place) for place, one in enumerate(STANDARDS["benchmark"].requirements) if asks(one))
    county, city = judge("2024-06-01", id_, by=COUNTY), judge("2024-06-01", id_, by=CITY)
    assert assessed("benchmark", county).findings[place].shown == county[0]
    assert assessed("benchmark", county).findings[place].outcome is Outcome.NEEDS_JUDGEMENT
    assert assessed("benchmark", county, city).findings[place].judgement == city[0]
