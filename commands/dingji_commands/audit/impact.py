"""`dingji impact`, and what `void --dry-run` foresees: what rests on an entry, what its void would change."""

from __future__ import annotations

import json as jsons
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from dingji.intake.files import Line
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal import progress
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.fault_words import condition_fields
from dingji_commands.wording.labels import Labels, OfficeNames, step_names
from dingji_commands.wording.receipts import receipt_lines
from dingji_commands.wording.words import label, say, text
from dingji_projections.ask.bounds import bounds
from dingji_projections.cases.cases import CaseCourse, OpenCase
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.engine import Views
from dingji_projections.impact.answers import AnswerChange
from dingji_projections.impact.impact import Impact
from dingji_projections.impact.impact import impact as impact_at

SHOWN: Final = 50
"""Rows of a table that are shown to a person; JSON has more."""

LONGEST: Final = 40
"""Characters of a value that are shown whole; of a digest the beginning tells it from others."""

RESTS: Final = ("entry", "on", "topic", "by", "path")


@question.question("impact", shell.argument("entry"), shell.flag("--if-voided"), question.JSON)
def impact(settings: Settings, asked: BasisOptions, *, entry: str, if_voided: bool, json: bool) -> None:
    """Show what rests on an entry, or what its void would change."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        found = _found(views, basis, entry, settings)
        report = ImpactReport(views, basis, settings)
        if json:
            question.print_json({"basis": basis.fields()} | report.fields(found, if_voided=if_voided))
            return
        report.show(found, if_voided=if_voided)
        question.print_basis(basis, settings)


def void_foreseen(settings: Settings, line: bytes, entry: str, *, json: bool, clock_behind: str | None) -> int:
    """Judge a void without recording it; show its receipt, and what it would change."""
    with (
        wiring.open_ledger(settings) as ledger,
        ledger.submit([Line(1, line)], dry_run=True, clock_behind=clock_behind) as receipts,
    ):
        (receipt,) = receipts
    if json:
        question.print_json(receipt.render(settings.language) | _foreseen(settings, entry, good=not receipt.faults))
        return REFUSED if receipt.faults else 0
    print_lines(receipt_lines(receipt, settings.language))
    if receipt.faults:
        return REFUSED
    with wiring.open_views(settings) as views:
        basis = question.BasisOptions().resolve(views.log, settings)
        print_text()
        ImpactReport(views, basis, settings).show(_found(views, basis, entry, settings), if_voided=True)
    return 0


def _foreseen(settings: Settings, entry: str, *, good: bool) -> dict[str, Any]:
    """Return the impact of an entry that could be voided, as a receipt's JSON carries it."""
    if not good:
        return {}
    with wiring.open_views(settings) as views:
        basis = question.BasisOptions().resolve(views.log, settings)
        found = _found(views, basis, entry, settings)
        return {
            "impact": {"basis": basis.fields()} | ImpactReport(views, basis, settings).fields(found, if_voided=True)
        }


def _found(views: Views, basis: Basis, entry: str, settings: Settings) -> Impact:
    notice_rules = wiring.notice_rules(views.log, basis, settings, required=True)
    with progress.steps_bar(say(settings.language, "looking-through")) as report:
        return impact_at(views, basis, notice_rules, entry, report)


