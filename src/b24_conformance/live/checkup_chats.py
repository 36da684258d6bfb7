"""How each declared chat looks, by read-only questions and in words without names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from b24_conformance.declaration import ChatKind, Declaration
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.live.survey import Declared, Survey, survey
from b24_conformance.live.witnessing import Sight, witness


class Looked(msgspec.Struct, frozen=True):
    """How a chat looks that is declared for an operator; `contradicted`: not to be used so."""

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
    declared = [
        Declared(operator, kind, chat)
        for operator, person in declaration.people.items()
        for kind, chat in person.chats
    ]
    found = survey(clients, declared, users, without=declaration.without)
    for one in declared:
        looked = _looked(one, found)
        # On a stand-in nobody is disturbed, and its declaration is trusted.
        trusted = declaration.stand_in and looked.contradicted
        yield msgspec.structs.replace(looked, contradicted=False) if trusted else looked


def _looked(one: Declared, found: Survey) -> Looked:
    """What the sights of a chat say of its declaration."""
    sights, (operator, kind, chat) = found.of(one), msgspec.structs.astuple(one)
    trouble = found.troubles.get(operator, "")
    said = witness(kind, sights, found.users[operator], largest=found.largest, trouble=trouble)
    text, table = f"declared {kind}; {described(sights[0])}", f"[{operator}.chats]"
    if said.missing:
        text = f"{text}; {said.reason}"
        withheld = said.standing == "withheld"
        return Looked(operator, kind, chat, "open", text, said.add, contradicted=withheld)
    if said.standing == "witnessed":
        return Looked(operator, kind, chat, "ok", text)
    add = f"take another chat for {table} {kind}"
    if said.standing == "contradicted":
        add = f"take {chat} out of {table} {kind}, or put it where it belongs"
    return Looked(operator, kind, chat, "problem", said.reason, add, contradicted=True)


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
