"""The portal that a configuration or a webhook names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from b24_conformance.config import Config, OperatorTable, checked_rung, reveal
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Declaration, Person, Rung
from b24_conformance.errors import ConfigError, nearest
from b24_conformance.implementations.agreement import agree
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.building import OAUTH, Asked, build
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook, address_of, split_url
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.implementations.tokens import renewal_of

Opening = Callable[[str, Keyring], Transport]


def configured_portal(
    config: Config, asked: Asked, *, name: str = "", opening: Opening | None = None
) -> PortalImplementation:
    """The portal in `config`; ConfigError says what is missing or wrong.

    Where it is not reached over HTTP it has a `name` instead of an address, and `opening` makes
    its transport, from the address that it believes to have and the credentials of the run.
    """
    operator = config.operator
    keys = _keys(operator, "operator")
    if keys.webhook is None and keys.access_token is None:
        raise ConfigError(
            "no portal is configured: [operator] has neither a webhook nor an access token",
            hint='add webhook = { env = "B24_WEBHOOK" } to [operator] in b24-conformance.toml',
        )
    address, path = _place(operator, keys)
    declaration = _declaration(config, keys, address, asked)
    if name:
        # Nothing that is said or done at its name concerns whoever is at the address.
        declaration = msgspec.structs.replace(declaration, name=name, address=name)
    ca_file = Path(config.portal.ca_file) if config.portal.ca_file else None
    if ca_file is not None and not ca_file.is_file():
        raise ConfigError("[portal] ca_file names no file")
    renewals = {
        name: renewal
        for name, table in config.people.items()
        if (renewal := renewal_of(table, name, timeout=asked.timeout, ca_file=ca_file))
    }
    keyring = Keyring(
        path,
        {name: _keys(table, name) for name, table in config.people.items()},
        _without_scope(config),
        reveal(config.credentials.expired_token, "[credentials] expired_token", optional=True),
        asked.seed if config.portal.stand_in else None,
    )
    agree(config, keyring, address)
    if opening is not None:
        transport = opening(address, keyring)
    else:
        transport = HttpTransport(address, timeout=asked.timeout, ca_file=ca_file)
    portal = build(declaration, transport, keyring, asked)
    portal.renew_by(renewals)
    return portal


def _keys(table: OperatorTable, name: str) -> Keys:
    only = table.access_token is None or table.webhook is None
    hook = reveal(table.webhook, f"[{name}] webhook", optional=not only)
    token = reveal(table.access_token, f"[{name}] access_token", optional=table.webhook is not None)
    return Keys(Webhook.parse(hook) if hook else None, token)


def _place(operator: OperatorTable, keys: Keys) -> tuple[str, str]:
    if keys.webhook is not None:
        return keys.webhook.address, keys.webhook.path
    if not operator.address:
        raise ConfigError(
            "[operator] has an access token but no address",
            hint='add address = "https://example.bitrix24.com" to [operator]',
        )
    parts = split_url(operator.address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("[operator] address is no URL", hint="https://example.bitrix24.com")
    base = parts.path.partition("/rest")[0].rstrip("/")
    return address_of(operator.address), f"{base}/rest/"


def _without_scope(config: Config) -> Webhook | None:
    found = reveal(config.credentials.without_scope, "[credentials] without_scope", optional=True)
    return Webhook.parse(found) if found else None


def _declaration(config: Config, keys: Keys, address: str, asked: Asked) -> Declaration:
    known = load_contract().features
    for feature in config.portal.without:
        if feature not in known:
            raise ConfigError(
                f"[portal] without names the unknown feature {feature!r}",
                hint=nearest(feature, known),
            )
    identities = []
    if config.credentials.without_scope is not None and _without_scope(config):
        identities.append("without_scope")
    if config.credentials.expired_token is not None and keys.access_token:
        identities.append("expired")
    return Declaration(
        address,
        address=address,
        stand_in=config.portal.stand_in,
        rung=_rung(config.portal.stand_in, asked.joins),
        people={name: _person(table, name) for name, table in config.people.items()},
        identities=tuple(identities),
        without=config.portal.without,
        secure=address.startswith("https:"),
    )


def _rung(stand_in: bool, joins: str | None) -> Rung:
    return checked_rung(joins or ("new" if stand_in else "none"))


def _person(table: OperatorTable, name: str) -> Person:
    keys = _keys(table, name)
    places = (("webhook",) if keys.webhook else ()) + (OAUTH if keys.access_token else ())
    user = table.user_id
    if user is None and keys.webhook is not None:
        user = keys.webhook.user_id
    return Person(user, table.chats, places)
