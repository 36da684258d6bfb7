"""Rules of false joins: what cannot be a chat to join is joined by no way of asking."""

from __future__ import annotations

import re
from collections.abc import Iterator

from b24_conformance import ways
from b24_conformance.gate import chats_read
from b24_conformance.judge.asking import by_proxy
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import JOINED, Seen, Trial

# Nobody has counted so far: whoever finds a chat there finds one for every number.
_FAR = 2**53
_DIGITS = re.compile(r'"?([0-9]{16,4000})"?\Z')
_UNPROMISED = frozenset({*ways.UNPROMISED, ways.BEARER})
_DEMANDED = "anything but success"


@rule("refusal.absent-never-joined")
def absent_never_joined(trial: Trial) -> Iterator[Check]:
    """A chat that does not exist is joined by no way of asking."""
    # Where none was refused, the portal may be one that knows no such chats.
    refused = any(seen.kind == "absent" and seen.answer[0] == "refused" for seen in trial.own)
    for seen in trial.own:
        absent = seen.kind == "absent" and seen.strictness == "plain"
        if absent or (refused and trial.declaration.stand_in and _is_far(trial, seen)):
            yield _never_joined(trial, seen)


def _is_far(trial: Trial, seen: Seen) -> bool:
    """Whether CHAT_ID is one number, so high that no chat has it, and no part of it is declared."""
    digits = _DIGITS.match(seen.probe.literal)
    people = trial.declaration.people.values()
    return (
        digits is not None
        and int(digits[1]) > _FAR
        and not any(person.chats.kind(chat) for person in people for chat in chats_read(seen.probe))
    )


@rule("refusal.never-joined")
def never_joined(trial: Trial) -> Iterator[Check]:
    """What no reading takes for a chat to join is not joined, however it was asked."""
    for seen in trial.own:
        # What is joined plainly as well is what others speak of.
        told = trial.plainly_so(seen) and seen.answer == JOINED
        if _leniently_asked(seen) and not _may_join(trial, seen) and not told:
            yield _never_joined(trial, seen)


def _leniently_asked(seen: Seen) -> bool:
    """Whether other rules only say what should be answered: of the rest they say that it must."""
    probe = seen.probe
    plain = seen.strictness in ("plain", "invalid")
    more = bool(probe.extra) and not by_proxy(probe)
    return not plain or more or probe.asking in _UNPROMISED


def _may_join(trial: Trial, seen: Seen) -> bool:
    """Whether some reading of CHAT_ID is a chat that might be joined, or that nobody declared."""
    operator = seen.probe.operator
    return not all(_is_refused(trial, operator, chat) for chat in chats_read(seen.probe))


def _is_refused(trial: Trial, operator: str, chat: int) -> bool:
    kind = trial.declaration.kind(operator, chat)
    if kind is None:
        people = trial.declaration.people.values()
        # What another calls no open line is refused for everyone.
        return any(chat in person.chats.not_open_line for person in people)
    return kind not in ("joinable", "joined")


def _never_joined(trial: Trial, seen: Seen) -> Check:
    joined = seen.answer == JOINED
    return Check(seen.observation, not joined, _DEMANDED, contrast=trial.contrasted(seen))
