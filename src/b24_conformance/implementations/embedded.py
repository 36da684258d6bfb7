"""Implementations over the reference portal and its kin: served, in process, or mocked."""

from __future__ import annotations

from b24_conformance import reference
from b24_conformance.config import checked_rung
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.building import OAUTH, Asked, build
from b24_conformance.implementations.http import ServedTransport
from b24_conformance.implementations.inprocess import Answer, InProcessTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.mock import MockTransport
from b24_conformance.implementations.portal import PortalImplementation

_NOWHERE = "https://example.bitrix24.com"


def served(name: str, answer: reference.Portal | Answer, asked: Asked) -> PortalImplementation:
    """A portal with the reference portal's chats, over real HTTP on loopback."""
    server = reference.Server(answer)
    server.open()
    transport = ServedTransport(server.address, server.close, timeout=asked.timeout)
    return stand_in(name, transport, server.address, asked)


def in_process(name: str, answer: Answer, asked: Asked) -> PortalImplementation:
    """A portal with the reference portal's chats, called without a socket."""
    return stand_in(name, InProcessTransport(answer), _NOWHERE, asked)


def mocked(asked: Asked) -> PortalImplementation:
    """The fake behind the `responses` library."""
    return stand_in("mock", MockTransport(), _NOWHERE, asked)


def stand_in(name: str, transport: Transport, address: str, asked: Asked) -> PortalImplementation:
    """Any portal in the reference portal's default state, as its declarations describe it."""
    state = reference.default_state()
    hooks = reference.webhooks(address, state)
    people, operators = {}, {}
    for operator, user_id in (("operator", 1), ("colleague", 2)):
        lists = {kind: tuple(ids) for kind, ids in reference.DECLARATIONS[operator].items()}
        people[operator] = Person(user_id, Chats(**lists), ("webhook", *OAUTH))
        token = state.users[user_id].access_token
        operators[operator] = Keys(Webhook.parse(hooks[user_id]), token)
    keyring = Keyring(
        "/rest/",
        operators,
        Webhook.parse(hooks[9]),
        state.users[1].expired_token,
        asked.seed,
    )
    declaration = Declaration(
        name,
        address=address,
        stand_in=True,
        rung=checked_rung(asked.joins or "new"),
        people=people,
        identities=("without_scope", "expired"),
    )
    return build(declaration, transport, keyring, asked)
