"""The fields of a fact's records: filters by field, kinds that must each occur, and faults of such parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from dingji import Dossier, FactKey, FactKind, Phrases, Text

SAY: Final = Phrases("dingji_plugins.stock", "dated_entries.toml")

Where = dict[str, bool | int | str | tuple[str, ...]]
"""A filter of records: each field has this value or one of these; a field that is a list holds all of these."""


class ListedItems(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The items of another list, or one field of its records."""

    fact: FactKey
    field: str | None = None

    def items(self, dossier: Dossier) -> frozenset[Any] | None:
        """Return the items, None if they are not known."""
        values = dossier.values(self.fact)
        if values is None:
            return None
        (items,) = values
        return frozenset(item if self.field is None else item[self.field] for item in items)


class Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The kinds of entry of which there must be one each: values of a field, or several that stand for each other.

    With `limited_to`, only the kinds that another list holds are asked for.
    """

    field: str
    values: Annotated[tuple[str | tuple[str, ...], ...], Meta(min_length=1)]
    limited_to: ListedItems | None = None

    def asked(self, dossier: Dossier) -> list[tuple[str, ...]] | None:
        """Return the kinds that are asked for, each as its values; None where that is not known."""
        kinds = [(kind,) if isinstance(kind, str) else kind for kind in self.values]
        if self.limited_to is None:
            return kinds
        held = self.limited_to.items(dossier)
        return None if held is None else [kind for kind in kinds if not held.isdisjoint(kind)]

    def lacking(self, kinds: Iterable[tuple[str, ...]], entries: Iterable[Any]) -> list[tuple[str, ...]]:
        """Return the kinds of which there is no entry."""
        found: set[Any] = set()
        for entry in entries:
            held = entry[self.field]
            found.update(held if isinstance(held, tuple) else (held,))
        return [kind for kind in kinds if found.isdisjoint(kind)]

    def words(self, kinds: Iterable[tuple[str, ...]], fact: FactKind) -> list[Text]:
        """Return the labels of kinds; those that stand for each other are joined by a stroke."""
        labels = [[SAY("word", word=fact.word(value, self.field)) for value in kind] for kind in kinds]
        return [{language: "/".join(label[language] for label in group) for language in group[0]} for group in labels]


def passes(entry: Any, where: Where) -> bool:
    """Return whether a record passes a filter."""
    for field, wanted in where.items():
        held = entry[field]
        if held == wanted:
            continue
        several = wanted if isinstance(wanted, tuple) else (wanted,)
        if not (set(several).issubset(held) if isinstance(held, tuple) else held in several):
            return False
    return True


def field_misfits(facts: Mapping[str, FactKind], key: str, *fields: str | None) -> Iterator[Text]:
    """Return which fields a fact's records do not have, nothing if the fact itself is unknown."""
    kind = facts.get(key)
    known = fields_of(kind)
    for field in fields if kind else ():
        if field is not None and field not in known:
            yield SAY("no-field", fact=key, field=field, fields=list(known))


def where_misfits(facts: Mapping[str, FactKind], key: str, where: Where | None) -> Iterator[Text]:
    """Return which fields of a filter a fact's records do not have, and which values they could not hold."""
    where = where or {}
    yield from field_misfits(facts, key, *where)
    fields = fields_of(facts.get(key))
    for field, wanted in where.items():
        if form := fields.get(field):
            form = form.items or form
            for value in wanted if isinstance(wanted, tuple) else (wanted,):
                if form.fault(value):
                    yield SAY("no-value", fact=key, field=field, value=str(value))


def kinds_misfits(facts: Mapping[str, FactKind], key: str, kinds: Kinds | None) -> Iterator[Text]:
    """Return what is wrong with the kinds that are asked for."""
    if kinds is None:
        return
    yield from where_misfits(facts, key, {kinds.field: tuple(v for kind in kinds.values for v in _several(kind))})
    if kinds.limited_to:
        yield from field_misfits(facts, kinds.limited_to.fact, kinds.limited_to.field)


def fields_of(kind: FactKind | None) -> dict[str, Any]:
    """Return the fields of a fact's records with their forms, none if it has no records."""
    return kind.form.items.fields if kind and kind.form.items else {}


def _several(kind: str | tuple[str, ...]) -> tuple[str, ...]:
    return (kind,) if isinstance(kind, str) else kind
