"""What entries rest on, and which of them have lost their ground to a void."""

from __future__ import annotations

from collections.abc import Collection

from dingji.events.events import CertificationLodged, Event
from dingji_projections.records.record import Record


def rests_on(event: Event) -> tuple[str, ...]:
    """Return the entries that an entry stands on, as it was recorded; what it names as a round is not among them."""
    if isinstance(event, CertificationLodged):
        return (event.certification,)
    named: tuple[str, ...] = getattr(event, "rests_on", ())
    return named


def lost(record: Record, gone: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return each counting entry that has lost ground, with the grounds gone, its own or those of what it rests on.

    Gone is what a void took away, what the record does not have, and what is named in `gone` besides (to ask what
    would happen). An entry rests on earlier ones only, so one pass in the order of recording finds all.
    """
    standing: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for kept in record.entries:
        if kept.voided_by is not None or kept.entry in gone:
            continue
        grounds = rests_on(kept.event)
        direct = [ground for ground in grounds if ground not in standing]
        through = [root for ground in grounds if ground in standing for root in found.get(ground, ())]
        if direct or through:
            found[kept.entry] = tuple(dict.fromkeys([*direct, *through]))
        standing.add(kept.entry)
    return found
