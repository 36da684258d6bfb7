"""From what the user names to clients that ask its portal read-only questions."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from b24_conformance import reference
from b24_conformance.closing import Closing
from b24_conformance.config import (
    Config,
    CredentialsTable,
    OperatorTable,
    PortalTable,
    checked_rung,
)
from b24_conformance.declaration import Chats, Declaration, Rung
from b24_conformance.errors import ConfigError, UsageError
from b24_conformance.implementations.agreement import aimed
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.live.readonly import ReadOnly
from b24_conformance.probe import Asking

NO_PORTAL = "no portal is configured"


class Reach(Closing):
    """A portal within reach of read-only questions. A context manager: it ends the connection.

    `declaration` is what is declared, at the rung that a run would have; `secrets` label every
    credential that must not be printed. `renewed` are the operators whose token a run would
    renew; here nothing is, as a renewal changes what is stored.
    """

    def __init__(self, config: Config, asked: Asked) -> None:
        # Nothing is asked of it: who asks read-only questions shares what it is reached with.
        self._portal = configured_portal(config, msgspec.structs.replace(asked, joins="none"))
        self.secrets = self._portal.secrets
        declaration = self._portal.declaration
        self.declaration: Declaration = msgspec.structs.replace(
            declaration, rung=_rung(config, declaration, asked)
        )
        self.renewed = tuple(n for n, table in config.people.items() if table.refresh_token)
        self._clients: list[ReadOnly] = []
        self._stack = ExitStack()
        self._stack.enter_context(self._portal)
        self.sleep: Callable[[float], None] = time.sleep

    def client(self, operator: str = "operator", asking: Asking | None = None) -> ReadOnly:
        """A client with the credentials of `operator`; all share one connection and one pace."""
        client = ReadOnly(
            self._portal.transport,
            self._portal.keyring,
            pace=self._portal.pace,
            operator=operator,
            asking=asking,
            sleep=self.sleep,
        )
        self._clients.append(client)
        return client

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent."""
        return sum(client.requests for client in self._clients)

    def close(self) -> None:
        """Ends every client."""
        self._stack.close()

    def _end_with(self, server: reference.Server) -> None:
        self._stack.callback(server.close)


def reach(target: str | None, config: Config, asked: Asked) -> Reach:
    """The portal that `target` names: `portal`, a webhook, or `reference`.

    UsageError for other targets, ConfigError where nothing is configured.
    """
    if target == "reference":
        return _reference(asked)
    if target and target.startswith(("http://", "https://")):
        return Reach(aimed(config, target), asked)
    if target not in (None, "portal"):
        raise UsageError(
            "only portals are looked at this way",
            hint="targets are: portal (the one in the config), https://…/rest/1/SECRET/, reference",
        )
    if not config.names_a_portal:
        raise ConfigError(
            NO_PORTAL, hint="`b24-conformance init` writes a commented b24-conformance.toml"
        )
    return Reach(config, asked)


def _reference(asked: Asked) -> Reach:
    server = reference.Server(reference.Portal()).open()
    found = Reach(_config_of_reference(server.address), asked)
    found._end_with(server)
    return found


def _config_of_reference(address: str) -> Config:
    state = reference.default_state()
    hooks = reference.webhooks(address, state)
    people = {}
    for name, user in (("operator", 1), ("colleague", 2)):
        lists = {kind: tuple(ids) for kind, ids in reference.DECLARATIONS[name].items()}
        token = state.users[user].access_token
        people[name] = OperatorTable(hooks[user], token, chats=Chats(**lists))
    return Config(
        PortalTable(stand_in=True),
        people["operator"],
        people["colleague"],
        CredentialsTable(hooks[9], state.users[1].expired_token),
    )


def _rung(config: Config, declaration: Declaration, asked: Asked) -> Rung:
    default = "new" if declaration.stand_in else "none"
    return checked_rung(asked.joins or config.run.joins or default)
