"""What the user declares about an implementation: its chats, per operator, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

ChatKind = Literal["joinable", "joined", "access_denied", "not_open_line", "absent"]
Rung = Literal["none", "refused", "repeat", "new"]
RUNGS: tuple[Rung, ...] = ("none", "refused", "repeat", "new")
CHAT_KINDS: tuple[ChatKind, ...] = (
    "joinable",
    "joined",
    "access_denied",
    "not_open_line",
    "absent",
)
LOWEST_RUNG: dict[ChatKind, Rung] = {
    "access_denied": "refused",
    "not_open_line": "refused",
    "absent": "refused",
    "joined": "repeat",
    "joinable": "new",
}


class Chats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Chat ids by what the contract demands of each, for one operator."""

    joinable: tuple[int, ...] = ()
    joined: tuple[int, ...] = ()
    access_denied: tuple[int, ...] = ()
    not_open_line: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()

    def kind(self, chat_id: int) -> ChatKind | None:
        """Which list names `chat_id`, or None."""
        return next((kind for kind in CHAT_KINDS if chat_id in getattr(self, kind)), None)

    def of(self, *kinds: ChatKind) -> tuple[int, ...]:
        """The ids in the lists `kinds`, in that order."""
        return tuple(chat for kind in kinds for chat in getattr(self, kind))

    def __iter__(self) -> Iterator[tuple[ChatKind, int]]:
        return ((kind, chat) for kind in CHAT_KINDS for chat in getattr(self, kind))


class Person(msgspec.Struct, frozen=True):
    """An operator: user id (None when not known), chats, and the places of the credentials."""

    user_id: int | None = None
    chats: Chats = Chats()
    places: tuple[str, ...] = ("webhook",)

    def joining(self, most: int | None) -> Person:
        """With the first joinable chats only, at `most` so many (None: all)."""
        chats = msgspec.structs.replace(self.chats, joinable=self.chats.joinable[:most])
        return msgspec.structs.replace(self, chats=chats)

    def staying(self, *joined: int) -> Person:
        """Having joined these chats, and joining no more."""
        chats = msgspec.structs.replace(
            self.chats, joined=(*self.chats.joined, *joined), joinable=()
        )
        return msgspec.structs.replace(self, chats=chats)


class Declaration(msgspec.Struct, frozen=True):
    """One implementation as its user declares it.

    `side` is who is under test. `stand_in`: a join hurts nobody there. `rung` is how far joins
    may go. `identities` are the kinds of foreign credentials that are configured, and `without`
    the features that the implementation declares it does not have. `address` is scheme, host
    and port, where there is one.
    """

    name: str
    side: Literal["portal", "client"] = "portal"
    stand_in: bool = False
    rung: Rung = "none"
    people: dict[str, Person] = {}
    identities: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    secure: bool = False
    address: str = ""

    @property
    def operator(self) -> Person:
        """The operator whose credentials ask by default."""
        return self.people["operator"]

    @property
    def colleague(self) -> Person | None:
        """The second operator, if one is configured."""
        return self.people.get("colleague")

    def allows(self, rung: Rung) -> bool:
        """Whether the current rung reaches `rung`."""
        return RUNGS.index(self.rung) >= RUNGS.index(rung)

    def sparing(self, joins: int | None = 1) -> Declaration:
        """With as few chats to join as needed: the operator's first ones, None for any number.

        A stand-in is as it was: a join hurts nobody there.
        """
        if self.stand_in:
            return self
        people = {
            name: person.joining(joins if name == "operator" else 0)
            for name, person in self.people.items()
        }
        return msgspec.structs.replace(self, people=people)

    def chats(self, operator: str) -> Chats:
        """The chats declared for `operator` (none for an unknown one)."""
        person = self.people.get(operator)
        return person.chats if person else Chats()

    def kind(self, operator: str, chat_id: int) -> ChatKind | None:
        """What is declared of `chat_id` for `operator`."""
        return self.chats(operator).kind(chat_id)

    def reachable(self, operator: str, *kinds: ChatKind) -> tuple[int, ...]:
        """The declared chats of `kinds` that the current rung allows `operator` to ask for."""
        allowed = [kind for kind in kinds if self.allows(LOWEST_RUNG[kind])]
        return self.chats(operator).of(*allowed)
