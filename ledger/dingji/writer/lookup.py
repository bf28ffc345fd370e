"""What the rules may ask of the ledger, answered from its states, its log and its plugins; and their contexts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec.structs import replace

from dingji.catalogue.facts import FactKind
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Requirement
from dingji.events import codec
from dingji.events.row import Row
from dingji.events.submissions import Submission, verb_of
from dingji.events.vocabulary import ABOUT_STATIONS, DECISIONS
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.rules.docket import Context
from dingji.state.notice_state import Adoption, governing_or_first, used
from dingji.state.office import Office
from dingji.state.round import Round
from dingji.state.state_cache import States
from dingji.state.station import Station
from dingji.terms import entry_name
from dingji.texts import Text, nearest_text

if TYPE_CHECKING:
    from dingji.writer.assess_station import Question
    from dingji.writer.stamp import Stamp


MOST_NEAR: Final = 200
"""Unknown words of one transaction for which others that look like them are sought."""


class ReadableLog(Protocol):
    """The log as it stands for those who ask: that of a transaction, or one read up to a position."""

    @property
    def path(self) -> Path:
        """The ledger's file."""

    def head(self) -> int:
        """Return the greatest position."""

    def stream(self, stream: str) -> list[Row]:
        """Return the entries of a stream by version."""

    def entry(self, stream: str, version: int) -> Row | None:
        """Return the entry that a stream and a version name."""

    def streams(self, prefix: str) -> Iterator[str]:
        """Name the streams that begin with `prefix`, in order."""

    def find(self, topics: Collection[str], keys: Sequence[str], value: str) -> Iterator[Row]:
        """Yield the entries of the topics whose state holds the text `value` under `keys`."""


