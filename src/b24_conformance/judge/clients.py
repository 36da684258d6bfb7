"""Rules of a client in a calm sea: what it sends, and what its caller is told of the answer.

Each looks from both ends: at the outcome, which is what the caller saw, and at the exchanges,
which are what the portal saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from b24_conformance import php
from b24_conformance.echoes import HIDDEN
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial
from b24_conformance.judge.wire import SUCCESS, TOKEN, WireCall, calls, joins
from b24_conformance.outcome import ACCESS_DENIED, CHAT_ID, CHAT_TYPE
from b24_conformance.transcript import Observation

THE_CODES = frozenset({ACCESS_DENIED, CHAT_TYPE, CHAT_ID})
_INTEGER = re.compile(r'"?-?\d{1,18}"?\Z', re.A)
# Whoever only reads changes no dialogue, nor does anything outside of chats and open lines.
_DIALOGUES = re.compile(r"im[a-z]*\.")
_READS = re.compile(r"(?:^|\.)(?:get|list|search|count|find|check|last)\Z")
_ABSENT = object()


def observed(trial: Trial) -> tuple[Observation, ...]:
    """Every call that the client was asked for, conditions or not."""
    return (*(seen.observation for seen in trial.joins), *trial.conditioned)


def _told(trial: Trial) -> Iterator[tuple[Seen, WireCall]]:
    """Undisturbed calls with the last call of the join that they made."""
    for seen in trial.joins:
        if made := joins(seen.observation):
            yield seen, made[-1]


def _refused_with_code(trial: Trial) -> Iterator[tuple[Seen, str]]:
    for seen, last in _told(trial):
        kind, code = last.answer or (None, None)
        if kind == "refused" and code in THE_CODES:
            yield seen, code


@rule("client.success")
def success(trial: Trial) -> Iterator[Check]:
    """Where the portal answered success, the caller is told so."""
    # Here a broken outcome is contrast enough: all that matters is that it is no success.
    contrast = any(seen.answer != SUCCESS for seen in trial.joins)
    for seen, last in _told(trial):
        if last.answer == SUCCESS:
            kept = seen.answer == SUCCESS
            yield Check(seen.observation, kept, "joined: success was answered", contrast=contrast)


@rule("client.codes")
def codes(trial: Trial) -> Iterator[Check]:
    """A program can tell the three codes apart, wherever it finds them and in whatever case."""
    for seen, code in _refused_with_code(trial):
        kind, said = seen.answer
        kept = kind == "refused" and str(said).upper() == code
        contrast = trial.contrasted(seen)
        yield Check(seen.observation, kept, f"{code}, as was answered", contrast=contrast)


@rule("client.codes-exact")
def codes_exact(trial: Trial) -> Iterator[Check]:
    """The code stands in a field of its own, as the portal wrote it."""
    for seen, code in _refused_with_code(trial):
        outcome = seen.observation.outcome
        kept = outcome.answer == ("refused", code) and outcome.via in (None, "field")
        where = f", found in the {outcome.via}" if outcome.via else ""
        yield Check(
            seen.observation,
            kept,
            f"exactly {code}, in a field of its own",
            f"{outcome}{where}",
            contrast=trial.contrasted(seen),
        )


def _value(call: WireCall) -> Any:
    return call.parameters.get("CHAT_ID", _ABSENT)


@rule("client.wire-chat-id")
def wire_chat_id(trial: Trial) -> Iterator[Check]:
    """Every CHAT_ID on the wire means the integer that the caller gave."""
    for observation in observed(trial):
        literal = observation.probe.chat_id
        if literal is None or not _INTEGER.match(literal):
            continue
        given = int(literal.strip('"'))
        for call in joins(observation):
            value = _value(call)
            if value is not _ABSENT:
                kept = php.intval(value) == given
                yield Check(observation, kept, f"CHAT_ID {given} on the wire", f"{value!r}")


@rule("client.wire-missing")
def wire_missing(trial: Trial) -> Iterator[Check]:
    """A CHAT_ID that the caller left out is left out, null, or empty where nothing is null."""
    for observation in observed(trial):
        if observation.probe.chat_id is not None:
            continue
        if observation.outcome.kind == "not_sent":
            yield Check(observation, True, "no CHAT_ID on the wire")
        for call in joins(observation):
            value = _value(call)
            kept = value is _ABSENT or value is None or value == ""
            yield Check(observation, kept, "no CHAT_ID on the wire", f"CHAT_ID {value!r}")


@rule("client.method")
def method(trial: Trial) -> Iterator[Check]:
    """A positive CHAT_ID goes to the join, under its own name."""
    for observation in observed(trial):
        number = php.chat_id(observation.probe)
        plain = _INTEGER.match(observation.probe.literal)
        if not plain or not number or number < 0 or observation.outcome.kind == "not_sent":
            continue
        made = joins(observation)
        kept = bool(made) and all(_value(call) is not _ABSENT for call in made)
        demanded = "a call of imopenlines.session.join with CHAT_ID"
        yield Check(observation, kept, demanded, _names(observation))


def _names(observation: Observation) -> str:
    told = [f"{c.name}({', '.join(sorted(c.parameters))})" for c in calls(observation)]
    return f"on the wire: {', '.join(told) or 'nothing'}"


@rule("client.nothing-else")
def nothing_else(trial: Trial) -> Iterator[Check]:
    """No other method is called that could change a dialogue."""
    for observation in observed(trial):
        made = calls(observation)
        others = [call.name for call in made if not _harmless(call)]
        if made:
            demanded = "no other call that could change a dialogue"
            yield Check(observation, not others, demanded, f"calls of {', '.join(others)}")


def _harmless(call: WireCall) -> bool:
    if call.joins or call.method == TOKEN or not _DIALOGUES.match(call.method):
        return True
    return bool(_READS.search(call.method))


@rule("client.refusal-not-retried")
def refusal_not_retried(trial: Trial) -> Iterator[Check]:
    """After a refusal by the method the same call does not ask again."""
    for observation in observed(trial):
        made = joins(observation)
        place = next((i for i, call in enumerate(made) if _final(call)), None)
        if place is not None:
            repeats = len(made) - place - 1
            got = f"{repeats} more after the refusal"
            yield Check(observation, not repeats, "one request of the join", got)


def _final(call: WireCall) -> bool:
    # The plan's ACCESS_DENIED (401) is not the method's; a batch hides its items' statuses.
    kind, code = call.answer or (None, None)
    return kind == "refused" and code in METHOD_CODES and (call.status == 400 or call.batched)


@rule("client.success-once")
def success_once(trial: Trial) -> Iterator[Check]:
    """After a success the same call does not join again."""
    for observation in observed(trial):
        made = joins(observation)
        place = next((i for i, call in enumerate(made) if call.answer == SUCCESS), None)
        if place is not None:
            repeats = len(made) - place - 1
            got = f"{repeats} more after the success"
            yield Check(observation, not repeats, "one join that succeeds", got)


@rule("client.no-secret")
def no_secret(trial: Trial) -> Iterator[Check]:
    """What the caller is told holds neither the webhook's secret nor a token."""
    for observation in observed(trial):
        outcome = observation.outcome
        text = outcome.detail or outcome.code
        if text:
            kept = not HIDDEN.search(text)
            yield Check(observation, kept, "words without a secret", f"the caller sees: {text}")


def pauses(made: list[WireCall]) -> Iterator[tuple[WireCall, float]]:
    """Each call but the last, and the seconds between its answer and the next call."""
    for one, following in pairwise(made):
        gone = following.exchange.started - (one.exchange.started + one.exchange.seconds)
        yield one, gone
