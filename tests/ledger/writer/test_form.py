"""Rules of form that came later: what was recorded before them is found, whatever they say of it now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dingji.intake.files import Line
from dingji.rules import gate
from dingji.writer import session
from ledger.writer.renamings import renames
from older import as_written
from stories import CITY, KUNSHAN, YUSHAN, Answer, Record, Story, act, certifies, digest_of, lines, opens, voids


@pytest.fixture
def older(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The story's ledger under an older version; `monkeypatch.undo()` makes it today's."""
    monkeypatch.setattr(session, "parse_ahead", as_written)
    return story


BLANKS: dict[str, Record] = {
    "at the end of a name": renames("玉山 "),
    "at the ends of an id": renames("玉山", id="\u3000a\u2800"),
    "about a note": renames("玉山", note="\xa0补\u3164"),
    "a name alone": renames("\u3000"),
    "a name of what counts as letters": renames("\u3164"),
    "an irregular alone": renames("玉山", irregular="\u2800"),
    "a name not composed": renames("Cafe\u0301"),
    "an id not composed": renames("玉山", id="e\u0301"),
}


@pytest.mark.parametrize("case", BLANKS)
def test_what_was_recorded_with_its_blanks_is_found(older: Story, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    record = BLANKS[case]
    (entry,) = older.given(record)
    stored, head = older.state(entry), older.log.head()
    monkeypatch.undo()
    again = older.submit(record).expect("already-recorded")
    assert (again.entry, again.receipt.id) == (entry, stored["id"])
    assert again.receipt.position == head == older.log.head()
    other = older.submit(record | {"on": "2024-01-02"})  # of another date it is another content
    if "alone" in case or "letters" in case:
        other.refused("bad-value")
    else:
        other.recorded()


def test_a_voided_one_with_its_blanks_is_found_too(older: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = older.given(renames("\u3000"))
    older.given(voids(entry))
    monkeypatch.undo()
    again = older.submit(renames("\u3000")).expect("already-recorded", notes=["voided-id"])
    assert (again.entry, again.receipt.voided) == (entry, True)


def test_one_of_two_readings_of_a_line_is_not_what_was_recorded(older: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    older.given(renames("\u3000"))
    monkeypatch.undo()
    text = lines([renames("\u3000")])[0].text[:-1] + ', "name": "\u3000"}'.encode()
    with older.ledger.submit([Line(1, text)]) as receipts:
        (receipt,) = receipts
    assert Answer(receipt).faults == {"duplicate-key", "bad-value"}


def test_an_id_under_which_other_blanks_were_recorded_is_a_conflict(
    older: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    older.given(renames("玉山 ", id="a"))
    monkeypatch.undo()
    older.submit(renames("玉山 ", id="a")).expect("already-recorded")
    older.submit(renames("玉山", id="a")).refused("id-conflict", field="id")
    older.submit(renames("\u3000", id="a")).refused("bad-value", field="name")


def test_blanks_are_no_other_content(story: Story) -> None:
    (entry,) = story.given(renames("玉山", note="补", id="a"))
    for other in (renames(" 玉山\u3000", note="\xa0补", id="a "), renames("\u2800玉山", note="补\u3164", id="\u3000a")):
        assert story.submit(other).expect("already-recorded").entry == entry
    assert story.state(entry) | {"recorded_at": ""} == {
        "v": 1,
        "on": "2024-01-01",
        "by": {"office": KUNSHAN},
        "recorded_at": "",
        "id": "a",
        "content": story.state(entry)["content"],
        "name": "玉山",
        "note": "补",
    }


def test_a_blank_lifts_no_rule(story: Story) -> None:
    story.given(opens("2024-promotion"))
    for blank in (
        " ",
        "\u3000",
        "\xa0",
        "\u115f",
        "\u1160",
        "\u2800",
        "\u3164",
        "\uffa0",
        "\u180e",
        "\u200b",
        "\ufeff",
        "",
    ):
        story.submit(certifies("2024-03-01", irregular=blank)).refused("bad-value", field="irregular")
    assert story.level("2024-12-31", station=YUSHAN) == "ungraded"


@pytest.mark.parametrize("verb", ["uphold", "downgrade", "void"])
def test_a_reason_shows_something(story: Story, verb: str) -> None:
    record = (
        act(verb, "2024-03-01", CITY, reason="\u2800 ")
        | {
            "uphold": {},
            "downgrade": {"to": "ungraded"},
            "void": {"entry": f"{YUSHAN}@1", "cause": "recording-error"},
        }[verb]
    )
    story.submit(record).refused("bad-value", field="reason")


def test_half_a_character_does_not_end_the_file(story: Story) -> None:
    bad = json.dumps(voids("x", on="\ud800")).encode()
    with story.ledger.submit([*lines([renames("a")]), Line(2, bad)], partial=True) as receipts:
        good, refused = map(Answer, receipts)
    good.recorded()
    refused.refused("bad-value", field="on")


def test_the_blanks_of_a_file_are_kept_with_what_was_refused(story: Story, tmp_path: Path) -> None:
    text = lines([renames("\u3000")])[0].text
    with story.ledger.submit([Line(1, text)]) as receipts:
        assert [one.text for one in receipts.rejected()] == [text]


# Ids


PAPER = {"sha256": "0" * 64, "name": "合同", "supports": []}


def test_nobody_takes_the_id_of_what_another_will_submit(story: Story) -> None:
    coming = act("rename", "2024-02-01", CITY, name="玉山")
    for id_ in (digest_of(coming), digest_of(coming).upper(), "0" * 64, f"\u3000{digest_of(coming)} "):
        answer = story.submit(act("report", "2024-01-01", YUSHAN, facts={}, evidence=[PAPER], id=id_))
        answer.refused("bad-value", field="id")
        assert answer.says("bad-value")["why"] == "not-own-digest"
    story.submit(coming).recorded()


def test_an_id_of_another_form_is_anybodys(story: Story) -> None:
    for number, id_ in enumerate(("a" * 63, "a" * 65, "g" * 64, "ａ" * 64, f"sha256:{'a' * 64}")):
        story.submit(renames(f"n{number}", id=id_)).recorded()


def test_the_own_digest_may_be_written_out(story: Story) -> None:
    record = renames("玉山", note=" 补 ")
    digest = digest_of(record)
    (entry,) = story.given(record | {"id": digest})
    assert story.state(entry)["id"] == digest
    assert "content" not in story.state(entry)
    assert story.submit(record).expect("already-recorded").entry == entry
    story.submit(renames("b", id=digest)).refused("id-conflict")
    story.submit(renames("b", id=digest, irregular="试")).refused("id-conflict")
    story.submit(renames("b", id="b" * 64, irregular="试")).refused("bad-value")  # nothing lifts it


def test_a_foreign_digest_that_was_recorded_as_id_is_found(older: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    coming = act("rename", "2024-02-01", CITY, name="玉山")
    monkeypatch.setattr(gate, "check_id", lambda _: None)
    taken = renames("b", id=digest_of(coming))
    (entry,) = older.given(taken)
    monkeypatch.undo()
    assert older.submit(taken).expect("already-recorded").entry == entry
    older.submit(coming).refused("id-conflict")
    older.submit(coming | {"id": "mine"}).recorded()
