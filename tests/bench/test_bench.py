"""The benchmark runs and prints every row; how fast anything is, is not asked here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROWS = (
    "one durable submission, its station not held",
    "one durable submission, its station held",
    "import of a file",
    "rebuild of the levels, 0.",
    "rebuild of the levels, 1.",
    "level of one station",
    "levels of all",
    "catch-up of all views",
    "`dingji levels`, cold process",
    "memory of an import",
    "memory of a rebuild",
    "  import of 400 lines, states bound",
    "  import of 100 lines onto 4,000 events",
    "  rebuild in passes",
    "checks of all 231 requirements",
    "stations on both standards",
    "a nation's history written",
    "  `replay` of one county",
    "rebuild of all views",
    "  its memory",
    "assessment recorded",
    "  its size in the log",
)


def test_the_benchmark_prints_every_row() -> None:
    script = Path(__file__).with_name("run.py")
    done = subprocess.run([sys.executable, script, "--quick"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [row for row in ROWS if not any(line.startswith(row) for line in lines)] == []
