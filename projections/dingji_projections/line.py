"""The entries that make each station's line, as rows: what a change of levels, sizes or counties came of."""

from __future__ import annotations

from dingji_projections.levels import LEVELS, LevelFold
from dingji_projections.projection import Projection

LINE = Projection(
    table="line",
    topics=LEVELS.topics,
    columns=(
        "station TEXT NOT NULL",
        "version INT NOT NULL",
        "day INT NOT NULL",
        "kind INT NOT NULL",  # as `timeline` ranks them
        "known_from INT NOT NULL",
        "known_to INT NOT NULL",
        "word TEXT NOT NULL",  # the county, size or level
        "rank INT NOT NULL",
    ),
    key=("station", "version"),
    indexes={},  # asked about stations that are known to differ
    fold=LevelFold,
    rows=LevelFold.line,
)
