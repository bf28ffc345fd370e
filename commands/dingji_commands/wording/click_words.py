"""Click's own messages in the user's language; one that the table does not have stays English."""

from __future__ import annotations

import gettext
from importlib import import_module
from typing import Any, Final

from dingji_commands.wording.words import text

_MODULES: Final = ("core", "decorators", "exceptions", "formatting", "parser", "types")

_spoken = ["en"]


def speak(language: str) -> None:
    """Let click speak a language from now on."""
    # Click asks gettext for a compiled catalogue that the environment chooses; our words are data that --lang chooses.
    _spoken[0] = language
    for name in _MODULES:
        module: Any = import_module(f"click.{name}")
        for attribute, function in (("_", _gettext), ("ngettext", _ngettext)):
            if hasattr(module, attribute):
                setattr(module, attribute, function)


def _gettext(message: str) -> str:
    return text("click", message, _spoken[0]) or gettext.gettext(message)


def _ngettext(singular: str, plural: str, count: int) -> str:
    found = text("click", singular if count == 1 else plural, _spoken[0])
    return found or gettext.ngettext(singular, plural, count)
