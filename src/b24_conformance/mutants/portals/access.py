"""Credentials that are not checked, checked in part, or given away."""

from __future__ import annotations

import dataclasses

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.accounts import Account
from b24_conformance.reference.reading import Incoming
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("access")


class Lenient(Portal):
    """Compares a webhook's secret in its own way."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        if incoming.webhook is not None:
            login, shown = incoming.webhook
            user = self.find_user(login)
            secret = user.webhook_secret if user else None
            if user is not None and secret is not None and self.alike(shown, secret):
                return Account(user, webhook=True)
        return super().authenticate_webhook(incoming)

    def alike(self, shown: str, secret: str) -> bool:
        """Whether this secret will do."""
        raise NotImplementedError


@faulty("credentials.wrong-secret")
class SecretUnchecked(Lenient):
    """Any secret will do."""

    def alike(self, shown: str, secret: str) -> bool:
        return True


@faulty("credentials.wrong-secret")
class SecretByPrefix(Lenient):
    """Only the first eight characters of the secret are compared."""

    def alike(self, shown: str, secret: str) -> bool:
        return shown[:8] == secret[:8]


@faulty("credentials.wrong-secret")
class SecretByAnyPrefix(Lenient):
    """A beginning of the secret will do."""

    def alike(self, shown: str, secret: str) -> bool:
        return secret.startswith(shown)


@faulty("credentials.wrong-secret")
class SecretWithTail(Lenient):
    """A secret with something behind it will do."""

    def alike(self, shown: str, secret: str) -> bool:
        return shown.startswith(secret)


@faulty("credentials.wrong-secret")
class SecretByTail(Lenient):
    """Only the last eight characters of the secret are compared."""

    def alike(self, shown: str, secret: str) -> bool:
        return shown[-8:] == secret[-8:]


@faulty("credentials.wrong-secret")
class SecretByLength(Lenient):
    """Only the length of the secret is compared."""

    def alike(self, shown: str, secret: str) -> bool:
        return len(shown) == len(secret)


@faulty("credentials.anothers-secret")
class AnySecretOfPortal(Lenient):
    """The secret of any user will do."""

    def alike(self, shown: str, secret: str) -> bool:
        return any(shown == user.webhook_secret for user in self.state.users.values())


@faulty("credentials.anothers-secret")
class SecretNamesUser(Portal):
    """The user in the path is not looked at: the secret's owner is the caller."""

    def authenticate_webhook(self, incoming: Incoming) -> Account | None:
        if incoming.webhook is not None:
            for user in self.state.users.values():
                if user.webhook_secret == incoming.webhook[1]:
                    return Account(user, webhook=True)
        return super().authenticate_webhook(incoming)


@faulty("credentials.none")
class GuestIsFirstUser(Portal):
    """Whoever shows no credentials is the first user."""

    def authenticate(self, incoming: Incoming) -> Account:
        if incoming.webhook is None and incoming.token is None:
            return Account(self.state.users[1], webhook=True)
        return super().authenticate(incoming)


@faulty("state.colleague-unaffected")
class AlwaysFirstUser(Portal):
    """Whoever calls is taken for the first user."""

    def authenticate(self, incoming: Incoming) -> Account:
        account = super().authenticate(incoming)
        return dataclasses.replace(account, user=self.state.users[1])


class _Refuses(Portal):
    """Refuses credentials in its own way."""

    def authenticate(self, incoming: Incoming) -> Account:
        try:
            return super().authenticate(incoming)
        except RefusedError as refused:
            raise self.instead(refused) from None

    def instead(self, refused: RefusedError) -> RefusedError:
        """The refusal that goes out."""
        raise NotImplementedError


@faulty("credentials.codes")
class ForbiddenForWrong(_Refuses):
    """Wrong credentials are refused with HTTP 403."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code, 403, refused.text)


@faulty("credentials.none")
class BadRequestForWrong(_Refuses):
    """Wrong credentials are refused with HTTP 400."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code, 400, refused.text)


@faulty("credentials.wrong-secret")
class NotFoundForWrong(_Refuses):
    """Wrong credentials are refused with HTTP 404, to hide the webhook."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code, 404, refused.text)


@faulty("credentials.wrong-secret")
class SuccessStatusForWrong(_Refuses):
    """Wrong credentials are refused with HTTP 200."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code, 200, refused.text)


@faulty("credentials.codes")
class OneCodeForWrong(_Refuses):
    """All wrong credentials are refused with the code ACCESS_DENIED."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError("ACCESS_DENIED", 401, refused.text)


@faulty("credentials.codes")
class UpperCaseForWrong(_Refuses):
    """Codes of wrong credentials are written in upper case."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code.upper(), refused.status, refused.text)


@faulty("credentials.wrong-secret")
class MethodCodeForWrong(_Refuses):
    """Wrong credentials are refused like a wrong chat: CHAT_ID."""

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError("CHAT_ID", 401, refused.text)


@faulty("credentials.scope")
class ScopeUnchecked(Portal):
    """The scope is not checked."""

    def check_scope(self, account: Account, scope: str) -> None:
        return None


@faulty("credentials.scope")
class ScopeAsDenied(Portal):
    """A missing scope is refused with ACCESS_DENIED."""

    def check_scope(self, account: Account, scope: str) -> None:
        if not self.has_scope(account, scope):
            raise RefusedError("ACCESS_DENIED", 401, "refused")


@faulty("credentials.scope")
class ScopeByPrefix(Portal):
    """The scope im will do for imopenlines."""

    def has_scope(self, account: Account, scope: str) -> bool:
        return any(scope.startswith(own) for own in account.user.scopes)


class _Tokens(Portal):
    """Compares a token in its own way."""

    def authenticate_oauth(self, incoming: Incoming) -> Account | None:
        shown = incoming.token
        if shown is not None:
            for user in self.state.users.values():
                if user.access_token and self.alike(shown, user.access_token, user.expired_token):
                    return Account(user, webhook=False)
        return super().authenticate_oauth(incoming)

    def alike(self, shown: str, token: str, expired: str | None) -> bool:
        """Whether this token will do."""
        raise NotImplementedError


@faulty("oauth.wrong-token")
class TokenUnchecked(_Tokens):
    """Any token will do."""

    def alike(self, shown: str, token: str, expired: str | None) -> bool:
        return shown != expired


@faulty("oauth.wrong-token")
class TokenByPrefix(_Tokens):
    """Only the first half of the token is compared."""

    def alike(self, shown: str, token: str, expired: str | None) -> bool:
        return shown[:16] == token[:16]


@faulty("oauth.expired-token")
class ExpiredAccepted(_Tokens):
    """An expired token is accepted."""

    def alike(self, shown: str, token: str, expired: str | None) -> bool:
        return shown == expired


@faulty("oauth.expired-token")
class ExpiredAsInvalid(_Refuses):
    """An expired token is refused with invalid_token."""

    def instead(self, refused: RefusedError) -> RefusedError:
        expired = refused.code == "expired_token"
        return RefusedError("invalid_token", 401) if expired else refused


@faulty("secret.not-echoed")
class WrongSecretInText(_Refuses):
    """A wrong secret is repeated: whoever mistypes one character reads the rest in the log."""

    def authenticate(self, incoming: Incoming) -> Account:
        self._shown = incoming.webhook[1] if incoming.webhook else ""
        return super().authenticate(incoming)

    def instead(self, refused: RefusedError) -> RefusedError:
        return RefusedError(refused.code, refused.status, f"no webhook {self._shown}")
