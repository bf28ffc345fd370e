"""The demonstration: the data file replayed into the same ledger every time, shown, and whole or not at all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import Desk, classify
from dingji.evidence.papers import Papers
from dingji.evidence.references import digests
from dingji.faults import LedgerError
from dingji.plugins.manager import load_plugins
from dingji.store.log import Log, open_log
from dingji_commands.app.settings import Settings
from dingji_commands.demo import play as demo_play
from dingji_commands.demo.demo import demo
from dingji_commands.demo.play import DATA, LARGEST, MOST_LINES, play

LINES = gzip.decompress(DATA.read_bytes()).splitlines(keepends=True)


@pytest.fixture(scope="module")
def log(demo_ledger: Path) -> Iterator[Log]:
    with open_log(demo_ledger, readonly=True) as log:
        yield log


def test_two_ledgers_are_the_same_row_by_row(tmp_path: Path, log: Log) -> None:
    play(DATA, tmp_path / "again.dingji", load_plugins())
    with open_log(tmp_path / "again.dingji", readonly=True) as again:
        assert list(again.scan()) == list(log.scan())


def test_the_data_file_says_nothing_of_the_machine_it_was_made_on() -> None:
    content = DATA.read_bytes()
    assert content[3:10] == bytes(5) + b"\x02\xff"  # no name, no time; packed as well as can be, on no system
    assert len(content) < 1 << 18


def test_assessments_are_submitted_and_not_their_results() -> None:
    submissions = [one for line in map(json.loads, LINES) for one in line.get("submissions", ())]
    assessments = [one for one in submissions if one["do"] == "assess"]
    assert len(assessments) > 100
    assert {*assessments[0]} == {"do", "on", "by", "note", "station", "standard"}


def changed(number: int, old: bytes, new: bytes) -> list[bytes]:
    """Return the lines with one changed."""
    assert old in LINES[number]
    return [*LINES[:number], LINES[number].replace(old, new, 1), *LINES[number + 1 :]]


PACKED = DATA.read_bytes()

TORN = {
    "empty": b"",
    "not packed": LINES[0],
    "cut off": PACKED[:-20],
    "overwritten": PACKED[:50_000] + bytes(50) + PACKED[50_050:],
}
"""Files that cannot be unpacked."""

DAMAGED: dict[str, tuple[list[bytes], str]] = {
    "no lines": ([], "unreadable-file"),
    "no founding": (LINES[1:], "unreadable-file"),
    "founded twice": ([LINES[0], LINES[0]], "unreadable-file"),
    "a blank line": ([LINES[0], b"\n", LINES[1]], "unreadable-file"),
    "half a line": ([LINES[0], LINES[1][:-9]], "unreadable-file"),
    "nested too deeply": ([LINES[0], b"[" * 100_000], "unreadable-file"),
    "not UTF-8": ([LINES[0], b'{"type":"paper","text":"\xff"}'], "unreadable-file"),
    "a moment without a zone": (changed(1, b"+08:00", b""), "unreadable-file"),
    "a line without a type": (changed(1, b'"type"', b'"kind"'), "unreadable-file"),
    "an unknown type": (changed(1, b'"file"', b'"folder"'), "unreadable-file"),
    "an unknown notice": (changed(0, b"suzhou-2023-143", b"suzhou-2023-144"), "unknown-notice"),
    "an unknown verb": (changed(0, b'"do":"enrol_office"', b'"do":"enrol"'), "unknown-verb"),
    "an unknown station": (changed(1, b'"station":"3', b'"station":"4'), "unknown-station"),
    "nothing but the founding": (LINES[:1], "unreadable-file"),
    "a file in the wrong place": ([LINES[0], LINES[2], LINES[1], *LINES[3:]], "unreadable-file"),
    "a paper before the files": ([LINES[0], LINES[-1], *LINES[1:-1]], "unreadable-file"),
    "a paper twice": ([*LINES, LINES[-1]], "unreadable-file"),
    "a paper lost": (LINES[:-1], "unreadable-file"),
    "a moment past all calendars": (changed(0, b'"recorded":"20', b'"recorded":"00'), "unreadable-file"),
    "too many lines": ([LINES[0], b"\n" * MOST_LINES], "unreadable-file"),
    "too large": ([b" " * (LARGEST + 1)], "too-large"),
}
"""Files that can be unpacked, but not replayed."""


@pytest.mark.parametrize("damage", [*TORN, *DAMAGED])
def test_a_damaged_data_file_is_refused_and_leaves_nothing(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, code = DAMAGED.get(damage, ([], "unreadable-file"))
    data, folder = tmp_path / "demo.jsonl.gz", tmp_path / "folder"
    data.write_bytes(TORN[damage] if damage in TORN else gzip.compress(b"".join(lines), 1))
    folder.mkdir()
    monkeypatch.setattr(demo_play, "DATA", data)
    with pytest.raises(LedgerError) as raised:
        _run(folder / "demo.dingji")
    assert raised.value.fault.code == code
    assert list(folder.iterdir()) == []


def test_a_package_without_its_data_file_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as raised:
        play(tmp_path / "nothing.gz", tmp_path / "demo.dingji", load_plugins())
    assert raised.value.fault.code == "unreadable-file"


def test_an_existing_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "demo.dingji"
    path.write_text("mine")
    with pytest.raises(LedgerError) as raised:
        _run(path)
    assert raised.value.fault.code == "ledger-exists"
    assert path.read_text() == "mine"


@pytest.mark.parametrize(("language", "words"), [("zh", "模拟"), ("en", "simulated")])
def test_the_command_writes_the_ledger_and_shows_it(
    language: str, words: str, tmp_path: Path, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "demo.dingji"
    assert _run(path, language) == 0
    shown = capsys.readouterr().out
    assert words in shown.splitlines()[0]
    assert "2026-06-30  13" in shown
    assert "320583100@10" in shown
    assert f"DINGJI_LEDGER={path}" in shown
    with open_log(path, readonly=True) as written:
        assert written.head() == log.head()
        named = digests(written)
    papers = Papers(path)
    assert set(papers.kept()) == set(named)
    assert {papers.state(sha256).state for sha256 in named} == {"ok"}
    said = [(papers.folder / sha256[:2] / sha256).read_text("utf-8") for sha256 in named]
    assert all("模拟" in text and "Simulated" in text for text in said)


def test_a_demonstration_in_the_place_of_another_that_went_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ok("demo", "--ledger", str(desk.ledger))
    before = desk.ok("levels", "--on", "2026-06-30")
    desk.ok("submit", desk.file("more.jsonl", classify(on="2026-06-01")))
    desk.ok("levels")
    desk.ledger.unlink()
    desk.ok("demo", "--ledger", str(desk.ledger))
    assert desk.ok("levels", "--on", "2026-06-30") == before


def test_an_existing_folder_of_papers_stays_and_is_filled_up(tmp_path: Path) -> None:
    path = tmp_path / "demo.dingji"
    other = tmp_path / "demo.dingji.evidence" / "ab" / ("ab" + "0" * 62)
    other.parent.mkdir(parents=True)
    other.write_text("another ledger's")
    assert _run(path) == 0
    assert other.read_text() == "another ledger's"
    with open_log(path, readonly=True) as written:
        assert all(Papers(path).state(sha256).state == "ok" for sha256 in digests(written))


def test_without_a_name_it_is_called_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DINGJI_LEDGER", raising=False)
    settings = Settings(language="en", ledger=Path("dingji.ledger"))
    assert demo.main([], "dingji demo", standalone_mode=False, obj=settings) == 0
    assert (tmp_path / "demo.dingji").is_file()
    assert not (tmp_path / "dingji.ledger").exists()


def _run(path: Path, language: str = "zh") -> int:
    settings = Settings(language=language, ledger=Path("dingji.ledger"))
    code: int = demo.main(["--ledger", str(path)], "dingji demo", standalone_mode=False, obj=settings)
    return code
