"""`dingji lineage`: what a station was called and belonged to, what it came from and what became of it."""

from __future__ import annotations

from typing import Any, Final

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_text
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import label, say
from dingji_projections.levels.lineage import Kin, LineageStep
from dingji_projections.levels.lineage import lineage as lineage_at

STEPS: Final = ("on", "topic", "name", "serves", "county", "successors", "entry")
KIN: Final = ("station", "on", "into", "entry")


@question.question("lineage", shell.argument("station"), question.JSON)
def lineage(settings: Settings, asked: BasisOptions, *, station: str, json: bool) -> None:
    """Show a station's lineage."""
    with wiring.open_checked_log(settings) as log:
        basis = asked.resolve(log, settings)
        found = lineage_at(log, station, basis)
        if json:
            question.print_json({"basis": basis.fields(), "lineage": found})
            return
        labels, language = Labels(log, settings.language, basis.known), settings.language
        offices = OfficeNames(log, basis.on, basis.known)
        question.print_table(STEPS, [_step(step, labels, offices) for step in found.steps], language)
        for title, kin in (("predecessors", found.predecessors), ("successor-stations", found.successors)):
            if kin:
                print_text("\n" + say(language, title))
                question.print_table(KIN, [_kin(one) for one in kin], language)
        print_text()
        question.print_basis(basis, settings, count=len(found.steps))


def _step(step: LineageStep, labels: Labels, offices: OfficeNames) -> tuple[Any, ...]:
    labelled = labels.fields({"serves": step.serves, "county": step.county}, offices)
    topic = label("event", step.topic, labels.language)
    successors = [offices[code] for code in step.successors]
    return step.on, topic, step.name, labelled["serves"], labelled["county"], successors, step.entry


def _kin(one: Kin) -> tuple[Any, ...]:
    return one.station, one.on, one.into, one.entry
