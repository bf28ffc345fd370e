"""Receipts as lines for a person: aligned, in the user's language, and bounded."""

from __future__ import annotations

from typing import Final, NamedTuple

from dingji.harmless import visible
from dingji.intake.receipts import Receipt, Receipts
from dingji_commands.terminal.layout import pad, terminal_columns, width, wrap
from dingji_commands.wording.fault_words import coded
from dingji_commands.wording.words import say

SHOWN: Final = 50
"""Lines of a file whose faults are listed; the others are counted."""

SHOWN_OF_ONE: Final = 20
"""Faults of one line that are listed; the others are counted."""

_WIDEST: Final = 32


class Remark(NamedTuple):
    """One fault, irregularity or note as it stands in a list: where it is, its code, what it says, what to do."""

    where: str
    code: str
    message: str
    hint: str


def remarks(receipt: Receipt, language: str) -> list[Remark]:
    """Return all that a receipt says beside its status."""
    kinds = (("", receipt.faults), ("irregularity", receipt.irregularities), ("note", receipt.notes))
    found = []
    for kind, faults in kinds:
        for fault in faults:
            words = fault.render(language)
            where = f"{say(language, kind) if kind else ''} {words['field'] or ''}".strip()
            found.append(Remark(visible(where), coded(fault, language), words["message"], words["hint"]))
    if len(found) > SHOWN_OF_ONE:
        more = say(language, "more-of-one", count=len(found) - SHOWN_OF_ONE)
        return [*found[:SHOWN_OF_ONE], Remark("…", "…", more, "")]
    return found


def remark_lines(rows: list[Remark]) -> list[str]:
    """Return remarks in columns; a hint stands where it is needed first, and is not repeated."""
    first = min(max((width(row.where) for row in rows), default=0), _WIDEST)
    second = min(max((width(row.code) for row in rows), default=0), _WIDEST)
    room = max(terminal_columns() - first - second - 6, 30)
    lines, hinted = [], set()
    for row in rows:
        message, *more = wrap(row.message, room)
        lines.append(f"  {pad(row.where, first)}  {pad(row.code, second)}  {message}".rstrip())
        if row.hint and row.hint not in hinted:
            hint, *further = wrap(f"→ {row.hint}", room)
            more += [hint, *(f"  {rest}" for rest in further)]
            hinted.add(row.hint)
        lines += [f"{'':{first + second + 6}}{line}" for line in more]
    return lines


def receipt_lines(receipt: Receipt, language: str) -> list[str]:
    """Return one receipt that stands alone."""
    voided = say(language, "voided") if receipt.voided else ""
    words = {"entry": receipt.entry, "position": receipt.position, "voided": voided}
    status = say(language, f"status-{receipt.status.value}", **words)
    return [status, *remark_lines(remarks(receipt, language))]


def file_lines(receipts: Receipts, language: str) -> list[str]:
    """Return what became of a file's lines: those refused, then what is remarkable of the others, each bounded."""
    found: dict[str, list[Remark]] = {"refused": [], "remarkable": []}
    counts = dict.fromkeys(found, 0)
    for receipt in receipts:
        if receipt.faults or receipt.irregularities or receipt.notes:
            kind = "refused" if receipt.faults else "remarkable"
            counts[kind] += 1
            if counts[kind] <= SHOWN:
                found[kind] += _numbered(receipt, language)
    lines: list[str] = []
    for kind, rows in found.items():
        if rows:
            lines += [say(language, f"{kind}-lines", count=counts[kind]), *remark_lines(rows)]
        if counts[kind] > SHOWN:
            lines.append(say(language, f"more-{kind}", count=counts[kind] - SHOWN))
    return lines


def _numbered(receipt: Receipt, language: str) -> list[Remark]:
    """Return a receipt's remarks, each with the number of its line and the entry that it became."""
    line = say(language, "line", line=receipt.line)
    place = f"{line} {visible(receipt.entry)}" if receipt.entry else line
    return [remark._replace(where=f"{place} {remark.where}".rstrip()) for remark in remarks(receipt, language)]
