"""Joining an open line's chat: the vendor's order of checks, and what a join changes."""

from __future__ import annotations

import enum
from collections.abc import Callable

from b24_conformance.reference import php
from b24_conformance.reference.php import Array
from b24_conformance.reference.site import Site
from b24_conformance.reference.state import State


class Decision(enum.Enum):
    """What becomes of a join; the value of a refusal is its code."""

    MEMBER = "member"
    OFFERED = "offered"
    ALLOWED = "allowed"
    CHAT_ID = "CHAT_ID"
    USER_ID = "USER_ID"
    CHAT_TYPE = "CHAT_TYPE"
    ACCESS_DENIED = "ACCESS_DENIED"

    @property
    def joins(self) -> bool:
        """Tell whether the caller is let in."""
        return self in (Decision.MEMBER, Decision.OFFERED, Decision.ALLOWED)


class Dialogue(Site):
    """Decides on joins as operator.php does; each step can be overridden."""

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        super().__init__(state, clock)
        self._members: dict[int, set[int]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all joins: the declared members are in the chats again."""
        with self.lock:
            self._members = {chat.id: set(chat.members) for chat in self.state.chats.values()}

    def members(self, chat_id: int) -> frozenset[int]:
        """Return who is in a chat now."""
        with self.lock:
            return frozenset(self._members.get(chat_id, ()))

    def read_chat_id(self, parameters: Array) -> int:
        """Cast CHAT_ID; the handler leaves the case of keys alone (rest.php sessionJoin)."""
        return php.intval(parameters.get("CHAT_ID"))

    def decide(self, user_id: int, chat_id: int) -> Decision:
        """Check as joinSession and checkAccess do (operator.php), in their order."""
        if chat_id <= 0:
            return Decision.CHAT_ID
        if user_id <= 0:
            return Decision.USER_ID
        if self.is_member(user_id, chat_id):
            return Decision.MEMBER if self.is_open_line(chat_id) else Decision.CHAT_TYPE
        # The offer is looked up before the chat itself, and the chat's type is not checked then.
        if self.is_offered(user_id, chat_id):
            return Decision.OFFERED
        return self.decide_for_stranger(user_id, chat_id)

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        """Check the join of someone who is neither a member nor was offered the chat."""
        if not self.exists(chat_id):
            return Decision.CHAT_ID
        if not self.is_open_line(chat_id):
            return Decision.CHAT_TYPE
        if not self.may_join(user_id, chat_id):
            return Decision.ACCESS_DENIED
        return Decision.ALLOWED

    def exists(self, chat_id: int) -> bool:
        """Tell whether there is such a chat."""
        return chat_id in self.state.chats

    def is_open_line(self, chat_id: int) -> bool:
        """Tell whether the chat belongs to an open line."""
        chat = self.state.chats.get(chat_id)
        return chat is not None and chat.open_line

    def is_member(self, user_id: int, chat_id: int) -> bool:
        """Tell whether the user is in the chat."""
        return user_id in self._members.get(chat_id, ())

    def is_offered(self, user_id: int, chat_id: int) -> bool:
        """Tell whether the line's queue has offered the chat to the user."""
        chat = self.state.chats.get(chat_id)
        return chat is not None and user_id in chat.offered_to

    def may_join(self, user_id: int, chat_id: int) -> bool:
        """Tell what Config::canJoin would answer."""
        chat = self.state.chats.get(chat_id)
        return chat is not None and user_id in chat.may_join

    def may_see(self, user_id: int, chat_id: int) -> bool:
        """Tell whether the helpers show the chat to the user."""
        return (
            self.is_member(user_id, chat_id)
            or self.is_offered(user_id, chat_id)
            or self.may_join(user_id, chat_id)
        )

    def apply_join(self, user_id: int, chat_id: int) -> None:
        """Put the user into the chat; a second time changes nothing."""
        with self.lock:
            self._members.setdefault(chat_id, set()).add(user_id)

    def apply_leave(self, user_id: int, chat_id: int) -> None:
        """Take the user out of the chat."""
        with self.lock:
            self._members.get(chat_id, set()).discard(user_id)
