"""Offices as known: the name read on its own is the one that the state has."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from dingji_projections.records.offices import office_known, office_name
from projections.logs import HUQIU, KUNSHAN, Book

STREAM = f"office:{KUNSHAN}"
DAYS = [date(2024, 1, day) for day in range(1, 7)]
ACTS = st.tuples(
    st.sampled_from(("OfficeRenamed", "OfficeClosed", "EntryVoided")), st.integers(1, 5), st.integers(2, 8)
)


def write(book: Book, topic: str, day: int, pick: int) -> None:
    """Write one act of the office; a void names an earlier entry, or none of the office."""
    earlier = pick <= len(book.log.stream(STREAM))
    fields = {
        "OfficeRenamed": {"name": f"县局{pick}"},
        "OfficeClosed": {"successor": HUQIU},
        "EntryVoided": {"entry": f"{STREAM}@{pick}" if earlier else "nothing", "cause": "x", "reason": "x"},
    }
    book.add(STREAM, topic, DAYS[day], **fields[topic])


@settings(max_examples=80, deadline=None)
@given(st.lists(ACTS, max_size=7))
def test_the_name_read_on_its_own_is_that_of_the_state(acts: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder, Book(Path(folder, "a.ledger")) as book:
        book.add(STREAM, "OfficeEnrolled", DAYS[1], name="县局", tier="county")
        for act in acts:
            write(book, *act)
        for known in range(book.log.head() + 1):
            office = office_known(book.log, KUNSHAN, known)
            assert office_name(book.log, KUNSHAN, date.max, known) == (office.name if office else None)
            for on in DAYS:
                past = [event for _, event in office.counting() if event.on <= on] if office else []
                names = [event.name for event in past if hasattr(event, "name")]
                assert office_name(book.log, KUNSHAN, on, known) == (names[-1] if names else None)
