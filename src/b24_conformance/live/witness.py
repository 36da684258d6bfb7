"""Witnesses the declared chats of a live run, before they are used and afterwards.

A declaration is not an oracle: whoever wrote it may err, and chats change. What cannot be asked
for is told as not seen; no trouble of the portal is an error here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from b24_conformance.declaration import CHAT_KINDS, Declaration
from b24_conformance.events import Witnessed
from b24_conformance.judge.doubts import Place
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.live.survey import Declared, Survey, survey
from b24_conformance.live.witnessing import Witness, proved_outside, witness, witness_again

When: TypeAlias = Literal["before", "after"]


class Before(msgspec.Struct, frozen=True):
    """What is known before the run: one event a chat, and the operators' user ids."""

    events: tuple[Witnessed, ...]
    users: dict[str, int | None]


def witness_before(
    clients: Mapping[str, ReadOnly], declaration: Declaration, *, despite: bool = False
) -> Before:
    """Looks at each chat that the rung lets an operator ask for; two requests an operator.

    `despite` is the user's explicit option to join chats that are better left alone. A joinable
    chat of which not all is seen is withheld: it must not be joined.
    """
    declared = reachable(declaration)
    users = {name: person.user_id for name, person in declaration.people.items()}
    found = survey(clients, declared, users, without=declaration.without)
    events = []
    for one in declared:
        said = witness(
            one.kind,
            found.of(one),
            found.users[one.operator],
            largest=found.largest,
            despite=despite,
            trouble=found.troubles.get(one.operator, ""),
        )
        events.append(_event(one, "before", said, found, declaration))
    return Before(tuple(events), found.users)


def witness_after(
    clients: Mapping[str, ReadOnly],
    declaration: Declaration,
    before: Before,
    joined: frozenset[Place],
    *,
    used: frozenset[Place],
) -> tuple[Witnessed, ...]:
    """Looks again at the chats that were `used`; one request an operator.

    `joined` are the chats in which the run's own join stands. What was not seen before the run
    is not made good by what is seen now.
    """
    declared = [one for one in reachable(declaration) if (one.operator, one.chat) in used]
    without = declaration.without
    found = survey(clients, declared, before.users, without=without, lists=False)
    earlier = {(event.operator, event.chat): event for event in before.events}
    events = []
    for one in declared:
        place = (one.operator, one.chat)
        said = witness_again(
            one.kind,
            found.of(one),
            found.users[one.operator],
            joined=place in joined,
            trouble=found.troubles.get(one.operator, ""),
        )
        known = earlier.get(place)
        if said.standing == "witnessed" and known and known.standing != "witnessed":
            said = Witness("unseen", known.reason)
        events.append(_event(one, "after", said, found, declaration))
    return tuple(events)


def reachable(declaration: Declaration) -> list[Declared]:
    """The chats that the rung lets each operator ask for, whichever the operator then joins."""
    found = declaration.sparing(joins=None)
    return [
        Declared(operator, kind, chat)
        for operator in found.people
        for kind in CHAT_KINDS
        for chat in found.reachable(operator, kind)
    ]


def _event(
    one: Declared, when: When, said: Witness, found: Survey, declaration: Declaration
) -> Witnessed:
    return Witnessed(
        declaration.name,
        one.operator,
        one.chat,
        one.kind,
        when,
        said.standing,
        "; ".join(filter(None, (said.reason, said.add))),
        proved_outside(found.of(one), found.users[one.operator]),
        found.users[one.operator],
    )
