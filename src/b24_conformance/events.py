"""What happens in a run, as it happens; every report is rendered from these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.judgement import Status
from b24_conformance.transcript import Observation

Standing = Literal["witnessed", "unseen", "withheld", "contradicted"]


class RunStarted(msgspec.Struct, frozen=True, tag="run_started"):
    """The first event: which contract, which seed, which version of this suite."""

    version: str
    method: str
    contract: str
    seed: int
    started: str
    clauses: tuple[str, ...] = ()


class ImplementationStarted(msgspec.Struct, frozen=True, tag="implementation_started"):
    """An implementation is about to be asked."""

    declaration: Declaration
    client_version: str | None = None


class Witnessed(msgspec.Struct, frozen=True, tag="witnessed"):
    """What read-only calls showed of a declared chat, before it was used or afterwards.

    `standing`: `witnessed`, it is as declared; `unseen`, not all of it could be seen, so that a
    failure over it is inconclusive; `withheld`, it needs an explicit option; `contradicted`, the
    declaration is out of date. `outside`: the operator was proved to be no member. `user_id` is
    who he is, as far as is known.
    """

    implementation: str
    operator: str
    chat: int
    kind: ChatKind
    when: Literal["before", "after"]
    standing: Standing
    reason: str = ""
    outside: bool = False
    user_id: int | None = None


class Planned(msgspec.Struct, frozen=True, tag="planned"):
    """How many requests are going to be sent in all, as far as is known.

    `rate` is how many a second may leave; None: as many as are answered. A later event counts.
    """

    implementation: str
    requests: int
    rate: float | None = None


class Joining(msgspec.Struct, frozen=True, tag="joining"):
    """An operator is about to join a chat of a live portal; written before anything is sent.

    `stays`: the user wants him to stay in it.
    """

    implementation: str
    operator: str
    chat: int
    user_id: int | None = None
    stays: bool = False


class Left(msgspec.Struct, frozen=True, tag="left"):
    """A join is undone; `how` says by what: he left, or there was nothing to leave."""

    implementation: str
    operator: str
    chat: int
    how: str


class Observed(msgspec.Struct, frozen=True, tag="observed"):
    """A probe was sent and its outcome is known."""

    implementation: str
    observation: Observation


class Evidence(msgspec.Struct, frozen=True):
    """A failure that its reader can repeat: see `results.json` in the README."""

    chat_id: str
    demanded: str
    got: str
    exchange: dict[str, object] | None
    curl: str | None


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """A clause was judged for an implementation."""

    implementation: str
    clause: str
    level: str
    feature: str
    status: Status
    reason: str | None
    requests: int
    required: bool
    evidence: Evidence | None = None


class ImplementationFinished(msgspec.Struct, frozen=True, tag="implementation_finished"):
    """An implementation has its verdict: conformant, nonconformant or incomplete.

    `note` is what a reader must know beside it, `advice` what he could declare.
    """

    implementation: str
    side: str
    verdict: str
    requests: int
    line: str
    note: str | None = None
    exit_code: int = 0
    client_version: str | None = None
    advice: str | None = None


class RunFinished(msgspec.Struct, frozen=True, tag="run_finished"):
    """The last event; a file without it belongs to a run that was cut off."""

    exit_code: int
    seconds: float


Event = (
    RunStarted
    | ImplementationStarted
    | Witnessed
    | Planned
    | Joining
    | Left
    | Observed
    | Judged
    | ImplementationFinished
    | RunFinished
)
EventSink = Callable[[Event], None]
"""Whoever hears of what happens, as it happens."""
