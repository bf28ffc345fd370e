"""The texts of a line: what in them says nothing, half a character, and names that are composed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dingji.characters import FILLERS, SPACES, UNSEEN, composed, is_blank, stripped
from dingji.events.submissions import PROSE_FIELDS, VERBS, Judgement, Prose, Submission
from dingji.intake import jsonl
from dingji.intake.jsonl import Malformed, Parsed, explain, parse
from ledger.intake.line_faults import BY, EVIDENCE, GOOD, REPORT, faults_of, line, told
from stories import Record

BLANKS = [*SPACES, *FILLERS]
NOTHINGS = [
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u034f",
    "\ufe0f",
    "\U000e0100",
    "\u17b4",
    "\u180b",
    "\u2800\u200b",
    "\u3000 \xa0",
]


def texts_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every text of a record, keys of objects left out."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(item, (*path, key))


def with_text(value: Any, path: tuple[Any, ...], change: Callable[[str], str]) -> Any:
    """Return a copy of a record with the text at one place changed."""
    if not path:
        return change(value)
    copy = value.copy()
    copy[path[0]] = with_text(value[path[0]], path[1:], change)
    return copy


FILLED: Record = {
    "on": "2024-01-31",
    "on_precision": "month",
    "by": BY | {"person": "p1"},
    "successors": ["320583101", "320583102"],
    "basis": {"source": "年报"},
    "year": 2024,
    "facts": {"a": "玉山", "b": ["玉山", {"c": "玉山", "d": ["玉山"]}]},
    "evidence": [EVIDENCE],
    "judgements": {"S1": {"outcome": "met", "reason": "看过"}},
    "cause": "annulled",
}
"""What a good line says in the fields that take more than any text."""

WHOLE: dict[str, Record] = {
    verb: {
        name: BY | {"person": "p1"} if name == "by" else FILLED.get(name, "玉山")
        for name in (field.encode_name for field in msgspec.structs.fields(form))
    }
    | {"do": verb}
    for verb, form in VERBS.items()
}
"""Of every verb a good line that leaves no field out."""


@pytest.mark.parametrize("verb", VERBS)
def test_no_text_anywhere_may_be_blank(verb: str) -> None:
    record = WHOLE[verb]
    assert told(line(record)) == []
    for path in texts_in(record):
        if path == ("do",):
            continue
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
        for blank in BLANKS + NOTHINGS:
            found = faults_of(line(with_text(record, path, lambda _, blank=blank: blank)))  # type: ignore[misc]
            assert [(fault.code, fault.field) for fault in found] == [("bad-value", field)], (path, blank)
            assert found[0].args["why"] in {"blank", "control"}


@pytest.mark.parametrize("verb", VERBS)
def test_blanks_at_the_ends_of_a_text_say_nothing(verb: str) -> None:
    record = WHOLE[verb]
    good = parse(line(record))
    assert isinstance(good, Parsed)
    for path in texts_in(record):
        for blank in BLANKS:
            text = line(with_text(record, path, lambda text, blank=blank: f"{blank}{text}{blank}"))  # type: ignore[misc]
            found = parse(text)
            assert isinstance(found, Parsed), (path, blank, faults_of(text))
            assert (found.canonical, found.id, found.content) == (good.canonical, good.id, good.content), path
            assert explain(text) == []


@pytest.mark.parametrize("verb", VERBS)
def test_names_ids_and_codes_are_composed_and_free_words_left_alone(verb: str) -> None:
    record = with_names(WHOLE[verb], "é")
    good, other = parse(line(record)), parse(line(with_names(record, "e\u0301")))
    assert isinstance(good, Parsed)
    assert isinstance(other, Parsed)
    free = {path for path in texts_in(record) if path[-1] in PROSE_FIELDS}
    for path in texts_in(record):
        kept = json.loads(other.canonical)
        for part in path:
            kept = kept[part]
        if kept in {"é", "e\u0301"}:
            assert (kept == "e\u0301") == (path in free), path
    assert "ｅ" in str(json.loads(_parsed(line(GOOD, name="ｅ")).canonical))  # full-width letters are others


def with_names(record: Record, name: str) -> Record:
    for path in texts_in(record):
        record = with_text(record, path, lambda text: name if text in {"玉山", "é"} else text)
    return record


def _parsed(text: bytes) -> Parsed:
    found = parse(text)
    assert isinstance(found, Parsed)
    return found


def test_the_free_words_are_those_of_the_forms() -> None:
    def free(form: Any) -> Iterator[str]:
        for field in msgspec.structs.fields(form):
            if Prose in (field.type, *get_args(field.type)):
                yield field.encode_name

    assert {name for form in (Submission, Judgement, *VERBS.values()) for name in free(form)} == PROSE_FIELDS


def test_every_character_that_shows_nothing_is_looked_for_in_a_line() -> None:
    """The fast look at the bytes misses none, and sends no other character to the second look but for its spelling."""
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        if not 0xD800 <= code < 0xE000:
            shown = bool(char.strip() and not UNSEEN.match(char) and not is_blank(char))
            suspect = jsonl._SUSPECT.search(char.encode()) is not None
            assert suspect != shown, hex(code)


def test_white_space_is_what_python_calls_so() -> None:
    assert {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()} == set(SPACES)


@given(st.text())
def test_what_is_kept_of_a_text_stays_as_it_is(text: str) -> None:
    for kept in (composed(text), stripped(text)):
        assert stripped(kept) == kept
        assert kept == "" or not is_blank(kept) or is_blank(text)
    assert composed(composed(text)) == composed(text)


def test_keys_that_are_one_but_for_their_blanks_stand_twice() -> None:
    found = told(line(REPORT, facts={"a": 1, "a\u3000": 2, "é": 1, "e\u0301": 2}))
    assert found == [("duplicate-key", "a", None), ("duplicate-key", "é", None)]


def test_a_line_with_blanks_says_how_it_was_read_before() -> None:
    text = line(GOOD, name=" 玉山")
    found = _parsed(text)
    assert msgspec.structs.replace(found, earlier=None) == _parsed(line(GOOD))
    assert found.earlier is not None
    assert json.loads(found.earlier.canonical)["name"] == " 玉山"
    assert found.earlier.content == sha256(found.earlier.canonical).hexdigest() != found.content
    blank = parse(line(GOOD, name="\u3000"))
    assert isinstance(blank, Malformed)
    assert blank.earlier is not None
    assert json.loads(blank.earlier.canonical)["name"] == "\u3000"
    twice = parse(line(GOOD)[:-1] + ', "name": "\u3000"}'.encode())
    assert isinstance(twice, Malformed)
    assert twice.earlier is None  # it says two things


@pytest.mark.parametrize("verb", VERBS)
def test_half_a_character_is_refused_wherever_it_stands(verb: str) -> None:
    record = WHOLE[verb]
    for path in texts_in(record):
        text = json.dumps(with_text(record, path, lambda _: "\ud800")).encode()
        found = [(fault.code, fault.args.get("why")) for fault in faults_of(text)]
        assert ("bad-value", "surrogate") in found, path
        assert len(found) == (2 if path == ("do",) else 1), found
