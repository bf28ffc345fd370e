"""Facts on which offices disagree: what each states last, which statement counts and why, and who has seen it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dingji.checks.statements import Entitlement, Fact, Holdings, Statement
from dingji.events.events import AssessmentRecorded, EntryVoided, FactsReported
from dingji.events.row import Row
from dingji.store.log import Log
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.projection import ASSESSED
from dingji_projections.engine.rebuild import ReportProgress
from dingji_projections.facts.fact_statements import FactRules, plain
from dingji_projections.records.record import Record

TOPICS: Final = frozenset({FactsReported.__name__, EntryVoided.__name__})

StatementWeight = Literal["later", "confirmed", "earlier", "unconfirmed"]
"""Why a statement counts (the latest; the latest of an office whose word counts) or not (earlier; not confirmed)."""


class OfficeStatement(msgspec.Struct, frozen=True):
    """What one office states last of a fact."""

    entry: str
    position: int
    on: date
    office: str
    tier: str
    value: Any
    counts: bool
    why: StatementWeight


class Conflict(msgspec.Struct, frozen=True):
    """A fact that offices state differently: the statement in force first, then the others as they came.

    `seen_by` names the counting assessments whose findings show this very disagreement.
    """

    station: str
    county: str | None
    fact: str
    statements: tuple[OfficeStatement, ...]
    seen_by: tuple[str, ...]


class ConflictsFound(NamedTuple):
    """The conflicts shown, how many there are in all, and of how many stations."""

    total: int
    stations: int
    conflicts: tuple[Conflict, ...]


def conflicts(
    log: Log,
    basis: Basis,
    fact_rules: FactRules,
    stations: Mapping[str, str | None],
    limit: int,
    progress: ReportProgress = lambda done, total: None,
) -> ConflictsFound:
    """Return the facts of stations on which offices disagree, by station and in the order of the dictionary."""
    total = amiss = 0
    shown: list[Conflict] = []
    for done, (station, county) in enumerate(stations.items(), 1):
        rows = log.stream(f"station:{station}", upto=basis.known)
        if facts := disagreed(_held(station, rows, basis, fact_rules)):
            total, amiss = total + len(facts), amiss + 1
            if wanted := facts[: limit - len(shown)]:
                seen = _Seen(rows, basis)
                shown += [_conflict(station, county, fact, fact_rules.entitled, seen) for fact in wanted]
        progress(done, len(stations))
    return ConflictsFound(total, amiss, tuple(shown))


def _held(station: str, rows: list[Row], basis: Basis, fact_rules: FactRules) -> Holdings:
    record = Record.of(f"station:{station}", (row for row in rows if row.topic in TOPICS))
    return fact_rules.held(record.entries, basis.on)


def disagreed(held: Holdings) -> list[Fact]:
    """Return the facts in force that other offices state differently; who states nothing else is no office more."""
    known = (held.known(key) for key in held.facts if len(held.statements.get(key, ())) > 1)
    return [fact for fact in known if isinstance(fact, Fact) and fact.others]


def _conflict(station: str, county: str | None, fact: Fact, entitled: Entitlement, seen: _Seen) -> Conflict:
    others = sorted(fact.others, key=_place)
    why: StatementWeight = "later" if _place(fact.statement) > _place(others[-1]) else "confirmed"
    statements = [_statement(fact.statement, why)]
    statements += [
        _statement(one, "earlier" if entitled.confirms(fact.kind, one.tier) else "unconfirmed") for one in others
    ]
    named = frozenset(one.entry for one in others)
    return Conflict(station, county, fact.kind.key, tuple(statements), seen.by(fact.kind.key, fact.entry, named))


def _place(statement: Statement) -> tuple[date, int]:
    return statement.on, statement.position


def _statement(one: Statement, why: StatementWeight) -> OfficeStatement:
    counts = why in {"later", "confirmed"}
    return OfficeStatement(one.entry, one.position, one.on, one.office, one.tier, plain(one.value), counts, why)


class _Seen:
    """A station's assessments, read when there is a conflict that they may have seen."""

    def __init__(self, rows: list[Row], basis: Basis) -> None:
        stream = rows[0].stream
        voids = [row for row in rows if row.topic == EntryVoided.__name__]
        assessed = [row for row in rows if row.topic == ASSESSED]
        record = Record.of(stream, sorted([*voids, *assessed])) if assessed else Record(stream)
        self._assessments = [
            (kept.entry, kept.event) for kept in record.counting(basis.on) if isinstance(kept.event, AssessmentRecorded)
        ]

    def by(self, key: str, entry: str, others: frozenset[str]) -> tuple[str, ...]:
        """Return the assessments with a finding that rests on the entry and names one of the others against it."""
        return tuple(
            name
            for name, event in self._assessments
            if any(
                finding.facts.get(key) == entry and not others.isdisjoint(finding.conflicts.get(key, ()))
                for finding in event.findings
            )
        )
