"""Every code that a submission can be answered with is raised by a test, worded in both languages, and said once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from dingji.faults import fault_kinds, reasons
from stories import NOTICES

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SOURCES = [
    path for folder in ("ledger", "plugins", "projections", "commands") for path in ROOT.glob(f"{folder}/**/*.py")
]

CODE = re.compile(
    r'(?:\.refuse|\.warn|\.note|LedgerError|IntegrityBroken|\bFault)\(\s*(?:code=)?"([a-z]+(?:-[a-z0-9]+)+)"'
)


def test_every_code_in_the_sources_has_its_words() -> None:
    used = {code for path in SOURCES for code in CODE.findall(path.read_text("utf-8"))}
    assert used - fault_kinds().keys() == set()


def test_every_code_that_has_words_is_used() -> None:
    sources = "".join(path.read_text("utf-8") for path in SOURCES)
    assert [code for code in fault_kinds() if f'"{code}"' not in sources] == []


def test_every_reason_of_a_rule_has_its_words() -> None:
    used = {why for path in SOURCES for why in re.findall(r'wrong\(\s*[^()]+?, "([a-z-]+)"', path.read_text("utf-8"))}
    assert used - reasons().keys() == set()
    assert len(used) > 12


def test_both_languages_name_the_same_things() -> None:
    def names(template: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(template) if name}

    for code, kind in fault_kinds().items():
        assert kind.message.keys() == kind.hint.keys() == {"zh", "en"}, code
        assert names(kind.message["zh"]) == names(kind.message["en"]), code


LIFTED = {
    "level-not-granted",
    "no-application",
    "no-recommendation",
    "already-applied",
    "case-ended",
    "round-not-open",
    "no-assessment",
    "standard-not-reached",
    "standard-undetermined",
    "self-revocation",
    "never-held",
    "wrong-round-kind",
}
"""The rules that docs/rules.md marks with (i)."""


def test_irregular_lifts_what_the_rules_say_and_nothing_else() -> None:
    assert {code for code, kind in fault_kinds().items() if kind.irregular} == LIFTED


@pytest.mark.parametrize("folder", [ROOT / "plugins/dingji_plugins/suzhou_2023_143", NOTICES / "delta"])
def test_the_clauses_of_a_notice_are_those_of_codes(folder: Path) -> None:
    clauses = tomllib.loads(folder.joinpath("notice.toml").read_text("utf-8"))["clauses"]
    assert clauses.keys() <= fault_kinds().keys()
