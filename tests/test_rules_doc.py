"""docs/rules.md says every rule that the code cites, and names every code of a rule."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dingji.faults import fault_kinds
from places import ROOT

PAGE = ROOT / "docs" / "rules.md"
NOTICE = ROOT / "plugins" / "dingji_plugins" / "suzhou_2023_143" / "notice.toml"
FOLDERS = ("ledger", "plugins", "projections", "commands", "tests", "docs")

NUMBERS = r"\d+(?:(?:-| to )\d+)?"
CITED = re.compile(rf"\brules? ({NUMBERS}(?:(?:, | and |, and ){NUMBERS})*)")
"""A citation: "rule 24", "rules 5-8, 12", "rules 25 to 34", "rules 31 and 33"."""

CODE = re.compile(r"\b([RWIS])( \(i\))?\s+`([a-z]+(?:-[a-z]+)+)`")


def cited(text: str) -> set[int]:
    """Return the numbers of all rules that a text cites."""
    found: set[int] = set()
    for citation in CITED.findall(text):
        for part in re.findall(NUMBERS, citation):
            first, *last = re.findall(r"\d+", part)
            found |= set(range(int(first), int((last or [first])[0]) + 1))
    return found


def sections(page: str) -> dict[str, str]:
    """Return the text of each section by its heading, what stands ahead of the first and behind the codes left out."""
    body = page.partition("<!-- codes -->")[0]
    parts = re.split(r"^##+ (.+)$", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def numbered(page: str) -> set[int]:
    found: set[int] = set()
    for heading in sections(page):
        if number := re.match(r"(\d+)(?: to (\d+))?", heading):
            found |= set(range(int(number[1]), int(number[2] or number[1]) + 1))
    return found


def raised() -> set[str]:
    """Return the codes that the rules can raise; `Docket.wrong` raises `bad-value`."""
    found: set[str] = set()
    for path in ROOT.glob("ledger/dingji/rules/*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        words = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        found |= words & fault_kinds().keys()
    return found


def table(page: str) -> Iterator[str]:
    """Yield the table of codes as the sections, the notice and faults.toml have it."""
    clauses = tomllib.loads(NOTICE.read_text("utf-8"))["clauses"]
    rules: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for heading, text in sections(page).items():
        for kind, _, code in CODE.findall(text):
            number = re.match(r"\d+", heading)
            rules.setdefault(code, []).append(number[0] if number else "—")
            kinds[code] = kind + (" (i)" if fault_kinds()[code].irregular else "")
    yield from ("| code | acts | clause | rules |", "| --- | --- | --- | --- |")
    for code in sorted(rules):
        numbers = ", ".join(dict.fromkeys(rules[code]))
        yield f"| `{code}` | {kinds[code]} | {clauses.get(code, '')} | {numbers} |"


def written(page: str) -> str:
    return page.partition("<!-- codes -->\n")[2].partition("<!-- end -->")[0]


def test_every_rule_that_is_cited_is_told() -> None:
    there = numbered(PAGE.read_text("utf-8"))
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".toml", ".md"} and path != Path(__file__):
                missing = cited(path.read_text("utf-8")) - there
                assert not missing, f"{path.relative_to(ROOT)} cites {missing}"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(rules 5-8, 12, 15)", {5, 6, 7, 8, 12, 15}),
        ("rules 25 to 27, in", {25, 26, 27}),
        ("rules 31 and 33", {31, 33}),
        ("rule 32: in 12 months", {32}),
        ("the ruler 3 cm long", set()),
    ],
)
def test_a_citation_is_read(text: str, numbers: set[int]) -> None:
    assert cited(text) == numbers


def test_every_code_of_a_rule_is_told_and_no_other() -> None:
    page = PAGE.read_text("utf-8")
    told = {code for text in sections(page).values() for _, _, code in CODE.findall(text)}
    assert raised() - told == set()
    assert told - fault_kinds().keys() == set()
    assert len(raised()) > 50


def test_a_code_is_called_lifted_where_irregular_lifts_it() -> None:
    for text in sections(PAGE.read_text("utf-8")).values():
        for _, lifted, code in CODE.findall(text):
            assert bool(lifted) == fault_kinds()[code].irregular, code


def test_the_table_of_codes_is_up_to_date() -> None:
    """Where it is not: `python tests/test_rules_doc.py` writes it anew."""
    page = PAGE.read_text("utf-8")
    assert written(page).splitlines() == list(table(page))


def renew() -> None:
    """Write the table of codes anew."""
    page = PAGE.read_text("utf-8")
    old = f"<!-- codes -->\n{written(page)}<!-- end -->"
    PAGE.write_text(page.replace(old, "\n".join(["<!-- codes -->", *table(page), "<!-- end -->"])), "utf-8")


if __name__ == "__main__":
    renew()
