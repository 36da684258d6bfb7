"""Whether the credentials of a configuration agree with each other, before any of them is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import get_args

import msgspec

from b24_conformance import hosts
from b24_conformance.config import Config, OperatorTable, reveal
from b24_conformance.errors import ConfigError
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook, address_of
from b24_conformance.probe import Encoding, Identity, Place, Style
from b24_conformance.secrets_from import Secret

_DIGITS = 3
_CREDENTIALS = {"$B24_WITHOUT_SCOPE": "without_scope", "$B24_EXPIRED_TOKEN": "expired_token"}
_WORDS = frozenset(
    {"error", "error_description", "result", "time", "start", "finish", "duration", "processing"}
    | {"date_start", "date_finish", "operating", "operating_reset_at", "true", "false", "null"}
    | {"chat_id", "chat_type", "access_denied", "application", "json", "charset", "origin"}
    # What probes are written down with, which hides what it is where a secret is the same.
    | set(chain.from_iterable(map(get_args, (Encoding, Place, Identity, Style))))
)


def agree(config: Config, keyring: Keyring, address: str) -> None:
    """Raises ConfigError for credentials of which a verdict would be wrong, or a secret told.

    `address` is the portal's, to which all of them are sent.
    """
    _right_way_round(config, keyring)
    _tell_something(keyring)
    _of_one_portal(config, keyring, address)
    _of_two_people(config, keyring)
    _of_their_kind(keyring)


def aimed(config: Config, webhook: str) -> Config:
    """The configuration with another webhook of the operator's, as the command line gives it.

    ConfigError where that is of another portal than the configured one, of which more is known
    than chats: what names no host of its own would be sent to the wrong one.
    """
    for key, secret in _homeless(config):
        if reveal(secret, key, optional=True):
            _of_the_target(key, config.operator, address_of(webhook))
    operator = msgspec.structs.replace(config.operator, webhook=webhook)
    return msgspec.structs.replace(config, operator=operator)


def _of_the_target(key: str, table: OperatorTable, target: str) -> None:
    """Raises ConfigError unless the portal in the config, whose secret it is, is the target."""
    hook = reveal(table.webhook, "[operator] webhook", optional=True)
    known = hook or table.address
    if known is None and table.webhook is None:
        return
    if known is None:
        raise ConfigError(
            f"{key} is of the portal in the config, which is not known: [operator] webhook is "
            "not set",
            hint=f'if it is the target, add address = "{target}" to [operator]',
        )
    configured = address_of(known)
    if _place("[operator] webhook", configured) != _place("the target", target):
        raise ConfigError(
            f"{key} is of {configured}, as the config says, and the target is {target}",
            hint="no secret is sent to another portal: --config FILE names another config",
        )


def _homeless(config: Config) -> Iterator[tuple[str, Secret]]:
    """The secrets that name no host, by their keys: they are for the portal in the config."""
    if config.credentials.expired_token is not None:
        yield "[credentials] expired_token", config.credentials.expired_token
    for name, table in config.people.items():
        hook = reveal(table.webhook, f"[{name}] webhook", optional=True)
        if name != "operator" and (hook or table.address):
            continue
        for what in ("access_token", "refresh_token"):
            if (secret := getattr(table, what)) is not None:
                yield f"[{name}] {what}", secret


def _place(key: str, url: str) -> tuple[str, str, int | None]:
    place = hosts.place(address_of(url))
    if not place[1]:
        raise ConfigError(f"{key} is no URL", hint="https://example.bitrix24.com")
    return place


def _webhooks(keyring: Keyring) -> dict[str, Webhook]:
    """Every webhook by its key."""
    people = keyring.operators.items()
    found = {f"[{name}] webhook": keys.webhook for name, keys in people if keys.webhook}
    if keyring.without_scope:
        found["[credentials] without_scope"] = keyring.without_scope
    return found


def _right_way_round(config: Config, keyring: Keyring) -> None:
    # What stands in the place of the user is shown in every report.
    for key, hook in _webhooks(keyring).items():
        # A stand-in may name its users as it likes.
        named = config.portal.stand_in and len(hook.secret) >= _DIGITS
        if not named and hook.secret.isdigit() and hook.user_id is None:
            raise ConfigError(
                f"{key} has a number in the place of the secret and none in the place of the "
                "user: they may be the wrong way round",
                hint="a webhook ends with /rest/USER_ID/SECRET/",
            )


def _tell_something(keyring: Keyring) -> None:
    """Raises ConfigError for secrets that show nothing: they are words of answers."""
    for label, secret in keyring.secrets().items():
        if why := _says_nothing(secret):
            raise ConfigError(
                f"the secret of {_key(label)} {why}",
                hint="give the stand-in another secret, so that it can be seen whether one is told",
            )


def _says_nothing(secret: str) -> str:
    """Why nobody could see whether the secret is told, or nothing; without the secret itself."""
    if secret.lower() in _WORDS:
        return "is a word that every answer or report is made of"
    if secret.isdigit() and len(secret) < _DIGITS:
        return f"is a number of fewer than {_DIGITS} digits, as the items of every batch have"
    return ""


def _key(label: str) -> str:
    """The key of the configuration whose secret the label stands for."""
    *whose, what = label.removeprefix("$B24_").lower().split("_", 1)
    if label in _CREDENTIALS:
        return f"[credentials] {_CREDENTIALS[label]}"
    table = whose[0] if whose else "operator"
    return f"[{table}] {'access_token' if what == 'token' else what}"


def _of_one_portal(config: Config, keyring: Keyring, address: str) -> None:
    """Raises ConfigError for what is of another portal: its secret would be sent to this one."""
    named = {key: hook.address for key, hook in _webhooks(keyring).items()}
    named |= {
        f"[{name}] address": table.address for name, table in config.people.items() if table.address
    }
    for key, theirs in named.items():
        if _place(key, theirs) != hosts.place(address):
            raise ConfigError(
                f"{key} is of another portal, {address_of(theirs)}: the operator's is {address}",
                hint="all credentials are sent to one portal: give all of them one address",
            )


def _of_two_people(config: Config, keyring: Keyring) -> None:
    """Raises ConfigError for a colleague who is the operator himself, as far as that is shown."""
    if config.colleague is None:
        return
    own, theirs = (keyring.operators[name] for name in config.people)
    users = _user(own, config.operator), _user(theirs, config.colleague)
    if None not in users and users[0] == users[1]:
        raise _himself(f"both are user {users[0]}")
    if own.access_token and own.access_token == theirs.access_token:
        raise _himself("both have the same access token")
    if own.webhook and theirs.webhook and own.webhook.secret == theirs.webhook.secret:
        raise ConfigError(
            "[operator] and [colleague] have webhooks with the same secret",
            hint="give each his own, so that one is seen not to open the other's door, "
            "or leave [colleague] out",
        )


def _user(keys: Keys, table: OperatorTable) -> int | str | None:
    if table.user_id is not None or keys.webhook is None:
        return table.user_id
    hook = keys.webhook
    return hook.user if hook.user_id is None else hook.user_id


def _himself(how: str) -> ConfigError:
    return ConfigError(
        f"[colleague] is the operator himself: {how}",
        hint="take the webhook or the token of another user, or leave [colleague] out",
    )


def _of_their_kind(keyring: Keyring) -> None:
    """Raises ConfigError for further credentials that are somebody's good ones."""
    less, expired = keyring.without_scope, keyring.expired_token
    for name, keys in keyring.operators.items():
        if less and keys.webhook and less.secret == keys.webhook.secret:
            raise ConfigError(
                f"[credentials] without_scope is the {name}'s own webhook",
                hint="take another one, without the scope imopenlines, or leave it out",
            )
        if keys.access_token and keys.access_token == expired:
            raise ConfigError(
                f"[credentials] expired_token is the {name}'s own access token",
                hint="take one that was issued more than an hour ago, or leave it out",
            )
