"""One station held against standards, installed or drafted: its facts are read once, each standard is tried once."""

from __future__ import annotations

from collections.abc import Mapping

from dingji.catalogue.standard import Requirement, Standard
from dingji.checks.assessment import Assessment, assess
from dingji.checks.dossier import Dossier
from dingji.plugins.manager import Plugins
from dingji.plugins.plugin_code import contained
from dingji.writer.assess_station import Question, dossier_of, whose_word


class StationTrial:
    """One station held against standards, each once; its facts are read once."""

    def __init__(self, plugins: Plugins, question: Question) -> None:
        """Take the station, as known, on a date."""
        self._plugins, self.question = plugins, question
        self._dossier: Dossier | None = None
        self._found: dict[int, Assessment] = {}

    def of(self, standard: Standard) -> Assessment:
        """Return what the station comes to by a standard, installed or not."""
        known = self._found.get(id(standard))
        if known is None:
            known = self._found[id(standard)] = self._assess(standard)
        return known

    def _assess(self, standard: Standard) -> Assessment:
        question = self.question
        if self._dossier is None:
            self._dossier = dossier_of(self._plugins, question, standard.code)
        held = self._dossier.under(whose_word(question, standard.code))
        readings = {one.id: chosen for one in standard.requirements if (chosen := _reading(one, question.readings))}
        with contained():
            return assess(standard, held, self._plugins.checks_for(standard), readings)


def _reading(requirement: Requirement, adopted: Mapping[str, str]) -> str | None:
    """Return the adopted reading of a requirement, None where a draft has no such reading any more."""
    chosen = adopted.get(requirement.id)
    return chosen if chosen is not None and requirement.reading(chosen) is not None else None
