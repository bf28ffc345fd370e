"""`dingji plugins` and `dingji plugins test`: what is installed, and whether its golden cases hold."""

from __future__ import annotations

from typing import Any

import msgspec

from dingji.golden.runner import Failure
from dingji.harmless import visible
from dingji.plugins.manager import PluginRow
from dingji.testing import golden_failures
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import definitions, fitted, terminal_columns, wrap
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.fault_words import fault_lines
from dingji_commands.wording.words import label, say


@shell.command("plugins", shell.flag("--json"))
def plugins(settings: Settings, *, json: bool) -> int:
    """List the plugins; exit with 1 where one failed."""
    rows = wiring.plugins().listing()
    language = settings.language
    if json:
        question.print_json({"plugins": [_plugin_fields(row, language) for row in rows]})
    else:
        for row in rows:
            print_lines(_plugin_lines(row, language))
    return 1 if any(row.failure for row in rows) else 0


def _plugin_fields(row: PluginRow, language: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(row)
    return fields | {"failure": row.failure.render(language) if row.failure else None}


def _plugin_lines(row: PluginRow, language: str) -> list[str]:
    state = say(language, f"plugin-{row.state}")
    lines = [f"{row.name} · {row.distribution} {row.version} · {state}"]
    kinds: dict[str, list[str]] = {}
    for contribution in row.contributions:
        kind, _, name = contribution.partition(":")
        kinds.setdefault(kind, []).append(name)
    rows = [(label("kind", kind, language), visible(", ".join(names))) for kind, names in kinds.items()]
    if row.digest:
        rows.append((say(language, "source-digest"), row.digest))
    lines += definitions(rows, terminal_columns())
    if row.failure:
        lines += [part for line in fault_lines(row.failure, language) for part in fitted(f"  {line}").split("\n")]
    return lines


@shell.command("plugins test", shell.argument("distribution"), shell.flag("--json"))
def plugins_test(settings: Settings, distribution: str, *, json: bool) -> int:
    """Try the checks of a plugin on its golden cases; exit with 1 where something is wrong."""
    cases = 0

    def count(done: int, total: int) -> None:
        nonlocal cases
        cases = total
        moved(done, total)

    with steps_bar(say(settings.language, "trying-cases")) as moved:
        failures = golden_failures(distribution, progress=count)
    if json:
        question.print_json(
            {
                "distribution": distribution,
                "cases": cases,
                "failures": [_failure_fields(one, settings.language) for one in failures],
            }
        )
    elif failures:
        print_lines(line for one in failures for line in _failure_lines(one, settings.language))
    else:
        print_text(say(settings.language, "plugin-sound", name=distribution, count=f"{cases:,}"))
    return 1 if failures else 0


def _failure_lines(failure: Failure, language: str) -> list[str]:
    case = f" · {failure.case}" if failure.case else ""
    message = wrap(visible(failure.text[language]), terminal_columns() - 2)
    return [f"{failure.check}{case}", *(f"  {line}" for line in message)]


def _failure_fields(failure: Failure, language: str) -> dict[str, Any]:
    return {
        "check": failure.check, "case": failure.case, "kind": failure.kind, "message": failure.text[language]
    }  # fmt: skip
