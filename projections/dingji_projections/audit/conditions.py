"""Standing conditions: what is amiss on a date as known at a position, computed from the views and stored nowhere."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import msgspec

from dingji.events import codec
from dingji.faults import Fault
from dingji.terms import UNGRADED, entry_name
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.lost_grounds import acts_without_ground
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.counting import counting, known_rows
from dingji_projections.tables.levels import everywhere, held


class StandingCondition(msgspec.Struct, frozen=True):
    """Something amiss with a station, or with all stations of an office; `details` fill in the code's message."""

    code: str
    office: str
    station: str | None
    details: dict[str, Any]

    @property
    def fault(self) -> Fault:
        """The condition as a fault, which renders its message."""
        return Fault(self.code, args=self.details)


class WaitingCertification(NamedTuple):
    """A certification that waits to be lodged."""

    station: str
    version: int
    level: str
    day: int

    @property
    def entry(self) -> str:
        """The name of its entry."""
        return entry_name(self.station, self.version)

    def days(self, on: date) -> int:
        """Return for how many days it has waited."""
        return on.toordinal() - self.day


class OfficeShare(msgspec.Struct, frozen=True):
    """How many of an office's classed stations are of the sizes that the notice wants most of."""

    office: str
    counted: int
    total: int
    unclassified: tuple[str, ...]
    low: bool


def standing_conditions(views: Views, basis: Basis, notice_rules: NoticeRules) -> list[StandingCondition]:
    """Return every standing condition, by code, office and station."""
    found = [
        *_low_shares(views, basis, notice_rules),
        *_under_other_size(views, basis),
        *_unlodged(views, basis, notice_rules),
        *_not_reviewed(views, basis, notice_rules),
        *_ground_lost(views, basis, notice_rules),
    ]
    return sorted(found, key=lambda each: (each.code, each.office, each.station or "", str(each.details)))


def size_shares(views: Views, basis: Basis, notice_rules: NoticeRules) -> list[OfficeShare]:
    """Return the share of each county by code, then that of the whole ledger."""
    by_county: dict[str, list[tuple[str, str | None]]] = {}
    for station, county, size in _ask(views, basis, everywhere("station,county,size")):
        by_county.setdefault(county, []).append((station, size))
    whole = [each for stations in by_county.values() for each in stations]
    shares = [_share(county, stations, notice_rules) for county, stations in sorted(by_county.items())]
    return [*shares, _share(notice_rules.top, whole, notice_rules)]


def _share(office: str, stations: list[tuple[str, str | None]], notice_rules: NoticeRules) -> OfficeShare:
    classed = [size for _, size in stations if size is not None]
    counted = sum(size in notice_rules.share_sizes for size in classed)
    low = notice_rules.share_denominator * counted < notice_rules.share_numerator * len(classed)
    unclassified = tuple(sorted(station for station, size in stations if size is None))
    return OfficeShare(office, counted, len(classed), unclassified, low)


def _low_shares(views: Views, basis: Basis, notice_rules: NoticeRules) -> Iterator[StandingCondition]:
    for share in size_shares(views, basis, notice_rules):
        if share.low:
            details = {"county": share.office, "counted": share.counted, "total": share.total}
            details["unclassified"] = list(share.unclassified)
            yield StandingCondition("size-share-low", share.office, None, details)


def _under_other_size(views: Views, basis: Basis) -> Iterator[StandingCondition]:
    """Find levels given, or last upheld, under a size class other than the present one."""
    there = everywhere("station,county,size,level,since,entry", " AND size NOT NULL AND level<>:ungraded")
    upheld = f"SELECT max(day) FROM acts AS a WHERE a.station=s.station AND verb='uphold' AND {counting('a')}"
    judged = f"SELECT *, max(since, coalesce(({upheld}),0)) AS judged FROM ({there}) AS s"
    sql = (
        f"SELECT j.station,j.county,j.size,j.level,j.entry,t.size FROM ({judged}) AS j"
        " JOIN spans AS t ON t.station=j.station AND t.valid_from<=judged AND t.valid_to>judged"
        f" AND {known_rows('t')} WHERE t.size<>j.size"
    )
    for station, county, now, level, entry, size in _ask(views, basis, sql):
        details = {"level": level, "size": size, "now": now, "entry": entry_name(station, entry)}
        yield StandingCondition("level-under-other-size", county, station, details)


def _unlodged(views: Views, basis: Basis, notice_rules: NoticeRules) -> Iterator[StandingCondition]:
    for one in unlodged(views, basis, notice_rules):
        row = views.log.entry(f"station:{one.station}", one.version)
        office = codec.decode_row(row).by.office if row else ""  # it lodges, wherever the station is now
        details = {"entry": one.entry, "days": one.days(basis.on), "level": one.level}
        yield StandingCondition("unlodged", office, one.station, details)


def unlodged(
    views: Views, basis: Basis, notice_rules: NoticeRules, station: str | None = None
) -> list[WaitingCertification]:
    """Return the certifications that wait to be lodged, of one station or of all."""
    lodged = (
        f"SELECT 1 FROM acts AS l WHERE l.station=c.station AND verb='lodge' AND about=c.version AND {counting('l')}"
    )
    only = "station=:station AND" if station else ""
    sql = (
        f"SELECT station,version,level,day FROM acts AS c WHERE {only} verb='certify' AND {counting('c')}"
        f" AND NOT EXISTS ({lodged}) ORDER BY station,version"
    )
    found = map(WaitingCertification._make, _ask(views, basis, sql, station=station))
    return [one for one in found if one.level in notice_rules.lodged_levels]


def _not_reviewed(views: Views, basis: Basis, notice_rules: NoticeRules) -> Iterator[StandingCondition]:
    """Find who held a level to be reviewed when a review opened, and was not seen before it closed."""
    still = dict(_ask(views, basis, everywhere("station,county")))
    sql = f"SELECT station FROM acts AS a WHERE round=:round AND verb IN ('uphold','downgrade') AND {counting('a')}"
    for name, opened, closed in rounds_held(views.log, basis):
        if opened.kind != notice_rules.review_round or closed is None:
            continue
        seen = {station for (station,) in _ask(views, basis, sql, round=name)}
        for station, level in held(views, opened.on, basis.known).items():
            if level in notice_rules.reviewed_levels and station in still and station not in seen:
                yield StandingCondition("level-not-reviewed", still[station], station, {"round": name, "level": level})


def _ground_lost(views: Views, basis: Basis, notice_rules: NoticeRules) -> Iterator[StandingCondition]:
    """Find the decisions that lost their ground; a closed station's are its offices' to mend."""
    lost = acts_without_ground(views, basis, notice_rules)
    county = dict(_ask(views, basis, everywhere("station,county"))) if lost else {}
    for act in lost:
        details = {"verb": act.verb, "entry": act.entry, "level": act.level, "ground": act.ground}
        yield StandingCondition("ground-lost", county.get(act.station, act.office), act.station, details)


def _ask(views: Views, basis: Basis, sql: str, **values: Any) -> list[Any]:
    given = {"day": basis.on.toordinal(), "known": basis.known, "ungraded": UNGRADED} | values
    return views.query(sql, given, basis.known)
