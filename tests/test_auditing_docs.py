"""docs/auditing.md shows what its commands say."""

from __future__ import annotations

from pathlib import Path

from console_blocks import agrees, run, shown

PAGE = Path(__file__).parents[1] / "docs" / "auditing.md"


def test_the_page_shows_what_its_commands_give(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    for part in shown(PAGE):
        given = run(part.command, tmp_path, environment)
        assert agrees(part.output, given), f"$ {part.command}\n" + "\n".join(given)
