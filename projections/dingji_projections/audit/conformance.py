"""Conformance: every decision by the rule, what is irregular, what is not done, and the sum of it by county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from dingji.events import codec
from dingji.faults import Fault
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.applicable_rules import rules_of
from dingji_projections.audit.conditions import OfficeShare, size_shares, unlodged
from dingji_projections.audit.coverage import Coverage, coverage
from dingji_projections.audit.decisions import DecisionRow, decision_rows
from dingji_projections.audit.hindsight import judged_again, known_now
from dingji_projections.audit.lost_grounds import acts_without_ground
from dingji_projections.audit.scope import AuditedRound, AuditScope, rounds_of
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.records.record import record
from dingji_projections.records.voids import void_at
from dingji_projections.tables.acts import verbs_listed

DECIDED: Final = ("certify", "refuse", "lodge", "uphold", "downgrade", "recognise")
"""The verbs of decisions; a size class is one where it names a round."""

OTHERS: Final = ("round:", "office:", "notice:")
"""How the streams begin whose entries are no acts of a station."""

DecisionVerdict = Literal["conforms", "irregular", "ground-lost", "voided"]


class AuditedDecision(msgspec.Struct, frozen=True):
    """One decision: `rules` by which it is judged, `codes` recorded with it, `hindsight` seen only since."""

    entry: str
    station: str
    county: str
    verb: str
    level: str | None
    round: str | None
    on: date
    office: str
    rules: tuple[str, ...]
    verdict: DecisionVerdict
    codes: tuple[str, ...] = ()
    hindsight: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    voided_by: str | None = None
    ground: str | None = None

    @property
    def conforms(self) -> bool:
        """Whether nothing is to be mended: what was voided is mended already."""
        return self.verdict in {"conforms", "voided"}


class Irregularity(msgspec.Struct, frozen=True):
    """One irregularity as it was recorded, of a decision or of any other entry."""

    entry: str
    station: str | None
    county: str
    on: date
    office: str
    fault: Fault
    voided_by: str | None


class UnlodgedCertification(msgspec.Struct, frozen=True):
    """A certification that waits to be lodged by the office that certified, for how many days."""

    entry: str
    station: str
    county: str
    office: str
    level: str
    on: date
    days: int


class CountySummary(msgspec.Struct, frozen=True):
    """What all comes to in one county; `share` only where sizes are looked at."""

    county: str
    decisions: int
    conforming: int
    irregular: int
    ground_lost: int
    voided: int
    irregularities: int
    not_seen: int
    unlodged: int
    share: OfficeShare | None


class Conformance(msgspec.Struct, frozen=True):
    """The whole audit."""

    summary: tuple[CountySummary, ...]
    decisions: tuple[AuditedDecision, ...]
    irregularities: tuple[Irregularity, ...]
    coverage: tuple[Coverage, ...]
    unlodged: tuple[UnlodgedCertification, ...]
    shares: tuple[OfficeShare, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is nothing to be mended or explained."""
        amiss: Iterable[bool] = (
            *(not one.conforms for one in self.decisions),
            *(one.voided_by is None for one in self.irregularities),
            *(bool(one.over and one.not_seen) for one in self.coverage),
            *(share.low for share in self.shares),
        )
        return not self.unlodged and not any(amiss)


def conformance(views: Views, basis: Basis, notice_rules: NoticeRules, scope: AuditScope) -> Conformance:
    """Return the audit of a scope as known at the basis."""
    held = rounds_of(views.log, basis)
    audit = _Audit(views, basis, notice_rules, scope, held)
    decisions = tuple(_decisions(audit))
    irregularities = tuple(_irregularities(audit))
    seen = tuple(coverage(views, basis, notice_rules, scope.rounds(held), scope.county))
    waiting = tuple(_unlodged(audit, decisions))
    shares = () if scope.round is not None else tuple(_shares(audit))
    by_county = summary(decisions, irregularities, seen, waiting, shares)
    return Conformance(by_county, decisions, irregularities, seen, waiting, shares)


def summary(
    decisions: Iterable[AuditedDecision],
    irregularities: Iterable[Irregularity],
    seen: Iterable[Coverage],
    waiting: Iterable[UnlodgedCertification],
    shares: Iterable[OfficeShare],
) -> tuple[CountySummary, ...]:
    """Return the sum of all parts by county."""
    counts: dict[str, Counter[str]] = {}
    for one in decisions:
        counts.setdefault(one.county, Counter())[one.verdict] += 1
    for irregularity in irregularities:
        counts.setdefault(irregularity.county, Counter())["irregularities"] += irregularity.voided_by is None
    for part in seen:
        counts.setdefault(part.county, Counter())["not_seen"] += len(part.not_seen) if part.over else 0
    for lodging in waiting:
        counts.setdefault(lodging.county, Counter())["unlodged"] += 1
    by_office = {share.office: share for share in shares}
    offices = sorted({*counts, *by_office})
    return tuple(_sum(office, counts.get(office, Counter()), by_office.get(office)) for office in offices)


