"""How long the fuzzers try, and from which seed; read before the tests take DINGJI_ variables away."""

from __future__ import annotations

import os
from typing import Final

SECONDS: Final = float(os.environ.get("DINGJI_FUZZ_SECONDS", "60"))
"""Seconds of trying, all readers together."""

SEED: Final = os.environ.get("DINGJI_FUZZ_SEED", "0")
"""What the random choices come from; the same seed tries the same inputs in the same order."""
