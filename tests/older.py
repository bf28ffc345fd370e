"""How older versions read a line: for tests of what they recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dingji.events.codec import encode_canonical
from dingji.intake import jsonl
from dingji.intake.files import Line
from dingji.intake.jsonl import Parsed


def as_written(all_lines: Iterable[Line]) -> Iterator[tuple[Line, Parsed]]:
    """Parse lines as versions did that kept every blank."""
    for line in all_lines:
        submission = jsonl._decode(line.text)
        yield line, jsonl._identified(submission, encode_canonical(submission))
