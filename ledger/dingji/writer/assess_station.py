"""Assessing a station: gather its dossier from the ledger, run a standard's checks on it, return the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from dingji.catalogue.notice import Notice
from dingji.checks.assessment import assess
from dingji.checks.dossier import Dossier, Entitlement, Subject, build_dossier, entitlement
from dingji.dates import months_before
from dingji.events import codec
from dingji.events.row import Row
from dingji.faults import LedgerError
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_code import contained
from dingji.state.round import Round
from dingji.state.station import Station
from dingji.state.timeline import CLASSIFIED

DOSSIER_TOPICS = frozenset({"FactsReported", "RequirementsJudged"})
"""The entries that a dossier is made of."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be assessed, and all that the ledger holds about it."""

    notice: Notice
    station: Station
    on: date
    rows: Iterable[Row]
    """The station's entries as known."""
    rounds: Iterable[Round]
    readings: Mapping[str, str]
    """The readings adopted, by requirement."""


def run(plugins: Plugins, question: Question, standard: str) -> dict[str, Any]:
    """Return the own fields of an `AssessmentRecorded`, but for `tier` and `read_to`. A check has two seconds.

    Raises LedgerError (`plugin-failed` where a plugin does not load, `unknown-standard`, `bad-catalogue`).
    """
    return next(run_each(plugins, question, [standard]))


def run_each(plugins: Plugins, question: Question, standards: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Return what `run` returns for each of several standards; the facts are read once."""
    plugins.require_sound()
    yield from assess_each(plugins, question, standards)


def assess_each(plugins: Plugins, question: Question, standards: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Like `run_each`, without checking the plugins first."""
    held: Dossier | None = None
    for code in standards:
        if code not in plugins.standard_codes(question.notice):
            raise LedgerError("unknown-standard", field="standard", standard=code)
        held = held.under(whose_word(question, code)) if held else dossier_of(plugins, question, code)
        standard = plugins.standard(question.notice, code)
        with contained():
            found = assess(standard, held, plugins.checks_for(standard), question.readings)
        fields = {name: getattr(found, name) for name in found.__struct_fields__}
        yield fields | {"rests_on": _with_size(question.station, question.on, found.rests_on)}


def whose_word(question: Question, standard: str) -> Entitlement:
    """Return whose statements and judgements count for a standard on the date of a question."""
    since = judged_since(question.notice, standard, question.on, question.rounds)
    return entitlement(question.notice, standard, since)


def dossier_of(plugins: Plugins, question: Question, standard: str) -> Dossier:
    """Return what the checks of a standard may look at."""
    station, on = question.station, question.on
    standing = station.standing(on.toordinal())
    subject = Subject(
        on=on,
        size=standing.size if standing else None,
        serves=station.serves(on.toordinal()),
        registered=date.fromordinal(station.registered),
    )
    entries = [
        (station.entry(row.version), row.position, codec.decode_row(row))
        for row in question.rows
        if row.topic in DOSSIER_TOPICS and row.version not in station.voided
    ]
    return build_dossier(entries, subject, plugins.facts(question.notice), whose_word(question, standard))


def judged_since(notice: Notice, standard: str, on: date, rounds: Iterable[Round]) -> date:
    """Return the first day whose judgements count; rule 32: in the round that runs, or some months before."""
    level = notice.level_of(standard)
    kinds = {notice.rules.review.round, level.round if level else None}
    opened = [round_.opened for round_ in rounds if round_.opened and round_.kind in kinds and round_.runs(on)]
    recent = months_before(on, notice.rules.judgement.months) + timedelta(days=1)
    if not opened:
        return recent
    return max(opened) if level is not None and level.assessed.round else min(recent, *opened)


def _with_size(station: Station, on: date, entries: tuple[str, ...]) -> tuple[str, ...]:
    """Return the entries that an assessment rests on, the size class in force among them."""
    sizes = [entry for entry in station.line.entries if entry.kind == CLASSIFIED and entry.on <= on.toordinal()]
    return (*entries, station.entry(sizes[-1].version)) if sizes else entries


def brief(fields: dict[str, Any]) -> dict[str, Any]:
    """Return an assessment's fields as `assess --dry-run --json` prints them."""
    shown = ("requirement", "outcome", "measured", "required", "reason", "facts", "evidence", "reading_matters")
    findings = [msgspec.to_builtins(finding) for finding in fields["findings"]]
    return {
        "size": fields["size"],
        "verdict": str(fields["verdict"]),
        "findings": [{name: finding.get(name, EMPTY.get(name)) for name in shown} for finding in findings],
    }


EMPTY: dict[str, Any] = {"facts": {}, "evidence": [], "reading_matters": False}
"""The values of fields that a finding leaves out."""
