"""A real disk that is full."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(size: str = "1m") -> Iterator[Path]:
    """Lend a disk of its own; whoever may not mount one skips the test."""
    with tempfile.TemporaryDirectory(prefix="dingji-disk-") as folder:
        try:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only root mounts a disk")
        try:
            yield Path(folder)
        finally:
            unmount = ["umount", "-l", folder]
            subprocess.run(unmount, check=True)


def fill_up(disk: Path) -> None:
    """Leave no room on a disk."""
    with suppress(OSError), (disk / "full").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
