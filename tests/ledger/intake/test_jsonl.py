"""Lines of a file: what is wrong with one is said at once, with its field, and nothing else gets through."""

from __future__ import annotations

import functools
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dingji.characters import FILLERS, SPACES, UNSEEN, composed, is_blank, stripped
from dingji.events.submissions import PROSE_FIELDS, VERBS, Judgement, Prose, Submission, json_schema
from dingji.faults import Fault, LedgerError
from dingji.intake import files, jsonl
from dingji.intake.csv_table import columns, record_of, table_lines
from dingji.intake.files import LARGEST_LINE, Line, Source
from dingji.intake.jsonl import MOST_FAULTS, Malformed, Parsed, explain, parse, parse_ahead
from stories import worded

Record = dict[str, Any]

BY: Record = {"office": "320583"}
GOOD: Record = {"do": "rename", "station": "320583100", "name": "玉山", "on": "2024-01-01", "by": BY}
CLOSING: Record = {"do": "close", "station": "320583100", "on": "2024-01-01", "by": BY}
REPORT: Record = {"do": "report", "station": "320583100", "on": "2024-01-01", "by": BY, "facts": {}}


def line(record: Record, **changes: Any) -> bytes:
    return json.dumps(record | changes, ensure_ascii=False).encode("utf-8", "surrogatepass")


def faults_of(text: bytes) -> list[Fault]:
    found = parse(text)
    if isinstance(found, Parsed):
        return []
    for fault in found.faults:
        worded(fault)
    return found.faults


def told(text: bytes) -> list[tuple[str, str | None, Any]]:
    return [(fault.code, fault.field, fault.args.get("why")) for fault in faults_of(text)]


def bare(record: Record, *fields: str) -> Record:
    return {key: value for key, value in record.items() if key not in fields}


def nested(depth: int) -> Any:
    """Return lists in lists, so many deep."""
    return functools.reduce(lambda inner, _: [inner], range(depth - 1), list[Any]())


EVIDENCE = {"sha256": "0" * 64, "name": "合同", "supports": ["staff"]}

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

