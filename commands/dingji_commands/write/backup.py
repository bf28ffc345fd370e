"""`dingji backup`: a copy of the ledger as it is at one moment, while others write."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from dingji.evidence.papers import Papers
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.errors import INTEGRITY_BROKEN
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.wording.words import say
from dingji_commands.write.new_ledger import new_ledger, publish


@shell.command("backup", shell.argument("file", type=shell.FILE), question.JSON)
def backup(settings: Settings, *, file: str, json: bool) -> int:
    """Write the copy, whole or not at all; say what is in it, by its digest too."""
    path = Path(file)
    with (
        new_ledger(path) as draft,
        wiring.open_log(settings) as log,
        steps_bar(say(settings.language, "backing-up")) as report,
    ):
        copied = log.copy_to(draft, report)
        with draft.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        publish(draft, path)
    papers = Papers(settings.ledger).folder
    fields = {"file": file, "entries": copied.entries, "head": copied.head, "sha256": digest}
    if json:
        question.print_json(fields | {"papers": str(papers) if os.path.isdir(papers) else None})
    else:
        print_text(say(settings.language, "backed-up", **fields))
        if os.path.isdir(papers):
            print_text(say(settings.language, "papers-apart", papers=papers, target=Papers(path).folder))
    if copied.entries == copied.head:
        return 0
    print_text(say(settings.language, "backup-has-gaps"), err=True)
    return INTEGRITY_BROKEN
