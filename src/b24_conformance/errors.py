"""Everything that can go wrong on the user's side, drawn as one tree.

Conformance findings are never exceptions: they are judgements. What stands here ends a run
before or instead of a verdict::

    ConformanceError          says what happened, why, and what to do next
    ├── UsageError            an option, target or pattern that makes no sense       exit 2
    ├── ConfigError           the configuration file or a secret behind it           exit 2
    ├── ContractError         clauses and suites disagree                            exit 2
    ├── LimitReachedError     a limit of the portal lets no more requests through    exit 3
    └── TranscriptError       a file that is no recorded run                         exit 2
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ConformanceError(Exception):
    """What happened and why; `hint` says what to do next."""

    exit_code = 2

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}\n  {self.hint}" if self.hint else self.what


class UsageError(ConformanceError):
    """An option, a target or a pattern that makes no sense."""


class ConfigError(ConformanceError):
    """The configuration cannot be used as it is written."""


class ContractError(ConformanceError):
    """Clauses and suites disagree: a clause without a test, or a test without a clause."""


class LimitReachedError(ConformanceError):
    """A limit of the portal ends the run: nothing more is sent, and reports are written."""

    exit_code = 3


class TranscriptError(ConformanceError):
    """A file that should hold a recorded run does not."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word closest to `word`, or all known words."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
