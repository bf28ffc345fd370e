"""Recorded assessments run again: the facts as they were known then, by the very plugins and standards recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from dingji.catalogue.notice import Notice
from dingji.events import codec
from dingji.events.events import AssessmentRecorded, CheckOwner
from dingji.events.row import Row
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.state.notice_state import Adoption
from dingji.state.round import Round
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.terms import Verdict, entry_name
from dingji.writer.assess_station import Question, assess_each

RecheckOutcome = Literal["identical", "same_findings", "differs", "not_reproducible"]

COMPARED: Final = ("verdict", "size", "serves", "readings", "short", "rests_on")
"""What is compared of an assessment besides its findings."""

MADE_WITH: Final = ("catalogue", "checks")
"""What is compared, too, where all is installed that it says it was made with."""

WHOLE: Final = ""
"""In place of a requirement: a difference of the assessment as a whole."""


class Difference(msgspec.Struct, frozen=True):
    """One field of one finding (of the whole assessment where `requirement` is empty) that came out otherwise."""

    requirement: str
    field: str
    recorded: Any
    found: Any


class Lack(msgspec.Struct, frozen=True):
    """What an assessment was made with and is not installed: a notice, a standard, or the owner of a check."""

    kind: Literal["notice", "standard", "check"]
    name: str
    wanted: str
    installed: str | None


class Rechecked(msgspec.Struct, frozen=True):
    """One assessment, and what became of it when it was run again.

    The findings are the `same_findings` where only what it was made with is another one now, named in `lacking`.
    """

    entry: str
    position: int
    station: str
    standard: str
    on: str
    recorded: Verdict
    found: Verdict | None
    result: RecheckOutcome
    differences: tuple[Difference, ...] = ()
    lacking: tuple[Lack, ...] = ()


class Recheck:
    """Runs assessments of one log again; what they share is read once."""

    def __init__(self, log: Log, plugins: Plugins, known: int | None, *, with_installed: bool = False) -> None:
        """Take the log up to a position, and today's plugins; `with_installed` runs these, whatever was used then."""
        self._log, self._plugins, self._with_installed = log, plugins, with_installed
        self._rounds = [row for stream in log.streams("round:") for row in log.stream(stream, upto=known)]
        self._adoptions = {stream: log.stream(stream, upto=known) for stream in log.streams("notice:")}
        self._rounds_of = lru_cache(64)(self._fold_rounds)
        self._adoption_of = lru_cache(64)(self._fold_adoption)

    def run(self, row: Row) -> Rechecked:
        """Run one recorded assessment again."""
        event = codec.decode_row(row)
        assert isinstance(event, AssessmentRecorded)  # noqa: S101  (whoever calls has looked at the topic)
        notice = self._plugins.notice(event.notice)
        adoption = self._adoption(event)
        lacking = tuple(self._lacking(event, notice, adoption))
        unrunnable = notice is None or adoption is None or event.standard not in self._plugins.standard_codes(notice)
        if unrunnable or (lacking and not self._with_installed):
            return _rechecked(row, event, None, "not_reproducible", lacking=lacking)
        question = self._question(row, event, notice, adoption)
        found = next(assess_each(self._plugins, question, [event.standard]))
        differences = tuple(_differences(event, found, COMPARED if lacking else (*COMPARED, *MADE_WITH)))
        result: RecheckOutcome = "differs" if differences else "same_findings" if lacking else "identical"
        return _rechecked(row, event, found["verdict"], result, differences, lacking)

    def _question(self, row: Row, event: AssessmentRecorded, notice: Any, adoption: Any) -> Question:
        rows = self._log.stream(row.stream, upto=event.read_to)
        return Question(
            notice=notice,
            station=fold(row.stream, rows),
            on=event.on,
            rows=rows,
            rounds=self._rounds_of(sum(row.position <= event.read_to for row in self._rounds)),
            readings=adoption.readings(event.on),
        )

    def _fold_rounds(self, count: int) -> list[Round]:
        """Return the rounds as the first so many of their entries leave them."""
        known = sorted(self._rounds)[:count]
        by_stream: dict[str, list[Row]] = {}
        for row in known:
            by_stream.setdefault(row.stream, []).append(row)
        return [fold(stream, rows) for stream, rows in sorted(by_stream.items())]

    def _adoption(self, event: AssessmentRecorded) -> Adoption | None:
        rows = self._adoptions.get(f"notice:{event.notice}", [])
        return self._adoption_of(event.notice, sum(row.position <= event.read_to for row in rows))

    def _fold_adoption(self, notice: str, count: int) -> Adoption | None:
        rows = self._adoptions.get(f"notice:{notice}", [])[:count]
        found: Adoption | None = fold(f"notice:{notice}", rows) if rows else None
        return found

    def _lacking(self, event: AssessmentRecorded, notice: Notice | None, adoption: Adoption | None) -> Iterator[Lack]:
        """Return what the assessment was made with and is not what is installed."""
        adopted = adoption.digest if adoption else ""
        if notice is None or notice.digest != adopted:
            yield Lack("notice", event.notice, adopted, notice.digest if notice else None)
        if notice is not None:
            installed = self._catalogue(notice, event.standard)
            if installed != event.catalogue:
                yield Lack("standard", event.standard, event.catalogue, installed)
        for name, owner in event.checks.items():
            found = self._plugins.checks.get(name)
            if found is None or found.owner.record != owner:
                yield Lack("check", name, _owner(owner), _owner(found.owner.record) if found else None)

    def _catalogue(self, notice: Notice, standard: str) -> str | None:
        try:
            return self._plugins.standard(notice, standard).digest
        except LedgerError:  # not installed, or not as it should be
            return None


