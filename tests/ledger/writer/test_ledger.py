"""One file, one transaction: all or nothing, what later lines see, receipts, ids, memory."""

from __future__ import annotations

import gc
import json
import signal
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dingji.events.row import Row
from dingji.faults import Fault, IntegrityBroken, LedgerError
from dingji.intake.files import Line
from dingji.intake.receipts import Receipts
from dingji.state.state_cache import BYTES_AN_ENTRY
from dingji.store.log import Writer, create_log
from dingji.terms import Status
from dingji.writer import lookup as lookup_module
from dingji.writer import pending_log
from dingji.writer.ledger import Ledger
from stories import (
    BACHENG,
    CITY,
    HUQIU,
    KUNSHAN,
    NOW,
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
    recognises,
    recommends,
    register,
    voids,
    worded,
)


def renames(name: str, on: str = "2024-01-01", **fields: Any) -> Record:
    return act("rename", on, KUNSHAN, name=name, **fields)


BAD = renames("x", station="320583999")


def rows(story: Story) -> list[Row]:
    return list(story.log.scan())


# All or nothing


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


# Founding


def test_founding_is_all_or_nothing(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        new = Ledger(log, lambda: story.plugins, clock=lambda: NOW)
        with new.start_new(story.notice, date(2021, 1, 1), lines([BAD])) as receipts:
            assert not receipts.committed
        assert log.head() == 0
        with new.start_new(story.notice, date(2021, 1, 1), []) as receipts:
            assert receipts.committed
        assert [row.topic for row in log.scan()] == ["OfficeEnrolled", "NoticeAdopted"]


def test_founding_in_the_future_is_refused(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        new = Ledger(log, lambda: story.plugins, clock=lambda: NOW)
        with pytest.raises(LedgerError) as error:
            new.start_new(story.notice, date(2030, 1, 16), [])
        assert error.value.fault.code == "future-date"
        assert log.head() == 0


def test_a_log_without_a_notice_is_no_ledger_yet(tmp_path: Path, story: Story) -> None:
    with create_log(tmp_path / "new.ledger") as log:
        with pytest.raises(LedgerError) as error:
            Ledger(log, lambda: story.plugins, clock=lambda: NOW).submit(lines([renames("a")]))
        assert error.value.fault.code == "not-a-ledger"
        worded(error.value.fault)


# Ids


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


# What is remembered between files


def test_a_long_lived_ledger_sees_what_another_process_wrote(story: Story) -> None:
    story.given(opens(PROMOTION_24), applies())
    other = story.reopen()
    with other.submit(
        lines([act("withdraw", "2024-04-02", YUSHAN, level="benchmark", round=PROMOTION_24)])
    ) as receipts:
        assert receipts.committed
    story.submit(recommends()).refused("case-ended")
    story.given(applies("2024-04-03"))
    with other.submit(lines([recommends()])) as receipts:
        assert receipts.committed
    other.log.close()


def test_a_ledger_that_is_far_behind_forgets_all_it_held(story: Story) -> None:
    story.given(renames("first"), opens(PROMOTION_24), applies())
    other = story.reopen()
    many = [renames(f"n{number}") for number in range(pending_log.FLUSH_ROWS + 10)]
    withdrawn = act("withdraw", "2024-04-02", YUSHAN, level="benchmark", round=PROMOTION_24)
    with other.submit(lines([*many, withdrawn])) as receipts:
        assert receipts.committed
    other.log.close()
    story.submit(recommends()).refused("case-ended")
    assert story.submit(renames("last")).recorded().entry == f"{YUSHAN}@{len(many) + 5}"


def test_after_a_file_that_was_not_recorded_nothing_of_it_is_remembered(story: Story) -> None:
    story.submit_file(opens(PROMOTION_24), applies(), renames("x"), BAD)
    story.submit_file(opens(PROMOTION_24), applies(), renames("x"), dry_run=True)
    story.submit(applies()).refused("unknown-round")
    assert story.submit(renames("y")).recorded().entry == f"{YUSHAN}@2"


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


# Memory


def mixed(count: int) -> list[Record]:
    """Return a file that goes to and fro between many stations, a round and offices."""
    codes = [f"3205832{number:02}" for number in range(20)]
    found = [opens(PROMOTION_24), *(register(code, KUNSHAN, CITY, "2021-02-01") for code in codes)]
    for number in range(count):
        code = codes[(number * 7) % len(codes)]
        about = {"station": code, "note": f"{number}"}
        kind = number % 5
        if kind == 0:
            found.append(applies("2024-04-01", code, irregular="又", **about))
        elif kind == 1:
            found.append(recommends("2024-04-02", irregular="又", **about))
        elif kind == 2:
            found.append(act("classify", "2022-01-01", KUNSHAN, size="large", **about))
        elif kind == 3:
            found.append(act("report", "2022-01-01", code, facts={"staff": number}, **about))
        else:
            found.append(act("rename_office", "2022-01-01", CITY, office=KUNSHAN, name=f"局{number}", note=f"{number}"))
    return found


def test_states_that_leave_the_memory_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = mixed(600)
    monkeypatch.setattr(pending_log, "FLUSH_ROWS", 37)
    logs = []
    for name, cap in (("large", 256 << 20), ("small", 1), ("middle", 40 * BYTES_AN_ENTRY)):
        folder = tmp_path / name
        folder.mkdir()
        with Story(folder, cap_bytes=cap) as story:
            answers = story.submit_file(*records)
            assert {answer.status for answer in answers} == {"recorded"}
            story.given(renames("last"))
            logs.append(rows(story))
    assert logs[0] == logs[1] == logs[2]


def test_what_is_held_between_files_is_what_fits(tmp_path: Path) -> None:
    with Story(tmp_path, cap_bytes=40 * BYTES_AN_ENTRY) as story:
        for record in mixed(300):
            story.given(record)
            held = sum(state.version for state in story.held().values())
            assert held < 40 + 160  # and the streams that one decision looks at, of which one is sixty entries long
        assert story.log.head() > 300


def test_receipts_cost_no_memory(story: Story) -> None:
    import tracemalloc

    receipts = Receipts()
    (receipt,) = story.ledger.submit(lines([BAD]))
    tracemalloc.start()
    for _ in range(20_000):
        receipts.add(receipt, b"x" * 200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    receipts.settle(committed=True, base=0)
    assert peak < 8 << 20
    assert sum(1 for _ in receipts) == sum(1 for _ in receipts.rejected()) == 20_000
    receipts.close()


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


def test_nothing_of_a_transaction_outlives_it(story: Story) -> None:
    story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 5}))
    story.submit(act("judge", "2024-05-02", CITY, judgements={"nothing": {"outcome": "met", "reason": "x"}}))
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, lookup_module.Lookup)] == []
