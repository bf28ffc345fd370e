"""Words in every language: how templates are filled in, and that each language says the same."""

from __future__ import annotations

import string

import pytest

from dingji.checks.reasons import SAY
from dingji.texts import LANGUAGES, Phrases, fill, is_text, join

FILES = [
    ("dingji.checks", "reasons.toml"),
    ("dingji.catalogue", "data_faults.toml"),
    ("dingji_plugins.stock", "stock.toml"),
]


def test_a_word_may_be_plain_a_text_or_a_list_of_them() -> None:
    template = {"zh": "{a}：{b}", "en": "{a}: {b}"}
    assert fill(template, a=1, b="x") == {"zh": "1：x", "en": "1: x"}
    words = [{"zh": "甲", "en": "A"}, "b", 3]
    assert fill(template, a={"zh": "是", "en": "yes"}, b=words) == {"zh": "是：甲、b、3", "en": "yes: A, b, 3"}
    assert fill(template, a="{b}", b=())["en"] == "{b}: "


def test_a_missing_word_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        SAY("judged", entry="x")
    with pytest.raises(KeyError):
        SAY("nothing-like-it")


def test_texts_are_joined_language_by_language() -> None:
    assert join([{"zh": "甲", "en": "A"}, {"zh": "乙", "en": "B"}], {"zh": "", "en": " "}) == {
        "zh": "甲乙",
        "en": "A B",
    }


@pytest.mark.parametrize("value", [None, "x", {}, {"zh": "甲"}, {"zh": "甲", "en": " "}, {"zh": "甲", "en": 1}])
def test_what_is_no_text(value: object) -> None:
    assert not is_text(value)
    assert is_text({"zh": "甲", "en": "A"})


@pytest.mark.parametrize(("package", "name"), FILES)
def test_every_template_says_the_same_in_each_language(package: str, name: str) -> None:
    for key, template in Phrases(package, name).templates.items():
        assert tuple(template) == LANGUAGES, key
        fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in template.values()]
        assert fields[0] == fields[1], key
        if key not in {"nothing-near", "space"}:
            assert is_text(template), key
