"""What a ledger remembers between files: what others wrote too, nothing of what failed, and no more than fits."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from dingji.intake.receipts import Receipts
from dingji.state.state_cache import BYTES_AN_ENTRY
from dingji.writer import lookup as lookup_module
from dingji.writer import pending_log
from ledger.writer.renamings import BAD, renames, rows
from stories import CITY, KUNSHAN, PROMOTION_24, YUSHAN, Record, Story, act, applies, lines, opens, recommends, register


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


def test_nothing_of_a_transaction_outlives_it(story: Story) -> None:
    story.given(act("report", "2024-05-01", YUSHAN, facts={"staff": 5}))
    story.submit(act("judge", "2024-05-02", CITY, judgements={"nothing": {"outcome": "met", "reason": "x"}}))
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, lookup_module.Lookup)] == []
