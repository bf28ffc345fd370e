"""What entries rest on, and which of them have lost a ground: to a void, or because the log never had it.

A ground is an entry of the same station: a report or judgement beneath an assessment, an assessment beneath a decision.
Or it stands in another stream: the opening of a round, the adoption of a notice, an adopted reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from dingji.catalogue.standard import DEFAULT_READING
from dingji.events.events import AssessmentRecorded, Event, NoticeAdopted
from dingji.state.timeline import FOREVER
from dingji_projections.records.opening import opening
from dingji_projections.records.readings import chosen_readings, reading_used
from dingji_projections.records.record import Kept, Record, rests_on

NOTHING: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})


def lost(record: Record, elsewhere: Mapping[str, Sequence[str]] = NOTHING) -> dict[str, tuple[str, ...]]:
    """Return each counting entry that has lost ground, with the grounds gone, its own or those of what it rests on.

    Gone is what a void took away and what the record does not have; `elsewhere` has by entry what is gone in other
    streams. What is gone stays named when what lay between is voided too, so the list only ever grows. An entry rests
    on earlier ones only, so one pass in the order of recording finds all.
    """
    standing: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for kept in record.entries:
        grounds = rests_on(kept.event)
        direct = [*(ground for ground in grounds if ground not in standing), *elsewhere.get(kept.entry, ())]
        through = [root for ground in grounds for root in found.get(ground, ())]
        if direct or through:
            found[kept.entry] = tuple(dict.fromkeys([*direct, *through]))
        if kept.voided_by is None:
            standing.add(kept.entry)
    return {entry: roots for entry, roots in found.items() if entry in standing}


def lost_elsewhere(event: Event, rounds: Mapping[str, Record], notices: Mapping[str, Record]) -> Iterator[str]:
    """Yield the grounds in other streams that were voided; a missing entry yields its stream's name."""
    round_: str | None = getattr(event, "round", None)
    if round_ is not None:
        gone = lost_opening(rounds.get(round_, Record(f"round:{round_}")))
        if gone is not None:
            yield gone
    if isinstance(event, AssessmentRecorded):
        yield from _lost_of_notice(event, notices.get(event.notice, Record(f"notice:{event.notice}")))


def lost_opening(round_: Record) -> str | None:
    """Return the opening of a round that was voided, its stream where it never had one; None where one counts."""
    opened = opening(round_)
    if opened is None:
        return round_.stream
    return opened.entry if opened.voided_by is not None else None


def _lost_of_notice(event: AssessmentRecorded, notice: Record) -> Iterator[str]:
    if adoption(event, notice) is None:
        yield notice.stream
    choices = chosen_readings(notice)
    for requirement, reading in event.readings.items():
        last = reading_used(choices, requirement, event)
        if last is None and reading != DEFAULT_READING:
            yield notice.stream
        elif last is not None and last.until != FOREVER:
            yield last.entry


def adoption(event: AssessmentRecorded, notice: Record) -> Kept | None:
    """Return the adoption of its notice that an assessment was made by, None where none counts."""
    seen = (kept for kept in notice.entries if kept.position <= event.read_to and kept.voided_by is None)
    adopted = [kept for kept in seen if isinstance(kept.event, NoticeAdopted)]
    return adopted[-1] if adopted else None
