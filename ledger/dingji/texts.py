"""Texts in every language of the house: templates kept as data, and the one way in which they are filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, Final

Text = dict[str, str]
"""One text in several languages: language code ("zh", "en") to words."""

LANGUAGES: Final = ("zh", "en")
"""The languages in which every text is given."""

NESTED: Final = (dict, list, tuple)
"""The types of a word that differs from language to language."""

SEPARATORS: Final = {"zh": "、", "en": ", "}
"""What stands between the items of a list."""

NEAREST: Final[Text] = {"zh": "，是否为 {near}？", "en": "; is it {near}?"}


class Phrases:
    """The templates of one TOML file beside the module that uses them: a key, then its text in each language.

    The file is read when the first text is asked for, never at import.
    """

    def __init__(self, package: str, name: str) -> None:
        """Take the file `name` of an importable package."""
        self._place = (package, name)

    @cached_property
    def templates(self) -> dict[str, Text]:
        """Every template by its key."""
        import tomllib  # the commands' own words are filled in here too, and a cold start reads no file of ours
        from importlib import resources

        package, name = self._place
        templates: dict[str, Text] = tomllib.loads(resources.files(package).joinpath(name).read_text("utf-8"))
        return templates

    def __call__(self, key: str, /, **words: Any) -> Text:
        """Return one template with its {names} filled in; a word may itself be a text, or a list of them."""
        return _filled(self.templates[key], words) if words else self.templates[key]


def fill(template: Text, /, **words: Any) -> Text:
    """Return a template filled in, in every language."""
    return _filled(template, words)


def sentence(template: str, language: str, words: Mapping[str, Any], *, gaps: bool = False) -> str:
    """Return the template of one language filled in; with `gaps`, a missing word shows its own name."""
    plain = {name: in_language(word, language) for name, word in words.items()}
    return template.format_map(_Gaps(plain) if gaps else plain)


class _Gaps(dict[str, Any]):
    """Words of a template, any of which may be missing."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _filled(template: Text, words: dict[str, Any]) -> Text:
    """Return a template filled in; the words are overwritten (hot path: the reasons of findings)."""
    nested = [(name, word) for name, word in words.items() if type(word) in NESTED]
    filled: Text = {}
    for language in LANGUAGES:
        for name, word in nested:
            words[name] = word[language] if type(word) is dict else in_language(word, language)
        filled[language] = template[language].format_map(words)
    return filled


def in_language(word: Any, language: str) -> Any:
    """Return a word in one language: its text, or a list's texts in a row."""
    if type(word) is dict:
        return word[language]
    if isinstance(word, list | tuple):
        return SEPARATORS[language].join(str(in_language(item, language)) for item in word)
    return word


def join(texts: list[Text], separator: Text) -> Text:
    """Return texts as one, with the separator of each language between them."""
    return {language: separator[language].join(text[language] for text in texts) for language in LANGUAGES}


def is_text(value: Any) -> bool:
    """Return whether a value is a text in every language, none of them empty."""
    return isinstance(value, dict) and all(isinstance(value.get(one), str) and value[one].strip() for one in LANGUAGES)


def near(word: str, known: Collection[str]) -> list[str]:
    """Return up to three known words that look like a word."""
    import difflib  # slow, and only a mistyped word needs it

    return list(difflib.get_close_matches(word, known, n=3))


def nearest_text(word: str, known: list[str]) -> Text:
    """Return a phrase that names the known words near a mistyped one, empty if there is none."""
    words = near(word[:64], known)
    return fill(NEAREST, near=words) if words else {"zh": "", "en": ""}
