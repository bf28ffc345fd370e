"""`dingji diff`: which stations' levels or sizes differ between two dates, or two states of knowledge, and why."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Final

from dingji_commands.app import question, shell, wiring
from dingji_commands.app.question import BasisOptions
from dingji_commands.app.settings import Settings
from dingji_commands.wording.labels import Labels, OfficeNames
from dingji_commands.wording.words import label, say, text
from dingji_projections.ask.bounds import bounds
from dingji_projections.engine.basis import Basis
from dingji_projections.levels.diff import Cause, Changed, Side
from dingji_projections.levels.diff import diff as differences

FIELDS: Final = ("station", "name", "county", "changes", "causes")
POINTS: Final = 2
SIDES: Final = ("level", "size", "county")
"""The sides of what a station is, in the order in which a reader asks for them."""


@shell.command(
    "diff",
    shell.option("--on", type=shell.DAY, multiple=True),
    shell.option("--known", metavar="POSITION|DATE|MOMENT", multiple=True),
    question.BASIS,
    question.COUNTY,
    question.JSON,
)
def diff(settings: Settings, *, county: str | None, json: bool, **points: Any) -> None:
    """Compare two dates, or two states of knowledge."""
    settings.asking = True
    first, second = _asked(settings, **points)
    with wiring.open_views(settings) as views:
        one = first.resolve(views.log, settings)
        if first[1:] == second[1:]:  # one state of knowledge is one position, and is said once
            second = BasisOptions(second.on, str(one.known))
        other = second.resolve(views.log, settings)
        question.check_county(views.log, county, other.on)
        found = differences(views, one, other, county)
        if json:
            question.print_json({"basis": {"from": one.fields(), "to": other.fields()}, "stations": found})
            return
        if found:
            last = max(one, other, key=lambda point: point.known)
            labels = Labels(views.log, settings.language, last.known)
            offices = OfficeNames(views.log, max(one.on, other.on), last.known)
            shown = found[: bounds().shown]
            question.print_table(FIELDS, [_row(each, labels, offices) for each in shown], settings.language)
            if len(shown) < len(found):
                question.print_sentence(say(settings.language, "impact-more", count=len(found) - len(shown)))
        _sum_up(found, (one, other), settings)


def _asked(
    settings: Settings, on: tuple[date, ...], known: tuple[str, ...], basis: str | None
) -> tuple[BasisOptions, BasisOptions]:
    """Return the two points that are asked about: at least one of their coordinates is given twice."""
    if POINTS not in {len(on), len(known)} or max(len(on), len(known)) > POINTS:
        raise shell.usage_error(settings.language, "two-points")
    one, other = ((on[place : place + 1] or on[:1], known[place : place + 1] or known[:1]) for place in range(POINTS))
    return _point(*one, basis), _point(*other, basis)


def _point(on: tuple[date, ...], known: tuple[str, ...], basis: str | None) -> BasisOptions:
    return BasisOptions(on[0] if on else None, known[0] if known else None, basis)


def _row(found: Changed, labels: Labels, offices: OfficeNames) -> tuple[Any, ...]:
    language = labels.language
    side = found.after or found.before
    county = side.county if side else None
    # With a space: on a narrow terminal a cell is broken there, and not within an entry's name.
    apart = f"{say(language, 'semicolon').rstrip()} "
    causes = apart.join(_cause(cause, labels, offices) for cause in found.causes)
    return found.station, found.name, offices[county] if county else county, _changes(found, labels, offices), causes


def _changes(found: Changed, labels: Labels, offices: OfficeNames) -> str:
    language = labels.language
    side = found.after or found.before
    if (found.before is None or found.after is None) and side is not None:
        parts = [_value(side, name, labels, offices) for name in ("level", "size") if getattr(side, name)]
        what = say(language, "comma").join(parts)
        return say(language, "diff-gone" if found.after is None else "diff-appeared", what=what)
    parts = [
        say(
            language,
            "diff-changed",
            what=text("header", name, language),
            before=_value(found.before, name, labels, offices),
            after=_value(found.after, name, labels, offices),
        )
        for name in SIDES
        if name in found.changes
    ]
    return say(language, "semicolon").join(parts)


def _value(side: Side | None, name: str, labels: Labels, offices: OfficeNames) -> Any:
    value = getattr(side, name)
    return "—" if value is None else labels.fields({name: value}, offices)[name]


def _cause(cause: Cause, labels: Labels, offices: OfficeNames) -> str:
    language = labels.language
    topic = label("event", cause.topic, language)
    word = offices[cause.word]
    word = labels.of("level", word) if word == cause.word else word
    word = labels.of("size", word) if word == cause.word else word
    sentence = say(language, "diff-cause", entry=cause.entry, topic=topic, word=word, on=cause.on).replace("  ", " ")
    if cause.voided_by:
        key = "diff-voided" if cause.effect == "out" else "diff-unvoided"
        return say(language, key, cause=sentence, by=cause.voided_by)
    return sentence if cause.effect == "in" else say(language, "diff-out", cause=sentence)


def _sum_up(found: list[Changed], points: tuple[Basis, Basis], settings: Settings) -> None:
    """Say how many stations differ in what, and what the answer rests on."""
    language = settings.language
    counts = Counter(change for each in found for change in each.changes)
    parts = [
        say(language, "diff-count", what=text("change", name, language), count=counts[name])
        for name in ("level", "size", "county", "appeared", "gone")
        if counts[name]
    ]
    counted = f"{say(language, 'colon')}{say(language, 'comma').join(parts)}" if parts else ""
    question.print_sentence(say(language, "diff-total", count=len(found), parts=counted))
    for name, basis in zip(("diff-from", "diff-to"), points, strict=True):
        question.print_basis(basis, settings, before=say(language, name))
