"""Text that does no harm where it is shown: it steers no terminal, hides nothing, and no spreadsheet runs it.

What a ledger, a plugin or a file says is data that anyone may have written. Its characters that are no visible sign
are shown by their number.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from dingji.characters import FILLERS, SHAPERS, SPACES

_BLANK: Final = re.compile(f"[{FILLERS}{SHAPERS}]")
"""Letters, signs and marks to Unicode that show nothing."""

_HANZI: Final = range(0x20000, 0x3FFFE)
"""The planes that Unicode keeps for hanzi; an older Python does not know those added since."""

_ASCII: Final = bytes(range(0x20, 0x7F)) + b"\n"

_SPACES: Final = frozenset(one for one in SPACES if unicodedata.category(one) == "Zs")
"""Spaces that take a column or more."""

_FORMULA: Final = "=+\\-@\t\r\n＝＋－＠"
_RUN: Final = re.compile(f"'*[{_FORMULA}]")
"""What a spreadsheet would run, or would take our mark off."""


def visible(text: str) -> str:
    r"""Return a text on one line whose every character is seen: all others as Python escapes them, such as `\u202e`.

    Others are control characters with tabs and ends of lines, marks of direction, what has no width (joiners of emoji
    and of Indic scripts too: no name here needs them), private and unassigned characters, lone surrogates. Spaces of
    any kind stay.
    """
    if text.isascii():
        return text if text.isprintable() else "".join(map(_seen, text))
    return text if text.isprintable() and not _BLANK.search(text) else "".join(map(_seen, text))


def visible_lines(text: str) -> str:
    """Return a text whose every character is seen but for the ends of its lines, which are our own."""
    if _is_plain(text.encode("utf-8", "surrogatepass")):
        return text
    return "\n".join(map(visible, text.split("\n")))


def visible_json(text: bytes) -> bytes:
    r"""Return JSON in lines that says the same, with what is not seen as `\u202e`; only in strings there can be any.

    Bytes that are no UTF-8 stand as lone surrogates, which no reader takes for anything else.
    """
    try:
        text.decode()
    except UnicodeDecodeError:
        pass
    else:
        if _is_plain(text):
            return text
    return "\n".join(map(_seen_in_json, text.decode("utf-8", "surrogateescape").split("\n"))).encode()


def harmless(cell: str) -> str:
    """Return a cell of a table so that no spreadsheet runs it: what begins like a formula is marked as text."""
    return f"'{cell}" if _RUN.match(cell) else cell


def unmarked(cell: str) -> str:
    """Return a cell without the mark that `harmless` puts on."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell, 1) else cell


def _is_plain(text: bytes) -> bool:
    """Return whether all of a text in UTF-8 is seen, but for the ends of its lines.

    Most of what is printed is ASCII, and taken out at once.
    """
    rest = text.translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return rest.isprintable() and not _BLANK.search(rest)


def _is_seen(character: str) -> bool:
    if character.isprintable():
        return not _BLANK.match(character)
    return character in _SPACES or ord(character) in _HANZI


def _seen(character: str) -> str:
    return character if _is_seen(character) else character.encode("unicode_escape").decode()


def _seen_in_json(line: str) -> str:
    if line.isprintable() and not _BLANK.search(line):
        return line
    return "".join(character if _is_seen(character) else _json_escape(character) for character in line)


def _json_escape(character: str) -> str:
    """Return a character as JSON numbers it: by one or two units of UTF-16."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
