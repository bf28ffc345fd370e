"""The numbers that an audit's questions start from, as `bounds.toml` has them."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import NamedTuple


class Bounds(NamedTuple):
    """How late is late and how idle a case, how long a list is, how near is near, and what is mended soonest."""

    late_days: int
    stalled_days: int
    shown: int
    swing_months: int
    nearest: list[str]


@functools.cache
def bounds() -> Bounds:
    """Return the numbers of `bounds.toml`, read once."""
    return Bounds(**tomllib.loads(Path(__file__).with_name("bounds.toml").read_text("utf-8")))
