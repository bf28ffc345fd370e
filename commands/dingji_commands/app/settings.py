"""What holds for one invocation: which ledger, and in which language to speak."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_LEDGER: Final = "dingji.ledger"


@dataclass(slots=True)
class Settings:
    """Filled from the environment, then by the options, wherever they stand."""

    language: str
    ledger: Path
    asking: bool = False
    """Whether this invocation asks a question: then what is wrong is how it was asked."""
    recorded: bool = False
    """Whether this invocation has recorded something that an interruption does not take back."""


def settings_for(language: str) -> Settings:
    """Return the settings before any option is read."""
    return Settings(language=language, ledger=Path(os.environ.get("DINGJI_LEDGER") or DEFAULT_LEDGER))
