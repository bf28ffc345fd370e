"""What the commands say, in the user's language: texts kept as data, read when the first is asked for."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from dingji.harmless import visible
from dingji.texts import LANGUAGES, in_language, sentence

FILES: Final = {
    **dict.fromkeys(("command", "option", "help", "click"), "help.toml"),
    **dict.fromkeys(("rule", "kept", "effect", "step", "nearest", "why"), "why.toml"),
    **dict.fromkeys(("demo", "try"), "demo.toml"),
}
"""The tables of files that an ordinary run never reads; the others stand in words.toml."""


def language_of(arguments: Sequence[str]) -> str:
    """Return the language to speak before the options are read: `--lang` anywhere, DINGJI_LANG, or the locale's."""
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        name, _, value = argument.partition("=")
        if name == "--lang":
            following = arguments[place + 1] if place + 1 < len(arguments) else ""
            if (value or following) in LANGUAGES:
                return value or following
    wanted = os.environ.get("DINGJI_LANG", "")
    return wanted if wanted in LANGUAGES else _locale_language()


def _locale_language() -> str:
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh" if locale.lower().startswith("zh") else "en"


@functools.cache
def _read(name: str) -> dict[str, dict[str, dict[str, str]]]:
    import tomllib  # an answer as JSON or CSV needs no words

    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def text(table: str, key: str, language: str) -> str | None:
    """Return a text of one table, None if the table lacks the key."""
    found = _read(FILES.get(table, "words.toml"))[table].get(key)
    return found[language] if found else None


def label(table: str, key: str, language: str) -> str:
    """Return a text of one table; a key without one stands for itself."""
    return text(table, key, language) or key


def headers(names: Iterable[str], language: str) -> list[str]:
    """Return the headers of a table's columns."""
    return [label("header", name, language) for name in names]


def filled(table: str, key: str, language: str, /, **words: Any) -> str:
    """Return a text of one table with its {names} filled in, each of them visible and on one line."""
    shown = {name: _word(word, language) for name, word in words.items()}
    return sentence(_read(FILES.get(table, "words.toml"))[table][key][language], language, shown)


def _word(word: Any, language: str) -> Any:
    """Return a word as it is filled in; what a template may format itself, such as a number, stays what it is."""
    word = in_language(word, language)
    return word if isinstance(word, int | date) else visible(str(word))


def say(language: str, key: str, /, **words: Any) -> str:
    """Return a sentence of the table `say` with its {names} filled in."""
    return filled("say", key, language, **words)


def both(key: str, /, **words: Any) -> dict[str, str]:
    """Return a sentence in every language, to stand in a fault."""
    return {language: say(language, key, **words) for language in LANGUAGES}
