"""`dingji facts STATION [KEY] --history`: every value that was ever stated of a station's facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from dingji_commands import asking, stating, wiring
from dingji_commands.finding import SHOWN_DIGITS
from dingji_commands.words import say, text

if TYPE_CHECKING:
    from datetime import tzinfo

    from dingji_commands.asking import Asked
    from dingji_commands.settings import Settings
    from dingji_projections.fact_history import FactHistory, Stated

FIELDS: Final = ("on", "stated", "by", "entry", "recorded_at", "standing")


def history(settings: Settings, asked: Asked, station: str, key: str | None, *, limit: int | None, json: bool) -> None:
    """Show the history of one fact of a station, or of all; of each the last values, where a limit is given."""
    from dingji_projections.fact_history import fact_histories
    from dingji_projections.named import check_registered

    with wiring.open_views(settings) as views:
        basis = asked.of(views.log, settings)
        word = stating.word_of(views.log, basis)
        word.check_station(station)
        check_registered(views.log, station, basis)
        found = fact_histories(views.log, station, basis, word, key)
        teller = stating.Teller(views, basis, word, settings)
        if json:
            told = {"station": station, "name": teller.station(station), "facts": found}
            asking.print_json({"basis": basis.fields()} | told)
            return
        click.echo(teller.place(station, None))
        rows = [row for one in found for row in _rows(station, _last(one, limit), teller, basis.zone)]
        if rows:
            click.echo("\n".join([*stating.rows_told(FIELDS, rows, settings.language), ""]))
        for one in found:
            if not one.entries:
                click.echo(_heading(one, teller))
        total = sum(len(one.entries) for one in found)
        if len(rows) < total:
            asking.tell(say(settings.language, "values-left-out", limit=limit, count=total - len(rows)))
        teller.tell_cut()
        asking.print_basis(basis, settings, count=total)


def _last(one: FactHistory, limit: int | None) -> FactHistory:
    """Return a fact with its last values only, and the one in force."""
    from msgspec.structs import replace

    if limit is None or len(one.entries) <= limit:
        return one
    in_force = [each for each in one.entries[:-limit] if each.standing == "in_force"]
    return replace(one, entries=(*in_force, *one.entries[-limit:]))


def _heading(one: FactHistory, teller: stating.Teller) -> str:
    """Return the fact, and why it is not known where it is not."""
    if one.state == "in_force":
        return teller.fact(one.fact)
    why = text("lacking", one.state, teller.language) or text("standing", one.state, teller.language)
    return f"{teller.fact(one.fact)}{say(teller.language, 'colon')}{why}"


def _rows(station: str, one: FactHistory, teller: stating.Teller, zone: tzinfo) -> Iterator[stating.Row]:
    for place, stated in enumerate(one.entries):
        value, below = teller.value(one.fact, stated.value) if stated.states else (None, [])
        precision = "" if stated.on_precision == "day" else say(teller.language, f"precision-{stated.on_precision}")
        cells = (
            f"{stated.on}{precision}",
            value,
            teller.by(stated.office, station),
            stated.entry,
            asking.civil(stated.recorded_at, zone)[:10],
            text("standing", stated.standing, teller.language),
        )
        above = [] if place else ["", _heading(one, teller)]
        yield stating.Row(cells, above, [*below, *_details(stated, teller.language)])


def _details(stated: Stated, language: str) -> Iterator[str]:
    """Yield who stated it, the papers given with it, and what took it away."""
    papers = [
        say(language, "paper-given", name=paper.name, digest=paper.sha256[:SHOWN_DIGITS]) for paper in stated.evidence
    ]
    given = say(language, "papers-given", papers=say(language, "comma").join(papers)) if papers else None
    voided = say(language, "voided-entry", by=stated.voided_by) if stated.voided_by else None
    if told := [part for part in (stated.person, given, voided) if part]:
        yield say(language, "semicolon").join(told)
