"""A notice as data: the tables of notice.toml (levels, tiers, sizes, rounds …), how they are read and checked."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator
from datetime import date, timedelta, timezone
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Final

import msgspec
import orjson
from msgspec import Meta

from dingji.catalogue.data_faults import read_toml
from dingji.faults import LedgerError
from dingji.terms import STATION_TIER, UNGRADED
from dingji.texts import Text

FILE: Final = "notice.toml"


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every table of notice.toml: an unknown key is a mistake."""


class CodeLabel(_Data, frozen=True):
    """A code of the notice with its label."""

    id: str
    label: Text


class Tier(_Data, frozen=True):
    """A tier of office; the order in the file is the order of rank."""

    id: str
    label: Text
    code: str


class RoundKind(_Data, frozen=True):
    """A kind of round and the years it belongs to: `first`, then every `every` years."""

    id: str
    label: Text
    first: int
    every: Annotated[int, Meta(ge=1)]

    def falls_in(self, year: int) -> bool:
        """Return whether the calendar has such a round in `year`."""
        return year >= self.first and (year - self.first) % self.every == 0


class RouteStep(_Data, frozen=True):
    """One step of a level's route, and the tier that takes it."""

    do: str
    tier: str


class AssessmentWindow(_Data, frozen=True):
    """When the assessment behind a certification must be made; with `ours`, a missing one is only noted."""

    round: bool = False
    months: int = 0
    ours: bool = False


class Level(_Data, frozen=True):
    """A level of the notice; one without a route is recognised from earlier documents, never granted."""

    id: str
    rank: int
    label: Text
    standard: str | None = None
    also_reached: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    must_be_reviewed: bool = False
    recognised_by: tuple[str, ...] = ()
    route: tuple[RouteStep, ...] = ()
    round: str | None = None
    assessed: AssessmentWindow = AssessmentWindow()
    calendar_unclear: bool = False

    def step(self, do: str) -> RouteStep | None:
        """Return the first step of the route with this verb."""
        return next((step for step in self.route if step.do == do), None)

    def tiers(self, do: str) -> tuple[str, ...]:
        """Return the tiers that take a step with this verb."""
        return tuple(step.tier for step in self.route if step.do == do)


class SizeShare(_Data, frozen=True):
    """The share of a county's classified stations that must have the named sizes."""

    sizes: tuple[str, ...]
    numerator: int
    denominator: int


class FineTuning(_Data, frozen=True):
    """The kind of round in which sizes change, and the year from which it is asked for."""

    round: str
    from_year: int


class Ungraded(_Data, frozen=True):
    """How the notice words the absence of a level, and who may record its loss."""

    label: Text
    recognised_by: tuple[str, ...]


class Review(_Data, frozen=True):
    """The kind of round in which levels are reviewed, and the tier that reviews."""

    round: str
    tier: str


class Voiding(_Data, frozen=True):
    """Who may void what: the tier, the verbs that only it may void, the verbs that nobody may."""

    tier: str
    decisions: tuple[str, ...]
    never: tuple[str, ...]


class Stations(_Data, frozen=True):
    """The tier of the offices that own stations."""

    county_tier: str


class Top(_Data, frozen=True):
    """The office that a new ledger of this notice starts with."""

    office: str
    name: str


class Judging(_Data, frozen=True):
    """How long a judgement counts where no round is open."""

    months: int


class Rules(_Data, frozen=True):
    """notice.toml, table by table."""

    id: str
    document: str
    title: Text
    in_force: date
    utc_offset_hours: Annotated[int, Meta(ge=-12, le=14)]
    top: Top
    standards: tuple[str, ...]
    facts: str
    tier: tuple[Tier, ...]
    size: tuple[CodeLabel, ...]
    place: tuple[CodeLabel, ...]
    level: Annotated[tuple[Level, ...], Meta(min_length=1)]
    round: tuple[RoundKind, ...]
    authority: dict[str, tuple[str, ...]]
    share: SizeShare
    fine_tuning: FineTuning
    ungraded: Ungraded
    review: Review
    stations: Stations
    void: Voiding
    judgement: Judging
    clauses: dict[str, str]


