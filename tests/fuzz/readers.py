"""Everything that reads what somebody hands in, each with inputs that it takes: what the fuzzers damage."""

# ruff: noqa: S608 (what is put into SQL here are our own words, never values)

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.resources.abc import Traversable
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import click

from desk import CITY, COUNTY, STATION, Desk, classify
from dingji.catalogue.data_faults import read_toml
from dingji.catalogue.facts import load_facts
from dingji.catalogue.notice import Notice
from dingji.faults import LedgerError, fault_kinds
from dingji.golden.cases import read_golden
from dingji.intake.draft_standard import read_draft
from dingji.plugins.manager import Plugins, load_plugins
from dingji_commands.main import MODULES, main
from fuzz.mutations import NASTY, damaged

EXITS: Final = {0, 1, 2, 3}
"""What a command may end with: done, refused, used wrongly, integrity broken."""

ROOT: Final = Path(__file__).parents[2]


class Bench(NamedTuple):
    """What the readers are tried with: a desk at the demonstration, the plugins, and a folder for the damaged file."""

    desk: Desk
    plugins: Plugins
    folder: Path

    def file(self, content: bytes) -> str:
        """Write the damaged content; return its path."""
        path = self.folder / "handed-in"
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments: str) -> None:
        """Run a command: whatever it is given, it ends by a code of its own and says what is wrong in coded words."""
        result = self.desk.run(*arguments)
        if "internal:" in result.stderr or '"internal"' in result.stderr or result.exit_code not in EXITS:
            raise AssertionError(f"{arguments!r} ended with {result.exit_code}: {result.stderr[-2000:]}")


Try = Callable[[Bench, Random], None]


def _damaged_file(*seeds: bytes) -> Callable[[Callable[[Bench, str], None]], Try]:
    """Make a try of a function that reads a file: one of the seeds, damaged."""

    def made(read: Callable[[Bench, str], None]) -> Try:
        def attempt(bench: Bench, random: Random) -> None:
            read(bench, bench.file(damaged(random.choice(seeds), random)))

        return attempt

    return made


def _lines() -> bytes:
    return (ROOT / "examples/ten.jsonl").read_bytes()


def _more_lines() -> bytes:
    import orjson

    by = {"office": COUNTY, "person": "K-7"}
    paper = {"sha256": "ab" * 32, "name": "a.pdf", "supports": ["full_time_staff"]}
    records: list[dict[str, Any]] = [
        classify(round="2023-size", basis={"population": 120_000, "area_ha": 9_800}, document="昆司〔2023〕1号"),
        {"do": "report", "station": STATION, "facts": {"full_time_staff": 8}, "evidence": [paper], "on": "2024-05-01"},
        {"do": "judge", "station": STATION, "judgements": {"B1.1.1": {"outcome": "met", "reason": "看过"}}},
        {"do": "close", "station": STATION, "successors": ["320583101"]},
        {"do": "enrol_office", "office": "320599", "name": "局", "tier": "county", "parent": CITY},
        {"do": "open_round", "round": "2026-promotion", "kind": "promotion", "year": 2026},
        {"do": "void", "entry": f"{STATION}@3", "cause": "recording-error", "reason": "录错", "irregular": "补录"},
        {"do": "adopt_reading", "requirement": "B1.3.1b", "reading": "six", "on_precision": "year"},
    ]
    return b"\n".join(orjson.dumps({"on": "2024-12-31", "by": by} | record) for record in records) + b"\n"


_CSV: Final = (
    "do,station,size,on,by,person,note,facts.full_time_staff,judgements,successors\n"
    f"classify,{STATION},medium,2023-09-01,{COUNTY},K-7,补录,,,\n"
    f'report,{STATION},,2024-05-01,{COUNTY},,"a, ""b""\nc",8,,\n'
    f'judge,{STATION},,2024-05-01,{CITY},,,,"{{""B1.1.1"":{{""outcome"":""met"",""reason"":""x""}}}}",\n'
    f'close,{STATION},,2024-06-01,{CITY},,,,,"[""320583101""]"\n'
).encode()
_ROSTER: Final = (ROOT / "commands/dingji_commands/write/suzhou-roster.csv").read_bytes()
_NOTICE: Final = ROOT / "plugins/dingji_plugins/suzhou_2023_143"
_OFFICIAL: Final = (
    "附件1\n标题\n\n\t主项\n\t分项\n\t内容\n\n\t一\n\t二\n\t三三\n续行\n\n\t四\n\t五\n\t六\n\n附件２：\n\t主项\n\n\t七\n"
).encode()


@_damaged_file(_lines(), _more_lines())
def submit_lines(bench: Bench, path: str) -> None:
    """Submit JSON Lines."""
    bench.run("submit", path, "--dry-run", "--format", "jsonl")


@_damaged_file(_CSV)
def submit_table(bench: Bench, path: str) -> None:
    """Submit a CSV table."""
    bench.run("submit", path, "--dry-run", "--format", "csv", "--json")


