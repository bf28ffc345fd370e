"""Rows of the reading side: views rebuilt, questions about levels, catching up."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import median

from eventsourcing.persistence import StoredEvent

from bench.table import Row, below, per_second, race, rate, timed
from bench.world import NOW, World, discard, import_file, ledger_on, lines_of
from bench.writing import Imported
from dingji.events.codec import encode
from dingji.events.events import Event, LevelRecognised, SizeClassified, StationRegistered, topic_of
from dingji.events.submissions import By
from dingji.moments import moment_text
from dingji.store.log import Log, create_log, open_log
from dingji_projections.engine.engine import Views
from dingji_projections.tables.levels import held, level_at, levels
from dingji_projections.tables.views import views_of

STATIONS = 41_352
"""The towns and streets of the country."""

SPANS = "spans"
"""The table of the levels projection."""


def everyday(imported: Imported, times: int) -> Iterator[Row]:
    """Rebuild the levels of the everyday story, by turns with a raw scan of the same rows."""
    with open_log(imported.ledger) as log, views_of(log) as views:
        views.catch_up()
        ours, raw = race(times, lambda: _rebuild(views), imported.raw.scan)
        head = log.head()
        yield rate(f"rebuild of the levels, {_spans(views, head) / head:.2f} spans an event", head, ours, raw, 0.3)
        yield _one_station(views, imported, head)


def spans(world: World, times: int) -> Iterator[Row]:
    """Rebuild the levels of a story in which nearly every entry changes a span."""
    story = world.story(SPANS)
    ledger = world.found(story, "spans.dingji")
    with open_log(ledger) as log:
        import_file(ledger_on(log, world.plugins), world.written(story, "spans.jsonl"))
        with views_of(log) as views:
            views.catch_up()
            (ours,) = race(times, lambda: _rebuild(views))
            count, head = _spans(views, log.head()), log.head()
            found = per_second(count / ours)
            work = f"rebuild of the levels, {count / head:.2f} spans an event"
            yield Row(work, f"{found} spans", "", "", ">= 100,000/s", count / ours >= 100_000)
    discard(ledger)


def _rebuild(views: Views) -> float:
    gc.collect()
    return timed(lambda: views.rebuild(only=SPANS))


def _spans(views: Views, known: int) -> int:
    count: int = views.query("SELECT count(*) FROM spans", (), known)[0][0]
    return count


def _one_station(views: Views, imported: Imported, head: int) -> Row:
    stations = sorted({entry[0].partition(":")[2] for entry in imported.entries if entry[0].startswith("station:")})
    rng = random.Random(5)
    asked = [
        (rng.choice(stations), date(2021, 1, 1) + timedelta(days=rng.randrange(2000)), rng.randrange(1, head))
        for _ in range(2000)
    ]

    def ask() -> float:
        return timed(lambda: [level_at(views, *question) for question in asked]) / len(asked)

    return below("level of one station at (D, P), in process", min(ask() for _ in range(5)), 20e-6)


def country(world: World, times: int) -> Iterator[Row]:
    """Ask about every station of the country at once, each of ten spans."""
    stations = max(100, round(STATIONS * world.scale))
    path = world.folder / "country.dingji"
    with create_log(path) as log:
        _record_country(log, stations)
        with views_of(log) as views:
            known = views.catch_up()
            each = _spans(views, known) / stations
            brief, whole = race(
                times,
                lambda: timed(lambda: held(views, date(2024, 1, 1), known)),
                lambda: timed(lambda: levels(views, date(2024, 1, 1), known)),
            )
            work = f"levels of all {stations:,} stations, {each:.1f} spans each"
            yield below(work, brief, 40e-3)
            yield Row("  the same with names, as `levels` lists them", f"{whole * 1e3:.0f} ms")
    discard(path)


def _record_country(log: Log, stations: int) -> None:
    """Put four or five changes of level on every station's record, past the rules: it is the reading that counts."""
    recorded_at = moment_text(NOW)
    with log.writing() as writer:
        for turn in range(6):
            batch: list[StoredEvent] = []
            for number in range(stations):
                if turn < 5 or number % 2:
                    code = f"{number // 100:06d}{number % 100:03d}"
                    batch.append(_stored(code, turn + 1, _change(turn, number, recorded_at)))
            writer.append(batch)


def _change(turn: int, number: int, recorded_at: str) -> Event:
    on = date(2021, 1, 1) + timedelta(days=turn * 300 + number % 200)
    by, id_ = By(office="3205"), f"{number}/{turn}"
    if turn == 0:
        county = f"{number // 100:06d}"
        name = f"第{number}司法所"
        return StationRegistered(on=on, by=by, recorded_at=recorded_at, id=id_, name=name, county=county, serves="town")
    if turn == 1:
        return SizeClassified(on=on, by=by, recorded_at=recorded_at, id=id_, size="medium")
    level, rank = (("standard", 1), ("benchmark", 3))[turn % 2]
    return LevelRecognised(on=on, by=by, recorded_at=recorded_at, id=id_, level=level, rank=rank, under="旧文")


def _stored(code: str, version: int, event: Event) -> StoredEvent:
    return StoredEvent(f"station:{code}", version, topic_of(event), encode(event))


def catch_up(world: World, imported: Imported, times: int) -> Row:
    """Record one event, then bring all views up to date."""
    with open_log(imported.ledger) as log, views_of(log) as views:
        ledger = ledger_on(log, world.plugins)
        views.catch_up()
        seconds = []
        for turn in range(times):
            station = imported.entries[-1 - turn][0].partition(":")[2]
            about = {"station": station, "on": "2026-06-02", "by": {"office": "3205"}, "id": f"catch-up {turn}"}
            with ledger.submit(lines_of([{"do": "rename", "name": f"第{turn}司法所", **about}])) as receipts:
                assert receipts.committed
            seconds.append(timed(views.catch_up))
    return below("catch-up of all views after one event", median(seconds), 2e-3)
