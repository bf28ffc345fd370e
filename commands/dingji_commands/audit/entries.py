"""`dingji late` and `dingji acts`: entries by when they were recorded, and by who submitted them."""

from __future__ import annotations

from typing import Any, Final

import click
from msgspec.structs import replace

from dingji.moments import exact, shown
from dingji.store.log import Log
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import label, say
from dingji_projections.ask.bounds import bounds
from dingji_projections.ask.lookups import check_submitter, streams_of
from dingji_projections.audit.submitted import EntriesFound, LateLimit, acts_of
from dingji_projections.audit.submitted import late as late_entries
from dingji_projections.engine.basis import Basis

LATE_FIELDS: Final = ("days", "entry", "on", "recorded_at", "topic", "by")
ACT_FIELDS: Final = ("position", "entry", "on", "recorded_at", "topic", "by")
FIELDS: Final = ("position", "entry", "topic", "on", "recorded_at", "days", "office", "person", "voided_by")


@question.question(
    "late",
    shell.option("--days", type=click.IntRange(min=0), metavar="N"),
    shell.option("--station", metavar="CODE"),
    question.COUNTY,
    question.LIMIT,
    question.JSON,
    question.CSV,
)
def late(settings: Settings, asked: BasisOptions, *, days: int | None, limit: int | None, **which: Any) -> None:
    """List what was recorded late."""
    form = question.form_of(settings, json=which.pop("json"), csv=which.pop("csv"))
    days = bounds().late_days if days is None else days
    with wiring.open_views(settings) as views:
        basis = asked.resolve(views.log, settings)
        streams = streams_of(views, basis, **which)
        with steps_bar(say(settings.language, "reading-log")) as progress:
            found = late_entries(views.log, basis, streams, LateLimit(days, limit or bounds().shown), progress)
        if form == "json":
            question.print_json(_answer(basis, found, days=days))
            return
        _show(views.log, settings, basis, found, LATE_FIELDS if form == "table" else None)


@question.question(
    "acts",
    shell.option("--office", metavar="CODE"),
    shell.option("--person", metavar="STAFF"),
    question.LIMIT,
    question.JSON,
    question.CSV,
)
def acts(
    settings: Settings, asked: BasisOptions, *, office: str | None, person: str | None, limit: int | None, **form: bool
) -> None:
    """List what an office or a person submitted."""
    wanted = question.form_of(settings, **form)
    if office is None and person is None:
        raise shell.usage_error(settings.language, "office-or-person")
    with wiring.open_checked_log(settings) as log:
        basis = asked.resolve(log, settings)
        if office is not None:
            check_submitter(log, office, basis)
        with steps_bar(say(settings.language, "reading-log")) as progress:
            found = acts_of(log, basis, (office, person), limit or bounds().shown, progress)
        if wanted == "json":
            question.print_json(_answer(basis, found))
            return
        _show(log, settings, basis, found, ACT_FIELDS if wanted == "table" else None)


def _answer(basis: Basis, found: EntriesFound, **more: Any) -> dict[str, Any]:
    return {"basis": basis.fields(), **more, "total": found.total, "entries": found.entries}


def _show(log: Log, settings: Settings, basis: Basis, found: EntriesFound, fields: tuple[str, ...] | None) -> None:
    """Show entries as a table of some fields, or as CSV."""
    if fields is None:
        timed = (replace(each, recorded_at=exact(each.recorded_at, basis.zone)) for each in found.entries)
        question.print_csv(FIELDS, [[getattr(each, name) for name in FIELDS] for each in timed])
        return
    language = settings.language
    zone, offices = Labels(log, language, basis.known).zone, OfficeNames(log, basis.on, basis.known)
    rows = []
    for each in found.entries:
        topic = label("event", each.topic, language)
        cells = {name: getattr(each, name, None) for name in fields}
        cells["topic"] = say(language, "voided-by", topic=topic, by=each.voided_by) if each.voided_by else topic
        cells["by"] = " ".join(filter(None, (offices[each.office], each.person)))
        cells["recorded_at"] = shown(each.recorded_at, zone)
        rows.append(list(cells.values()))
    question.print_table(fields, rows, language)
    if found.total > len(rows):
        question.print_sentence(say(language, "shown-of", shown=len(rows), total=found.total))
    question.print_basis(basis, settings, count=found.total)
