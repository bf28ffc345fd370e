"""`dingji demo`: a ledger with a simulated history on the real roster, and what it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from dingji_commands.app import shell, wiring
from dingji_commands.write.new_ledger import new_ledger, publish

if TYPE_CHECKING:
    from dingji_commands.app.settings import Settings

DEFAULT_DEMO: Final = "demo.dingji"


@shell.command("demo")
def demo(settings: Settings) -> int:
    """Create the demonstration's ledger, whole or not at all, and show what it says."""
    from dingji.evidence.papers import Papers
    from dingji_commands.demo.play import DATA, play
    from dingji_commands.demo.summary import print_summary

    if not _is_named(click.get_current_context()):
        settings.ledger = Path(DEFAULT_DEMO)
    with new_ledger(settings.ledger) as draft, Papers(settings.ledger).receiving() as intake:
        papers = [intake.take(content) for content in play(DATA, draft, wiring.plugins())]
        with intake.placed():
            publish(draft, settings.ledger)
            intake.settle([paper.sha256 for paper in papers])
    settings.recorded = True
    print_summary(settings)
    return 0


def _is_named(ctx: click.Context | None) -> bool:
    """Return whether the user said which ledger, by an option or in the environment."""
    while ctx is not None:
        if ctx.get_parameter_source("ledger") is ParameterSource.COMMANDLINE:
            return True
        ctx = ctx.parent
    return bool(os.environ.get("DINGJI_LEDGER"))
