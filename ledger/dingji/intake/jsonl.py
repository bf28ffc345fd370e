"""One line of a submitted file, typed; a line that is wrong in any way gets a second look that lists all its faults."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain, islice
from math import inf
from typing import Any, Final, Union, get_args, get_origin

import msgspec

from dingji.events.codec import encode_canonical
from dingji.events.submissions import VERBS, Prose, Submission
from dingji.faults import Fault, LedgerError
from dingji.intake.files import Line
from dingji.texts import Text, nearest_text

AHEAD_BYTES: Final = 32 << 10
"""Bytes of lines that are parsed before the first of them is decided on."""

DEEPEST: Final = 32
"""Levels of nesting of one submission; every valid one has fewer than eight."""

MOST_FAULTS: Final = 1000
"""Faults that are listed for one line: nobody reads more, and there could be a hundred thousand."""

_decode = msgspec.json.Decoder(Union[tuple(VERBS.values())]).decode  # noqa: UP007  (a union made at run time)

# DEL, C1, zero-width and direction marks, in UTF-8; a backslash sends the line to the second look. Every branch begins
# with a byte of its own: then the engine skips to the first such byte fast.
_SUSPECT = re.compile(
    rb"\x7f|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xf3\xa0[\x80\x81]"
)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\U000e0000-\U000e007f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A typed submission and its canonical JSON, its `id` included where it has one.

    `id` is its own or else the digest of its content, `content` is that digest.
    """

    submission: Submission
    canonical: bytes
    id: str
    content: str


def parse_ahead(lines: Iterable[Line]) -> Iterator[tuple[Line, Parsed | list[Fault]]]:
    """Yield the lines with their content, parsed some dozens at a time: one by one between decisions takes longer."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text)
        if size >= AHEAD_BYTES:
            yield from [(one, [one.fault] if one.fault else parse(one.text)) for one in batch]
            batch.clear()
            size = 0
    yield from [(one, [one.fault] if one.fault else parse(one.text)) for one in batch]


def parse(line: bytes) -> Parsed | list[Fault]:
    """Return a line as a typed submission, or every fault of its form (hot path: two passes in C for a good line)."""
    try:
        submission = _decode(line)
        canonical = encode_canonical(submission)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return explain(line) or [_bad_json("syntax")]
    # A key that appears twice, or a default written out, leaves fewer quotes in the canonical form than in the line.
    if canonical.count(b'"') != line.count(b'"') or b"\\" in line or _is_suspect(canonical):
        faults = explain(line)
        if faults:
            return faults
    if submission.id is None:
        digest = sha256(canonical).hexdigest()
        return Parsed(submission, canonical, digest, digest)
    bare = encode_canonical(msgspec.structs.replace(submission, id=None))
    return Parsed(submission, canonical, submission.id, sha256(bare).hexdigest())


def _is_suspect(text: bytes) -> bool:
    """Return whether canonical JSON holds what cannot be seen (there lower control characters have a backslash)."""
    if text.isascii():  # hot path: what is left of an ASCII line
        return b"\x7f" in text
    return _SUSPECT.search(text) is not None


def explain(line: bytes) -> list[Fault]:
    """Return every fault of a line's form, with its field; empty for a good line."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start + 1
        return [_bad_json("not-utf8", {"zh": f"（第 {place} 字节）", "en": f" (byte {place})"})]
    if _depth(text) > DEEPEST:
        return [_bad_json("too-deep")]
    reader = _Reader()
    try:
        value = json.loads(text, object_pairs_hook=reader.object, parse_constant=reader.constant)
    except json.JSONDecodeError as error:
        place = error.pos + 1
        return [_bad_json("syntax", {"zh": f"（第 {place} 个字符）", "en": f" (character {place})"})]
    except ValueError:
        return [_bad_json("out-of-range")]
    if not isinstance(value, dict):
        return [_bad_json("not-object")]
    return list(islice(chain(reader.faults, _text_faults(value, ""), _record_faults(value)), MOST_FAULTS))


def reason_of(name: str, text: str) -> str:
    """Return the reason that an option gives, by the rules of form of a reason in a line.

    Raises LedgerError (`bad-value`).
    """
    reason = text.strip()
    for fault in chain(_text_faults(reason, name), _value_faults(reason, Prose, name, "")):
        raise LedgerError(fault.code, field=fault.field, **fault.args)
    return reason


