"""One transaction of submissions: each judged against what the ones before it left, and queued for the log."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from msgspec.structs import replace

from dingji.catalogue.notice import Notice
from dingji.events.events import Event, NoticeAdopted, OfficeEnrolled
from dingji.events.submissions import AdoptReading, By, Submission, Void, verb_of
from dingji.events.vocabulary import STREAM_OF_VERB
from dingji.faults import Fault, LedgerError
from dingji.intake.files import Line
from dingji.intake.jsonl import Malformed, Parsed, parse_ahead
from dingji.intake.receipts import Receipt, Receipts
from dingji.plugins.manager import Plugins
from dingji.rules.decide import decide
from dingji.rules.record import adopted_data
from dingji.state.state_cache import States
from dingji.store.log import Writer
from dingji.terms import Status, entry_name, entry_place
from dingji.writer.lookup import Lookup
from dingji.writer.pending_log import PendingLog
from dingji.writer.stamp import Stamp

PROGRESS_LINES: Final = 100
YOUNG_LINES: Final = 100_000
"""Lines after which the collector looks at what is new all the same: a plugin's check may make cycles."""

Progress = Callable[[int], None]


class Session:
    """One transaction of submissions."""

    def __init__(
        self, writer: Writer, states: States, plugins: Callable[[], Plugins], stamp: Callable[[], Stamp]
    ) -> None:
        """Start at the writer's head; the stamp, always the same, is asked for when something is to be recorded."""
        self.base = writer.head
        self.committed = False
        self._stamp = stamp
        self._is_first = True
        self._log = PendingLog(writer)
        self._states = states
        self._lookup = Lookup(self._log, states, plugins, stamp)

    @property
    def recorded_at(self) -> str:
        """The moment of all that is recorded."""
        return self._stamp().recorded_at

    @property
    def position(self) -> int:
        """The greatest position, that of what waits to be written included."""
        return self._log.head()

    def record_founding(self, notice: Notice, on: date) -> None:
        """Record the top office and the notice of a new ledger. Raises LedgerError (`future-date`)."""
        if on > (today := self._stamp().today(notice.zone)):
            raise LedgerError("future-date", field="on", on=str(on), today=str(today))
        top = notice.rules.top
        tier = max((tier for tier in notice.tiers if notice.is_code(tier, top.office)), key=notice.tiers.__getitem__)
        shared: dict[str, Any] = {"on": on, "by": By(office=top.office), "recorded_at": self.recorded_at}
        office = OfficeEnrolled(**shared, id=f"init:{top.office}", name=top.name, tier=tier)
        adopted = NoticeAdopted(**shared, id=f"init:{notice.id}", **adopted_data(notice))
        self._record(f"office:{top.office}", None, office)
        self._record(f"notice:{notice.id}", None, adopted)

    def take_all(self, lines: Iterable[Line], receipts: Receipts, progress: Progress | None = None) -> None:
        """Judge the lines in order; record each, or say what is wrong with it."""
        for count, (line, parsed) in enumerate(parse_ahead(lines), 1):
            if isinstance(parsed, Malformed):
                receipt = self._refused(line.number, parsed)
            else:
                receipt = self._judge(line.number, parsed)
            receipts.add(receipt, line.text)
            if count % PROGRESS_LINES == 0:
                if progress is not None:
                    progress(count)
                if count % YOUNG_LINES == 0:
                    gc.collect(0)

    def _judge(self, number: int, parsed: Parsed) -> Receipt:
        submission, id_, content = parsed.submission, parsed.id, parsed.content
        stream = self._stream(submission)
        state = self._lookup.state(stream) if stream else None
        if state is not None:
            if parsed.earlier is not None and (version := _version_of(state, parsed.earlier)):
                return self._again(number, state, version, parsed.earlier.id)
            if (version := state.ids.get(id_)) is not None:
                return self._taken(number, state, version, parsed)
        context = self._lookup.context(submission, state, id_, content)
        if self._is_first and (behind := self._stamp().behind(context.notice.zone)):
            context = replace(context, clock_behind=behind)  # one entry says it for all of the file
        decision = decide(context, submission)
        if decision.event is None:
            return Receipt(line=number, id=id_, status=Status.REFUSED, faults=decision.faults)
        version, position = self._record(stream, state, decision.event, len(parsed.canonical))
        return Receipt(
            line=number,
            id=id_,
            status=Status.RECORDED,
            entry=entry_name(stream, version),
            position=position,
            irregularities=decision.irregularities,
            notes=decision.notes,
        )

    def _refused(self, number: int, malformed: Malformed) -> Receipt:
        """Refuse a line for its form, unless the very same was recorded before there was such a rule."""
        earlier = malformed.earlier
        if earlier is not None:
            stream = self._stream(earlier.submission)
            state = self._lookup.state(stream) if stream else None
            if state is not None and (version := _version_of(state, earlier)):
                return self._again(number, state, version, earlier.id)
        return Receipt(line=number, status=Status.REFUSED, faults=tuple(malformed.faults))

    def _taken(self, number: int, state: Any, version: int, parsed: Parsed) -> Receipt:
        """Answer an id that is taken: the first entry for the same content, a fault for other content."""
        if state.content(version) == parsed.content:
            return self._again(number, state, version, parsed.id)
        fault = Fault(code="id-conflict", field="id", args={"id": parsed.id, "entry": state.entry(version)})
        return Receipt(line=number, id=parsed.id, status=Status.REFUSED, faults=(fault,))

    def _again(self, number: int, state: Any, version: int, id_: str) -> Receipt:
        """Answer a content that was recorded before with the first entry that says it."""
        entry = state.entry(version)
        voided = version in state.voided
        newer = state.topic(version) == "AssessmentRecorded" and state.version > version
        code = "voided-id" if voided else "assessed-before" if newer else None
        notes = (Fault(code=code, field="id", args={"entry": entry}),) if code else ()
        return Receipt(
            line=number,
            id=id_,
            status=Status.ALREADY_RECORDED,
            entry=entry,
            position=self._lookup.position(state.stream, version),
            voided=voided,
            notes=notes,
        )

    def _stream(self, submission: Submission) -> str:
        """Return the name of the stream that a submission would go to, empty where it names none."""
        named = STREAM_OF_VERB.get(verb_of(submission))
        if named is not None:
            prefix, field = named
            return prefix + str(getattr(submission, field))
        if type(submission) is Void:
            place = entry_place(submission.entry)
            return place[0] if place else ""
        if type(submission) is AdoptReading:
            adoption, _ = self._lookup.adoption(submission.on)
            return f"notice:{adoption.id}"
        raise TypeError(f"no stream for {verb_of(submission)}")

    def _record(self, stream: str, state: Any, event: Event, size: int = 0) -> tuple[int, int]:
        """Queue an event behind the others of its stream; return its version and its position."""
        self._is_first = False
        version: int = self._states.evolve(stream, state, event).version
        if not stream.startswith("station:"):
            self._lookup.forget(stream)
        return version, self._log.append(stream, version, event, size)

    def finish(self, *, commit: bool) -> None:
        """End the transaction: the caller commits it when the context ends."""
        if commit:
            self._log.flush()
        self.committed = commit


def _version_of(state: Any, earlier: Parsed) -> int:
    """Return the version of the entry that has this id and this very content, 0 where there is none."""
    version: int = state.ids.get(earlier.id, 0)
    return version if version and state.content(version) == earlier.content else 0
