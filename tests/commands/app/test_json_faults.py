"""With `--json` a program is told in JSON why there is no answer: on standard error, in one line, and nothing else."""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import Result

from desk import CITY, COUNTY, STATION, Desk, classify
from dingji.store.log import Log
from dingji_commands.main import MODULES, main

FIELDS: Final = {"code", "field", "message", "hint"}

DAY: Final = ("--on", "2024-01-01")
BY: Final = (*DAY, "--by", COUNTY)

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "submit": ("a.jsonl",),
    "assess": (STATION, "--standard", "standard", "--dry-run"),
    "evidence add": ("a.jsonl", "--station", STATION, "--supports", "full_time_staff", *BY),
    "history": (STATION,),
    "station": (STATION,),
    "why": (STATION,),
    "whynot": (STATION, "benchmark"),
    "impact": (f"{STATION}@1",),
    "evidence show": (STATION,),
    "diff": (*DAY, "--on", "2024-02-01"),
    "acts": ("--office", COUNTY),
    "lineage": (STATION,),
    "recheck": ("--all",),
    "simulate": ("--plugin", "dingji"),
    "standards ambiguities": ("--affected",),
    "facts": ("--swings",),
    "report": (STATION, *BY),
}
"""What a question or a verb must be given to get as far as the ledger."""

NO_LEDGER: Final = {"plugins", "plugins test", "standards", "standards show", "standards verify", "schema"}
"""What asks no ledger."""


def command_of(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found
    return found


def takes_json(name: str) -> bool:
    return any("--json" in param.opts for param in command_of(name).params)


WITH_JSON: Final = [name for name in MODULES if takes_json(name)]


def needed(name: str) -> tuple[str, ...]:
    """Return arguments with which a command can be tried."""
    if name in NEEDED:
        return NEEDED[name]
    found: list[str] = []
    for param in command_of(name).params:
        if param.required and isinstance(param, click.Argument):
            found.append(STATION)
        elif param.required:
            kind, given = param.type, {"on": "2024-01-01", "year": "2024"}
            value = kind.choices[0] if isinstance(kind, click.Choice) else given.get(param.name or "", CITY)
            found += [param.opts[0], value]
    return tuple(found)


def fault(result: Result | subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    """Return the one fault on standard error, where nothing else may stand; what was answered so far is JSON."""
    errors, answer = result.stderr, result.stdout
    text = errors.decode() if isinstance(errors, bytes) else errors
    for line in answer.splitlines():
        json.loads(line)
    assert text.count("\n") == 1
    (found,) = json.loads(text)["faults"]
    assert set(found) == FIELDS
    assert found["message"]
    own: dict[str, Any] = found
    return own


@pytest.fixture(autouse=True)
def _at_the_desk(monkeypatch: pytest.MonkeyPatch, bare_desk: Desk) -> None:
    monkeypatch.chdir(bare_desk.folder)


@pytest.mark.parametrize("name", WITH_JSON)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_use_is_told_in_json(bare_desk: Desk, name: str, language: str) -> None:
    for arguments in (("--json", "--no-such-option"), ("--no-such-option", "--json"), ("--json", "--lang", "fr")):
        result = bare_desk.run(*name.split(), *arguments, lang=language)
        assert (result.exit_code, result.stdout) == (2, "")
        found = fault(result)
        assert (found["code"], found["field"]) == ("bad-usage", "lang" if "fr" in arguments else "no-such-option")
        assert f"dingji {name} --help" in found["hint"]


@pytest.mark.parametrize("name", [name for name in WITH_JSON if any(one.required for one in command_of(name).params)])
def test_what_is_missing_is_told_in_json(bare_desk: Desk, name: str) -> None:
    result = bare_desk.run(*name.split(), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    found = fault(result)
    assert found["code"] == "bad-usage"
    assert found["field"] in {param.name for param in command_of(name).params}


@pytest.mark.parametrize("name", sorted(set(WITH_JSON) - NO_LEDGER))
def test_a_ledger_that_is_not_there_is_told_in_json(bare_desk: Desk, name: str) -> None:
    bare_desk.file("a.jsonl", classify())
    result = bare_desk.run(*name.split(), *needed(name), "--json")
    assert result.exit_code == 1, result.output
    assert fault(result)["code"] == "no-ledger"


@pytest.mark.parametrize("name", sorted(set(WITH_JSON) - NO_LEDGER))
def test_a_file_that_is_no_ledger_is_told_in_json(bare_desk: Desk, name: str) -> None:
    bare_desk.file("a.jsonl", classify())
    bare_desk.ledger.write_text("nothing of the kind, and long enough to be looked at" * 100)
    result = bare_desk.run(*name.split(), *needed(name), "--json")
    assert result.exit_code in {1, 3}, result.output
    assert fault(result)["code"] == "not-a-ledger"


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (("--json",), "bad-usage", "json"),
        (("--json", "levels"), "bad-usage", "json"),
        (("levls", "--json"), "bad-usage", None),
        (("init", "--json"), "bad-usage", "json"),
        (("levels", "--json", "--csv"), "bad-usage", None),
        (("levels", "--json", "--on", "2024"), "bad-usage", "on"),
        (("cases", "--json", "--days", "x"), "bad-usage", "days"),
        (("standards", "verify", "no-such-file", "--json"), "unreadable-file", None),
        (("standards", "--notice", "x", "--json"), "unknown-notice", None),
        (("schema", "repor", "--json"), "bad-usage", None),
    ],
)
def test_a_fault_of_a_command_without_a_ledger_is_told_in_json(
    bare_desk: Desk, arguments: tuple[str, ...], code: str, field: str | None
) -> None:
    found = fault(bare_desk.run(*arguments))
    assert (found["code"], found["field"]) == (code, field)


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        (("submit", "empty.jsonl", "--json"), "empty-file", None),
        (("submit", "no.jsonl", "--json"), "unreadable-file", None),
        (("submit", "bytes.csv", "--json"), "unreadable-file", None),
        (("history", "1", "--json"), "unknown-station", "station"),
        (("levels", "--county", "1", "--json"), "unknown-office", "county"),
        (("levels", "--known", "999999", "--json"), "bad-usage", "known"),
        (("evidence", "show", "1", "--json"), "unknown-station", "station"),
    ],
)
def test_a_fault_of_a_whole_command_is_told_in_json(
    desk: Desk, arguments: tuple[str, ...], code: str, field: str | None
) -> None:
    desk.file("empty.jsonl")
    desk.folder.joinpath("bytes.csv").write_bytes(b"do,\xff\n")
    found = fault(desk.run(*arguments))
    assert (found["code"], found["field"]) == (code, field)
    assert found["hint"]


