"""What the states of all streams share: the entries counted so far, their ids, and which are voided."""

from __future__ import annotations

import msgspec

from dingji.events.events import EntryVoided, Event, topic_of
from dingji.faults import inconsistent
from dingji.terms import entry_name, voided_version


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a state that idempotency and voiding read. `ids` maps an idempotency key to its version."""

    stream: str
    version: int = 0
    ids: dict[str, int] = {}
    voided: dict[int, int] = {}
    """Version voided to the version of its void."""

    def entry(self, version: int) -> str:
        """Return the name of the entry of that version."""
        return entry_name(self.stream, version)


def next_version(state: Stream | None, stream: str, version: int) -> None:
    """Refuse a version that does not follow the last one: recorders accept gaps, a ledger must not.

    Raises IntegrityBroken (`log-inconsistent`).
    """
    if version != (state.version if state else 0) + 1:
        raise inconsistent("version-order", entry=entry_name(stream, version))


class EventHistory(Stream, frozen=True, kw_only=True):
    """A state that keeps its few events whole: offices, rounds and notices."""

    events: tuple[Event, ...] = ()

    def counting(self) -> list[tuple[int, Event]]:
        """Return (version, event) of what counts, by (on, version)."""
        kept = [
            (event.on, version, event)
            for version, event in enumerate(self.events, 1)
            if version not in self.voided and not isinstance(event, EntryVoided)
        ]
        return [(version, event) for _, version, event in sorted(kept, key=lambda item: item[:2])]

    def content(self, version: int) -> str:
        """Return the content digest of an entry."""
        return self.events[version - 1].content_digest

    def topic(self, version: int) -> str:
        """Return the topic of an entry."""
        return topic_of(self.events[version - 1])

    def office(self, version: int) -> str:
        """Return the office that submitted an entry."""
        return self.events[version - 1].by.office


def appended(state: EventHistory | None, stream: str, version: int, event: Event) -> dict[str, object]:
    """Return the shared fields of a history with one event more."""
    next_version(state, stream, version)
    events, ids, voided = (state.events, state.ids, state.voided) if state else ((), {}, {})
    if isinstance(event, EntryVoided) and (gone := voided_version(stream, version, event.entry)):
        voided = {gone: version} | voided  # the first void of an entry counts
    return {
        "stream": stream,
        "version": version,
        "events": (*events, event),
        "ids": {**ids, event.id: version},
        "voided": voided,
    }
