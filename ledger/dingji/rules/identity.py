"""Stations and offices as such: registering, renaming, moving, closing, and size classes (rules 1-4, 24)."""

from __future__ import annotations

from dingji.events.events import (
    Event,
    OfficeClosed,
    OfficeEnrolled,
    OfficeRenamed,
    SizeClassified,
    StationClosed,
    StationRegistered,
    StationRenamed,
    StationTransferred,
)
from dingji.events.submissions import (
    Classify,
    Close,
    CloseOffice,
    EnrolOffice,
    Register,
    Rename,
    RenameOffice,
    Transfer,
)
from dingji.rules.docket import Docket, acts_over
from dingji.rules.gate import check_authority, check_doubles, refuse_closed, tiers_for
from dingji.rules.rounds import check_step_round
from dingji.state.office import Office
from dingji.state.station import Station
from dingji.state.timeline import CLASSIFIED
from dingji.terms import STATION_TIER


def register(docket: Docket, submission: Register) -> Event | None:
    """Enter a station: a code of the right form, once, under a county office."""
    context = docket.context
    if not context.notice.is_code(STATION_TIER, submission.station):
        docket.wrong("station", "bad-form")
    if context.station is not None:
        docket.refuse("already-registered", "station", name=submission.station)
    if submission.serves not in context.notice.places:
        docket.wrong("serves", "unknown-code")
    county = _check_county(docket, submission.county)
    check_authority(docket, tiers_for(docket))
    by = submission.by.office
    office = context.ledger.office(by)
    new = county is not None and context.station is None
    if office is not None and new and not acts_over(context, by, submission.county, submission.on):
        docket.refuse(
            "not-own-county",
            "by.office",
            office=by,
            on=str(submission.on),
            station=submission.station,
            county=submission.county,
        )
    return docket.event(StationRegistered, name=submission.name, county=submission.county, serves=submission.serves)


def _check_county(docket: Docket, county: str) -> Office | None:
    """Refuse an office that is unknown on the date or owns no stations; return one that does."""
    context, on = docket.context, docket.submission.on
    office = context.ledger.office(county)
    if office is None or not office.exists(on):
        docket.refuse("unknown-office", "county", office=county, on=str(on))
    elif office.tier != context.notice.rules.stations.county_tier:
        docket.wrong("county", "wrong-tier")
    else:
        return office
    return None


def rename(docket: Docket, submission: Rename) -> Event | None:
    """Give a station a new name, or another kind of place."""
    if submission.serves is not None and submission.serves not in docket.context.notice.places:
        docket.wrong("serves", "unknown-code")
    check_authority(docket, tiers_for(docket))
    return docket.event(StationRenamed, name=submission.name, serves=submission.serves)


def transfer(docket: Docket, submission: Transfer) -> Event | None:
    """Move a station to another county; its level and open cases go with it (rule 24)."""
    _check_county(docket, submission.county)
    station = docket.context.station
    standing = station.standing(submission.on.toordinal()) if station else None
    if standing is not None and standing.county == submission.county:
        docket.wrong("county", "unchanged")
    check_authority(docket, tiers_for(docket))
    return docket.event(StationTransferred, county=submission.county)


def close(docket: Docket, submission: Close) -> Event | None:
    """End a station; its successors go on after it, and inherit no level (rule 24)."""
    for place, code in enumerate(submission.successors):
        _check_successor(docket, f"successors[{place}]", code)
    check_doubles(docket, "successors", submission.successors)
    check_authority(docket, tiers_for(docket))
    return docket.event(StationClosed, successors=tuple(submission.successors))


def _check_successor(docket: Docket, field: str, code: str) -> None:
    """Refuse a station that is closed itself on the date; one that is registered later may succeed."""
    submission = docket.submission
    on = submission.on.toordinal()
    station: Station | None = docket.context.ledger.state(f"station:{code}")
    if code == getattr(submission, "station", None):
        docket.wrong(field, "own-successor")
    elif station is None:
        docket.refuse("unknown-station", field, station=code, nearest="")
    elif station.standing(on) is None and on >= station.registered:
        refuse_closed(docket, field, station)


def classify(docket: Docket, submission: Classify) -> Event | None:
    """Set a size class; a change outside a fine-tuning round is exceptional (rule 3)."""
    context = docket.context
    rules = context.notice.rules.fine_tuning
    if submission.size not in context.notice.sizes:
        docket.wrong("size", "unknown-code")
    check_authority(docket, tiers_for(docket))
    round_ = check_step_round(docket, submission.round) if submission.round is not None else None
    on = submission.on.toordinal()
    held = context.station.line.before(on, CLASSIFIED) if context.station else None
    was = held.size if held else None
    tuned = round_ is not None and round_.kind == rules.round
    if was is not None and was != submission.size and not tuned and submission.on.year >= rules.from_year:
        words = context.notice.words["size"]
        docket.warn(
            "exceptional-size-change",
            "round",
            was=words.get(was, was),
            size=words.get(submission.size, submission.size),
        )
    return docket.event(SizeClassified, size=submission.size, round=submission.round, basis=dict(submission.basis))


def enrol_office(docket: Docket, submission: EnrolOffice) -> Event | None:
    """Enter an office below one of a higher tier; a ledger has one top office."""
    context, on = docket.context, submission.on
    tiers = context.notice.tiers
    if context.ledger.office(submission.office) is not None:
        docket.refuse("already-registered", "office", name=submission.office)
    if submission.tier not in tiers or submission.tier == STATION_TIER:
        docket.wrong("tier", "unknown-code")
    elif not context.notice.is_code(submission.tier, submission.office):
        docket.wrong("office", "bad-form")
    parent = context.ledger.office(submission.parent) if submission.parent else None
    if submission.parent is None:
        docket.wrong("parent", "one-top")
    elif parent is None or not parent.exists(on):
        docket.refuse("unknown-office", "parent", office=submission.parent, on=str(on))
    elif tiers.get(submission.tier, 0) >= tiers.get(parent.tier, 0):
        docket.wrong("parent", "parent-tier")
    check_authority(docket, tiers_for(docket))
    return docket.event(OfficeEnrolled, name=submission.name, tier=submission.tier, parent=submission.parent)


def rename_office(docket: Docket, submission: RenameOffice) -> Event | None:
    """Give an office a new name."""
    _check_office(docket, "office", submission.office)
    check_authority(docket, tiers_for(docket))
    return docket.event(OfficeRenamed, name=submission.name)


def close_office(docket: Docket, submission: CloseOffice) -> Event | None:
    """End an office; its successor may lodge, void and go on with open cases (rule 24)."""
    _check_office(docket, "office", submission.office)
    if submission.successor == submission.office:
        docket.wrong("successor", "own-successor")
    elif submission.successor is not None:
        _check_office(docket, "successor", submission.successor)
    check_authority(docket, tiers_for(docket))
    return docket.event(OfficeClosed, successor=submission.successor)


def _check_office(docket: Docket, field: str, code: str) -> None:
    office, on = docket.context.ledger.office(code), docket.submission.on
    if office is None or not office.exists(on):
        docket.refuse("unknown-office", field, office=code, on=str(on))
