"""`dingji rounds`."""

from __future__ import annotations

from desk import Desk


def test_rounds(storied: Desk) -> None:
    (row,) = storied.json("rounds")["rounds"]
    assert (row["round"], row["kind"], row["opened"], row["applications"]) == (
        "2024-promotion",
        "promotion",
        "2024-03-01",
        1,
    )
    assert "等级晋升" in storied.ok("rounds", lang="zh")
    assert storied.ok("rounds", "--csv").startswith("round,kind,year,")
