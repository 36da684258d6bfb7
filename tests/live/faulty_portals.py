"""Portals of which a live run should be wary: they join whom they should refuse, or change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from b24_conformance.reference import Request, Response
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.reading import Incoming
from b24_conformance.reference.state import Chat, State
from shown_portal import Shown

JOINED, LEFT = "joined", "left"


class Open(Shown):
    """Joins whoever asks for one of `chats`, by one door only if `only` says which.

    `log` tells who really joined where and who left.
    """

    def __init__(
        self, *chats: int, only: str = "", state: State | None = None, **more: Any
    ) -> None:
        self.open = chats
        self.only = only
        self.log: list[tuple[str, int, int]] = []
        self.in_batch = False
        super().__init__(state, **more)

    def batch(self, call: Call) -> Any:
        self.in_batch = True
        try:
            return super().batch(call)
        finally:
            self.in_batch = False

    def decide(self, user_id: int, chat_id: int) -> Decision:
        door = "batch" if self.in_batch else "alone"
        if chat_id in self.open and self.only in ("", door):
            return Decision.ALLOWED
        return super().decide(user_id, chat_id)

    def may_see(self, user_id: int, chat_id: int) -> bool:
        inside = self.is_member(user_id, chat_id)
        return inside if chat_id in self.open else super().may_see(user_id, chat_id)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if not self.is_member(user_id, chat_id):
            self.log.append((JOINED, user_id, chat_id))
        super().apply_join(user_id, chat_id)

    def apply_leave(self, user_id: int, chat_id: int) -> None:
        self.log.append((LEFT, user_id, chat_id))
        super().apply_leave(user_id, chat_id)


class AnySecret(Open):
    """Takes any secret for the operator's."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        known = incoming.webhook is not None
        return Account(self.state.users[1], webhook=True) if known else None

    def decide(self, user_id: int, chat_id: int) -> Decision:
        """Every chat is as it should be, but 0 stands for the one that was opened last."""
        return Decision.MEMBER if chat_id == 0 and self.wrong else super().decide(user_id, chat_id)

    wrong = False

    def answer(self, request: Request) -> Response:
        own = str(self.state.users[1].webhook_secret)
        self.wrong = f"/{own}/" not in request.target and "/rest/1/" in request.target
        return super().answer(request)


class Changing(Open):
    """Changes once a request has come for which `when` holds: `change` is then made."""

    def __init__(
        self,
        when: Callable[[Request], bool],
        change: Callable[[Changing], None],
        **more: Any,
    ) -> None:
        self.when = when
        self.change = change
        self.changed = False
        super().__init__(**more)

    def answer(self, request: Request) -> Response:
        response = super().answer(request)
        if not self.changed and self.when(request):
            self.changed = True
            self.change(self)
        return response


def line(
    number: int, *members: int, may_join: Collection[int] = (), offered: Collection[int] = ()
) -> Chat:
    """A chat of an open line, with its customer."""
    inside = frozenset({100, *members})
    return Chat(number, "open_line", inside, frozenset(may_join), frozenset(offered))
