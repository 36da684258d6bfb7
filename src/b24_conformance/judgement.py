"""What judging a clause gives: a status, its reason, and the findings behind it."""

from __future__ import annotations

from typing import Literal

import msgspec

from b24_conformance.transcript import Observation

Status = Literal["passed", "failed", "not_checked", "not_implemented", "inconclusive"]


class Finding(msgspec.Struct, frozen=True):
    """One observation that breaks a clause: what was demanded, and what came."""

    observation: Observation
    demanded: str
    got: str


class Judgement(msgspec.Struct, frozen=True):
    """The status of one clause for one implementation.

    `reason` is None only for a pass. `requests` counts the HTTP exchanges that were judged.
    """

    clause: str
    status: Status
    reason: str | None = None
    requests: int = 0
    findings: tuple[Finding, ...] = ()
