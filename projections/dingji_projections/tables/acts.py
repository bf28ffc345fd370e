"""The acts about levels and sizes, entry by entry: who did what, what was irregular, and whose ground was voided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from dingji.events.row import Row
from dingji.events.vocabulary import TOPIC_OF_VERB, VERB_OF_TOPIC
from dingji.state.timeline import FOREVER
from dingji.terms import entry_place, voided_version
from dingji_projections.engine.projection import VOIDED, Projection

ACT_VERBS: Final = (
    *("apply", "withdraw", "recommend", "decline", "assess", "classify", "recognise"),
    *("certify", "refuse", "lodge", "uphold", "downgrade", "void"),
)
"""The verbs whose events are acts about levels and sizes."""

CLASSIFIED: Final = "SizeClassified"

_NO_LOSS: Final = (None, None)
_NEVER_VOIDED: Final = (FOREVER, 0)


class Loss(NamedTuple):
    """When an act lost its ground, by the void of which version, and the version of that ground.

    A ground that is no earlier entry of the station was never there: it is lost from the start, and has its name.
    """

    position: int
    void: int
    ground: int | str


class ActFold:
    """The acts of one station; what a void takes away and what an act rests on is as `records` has it."""

    __slots__ = ("_acts", "_grounds", "_read", "_rests_on", "_voids")

    def __init__(self) -> None:
        from dingji_projections.engine.briefs import act_brief  # late, as in `levels`
        from dingji_projections.records.record import rests_on

        self._read, self._rests_on = act_brief, rests_on
        self._acts: dict[int, tuple[int, tuple[Any, ...]]] = {}
        self._grounds: dict[int, tuple[int | str, ...]] = {}
        self._voids: dict[int, tuple[int, int]] = {}
        """Version voided, of whatever topic, to the position and the version of its void."""

    def take(self, row: Row) -> None:
        """Take in one entry; a size class without a round or an irregularity is no act that anybody asks about."""
        position, stream, version, topic, state = row
        brief = self._read(topic, state)
        codes = ",".join([fault.code for fault in brief.irregularities]) if brief.irregularities else None
        if topic == CLASSIFIED and codes is None and brief.round is None:
            return
        about = None
        if topic == VOIDED:
            about = _version(stream, brief.entry)
            if gone := voided_version(stream, version, brief.entry):
                self._voids.setdefault(gone, (position, version))
        elif grounds := self._rests_on(brief):
            self._grounds[version] = tuple([_version(stream, ground) or ground for ground in grounds])
            about = _version(stream, brief.certification) if brief.certification else None
        word, day = brief.level or brief.to or brief.standard or brief.size, brief.on.toordinal()
        own = (VERB_OF_TOPIC[topic], day, word, brief.rank, brief.held, brief.round, about, brief.by.office, codes)
        self._acts[version] = (position, own)

    def rows(self, station: str) -> list[tuple[Any, ...]]:
        """Return the station's rows in the order of the table's key."""
        losses, voids = self._losses(), self._voids
        return [
            (station, version, position, voids.get(version, _NEVER_VOIDED)[0], *own, *losses.get(version, _NO_LOSS))
            for version, (position, own) in self._acts.items()
        ]

    def _losses(self) -> dict[int, tuple[int, int | str]]:
        """Find when each act lost its ground, and which: an entry rests on earlier ones only, so one pass finds all."""
        found: dict[int, Loss] = {}
        for version, grounds in self._grounds.items():
            if lost := [loss for ground in grounds if (loss := self._loss(version, ground, found))]:
                found[version] = min(lost, key=_when)
        return {version: (max(loss.position, self._acts[version][0]), loss.ground) for version, loss in found.items()}

    def _loss(self, version: int, ground: int | str, found: Mapping[int, Loss]) -> Loss | None:
        if isinstance(ground, str) or ground >= version:
            return Loss(0, 0, ground)
        own = Loss(*self._voids[ground], ground) if ground in self._voids else None
        return min(filter(None, (own, found.get(ground))), key=_when, default=None)

    def weight(self) -> int:
        """Return how many entries are held."""
        return len(self._acts)


def _when(loss: Loss) -> tuple[int, int]:
    """Return what orders losses: a void that is only supposed shares its position with the last that was recorded."""
    return loss.position, loss.void


def _version(stream: str, entry: str | None) -> int:
    """Return the version of a name of this stream's own entries, 0 for any other text."""
    place = entry_place(entry or "")
    return place[1] if place and place[0] == stream else 0


ACTS = Projection(
    table="acts",
    topics=frozenset(TOPIC_OF_VERB[verb] for verb in ACT_VERBS),
    columns=(
        "station TEXT NOT NULL",
        "version INT NOT NULL",
        "known_from INT NOT NULL",
        "known_to INT NOT NULL",
        "verb TEXT NOT NULL",
        "day INT NOT NULL",
        "level TEXT",  # or what the act is about in its place: the standard assessed, the size
        "rank INT NOT NULL",
        "held TEXT",  # the level that a downgrade was judged against
        "round TEXT",
        "about INT",  # the version that is lodged, or voided
        "office TEXT NOT NULL",
        "codes TEXT",  # of its irregularities, with commas between
        "lost INT",  # the position from which on its ground is lost, for good
        "ground ANY",  # the version of the ground that was lost first; its name where it is no entry of the station
    ),
    key=("station", "version"),
    indexes={},  # asked about all stations together, where reading the table through is as fast
    fold=ActFold,
)


def verbs_listed(verbs: Collection[str]) -> str:
    """Return verbs as SQL lists them, to ask for their acts."""
    return ",".join(f"'{verb}'" for verb in sorted(verbs))