def test_a_word_that_only_looks_like_the_option_changes_nothing(desk: Desk) -> None:
    for arguments in (("acts", "--office", "1", "--person", "--json"), ("levels", "--", "--json")):
        result = desk.run(*arguments)
        assert result.exit_code == 2
        assert not result.stderr.startswith("{")


def test_a_busy_ledger_is_told_in_json(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = Log.writing
    monkeypatch.setattr(Log, "writing", lambda log, *_: writing(log, 0.0))
    with closing(sqlite3.connect(desk.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = desk.run("submit", desk.file("a.jsonl", classify()), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert fault(result)["code"] == "ledger-busy"


def test_a_broken_ledger_is_told_in_json(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.ledger)) as connection, connection:
        connection.execute("DROP TRIGGER entries_never_change")
        connection.execute("UPDATE stored_events SET topic='Nonsense' WHERE originator_id='station:320583100'")
    result = desk.run("history", STATION, "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    fault(result)


def test_a_bug_is_told_in_json(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("dingji_commands.app.wiring.open_views", broken)
    found = fault(desk.run("levels", "--json"))
    assert found["code"] == "internal"
    Path(next(word for word in found["message"].split() if word.endswith(".txt"))).unlink()


def test_a_bug_in_the_words_for_a_fault_is_told_in_json(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("dingji_commands.app.errors.print_fault", broken)
    found = fault(desk.run("history", "1", "--json"))
    assert (found["code"], found["hint"]) == ("internal", "")
    Path(found["message"]).unlink()


def test_output_that_cannot_be_written_is_told_in_json(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dingji_commands.app.question.print_lines", full)
    found = fault(desk.run("levels", "--json"))
    assert (found["code"], "No space" in found["message"]) == ("no-output", True)


@pytest.mark.parametrize("refused", [KeyboardInterrupt, OSError(errno.ENOSPC, "full")])
def test_what_was_recorded_all_the_same_stands_beside_the_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, refused: BaseException
) -> None:
    def stopped(*_: object) -> None:
        raise refused

    monkeypatch.setattr("dingji_commands.write.recording.print_receipts_json", stopped)
    result = desk.run("submit", desk.file("a.jsonl", classify()), "--json")
    assert json.loads(result.stderr)["recorded"] is True
    assert fault(result)["code"] == ("no-output" if isinstance(refused, OSError) else "interrupted-late")
    assert desk.head() == 106


@pytest.mark.parametrize("asking", [True, False])
def test_an_interruption_is_told_in_json(desk: Desk, monkeypatch: pytest.MonkeyPatch, asking: bool) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dingji_commands.audit.conflicts.conflicts_at", interrupted)
    monkeypatch.setattr("dingji.intake.files.Source.lines", interrupted)
    arguments = ("conflicts",) if asking else ("submit", desk.file("a.jsonl", classify()))
    result = desk.run(*arguments, "--json")
    assert result.exit_code == 130
    assert fault(result)["code"] == ("question-interrupted" if asking else "interrupted")


def test_refused_lines_without_a_place_are_told_in_json(desk: Desk) -> None:
    file = desk.file("a.jsonl", classify(), {"do": "x"})
    Path(f"{file}.rejected.jsonl").mkdir()
    found = fault(desk.run("submit", file, "--partial", "--json"))
    assert found["code"] == "unwritable-file"
    assert desk.head() == 105


def test_a_notice_stands_before_the_fault(desk: Desk, demo_ledger: Path) -> None:
    """What is said besides stays a sentence; the last line is the fault's."""
    shutil.copy(demo_ledger, desk.ledger)
    off = {"DINGJI_PLUGINS_OFF": "suzhou_2023_143"}
    done = desk.process("station", "1", "--json", env=off)
    *notices, last = done.stderr.decode().splitlines()
    assert len(notices) == 1
    assert json.loads(last)["faults"][0]["code"] == "unknown-station"
