"""Submissions in a CSV table: columns by field name, `by`, `person`, `facts.<key>`; other nested fields as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dingji.events.submissions import VERBS
from dingji.faults import Fault, LedgerError
from dingji.harmless import unmarked
from dingji.intake.files import LARGEST_LINE, LINE_LIMIT, Line, Source

if TYPE_CHECKING:  # the type has no public name
    from _csv import Reader as CsvReader

ROW: Final = {"zh": "本行", "en": "the row"}
_WHOLE_NUMBERS: Final = frozenset({"year"})
_NESTED: Final = frozenset({"facts", "evidence", "judgements", "basis", "successors"})


def table_lines(source: Source) -> Iterator[Line]:
    """Yield each row of a CSV table as the line of JSON that says the same; a row's number is its last line's.

    Raises LedgerError (`unreadable-file`) for text that is not CSV or not UTF-8.
    """
    reader = csv_reader(csv_text(source))
    try:
        header = [name.strip() for name in next(reader, [])]
        doubled = next((name for name in header if name and header.count(name) > 1), None)
        for row in reader:
            if any(cell.strip() for cell in row):
                yield _line(reader.line_num, header, row, doubled)
    except csv.Error as error:
        raise LedgerError("unreadable-file", path=source.name, why=f"CSV: {error}") from None


def csv_text(source: Source) -> str:
    """Return the text of a CSV file. Raises LedgerError (`unreadable-file`) if it is not UTF-8."""
    try:
        return source.text().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError("unreadable-file", path=source.name, why=f"UTF-8: byte {error.start + 1}") from None


def csv_reader(text: str, delimiter: str = ",") -> CsvReader:
    """Return a reader of rows, whose cells may be as long as a submission."""
    csv.field_size_limit(LARGEST_LINE)
    return csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)


def _line(number: int, header: list[str], row: list[str], doubled: str | None) -> Line:
    shown = ",".join(row).encode("utf-8", "replace")[:200]
    if doubled is not None:
        return Line(number, shown, Fault(code="duplicate-key", field=doubled, args={"key": doubled}))
    if len(row) > len(header):
        return Line(number, shown, Fault(code="bad-value", args={"name": ROW, "why": "too-many-cells"}))
    try:
        # Not orjson: what a cell may hold (large integers, NaN, lone surrogates) is for the line's own check to refuse.
        cells = (unmarked(cell.strip()) for cell in row)  # a spreadsheet keeps the mark that our own tables carry
        text = json.dumps(record_of(zip(header, cells, strict=False))).encode()
    except RecursionError:
        return Line(number, shown, Fault(code="bad-value", args={"name": ROW, "why": "too-deep"}))
    if len(text) > LARGEST_LINE:
        return Line(number, shown, Fault(code="too-large", args={"why": "line-bytes", "limit": LINE_LIMIT}))
    return Line(number, text)


def record_of(cells: Iterable[tuple[str, str]], *, given: bool = False) -> dict[str, Any]:
    """Return (field, text) pairs as the record of a submission; an empty cell gives no field, unless it was `given`."""
    record: dict[str, Any] = {}
    for name, cell in cells:
        text = cell.strip()
        if not name or not (text or given):
            continue
        if name.startswith("facts."):
            record.setdefault("facts", {})[name.removeprefix("facts.")] = value_of(text)
        elif name in {"by", "person"}:
            record.setdefault("by", {})["office" if name == "by" else "person"] = text
        elif name in _NESTED or (name in _WHOLE_NUMBERS and text.isascii() and text.isdigit()):
            record[name] = _json(text)
        else:
            record[name] = text
    if record.get("do") == "report":
        record.setdefault("facts", {})
    return record


def value_of(text: str) -> Any:
    """Return a fact's value from text: JSON where it is a whole number, true, false or a list; else the text itself."""
    value = _json(text)
    return value if isinstance(value, bool | int | list) else text


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError):
        return text


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of a JSON object. Raises ValueError if a key appears twice, so that the cell is not read."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a key appears twice")
    return read


def columns(verb: str) -> list[str]:
    """Return the columns that a table of one verb can have."""
    names = [field.encode_name for field in msgspec.structs.fields(VERBS[verb])]
    return ["do", *(name for name in names if name not in {"by", "facts"}), "by", "person"]
