"""How each declared chat looks: two read-only requests a chat, in words without names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.live.looking import look
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.live.readonly_answers import RecentChat, RecentChats
from b24_conformance.live.witnessing import Sight, caution, contradiction, unseen


class Looked(msgspec.Struct, frozen=True):
    """How a chat looks that is declared for an operator."""

    operator: str
    kind: ChatKind
    chat: int
    mark: Literal["ok", "problem", "open"]
    text: str
    add: str = ""
    contradicted: bool = False

    @property
    def subject(self) -> str:
        """Of which chat, and whose declaration, this speaks."""
        whose = "" if self.operator == "operator" else f"{self.operator}'s "
        return f"{whose}chat {self.chat}"


def of_chats(
    declaration: Declaration, clients: Mapping[str, ReadOnly], users: Mapping[str, int | None]
) -> Iterator[Looked]:
    """Looks at every declared chat of every operator."""
    if not any(True for person in declaration.people.values() for _ in person.chats):
        return
    lists = {name: client.recent() for name, client in clients.items()}
    listed = (one.chat for found in lists.values() for one in _chats(found))
    largest = max(listed, default=None)
    for operator, person in declaration.people.items():
        for kind, chat in person.chats:
            witnesses = _witnesses(operator, kind, users)
            sights = [look(clients[w], chat, users[w], lists[w]) for w in witnesses]
            looked = judged(operator, kind, sights, users[operator], largest)
            # On a stand-in nobody is disturbed, and its declaration is trusted.
            trusted = declaration.stand_in and looked.contradicted
            yield msgspec.structs.replace(looked, contradicted=False) if trusted else looked


def _chats(found: RecentChats | Trouble) -> tuple[RecentChat, ...]:
    return () if isinstance(found, Trouble) else found.chats


def _witnesses(operator: str, kind: ChatKind, users: Mapping[str, int | None]) -> list[str]:
    """Who looks: whoever is refused cannot tell a chat of others from none."""
    own = users[operator]
    if kind != "access_denied" or own is None:
        return [operator]
    return [operator, *(name for name, user in users.items() if user not in (None, own))]


def judged(
    operator: str, kind: ChatKind, sights: list[Sight], user: int | None, largest: int | None
) -> Looked:
    """What the sights of a chat say of its declaration."""
    chat, own = sights[0].chat, sights[0]
    found = f"declared {kind}; {described(own)}"
    table = f"[{operator}.chats]"
    for sight in sights:
        if reason := contradiction(kind, sight, user, despite=True):
            add = f"take {chat} out of {table} {kind}, or put it where it belongs"
            return Looked(operator, kind, chat, "problem", reason, add, contradicted=True)
    if reason := caution(kind, own, user):
        add = f"take another chat for {table} {kind}"
        return Looked(operator, kind, chat, "problem", reason, add, contradicted=True)
    if missing := unseen(kind, sights, user, largest=largest):
        return Looked(operator, kind, chat, "open", f"{found}; {missing}", _more(kind))
    return Looked(operator, kind, chat, "ok", found)


def _more(kind: ChatKind) -> str:
    if kind == "access_denied":
        return "a [colleague] who takes part in it could witness that it is there"
    if kind == "absent":
        return "take an id far above all in use, such as 999999999"
    return "the scopes imopenlines and im are needed to see it"


def described(sight: Sight) -> str:
    """A sight in words: kinds, roles and numbers."""
    words = []
    if sight.line is not None:
        words.append("an open line's" if sight.line else "no open line's")
    if sight.role:
        words.append(f"role {sight.role}")
    if sight.user_counter is not None:
        words.append(f"{sight.user_counter} in it")
    if sight.error:
        words.append(f"imopenlines.dialog.get says {sight.error}")
    return ", ".join(words) or "nothing is shown"
