"""Desks: one without a ledger, and one with the demonstration roster."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import CITY, COUNTY, STATION, Desk, classify


@pytest.fixture(scope="session")
def founded(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A ledger with the demonstration's roster and nothing else, to be copied."""
    folder = made_once("founded", lambda made: Desk(made).ok("init", "--roster", "demo", "--on", "2021-01-01"))
    return Desk(folder).ledger


@pytest.fixture
def demo_desk(tmp_path: Path, demo_ledger: Path) -> Desk:
    """A desk with a copy of the demonstration."""
    desk = Desk(tmp_path)
    shutil.copy(demo_ledger, desk.ledger)
    return desk


@pytest.fixture
def bare_desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def desk(tmp_path: Path, founded: Path) -> Desk:
    desk = Desk(tmp_path)
    shutil.copy(founded, desk.ledger)
    return desk


@pytest.fixture
def storied(desk: Desk) -> Desk:
    """A desk with one station's story: recognised, classified twice, once by mistake."""
    recognise = {"do": "recognise", "station": STATION, "level": "high_standard", "under": "旧文件", "on": "2022-05-01"}
    desk.ok("submit", desk.file("a.jsonl", recognise | {"by": {"office": CITY}}, classify(), classify("320583101")))
    desk.ok(
        "void", "320583101@2", "--cause", "recording-error", "--reason", "录错", "--on", "2024-01-05", "--by", COUNTY
    )
    desk.ok("open-round", "2024-promotion", "--kind", "promotion", "--year", "2024", "--on", "2024-03-01", "--by", CITY)
    desk.ok(
        "apply", STATION, "--level", "benchmark", "--round", "2024-promotion", "--on", "2024-04-01", "--by", STATION
    )
    return desk
