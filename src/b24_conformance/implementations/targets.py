"""From what the user names to an implementation that can be asked."""

from __future__ import annotations

from collections.abc import Iterator

from b24_conformance import reference
from b24_conformance.config import Config
from b24_conformance.errors import UsageError, nearest
from b24_conformance.implementations import embedded
from b24_conformance.implementations.agreement import aimed
from b24_conformance.implementations.app import configured_app
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.client import NotInstalled, make_client
from b24_conformance.implementations.client_environment import environment_for_clients
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.probe import Probe
from b24_conformance.redaction import Redaction
from b24_conformance.transcript import Observation

__all__ = ["Asked", "default_target", "implementations"]

FORMS = (
    "targets are: reference, portal, https://…/rest/1/SECRET/, app:module:attribute, mock, "
    "client:NAME, client:all, client:installed, exec:COMMAND"
)
_WORDS = ("reference", "portal", "mock", "client:all", "client:installed")


def implementations(target: str, config: Config, asked: Asked) -> Iterator[Implementation]:
    """The implementations that `target` names; UsageError says which forms there are."""
    if target == "reference":
        yield embedded.served("reference", reference.Portal(), asked)
    elif target == "mock":
        yield embedded.mocked(asked)
    elif target == "portal":
        yield configured_portal(config, asked)
    elif target.startswith(("http://", "https://")):
        yield configured_portal(aimed(config, target), asked)
    elif target.startswith(("client:", "exec:")):
        yield from _clients(target, config, asked)
    elif target.startswith("app:"):
        yield configured_app(target, config, asked)
    else:
        # A mistyped webhook is a target that holds a secret.
        named = f"{target.partition('://')[0]}://…" if "/" in target else target
        raise UsageError(f"unknown target {named!r} ({nearest(named, _WORDS)})", hint=FORMS)


def default_target(config: Config) -> str:
    """`portal` if a config names one, else `reference`."""
    return "portal" if config.names_a_portal else "reference"


def _clients(target: str, config: Config, asked: Asked) -> Iterator[Implementation]:
    secrets = _secrets_of_reference()
    redaction = Redaction(secrets)
    found = make_client(
        target,
        hide=redaction.hide_exchange,
        hide_text=redaction.hide,
        deadline=asked.timeout,
        paths=config.clients.paths,
        environment=environment_for_clients(config),
    )
    for client in found:
        if isinstance(client, NotInstalled):
            yield _MissingClient(client)
        else:
            client.secrets = secrets
            yield client


class _MissingClient(Implementation):
    """A row for a client that this machine lacks: its clauses are not checked, never passed."""

    def __init__(self, client: NotInstalled) -> None:
        super().__init__(client.declaration)
        self._client = client

    @property
    def missing(self) -> str:
        """What is missing, and how to get it."""
        return self._client.how_to_get

    def ask(self, probe: Probe) -> Observation:
        """Never called: there is nobody to ask."""
        raise NotImplementedError(self.missing)


def _secrets_of_reference() -> dict[str, str]:
    user = reference.default_state().users[1]
    found = {
        "$B24_WEBHOOK": user.webhook_secret,
        "$B24_TOKEN": user.access_token,
        "$B24_REFRESH_TOKEN": user.refresh_token,
    }
    return {label: secret for label, secret in found.items() if secret}
