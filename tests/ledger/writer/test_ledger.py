"""One file, one transaction: all or nothing, what later lines see, interruptions, receipts."""

from __future__ import annotations

import gc
import json
import signal
from collections.abc import Iterable, Iterator

import pytest

from dingji.faults import Fault, IntegrityBroken, LedgerError
from dingji.intake.files import Line
from dingji.store.log import Writer
from dingji.terms import Status
from dingji.writer import lookup as lookup_module
from ledger.writer.renamings import BAD, renames, rows
from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    PROMOTION_24,
    YUSHAN,
    Answer,
    Record,
    Story,
    act,
    applies,
    enrol,
    lines,
    opens,
    recommends,
    register,
    voids,
    worded,
)


def test_a_file_with_a_bad_line_records_nothing(story: Story) -> None:
    before = rows(story)
    first, bad, last = story.submit_file(renames("a"), BAD, renames("b", "2024-01-02"))
    first.expect("not-recorded")
    bad.refused("unknown-station")
    last.expect("not-recorded")
    assert (first.receipt.entry, first.receipt.position) == (None, None)
    assert rows(story) == before
    story.given(renames("a"))  # and nothing of it is remembered


def test_the_good_lines_alone_are_recorded_when_asked_for(story: Story) -> None:
    head = story.log.head()
    first, bad, last = story.submit_file(renames("a"), BAD, renames("b", "2024-01-02"), partial=True)
    first.recorded()
    bad.refused("unknown-station")
    last.recorded()
    assert [first.receipt.position, last.receipt.position] == [head + 1, head + 2]
    assert story.log.head() == head + 2


def test_a_dry_run_decides_everything_and_records_nothing(story: Story) -> None:
    before = rows(story)
    for partial in (False, True):
        answers = story.submit_file(opens(PROMOTION_24), applies(), recommends(), partial=partial, dry_run=True)
        assert [answer.status for answer in answers] == ["not-recorded"] * 3
    assert rows(story) == before
    story.submit(applies()).refused("unknown-round")


def test_later_lines_see_earlier_good_ones(story: Story) -> None:
    for answer in story.submit_file(opens(PROMOTION_24), applies(), recommends(), voids(f"{YUSHAN}@2", YUSHAN)):
        answer.recorded()
    assert story.log.head() == 7 + 4


def test_a_refused_line_is_invisible_to_later_ones(story: Story) -> None:
    story.given(opens(PROMOTION_24))
    wrong = applies(by=BACHENG)
    refused, applied, recommended = story.submit_file(wrong, applies("2024-04-02"), recommends(), partial=True)
    refused.refused("not-own-station")
    applied.recorded()  # and not already-applied
    recommended.recorded()
    lost, other = story.submit_file(
        register("320583110", HUQIU, KUNSHAN, "2022-01-01"), renames("x", station="320583110")
    )
    lost.refused("not-own-county")
    other.refused("unknown-station")


def test_what_an_earlier_refusal_took_away_is_asked_of_later_lines(story: Story) -> None:
    story.submit_file(BAD, applies())[1].refused("unknown-round")


def test_every_fault_of_every_line_is_told(story: Story) -> None:
    texts = [b"{", json.dumps(BAD).encode(), b'{"do":"rename"}']
    with story.ledger.submit([Line(number, text) for number, text in enumerate(texts, 1)]) as receipts:
        found = [(receipt.line, [fault.code for fault in receipt.faults]) for receipt in receipts]
        rejected = [(one.line, one.text, len(one.faults)) for one in receipts.rejected()]
        assert next(fault.code for one in receipts.rejected() for fault in one.faults) == "bad-json"
    assert found == [(1, ["bad-json"]), (2, ["unknown-station"]), (3, ["missing-field"] * 4)]
    assert rejected == [(1, texts[0], 1), (2, texts[1], 1), (3, texts[2], 4)]


def test_a_line_that_was_too_long_to_read_is_refused_with_the_others(story: Story) -> None:
    long = Line(2, b"{...", Fault(code="too-large", args={"why": "line-bytes", "limit": "1 MiB"}))
    (good,) = lines([renames("a")])
    with story.ledger.submit([good, long], partial=True) as receipts:
        assert [Answer(receipt).status for receipt in receipts] == ["recorded", "refused"]
        assert [(one.line, one.text) for one in receipts.rejected()] == [(2, b"{...")]


def test_an_empty_file_records_nothing(story: Story) -> None:
    head = story.log.head()
    with story.ledger.submit([]) as receipts:
        assert (list(receipts), receipts.committed, sum(receipts.counts.values())) == ([], True, 0)
    assert story.log.head() == head


def test_progress_is_told_now_and_then(story: Story) -> None:
    told: list[int] = []
    many = [renames(f"n{number}") for number in range(250)]
    with story.ledger.submit(lines(many), progress=told.append) as receipts:
        assert receipts.counts == {Status.RECORDED: 250}
    assert told == [100, 200]


# Interruptions


class Broken(Exception):
    """What a disk throws."""


