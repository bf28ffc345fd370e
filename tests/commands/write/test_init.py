"""A new ledger: made whole from a good roster, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from desk import Desk
from dingji.faults import LedgerError
from dingji_commands.write.new_ledger import new_ledger, publish

HEADER = "station,name,serves,county,county_name"
GOOD = "320583100,玉山镇,town,320583,昆山市"


def test_a_ledger_has_its_top_office_and_its_notice(bare_desk: Desk) -> None:
    assert "3205" not in bare_desk.ok("init", "--on", "2023-08-23")
    assert bare_desk.head() == 2


def test_the_demonstration_roster_enrols_counties_and_registers_stations(bare_desk: Desk) -> None:
    said = bare_desk.ok("init", "--roster", "demo", "--on", "2021-01-01", lang="zh")
    assert "县级机构 10 个、司法所 93 个" in said
    assert bare_desk.head() == 2 + 10 + 93


def test_the_shipped_roster_is_a_file_like_any_other(bare_desk: Desk) -> None:
    roster = bare_desk.file("roster.csv", HEADER, GOOD, "320583101,巴城镇,town,320583,昆山市")
    assert "county offices 1, stations 2" in bare_desk.ok("init", "--roster", roster, "--on", "2021-01-01")


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o644)])
def test_who_may_read_a_ledger_is_for_the_umask_and_nobody_else_writes_it(
    bare_desk: Desk, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        bare_desk.ok("init")
    finally:
        os.umask(before)
    assert stat.S_IMODE(bare_desk.ledger.stat().st_mode) == mode


def test_without_a_date_a_ledger_begins_today(bare_desk: Desk) -> None:
    bare_desk.ok("init")


@pytest.mark.parametrize(
    ("row", "code", "where"),
    [
        ("320583101,,town,320583,昆山市", "missing-field", "line 3 name"),
        ("320583101,巴城镇,town,320583,", "missing-field", "line 3 county_name"),
        ("320583101,巴城镇,town,320583,昆山", "bad-value", "line 3 county_name"),
        ("320583101,巴城镇,village,320583,昆山市", "bad-value", "line 3 serves"),
        ("32058310１,巴城镇,town,320583,昆山市", "bad-value", "line 3 station"),
        ("320583100,巴城镇,town,320583,昆山市", "already-registered", "line 3 station"),
    ],
)
def test_a_fault_of_the_roster_is_located_and_leaves_no_file(bare_desk: Desk, row: str, code: str, where: str) -> None:
    roster = bare_desk.file("roster.csv", HEADER, GOOD, row)
    result = bare_desk.run("init", "--roster", roster, "--on", "2021-01-01")
    assert result.exit_code == 1
    assert code in result.stdout
    assert where in result.stdout
    assert [path.name for path in bare_desk.folder.iterdir()] == ["roster.csv"]


def test_all_faults_of_a_roster_are_listed_at_once(bare_desk: Desk) -> None:
    roster = bare_desk.file(
        "roster.csv", HEADER, "1,甲,town,320583,昆山市", "2,乙,town,320583,昆山市", "3,丙,hill,5,丁"
    )
    said = bare_desk.run("init", "--roster", roster, "--on", "2021-01-01").stdout
    assert all(f"line {number} station" in said for number in (2, 3, 4))


def test_unknown_columns_are_named(bare_desk: Desk) -> None:
    roster = bare_desk.file("roster.csv", f"{HEADER},adress", f"{GOOD},x")
    assert "adress" in bare_desk.run("init", "--roster", roster, "--on", "2021-01-01").stdout


def test_an_empty_roster_is_no_roster(bare_desk: Desk) -> None:
    result = bare_desk.run("init", "--roster", bare_desk.file("roster.csv", HEADER), "--on", "2021-01-01")
    assert (result.exit_code, bare_desk.ledger.exists()) == (1, False)
    assert "empty-file" in result.stderr


def test_nothing_is_overwritten(desk: Desk) -> None:
    before = desk.ledger.read_bytes()
    result = desk.run("init")
    assert result.exit_code == 1
    assert "ledger-exists" in result.stderr
    assert desk.ledger.read_bytes() == before


def test_what_is_left_of_an_earlier_ledger_is_in_the_way(bare_desk: Desk) -> None:
    Path(f"{bare_desk.ledger}-wal").write_bytes(b"entries of another ledger")
    assert "ledger-exists" in bare_desk.run("init").stderr


def test_a_folder_that_is_not_there_is_said_so(bare_desk: Desk) -> None:
    result = bare_desk.run("init", "--ledger", str(bare_desk.folder / "no" / "x.ledger"))
    assert result.exit_code == 1
    assert "ledger-not-writable" in result.stderr


def test_a_notice_that_is_not_installed_is_said_so(bare_desk: Desk) -> None:
    result = bare_desk.run("init", "--notice", "nowhere-2020-1", lang="zh")
    assert (result.exit_code, bare_desk.ledger.exists()) == (1, False)
    assert "unknown-notice" in result.stderr


def test_a_future_beginning_is_refused(bare_desk: Desk) -> None:
    roster = bare_desk.file("roster.csv", HEADER, GOOD)
    result = bare_desk.run("init", "--roster", roster, "--on", "2190-01-01")
    assert (result.exit_code, bare_desk.ledger.exists()) == (1, False)
    assert "future-date" in result.output


def test_a_future_beginning_is_refused_without_a_roster_too(bare_desk: Desk) -> None:
    result = bare_desk.run("init", "--on", "2190-01-01")
    assert (result.exit_code, bare_desk.ledger.exists()) == (1, False)
    assert "future-date" in result.output


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(bare_desk: Desk) -> None:
    with new_ledger(bare_desk.ledger) as draft:
        draft.write_bytes(b"ours")
        bare_desk.ledger.write_bytes(b"another's")
        with pytest.raises(LedgerError, match="ledger-exists"):
            publish(draft, bare_desk.ledger)
    assert bare_desk.ledger.read_bytes() == b"another's"


def test_a_file_system_without_hard_links_will_do(bare_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    bare_desk.ok("init", "--roster", "demo", "--on", "2021-01-01")
    assert len(bare_desk.json("levels")["levels"]) == 93
