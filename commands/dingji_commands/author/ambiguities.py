"""`dingji standards ambiguities`: what the notice leaves unclear, the reading in force, whose verdict hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dingji.catalogue.standard import DEFAULT_READING, Requirement, Standard
from dingji.state.state_cache import fold
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.words import say, text
from dingji_projections.reruns.affected import TurnedVerdict, affected


@shell.command(
    "standards ambiguities",
    shell.flag("--affected"),
    question.ON,
    shell.option("--notice", default=wiring.DEFAULT_NOTICE, metavar="ID"),
    question.JSON,
)
def standards_ambiguities(settings: Settings, notice: str, *, affected: bool, on: date | None, json: bool) -> None:
    """List what is unclear, or the stations whose verdict hangs on it."""
    if affected:
        _print_affected(settings, on, json=json)
        return
    installed, language = wiring.installed_notice(notice), settings.language
    in_force = _in_force(settings, notice, on)
    standards = [wiring.plugins().standard(installed, code) for code in wiring.plugins().standard_codes(installed)]
    if json:
        fields = [_fields(one, each, in_force) for one in standards for each in _unclear(one)]
        question.print_json({"notice": notice, "ambiguities": fields})
        return
    lines: list[str] = []
    for one in standards:
        unclear = list(_unclear(one))
        lines += [say(language, "unclear", title=one.title[language], count=len(unclear))]
        lines += [
            *definitions([(each.id, _paragraph(each, in_force, language)) for each in unclear], terminal_columns()),
            "",
        ]
    source = "readings-of-catalogue" if in_force is None else "readings-of-ledger"
    print_lines([*lines, say(language, source, path=settings.ledger)])


def _unclear(standard: Standard) -> Iterator[Requirement]:
    return (requirement for requirement in standard.requirements if requirement.readings or requirement.doubt)


def _in_force(settings: Settings, notice: str, on: date | None) -> dict[str, str] | None:
    """Return the readings that the ledger adopted, None where there is no ledger or it has another notice."""
    if not settings.ledger.exists():
        return None
    with wiring.open_checked_log(settings) as log:
        basis = question.BasisOptions(on).resolve(log, settings)
        adoption = fold(f"notice:{notice}", log.stream(f"notice:{notice}"))
        chosen: dict[str, str] | None = adoption.readings(basis.on) if adoption else None
        return chosen


def _fields(standard: Standard, requirement: Requirement, in_force: dict[str, str] | None) -> dict[str, Any]:
    readings = {DEFAULT_READING: requirement.text} if requirement.readings else {}
    readings |= {id_: reading.text for id_, reading in requirement.readings.items()}
    return {
        "standard": standard.code,
        "requirement": requirement.id,
        "title": requirement.title,
        "doubt": requirement.doubt,
        "readings": readings,
        "in_force": _reading(requirement, in_force),
    }


def _reading(requirement: Requirement, in_force: dict[str, str] | None) -> str | None:
    """Return the reading in force, None where there is one only or no ledger was asked."""
    if not requirement.readings or in_force is None:
        return None
    return in_force.get(requirement.id, DEFAULT_READING)


def _paragraph(requirement: Requirement, in_force: dict[str, str] | None, language: str) -> str:
    lines = [requirement.title[language]]
    lines += [requirement.doubt[language]] if requirement.doubt else []
    if requirement.readings:
        chosen = _reading(requirement, in_force)
        for id_, reading in {DEFAULT_READING: requirement, **requirement.readings}.items():
            counts = say(language, "in-force") if id_ == chosen else ""
            lines.append(say(language, "reading", reading=id_, text=reading.text[language]) + counts)
    return "\n".join(lines)


def _print_affected(settings: Settings, on: date | None, *, json: bool) -> None:
    with wiring.open_checked_log(settings) as log:
        basis = question.BasisOptions(on).resolve(log, settings)
        with steps_bar(say(settings.language, "assessing-stations")) as progress:
            found = list(affected(log, wiring.plugins(), basis.on, progress))
        if json:
            question.print_json({"basis": basis.fields(), "affected": [one._asdict() for one in found]})
            return
        labels = Labels(log, settings.language)
        rows = [(one.station, labels.of("level", one.standard), *_turn(one, settings.language)) for one in found]
        question.print_table(("station", "standard", "requirement", "in_force", "otherwise"), rows, settings.language)
        question.print_basis(basis, settings, count=len(found))


def _turn(one: TurnedVerdict, language: str) -> tuple[str, str, str]:
    def cell(reading: str, verdict: str) -> str:
        return f"{reading}{say(language, 'colon')}{text('verdict', verdict, language)}"

    return one.requirement, cell(one.reading, one.verdict), cell(one.other, one.other_verdict)
