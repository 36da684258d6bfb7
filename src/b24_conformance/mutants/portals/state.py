"""What a join changes: too little, too much, or only sometimes."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value

faulty = of_kind("state")


@faulty("success.participant")
class NotStored(Portal):
    """A join is not stored."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        return None


@faulty("success.participant")
class StoredAtSecond(Portal):
    """Only a second join of the same chat is stored."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[tuple[int, int]] = set()

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if (user_id, chat_id) in self._asked:
            super().apply_join(user_id, chat_id)
        self._asked.add((user_id, chat_id))


@faulty("success.participant")
class StoredElsewhere(Portal):
    """A join is stored in the next chat."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(user_id, chat_id + 1)


@faulty("success.participant")
class StoredForAnother(Portal):
    """A join is stored for another user."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        super().apply_join(user_id + 2, chat_id)


@faulty("success.participant")
class JoinLeaves(Portal):
    """A second join leaves the chat again."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if self.is_member(user_id, chat_id):
            self.apply_leave(user_id, chat_id)
        else:
            super().apply_join(user_id, chat_id)


@faulty("success.participant")
class WideNotStored(Portal):
    """A join of a chat whose id is beyond 32 bits is not stored."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if chat_id < 2**32:
            super().apply_join(user_id, chat_id)


@faulty("success.participant")
class ColleagueNotStored(Portal):
    """A join of any user but the first is not stored."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if user_id == 1:
            super().apply_join(user_id, chat_id)


@faulty("state.once")
class JoinedTwice(Portal):
    """Whoever joins a chat in which he is already is listed twice from then on."""

    def __init__(self) -> None:
        super().__init__()
        self._again: set[tuple[int, int]] = set()

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if self.is_member(user_id, chat_id):
            self._again.add((user_id, chat_id))
        super().apply_join(user_id, chat_id)

    def chat_user_list(self, call: Call) -> Value:
        listed, chat_id = super().chat_user_list(call), self.required_chat_id(call)
        assert isinstance(listed, list)
        return [*listed, *(user for user in listed if (user, chat_id) in self._again)]


class _Withheld(Portal):
    """Decides before anything is stored, and keeps refusing what was refused."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[int, int], Decision] = {}

    def decide(self, user_id: int, chat_id: int) -> Decision:
        kept = self.held.get((user_id, chat_id))
        return kept or super().decide(user_id, chat_id)


@faulty("state.refusal-changes-nothing")
class RefusedIsStored(_Withheld):
    """A refused operator takes part all the same, though each answer is the refusal."""

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        decision = self.decide(call.user_id, chat_id)
        if decision is Decision.ACCESS_DENIED:
            self.held[call.user_id, chat_id] = decision
            self.apply_join(call.user_id, chat_id)
        return super().session_join(call)


@faulty("state.refusal-changes-nothing")
class RefusedIsThrownOut(_Withheld):
    """Whoever asks to join a chat that is no open line is thrown out of it."""

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        decision = self.decide(call.user_id, chat_id)
        if decision is Decision.CHAT_TYPE:
            self.held[call.user_id, chat_id] = decision
            self.apply_leave(call.user_id, chat_id)
        return super().session_join(call)


@faulty("state.refusal-changes-nothing")
class StoredBeforeCheck(Portal):
    """The join is stored before the rights are checked, so that a second one succeeds."""

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        decision = self.decide(call.user_id, chat_id)
        if decision is not Decision.ACCESS_DENIED:
            return super().session_join(call)
        self.apply_join(call.user_id, chat_id)
        raise self.join_refusal(decision.value)


@faulty("success.member")
class SecondJoinRefused(Portal):
    """Whoever is in the chat already is refused."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        return Decision.ACCESS_DENIED if right is Decision.MEMBER else right


@faulty("consistency.same-answer")
class SecondRefusalJoins(Portal):
    """The second time a refused chat is joined: persistence pays."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: set[tuple[int, int]] = set()

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        if right is Decision.ACCESS_DENIED:
            if (user_id, chat_id) in self._refused:
                return Decision.ALLOWED
            self._refused.add((user_id, chat_id))
        return right


@faulty("consistency.same-answer")
class SecondRefusalDiffers(Portal):
    """The second time a chat of another kind is refused with ACCESS_DENIED."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: set[int] = set()

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        if right is Decision.CHAT_TYPE:
            if chat_id in self._refused:
                return Decision.ACCESS_DENIED
            self._refused.add(chat_id)
        return right


class _TypeStored(Portal):
    """Whoever is refused with CHAT_TYPE is a member of that chat from then on."""

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        refused = self.decide(call.user_id, chat_id) is Decision.CHAT_TYPE
        if refused and self.stores(call.user_id):
            self.apply_join(call.user_id, chat_id)
        return super().session_join(call)

    def stores(self, user_id: int) -> bool:
        """Whether that befalls this user."""
        raise NotImplementedError


@faulty("state.refusal-changes-nothing")
class FirstTypeStored(_TypeStored):
    """The first user becomes a member of a chat of another kind by asking for it."""

    def stores(self, user_id: int) -> bool:
        return user_id == 1


@faulty("state.refusal-changes-nothing")
class ColleagueTypeStored(_TypeStored):
    """Any user but the first becomes a member of a chat of another kind by asking for it."""

    def stores(self, user_id: int) -> bool:
        return user_id != 1


class _ForMembersOnly(Portal):
    """Shows the participants to members only, which a portal may do."""

    def may_see(self, user_id: int, chat_id: int) -> bool:
        return self.is_member(user_id, chat_id)


@faulty("state.join-is-own")
class HiddenJoinThrowsOut(_ForMembersOnly):
    """A first join throws out everybody else, whom nobody but members could see."""

    def apply_join(self, user_id: int, chat_id: int) -> None:
        if not self.is_member(user_id, chat_id):
            for other in self.members(chat_id):
                self.apply_leave(other, chat_id)
        super().apply_join(user_id, chat_id)


class _Counting(Portal):
    """Counts the calls."""

    calls = 0

    def answer_with_body(self, request: Request) -> Response:
        self.calls += 1
        return super().answer_with_body(request)


@faulty("success.participant")
class UntouchedFade(_Counting):
    """From the two hundredth call on, chats that nobody has joined since are shown empty."""

    def members(self, chat_id: int) -> frozenset[int]:
        kept, chat = super().members(chat_id), self.state.chats.get(chat_id)
        untouched = chat is not None and kept == chat.members
        return frozenset() if untouched and self.calls > 200 else kept
