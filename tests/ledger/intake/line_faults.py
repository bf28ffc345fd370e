"""Lines of a file that are good, and what is said of one that is not."""

from __future__ import annotations

import json
from typing import Any

from dingji.faults import Fault
from dingji.intake.jsonl import Parsed, parse
from stories import Record, worded

BY: Record = {"office": "320583"}
GOOD: Record = {"do": "rename", "station": "320583100", "name": "玉山", "on": "2024-01-01", "by": BY}
REPORT: Record = {"do": "report", "station": "320583100", "on": "2024-01-01", "by": BY, "facts": {}}
EVIDENCE = {"sha256": "0" * 64, "name": "合同", "supports": ["staff"]}


def line(record: Record, **changes: Any) -> bytes:
    return json.dumps(record | changes, ensure_ascii=False).encode("utf-8", "surrogatepass")


def faults_of(text: bytes) -> list[Fault]:
    found = parse(text)
    if isinstance(found, Parsed):
        return []
    for fault in found.faults:
        worded(fault)
    return found.faults


def told(text: bytes) -> list[tuple[str, str | None, Any]]:
    return [(fault.code, fault.field, fault.args.get("why")) for fault in faults_of(text)]
