"""`dingji facts template`: the sheet of the facts that a standard asks of a station, for a clerk to fill in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dingji.catalogue.facts import FactKind, Facts
from dingji.evidence.files import why_of
from dingji.faults import LedgerError
from dingji.intake.fact_sheet import facts_used, sheet_bytes
from dingji.state.state_cache import fold
from dingji.store.log import Log
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_file, print_text
from dingji_commands.wording.cell_hints import hint
from dingji_commands.wording.words import say
from dingji_projections.engine.basis import zone_of


@shell.command(
    "facts template",
    shell.argument("station"),
    shell.option("--standard", metavar="CODE", required=True),
    question.ON,
    shell.option("--output", type=shell.FILE, metavar="FILE.csv"),
)
def facts_template(settings: Settings, station: str, standard: str, on: date | None, output: str | None) -> None:
    """Write the sheet of the facts that a standard asks of a station."""
    with wiring.open_checked_log(settings) as log:
        day = on or shell.today(zone_of(log))
        notice = wiring.notice_in_force(log, question.BasisOptions(day).resolve(log, settings))
        size = _size(log, station, day)
    facts = wiring.plugins().facts(notice)
    used = facts_used(wiring.plugins().standard(notice, standard), size, facts)
    sheet = sheet_bytes(_row(fact, facts, settings.language) for fact in used)
    if output is not None:
        _write(output, sheet)
    if size is None:
        print_text(say(settings.language, "sheet-no-size", station=station), err=True)
    if output is None:
        print_file(sheet)
        return
    print_text(say(settings.language, "sheet-written", path=output, count=len(used), station=station))


def _size(log: Log, station: str, on: date) -> str | None:
    """Return the station's size class. Raises LedgerError (`unknown-station`, `not-registered`)."""
    state = fold(f"station:{station}", log.stream(f"station:{station}"))
    if state is None:
        raise LedgerError("unknown-station", field="station", station=station, nearest="")
    standing = state.standing(on.toordinal())
    if standing is None and on.toordinal() < state.registered:
        registered = str(date.fromordinal(state.registered))
        raise LedgerError("not-registered", field="on", station=station, on=str(on), registered=registered)
    return standing.size if standing else None


def _row(fact: FactKind, facts: Facts, language: str) -> tuple[str, ...]:
    unit = fact.unit[language] if fact.unit else ""
    supplier = facts.suppliers[fact.supplier][language]
    return fact.key, fact.label[language], unit, hint(fact.form, language), supplier, "", ""


def _write(path: str, sheet: bytes) -> None:
    """Write a file that is not there yet. Raises LedgerError (`file-exists`)."""
    try:
        with Path(path).open("xb") as file:
            file.write(sheet)
    except FileExistsError:
        raise LedgerError("file-exists", path=path, why="exists") from None
    except (OSError, ValueError) as error:
        raise LedgerError("file-exists", path=path, why=why_of(error)) from None
