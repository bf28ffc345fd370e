"""Write the demonstration's data file: `python tools/demo/write.py [FILE]`; docs/demonstration.md says more."""

from __future__ import annotations

import gzip
import io
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import orjson

sys.path.insert(0, str(Path(__file__).parents[1]))

from demo.acts import ActWriter, StoryAct
from demo.data import load_demo
from demo.story import founding, story
from dingji.faults import LedgerError
from dingji.intake.files import Line
from dingji.plugins.manager import Plugins, load_plugins
from dingji.store.log import create_log
from dingji.writer.ledger import Ledger
from dingji_commands.demo.play import DATA, DemoFile, DemoFounding, DemoLine, DemoPaper, check_recorded


def main() -> None:
    """Write the file that is named, or the one in the package."""
    path = Path(sys.argv[1]) if sys.argv[1:] else DATA
    lines = demo_lines(load_plugins())
    content = packed(lines)
    path.write_bytes(content)
    print(f"{path}: {len(lines)} lines, {len(content):,} bytes")


def packed(lines: list[DemoLine]) -> bytes:
    """Return the lines as JSON, packed without a name or a time: the same lines give the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
    return buffer.getvalue()


def demo_lines(plugins: Plugins) -> list[DemoLine]:
    """Return the lines of the data file. Raises LedgerError, also where a submission is refused.

    A ledger is written on the way: it names the entries that later ones refer to, and says what needs a judgement.
    """
    demo = load_demo()
    notice = plugins.notice(demo.notice)
    if notice is None:
        raise LedgerError("unknown-notice", notice=demo.notice)
    standards = {code: plugins.standard(notice, code) for code in notice.standard_files}
    writer = ActWriter(demo, standards, plugins.facts(notice))
    moment = demo.founding.recorded
    with tempfile.TemporaryDirectory() as folder, create_log(Path(folder, "demo.dingji")) as log:
        ledger = Ledger(log, lambda: plugins, clock=lambda: moment)
        submissions = _submissions(list(founding(writer)), {})
        with ledger.start_new(notice, demo.founding.on, _lines(submissions)) as receipts:
            check_recorded(receipts, moment)
        lines: list[DemoLine] = [DemoFounding(demo.notice, demo.founding.on, moment, submissions)]
        entries: dict[str, str] = {}
        for moment, group in groupby(story(writer), key=lambda act: act.recorded):
            acts = [_needed(ledger, act) for act in group]
            submissions = _submissions(acts, entries)
            with ledger.submit(_lines(submissions)) as receipts:
                recorded = list(receipts)
            check_recorded(recorded, moment)
            entries |= {_name(act): receipt.entry or "" for act, receipt in zip(acts, recorded, strict=True)}
            lines.append(DemoFile(moment, submissions))
    return lines + [DemoPaper(content.decode()) for content in writer.papers.values()]


def _needed(ledger: Ledger, act: StoryAct) -> StoryAct:
    """Return an act, of judgements only those that an assessment by them needs."""
    if act.standard is None:
        return act
    fields, candidates = act.fields, act.fields["judgements"]
    findings = ledger.preview(fields["station"], act.standard, fields["on"])["findings"]
    asked = {one.requirement for one in findings if one.outcome == "needs_judgement" or one.judgement}
    needed = {requirement: it for requirement, it in candidates.items() if requirement in asked}
    return act._replace(fields=fields | {"judgements": needed})


def _submissions(acts: list[StoryAct], entries: dict[str, str]) -> tuple[msgspec.Raw, ...]:
    """Return the acts as a clerk would hand them in, with the entries that they refer to."""
    return tuple(
        msgspec.Raw(orjson.dumps({key: _entry(value, entries) for key, value in act.fields.items()})) for act in acts
    )


def _entry(value: Any, entries: dict[str, str]) -> Any:
    """Return the entry that "=verb station date" stands for, any other value as it is."""
    return entries[value[1:]] if isinstance(value, str) and value.startswith("=") else value


def _name(act: StoryAct) -> str:
    """Return how the story refers to an act."""
    return f"{act.fields['do']} {act.fields.get('station', '')} {act.fields['on']}"


def _lines(submissions: tuple[msgspec.Raw, ...]) -> Iterator[Line]:
    for number, submission in enumerate(submissions, 1):
        yield Line(number, bytes(submission))


if __name__ == "__main__":
    main()
