"""Lines of a file: what is wrong with one is said at once, with its field, and nothing else gets through."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dingji.faults import Fault
from dingji.intake import jsonl
from dingji.intake.files import LARGEST_LINE, Line
from dingji.intake.jsonl import MOST_FAULTS, Malformed, parse, parse_ahead
from ledger.intake.line_faults import BY, EVIDENCE, GOOD, REPORT, faults_of, line, told
from stories import Record

CLOSING: Record = {"do": "close", "station": "320583100", "on": "2024-01-01", "by": BY}


def bare(record: Record, *fields: str) -> Record:
    return {key: value for key, value in record.items() if key not in fields}


def nested(depth: int) -> Any:
    """Return lists in lists, so many deep."""
    return functools.reduce(lambda inner, _: [inner], range(depth - 1), list[Any]())


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
        [("bad-value", "facts.\\udc00", "surrogate")],
    ),
    "a control in a key": (line(REPORT, facts={"a\u0000": 1}), [("bad-value", "facts.a\\x00", "control")]),
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


# Parsed ahead


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
