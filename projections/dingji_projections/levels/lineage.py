"""Where a station comes from and what became of it: names, counties, those before it and those after it (rule 24)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from dingji.events.events import OfficeClosed, StationClosed, StationRegistered, StationRenamed, StationTransferred
from dingji.store.log import Log
from dingji_projections.ask.lookups import check_registered
from dingji_projections.engine.basis import Basis
from dingji_projections.records.record import Kept, record

CLOSED = StationClosed.__name__


class LineageStep(msgspec.Struct, frozen=True):
    """One change of what a station is called, serves or belongs to; of an office, that another goes on for it."""

    entry: str
    topic: str
    on: date
    name: str | None = None
    serves: str | None = None
    county: str | None = None
    successors: tuple[str, ...] = ()


class Kin(msgspec.Struct, frozen=True):
    """A station that was closed into another: `closed` by the entry, on the date, into `into`."""

    station: str
    into: str
    entry: str
    on: date


class Lineage(msgspec.Struct, frozen=True):
    """A station's steps by date; before it and after it, the closings that lead to it and on from it, nearest first.

    A successor does not inherit a level.
    """

    station: str
    steps: tuple[LineageStep, ...]
    predecessors: tuple[Kin, ...]
    successors: tuple[Kin, ...]


def lineage(log: Log, station: str, basis: Basis) -> Lineage:
    """Return a station's lineage on a date as known. Raises LedgerError (`unknown-station`, `not-registered`)."""
    kept = record(log, check_registered(log, station, basis), basis.known)
    own = [step for one in kept.counting(basis.on) if (step := _step(one))]
    counties = dict.fromkeys(step.county for step in own if step.county)
    steps = [*own, *(step for county in counties for step in _ends(log, county, basis))]
    kin = list(_closings(log, basis))
    before: dict[str, list[Kin]] = {}
    after: dict[str, list[Kin]] = {}
    for one in kin:
        before.setdefault(one.into, []).append(one)
        after.setdefault(one.station, []).append(one)
    return Lineage(
        station=station,
        steps=tuple(sorted(steps, key=lambda step: step.on)),
        predecessors=tuple(_follow(station, before, "station")),
        successors=tuple(_follow(station, after, "into")),
    )


def _step(kept: Kept) -> LineageStep | None:
    event = kept.event
    if isinstance(event, StationRegistered):
        return LineageStep(kept.entry, kept.topic, event.on, event.name, event.serves, event.county)
    if isinstance(event, StationRenamed):
        return LineageStep(kept.entry, kept.topic, event.on, event.name, event.serves)
    if isinstance(event, StationTransferred):
        return LineageStep(kept.entry, kept.topic, event.on, county=event.county)
    if isinstance(event, StationClosed):
        return LineageStep(kept.entry, kept.topic, event.on, successors=event.successors)
    return None


def _ends(log: Log, office: str, basis: Basis) -> Iterator[LineageStep]:
    """Yield the closings of a county's office and of those that went on for it, each with its successor."""
    seen: set[str] = set()
    current: str | None = office
    while current and current not in seen:
        seen.add(current)
        closed = next(
            (
                (kept, kept.event)
                for kept in record(log, f"office:{current}", basis.known).counting(basis.on)
                if isinstance(kept.event, OfficeClosed)
            ),
            None,
        )
        current = None
        if closed is not None:
            kept, event = closed
            yield LineageStep(
                kept.entry, kept.topic, event.on, successors=(event.successor,) if event.successor else ()
            )
            current = event.successor


def _closings(log: Log, basis: Basis) -> Iterator[Kin]:
    """Yield every closing that names successors, of all stations: closings are few, and one pass finds them."""
    streams = {row.stream for row in log.scan(upto=basis.known, topics={CLOSED})}
    for stream in sorted(streams):
        for kept in record(log, stream, basis.known).counting(basis.on):
            if isinstance(kept.event, StationClosed):
                for successor in kept.event.successors:
                    yield Kin(stream.partition(":")[2], successor, kept.entry, kept.event.on)


def _follow(station: str, links: dict[str, list[Kin]], onward: str) -> Iterator[Kin]:
    """Yield the closings that lead from a station, one generation after the other, each station followed once."""
    seen, generation = {station}, [station]
    while generation:
        found = [kin for one in generation for kin in links.get(one, ())]
        yield from found
        generation = [name for kin in found if (name := getattr(kin, onward)) not in seen]
        seen.update(generation)
