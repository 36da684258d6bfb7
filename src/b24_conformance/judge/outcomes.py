"""Rules of the outcome itself: what joins, what is refused, and with which code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from b24_conformance import ways
from b24_conformance.judge.broken_answers import left_to_others
from b24_conformance.judge.php_reading import malformed
from b24_conformance.judge.registry import Check, Rule, answers, demand, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial
from b24_conformance.outcome import ACCESS_DENIED, CHAT_ID, CHAT_TYPE
from b24_conformance.ways import PLAIN

# Documented for every method (system-errors), seen in the vendor's code, or recorded.
SYSTEM_CODES = frozenset(
    {
        "APPLICATION_NOT_FOUND",
        "AUTHORIZATION_ERROR",
        "CONNECTION_ERROR",
        "ERROR_ARGUMENT",
        "ERROR_CORE",
        "ERROR_OAUTH",
        "ERROR_UNEXPECTED_ANSWER",
        "EXPIRED_TOKEN",
        "IM_LOAD_ERROR",
        "INSUFFICIENT_SCOPE",
        "INTERNAL_SERVER_ERROR",
        "INVALID_CREDENTIALS",
        "INVALID_REQUEST",
        "INVALID_TOKEN",
        "NO_AUTH_FOUND",
        "OPERATION_TIME_LIMIT",
        "OVERLOAD_LIMIT",
        "PAYMENT_REQUIRED",
        "PORTAL_DELETED",
        "QUERY_LIMIT_EXCEEDED",
        "USER_ACCESS_ERROR",
        "WRONG_ENCODING",
    }
)


_CLOSED = f"success or one of {', '.join(sorted(METHOD_CODES))} or a system error"
_READABLE = 200
_DOCUMENTED = frozenset(
    {
        ways.PLAIN,
        ways.NO_SUFFIX,
        ways.FORM,
        ways.MULTIPART,
        ways.QUERY,
        ways.OAUTH_BODY,
        ways.OAUTH_FORM,
        ways.OAUTH_GET,
        ways.OAUTH_QUERY,
    }
)


def _plain(trial: Trial, wanted: Callable[[Seen], bool]) -> Iterator[Seen]:
    """What was asked plainly or, where a live portal was spared that, by items of a batch."""
    plain = [seen for seen in trial.asked(PLAIN) if wanted(seen)]
    if plain or trial.declaration.stand_in:
        return iter(plain)
    return (seen for seen in trial.asked(ways.BATCH) if wanted(seen))


def _of_kind(*kinds: str) -> Rule:
    return _of(lambda s: s.strictness == "plain" and s.kind in kinds)


def _invalid(wanted: Callable[[str | None], bool]) -> Rule:
    return _of(lambda s: s.strictness == "invalid" and wanted(_text(s)))


def _of(wanted: Callable[[Seen], bool]) -> Rule:
    """What is asked plainly; and what went wrong in another way just as it does plainly."""

    def judged(trial: Trial) -> Iterator[Check]:
        yield from answers(trial, _plain(trial, wanted))
        for seen in filter(wanted, trial.wrong_by_any_way):
            if seen.answer[0] != "broken":
                yield Check(seen.observation, kept=False, demanded=demand(seen))

    return left_to_others(judged)


def _text(seen: Seen) -> str | None:
    return seen.value if isinstance(seen.value, str) else seen.probe.chat_id


def _is_zero(text: str | None) -> bool:
    return _is_number(text) and not str(text).strip("-0")


def _is_number(text: str | None) -> bool:
    """Whether an invalid CHAT_ID is a number: with digits it is one, or read by leniency."""
    return bool(re.search(r"[0-9]", text or ""))


rule("success.joinable")(_of_kind("joinable"))
rule("success.member")(_of_kind("joined"))
rule("refusal.chat-type")(_of_kind("not_open_line"))
rule("refusal.access-denied")(_of_kind("access_denied"))
rule("refusal.absent")(_of_kind("absent"))
rule("refusal.zero")(_invalid(_is_zero))
rule("refusal.negative")(_invalid(lambda text: _is_number(text) and not _is_zero(text)))
rule("refusal.missing")(_invalid(lambda text: text is None))
rule("refusal.empty")(_invalid(lambda text: text == ""))
rule("refusal.text")(_invalid(lambda text: bool(text) and not _is_number(text)))


@rule("refusal.absent-chat-id")
@left_to_others
def absent_chat_id(trial: Trial) -> Iterator[Check]:
    """A chat that does not exist is refused with CHAT_ID rather than ACCESS_DENIED."""
    chosen = _plain(trial, lambda s: s.strictness == "plain" and s.kind == "absent")
    return answers(trial, chosen, preferred=True)


@rule("refusal.closed-set")
def closed_set(trial: Trial) -> Iterator[Check]:
    """Whatever CHAT_ID is, the answer is success or one of the known refusals."""
    for seen in trial.own:
        kind, code = seen.answer
        probe = seen.probe
        if kind not in ("joined", "refused") or probe.asking not in _DOCUMENTED:
            continue
        if probe.raw or malformed(seen) or len(probe.literal) > _READABLE:
            continue
        known = kind == "joined" or code in METHOD_CODES or str(code).upper() in SYSTEM_CODES
        yield Check(
            seen.observation,
            known,
            _CLOSED,
            contrast=trial.contrasted(seen),
        )


def _foreign(trial: Trial) -> Iterator[Seen]:
    """Chats that are no open line by one operator's word, asked for by the other.

    A batch that does not answer its items is another clause's business.
    """
    people = trial.declaration.people
    for seen in trial.asked(PLAIN, *ways.BATCHES):
        if seen.strictness != "plain" or seen.kind is not None:
            continue
        if seen.probe.asking.batch and seen.answer[0] == "broken":
            continue
        others = (p for name, p in people.items() if name != seen.probe.operator)
        if any(seen.number in person.chats.not_open_line for person in others):
            yield seen


@rule("precedence.foreign-chat")
@left_to_others
def foreign_chat(trial: Trial) -> Iterator[Check]:
    """A chat that is no open line stays refused for an operator who is not in it."""
    accepted = {("refused", CHAT_TYPE), ("refused", ACCESS_DENIED)}
    for seen in _foreign(trial):
        kept = seen.answer in accepted
        yield Check(
            seen.observation, kept, "CHAT_TYPE or ACCESS_DENIED", contrast=trial.contrasted(seen)
        )


@rule("precedence.type-over-access")
@left_to_others
def type_over_access(trial: Trial) -> Iterator[Check]:
    """Such a chat is refused with CHAT_TYPE, not with ACCESS_DENIED."""
    for seen in _foreign(trial):
        kept = seen.answer == ("refused", CHAT_TYPE)
        yield Check(seen.observation, kept, CHAT_TYPE, contrast=trial.contrasted(seen))


@rule("chat-id.wide")
def wide(trial: Trial) -> Iterator[Check]:
    """An id beyond 32 bits is not taken for the chat that its low bits name."""
    for seen in trial.asked(PLAIN, ways.FORM, ways.QUERY, *ways.BATCHES):
        number = seen.number or 0 if seen.strictness == "plain" else 0
        aliased = trial.declaration.kind(seen.probe.operator, number % 2**32)
        # What an old box says of an absent chat is what it says of a refused one.
        if number < 2**32 or aliased in (None, "absent", "access_denied"):
            continue
        if seen.answer[0] == "broken":
            continue
        accepted = seen.accepted or {("refused", CHAT_ID), ("refused", ACCESS_DENIED)}
        yield Check(
            seen.observation,
            seen.answer in accepted,
            " or ".join(str(code or "success") for _, code in sorted(accepted, key=str)),
            contrast=trial.contrasted(seen),
        )


@rule("consistency.same-answer")
def same_answer(trial: Trial) -> Iterator[Check]:
    """The same question gets the same answer each time (a join, once made, stays made).

    Each leg of a run is looked at by itself: in between chats may change.
    """
    first: dict[object, Seen] = {}
    for seen in trial.own:
        probe = seen.probe
        question = (
            seen.observation.leg,
            probe.operator,
            probe.chat_id,
            probe.asking,
            probe.key,
            probe.extra,
            probe.beside,
            probe.raw,
        )
        before = first.setdefault(question, seen)
        if before is seen:
            continue
        yield Check(
            seen.observation,
            seen.answer == before.answer,
            f"the same answer as before ({before.observation.outcome})",
            f"{seen.observation.outcome} ({trial.place(seen.observation)}), after "
            f"{before.observation.outcome} ({trial.place(before.observation)})",
        )