class _Audit(NamedTuple):
    """What all parts of one audit ask for."""

    views: Views
    basis: Basis
    notice_rules: NoticeRules
    scope: AuditScope
    held: list[AuditedRound]


def _decision_rows(audit: _Audit, test: str) -> Iterator[tuple[DecisionRow, str]]:
    """Yield the acts in scope that a test admits, each with its county on its date."""
    within, values = audit.scope.test(audit.held)
    for decision in decision_rows(audit.views, audit.basis, f"({test}) AND {within}", **values):
        county = decision.county or decision.county_before or decision.office
        if audit.scope.county in {None, county}:
            yield decision, county


def _decisions(audit: _Audit) -> Iterator[AuditedDecision]:
    known = known_now(audit.views, audit.basis, audit.notice_rules)
    lost = {act.entry: act.ground for act in acts_without_ground(audit.views, audit.basis, audit.notice_rules)}
    test = f"a.verb IN ({verbs_listed(DECIDED)}) OR a.verb='classify' AND a.round IS NOT NULL"
    for decision, county in _decision_rows(audit, test):
        voided_by = void_at(audit.views.log, decision.forgotten, audit.basis.known)
        again = () if voided_by else tuple(judged_again(decision, known))
        ground = lost.get(decision.entry)
        irregular: DecisionVerdict = "irregular" if decision.codes or again else "conforms"
        verdict: DecisionVerdict = "voided" if voided_by else "ground-lost" if ground else irregular
        rules = rules_of(
            decision.verb, decision.level, named=decision.round is not None, notice_rules=audit.notice_rules
        )
        yield AuditedDecision(
            entry=decision.entry,
            station=decision.station,
            county=county,
            verb=decision.verb,
            level=decision.level,
            round=decision.round,
            on=decision.on,
            office=decision.office,
            rules=rules,
            verdict=verdict,
            codes=decision.codes,
            hindsight=again,
            clauses=_clauses((*decision.codes, *again) or rules, audit.notice_rules),
            voided_by=voided_by,
            ground=ground,
        )


def _clauses(codes: Iterable[str], notice_rules: NoticeRules) -> tuple[str, ...]:
    found = (notice_rules.clauses.get(code) for code in codes)
    return tuple(sorted({clause for clause in found if clause is not None}))


def _irregularities(audit: _Audit) -> Iterator[Irregularity]:
    for decision, county in _decision_rows(audit, "a.codes IS NOT NULL"):
        row = audit.views.log.entry(f"station:{decision.station}", decision.version)
        faults = codec.decode_row(row).irregularities if row else ()
        voided_by = void_at(audit.views.log, decision.forgotten, audit.basis.known)
        for fault in faults:
            yield Irregularity(decision.entry, decision.station, county, decision.on, decision.office, fault, voided_by)
    if audit.scope.county is None:
        yield from _elsewhere(audit)


def _elsewhere(audit: _Audit) -> Iterator[Irregularity]:
    """Yield the irregularities of rounds, offices and notices: by the year of the round, else of the date."""
    years = {f"round:{each.round}": each.opened.year for each in audit.held}
    for prefix in OTHERS:
        for stream in audit.views.log.streams(prefix):
            if audit.scope.round is not None and stream != f"round:{audit.scope.round}":
                continue
            for kept in record(audit.views.log, stream, audit.basis.known).entries:
                event = kept.event
                if event.on <= audit.basis.on and audit.scope.has_year(years.get(stream, event.on.year)):
                    office = event.by.office
                    for fault in event.irregularities:
                        yield Irregularity(kept.entry, None, office, event.on, office, fault, kept.voided_by)


def _unlodged(audit: _Audit, decisions: Iterable[AuditedDecision]) -> Iterator[UnlodgedCertification]:
    within = {one.entry: one for one in decisions if one.verb == "certify"}
    for waiting in unlodged(audit.views, audit.basis, audit.notice_rules):
        if one := within.get(waiting.entry):
            days = waiting.days(audit.basis.on)
            yield UnlodgedCertification(one.entry, one.station, one.county, one.office, waiting.level, one.on, days)


def _shares(audit: _Audit) -> Iterator[OfficeShare]:
    for share in size_shares(audit.views, audit.basis, audit.notice_rules):
        if share.total and audit.scope.county in {None, share.office}:
            yield share


def _sum(office: str, count: Counter[str], share: OfficeShare | None) -> CountySummary:
    return CountySummary(
        county=office,
        decisions=sum(count[verdict] for verdict in get_args(DecisionVerdict)),
        conforming=count["conforms"],
        irregular=count["irregular"],
        ground_lost=count["ground-lost"],
        voided=count["voided"],
        irregularities=count["irregularities"],
        not_seen=count["not_seen"],
        unlodged=count["unlodged"],
        share=share,
    )
