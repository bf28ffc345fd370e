"""Renamings, the least that can be submitted, and a bad one; and the rows of the log that they are in."""

from __future__ import annotations

from typing import Any

from dingji.events.row import Row
from stories import KUNSHAN, Record, Story, act


def renames(name: str, on: str = "2024-01-01", **fields: Any) -> Record:
    return act("rename", on, KUNSHAN, name=name, **fields)


BAD = renames("x", station="320583999")


def rows(story: Story) -> list[Row]:
    return list(story.log.scan())
