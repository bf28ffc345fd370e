"""Every question on ledgers that were tampered with: it is answered as if nothing had happened, or ends with exit 3."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from desk import CITY, STATION, Desk, classify
from dingji.store.log import open_log
from dingji_commands.main import MODULES, VERBS, main
from dingji_projections.engine.entry_check import ledger_identity
from projections.logs import place_of_views
from tampering import OTHER, change, position_of, replace_bytes, write_story

DAY = ("--on", "2024-06-01")
ASKED: dict[str, tuple[str, ...]] = {
    "levels": DAY,
    "history": (STATION,),
    "replay": ("--json",),
    "station": (STATION, *DAY),
    "why": (STATION, *DAY),
    "whynot": (STATION, "benchmark", *DAY),
    "stations": DAY,
    "rounds": DAY,
    "cases": DAY,
    "conditions": DAY,
    "impact": (f"{STATION}@3", *DAY),
    "conformance": DAY,
    "evidence reuse": (),
    "diff": ("--on", "2022-01-01", *DAY),
    "late": DAY,
    "acts": ("--office", CITY, *DAY),
    "conflicts": DAY,
    "lineage": (STATION, *DAY),
    "recheck": ("--all",),
    "simulate": ("--plugin", "dingji", *DAY),
    "facts": (STATION, "full_time_staff", "--history", *DAY),
}
"""Every command that takes a basis, and what it is asked here."""

OF_NOW: dict[str, tuple[str, ...]] = {
    "events": (),
    "assess": (STATION, "--standard", "benchmark", "--dry-run", *DAY),
    "facts template": (STATION, "--standard", "benchmark", *DAY),
    "evidence show": (STATION,),
    "evidence verify": (),
    "rebuild": (),
}
"""Commands that read the log as it is now."""

NOT_OF_LEVELS = {"evidence reuse", "evidence verify", "recheck"}
"""Questions that read reports, judgements or assessments, and no recognition."""

OF_STATION = ("history", "why", "whynot", "lineage", "facts", "impact", "assess", "evidence show")
"""Questions about one station, which the entries of another do not concern; `station` looks for conditions in all."""

LAST = ("station:320583100", 7)
UPDATE = "UPDATE stored_events SET {} WHERE originator_id='station:320583100' AND originator_version={}"


class Tampering(NamedTuple):
    """What was done to a ledger, and what is to be said of it."""

    does: Callable[[Path], None]
    code: str
    first: int
    """The first position that is not to be believed."""
    place: str
    alone: bool = False
    """Whether it concerns its own station alone."""


def sets(what: str, version: int = 7) -> Callable[[Path], None]:
    return lambda path: change(path, UPDATE.format(what, version))


def removes(position: int, *more: str) -> Callable[[Path], None]:
    return lambda path: change(path, f"DELETE FROM stored_events WHERE rowid={position}", *more)  # noqa: S608


def swaps(path: Path) -> None:
    change(path, UPDATE.format("originator_version=99", 5), UPDATE.format("originator_version=5", 6))
    change(path, UPDATE.format("originator_version=6", 99))


BACK = """state=CAST(replace(CAST(state AS TEXT),'"recorded_at":"20','"recorded_at":"19') AS BLOB)"""
LOST = """state=CAST(replace(CAST(state AS TEXT),'"recorded_at"','"recorded_it"') AS BLOB)"""
FORM = """state=CAST(replace(CAST(state AS TEXT),'"v":1','"v":2') AS BLOB)"""

TAMPERED = {
    "unknown topic": Tampering(sets("topic='LevelSuspended'"), "unreadable-entry", 22, f"{STATION}@7.*22.*Suspended"),
    "newer form": Tampering(sets(FORM), "unreadable-entry", 22, f"{STATION}@7.*22"),
    "middle row": Tampering(removes(19), "log-inconsistent", 19, "position 19"),
    "tail": Tampering(removes(22), "log-inconsistent", 22, "position 22"),
    "version left out": Tampering(sets("originator_version=8"), "log-inconsistent", 22, f"22 .*{STATION}@8"),
    "versions swapped": Tampering(swaps, "log-inconsistent", 20, f"20 .*{STATION}@6"),
    "version doubled": Tampering(
        lambda path: replace_bytes(path, LAST[0].encode() + b"\7Level", LAST[0].encode() + b"\6Level"),
        "log-inconsistent",
        22,
        f"22 .*{STATION}@6",
    ),
    "time back": Tampering(sets(BACK), "log-inconsistent", 22, f"22 .*{STATION}@7"),
    "no JSON": Tampering(sets("state=CAST('{oops' AS BLOB)"), "unreadable-entry", 22, f"{STATION}@7.*22", alone=True),
    "text": Tampering(sets("state=CAST(state AS TEXT)"), "unreadable-entry", 22, f"{STATION}@7.*22", alone=True),
    "no moment": Tampering(sets(LOST), "unreadable-entry", 22, f"{STATION}@7.*22", alone=True),
    "number": Tampering(sets("state=7"), "unreadable-entry", 22, f"{STATION}@7.*22", alone=True),
    "huge": Tampering(sets("state=zeroblob(20000000)"), "unreadable-entry", 22, f"{STATION}@7.*22.*16 MiB", alone=True),
    "deep": Tampering(
        sets("""state=CAST('{"v":1,"x":' || replace(hex(zeroblob(500000)),'0','[') AS BLOB)"""),
        "unreadable-entry",
        22,
        f"{STATION}@7.*22",
        alone=True,
    ),
    "an empty object": Tampering(sets("state=CAST('{}' AS BLOB)"), "unreadable-entry", 22, "22", alone=True),
}


OUT_OF_ORDER = {"version left out", "versions swapped", "version doubled", "time back"}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A small ledger as it was recorded."""
    desk = Desk(tmp_path_factory.mktemp("tampered"))
    write_story(desk)
    assert (desk.head(), position_of(desk.ledger, *LAST)) == (22, 22)
    return desk


