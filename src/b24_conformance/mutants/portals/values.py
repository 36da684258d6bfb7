"""Success that is not exactly boolean true."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value

faulty = of_kind("value")


class _Instead(Portal):
    """Answers a join with another value."""

    def session_join(self, call: Call) -> Value:
        chat_id = self.read_chat_id(call.parameters)
        before = self.is_member(call.user_id, chat_id)
        super().session_join(call)
        return self.instead(call.user_id, chat_id, before)

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        """The value, for this user and chat, and whether he was in it before."""
        raise NotImplementedError


@faulty("success.exactly-true")
class TrueAsText(_Instead):
    """Success is the text "true"."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return "true"


@faulty("success.exactly-true")
class TrueAsOne(_Instead):
    """Success is the number 1."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return 1


@faulty("success.exactly-true")
class TrueAsLetter(_Instead):
    """Success is "Y", as in many older methods of the vendor."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return "Y"


@faulty("success.exactly-true")
class TrueInList(_Instead):
    """Success is a list with true in it."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return [True]


@faulty("success.exactly-true")
class TrueInObject(_Instead):
    """Success is an object {"result": true}."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return {"result": True}


@faulty("success.exactly-true")
class TrueAsNull(_Instead):
    """Success is null: the handler forgot to return."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return None


@faulty("success.exactly-true")
class TrueAsEmptyList(_Instead):
    """Success is an empty list, PHP's empty array."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return []


@faulty("success.exactly-true")
class TrueAsChatId(_Instead):
    """Success is the id of the chat."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return chat_id


@faulty("success.exactly-true")
class FalseForMembers(_Instead):
    """Whoever is in the chat already gets false: nothing was changed."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return not before


@faulty("success.exactly-true")
class TextForLaterJoins(_Instead):
    """From the fourth success on, success is the text "true"."""

    successes = 0

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        self.successes += 1
        return True if self.successes < 4 else "true"


@faulty("success.exactly-true")
class TextForWideIds(_Instead):
    """Success is the text "true" for chats whose id is beyond 31 bits."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return "true" if chat_id >= 2**31 else True


@faulty("success.exactly-true")
class NumberForColleague(_Instead):
    """Success is 1 for every user but the first."""

    def instead(self, user_id: int, chat_id: int, before: bool) -> Value:
        return True if user_id == 1 else 1
