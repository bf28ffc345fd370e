"""A draft of a standard, read from a file that nobody has installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dingji.catalogue.data_faults import LARGEST_TOML, DataFaults, NotToml, parse_toml
from dingji.catalogue.notice import Notice
from dingji.catalogue.standard import Standard
from dingji.faults import LedgerError
from dingji.intake.files import Source
from dingji.plugins.manager import Plugins


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
        if source.size > LARGEST_TOML:
            raise LedgerError("too-large", why="file-bytes", limit=f"{LARGEST_TOML >> 20} MiB")
        content = source.text()
    problems = DataFaults(path.name)
    try:
        content.decode()
        return parse_toml(content)
    except UnicodeDecodeError:
        raise LedgerError("unreadable-file", path=str(path), why="UTF-8") from None
    except NotToml as error:
        problems.add("", "", "not-toml", detail=error.why)
    problems.check()
    return {}
