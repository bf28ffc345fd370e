"""`dingji recheck`: whether the assessments that were recorded come out the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from dingji.harmless import visible
from dingji.store.log import Log
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.layout import terminal_columns, wrap
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.terminal.progress import steps_bar
from dingji_commands.terminal.table import json_text
from dingji_commands.wording.labels import Labels
from dingji_commands.wording.values import short_digest
from dingji_commands.wording.words import label, say, text
from dingji_projections.reruns import assessments
from dingji_projections.reruns.recheck import Rechecked
from dingji_projections.reruns.recheck import recheck as rechecked

FIELDS: Final = ("entry", "on", "standard", "verdict", "verdict_now", "result")
RESULTS: Final = ("identical", "same_findings", "differs", "not_reproducible")
DIFFERS: Final = 1
LONGEST: Final = 120
"""Characters of a value that are shown; JSON has it whole."""


@question.question(
    "recheck",
    shell.argument("entry", required=False),
    shell.option("--station", metavar="CODE"),
    shell.option("--round", metavar="ROUND"),
    shell.flag("--all"),
    shell.flag("--with-installed"),
    question.JSON,
    dated=False,
)
def recheck(settings: Settings, asked: BasisOptions, *, with_installed: bool, json: bool, **which: Any) -> int:
    """Run recorded assessments again."""
    with wiring.open_checked_log(settings) as log:
        basis = asked.resolve(log, settings)
        positions = _positions(log, basis.known, which, settings)
        with steps_bar(say(settings.language, "assessing-stations")) as progress:
            again = rechecked(
                log, wiring.plugins(), positions, basis.known, with_installed=with_installed, progress=progress
            )
            # A long list is counted as it comes; only what is not as it was is held.
            tally = RecheckCounts()
            found = [one for one in again if tally.add(one) or json or not which["all"]]
        if json:
            summary = {result: tally.counts[result] for result in RESULTS}
            question.print_json({"basis": basis.undated(), "summary": summary, "assessments": found})
        else:
            _show(found, Labels(log, settings.language, basis.known))
            _show_lacking(tally, settings.language)
            words = {result: tally.counts[result] for result in RESULTS}
            key = "rechecked-installed" if with_installed else "rechecked"
            question.print_sentence(say(settings.language, key, count=tally.counts.total(), **words))
            question.print_basis(basis, settings, dated=False)
    return DIFFERS if not with_installed and tally.counts.total() > tally.counts["identical"] else 0


def _positions(log: Log, known: int, which: dict[str, Any], settings: Settings) -> list[int]:
    """Return the positions of the assessments that are meant; exactly one way of naming them must be given."""
    given = [name for name, value in which.items() if value]
    if len(given) != 1:
        raise shell.usage_error(settings.language, "one-choice")
    if given == ["entry"]:
        return assessments.assessment(log, which["entry"], known)
    if given == ["station"]:
        return assessments.assessments_of(log, which["station"], known)
    return (
        assessments.assessments_in(log, which["round"], known)
        if given == ["round"]
        else assessments.assessments(log, known)
    )


class RecheckCounts:
    """How many assessments came out how, and what they were made with that is not what is installed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lacking: dict[tuple[str, str, str | None], set[str]] = {}
        """(Kind, made with, installed) to the names of what it is."""
        self.of: Counter[tuple[str, str, str | None]] = Counter()
        """The same to the number of assessments."""

    def add(self, one: Rechecked) -> bool:
        """Count an assessment, and return whether it must be shown by itself."""
        self.counts[one.result] += 1
        owners = {(lack.kind, lack.wanted, lack.installed) for lack in one.lacking}
        self.of.update(owners)
        for lack in one.lacking:
            self.lacking.setdefault((lack.kind, lack.wanted, lack.installed), set()).add(lack.name)
        return one.result in {"differs", "not_reproducible"}


def _show(found: list[Rechecked], labels: Labels) -> None:
    language = labels.language
    if not found:
        return
    rows = [
        (
            one.entry,
            one.on,
            labels.of("level", one.standard),
            text("verdict", one.recorded, language),
            text("verdict", one.found, language) if one.found else None,
            text("result", one.result, language),
        )
        for one in found
    ]
    question.print_table(FIELDS, rows, language)
    for one in found:
        if one.differences:
            print_lines(["", one.entry])
            _indented(_differences(one, language))
    print_text()


def _indented(lines: Iterable[str]) -> None:
    columns = terminal_columns()
    print_lines(f"  {part}" for line in lines for part in wrap(visible(line), columns - 2))


def _show_lacking(tally: RecheckCounts, language: str) -> None:
    """Say what the assessments were made with and is not what is installed: once for all of them."""
    lines = []
    for (kind, wanted, installed), names in sorted(tally.lacking.items(), key=str):
        words = {
            "what": label("lack", kind, language),
            "name": say(language, "comma").join(sorted(names)),
            "wanted": _short(wanted),
            "installed": _short(installed) if installed else say(language, "nothing-installed"),
        }
        lines.append(say(language, "recheck-lacks", count=tally.of[kind, wanted, installed], **words))
    if lines:
        print_text(say(language, "recheck-made-with"))
        _indented(lines)
        print_text()


def _short(made_with: str) -> str:
    """Return a distribution, its version and the beginning of a digest."""
    *words, digest = made_with.split(" ")
    return " ".join([*words, short_digest(digest)])


def _differences(one: Rechecked, language: str) -> list[str]:
    return [
        say(
            language,
            "recheck-differs",
            requirement=each.requirement or say(language, "recheck-whole"),
            field=label("finding-field", each.field, language),
            recorded=_value(each.recorded, language),
            found=_value(each.found, language),
        )
        for each in one.differences
    ]


def _value(value: Any, language: str) -> str:
    """Return a value of a finding in brief: a text in the reader's language, an outcome in words."""
    if isinstance(value, dict) and language in value:
        value = value[language]
    if isinstance(value, str):
        value = text("outcome", value, language) or label("verdict", value, language)
    if value in (None, "", [], {}):
        return "—"
    shown = value.rstrip(".。") if isinstance(value, str) else json_text(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
