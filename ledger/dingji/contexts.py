"""What the decisions of one transaction may know: made once for what a notice governs, filled in for each line."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from dingji.adoption import Adoption
from dingji.lookup import Lookup
from dingji.moments import civil_date
from dingji.rules.context import Context
from dingji.submissions import VERBS, Assess, Submission, Void
from dingji.terms import Kind

ABOUT_STATIONS: Final = {verb for verb in VERBS.values() if verb.stream_kind is Kind.STATION} - {Void}
"""The submissions that are about one station and say which; a void names an entry of any stream."""


class Contexts:
    """The contexts of one transaction."""

    def __init__(self, lookup: Lookup, recorded_at: str) -> None:
        """Answer from a transaction's look-ups, at its moment."""
        self._lookup = lookup
        self._recorded_at = recorded_at
        self._by_notice: dict[tuple[str, bool], Context] = {}
        self._by_date: dict[date, Context] = {}

    def of(self, submission: Submission, state: Any, id_: str, content: str) -> Context:
        """Return what the decision on one submission may know (hot path: a copy costs a fifth of making one)."""
        on, kind = submission.on, type(submission)
        shared = self._by_date.get(on) or self._on(on)
        station = state if kind in ABOUT_STATIONS else None
        context = replace(shared, id=id_, content=None if id_ == content else content, station=station)
        if type(submission) is Assess:
            run = partial(self._lookup.assess, state, submission.standard, on, context.adoption)
            return replace(context, assess=run)
        return context

    def forget(self) -> None:
        """Make them anew: a notice was adopted, or one of its readings chosen or voided."""
        self._by_notice.clear()
        self._by_date.clear()

    def _on(self, on: date) -> Context:
        adoption, governed = self._lookup.adoption(on)
        key = (adoption.id, governed)
        if key not in self._by_notice:
            self._by_notice[key] = self._shared(adoption, governed)
        found = self._by_date[on] = self._by_notice[key]
        return found

    def _shared(self, adoption: Adoption, governed: bool) -> Context:
        lookup = self._lookup
        notice = lookup.notice(adoption.id)
        return Context(
            recorded_at=self._recorded_at,
            today=civil_date(self._recorded_at, notice.zone),
            notice=notice,
            adoption=adoption,
            governed=governed,
            changed=partial(lookup.changed, adoption, notice),
            id="",
            content=None,
            office=lookup.office,
            round=lookup.round,
            known_station=lookup.known_station,
            nearest=lookup.nearest,
            fact=lookup.fact_finder(notice),
            requirement=lookup.requirement_finder(notice),
            assessable=partial(lookup.assessable, notice),
            installed=lookup.installed,
            adoptions=lookup.adopted,
            entry_state=lookup.entry_state,
            round_users=lookup.round_users,
            reading_users=lookup.reading_users,
            assess=dict,
        )
