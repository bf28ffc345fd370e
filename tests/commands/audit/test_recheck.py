"""`dingji recheck`, as an auditor runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from desk import Desk
from dingji_plugins import stock

PROTAGONIST = "320583100"


def test_every_assessment_of_the_demonstration_is_identical(demo_desk: Desk) -> None:
    before = demo_desk.ledger.read_bytes()
    answer = demo_desk.json("recheck", "--all")
    assert answer["summary"] == {
        "identical": len(answer["assessments"]),
        **dict.fromkeys(("same_findings", "differs", "not_reproducible"), 0),
    }
    assert len(answer["assessments"]) > 100
    identity = answer["basis"].pop("ledger")
    assert len(identity) == 16
    assert answer["basis"] == {"on": "2026-06-30", "known": 936, "recorded_until": "2026-06-30T08:48:00.000000Z"}
    assert demo_desk.ledger.read_bytes() == before


def test_one_station_as_known_earlier(demo_desk: Desk) -> None:
    whole = demo_desk.json("recheck", "--station", PROTAGONIST)["assessments"]
    entries = [one["entry"] for one in whole]
    assert len(entries) > 3
    earlier = demo_desk.json("recheck", "--station", PROTAGONIST, "--known", str(whole[2]["position"]))
    assert [one["entry"] for one in earlier["assessments"]] == entries[:3]
    (one,) = demo_desk.json("recheck", entries[0])["assessments"]
    assert one == whole[0]
    assert {"entry", "station", "standard", "on", "recorded", "found", "result", "differences", "lacking"} < set(one)


@pytest.mark.parametrize(("language", "word"), [("zh", "一样"), ("en", "identical")])
def test_it_is_told_in_words(demo_desk: Desk, language: str, word: str) -> None:
    lines = demo_desk.ok("recheck", "--station", PROTAGONIST, lang=language).splitlines()
    told = [line for line in lines if line.startswith(f"{PROTAGONIST}@")]
    assert told
    assert all(line.endswith(word) for line in told)
    assert "7" in lines[-2]
    short = demo_desk.ok("recheck", "--all", lang=language).splitlines()
    assert len(short) == 2


def test_without_the_plugin_nothing_is_reproducible(demo_desk: Desk) -> None:
    off = {"DINGJI_PLUGINS_OFF": "suzhou_2023_143"}
    done = demo_desk.process("recheck", "--station", PROTAGONIST, env=off)
    assert done.returncode == 1
    assert "not reproducible" in done.stdout.decode()
    assert "suzhou-2023-143" in done.stdout.decode()


def test_drift_is_told_apart_from_other_versions(demo_desk: Desk) -> None:
    folder = demo_desk.folder / "newer"
    shutil.copytree(Path(stock.__file__).parents[1], folder / "dingji_plugins")
    data = folder / "dingji_plugins" / "suzhou_2023_143" / "standard.toml"
    text = data.read_text("utf-8")
    stricter = text.replace("large = 10, medium = 6, small = 4", "large = 12, medium = 9, small = 9")
    assert stricter != text
    data.write_text(stricter, "utf-8")
    newer = {"PYTHONPATH": str(folder)}
    done = demo_desk.process("recheck", "--station", PROTAGONIST, "--with-installed", "--json", env=newer)
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer["summary"] == {"identical": 0, "same_findings": 3, "differs": 4, "not_reproducible": 0}
    changed = {each["requirement"] for one in answer["assessments"] for each in one["differences"]}
    assert changed == {"", "S3.1.3"}
    assert {each["field"] for one in answer["assessments"] for each in one["differences"]} == {
        *("verdict", "short", "outcome", "required", "reason"),
    }
    assert {lack["kind"] for one in answer["assessments"] for lack in one["lacking"]} == {"notice", "standard", "check"}
    owners = {lack["name"] for one in answer["assessments"] for lack in one["lacking"] if lack["kind"] == "check"}
    assert owners == {"each_followed", "rate_raised", "ratio_if_set"}  # of the plugin that changed, no other
    said = demo_desk.process("recheck", "--all", "--with-installed", env=newer).stdout.decode()
    assert said.count("made with dingji") == 1
    assert "same findings by other versions 35" in said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "--station"),
        (["--all", "--station", PROTAGONIST], "--station"),
        ([f"{PROTAGONIST}@1"], "not-assessment"),
        ([f"{PROTAGONIST}@999"], "unknown-entry"),
        (["--station", "320583999"], "unknown-station"),
        (["--round", "2099-review"], "unknown-round"),
    ],
)
def test_a_wrong_question_is_said(demo_desk: Desk, arguments: list[str], code: str) -> None:
    result = demo_desk.run("recheck", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert code in result.stderr
