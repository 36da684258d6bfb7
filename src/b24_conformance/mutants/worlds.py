"""Worlds: the users and chats of a sound portal, and what is declared of them.

What is declared follows from the parts that a chat was given, and not from asking the portal.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from hypothesis import strategies as st

from b24_conformance.declaration import ChatKind, Chats, Declaration, Person, Rung
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.building import OAUTH, Asked, build
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.reference import State, default_state, webhooks
from b24_conformance.reference.state import Chat, User

ADDRESS: Final = "https://example.bitrix24.com"
Part = Literal["may_join", "offered", "member", "denied", "in_other", "outside"]
Parts: TypeAlias = tuple[Part, Part]

_DEMANDS: Final[dict[Part, ChatKind]] = {
    "may_join": "joinable",
    "offered": "joinable",
    "member": "joined",
    "denied": "access_denied",
    "in_other": "not_open_line",
}
_LINES: Final[tuple[Part, ...]] = ("may_join", "offered", "member", "denied")
# Every clause finds what it needs: each kind for the operator, a chat that only one of the two
# may join, and chats of another kind with only one of the two in it.
_NEEDED: Final[tuple[Parts, ...]] = (
    ("may_join", "denied"),
    ("may_join", "may_join"),
    ("member", "denied"),
    ("denied", "denied"),
    ("denied", "may_join"),
    ("in_other", "outside"),
    ("outside", "in_other"),
)


@dataclass(frozen=True, slots=True)
class World:
    """Users and chats: for each chat the parts of the operator and of the colleague in it."""

    operator: int = 1
    colleague: int = 2
    chats: tuple[tuple[int, Parts], ...] = ()
    absent: tuple[int, ...] = (999999999,)
    configured: frozenset[str] = frozenset({"colleague", "oauth", "without_scope", "expired"})
    rung: Rung = "new"

    @property
    def state(self) -> State:
        """The portal's side of it."""
        users = default_state().users
        people = [
            dataclasses.replace(users[1], id=self.operator),
            dataclasses.replace(users[2], id=self.colleague),
            dataclasses.replace(users[9], id=self.stranger),
        ]
        return State.of(people, [self._chat(chat, parts) for chat, parts in self.chats])

    @property
    def stranger(self) -> int:
        """The user whose webhook lacks the scope."""
        return self.operator + self.colleague + 1

    def _chat(self, number: int, parts: Parts) -> Chat:
        def those(*wanted: Part) -> frozenset[int]:
            people = zip((self.operator, self.colleague), parts, strict=True)
            return frozenset(user for user, part in people if part in wanted)

        if set(parts) & set(_LINES):
            named = those("member"), those("may_join"), those("offered")
            return Chat(number, "open_line", *named)
        return Chat(number, "group", those("in_other"))

    def declared(self, place: int) -> Chats:
        """What the user of this portal declares for one operator."""
        lists: dict[str, tuple[int, ...]] = {"absent": self.absent}
        for chat, parts in self.chats:
            if kind := _DEMANDS.get(parts[place]):
                lists[kind] = (*lists.get(kind, ()), chat)
        return Chats(**lists)

    def implementation(
        self, name: str, transport: Transport, without: tuple[str, ...], seed: int
    ) -> PortalImplementation:
        """The portal behind `transport`, declared as far as `configured` says."""
        users = self.state.users
        hooks = webhooks(ADDRESS, self.state)
        places = ("webhook", *(OAUTH if "oauth" in self.configured else ()))
        people = {"operator": Person(self.operator, self.declared(0), places)}
        keys = {"operator": self._keys(users[self.operator])}
        if "colleague" in self.configured:
            people["colleague"] = Person(self.colleague, self.declared(1), places)
            keys["colleague"] = self._keys(users[self.colleague])
        shown = ["without_scope"] if "without_scope" in self.configured else []
        expires = self.configured >= {"expired", "oauth"}
        declaration = Declaration(
            name,
            address=ADDRESS,
            stand_in=True,
            rung=self.rung,
            people=people,
            identities=(*shown, *(["expired"] if expires else [])),
            without=without,
        )
        keyring = Keyring(
            "/rest/",
            keys,
            Webhook.parse(hooks[self.stranger]) if shown else None,
            users[self.operator].expired_token if expires else None,
            seed,
        )
        return build(declaration, transport, keyring, Asked(seed=seed))

    def _keys(self, user: User) -> Keys:
        hook = Webhook.parse(webhooks(ADDRESS, self.state)[user.id])
        return Keys(hook, user.access_token if "oauth" in self.configured else None)


def _ids() -> st.SearchStrategy[int]:
    return st.one_of(
        st.integers(2, 60),
        st.integers(61, 10**6),
        st.integers(2**31 - 3, 2**31 + 50),
        st.sampled_from([1, 100, 1000, 10**9]),
    )


def _wide_ids() -> st.SearchStrategy[int]:
    return st.integers(2**32 + 1, 2**32 + 60) | st.sampled_from([2**53 + 1, 10**17])


def _id_for(parts: Parts) -> st.SearchStrategy[int]:
    # A chat beyond 32 bits of which an operator declares nothing is taken for absent.
    return _ids() if "outside" in parts else _ids() | _wide_ids()


def _parts() -> st.SearchStrategy[Parts]:
    lines = st.tuples(st.sampled_from(_LINES), st.sampled_from(_LINES))
    others: st.SearchStrategy[Parts] = st.sampled_from(
        [("in_other", "in_other"), ("in_other", "outside"), ("outside", "in_other")]
    )
    return st.one_of(lines, others)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Any world in which every clause finds the chats that it needs."""
    operator, colleague = draw(st.lists(st.integers(1, 5000), min_size=2, max_size=2, unique=True))
    parts = [*_NEEDED, *draw(st.lists(_parts(), max_size=8))]
    chats: dict[int, Parts] = {}
    for each in parts:
        chats[draw(_id_for(each).filter(lambda chat: chat not in chats))] = each
    absent = (_ids() | _wide_ids()).filter(lambda chat: chat not in chats)
    options = st.sampled_from(["colleague", "oauth", "without_scope", "expired"])
    return World(
        operator,
        colleague,
        tuple(chats.items()),
        tuple(draw(st.lists(absent, min_size=1, max_size=2, unique=True))),
        draw(st.frozensets(options)),
        draw(st.sampled_from([*["new"] * 5, *get_args(Rung)])),
    )
