"""What is stated of stations' facts, made out as a dossier makes it out, without a standard; and which stations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from dingji.catalogue.facts import Facts
from dingji.catalogue.notice import Notice
from dingji.checks.dossier import confirming
from dingji.checks.statements import Entitlement, Holdings, Subject
from dingji.faults import LedgerError
from dingji.texts import nearest_text
from dingji_projections.ask.lookups import check_office, check_registered
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import Kept
from dingji_projections.tables.levels import everywhere


class FactRules(NamedTuple):
    """The dictionary of facts of a notice, and whose word counts for them."""

    facts: Facts
    entitled: Entitlement

    @classmethod
    def of(cls, notice: Notice, facts: Facts) -> FactRules:
        """Return those of a notice; of judgements, nobody's: facts do not depend on them."""
        return cls(facts, Entitlement(confirming(notice), frozenset(), date.min))

    def held(self, kept: Iterable[Kept], on: date) -> Holdings:
        """Return what a dossier of a date would hold; facts depend on nothing else of the station."""
        entries = [(each.entry, each.position, each.event) for each in kept if each.voided_by is None]
        return Holdings(entries, Subject(on, None, "", date.min), self.facts, self.entitled)

    def check_station(self, code: str) -> None:
        """See that what is given as a station is no fact, nor a word that looks like the key of one.

        Raises LedgerError (`fact-for-station`, `no-station-or-fact`).
        """
        if code in self.facts:
            raise LedgerError("fact-for-station", field="station", name=code)
        if code.isidentifier():
            nearest = nearest_text(code, [*self.facts])
            raise LedgerError("no-station-or-fact", field="station", name=code, nearest=nearest)


def stations_asked(
    views: Views, basis: Basis, *, station: str | None = None, county: str | None = None
) -> dict[str, str | None]:
    """Return the stations asked about, by code, each with its county on the date; a closed one only if it is named.

    Raises LedgerError (`unknown-station`, `not-registered`, `unknown-office`).
    """
    if station is not None:
        check_registered(views.log, station, basis)
    elif county is not None:
        check_office(views.log, county, basis, "county")
    test = " AND station=:station" if station else " AND county=:county" if county else ""
    values = {"day": basis.on.toordinal(), "known": basis.known, "station": station, "county": county}
    found = dict(views.query(everywhere("station,county", test), values, basis.known))
    return dict(sorted(found.items())) or ({station: None} if station else {})


def plain(value: Any) -> Any:
    """Return a value in force as it was written: what keeps a check from changing it taken off."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, tuple) else value
