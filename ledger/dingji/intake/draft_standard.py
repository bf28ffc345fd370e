"""A draft of a standard, read from a file that nobody has installed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from dingji.catalogue.data_faults import DataFaults
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji.intake.files import Source
from dingji.plugins.manager import Plugins

LARGEST: Final = 4 << 20
"""Bytes of a draft, twenty times the largest standard that we know."""


def read_draft(path: Path, plugins: Plugins, notice: Notice) -> Standard:
    """Return the standard that a file drafts, with a notice's words and the installed checks.

    A draft with the code of an installed standard replaces it; any other must not use the ids of installed ones. Raises
    LedgerError (`unreadable-file`, `too-large`, `bad-catalogue` with all that is wrong).
    """
    data = _parsed(path)
    code = data.get("standard")
    if not isinstance(code, str) or not code.strip():  # reported as missing, with all else that is wrong
        code, data = "", {key: value for key, value in data.items() if key != "standard"}
    return plugins.drafted(notice, code, path.name, data)


def _parsed(path: Path) -> dict[str, Any]:
    with Source(str(path)) as source:
        if source.size > LARGEST:
            raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST >> 20} MiB")
        content = source.text()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LedgerError("unreadable-file", path=str(path), why="UTF-8") from None
    problems = DataFaults(path.name)
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        problems.add("", "", "not-toml", detail=str(error))
    except RecursionError:
        problems.add("", "", "not-toml", detail="nesting")
    problems.check()
    return {}
