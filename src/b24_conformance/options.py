"""What a run may be told."""

from __future__ import annotations

import msgspec

from b24_conformance.gather import DRAWN


class Options(msgspec.Struct, frozen=True):
    """What a run may be told: see the options of `b24-conformance run`."""

    clauses: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    seed: int = 0
    drawn: int = DRAWN
    max_requests: int | None = None
    strict: bool = False
    shrink: bool = True
    stay: bool = False
    despite_warnings: bool = False
