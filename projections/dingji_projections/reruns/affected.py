"""What hangs on the reading of an unclear cell: the verdicts that would turn under another, over the whole log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Standard
from dingji.checks.assessment import verdict_of
from dingji.events.events import FindingRecord
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.state.notice_state import governing_or_first
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji.terms import Outcome, Verdict
from dingji.writer.assess_station import Question, run_each
from dingji_projections.ask.governing_notice import adoptions


class TurnedVerdict(NamedTuple):
    """One verdict that another reading of one requirement would turn."""

    station: str
    standard: str
    requirement: str
    reading: str
    """The reading in force."""
    outcome: Outcome
    verdict: Verdict
    other: str
    """The other reading, then what it would come to."""
    other_outcome: Outcome
    other_verdict: Verdict


def standards_of(notice: Notice) -> list[str]:
    """Return the standards that lead to a level by its route."""
    return list(dict.fromkeys(level.standard for level in notice.rules.level if level.standard and level.route))


def affected(
    log: Log, plugins: Plugins, on: date, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[TurnedVerdict]:
    """Return the verdicts that would turn, station by station, from a read alone; `progress` takes (done, total).

    Raises LedgerError (`plugin-failed`, `unknown-notice`, `bad-catalogue`).
    """
    plugins.require_sound()
    adopted = adoptions(log, log.head())
    adoption = governing_or_first(adopted, on)
    notice = plugins.notice(adoption.id) if adoption else None
    if notice is None or adoption is None:
        raise LedgerError("unknown-notice", notice=adoption.id if adoption else "")
    rounds = [fold(stream, log.stream(stream)) for stream in log.streams("round:")]
    streams, readings = sorted(log.streams("station:")), adoption.readings(on)
    for done, stream in enumerate(streams, 1):
        rows = log.stream(stream)
        station = fold(stream, rows)
        if station is not None and station.standing(on.toordinal()) is not None:
            question = Question(notice=notice, station=station, on=on, rows=rows, rounds=rounds, readings=readings)
            codes = standards_of(notice)
            for code, fields in zip(codes, run_each(plugins, question, codes), strict=True):
                yield from turned(station.code, plugins.standard(notice, code), fields["findings"])
        progress(done, len(streams))


def turned(station: str, standard: Standard, findings: tuple[FindingRecord, ...]) -> Iterator[TurnedVerdict]:
    """Return what would turn an assessment's verdict: one requirement at a time under each other reading of it."""
    musts = {requirement.id for requirement in standard.requirements if requirement.modality == "must"}
    asked = [finding for finding in findings if finding.requirement in musts]
    counts = Counter(finding.outcome for finding in asked)
    verdict = verdict_of(counts)
    for finding in asked:
        for reading, outcome in finding.otherwise.items():
            changed = counts.copy()
            changed[finding.outcome] -= 1
            changed[outcome] += 1
            other = verdict_of(changed)
            if other is not verdict:
                own = finding.reading or ""
                yield TurnedVerdict(
                    station, standard.code, finding.requirement, own, finding.outcome, verdict, reading, outcome, other
                )
