"""Reporting with papers: files are taken in, a report refers to them, and what no entry refers to is gone again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from dingji.characters import composed
from dingji.evidence.files import Moved, PaperDigest, opened, read_through
from dingji.evidence.papers import Papers
from dingji.evidence.references import references
from dingji.faults import Fault, LedgerError
from dingji.intake.files import Line
from dingji.intake.receipts import Receipt, Receipts
from dingji.terms import Status
from dingji_commands.app import wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal import progress
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.table import json_bytes
from dingji_commands.wording.receipts import file_lines, receipt_lines
from dingji_commands.wording.words import say
from dingji_commands.write import verbs
from dingji_commands.write.recording import RecordingOptions, print_receipts_json, record

WHOLE: Final = frozenset({"evidence-folder", "ledger-busy"})
"""Faults that are not one paper's."""


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file handed in: its path, the facts that it supports, and the folder that a path in a table must not leave."""

    path: str
    supports: tuple[str, ...]
    within: Path | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class TakenPaper:
    """A file as a report refers to it."""

    sha256: str
    name: str
    supports: tuple[str, ...]
    size: int | None = None

    @property
    def evidence(self) -> dict[str, Any]:
        """The reference as a submission carries it."""
        return {"sha256": self.sha256, "name": self.name, "supports": list(self.supports)}


class PaperIntake(Protocol):
    """Where files are taken in."""

    def copy(self, descriptor: int, path: str, moved: Moved) -> PaperDigest:
        """Take a file in."""

    def placed(self) -> AbstractContextManager[None]:
        """Hold what was taken in while a report refers to it."""

    def settle(self, sha256s: Collection[str]) -> None:
        """Keep what entries refer to."""


class _ReadOnlyIntake:
    """A intake for a dry run: files are read, and left where they are."""

    def copy(self, descriptor: int, path: str, moved: Moved) -> PaperDigest:
        """Only read the file."""
        return read_through(descriptor, path, moved)

    def placed(self) -> AbstractContextManager[None]:
        """Hold nothing."""
        return nullcontext()

    def settle(self, sha256s: Collection[str]) -> None:
        """Keep nothing."""


@contextmanager
def receiving(settings: Settings, manner: RecordingOptions) -> Iterator[PaperIntake]:
    """Open the folder beside the ledger. Raises LedgerError (`no-ledger`, `evidence-folder` …)."""
    with wiring.open_log(settings):
        pass  # no folder is made beside a ledger that is not there
    if manner.dry_run:
        yield _ReadOnlyIntake()
        return
    with Papers(settings.ledger).receiving() as intake:
        yield intake


def take(
    settings: Settings, intake: PaperIntake, handed: list[HandedFile]
) -> tuple[list[TakenPaper], list[tuple[HandedFile, Fault]]]:
    """Take files in; return them, a file handed in twice once, and what is wrong with the others."""
    taken: list[TakenPaper] = []
    faults: list[tuple[HandedFile, Fault]] = []
    with progress.bytes_bar(say(settings.language, "reading-papers"), _total(handed)) as moved:
        for each in handed:
            try:
                with opened(each.path, each.within) as descriptor:
                    paper = intake.copy(descriptor, each.path, moved)
            except LedgerError as error:
                if error.fault.code in WHOLE:
                    raise
                faults.append((each, error.fault))
                continue
            taken.append(TakenPaper(paper.sha256, composed(Path(each.path).name), each.supports, paper.size))
    return together(taken), faults


def together(papers: list[TakenPaper]) -> list[TakenPaper]:
    """Return the papers, each once, with all that it supports."""
    found: dict[tuple[str, str], TakenPaper] = {}
    for paper in papers:
        key = (paper.sha256, paper.name)
        earlier = found[key].supports if key in found else ()
        supports = tuple(dict.fromkeys((*earlier, *paper.supports)))
        found[key] = TakenPaper(paper.sha256, paper.name, supports, paper.size)
    return list(found.values())


def _total(handed: list[HandedFile]) -> int:
    total = 0
    for each in handed:
        try:
            total += ((each.within or Path()) / each.path).lstat().st_size
        except (OSError, ValueError):
            continue  # opening it says what is wrong
    return total


def report(
    settings: Settings, options: dict[str, Any], facts: dict[str, Any], taken: list[TakenPaper], intake: PaperIntake
) -> int:
    """Record a report that states the facts and refers to the papers; show its receipt."""
    manner = verbs.manner_of(options)
    fields = json.loads(verbs.line_of("report", options, settings.language))
    fields["facts"] = facts
    if taken:
        fields["evidence"] = [paper.evidence for paper in taken]

    def show(receipts: Receipts) -> None:
        for receipt in receipts:
            if manner.json:
                papers = [paper.evidence | {"size": paper.size} for paper in taken]
                print_lines([json_bytes(receipt.render(settings.language) | {"evidence": papers})])
            else:
                print_lines(receipt_lines(receipt, settings.language))
                if not receipt.faults:
                    print_lines(f"  {line}" for line in map(_line, taken))

    with intake.placed():
        try:
            # Escapes, so that bytes of a file's name that are no UTF-8 reach the ledger's own look at them.
            return record(settings, [Line(1, json.dumps(fields).encode())], replace(manner, json=False), show)
        finally:
            intake.settle(_referred(settings, options["station"], {paper.sha256 for paper in taken}))


def _line(paper: TakenPaper) -> str:
    return f"{paper.sha256}  {paper.name}"


def _referred(settings: Settings, station: str, sha256s: set[str]) -> set[str]:
    """Return those papers that entries of the station refer to, whatever was last heard of the report."""
    try:
        with wiring.open_log(settings) as log:
            return {each.sha256 for each in references(log, station=station, among=sha256s)}
    except Exception:
        return sha256s  # a paper too many does no harm, one too few would


def print_faults(settings: Settings, faults: list[tuple[int, Fault]], *, json: bool, table: bool) -> int:
    """Tell all that is wrong with what was handed in, before anything of it is submitted; return the exit code."""
    lines: dict[int, list[Fault]] = {}
    for line, fault in sorted(faults, key=lambda found: found[0]):
        lines.setdefault(line, []).append(fault)
    with Receipts() as receipts:
        for line, found in lines.items():
            receipts.add(Receipt(line=line, status=Status.REFUSED, faults=tuple(found)))
        if json:
            print_receipts_json(receipts, settings.language)
        elif table:
            print_lines(file_lines(receipts, settings.language))
            print_text(say(settings.language, "table-refused"))
        else:
            for receipt in receipts:
                print_lines(receipt_lines(receipt, settings.language))
    return REFUSED
