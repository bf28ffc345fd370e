"""What the rules may ask of the ledger during one transaction: offices, rounds, notices, facts, requirements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec.structs import replace

from dingji.catalogue.facts import FactKind
from dingji.dates import civil_date
from dingji.events import codec
from dingji.events.submissions import VERBS, Assess, Submission, Void
from dingji.faults import LedgerError
from dingji.rules.docket import Context
from dingji.state.notice_state import Adoption, governing, used
from dingji.state.office import Office
from dingji.state.round import Round
from dingji.state.station import Station
from dingji.terms import Kind, entry_name
from dingji.texts import Text, nearest_text

if TYPE_CHECKING:
    from dingji.catalogue.notice import Notice
    from dingji.catalogue.standard import Requirement
    from dingji.plugins.manager import Plugins
    from dingji.state.state_cache import States
    from dingji.writer.assess_station import Question


MOST_NEAR: Final = 200
"""Unknown words of one transaction for which others that look like them are sought."""

DECISION_TOPICS = ("LevelCertified", "CertificationRefused", "LevelUpheld", "LevelDowngraded")


class Sitting(Protocol):
    """Where submissions are judged: a transaction, or a hearing at which nothing is recorded."""

    states: States
    position: int

    @property
    def plugins(self) -> Callable[[], Plugins]:
        """What loads the plugins."""

    @property
    def writer(self) -> Any:
        """What the log can be asked."""

    def state(self, stream: str) -> Any:
        """Return a stream's state."""

    def flush(self) -> None:
        """Let the log know what was judged good and is not written yet."""