class ImpactReport:
    """An impact as JSON or for a person, with the labels of its ledger."""

    def __init__(self, views: Views, basis: Basis, settings: Settings) -> None:
        self.language = settings.language
        self.labels = Labels(views.log, settings.language, basis.known)
        self.offices = OfficeNames(views.log, basis.on, basis.known)

    def fields(self, found: Impact, *, if_voided: bool) -> dict[str, Any]:
        """Return an impact as JSON shows it: what rests on it, then what holds, or what would change."""
        rests = {"count": found.rests.count, "topics": found.rests.topics, "entries": found.rests.listed}
        own = {"entry": found.entry, "topic": found.topic, "on": found.on}
        own |= {"voidable": found.voidable, "voided_by": found.voided_by}
        if if_voided:
            return own | {"if_voided": True, "rests": rests, "changes": self._listed(found.changes)}
        holds = self._listed([change for change in found.changes if change.before is not None])
        for answer in holds["answers"]:
            del answer["after"]
        return own | {"if_voided": False, "rests": rests, "holds": holds}

    def _listed(self, changes: Sequence[AnswerChange]) -> dict[str, Any]:
        """Return how many answers change, of which kinds, and the first of them."""
        kinds = Counter(change.what for change in changes)
        answers = [self._change(change) for change in changes[: bounds().shown]]
        return {"count": len(changes), "kinds": dict(sorted(kinds.items())), "answers": answers}

    def _change(self, change: AnswerChange) -> dict[str, Any]:
        before, after = (self._plain(value) for value in (change.before, change.after))
        about = {"what": change.what, "about": change.about, "from": change.start, "to": change.end}
        return about | {"before": before, "after": after}

    def _plain(self, value: Any) -> Any:
        return condition_fields(value, self.labels, self.offices) if hasattr(value, "fault") else value

    def show(self, found: Impact, *, if_voided: bool) -> None:
        """Show an impact to a person."""
        topic = label("event", found.topic, self.language)
        print_lines([f"{found.entry} {topic} {found.on}", ""])
        if found.voided_by is not None:
            print_text(say(self.language, "impact-voided", by=found.voided_by))
        elif found.empty:
            print_text(say(self.language, "impact-none"))
        self._rests(found)
        if not found.voidable and if_voided:
            print_text(say(self.language, "impact-never") + "\n")
        listed = {dependent.entry for dependent in found.rests.listed}
        changes = [change for change in found.changes if not _is_shown_already(change, listed)]
        self._changes([change for change in changes if if_voided or change.before is not None], if_voided=if_voided)

    def _rests(self, found: Impact) -> None:
        rests = found.rests
        counted = [
            say(self.language, "counted-topic", topic=label("event", topic, self.language), count=count)
            for topic, count in rests.topics.items()
        ]
        rows = [
            (
                one.entry,
                one.on,
                label("event", one.topic, self.language),
                self.offices[one.office],
                " → ".join(one.path[1:-1]),
            )
            for one in rests.listed[:SHOWN]
        ]
        title = say(self.language, "impact-rests", count=rests.count, topics=say(self.language, "comma").join(counted))
        self._table(title, RESTS, rows, rests.count)

    def _changes(self, changes: list[AnswerChange], *, if_voided: bool) -> None:
        names = ("what", "about", "from", "to", *(("before", "after") if if_voided else ("value",)))
        rows = [
            (
                label("answer", one.what, self.language),
                self._about(one),
                one.start,
                one.end,
                *self._pair(one)[: 2 if if_voided else 1],
            )
            for one in changes[:SHOWN]
        ]
        title = say(self.language, "impact-changes" if if_voided else "impact-holds")
        self._table(title, names, rows, len(changes))

    def _table(self, title: str, names: tuple[str, ...], rows: list[tuple[Any, ...]], count: int) -> None:
        if rows:
            question.print_sentence(title)
            question.print_table(names, rows, self.language)
            more = [say(self.language, "impact-more", count=count - len(rows))] if count > len(rows) else []
            print_lines([*more, ""])

    def _about(self, change: AnswerChange) -> str:
        if change.what not in {"fact", "judgement", "case", "steps", "figure"}:
            return change.about
        if change.what in {"case", "steps"}:
            *station, level, round_ = change.about.split(" ")
            return " ".join([*station, self.labels.of("level", level), round_])
        first, _, second = change.about.partition(" ")
        if change.what == "figure":
            return f"{self.offices[first]} {self.labels.of('level', second)}"
        return f"{first} {self.offices[second]}"

    def _cell(self, what: str, value: Any) -> Any:
        """Return a value as a table shows it."""
        if hasattr(value, "fault"):
            return self._plain(value)["message"]
        if hasattr(value, "awaits"):
            return self._next_step(value)
        if isinstance(value, dict) and what == "round":
            return " ".join(str(one) for one in value.values() if one is not None)
        if isinstance(value, dict):
            return say(self.language, "figure", **value) if what == "figure" else _stated(value)
        if isinstance(value, list):
            between = say(self.language, "semicolon" if what == "steps" else "comma")
            return between.join(self._item(what, one) for one in value)
        kind = what.rpartition("-")[2]
        return self.labels.fields({kind: value}, self.offices)[kind]

    def _pair(self, change: AnswerChange) -> list[Any]:
        """Return what is and what would be; a case that the same office must act on shows since when."""
        pair = [self._cell(change.what, value) for value in (change.before, change.after)]
        if change.what != "case" or pair[0] != pair[1]:
            return pair
        return [
            say(self.language, "desk-since", desk=step, since=case.since)
            for step, case in zip(pair, (change.before, change.after), strict=True)
        ]

    def _item(self, what: str, one: Any) -> str:
        if what == "steps":
            return self._course(one)
        if isinstance(one, dict):
            return _stated(one)
        return label("hindsight", one, self.language) if what == "hindsight" else str(one)

    def _course(self, case: CaseCourse) -> str:
        """Return the steps of one case; a closing of the station stands as how it ended."""
        steps, end = step_names(case.steps, self.language), case.ended
        if end is None or end.entry == case.steps[-1].entry:
            return steps
        return f"{steps} {text('how', end.how, self.language)}@{end.entry.rpartition('@')[2]}"

    def _next_step(self, case: OpenCase) -> str:
        if case.awaits is None:
            return case.entry
        office = case.awaits.office
        return self.labels.next_step(case.awaits, self.offices[office] if office else None)


def _is_shown_already(change: AnswerChange, listed: set[str]) -> bool:
    """Return whether a change is plain from the entries that rest on the voided one."""
    condition = change.after or change.before
    return getattr(condition, "code", "") == "ground-lost" and condition.details["entry"] in listed


def _stated(statement: dict[str, Any]) -> str:
    value = statement["value"]
    shown = value if isinstance(value, str) else jsons.dumps(value, ensure_ascii=False)
    return f"{shown if len(shown) < LONGEST else shown[:12] + '…'} ({statement['entry']})"
