"""Rows of whole processes: how long a cold one takes, and how much memory one ever held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, duration, race, timed
from bench.world import World, discard, import_file, ledger_on
from dingji.store import open_log

CAP_MIB = 256
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


def _held(*arguments: str | Path | int) -> float:
    """Return the mebibytes that a process of its own held at most."""
    return float(_run(["python", str(Path(__file__).with_name("child.py")), *map(str, arguments)]))


def memory(world: World) -> Iterator[Row]:
    """Import and rebuild in processes of their own, then both under a small bound, on half and on all of a story."""
    story = world.story("everyday")
    file, lines = world.folder / "everyday.jsonl", story.events
    ledger = world.found(story, "memory.dingji")
    imported = _held("import", ledger, file)
    yield _row(f"memory of an import of {lines:,} lines", imported, CAP_MIB + lines * LINE_KIB / 1024)
    yield _row(f"memory of a rebuild of {lines:,} events", _held("rebuild", ledger), CAP_MIB)
    discard(ledger)
    yield from _growth(world)


def _growth(world: World) -> Iterator[Row]:
    """Let what is bound be small, so that a tenth of the story is far more than it: then nothing may grow any more."""
    part = world.story("everyday", 0.1)
    held: dict[str, list[float]] = {"import": [], "rebuild": []}
    for lines in (part.events // 2, part.events):
        ledger, file = world.found(part, "part.dingji"), world.written(part, "part.jsonl", lines)
        held["import"].append(_held("import", ledger, file, SMALL_MIB))
        held["rebuild"].append(_held("rebuild", ledger, SMALL_PASS))
        discard(ledger)
    bounds = {"import": f"{SMALL_MIB} MiB", "rebuild": f"{SMALL_PASS:,} entries"}
    for work, (half, whole) in held.items():
        what = f"  {work} bound to {bounds[work]}: {part.events:,} events against half"
        allowed = half * 1.05 + 4
        yield Row(what, _mib(whole), _mib(half), "", f"< {_mib(allowed)}", whole < allowed)


def _row(work: str, held: float, most: float) -> Row:
    return Row(work, _mib(held), "", "", f"< {_mib(most)}", held < most)


def _mib(value: float) -> str:
    return f"{value:,.0f} MiB"
