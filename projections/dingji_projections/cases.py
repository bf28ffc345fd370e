"""Open cases of a station: what was applied for and is not decided, and at whose desk it lies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from dingji import codec
from dingji.events import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CertificationRefused,
    Event,
    LevelCertified,
    RecommendationDeclined,
    RecommendationMade,
)
from dingji.office import Office, evolve, line_above
from dingji.store import Log
from dingji.terms import STATION_TIER, entry_name
from dingji_projections.basis import Basis
from dingji_projections.parameters import Parameters

Ending = ApplicationWithdrawn | RecommendationDeclined | LevelCertified | CertificationRefused


class Desk(msgspec.Struct, frozen=True):
    """The step that a case waits for, and who takes it; `office` is None where the ledger knows none."""

    verb: str
    tier: str
    office: str | None


class Case(msgspec.Struct, frozen=True):
    """An open case; `awaits` is None where the notice names no further step."""

    level: str
    round: str
    applied: date
    entry: str
    awaits: Desk | None


class Docket:
    """The open cases of one station, followed step by step."""

    def __init__(self, station: str) -> None:
        self._station = station
        self._cases: dict[tuple[str, str], tuple[str, date, set[str]]] = {}

    def follow(self, version: int, event: Event) -> None:
        """Follow one step: an application opens a case, a decision or withdrawal ends it."""
        if isinstance(event, ApplicationSubmitted):
            self._cases[event.level, event.round] = (entry_name(self._station, version), event.on, set())
        elif isinstance(event, RecommendationMade):
            if case := self._cases.get((event.level, event.round)):
                case[2].add(event.tier)
        elif isinstance(event, Ending) and event.round is not None:
            self._cases.pop((event.level, event.round), None)

    def cases(self, parameters: Parameters, office_of: Callable[[str], str | None]) -> tuple[Case, ...]:
        """Return the cases still open; `office_of` names the office of a tier."""
        found = []
        for (level, round_), (entry, applied, recommended) in sorted(self._cases.items()):
            step = _next_step(parameters.routes.get(level, ()), recommended)
            awaits = Desk(*step, office_of(step[1])) if step else None
            found.append(Case(level, round_, applied, entry, awaits))
        return tuple(found)


def _next_step(route: tuple[tuple[str, str], ...], recommended: set[str]) -> tuple[str, str] | None:
    """Return the first step of a route that a station's application and these tiers' recommendations leave open."""
    for verb, tier in route:
        if verb != "apply" and not (verb == "recommend" and tier in recommended):
            return verb, tier
    return None


def office_of(log: Log, station: str, county: str, basis: Basis, tier: str) -> str | None:
    """Return the office of a tier that a station of a county belongs to, None where the ledger knows none."""
    if tier == STATION_TIER:
        return station
    for code in line_above(lambda code: office_known(log, code, basis.known), county, basis.on):
        office = office_known(log, code, basis.known)
        if office and office.tier == tier and office.exists(basis.on):
            return code
    return None


def office_known(log: Log, code: str, known: int) -> Office | None:
    """Return an office as known at a position, None where it is not enrolled."""
    office: Office | None = None
    for row in log.stream(f"office:{code}", upto=known):
        office = evolve(office, row.version, codec.decode(row.topic, row.state), code)
    return office
