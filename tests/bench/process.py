"""Rows of whole processes: how long a cold one takes, and how much memory one ever held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from bench.story import MixStory
from bench.table import Row, duration, race, timed
from bench.world import World, discard, import_file, ledger_on
from dingji.store.log import open_log

CAP_MIB = 256
PROGRAM_MIB = 64
"""What a process needs beside its states: the program, the notice's data, the page cache."""
SMALL_MIB = 8
SMALL_PASS = 2_000
LINE_KIB = 2


def cold_start(world: World, times: int, *, demo: bool) -> Row:
    """Ask a ledger of the demonstration's size for its levels, in a process of its own, by turns with an empty one."""
    ledger = world.folder / "demo.dingji"
    if demo:
        _run(["dingji", "demo", "--ledger", str(ledger)])
    else:
        story = world.story("everyday", 93 / round(5000 * world.scale))
        world.found(story, ledger.name)
        with open_log(ledger) as log:
            import_file(ledger_on(log, world.plugins), world.written(story, "demo.jsonl"))
    question = ["dingji", "levels", "--ledger", str(ledger), "--on", "2025-12-31"]
    _run(question)
    empty = ["python", "-c", "pass"]
    ours, nothing = race(times, lambda: timed(lambda: _run(question)), lambda: timed(lambda: _run(empty)))
    ratio = ours / nothing
    work = "`dingji levels` on the demo ledger, cold process, piped" if demo else "`dingji levels`, cold process, piped"
    budget = "< 150 ms, < 12 x"
    return Row(work, duration(ours), duration(nothing), f"{ratio:.1f} x", budget, ours < 0.15 and ratio < 12)


def _run(arguments: list[str]) -> str:
    program = Path(sys.executable).with_name(arguments[0])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DINGJI")}
    done = subprocess.run([program, *arguments[1:]], env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def held(*arguments: str | Path | int) -> float:
    """Return the mebibytes that a process of its own held at most."""
    return float(_run(["python", str(Path(__file__).with_name("child.py")), *map(str, arguments)]))


def memory(world: World) -> Iterator[Row]:
    """Import and rebuild in processes of their own; then show that neither holds more because the log is longer."""
    story = world.story("everyday")
    file, lines = world.folder / "everyday.jsonl", story.events
    ledger = world.found(story, "memory.dingji")
    yield _row(
        f"memory of an import of {lines:,} lines", held("import", ledger, file), CAP_MIB + lines * LINE_KIB / 1024
    )
    yield _row(f"memory of a rebuild of {lines:,} events", held("rebuild", ledger), CAP_MIB)
    part = world.story("everyday", 0.1)
    short = world.found(part, "part.dingji")
    bound = held("import", short, world.written(part, "part.jsonl"), SMALL_MIB)
    yield _row(f"  import of {part.events:,} lines, states bound to {SMALL_MIB} MiB", bound, PROGRAM_MIB + SMALL_MIB)
    late = _late_file(world, part)
    both = [held("import", each, late) for each in (short, ledger)]
    yield _grown(f"  import of {part.stations * 10:,} lines onto {lines:,} events, and {part.events:,}", *both)
    discard(ledger)
    half = world.found(part, "half.dingji")
    held("import", half, world.written(part, "half.jsonl", part.events // 2))
    both = [held("rebuild", each, SMALL_PASS) for each in (half, short)]
    yield _grown(f"  rebuild in passes of {SMALL_PASS:,} entries of {part.events:,} events, and half", *both)


def _late_file(world: World, part: MixStory) -> Path:
    """Write ten more reports about each station of the shorter story; the longer one has these stations, and more."""
    path = world.folder / "late.jsonl"
    told = map(orjson.loads, part.lines())
    stations = [submission["station"] for submission in told if submission["do"] == "register"]
    facts = {"full_time_staff": 5}
    with path.open("wb") as file:
        for turn in range(10):
            for station in stations:
                about = {"station": station, "on": "2026-06-20", "by": {"office": station}, "id": f"late {turn}"}
                file.write(orjson.dumps({"do": "report", "facts": facts, **about}) + b"\n")
    return path


def _grown(work: str, few: float, many: float) -> Row:
    """Return the row of what is held for a short log, as the raw figure, and for a long one."""
    most = few * 1.05 + 2
    return Row(work, _mib(many), _mib(few), "", f"< {_mib(most)}", many < most)


def _row(work: str, most_held: float, most: float) -> Row:
    return Row(work, _mib(most_held), "", "", f"< {_mib(most)}", most_held < most)


def _mib(value: float) -> str:
    return f"{value:,.0f} MiB"
