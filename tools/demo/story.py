"""The story of the demonstration, chapter by chapter: what is submitted, by whom, and when it is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from demo.acts import ActWriter, Fields, StoryAct, workday
from demo.cast import Player
from demo.stages import StationPart, assessing, case, census, city_decides, county_decides, reviewed


def story(writer: ActWriter) -> list[StoryAct]:
    """Return all acts after the founding, in the order in which they are recorded."""
    chapters = (before_the_notice, year_2023, year_2024, year_2025, year_2026, by_the_way)
    acts = [act for chapter in chapters for act in chapter(writer)]
    acts += everyone_else(writer, {act.fields["station"] for act in acts if act.standard})
    return sorted(acts, key=lambda act: act.recorded)


def founding(writer: ActWriter) -> Iterator[StoryAct]:
    """The counties' offices are enrolled and the stations registered, all by the city."""
    demo = writer.demo
    recorded, on = demo.founding.recorded, demo.founding.on
    for code, name in writer.counties.items():
        bureau: Fields = {"name": demo.founding.bureau.format(county=name), "tier": "county", "parent": demo.city}
        yield writer.act(recorded, "enrol_office", on, demo.city, office=code, **bureau)
    for player in writer.players:
        place: Fields = {"name": player.place.name, "county": player.county, "serves": player.place.serves}
        yield writer.act(recorded, "register", on, demo.city, station=player.code, **place)


def before_the_notice(writer: ActWriter) -> Iterator[StoryAct]:
    """Sizes were set in 2021 and 2022 and levels recognised under earlier documents; both are entered afterwards."""
    for player in writer.players:
        yield _sized(writer, player)
        for id_ in player.fate.before:
            yield _recognised(writer, player, id_)


def year_2023(writer: ActWriter) -> Iterator[StoryAct]:
    """The notice comes; the first review; the first standard stations by the new attachments."""
    yield from review(writer, "2023-review")
    yield from campaign(writer, "2023")


def year_2024(writer: ActWriter) -> Iterator[StoryAct]:
    """Sizes are fine-tuned; the first promotion."""
    yield from size_round(writer, "2024-size")
    yield from campaign(writer, "2024")
    yield from promotion(writer, "2024-promotion")


def year_2025(writer: ActWriter) -> Iterator[StoryAct]:
    """The second review."""
    yield from campaign(writer, "2025")
    yield from review(writer, "2025-review")


def year_2026(writer: ActWriter) -> Iterator[StoryAct]:
    """The second promotion is under way."""
    yield from campaign(writer, "2026")
    yield from promotion(writer, "2026-promotion")


def by_the_way(writer: ActWriter) -> Iterator[StoryAct]:
    """What belongs to no chapter: a slip of the pen and its correction, a move, a closing, a court's decision."""
    for written in writer.demo.act:
        yield writer.written(written)


def everyone_else(writer: ActWriter, assessed: set[str]) -> Iterator[StoryAct]:
    """Those who are never assessed report once, too."""
    for player in writer.players:
        if player.code not in assessed:
            yield from census(writer, player)


def review(writer: ActWriter, id_: str) -> Iterator[StoryAct]:
    """The city opens a review, assesses county by county, upholds or downgrades, and closes."""
    yield _opening(writer, id_)
    for part in _in_round(writer, id_):
        yield from assessing(part, writer.demo.city)
        yield reviewed(part)
    yield from _closing(writer, id_)


def promotion(writer: ActWriter, id_: str) -> Iterator[StoryAct]:
    """Stations apply, counties recommend, the city assesses and certifies; some cases end or stand on the way."""
    yield _opening(writer, id_)
    for part in _in_round(writer, id_):
        yield from case(part)
        if part.outcome in {"assessed", "refused", "certified"}:
            yield from assessing(part, writer.demo.city)
        if part.outcome in {"refused", "certified"}:
            yield city_decides(part)
    yield from _closing(writer, id_)


def campaign(writer: ActWriter, id_: str) -> Iterator[StoryAct]:
    """The counties assess, certify or refuse standard stations, and lodge what they certified."""
    outcomes = [(player, player.fate.campaigns.get(id_)) for player in writer.players]
    parts = [StationPart(writer, player, id_, outcome) for player, outcome in outcomes if outcome]
    for number, part in enumerate(parts, 1):
        yield from assessing(part, part.player.county)
        if part.outcome in {"refused", "certified"}:
            yield from county_decides(part, number)


def size_round(writer: ActWriter, id_: str) -> Iterator[StoryAct]:
    """The city fine-tunes the sizes of a few stations."""
    demo, round_ = writer.demo, writer.demo.round[id_]
    yield _opening(writer, id_)
    recorded = demo.moment(workday(round_.decides, 1), id_)
    for player in writer.players:
        if size := round_.changes.get(player.code):
            about: Fields = {"station": player.code, "size": size, "round": id_, "document": round_.document}
            yield writer.act(recorded, "classify", round_.decides, demo.city, note=round_.note, **about)
    yield from _closing(writer, id_)


def _in_round(writer: ActWriter, id_: str) -> list[StationPart]:
    """Return the part of every station that a round is about."""
    outcomes = [(player, player.fate.rounds.get(id_)) for player in writer.players]
    return [StationPart(writer, player, id_, outcome) for player, outcome in outcomes if outcome]


def _opening(writer: ActWriter, id_: str) -> StoryAct:
    demo, round_ = writer.demo, writer.demo.round[id_]
    about: Fields = {"round": id_, "kind": round_.kind, "year": round_.year, "document": round_.document}
    return writer.act(demo.moment(round_.opens, "open", id_), "open_round", round_.opens, demo.city, **about)


def _closing(writer: ActWriter, id_: str) -> Iterator[StoryAct]:
    demo, on = writer.demo, writer.demo.round[id_].closes
    if on is not None:
        yield writer.act(demo.moment(on, "close", id_), "close_round", on, demo.city, round=id_)


def _sized(writer: ActWriter, player: Player) -> StoryAct:
    """Return the first size of a station, set by its county."""
    demo, (on, size) = writer.demo, player.sizes[0]
    (wave,) = (wave for wave in demo.sizes.wave if player.county in wave.counties)
    basis = {key: demo.drawn(value, "basis", player.code, key) for key, value in demo.sizes.basis[size].items()}
    document = demo.sizes.document.format(county=player.place.county_name, year=on.year)
    recorded = demo.moment(workday(wave.recorded, player.turn), "sizes", player.county)
    about: Fields = {"station": player.code, "size": size, "basis": basis, "document": document}
    return writer.act(recorded, "classify", on, player.county, **about)


def _recognised(writer: ActWriter, player: Player, id_: str) -> StoryAct:
    """Return a level given before the notice, by the city or by the station's county."""
    demo, given = writer.demo, writer.demo.recognition[id_]
    office, turn = (demo.city, 0) if given.by == "city" else (player.county, player.turn)
    recorded = demo.moment(workday(given.recorded, turn), id_, office)
    about: Fields = {"station": player.code, "level": given.level, "on_precision": given.precision}
    about["under"] = demo.document + given.under.format(county=player.place.county_name)
    return writer.act(recorded, "recognise", given.on, office, note=given.note, **about)
