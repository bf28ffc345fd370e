"""The acts about levels, entry by entry: what was applied for, recommended, certified, lodged and reviewed."""

from __future__ import annotations

from typing import Any, Final

from dingji_projections.names import EntryFold
from dingji_projections.projection import VOIDED, Projection

VERBS: Final = {
    "ApplicationSubmitted": "apply",
    "RecommendationMade": "recommend",
    "LevelCertified": "certify",
    "CertificationRefused": "refuse",
    "CertificationLodged": "lodge",
    "LevelUpheld": "uphold",
    "LevelDowngraded": "downgrade",
}
"""The topics that are acts, each by the verb that was submitted."""


class ActFold(EntryFold):
    """The acts of one station."""

    __slots__ = ()

    def rows(self, station: str) -> list[tuple[Any, ...]]:
        """Return the station's rows in the order of the table's key."""
        rows = []
        for version, (topic, told, start, end) in self._entries.items():
            about = self._version_named(told.certification) if told.certification else None
            words = (told.level or told.to, told.round, about)
            rows.append((station, version, start, end, VERBS[topic], told.on.toordinal(), *words))
        return rows


ACTS = Projection(
    table="acts",
    topics=frozenset(VERBS) | {VOIDED},
    columns=(
        "station TEXT NOT NULL",
        "version INT NOT NULL",
        "known_from INT NOT NULL",
        "known_to INT NOT NULL",
        "verb TEXT NOT NULL",
        "day INT NOT NULL",
        "level TEXT",
        "round TEXT",
        "about INT",  # the version of the certification that is lodged
    ),
    key=("station", "version"),
    indexes={},  # asked about all stations together, where reading the table through is as fast
    fold=ActFold,
)
