"""What is stated of one station: the statements, papers and judgements that count, and the facts that follow."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from dingji.catalogue.facts import FactKind, Facts
from dingji.dates import months_before
from dingji.events.events import Event, FactsReported, RequirementsJudged
from dingji.events.submissions import Judgement

State = Literal["missing", "unconfirmed", "stale", "unsupported"]
"""Why a fact is not known: nobody stated it, only the station did, too long ago, or without evidence."""

NamedEntry = tuple[str, int, Event]
"""An entry that counts: its name, its position, its event."""

NESTED: Final = (dict, list)
"""The types of a value that could be changed within a statement."""


class Subject(msgspec.Struct, frozen=True):
    """The station as it stands on the date of the dossier."""

    on: date
    size: str | None
    serves: str
    registered: date


class Entitlement(msgspec.Struct, frozen=True):
    """Whose word counts: the tiers that confirm facts, the tiers whose judgements count, and from which day on."""

    confirming: frozenset[str]
    judging: frozenset[str]
    judged_since: date

    def confirms(self, kind: FactKind, tier: str) -> bool:
        """Return whether the word of an office of that tier counts for a fact."""
        return kind.station or tier in self.confirming


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One office's statement of a fact, by the entry that reported it."""

    entry: str
    on: date
    position: int
    office: str
    tier: str
    value: Any


class Fact(msgspec.Struct, frozen=True, gc=False):
    """A fact that is known: the value in force, the evidence that supports it, and what other offices state instead."""

    kind: FactKind
    statement: Statement
    evidence: tuple[tuple[str, str], ...] = ()
    """(SHA-256, entry) of each paper, in order."""
    others: tuple[Statement, ...] = ()

    @property
    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each paper."""
        return tuple([digest for digest, _ in self.evidence])

    @property
    def papers(self) -> tuple[str, ...]:
        """The entry of each paper."""
        return tuple([entry for _, entry in self.evidence])

    @property
    def value(self) -> Any:
        """The value in force: plain data that cannot be changed, lists as tuples."""
        return self.statement.value

    @property
    def entry(self) -> str:
        """The entry that stated it."""
        return self.statement.entry

    @property
    def on(self) -> date:
        """The date from which the statement counts."""
        return self.statement.on


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """A fact that is not known, and why; `statement` is the one that does not count, where there is one."""

    kind: FactKind
    state: State
    statement: Statement | None = None


class GivenJudgement(msgspec.Struct, frozen=True, gc=False):
    """A judgement of one requirement, by the entry that gave it."""

    entry: str
    office: str
    tier: str
    judgement: Judgement
    evidence: tuple[str, ...] = ()


class Holdings:
    """What a dossier holds, shared by every view of it; each fact is worked out once, when it is first asked for."""

    __slots__ = ("_fresh_from", "_known", "entitlement", "evidence", "facts", "judgements", "statements", "subject")

    def __init__(self, entries: Iterable[NamedEntry], subject: Subject, facts: Facts, entitlement: Entitlement) -> None:
        """Index the reports and judgements dated by the subject's date, in order of (on, position)."""
        self.subject, self.facts, self.entitlement = subject, facts, entitlement
        self.statements: dict[str, list[tuple[str, int, FactsReported]]] = {}
        self.evidence: dict[str, list[tuple[date, str, str]]] = {}
        self.judgements: dict[str, list[tuple[str, RequirementsJudged]]] = {}
        self._known: dict[str, Fact | Unknown] = {}
        self._fresh_from: dict[int, date] = {}
        dated = [(event.on, position, name, event) for name, position, event in entries if event.on <= subject.on]
        dated.sort(key=itemgetter(0, 1))
        for on, position, name, event in dated:
            if isinstance(event, FactsReported):
                _index(self.statements, event.facts, (name, position, event))
            elif isinstance(event, RequirementsJudged):
                _index(self.judgements, event.judgements, (name, event))
            else:
                continue
            for paper in event.evidence:
                _index(self.evidence, paper.supports, (on, name, paper.sha256))

    def under(self, entitlement: Entitlement) -> Holdings:
        """Return the same holdings under another entitlement; the facts are shared if the same tiers confirm them."""
        other = copy(self)
        other.entitlement = entitlement
        if entitlement.confirming != self.entitlement.confirming:
            other._known = {}
        return other

    def known(self, key: str) -> Fact | Unknown:
        """Return a fact, or why it is not known; KeyError for a key that the dictionary does not have."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._fact(self.facts[key])
        return found

    def _fact(self, kind: FactKind) -> Fact | Unknown:
        statements = self.statements.get(kind.key)
        if not statements:
            return Unknown(kind, "missing")
        old = self._old(kind.fresh_months)
        for statement in reversed(statements):
            _, _, event = statement
            if self.entitlement.confirms(kind, event.tier):
                break
        else:
            latest = _statement(kind.key, *statements[-1])
            return Unknown(kind, "unconfirmed" if latest.on > old else "stale", latest)
        if event.on <= old:
            return Unknown(kind, "stale", _statement(kind.key, *statement))
        papers = [(paper, entry) for on, entry, paper in self.evidence.get(kind.key, ()) if on >= event.on]
        return Fact(
            kind,
            _statement(kind.key, *statement),
            tuple(dict.fromkeys(papers) if len(papers) > 1 else papers),
            self._others(kind, event, old) if len(statements) > 1 else (),
        )

    def _others(self, kind: FactKind, counting: FactsReported, old: date) -> tuple[Statement, ...]:
        """Return the latest statement of each other office that is still fresh and says something else."""
        latest = {event.by.office: (name, position, event) for name, position, event in self.statements[kind.key]}
        value = counting.facts[kind.key]
        return tuple(
            _statement(kind.key, name, position, event)
            for office, (name, position, event) in latest.items()
            if office != counting.by.office and event.on > old and not kind.form.same(value, event.facts[kind.key])
        )

    def _old(self, months: int) -> date:
        """Return the last day on which a statement is too old for that many months."""
        found = self._fresh_from.get(months)
        if found is None:
            found = self._fresh_from[months] = months_before(self.subject.on, months)
        return found

    def judged(self, requirement: str) -> tuple[GivenJudgement | None, GivenJudgement | None]:
        """Return the judgement of a requirement that counts, and the latest that does not: (counting, shown)."""
        rule = self.entitlement
        counting = shown = None
        for judgement in self.judgements.get(requirement, ()):
            _, event = judgement
            if event.tier not in rule.judging:
                shown = judgement
            elif event.on >= rule.judged_since:
                counting = judgement
        return counting and _judged(requirement, *counting), shown and _judged(requirement, *shown)


def _index(index: dict[str, list[Any]], keys: Iterable[str], item: Any) -> None:
    for key in keys:
        if key in index:
            index[key].append(item)
        else:
            index[key] = [item]


def _judged(requirement: str, name: str, event: RequirementsJudged) -> GivenJudgement:
    papers = tuple([paper.sha256 for paper in event.evidence if requirement in paper.supports])
    return GivenJudgement(name, event.by.office, event.tier, event.judgements[requirement], papers)


def _statement(key: str, name: str, position: int, event: FactsReported) -> Statement:
    return Statement(name, event.on, position, event.by.office, event.tier, _frozen(event.facts[key]))


def _frozen(value: Any) -> Any:
    """Return a value that a check cannot change by mistake: lists as tuples, records read-only."""
    if type(value) is list:
        return tuple([_frozen(item) if type(item) in NESTED else item for item in value])
    if type(value) is dict:
        nested = {key: _frozen(inner) for key, inner in value.items() if type(inner) in NESTED}
        return MappingProxyType({**value, **nested})
    return value
