"""`dingji conformance`: what conforms and what does not."""

from __future__ import annotations

import json
import shutil
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, get_args

import pytest

from desk import CITY, COUNTY, STATION, Desk
from dingji_commands.wording import words
from dingji_commands.wording.words import text
from dingji_projections.audit import hindsight
from dingji_projections.audit.conformance import DecisionVerdict
from dingji_projections.tables.acts import ACT_VERBS

ROUND = "2024-promotion"
VOID = ("--cause", "recording-error", "--reason", "录错", "--by", CITY, "--on", "2025-01-05")


def test_conformance_as_json(audited: Desk) -> None:
    result = audited.run("conformance", "--json", "--on", "2025-01-01")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert list(answer) == [
        *("basis", "conforms", "summary", "decisions", "irregularities", "coverage", "unlodged", "shares"),
    ]
    assert answer["conforms"] is False
    first = answer["decisions"][0]
    assert (first["entry"], first["round"], first["office"], first["verdict"]) == (
        f"{STATION}@4",
        ROUND,
        CITY,
        "irregular",
    )
    assert first["codes"] == ["no-assessment", "standard-not-also-reached"]
    assert "not-a-promotion" in first["rules"]
    (waiting,) = answer["unlodged"]
    assert (waiting["entry"], waiting["days"]) == ("320583101@2", 214)
    (county,) = (one for one in answer["summary"] if one["county"] == COUNTY)
    assert (county["decisions"], county["irregular"], county["unlodged"]) == (2, 2, 1)
    assert {one["code"] for one in answer["irregularities"]} == {"no-assessment", "standard-not-also-reached"}


def test_conformance_as_an_auditor_reads_it(audited: Desk) -> None:
    result = audited.run("conformance", "--on", "2025-01-01", lang="zh")
    said = result.stdout
    assert result.exit_code == 1
    assert said.index("按县级机构汇总") < said.index("不合规的决定：2 项") < said.index("尚未备案的认定：1 项")
    assert "standard-not-also-reached（二）：" in said
    assert "全部决定" not in said
    assert "All decisions: 2" in audited.run("conformance", "--on", "2025-01-01", "--all").stdout
    one = audited.run("conformance", "--county", COUNTY, "--round", ROUND).stdout
    assert "320583101@2" not in one


def test_an_audit_without_anything_amiss(audited: Desk) -> None:
    result = audited.run("conformance", "--from", "2022", "--to", "2023", lang="zh")
    assert result.exit_code == 0
    assert "没有不合规的事项" in result.stdout


def test_a_lost_ground_is_shown_wherever_one_looks(audited: Desk) -> None:
    audited.ok("void", f"{STATION}@3", *VOID)
    codes = [one["code"] for one in audited.json("station", STATION, "--on", "2025-02-01")["conditions"]]
    assert "ground-lost" in codes
    assert "ground-lost" in audited.ok("conditions", "--on", "2025-02-01", lang="zh")
    said = audited.run("conformance", "--on", "2025-02-01").stdout
    assert "ground lost" in said
    assert f"its ground {STATION}@3 was voided" in said


def test_an_audit_on_a_basis_is_the_same_on_a_copy(audited: Desk, tmp_path: Path) -> None:
    question = ("conformance", "--basis", "110", "--json")
    before = audited.run(*question).stdout
    copy = Desk(tmp_path)
    copy.ledger = tmp_path / "copy.ledger"
    shutil.copy(audited.ledger, copy.ledger)
    copy.ok("void", f"{STATION}@3", *VOID)
    assert copy.run(*question).stdout == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["conformance", "--round", "2099-review"], "unknown-round"),
        (["conformance", "--county", "999999"], "unknown-office"),
        (["conformance", "--from", "2025", "--to", "2024"], "--from"),
        (["conformance", "--from", "2025", "--round", ROUND], "--round"),
        (["conformance", "--from", "x"], "--from"),
    ],
)
def test_what_is_asked_wrongly_is_a_wrong_use(audited: Desk, arguments: list[str], code: str) -> None:
    for lang in ("zh", "en"):
        result = audited.run(*arguments, lang=lang)
        assert (result.exit_code, result.stdout) == (2, "")
        assert code in result.stderr


