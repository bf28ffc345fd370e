"""What was raised and where, in one line that is the same on every machine."""

from __future__ import annotations

import re
import traceback
from typing import Final

from dingji.harmless import visible

FRAMES: Final = 4
LONGEST: Final = 600
LONGEST_LINE: Final = 1000

FOLDERS: Final = re.compile(r".*[/\\]")
ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]+")
"""Memory addresses differ from run to run, and findings must not."""


def in_brief(error: BaseException) -> str:
    """Return an error and the innermost places it passed through, without folders and addresses.

    The place that caught it is left out, and so is the machinery of imports. An error that cannot be shown is only
    named: its own code may be what is wrong.
    """
    try:
        return one_line(_in_brief(error))
    except Exception:
        return one_line(type.__getattribute__(type(error), "__name__"))


def _in_brief(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if not frame.filename.startswith("<")]
    places = [f"{FOLDERS.sub('', frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames[-FRAMES:])]
    raised = ADDRESS.sub("0x", traceback.format_exception_only(error)[-1].strip())[:LONGEST]
    return f"{raised} [{' < '.join(places)}]" if places else raised


def one_line(text: str) -> str:
    """Return a text that others wrote as part of one line: of a bounded length, what does not print made visible."""
    short = text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"
    return visible(short)
