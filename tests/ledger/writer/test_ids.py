"""Ids: what was recorded is not recorded again, and no id is given to two."""

from __future__ import annotations

import pytest

from dingji.terms import Status
from ledger.writer.renamings import BAD, renames
from stories import BACHENG, CITY, KUNSHAN, PROMOTION_24, Record, Story, act, lines, opens, recognises, voids


def test_the_same_submission_again_is_already_recorded(story: Story) -> None:
    first = story.submit(renames("a")).recorded()
    again = story.submit(renames("a")).expect("already-recorded")
    assert (again.receipt.entry, again.receipt.position, again.receipt.voided) == (
        first.entry,
        first.receipt.position,
        False,
    )
    assert again.receipt.id == first.receipt.id
    story.submit(renames("a", note="")).refused("bad-value")
    story.submit(renames("a", note="b")).recorded()  # other content


def test_the_order_of_fields_and_defaults_written_out_change_no_content(story: Story) -> None:
    record = renames("a")
    story.submit(record).recorded()
    turned = dict(reversed(record.items())) | {"on_precision": "day", "document": None}
    story.submit(turned).expect("already-recorded")


def test_the_same_submission_twice_in_one_file(story: Story) -> None:
    head = story.log.head()
    first, again = story.submit_file(renames("a"), renames("a"))
    first.recorded()
    again.expect("already-recorded")
    assert (again.receipt.entry, again.receipt.position) == (first.entry, head + 1)
    assert story.log.head() == head + 1


def test_what_repeats_a_line_of_a_file_that_is_not_recorded_is_not_recorded_either(story: Story) -> None:
    story.given(renames("old"))
    receipts = story.ledger.submit(lines([renames("a"), renames("a"), renames("old"), BAD]))
    statuses = ["not-recorded", "not-recorded", "already-recorded", "refused"]
    assert [receipt.status.value for receipt in receipts] == statuses
    assert receipts.counts == {Status.NOT_RECORDED: 2, Status.ALREADY_RECORDED: 1, Status.REFUSED: 1}
    receipts.close()


def test_an_id_of_ones_own(story: Story) -> None:
    first = story.submit(renames("a", id="x")).recorded()
    assert story.submit(renames("a", id="x")).expect("already-recorded").entry == first.entry
    assert (
        story.submit(renames("b", id="x")).refused("id-conflict", field="id").says("id-conflict")["entry"]
        == first.entry
    )
    story.submit(renames("b", id="x", station=BACHENG)).recorded()  # unique within the stream only
    story.submit(renames("a")).recorded()  # its content is another's id, and that one is free
    assert story.state(first.entry)["content"] != story.state(first.entry)["id"]


def test_an_id_of_ones_own_that_is_the_digest_of_another_content(story: Story) -> None:
    digest = story.submit(renames("a")).recorded().receipt.id
    story.submit(renames("b", id=digest)).refused("id-conflict")
    story.submit(renames("a", id=digest)).expect("already-recorded")


def test_an_id_is_free_again_when_its_file_was_not_recorded(story: Story) -> None:
    story.submit_file(renames("a", id="x"), BAD)
    story.submit(renames("b", id="x")).recorded()


def test_the_id_of_a_voided_entry_stays_taken(story: Story) -> None:
    record = act("classify", "2022-01-01", KUNSHAN, size="large")
    first = story.submit(record).recorded()
    story.given(voids(first.entry))
    again = story.submit(record).expect("already-recorded", notes=["voided-id"])
    assert (again.receipt.voided, again.entry) == (True, first.entry)
    assert "id" in again.receipt.render("en")["notes"][0]["hint"]
    story.submit(record | {"size": "small", "id": first.receipt.id}).refused("id-conflict")
    story.submit(record | {"id": "anew"}).recorded()


@pytest.mark.parametrize(
    "record",
    [
        opens(PROMOTION_24),
        act("rename_office", "2024-01-01", CITY, office=KUNSHAN, name="昆山"),
        act("adopt_reading", "2024-01-01", CITY, requirement="S1.1.2b", reading="six"),
        recognises("standard"),
    ],
    ids=["round", "office", "notice", "station"],
)
def test_ids_hold_in_every_kind_of_stream(story: Story, record: Record) -> None:
    first = story.submit(record | {"id": "x"}).recorded()
    assert story.submit(record | {"id": "x"}).expect("already-recorded").entry == first.entry
    story.submit(record | {"id": "x", "note": "other"}).refused("id-conflict")
    story.given(voids(first.entry))
    story.submit(record | {"id": "x"}).expect("already-recorded", notes=["voided-id"])
    void = story.submit(voids(first.entry, id="v", note="again"))
    assert "already-voided" in void.faults
