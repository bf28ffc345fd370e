"""The history of a station's facts: every value ever stated and every paper given for it, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

import msgspec

from dingji.checks.statements import Fact, Holdings, Unknown
from dingji.checks.statements import State as Lack
from dingji.events.events import FactsReported, RequirementsJudged
from dingji.events.submissions import Evidence
from dingji.faults import LedgerError
from dingji.store.log import Log
from dingji.texts import nearest_text
from dingji_projections.engine.basis import Basis
from dingji_projections.facts.fact_statements import FactRules
from dingji_projections.records.record import Kept, record

FactStanding = Literal[
    "in_force", "supports", "stale", "unconfirmed", "differs", "superseded", "later", "voided", "unlisted"
]
"""What an entry is to a fact on the date: it gives the value in force, or a paper that supports that value; it would be
in force, were it not too old, or the station's own word on what must be confirmed; it is what another office states
instead; others came after it; it is dated later; a void took it away; or the dictionary in force has no such fact."""

FactState = Literal["in_force", "unlisted"] | Lack

UNLISTED: Final = "unlisted"


class PaperGiven(msgspec.Struct, frozen=True):
    """A paper given with an entry in support of the fact."""

    sha256: str
    name: str


class FactEntry(msgspec.Struct, frozen=True):
    """One entry about a fact; it states a value, or (`states` false) only gives papers."""

    entry: str
    position: int
    on: Any
    on_precision: str
    recorded_at: str
    office: str
    person: str | None
    tier: str
    states: bool
    value: Any
    evidence: tuple[PaperGiven, ...]
    standing: FactStanding
    voided_by: str | None


class FactHistory(msgspec.Struct, frozen=True):
    """One fact of a station: whether it is known on the date, by which entry, and every entry about it by date."""

    fact: str
    state: FactState
    in_force: str | None
    entries: tuple[FactEntry, ...]


def fact_histories(
    log: Log, station: str, basis: Basis, fact_rules: FactRules, key: str | None = None
) -> list[FactHistory]:
    """Return the history of one fact of a station, or of all that it has, in the order of the dictionary.

    Raises LedgerError (`unknown-fact`) for a key that neither the dictionary nor the station has.
    """
    entries = record(log, f"station:{station}", basis.known).entries
    abouts = [about for kept in entries if (about := _about(kept))]
    stated = {name for about in abouts for name in about.facts}
    if key is not None and key not in fact_rules.facts and key not in stated:
        near = nearest_text(key, sorted(stated | fact_rules.facts.keys()))
        raise LedgerError("unknown-fact", field="key", name=key, nearest=near)
    named = stated | {name for about in abouts for paper in about.evidence for name in paper.supports}
    keys = [name for name in fact_rules.facts if name in named] + sorted(stated - fact_rules.facts.keys())
    held = fact_rules.held(entries, basis.on)
    abouts.sort(key=lambda about: (about.kept.event.on, about.kept.position))
    return [_history(name, abouts, held) for name in (keys if key is None else [key])]


class _About(NamedTuple):
    """An entry that may say something of facts."""

    kept: Kept
    facts: dict[str, Any]
    evidence: tuple[Evidence, ...]
    tier: str


def _about(kept: Kept) -> _About | None:
    event = kept.event
    if isinstance(event, FactsReported):
        return _About(kept, event.facts, event.evidence, event.tier)
    return _About(kept, {}, event.evidence, event.tier) if isinstance(event, RequirementsJudged) else None


def _history(key: str, abouts: list[_About], held: Holdings) -> FactHistory:
    known = held.known(key) if key in held.facts else None
    state: FactState = UNLISTED if known is None else known.state if isinstance(known, Unknown) else "in_force"
    in_force = known.entry if isinstance(known, Fact) else None
    return FactHistory(key, state, in_force, tuple(_entries(key, abouts, held, known)))


def _entries(key: str, abouts: list[_About], held: Holdings, known: Fact | Unknown | None) -> Iterator[FactEntry]:
    for about in abouts:
        papers = tuple(PaperGiven(paper.sha256, paper.name) for paper in about.evidence if key in paper.supports)
        if key in about.facts or papers:
            event = about.kept.event
            yield FactEntry(
                entry=about.kept.entry,
                position=about.kept.position,
                on=event.on,
                on_precision=event.on_precision,
                recorded_at=event.recorded_at,
                office=event.by.office,
                person=event.by.person,
                tier=about.tier,
                states=key in about.facts,
                value=about.facts.get(key),
                evidence=papers,
                standing=_standing(key, about, held, known),
                voided_by=about.kept.voided_by,
            )


def _standing(key: str, about: _About, held: Holdings, known: Fact | Unknown | None) -> FactStanding:
    if about.kept.voided_by is not None:
        return "voided"
    if about.kept.event.on > held.subject.on:
        return "later"
    if known is None:
        return UNLISTED
    entry, stating = about.kept.entry, key in about.facts
    if isinstance(known, Fact):
        if entry == known.entry or (entry in known.papers and not stating):
            return "in_force" if stating else "supports"
    elif known.statement and entry == known.statement.entry:
        return "unconfirmed" if known.state == "unconfirmed" else "stale"
    return _passed(known, held, about) if stating else "superseded"


def _passed(known: Fact | Unknown, held: Holdings, about: _About) -> FactStanding:
    """Return why a statement that counts, and is fresh or not, is none that the fact goes by."""
    if not held.entitlement.confirms(known.kind, about.tier):
        return "unconfirmed"
    return "differs" if about.kept.entry in {other.entry for other in getattr(known, "others", ())} else "superseded"
