"""Text that steers no terminal, hides nothing and is run by no spreadsheet."""

from __future__ import annotations

import json
import sys
import unicodedata

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dingji.harmless import harmless, unmarked, visible, visible_json, visible_lines
from hostile import HOSTILE, steering

ANY = st.text(st.characters()) | st.text(st.sampled_from(HOSTILE + "a司\U00020bb7 \u3000"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb\nc\td", r"a\x1b[2Jb\nc\td"),
        ("\u202e\u200d\x85\x7f\ufeff\u2028", r"\u202e\u200d\x85\x7f\ufeff\u2028"),
        ("\U000e0041\ud800\ue000", r"\U000e0041\ud800\ue000"),
        ("\u3164\u115f\ufe0f", r"\u3164\u115f\ufe0f"),
        ("玉山镇\u3000司法所\u00a0一", "玉山镇\u3000司法所\u00a0一"),
        ("\U00020bb7\U00031350\U000323b0", "\U00020bb7\U00031350\U000323b0"),  # hanzi, however old the Python
        ("e\u0301 — “…”", "e\u0301 — “…”"),
    ],
)
def test_what_is_not_seen_is_shown_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_character_that_steers_is_left() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    assert steering(visible(everything)) == set()
    left = visible_lines(everything)
    assert (steering(left), left.count("\n")) == (set(), 1)


def test_no_character_that_steers_is_passed_fast() -> None:
    """The border looks at bytes before it looks at characters."""
    for one in map(chr, range(sys.maxunicode + 1)):
        if one != "\n" and visible(one) != one:
            assert visible_lines(one) == visible(one), ascii(one)
            assert visible_json(f'"{one}"'.encode("utf-8", "surrogatepass")).isascii(), ascii(one)


def test_every_letter_figure_mark_and_space_is_left() -> None:
    """Of those that show nothing, two are letters, eight are marks."""
    kept = {"Zl", "Zp", "Cc", "Cf", "Cn", "Co", "Cs"}
    characters = map(chr, range(sys.maxunicode + 1))
    hidden = {one for one in characters if unicodedata.category(one) not in kept and visible(one) != one}
    assert {unicodedata.category(one) for one in hidden} == {"Lo", "Mn", "So"}
    assert {f"{ord(one):04x}" for one in hidden if unicodedata.category(one) != "Mn"} == {
        *("115f", "1160", "2800", "3164", "ffa0")
    }


@settings(deadline=None)
@given(ANY)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert visible_lines(text).split("\n") == [visible(line) for line in text.split("\n")]


@settings(deadline=None)
@given(st.lists(ANY))
def test_json_says_the_same(texts: list[str]) -> None:
    written = visible_json(json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    assert steering(written.decode()) == set()
    if not any(unicodedata.category(one) == "Cs" for text in texts for one in text):
        assert orjson.loads(written) == texts


def test_bytes_that_are_no_text_are_shown_too() -> None:
    assert visible_json(b'{"a":"\x9b\xff"}\n') == b'{"a":"\\udc9b\\udcff"}\n'


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@x", "\tx", "\r=x", "\n=x", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_marked(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "1-2", "'", "'a", "司法所", " =1"])
def test_any_other_cell_is_left_alone(cell: str) -> None:
    assert harmless(cell) == cell
    assert unmarked(cell) == cell


@settings(deadline=None)
@given(st.text(st.sampled_from("'=+-@\t\r＝＋－＠a")))
def test_a_mark_is_taken_off_again(cell: str) -> None:
    assert unmarked(harmless(cell)) == cell
