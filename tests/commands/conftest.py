"""Desks: one without a ledger, and one with the demonstration roster."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from desk import Desk


@pytest.fixture(scope="session")
def founded(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A ledger with the demonstration's roster and nothing else, to be copied."""
    folder = made_once("founded", lambda made: Desk(made).ok("init", "--roster", "demo", "--on", "2021-01-01"))
    return Desk(folder).ledger


@pytest.fixture
def demo_desk(tmp_path: Path, told_ledger: Path) -> Desk:
    """A desk with a copy of the demonstration."""
    desk = Desk(tmp_path)
    shutil.copy(told_ledger, desk.ledger)
    return desk


@pytest.fixture
def bare_desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def desk(tmp_path: Path, founded: Path) -> Desk:
    desk = Desk(tmp_path)
    shutil.copy(founded, desk.ledger)
    return desk
