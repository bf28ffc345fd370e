"""What a test does to a log: append to it, wait for its lock, be refused, in this process or in another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent

from dingji.faults import LedgerError
from dingji.store import log as store
from dingji.store.log import Log

SOURCES = str(Path(store.__file__).parents[1])
NOBODY = 65534


def events(stream: str, count: int, first: int = 1, topic: str = "Noted", state: bytes = b"{}") -> list[StoredEvent]:
    return [StoredEvent(stream, version, topic, state) for version in range(first, first + count)]


def append(log: Log, *args: Any, **kwargs: Any) -> None:
    with log.writing() as writer:
        writer.append(events(*args, **kwargs))


def positions(log: Log) -> list[int]:
    return [row.position for row in log.scan()]


def refused(code: str, act: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(LedgerError) as caught:
        act()
    assert caught.value.fault.code == code
    return caught.value.fault.args


def enter(log: Log, wait_seconds: float = 60.0) -> None:
    with log.writing(wait_seconds):
        pass


def python(script: str, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": SOURCES})
