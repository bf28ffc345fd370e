"""The impact of an entry: what rests on it, and every answer that would be another one were it voided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji.faults import LedgerError
from dingji.terms import entry_name, entry_place
from dingji_projections.ask.lookups import check_registered
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import STREAMS
from dingji_projections.impact.answers import AnswerChange, answer_changes, answers
from dingji_projections.impact.dependents import Dependents, dependents
from dingji_projections.impact.what_if import if_voided
from dingji_projections.records.record import Kept, record


class Impact(msgspec.Struct, frozen=True):
    """One entry, what rests on it and what its void would change; of one voided already `voided_by`, and nothing.

    Of one that nobody may void (`voidable`) it is not asked what its void would change.
    """

    entry: str
    topic: str
    on: date
    voidable: bool
    voided_by: str | None = None
    rests: Dependents = Dependents(0, {}, ())
    changes: tuple[AnswerChange, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether voiding the entry changes nothing."""
        return not self.rests.count and not self.changes


def impact(
    views: Views,
    basis: Basis,
    notice_rules: NoticeRules,
    entry: str,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Impact:
    """Return the impact of an entry as known at the basis. Raises LedgerError (`unknown-entry`, `not-registered`)."""
    stream, kept = _named(views, entry, basis.known)
    if stream.startswith(STREAMS):
        check_registered(views.log, stream.removeprefix(STREAMS), basis)
    voidable = VERB_OF_TOPIC[kept.topic] not in notice_rules.never_voided
    found = Impact(kept.entry, kept.topic, kept.event.on, voidable, kept.voided_by)
    if kept.voided_by is not None:
        return found
    rests = dependents(views.log, stream, kept, basis.known, report)
    if not voidable:
        return msgspec.structs.replace(found, rests=rests)
    before = answers(views, stream, basis, notice_rules)
    with if_voided(views, stream, kept, basis.known) as lent:
        after = answers(lent, stream, basis, notice_rules)
    return msgspec.structs.replace(found, rests=rests, changes=tuple(answer_changes(before, after)))


def _named(views: Views, entry: str, known: int) -> tuple[str, Kept]:
    place = entry_place(entry)
    kept = record(views.log, place[0], known).named(entry) if place and entry_name(*place) == entry else None
    if place is None or kept is None:
        raise LedgerError("unknown-entry", field="entry", entry=entry)
    return place[0], kept
