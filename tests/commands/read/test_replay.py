"""`dingji replay`: lines into a pipe, JSON, and a live table on a terminal that is left as it was found."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

import pytest

from desk import CITY, COUNTY, STATION, Desk, classify
from terminals import terminal

AWAY = "320505"


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk where one station is recognised, classified by mistake, and moved to another county."""
    recognise = {"do": "recognise", "station": STATION, "level": "high_standard", "under": "旧文件", "on": "2022-05-01"}
    desk.ok("submit", desk.file("a.jsonl", recognise | {"by": {"office": CITY}}, classify()))
    desk.ok(
        "void", f"{STATION}@3", "--cause", "recording-error", "--reason", "录错", "--on", "2024-01-05", "--by", COUNTY
    )
    desk.ok("transfer", STATION, "--county", AWAY, "--on", "2024-06-01", "--by", CITY)
    return desk


def played(desk: Desk, *arguments: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the head of what is played, and the entries."""
    head, *entries = map(json.loads, desk.ok("replay", "--json", *arguments).splitlines())
    return head, entries


def test_every_entry_is_a_line_of_json_behind_the_basis(told: Desk) -> None:
    head, entries = played(told)
    assert head["basis"]["known"] == told.head()
    assert (head["from"], head["until"], head["counts"]) == (1, told.head(), {})
    assert [entry["position"] for entry in entries] == list(range(1, told.head() + 1))
    recognised = next(entry for entry in entries if entry["entry"] == f"{STATION}@2")
    assert recognised["topic"] == "LevelRecognised"
    assert recognised["changes"] == [
        {
            "from": "2022-05-01",
            "to": None,
            "was": {"county": COUNTY, "size": None, "level": "ungraded", "rank": 0},
            "is": {"county": COUNTY, "size": None, "level": "high_standard", "rank": 2},
        }
    ]
    assert recognised["counts"] == {COUNTY: {"ungraded": 6, "high_standard": 1}}


def test_a_county_is_played_up_to_the_leaving_of_its_station(told: Desk) -> None:
    _, entries = played(told, "--county", COUNTY)
    assert [entry["entry"] for entry in entries if entry["entry"].startswith(STATION)] == [
        f"{STATION}@{version}" for version in range(1, 6)
    ]
    assert entries[-1]["counts"] == {COUNTY: {"ungraded": 6}}
    _, there = played(told, "--county", AWAY)
    assert there[-1]["entry"] == f"{STATION}@5"
    assert there[-1]["counts"][AWAY]["high_standard"] == 1


def test_a_station_a_basis_and_days_of_recording_bound_what_is_played(told: Desk) -> None:
    assert len(played(told, "--station", STATION)[1]) == 5
    known = str(told.head() - 1)
    head, entries = played(told, "--station", STATION, "--known", known)
    assert (len(entries), head["basis"]["known"]) == (4, int(known))
    assert head["basis"] == told.json("levels", "--basis", known)["basis"]
    assert played(told, "--basis", known, "--station", STATION) == (head, entries)
    assert told.json("history", STATION, "--known", known)["basis"] == head["basis"]
    assert played(told, "--from", "2999-01-01")[1] == []
    assert played(told, "--until", "2020-01-01")[1] == []
    today = told.json("history", STATION)["basis"]["recorded_until"][:10]
    start = played(told, "--from", today)[0]["from"]
    assert 1 <= start <= told.head() + 1


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["ungraded → high-standard", "ungraded 6", "all", "as known up to"]),
        ("zh", ["未定级 → 高标所", "合计", "按台账所知"]),
    ],
)
def test_a_pipe_gets_plain_lines(told: Desk, lang: str, words: list[str]) -> None:
    said = told.ok("replay", "--county", COUNTY, lang=lang)
    assert [word for word in words if word not in said] == []
    assert f"{STATION}@2" in said
    assert "\x1b" not in said
    assert max(map(_width, said.splitlines())) <= 100


def _width(line: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in line)


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("--station", "320583999"), "unknown-station", 2),
        (("--county", "320599"), "unknown-office", 2),
        (("--station", STATION, "--known", "3"), "unknown-station", 2),
        (("--step",), "terminal", 2),
        (("--step", "--speed", "5"), "--speed", 2),
        (("--json", "--speed", "5"), "--json", 2),
        (("--speed", "0"), "--speed", 2),
        (("--from", "2024-01-02", "--until", "2024-01-01"), "--from", 2),
        (("--from", "yesterday"), "--from", 2),
        (("--known", "1", "--basis", "1"), "--basis", 2),
        (("--known", "999999"), "--known", 2),
    ],
)
def test_what_is_asked_wrongly(told: Desk, arguments: tuple[str, ...], code: str, exit_code: int) -> None:
    result = told.run("replay", *arguments)
    assert (result.exit_code, code in result.output) == (exit_code, True), result.output
    assert "9999-12-31" not in result.output  # a date that nobody gave


def test_keys_go_on_from_entry_to_entry_and_quit(told: Desk) -> None:
    with terminal(told, "replay", "--station", STATION, "--step") as screen:
        screen.wait_for(f"{STATION}@1")
        screen.press("x").press(" ").wait_for("ungraded → high-standard")
        screen.press("\n").wait_for(f"{STATION}@3")
        screen.press("q").wait_for("Played up to position")
        assert screen.ended() == 0
        assert screen.settings() == screen.before
        assert b"\x1b[?25h" in screen.seen  # the cursor is shown again


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how", [("--step",), ("--speed", "1")])
def test_ctrl_c_quits_and_leaves_the_terminal_as_it_was(told: Desk, how: tuple[str, ...]) -> None:
    with terminal(told, "replay", "--station", STATION, *how) as screen:
        screen.wait_for(f"{STATION}@1")
        assert screen.settings() != screen.before
        screen.press("\x03").wait_for("Played up to position")
        assert screen.ended() == 0
        assert screen.settings() == screen.before


def test_what_ends_the_process_still_sets_the_terminal_back(told: Desk) -> None:
    with terminal(told, "replay", "--station", STATION, "--step") as screen:
        screen.wait_for(f"{STATION}@1")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.ended() == 128 + signal.SIGTERM
        assert screen.settings() == screen.before


def test_a_hang_up_that_was_ignored_at_the_start_stays_so(told: Desk) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` starts a command
    try:
        with terminal(told, "replay", "--station", STATION, "--step") as screen:
            screen.wait_for(f"{STATION}@1")
            screen.process.send_signal(signal.SIGHUP)
            screen.press("q").wait_for("Played up to position")
            assert screen.ended() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_key_holds_what_runs_by_the_clock(told: Desk) -> None:
    with terminal(told, "replay", "--station", STATION, "--speed", "10") as screen:
        screen.wait_for(f"{STATION}@1")
        screen.press(" ")
        screen.press(" ").wait_for(f"{STATION}@5")
        assert screen.ended() == 0


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_the_screen_fits_the_terminal(told: Desk, columns: int, lines: int) -> None:
    with terminal(told, "replay", "--step", columns=columns, lines=lines) as screen:
        screen.wait_for("q: quit")
        for _ in range(12):
            screen.press(" ").wait_for("q: quit")
        drawn = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", screen.seen).decode().replace("\r", "").strip("\n")
        assert len(drawn.split("\n")) <= lines
        assert max(map(_width, (line.rstrip() for line in drawn.split("\n")))) <= columns
        assert "office enrolled" in drawn
        screen.press("q")
        assert screen.ended() == 0
