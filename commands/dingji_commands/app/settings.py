"""What holds for one invocation: which ledger, and in which language to speak."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
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
    json: bool = False
    """Whether a program reads the answer: then it is told in JSON, too, why there is none."""
    arguments: tuple[str, ...] = ()
    """What the user typed behind `dingji`."""


def settings_for(language: str, arguments: Sequence[str] = ()) -> Settings:
    """Return the settings before any option is read; `--json` counts even where the options cannot be read."""
    ledger = Path(os.environ.get("DINGJI_LEDGER") or DEFAULT_LEDGER)
    options = takewhile(lambda argument: argument != "--", arguments)
    return Settings(language=language, ledger=ledger, json="--json" in options, arguments=tuple(arguments))
