"""A standard as data: its areas, criteria, indicators (one a row of the attachment) and requirements."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from dingji.catalogue.conditions import Condition
from dingji.texts import Text

DEFAULT_READING: Final = "default"
"""The reading of an unclear cell that the catalogue takes, until another is adopted."""

Modality = Literal["must", "may", "heading"]
"""How binding a cell is: it must be so, it may be so, or it is only a heading. Only `must` can block a verdict."""


class Area(msgspec.Struct, frozen=True):
    """主项: a part of a standard."""

    id: str
    title: Text


class Criterion(msgspec.Struct, frozen=True):
    """分项: a part of an area."""

    id: str
    area: str
    title: Text


class Indicator(msgspec.Struct, frozen=True):
    """具体指标: one row of the attachment."""

    id: str
    row: int
    criterion: str
    title: Text


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One independent demand of a row, under one reading of it."""

    id: str
    indicator: str
    cells: tuple[int, ...]
    title: Text
    text: Text
    sizes: tuple[str, ...]
    every_size: bool
    """Whether it is asked of every size of the notice."""
    modality: Modality = "must"
    check: str
    parameters: Any
    """As the check's own parameters type."""
    judges: bool
    """Whether its check may say `needs_judgement`."""
    facts: tuple[str, ...] = ()
    """Facts that support whoever judges."""
    ours: Text | None = None
    """The number, period or list that is ours and not the notice's: short of it, an assessor judges (rule 33)."""
    doubt: Text | None = None
    external: tuple[str, ...] = ()
    """Documents that the notice refers to and does not contain: without them, an assessor judges (rule 31)."""
    window_months: int | None = None
    condition: Condition | None = None
    readings: dict[str, Requirement] = {}
    """The requirement under each other reading of an unclear cell."""

    @property
    def judgeable(self) -> bool:
        """Whether a judgement of it can ever count: under some reading its finding may ask for one."""
        asks = self.judges or self.ours is not None or bool(self.external)
        return asks or any(reading.judgeable for reading in self.readings.values())

    @property
    def conditional(self) -> bool:
        """Whether it has a condition under some reading, so that it can be judged not applicable."""
        return self.condition is not None or any(reading.conditional for reading in self.readings.values())

    def reading(self, id_: str) -> Requirement | None:
        """Return the requirement under a reading (`default` is this one), None where it has no such reading."""
        return self if id_ == DEFAULT_READING else self.readings.get(id_)


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A standard with all its parts, in the order of the attachment."""

    code: str
    notice: str
    attachment: int
    title: Text
    sizes: dict[str, Text]
    """The labels of the notice's sizes."""
    areas: tuple[Area, ...]
    criteria: tuple[Criterion, ...]
    indicators: tuple[Indicator, ...]
    requirements: tuple[Requirement, ...]
    digest: str
    """SHA-256 (hex) of the parsed data."""

    @property
    def checks(self) -> set[str]:
        """The names of the checks that it asks for, under any reading."""
        readings = [reading for requirement in self.requirements for reading in requirement.readings.values()]
        return {requirement.check for requirement in (*self.requirements, *readings)}

    def requirement(self, id_: str) -> Requirement | None:
        """Return a requirement by id."""
        return next((requirement for requirement in self.requirements if requirement.id == id_), None)
