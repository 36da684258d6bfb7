"""Credentials that nobody gave to anybody, and that are let in."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Final

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.mutants.portals.access import Lenient
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.php import Value
from b24_conformance.reference.reading import Incoming, Route
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.state import User

faulty = of_kind("access")
_WITHOUT_SECRET: Final = re.compile(r"/rest/([^/]+)//([^/?]+)")


@faulty("credentials.wrong-secret")
class UserByBeginning(Portal):
    """A user is found by the beginning of his number: 12 is user 1."""

    def find_user(self, login: str) -> User | None:
        users = self.state.users.values()
        alike = (user for user in users if login.startswith(str(user.id)))
        return super().find_user(login) or next(alike, None)


@faulty("oauth.wrong-token")
class SecretAsToken(Portal):
    """The secret of a webhook will do as a token."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        for user in self.state.users.values():
            if incoming.token is not None and incoming.token == user.webhook_secret:
                return Account(user, webhook=False)
        return super().authenticate_oauth(incoming)


@faulty("credentials.wrong-secret")
class TokenAsSecret(Portal):
    """A user's token will do as the secret of his webhook."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        login, shown = incoming.webhook or ("", "")
        user = self.find_user(login)
        if user is not None and user.access_token == shown:
            return Account(user, webhook=True)
        return super().authenticate_webhook(incoming)


@faulty("credentials.wrong-secret")
class NoSecretNeeded(Portal):
    """Where the place of the secret is empty, the user is believed."""

    def route(self, target: str) -> Route:
        found = _WITHOUT_SECRET.match(target)
        return Route("rest", found[2], (found[1], "")) if found else super().route(target)

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        login, shown = incoming.webhook or ("", None)
        user = self.find_user(login)
        if user is not None and shown == "":
            return Account(user, webhook=True)
        return super().authenticate_webhook(incoming)


@faulty("credentials.wrong-secret")
class SecretBesideToken(Portal):
    """The secret is not checked where a token stands beside it, nor is the token."""

    def authenticate(self, incoming: Incoming) -> Account:
        user = self.find_user(incoming.webhook[0]) if incoming.webhook else None
        if user is not None and incoming.token is not None:
            return Account(user, webhook=True)
        return super().authenticate(incoming)


@faulty("credentials.wrong-secret")
class SecretByPattern(Lenient):
    """The secret is looked up by LIKE."""

    def alike(self, shown: str, secret: str) -> bool:
        return _selects("SELECT ? LIKE ?", secret, shown)


@faulty("credentials.wrong-secret")
class SecretInQuery(Lenient):
    """The secret is written into the text of a query."""

    def alike(self, shown: str, secret: str) -> bool:
        return _selects(f"SELECT '{secret}' = '{shown}'")


def _selects(query: str, *values: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            return bool(database.execute(query, values).fetchone()[0])
        except sqlite3.Error:
            return False


class _TellsStrangers(Portal):
    """Whoever shows no sound credentials hears something about CHAT_ID instead."""

    def authenticate(self, incoming: Incoming) -> Account:
        try:
            return super().authenticate(incoming)
        except RefusedError:
            if code := self.told(incoming):
                raise self.join_refusal(code) from None
            raise

    def told(self, incoming: Incoming) -> str:
        """The code that a stranger hears, or nothing."""
        raise NotImplementedError


@faulty("credentials.wrong-secret")
class TypeBeforeCredentials(_TellsStrangers):
    """Any stranger hears which chat is no open line."""

    def told(self, incoming: Incoming) -> str:
        chat = self.state.chats.get(self.read_chat_id(incoming.parameters))
        return "CHAT_TYPE" if chat is not None and not self.is_open_line(chat.id) else ""


@faulty("precedence.credentials")
class MissingBeforeNobody(_TellsStrangers):
    """Whoever shows no credentials and no CHAT_ID hears of the parameter first."""

    def told(self, incoming: Incoming) -> str:
        joining = incoming.method.lower() == "imopenlines.session.join"
        return "CHAT_ID" if joining and "CHAT_ID" not in incoming.parameters else ""


@faulty("precedence.credentials")
class AbsentBeforeSecret(_TellsStrangers):
    """Any stranger hears which chats do not exist."""

    def told(self, incoming: Incoming) -> str:
        chat = self.read_chat_id(incoming.parameters)
        return "CHAT_ID" if chat > 0 and chat not in self.state.chats else ""


@faulty("oauth.wrong-token")
class EmptyBearer(Portal):
    """A header Authorization that has no token behind Bearer will do."""

    def answer_rest(self, request: Request, route: Route, started: float) -> Response:
        self._empty = (request.header("Authorization") or "").strip() == "Bearer"
        return super().answer_rest(request, route, started)

    def authenticate(self, incoming: Incoming) -> Account:
        if self._empty:
            return Account(self.state.users[1], webhook=False)
        return super().authenticate(incoming)


class _Loose(Portal):
    """Takes something that is no token for one."""

    def authenticate(self, incoming: Incoming) -> Account:
        if "auth" in incoming.parameters and self.lets_in(incoming.parameters["auth"]):
            return Account(self.state.users[1], webhook=False)
        return super().authenticate(incoming)

    def lets_in(self, value: Value) -> bool:
        """Whether this `auth` will do."""
        raise NotImplementedError


@faulty("credentials.none")
class EmptyToken(_Loose):
    """An empty token will do."""

    def lets_in(self, value: Value) -> bool:
        return value == ""


@faulty("credentials.none")
class NullToken(_Loose):
    """A token null will do."""

    def lets_in(self, value: Value) -> bool:
        return value is None


@faulty("credentials.none")
class TrueToken(_Loose):
    """A token true is taken for equal to any, as PHP's loose comparison has it."""

    def lets_in(self, value: Value) -> bool:
        return value is True


@faulty("credentials.none")
class ListedToken(_Loose):
    """A list is taken for equal to any token, as PHP's strcmp had it."""

    def lets_in(self, value: Value) -> bool:
        return isinstance(value, list | dict)
