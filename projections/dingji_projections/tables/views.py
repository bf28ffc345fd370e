"""The views of a ledger: every table that we keep, on the engine that keeps them."""

from __future__ import annotations

from typing import Final

from dingji.store.log import Log
from dingji_projections.engine.engine import Views
from dingji_projections.engine.projection import Projection
from dingji_projections.tables.acts import ACTS
from dingji_projections.tables.levels import LEVELS, LINE
from dingji_projections.tables.names import NAMES

PROJECTIONS: Final[tuple[Projection, ...]] = (LEVELS, LINE, NAMES, ACTS)


def views_of(log: Log) -> Views:
    """Open the views of a log, which catch up with it when they are asked."""
    return Views(log, PROJECTIONS)
