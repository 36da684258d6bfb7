"""How each declared chat looks to the doctor: the same looks as a run's, for all chats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.live.checkup_chats import Looked, of_chats
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.pace import Unlimited
from b24_conformance.reference import DECLARATIONS, Server, default_state, webhooks
from shown_portal import Shown

Look = Callable[..., list[Looked]]


@pytest.fixture
def look() -> Iterator[Look]:
    """Looks over real HTTP at chats that are declared for the operator."""
    with ExitStack() as stack:

        def looked(portal: Shown, chats: Chats, *, stand_in: bool = False) -> list[Looked]:
            server = stack.enter_context(Server(portal))
            hook = Webhook.parse(webhooks(server.address, default_state())[1])
            transport = stack.enter_context(closing(HttpTransport(server.address, timeout=5)))
            keyring = Keyring("/rest/", {"operator": Keys(hook)})
            client = ReadOnly(transport, keyring, pace=Unlimited())
            people = {"operator": Person(1, chats)}
            declaration = Declaration("x", stand_in=stand_in, people=people)
            return list(of_chats(declaration, {"operator": client}, {"operator": 1}))

        yield looked


class TestChecklist:
    """One line for each chat."""

    def test_sparing(self, look: Look) -> None:
        """All chats of an operator, on whatever rung, take two requests."""
        portal = Shown()
        lists = {kind: tuple(ids) for kind, ids in DECLARATIONS["operator"].items()}
        found = look(portal, Chats(**lists))
        assert (21, ["im.recent.list", "batch"]) == (len(found), portal.asked)

    def test_no_chats(self, look: Look) -> None:
        """Where no chat is declared nothing is asked."""
        portal = Shown()
        assert ([], []) == (look(portal, Chats()), portal.asked)

    @pytest.mark.parametrize("stand_in", [True, False])
    def test_unseen_joinable(self, look: Look, *, stand_in: bool) -> None:
        """A joinable chat that cannot wholly be seen counts as missing, but for a stand-in."""
        portal = Shown(lacks=["im.recent.list"])
        (found,) = look(portal, Chats(joinable=(2043,)), stand_in=stand_in)
        assert ("open", not stand_in) == (found.mark, found.contradicted)
        assert found.text.endswith("; not witnessed: whether it is offered")

    def test_unseen(self, look: Look) -> None:
        """Any other chat that cannot be seen is left open, and counts."""
        (found,) = look(Shown(), Chats(access_denied=(2050,)))
        assert ("open", False) == (found.mark, found.contradicted)
