"""Which declared chats are in doubt: a declaration is not an oracle, chats change under it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from b24_conformance.declaration import ChatKind, Chats, Declaration
from b24_conformance.events import Witnessed

Place = tuple[str, int]
"""An operator and a chat."""


class Doubts(msgspec.Struct, frozen=True):
    """`withheld` chats were not used, and why; over `unsure` ones nothing can be failed.

    `users` are the operators' ids, where a look told them.
    """

    withheld: dict[Place, tuple[ChatKind, str]] = {}
    unsure: dict[Place, str] = {}
    users: dict[str, int] = {}

    def why_none(self, operator: str, kind: ChatKind) -> str | None:
        """Why no chat of `kind` could be used for `operator`, if one was withheld."""
        reasons = (
            reason
            for (whose, _), (declared, reason) in self.withheld.items()
            if whose == operator and declared == kind
        )
        return next(reasons, None)


def doubts_of(witnessed: Iterable[Witnessed]) -> Doubts:
    """What the read-only calls of a run leave in doubt."""
    withheld: dict[Place, tuple[ChatKind, str]] = {}
    unsure: dict[Place, str] = {}
    users: dict[str, int] = {}
    for one in witnessed:
        place = (one.operator, one.chat)
        if one.user_id is not None:
            users[one.operator] = one.user_id
        if one.standing == "witnessed":
            continue
        if one.when == "before" and one.standing in ("withheld", "contradicted"):
            withheld[place] = (one.kind, one.reason)
        else:
            unsure.setdefault(place, one.reason)
    return Doubts(withheld, unsure, users)


def narrowed(declaration: Declaration, doubts: Doubts) -> Declaration:
    """The declaration without the chats that must not be used, and with the users' ids."""
    if doubts == Doubts():
        return declaration
    people = {
        name: msgspec.structs.replace(
            person,
            user_id=person.user_id or doubts.users.get(name),
            chats=_without(person.chats, name, doubts),
        )
        for name, person in declaration.people.items()
    }
    return msgspec.structs.replace(declaration, people=people)


def _without(chats: Chats, operator: str, doubts: Doubts) -> Chats:
    kept = {
        kind: tuple(chat for chat in ids if (operator, chat) not in doubts.withheld)
        for kind, ids in msgspec.structs.asdict(chats).items()
    }
    return Chats(**kept)
