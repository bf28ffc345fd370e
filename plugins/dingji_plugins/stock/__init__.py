"""The stock checks, which every notice can name in its data. Each is described with its parameters' type.

Figures (`figures`), against a threshold: one number, or one by size, or one by size and kind of place
- `at_least`, `at_most`, `more_than`: a number.
- `sum_at_least`: several numbers, or lists of them, added up.
- `each_at_least`: a list with one number a place, such as the mediators of each room: each place has one, and enough.
- `ratio`: workers enough for the persons in their charge, fractions rounded up; nobody in charge needs nobody.
- `covers`: a number reaches another: posts filled, villages served.

Declarations (`declared`)
- `present`: something is declared to be so, and a paper shows it.
- `one_of`: what is declared is one of the values that will do.
- `holds`: a list has all the named items, or enough of them, or all that another list asks for.

Entries in time (`dated_entries`)
- `recorded`: there are enough entries in a window, on different days or of each kind, or a nil statement for them.
- `none_within`: there is none in a window.
- `every_period`: there is one in every full month, quarter or half-month.
- `entries_cover`: of what arose, all was dealt with, or enough.
- `rank`: every place in the last years is high enough.

Made of others (`composed`)
- `all_of`, `any_of`: several checks, of which all or any must be met.
- `judged`: an assessor decides; the requirement's `facts`, or another check's proposal, are laid before him.

With `evidence = true` what is met without a paper is undetermined: so a plain number or list can be attested.
"""

from __future__ import annotations

from typing import Final

from dingji import RegisterCheck, hookimpl
from dingji_plugins.stock.base import check_name
from dingji_plugins.stock.composed import FUNCTIONS, AllOf, AnyOf, Judged
from dingji_plugins.stock.dated_entries import EveryPeriod, NoneWithin

JUDGING: Final = (NoneWithin, EveryPeriod, AllOf, AnyOf, Judged)
"""Those that may say `needs_judgement`, with parameters that let them."""


@hookimpl
def register_checks(register: RegisterCheck) -> None:
    """Register the stock checks."""
    for parameters, function in FUNCTIONS.items():
        register(check_name(parameters.__name__), function, parameters, judges=parameters in JUDGING)
