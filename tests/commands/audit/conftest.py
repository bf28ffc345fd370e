"""A ledger with something to audit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from desk import CITY, COUNTY, STATION, Desk

ROUND: Final = "2024-promotion"


def by(office: str, on: str, **fields: Any) -> dict[str, Any]:
    """Return a submission by an office."""
    return {"by": {"office": office}, "on": on} | fields


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, founded: Path) -> Path:
    """A ledger with one case led to its end on paper, and one certification that the county has not lodged."""
    desk = Desk(tmp_path_factory.mktemp("recorded"))
    shutil.copy(founded, desk.ledger)
    about = {"station": STATION, "level": "benchmark", "round": ROUND}
    lines = [
        by(CITY, "2024-03-01", do="open_round", round=ROUND, kind="promotion", year=2024),
        by(STATION, "2024-04-01", do="apply", **about),
        by(COUNTY, "2024-05-01", do="recommend", **about),
        by(CITY, "2024-11-20", do="certify", irregular="补录", **about),
        by(COUNTY, "2024-06-01", do="certify", station="320583101", level="standard", irregular="补录"),
    ]
    desk.ok("submit", desk.file("a.jsonl", *lines))
    return desk.ledger


@pytest.fixture
def audited(tmp_path: Path, recorded: Path) -> Desk:
    desk = Desk(tmp_path)
    shutil.copy(recorded, desk.ledger)
    return desk
