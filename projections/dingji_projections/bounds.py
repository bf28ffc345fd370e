"""The numbers that an audit's questions start from, as `bounds.toml` has them."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import NamedTuple


class Bounds(NamedTuple):
    """Days after which an entry is late, or a case stands still; and how many rows of a long list are shown."""

    late_days: int
    stalled_days: int
    shown: int


@functools.cache
def bounds() -> Bounds:
    """Return the numbers."""
    return Bounds(**tomllib.loads(Path(__file__).with_name("bounds.toml").read_text("utf-8")))
