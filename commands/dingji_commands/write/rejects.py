"""The refused lines of a partial submission, in a file of their own beside what was submitted."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import orjson

from dingji.faults import LedgerError
from dingji.intake.receipts import Receipts, Rejected
from dingji_commands.terminal.output import print_text
from dingji_commands.terminal.table import json_bytes
from dingji_commands.wording.words import say


class Rejects:
    """Where the refused lines will stand; asked before anything is recorded whether it can be written."""

    def __init__(self, file: str, language: str) -> None:
        """Take the submitted file's name. Raises LedgerError (`unwritable-file`)."""
        self.language = language
        self.path = Path(f"{'stdin' if file == '-' else file}.rejected.jsonl")
        if self.path.is_dir() or not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise LedgerError("unwritable-file", path=str(self.path))

    def write(self, receipts: Receipts) -> None:
        """Write the refused lines, if there are any, whole or not at all, over those of an earlier submission.

        Raises LedgerError (`unwritable-file`).
        """
        if not receipts.refused:
            return
        try:
            self._write(receipts)
        except OSError:
            raise LedgerError("unwritable-file", path=str(self.path)) from None
        print_text(say(self.language, "rejected-file", path=self.path), err=True)

    def _write(self, receipts: Receipts) -> None:
        with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=".dingji-", delete=False) as draft:
            try:
                for rejected in receipts.rejected():
                    draft.write(json_bytes(_line(rejected, self.language)))
                os.fchmod(draft.fileno(), 0o666 & ~_umask())
                draft.close()
                Path(draft.name).replace(self.path)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise


def _line(rejected: Rejected, language: str) -> dict[str, Any]:
    """Return a refused line as it is written: as it stood where it is an object, else as text."""
    faults = [fault.render(language) for fault in rejected.faults]
    if _is_object(rejected):
        return {"line": rejected.line, "submission": orjson.Fragment(rejected.text), "faults": faults}
    return {"line": rejected.line, "text": rejected.text.decode("utf-8", "backslashreplace"), "faults": faults}


def _is_object(rejected: Rejected) -> bool:
    """Return whether any reader of JSON reads the same in a line."""
    if b"\r" in rejected.text or any(fault.code == "duplicate-key" for fault in rejected.faults):
        return False
    try:
        return isinstance(orjson.loads(rejected.text), dict)
    except orjson.JSONDecodeError:
        return False


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
