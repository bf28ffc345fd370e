"""What the benchmark prints: a row for each budget, our figure beside the raw one, and whether it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `ok` is None where there is no budget."""

    work: str
    ours: str
    raw: str = ""
    ratio: str = ""
    budget: str = ""
    ok: bool | None = None


HEADERS = Row("work", "ours", "raw", "ratio", "budget")
VERDICTS = {True: "ok", False: "SHORT", None: ""}


def rate(work: str, count: int, ours: float, raw: float, least: float) -> Row:
    """Return the row of a rate that must be at least so much of the raw one; times are in seconds."""
    ratio = raw / ours
    cells = per_second(count / ours), per_second(count / raw), f"{ratio:.2f} x", f">= {least} x"
    return Row(work, *cells, ratio >= least)


def below(work: str, seconds: float, most: float, raw: str = "") -> Row:
    """Return the row of a time that must stay below a limit."""
    return Row(work, duration(seconds), raw, "", f"< {duration(most)}", seconds < most)


def per_second(value: float) -> str:
    """Return a rate in words."""
    return f"{value:,.0f}/s"


def duration(seconds: float) -> str:
    """Return a time in a fitting unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale or unit == "us":
            break
    value = seconds / scale
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def race(times: int, *runs: Callable[[], float]) -> tuple[float, ...]:
    """Let the runs take turns, so that what else the machine does hits all of them; return the median of each."""
    found: list[list[float]] = [[] for _ in runs]
    for _ in range(times):
        for run, seconds in zip(runs, found, strict=True):
            seconds.append(run())
    return tuple(median(seconds) for seconds in found)


def show(rows: Iterable[Row]) -> None:
    """Print the rows as they come: some take half a minute."""
    for row in rows:
        cells = (row.ours, row.raw, row.ratio, row.budget)
        print(f"{row.work:<62}" + "".join(f" {cell:>16}" for cell in cells) + f"  {VERDICTS[row.ok]}", flush=True)
