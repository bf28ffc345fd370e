"""`dingji evidence show` and `verify`: the papers kept beside the ledger, and the entries that refer to them."""

from __future__ import annotations

from typing import Any

from dingji.evidence.papers import DIGEST, Papers
from dingji.evidence.references import Reference, digests, references
from dingji.faults import LedgerError
from dingji.harmless import visible
from dingji_commands.app import question, shell, wiring
from dingji_commands.app.errors import REFUSED
from dingji_commands.app.settings import Settings
from dingji_commands.terminal import progress
from dingji_commands.terminal.layout import definitions, terminal_columns
from dingji_commands.terminal.output import print_lines, print_text
from dingji_commands.wording.words import say, text

STATES = ("ok", "missing", "changed", "unreadable")


@shell.command("evidence show", shell.argument("paper", metavar="SHA256|STATION"), question.JSON)
def evidence_show(settings: Settings, paper: str, *, json: bool) -> None:
    """Show a paper, or those of a station."""
    found = _references(settings, paper)
    papers = Papers(settings.ledger)
    papers.sweep()
    shown = [_paper_fields(papers, sha256, refers) for sha256, refers in found.items()]
    if json:
        question.print_json({"papers": shown})
        return
    for each in shown:
        print_lines(_paper_lines(each, settings.language))
    if not shown:
        print_text(say(settings.language, "no-papers"))


def _references(settings: Settings, paper: str) -> dict[str, list[Reference]]:
    """Return the references to a paper, or to each of a station's. Raises LedgerError."""
    sha256 = paper.lower()
    with wiring.open_checked_log(settings) as log:
        if DIGEST.fullmatch(sha256):
            refers = references(log, among={sha256})
            if not refers and Papers(settings.ledger).size(sha256) is None:
                raise LedgerError("unknown-paper", sha256=sha256)
            return {sha256: refers}
        if log.entry(f"station:{paper}", 1) is None:
            raise LedgerError("unknown-station", field="station", station=paper, nearest="")
        return _by_paper(references(log, station=paper))


def _paper_fields(papers: Papers, sha256: str, refers: list[Reference]) -> dict[str, Any]:
    size = papers.size(sha256)
    return {
        "sha256": sha256,
        "kept": size is not None,
        "size": size,
        "references": [
            {
                "entry": each.entry,
                "position": each.position,
                "on": each.on.isoformat(),
                "by": each.by,
                "name": each.name,
                "supports": list(each.supports),
                "voided": each.voided,
            }
            for each in refers
        ],
    }


def _paper_lines(paper: dict[str, Any], language: str) -> list[str]:
    size = say(language, "paper-size", size=f"{paper['size']:,}") if paper["kept"] else say(language, "paper-missing")
    rows = []
    for each in paper["references"]:
        voided = say(language, "paper-voided") if each["voided"] else ""
        supports = ", ".join(each["supports"])
        reference = say(language, "paper-reference", name=each["name"], on=each["on"], by=each["by"], supports=supports)
        rows.append((each["entry"], reference + voided))
    if not rows:
        rows.append(("", say(language, "paper-unreferred")))
    return [f"{paper['sha256']}  {size}", *definitions(rows, terminal_columns())]


@shell.command("evidence verify", question.JSON)
def evidence_verify(settings: Settings, *, json: bool) -> int:
    """Read every paper that an entry refers to; exit with 1 where one is not what it was."""
    papers = Papers(settings.ledger)
    with wiring.open_checked_log(settings) as log:
        papers.sweep()
        sha256s = sorted(digests(log))
        total = sum(papers.size(sha256) or 0 for sha256 in sha256s)
        with progress.bytes_bar(say(settings.language, "reading-papers"), total) as moved:
            states = {sha256: papers.state(sha256, moved).state for sha256 in sha256s}
        wrong = [sha256 for sha256, state in states.items() if state != "ok"]
        refers = _by_paper(references(log, among=set(wrong))) if wrong else {}
    amiss = [_amiss_fields(sha256, states[sha256], refers[sha256]) for sha256 in wrong]
    unreferred = [sha256 for sha256 in papers.kept() if sha256 not in states]
    counts = {state: sum(1 for each in states.values() if each == state) for state in STATES}
    if json:
        question.print_json({"checked": len(states), **counts, "amiss": amiss, "unreferred": unreferred})
    else:
        _print_states(settings, counts, amiss, len(unreferred))
    return REFUSED if wrong else 0


def _by_paper(refers: list[Reference]) -> dict[str, list[Reference]]:
    found: dict[str, list[Reference]] = {}
    for reference in refers:
        found.setdefault(reference.sha256, []).append(reference)
    return found


def _amiss_fields(sha256: str, state: str, refers: list[Reference]) -> dict[str, Any]:
    names = list(dict.fromkeys(each.name for each in refers))
    return {"sha256": sha256, "state": state, "names": names, "entries": [each.entry for each in refers]}


def _print_states(settings: Settings, counts: dict[str, int], amiss: list[dict[str, Any]], unreferred: int) -> None:
    language = settings.language
    rows = [
        (
            text("paper", each["state"], language) or "",
            visible(f"{each['sha256']} {', '.join(each['names'] + each['entries'])}"),
        )
        for each in amiss
    ]
    parts = [f"{text('paper', state, language)} {count}" for state, count in counts.items() if count or state == "ok"]
    checked = say(language, "papers-checked", count=sum(counts.values()), parts=say(language, "comma").join(parts))
    lines = [*definitions(rows, terminal_columns()), checked]
    if unreferred:
        lines.append(say(language, "papers-unreferred", count=unreferred))
    if amiss:
        lines.append(say(language, "papers-amiss"))
    print_lines(lines)
