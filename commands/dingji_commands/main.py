"""The command `dingji`: the names of all commands, each imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from dingji_commands.app.errors import exit_code
from dingji_commands.app.settings import Settings, settings_for
from dingji_commands.app.shell import Command, language_in
from dingji_commands.terminal import layout
from dingji_commands.terminal.output import print_lines
from dingji_commands.wording import click_words
from dingji_commands.wording.words import language_of, say, text

VERBS: Final = (
    *("adopt-notice", "adopt-reading", "enrol-office", "rename-office", "close-office"),
    *("register", "rename", "transfer", "close", "classify", "open-round", "close-round", "report", "judge"),
    *("apply", "withdraw", "recommend", "decline", "certify", "refuse", "lodge"),
    *("uphold", "downgrade", "recognise", "void"),
)
"""The verbs with a command of the common form; `assess` has its own. A test holds them against the ledger's."""

VERB_MODULE: Final = "write.verbs"

SECTIONS: Final[dict[str, dict[str, str]]] = {
    "writing": {
        "init": "write.init",
        "demo": "demo.demo",
        "submit": "write.submit",
        "assess": "write.assess",
        "evidence add": "write.evidence",
    },
    "reading": {
        "levels": "read.levels",
        "history": "read.history",
        "replay": "read.replay",
        "station": "read.stations",
        "why": "read.why",
        "whynot": "read.whynot",
        "stations": "read.stations",
        "rounds": "read.rounds",
        "cases": "read.cases",
        "conditions": "audit.conditions",
        "impact": "audit.impact",
        "conformance": "audit.conformance",
        "facts template": "write.facts_template",
        "evidence show": "audit.evidence",
        "evidence verify": "audit.evidence",
        "evidence reuse": "audit.evidence_reuse",
        "diff": "audit.diff",
        "late": "audit.entries",
        "acts": "audit.entries",
        "conflicts": "audit.conflicts",
        "lineage": "audit.lineage",
        "recheck": "audit.recheck",
        "simulate": "audit.simulate",
        "events": "read.events",
        "rebuild": "read.events",
        "backup": "write.backup",
    },
    "installed": {
        "plugins": "author.plugins",
        "plugins new": "author.plugins_new",
        "plugins test": "author.plugins",
        "standards": "author.standards",
        "standards show": "author.standards",
        "standards ambiguities": "author.ambiguities",
        "standards verify": "author.verify_text",
        "facts": "author.facts",
        "schema": "author.schema",
    },
    "verbs": dict.fromkeys(VERBS, VERB_MODULE) | {"report": "write.report"},
}
"""The commands by section of the help page, each with the module that holds it."""

MODULES: Final = {name: module for section in SECTIONS.values() for name, module in section.items()}


class Root(Command, click.Group):
    """The group of all commands; its `main` is the only way in."""

    def main(  # type: ignore[override]  # ours always leaves by sys.exit
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run a command and leave with its exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        if "_DINGJI_COMPLETE" in os.environ:
            super().main(arguments, prog_name or "dingji", **extra)
        settings = settings_for(language_of(arguments), arguments)
        click_words.speak(settings.language)
        sys.exit(exit_code(lambda: self._run(arguments, settings), settings))

    def _run(self, arguments: list[str], settings: Settings) -> Any:
        """Run a command; unlike click's own way in, this leaves every exception to us."""
        with self.make_context("dingji", arguments, obj=settings) as ctx:
            return self.invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command."""
        if cmd_name not in MODULES:
            return None
        module = import_module(f"dingji_commands.{MODULES[cmd_name]}")
        name = cmd_name.replace(" ", "_")
        made: click.Command = module.command_of(cmd_name) if MODULES[cmd_name] == VERB_MODULE else getattr(module, name)
        return made

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, a verb in its spelling of files too; a command's name may be two words."""
        name = args[0].replace("_", "-")
        if (pair := " ".join([name, *args[1:2]])) in MODULES:
            return pair, self.get_command(ctx, pair), args[2:]
        if name not in MODULES:
            _no_command(ctx, args)
        return super().resolve_command(ctx, [name, *args[1:]])

    def sections(self, ctx: click.Context, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the commands by section, without importing any, then the options."""
        tables = [
            (title, [(name, (text("command", name, language) or "").partition("\n")[0]) for name in names])
            for title, names in SECTIONS.items()
        ]
        return tables + super().sections(ctx, language)


def _no_command(ctx: click.Context, args: list[str]) -> None:
    from difflib import get_close_matches  # only a mistyped name needs it

    language, name = language_in(ctx), args[0]
    pairs = [pair for pair in MODULES if pair.startswith(f"{name} ")]
    if pairs and "--help" in args:
        for pair in pairs:
            lines = layout.definitions(
                [(f"dingji {pair}", text("command", pair, language) or "")], layout.terminal_columns()
            )
            print_lines([*lines, ""])
        ctx.exit()
    if pairs:
        ctx.fail(say(language, "commands-of", name=name, known=", ".join(pair.split()[1] for pair in pairs)))
    near = ", ".join(get_close_matches(name, MODULES))
    ctx.fail(say(language, "no-such-command-near" if near else "no-such-command", name=name, near=near))


main = Root("dingji", no_args_is_help=True)
