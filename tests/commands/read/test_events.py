"""`dingji events` and `dingji rebuild`."""

from __future__ import annotations

import json

from desk import Desk
from dingji.store.log import open_log
from dingji_projections.tables.views import views_of


def test_the_raw_log(storied: Desk) -> None:
    lines = [json.loads(line) for line in storied.ok("events", "--json").splitlines()]
    assert [line["position"] for line in lines] == list(range(1, 112))
    assert list(lines[0]) == ["position", "stream", "version", "topic", "recorded_at", "state"]
    assert lines[105]["state"]["level"] == "high_standard"
    assert [line.split()[0] for line in storied.ok("events", "--from", "110").splitlines()] == ["110", "111"]
    assert storied.ok("events", "--from", "3", "--until", "3").count("\n") == 1
    assert storied.ok("events", "--from", "999") == ""


def test_a_rebuild_says_the_digest_that_daily_catching_up_gives(storied: Desk) -> None:
    storied.ok("levels")
    with open_log(storied.ledger, readonly=True) as log, views_of(log) as views:
        digest = views.digest()
    assert storied.json("rebuild") == {"position": 111, "digest": digest}
    assert digest in storied.ok("rebuild", lang="zh")