def copied(story: Desk, folder: Path) -> Desk:
    desk = Desk(folder)
    shutil.copy(story.ledger, desk.ledger)
    return desk


def answer(desk: Desk, name: str, *more: str, about: str = STATION) -> str:
    """Return what a question is answered, in words that do not depend on the ledger's place."""
    arguments = [argument.replace(STATION, about) for argument in ({**ASKED, **OF_NOW})[name]]
    result = desk.run(*name.split(), *arguments, *more)
    assert result.exit_code in {0, 1}, (name, result.output)
    assert "internal" not in result.stderr
    return without_moments(result.stdout)


def without_moments(text: str) -> str:
    """Return an answer without the moment of its last entry, which may be what cannot be read."""
    return re.sub(r"recorded [\d: -]+|recorded_until[^,}]+", "", text)


def refused(desk: Desk, name: str, code: str, place: str, *more: str) -> None:
    """See a question end with exit 3, and say where."""
    result = desk.run(*name.split(), *({**ASKED, **OF_NOW})[name], *more)
    said = " ".join(result.stderr.split())
    said_before = result.stdout if name not in {"replay", "events"} else ""  # line by line, as they come
    assert (name, result.exit_code, said_before) == (name, 3, ""), result.output
    assert code in said, (name, said)
    assert re.search(place, said), (name, said)


def test_every_question_is_asked() -> None:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in MODULES if name not in VERBS}
    based = {name for name, command in commands.items() if command and {"basis"} & {p.name for p in command.params}}
    assert based == set(ASKED)


@pytest.mark.parametrize("name", TAMPERED)
def test_questions_on_a_ledger_that_was_tampered_with(story: Desk, tmp_path: Path, name: str) -> None:
    tampering = TAMPERED[name]
    desk = copied(story, tmp_path)
    tampering.does(desk.ledger)
    for asked in [*ASKED, *OF_NOW]:
        if asked == "events" and name in OUT_OF_ORDER:
            continue  # it shows every entry as it is, and looks at positions and states alone
        if asked in NOT_OF_LEVELS and tampering.alone:
            assert answer(desk, asked) == answer(story, asked)
        else:
            refused(desk, asked, tampering.code, tampering.place)
    before = ("--known", str(tampering.first - 1))
    for asked in ASKED:
        assert answer(desk, asked, *before) == answer(story, asked, *before), asked
    for asked in OF_STATION if tampering.alone else ():
        assert answer(desk, asked, about=OTHER) == answer(story, asked, about=OTHER), asked


EDITED = {
    "state": (sets("""state=CAST(replace(CAST(state AS TEXT),'high_standard','benchmark') AS BLOB)"""), "history"),
    "topic": (sets("topic='LevelSuspended'"), "history"),
    "nothing to be read": (sets("state=CAST('{oops' AS BLOB)"), "why"),
    "stream": (sets("originator_id='station:320583101',originator_version=8"), "history"),
    "middle row": (removes(20), "history"),
    "report": (sets("state=CAST(replace(CAST(state AS TEXT),'staff\":7','staff\":9') AS BLOB)", 4), "facts"),
    "hidden tail": (removes(22, "UPDATE sqlite_sequence SET seq=21"), "levels"),
}
"""What was done after a question was answered, and a question that reads it."""


