"""Who is calling, and what may they call."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from b24_conformance.reference.php import Array, array_key
from b24_conformance.reference.reading import Incoming
from b24_conformance.reference.refusals import RefusedError, scope_refusal
from b24_conformance.reference.site import Site
from b24_conformance.reference.state import State, User

TOKEN_LIFETIME: Final = 3600


@dataclass(frozen=True, slots=True)
class Account:
    """A caller whose credentials were accepted."""

    user: User
    webhook: bool


class Accounts(Site):
    """Authorises calls in the vendor's order; each step can be overridden."""

    def __init__(self, state: State, clock: Callable[[], float]) -> None:
        super().__init__(state, clock)
        users = state.users.values()
        self._refresh = {user.refresh_token: user for user in users if user.refresh_token}
        self._access = {
            user.access_token: (user, float("inf")) for user in users if user.access_token
        }
        self._access.update(
            {user.expired_token: (user, float("-inf")) for user in users if user.expired_token}
        )

    def authenticate(self, incoming: Incoming) -> Account:
        """Return who calls; the first handler that sees its credentials decides."""
        account = self.authenticate_oauth(incoming) or self.authenticate_webhook(incoming)
        if account is None:
            raise RefusedError("NO_AUTH_FOUND")
        return account

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        """Return the owner of the access token, None where there is no token."""
        if incoming.token is None:
            return None
        found = self._access.get(incoming.token)
        if found is None:
            raise RefusedError("invalid_token")
        user, expires = found
        if expires <= self.clock():
            raise RefusedError("expired_token")
        return Account(user, webhook=False)

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        """Return the owner of the webhook, None where there is none."""
        if incoming.webhook is None:
            return None
        if self.state.https_only and not incoming.secure:
            raise RefusedError("INVALID_REQUEST")
        login, secret = incoming.webhook
        user = self.find_user(login)
        if user is None or user.webhook_secret is None or user.webhook_secret != secret:
            raise RefusedError("INVALID_CREDENTIALS")
        return Account(user, webhook=True)

    def find_user(self, login: str) -> User | None:
        """Find a user by id or login; only a number in its own decimal form is an id."""
        number = array_key(login)
        if isinstance(number, int):
            return self.state.users.get(number)
        wanted = login.casefold()
        for user in self.state.users.values():
            if user.login is not None and user.login.casefold() == wanted:
                return user
        return None

    def check_scope(self, account: Account, scope: str) -> None:
        """Refuse a caller without the method's scope; an empty scope is everybody's."""
        if not self.has_scope(account, scope):
            raise scope_refusal(webhook=account.webhook)

    def has_scope(self, account: Account, scope: str) -> bool:
        """Tell whether the caller has the method's scope."""
        return not scope or scope in account.user.scopes

    def refresh(self, refresh_token: str) -> tuple[User, Array]:
        """Issue new tokens; the old ones stay valid, as a second client may hold them."""
        expires = int(self.clock()) + TOKEN_LIFETIME
        access, renewal = secrets.token_hex(35), secrets.token_hex(35)
        with self.lock:
            user = self._refresh.get(refresh_token)
            if user is None:
                raise RefusedError("invalid_grant", 401, "Invalid refresh token")
            self._access[access] = (user, expires)
            self._refresh[renewal] = user
        return user, {
            "access_token": access,
            "refresh_token": renewal,
            "expires": expires,
            "expires_in": TOKEN_LIFETIME,
        }
