"""What happens in a run, as it happens; every report is rendered from these."""

from __future__ import annotations

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
    declaration is out of date. `outside`: the operator was proved to be no member.
    """

    implementation: str
    operator: str
    chat: int
    kind: ChatKind
    when: Literal["before", "after"]
    standing: Standing
    reason: str = ""
    outside: bool = False


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
    """An implementation has its verdict: conformant, nonconformant or incomplete."""

    implementation: str
    side: str
    verdict: str
    requests: int
    line: str
    note: str | None = None
    exit_code: int = 0
    client_version: str | None = None


class RunFinished(msgspec.Struct, frozen=True, tag="run_finished"):
    """The last event; a file without it belongs to a run that was cut off."""

    exit_code: int
    seconds: float


Event = (
    RunStarted
    | ImplementationStarted
    | Witnessed
    | Observed
    | Judged
    | ImplementationFinished
    | RunFinished
)
