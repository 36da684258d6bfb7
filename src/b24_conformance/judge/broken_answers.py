"""Answers that are broken in themselves, and the clause that says so.

What they were meant to say nobody knows: clauses of the outcome leave them to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from b24_conformance.judge import envelopes, robust
from b24_conformance.judge.registry import Absent, Check, Rule
from b24_conformance.judge.trial import Trial

_SAID_BY: dict[str, Rule] = {
    "robust.answers": robust.always_answers,
    "envelope.json": envelopes.json_object,
    "envelope.one-outcome": envelopes.one_outcome,
    "envelope.refusal-strings": envelopes.refusal_strings,
    "success.exactly-true": envelopes.exactly_true,
    "envelope.success-status": envelopes.success_status,
}


def left_to_others(rule: Rule) -> Rule:
    """The rule, with what only shows that an answer is broken left to another clause."""

    def judged(trial: Trial) -> Iterator[Check | Absent]:
        for check in rule(trial):
            yield check if isinstance(check, Absent) else _excused(trial, check)

    return judged


def _excused(trial: Trial, check: Check) -> Check:
    outcome = check.observation.outcome
    if check.kept or outcome.kind != "broken" or trial.declaration.side != "portal":
        return check
    clause_id = _malformed(trial).get(check.observation.index)
    return check._replace(excuse=f"see {clause_id}") if clause_id else check


# One clause after the other asks for the latest trial.
@lru_cache(maxsize=1)
def _malformed(trial: Trial) -> dict[int, str]:
    """The observations whose answers break one of these clauses, each with the first of them."""
    found: dict[int, str] = {}
    for clause_id, rule in _SAID_BY.items():
        for check in rule(trial):
            if isinstance(check, Check) and not check.kept:
                found.setdefault(check.observation.index, clause_id)
    return found
