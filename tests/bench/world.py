"""What the rows of the benchmark stand on: a folder, the plugins, a founded ledger, the files of the story."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from bench.raw import Entry
from bench.story import MixStory, Submission
from bench.table import timed
from dingji.intake.files import Line, Source
from dingji.plugins.manager import Plugins, load_plugins
from dingji.store.log import Log, create_log, open_log
from dingji.writer.ledger import CAP_BYTES, Ledger

NOTICE = "suzhou-2023-143"
NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
"""The benchmark's clock stands still, so that its dates never lie in the future."""


class World:
    """A folder of ledgers, all of them founded alike."""

    def __init__(self, folder: Path, scale: float) -> None:
        self.folder = folder
        self.scale = scale
        self.plugins: Plugins = load_plugins()
        notice = self.plugins.notice(NOTICE)
        assert notice is not None
        self.notice = notice

    def story(self, mix: str, scale: float = 1.0) -> MixStory:
        """Return a mix at the scale of this run."""
        return MixStory(mix, self.plugins, self.notice, self.scale * scale)

    def written(self, story: MixStory, name: str, lines: int | None = None) -> Path:
        """Write a story's lines, or the first of them, to a file."""
        path = self.folder / name
        with path.open("wb") as file:
            for number, line in enumerate(story.lines(), 1):
                file.write(line + b"\n")
                if number == lines:
                    break
        return path

    def found(self, story: MixStory, name: str) -> Path:
        """Found a ledger with the story's offices; return its path."""
        path = self.folder / name
        with (
            create_log(path) as log,
            ledger_on(log, self.plugins).start_new(self.notice, date(2021, 1, 1), lines_of(story.roster())) as receipts,
        ):
            assert receipts.committed
        return path


def ledger_on(log: Log, plugins: Plugins, cap_bytes: int = CAP_BYTES) -> Ledger:
    """Return a ledger whose clock stands still."""
    return Ledger(log, lambda: plugins, clock=lambda: NOW, cap_bytes=cap_bytes)


def lines_of(submissions: Iterable[Submission]) -> list[Line]:
    """Return submissions as the lines of a file."""
    return [Line(number, orjson.dumps(told)) for number, told in enumerate(submissions, 1)]


def import_file(ledger: Ledger, path: Path) -> float:
    """Submit a file, all of it good; return the seconds until it is on disk."""
    gc.collect()

    def work() -> None:
        with Source(str(path)) as source, ledger.submit(source.lines()) as receipts:
            assert receipts.committed, [refused.faults for refused in receipts.rejected()][:3]

    return timed(work)


def entries_of(path: Path) -> list[Entry]:
    """Return all entries of a ledger as the raw table takes them."""
    with open_log(path, readonly=True) as log:
        return [(row.stream, row.version, row.topic, row.state) for row in log.scan()]


def discard(path: Path) -> None:
    """Take a ledger away with all that stands beside it, and the views of all ledgers."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"], "dingji"), ignore_errors=True)
