"""What a forged ledger, a hostile file or an argument says reaches no terminal raw: every command, in every form."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
import pytest

from desk import CITY, COUNTY, STATION, Desk
from dingji.faults import LedgerError
from dingji_commands.main import MODULES, VERBS, main
from hostile import (
    CONTROLS,
    HOSTILE,
    MARKS,
    SHORT,
    STORABLE,
    UNSEEN,
    forge,
    forged_lines,
    spoil_texts,
    spoil_words,
    steering,
    without_sequences,
)
from terminals import terminal

ROUND: Final = "2024-promotion"
ON: Final = ("--on", "2026-06-30")

ASKED: Final[dict[str, list[tuple[str, ...]]]] = {
    "init": [("--ledger", "new.ledger", "--roster", f"roster{SHORT}.csv", "--on", "2021-01-01"), ("--notice", SHORT)],
    "demo": [("--ledger", f"demo{SHORT}"), ("--ledger", "my.ledger")],
    "submit": [("bad.jsonl",), ("bad.jsonl", "--partial"), ("bad.csv",), (f"no{SHORT}.jsonl",), (f"bad{SHORT}.jsonl",)],
    "assess": [
        (STATION, "--standard", "standard", *ON, "--dry-run", "--all"),
        (SHORT, "--standard", SHORT, "--dry-run"),
    ],
    "evidence add": [
        (f"paper{SHORT}.txt", "--station", STATION, "--supports", "full_time_staff", *ON, "--by", STATION, "--dry-run")
    ],
    "backup": [(f"copy{SHORT}.ledger",), ("my.ledger",)],
    "levels": [ON, (*ON, "--level", SHORT), (*ON, "--county", SHORT), ("--known", SHORT), ("--on", SHORT)],
    "history": [(STATION,), ("320583103",), (SHORT,)],
    "replay": [("--until", "2024-02-01"), ("--station", STATION), ("--station", SHORT)],
    "station": [(STATION, *ON), ("320582100", "--on", "2025-01-01"), (SHORT,)],
    "why": [(STATION, *ON), (STATION, *ON, "--full"), (STATION, "--on", "2024-02-01", "--full"), (SHORT,)],
    "whynot": [(STATION, "benchmark", *ON, "--full"), (STATION, SHORT, *ON)],
    "stations": [ON, ("--closed",)],
    "rounds": [()],
    "cases": [(*ON, "--limit", "500"), ("--round", SHORT), ("--office", SHORT)],
    "conditions": [ON],
    "impact": [(f"{STATION}@2", "--if-voided"), (f"{STATION}@22",), (SHORT,)],
    "conformance": [("--all", *ON), ("--round", SHORT)],
    "facts template": [
        (STATION, "--standard", "standard"),
        (SHORT, "--standard", "standard"),
        (STATION, "--standard", SHORT),
    ],
    "evidence show": [(STATION,), (SHORT,)],
    "evidence verify": [()],
    "evidence reuse": [("--limit", "20")],
    "diff": [("--on", "2023-12-31", "--on", "2024-12-31")],
    "late": [("--days", "0", "--limit", "400")],
    "acts": [("--office", COUNTY), ("--person", SHORT), ("--office", SHORT)],
    "conflicts": [ON, ("--station", SHORT)],
    "lineage": [(STATION,), ("320582001",)],
    "recheck": [("--all",), ("--station", STATION), (SHORT,)],
    "simulate": [("draft.toml", *ON), (f"no{SHORT}.toml",), ("--plugin", SHORT), ("--plugin", "dingji", *ON)],
    "events": [("--from", "880"), ("--until", "150")],
    "rebuild": [()],
    "plugins": [()],
    "plugins new": [(SHORT,), ("sound-name", "--folder", f"new{SHORT}"), ("sound-name", "--folder", "bad.csv")],
    "plugins test": [(SHORT,)],
    "standards": [("--notice", SHORT)],
    "standards show": [("standard", "--official", "official.txt"), (SHORT,), ("standard", "--size", SHORT)],
    "standards ambiguities": [(), ("--affected", *ON)],
    "standards verify": [("official.txt",), (f"no{SHORT}",)],
    "facts": [(STATION, "--history", *ON), ("--swings", *ON), (SHORT,), (STATION, SHORT, "--history")],
    "schema": [(), ("report",), (SHORT,)],
    "report": [
        (STATION, "--from", "sheet.csv", *ON, "--by", STATION),
        (STATION, "--fact", f"{SHORT}=1", *ON, "--by", STATION),
    ],
}
"""What is asked of each command; a verb is asked by the form of its options."""

GOOD: Final = {"do": "classify", "station": STATION, "size": "medium", "on": "2026-06-01", "by": {"office": COUNTY}}


def verb_asked(name: str) -> list[tuple[str, ...]]:
    """Return a verb with hostile text wherever it takes a text, once about a station that exists."""
    command = main.get_command(click.Context(main), name)
    assert command
    own: list[str] = []
    for param in command.params:
        if isinstance(param, click.Option) and param.name in {"on", "by"}:
            own += [param.opts[0], {"on": "2026-06-01", "by": CITY}[param.name]]
        elif isinstance(param, click.Option) and not param.is_flag and param.name not in {"ledger", "lang"}:
            own += [param.opts[0], param.type.choices[0] if isinstance(param.type, click.Choice) else SHORT]
    return [(STATION, *own, "--dry-run"), (SHORT, "--on", SHORT), (SHORT, f"--no{SHORT}")]


def asked(name: str) -> list[tuple[str, ...]]:
    return ASKED[name] if name in ASKED else verb_asked(name)


def forms_of(name: str) -> list[tuple[str, ...]]:
    """Return the options of the forms in which a command answers."""
    command = main.get_command(click.Context(main), name)
    assert command
    flags = {flag for param in command.params for flag in param.opts}
    return [(), *((flag,) for flag in ("--json", "--csv") if flag in flags)]


def write_files(folder: Path) -> None:
    """Write files of a stranger: submissions, tables, a sheet, a paper, an official text, a draft."""
    lines: list[Any] = [GOOD | {"note": HOSTILE}, GOOD | {f"x{SHORT}": 1}, {"do": HOSTILE}, GOOD | {"station": SHORT}]
    lines += [GOOD | {"on": SHORT}, GOOD | {"size": SHORT, "id": SHORT}, GOOD | {"by": {"office": SHORT}}]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines) + f"not {HOSTILE} json\n"
    text += json.dumps(GOOD | {"note": "\ud800"}) + "\n"
    (folder / "bad.jsonl").write_text(text, "utf-8")
    (folder / f"bad{SHORT}.jsonl").write_text(text, "utf-8")
    with (folder / "bad.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ["do", "station", "on", "by", "size", "note", f"c{SHORT}"],
                ["classify", SHORT, SHORT, COUNTY, SHORT, STORABLE, "1"],
            ]
        )
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [["key", "value", "evidence"], [SHORT, "1", ""], ["full_time_staff", SHORT, f"no{SHORT}"]]
        csv.writer(file).writerows(rows)
    (folder / f"paper{SHORT}.txt").write_text("paper")
    table = f"\n\t序号\n\t内容\n\n\t1\n\t{CONTROLS}{MARKS}{UNSEEN}\n\n"
    (folder / "official.txt").write_text(f"附件1\n{table}附件2\n{table}", "utf-8")
    (folder / "draft.toml").write_text(f'code = "x"\n"{json.dumps(SHORT)[1:-1]}" = 1\n', "utf-8")


def forged_desk(folder: Path, ledger: Path, spoil: Callable[[sqlite3.Connection], None]) -> Desk:
    """Return a desk with a spoilt copy of a ledger and the files of a stranger."""
    desk = Desk(folder)
    shutil.copy(ledger, desk.ledger)
    forge(desk.ledger, spoil)
    write_files(desk.folder)
    return desk


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, demo_ledger: Path) -> Desk:
    """The demonstration with hostile text in every free text of its entries."""
    return forged_desk(tmp_path_factory.mktemp("told"), demo_ledger, spoil_texts)


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory, demo_ledger: Path) -> Desk:
    """The demonstration, and behind it entries with hostile streams, topics and codes."""
    return forged_desk(tmp_path_factory.mktemp("worded"), demo_ledger, spoil_words)


@pytest.fixture(autouse=True)
def _at_the_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: Desk) -> None:
    """Stand where the files are; and let what a command writes go elsewhere."""
    monkeypatch.chdir(told.folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def check(said: str) -> None:
    assert steering(said.removeprefix("\ufeff")) == set()  # the mark of a file that a spreadsheet is to open
    assert forged_lines(said) == []


def test_every_command_is_asked() -> None:
    assert set(ASKED) | set(VERBS) == set(MODULES)
    assert not set(ASKED) & (set(VERBS) - {"report"})


@pytest.mark.parametrize("name", MODULES)
def test_no_text_of_a_ledger_or_a_stranger_steers_what_reads_a_pipe(told: Desk, name: str) -> None:
    for form in forms_of(name):
        for arguments in asked(name):
            for language in ("zh", "en"):
                result = told.run(*name.split(), *arguments, *form, lang=language)
                check(result.stdout)
                check(result.stderr)
                assert "internal" not in result.stderr
                for line in result.stdout.splitlines() if form == ("--json",) else ():
                    json.loads(line)


@pytest.mark.parametrize("name", [name for name in MODULES if name not in VERBS])
def test_no_word_of_a_forged_ledger_steers_what_reads_a_pipe(worded: Desk, name: str) -> None:
    for form in forms_of(name):
        for arguments in asked(name):
            result = worded.run(*name.split(), *arguments, *form)
            check(result.stdout)
            check(result.stderr)


@pytest.mark.parametrize("name", MODULES)
def test_no_text_of_a_ledger_or_a_stranger_steers_a_terminal(told: Desk, name: str) -> None:
    language = "zh" if len(name) % 2 else "en"
    for arguments in asked(name)[: 1 if name in VERBS else 2]:
        with terminal(told, *name.split(), *arguments, "--lang", language, columns=80, lines=24) as screen:
            if name == "replay":
                screen.wait_for("\x1b[?25l")  # pressed before the screen stands, a key is thrown away
                screen.press("q")
            screen.ended()
            said = screen.seen.decode().replace("\r\r\n", "\n").replace("\r\n", "\n")  # a sheet ends its lines so
        draws = name == "replay" or "\x1b[?25h" in said  # rich draws the screen of a replay, and bars
        check(without_sequences(said).replace("\r", "\n") if draws else said)


def test_what_is_asked_first_is_answered_by_the_forged_ledger(told: Desk) -> None:
    """Else the others would show nothing."""
    for name in sorted(set(ASKED) - {"plugins new", "init"}):
        result = told.run(*name.split(), *asked(name)[0])
        assert not re.match("unreadable-entry|Usage", result.stderr), (name, result.stderr)


def test_json_says_the_same_to_a_program(told: Desk) -> None:
    named = STORABLE
    for arguments in (["history", STATION], ["levels", *ON], ["station", STATION, *ON]):
        said = told.ok(*arguments, "--json")
        assert "\\u202e" in said
        assert named in _texts(json.loads(said))
    states = [json.loads(line)["state"] for line in told.ok("events", "--json").splitlines()]
    assert any(named in state.get("note", "") for state in states)


def _texts(value: Any) -> str:
    if isinstance(value, dict | list):
        return " ".join(map(_texts, value.values() if isinstance(value, dict) else value))
    return value if isinstance(value, str) else ""


def test_a_csv_is_one_line_a_row(told: Desk) -> None:
    said = told.ok("levels", *ON, "--csv")
    rows = list(csv.reader(io.StringIO(said)))
    assert len(rows) == len(said.splitlines())
    assert all(len(row) == len(rows[0]) for row in rows)


@pytest.mark.parametrize(
    "arguments",
    [
        (f"no{SHORT}",),
        ("levels", f"--no{SHORT}"),
        ("levels", f"--no{SHORT}=1"),
        ("levels", f"-{SHORT}"),
        ("levels", SHORT),
        ("history", STATION, SHORT),
        ("classify", STATION, "--on-precision", SHORT, "--on", "2024-01-01", "--by", COUNTY, "--size", "medium"),
        ("cases", "--days", SHORT),
        ("levels", "--lang", SHORT),
        ("levels", "--ledger", f"no{SHORT}"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_argument_is_repeated_visibly(told: Desk, arguments: tuple[str, ...], form: tuple[str, ...]) -> None:
    for language in ("zh", "en"):
        result = told.run(*arguments, *form, lang=language)
        assert result.exit_code in {1, 2}
        assert result.stderr
        check(result.stderr)


def test_bytes_that_are_no_text_are_repeated_visibly(told: Desk) -> None:
    for arguments in ([b"levels", b"--level", b"\x9b\xff"], [b"\x9b"], [b"standards", b"verify", b"\x9b", b"--json"]):
        done = told.process(*arguments)  # type: ignore[arg-type]  # a command line is bytes
        assert done.returncode in {1, 2}
        check(done.stdout.decode() + done.stderr.decode())


def test_the_border_holds_where_a_value_was_forgotten(told: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def printing(*_: object) -> None:
        sys.stdout.write(HOSTILE)
        sys.stderr.write(HOSTILE)
        click.echo(HOSTILE.encode())
        sys.stdout.writelines([HOSTILE, "\n"])
        raise LedgerError("no-ledger", path=HOSTILE)

    monkeypatch.setattr("dingji_commands.app.wiring.open_views", printing)
    result = told.run("levels")
    assert steering(result.stdout) == set()
    assert steering(result.stderr) == set()
    assert r"\u202e" in result.stdout


def test_nothing_is_written_past_the_border() -> None:
    """Who prints otherwise has to think of all this again."""
    folder = Path(__file__).parents[2] / "commands" / "dingji_commands"
    writes = re.compile(r"click\.(?:echo|secho|prompt|confirm|style)|(?<![\w.])print\(|std(?:out|err)\.buffer")
    found = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if writes.search(path.read_text("utf-8"))
    }
    assert found == {"terminal/output.py"}


def test_a_label_of_markup_is_no_markup(told: Desk) -> None:
    """What rich draws is given to it as text."""
    with terminal(told, "replay", "--station", STATION, columns=80) as screen:
        screen.press("q")
        screen.ended()
    assert b"\x1b]0;" not in screen.seen
