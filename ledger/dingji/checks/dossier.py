"""The dossier: what a check may look at of one station as of a date, whose word counts, and whether conditions hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from dingji.catalogue.conditions import OPERATORS, Condition
from dingji.catalogue.facts import FactKind, Facts
from dingji.catalogue.notice import Notice
from dingji.catalogue.parameters import Threshold
from dingji.checks.statements import (
    Entitlement,
    Fact,
    GivenJudgement,
    Holdings,
    NamedEntry,
    Statement,
    Subject,
    Unknown,
)
from dingji.dates import Window, window

__all__ = [
    "Dossier",
    "Entitlement",
    "Fact",
    "GivenJudgement",
    "NamedEntry",
    "Statement",
    "Subject",
    "Unknown",
    "build_dossier",
    "confirming",
    "entitlement",
]


class Dossier:
    """What one check may look at, noting every fact that it asks for. Make another `view` for another check."""

    __slots__ = ("_holdings", "asked", "requirements", "size_asked")

    def __init__(self, holdings: Holdings, requirements: Collection[str] | None = None) -> None:
        """Start with nothing asked for (hot path: one a requirement)."""
        self._holdings, self.requirements = holdings, requirements
        self.asked: dict[str, Fact | Unknown] = {}
        self.size_asked = False

    def view(self) -> Dossier:
        """Return the same dossier with nothing asked for yet."""
        return Dossier(self._holdings, self.requirements)

    def within(self, requirements: Collection[str]) -> Dossier:
        """Return the same dossier for a standard that has these requirements, and no other that could be judged."""
        return Dossier(self._holdings, requirements)

    def under(self, entitlement: Entitlement) -> Dossier:
        """Return the same dossier for another standard: whose word counts may differ, what is held does not."""
        return Dossier(self._holdings.under(entitlement))

    @property
    def subject(self) -> Subject:
        """The station as it stands on the date."""
        return self._holdings.subject

    @property
    def on(self) -> date:
        """The date assessed."""
        return self._holdings.subject.on

    @property
    def serves(self) -> str:
        """The kind of place served on the date."""
        return self._holdings.subject.serves

    @property
    def registered(self) -> date:
        """The date of registration."""
        return self._holdings.subject.registered

    @property
    def lacks_size(self) -> bool:
        """Whether the size class was asked for and is not set."""
        return self.size_asked and self._holdings.subject.size is None

    @property
    def size(self) -> str | None:
        """The station's size class on the date, None while it has none."""
        self.size_asked = True
        return self._holdings.subject.size

    def known(self, key: str) -> Fact | Unknown:
        """Return a fact, or why it is not known."""
        found = self._holdings.known(key)
        self.asked.setdefault(key, found)  # what `supported` found unsupported stays so
        return found

    def supported(self, key: str) -> Fact | Unknown:
        """Return a fact that has evidence, or why it is not known: without evidence it is `unsupported`."""
        found = self.known(key)
        if isinstance(found, Fact) and not found.evidence:
            found = self.asked[key] = Unknown(found.kind, "unsupported", found.statement)
        return found

    def values(self, *keys: str) -> tuple[Any, ...] | None:
        """Return the values of several facts, or None unless all are known (all that are not are noted)."""
        found = [self.known(key) for key in keys]
        known = tuple([fact.statement.value for fact in found if type(fact) is Fact])
        return known if len(known) == len(keys) else None

    def limit(self, threshold: Threshold) -> int | None:
        """Return the number that holds for this station's size and kind of place, None while its size is not known."""
        if isinstance(threshold, int):
            return threshold
        size = self.size
        if size is None:
            return None
        number = threshold[size]
        return number if isinstance(number, int) else number[self.serves]

    def window(self, months: int, since_registration: bool = True) -> Window:
        """Return the days of the last months up to the date, none before the registration (rule 30) unless asked."""
        return window(self.on, months, self.registered) if since_registration else window(self.on, months)

    def holds(self, condition: Condition) -> bool | None:
        """Return whether a condition holds, None where that is not known."""
        return holds(condition, self)[0]

    def kind(self, key: str) -> FactKind:
        """Return what the dictionary says of a fact, without asking for its value."""
        return self._holdings.facts[key]

    def judged(self, requirement: str) -> tuple[GivenJudgement | None, GivenJudgement | None]:
        """Return the judgement that counts, and the latest that does not; KeyError for an unknown requirement."""
        if self.requirements is not None and requirement not in self.requirements:
            raise KeyError(requirement)
        return self._holdings.judged(requirement)


def build_dossier(entries: Iterable[NamedEntry], subject: Subject, facts: Facts, entitlement: Entitlement) -> Dossier:
    """Return the dossier of a station from the entries that count, in any order; later ones are left out."""
    return Dossier(Holdings(entries, subject, facts, entitlement))


def confirming(notice: Notice) -> frozenset[str]:
    """Return the tiers whose statements confirm facts, whatever the standard."""
    return _from_tier(notice, notice.rules.stations.county_tier)


def entitlement(notice: Notice, standard: str, judged_since: date) -> Entitlement:
    """Return whose word counts for a standard: judgements of its deciding tier or higher, from that day on."""
    judging = _from_tier(notice, notice.deciding_tier(standard))
    return Entitlement(confirming(notice), judging, judged_since)


def _from_tier(notice: Notice, lowest: str) -> frozenset[str]:
    return frozenset(tier for tier, rank in notice.tiers.items() if rank >= notice.tiers[lowest])


def holds(condition: Condition, dossier: Dossier) -> tuple[bool | None, tuple[Condition, ...]]:
    """Return whether a condition holds, None if that is not known, and the comparisons that decide it.

    Every fact is looked at, so that all unknown ones are named at once.
    """
    parts = condition.any_ or condition.all_
    if not parts:
        return _compare(condition, dossier), (condition,)
    found = [holds(part, dossier) for part in parts]
    deciding = bool(condition.any_)  # one true part decides an `any`, one false part an `all`
    for answer, leaves in found:
        if answer is deciding:
            return deciding, leaves
    if any(answer is None for answer, _ in found):
        return None, ()
    return not deciding, tuple(leaf for _, leaves in found for leaf in leaves)


def _compare(condition: Condition, dossier: Dossier) -> bool | None:
    values = dossier.values(condition.fact or "")
    if values is None:
        return None
    ((name, wanted),) = condition.comparisons().items()
    return OPERATORS[name].compare(values[0], wanted)