class Notice:
    """A notice's rules, read once from its folder and looked up by code. Its catalogues are read when asked for."""

    def __init__(self, folder: Traversable) -> None:
        """Read `notice.toml` in `folder`. Raises LedgerError (`bad-notice`) with the place of what is wrong."""
        self.folder = folder
        self.rules = _rules(folder)
        self.id = self.rules.id
        self.in_force = self.rules.in_force
        self.zone = timezone(timedelta(hours=self.rules.utc_offset_hours))
        self.tiers = {tier.id: rank for rank, tier in enumerate(self.rules.tier)}
        self.levels = {level.id: level for level in self.rules.level}
        self.sizes = {size.id: size for size in self.rules.size}
        self.places = {place.id: place for place in self.rules.place}
        self.rounds = {kind.id: kind for kind in self.rules.round}
        self._codes = {tier.id: _pattern(tier) for tier in self.rules.tier}
        _validate(self)

    def is_code(self, tier: str, code: str) -> bool:
        """Return whether `code` is written like the codes of that tier."""
        return self._codes[tier].fullmatch(code) is not None

    def level_of(self, standard: str) -> Level | None:
        """Return the level that a standard leads to."""
        return next((level for level in self.rules.level if level.standard == standard), None)

    def deciding_tier(self, standard: str) -> str:
        """Return the tier that certifies on a standard."""
        level = self.level_of(standard)
        step = level.step("certify") if level else None
        return step.tier if step else self.rules.review.tier

    @cached_property
    def standard_files(self) -> dict[str, str]:
        """Standard code to file: the file's name is the code."""
        return {name.removesuffix(".toml"): name for name in self.rules.standards}

    def parse(self, name: str) -> dict[str, Any]:
        """Return one data file of the notice as parsed TOML."""
        return read_toml(self.folder.joinpath(name), name)

    @cached_property
    def parts(self) -> dict[str, str]:
        """SHA-256 (hex) of the canonical JSON of each parsed data file."""
        names = (FILE, *self.rules.standards, self.rules.facts)
        return {name: digest_of(self.parse(name)) for name in names}

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over the digests of all parts: what `adopt_notice` records."""
        return digest_of(self.parts)

    @cached_property
    def words(self) -> dict[str, dict[str, Text]]:
        """Every code of the notice with its labels, by kind: kept in the ledger to read it without the plugin."""
        rules = self.rules
        levels = {level.id: level.label for level in rules.level}
        return {
            "tier": {tier.id: tier.label for tier in rules.tier},
            "size": {size.id: size.label for size in rules.size},
            "place": {place.id: place.label for place in rules.place},
            "round": {kind.id: kind.label for kind in rules.round},
            "level": {UNGRADED: rules.ungraded.label} | levels,
        }


def digest_of(data: Any) -> str:
    """Return the SHA-256 (hex) of data's canonical JSON; dates as text, keys sorted."""
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)).hexdigest()


def _rules(folder: Traversable) -> Rules:
    try:
        return msgspec.convert(read_toml(folder.joinpath(FILE), FILE), Rules)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        raise _bad(place.strip("`"), what) from None


def _pattern(tier: Tier) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a pattern of which Python says that it will mean something else
            return re.compile(tier.code, re.ASCII)
    except (re.error, FutureWarning, DeprecationWarning, RecursionError, OverflowError) as error:
        raise _bad(f"tier.{tier.id}.code", str(error)) from None


def _validate(notice: Notice) -> None:
    """Refuse a notice whose tables name codes that no table defines, or define one twice.

    Raises LedgerError (`bad-notice`).
    """
    rules = notice.rules
    for place, items in (("tier", rules.tier), ("size", rules.size), ("place", rules.place), ("round", rules.round)):
        _check_ids(place, [item.id for item in items])
    _check_ids("level", [level.id for level in rules.level])
    if not any(notice.is_code(tier, rules.top.office) for tier in notice.tiers):
        raise _bad("top.office", rules.top.office)
    for place, named, known in _named_codes(notice):
        if unknown := named - known:
            raise _bad(place, ", ".join(sorted(unknown)))
    ranks = [level.rank for level in rules.level]
    if ranks != sorted(set(ranks)) or min(ranks) < 1 or UNGRADED in notice.levels:
        raise _bad("level.rank", str(ranks))


def _named_codes(notice: Notice) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield each place that names codes, with the codes that it names and those that it may name."""
    rules = notice.rules
    tiers, rounds, sizes = set(notice.tiers), set(notice.rounds), set(notice.sizes)
    standards = set(notice.standard_files)
    yield from (
        ("stations.county_tier", {rules.stations.county_tier}, tiers),
        ("tier", {STATION_TIER}, tiers),
        ("review.tier", {rules.review.tier, rules.void.tier}, tiers),
        ("review.round", {rules.review.round, rules.fine_tuning.round}, rounds),
        ("share.sizes", set(rules.share.sizes), sizes),
        *((f"authority.{verb}", set(who), tiers) for verb, who in rules.authority.items()),
    )
    for level in rules.level:
        own = {level.standard} if level.standard else set[str]()
        yield f"level.{level.id}.route", {step.tier for step in level.route}, tiers
        yield f"level.{level.id}.recognised_by", set(level.recognised_by), tiers
        yield f"level.{level.id}.round", {level.round} if level.round else set[str](), rounds
        yield f"level.{level.id}.standard", {*own, *level.also_reached, *level.review}, standards


def _check_ids(place: str, ids: list[str]) -> None:
    if doubled := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise _bad(f"{place}.id", ", ".join(doubled))


def _bad(place: str, detail: str) -> LedgerError:
    return LedgerError("bad-notice", file=FILE, place=place, detail=detail)
