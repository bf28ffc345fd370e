"""The derivation of a level, in typed records: the act that set it, what that rests on, down to facts and papers.

What is `unsupported` rests on entries that a void took away, or that the log does not have: they are named.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from dingji.events.events import CheckOwner
from dingji.events.submissions import Precision
from dingji.faults import Fault
from dingji.terms import Outcome, Verdict
from dingji.texts import Text

RuleVerdict = Literal["satisfied", "irregular", "hindsight", "unsupported", "moot"]
"""Kept when it was recorded; broken, and recorded so; broken as known now; kept by what is gone since; none to keep.

Moot is a rule about an application, a recommendation or an assessment where there was none.
"""

Effect = Literal["sets", "needed", "upholds", "superseded", "without_effect"]
"""What an entry does for the level: sets it; is needed for that; leaves it; is overtaken; changed nothing."""


class Rule(msgspec.Struct, frozen=True):
    """A rule that an act is judged by, named by the code that says where one falls short of it; and its clause."""

    code: str
    clause: str | None
    verdict: RuleVerdict


class PaperUsed(msgspec.Struct, frozen=True):
    """A paper by its SHA-256; `entry` handed it in, None where no entry that counts does."""

    sha256: str
    name: str | None = None
    entry: str | None = None


class StatementUsed(msgspec.Struct, frozen=True):
    """What an entry states of a fact."""

    entry: str
    on: date
    office: str
    value: Any


class FactUsed(msgspec.Struct, frozen=True):
    """A fact that a finding rests on; without a `statement` the log does not have the entry.

    `differing` are other offices' statements; `instead` is what would have counted without it; `since` was recorded
    after the assessment, and would count in its place were it made today.
    """

    key: str
    entry: str
    supported: bool
    statement: StatementUsed | None = None
    papers: tuple[PaperUsed, ...] = ()
    differing: tuple[StatementUsed, ...] = ()
    instead: str | None = None
    since: str | None = None


class JudgementUsed(msgspec.Struct, frozen=True):
    """A judgement that a finding rests on; without an `outcome` the log does not have it."""

    entry: str
    supported: bool
    on: date | None = None
    office: str | None = None
    outcome: str | None = None
    reason: str | None = None


class ReadingUsed(msgspec.Struct, frozen=True):
    """The reading of an unclear cell; `entry` chose it, None for the one that holds until one is chosen."""

    reading: str
    entry: str | None = None
    supported: bool = True


class TracedFinding(msgspec.Struct, frozen=True):
    """One finding, down to what it rests on; `papers` are those of no fact: a judgement's, or none that counts has.

    It is `supported` while all that it rests on counts.
    """

    requirement: str
    supported: bool
    outcome: Outcome
    measured: Any
    required: Any
    reason: Text | None
    facts: tuple[FactUsed, ...]
    judgement: JudgementUsed | None
    reading: ReadingUsed | None
    papers: tuple[PaperUsed, ...]
    lacking: dict[str, str]
    shown: str | None
    otherwise: dict[str, Outcome]


class DerivedAssessment(msgspec.Struct, frozen=True):
    """What an assessment was made with and found; `adopted` adopted its notice, `sized` set the size class."""

    standard: str
    notice: str
    adopted: str | None
    catalogue: str
    verdict: Verdict
    size: str | None
    sized: str | None
    serves: str
    tier: str
    read_to: int
    checks: dict[str, CheckOwner]
    short: tuple[str, ...]
    findings: tuple[TracedFinding, ...]


class DerivedAct(msgspec.Struct, frozen=True):
    """One recorded act with the rules it was judged by, and the acts that it rests on, each shown once.

    `unsupported` names what it rests on and is gone; `instead`, of a step, is what the decision would rest on without
    it. An act whose own entry the log does not have has nothing but its name.
    """

    entry: str
    position: int | None = None
    verb: str | None = None
    on: date | None = None
    on_precision: Precision = "day"
    recorded_at: str | None = None
    office: str | None = None
    person: str | None = None
    document: str | None = None
    note: str | None = None
    irregular: str | None = None
    details: dict[str, Any] = {}
    rules: tuple[Rule, ...] = ()
    irregularities: tuple[Fault, ...] = ()
    rests_on: tuple[str, ...] = ()
    voided_by: str | None = None
    unsupported: tuple[str, ...] = ()
    instead: str | None = None
    assessed: DerivedAssessment | None = None
    steps: tuple[DerivedAct, ...] = ()


class Bearing(msgspec.Struct, frozen=True):
    """One entry that bears on the level, in the order of counting, with the level held after it."""

    entry: str
    on: date
    verb: str
    office: str
    level: str
    effect: Effect


class Voided(msgspec.Struct, frozen=True):
    """An entry that would count but for a void; `level` is what would be held, where that is another one."""

    entry: str
    verb: str
    on: date
    office: str
    void: str
    cause: str | None
    reason: str | None
    level: str | None = None


class Placed(msgspec.Struct, frozen=True):
    """A size class or a county, and the entry that it comes from."""

    value: str | None
    entry: str | None


class Why(msgspec.Struct, frozen=True):
    """Why a station is at its level; `instead` is the level that it would hold without the entry that set it.

    `unlodged` are the days since a certification that waits to be lodged.
    """

    station: str
    name: str
    county: Placed
    size: Placed
    level: str
    since: date
    entry: str
    instead: str | None
    decision: DerivedAct
    upheld: tuple[DerivedAct, ...]
    lodging: DerivedAct | None
    unlodged: int | None
    line: tuple[Bearing, ...]
    voided: tuple[Voided, ...]
    unsupported: tuple[str, ...]

    def acts(self) -> list[DerivedAct]:
        """Return every act of the derivation: the decision, its steps, then those that upheld it and theirs."""
        found = [self.decision, *self.upheld]
        for act in found:
            found += act.steps
        return found
