"""`dingji whynot`: what stands between a station and a level, what is nearest first."""

from __future__ import annotations

from typing import Any

import msgspec

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.tree import Branch, print_tree
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.names import Names
from dingji_commands.wording.words import label, say, text
from dingji_projections.ask.governing_notice import governing_notice
from dingji_projections.why.whynot import OpenRequirement, StepToLevel, TriedStandard, WhyNot
from dingji_projections.why.whynot import whynot as whynot_at


@question.question("whynot", shell.argument("station"), shell.argument("level"), shell.flag("--full"), question.JSON)
def whynot(settings: Settings, asked: BasisOptions, *, station: str, level: str, full: bool, json: bool) -> None:
    """Show what stands between a station and a level."""
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        code = question.level_code(Labels(views.log, settings.language, basis.known), level, settings, "LEVEL")
        found = whynot_at(views, wiring.plugins(), basis, station, code or level)
        if json:
            question.print_json({"basis": basis.fields(), "whynot": _fields(found, settings.language)})
            return

        notice = governing_notice(views.log, basis)
        names = Names(views, basis, settings.language, wiring.plugins(), notice, whole=full)
        root = WayTree(names, found).tree()
        print_tree(root, full=full, more=label("why", "more", names.language), folded=names.say("folded"))
        question.print_basis(basis, settings)


class WayTree:
    """The way to a level as a tree."""

    def __init__(self, names: Names, found: WhyNot) -> None:
        self.names, self.found, self.language = names, found, names.language
        names.offices[found.station] = found.name

    def tree(self) -> Branch:
        """Return the way as a tree."""
        found, names = self.found, self.names
        words = {"station": found.station, "name": found.name, "county": names.offices[found.county]}
        words |= {"size": names.size(found.size), "on": str(names.basis.on), "held": self._level(found.held)}
        words |= {"level": self._level(found.level), "entry": found.entry}
        root = Branch(names.say("way-held" if found.holds else "way", **words))
        if found.holds:
            return root
        in_force = all(fault.code != "no-notice-in-force" for fault in found.faults)
        if not found.granted and in_force:  # before the notice there is nothing that it grants no more
            root.add(names.say("way-closed", level=self._level(found.level), granted=self._granted()))
        if found.steps:
            self._steps(root)
        self._faults(root)
        for tried in found.standards:
            self._standard(root, tried)
        return root

    def _level(self, code: str) -> str:
        return str(self.names.labels.of("level", code))

    def _granted(self) -> str:
        notice = wiring.installed_notice(self.names.notice)
        granted = [self._level(level.id) for level in notice.rules.level if level.step("certify") is not None]
        return say(self.language, "comma").join(granted)

    def _steps(self, root: Branch) -> None:
        count = sum(step.state != "done" for step in self.found.steps)
        key = "way-steps" if self.found.round else "way-steps-alone"
        branch = root.add(self.names.say(key, round=self.found.round, count=count), first=True)
        for step in self.found.steps:
            branch.add(self._step(step))

    def _step(self, step: StepToLevel) -> str:
        names = self.names
        about = [self._level(step.standard) if step.standard else None]
        about.append(text("verdict", step.verdict, self.language) if step.verdict else None)
        office = names.offices[step.office] if step.office else names.labels.of("tier", step.tier)
        return names.say(
            "way-step",
            state=text("step", step.state, self.language),
            verb=names.verb(step.verb),
            object="".join(names.say("object", object=one) for one in about if one),
            office=office,
            entry=f" · {step.on} {step.entry}" if step.entry else "",
            note="" if step.blocking else names.say("way-optional"),
        )

    def _faults(self, root: Branch) -> None:
        found, names = self.found, self.names
        certifying = next((step for step in found.steps if step.verb == "certify"), None)
        if not found.faults and certifying is not None:
            office = names.offices[certifying.office or ""]
            root.add(names.say("way-open", on=names.basis.on, office=office))
            return
        branch = root.add(names.say("way-faults", count=len(found.faults)), first=True)
        for fault in found.faults:
            words_of = fault.render(self.language)
            words = {"code": fault.code, "message": words_of["message"], "hint": words_of["hint"]}
            branch.add(names.say("way-fault", clause=names.clause(fault.clause), **words))

    def _standard(self, root: Branch, tried: TriedStandard) -> None:
        names = self.names
        words = {"standard": self._level(tried.standard), "verdict": text("verdict", tried.verdict, self.language)}
        note = "" if tried.blocking else names.say("way-optional")
        outcomes = names.outcomes(tried.outcomes)
        line = names.say("way-standard", count=len(tried.short), outcomes=outcomes, **words)
        branch = root.add(line + note, first=tried.blocking)
        titles = names.requirements(names.notice, tried.standard)
        for short in tried.short:
            self._requirement(branch, short, names.title(titles.get(short.requirement)))

    def _requirement(self, above: Branch, short: OpenRequirement, title: str) -> None:
        names = self.names
        figures = names.figures(short.measured, short.required)
        outcome = text("outcome", short.outcome, self.language)
        branch = above.add(
            names.say("finding", requirement=short.requirement, outcome=outcome, title=title, figures=figures)
        )
        if short.reason:
            branch.add(short.reason[self.language])
        for key, why in short.lacking.items():
            if key != "size":
                branch.add(names.say("lacking", fact=names.fact(key), why=text("lacking", why, self.language)))
        if "size" in short.lacking:
            branch.add(say(self.language, "finding-no-size"))
        branch.add(names.say("way-next", next=text("nearest", short.kind, self.language)))


def _fields(found: WhyNot, language: str) -> dict[str, Any]:
    """Return the way as JSON shows it, faults with their words."""
    fields: dict[str, Any] = msgspec.to_builtins(found)
    fields["faults"] = [fault.render(language) for fault in found.faults]
    for step, shown in zip(found.steps, fields["steps"], strict=True):
        shown["faults"] = [fault.render(language) for fault in step.faults]
    return fields
