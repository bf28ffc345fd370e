"""Files that are handed in as evidence, and what is kept of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from desk import COUNTY, STATION, Desk

ADD = ["--station", STATION, "--supports", "full_time_staff,head_in_post", "--on", "2024-06-01", "--by", COUNTY]


def scan(desk: Desk, name: str = "scan.pdf", content: bytes = b"a scan") -> tuple[str, str]:
    path = desk.folder / name
    path.write_bytes(content)
    return str(path), hashlib.sha256(content).hexdigest()


def kept(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