def test_after_a_commit_that_failed_nothing_of_it_is_remembered(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.given(opens(PROMOTION_24))
    leave = Writer.__exit__

    def fail(writer: Writer, *_: object) -> None:
        leave(writer, Broken)  # as if the disk were full: SQLite rolls back
        raise Broken

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "__exit__", fail)
        with pytest.raises(Broken):
            story.submit_file(applies(), renames("x"))
    story.submit(recommends()).refused("no-application")
    assert story.submit(renames("y")).recorded().entry == f"{YUSHAN}@2"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, Broken, SystemExit])
@pytest.mark.parametrize("after", [1, 2500])
def test_an_interrupted_file_leaves_nothing(story: Story, interruption: type[BaseException], after: int) -> None:
    before = rows(story)

    def interrupted() -> Iterator[Line]:
        yield from lines(renames(f"n{number}") for number in range(after))
        raise interruption

    with pytest.raises(interruption):
        story.ledger.submit(interrupted())
    assert rows(story) == before
    assert gc.isenabled()
    assert story.submit(renames("y")).recorded().entry == f"{YUSHAN}@2"
    assert story.log.head() == len(before) + 1


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_nothing(story: Story) -> None:
    before = rows(story)

    def stopped() -> Iterator[Line]:
        for number, line in enumerate(lines(renames(f"n{number}") for number in range(3000))):
            if number == 2000:
                signal.raise_signal(signal.SIGINT)
            yield line

    with pytest.raises(KeyboardInterrupt):
        story.ledger.submit(stopped())
    assert rows(story) == before
    story.submit(renames("y")).recorded()


def test_a_busy_ledger_says_so_after_its_wait(story: Story) -> None:
    other = story.reopen(wait_seconds=0.1)
    with story.log.writing(), pytest.raises(LedgerError) as error:
        other.submit(lines([renames("a")]))
    assert error.value.fault.code == "ledger-busy"
    worded(error.value.fault)
    with other.submit(lines([renames("a")])) as receipts:
        assert receipts.committed
    other.log.close()


def test_a_gap_in_a_stream_is_found(story: Story) -> None:
    from eventsourcing.persistence import StoredEvent

    (entry,) = story.given(renames("a"))
    row = story.log.entry(f"station:{YUSHAN}", int(entry.rpartition("@")[2]))
    assert row is not None
    with story.log.writing() as writer:
        writer.append([StoredEvent(row.stream, row.version + 2, row.topic, row.state)])
    with pytest.raises(IntegrityBroken) as error:
        story.submit(renames("b"))
    assert error.value.fault.code == "log-inconsistent"
    worded(error.value.fault)


# Receipts


def test_a_receipt_shows_all_its_fields_in_the_users_language(story: Story) -> None:
    answer = story.submit(renames("a", id="x"))
    assert answer.receipt.render("zh") == {
        "line": 1,
        "id": "x",
        "status": "recorded",
        "entry": f"{YUSHAN}@2",
        "position": 8,
        "voided": False,
        "irregularities": [],
        "notes": [],
        "faults": [],
    }
    fault = story.submit(BAD).receipt.render("zh")["faults"][0]
    assert list(fault) == ["code", "field", "clause", "message", "hint"]
    assert fault["message"] == "台账里没有编号为 320583999 的司法所"
    assert story.submit(BAD).receipt.render("en")["faults"][0]["message"] == "the ledger has no station 320583999"


def test_irregularities_stand_in_the_receipt_and_in_the_event(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    answer = story.submit(applies("2024-04-02", irregular="又")).recorded("already-applied")
    (stored,) = story.state(answer.entry)["irregularities"]
    (shown,) = answer.receipt.irregularities
    assert (stored["code"], stored["field"], stored["clause"]) == (shown.code, shown.field, shown.clause)
    assert shown.clause == "三"


# Hostile lines


def test_unknown_words_without_number_are_told_in_time(story: Story) -> None:
    import time

    papers = [{"sha256": "0" * 64, "name": "n", "supports": [f"k{n}x{m}" for m in range(400)]} for n in range(100)]
    facts = {f"fact{number}": number for number in range(1000)}
    started = time.process_time()
    answer = story.submit(act("report", "2024-01-01", YUSHAN, facts=facts, evidence=papers))
    answer.refused("unknown-fact")
    assert len(answer.receipt.faults) == 1000
    assert time.process_time() - started < 10
    assert lookup_module.MOST_NEAR < 1000


def refusals(story: Story, records: Iterable[Record]) -> list[set[str]]:
    return [Answer(receipt).faults for receipt in story.ledger.submit(lines(records))]


def test_a_file_of_nothing_but_bad_lines(story: Story) -> None:
    assert refusals(story, [BAD] * 3) == [{"unknown-station"}] * 3


def test_a_line_sees_an_office_that_an_earlier_line_of_its_file_closed(story: Story) -> None:
    story.given(enrol("320590", "county", CITY, CITY, "2024-01-01"))
    states = [act("report", on, KUNSHAN, facts={"staff": 5}) for on in ("2024-05-01", "2024-07-01")]
    closing = act("close_office", "2024-06-01", CITY, office=KUNSHAN, successor="320590")
    before, closed, after = story.submit_file(states[0], closing, states[1], partial=True)
    before.recorded()
    closed.recorded()
    after.refused("unknown-office")