def _owner(owner: CheckOwner) -> str:
    return f"{owner.distribution} {owner.version} {owner.digest}"


def _rechecked(
    row: Row,
    event: AssessmentRecorded,
    found: Verdict | None,
    result: RecheckOutcome,
    differences: tuple[Difference, ...] = (),
    lacking: tuple[Lack, ...] = (),
) -> Rechecked:
    return Rechecked(
        entry=entry_name(row.stream, row.version),
        position=row.position,
        station=row.stream.partition(":")[2],
        standard=event.standard,
        on=str(event.on),
        recorded=event.verdict,
        found=found,
        result=result,
        differences=differences,
        lacking=lacking,
    )


def _differences(event: AssessmentRecorded, found: dict[str, Any], whole: Iterable[str]) -> Iterator[Difference]:
    """Return what came out otherwise, field by field; both sides as the log holds them."""
    for field in whole:
        yield from _difference(WHOLE, field, getattr(event, field), found[field])
    recorded = {finding.requirement: finding for finding in event.findings}
    now = {finding.requirement: finding for finding in found["findings"]}
    for requirement in dict.fromkeys([*recorded, *now]):
        one, other = recorded.get(requirement), now.get(requirement)
        if one is None or other is None:
            yield from _difference(requirement, "outcome", one and one.outcome, other and other.outcome)
            continue
        for field in one.__struct_fields__:
            yield from _difference(requirement, field, getattr(one, field), getattr(other, field))


def _difference(requirement: str, field: str, recorded: Any, found: Any) -> Iterator[Difference]:
    if recorded is found:
        return
    stored, computed = msgspec.to_builtins(recorded), msgspec.to_builtins(found)
    if stored != computed:
        # What is computed holds tuples where the log holds lists, and dates where it holds their text.
        computed = msgspec.json.decode(msgspec.json.encode(computed))
        stored = msgspec.json.decode(msgspec.json.encode(stored))
        if stored != computed:
            yield Difference(requirement, field, stored, computed)


def recheck(
    log: Log,
    plugins: Plugins,
    positions: Sequence[int],
    known: int | None = None,
    *,
    with_installed: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Rechecked]:
    """Run the assessments at these positions, all up to `known`, again, in order; `progress` takes (done, total)."""
    again = Recheck(log, plugins, known, with_installed=with_installed)
    for done, position in enumerate(positions, 1):
        if (row := log.row(position)) is not None:
            yield again.run(row)
        progress(done, len(positions))
