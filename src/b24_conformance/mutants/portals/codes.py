"""Refusals with a wrong code: another case, a prefix, a near miss, one for another."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.dialogue import Decision
from b24_conformance.reference.php import Array, intval
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("code")


@faulty("refusal.closed-set")
class LowerCaseCodes(Portal):
    """Codes are written in lower case."""

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError(code.lower(), 400, "refused")


@faulty("refusal.closed-set")
class PrefixedCodes(Portal):
    """Codes begin with ERROR_."""

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError(f"ERROR_{code}", 400, "refused")


@faulty("refusal.closed-set")
class CodesWithSpace(Portal):
    """Codes end with a space."""

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError(f"{code} ", 400, "refused")


@faulty("refusal.closed-set")
class CodesWithHyphen(Portal):
    """Codes are written with a hyphen."""

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError(code.replace("_", "-"), 400, "refused")


@faulty("refusal.closed-set")
class TextAsCode(Portal):
    """The text stands where the code should be, and the code where the text should be."""

    def join_refusal(self, code: str) -> RefusedError:
        right = super().join_refusal(code)
        return RefusedError(right.text, 400, right.code)


class _Renamed(Portal):
    """Gives some codes another name."""

    renames: tuple[tuple[str, str], ...] = ()

    def join_refusal(self, code: str) -> RefusedError:
        return RefusedError(dict(self.renames).get(code, code), 400, "refused")


@faulty("refusal.chat-type")
class SwappedCodes(_Renamed):
    """CHAT_TYPE and ACCESS_DENIED are swapped."""

    renames = (("CHAT_TYPE", "ACCESS_DENIED"), ("ACCESS_DENIED", "CHAT_TYPE"))


@faulty("refusal.chat-type")
class TypeAsDenied(_Renamed):
    """A chat that is no open line is refused with ACCESS_DENIED."""

    renames = (("CHAT_TYPE", "ACCESS_DENIED"),)


@faulty("refusal.chat-type")
class TypeAsId(_Renamed):
    """A chat that is no open line is refused with CHAT_ID."""

    renames = (("CHAT_TYPE", "CHAT_ID"),)


@faulty("refusal.access-denied")
class DeniedAsType(_Renamed):
    """A forbidden chat is refused with CHAT_TYPE."""

    renames = (("ACCESS_DENIED", "CHAT_TYPE"),)


@faulty("refusal.access-denied")
class DeniedAsId(_Renamed):
    """A forbidden chat is refused with CHAT_ID, as if it did not exist."""

    renames = (("ACCESS_DENIED", "CHAT_ID"),)


@faulty("refusal.access-denied")
class DeniedAsError(_Renamed):
    """A forbidden chat is refused with ACCESS_ERROR, the code of the sibling methods."""

    renames = (("ACCESS_DENIED", "ACCESS_ERROR"),)


@faulty("refusal.zero")
class IdAsUser(_Renamed):
    """CHAT_ID is refused with USER_ID."""

    renames = (("CHAT_ID", "USER_ID"),)


@faulty("refusal.zero")
class OnlyDenied(_Renamed):
    """One code for all: ACCESS_DENIED."""

    renames = (("CHAT_ID", "ACCESS_DENIED"), ("CHAT_TYPE", "ACCESS_DENIED"))


@faulty("refusal.chat-type")
class OnlyId(_Renamed):
    """One code for all: CHAT_ID."""

    renames = (("ACCESS_DENIED", "CHAT_ID"), ("CHAT_TYPE", "CHAT_ID"))


@faulty("refusal.zero")
class OnlyType(_Renamed):
    """One code for all: CHAT_TYPE."""

    renames = (("ACCESS_DENIED", "CHAT_TYPE"), ("CHAT_ID", "CHAT_TYPE"))


class _ForValue(Portal):
    """Refuses some values of CHAT_ID with a code of its own."""

    def read_chat_id(self, parameters: Array) -> int:
        code = self.code_for(parameters)
        if code is not None:
            raise RefusedError(code, 400, "refused")
        return super().read_chat_id(parameters)

    def code_for(self, parameters: Array) -> str | None:
        """The code, or None where this value is refused or joined as it should be."""
        raise NotImplementedError


@faulty("refusal.missing")
class MissingAsArgument(_ForValue):
    """A missing CHAT_ID is refused with ERROR_ARGUMENT."""

    def code_for(self, parameters: Array) -> str | None:
        return None if "CHAT_ID" in parameters else "ERROR_ARGUMENT"


@faulty("refusal.empty")
class EmptyAsOwnCode(_ForValue):
    """An empty CHAT_ID is refused with CHAT_ID_EMPTY, the code of im.chat.leave."""

    def code_for(self, parameters: Array) -> str | None:
        return "CHAT_ID_EMPTY" if parameters.get("CHAT_ID") == "" else None


@faulty("refusal.text")
class TextAsCore(_ForValue):
    """Text is refused with ERROR_CORE."""

    def code_for(self, parameters: Array) -> str | None:
        value = parameters.get("CHAT_ID")
        return "ERROR_CORE" if isinstance(value, str) and value.isalpha() else None


@faulty("refusal.negative")
class NegativeAsDenied(_ForValue):
    """A negative CHAT_ID is refused with ACCESS_DENIED."""

    def code_for(self, parameters: Array) -> str | None:
        return "ACCESS_DENIED" if intval(parameters.get("CHAT_ID")) < 0 else None


@faulty("refusal.negative")
class FarNegativeAsType(_ForValue):
    """A negative CHAT_ID beyond -1000 is refused with CHAT_TYPE."""

    def code_for(self, parameters: Array) -> str | None:
        return "CHAT_TYPE" if intval(parameters.get("CHAT_ID")) < -1000 else None


@faulty("refusal.text")
class LongTextAsType(_ForValue):
    """Text of more than five characters is refused with CHAT_TYPE."""

    def code_for(self, parameters: Array) -> str | None:
        value = parameters.get("CHAT_ID")
        long = isinstance(value, str) and len(value) > 5 and intval(value) == 0
        return "CHAT_TYPE" if long else None


@faulty("php.booleans")
class NullAsUser(_ForValue):
    """CHAT_ID null is refused with USER_ID."""

    def code_for(self, parameters: Array) -> str | None:
        null = "CHAT_ID" in parameters and parameters["CHAT_ID"] is None
        return "USER_ID" if null else None


class _ForChat(Portal):
    """Decides wrongly about some chats."""

    def decide(self, user_id: int, chat_id: int) -> Decision:
        return self.wrongly(user_id, chat_id) or super().decide(user_id, chat_id)

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        """The wrong decision, or None where this chat is decided upon as it should be."""
        raise NotImplementedError


@faulty("refusal.absent")
class AbsentAsType(_ForChat):
    """A chat that does not exist is refused with CHAT_TYPE: it is no open line."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        return Decision.CHAT_TYPE if chat_id > 0 and not self.exists(chat_id) else None


