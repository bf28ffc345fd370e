"""One transaction of submissions: each judged against what the ones before it left, and queued for the log."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from eventsourcing.persistence import StoredEvent

from dingji.catalogue.notice import Notice
from dingji.dates import civil_date
from dingji.events import codec
from dingji.events.events import Event, NoticeAdopted, OfficeEnrolled, topic_of
from dingji.events.submissions import By, Submission, Void, verb_of
from dingji.events.vocabulary import STREAM_OF_VERB
from dingji.faults import Fault, LedgerError
from dingji.intake.files import Line
from dingji.intake.jsonl import Parsed, parse_ahead
from dingji.intake.receipts import Receipt, Receipts
from dingji.plugins.manager import Plugins
from dingji.rules.decide import decide
from dingji.state.state_cache import States
from dingji.store.log import Writer
from dingji.terms import Status, entry_name, entry_place
from dingji.writer.lookup import Contexts, Lookup

FLUSH_ROWS: Final = 1000
FLUSH_BYTES: Final = 4 << 20
"""What waits to be appended is bounded in rows and in bytes: a single report may have a mebibyte."""

PROGRESS_LINES: Final = 100
YOUNG_LINES: Final = 100_000
"""Lines after which the collector looks at what is new all the same: a plugin's check may make cycles."""

Progress = Callable[[int], None]


class Session:
    """One transaction of submissions."""

    def __init__(self, writer: Writer, states: States, plugins: Callable[[], Plugins], recorded_at: str) -> None:
        """Start at the writer's head; `recorded_at` is the moment of all that is recorded."""
        self.writer = writer
        self.states = states
        self.plugins = plugins
        self.base = self.position = writer.head
        self.committed = False
        self._pending: list[tuple[str, int, Event]] = []
        self._pending_bytes = 0
        self.recorded_at = recorded_at
        self.lookup = Lookup(self)
        self.contexts = Contexts(self.lookup, self.recorded_at)
        self._today: dict[Any, date] = {}

    def begin(self, notice: Notice, on: date) -> None:
        """Record the top office and the notice of a new ledger. Raises LedgerError (`future-date`)."""
        if on > (today := self.today(notice)):
            raise LedgerError("future-date", field="on", on=str(on), today=str(today))
        top = notice.rules.top
        tier = max((tier for tier in notice.tiers if notice.is_code(tier, top.office)), key=notice.tiers.__getitem__)
        shared: dict[str, Any] = {"on": on, "by": By(office=top.office), "recorded_at": self.recorded_at}
        office = OfficeEnrolled(**shared, id=f"init:{top.office}", name=top.name, tier=tier)
        adopted = NoticeAdopted(
            **shared,
            id=f"init:{notice.id}",
            notice=notice.id,
            in_force=notice.in_force,
            utc_offset_hours=notice.rules.utc_offset_hours,
            digest=notice.digest,
            parts=notice.parts,
            words=notice.words,
        )
        self._record(f"office:{top.office}", None, office)
        self._record(f"notice:{notice.id}", None, adopted)

    def take_all(self, lines: Iterable[Line], receipts: Receipts, progress: Progress | None = None) -> None:
        """Judge the lines in order; record each, or say what is wrong with it."""
        for count, (line, parsed) in enumerate(parse_ahead(lines), 1):
            if isinstance(parsed, list):
                receipt = Receipt(line=line.number, status=Status.REFUSED, faults=tuple(parsed))
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
        state = self.state(stream) if stream else None
        if state is not None and (version := state.ids.get(id_)) is not None:
            return self._again(number, state, version, id_, content)
        decision = decide(self.contexts.of(submission, state, id_, content), submission)
        if decision.event is None:
            return Receipt(line=number, id=id_, status=Status.REFUSED, faults=decision.faults)
        self._pending_bytes += len(parsed.canonical)
        version = self._record(stream, state, decision.event)
        return Receipt(
            line=number,
            id=id_,
            status=Status.RECORDED,
            entry=entry_name(stream, version),
            position=self.position,
            irregularities=decision.irregularities,
            notes=decision.notes,
        )

    def _again(self, number: int, state: Any, version: int, id_: str, content: str) -> Receipt:
        """Answer an id that is taken: the first entry for the same content, a fault for other content."""
        entry = state.entry(version)
        if state.content(version) != content:
            fault = Fault(code="id-conflict", field="id", args={"id": id_, "entry": entry})
            return Receipt(line=number, id=id_, status=Status.REFUSED, faults=(fault,))
        voided = version in state.voided
        newer = state.topic(version) == "AssessmentRecorded" and state.version > version
        code = "voided-id" if voided else "assessed-before" if newer else None
        notes = (Fault(code=code, field="id", args={"entry": entry}),) if code else ()
        return Receipt(
            line=number,
            id=id_,
            status=Status.ALREADY_RECORDED,
            entry=entry,
            position=self.lookup.position(state.stream, version),
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
        return f"notice:{self.lookup.adoption(submission.on)[0].id}"

    def state(self, stream: str) -> Any:
        """Return a stream's state as it stands in this transaction (hot path)."""
        held = self.states.held(stream)
        if held is not None:
            return held
        self._make_room()
        return self.states.load(stream, self.writer.stream)

    def _make_room(self) -> None:
        if self.states.full:
            self.flush()  # what is pending must be readable before its state may go
            self.states.shrink()

    def today(self, notice: Notice) -> date:
        """Return the civil date of this transaction in a notice's zone."""
        if notice.zone not in self._today:
            self._today[notice.zone] = civil_date(self.recorded_at, notice.zone)
        return self._today[notice.zone]

    def _record(self, stream: str, state: Any, event: Event) -> int:
        """Queue an event behind the others of its stream; return its version."""
        version: int = self.states.evolve(stream, state, event).version
        self._pending.append((stream, version, event))
        if not stream.startswith("station:"):
            self.lookup.forget(stream)
            self.contexts.forget()
        self.position += 1
        if len(self._pending) >= FLUSH_ROWS or self._pending_bytes >= FLUSH_BYTES:
            self.flush()
            self._make_room()
        return version

    def flush(self) -> None:
        """Hand what is pending to the log, within the transaction."""
        if self._pending:
            self.writer.append([_stored(*entry) for entry in self._pending])
            self._pending.clear()
            self._pending_bytes = 0

    def finish(self, *, commit: bool) -> None:
        """End the transaction: the caller commits it when the context ends."""
        if commit:
            self.flush()
            self._make_room()
        self.committed = commit


def _stored(stream: str, version: int, event: Event) -> StoredEvent:
    """Return the library's record of an event, made past its `__init__`, which takes as long as SQLite (hot path)."""
    stored = object.__new__(StoredEvent)
    fields = stored.__dict__
    fields["originator_id"] = stream
    fields["originator_version"] = version
    fields["topic"] = topic_of(event)
    fields["state"] = codec.encode(event)
    return stored
