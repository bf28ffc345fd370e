"""`dingji conformance`: the audit of decisions, reviews, lodgings and sizes, by county."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from dingji.faults import Fault
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import NotedRow, noted_lines
from dingji_commands.wording.fault_words import bracketed, coded, fault_fields
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import headers, label, say, text
from dingji_projections.ask.lookups import check_round
from dingji_projections.audit.conformance import AuditedDecision, Conformance
from dingji_projections.audit.conformance import conformance as conformance_at
from dingji_projections.audit.scope import AuditScope
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views

SHOWN: Final = 100
"""Rows of a table that are shown to a person; JSON has all."""

SUMMARY: Final = (
    *("county", "decisions", "conforming", "irregular", "ground_lost", "voided"),
    *("irregularities", "not_seen", "unlodged", "share"),
)
DECISION: Final = ("entry", "on", "decided", "round", "office", "judged", "because")
BRIEF: Final = ("entry", "on", "decided", "judged")


@question.question(
    "conformance",
    shell.option("--from", "start", type=shell.YEAR, metavar="YEAR"),
    shell.option("--to", "until", type=shell.YEAR, metavar="YEAR"),
    shell.option("--round", metavar="ROUND"),
    question.COUNTY,
    shell.option("--all", "everything", is_flag=True),
    question.JSON,
)
def conformance(settings: Settings, asked: BasisOptions, *, everything: bool, json: bool, **scope: Any) -> int:
    """Show what conforms and what does not; exit with 1 where something does not."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        wanted = AuditScope(**scope)
        _check(views, basis, wanted, settings)
        found = conformance_at(views, basis, wiring.notice_rules(views.log, basis, settings, required=True), wanted)
        report = ConformanceReport(views, basis, settings)
        if json:
            question.print_json({"basis": basis.fields(), "conforms": found.conforms} | report.fields(found))
        else:
            report.show(found, everything=everything)
            question.print_basis(basis, settings, count=len(found.decisions))
        return 0 if found.conforms else REFUSED


def _check(views: Views, basis: Basis, scope: AuditScope, settings: Settings) -> None:
    """Refuse a county or a round that the ledger never had, and years that end before they begin."""
    question.check_county(views.log, scope.county, basis.on)
    if scope.round is not None:
        check_round(views.log, scope.round, basis.known)
    if scope.start is not None and scope.until is not None and scope.start > scope.until:
        raise shell.usage_error(settings.language, "years-backward")
    if scope.round is not None and (scope.start is not None or scope.until is not None):
        raise shell.usage_error(settings.language, "round-or-years")


class ConformanceReport:
    """An audit as JSON or for a person, with the labels of its ledger."""

    def __init__(self, views: Views, basis: Basis, settings: Settings) -> None:
        self.language = settings.language
        self.labels = Labels(views.log, settings.language, basis.known)
        self.offices = OfficeNames(views.log, basis.on, basis.known)

    def fields(self, found: Conformance) -> dict[str, Any]:
        """Return the audit as JSON shows it, irregularities with their words."""
        irregularities = [
            {"entry": one.entry, "station": one.station, "county": one.county, "on": one.on, "office": one.office}
            | fault_fields(one.fault, self.language)
            | {"voided_by": one.voided_by}
            for one in found.irregularities
        ]
        fields: dict[str, Any] = msgspec.to_builtins(found)
        return fields | {"irregularities": irregularities}

    def show(self, found: Conformance, *, everything: bool) -> None:
        """Show the audit to a person: the sum, what does not conform, then all where that is wanted."""
        self._summary(found)
        self._amiss(found)
        if everything:
            self._table("audit-all", DECISION, map(self._decision, found.decisions), bounded=False)
        if found.conforms:
            print_text(say(self.language, "audit-conforms") + "\n")

    def _summary(self, found: Conformance) -> None:
        low, rows = say(self.language, "share-low"), []
        for one in found.summary:
            share = f"{one.share.counted}/{one.share.total}{low if one.share.low else ''}" if one.share else None
            rows.append((self.offices[one.county], *(getattr(one, name) for name in SUMMARY[1:-1]), share))
        self._table("audit-summary", SUMMARY, rows, bounded=False)

    def _amiss(self, found: Conformance) -> None:
        self._decisions([one for one in found.decisions if not one.conforms], found)
        decided = {one.entry for one in found.decisions}
        others = [
            (one.entry, one.on, self.offices[one.office], *fault_fields(one.fault, self.language).values())
            for one in found.irregularities
            if one.voided_by is None and one.entry not in decided
        ]
        reviews = [
            (one.round, self.offices[one.county], one.held, one.seen, one.closed_meanwhile, one.not_seen)
            for one in found.coverage
        ]
        lodgings = [
            (one.entry, self.labels.of("level", one.level), one.on, self.offices[one.office], one.days)
            for one in found.unlodged
        ]
        self._table("audit-others", ("entry", "on", "office", "code", "clause", "message"), others)
        self._table("audit-coverage", ("round", "county", "held", "seen", "closed_meanwhile", "not_seen"), reviews)
        self._table("audit-unlodged", ("entry", "level", "on", "office", "days"), lodgings)

    def _decision(self, one: AuditedDecision) -> tuple[Any, ...]:
        verb = label("verb", one.verb, self.language)
        kind = "size" if one.verb == "classify" else "level"
        level = self.labels.of(kind, one.level) if one.level else ""
        because = [code for code in (one.voided_by, one.ground, *one.codes, *one.hindsight) if code]
        clauses = bracketed("、".join(one.clauses), self.language)
        verdict = text("judged", one.verdict, self.language)
        return one.entry, one.on, f"{verb} {level}", one.round, self.offices[one.office], f"{verdict}{clauses}", because

    def _decisions(self, decisions: list[AuditedDecision], found: Conformance) -> None:
        """Show decisions that do not conform, each with why on lines below it: a column would have no room."""
        if not decisions:
            return
        recorded: dict[str, list[Fault]] = {}
        for irregularity in found.irregularities:
            recorded.setdefault(irregularity.entry, []).append(irregularity.fault)
        rows = []
        for one in decisions[:SHOWN]:
            cells = dict(zip(DECISION, self._decision(one), strict=True))
            reasons = list(self._reasons(one, recorded.get(one.entry, [])))
            rows.append(NotedRow([cells[name] for name in BRIEF], below=reasons))
        title = say(self.language, "audit-decisions", count=len(decisions))
        lines = [title, *noted_lines(headers(BRIEF, self.language), rows)]
        print_lines([*lines, *self._more(len(decisions)), ""])

    def _reasons(self, one: AuditedDecision, recorded: list[Fault]) -> Iterator[str]:
        colon, comma, since = say(self.language, "colon"), say(self.language, "comma"), say(self.language, "seen-since")
        yield comma.join(part for part in (self.offices[one.office], one.round) if part)
        if one.ground:
            yield say(self.language, "ground-voided", ground=one.ground)
        for fault in recorded:
            yield f"{coded(fault, self.language)}{colon}{fault.render(self.language)['message']}"
        for code in one.hindsight:
            yield f"{code}{colon}{since}{text('hindsight', code, self.language)}"

    def _more(self, count: int) -> list[str]:
        return [say(self.language, "impact-more", count=count - SHOWN)] if count > SHOWN else []

    def _table(self, title: str, names: Sequence[str], rows: Iterable[Sequence[Any]], *, bounded: bool = True) -> None:
        listed = list(rows)
        if listed:
            print_text(say(self.language, title, count=len(listed)))
            question.print_table(names, listed[:SHOWN] if bounded else listed, self.language)
            print_lines([*(self._more(len(listed)) if bounded else []), ""])
