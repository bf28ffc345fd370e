"""The errors that the log raises itself; those of SQLite and the file system become faults in `sqlite.fault_of`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dingji.faults import LedgerError

_BROKEN: Final = frozenset({"log-inconsistent", "foreign-schema", "newer-ledger", "damaged-ledger"})


def error_of(code: str, **args: Any) -> LedgerError:
    """Return the error of a code."""
    # Imported when something is wrong: it brings msgspec, 30 ms of a cold query.
    from dingji.faults import IntegrityBroken, LedgerError

    return (IntegrityBroken if code in _BROKEN else LedgerError)(code, **args)


def inconsistent(why: str, *, position: int = 0, entry: str = "") -> LedgerError:
    """Return the error of a log that contradicts itself; late as above."""
    from dingji import faults

    return faults.inconsistent(why, position=position, entry=entry)
