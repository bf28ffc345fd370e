"""One line of a submitted file, typed; a line that is wrong in any way gets a second look that lists all its faults."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain, islice
from math import inf
from typing import Any, Final, NamedTuple, Union, get_args, get_origin
from unicodedata import is_normalized

import msgspec

from dingji.characters import SURROGATE, UNSEEN, composed, is_blank, stripped
from dingji.events.codec import encode_canonical
from dingji.events.submissions import PROSE_FIELDS, VERBS, Prose, Submission
from dingji.faults import Fault, LedgerError
from dingji.harmless import visible
from dingji.intake.files import Line
from dingji.texts import Text, nearest_text

AHEAD_BYTES: Final = 32 << 10
"""Bytes of lines that are parsed before the first of them is decided on."""

DEEPEST: Final = 32
"""Levels of nesting of one submission; every valid one has fewer than eight."""

MOST_FAULTS: Final = 1000
"""Faults that are listed for one line: nobody reads more, and there could be a hundred thousand."""

_decode = msgspec.json.Decoder(Union[tuple(VERBS.values())]).decode  # noqa: UP007  (a union made at run time)

# All of `dingji.characters` that is not ASCII, in UTF-8: it sends a line to the second look, as a backslash does. Every
# branch begins with a byte of its own: then the engine skips to the first such byte fast.
_SUSPECT = re.compile(
    rb"\xc2[\x80-\xa0\xad]|\xcd\x8f|\xd8\x9c|\xe1(?:\x85[\x9f\xa0]|\x9a\x80|\x9e[\xb4\xb5]|\xa0[\x8b-\x8f])"
    rb"|\xe2(?:\x80[\x80-\x8f\xa8-\xaf]|\x81[\x9f-\xaf]|\xa0\x80)|\xe3(?:\x80\x80|\x85\xa4)"
    rb"|\xef(?:\xb8[\x80-\x8f]|\xbb\xbf|\xbe\xa0|\xbf[\xb0-\xbb])|\xf0(?:\x9b\xb2[\xa0-\xa3]|\x9d\x85[\xb3-\xba])"
    rb"|\xf3\xa0[\x80-\xbf]|\x7f"
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[{\]}]")


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """A typed submission and its canonical JSON, its `id` included where it has one.

    `id` is its own or else the digest of its content, `content` is that digest. `earlier` is the line as it was read
    before blanks were cut off and names were composed, where that differs: it may have been recorded so.
    """

    submission: Submission
    canonical: bytes
    id: str
    content: str
    earlier: Parsed | None = None


class Malformed(msgspec.Struct, frozen=True):
    """Every fault of a line's form; `earlier` is the line as older rules of form may have taken it."""

    faults: list[Fault]
    earlier: Parsed | None = None


def parse_ahead(lines: Iterable[Line]) -> Iterator[tuple[Line, Parsed | Malformed]]:
    """Yield the lines with their content, parsed some dozens at a time: one by one between decisions takes longer."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text)
        if size >= AHEAD_BYTES:
            yield from [(one, Malformed([one.fault]) if one.fault else parse(one.text)) for one in batch]
            batch.clear()
            size = 0
    yield from [(one, Malformed([one.fault]) if one.fault else parse(one.text)) for one in batch]


def parse(line: bytes) -> Parsed | Malformed:
    """Return a line as a typed submission, or every fault of its form (hot path: two passes in C for a good line)."""
    try:
        submission = _decode(line)
        canonical = encode_canonical(submission)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return _parsed_slowly(line, None)
    # A key that appears twice, or a default written out, leaves fewer quotes in the canonical form than in the line.
    if canonical.count(b'"') != line.count(b'"') or b"\\" in line or _is_suspect(canonical):
        return _parsed_slowly(line, _identified(submission, canonical))
    return _identified(submission, canonical)


def _identified(submission: Submission, canonical: bytes, earlier: Parsed | None = None) -> Parsed:
    if submission.id is None:
        digest = sha256(canonical).hexdigest()
        return Parsed(submission, canonical, digest, digest, earlier)
    bare = encode_canonical(msgspec.structs.replace(submission, id=None))
    return Parsed(submission, canonical, submission.id, sha256(bare).hexdigest(), earlier)


def _is_suspect(text: bytes) -> bool:
    """Return whether canonical JSON may hold what is blank, cannot be seen, or is not composed.

    Lower control characters have a backslash there.
    """
    if b" " in text and (b'" ' in text or b' "' in text):
        return True
    if text.isascii():  # hot path: what is left of an ASCII line
        return b"\x7f" in text
    return _SUSPECT.search(text) is not None or not is_normalized("NFC", text.decode())


def _parsed_slowly(line: bytes, written: Parsed | None) -> Parsed | Malformed:
    """Take the second look at a line; `written` is what it says as it stands, where that can be a submission."""
    look = _second_look(line)
    if look.doubled:
        written = None  # one of several things that the line says
    if look.faults:
        return Malformed(look.faults, written)
    if written is not None and not look.changed:
        return written
    try:
        submission = _decode(json.dumps(look.record).encode())
        return _identified(submission, encode_canonical(submission), written)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return Malformed([_bad_json("syntax")])


def explain(line: bytes) -> list[Fault]:
    """Return every fault of a line's form, with its field; empty for a good line."""
    return _second_look(line).faults


