"""What must hold of a notice's tables beyond their form: every code that one of them names is defined, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dingji.faults import LedgerError
from dingji.terms import STATION_TIER, UNGRADED

if TYPE_CHECKING:
    from dingji.notice import Notice


def validate(notice: Notice) -> None:
    """Refuse a notice whose tables name codes that no table defines, or define one twice.

    Raises LedgerError (`bad-notice`).
    """
    rules = notice.rules
    for place, items in (("tier", rules.tier), ("size", rules.size), ("place", rules.place), ("round", rules.round)):
        _once(place, [item.id for item in items])
    _once("level", [level.id for level in rules.level])
    if not any(notice.is_code(tier, rules.top.office) for tier in notice.tiers):
        raise LedgerError("bad-notice", file="notice.toml", place="top.office", detail=rules.top.office)
    tiers, rounds, sizes = set(notice.tiers), set(notice.rounds), set(notice.sizes)
    standards = set(notice.standard_files)
    checks: list[tuple[str, set[str], set[str]]] = [
        ("stations.county_tier", {rules.stations.county_tier}, tiers),
        ("tier", {STATION_TIER}, tiers),
        ("review.tier", {rules.review.tier, rules.void.tier}, tiers),
        ("review.round", {rules.review.round, rules.fine_tuning.round}, rounds),
        ("share.sizes", set(rules.share.sizes), sizes),
        *((f"authority.{verb}", set(who), tiers) for verb, who in rules.authority.items()),
    ]
    for level in rules.level:
        own = {level.standard} if level.standard else set[str]()
        checks += [
            (f"level.{level.id}.route", {step.tier for step in level.route}, tiers),
            (f"level.{level.id}.recognised_by", set(level.recognised_by), tiers),
            (f"level.{level.id}.round", {level.round} if level.round else set(), rounds),
            (f"level.{level.id}.standard", {*own, *level.also_reached, *level.review}, standards),
        ]
    for place, named, known in checks:
        if unknown := named - known:
            raise LedgerError("bad-notice", file="notice.toml", place=place, detail=", ".join(sorted(unknown)))
    ranks = [level.rank for level in rules.level]
    if ranks != sorted(set(ranks)) or min(ranks) < 1 or UNGRADED in notice.levels:
        raise LedgerError("bad-notice", file="notice.toml", place="level.rank", detail=str(ranks))


def _once(place: str, ids: list[str]) -> None:
    if doubled := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise LedgerError("bad-notice", file="notice.toml", place=f"{place}.id", detail=", ".join(doubled))
