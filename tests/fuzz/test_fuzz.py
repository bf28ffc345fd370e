"""Nothing that is handed in ends in a bug: every reader on damaged inputs, some seconds or as long as is said."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

import pytest

from fuzz.readers import READERS, bench

SECONDS: Final = float(os.environ.get("DINGJI_FUZZ_SECONDS", "6"))
"""Seconds of trying, all readers together."""

SEED: Final = os.environ.get("DINGJI_FUZZ_SEED", "0")
"""What the random choices come from; the same seed tries the same inputs in the same order."""

SLOWEST = 20.0
"""Seconds that one input may take on a busy machine; a good one takes a twentieth of one."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def over(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("reader", READERS)
def test_what_is_damaged_is_refused_in_coded_words(
    reader: str, tmp_path: Path, demo_ledger: Path, record_property: Callable[[str, object], None]
) -> None:
    tried, made = 0, bench(tmp_path, demo_ledger)
    ends = monotonic() + SECONDS / len(READERS)
    while monotonic() < ends or tried == 0:
        case = f"{SEED} {reader} {tried}"
        try:
            with at_most(SLOWEST):
                READERS[reader](made, Random(case))
        except BaseException as error:
            raise AssertionError(f"case {case}: {type(error).__name__}: {error}") from error
        tried += 1
    record_property("inputs", tried)