def _bad_json(why: str, place: Text | None = None) -> Fault:
    return Fault(code="bad-json", args={"why": why, "place": place or {"zh": "", "en": ""}})


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Reader:
    """Hooks of the standard reader that keep what it would pass over: keys that appear twice, NaN."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            doubled = [_shown(key) for key, count in Counter(key for key, _ in pairs).items() if count > 1]
            self.faults += [Fault(code="duplicate-key", field=key, args={"key": key}) for key in doubled]
        return read

    def constant(self, name: str) -> float:
        self.faults.append(_bad_json("not-number", {"zh": f"（{name}）", "en": f" ({name})"}))
        return float("nan")


def _text_faults(value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            yield _wrong(path, "surrogate")
        elif _UNSEEN.search(value):
            yield _wrong(path, "control")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _text_faults(key, _join(path, _shown(key)))
            yield from _text_faults(item, _join(path, _shown(key)))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _text_faults(item, f"{path}[{place}]")


def _record_faults(value: dict[str, Any]) -> Iterator[Fault]:
    verb = value.get("do")
    if "do" not in value:
        yield Fault(code="missing-field", field="do", args={"name": "do", "verb": ""})
        return
    if not isinstance(verb, str) or verb not in VERBS:
        shown = _shown(str(verb))
        near = nearest_text(shown, list(VERBS))
        yield Fault(code="unknown-verb", field="do", args={"verb": shown, "nearest": near})
        return
    fields = {key: item for key, item in value.items() if key != "do"}
    yield from _struct_faults(fields, VERBS[verb], "", verb)


def _struct_faults(value: dict[str, Any], form: type[msgspec.Struct], path: str, verb: str) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(form)}
    for key in value:
        if key not in fields:
            args = {"verb": verb, "name": _shown(key), "nearest": nearest_text(_shown(key), list(fields))}
            yield Fault(code="unknown-field", field=_join(path, _shown(key)), args=args)
    for name, field in fields.items():
        if name in value:
            yield from _value_faults(value[name], field.type, _join(path, name), verb)
        elif field.required:
            at = _join(path, name)
            yield Fault(code="missing-field", field=at, args={"name": at, "verb": verb})


def _value_faults(value: Any, form: Any, path: str, verb: str) -> Iterator[Fault]:
    """Descend as far as the parts of a value can be wrong apart from each other."""
    inner = _inside(form)
    if isinstance(value, list | dict) and value and len(value) > _longest(form):
        yield _wrong(path, "too-long")
    if isinstance(form, type) and issubclass(form, msgspec.Struct) and isinstance(value, dict):
        yield from _struct_faults(value, form, path, verb)
    elif get_origin(inner) is list and isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _value_faults(item, get_args(inner)[0], f"{path}[{place}]", verb)
    elif get_origin(inner) is dict and isinstance(value, dict) and value:
        key_form, item_form = get_args(inner)
        for key, item in value.items():
            at = _join(path, _shown(key))
            yield from _value_faults(key, key_form, at, verb)
            yield from _value_faults(item, item_form, at, verb)
    else:
        try:
            msgspec.convert(value, form)
        except msgspec.ValidationError as error:
            yield _wrong(path, _reason(str(error)))


def _longest(form: Any) -> float:
    """Return how many items a list or an object may have."""
    limits = [meta.max_length for meta in getattr(form, "__metadata__", ()) if meta.max_length is not None]
    return min(limits, default=inf)


def _inside(form: Any) -> Any:
    """Return the type within Annotated."""
    return _inside(get_args(form)[0]) if hasattr(form, "__metadata__") else form


_REASONS: Final = (
    ("Invalid RFC3339", "date-form"),
    ("`date`", "date-form"),
    ("length <=", "too-long"),
    ("length >=", "empty"),
    ("matching regex", "bad-form"),
    ("Invalid enum", "not-allowed"),
    ("got `float`", "float"),
    ("`int` >=", "out-of-range"),
    ("`int` <=", "out-of-range"),
    ("out of range", "out-of-range"),
)


def _reason(message: str) -> str:
    return next((reason for words, reason in _REASONS if words in message), "wrong-type")


def _wrong(path: str, why: str) -> Fault:
    return Fault(code="bad-value", field=path, args={"name": path, "why": why})


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shown(word: str) -> str:
    """Return a word from a user's line as it can be shown: bounded, and without characters that cannot be seen."""
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub("\ufffd", word[:64]))
