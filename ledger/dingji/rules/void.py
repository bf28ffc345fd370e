"""Voiding one entry, once: by its submitter or the tier that the notice names; what rested on it is listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dingji.events.events import EntryVoided, Event
from dingji.events.submissions import Void
from dingji.events.vocabulary import DECISIONS, VERB_OF_TOPIC
from dingji.rules.docket import Context, Docket, acts_for, entry_named, name_of, tier_labels
from dingji.state.notice_state import Adoption
from dingji.state.station import Mark, Station
from dingji.terms import STATION_TIER


def void(docket: Docket, submission: Void) -> Event | None:
    """Void an entry: it counts no more, for any date."""
    state, version = _entry(docket, submission)
    if state is not None:
        _check_voidable(docket, submission, state, version)
    if submission.cause == "annulled" and submission.document is None:
        docket.refuse("missing-field", "document", name="document", verb="void")
    return docket.event(EntryVoided, entry=submission.entry, cause=submission.cause, reason=submission.reason)


def _entry(docket: Docket, submission: Void) -> tuple[Any, int]:
    named = entry_named(docket.context, submission.entry)
    if named is None:
        docket.refuse("unknown-entry", "entry", entry=submission.entry)
        return None, 0
    return named


def _check_voidable(docket: Docket, submission: Void, state: Any, version: int) -> None:
    rules = docket.context.notice.rules.void
    verb = VERB_OF_TOPIC[state.topic(version)]
    decision = verb in rules.decisions
    if verb in rules.never:
        docket.refuse("not-voidable", "entry", verb=verb)
    if version in state.voided:
        docket.refuse("already-voided", "entry", entry=submission.entry, by=state.entry(state.voided[version]))
    _check_voider(docket, submission, state.office(version), decision)
    if decision:
        docket.warn("decision-voided", "entry", entry=submission.entry)
    dependents = _dependents(docket, submission, state)
    if dependents:
        docket.warn("ground-removed", "entry", entry=submission.entry, dependents=list(dependents))
        docket.note("grounds-lost", entry=submission.entry, count=len(dependents))


def _check_voider(docket: Docket, submission: Void, submitter: str, decision: bool) -> None:
    """Allow the notice's tier; for an entry that is no decision also its submitter, or that office's successor."""
    context, by = docket.context, submission.by.office
    tier = context.notice.rules.void.tier
    office = context.ledger.office(by)
    exists = office is not None and office.exists(submission.on)
    if not exists and not context.notice.is_code(STATION_TIER, by):
        docket.refuse("unknown-office", "by.office", office=by, on=str(submission.on))
        return
    if office is not None and office.tier == tier:
        return
    own = by == submitter or (office is not None and acts_for(context, office, submitter, submission.on))
    if decision or not own:
        labels = tier_labels(context, (tier,))
        docket.refuse("wrong-authority", "by.office", verb="void", tiers=labels, office=by)


def _dependents(docket: Docket, submission: Void, state: Any) -> tuple[str, ...]:
    """Return the decisions that rest on the entry, directly or through others."""
    if isinstance(state, Station):
        return tuple(name_of(state, mark) for mark in dependents(state, submission.entry) if mark.topic in DECISIONS)
    version = entry_version(submission.entry)
    topic = state.topic(version)
    if topic == "RoundOpened":
        return docket.context.ledger.round_users(state.id)
    return tuple(_read_by(docket.context, state, version)) if topic == "ReadingAdopted" else ()


def _read_by(context: Context, adoption: Adoption, version: int) -> Iterator[str]:
    """Yield the decisions that rest on assessments which used a chosen reading."""
    for stream, assessments in context.ledger.reading_users(adoption, version).items():
        station: Station = context.ledger.state(stream)
        counting = [name for name in assessments if entry_version(name) not in station.voided]
        marks = dependents(station, *counting)
        yield from (name_of(station, mark) for mark in marks if mark.topic in DECISIONS)


def entry_version(entry: str) -> int:
    """Return the version in an entry's name."""
    return int(entry.rpartition("@")[2])


def dependents(station: Station, *entries: str) -> list[Mark]:
    """Return the counting entries of a station that rest on any of these, transitively, in the order of recording."""
    removed = set(entries)
    found: list[Mark] = []
    # An entry rests on earlier ones only, so one pass in the order of recording finds all.
    for mark in station.counting():
        if removed.intersection(mark.rests):
            removed.add(name_of(station, mark))
            found.append(mark)
    return found