@pytest.mark.parametrize("name", EDITED)
def test_what_was_read_before_is_compared_with_what_is_read_now(story: Desk, tmp_path: Path, name: str) -> None:
    does, reads = EDITED[name]
    desk = copied(story, tmp_path)
    before = {asked: answer(desk, asked) for asked in ASKED}
    does(desk.ledger)
    assert desk.run(*reads.split(), *ASKED[reads]).exit_code == 3
    for asked, arguments in ASKED.items():
        result = desk.run(*asked.split(), *arguments)
        assert result.exit_code == 3 or without_moments(result.stdout) == before[asked], (asked, result.output)
        assert "internal" not in result.stderr
    refused(desk, "rebuild", "log-inconsistent", r"position (19|20|22)")
    refused(desk, "rebuild", "log-inconsistent", r"position (19|20|22)")  # the evidence is still there
    assert desk.run(*reads.split(), *ASKED[reads]).exit_code == 3


def test_a_ledger_is_believed_as_it_is_when_it_is_read_anew(story: Desk, tmp_path: Path) -> None:
    desk = copied(story, tmp_path)
    desk.ok("levels")
    EDITED["state"][0](desk.ledger)
    refused(desk, "rebuild", "log-inconsistent", f"{STATION}@7")
    desk.ok("rebuild", "--anew")
    assert "benchmark" in desk.ok("levels", "--csv", *DAY)
    desk.ok("rebuild")


def test_an_entry_that_is_mended_is_read_again(story: Desk, tmp_path: Path) -> None:
    desk = copied(story, tmp_path)
    TAMPERED["no JSON"].does(desk.ledger)
    refused(desk, "levels", "unreadable-entry", f"{STATION}@7")
    shutil.copy(story.ledger, desk.ledger)
    for asked in ASKED:
        assert answer(desk, asked) == answer(story, asked)
    desk.ok("rebuild")


def test_an_older_program_goes_on_where_it_stopped_once_it_is_newer(story: Desk, tmp_path: Path) -> None:
    desk = copied(story, tmp_path)
    TAMPERED["unknown topic"].does(desk.ledger)
    refused(desk, "levels", "unreadable-entry", f"{STATION}@7")
    sets("topic='LevelRecognised'")(desk.ledger)  # as if this program knew the topic now
    assert answer(desk, "levels") == answer(story, "levels")


@pytest.mark.parametrize("name", ["middle row", "no JSON", "unknown topic", "version left out", "tail"])
def test_nothing_is_recorded_on_what_cannot_be_read(story: Desk, tmp_path: Path, name: str) -> None:
    desk = copied(story, tmp_path)
    TAMPERED[name].does(desk.ledger)
    done = desk.run("rename", STATION, "--name", "新名", "--on", "2024-05-01", "--by", STATION[:6])
    assert done.exit_code == 3, done.output
    assert desk.head() == (21 if name in {"middle row", "tail"} else 22)


def flipped(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


@pytest.mark.parametrize("fresh", [True, False])
def test_a_flipped_bit_in_the_index_gives_no_wrong_answer(story: Desk, tmp_path: Path, fresh: bool) -> None:
    """Every bit of the index's names, versions and positions in turn would take an hour: some, the same ones always."""
    with closing(sqlite3.connect(story.ledger)) as connection:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name='sqlite_autoindex_stored_events_1'"
        (page,) = connection.execute(sql).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    rng = random.Random(10)
    found: Counter[int] = Counter()
    questions = [("levels", STATION), ("history", STATION), ("history", OTHER), ("rounds", STATION), ("why", OTHER)]
    right = {question: answer(story, question[0], about=question[1]) for question in questions}
    desk = copied(story, tmp_path)
    desk.ok("levels")
    for _ in range(60):
        if fresh:
            desk = Desk(tmp_path / str(found.total()))
            desk.folder.mkdir()
        shutil.copy(story.ledger, desk.ledger)
        flipped(desk.ledger, (page - 1) * size + rng.choice([*range(8), *range(size - 700, size)]), rng.randrange(8))
        for name, about in questions:
            arguments = [argument.replace(STATION, about) for argument in ASKED[name]]
            result = desk.run(name, *arguments)
            assert result.exit_code == 3 or without_moments(result.stdout) == right[name, about], (name, result.output)
            assert "internal" not in result.stderr
            found[result.exit_code] += 1
        assert desk.run("rebuild").exit_code in {0, 3}
    assert found[3] > 50


@pytest.mark.parametrize("command", ASKED)
def test_every_answer_with_a_basis_names_the_ledger(demo_desk: Desk, command: str) -> None:
    asked = [*command.split(), *(each for each in ASKED[command] if each != "--json"), "--json"]
    answer = json.loads(demo_desk.run(*asked).stdout.splitlines()[0])
    with open_log(demo_desk.ledger, readonly=True) as log:
        identity = ledger_identity(log)
    bases = [answer["basis"]] if command != "diff" else [*answer["basis"].values()]
    assert identity is not None
    assert [next(iter(basis.items())) for basis in bases] == [("ledger", identity)] * len(bases)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE stored_events SET topic='StationBlessed' WHERE rowid=933", "DELETE FROM stored_events WHERE rowid=933"],
)
@pytest.mark.parametrize("question", [("recheck", "--all"), ("recheck", "--all", "--known", "935")])
def test_an_entry_of_another_topic_since_it_was_read_is_missed(
    demo_desk: Desk, statement: str, question: tuple[str, ...]
) -> None:
    demo_desk.ok("levels")
    change(demo_desk.ledger, statement)
    result = demo_desk.run(*question)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (3, "log-inconsistent")
    assert "position 933" in " ".join(result.stderr.split())


