"""Credentials that are checked at most doors, and not at all of them."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.access import Lenient
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.reading import Incoming, Route
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("access")


@faulty("credentials.wrong-secret")
class SecretAtTheEnd(Lenient):
    """A secret with something in front of it will do."""

    def alike(self, shown: str, secret: str) -> bool:
        return shown.endswith(secret)


class _Door(Portal):
    """Lets everybody in who comes by one door."""

    _open = False

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        self._open = self.is_open(request)
        return super().answer_rest(request, route, started)

    def is_open(self, request: Request) -> bool:
        """Whether nothing is checked of this request."""
        raise NotImplementedError


class _OpenToStrangers(_Door):
    """Does not check secrets at one door."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        user = self.find_user(incoming.webhook[0]) if incoming.webhook else None
        if self._open and user is not None:
            return Account(user, webhook=True)
        return super().authenticate_webhook(incoming)


@faulty("credentials.wrong-secret")
class SecretUncheckedBehindSlash(_OpenToStrangers):
    """Where the path ends in a slash, any secret will do."""

    def is_open(self, request: Request) -> bool:
        return request.target.partition("?")[0].endswith("/")


class _OpenToExpired(_Door):
    """Accepts expired tokens at one door."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        expired = (user for user in self.state.users.values() if user.expired_token)
        for user in expired if self._open else ():
            if user.expired_token == incoming.token:
                return Account(user, webhook=False)
        return super().authenticate_oauth(incoming)


@faulty("oauth.expired-token")
class ExpiredAcceptedByGet(_OpenToExpired):
    """An expired token is accepted in a GET."""

    def is_open(self, request: Request) -> bool:
        return request.verb == "GET"


@faulty("oauth.expired-token")
class ExpiredAcceptedInHeader(_OpenToExpired):
    """An expired token is accepted in the header."""

    def is_open(self, request: Request) -> bool:
        return request.header("authorization") is not None


def _is_form(request: Request) -> bool:
    return "urlencoded" in (request.header("content-type") or "")


def _is_batch(request: Request) -> bool:
    return "/batch" in request.target.partition("?")[0]


def _is_xml(request: Request) -> bool:
    return request.target.partition("?")[0].endswith(".xml")


@faulty("oauth.expired-token")
class ExpiredAcceptedInForm(_OpenToExpired):
    """An expired token is accepted in a form."""

    def is_open(self, request: Request) -> bool:
        return _is_form(request)


@faulty("oauth.expired-token")
class ExpiredAcceptedByBatch(_OpenToExpired):
    """An expired token is accepted beside a batch."""

    def is_open(self, request: Request) -> bool:
        return _is_batch(request)


class _OpenToTokens(_Door):
    """Does not check tokens at one door."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        if self._open and incoming.token is not None:
            return Account(self.state.users[1], webhook=False)
        return super().authenticate_oauth(incoming)


@faulty("oauth.wrong-token")
class TokenUncheckedInForm(_OpenToTokens):
    """Any token in a form will do."""

    def is_open(self, request: Request) -> bool:
        return _is_form(request)


@faulty("oauth.wrong-token")
class TokenUncheckedByGet(_OpenToTokens):
    """Any token in a GET will do."""

    def is_open(self, request: Request) -> bool:
        return request.verb == "GET"


@faulty("oauth.wrong-token")
class TokenUncheckedByBatch(_OpenToTokens):
    """Any token beside a batch will do."""

    def is_open(self, request: Request) -> bool:
        return _is_batch(request)


@faulty("oauth.wrong-token")
class TokenUncheckedInXml(_OpenToTokens):
    """Whoever asks for XML may show any token."""

    def is_open(self, request: Request) -> bool:
        return _is_xml(request)


class _ScopeOpen(_Door):
    """Does not check the scope at one door."""

    def check_scope(self, account: Account, scope: str) -> None:
        if not self._open:
            super().check_scope(account, scope)


@faulty("credentials.scope")
class ScopeCheckedOnPostOnly(_ScopeOpen):
    """The scope is not checked of a GET."""

    def is_open(self, request: Request) -> bool:
        return request.verb == "GET"


@faulty("credentials.scope")
class ScopeUncheckedInForm(_ScopeOpen):
    """The scope is not checked of a form."""

    def is_open(self, request: Request) -> bool:
        return _is_form(request)


@faulty("credentials.scope")
class ScopeUncheckedInXml(_ScopeOpen):
    """The scope is not checked of whoever asks for XML."""

    def is_open(self, request: Request) -> bool:
        return _is_xml(request)


@faulty("state.refusal-changes-nothing")
class StrangersStored(Portal):
    """Whoever shows a wrong secret is refused, but a join is stored for him all the same."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        try:
            return super().authenticate_webhook(incoming)
        except RefusedError:
            user = self.find_user(incoming.webhook[0]) if incoming.webhook else None
            chat = self.read_chat_id(incoming.parameters)
            if user is not None and self.decide(user.id, chat).joins:
                self.apply_join(user.id, chat)
            raise
