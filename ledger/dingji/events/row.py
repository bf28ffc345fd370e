"""One entry as the log stores it; it stands apart so that reading the log imports nothing heavy."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One entry as it is stored."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
