"""Good lines come back as they were, and whatever else is handed in makes nothing raise."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dingji.characters import composed
from dingji.events.submissions import VERBS, json_schema
from dingji.intake.jsonl import Parsed, explain, parse
from ledger.intake.line_faults import GOOD, faults_of, line
from stories import Record

short = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=12).map(composed).filter(bool)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
scalar = st.one_of(st.booleans(), whole, short)
value = st.one_of(scalar, st.lists(st.one_of(scalar, st.dictionaries(short, scalar, max_size=3)), max_size=4))
paper = st.fixed_dictionaries({"sha256": st.just("a" * 64), "name": short, "supports": st.lists(short, max_size=3)})
common = st.fixed_dictionaries(
    {
        "on": st.dates().map(str),
        "by": st.fixed_dictionaries(
            {"office": short}, optional={"person": st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}", fullmatch=True)}
        ),
    },
    optional={
        "on_precision": st.sampled_from(["day", "month", "year"]),
        "document": short,
        "note": short,
        "id": short,
        "irregular": short,
    },
)
own: dict[str, st.SearchStrategy[Record]] = {
    "report": st.fixed_dictionaries(
        {"station": short, "facts": st.dictionaries(short, value, max_size=4)},
        optional={"evidence": st.lists(paper, max_size=2)},
    ),
    "certify": st.fixed_dictionaries({"station": short, "level": short}, optional={"round": short, "reason": short}),
    "close": st.fixed_dictionaries({"station": short}, optional={"successors": st.lists(short, max_size=3)}),
    "classify": st.fixed_dictionaries(
        {"station": short, "size": short}, optional={"basis": st.dictionaries(short, st.one_of(whole, short))}
    ),
    "open_round": st.fixed_dictionaries({"round": short, "kind": short, "year": st.integers(1900, 2200)}),
}
records = st.sampled_from(sorted(own)).flatmap(
    lambda verb: st.tuples(common, own[verb]).map(lambda parts: {"do": verb, **parts[0], **parts[1]})
)


def without_defaults(record: Record) -> Record:
    empty: Record = {"on_precision": "day", "evidence": [], "successors": [], "basis": {}}
    return {key: value for key, value in record.items() if empty.get(key, ...) != value}


@given(records, st.booleans(), st.sampled_from([None, 2]))
def test_a_good_line_comes_back_as_it_was(record: Record, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(record, ensure_ascii=ascii_only, indent=indent).encode()
    parsed = parse(text)
    assert isinstance(parsed, Parsed)
    assert json.loads(parsed.canonical) == without_defaults(record)
    again = parse(parsed.canonical)
    assert again == parsed
    assert explain(text) == []


@given(records, st.data())
def test_the_fast_path_and_the_second_look_agree(record: Record, data: st.DataObject) -> None:
    """Change a good line in any one place: parse refuses it exactly when explain has something to say."""
    text = bytearray(json.dumps(record, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 3))
        text[place : place + cut] = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from(PIECES + BLANK_PIECES)))
    agree(bytes(text))


PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"1.5", b"NaN", b"\x7f", b"\xe2\x80\x8b", b'"a":1,']
BLANK_PIECES = [
    *map(str.encode, (" ", "\\t", "\u3000", "\xa0", "\u2800", "\u3164", "\u1160", "e\u0301", "\u0301", "\ufe0f"))
]


def agree(text: bytes) -> None:
    found, faults = parse(text), explain(text)
    assert isinstance(found, Parsed) == (not faults), (text, found, faults)
    if isinstance(found, Parsed):
        assert parse(found.canonical) == msgspec.structs.replace(found, earlier=None)
    if not isinstance(found, Parsed):
        assert [fault.code for fault in found.faults] == [fault.code for fault in faults]
        faults_of(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=5) | st.dictionaries(st.text(max_size=8), children, max_size=5),
    max_leaves=20,
)


@given(st.binary(max_size=200))
@example(b'{"do":"rename","by":{"office":"\x00"}}')
def test_nothing_makes_it_raise(text: bytes) -> None:
    agree(text)


@given(json_values)
def test_no_json_makes_it_raise(value: Any) -> None:
    agree(json.dumps(value).encode())


@given(st.sampled_from(sorted(VERBS)), st.data())
def test_no_value_of_a_field_makes_it_raise(verb: str, data: st.DataObject) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(VERBS[verb])]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True))
    agree(json.dumps({"do": verb, **{name: data.draw(json_values) for name in chosen}}).encode())


@pytest.mark.parametrize("verb", VERBS)
def test_the_schema_of_a_verb_names_its_fields(verb: str) -> None:
    schema = json.dumps(json_schema(verb))
    for field in msgspec.structs.fields(VERBS[verb]):
        assert f'"{field.encode_name}"' in schema
    assert f'"{verb}"' in schema


def test_the_id_is_its_own_or_that_of_the_content_and_the_content_leaves_it_out() -> None:
    bare_line, named = parse(line(GOOD)), parse(line(GOOD, id="mine"))
    assert isinstance(bare_line, Parsed)
    assert isinstance(named, Parsed)
    assert (bare_line.id, named.id) == (bare_line.content, "mine")
    assert named.content == bare_line.content == sha256(bare_line.canonical).hexdigest()


def test_what_has_no_place_names_none() -> None:
    (fault,) = faults_of(b"[]")
    assert [fault.render(language)["message"] for language in ("zh", "en")] == [
        "不是有效的 JSON：每行应是一个 JSON 对象",
        "not valid JSON: each line must be one JSON object",
    ]
