"""The event store library's own tests of a recorder, on ours."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from eventsourcing.tests import persistence as library

from dingji.store.log import create_log
from dingji.store.sqlite import LedgerDatastore, LedgerRecorder


class RecorderOnAFile(library.RecorderTestCase):
    __test__ = False

    def setUp(self) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = Path(folder, "dingji.ledger")
        create_log(path).close()
        self.datastore = LedgerDatastore(path)
        self.addCleanup(self.datastore.close)
        self.addCleanup(self.join_threads)

    def join_threads(self) -> None:
        # The library's test leaves threads that still read: to close their connections under them is a crash.
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join()

    def new_originator_id(self) -> str:
        return str(super().new_originator_id())

    def create_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(self.datastore)


class TestLibrarysRecorder(RecorderOnAFile, library.ApplicationRecorderTestCase[LedgerRecorder]):
    __test__ = True


class TestLibrarysOrder(RecorderOnAFile, library.NonInterleavingNotificationIDsBaseCase):
    __test__ = True
