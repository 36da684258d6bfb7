"""Joins that reach too far: other users, other chats, later calls."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value

faulty = of_kind("state")


class _EveryNth(Portal):
    """Counts the joins that it decides upon."""

    asked = 0
    every = 7

    def decide(self, user_id: int, chat_id: int) -> Decision:
        self.asked += 1
        right = super().decide(user_id, chat_id)
        return self.nth(right) if self.asked % self.every == 0 else right

    def nth(self, right: Decision) -> Decision:
        """The decision in an unlucky case."""
        raise NotImplementedError


@faulty("consistency.same-answer")
class EverySeventhDenied(_EveryNth):
    """Every seventh join is refused with ACCESS_DENIED."""

    def nth(self, right: Decision) -> Decision:
        return Decision.ACCESS_DENIED


@faulty("consistency.same-answer")
class EveryEleventhJoined(_EveryNth):
    """Every eleventh join is a success."""

    every = 11

    def nth(self, right: Decision) -> Decision:
        return Decision.ALLOWED


@faulty("consistency.same-answer")
class TiresAfterHundred(_EveryNth):
    """From the hundredth join on, all are refused with ACCESS_DENIED."""

    every = 1

    def nth(self, right: Decision) -> Decision:
        return right if self.asked < 100 else Decision.ACCESS_DENIED


@faulty("state.join-is-own")
class ColleagueJoinsToo(Portal):
    """A join puts the next user into the chat, too."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(user_id, chat_id)
        super().apply_join(user_id + 1, chat_id)


@faulty("state.join-is-own")
class JoinThrowsOut(Portal):
    """A join throws everybody else out."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        for other in self.members(chat_id) - {user_id}:
            self.apply_leave(other, chat_id)
        super().apply_join(user_id, chat_id)


@faulty("success.member")
class OneChatAtATime(Portal):
    """A join leaves all other open lines' chats."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        for other in self.state.chats:
            if other != chat_id and self.is_open_line(other):
                self.apply_leave(user_id, other)
        super().apply_join(user_id, chat_id)


@faulty("refusal.access-denied")
class NeighbourJoinsToo(Portal):
    """A join lets the operator into the chats with the ids around it, too."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(user_id, chat_id)
        for near in range(chat_id - 6, chat_id + 7):
            if near in self.state.chats and self.is_open_line(near):
                super().apply_join(user_id, near)


@faulty("state.colleague-unaffected")
class JoinOpensChat(Portal):
    """One operator's join opens the chat for all."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: set[int] = set()

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return chat_id in self._opened or super().may_join(user_id, chat_id)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        self._opened.add(chat_id)
        super().apply_join(user_id, chat_id)


@faulty("state.colleague-unaffected")
class AnswerPerChat(Portal):
    """A success is remembered by chat, and not by user."""

    def __init__(self) -> None:
        super().__init__()
        self._joined: set[int] = set()

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        if chat_id in self._joined:
            return True
        answer = super().session_join(call)
        self._joined.add(chat_id)
        return answer


@faulty("success.joinable")
class RefusalPerChat(Portal):
    """A refusal is remembered by chat, and not by user."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: set[int] = set()

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        if chat_id in self._refused or right is Decision.ACCESS_DENIED:
            self._refused.add(chat_id)
            return Decision.ACCESS_DENIED
        return right


@faulty("refusal.access-denied")
class RightsPerUser(Portal):
    """Whoever was let into one chat is let into all open lines' chats from then on."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[int] = set()

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return user_id in self._known or super().may_join(user_id, chat_id)

    def apply_join(self, user_id: int, chat_id: int) -> None:
        self._known.add(user_id)
        super().apply_join(user_id, chat_id)
