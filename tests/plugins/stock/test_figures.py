"""The stock checks, each by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import STATION, TODAY, bench, dossier, judge, known, only, parse, report, requirement
from dingji.checks.assessment import assess
from dingji.checks.check import CheckSpec
from dingji.checks.dossier import NamedEntry
from dingji.events.events import FindingRecord
from dingji.faults import LedgerError
from dingji.plugins.manager import load_plugins
from dingji.plugins.standard_loading import load_standard
from dingji.terms import Outcome
from dingji_plugins import stock
from dingji_plugins.stock import composed
from dingji_plugins.stock.base import SAY, check_name

MET, NOT_MET = Outcome.MET, Outcome.NOT_MET
UNDETERMINED, NEEDS_JUDGEMENT = Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT

SPECS: dict[str, CheckSpec] = {name: check.value for name, check in load_plugins([stock]).checks.items()}
STANDARDS: dict[tuple[str, ...], Any] = {}


def found(*lines: str, entries: tuple[NamedEntry, ...] = (), **subject: Any) -> FindingRecord:
    """Return the finding of one requirement, given as lines of TOML."""
    if lines not in STANDARDS:
        STANDARDS[lines] = load_standard("basic.toml", parse(requirement("R", *lines)), "basic", known(SPECS))
    return only(assess(STANDARDS[lines], dossier(*entries, **subject), bench(SPECS)))


def facts(**given: Any) -> tuple[NamedEntry, ...]:
    return (report("2024-05-01", given),)


def words(finding: FindingRecord, language: str = "zh") -> str:
    assert finding.reason is not None
    return finding.reason[language]


AT_LEAST = 'check = "at_least"', 'parameters = { fact = "staff", minimum = 4 }'
AT_MOST = 'check = "at_most"', 'parameters = { fact = "staff", maximum = 2 }'
SUM = 'check = "sum_at_least"', 'parameters = { facts = ["mediators", "rooms"], minimum = 4 }'
EACH = 'check = "each_at_least"', 'parameters = { fact = "mediators", count = "rooms", minimum = 2 }'
RATIO = 'check = "ratio"', 'parameters = { workers = "rooms", persons = "staff", persons_per_worker = 15 }'
PRESENT = 'check = "present"', 'parameters = { fact = "sign" }'


@pytest.mark.parametrize(("staff", "outcome"), [(3, NOT_MET), (4, MET), (5, MET)])
def test_at_least(staff: int, outcome: Outcome) -> None:
    finding = found(*AT_LEAST, entries=facts(staff=staff))
    assert (finding.outcome, finding.measured, finding.required) == (outcome, staff, 4)
    assert words(finding) == f"实有 {staff} 人，应不少于 4 人。"
    assert words(finding, "en") == f"{staff} found, at least 4 required (persons)."


@pytest.mark.parametrize(("staff", "outcome"), [(1, MET), (2, MET), (3, NOT_MET)])
def test_at_most(staff: int, outcome: Outcome) -> None:
    finding = found(*AT_MOST, entries=facts(staff=staff))
    assert (finding.outcome, finding.measured, finding.required) == (outcome, staff, 2)
    assert words(finding) == f"实有 {staff} 人，应不多于 2 人。"


@pytest.mark.parametrize(
    ("size", "serves", "required"),
    [("large", "town", 400), ("large", "street", 300), ("medium", "street", 200), ("small", "street", 150)],
)
def test_a_threshold_by_size_and_place(size: str, serves: str, required: int) -> None:
    given = "{ large = { town = 400, street = 300 }, medium = { town = 300, street = 200 }, small = 150 }"
    for kind, key in (("at_least", "minimum"), ("at_most", "maximum")):
        lines = f'check = "{kind}"', f'parameters = {{ fact = "staff", {key} = {given} }}'
        finding = found(*lines, entries=facts(staff=required), size=size, serves=serves)
        assert (finding.outcome, finding.required) == (MET, required)
        assert found(*lines, entries=facts(staff=required), size=None).lacking == {"size": "missing"}


@pytest.mark.parametrize(
    ("given", "outcome", "measured"),
    [
        ({"mediators": [1, 2], "rooms": 1}, MET, 4),
        ({"mediators": [1, 1], "rooms": 1}, NOT_MET, 3),
        ({"mediators": [], "rooms": 0}, NOT_MET, 0),
        ({"mediators": [2, 2]}, MET, 4),
        ({"rooms": 9}, MET, 9),
        ({"mediators": [2, 1]}, UNDETERMINED, None),
    ],
)
def test_sum_at_least(given: dict[str, Any], outcome: Outcome, measured: int | None) -> None:
    finding = found(*SUM, entries=facts(**given))
    assert (finding.outcome, finding.measured) == (outcome, measured)


@pytest.mark.parametrize(
    ("mediators", "rooms", "outcome"),
    [
        ([2, 2], 2, MET),
        ([2, 3, 2], 2, MET),
        ([2], 2, NOT_MET),
        ([2, 1], 2, NOT_MET),
        ([2, 2, 1], 2, NOT_MET),
        ([], 2, NOT_MET),
        ([], 0, NOT_MET),
        ([2], 0, MET),
    ],
)
def test_each_at_least(mediators: list[int], rooms: int, outcome: Outcome) -> None:
    finding = found(*EACH, entries=facts(mediators=mediators, rooms=rooms))
    assert (finding.outcome, finding.measured, finding.required) == (
        outcome,
        mediators,
        {"places": rooms, "minimum": 2},
    )
    assert str(rooms) in words(finding)


def test_each_at_least_needs_both_facts() -> None:
    assert found(*EACH, entries=facts(mediators=[2])).lacking == {"rooms": "missing"}
    assert found(*EACH).lacking == {"mediators": "missing", "rooms": "missing"}


@pytest.mark.parametrize(
    ("persons", "workers", "required", "outcome"),
    [(15, 1, 1, MET), (16, 1, 2, NOT_MET), (16, 2, 2, MET), (1, 0, 1, NOT_MET), (30, 2, 2, MET), (31, 2, 3, NOT_MET)],
)
def test_ratio_rounds_up(persons: int, workers: int, required: int, outcome: Outcome) -> None:
    finding = found(*RATIO, entries=facts(staff=persons, rooms=workers))
    assert (finding.outcome, finding.measured, finding.required) == (outcome, workers, required)
    assert "1:15" in words(finding)


def test_nobody_in_charge_needs_nobody() -> None:
    for entries in (facts(staff=0), facts(staff=0, rooms=0)):
        finding = found(*RATIO, entries=entries)
        assert (finding.outcome, finding.required) == (MET, 0)
    assert found(*RATIO, entries=facts(rooms=3)).outcome is UNDETERMINED


def test_a_ratio_names_all_that_it_lacks() -> None:
    assert found(*RATIO).lacking == {"staff": "missing", "rooms": "missing"}


POOL = (
    'check = "ratio"',
    'parameters = { workers = "rooms", persons = "staff", persons_per_worker = 15, '
    'pool = { parts = ["rooms", "other"], total = "whole" } }',
)


class TestPool:
    """Workers who are parts of a whole."""

    @pytest.fixture(autouse=True)
    def _more_facts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import checking

        more = checking.FACTS + "".join(
            f'[fact.{key}]\ntype = "int"\nlabel = {{ zh = "{key}", en = "{key}" }}\n'
            'supplier = "county"\nstation = false\nfresh_months = 12\n'
            for key in ("other", "whole")
        )
        facts = checking.some_facts(more)
        monkeypatch.setattr(checking, "some_facts", lambda: facts)

    @pytest.mark.parametrize(
        ("given", "outcome"),
        [
            ({"staff": 15, "rooms": 1, "other": 2, "whole": 3}, MET),
            ({"staff": 15, "rooms": 1, "other": 2, "whole": 9}, MET),
            ({"staff": 16, "rooms": 1, "other": 2, "whole": 3}, NOT_MET),
            ({"staff": 15, "rooms": 2, "other": 2, "whole": 3}, UNDETERMINED),
            ({"staff": 15, "rooms": 1, "other": 2}, UNDETERMINED),
            ({"staff": 0, "rooms": 2, "other": 2, "whole": 3}, MET),
        ],
    )
    def test_parts_cannot_exceed_the_whole(self, given: dict[str, int], outcome: Outcome) -> None:
        assert found(*POOL, entries=facts(**given)).outcome is outcome

    def test_figures_that_contradict_each_other_are_said_so(self) -> None:
        finding = found(*POOL, entries=facts(staff=15, rooms=2, other=2, whole=3))
        assert (finding.measured, finding.lacking) == (None, {})
        assert "4" in words(finding)
        assert "3" in words(finding)


class TestPresent:
    """Something declared to be so."""

    def test_with_evidence_it_is_met(self) -> None:
        finding = found(*PRESENT, entries=(report("2024-05-01", {"sign": True}, evidence=[("a", "sign")]),))
        assert (finding.outcome, finding.measured, finding.evidence) == (MET, True, ("a" * 64,))

    def test_without_evidence_it_is_undetermined(self) -> None:
        entry = report("2024-05-01", {"sign": True})
        finding = found(*PRESENT, entries=(entry,))
        assert (finding.outcome, finding.lacking, finding.facts) == (
            UNDETERMINED,
            {"sign": "unsupported"},
            {"sign": entry[0]},
        )
        assert "佐证" in words(finding)

    def test_evidence_may_come_later_and_from_another(self) -> None:
        entries = report("2024-05-01", {"sign": True}, by=STATION), report("2024-05-02", {}, evidence=[("a", "sign")])
        assert found(*PRESENT, entries=entries).outcome is MET

    def test_that_it_is_not_so_needs_no_evidence(self) -> None:
        assert found(*PRESENT, entries=facts(sign=False)).outcome is NOT_MET

    def test_unknown_it_is_undetermined(self) -> None:
        assert found(*PRESENT).lacking == {"sign": "missing"}


def test_judged_lays_the_facts_before_the_assessor() -> None:
    lines = 'check = "judged"', 'facts = ["staff", "rooms"]'
    (entry,) = facts(staff=1)
    finding = found(*lines, entries=(entry,))
    assert (finding.outcome, finding.facts, finding.lacking) == (NEEDS_JUDGEMENT, {"staff": entry[0]}, {})
    assert found(*lines, entries=(judge(str(TODAY), "R", "not_met"),)).outcome is NOT_MET


@pytest.mark.parametrize(
    "lines",
    [
        (*AT_LEAST[:1], 'parameters = { fact = "sign", minimum = 1 }'),
        (*SUM[:1], 'parameters = { facts = ["duties"], minimum = 1 }'),
        (*EACH[:1], 'parameters = { fact = "mediators", count = "mediators", minimum = 1 }'),
        (*RATIO[:1], 'parameters = { workers = "rooms", persons = "staff", persons_per_worker = 0 }'),
        (*PRESENT[:1], 'parameters = { fact = "rooms" }'),
        ('check = "judged"', 'parameters = { fact = "rooms" }'),
    ],
)
def test_parameters_that_make_no_sense_are_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(LedgerError):
        found(*lines)


def test_every_stock_check_is_documented() -> None:
    assert stock.__doc__ is not None
    for parameters in composed.FUNCTIONS:
        assert f"`{check_name(parameters.__name__)}`" in stock.__doc__
    for text in SAY.templates.values():
        assert set(text) == {"zh", "en"}


counts = st.integers(0, 40)
rooms = st.lists(st.integers(0, 4), max_size=4)


@given(counts, st.integers(1, 5))
def test_more_never_turns_met_into_not_met(staff: int, more: int) -> None:
    if found(*AT_LEAST, entries=facts(staff=staff)).outcome is MET:
        assert found(*AT_LEAST, entries=facts(staff=staff + more)).outcome is MET
    if found(*AT_MOST, entries=facts(staff=staff + more)).outcome is MET:
        assert found(*AT_MOST, entries=facts(staff=staff)).outcome is MET


@given(rooms, counts, st.integers(0, 3), st.data())
def test_more_persons_in_a_room_never_turn_met_into_not_met(held: list[int], count: int, more: int, data: Any) -> None:
    grown = list(held)
    if grown:
        grown[data.draw(st.integers(0, len(grown) - 1))] += more
    for lines in (SUM, EACH):
        if found(*lines, entries=facts(mediators=held, rooms=count)).outcome is MET:
            assert found(*lines, entries=facts(mediators=grown, rooms=count)).outcome is MET


@given(counts, counts, st.integers(1, 20))
def test_more_workers_or_fewer_persons_never_turn_met_into_not_met(persons: int, workers: int, more: int) -> None:
    if found(*RATIO, entries=facts(staff=persons, rooms=workers)).outcome is MET:
        assert found(*RATIO, entries=facts(staff=persons, rooms=workers + more)).outcome is MET
        assert found(*RATIO, entries=facts(staff=max(0, persons - more), rooms=workers)).outcome is MET
    required = found(*RATIO, entries=facts(staff=persons, rooms=workers)).required
    assert required * 15 >= persons > (required - 1) * 15 or persons == required == 0


@given(st.sets(st.sampled_from(["staff", "rooms", "mediators", "sign"])))
def test_an_unknown_fact_that_would_matter_leaves_it_undetermined(stated: set[str]) -> None:
    values = {"staff": 16, "rooms": 3, "mediators": [2, 2, 2], "sign": True}
    entries = (report("2024-05-01", {key: values[key] for key in sorted(stated)}, evidence=[("a", "sign")]),)
    needed = {
        AT_LEAST: {"staff"},
        AT_MOST: {"staff"},
        EACH: {"mediators", "rooms"},
        RATIO: {"staff", "rooms"},
        PRESENT: {"sign"},
    }
    for lines, keys in needed.items():
        finding = found(*lines, entries=entries)
        assert (finding.outcome is UNDETERMINED) is not (keys <= stated)
        assert set(finding.lacking) == (keys - stated if finding.outcome is UNDETERMINED else set())
