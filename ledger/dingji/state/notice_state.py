"""The state of a notice in this ledger: what data were adopted, and which readings are in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from dingji.events.events import Event, NoticeAdopted, ReadingAdopted
from dingji.state.stream import EventHistory, appended
from dingji.state.timeline import FOREVER


class Chosen(NamedTuple):
    """A reading that was chosen: it counts for what is recorded after `since`, up to `until`, FOREVER unless voided."""

    on: date
    version: int
    entry: str
    since: int
    until: int


class Adoption(EventHistory, frozen=True, kw_only=True):
    """A notice as adopted, by the digest of its data."""

    id: str
    digest: str = ""
    in_force: date = date.max

    def readings(self, on: date) -> dict[str, str]:
        """Return the reading in force on a date of each requirement for which one was chosen."""
        chosen: dict[str, str] = {}
        for _, event in self.counting():
            if isinstance(event, ReadingAdopted) and event.on <= on:
                chosen[event.requirement] = event.reading
        return chosen

    def chosen(self, requirement: str, position: Callable[[int], int]) -> list[Chosen]:
        """Return all readings ever chosen of a requirement; `position` maps a version to its position in the log."""
        return [
            Chosen(event.on, version, self.entry(version), position(version), self._until(version, position))
            for version, event in enumerate(self.events, 1)
            if isinstance(event, ReadingAdopted) and event.requirement == requirement
        ]

    def _until(self, version: int, position: Callable[[int], int]) -> int:
        return position(self.voided[version]) if version in self.voided else FOREVER


def evolve(adoption: Adoption | None, version: int, event: Event, id_: str) -> Adoption:
    """Return the adoption after one event more. Raises IntegrityBroken for a version gap."""
    shared: dict[str, Any] = appended(adoption, f"notice:{id_}", version, event)
    adopted = [past for past in shared["events"] if isinstance(past, NoticeAdopted)]
    state: dict[str, Any] = {"digest": adopted[-1].digest, "in_force": adopted[-1].in_force} if adopted else {}
    return Adoption(id=id_, **shared, **state)


def used(chosen: Iterable[Chosen], on: date, position: int) -> Chosen | None:
    """Return the reading that was in force on a date for what was recorded at a position, None before the first."""
    return max((each for each in chosen if each.on <= on and each.since < position <= each.until), default=None)


def governing(adoptions: Iterable[Adoption], on: date) -> Adoption | None:
    """Return the adopted notice in force on a date: the one that came into force last, whenever it was adopted.

    They come in the order of adoption: of two that came into force on one day, the one adopted later governs.
    """
    in_force = [adoption for adoption in adoptions if adoption.in_force <= on]
    return max(reversed(in_force), key=lambda adoption: adoption.in_force, default=None)


def governing_or_first(adoptions: Sequence[Adoption], on: date) -> Adoption | None:
    """Return the adopted notice that governs a date, or else the first adopted (rule 10); None where none is."""
    return governing(adoptions, on) or next(iter(adoptions), None)
