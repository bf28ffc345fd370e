"""Every requirement of 苏司〔2023〕143号 on its golden cases, which are data: what it comes to under every reading."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from dingji.catalogue.standard import Requirement
from dingji.events.events import FindingRecord
from dingji.golden.cases import Case, Trials
from dingji.plugins.manager import load_plugins
from dingji.terms import Outcome
from dingji_plugins import stock, suzhou_2023_143

FOLDER: Final = Path(suzhou_2023_143.__file__).parent
CODES: Final = ("benchmark", "standard")
MET, NOT_MET, NEEDS_JUDGEMENT = Outcome.MET, Outcome.NOT_MET, Outcome.NEEDS_JUDGEMENT
OPEN: Final = {Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE}
LEAST: Final = 693
"""Three cases for each of the 231 requirements."""

PLUGINS: Final = load_plugins([stock, suzhou_2023_143])
FILES: Final = {code: tomllib.loads((FOLDER / f"golden_{code}.toml").read_text("utf-8")) for code in CODES}
TRIALS: Final = {code: Trials(PLUGINS, FILES[code]["notice"]) for code in CODES}
CASES: Final[list[tuple[str, dict[str, Any]]]] = [(code, case) for code in CODES for case in FILES[code]["case"]]
IDS: Final = ["-".join((case["requirement"], *case["title"].replace(",", "").split())) for _, case in CASES]


def requirements() -> dict[str, Requirement]:
    return {one.id: one for code in CODES for one in PLUGINS.standard(TRIALS[code].notice, code).requirements}


REQUIREMENTS: Final = requirements()


def found(code: str, case: Case) -> FindingRecord:
    return TRIALS[code].finding(case, lambda _, check: check)


def told(finding: FindingRecord, *names: str) -> dict[str, Any]:
    """Return parts of a finding as plain data."""
    plain: dict[str, Any] = msgspec.to_builtins({name: getattr(finding, name) for name in names})
    return plain


@pytest.mark.parametrize(("code", "written"), CASES, ids=IDS)
def test_a_golden_case(code: str, written: dict[str, Any]) -> None:
    otherwise = written.get("otherwise", {})
    case = msgspec.convert(written, Case)
    finding = found(code, case)
    assert (finding.outcome, told(finding, "otherwise")["otherwise"]) == (case.outcome, otherwise), finding.reason
    assert finding.reading_matters is bool(otherwise)
    for name in ("measured", "required"):
        if (expected := getattr(case, name)) is not msgspec.UNSET:
            assert told(finding, name)[name] == msgspec.to_builtins(expected)
    assert finding.reason or (case.outcome is NEEDS_JUDGEMENT and not case.facts) or finding.judgement


def test_every_requirement_has_its_golden_cases() -> None:
    outcomes: dict[str, set[Outcome]] = defaultdict(set)
    for _, case in CASES:
        outcomes[case["requirement"]].add(Outcome(case["outcome"]))
    assert outcomes.keys() == REQUIREMENTS.keys()
    assert len(CASES) >= LEAST
    for id_, requirement in REQUIREMENTS.items():
        short = NEEDS_JUDGEMENT if requirement.ours and requirement.check != "judged" else NOT_MET
        left = OPEN if can_be_open(requirement) else {NEEDS_JUDGEMENT}
        assert {MET, short} <= outcomes[id_], id_
        assert outcomes[id_] & left, id_
        if short is NEEDS_JUDGEMENT:
            assert NEEDS_JUDGEMENT in outcomes[id_], id_


def can_be_open(requirement: Requirement) -> bool:
    """Return whether facts or the size can leave it open: what is only judged, of everyone, is for the assessor."""
    return requirement.check != "judged" or requirement.condition is not None or not requirement.every_size


def test_every_reading_is_seen_to_matter() -> None:
    seen = {
        (case["requirement"], reading)
        for _, case in CASES
        for reading in (*case.get("otherwise", {}), case.get("reading", "default"))
    }
    readings = {(id_, reading) for id_, one in REQUIREMENTS.items() for reading in one.readings}
    assert readings <= seen


def test_what_is_ours_never_fails_and_no_title_stands_twice() -> None:
    for code, case in CASES:
        requirement = REQUIREMENTS[case["requirement"]]
        if requirement.ours and case["outcome"] == "not_met":
            assert "judgements" in case, (code, case["title"])
    titles = Counter((case["requirement"], case["title"], case.get("size")) for _, case in CASES)
    assert [title for title, count in titles.items() if count > 1] == []
