"""The sentences that an assessment adds to the reason of a finding."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Final

from dingji.catalogue.conditions import Condition
from dingji.catalogue.facts import FactKind
from dingji.catalogue.standard import Requirement
from dingji.checks.dossier import Dossier, Fact, GivenJudgement, Statement, Unknown
from dingji.texts import LANGUAGES, Phrases, Text, join

SAY: Final = Phrases("dingji.checks", "reasons.toml")


def sentences(*parts: Text | None) -> Text | None:
    """Return sentences as one reason, None if there are none."""
    given = [part for part in parts if part]
    if len(given) > 1:
        return join(given, SAY.templates["space"])
    return given[0] if given else None


def other_size(requirement: Requirement, labels: dict[str, Text]) -> Text:
    """Return that a requirement is asked of other sizes only."""
    return SAY("other-size", sizes=[labels.get(size, _same(size)) for size in requirement.sizes])


def condition_false(leaves: Iterable[Condition], view: Dossier) -> Text:
    """Return which facts make a condition false."""
    keys = dict.fromkeys(leaf.fact for leaf in leaves if leaf.fact)
    facts = [fact for key in keys if isinstance(fact := view.known(key), Fact)]
    values = [SAY("fact-is", label=fact.kind.label, value=shown(fact.value, fact.kind)) for fact in facts]
    return SAY("condition-false", facts=values)


def lacking(view: Dossier) -> list[Text]:
    """Return which facts that were asked for are not known, a sentence for each reason."""
    size = [SAY("no-size")] if view.lacks_size else []
    states: dict[str, list[Text]] = {}
    for found in view.asked.values():
        if isinstance(found, Unknown):
            states.setdefault(found.state, []).append(found.kind.label)
    return size + [SAY(state, labels=labels) for state, labels in states.items()]


def undetermined(view: Dossier, own: Text | None) -> Text | None:
    """Return why a finding is undetermined: the check's own reason, and what is not known."""
    return sentences(own, *lacking(view)) or SAY("undetermined")


def needs_judgement(requirement: Requirement, own: Text | None) -> Text | None:
    """Return why a finding needs a judgement: a figure is ours, or a document is not in the notice."""
    external = SAY("judge-external", documents=requirement.external) if requirement.external else None
    ours = SAY("judge-ours", ours=_bare(requirement.ours)) if requirement.ours else None
    return sentences(own, external, ours) or SAY("judge")


def judgements(counting: GivenJudgement | None, other: GivenJudgement | None) -> list[Text]:
    """Return what was judged, and the latest judgement that does not count."""
    judged = [_judgement("judged", counting.entry, counting.judgement.outcome)] if counting else []
    return judged + ([_judgement("shown", other.entry, other.judgement.outcome)] if other else [])


def conflicts(view: Dossier) -> list[Text]:
    """Return which facts offices state differently, with both values."""
    return [_conflict(fact) for fact in view.asked.values() if isinstance(fact, Fact) and fact.others]


def shown(value: Any, kind: FactKind) -> Text:
    """Return a value as text: yes or no, the number of items of a list, the label of a code, else as it is."""
    if isinstance(value, bool):
        return SAY("true" if value else "false")
    if isinstance(value, tuple):
        return SAY("items", count=len(value))
    word = kind.word(value)
    return word if isinstance(word, dict) else _same(value)


def _conflict(fact: Fact) -> Text:
    others = [SAY("stated", **_stated(other, fact.kind)) for other in fact.others]
    return SAY("conflict", label=fact.kind.label, others=others, **_stated(fact.statement, fact.kind))


def _stated(statement: Statement, kind: FactKind) -> dict[str, Any]:
    return {"value": shown(statement.value, kind), "entry": statement.entry}


@functools.lru_cache(1024)  # one entry judges most requirements of a station
def _judgement(phrase: str, entry: str, outcome: str) -> Text:
    return SAY(phrase, entry=entry, outcome=SAY(outcome))


def _bare(text: Text) -> Text:
    """Return a text without its full stop, to stand within a sentence."""
    return {language: words.rstrip("。.") for language, words in text.items()}


def _same(word: Any) -> Text:
    return dict.fromkeys(LANGUAGES, str(word))
