"""What an auditor asks, on a terminal of 80 columns: nothing that is copied from it is torn."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from desk import COUNTY, STATION, Desk
from dingji_commands.layout import width
from terminals import terminal

WHOLE = re.compile(
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?|[\w:-]+@\d+|20\d\d-(?:review|promotion|size)"
    r"|\d{9}|high-standard|[0-9a-f]{12}…"
)
"""Dates, moments, entries, rounds, stations, levels, digests."""

ASKED = [
    ("lineage", STATION),
    ("impact", f"{STATION}@22"),
    ("impact", f"{STATION}@2", "--if-voided"),
    ("evidence", "reuse", "--limit", "20"),
    ("cases", "--limit", "40"),
    ("facts", STATION, "full_time_staff", "--history"),
    ("history", STATION),
    ("conflicts",),
    ("conformance",),
    ("levels", "--county", COUNTY),
    ("rounds",),
    ("acts", "--office", COUNTY),
    ("diff", "--on", "2023-12-31", "--on", "2024-12-31"),
]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, told_ledger: Path) -> Desk:
    """The demonstration, with a station that states another number of staff than its county."""
    desk = Desk(tmp_path_factory.mktemp("narrow"))
    shutil.copy(told_ledger, desk.ledger)
    desk.ok("report", STATION, "--fact", "full_time_staff=9", "--on", "2026-06-12", "--by", STATION)
    return desk


def named(lines: Iterable[str]) -> Counter[str]:
    return Counter(found for line in lines for found in WHOLE.findall(line))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_no_date_entry_or_code_is_torn(audited: Desk, asked: tuple[str, ...], language: str) -> None:
    basis = () if "--on" in asked else ("--on", "2026-06-30") if asked[0] != "history" else ()
    said = audited.run(*asked, *basis, lang=language).stdout.splitlines()
    with terminal(audited, *asked, *basis, "--lang", language, columns=80) as screen:
        screen.ended()
        lines = screen.lines()
    assert named(lines) == named(said)
    assert named(said)
    assert max(map(width, lines)) <= 80
