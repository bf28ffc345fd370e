"""The benchmark that `make bench` runs: our figures and the raw ones beside them, measured by turns in one run.

`--quick` measures next to nothing; it only shows that every row can be measured. `--national` measures only what is
asked of a nation's ledger: see `national/rows.py`.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from bench import assessing, process, reading, writing
from bench.national import rows as national
from bench.table import HEADERS, Row, show
from bench.world import World

QUICK = 0.02


def main() -> None:
    """Measure everything, in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fiftieth of it all, once")
    parser.add_argument("--national", action="store_true", help="only the rows on a nation's ledger")
    given = parser.parse_args()
    quick: bool = given.quick
    start = time.perf_counter()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, load {load}\n")
    with tempfile.TemporaryDirectory(prefix="dingji-bench-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        world = World(Path(folder), QUICK if quick else 1.0)
        show(chain([HEADERS], national.rows(world, 3)) if given.national else rows(world, quick=quick))
    print(f"\n{time.perf_counter() - start:.0f} s. Medians; a ratio is of what was measured by turns.")


def rows(world: World, *, quick: bool) -> Iterator[Row]:
    """Yield the rows of the design's table of budgets, as they are measured."""
    few, some, many = (1, 3, 20) if quick else (3, 11, 300)
    imported, row = writing.imports(world, few)
    yield HEADERS
    yield from writing.submissions(world, imported, many)
    yield row
    yield from reading.everyday(imported, few)
    yield from reading.spans(world, few)
    yield from reading.country(world, some)
    yield reading.catch_up(world, imported, some)
    yield process.cold_start(world, some, demo=not quick)
    yield from process.memory(world)
    yield from national.rows(world, few)
    yield from assessing.assessments(world, 2 if quick else 200, some)


if __name__ == "__main__":
    main()
