"""All operators' looks at declared chats, in as few requests as possible."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec

from b24_conformance.declaration import ChatKind
from b24_conformance.live.looking import Look, look_at
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.live.readonly_answers import RecentChats
from b24_conformance.live.witnessing import Sight

_JOINED_OR_TO_JOIN = ("joinable", "joined")
_LISTED = ("joinable", "access_denied", "absent")
"""Only of these the list of chats tells more: whether one is offered, and the largest id."""


class Declared(msgspec.Struct, frozen=True):
    """A chat as it is declared for an operator."""

    operator: str
    kind: ChatKind
    chat: int


class Survey(msgspec.Struct, frozen=True):
    """What was seen: `sights` by operator and chat, and the largest chat id that showed.

    `users` are the operators' ids, `troubles` why an operator was not answered any more.
    """

    users: dict[str, int | None]
    sights: dict[tuple[str, int], Sight]
    largest: int | None = None
    troubles: dict[str, str] = {}

    def of(self, one: Declared) -> list[Sight]:
        """The sights of a declared chat, the operator's own first."""
        sights = [self.sights[one.operator, one.chat]]
        own = self.users[one.operator]
        if own is None or not _needs_others(one):
            return sights
        # Whoever is not known to be another is no second witness.
        others = (name for name, user in self.users.items() if user not in (None, own))
        looked = ((name, one.chat) for name in others)
        return sights + [self.sights[place] for place in looked if place in self.sights]


def survey(
    clients: Mapping[str, ReadOnly],
    declared: Sequence[Declared],
    users: Mapping[str, int | None],
    *,
    without: Container[str] = (),
    lists: bool = True,
) -> Survey:
    """Looks at declared chats: one request an operator, and one for his list where that tells.

    Ids of `users` that are not known are asked for in the same request. `without` are features
    that the portal has not; `lists`: whether the lists of chats are asked for at all.
    """
    known = dict(users)
    sights: dict[tuple[str, int], Sight] = {}
    listed: list[int] = []
    for name, looks in _looks(declared, [name for name in users if name in clients]).items():
        client = clients[name]
        client.batches = client.batches and "batch" not in without
        # A list is large, and nobody but the operator ever joins anew.
        tells = lists and any(
            d.operator == name == "operator" and d.kind in _LISTED for d in declared
        )
        recent = client.recent(pages=1) if tells else None
        shown = look_at(client, looks, known[name], recent)
        known[name] = shown.user_id
        sights |= {(name, chat): sight for chat, sight in shown.sights.items()}
        listed += [one.chat for one in recent.chats] if isinstance(recent, RecentChats) else []
    troubles = {name: str(client.stopped) for name, client in clients.items() if client.stopped}
    # Some declared chats alone would not tell how large ids are; beside a list they may.
    shown_ids = [chat for (_, chat), sight in sights.items() if sight.granted]
    largest = max(listed + shown_ids) if listed else None
    return Survey(known, sights, largest, troubles)


def _looks(declared: Iterable[Declared], names: Iterable[str]) -> dict[str, list[Look]]:
    """What each operator looks at, each chat once."""
    bots: dict[str, dict[int, bool]] = {}
    for one in declared:
        # The operator's own look comes first: it may be all that there is.
        for name in (one.operator, *(names if _needs_others(one) else ())):
            known = bots.setdefault(name, {})
            matters = name == one.operator and one.kind in _JOINED_OR_TO_JOIN
            known[one.chat] = known.get(one.chat, False) or matters
    return {name: [Look(*row) for row in known.items()] for name, known in bots.items()}


def _needs_others(one: Declared) -> bool:
    """Whoever is refused cannot tell a chat of others from none."""
    return one.kind == "access_denied"
