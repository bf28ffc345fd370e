"""The one composition root: which log, ledger, views and plugins a command works on.

Each is imported where it is opened: `dingji levels` must not pay for plugins or the writer, nor
`dingji submit` for views.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from dingji.store import log as store
from dingji.store.log import Log
from dingji_commands.app.settings import Settings
from dingji_commands.wording.words import say
from dingji_projections.engine.basis import Basis

if TYPE_CHECKING:
    from dingji.catalogue.notice import Notice
    from dingji.plugins.manager import Plugins
    from dingji.writer.ledger import Ledger
    from dingji_projections.ask.notice_rules import Parameters
    from dingji_projections.engine.engine import Views
    from dingji_projections.facts.fact_statements import Word

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

    with open_log(settings) as log:
        yield Ledger(log, plugins)


@contextmanager
def open_log(settings: Settings) -> Iterator[Log]:
    """Open the log for reading."""
    with store.open_log(settings.ledger, readonly=True) as log:
        yield log


@contextmanager
def open_views(settings: Settings) -> Iterator[Views]:
    """Open the ledger's views, which catch up with the log when they are asked."""
    from dingji_projections.tables.views import views_of

    with open_log(settings) as log, views_of(log) as views:
        yield views


def parameters(log: Log, basis: Basis, settings: Settings, *, required: bool = False) -> Parameters:
    """Return what the notice in force says that answers depend on; without its plugin, nothing, with a warning.

    Where it is `required` nothing is answered without it. Raises LedgerError (`unknown-notice`).
    """
    from dingji_projections.ask.notice_rules import Parameters

    id_ = governing_notice(log, basis)
    notice = installed_notice(id_) if required else plugins().notice(id_)
    if notice is not None:
        return Parameters.of(notice.rules)
    click.echo(say(settings.language, "no-parameters", notice=id_), err=True)
    return Parameters("", "", frozenset(), 0, 1, {}, "", frozenset())


def notice_in_force(log: Log, basis: Basis) -> Notice:
    """Return the notice in force, as installed. Raises LedgerError (`unknown-notice`)."""
    return installed_notice(governing_notice(log, basis))


def dictionary(log: Log, basis: Basis) -> Word:
    """Return the dictionary of facts in force, and whose word counts. Raises LedgerError (`unknown-notice`)."""
    from dingji_projections.facts.fact_statements import Word

    notice = notice_in_force(log, basis)
    return Word.of(notice, plugins().facts(notice))


def governing_notice(log: Log, basis: Basis) -> str:
    """Return the adopted notice in force on a date: the last to come into force, or else the first adopted."""
    import orjson

    rows = (row for stream in log.streams("notice:") for row in log.stream(stream))
    adopted = [row for row in rows if row.topic == "NoticeAdopted"]
    adopted = [row for row in adopted if row.position <= basis.known] or sorted(adopted)[:1]
    found = [(state["in_force"], state["notice"]) for row in sorted(adopted) if (state := orjson.loads(row.state))]
    in_force = [one for one in found if one[0] <= basis.on.isoformat()]
    return str(max(in_force)[1] if in_force else found[0][1])
