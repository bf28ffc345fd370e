"""`dingji demo --national`: a ledger of a nation's size, and what it says."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import click

from dingji_commands.app import wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.words import say
from dingji_commands.write.new_ledger import new_ledger, publish

if TYPE_CHECKING:
    from dingji_commands.app.settings import Settings
    from dingji_commands.demo.national_build import Builder


def national_demo(settings: Settings, roster: str, *, stations: int | None, years: int | None) -> int:
    """Create the ledger, whole or not at all; a roster with anything wrong in it is told of line by line."""
    from dingji_commands.demo.national_build import Builder
    from dingji_commands.wording.receipts import file_lines

    with new_ledger(settings.ledger) as draft:
        builder = Builder(roster, wiring.plugins(), stations=stations, years=years)
        with steps_bar(say(settings.language, "writing-story")) as progress:
            refused = builder.build(draft, progress)
        if refused is not None:
            with refused:
                click.echo("\n".join([*file_lines(refused, settings.language), say(settings.language, "not-founded")]))
            return REFUSED
        publish(draft, settings.ledger)
    settings.recorded = True
    _show(settings, builder)
    return 0


def _show(settings: Settings, builder: Builder) -> None:
    """Print how many stations held each level at the end of each year, and what to try next."""
    from dingji_commands.terminal.table import show as print_table
    from dingji_commands.wording.labels import Labels
    from dingji_projections.tables.levels import held

    demo, national, language = builder.demo, builder.national, settings.language
    with wiring.open_views(settings) as views:
        with steps_bar(say(settings.language, "rebuilding")) as report:
            head = views.catch_up(report)
        click.echo(demo.say["written"][language].format(path=settings.ledger, count=head, until=national.ends))
        labels = Labels(views.log, language)
        codes = [level.id for level in builder.notice.rules.level[::-1]] + ["ungraded"]
        ends = [*(date(national.ends.year - years, 12, 31) for years in range(national.years, 0, -1)), national.ends]
        found = {on: Counter(held(views, on, head).values()) for on in ends}
        click.echo(demo.say["levels"][language])
        rows = [[on, *(counts[code] for code in codes)] for on, counts in found.items() if counts]
        print_table([demo.say["date"][language], *(labels.of("level", code) for code in codes)], rows, sys.stdout)
    click.echo(demo.say["next"][language])
    for one in national.next:
        station, county = builder.roster.places[0].station, builder.roster.places[0].county
        command = one.command.format(path=shlex.quote(str(settings.ledger)), station=station, county=county)
        click.echo(f"  {command}\n      {one.what[language]}")
