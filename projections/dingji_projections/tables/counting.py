"""Which rows of the tables count on a date as known at a position, as SQL asks for it."""

from __future__ import annotations


def known_rows(alias: str = "") -> str:
    """Return the condition that a row is known at :known, of a table that the query calls by an alias."""
    of = f"{alias}." if alias else ""
    return f"{of}known_from<=:known AND {of}known_to>:known"


def counting(alias: str = "") -> str:
    """Return the condition that an entry's row counts: dated by :day, and known at :known."""
    of = f"{alias}." if alias else ""
    return f"{of}day<=:day AND {known_rows(alias)}"