@_damaged_file(b"\n".join(_ROSTER.split(b"\n")[:6]) + b"\n")
def roster(bench: Bench, path: str) -> None:
    """Create a ledger from a roster."""
    ledger = bench.folder / "new.ledger"
    bench.run("init", "--roster", path, "--on", "2021-01-01", "--ledger", str(ledger))
    for left in bench.folder.glob("new.ledger*"):
        left.unlink()


def _sheet() -> bytes:
    rows = ("full_time_staff,专职人员,人,,station,8,", "has_signboard,标牌,,,station,是,", "nobody,,,,,x,y;z")
    return ("key,label,unit,hint,supplier,value,evidence\n" + "\n".join(rows) + "\n").encode("utf-8-sig")


@_damaged_file(_sheet(), _sheet().replace(b",", b";"))
def sheet(bench: Bench, path: str) -> None:
    """Report the facts of a sheet."""
    bench.run("report", STATION, "--from", path, "--on", "2024-05-01", "--by", COUNTY, "--dry-run")


def _refused(work: Callable[[], object]) -> None:
    """Do the work, which may refuse what it reads by a coded fault."""
    try:
        work()
    except LedgerError as error:
        if error.fault.code not in fault_kinds():
            raise AssertionError(error.fault.code) from error


def _standard_seeds() -> tuple[bytes, ...]:
    whole = (_NOTICE / "benchmark.toml").read_bytes()
    return whole, (ROOT / "examples/plugin").rglob("*.toml").__next__().read_bytes()


@_damaged_file(*_standard_seeds())
def draft(bench: Bench, path: str) -> None:
    """Read a draft of a standard."""
    notice = bench.plugins.notice("suzhou-2023-143")
    assert notice is not None
    _refused(lambda: read_draft(Path(path), bench.plugins, notice))


@_damaged_file((_NOTICE / "notice.toml").read_bytes())
def notice_data(bench: Bench, path: str) -> None:
    """Read a notice."""
    folder = Path(path).with_name("notice")
    folder.mkdir(exist_ok=True)
    Path(path).replace(folder / "notice.toml")
    _refused(lambda: Notice(folder))


@_damaged_file((_NOTICE / "facts.toml").read_bytes())
def facts_data(bench: Bench, path: str) -> None:
    """Read a dictionary of facts."""
    _refused(lambda: load_facts("facts.toml", read_toml(_traversable(path), "facts.toml")))


@_damaged_file((_NOTICE / "golden_standard.toml").read_bytes()[:20_000].rpartition(b"[[case]]")[0])
def golden_cases(bench: Bench, path: str) -> None:
    """Read golden cases."""
    _refused(lambda: read_golden(_traversable(path)))


def _traversable(path: str) -> Traversable:
    return Path(path)


@_damaged_file(_OFFICIAL)
def official_text(bench: Bench, path: str) -> None:
    """Hold an official text against the standards."""
    bench.run("standards", "verify", path)


VALUES: Final = (
    *(STATION, "玉山", "320583", CITY, "2024-promotion", "2023-size", "benchmark", "standard", "高标所", "large"),
    *("320583100@2", "2024-06-30", "2024-06-30T12:00:00+08:00", "100", "full_time_staff=8", "B1.1.1=met:看过"),
    *("B1.1.1", "suzhou-2023-143", "stock", "apply", "LevelCertified", "recording-error", "K-7", "ab" * 32),
    *('{"sha256":"' + "ab" * 32 + '","name":"a","supports":["full_time_staff"]}', "/dev/null", "."),
)
"""What options and arguments are given beside nasty texts."""
NOT_TRIED: Final = {"backup", "demo", "init", "plugins new", "replay"}
"""Commands that write elsewhere, or take their time on purpose."""


def options(bench: Bench, random: Random) -> None:
    """Run a command with arguments and options drawn at random."""
    name = random.choice(sorted(MODULES.keys() - NOT_TRIED))
    found = main.get_command(click.Context(main), name)
    assert found is not None
    arguments = name.split()
    for param in found.params:
        wanted = 0.95 if param.required or isinstance(param, click.Argument) else 0.3
        if param.name in {"ledger", "output", "folder"} or random.random() > wanted:
            continue
        given = [] if getattr(param, "is_flag", False) else [_given(param, random)]
        arguments += given if isinstance(param, click.Argument) else [random.choice(param.opts), *given]
    if "dry_run" in {param.name for param in found.params}:
        arguments.append("--dry-run")
    bench.run(*[each.replace("\0", "") for each in arguments])


def _given(param: click.Parameter, random: Random) -> str:
    if random.random() < 0.6:
        return str(random.choice(getattr(param.type, "choices", None) or VALUES))
    text = damaged(random.choice(VALUES).encode(), random) if random.random() < 0.5 else random.choice(NASTY).encode()
    return text[:60_000].decode("utf-8", "surrogateescape")


