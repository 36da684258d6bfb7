"""Clients that tell their caller something else than they were answered."""

from __future__ import annotations

from b24_conformance.clients.protocol import Answer, broken
from b24_conformance.mutants.callers.base import Caller, OAuthCaller, Reply, faulty


@faulty("client.success")
class SuccessIsLost(Caller):
    """Chokes on a bare boolean as a result."""

    def result(self, value: object, reply: Reply) -> Answer:
        return broken(f"TypeError: {type(value).__name__} is not iterable")


@faulty("client.success")
class SuccessIsRefused(Caller):
    """Reads a result that is no object as an unknown error."""

    def result(self, value: object, reply: Reply) -> Answer:
        return {"refused": "UNKNOWN_ERROR", "status": reply.status}


@faulty("client.codes")
class CodeIsLost(Caller):
    """Knows of a refusal nothing but its HTTP status."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return broken(f"HTTP error: {reply.status}")


@faulty("client.codes")
class OneCodeForAll(Caller):
    """Calls every refusal by one name."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"refused": "API_ERROR", "status": reply.status}


@faulty("client.codes")
class StatusForCode(Caller):
    """Has the HTTP status in the field of the code."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"refused": str(reply.status), "status": reply.status}


@faulty("client.codes")
class TypeIsAccess(Caller):
    """Takes a chat of another kind for one that may not be accessed."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        said = "ACCESS_DENIED" if code == "CHAT_TYPE" else code
        return {"refused": said, "status": reply.status}


@faulty("client.codes-exact")
class CodeInBody(Caller):
    """Leaves its caller to find the code in the body of the answer."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"refused": code, "via": "body", "status": reply.status}


@faulty("client.user-id")
class ThreeCodesOnly(Caller):
    """Knows three codes, and chokes on any other."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        if code == "USER_ID":
            return broken("KeyError in the table of known codes")
        return super().refusal(code, reply)


@faulty("client.plan-denied")
class StatusIsLost(Caller):
    """Hands on the code without the status, for which 400 stands everywhere."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"refused": code, "status": 400}


@faulty("client.no-secret")
class QuotesItsUrl(Caller):
    """Puts the whole URL into its errors."""

    def nonsense(self, reply: Reply) -> Answer:
        return broken(f"HTTP {reply.status} for http://portal{self.path('method')}")


@faulty("client.no-secret")
class QuotesItsToken(OAuthCaller):
    """Puts its parameters into its errors."""

    def lost(self, error: Exception) -> Answer:
        return broken(f"{error}; sent was auth={self.token}")


@faulty("refusal.chat-type")
class AlwaysJoined(Caller):
    """Takes any answer in JSON for a success."""

    def refusal(self, code: str, reply: Reply) -> Answer:
        return {"joined": True}
