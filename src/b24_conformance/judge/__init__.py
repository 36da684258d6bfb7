"""Judging: a clause and a transcript give a judgement with its reason; nothing is sent."""

from __future__ import annotations

from b24_conformance.judge import (
    adversity,
    asking,
    batch,
    clients,
    cors,
    credentials,
    envelopes,
    false_joins,
    once,
    outcomes,
    php_reading,
    robust,
    shape,
    state,
    times,
    xml,
)
from b24_conformance.judge.registry import judge, lacking, rules, size
from b24_conformance.judge.strictness import strictness
from b24_conformance.judge.trial import Trial

__all__ = ["Trial", "judge", "lacking", "rules", "size", "strictness"]

_LOADED = (
    *(adversity, asking, batch, clients, cors, credentials, envelopes),
    *(false_joins, once, outcomes, php_reading, robust, shape, state, times, xml),
)