WRONG: dict[str, tuple[bytes, list[tuple[str, str | None, Any]]]] = {
    "empty": (b"", [("bad-json", None, "syntax")]),
    "cut off": (line(GOOD)[:-1], [("bad-json", None, "syntax")]),
    "two objects": (line(GOOD) + line(GOOD), [("bad-json", None, "syntax")]),
    "a list": (b"[]", [("bad-json", None, "not-object")]),
    "null": (b"null", [("bad-json", None, "not-object")]),
    "not UTF-8": (line(GOOD) + b"\xff", [("bad-json", None, "not-utf8")]),
    "GBK": ('{"do": "更名"}'.encode("gbk"), [("bad-json", None, "not-utf8")]),
    "UTF-16": (line(GOOD).decode().encode("utf-16"), [("bad-json", None, "not-utf8")]),
    "a raw surrogate": (line(GOOD, name="\ud800"), [("bad-json", None, "not-utf8")]),
    "single quotes": (str(GOOD).encode(), [("bad-json", None, "syntax")]),
    "full-width quotes": ("{“do”: “rename”}".encode(), [("bad-json", None, "syntax")]),
    "deep lists": (b"[" * 200_000, [("bad-json", None, "too-deep")]),
    "deep objects": (b'{"a":' * 200_000, [("bad-json", None, "too-deep")]),
    "deep within": (
        line(GOOD, name="Z").replace(b'"Z"', b"[" * 90_000 + b"]" * 90_000, 1),
        [("bad-json", None, "too-deep")],
    ),
    "not too deep": (line(GOOD, name=nested(31)), [("bad-value", "name", "wrong-type")]),
    "one too deep": (line(GOOD, name=nested(32)), [("bad-json", None, "too-deep")]),
    "one too deep after many that are not": (
        line(GOOD, name=[*([] for _ in range(99)), nested(31)]),
        [("bad-json", None, "too-deep")],
    ),
    "deep in brackets of text": (line(GOOD, name="[" * 99), []),
    "NaN": (
        line(REPORT, facts={"a": float("nan")}),
        [("bad-json", None, "not-number"), ("bad-value", "facts.a", "float")],
    ),
    "Infinity": (
        line(REPORT, facts={"a": float("inf")}),
        [("bad-json", None, "not-number"), ("bad-value", "facts.a", "float")],
    ),
    "an endless number": (line(REPORT).replace(b"{}", b'{"a": 1e999}'), [("bad-value", "facts.a", "float")]),
    "a float": (line(REPORT, facts={"a": 1.0}), [("bad-value", "facts.a", "float")]),
    "an exponent": (line(REPORT).replace(b"{}", b'{"a": 1e2}'), [("bad-value", "facts.a", "float")]),
    "2^53": (line(REPORT, facts={"a": 2**53}), [("bad-value", "facts.a", "out-of-range")]),
    "-2^53": (line(REPORT, facts={"a": -(2**53)}), [("bad-value", "facts.a", "out-of-range")]),
    "2^64": (line(REPORT, facts={"a": 2**64}), [("bad-value", "facts.a", "out-of-range")]),
    "thirty digits": (line(REPORT, facts={"a": 10**30}), [("bad-value", "facts.a", "out-of-range")]),
    "five thousand digits": (
        line(REPORT).replace(b"{}", b'{"a": ' + b"1" * 5000 + b"}"),
        [("bad-json", None, "out-of-range")],
    ),
    "a leading zero": (line(REPORT).replace(b"{}", b'{"a": 01}'), [("bad-json", None, "syntax")]),
    "a doubled field": (line(GOOD)[:-1] + b', "name": "b"}', [("duplicate-key", "name", None)]),
    "a doubled verb": (line(GOOD)[:-1] + b', "do": "rename"}', [("duplicate-key", "do", None)]),
    "a doubled fact": (line(REPORT).replace(b"{}", b'{"a": 1, "a": 1}'), [("duplicate-key", "a", None)]),
    "a doubled person": (
        line(GOOD, by={"office": "3205", "person": "p"}).replace(b'"p"', b'"p", "person": "p"'),
        [("duplicate-key", "person", None)],
    ),
    "no verb": (line(bare(GOOD, "do")), [("missing-field", "do", None)]),
    "a verb that is none": (line(GOOD, do="renam"), [("unknown-verb", "do", None)]),
    "a verb that is a number": (line(GOOD, do=1), [("unknown-verb", "do", None)]),
    "a verb that is a list": (line(GOOD, do=["rename"]), [("unknown-verb", "do", None)]),
    "a verb in capitals": (line(GOOD, do="RENAME"), [("unknown-verb", "do", None)]),
    "a field that is none": (line(GOOD, nme="x"), [("unknown-field", "nme", None)]),
    "a field of another verb": (line(GOOD, level="standard"), [("unknown-field", "level", None)]),
    "a field within": (line(GOOD, by={"office": "3205", "name": "张三"}), [("unknown-field", "by.name", None)]),
    "no date": (line(bare(GOOD, "on")), [("missing-field", "on", None)]),
    "no office": (line(GOOD, by={}), [("missing-field", "by.office", None)]),
    "papers as text": (line(REPORT, evidence="paper"), [("bad-value", "evidence", "wrong-type")]),
    "as many successors as may be": (line(CLOSING, successors=["1"] * 50, nme=1), [("unknown-field", "nme", None)]),
    "one successor too many": (line(CLOSING, successors=["1"] * 51), [("bad-value", "successors", "too-long")]),
    "by as text": (line(GOOD, by="3205"), [("bad-value", "by", "wrong-type")]),
    "a date with its time": (line(GOOD, on="2024-01-01T00:00:00"), [("bad-value", "on", "date-form")]),
    "a day that is none": (line(GOOD, on="2023-02-29"), [("bad-value", "on", "date-form")]),
    "a date of full-width digits": (line(GOOD, on="２０２４-01-01"), [("bad-value", "on", "date-form")]),
    "a date as a number": (line(GOOD, on=20240101), [("bad-value", "on", "date-form")]),
    "a date that is null": (line(GOOD, on=None), [("bad-value", "on", "date-form")]),
    "a precision that is none": (line(GOOD, on_precision="week"), [("bad-value", "on_precision", "not-allowed")]),
    "an empty name": (line(GOOD, name=""), [("bad-value", "name", "empty")]),
    "a long name": (line(GOOD, name="名" * 101), [("bad-value", "name", "too-long")]),
    "a number as a name": (line(GOOD, name=1), [("bad-value", "name", "wrong-type")]),
    "null as a name": (line(GOOD, name=None), [("bad-value", "name", "wrong-type")]),
    "a name as a person": (line(GOOD, by=BY | {"person": "张三"}), [("bad-value", "by.person", "bad-form")]),
    "an empty reason": (line(GOOD, irregular=""), [("bad-value", "irregular", "empty")]),
    "a year as text": (
        line({"do": "open_round", "round": "a", "kind": "review", "year": "2024", "on": "2024-01-01", "by": BY}),
        [("bad-value", "year", "wrong-type")],
    ),
    "a year far off": (
        line({"do": "open_round", "round": "a", "kind": "review", "year": 20240, "on": "2024-01-01", "by": BY}),
        [("bad-value", "year", "out-of-range")],
    ),
    "a control character": (line(GOOD, name="a\u0007"), [("bad-value", "name", "control")]),
    "a raw control character": (line(GOOD).replace("玉".encode(), b"\x07"), [("bad-json", None, "syntax")]),
    "a delete": (line(GOOD, name="a\x7f"), [("bad-value", "name", "control")]),
    "a C1 control": (line(GOOD, note="a\x85b"), [("bad-value", "note", "control")]),
    "a zero width": (line(GOOD, note="a\u200bb"), [("bad-value", "note", "control")]),
    "an override": (line(GOOD, note="\u202e321"), [("bad-value", "note", "control")]),
    "an Arabic mark": (line(GOOD, note="a\u061cb"), [("bad-value", "note", "control")]),
    "a soft hyphen": (line(GOOD, note="a\u00adb"), [("bad-value", "note", "control")]),
    "a tag": (line(GOOD, note="a\U000e0041b"), [("bad-value", "note", "control")]),
    "a byte-order mark within": (line(GOOD, note="a\ufeffb"), [("bad-value", "note", "control")]),
    "an escaped surrogate": (json.dumps(GOOD | {"name": "\ud800"}).encode(), [("bad-value", "name", "surrogate")]),
    "a surrogate in a key": (
        json.dumps(REPORT | {"facts": {"\udc00": 1}}).encode(),
        [("bad-value", "facts.\ufffd", "surrogate")],
    ),
    "a control in a key": (line(REPORT, facts={"a\u0000": 1}), [("bad-value", "facts.a\ufffd", "control")]),
    "an empty key": (line(REPORT, facts={"": 1}), [("bad-value", "facts.", "empty")]),
    "a long key": (line(REPORT, facts={"k" * 65: 1}), [("bad-value", f"facts.{'k' * 64}", "too-long")]),
    "facts as a list": (line(REPORT, facts=[]), [("bad-value", "facts", "wrong-type")]),
    "too many facts": (line(REPORT, facts={f"k{n}": n for n in range(1001)}), [("bad-value", "facts", "too-long")]),
    "a fact in a fact": (line(REPORT, facts={"a": {"b": 1}}), [("bad-value", "facts.a", "wrong-type")]),
    "a record in a record": (line(REPORT, facts={"a": [{"b": {"c": 1}}]}), [("bad-value", "facts.a", "wrong-type")]),
    "a list too deep": (line(REPORT, facts={"a": [{"b": [[1]]}]}), [("bad-value", "facts.a", "wrong-type")]),
    "a null fact": (line(REPORT, facts={"a": None}), [("bad-value", "facts.a", "wrong-type")]),
    "a long list": (line(REPORT, facts={"a": [1] * 10_001}), [("bad-value", "facts.a", "too-long")]),
    "a digest of capitals": (
        line(REPORT, evidence=[EVIDENCE, EVIDENCE | {"sha256": "A" * 64}]),
        [("bad-value", "evidence[1].sha256", "bad-form")],
    ),
    "too many papers": (line(REPORT, evidence=[EVIDENCE] * 501), [("bad-value", "evidence", "too-long")]),
    "a paper that is text": (line(REPORT, evidence=["合同"]), [("bad-value", "evidence[0]", "wrong-type")]),
    "no judgements": (
        line(bare(REPORT, "facts") | {"do": "judge", "judgements": {}}),
        [("bad-value", "judgements", "empty")],
    ),
    "a judgement without its reason": (
        line(bare(REPORT, "facts") | {"do": "judge", "judgements": {"S1": {"outcome": "met"}}}),
        [("missing-field", "judgements.S1.reason", None)],
    ),
    "a successor that is a number": (
        line(bare(REPORT, "facts") | {"do": "close", "successors": ["a", 1]}),
        [("bad-value", "successors[1]", "wrong-type")],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_line_is_said_with_its_field(name: str) -> None:
    text, expected = WRONG[name]
    assert told(text) == expected


def test_every_fault_of_a_line_is_said_at_once() -> None:
    record = {
        "do": "report",
        "station": "",
        "on": "yesterday",
        "by": {"office": 3205, "person": "张"},
        "facts": {"a": 1.5, "b": None},
        "evidence": [{"sha256": "x", "name": "n"}],
        "note": "\u202e",
        "colour": "red",
    }
    assert set(told(line(record))) == {
        ("unknown-field", "colour", None),
        ("bad-value", "station", "empty"),
        ("bad-value", "on", "date-form"),
        ("bad-value", "by.office", "wrong-type"),
        ("bad-value", "by.person", "bad-form"),
        ("bad-value", "facts.a", "float"),
        ("bad-value", "facts.b", "wrong-type"),
        ("bad-value", "evidence[0].sha256", "bad-form"),
        ("missing-field", "evidence[0].supports", None),
        ("bad-value", "note", "control"),
    }


def test_a_fault_names_what_was_perhaps_meant() -> None:
    (fault,) = faults_of(line(GOOD, do="renmae"))
    assert "rename" in fault.args["nearest"]["en"]
    (fault,) = faults_of(line(GOOD, documnet="x"))
    assert "document" in fault.render("zh")["message"]


def test_a_syntax_error_says_where() -> None:
    (fault,) = faults_of(b'{"do": rename}')
    assert fault.render("en")["message"] == "not valid JSON: a syntax error (character 8)"
    (fault,) = faults_of(b'{"do": "\xff"}')
    assert fault.render("zh")["message"].endswith("（第 9 字节）")


SLOW = {
    "fields": b'{"do":"rename",' + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}",
    "doubled": b'{"do":"report","facts":{' + b",".join(b'"k%d":1' % (n % 59_999) for n in range(60_000)) + b"}}",
    "controls": b'{"do":"report","facts":{"a":[' + b",".join(b'"\\u0001"' for _ in range(60_000)) + b"]}}",
    "backslashes": b'{"do":"rename","name":"' + b"\\\\" * 500_000 + b'"}',
    "unclosed": b'{"do":"rename","name":"' + b"\\\\" * 500_000,
    "quotes": b'"' * LARGEST_LINE,
    "brackets": b"[{" * (LARGEST_LINE // 2),
    "digits": b"1" * LARGEST_LINE,
}


@pytest.mark.parametrize("name", SLOW)
def test_no_line_takes_long_to_refuse(name: str) -> None:
    started = time.process_time()
    found = faults_of(SLOW[name])
    assert 0 < len(found) <= MOST_FAULTS
    assert time.process_time() - started < 5


# Blanks

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


# Good lines

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


# Files


def test_lines_are_parsed_ahead_in_their_order_and_what_is_wrong_with_a_line_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonl, "AHEAD_BYTES", 300)
    given_out = [Line(number, line(GOOD, name=f"n{number}")) for number in range(1, 20)]
    given_out[4] = Line(5, b"xxx", Fault(code="too-large", args={"why": "line-bytes", "limit": "1 MiB"}))
    given_out[7] = Line(8, b"{")
    found = list(parse_ahead(iter(given_out)))
    assert [one for one, _ in found] == given_out
    for one, parsed in found:
        if one.number in {5, 8}:
            assert isinstance(parsed, Malformed)
            assert [fault.code for fault in parsed.faults] == ["too-large" if one.number == 5 else "bad-json"]
        else:
            assert parsed == parse(one.text)
    assert list(parse_ahead([])) == []


@pytest.mark.parametrize(("limit", "ahead"), [(300, 3), (301, 4)])
def test_no_more_is_read_ahead_than_the_limit_asks_for(monkeypatch: pytest.MonkeyPatch, limit: int, ahead: int) -> None:
    monkeypatch.setattr(jsonl, "AHEAD_BYTES", limit)
    taken: list[int] = []

    def given_out() -> Iterator[Line]:
        for number in range(20):
            taken.append(number)
            yield Line(number, b"x" * 100)

    for number, _ in enumerate(parse_ahead(given_out())):
        assert len(taken) == min((number // ahead + 1) * ahead, 20)


def lines_of(tmp_path: Path, content: bytes) -> list[Line]:
    file = tmp_path / "a.jsonl"
    file.write_bytes(content)
    with Source(str(file)) as source:
        return list(source.lines())


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    found = lines_of(tmp_path, b"\xef\xbb\xbf{}\r\n\n  \t\n[1]\n\nlast")
    assert [(one.number, one.text) for one in found] == [(1, b"{}"), (4, b"[1]"), (6, b"last")]
    assert lines_of(tmp_path, b"") == lines_of(tmp_path, b"\n\r\n") == lines_of(tmp_path, b"\xef\xbb\xbf\n") == []


@pytest.mark.parametrize(("size", "large"), [(LARGEST_LINE, False), (LARGEST_LINE + 1, True)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_line_has_a_largest_size(tmp_path: Path, size: int, large: bool, end: bytes) -> None:
    found = lines_of(tmp_path, b"x" * size + end + b"{}")
    if not end:
        assert found[0].fault is not None
        return
    assert [one.fault.code if one.fault else None for one in found] == ["too-large" if large else None, None]
    assert [one.number for one in found] == [1, 2]
    assert len(found[0].text) == (200 if large else size)


def test_an_endless_line_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "a.jsonl"
    with file.open("wb") as written:
        for _ in range(64):
            written.write(b"x" * (1 << 20))
        written.write(b"\n{}\n")
    tracemalloc.start()
    with Source(str(file)) as source:
        found = list(source.lines())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.fault is None for one in found] == [False, True]
    assert peak < 8 << 20


def error_of(path: str, stream: io.BytesIO | None = None) -> str:
    with pytest.raises(LedgerError) as error:
        Source(path, stream).close()
    worded(error.value.fault)
    return error.value.fault.code


def test_what_is_no_file_is_said_so(tmp_path: Path) -> None:
    assert error_of(str(tmp_path)) == "unreadable-file"
    assert error_of(str(tmp_path / "nothing")) == "unreadable-file"
    assert error_of("/dev/null") == "unreadable-file"
    assert error_of("a\0b") == "unreadable-file"
    assert error_of("a\udcff") == "unreadable-file"  # a name that is not UTF-8


def test_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 10)
    (tmp_path / "a.jsonl").write_bytes(b"x" * 11)
    assert error_of(str(tmp_path / "a.jsonl")) == "too-large"
    assert error_of("-", io.BytesIO(b"x" * 11)) == "too-large"
    with Source("-", io.BytesIO(b"x" * 10)) as source:
        assert [one.text for one in source.lines()] == [b"x" * 10]


# Tables


def rows(tmp_path: Path, text: str | bytes) -> Iterator[Line]:
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode("utf-8-sig") if isinstance(text, str) else text)
    with Source(str(file)) as source:
        yield from table_lines(source)


HEAD = "do,station,on,by,person,"


def row(tmp_path: Path, more: str, cells: str) -> bytes:
    (found,) = rows(tmp_path, f"{HEAD}{more}\nreport,320583100,2024-01-01,320583,p1,{cells}\n")
    assert found.fault is None
    return found.text


def test_a_row_says_what_a_line_says(tmp_path: Path) -> None:
    text = row(tmp_path, "facts.staff,facts.hall,facts.town,evidence,note", '5,true,玉山,"[{""a"": 1}]",')
    assert json.loads(text) == {
        "do": "report",
        "station": "320583100",
        "on": "2024-01-01",
        "by": {"office": "320583", "person": "p1"},
        "facts": {"staff": 5, "hall": True, "town": "玉山"},
        "evidence": [{"a": 1}],
    }


def test_rows_bear_the_number_of_their_last_line(tmp_path: Path) -> None:
    found = list(rows(tmp_path, 'do,note\nrename,a\n\n,\nrename,"b\nc"\n'))
    assert [one.number for one in found] == [2, 6]
    assert told(found[1].text)[0] == ("bad-value", "note", "control")  # a line break is one


def test_a_table_of_one_verb_has_its_columns() -> None:
    assert columns("classify")[:1] == ["do"]
    assert {"station", "size", "on", "by", "person", "irregular"} <= set(columns("classify"))
    assert record_of([("do", "report"), ("note", " ")]) == {"do": "report", "facts": {}}


@pytest.mark.parametrize(
    ("cell", "told_of"),
    [
        ("1.5", ("bad-value", "facts.a", "wrong-type")),
        ("9" * 40, ("bad-value", "facts.a", "out-of-range")),
        ("[NaN]", ("bad-json", None, "not-number")),
        ("[" * 100_000, None),
        ("[" * 300 + "]" * 300, ("bad-json", None, "too-deep")),
        ('"[""\\ud800""]"', ("bad-value", "facts.a[0]", "surrogate")),
    ],
)
def test_whatever_stands_in_a_cell_is_judged_as_in_a_line(tmp_path: Path, cell: str, told_of: Any) -> None:
    found = told(row(tmp_path, "facts.a", cell))
    if cell == "1.5":
        assert found == []  # a text, which is for the dictionary of facts to refuse
    elif told_of is None:
        assert found == [("bad-value", "facts.a", "too-long")]  # a text too
    else:
        assert told_of in found


def test_a_doubled_key_in_a_cell_is_not_read(tmp_path: Path) -> None:
    text = row(tmp_path, "basis", '"{""a"": 1, ""a"": 2}"').replace(b"report", b"classify")
    assert ("bad-value", "basis", "wrong-type") in told(text)


def test_a_row_of_any_depth_is_told(tmp_path: Path) -> None:
    for depth in range(100, 1100, 10):
        for one in rows(tmp_path, f"{HEAD}basis\nclassify,1,2024-01-01,1,p,{'[' * depth}{']' * depth}\n"):
            assert one.fault is not None or told(one.text), depth


def faults_in(found: Iterator[Line]) -> list[str]:
    return [one.fault.code for one in found if one.fault]


def test_a_table_that_is_askew_is_told(tmp_path: Path) -> None:
    assert faults_in(rows(tmp_path, "do,do\nrename,rename\n")) == ["duplicate-key"]
    assert faults_in(rows(tmp_path, "do\nrename,玉山\n")) == ["bad-value"]
    (bare_columns,) = rows(tmp_path, "do,,\nrename,x,\n")  # columns without a name are passed over
    assert json.loads(bare_columns.text) == {"do": "rename"}
    wide = "x" * (LARGEST_LINE // 2)
    assert faults_in(rows(tmp_path, f"do,note,reason\nrename,{wide},{wide}\n")) == ["too-large"]
    assert list(rows(tmp_path, "")) == list(rows(tmp_path, "do,note\n")) == []


@pytest.mark.parametrize("content", [b"do\n\xff", b'do\n"open', b'do\n"a"b', b"do," + b"x" * (LARGEST_LINE + 1)])
def test_what_is_no_table_is_said_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LedgerError) as error:
        list(rows(tmp_path, content))
    assert error.value.fault.code == "unreadable-file"
