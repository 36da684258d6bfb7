"""Shrinking: once a finding is recorded, Hypothesis looks for the smallest CHAT_ID that shows it.

What was asked before is never asked again: its recorded answer counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import cast

from b24_conformance.chat_ids.portable import EnoughError, Source, smallest
from b24_conformance.implementations.base import Implementation
from b24_conformance.judge import Trial
from b24_conformance.judge.registry import rules
from b24_conformance.judgement import Judgement
from b24_conformance.probe import Probe
from b24_conformance.suite import Wants
from b24_conformance.transcript import Observation, Transcript

_REQUESTS_A_CLAUSE = 80
_REQUESTS_IN_ALL = 240
# Counted and not timed, so that the same seed sends the same requests on any machine.
_LOOKS_A_CLAUSE = 400
# A portal that breaks more than this is not understood by its smallest CHAT_IDs.
MOST_CLAUSES = 12
Sink = Callable[[Observation], None]


class Shrinker:
    """Looks for smaller CHAT_IDs within a budget of requests."""

    def __init__(self, implementation: Implementation, transcript: Transcript, sink: Sink) -> None:
        self._implementation = implementation
        self._sink = sink
        self._known = {o.probe: o for o in transcript.observations}
        self._left = _REQUESTS_IN_ALL
        self.observations = list(transcript.observations)

    def shrink(self, judgement: Judgement, wants: Wants, seed: int) -> None:
        """Asks simpler and simpler probes that still break the clause."""
        if wants.drawn is None or not wants.shrinks or not judgement.findings:
            return
        source = cast("Source[Probe]", wants.drawn)
        budget = min(_REQUESTS_A_CLAUSE, self._left)
        before = len(self.observations)

        looks = itertools.count(1)

        def fails(probe: Probe) -> bool:
            asked = len(self.observations) - before
            if next(looks) > _LOOKS_A_CLAUSE or (probe not in self._known and asked >= budget):
                raise EnoughError
            return self._fails(judgement.clause, probe)

        smallest(source, fails, judgement.clause, seed)
        self._left -= len(self.observations) - before

    def _fails(self, clause_id: str, probe: Probe) -> bool:
        observation = self._known.get(probe) or self._ask(probe)
        trial = Trial(self._implementation.declaration, Transcript((observation,)))
        checks = rules()[clause_id](trial)
        return any(not getattr(check, "kept", True) for check in checks)

    def _ask(self, probe: Probe) -> Observation:
        observation = self._implementation.ask(probe)
        self._known[probe] = observation
        self.observations.append(observation)
        self._sink(observation)
        return observation