class Lookup:
    """Answers from the states of one sitting; nothing here changes anything."""

    def __init__(self, session: Sitting) -> None:
        """Answer for a sitting."""
        self._session = session
        self._notices: dict[str, Notice] = {}
        self._changed: dict[str, bool] = {}
        self._offices: dict[str, Office] = {}
        self._near: dict[tuple[str, str], Text] = {}

    def office(self, code: str) -> Office | None:
        """Return an office as it stands (hot path: nearly every line asks for one or two)."""
        found = self._offices.get(code)
        if found is None:
            found = self._session.state(f"office:{code}")
            if found is not None:
                self._offices[code] = found
        return found

    def round(self, id_: str) -> Round | None:
        """Return a round as it stands."""
        found: Round | None = self._session.state(f"round:{id_}")
        return found

    def rounds(self) -> list[Round]:
        """Return all rounds; they are few."""
        found = (self.round(stream.removeprefix("round:")) for stream in self._streams("round:"))
        return [round_ for round_ in found if round_ is not None]

    def _streams(self, prefix: str) -> list[str]:
        self._session.flush()
        return list(self._session.writer.streams(prefix))

    def known_station(self, code: str) -> bool:
        """Return whether a station of that code is registered."""
        return self._session.state(f"station:{code}") is not None

    def entry_state(self, stream: str) -> Any:
        """Return the state of any stream."""
        return self._session.state(stream)

    def adopted(self, id_: str) -> Adoption | None:
        """Return a notice's adoption."""
        found: Adoption | None = self._session.state(f"notice:{id_}")
        return found

    def adoption(self, on: date) -> tuple[Adoption, bool]:
        """Return the adoption governing a date, or the earliest adopted, and whether it governs (rule 10)."""
        states = self._session.states
        if not states.notices:
            names = self._streams("notice:")
            names.sort(key=lambda stream: self.position(stream, 1) or 0)
            states.notices = [stream.removeprefix("notice:") for stream in names]
        found = (self.adopted(id_) for id_ in states.notices)
        adoptions = [adoption for adoption in found if adoption is not None]
        if not adoptions:
            raise LedgerError("not-a-ledger", path=str(self._session.writer.path))
        in_force = governing(adoptions, on)
        return in_force or adoptions[0], in_force is not None

    def forget(self, stream: str) -> None:
        """Look again at what was kept of a stream that has just grown."""
        if stream.startswith("office:"):
            self._offices.clear()
        elif stream.startswith("notice:"):
            self._session.states.notices = []

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
        found: Notice | None = self._session.plugins().notice(id_)
        return found

    def changed(self, adoption: Adoption, notice: Notice) -> bool:
        """Return whether a notice's installed data differ from those adopted."""
        key = f"{adoption.id}@{adoption.version}"
        if key not in self._changed:
            self._changed[key] = adoption.digest != notice.digest
        return self._changed[key]

    def fact_finder(self, notice: Notice) -> Callable[[str], FactKind | None]:
        """Return the look-up in a notice's dictionary of facts."""
        kinds: dict[str, FactKind] | None = None

        def find(key: str) -> FactKind | None:
            nonlocal kinds
            if kinds is None:  # read when first asked for: most single submissions state no facts
                kinds = self._session.plugins().facts(notice)
            return kinds.get(key)

        return find

    def requirement_finder(self, notice: Notice) -> Callable[[str], Requirement | None]:
        """Return the look-up of requirements by id: the notice's own first, then those contributed to it.

        A contributed standard that does not load keeps nobody from judging what the notice itself asks for.
        """

        own = tuple(notice.standard_files)
        known: dict[str, Requirement] | None = None

        def find(key: str) -> Requirement | None:
            nonlocal known
            if known is None:  # read when first asked for, as the facts are
                known = self._requirements(notice, own)
            found = known.get(key)
            if found is not None:
                return found
            more = tuple(code for code in self._session.plugins().standard_codes(notice) if code not in own)
            return self._requirements(notice, more).get(key) if more else None

        return find

    @cache  # noqa: B019  (a lookup lives as long as one transaction)
    def _requirements(self, notice: Notice, codes: tuple[str, ...]) -> dict[str, Requirement]:
        plugins = self._session.plugins()
        found: dict[str, Requirement] = {}
        for code in codes:
            found |= {requirement.id: requirement for requirement in plugins.standard(notice, code).requirements}
        return found

    def assessable(self, notice: Notice, standard: str) -> bool:
        """Return whether a notice has a standard. Raises LedgerError (`plugin-failed`) where a plugin may lack it."""
        if standard in notice.standard_files:
            return True
        plugins = self._session.plugins()
        if standard not in plugins.standard_codes(notice):
            plugins.require_sound()
            return False
        return True

    def nearest(self, kind: str, word: str) -> Text:
        """Return words naming what is near an unknown round, fact or requirement.

        Looking takes milliseconds, and a bad file has unknown words without number: later ones get no such help.
        """
        found = self._near.get((kind, word))
        if found is None:
            found = nearest_text(word, self._known(kind) if len(self._near) < MOST_NEAR else [])
            if len(self._near) < MOST_NEAR:
                self._near[kind, word] = found
        return found

    def _known(self, kind: str) -> list[str]:
        notice = self.notice(self.adoption(date.max)[0].id)
        if kind == "fact":
            return list(self._session.plugins().facts(notice))
        if kind == "requirement":
            return list(self._requirements(notice, tuple(self._session.plugins().standard_codes(notice))))
        return [round_.id for round_ in self.rounds()] if kind == "round" else []

    def position(self, stream: str, version: int) -> int | None:
        """Return the position of an entry."""
        self._session.flush()
        row = self._session.writer.entry(stream, version)
        return row.position if row else None

    def round_users(self, id_: str) -> tuple[str, ...]:
        """Return the decisions that name a round and count: a slow look through the log, for a rare question."""
        self._session.flush()
        rows = self._session.writer.find(DECISION_TOPICS, ("round",), id_)
        return tuple(
            entry_name(row.stream, row.version)
            for row in rows
            if row.version not in self._session.state(row.stream).voided
        )

    def reading_users(self, adoption: Adoption, version: int) -> dict[str, list[str]]:
        """Return the assessments that used a chosen reading, voided ones too, by stream: as slow, and as rare."""
        event: Any = adoption.events[version - 1]
        chosen = adoption.chosen(event.requirement, lambda each: self.position(adoption.stream, each) or 0)
        found: dict[str, list[str]] = {}
        for row in self._session.writer.find(("AssessmentRecorded",), ("readings", event.requirement), event.reading):
            told: Any = codec.decode(row.topic, row.state)
            last = used(chosen, told.on, row.position)
            if told.notice == adoption.id and last is not None and last.version == version:
                found.setdefault(row.stream, []).append(entry_name(row.stream, row.version))
        return found

    def assess(self, station: Station, standard: str, on: date, adoption: Adoption) -> dict[str, Any]:
        """Run a standard's checks on what the ledger holds of a station."""
        from dingji.writer import assess_station  # an import of a good many modules that only assessing needs

        self._session.flush()
        fields = assess_station.run(self._session.plugins(), self.question(station, on, adoption), standard)
        return fields | {"read_to": self._session.position}

    def question(self, station: Station, on: date, adoption: Adoption) -> Question:
        """Return what is asked of a station's dossier on a date."""
        from dingji.writer import assess_station

        return assess_station.Question(
            notice=self.notice(adoption.id),
            station=station,
            on=on,
            rows=self._session.writer.stream(station.stream),
            rounds=self.rounds(),
            readings=adoption.readings(on),
        )


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
