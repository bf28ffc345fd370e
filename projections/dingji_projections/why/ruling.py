"""The rules that an act was judged by, each with what has become of it: kept, broken, or kept by what is gone since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dingji.events.events import AssessmentRecorded, FactsReported, RequirementsJudged, RoundOpened, SizeClassified
from dingji.events.vocabulary import VERB_OF_TOPIC
from dingji_projections.ask.notice_rules import NoticeRules
from dingji_projections.audit.applicable_rules import carried_by, grounds_of, of_persons, rules_of
from dingji_projections.records.record import Kept, Record, rests_on
from dingji_projections.why.derivation import Rule, RuleVerdict

GROUND_OF_ASSESSMENT: Final = (FactsReported, RequirementsJudged, SizeClassified)
"""What assessments rest on: shown with their findings, not as steps of their own."""


class Ruling:
    """Rules on the acts of one station; `hindsight` has the codes of what looks otherwise now, by entry."""

    def __init__(self, record: Record, hindsight: Mapping[str, Sequence[str]], notice_rules: NoticeRules) -> None:
        self._record, self._hindsight, self._notice_rules = record, hindsight, notice_rules

    def of(self, kept: Kept, gone: tuple[str, ...]) -> Iterator[Rule]:
        """Yield the rules of an act that has lost some grounds."""
        event, notice_rules = kept.event, self._notice_rules
        named = getattr(event, "round", None) is not None
        level = getattr(event, "level", getattr(event, "to", None))
        irregular = [fault.code for fault in event.irregularities]
        seen = self._hindsight.get(kept.entry, [])
        carried = {RoundOpened.__name__, *map(self._topic, rests_on(event))}
        uncarried = {code for entry in gone for code in carried_by(self._topic(entry))}
        codes = rules_of(VERB_OF_TOPIC[kept.topic], level, named=named, notice_rules=notice_rules)
        for code in dict.fromkeys([*codes, *irregular, *seen]):
            grounds = grounds_of(code)
            idle = (grounds and not grounds & carried) or (code in of_persons() and not self._persons(kept))
            verdict: RuleVerdict = "moot" if idle else "satisfied"
            verdict = "unsupported" if code in uncarried else verdict
            verdict = "irregular" if code in irregular else "hindsight" if code in seen else verdict
            yield Rule(code, notice_rules.clauses.get(code), verdict)

    def _persons(self, kept: Kept) -> bool:
        """Return whether an act and one that it rests on name their persons."""
        grounds = (self._record.named(entry) for entry in rests_on(kept.event))
        return kept.event.by.person is not None and any(one and one.event.by.person for one in grounds)

    def _topic(self, entry: str) -> str:
        """Return what a ground was: of a report or judgement, the assessment that it was read for."""
        kept = self._record.named(entry)
        if kept is None:
            return RoundOpened.__name__ if entry.startswith("round:") else AssessmentRecorded.__name__
        return AssessmentRecorded.__name__ if isinstance(kept.event, GROUND_OF_ASSESSMENT) else kept.topic
