"""What every test of evidence can ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import Desk


@pytest.fixture
def folder(desk: Desk) -> Path:
    return Path(f"{desk.ledger}.evidence")