@pytest.mark.parametrize(
    "question", [("conformance",), ("conformance", "--json"), ("cases",), ("impact", f"{STATION}@2", "--if-voided")]
)
def test_without_the_notice_nothing_is_said_to_conform(audited: Desk, question: tuple[str, ...]) -> None:
    done = audited.process(*question, env={"DINGJI_PLUGINS_OFF": "suzhou_2023_143"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert "unknown-notice" in done.stderr.decode().partition("the notice")[0]


RANKS: Final = {"ungraded": 0, "standard": 1, "high_standard": 2, "benchmark": 3}
OTHER_COUNTY: Final = "320505"


class CaseMove(NamedTuple):
    """An application, withdrawal or declining."""

    day: int
    version: int
    verb: str


def decision(verb: str, level: str, **more: Any) -> SimpleNamespace:
    """Return a decision of 2024-06-01 on a station that holds `high_standard`, as hindsight judges it."""
    own = {"verb": verb, "level": level, "rank": RANKS[level], "round": None, "on": date(2024, 6, 1), "office": CITY}
    held = {"held": SimpleNamespace(level="high_standard", rank=2), "held_then": None}
    place = {"station": STATION, "county": COUNTY, "county_before": None}
    return SimpleNamespace(**own | held | place | {"day": 100, "version": 5, "codes": ()} | more)


NOW: Final = SimpleNamespace(
    notice_rules=SimpleNamespace(
        round_of={"certify": "promotion"},
        routes={"standard": (("recommend", "county"),), "benchmark": (("recommend", "county"),)},
        county_tier="county",
    ),
    rounds={
        "late": (SimpleNamespace(on=date(2024, 7, 1), kind="promotion"), None),
        "over": (SimpleNamespace(on=date(2024, 1, 1), kind="promotion"), date(2024, 5, 1)),
        "review": (SimpleNamespace(on=date(2024, 1, 1), kind="review"), None),
    },
    ended={(STATION, "benchmark", ROUND): [CaseMove(90, 4, "withdraw")]},
    acts_over=lambda office, county, on: False,
)
"""What is known now: three rounds, one withdrawal, and that no office stands for another."""

SEEN: Final = {
    "station-closed": decision("certify", "benchmark", held=None),
    "not-a-promotion": decision("certify", "standard"),
    "nothing-to-review": decision("uphold", "standard", held=SimpleNamespace(level="ungraded", rank=0)),
    "not-a-downgrade": decision("downgrade", "benchmark"),
    "held-otherwise": decision("uphold", "standard"),
    "round-not-open": decision("certify", "benchmark", round="late"),
    "after-close": decision("certify", "benchmark", round="over"),
    "wrong-round-kind": decision("certify", "benchmark", round="review"),
    "case-ended": decision("certify", "benchmark", round=ROUND),
    "not-own-county": decision("recommend", "standard", office=OTHER_COUNTY),
}


@pytest.mark.parametrize("code", SEEN)
def test_what_hindsight_sees_has_its_words(code: str) -> None:
    assert hindsight.judged_again(SEEN[code], NOW) == [code]  # type: ignore[arg-type]
    assert all(text("hindsight", code, language) for language in ("zh", "en"))


def test_hindsight_has_words_for_each_of_its_codes_and_no_others() -> None:
    worded = tomllib.loads(Path(words.__file__).with_name("words.toml").read_text("utf-8"))["hindsight"]
    codes = set(get_args(hindsight.HindsightCode))
    for language in ("zh", "en"):
        assert {code for code, in_languages in worded.items() if in_languages.get(language)} == codes
    assert set(worded) == codes == set(SEEN)


def test_every_code_of_an_audit_has_its_words() -> None:
    for language in ("zh", "en"):
        for table, keys in (
            ("verb", ACT_VERBS),
            ("judged", get_args(DecisionVerdict)),
        ):
            assert all(text(table, key, language) for key in keys), (table, language)
