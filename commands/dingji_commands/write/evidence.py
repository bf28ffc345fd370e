"""`dingji evidence add`: files taken in, and a report that says which facts they support."""

from __future__ import annotations

from typing import Any

import click

from dingji_commands.app import shell
from dingji_commands.app.settings import Settings
from dingji_commands.write import attach, verbs
from dingji_commands.write.recording import RecordingOptions

OWN = frozenset({"station", "facts", "evidence"})


def _parameters() -> list[click.Parameter]:
    """Return the parameters of `report` but for what the files themselves say."""
    shared = [param for param in verbs.parameters("report") if param.name not in OWN]
    return [
        shell.argument("files", nargs=-1, required=True, metavar="FILE..."),
        shell.option("--station", type=verbs.CODE, metavar="CODE", required=True),
        shell.option("--supports", metavar="KEY,KEY", required=True, multiple=True),
        *shared,
    ]


@shell.command("evidence add", *_parameters())
def evidence_add(settings: Settings, files: tuple[str, ...], supports: tuple[str, ...], **options: Any) -> int:
    """Keep files and report that they support facts."""
    keys = tuple(dict.fromkeys(key.strip() for part in supports for key in part.split(",") if key.strip()))
    if not keys:
        raise shell.bad_parameter(settings.language, "no-keys", "--supports")
    manner = RecordingOptions(dry_run=options["dry_run"], json=options["json"])
    with attach.receiving(settings, manner) as intake:
        taken, wrong = attach.take(settings, intake, [attach.HandedFile(file, keys) for file in files])
        if wrong:
            faults = [(each.line, fault) for each, fault in wrong]
            return attach.print_faults(settings, faults, json=manner.json, table=False)
        return attach.report(settings, options, {}, taken, intake)