class Lookup:
    """The ledger as rules see it, at one moment of recording; nothing here changes anything."""

    def __init__(
        self, log: ReadableLog, states: States, plugins: Callable[[], Plugins], stamp: Callable[[], Stamp]
    ) -> None:
        """Answer from a log, and from states that are true to it; the stamp is that of what is judged."""
        self._log, self._states, self._plugins, self._stamp = log, states, plugins, stamp
        self._notices: dict[str, Notice] = {}
        self._facts: dict[str, Mapping[str, FactKind]] = {}
        self._offices: dict[str, Office] = {}
        self._near: dict[tuple[str, str], Text] = {}
        self._by_id: dict[tuple[str, tuple[str, ...]], dict[str, Requirement]] = {}
        self._by_notice: dict[tuple[str, bool], Context] = {}
        self._by_date: dict[date, Context] = {}

    def context(self, submission: Submission, state: Any, id_: str, content: str) -> Context:
        """Return what the decision on one submission may know (hot path: a copy costs a fifth of making one)."""
        shared = self._by_date.get(submission.on) or self._on(submission.on)
        station = state if verb_of(submission) in ABOUT_STATIONS else None
        return replace(shared, id=id_, content=None if id_ == content else content, station=station)

    def _on(self, on: date) -> Context:
        adoption, governed = self.adoption(on)
        key = (adoption.id, governed)
        if key not in self._by_notice:
            notice = self.notice(adoption.id)
            self._by_notice[key] = Context(
                ledger=self,
                recorded_at=self._stamp().recorded_at,
                today=self._stamp().today(notice.zone),
                notice=notice,
                adoption=adoption,
                governed=governed,
                id="",
                content=None,
            )
        found = self._by_date[on] = self._by_notice[key]
        return found

    def forget(self, stream: str) -> None:
        """Look again at what was kept of a stream that has just grown."""
        if stream.startswith("office:"):
            self._offices.clear()
        elif stream.startswith("notice:"):
            self._states.notices = []
            self._by_notice.clear()
            self._by_date.clear()

    def state(self, stream: str) -> Any:
        """Return a stream's state, None for one without entries (hot path)."""
        held = self._states.held(stream)
        return held if held is not None else self._states.load(stream, self._log.stream)

    def office(self, code: str) -> Office | None:
        """Return an office as it stands (hot path: nearly every line asks for one or two)."""
        found = self._offices.get(code)
        if found is None:
            found = self.state(f"office:{code}")
            if found is not None:
                self._offices[code] = found
        return found

    def round(self, id_: str) -> Round | None:
        """Return a round as it stands."""
        found: Round | None = self.state(f"round:{id_}")
        return found

    def rounds(self) -> list[Round]:
        """Return all rounds; they are few."""
        found = [self.state(stream) for stream in self._log.streams("round:")]
        return [round_ for round_ in found if round_ is not None]

    def adopted(self, id_: str) -> Adoption | None:
        """Return a notice's adoption."""
        found: Adoption | None = self.state(f"notice:{id_}")
        return found

    def adoption(self, on: date) -> tuple[Adoption, bool]:
        """Return the adoption governing a date, or the earliest adopted, and whether it governs (rule 10)."""
        states = self._states
        if not states.notices:
            names = list(self._log.streams("notice:"))
            names.sort(key=lambda stream: self.position(stream, 1))
            states.notices = [stream.removeprefix("notice:") for stream in names]
        found = (self.adopted(id_) for id_ in states.notices)
        adoptions = [adoption for adoption in found if adoption is not None]
        adoption = governing_or_first(adoptions, on)
        if adoption is None:
            raise LedgerError("not-a-ledger", path=str(self._log.path))
        return adoption, adoption.in_force <= on

    def notice(self, id_: str) -> Notice:
        """Return an adopted notice's installed data. Raises LedgerError (`unknown-notice`)."""
        if id_ not in self._notices:
            notice = self.installed(id_)
            if notice is None:
                raise LedgerError("unknown-notice", notice=id_)
            self._notices[id_] = notice
        return self._notices[id_]

    def installed(self, id_: str) -> Notice | None:
        """Return an installed notice."""
        return self._plugins().notice(id_)

    def facts(self, notice: Notice) -> Mapping[str, FactKind]:
        """Return a notice's dictionary of facts (hot path: every report asks for it)."""
        found = self._facts.get(notice.id)
        if found is None:
            found = self._facts[notice.id] = self._plugins().facts(notice)
        return found

    def requirement(self, notice: Notice, id_: str) -> Requirement | None:
        """Return a requirement by its id: the notice's own first, then those contributed to it.

        A contributed standard that does not load keeps nobody from judging what the notice itself asks for.
        """
        own = tuple(notice.standard_files)
        found = self._requirements(notice, own).get(id_)
        if found is not None:
            return found
        more = tuple(code for code in self._plugins().standard_codes(notice) if code not in own)
        return self._requirements(notice, more).get(id_) if more else None

    def _requirements(self, notice: Notice, codes: tuple[str, ...]) -> dict[str, Requirement]:
        key = (notice.id, codes)
        if key not in self._by_id:
            plugins, found = self._plugins(), dict[str, Requirement]()
            for code in codes:
                found |= {requirement.id: requirement for requirement in plugins.standard(notice, code).requirements}
            self._by_id[key] = found
        return self._by_id[key]

    def assessable(self, notice: Notice, standard: str) -> bool:
        """Return whether a notice has a standard. Raises LedgerError (`plugin-failed`) where a plugin may lack it."""
        if standard in notice.standard_files:
            return True
        plugins = self._plugins()
        if standard not in plugins.standard_codes(notice):
            plugins.require_sound()
            return False
        return True

    def nearest(self, kind: str, word: str) -> Text:
        """Return words naming what is near an unknown round, fact or requirement.

        Looking takes milliseconds, and a bad file has any number of unknown words: later ones get no such help.
        """
        found = self._near.get((kind, word))
        if found is None:
            found = nearest_text(word, self._known(kind) if len(self._near) < MOST_NEAR else [])
            if len(self._near) < MOST_NEAR:
                self._near[kind, word] = found
        return found

    def _known(self, kind: str) -> list[str]:
        adoption, _ = self.adoption(date.max)
        notice = self.notice(adoption.id)
        if kind == "fact":
            return list(self.facts(notice))
        if kind == "requirement":
            return list(self._requirements(notice, tuple(self._plugins().standard_codes(notice))))
        return [round_.id for round_ in self.rounds()]

    def position(self, stream: str, version: int) -> int:
        """Return the position of an entry, 0 where there is none."""
        row = self._log.entry(stream, version)
        return row.position if row else 0

    def round_users(self, id_: str) -> tuple[str, ...]:
        """Return the decisions that name a round and count: a slow look through the log, for a rare question."""
        return tuple(
            entry_name(row.stream, row.version)
            for row in self._log.find(DECISIONS, ("round",), id_)
            if row.version not in self.state(row.stream).voided
        )

    def reading_users(self, adoption: Adoption, version: int) -> dict[str, list[str]]:
        """Return the assessments that used a chosen reading, voided ones too, by stream: as slow, and as rare."""
        event: Any = adoption.events[version - 1]
        chosen = adoption.chosen(event.requirement, lambda each: self.position(adoption.stream, each))
        found: dict[str, list[str]] = {}
        for row in self._log.find(("AssessmentRecorded",), ("readings", event.requirement), event.reading):
            assessment: Any = codec.decode_row(row)
            last = used(chosen, assessment.on, row.position)
            if assessment.notice == adoption.id and last is not None and last.version == version:
                found.setdefault(row.stream, []).append(entry_name(row.stream, row.version))
        return found

    def assess(self, station: Station, standard: str, on: date, adoption: Adoption) -> dict[str, Any]:
        """Run a standard's checks on what the ledger holds of a station."""
        from dingji.writer import assess_station  # an import of a good many modules that only assessing needs

        fields = assess_station.run(self._plugins(), self.question(station, on, adoption), standard)
        return fields | {"read_to": self._log.head()}

    def question(self, station: Station, on: date, adoption: Adoption) -> Question:
        """Return what is asked of a station's dossier on a date."""
        from dingji.writer import assess_station

        return assess_station.Question(
            notice=self.notice(adoption.id),
            station=station,
            on=on,
            rows=self._log.stream(station.stream),
            rounds=self.rounds(),
            readings=adoption.readings(on),
        )
