"""From a standard and a dossier to findings and a verdict."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checking import (
    JUDGED,
    READING,
    STAFF,
    STATION,
    STRICTER,
    assessed,
    bench,
    dossier,
    judge,
    only,
    report,
    requirement,
    said,
    standard,
)
from dingji.checks.assessment import Assessment, assess
from dingji.checks.dossier import NamedEntry
from dingji.events.codec import encode_canonical
from dingji.events.events import AssessmentRecorded, CheckOwner, FindingRecord
from dingji.terms import Outcome, Verdict

FEW, MANY = report("2024-05-01", {"staff": 3}), report("2024-05-01", {"staff": 9})


def test_a_finding_carries_what_was_measured_what_was_required_and_what_it_rests_on() -> None:
    entry = report("2024-05-01", {"staff": 4}, evidence=[("b", "staff"), ("a", "staff")])
    result = assessed(requirement("R", *STAFF), entry)
    finding = only(result)
    assert (finding.outcome, finding.measured, finding.required) == (Outcome.MET, 4, 4)
    assert finding.facts == {"staff": entry[0]}
    assert finding.evidence == ("a" * 64, "b" * 64)
    assert result.rests_on == (entry[0],)
    assert (result.verdict, result.short) == (Verdict.REACHED, ())
    assert (result.size, result.serves, result.standard, result.notice) == ("medium", "town", "basic", "test")


def test_findings_stand_in_the_order_of_the_standard_one_for_each_requirement() -> None:
    result = assessed(standard(requirement("R9", *STAFF), requirement("R1", *JUDGED, 'sizes = ["small"]')), MANY)
    assert [(one.requirement, one.outcome) for one in result.findings] == [
        ("R9", Outcome.MET),
        ("R1", Outcome.NOT_APPLICABLE),
    ]
    assert "small" in said(result.findings[1])


@pytest.mark.parametrize(
    ("entries", "state", "word"),
    [
        ((), "missing", "Not reported"),
        ((report("2024-05-01", {"staff": 9}, by=STATION),), "unconfirmed", "not confirmed"),
        ((report("2023-05-01", {"staff": 9}),), "stale", "too long ago"),
    ],
)
def test_what_is_not_known_is_named(entries: tuple[NamedEntry, ...], state: str, word: str) -> None:
    result = assessed(requirement("R", *STAFF), *entries)
    finding = only(result)
    assert (finding.outcome, finding.lacking, finding.facts) == (Outcome.UNDETERMINED, {"staff": state}, {})
    assert word in said(finding)
    assert "Staff" in said(finding)
    assert (result.verdict, result.short, result.rests_on) == (Verdict.UNDETERMINED, ("R",), ())


def test_a_station_without_a_size_is_undetermined_where_the_size_matters() -> None:
    requirements = (
        requirement("R1", *STAFF),
        requirement("R2", *JUDGED, 'sizes = ["small"]'),
        requirement("R3", 'check = "at_least"', 'parameters = { fact = "staff", minimum = 1 }'),
    )
    result = assessed(standard(*requirements), MANY, size=None)
    assert [one.outcome for one in result.findings] == [Outcome.UNDETERMINED, Outcome.UNDETERMINED, Outcome.MET]
    assert [one.lacking for one in result.findings] == [{"size": "missing"}, {"size": "missing"}, {}]
    assert "size" in said(result.findings[0])


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ((9, 9), Verdict.REACHED),
        ((9, 3), Verdict.NOT_REACHED),
        ((9, None), Verdict.UNDETERMINED),
        ((3, None), Verdict.NOT_REACHED),
    ],
)
def test_the_verdict(outcomes: tuple[int | None, int | None], verdict: Verdict) -> None:
    second = 'check = "at_least"', 'parameters = { fact = "rooms", minimum = 4 }'
    given = {key: value for key, value in zip(("staff", "rooms"), outcomes, strict=True) if value is not None}
    assert (
        assessed(standard(requirement("R1", *STAFF), requirement("R2", *second)), report("2024-05-01", given)).verdict
        is verdict
    )


@pytest.mark.parametrize("modality", ["may", "heading"])
@pytest.mark.parametrize("entries", [(), (FEW,)])
def test_what_is_no_must_never_blocks(modality: str, entries: tuple[NamedEntry, ...]) -> None:
    optional = requirement("R2", *STAFF, f'modality = "{modality}"')
    rooms = requirement("R1", 'check = "at_least"', 'parameters = { fact = "rooms", minimum = 1 }')
    result = assessed(standard(rooms, optional), report("2024-05-01", {"rooms": 1}), *entries)
    assert result.findings[1].outcome in {Outcome.UNDETERMINED, Outcome.NOT_MET}
    assert (result.verdict, result.short) == (Verdict.REACHED, ())


def test_nothing_is_reached_where_nothing_applies() -> None:
    assert assessed(requirement("R", *JUDGED, 'sizes = ["small"]'), size="large").verdict is Verdict.UNDETERMINED


class TestReadings:
    """An unclear cell, evaluated under each of its readings."""

    UNCLEAR = requirement("R", *STAFF, READING, STRICTER)

    @pytest.mark.parametrize(
        ("staff", "adopted", "expected", "otherwise"),
        [
            (3, None, Outcome.NOT_MET, {}),
            (5, None, Outcome.MET, {"strict": Outcome.NOT_MET}),
            (5, "strict", Outcome.NOT_MET, {"default": Outcome.MET}),
            (6, None, Outcome.MET, {}),
            (6, "strict", Outcome.MET, {}),
        ],
    )
    def test_the_one_in_force_decides(
        self, staff: int, adopted: str | None, expected: Outcome, otherwise: dict[str, Outcome]
    ) -> None:
        entry = report("2024-05-01", {"staff": staff})
        result = assessed(self.UNCLEAR, entry, adopted={"R": adopted} if adopted else {"other": "x"})
        finding = only(result)
        assert (finding.outcome, finding.otherwise, finding.reading_matters) == (expected, otherwise, bool(otherwise))
        assert finding.reading == (adopted or "default")
        assert result.readings == {"R": adopted or "default"}

    def test_sizes_may_depend_on_the_reading(self) -> None:
        unclear = requirement("R", *JUDGED, 'sizes = ["large"]', READING, 'sizes = ["large", "medium"]')
        finding = only(assessed(unclear))
        assert (finding.outcome, finding.otherwise) == (Outcome.NOT_APPLICABLE, {"strict": Outcome.NEEDS_JUDGEMENT})
        finding = only(assessed(unclear, judge("2024-05-02", "R"), adopted={"R": "strict"}))
        assert (finding.outcome, finding.otherwise) == (Outcome.MET, {"default": Outcome.NOT_APPLICABLE})

    def test_the_facts_are_those_of_the_reading_in_force(self) -> None:
        rooms = 'parameters = { fact = "rooms", minimum = 1 }'
        entries = report("2024-05-01", {"staff": 9}), report("2024-05-01", {"rooms": 1})
        result = assessed(requirement("R", *STAFF, READING, rooms), *entries)
        assert (only(result).facts, result.rests_on) == ({"staff": entries[0][0]}, (entries[0][0],))

    def test_a_clear_cell_has_none(self) -> None:
        result = assessed(requirement("R", *STAFF), MANY)
        assert (only(result).reading, only(result).reading_matters, result.readings) == (None, False, {})

    def test_a_reading_that_is_gone_is_an_error(self) -> None:
        result = assessed(self.UNCLEAR, MANY, adopted={"R": "gone"})
        assert (only(result).outcome, result.verdict) == (Outcome.ERROR, Verdict.UNDETERMINED)
        assert "gone" in said(only(result))


def test_the_owners_of_the_checks_that_ran_are_kept() -> None:
    whole = standard(requirement("R1", *STAFF), requirement("R2", *JUDGED, 'sizes = ["small"]'))
    result = assess(whole, dossier(MANY), bench())
    assert result.checks == {"at_least": CheckOwner("some-plugin", "1.2", "0" * 64)}
    assert result.catalogue == whole.digest


def test_an_assessment_is_field_by_field_what_the_event_keeps() -> None:
    own = {field.name for field in msgspec.structs.fields(Assessment)}
    kept = {field.name for field in msgspec.structs.fields(AssessmentRecorded)}
    assert own <= kept


def test_findings_come_back_from_their_stored_form() -> None:
    entries = report("2024-05-01", {"staff": 5}, by=STATION), report("2024-06-01", {"staff": 4})
    result = assessed(
        standard(TestReadings.UNCLEAR, requirement("R2", *JUDGED)), *entries, judge("2024-05-01", "R2", by=STATION)
    )
    back = msgspec.json.decode(encode_canonical(result.findings), type=tuple[FindingRecord, ...])
    assert back == result.findings


numbers = st.one_of(st.none(), st.integers(0, 8))


@given(
    numbers, st.sampled_from(["large", "medium", "small", None]), st.booleans(), st.sampled_from(["default", "strict"])
)
def test_what_is_not_known_never_reaches(staff: int | None, size: str | None, judged: bool, reading: str) -> None:
    whole = standard(TestReadings.UNCLEAR, requirement("R2", *JUDGED))
    entries = [report("2024-05-01", {"staff": staff})] if staff is not None else []
    entries += [judge("2024-05-01", "R2")] if judged else []
    result = assessed(whole, *entries, size=size, adopted={"R": reading})
    if staff is None or size is None or not judged:
        assert result.verdict is not Verdict.REACHED


@given(
    st.permutations(
        [
            FEW,
            report("2024-05-01", {"rooms": 1}),
            judge("2024-05-01", "R2"),
            judge("2024-05-01", "R2", "not_met", by=STATION),
        ]
    )
)
def test_the_order_of_entries_does_not_matter(entries: list[NamedEntry]) -> None:
    whole = standard(TestReadings.UNCLEAR, requirement("R2", *JUDGED, 'facts = ["rooms"]'))
    assert assessed(whole, *entries) == assessed(whole, *sorted(entries, key=lambda entry: entry[1]))


def test_nothing_is_opened_or_asked_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, held, checks = standard(TestReadings.UNCLEAR, requirement("R2", *JUDGED)), dossier(FEW), bench()
    first = assess(whole, held, checks)

    def refuse(*args: Any, **named: Any) -> Any:
        raise AssertionError("not pure")

    for name in ("builtins.open", "time.time", "random.random", "socket.socket", "os.urandom", "io.open"):
        monkeypatch.setattr(name, refuse)
    assert assess(whole, held, checks) == first
