"""The only writer: takes submissions, gathers what their rules may look at, decides, and records all or nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
from eventsourcing.persistence import StoredEvent

from dingji import codec
from dingji.adoption import governing
from dingji.contexts import Contexts
from dingji.decide import decide
from dingji.events import Event, NoticeAdopted, OfficeEnrolled, topic_of
from dingji.faults import Fault, LedgerError
from dingji.files import Line
from dingji.hooks import Plugins
from dingji.intake import Parsed, parse_ahead
from dingji.lookup import Lookup
from dingji.moments import civil_date, moment_text
from dingji.notice import Notice
from dingji.receipts import Receipt, Receipts
from dingji.states import States, fold
from dingji.store import Log, Writer
from dingji.submissions import VERBS, AdoptReading, By, Submission, Void
from dingji.terms import Status, entry_name, entry_place

CAP_BYTES: Final = 192 << 20
"""The memory that states may take by default: of the 256 MiB that a process may, the program needs less than 64."""

FLUSH_ROWS: Final = 1000
FLUSH_BYTES: Final = 4 << 20
"""What waits to be appended is bounded in rows and in bytes: a single report may have a mebibyte."""

STREAMS: Final = {record: (f"{record.stream_kind.value}:", record.subject) for record in VERBS.values()}
"""The prefix of the stream that a submission goes to, and the field that holds the rest of its name."""

PROGRESS_LINES: Final = 100
YOUNG_LINES: Final = 20_000
"""Lines after which the collector looks at what is new all the same: a plugin's check may make cycles."""

Progress = Callable[[int], None]


def system_clock() -> datetime:
    """Return now, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """A ledger open for submissions."""

    def __init__(
        self,
        log: Log,
        plugins: Callable[[], Plugins],
        *,
        clock: Callable[[], datetime] = system_clock,
        cap_bytes: int = CAP_BYTES,
        wait_seconds: float = 60.0,
    ) -> None:
        """Wrap an open log; plugins are loaded when a submission first needs them."""
        self.log = log
        self.plugins = plugins
        self.clock = clock
        self.wait_seconds = wait_seconds
        self.states = States(cap_bytes)
        self.seen = 0
        """The position up to which the held states are known to be true."""
        self.recorded_at = ""
        """When the entry at that position was recorded."""

    def submit(
        self,
        lines: Iterable[Line],
        *,
        partial: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Receipts:
        """Judge the lines of one file in order and record them as one transaction.

        All or nothing; `partial` records the good lines, `dry_run` none. What a receipt calls recorded is on disk.
        Raises LedgerError (`ledger-busy` after the wait, `ledger-not-writable`, `log-inconsistent`).
        """
        receipts = Receipts()
        try:
            with self._session() as session, _resting_collector():
                session.take_all(lines, receipts, progress)
                session.finish(commit=not dry_run and (partial or not receipts.refused))
        except BaseException:
            receipts.close()
            raise
        receipts.settle(committed=session.committed, base=session.base)
        return receipts

    def found(self, notice: Notice, on: date, lines: Iterable[Line]) -> Receipts:
        """Begin a new ledger: its top office, its notice, then the lines of its roster; all or nothing."""
        receipts = Receipts()
        try:
            with self._session() as session, _resting_collector():
                session.begin(notice, on)
                session.take_all(lines, receipts)
                session.finish(commit=not receipts.refused)
        except BaseException:
            receipts.close()
            raise
        receipts.settle(committed=session.committed, base=session.base)
        return receipts

    def preview(self, station: str, standard: str, on: date) -> dict[str, Any]:
        """Return what assessing a station would find, from a read alone: the fields of an assessment.

        Raises LedgerError (`unknown-station`, `not-registered`, `unknown-standard`, `plugin-failed`).
        """
        from dingji.assessing import Question, run

        rows = self.log.stream(f"station:{station}")
        state = fold(f"station:{station}", rows)
        if state is None:
            raise LedgerError("unknown-station", field="station", station=station, nearest="")
        if on.toordinal() < state.registered:
            registered = str(date.fromordinal(state.registered))
            raise LedgerError("not-registered", field="on", station=station, on=str(on), registered=registered)
        adopted = sorted(map(self.log.stream, self.log.streams("notice:")), key=lambda rows: rows[0].position)
        adoptions = [fold(rows[0].stream, rows) for rows in adopted]
        adoption = governing(adoptions, on) or adoptions[0]
        notice = self.plugins().notice(adoption.id)
        if notice is None:
            raise LedgerError("unknown-notice", notice=adoption.id)
        rounds = [fold(stream, self.log.stream(stream)) for stream in self.log.streams("round:")]
        question = Question(
            notice=notice,
            station=state,
            on=on,
            rows=rows,
            rounds=rounds,
            readings=adoption.readings(on),
        )
        return run(self.plugins(), question, standard)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """Hold the write lock, with the states made true to the head that it guards."""
        try:
            with self.log.writing(self.wait_seconds) as writer:
                self._catch_up(writer)
                session = Session(self, writer)
                yield session
                if not session.committed:
                    self.states.rolled_back()
                    writer.rollback()
        except BaseException:
            self.states.rolled_back()  # a commit that fails leaves nothing on disk either
            raise
        if session.committed:
            # Only now is it on disk.
            if session.position > session.base:
                self.seen, self.recorded_at = session.position, session.recorded_at
            self.states.dirty.clear()

    def _catch_up(self, writer: Writer) -> None:
        """Forget the states of streams that others wrote to since we last held the lock."""
        if self.seen and writer.head - self.seen > FLUSH_ROWS:
            self.states = States(self.states.cap_bytes)
        else:
            for position in range(self.seen + 1, writer.head + 1) if self.seen else ():
                row = writer.row(position)
                if row is not None:
                    self.states.drop(row.stream)
        if writer.head != self.seen:
            self.seen, self.recorded_at = writer.head, _last_moment(writer)


@contextmanager
def _resting_collector() -> Iterator[None]:
    """Let the garbage collector rest: we make no cycles, and looking for them costs a third of an import's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Session:
    """One transaction of submissions."""

    def __init__(self, ledger: Ledger, writer: Writer) -> None:
        """Start at the writer's head, at this moment: one `recorded_at` for all, never earlier than the last."""
        self.ledger = ledger
        self.writer = writer
        self.states = ledger.states
        self.base = self.position = writer.head
        self.committed = False
        self._pending: list[tuple[str, int, Event]] = []
        self._pending_bytes = 0
        self.recorded_at = max(moment_text(ledger.clock()), ledger.recorded_at)
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
        if type(submission) is Void:
            place = entry_place(submission.entry)
            return place[0] if place else ""
        if type(submission) is AdoptReading:
            return f"notice:{self.lookup.adoption(submission.on)[0].id}"
        prefix, field = STREAMS[type(submission)]
        return prefix + str(getattr(submission, field))

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


def _last_moment(writer: Writer) -> str:
    row = writer.row(writer.head) if writer.head else None
    return str(orjson.loads(row.state)["recorded_at"]) if row else ""
