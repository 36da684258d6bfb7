"""Power with few chats: one of each kind and a webhook are all that many users declare."""

from __future__ import annotations

import msgspec
import pytest

from b24_conformance.contract import load_contract
from b24_conformance.declaration import CHAT_KINDS, Chats, Declaration
from b24_conformance.events import Event, Judged
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.embedded import in_process
from b24_conformance.mutants.gallery import portal
from b24_conformance.options import Options
from b24_conformance.reference import Portal
from b24_conformance.run import examine


def narrowed(declaration: Declaration) -> Declaration:
    """One chat of each kind, one operator and his webhook."""
    own = declaration.operator
    chats = Chats(**{kind: own.chats.of(kind)[:1] for kind in CHAT_KINDS})
    alone = msgspec.structs.replace(own, chats=chats, places=("webhook",))
    return msgspec.structs.replace(declaration, people={"operator": alone}, identities=())


def reds(name: str) -> list[str]:
    """The clauses that are red for a faulty portal."""
    found: list[str] = []

    def sink(event: Event) -> None:
        if isinstance(event, Judged) and event.status == "failed":
            found.append(event.clause)

    made = portal(name).make()
    answer = made.answer if isinstance(made, Portal) else made
    with in_process(name, answer, Asked(seed=0)) as implementation:
        implementation.declaration = narrowed(implementation.declaration)
        examine(implementation, load_contract(), Options(shrink=False), sink)
    return found


class TestFewChats:
    """Faults that need a chat of their own to be seen are seen with a single one."""

    @pytest.mark.parametrize("name", ["strangers-stored", "not-stored", "refused-is-stored"])
    def test_named(self, name: str) -> None:
        """The clause that names the fault is red."""
        assert portal(name).clause in reds(name)
