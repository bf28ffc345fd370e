"""Many lines on standard output, written in blocks: a flush a line would take longer than making the line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import click

BLOCK: Final = 1 << 16
"""Bytes written at once."""


def print_lines(lines: Iterable[bytes]) -> None:
    """Write lines that end as lines do, in memory that does not grow with them."""
    held = bytearray()
    for line in lines:
        held += line
        if len(held) > BLOCK:
            click.echo(bytes(held), nl=False)
            held.clear()
    click.echo(bytes(held), nl=False)
