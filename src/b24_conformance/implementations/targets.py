"""From what the user names to an implementation that can be asked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from b24_conformance import reference
from b24_conformance.config import Config
from b24_conformance.errors import NotBuiltError, UsageError, nearest
from b24_conformance.implementations import embedded
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.client import NotInstalled, make_client
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.redaction import Redaction

__all__ = ["Asked", "default_target", "implementations"]

FORMS = (
    "targets are: reference, portal, https://…/rest/1/SECRET/, app:module:attribute, mock, "
    "client:NAME, client:all, exec:COMMAND"
)
_WORDS = ("reference", "portal", "mock", "client:all")


def implementations(target: str, config: Config, asked: Asked) -> Iterator[Implementation]:
    """The implementations that `target` names; UsageError says which forms there are."""
    if target == "reference":
        yield embedded.served("reference", reference.Portal(), asked)
    elif target == "mock":
        yield embedded.mocked(asked)
    elif target == "portal":
        yield configured_portal(config, asked)
    elif target.startswith(("http://", "https://")):
        operator = msgspec.structs.replace(config.operator, webhook=target)
        yield configured_portal(msgspec.structs.replace(config, operator=operator), asked)
    elif target.startswith(("client:", "exec:")):
        yield from _clients(target, asked)
    elif target.startswith("app:"):
        raise NotBuiltError("targets of the form app:module:attribute are not built yet")
    else:
        raise UsageError(f"unknown target {target!r} ({nearest(target, _WORDS)})", hint=FORMS)


def default_target(config: Config) -> str:
    """`portal` if a config names one, else `reference`."""
    return "portal" if config.names_a_portal else "reference"


def _clients(target: str, asked: Asked) -> Iterator[Implementation]:
    secrets = _secrets_of_reference()
    redaction = Redaction(secrets)
    found = make_client(
        target, hide=redaction.hide_exchange, hide_text=redaction.hide, deadline=asked.timeout
    )
    for client in found:
        if isinstance(client, NotInstalled):
            missing = ", ".join(client.missing)
            raise UsageError(
                f"{client.name} cannot run: {missing} is missing", hint=client.how_to_get
            )
        client.secrets = secrets
        yield client


def _secrets_of_reference() -> dict[str, str]:
    user = reference.default_state().users[1]
    found = {
        "$B24_WEBHOOK": user.webhook_secret,
        "$B24_TOKEN": user.access_token,
        "$B24_REFRESH_TOKEN": user.refresh_token,
    }
    return {label: secret for label, secret in found.items() if secret}