@faulty("refusal.absent-chat-id")
class AbsentAsDenied(_ForChat):
    """A chat that does not exist is refused with ACCESS_DENIED."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        return Decision.ACCESS_DENIED if chat_id > 0 and not self.exists(chat_id) else None


@faulty("refusal.absent-chat-id")
class WideAbsentAsDenied(_ForChat):
    """A chat that does not exist is refused with ACCESS_DENIED where its id is beyond 32 bits."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        wide = chat_id > 2**32 and not self.exists(chat_id)
        return Decision.ACCESS_DENIED if wide else None


@faulty("refusal.chat-type")
class ChannelAsDenied(_ForChat):
    """A channel, alone of the other kinds of chats, is refused with ACCESS_DENIED."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        chat = self.state.chats.get(chat_id)
        return Decision.ACCESS_DENIED if chat is not None and chat.kind == "channel" else None


@faulty("refusal.chat-type")
class PrivateAsAbsent(_ForChat):
    """A private chat, alone of the other kinds of chats, is refused with CHAT_ID."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        chat = self.state.chats.get(chat_id)
        return Decision.CHAT_ID if chat is not None and chat.kind == "private" else None


@faulty("refusal.access-denied")
class OccupiedAsType(_ForChat):
    """A forbidden chat in which somebody else takes part is refused with CHAT_TYPE."""

    def wrongly(self, user_id: int, chat_id: int) -> Decision | None:
        right = Portal.decide(self, user_id, chat_id)
        denied = right is Decision.ACCESS_DENIED and bool(self.members(chat_id))
        return Decision.CHAT_TYPE if denied else None
