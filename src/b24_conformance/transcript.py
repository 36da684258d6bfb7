"""Observations of one implementation, in their order."""

from __future__ import annotations

import msgspec

from b24_conformance.exchange import Exchange, Response
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe


class Observation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A probe, its outcome, and the HTTP exchanges behind it.

    `index` is its place in the transcript. Several observations share an exchange when
    they travelled in one batch. A run that was ended early and resumed has several legs:
    between those of two `leg`s anything may have happened.
    """

    index: int
    probe: Probe
    outcome: Outcome
    exchanges: tuple[Exchange, ...] = ()
    leg: int = 0

    @property
    def response(self) -> Response | None:
        """The response that decided the outcome, if there was one."""
        return self.exchanges[-1].response if self.exchanges else None


class Transcript(msgspec.Struct, frozen=True):
    """All observations of one implementation."""

    observations: tuple[Observation, ...] = ()

    @property
    def requests(self) -> int:
        """How many HTTP exchanges there were, each counted once."""
        return len({e.number for o in self.observations for e in o.exchanges})
