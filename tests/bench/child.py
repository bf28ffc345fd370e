"""A process that does one thing and prints the mebibytes that it held at most: see `process`."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from bench.world import import_file, ledger_on
from dingji.plugins.manager import load_plugins
from dingji.store.log import open_log
from dingji.writer.ledger import CAP_BYTES
from dingji_projections.engine import rebuild
from dingji_projections.tables.views import views_of


def import_one(ledger: Path, file: str, cap_mib: str = "") -> None:
    """Import a file, the states bound to a number of mebibytes."""
    with open_log(ledger) as log:
        cap_bytes = int(cap_mib) << 20 if cap_mib else CAP_BYTES
        import_file(ledger_on(log, load_plugins(), cap_bytes), Path(file))


def rebuild_one(ledger: Path, held_a_pass: str = "") -> None:
    """Rebuild all views, a pass bound to a number of entries."""
    if held_a_pass:
        rebuild.HELD_A_PASS, rebuild.LOOK_EVERY = int(held_a_pass), 500
    with open_log(ledger) as log, views_of(log) as views:
        views.rebuild()


def peak_kib() -> int:
    """Return the most that this process held; getrusage also counts what its parent held when it was forked."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    verb, ledger, *more = sys.argv[1:]
    if verb == "import":
        import_one(Path(ledger), *more)
    else:
        rebuild_one(Path(ledger), *more)
    print(peak_kib() / 1024)
