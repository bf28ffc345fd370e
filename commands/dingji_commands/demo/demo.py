"""`dingji demo`: a ledger with a simulated history on the real roster, and what it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from dingji_commands.app import shell, wiring
from dingji_commands.wording.words import say
from dingji_commands.write.new_ledger import new_ledger, publish

if TYPE_CHECKING:
    from dingji_commands.app.settings import Settings

DEFAULT_DEMO: Final = "demo.dingji"


@shell.command(
    "demo",
    shell.flag("--national"),
    shell.option("--roster", metavar="FILE.csv|FILE.csv.gz"),
    shell.option("--stations", type=click.IntRange(min=1), metavar="N"),
    shell.option("--years", type=click.IntRange(min=1, max=10), metavar="N"),
)
def demo(settings: Settings, *, national: bool, roster: str | None, stations: int | None, years: int | None) -> int:
    """Create the demonstration's ledger, whole or not at all, and show what it says."""
    if not _is_named(click.get_current_context()):
        settings.ledger = Path(DEFAULT_DEMO)
    if national and roster is not None:
        from dingji_commands.demo.national import national_demo

        return national_demo(settings, roster, stations=stations, years=years)
    if national or roster or stations or years:
        wrong = "national-roster" if national else "only-national"
        raise click.UsageError(say(settings.language, wrong), click.get_current_context())
    return _of_the_city(settings)


def _of_the_city(settings: Settings) -> int:
    from dingji.evidence.papers import Papers
    from dingji_commands.demo.build import build
    from dingji_commands.demo.shown import show

    with new_ledger(settings.ledger) as draft, Papers(settings.ledger).receiving() as intake:
        papers = build(draft, wiring.plugins())
        for content in papers.values():
            intake.take(content)
        with intake.placed():
            publish(draft, settings.ledger)
            intake.settle(papers)
    settings.recorded = True
    show(settings)
    return 0


def _is_named(ctx: click.Context | None) -> bool:
    """Return whether the user said which ledger, by an option or in the environment."""
    while ctx is not None:
        if ctx.get_parameter_source("ledger") is ParameterSource.COMMANDLINE:
            return True
        ctx = ctx.parent
    return bool(os.environ.get("DINGJI_LEDGER"))
