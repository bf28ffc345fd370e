"""Characters that show nothing: which are cut off at the ends of a text, and which texts have no other."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SPACES: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
"""All that `str.isspace` calls white space."""

FILLERS: Final = "\u115f\u1160\u180e\u2800\u3164\uffa0"
"""What is drawn as a blank, or not at all, and yet counts as a letter or a sign."""

_EDGES: Final = SPACES + FILLERS

_UNSEEN_RANGES: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)

UNSEEN: Final = re.compile(f"[{_UNSEEN_RANGES}]")
"""What no text may hold: controls, what has no width, marks of direction, tags, separators of lines."""

SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half a character: no text can be written with it."""

SHAPERS: Final = "\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Ranges of what changes the look of the character before it, and alone shows nothing."""

_BLANK: Final = re.compile(f"[{_UNSEEN_RANGES}{_EDGES}{SHAPERS}]*")


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character."""
    return _BLANK.fullmatch(text) is not None


def stripped(text: str) -> str:
    """Return a text without the blanks at its ends."""
    return text.strip(_EDGES)


def composed(text: str) -> str:
    """Return a name, an id or a code in the one spelling in which it is kept: in NFC, without blanks at its ends."""
    return unicodedata.normalize("NFC", text).strip(_EDGES)