QUESTIONS: Final = (
    *(("levels",), ("history", STATION), ("why", STATION), ("station", STATION), ("events", "--json"), ("conditions",)),
    *(("acts", "--office", CITY), ("late",), ("cases",), ("rounds",), ("conformance",), ("lineage", STATION)),
    *(("diff", "--on", "2024-01-01", "--on", "2025-01-01"), ("stations",), ("facts", STATION), ("conflicts",)),
    *(("whynot", STATION, "benchmark"), ("impact", f"{STATION}@2"), ("evidence", "verify"), ("evidence", "reuse")),
    *(("rebuild",), ("levels", "--json", "--known", "100"), ("assess", STATION, "--standard", "standard", "--dry-run")),
    ("submit", str(ROOT / "examples/ten.jsonl"), "--dry-run"),
)


def stored_rows(bench: Bench, random: Random) -> None:
    """Ask a question of a ledger of which one stored row was damaged."""
    desk = Desk(bench.folder)
    for left in bench.folder.glob("my.ledger*"):
        left.unlink()
    with closing(sqlite3.connect(bench.desk.ledger)) as whole, closing(sqlite3.connect(desk.ledger)) as copied:
        whole.backup(copied)
        _damage_row(copied, random)
    for _ in range(3):
        Bench(desk, bench.plugins, bench.folder).run(*random.choice(QUESTIONS))


def _damage_row(connection: sqlite3.Connection, random: Random) -> None:
    """Change one row past every rule: its state, its names, its place."""
    for trigger in ("entries_never_change", "entries_never_go"):
        connection.execute(f"DROP TRIGGER {trigger}")
    of_station = "originator_id=? ORDER BY random() LIMIT 1"
    of_any = "?<>'' ORDER BY random() LIMIT 1"
    test = of_station if random.random() < 0.5 else of_any
    row = connection.execute(f"SELECT rowid,state FROM stored_events WHERE {test}", (f"station:{STATION}",)).fetchone()
    position, state = row
    column = random.choice(("state", "state", "state", "state", "topic", "originator_id", "originator_version", "row"))
    if column == "row":
        connection.execute("DELETE FROM stored_events WHERE rowid=?", (position,))
    else:
        nasty: Any = random.choice((*NASTY, None, 5, 5.5, b"\xff", b"{}", "{}", 10**18, -1, "LevelSuspended"))
        value = damaged(state, random) if column == "state" and random.random() < 0.8 else nasty
        with_value = f"UPDATE OR IGNORE stored_events SET {column}=? WHERE rowid=?"
        try:
            connection.execute(with_value, (value, position))
        except (sqlite3.IntegrityError, UnicodeEncodeError):  # NOT NULL holds, and text is Unicode
            connection.execute("DELETE FROM stored_events WHERE rowid=?", (position,))
    connection.commit()


def ledger_bytes(bench: Bench, random: Random) -> None:
    """Ask a question of a ledger's file with damaged bytes."""
    desk = Desk(bench.folder)
    for left in bench.folder.glob("my.ledger*"):
        left.unlink()
    with closing(sqlite3.connect(bench.desk.ledger)) as whole, closing(sqlite3.connect(desk.ledger)) as copied:
        whole.backup(copied)
    desk.ledger.write_bytes(_with_other_bytes(desk.ledger.read_bytes(), random))
    for _ in range(2):
        Bench(desk, bench.plugins, bench.folder).run(*random.choice(QUESTIONS))


def _with_other_bytes(content: bytes, random: Random) -> bytes:
    """Change some bytes of a database, among its first pages more often than elsewhere; perhaps cut it off."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 5, 200))):
        start = random.randrange(random.choice((100, 8192, len(changed))))
        changed[start : start + 8] = random.randbytes(len(changed[start : start + 8]))
    return bytes(changed[: random.choice((len(changed), len(changed), random.randrange(len(changed))))])


def kept_views(bench: Bench, random: Random) -> None:
    """Ask a question where the file of the views was damaged: the next one answers as if there had been none."""
    desk = bench.desk
    desk.run("levels")
    for place in Path(os.environ["XDG_CACHE_HOME"]).rglob("views"):
        place.write_bytes(_with_other_bytes(place.read_bytes(), random))
    for _ in range(2):
        bench.run(*random.choice(QUESTIONS))
    for place in Path(os.environ["XDG_CACHE_HOME"]).rglob("views*"):
        place.unlink()


READERS: Final[dict[str, Try]] = {
    "lines": submit_lines,
    "table": submit_table,
    "roster": roster,
    "sheet": sheet,
    "draft": draft,
    "notice": notice_data,
    "facts": facts_data,
    "golden cases": golden_cases,
    "official text": official_text,
    "options": options,
    "stored rows": stored_rows,
    "kept views": kept_views,
    "ledger bytes": ledger_bytes,
}


def bench(folder: Path, ledger: Path) -> Bench:
    """Return what the readers are tried with, in a folder of its own."""
    desk = Desk(folder / "desk")
    desk.folder.mkdir(parents=True)
    with closing(sqlite3.connect(ledger)) as whole, closing(sqlite3.connect(desk.ledger)) as copied:
        whole.backup(copied)
    trial = folder / "trial"
    trial.mkdir()
    return Bench(desk, load_plugins(), trial)
