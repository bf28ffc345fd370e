"""What an auditor asks, on a terminal of 80 columns: nothing that is copied from it is torn."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from desk import COUNTY, STATION, Desk
from dingji_commands.terminal.layout import width
from terminals import terminal

WHOLE = re.compile(
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d\+08:00)?|[\w:-]+@\d+|20\d\d-(?:review|promotion|size)"
    r"|\d{9}|high-standard|[0-9a-f]{12}…|[0-9a-f]{64}"
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
    ("plugins",),
    ("diff", "--on", "2023-12-31", "--on", "2024-12-31"),
]

UNDATED = {"history", "plugins"}
"""What is asked about all dates."""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory, demo_ledger: Path) -> Desk:
    """The demonstration, with a station that states another number of staff than its county."""
    desk = Desk(tmp_path_factory.mktemp("narrow"))
    shutil.copy(demo_ledger, desk.ledger)
    desk.ok("report", STATION, "--fact", "full_time_staff=9", "--on", "2026-06-12", "--by", STATION)
    return desk


def named(lines: Iterable[str]) -> Counter[str]:
    return Counter(found for line in lines for found in WHOLE.findall(line))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_no_date_entry_or_code_is_torn(audited: Desk, asked: tuple[str, ...], language: str) -> None:
    basis = () if "--on" in asked or asked[0] in UNDATED else ("--on", "2026-06-30")
    said = audited.run(*asked, *basis, lang=language).stdout.splitlines()
    with terminal(audited, *asked, *basis, "--lang", language, columns=80) as screen:
        screen.ended()
        lines = screen.lines()
    assert named(lines) == named(said)
    assert named(said)
    assert max(map(width, lines)) <= 80


@pytest.mark.parametrize(
    ("asked", "word"), [(("facts", "a", "b"), "dictionary"), (("levels", "--known", "x"), "2024-01-31T12:00:00+08:00")]
)
def test_what_is_wrong_with_a_question_is_broken_between_words(
    audited: Desk, asked: tuple[str, ...], word: str
) -> None:
    with terminal(audited, *asked, columns=60) as screen:
        assert screen.ended() == 2
        lines = screen.lines()
    assert max(map(width, lines)) <= 60
    assert word in " ".join(lines)
    assert " ".join(" ".join(lines).split()) == " ".join(audited.run(*asked).stderr.split())
