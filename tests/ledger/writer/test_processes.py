"""Several processes on one ledger, and processes that are killed: nothing lost, nothing doubled, nothing half."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson
import pytest

from dingji.intake.files import Line
from dingji.moments import now
from dingji.store.log import open_log
from dingji.terms import Status
from dingji.writer.ledger import Ledger
from dingji.writer.pending_log import FLUSH_ROWS
from ledger.writer.renamings import renames
from stories import CITY, YUSHAN, Setting, Story, act, lines, plugins_of

FORK = get_context("fork")
PROCESSES = 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger that is closed in this process: what SQLite holds open must not be taken over a fork."""
    with Story(tmp_path, clock=now()) as story:
        return story.path


def opened(path: Path) -> Ledger:
    setting = _setting()
    return Ledger(open_log(path), lambda: plugins_of(setting))


def _setting() -> Setting:
    from stories import SUZHOU

    return SUZHOU


def started(work: Callable[..., None], *args: Any) -> BaseProcess:
    process = FORK.Process(target=work, args=args)
    process.start()
    return process


def ended(processes: list[BaseProcess]) -> list[int | None]:
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def own_and_shared(path: Path, number: int) -> None:
    """Submit twenty files: lines of one's own, and lines that every process submits too."""
    ledger = opened(path)
    for turn in range(20):
        mine = renames(f"p{number}t{turn}", id=f"p{number}t{turn}")
        shared = [renames(f"t{turn}", id=f"t{turn}"), act("classify", "2024-01-01", CITY, size="large", note=str(turn))]
        with ledger.submit(lines([*shared, mine])) as receipts:
            assert receipts.committed
            assert {receipt.status for receipt in receipts} <= {Status.RECORDED, Status.ALREADY_RECORDED}
    ledger.log.close()


def test_eight_processes_at_once_lose_and_double_nothing(path: Path) -> None:
    processes = [started(own_and_shared, path, number) for number in range(PROCESSES)]
    assert ended(processes) == [0] * PROCESSES
    with open_log(path) as log:
        rows = list(log.scan())
        ids = Counter(orjson.loads(row.state)["id"] for row in rows)
        moments = [orjson.loads(row.state)["recorded_at"] for row in rows]
    assert [row.position for row in rows] == list(range(1, 8 + PROCESSES * 20 + 40))
    assert set(ids.values()) == {1}
    expected = {f"p{number}t{turn}" for number in range(PROCESSES) for turn in range(20)} | {f"t{n}" for n in range(20)}
    assert expected <= ids.keys()
    station = [row.version for row in rows if row.stream == f"station:{YUSHAN}"]
    assert station == list(range(1, len(station) + 1))
    assert moments == sorted(moments)


def one_id_with_other_content(path: Path, number: int, told: Any) -> None:
    ledger = opened(path)
    with ledger.submit(lines([renames(f"n{number}", id="the one")])) as receipts:
        (receipt,) = receipts
        told.put((receipt.status.value, [fault.code for fault in receipt.faults]))
    ledger.log.close()


def test_of_eight_that_race_for_one_id_one_gets_it(path: Path) -> None:
    told = FORK.SimpleQueue()
    processes = [started(one_id_with_other_content, path, number, told) for number in range(PROCESSES)]
    answers = sorted(told.get() for _ in processes)
    assert ended(processes) == [0] * PROCESSES
    assert answers == [("recorded", [])] + [("refused", ["id-conflict"])] * (PROCESSES - 1)


def test_what_one_process_wrote_another_sees_at_once(path: Path) -> None:
    ledger = opened(path)
    for turn in range(3):
        assert ended([started(one_id_with_other_content, path, turn, FORK.SimpleQueue())]) == [0]
        with ledger.submit(lines([renames("here", id=f"turn {turn}"), renames("here", id="the one")])) as receipts:
            assert [receipt.status.value for receipt in receipts] == ["not-recorded", "refused"]
        with ledger.submit(lines([renames("n0", id="the one")])) as receipts:
            assert [receipt.status.value for receipt in receipts] == ["already-recorded"]
    ledger.log.close()


MANY = 3 * FLUSH_ROWS


def killed_while_importing(path: Path, after: int) -> None:
    """Import a file, and be killed when so many lines are decided: many are already in the transaction."""

    def until() -> Iterator[Line]:
        for number, line in enumerate(lines(renames(f"n{number}") for number in range(MANY))):
            if number == after:
                os.kill(os.getpid(), signal.SIGKILL)
            yield line

    opened(path).submit(until())


def importing(path: Path) -> None:
    ledger = opened(path)
    ledger.submit(lines(renames(f"n{number}") for number in range(MANY))).close()
    ledger.log.close()


@pytest.mark.parametrize("after", [1, FLUSH_ROWS + 1, MANY - 1])
def test_a_process_killed_in_an_import_leaves_none_of_it(path: Path, after: int) -> None:
    with open_log(path) as log:
        before = list(log.scan())
    assert ended([started(killed_while_importing, path, after)]) == [-signal.SIGKILL]
    with open_log(path) as log:
        assert list(log.scan()) == before
    importing(path)
    with open_log(path) as log:
        assert log.head() == len(before) + MANY


def test_a_process_killed_at_any_moment_leaves_all_or_none(path: Path) -> None:
    chance = random.Random(7)
    began = time.monotonic()
    importing_alone = started(importing, path)
    assert ended([importing_alone]) == [0]
    whole = time.monotonic() - began
    with open_log(path) as log:
        head = log.head()
    for turn in range(6):
        process = started(importing_more, path, turn)
        time.sleep(chance.uniform(0, whole * 1.2))
        process.kill()
        process.join()
        with open_log(path) as log:
            found = log.head()
        assert found in {head, head + MANY}
        head = found


def importing_more(path: Path, turn: int) -> None:
    ledger = opened(path)
    ledger.submit(lines(renames(f"n{number}", note=f"turn {turn}") for number in range(MANY))).close()
    ledger.log.close()
