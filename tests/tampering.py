"""Ledgers that somebody changed by hand: a small one with a story, and what was done to copies of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from desk import CITY, COUNTY, STATION, Desk, classify

OTHER = "320583101"
THIRD = "320582001"
ROUND = "2024-promotion"
ROSTER = f"""station,name,county,county_name,serves
{STATION},玉山司法所,{COUNTY},昆山市司法局,town
{OTHER},巴城司法所,{COUNTY},昆山市司法局,town
{THIRD},杨舍司法所,320582,张家港市司法局,town
"""


def write_story(desk: Desk) -> None:
    """Record what every question has something to say about; the last entries but one are those of STATION."""
    (desk.folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    desk.ok("init", "--roster", str(desk.folder / "roster.csv"), "--on", "2021-01-01")
    by = {"by": {"office": CITY}}
    recognise = {"do": "recognise", "level": "standard", "under": "旧文件", "on": "2022-05-01"} | by
    desk.ok(
        "submit",
        desk.file(
            "a.jsonl",
            recognise | {"station": OTHER},
            recognise | {"station": THIRD, "level": "high_standard"},
            classify(OTHER),
            classify(),
            classify(THIRD),
        ),
    )
    desk.ok("open-round", ROUND, "--kind", "promotion", "--year", "2024", "--on", "2024-03-01", "--by", CITY)
    desk.ok("report", OTHER, "--fact", "full_time_staff=7", "--on", "2024-03-02", "--by", COUNTY)
    desk.ok("apply", OTHER, "--level", "benchmark", "--round", ROUND, "--on", "2024-04-01", "--by", OTHER)
    desk.ok("assess", OTHER, "--standard", "benchmark", "--on", "2024-04-02", "--by", CITY)
    desk.ok(
        "void", f"{OTHER}@3", "--cause", "recording-error", "--reason", "录错", "--on", "2024-04-03", "--by", COUNTY
    )
    desk.ok("submit", desk.file("b.jsonl", recognise | {"station": STATION}))
    desk.ok("report", STATION, "--fact", "full_time_staff=7", "--on", "2024-04-04", "--by", COUNTY)
    desk.ok("apply", STATION, "--level", "benchmark", "--round", ROUND, "--on", "2024-04-05", "--by", STATION)
    desk.ok("assess", STATION, "--standard", "benchmark", "--on", "2024-04-06", "--by", CITY)
    desk.ok(
        "submit", desk.file("c.jsonl", recognise | {"station": STATION, "level": "high_standard", "on": "2023-01-01"})
    )


def change(path: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Run statements on a ledger past its guards, which stand again afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name,sql FROM sqlite_schema WHERE type='trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement, values if "?" in statement else ())
        for _, sql in guards:
            connection.execute(sql)


def position_of(path: Path, stream: str, version: int) -> int:
    """Return the position of an entry."""
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT rowid FROM stored_events WHERE originator_id=? AND originator_version=?"
        return int(connection.execute(sql, (stream, version)).fetchone()[0])


def replace_bytes(path: Path, old: bytes, new: bytes) -> None:
    """Replace what stands once in a file by as many bytes."""
    content = path.read_bytes()
    assert (content.count(old), len(new)) == (1, len(old))
    path.write_bytes(content.replace(old, new))
