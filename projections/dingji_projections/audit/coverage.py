"""Coverage: whether each review saw every station that held a level it had to look at when it opened."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.scope import AuditedRound
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.tables.counting import counting
from dingji_projections.tables.levels import everywhere


class Coverage(msgspec.Struct, frozen=True):
    """One review in one county: who held when it opened, who was seen, who closed before it ended, who was not seen.

    A round that is not over yet may still see them: `over` says whether it is.
    """

    round: str
    county: str
    opened: date
    closed: date | None
    over: bool
    held: int
    seen: int
    closed_meanwhile: tuple[str, ...]
    not_seen: tuple[str, ...]


def coverage(
    views: Views, basis: Basis, notice_rules: NoticeRules, rounds: Iterable[AuditedRound], county: str | None
) -> list[Coverage]:
    """Return the coverage of each review by county, in the order of the rounds."""
    reviews = [each for each in rounds if each.counts and each.opened.kind == notice_rules.review_round]
    return [one for review in reviews for one in _of(views, basis, notice_rules, review, county)]


def _of(
    views: Views, basis: Basis, notice_rules: NoticeRules, review: AuditedRound, county: str | None
) -> Iterator[Coverage]:
    sql = f"SELECT DISTINCT station FROM acts WHERE round=:round AND verb IN ('uphold','downgrade') AND {counting()}"
    values = {"round": review.round, "day": basis.on.toordinal(), "known": basis.known}
    seen = {station for (station,) in views.query(sql, values, basis.known)}
    over = review.closed is not None and review.closed <= basis.on
    end = review.closed if review.closed is not None and over else basis.on
    there = {station for station, *_ in _on(views, basis, end)}
    by_county: dict[str, list[str]] = {}
    for station, of, level in _on(views, basis, review.opened.on):
        if level in notice_rules.reviewed_levels and county in {None, of}:
            by_county.setdefault(of, []).append(station)
    for of, held in sorted(by_county.items()):
        unseen = sorted(set(held) - seen)
        yield Coverage(
            round=review.round,
            county=of,
            opened=review.opened.on,
            closed=review.closed if over else None,
            over=over,
            held=len(held),
            seen=len(held) - len(unseen),
            closed_meanwhile=tuple(station for station in unseen if station not in there),
            not_seen=tuple(station for station in unseen if station in there),
        )


def _on(views: Views, basis: Basis, day: date) -> list[tuple[str, str, str]]:
    values = {"day": day.toordinal(), "known": basis.known}
    return views.query(everywhere("station,county,level"), values, basis.known)
