"""The credentials of a run: whose they are, and the wrong ones that probes show on purpose."""

from __future__ import annotations

import random
import re
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

import msgspec

from b24_conformance.errors import ConfigError
from b24_conformance.probe import Asking, Probe

# As many digits as no portal has users, and no more than every reader has room for.
_NOBODYS_DIGITS = 9
# What matches any text, and what ends the text that it stands in and adds "or true".
_FORGED = {"wildcard": "%", "quoted": "' OR '1'='1"}
# The last /rest/ counts that has a user and a secret behind it, and nothing more.
_PATH = re.compile(r"(.*/rest/)/*([^/]+)/+([^/]+)/*")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class Webhook(msgspec.Struct, frozen=True):
    """An incoming webhook: where the portal is, whose it is, and the secret."""

    address: str
    path: str
    user: str
    secret: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Reads `https://host[:port]/rest/USER/SECRET/`; ConfigError says which form is wanted."""
        parts = split_url(url)
        somewhere = parts.scheme in ("http", "https") and parts.hostname
        if not somewhere or "/rest/" not in parts.path:
            raise ConfigError("the webhook is not a URL of a portal", hint=_FORM)
        found = _PATH.fullmatch(parts.path)
        if found is None or parts.query or parts.username:
            raise ConfigError("the webhook has not both a user and a secret at its end", hint=_FORM)
        return cls(address_of(url), *found.groups())

    @property
    def user_id(self) -> int | None:
        """Whose it is by his id; None where he is called by a name."""
        return int(self.user) if self.user.isdecimal() else None


_FORM = "a webhook looks like https://example.bitrix24.com/rest/1/SECRET/"


def split_url(url: str) -> SplitResult:
    """The parts of a URL; ConfigError where it is none."""
    try:
        return urlsplit(url.strip())
    except ValueError:
        raise ConfigError("this is no URL", hint=_FORM) from None


def address_of(url: str) -> str:
    """Scheme, host and port of a URL: all that is ever shown of it."""
    parts = split_url(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    try:
        port = parts.port
    except ValueError:
        raise ConfigError("the port in the URL is no port", hint=_FORM) from None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


class Keys(msgspec.Struct, frozen=True):
    """The credentials of one operator."""

    webhook: Webhook | None = None
    access_token: str | None = None


class Keyring(msgspec.Struct, frozen=True):
    """All credentials of a run. `path` is where `/rest/` is; `wrong` seeds the wrong secrets."""

    path: str
    operators: dict[str, Keys]
    without_scope: Webhook | None = None
    expired_token: str | None = None
    wrong: int | None = None

    def settled(self, probe: Probe) -> Probe:
        """The probe with its credentials where they can stand: without a webhook a token is shown.

        A body that is written whole has no room for one.
        """
        keys, asking = self.operators.get(probe.operator), probe.asking
        if keys is None or keys.webhook or (asking.place, asking.identity) != ("webhook", "own"):
            return probe
        in_url = probe.raw or asking.verb == "GET" or asking.encoding == "query"
        shown = msgspec.structs.replace(asking, place="oauth_query" if in_url else "oauth_body")
        return msgspec.structs.replace(probe, asking=shown)

    def path_of(self, operator: str, asking: Asking) -> str:
        """The path in front of the method."""
        if asking.place != "webhook":
            return self.path
        if asking.identity == "none":
            return self.path
        if self.without_scope and asking.identity in ("without_scope", "unscoped"):
            secret = self.without_scope.secret
            own = asking.identity == "without_scope"
            shown = secret if own else _spoilt(secret, "unscoped", self._seed("secret"), "")
            return _joined(self.without_scope, shown)
        webhook = self._webhook(operator)
        if asking.identity == "empty":
            return f"{webhook.path}{webhook.user}/"
        if asking.identity == "nobodys":
            # It begins like the operator's, so that whoever compares beginnings takes it for his.
            nobody = f"{webhook.user}9".ljust(_NOBODYS_DIGITS, "9")
            webhook = msgspec.structs.replace(webhook, user=nobody)
        return _joined(webhook, self._secret(operator, asking))

    def token_of(self, operator: str, asking: Asking) -> str | None:
        """The token to show, or None; an empty one stands in a header of its own only."""
        if asking.identity == "empty" and asking.place == "bearer":
            return ""
        doubled = asking.identity == "doubled"
        if asking.identity in ("none", "empty") or (asking.place == "webhook" and not doubled):
            return None
        if asking.identity == "expired":
            return self.expired_token
        keys = self.operators[operator]
        if not keys.access_token and not doubled:
            return None
        other = keys.webhook.secret if keys.webhook else ""
        return _spoilt(keys.access_token or "", asking.identity, self._seed("token"), other)

    def secrets(self) -> dict[str, str]:
        """Every secret by the label that stands for it in whatever leaves the process."""
        found: dict[str, str] = {}
        for name, keys in self.operators.items():
            prefix = "$B24" if name == "operator" else f"$B24_{name.upper()}"
            if keys.webhook:
                found[f"{prefix}_WEBHOOK"] = keys.webhook.secret
            if keys.access_token:
                found[f"{prefix}_TOKEN"] = keys.access_token
        if self.without_scope:
            found["$B24_WITHOUT_SCOPE"] = self.without_scope.secret
        if self.expired_token:
            found["$B24_EXPIRED_TOKEN"] = self.expired_token
        return found

    def _webhook(self, operator: str) -> Webhook:
        webhook = self.operators[operator].webhook
        if webhook is None:
            raise ConfigError(f"the {operator} has no webhook")
        return webhook

    def _secret(self, operator: str, asking: Asking) -> str:
        if asking.identity == "anothers":
            other = next(name for name in self.operators if name != operator)
            return self._webhook(other).secret
        secret = self._webhook(operator).secret
        other = self.operators[operator].access_token or ""
        shown = _spoilt(secret, asking.identity, self._seed("secret"), other)
        # Only what was taken from a webhook's address is spelt for one.
        return quote(shown, safe="") if asking.identity in ("swapped", *_FORGED) else shown

    def _seed(self, what: str) -> str | None:
        return None if self.wrong is None else f"{what} {self.wrong}"


def _joined(webhook: Webhook, secret: str) -> str:
    return f"{webhook.path}{webhook.user}/{secret}/"


def _spoilt(secret: str, identity: str, seed: str | None, other: str) -> str:
    """What is shown in the place of `secret`; `other` is its owner's other one."""
    if identity in ("random", "doubled", "unscoped"):
        return "".join(random.Random(seed).choices(_ALPHABET, k=max(len(secret), 8)))
    if identity == "own":
        return secret
    spoilt = {
        "altered": secret[:-1] + _another(secret[-1]),
        "beheaded": _another(secret[0]) + secret[1:],
        "truncated": secret[: max(1, len(secret) // 2)],
        "extended": f"{secret}x{secret}",
        "swapped": other,
        **_FORGED,
    }
    shown = spoilt.get(identity, secret)
    # Of a secret of one letter nothing can be taken away, and some have one word for both; a
    # token with a slash is no part of a path.
    untold = shown in (secret, "") or "/" in shown
    return spoilt["altered"] if identity in spoilt and untold else shown


def _another(char: str) -> str:
    return "x" if char != "x" else "y"


def merged(groups: list[dict[str, str]]) -> dict[str, str]:
    """The secrets of several implementations; a label that is taken gets a number."""
    found: dict[str, str] = {}
    for group in groups:
        for label, secret in group.items():
            number, free = 2, label
            while found.get(free, secret) != secret:
                free, number = f"{label}_{number}", number + 1
            found[free] = secret
    return found
