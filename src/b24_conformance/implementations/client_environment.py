"""What a client's program finds in its environment: no secret that the configuration speaks of."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from b24_conformance.clients.environment import without_secrets
from b24_conformance.config import Config
from b24_conformance.secrets_from import Secret

_KINDS = ("webhook", "access_token", "refresh_token", "client_id", "client_secret")


def environment_for_clients(config: Config) -> dict[str, str]:
    """Our environment without the secrets that `config` holds, or takes from variables."""
    secrets = list(_secrets(config))
    named = {each["env"] for each in secrets if isinstance(each, dict) and "env" in each}
    told = [each for each in secrets if isinstance(each, str)]
    taken = [os.environ[name] for name in named if name in os.environ]
    return without_secrets(os.environ, named=named, known=[*told, *taken])


def _secrets(config: Config) -> Iterator[Secret]:
    found = [getattr(table, kind) for table in config.people.values() for kind in _KINDS]
    found += msgspec.structs.astuple(config.credentials)
    return (secret for secret in found if secret is not None)
