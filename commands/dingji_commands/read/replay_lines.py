"""What `dingji replay` says of an entry: who did what to which station, what it changed, and the counts then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from dingji.events.events import EVENTS
from dingji.harmless import visible
from dingji.moments import civil_date
from dingji.store.log import Log
from dingji_commands.terminal.layout import pad, terminal_columns, width, wrap
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import label, say, text
from dingji_projections.engine.basis import Basis
from dingji_projections.levels.changes import HeldLevel, LevelChange
from dingji_projections.levels.replay import Played, ReplayScope, Tally

ENTRY_WIDTH: Final = 14
INDENT: Final = 6


class ReplayLines:
    """The lines of replayed entries, and the table of their counts, in words."""

    def __init__(self, log: Log, basis: Basis, scope: ReplayScope, tally: Tally, language: str) -> None:
        """Speak a language, with the labels and names that the basis knows."""
        self.scope, self.tally, self.language, self.zone = scope, tally, language, basis.zone
        self._labels = Labels(log, language, basis.known)
        self._offices = OfficeNames(log, date.max, basis.known)
        self._topics = {topic: label("event", topic, language) for topic in _topics()}
        self._topic_width = max(map(width, self._topics.values()))

    def entry_lines(self, played: Played) -> Iterator[str]:
        """Yield the line of an entry, and below it what it changed."""
        recorded = civil_date(played.recorded_at, self.zone)
        position = f"{played.position:>{len(str(self.scope.until))}}"
        topic = pad(visible(self.topic(played)), self._topic_width)
        yield f"{position}  {recorded}  {pad(visible(played.entry), ENTRY_WIDTH)}  {topic}  {played.on}"
        for sentence in self.changes(played):
            yield from (" " * INDENT + part for part in wrap(visible(sentence), terminal_columns() - INDENT))

    def topic(self, played: Played) -> str:
        """Return what an entry is."""
        return self._topics.get(played.topic, played.topic)

    def changes(self, played: Played) -> list[str]:
        """Return what an entry changed, stretch by stretch, then the counts that it changed."""
        language = self.language
        sentences = []
        for change in played.changes:
            key = "stretch-on" if change.end is None else "stretch"
            when = say(language, key, start=change.start, end=change.end)
            sentences.append(when + self.change(change))
        for county, levels in played.counts.items():
            sentences.append(say(language, "colon").join([self._offices[county], self._counted(levels)]))
        return sentences

    def change(self, change: LevelChange) -> str:
        """Return what differs over one stretch."""
        was, now, language = change.before, change.after, self.language
        if was is None:
            return say(language, "comma").join(self._parts(now))
        if now is None:
            return say(language, "station-gone")
        pairs = zip(self._parts(was), self._parts(now), strict=True)
        return say(language, "comma").join(f"{old} → {new}" for old, new in pairs if old != new)

    def _parts(self, held: HeldLevel | None) -> list[str]:
        if held is None:
            return []
        size = self._labels.of("size", held.size) if held.size else say(self.language, "no-size")
        return [self._offices[held.county], size, self._labels.of("level", held.level)]

    def _counted(self, levels: dict[str, int]) -> str:
        counted = [f"{self._level(code)} {levels[code]}" for code in self._levels() if levels.get(code)]
        return say(self.language, "comma").join(counted) or "0"

    def _level(self, code: str) -> str:
        return str(self._labels.of("level", code))

    def _levels(self) -> list[str]:
        """Return the levels met so far, the highest first."""
        ranks = self.tally.ranks
        return sorted(ranks, key=lambda level: (-ranks[level], level))

    def headers(self) -> list[str]:
        """Return the headers of the table of counts."""
        return [text("header", "county", self.language) or "", *map(self._level, self._levels())]

    def table(self, counties: list[str] | None = None) -> list[list[Any]]:
        """Return how many stations of each county hold each level, then of all; of `counties` only, if given."""
        codes, counts = self._levels(), self.tally.counts
        shown = sorted(counts) if counties is None else counties
        rows = [[self._offices[county], *(counts[county].get(code, 0) for code in codes)] for county in shown]
        total = [sum(levels.get(code, 0) for levels in counts.values()) for code in codes]
        return [*rows, [say(self.language, "all-counties"), *total]]


def _topics() -> list[str]:
    return list(EVENTS)