class _Look(NamedTuple):
    """What a second look at a line finds: its record with its texts as they are kept, and all that is wrong with it."""

    faults: list[Fault]
    record: dict[str, Any] | None = None
    changed: bool = False
    """Whether a text was not written as it is kept."""
    doubled: bool = False
    """Whether a key appears twice."""


def _second_look(line: bytes) -> _Look:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start + 1
        return _Look([_bad_json("not-utf8", {"zh": f"（第 {place} 字节）", "en": f" (byte {place})"})])
    if _depth(text) > DEEPEST:
        return _Look([_bad_json("too-deep")])
    reader = _Reader()
    try:
        value = json.loads(text, object_pairs_hook=reader.object, parse_constant=reader.constant)
    except json.JSONDecodeError as error:
        place = error.pos + 1
        return _Look([_bad_json("syntax", {"zh": f"（第 {place} 个字符）", "en": f" (character {place})"})])
    except ValueError:
        return _Look([_bad_json("out-of-range")])
    if not isinstance(value, dict):
        return _Look([_bad_json("not-object")])
    faults = list(islice(chain(reader.faults, _text_faults(value, ""), _record_faults(value)), MOST_FAULTS))
    return _Look(faults, value, reader.changed, reader.doubled)


def reason_of(name: str, text: str) -> str:
    """Return the reason that an option gives, by the rules of form of a reason in a line.

    Raises LedgerError (`bad-value`).
    """
    reason = stripped(text)
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
    """Hooks of the standard reader that keep what it would pass over: keys that appear twice, NaN.

    Texts become what is kept of them: without blanks at their ends, all but free words in NFC. A text that is blank
    stays: it is refused.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.changed = False
        self.doubled = False

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = {self._text(key, ""): self._value(value, key) for key, value in pairs}
        if len(read) < len(pairs):
            self.doubled = True
            keys = Counter(self._text(key, "") for key, _ in pairs)
            doubled = [_shown(key) for key, count in keys.items() if count > 1]
            self.faults += [Fault(code="duplicate-key", field=key, args={"key": key}) for key in doubled]
        return read

    def _value(self, value: Any, key: str) -> Any:
        if isinstance(value, str):
            return self._text(value, key)
        if isinstance(value, list):
            return [self._value(item, key) for item in value]
        return value

    def _text(self, text: str, key: str) -> str:
        if is_blank(text):
            return text
        kept = stripped(text) if key in PROSE_FIELDS else composed(text)
        if kept != text:
            self.changed = True
        return kept

    def constant(self, name: str) -> float:
        self.faults.append(_bad_json("not-number", {"zh": f"（{name}）", "en": f" ({name})"}))
        return float("nan")


def _text_faults(value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, str):
        if SURROGATE.search(value):
            yield _wrong(path, "surrogate")
        elif UNSEEN.search(value):
            yield _wrong(path, "control")
        elif value and is_blank(value):
            yield _wrong(path, "blank")
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
    elif not _is_wrong_text(value):
        try:
            msgspec.convert(value, form)
        except msgspec.ValidationError as error:
            yield _wrong(path, _reason(str(error)))


def _is_wrong_text(value: Any) -> bool:
    """Return whether a value is a text that is wrong whatever its form: that is said already."""
    return isinstance(value, str) and (SURROGATE.search(value) is not None or (value != "" and is_blank(value)))


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
    return visible(word[:64])
