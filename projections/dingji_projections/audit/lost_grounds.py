"""Decisions whose ground a void took away, until an office upholds the level, voids the decision or repeats it."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dingji.terms import entry_name
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import STREAMS
from dingji_projections.records.grounds import lost, lost_opening
from dingji_projections.records.readings import readings_lost
from dingji_projections.records.record import record
from dingji_projections.tables.counting import counting

LISTED: Final = frozenset(
    {"recommend", "decline", "assess", "certify", "refuse", "lodge", "uphold", "downgrade", "classify"}
)
"""The acts that are listed once their ground is gone: decisions, and what leads to them."""

_COUNTING: Final = counting()
_LEVEL: Final = (  # a lodging is about the level certified
    "CASE verb WHEN 'lodge' THEN (SELECT c.level FROM acts AS c WHERE c.station=a.station AND c.version=a.about)"
    " ELSE level END"
)
_GROUND: Final = "CASE typeof(ground) WHEN 'integer' THEN station||'@'||ground ELSE ground END"
_OF_ROUND: Final = (
    "verb<>'void' AND (round=:round OR verb='lodge' AND (station,about) IN"
    " (SELECT station,version FROM acts WHERE round=:round AND verb='certify'))"
)


class ActWithoutGround(NamedTuple):
    """An act without its ground; `lost` is the position from which on, `ground` the entry whose void took it."""

    station: str
    version: int
    learnt: int
    verb: str
    level: str | None
    round: str | None
    office: str
    lost: int
    ground: str

    @property
    def entry(self) -> str:
        """The name of the act's own entry."""
        return entry_name(self.station, self.version)


def acts_without_ground(
    views: Views, basis: Basis, notice_rules: NoticeRules, station: str | None = None
) -> list[ActWithoutGround]:
    """Return what lost its ground and was not made good for since, by station and version; of one station or all."""
    gone = {(act.station, act.version): act for act in _gone(views, basis, station)}
    found, standing = [], dict[str, list[ActWithoutGround]]()
    for _, act in sorted(gone.items()):
        if act.verb not in LISTED:
            continue
        if act.station not in standing:
            acts = _acts(views, basis, _COUNTING, act.station)
            standing[act.station] = [each for each in acts if (each.station, each.version) not in gone]
        if not any(each.learnt > act.lost and _settles(each, act, notice_rules) for each in standing[act.station]):
            found.append(act)
    return found


def _gone(views: Views, basis: Basis, station: str | None) -> Iterator[ActWithoutGround]:
    """Yield the acts whose round is not open any more, or whose assessment's reading is gone; then all others."""
    for name, (opened, since) in _unopened(views, basis, station).items():
        for act in _acts(views, basis, f"{_OF_ROUND} AND {_COUNTING}", station, round=name):
            yield act._replace(lost=max(since, act.learnt), ground=opened)
    yield from _unread(views, basis, station)
    yield from _acts(views, basis, f"lost<=:known AND {_COUNTING}", station)


def _unread(views: Views, basis: Basis, station: str | None) -> Iterator[ActWithoutGround]:
    """Yield the assessments that used a reading voided since, and all that rests on them.

    Not by `lost_elsewhere`, which asks of one decoded entry: here the log of all stations is read, in brief.
    """
    for stream, gone in readings_lost(views.log, basis.known, station and f"{STREAMS}{station}").items():
        readings = {chosen.entry: chosen for chosen in gone.values()}
        own = {entry: (chosen.entry,) for entry, chosen in gone.items()}
        roots = lost(record(views.log, stream, basis.known), own)
        for act in _acts(views, basis, _COUNTING, stream.removeprefix(STREAMS)):
            gone_for_it = [readings[root] for root in roots.get(act.entry, ()) if root in readings]
            if first := min(gone_for_it, key=lambda chosen: chosen.until, default=None):
                yield act._replace(lost=max(first.until, act.learnt), ground=first.entry)


def _acts(views: Views, basis: Basis, test: str, station: str | None, **values: Any) -> list[ActWithoutGround]:
    only = "station=:station AND" if station else ""
    columns = f"station,version,known_from,verb,{_LEVEL},round,office,lost,{_GROUND}"
    sql = f"SELECT {columns} FROM acts AS a WHERE {only} {test}"
    given = {"day": basis.on.toordinal(), "known": basis.known, "station": station} | values
    return list(map(ActWithoutGround._make, views.query(sql, given, basis.known)))


def _unopened(views: Views, basis: Basis, station: str | None = None) -> dict[str, tuple[str, int]]:
    """Return the rounds that are not open, of all or those a station's acts name: the opening voided, and since when.

    A round that acts name and nobody ever opened stands with its stream, from the start.
    """
    found = {}
    for name in _rounds_named(views, basis, station):
        round_ = record(views.log, f"round:{name}", basis.known)
        gone = lost_opening(round_)
        if gone is not None:
            kept = round_.named(gone)
            void = round_.void_of(kept) if kept is not None else None
            found[name] = (gone, void.position if void is not None else 0)
    return found


def _rounds_named(views: Views, basis: Basis, station: str | None) -> list[str]:
    only = "station=:station AND" if station else ""
    sql = f"SELECT DISTINCT round FROM acts WHERE {only} round IS NOT NULL AND known_from<=:known ORDER BY round"
    return [name for (name,) in views.query(sql, {"known": basis.known, "station": station}, basis.known)]


def _settles(later: ActWithoutGround, act: ActWithoutGround, notice_rules: NoticeRules) -> bool:
    """Return whether an act upholds the level that another one is about, or is the same once more."""
    if later.verb == "uphold" and later.level is not None:
        standards = notice_rules.reviewed_by.get(later.level, frozenset())
        return act.level in standards if act.verb == "assess" else act.level == later.level
    same = (later.verb, later.level, later.round) == (act.verb, act.level, act.round)
    return same and (act.verb != "assess" or later.office == act.office)
