"""Evidence shown by its digest or by its station."""

from __future__ import annotations

import pytest

from commands.write.evidence.scans import ADD, scan
from desk import COUNTY, STATION, Desk


def test_papers_are_shown_by_digest_and_by_station(desk: Desk) -> None:
    path, digest = scan(desk)
    desk.ok("evidence", "add", path, *ADD)
    shown = desk.json("evidence", "show", digest.upper())
    assert shown == desk.json("evidence", "show", STATION)
    assert shown["papers"] == [
        {
            "sha256": digest,
            "kept": True,
            "size": 6,
            "references": [
                {
                    "entry": f"{STATION}@2",
                    "position": 106,
                    "on": "2024-06-01",
                    "by": COUNTY,
                    "name": "scan.pdf",
                    "supports": ["full_time_staff", "head_in_post"],
                    "voided": False,
                }
            ],
        }
    ]
    for lang, words in (("en", "6 bytes"), ("zh", "6 字节")):
        assert desk.ok("evidence", "show", digest, lang=lang).splitlines()[0] == f"{digest}  {words}"
    assert desk.ok("evidence", "show", "320583101", lang="zh") == "没有佐证材料。\n"


@pytest.mark.parametrize(
    ("asked", "code"),
    [("f" * 64, "unknown-paper"), ("320583999", "unknown-station"), ("../../etc/passwd", "unknown-station")],
)
def test_what_is_not_there_is_not_shown(desk: Desk, asked: str, code: str) -> None:
    result = desk.run("evidence", "show", asked)
    assert (result.exit_code, result.stderr.split(":")[0]) == (1, code)


def test_evidence_alone_says_what_may_follow(desk: Desk) -> None:
    result = desk.run("evidence", lang="zh")
    assert result.exit_code == 2
    assert "add, show, verify" in result.stderr
    assert "dingji evidence verify" in desk.ok("evidence", "--help")
    assert desk.run("evidence", "ad").exit_code == 2
    assert desk.run("evidence", "add", "x", *ADD[:2], "--supports", " , ", *ADD[4:]).exit_code == 2
