"""Checks that are left out, or made in another order."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Incoming
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Method

faulty = of_kind("order of checks")


@faulty("precedence.type-over-access")
class AccessBeforeType(Portal):
    """A stranger's rights are checked before the chat's type."""

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        if self.exists(chat_id) and not self.may_join(user_id, chat_id):
            return Decision.ACCESS_DENIED
        return super().decide_for_stranger(user_id, chat_id)


@faulty("precedence.foreign-chat")
class ForeignChatHidden(Portal):
    """A chat of another kind is refused with CHAT_ID for whoever is not in it."""

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        if not self.is_open_line(chat_id):
            return Decision.CHAT_ID
        return super().decide_for_stranger(user_id, chat_id)


@faulty("precedence.foreign-chat")
class ForeignChatJoined(Portal):
    """The type is checked for members only: strangers join a chat of another kind."""

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        if self.exists(chat_id) and not self.is_open_line(chat_id):
            return Decision.ALLOWED
        return super().decide_for_stranger(user_id, chat_id)


@faulty("refusal.chat-type")
class MemberBeforeType(Portal):
    """A member gets success before the chat's type is looked at."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        if self.is_member(user_id, chat_id):
            return Decision.MEMBER
        return super().decide(user_id, chat_id)


@faulty("success.joinable")
class OfferIgnored(Portal):
    """What the queue has offered does not count."""

    def is_offered(self, user_id: int, chat_id: int) -> bool:
        return False


@faulty("refusal.access-denied")
class OfferForAll(Portal):
    """What the queue has offered to one operator is open to all."""

    def is_offered(self, user_id: int, chat_id: int) -> bool:
        chat = self.state.chats.get(chat_id)
        return chat is not None and bool(chat.offered_to)


@faulty("success.member")
class MembershipIgnored(Portal):
    """A member without the right to join is refused with ACCESS_DENIED."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        barred = right is Decision.MEMBER and not self.may_join(user_id, chat_id)
        declared = chat_id in self.state.chats and user_id in self.state.chats[chat_id].members
        return Decision.ACCESS_DENIED if barred and declared else right


@faulty("refusal.access-denied")
class RightsUnchecked(Portal):
    """Anybody may join any open line's chat."""

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return self.is_open_line(chat_id)


@faulty("refusal.access-denied")
class RightsOfAnyone(Portal):
    """Whoever may join some other chat may join this one."""

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return any(user_id in chat.may_join for chat in self.state.chats.values())


@faulty("refusal.access-denied")
class ColleagueInside(Portal):
    """A chat opens to all as soon as somebody takes part in it."""

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return super().may_join(user_id, chat_id) or bool(self.members(chat_id))


@faulty("success.joinable")
class RightsForgotten(Portal):
    """Only members and those whom the queue chose get in."""

    def may_join(self, user_id: int, chat_id: int) -> bool:
        return False


@faulty("refusal.absent-never-joined")
class ExistenceUnchecked(Portal):
    """Whatever id is above zero is joined: no look whether there is such a chat."""

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        if not self.exists(chat_id):
            return Decision.ALLOWED
        return super().decide_for_stranger(user_id, chat_id)


@faulty("refusal.absent-never-joined")
class WideIdsUnchecked(Portal):
    """A chat that does not exist is joined where its id is beyond 32 bits."""

    def decide_for_stranger(self, user_id: int, chat_id: int) -> Decision:
        if chat_id > 2**32 and not self.exists(chat_id):
            return Decision.ALLOWED
        return super().decide_for_stranger(user_id, chat_id)


@faulty("refusal.zero")
class ZeroJoined(Portal):
    """Chat 0 is joined: only negative ids are refused."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ALLOWED if chat_id == 0 else super().decide(user_id, chat_id)


@faulty("refusal.zero")
class ZeroDenied(Portal):
    """Access is checked before the id: chat 0 is refused with ACCESS_DENIED."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ACCESS_DENIED if chat_id == 0 else super().decide(user_id, chat_id)


@faulty("refusal.negative")
class NegativeJoined(Portal):
    """Negative ids are joined: only 0 is refused."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ALLOWED if chat_id < 0 else super().decide(user_id, chat_id)


@faulty("refusal.negative")
class FarNegativeJoined(Portal):
    """Negative ids below -1000 are joined."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ALLOWED if chat_id < -1000 else super().decide(user_id, chat_id)


@faulty("precedence.credentials")
class ChatBeforeCredentials(Portal):
    """CHAT_ID is checked before the credentials are."""

    def authenticate(self, incoming: Incoming) -> Account:
        joining = incoming.method.lower() == "imopenlines.session.join"
        if joining and self.read_chat_id(incoming.parameters) <= 0:
            raise self.join_refusal("CHAT_ID")
        return super().authenticate(incoming)


@faulty("precedence.credentials")
class ChatBeforeScope(Portal):
    """CHAT_ID is checked after the credentials, but before the scope."""

    def authenticate(self, incoming: Incoming) -> Account:
        account = super().authenticate(incoming)
        joining = incoming.method.lower() == "imopenlines.session.join"
        if joining and self.read_chat_id(incoming.parameters) <= 0:
            raise self.join_refusal("CHAT_ID")
        return account


@faulty("credentials.codes")
class ScopeBeforeSecret(Portal):
    """Whoever lacks the scope is told so, whatever his secret is."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        user = self.find_user(incoming.webhook[0]) if incoming.webhook else None
        if user is not None:
            self.check_scope(Account(user, webhook=True), "imopenlines")
        return super().authenticate_webhook(incoming)


@faulty("precedence.method")
class CredentialsBeforeMethod(Portal):
    """The credentials are checked before it is looked whether there is such a method."""

    def find_method(self, name: str) -> Method:
        return self.methods.get(name.lower()) or Method("", self.unknown)

    def unknown(self, _call: Call) -> Value:
        raise RefusedError("ERROR_METHOD_NOT_FOUND")


@faulty("precedence.method")
class UnknownMethodBad(Portal):
    """An unknown method is refused with HTTP 400."""

    def find_method(self, name: str) -> Method:
        try:
            return super().find_method(name)
        except RefusedError as refused:
            raise RefusedError(refused.code, 400, refused.text) from None


@faulty("success.joinable")
class NothingJoined(Portal):
    """Every join is refused with ACCESS_DENIED."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        right = super().decide(user_id, chat_id)
        return Decision.ACCESS_DENIED if right.joins else right


@faulty("refusal.zero")
class EverythingJoined(Portal):
    """Every call is a success."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return Decision.ALLOWED


@faulty("refusal.access-denied")
class SystemCodeForStrangers(Portal):
    """A forbidden chat is refused with the system's insufficient_scope and HTTP 401."""

    def join_refusal(self, code: str) -> RefusedError:
        if code == "ACCESS_DENIED":
            return RefusedError("insufficient_scope", 401, "refused")
        return super().join_refusal(code)
