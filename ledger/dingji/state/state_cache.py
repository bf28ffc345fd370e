"""The states of streams as they stand, kept while they fit in memory and read again when they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dingji.events import codec
from dingji.events.events import Event
from dingji.events.row import Row
from dingji.state import notice_state, office, round, station

BYTES_AN_ENTRY: Final = 900
"""What one entry costs in a state; the cap is kept by counting entries.

By measurement 470 in an everyday history and 640 with an `id` on every line, 630 and 800 where every entry changes a
level, 1,400 where nearly every one is an assessment that eighty requirements fall short of.
"""

Evolve = Callable[[Any, int, Event, str], Any]

EVOLVE: Final[dict[str, Evolve]] = {
    "station": station.evolve,
    "office": office.evolve,
    "round": round.evolve,
    "notice": notice_state.evolve,
}
"""The fold of each kind of stream."""


def fold(stream: str, rows: list[Row]) -> Any:
    """Return the state that a stream's rows give, None for none."""
    kind, _, code = stream.partition(":")
    if kind == "station":
        return station.replay(code, rows)
    evolve = EVOLVE.get(kind)
    if evolve is None:
        return None
    state: Any = None
    for row in rows:
        state = evolve(state, row.version, codec.decode_row(row), code)
    return state


class States:
    """A cache of states by stream name; the one that was loaded or grew longest ago goes first."""

    def __init__(self, cap_bytes: int) -> None:
        """Hold states of at most `cap_bytes` by estimate."""
        self.cap_bytes = cap_bytes
        self._held: dict[str, Any] = {}
        self._entries = 0
        self._most = max(1, cap_bytes // BYTES_AN_ENTRY)
        self.dirty: set[str] = set()
        """Streams that grew since the last commit."""
        self.notices: list[str] = []
        """The ids of the adopted notices in the order of adoption, empty where that is to be looked up again."""

    def held(self, stream: str) -> Any:
        """Return a stream's state if it is held, else None."""
        return self._held.get(stream)

    def load(self, stream: str, read: Callable[[str], list[Row]]) -> Any:
        """Read a stream's state and hold it; None for a stream without entries."""
        state = fold(stream, read(stream))
        if state is not None:
            self.put(stream, state)
        return state

    def put(self, stream: str, state: Any) -> None:
        """Hold a state in place of the one before."""
        self.drop(stream)
        self._held[stream] = state
        self._entries += state.version
        if self._entries > self._most:
            self._shrink()

    def evolve(self, stream: str, state: Any, event: Event) -> Any:
        """Fold one event more into a state and hold the result (hot path)."""
        kind, _, code = stream.partition(":")
        version = state.version + 1 if state is not None else 1
        grown = EVOLVE[kind](state, version, event, code)
        before = self._held.pop(stream, None)  # the grown one is to stand last
        self._held[stream] = grown
        self._entries += 1 if before is not None else version
        self.dirty.add(stream)
        if self._entries > self._most:
            self._shrink()
        return grown

    def _shrink(self) -> None:
        """Drop the states that stand first until a quarter of the room is free."""
        for stream in list(self._held):
            if self._entries <= self._most * 3 // 4:
                return
            self.drop(stream)

    def drop(self, stream: str) -> None:
        """Forget a stream's state: it is read again when asked for."""
        state = self._held.pop(stream, None)
        if state is not None:
            self._entries -= state.version
        if stream.startswith("notice:"):
            self.notices = []

    def rolled_back(self) -> None:
        """Forget what grew since the last commit."""
        for stream in self.dirty:
            self.drop(stream)
        self.dirty.clear()