def test_a_backup_of_a_ledger_that_lost_its_end_says_so(demo_desk: Desk) -> None:
    change(demo_desk.ledger, "DELETE FROM stored_events WHERE rowid=936")
    result = demo_desk.run("backup", str(demo_desk.folder / "copy"))
    assert (result.exit_code, "entries are gone" in result.stderr) == (3, True)


def test_a_hole_before_the_last_that_is_asked_for_is_told(demo_desk: Desk) -> None:
    change(demo_desk.ledger, "DELETE FROM stored_events WHERE rowid=10")
    for bounds in (("10", "10"), ("9", "10"), ("1", "10")):
        result = demo_desk.run("events", "--from", bounds[0], "--until", bounds[1])
        assert (result.exit_code, "position 10" in " ".join(result.stderr.split())) == (3, True)
    assert demo_desk.run("events", "--from", "11", "--until", "12").exit_code == 0


def test_a_moment_that_no_calendar_has_is_unreadable_to_everybody(demo_desk: Desk) -> None:
    new = 'replace(CAST(state AS TEXT),\'"recorded_at":"2026-06\',\'"recorded_at":"2026-66\')'
    change(demo_desk.ledger, f"UPDATE stored_events SET state=CAST({new} AS BLOB) WHERE rowid=936")  # noqa: S608
    for question in (("levels",), ("late",), ("rebuild",), ("submit", demo_desk.file("a.jsonl", classify()))):
        result = demo_desk.run(*question)
        assert (result.exit_code, result.stderr.partition(":")[0]) == (3, "unreadable-entry"), result.output


def test_no_entry_stands_before_the_first(demo_desk: Desk) -> None:
    copied = "SELECT {0},'office:{0}',1,topic,state FROM stored_events WHERE rowid=1"
    names = "rowid,originator_id,originator_version,topic,state"
    for position in (0, -1):
        change(demo_desk.ledger, f"INSERT INTO stored_events({names}) {copied.format(position)}")
        for question in (("levels",), ("events",), ("rebuild",), ("submit", demo_desk.file("a.jsonl", classify()))):
            result = demo_desk.run(*question)
            assert (result.exit_code, result.stderr.partition(":")[0]) == (3, "log-inconsistent"), result.output


def test_whatever_stands_in_sqlite_s_own_sequence(demo_desk: Desk) -> None:
    for statement in (
        "UPDATE sqlite_sequence SET seq=9223372036854775807",
        "INSERT INTO sqlite_sequence VALUES('stored_events',5)",
        "UPDATE sqlite_sequence SET seq='x'",
        "DELETE FROM sqlite_sequence",
    ):
        change(demo_desk.ledger, statement)
        result = demo_desk.run("levels")
        assert (result.exit_code, result.stderr.partition(":")[0]) == (3, "log-inconsistent"), result.output


def test_a_rebuild_makes_views_anew_that_lost_some_of_their_rows(demo_desk: Desk) -> None:
    expected, digest = demo_desk.ok("levels"), demo_desk.json("rebuild")["digest"]
    with open_log(demo_desk.ledger, readonly=True) as log:
        place = place_of_views(log)
    for statement in ("DELETE FROM streams WHERE stream='station:320583100'", "DELETE FROM sums", "DELETE FROM topics"):
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute(statement)
        assert demo_desk.json("rebuild")["digest"] == digest
        assert demo_desk.ok("levels") == expected


def test_a_ledger_under_two_names_is_not_written(demo_desk: Desk) -> None:
    other = demo_desk.folder / "other"
    other.hardlink_to(demo_desk.ledger)
    result = demo_desk.run("submit", demo_desk.file("a.jsonl", classify()), "--ledger", str(other))
    assert (result.exit_code, result.stderr.partition(":")[0]) == (1, "ledger-not-writable")
    assert "hard link" in result.stderr
    demo_desk.ok("levels", "--ledger", str(other))
