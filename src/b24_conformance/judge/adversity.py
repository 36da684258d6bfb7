"""Rules of a client in trouble: what it makes of gateways, limits and tokens that expire.

They look at calls for which the portal played a condition, and at these only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from b24_conformance import conditions
from b24_conformance.judge.clients import observed, pauses
from b24_conformance.judge.registry import Absent, Check, rule
from b24_conformance.judge.trial import JOINED, Trial
from b24_conformance.judge.wire import SUCCESS, WireCall, joins
from b24_conformance.outcome import ACCESS_DENIED, USER_ID, Outcome
from b24_conformance.transcript import Observation

LIMIT = "QUERY_LIMIT_EXCEEDED"
EXPIRED = "expired_token"
# A client that means to pause waits longer on any machine; a slow one only makes it longer.
PAUSE = 0.1
# A limit of minutes is not waited out by trying: more tries than these can only be a loop.
TRIES = 5
_VENDORS_OAUTH = re.compile(r"oauth\.bitrix", re.IGNORECASE)
# What adapters say that gave up waiting for their client.
_GIVEN_UP = re.compile(r"(?:did not return|was never called|never settled) within [\d.]+ s")


def _when(trial: Trial, *names: str) -> Iterator[Observation]:
    return (o for o in trial.conditioned if o.probe.when in names)


def _succeeded(observation: Observation) -> bool:
    return any(call.answer == SUCCESS for call in joins(observation))


def _has_joined(trial: Trial) -> bool:
    """Whether this client can tell of a success at all: else its silence proves nothing."""
    return any(seen.answer == JOINED for seen in trial.joins)


def _names(outcome: Outcome, code: str) -> bool:
    """Whether a program can find `code` in what the caller saw, be it in a message."""
    if outcome.kind == "refused":
        return str(outcome.code).lower() == code.lower()
    return outcome.kind == "broken" and code.lower() in (outcome.detail or "").lower()


@rule("client.only-success-joins")
def only_success_joins(trial: Trial) -> Iterator[Check]:
    """Without a well-formed success on the wire the caller is not told that he joined."""
    contrast = _has_joined(trial)
    for observation in trial.conditioned:
        name = observation.probe.when
        if name == conditions.RESULT_STRING_TRUE or _succeeded(observation):
            continue
        kept = observation.outcome.answer != JOINED
        demanded = f"anything but joined ({_telling(name)})"
        yield Check(observation, kept, demanded, contrast=contrast)


@rule("client.true-only")
def true_only(trial: Trial) -> Iterator[Check]:
    """A result that only reads like true is no success."""
    contrast = _has_joined(trial)
    for observation in _when(trial, conditions.RESULT_STRING_TRUE):
        kept = observation.outcome.answer != JOINED
        yield Check(observation, kept, 'anything but joined: `result` is "true"', contrast=contrast)


@rule("client.throttled")
def throttled(trial: Trial) -> Iterator[Check]:
    """A rate limit ends in success, or surfaces as its code."""
    for observation in _when(trial, conditions.THROTTLED_ONCE, conditions.THROTTLED_ALWAYS):
        yield _success_or(observation, LIMIT)


@rule("client.throttled-pause")
def throttled_pause(trial: Trial) -> Iterator[Check]:
    """Whoever tries again after HTTP 503 waits first."""
    for observation in observed(trial):
        made = joins(observation)
        if any(call.status == 503 for call in made):
            yield _pausing(observation, made, 503)


@rule("client.operation-limit")
def operation_limit(trial: Trial) -> Iterator[Check]:
    """Whoever tries again after HTTP 429 waits first, and gives up soon."""
    for observation in observed(trial):
        made = joins(observation)
        tries = sum(call.status == 429 for call in made)
        if tries > TRIES:
            demanded = f"no more than {TRIES} tries"
            yield Check(observation, False, demanded, f"{tries} of them")
        elif tries:
            yield _pausing(observation, made, 429)


def _pausing(observation: Observation, made: list[WireCall], status: int) -> Check:
    gaps = [gap for call, gap in pauses(made) if call.status == status]
    shortest = min(gaps, default=PAUSE)
    demanded = f"a pause after HTTP {status} before another try"
    return Check(observation, shortest >= PAUSE, demanded, f"a pause of {shortest:.3f} s")


def _success_or(observation: Observation, code: str) -> Check:
    outcome = observation.outcome
    joined = outcome.answer == JOINED and _succeeded(observation)
    demanded = f"success in the end, or {code}"
    return Check(observation, joined or _names(outcome, code), demanded)


@rule("client.expired-token")
def expired_token(trial: Trial) -> Iterator[Check | Absent]:
    """An expired token is renewed, or surfaces as its code."""
    for observation in _when(trial, conditions.EXPIRED_TOKEN):
        if _VENDORS_OAUTH.search(observation.outcome.detail or ""):
            yield Absent("the client renews tokens at the vendor's own host, out of sight here")
            continue
        yield _success_or(observation, EXPIRED)


@rule("client.without-time")
def without_time(trial: Trial) -> Iterator[Check]:
    """A success without the object `time` is a success."""
    for observation in _when(trial, conditions.WITHOUT_TIME):
        yield Check(observation, observation.outcome.answer == JOINED, "joined")


@rule("client.plan-denied")
def plan_denied(trial: Trial) -> Iterator[Check | Absent]:
    """The ACCESS_DENIED of the plan (401) and of the dialogue (400) look different."""
    dialogue = [
        seen.observation
        for seen in trial.joins
        if [call.answer for call in joins(seen.observation)][-1:] == [("refused", ACCESS_DENIED)]
    ]
    for observation in _when(trial, conditions.PLAN_ACCESS_DENIED):
        plan = observation.outcome
        if plan.answer == JOINED:
            continue
        for other in dialogue[:1]:
            same = plan.answer == other.outcome.answer
            if same and plan.status is None and other.outcome.status is None:
                yield Absent("the adapter does not say which HTTP status a program can see")
                continue
            kept = not same or plan.status != other.outcome.status
            demanded = f"anything but what the dialogue's refusal looks like ({other.outcome})"
            yield Check(observation, kept, demanded)


@rule("client.user-id")
def user_id(trial: Trial) -> Iterator[Check]:
    """The fourth code surfaces."""
    for observation in _when(trial, conditions.USER_ID):
        yield Check(observation, _names(observation.outcome, USER_ID), USER_ID)


def _telling(name: str) -> str:
    known = conditions.CONDITIONS.get(name)
    return known.telling if known else name or "nothing went wrong"


@rule("client.told-in-time")
def told_in_time(trial: Trial) -> Iterator[Check]:
    """Whatever the portal does, the caller is told something before the deadline.

    A portal that hangs or blocks the method is waited for by clients whose limit is longer than
    ours: there, only silence after everything ended, or after a single try, is a fault.
    """
    for observation in observed(trial):
        said = observation.outcome.detail or ""
        silent = said.startswith(conditions.NOT_TOLD)
        if _GIVEN_UP.search(said) and not silent:
            if _waits(observation):
                continue
            silent = True
        demanded = f"any word to the caller ({_telling(observation.probe.when)})"
        yield Check(observation, not silent, demanded)


def _waits(observation: Observation) -> bool:
    name = observation.probe.when
    blocked = name == conditions.OPERATION_LIMIT and len(joins(observation)) > 1
    return blocked or name == conditions.HANG
