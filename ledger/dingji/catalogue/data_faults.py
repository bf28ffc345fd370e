"""Reading the data files of a catalogue: what is wrong is collected, and reported all at once."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Collection, Iterator
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeVar

import msgspec

from dingji.events.submissions import LARGEST_INTEGER
from dingji.faults import LedgerError
from dingji.texts import LANGUAGES, Phrases, Text, fill, is_text, near

T = TypeVar("T", bound=msgspec.Struct)

SAY: Final = Phrases("dingji.catalogue", "data_faults.toml")

TEXT_TYPES: Final = (Text, Text | None)

LARGEST_TOML: Final = 4 << 20
"""Bytes of one data file, twenty times the largest that we know."""

DEEPEST: Final = 32
"""Levels of nesting of a data file, and parts of one dotted key."""

_BETWEEN_KEYS: Final = re.compile(r"[=\n,{}\[\]]")


class NotToml(ValueError):
    """What keeps bytes from being a data file; `why` is a text, or what the parser says."""

    def __init__(self, why: Text | str) -> None:
        """Take the reason."""
        super().__init__(why)
        self.why = why


class DataFaults:
    """What is wrong with one data file, each with the id of the table and the key in it."""

    def __init__(self, file: str) -> None:
        """Start with nothing wrong."""
        self.file = file
        self.found: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self.found)

    def add(self, table: str, key: str, why: str, **words: Any) -> None:
        """Write down one thing that is wrong: `why` is a key of data_faults.toml."""
        place = f"{table}.{key}" if table and key else table or key
        text = SAY(why, **words)
        if place:
            text = fill(dict.fromkeys(LANGUAGES, "{place}: {why}"), place=place, why=text)
        self.found.append({"file": self.file, "id": table, "key": key, "why": why} | text)

    def unknown(self, table: str, key: str, why: str, named: Collection[str], known: Collection[str]) -> None:
        """Write down each unknown name, with the known names near it."""
        for name in named:
            if name not in known:
                self.unknown_in(table, key, why, name, known)

    def unknown_in(self, table: str, key: str, why: str, name: str, known: Collection[str], **words: Any) -> None:
        """Write down one unknown name, with the known names near it."""
        names = near(name, known)
        self.add(table, key, why, name=name, near=SAY("near", names=names) if names else SAY("nothing-near"), **words)

    def check(self) -> None:
        """Raise LedgerError (`bad-catalogue`) with all that is wrong, if anything is."""
        if self.found:
            raise LedgerError("bad-catalogue", file=self.file, errors=self.found)


def read_toml(file: Traversable, name: str) -> dict[str, Any]:
    """Return a data file as parsed TOML. Raises LedgerError (`bad-notice`), which calls the file by `name`."""
    try:
        with file.open("rb") as opened:
            return parse_toml(opened.read(LARGEST_TOML + 1))
    except OSError as error:
        raise LedgerError("bad-notice", file=name, place="", detail=str(error)) from None
    except NotToml as error:
        raise LedgerError("bad-notice", file=name, place="", detail=error.why) from None


def parse_toml(content: bytes) -> dict[str, Any]:
    """Return a data file's tables; what they hold can be written as JSON. Raises NotToml."""
    if len(content) > LARGEST_TOML:
        raise NotToml(SAY("too-large", limit=f"{LARGEST_TOML >> 20} MiB"))
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        # The parser keeps a table for each part of a dotted key, and all that leads to it: a long one fills the memory.
        if any(part.count(".") > DEEPEST for part in _BETWEEN_KEYS.split(text)):
            raise NotToml(SAY("too-deep", limit=DEEPEST))
        data = tomllib.loads(text)
    except RecursionError:
        raise NotToml(SAY("too-deep", limit=DEEPEST)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotToml(str(error)) from None
    except NotToml:
        raise
    except ValueError:  # an integer of thousands of digits
        raise NotToml(SAY("too-great", limit=LARGEST_INTEGER)) from None
    for depth, value in _nested(data):
        if depth > DEEPEST:
            raise NotToml(SAY("too-deep", limit=DEEPEST))
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise NotToml(SAY("too-great", limit=LARGEST_INTEGER))
    return data


def _nested(data: Any) -> Iterator[tuple[int, Any]]:
    """Yield every value within parsed TOML with how deep it lies."""
    pending = [(1, data)]
    while pending:
        depth, value = pending.pop()
        yield depth, value
        if isinstance(value, dict | list):
            pending += [(depth + 1, inner) for inner in (value.values() if isinstance(value, dict) else value)]


def read_table(form: type[T], table: Any, name: str, problems: DataFaults) -> T | None:
    """Return a table as its typed record, or None if anything in it is wrong: every key is looked at."""
    if not isinstance(table, dict):
        problems.add(name, "", "bad-form", detail="not a table")
        return None
    before = len(problems)
    fields = _fields(form)
    problems.unknown(name, "", "unknown-key", table, fields)
    values: dict[str, Any] = {}
    for key, field in fields.items():
        if key in table:
            values[field.name] = _read(table[key], field.type, (name, key), problems)
        elif field.required:
            problems.add(name, key, "missing-key")
    return form(**values) if len(problems) == before else None


def read_tables(form: type[T], data: dict[str, Any], kind: str, problems: DataFaults) -> list[T]:
    """Return the array of tables `kind` as typed records without the wrong ones; ids must be unique in it."""
    tables = data.get(kind, [])
    if not isinstance(tables, list):
        return []  # reported already where the file as a whole is read
    seen: set[str] = set()
    found: list[T] = []
    for number, table in enumerate(tables, 1):
        id_ = table.get("id") if isinstance(table, dict) else None
        name = id_ if isinstance(id_, str) else f"{kind}[{number}]"
        if name in seen:
            problems.add(name, "id", "duplicate-id", name=name)
        seen.add(name)
        if record := read_table(form, table, name, problems):
            found.append(record)
    return found


@functools.cache
def _fields(form: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(form)}


def _read(value: Any, form: Any, place: tuple[str, str], problems: DataFaults) -> Any:
    try:
        read = msgspec.convert(value, form)
    except msgspec.ValidationError as error:
        problems.add(*place, "bad-form", detail=str(error))
        return None
    if form in TEXT_TYPES and not is_text(read):
        problems.add(*place, "missing-translation", languages=list(LANGUAGES))
    return read
