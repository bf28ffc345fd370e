"""`dingji simulate`: what a draft standard, or what is installed of a plugin, would come to for every station."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from dingji.catalogue.notice import Notice
from dingji.faults import LedgerError
from dingji.intake.draft_standard import read_draft
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import say, text
from dingji_projections.reruns.simulate import Drafts, Simulated, Simulation
from dingji_projections.reruns.simulate import simulate as simulated

FIELDS: Final = ("station", "name", "county", "standard", "level", "verdict", "verdict_then", "becomes")
CHANGES: Final = ("gains", "loses", "undecided", "same")
MOST_LACKING: Final = 15
"""Facts that are listed of those that leave stations undecided; JSON has them all."""


@question.question(
    "simulate",
    shell.argument("catalogue", type=shell.FILE, required=False),
    shell.option("--plugin", metavar="DIST"),
    question.COUNTY,
    shell.flag("--all"),
    question.JSON,
)
def simulate(
    settings: Settings,
    asked: BasisOptions,
    *,
    catalogue: str | None,
    plugin: str | None,
    county: str | None,
    **form: bool,
) -> None:
    """Assess every station by a draft; record nothing."""
    if (catalogue is None) == (plugin is None):
        raise shell.usage_error(settings.language, "one-draft")
    with wiring.open_checked_log(settings) as log:
        basis = asked.resolve(log, settings)
        question.check_county(log, county, basis.on)
        notice = wiring.notice_in_force(log, basis)
        drafts = _drafts(notice, catalogue, plugin)
        with steps_bar(say(settings.language, "assessing-stations")) as progress:
            found = simulated(log, wiring.plugins(), basis, drafts, county, progress)
        if form["json"]:
            question.print_json({"basis": basis.fields(), **_fields(found, drafts)})
            return
        labels = Labels(log, settings.language, basis.known)
        _show(found, drafts, labels, OfficeNames(log, basis.on, basis.known), whole=form["all"])
        question.print_basis(basis, settings, count=len(found.stations))


def _drafts(notice: Notice, catalogue: str | None, plugin: str | None) -> Drafts:
    """Return the standards to try. Raises LedgerError (`bad-catalogue`, `unknown-plugin`)."""
    plugins = wiring.plugins()
    if catalogue is not None:
        return Drafts([read_draft(Path(catalogue), plugins, notice)], recorded=False)
    plugins.require_sound()
    owned = {key for one in plugins.of(plugin or "") for key in one.contributions}
    if not owned:
        raise LedgerError("unknown-plugin", field="plugin", plugin=plugin)
    installed = [plugins.standard(notice, code) for code in plugins.standard_codes(notice)]
    own = [one for one in installed if ("standard", f"{notice.id}/{one.code}") in owned]
    checks = {name for kind, name in owned if kind == "check"}
    return Drafts(own or [one for one in installed if checks & one.checks], recorded=True)


def _fields(found: Simulation, drafts: Drafts) -> dict[str, Any]:
    counts = Counter(one.change for one in found.stations)
    return {
        "standards": [one.code for one in drafts.standards],
        "before": "recorded" if drafts.recorded else "installed",
        "summary": {change: counts[change] for change in CHANGES},
        "lacking": found.lacking,
        "stations": found.stations,
        "attainment": {"before": found.before, "after": found.after},
    }


def _show(found: Simulation, drafts: Drafts, labels: Labels, offices: OfficeNames, *, whole: bool) -> None:
    """Show who would gain, who would lose, which facts leave others undecided, and the rates before and after."""
    language = labels.language
    counts = Counter(one.change for one in found.stations)
    title = say(language, "comma").join(
        say(language, "draft-title", title=one.title[language]) for one in drafts.standards
    )
    question.print_sentence(say(language, "simulated", title=title, **{change: counts[change] for change in CHANGES}))
    question.print_sentence(say(language, "simulated-recorded" if drafts.recorded else "simulated-installed"))
    for change in CHANGES if whole else CHANGES[:2]:
        rows = [_row(one, labels, offices) for one in found.stations if one.change == change]
        if rows:
            print_text("\n" + say(language, f"simulated-{change}", count=len(rows)))
            question.print_table(FIELDS, rows, language)
    _show_lacking(found, labels)
    _show_rates(found, labels, offices)
    print_text()


def _row(one: Simulated, labels: Labels, offices: OfficeNames) -> tuple[Any, ...]:
    language = labels.language
    verdicts = [text("verdict", verdict, language) if verdict else None for verdict in (one.before, one.after)]
    county, standard = offices[one.county], labels.of("level", one.standard)
    if one.assessed is not None:
        verdicts[0] = f"{verdicts[0]} {one.assessed}"
    becomes = labels.of("level", one.to) if one.to else say(language, "level-undecided")
    return one.station, one.name, county, standard, labels.of("level", one.held), *verdicts, becomes


def _show_lacking(found: Simulation, labels: Labels) -> None:
    """Name the facts for want of which most stations cannot be decided."""
    if not found.lacking:
        return
    language = labels.language
    facts = {key: fact.label[language] for one in wiring.plugins().notices.values() for key, fact in _kinds(one.value)}
    print_text("\n" + say(language, "simulated-lacking"))
    rows = [(key, facts.get(key), count) for key, count in list(found.lacking.items())[:MOST_LACKING]]
    question.print_table(("fact", "label", "stations"), rows, language)
    if len(found.lacking) > MOST_LACKING:
        question.print_sentence(say(language, "simulated-more", count=len(found.lacking) - MOST_LACKING))


def _kinds(notice: Notice) -> Any:
    return wiring.plugins().facts(notice).items()


def _show_rates(found: Simulation, labels: Labels, offices: OfficeNames) -> None:
    """Show how many of an office's stations hold each level, exactly and at or above it, before and after."""
    language = labels.language
    print_text("\n" + say(language, "attainment"))
    rows = []
    for before, after in zip(found.before, found.after, strict=True):
        total = len(before.stations)
        figures = [
            f"{len(numbers[0])} → {len(numbers[1])} / {total}"
            for numbers in ((before.exact, after.exact), (before.at_or_above, after.at_or_above))
        ]
        undecided = len(after.undecided) or None
        rows.append((offices[before.office], labels.of("level", before.level), *figures, undecided))
    question.print_table(("county", "level", "exact", "at_or_above", "undecided"), rows, language)
