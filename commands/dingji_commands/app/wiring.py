"""The one composition root: which log, ledger, views and plugins a command works on.

Each is imported where it is opened: `dingji levels` must not pay for plugins or the writer, nor
`dingji submit` for views.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dingji.store import log as store
from dingji.store.log import Log
from dingji_commands.app.settings import Settings
from dingji_commands.terminal.output import print_text
from dingji_commands.wording.words import say
from dingji_projections.engine.basis import Basis

if TYPE_CHECKING:
    from dingji.catalogue.notice import Notice
    from dingji.plugins.manager import Plugins
    from dingji.writer.ledger import Ledger
    from dingji_projections.ask.notice_rules import NoticeRules
    from dingji_projections.engine.engine import Views
    from dingji_projections.facts.fact_statements import FactRules

DEFAULT_NOTICE: Final = "suzhou-2023-143"
"""The notice that `init` adopts and `facts` shows unless another is named."""


@functools.cache
def plugins() -> Plugins:
    """Load the installed plugins, once."""
    from dingji.plugins.manager import load_plugins

    return load_plugins()


def installed_notice(id_: str) -> Notice:
    """Return an installed notice. Raises LedgerError (`unknown-notice`)."""
    from dingji.faults import LedgerError

    notice = plugins().notice(id_)
    if notice is None:
        raise LedgerError("unknown-notice", notice=id_)
    return notice


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger for submissions."""
    from dingji.writer.ledger import Ledger

    with store.open_log(settings.ledger) as log:
        yield Ledger(log, plugins)


@contextmanager
def open_reading_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger for questions that need its plugins; nothing is written."""
    from dingji.writer.ledger import Ledger

    with open_checked_log(settings) as log:
        yield Ledger(log, plugins)


@contextmanager
def open_log(settings: Settings) -> Iterator[Log]:
    """Open the log unchecked, for commands that look for damage."""
    with store.open_log(settings.ledger, readonly=True) as log:
        if log.is_copy:
            print_text(say(settings.language, "read-from-copy", path=settings.ledger), err=True)
        yield log


@contextmanager
def open_checked_log(settings: Settings) -> Iterator[Log]:
    """Open the log for a question: each entry read is compared with what was first seen of it."""
    with open_views(settings) as views:
        yield views.log


@contextmanager
def open_views(settings: Settings) -> Iterator[Views]:
    """Open the ledger's views, which catch up with the log when they are asked."""
    from dingji_projections.tables.views import views_of

    with open_log(settings) as log, views_of(log) as views:
        yield views
        if not views.are_kept and log.head():
            print_text(say(settings.language, "views-not-kept"), err=True)


def notice_rules(log: Log, basis: Basis, settings: Settings, *, required: bool = False) -> NoticeRules:
    """Return what the notice in force says that answers depend on; without its plugin, nothing, with a warning.

    Where it is `required` nothing is answered without it. Raises LedgerError (`unknown-notice`).
    """
    from dingji_projections.ask.governing_notice import governing_notice
    from dingji_projections.ask.notice_rules import NoticeRules

    id_ = governing_notice(log, basis)
    notice = installed_notice(id_) if required else plugins().notice(id_)
    if notice is not None:
        return NoticeRules.of(notice.rules)
    print_text(say(settings.language, "no-parameters", notice=id_), err=True)
    return NoticeRules("", "", frozenset(), 0, 1, {}, "", frozenset())


def notice_in_force(log: Log, basis: Basis) -> Notice:
    """Return the notice in force, as installed. Raises LedgerError (`unknown-notice`)."""
    from dingji_projections.ask.governing_notice import governing_notice

    return installed_notice(governing_notice(log, basis))


def fact_rules(log: Log, basis: Basis) -> FactRules:
    """Return the dictionary of facts in force, and whose word counts. Raises LedgerError (`unknown-notice`)."""
    from dingji_projections.facts.fact_statements import FactRules

    notice = notice_in_force(log, basis)
    return FactRules.of(notice, plugins().facts(notice))
