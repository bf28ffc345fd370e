"""Evidence used more than once: one digest behind entries about two stations, or of two rounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from dingji.events import codec
from dingji.store.log import Log
from dingji.terms import entry_name
from dingji_projections.cases.rounds import rounds_held
from dingji_projections.engine.basis import Basis
from dingji_projections.engine.briefs import Stored, reader
from dingji_projections.engine.projection import VOIDED
from dingji_projections.engine.rebuild import ReportProgress
from dingji_projections.records.voids import voided_entry

TOPICS: Final = frozenset({"FactsReported", "RequirementsJudged", VOIDED})
LOOK_EVERY: Final = 10_000


class _Paper(msgspec.Struct, frozen=True, gc=False):
    sha256: str
    name: str = ""


class _Shown(Stored, frozen=True, gc=False):
    evidence: tuple[_Paper, ...] = ()
    entry: str | None = None


_read = reader(_Shown)


class PaperUse(msgspec.Struct, frozen=True, gc=False):
    """One counting entry that a paper supports; `round` is the one that ran on its date, None where none did."""

    entry: str
    station: str
    on: date
    round: str | None
    name: str


class SharedPaper(msgspec.Struct, frozen=True):
    """A paper that serves more than one station, or more than one round."""

    sha256: str
    stations: tuple[str, ...]
    rounds: tuple[str, ...]
    uses: tuple[PaperUse, ...]


def shared_papers(log: Log, basis: Basis, progress: ReportProgress = lambda done, total: None) -> list[SharedPaper]:
    """Return the papers of counting entries, dated by the basis' date, that serve twice: most stations first.

    The log is read twice, so that only what is found twice is held; `progress` takes (done, total).
    """
    gone: set[str] = set()
    first: dict[str, tuple[str, str | None]] = {}
    twice: set[str] = set()
    for digest, use in _uses(log, basis, gone, progress):
        if first.setdefault(digest, (use.station, use.round)) != (use.station, use.round):
            twice.add(digest)
    held: dict[str, list[PaperUse]] = {digest: [] for digest in twice}
    for digest, use in _uses(log, basis, set(), progress):
        if digest in held and use.entry not in gone:
            held[digest].append(use)
    found = [_shared_paper(digest, uses) for digest, uses in held.items()]
    kept = [one for one in found if len(one.stations) > 1 or len(one.rounds) > 1]
    return sorted(kept, key=lambda one: (-len(one.stations), -len(one.rounds), one.sha256))


def _shared_paper(digest: str, uses: list[PaperUse]) -> SharedPaper:
    stations = tuple(sorted({use.station for use in uses}))
    return SharedPaper(digest, stations, tuple(sorted({use.round for use in uses if use.round})), tuple(uses))


def _uses(log: Log, basis: Basis, gone: set[str], progress: ReportProgress) -> Iterator[tuple[str, PaperUse]]:
    """Yield each paper of each entry about a station, in the order of the log; entries voided are put into `gone`."""
    running = [(name, opened.on, closed or date.max) for name, opened, closed in rounds_held(log, basis)]
    rows = log.scan(upto=basis.known, topics=TOPICS)
    for taken, row in enumerate(rows, 1):
        if taken % LOOK_EVERY == 0:
            progress(row.position, basis.known)
        shown = codec.read_row(row, _read)
        if row.topic == VOIDED:
            gone.add(voided_entry(row, shown.entry) or "")
        elif shown.evidence and shown.on <= basis.on:
            name, station = entry_name(row.stream, row.version), row.stream.partition(":")[2]
            round_ = next((name for name, start, end in running if start <= shown.on <= end), None)
            for paper in shown.evidence:
                yield paper.sha256, PaperUse(name, station, shown.on, round_, paper.name)
