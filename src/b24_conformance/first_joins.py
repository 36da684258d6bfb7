"""First joins: which chat is left to which way of asking, so that a look shows it stored.

Whoever has joined a chat is a member of it, by whatever way he asks again: only his first join
shows whether a way stores it, and for whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from b24_conformance.chat_ids.apart import apart
from b24_conformance.declaration import Declaration
from b24_conformance.probe import Asking
from b24_conformance.ways import BATCH, FORM, OAUTH_BODY, PLAIN, QUERY, XML

FirstJoins = dict[int, Asking]
# Those that are used most come first: few portals have a chat to join for each. A batch may also
# lose a join that stands beside a refusal.
_WAYS = (PLAIN, BATCH, FORM, QUERY, OAUTH_BODY, XML)


def first_joins(declaration: Declaration) -> dict[str, FirstJoins]:
    """For each operator the chats that are joined first by a way of their own, in a step.

    The others are joined plainly or by the first batch. On a live portal there are none: one
    real join is enough there.
    """
    if not declaration.stand_in or declaration.side != "portal":
        return {}
    own = _of_the_operator(declaration)
    return {"operator": own, "colleague": _of_the_colleague(declaration, own)}


def shared(declaration: Declaration) -> tuple[int, ...]:
    """The chat that both may join, where the colleague comes first."""
    theirs = declaration.reachable("colleague", "joinable")
    return tuple(c for c in declaration.reachable("operator", "joinable") if c in theirs)[-1:]


def _of_the_operator(declaration: Declaration) -> FirstJoins:
    theirs = declaration.reachable("colleague", "joinable")
    chats = declaration.reachable("operator", "joinable") or (0,)
    # What the first plain join opens for others is to be seen.
    first, *later = sorted(chats, key=lambda chat: chat in theirs)
    both = [chat for chat in shared(declaration) if chat != first]
    # An id beyond 31 bits tells most in a batch, which is sent early; so does one in thousands,
    # which can be written with an exponent.
    plain_first = reversed(apart([chat for chat in later if chat not in both], len(later)))
    left = sorted(plain_first, key=lambda chat: chat % 1000 != 0)
    found = dict(zip((first, *left), _ways(declaration, "operator"), strict=False))
    apart_from_batch = {c: way for c, way in found.items() if way not in (PLAIN, BATCH)}
    return apart_from_batch | dict.fromkeys(both, PLAIN)


def _of_the_colleague(declaration: Declaration, own: Mapping[int, Asking]) -> FirstJoins:
    """By his token first, which may be taken for another's; and by ways that are not seen yet."""
    known = {*own.values(), BATCH} - {PLAIN, OAUTH_BODY}
    ways = [way for way in _ways(declaration, "colleague") if way not in known]
    ways.sort(key=lambda way: way != OAUTH_BODY)
    both = shared(declaration)
    # A batch of his is watched by the operator, where he is a member.
    watched = declaration.chats("operator").joined
    theirs = declaration.reachable("colleague", "joinable")
    left = sorted((c for c in theirs if c not in both), key=lambda chat: chat in watched)
    place = 1 if OAUTH_BODY in ways else 0
    return dict(zip((*left[:place], *both, *left[place:]), ways, strict=False))


def _ways(declaration: Declaration, operator: str) -> Iterator[Asking]:
    person, absent = declaration.people.get(operator), declaration.without
    for way in _WAYS:
        lacks = (way == BATCH and "batch" in absent) or (way == XML and "xml" in absent)
        locked = way.place != "webhook" and "oauth" in absent
        # Whoever has no webhook asks by his token wherever a webhook would be.
        if person and way.place in ("webhook", *person.places) and not (lacks or locked):
            yield way
