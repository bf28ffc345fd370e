"""What 苏司〔2023〕143号 asks and the stock checks cannot say: three checks of its own.

- `ratio_if_set` (row 7 of attachment 1): workers for persons in their charge, by a ratio that another document may set.
- `rate_raised` (row 46 of attachment 2): a rate is higher than in the period before.
- `each_followed` (row 48 of attachment 2): on each day of one list, something of another list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from dingji import (
    UNDETERMINED,
    Dossier,
    EntriesFact,
    Fact,
    FactKey,
    FactKind,
    Finding,
    IntFact,
    Outcome,
    Parameters,
    Phrases,
    RecordsFact,
    Requirement,
    Text,
    Unknown,
)
from dingji_plugins.stock.base import outcome, sentences
from dingji_plugins.stock.record_fields import field_misfits
from dingji_plugins.stock.time_spans import dates_misfits, span, timing

SAY: Final = Phrases("dingji_plugins.suzhou_2023_143", "checks.toml")

MOST_NAMED: Final = 6
"""How many days are named one by one."""


class RatioIfSet(Parameters, frozen=True):
    """`ratio_if_set`: workers enough for the persons in their charge, where a fact says how many one may have.

    met, not_met; needs_judgement while no document sets the ratio; undetermined where a number is not known. Example:
    `{ workers = "aftercare_social_workers", persons = "aftercare_persons", persons_per_worker = "aftercare_ratio" }`.
    """

    workers: IntFact
    persons: IntFact
    persons_per_worker: IntFact


class RateRaised(Parameters, frozen=True):
    """`rate_raised`: in the last period on record the rate is higher than in the one before, or full.

    The records have `from` and `to`, and a part and a whole. met, not_met; needs_judgement where the first period is
    not full; undetermined where the list is not known or a whole is 0. Example:
    `{ fact = "off_day_duty", part = "on_duty", whole = "due" }`.
    """

    fact: RecordsFact
    part: str
    whole: str

    def wrong(self, facts: Mapping[str, FactKind]) -> Iterable[Text]:
        """Return fields that the records do not have."""
        yield from field_misfits(facts, self.fact, "from", "to", self.part, self.whole)


class EachFollowed(Parameters, frozen=True):
    """`each_followed`: on each day of a list, records of another list count one or more, or a nil statement covers it.

    The days are those in the requirement's window. met; not_met, without any day too; undetermined where a list is not
    known. Example: `{ fact = "talk_events", by = "talk_issues", count = "raised", nil = "nil_statements" }`.
    """

    fact: EntriesFact
    by: RecordsFact
    count: str
    nil: FactKey | None = None

    def wrong(self, facts: Mapping[str, FactKind]) -> Iterable[Text]:
        """Return fields that the records do not have, and lists without days."""
        yield from field_misfits(facts, self.by, self.count)
        for key in (self.fact, self.by):
            yield from dates_misfits(facts, key)


class _Rate(NamedTuple):
    """A part of a whole in one period; rates sort by the end of their periods."""

    last: str
    first: str
    part: int
    whole: int

    def sentence(self) -> Text:
        return SAY("rate", first=self.first, last=self.last, part=self.part, whole=self.whole)


def ratio_if_set(requirement: Requirement, dossier: Dossier) -> Finding:
    """Workers are not fewer than a ratio asks for, if one is set."""
    parameters: RatioIfSet = requirement.parameters
    ratio = dossier.known(parameters.persons_per_worker)
    values = dossier.values(parameters.workers, parameters.persons)
    if isinstance(ratio, Unknown) and ratio.state == "missing":
        words = dict(zip(("workers", "persons"), values, strict=True)) if values else None
        return Finding(Outcome.NEEDS_JUDGEMENT, reason=SAY("ratio-unset", **words) if words else SAY("ratio-unknown"))
    if values is None or not isinstance(ratio, Fact):
        return UNDETERMINED
    measured, persons = values
    if ratio.value == 0:
        return Finding(Outcome.UNDETERMINED, reason=SAY("ratio-odd"))
    required = -(-persons // ratio.value)
    reason = SAY("ratio", persons=persons, measured=measured, required=required, ratio=ratio.value)
    return Finding(outcome(measured >= required), measured, required, reason)


def rate_raised(requirement: Requirement, dossier: Dossier) -> Finding:
    """A rate is higher than in the period before, or full."""
    parameters: RateRaised = requirement.parameters
    values = dossier.values(parameters.fact)
    if values is None:
        return UNDETERMINED
    on = dossier.on.isoformat()
    rates = sorted(
        _Rate(period["to"], period["from"], period[parameters.part], period[parameters.whole])
        for period in values[0]
        if period["to"] <= on
    )
    if not rates:
        return Finding(Outcome.NOT_MET, reason=SAY("no-period"))
    if any(rate.whole == 0 for rate in rates[-2:]):
        return Finding(Outcome.UNDETERMINED, reason=SAY("rate-odd"))
    latest = rates[-1]
    measured = [latest.part, latest.whole]
    if latest.part >= latest.whole:
        return Finding(Outcome.MET, measured, reason=sentences(latest.sentence(), SAY("rate-full")))
    if len(rates) == 1:
        return Finding(Outcome.NEEDS_JUDGEMENT, measured, reason=sentences(latest.sentence(), SAY("rate-first")))
    before = rates[-2]
    reason = sentences(latest.sentence(), before.sentence())
    raised = latest.part * before.whole > before.part * latest.whole
    return Finding(outcome(raised), measured, [before.part, before.whole], reason)


def each_followed(requirement: Requirement, dossier: Dossier) -> Finding:
    """On each day of a list there is something of another."""
    parameters: EachFollowed = requirement.parameters
    values = dossier.values(parameters.fact, parameters.by)
    if values is None:
        return UNDETERMINED
    entries, records = values
    window = span(None, requirement, dossier)
    days = _days(dossier, parameters.fact, window.entries(dossier.kind(parameters.fact), entries))
    counting = [record for record in records if record[parameters.count] > 0]
    lacking = sorted(days - _days(dossier, parameters.by, counting))
    nil = dossier.values(parameters.nil) if parameters.nil and lacking else ((),)
    if nil is None:
        return UNDETERMINED
    stated = [(one["from"], one["to"]) for one in nil[0] if one["requirement"] == requirement.id]
    lacking = [day for day in lacking if not any(first <= day <= last for first, last in stated)]
    counted = SAY(
        "followed", span=window.text(dossier.kind(parameters.fact)), days=len(days), done=len(days) - len(lacking)
    )
    reason = sentences(counted, SAY("not-followed", days=lacking[:MOST_NAMED], count=len(lacking)) if lacking else None)
    return Finding(outcome(bool(days) and not lacking), len(days) - len(lacking), len(days), reason)


def _days(dossier: Dossier, key: str, entries: Iterable[Any]) -> set[str]:
    """Return the days of a fact's entries."""
    clock = timing(dossier.kind(key))
    return {clock.day_of(entry) for entry in entries} if clock else set()
