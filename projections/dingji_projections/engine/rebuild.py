"""Filling a projection's table from the whole log, in passes over ranges of stations that bound the memory."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from dingji.store.log import Log
from dingji_projections.engine.projection import STREAMS, Fold, Projection

ReportProgress = Callable[[int, int], None]
"""A function that is called with (done, total) as the work goes on."""

STATIONS_A_PASS = 16_000
"""Stations folded in one pass over the log, as long as they keep to the next bound."""

HELD_A_PASS = 400_000
"""Entries held at once, at about 350 bytes each: what bounds a rebuild's memory."""

LOOK_EVERY = 10_000
"""Entries between two looks at what is held, and between two reports."""


def fill(
    connection: sqlite3.Connection,
    schema: str,
    projections: Sequence[Projection],
    log: Log,
    upto: int,
    report: ReportProgress | None,
) -> None:
    """Fill the empty tables in `schema` of projections of one fold with what the log says up to a position."""
    # In the order of positions a pass reads the file from end to end; in that of streams it would seek every row.
    pending, width, done = log.streams(STREAMS), STATIONS_A_PASS, 0
    total = sum(1 for _ in log.streams(STREAMS)) if report else 0
    while names := list(islice(pending, width)):
        folds = {name: projections[0].fold() for name in names}
        for position in _fold(projections[0], log, upto, folds):
            if report:
                report(done + len(folds) * position // upto, total)
        pending = chain(names[len(folds) :], pending)
        width, done = len(folds), done + len(folds)
        for projection in projections:
            connection.executemany(projection.insert(schema), _rows(projection, folds))
    if report:
        report(total, total)


def _rows(projection: Projection, folds: dict[str, Fold]) -> Iterator[tuple[Any, ...]]:
    return (row for name, fold in folds.items() for row in projection.rows(fold, name.removeprefix(STREAMS)))


def _fold(projection: Projection, log: Log, upto: int, folds: dict[str, Fold]) -> Iterator[int]:
    """Fold one pass, yielding the position now and then; past the bound the later half of the stations is let go."""
    rows = log.scan(upto=upto, topics=projection.topics, first=min(folds), last=max(folds))
    for taken, row in enumerate(rows, 1):
        if fold := folds.get(row[1]):
            fold.take(row)
        if taken % LOOK_EVERY == 0:
            while len(folds) > 1 and sum(fold.weight() for fold in folds.values()) > HELD_A_PASS:
                for name in sorted(folds)[len(folds) // 2 :]:
                    del folds[name]
            yield row[0]


@contextmanager
def collector_off() -> Iterator[None]:
    """Switch the garbage collector off: a rebuild makes millions of values and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
