"""What stands between a station and a level, in typed records: the steps of the way, and the requirements."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from dingji.events import FindingRecord
from dingji.faults import Fault
from dingji.terms import Outcome, Verdict
from dingji_projections.bounds import bounds

State = Literal["done", "next", "later"]

WHOLE = 1000
"""Parts of what is required: a gap of as many is the whole of it."""

SHORT = frozenset({Outcome.NOT_MET, Outcome.UNDETERMINED, Outcome.NEEDS_JUDGEMENT, Outcome.ERROR})


class Step(msgspec.Struct, frozen=True):
    """One step of the way to a level: done by `entry`, open to be taken next, or later.

    `faults` stand against taking it on the date; `verdict` is that of an assessment made. A step that is not
    `blocking` is asked for, but certifying without it is only irregular.
    """

    verb: str
    tier: str | None
    office: str | None
    state: State
    entry: str | None = None
    on: date | None = None
    standard: str | None = None
    verdict: Verdict | None = None
    blocking: bool = True
    faults: tuple[Fault, ...] = ()


class Short(msgspec.Struct, frozen=True):
    """One requirement that is not settled; `kind` says what it is short of, `gap` how much, in thousandths."""

    requirement: str
    outcome: Outcome
    kind: str
    gap: int
    measured: Any
    required: Any
    reason: dict[str, str] | None
    facts: dict[str, str]
    lacking: dict[str, str]


class Tried(msgspec.Struct, frozen=True):
    """One standard as it would come out on the date; certifying asks for it where it is `blocking`."""

    standard: str
    blocking: bool
    verdict: Verdict
    outcomes: dict[str, int]
    short: tuple[Short, ...]


class WhyNot(msgspec.Struct, frozen=True):
    """What stands between a station and a level. Who `holds` it, or a higher one, has nothing before it.

    `granted` says whether the notice grants the level at all; `faults` are all that a certification on the date would
    be refused for.
    """

    station: str
    name: str
    county: str
    size: str | None
    level: str
    held: str
    entry: str
    holds: bool
    granted: bool
    round: str | None = None
    faults: tuple[Fault, ...] = ()
    steps: tuple[Step, ...] = ()
    standards: tuple[Tried, ...] = ()


def shortfalls(findings: tuple[FindingRecord, ...], musts: frozenset[str]) -> tuple[Short, ...]:
    """Return the findings that keep a standard from being reached, what is soonest mended first."""
    order = {kind: place for place, kind in enumerate(bounds().nearest)}
    found = [_short(finding) for finding in findings if finding.requirement in musts and finding.outcome in SHORT]
    return tuple(sorted(found, key=lambda one: (order.get(one.kind, len(order)), one.gap)))


def _short(finding: FindingRecord) -> Short:
    return Short(
        requirement=finding.requirement,
        outcome=finding.outcome,
        kind=_kind(finding),
        gap=_gap(finding.measured, finding.required),
        measured=finding.measured,
        required=finding.required,
        reason=finding.reason,
        facts=finding.facts,
        lacking=finding.lacking,
    )


def _kind(finding: FindingRecord) -> str:
    """Return what a finding is short of: of facts that are not known the state that takes longest to mend."""
    if finding.outcome is not Outcome.UNDETERMINED:
        return str(finding.outcome)
    order = bounds().nearest
    states = [state for state in finding.lacking.values() if state in order]
    return max(states, key=order.index, default="missing")


def _gap(measured: Any, required: Any) -> int:
    """Return how much is missing of the numbers required, in thousandths; all where there are none to compare."""
    gaps = [min(WHOLE, abs(wanted - found) * WHOLE // max(wanted, 1)) for found, wanted in _numbers(measured, required)]
    open_ = [gap for gap in gaps if gap]
    return sum(open_) // len(open_) if open_ else WHOLE


def _numbers(measured: Any, required: Any) -> list[tuple[int, int]]:
    """Return the numbers of both sides, side by side."""
    if type(measured) is int and type(required) is int:
        return [(measured, required)]
    if isinstance(measured, list | tuple) and isinstance(required, list | tuple):
        return [pair for both in zip(measured, required, strict=False) for pair in _numbers(*both)]
    if isinstance(measured, dict) and isinstance(required, dict):
        return [pair for key in measured.keys() & required for pair in _numbers(measured[key], required[key])]
    return []
