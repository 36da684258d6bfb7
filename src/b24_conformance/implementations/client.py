"""A client under test: its adapter drives it against a reference portal of its own.

The outcome is what the client's caller sees; the exchanges are what the portal saw.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from b24_conformance import reference
from b24_conformance.clients.catalogue import KNOWN, Client
from b24_conformance.clients.environment import without_secrets
from b24_conformance.conditions import CONDITIONS, NOT_TOLD, Condition
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.errors import UsageError, nearest
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.adapter import AdapterError, AdapterProcess
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.record import Record
from b24_conformance.implementations.stage import Stage
from b24_conformance.outcome import Outcome
from b24_conformance.probe import JOIN, Probe
from b24_conformance.transcript import Observation

Hide = Callable[[Exchange], Exchange]
HideText = Callable[[str], str]
OPERATOR = 1
# Two failures in a row and the adapter is given up: each may have cost a whole deadline.
PATIENCE = 2
_AUTHORITY_VARIABLES = (
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)


@dataclass(frozen=True)
class NotInstalled:
    """A known client that this machine lacks: what is missing, and how to get it.

    Its clauses are not checked, never passed; `declaration` says which clauses those are.
    """

    name: str
    how_to_get: str
    missing: tuple[str, ...]
    declaration: Declaration

    @property
    def reason(self) -> str:
        """Why its clauses are not checked."""
        return f"not installed: {self.how_to_get}"


class ClientImplementation(Implementation):
    """A client as an implementation. Nothing is started before the first probe."""

    def __init__(
        self,
        client: Client,
        *,
        hide: Hide,
        hide_text: HideText = str,
        deadline: float = 30.0,
        environment: Mapping[str, str] | None = None,
        make_portal: Callable[[], reference.Portal] = reference.Portal,
    ) -> None:
        super().__init__(_declaration(client))
        self._client = client
        self._hide = hide
        self._hide_text = hide_text
        self._deadline = deadline
        self._limit = deadline
        self._environment = without_secrets(os.environ) if environment is None else environment
        self.portal = make_portal()
        self._stage = Stage(self.portal)
        self._record = Record()
        self._server: reference.Server | None = None
        self._adapter: AdapterProcess | None = None
        self._version: str | None = None
        self._failures = 0
        self._last_failure = ""

    @property
    def version(self) -> str | None:
        """The version that the client says it has; known after its first answer."""
        return self._version

    def ask(self, probe: Probe) -> Observation:
        """Has the client call the method, in the client's own way of asking."""
        params = _params(probe)
        if isinstance(params, str):
            return self._observe(probe, Outcome("unreachable", detail=params), ())
        with self._stage.playing(probe.when):
            self._record.take()  # what came after the last answer belongs to no call
            outcome = self._under(CONDITIONS.get(probe.when), params)
            exchanges = tuple(self._hide(exchange) for exchange in self._record.take())
        return self._observe(probe, outcome, exchanges)

    def close(self) -> None:
        """Ends the adapter and the portal."""
        self._drop_adapter()
        if self._server is not None:
            self._server.close()
            self._server = None

    def _under(self, condition: Condition | None, params: dict[str, str]) -> Outcome:
        """The outcome while the portal plays a condition; silence then is the client's own."""
        if condition is None:
            return self._outcome(params)
        if condition.alone:
            self._drop_adapter()
        self._limit = min(condition.deadline or self._deadline, self._deadline)
        failures, began = self._failures, time.monotonic()
        outcome = self._outcome(params)
        self._limit = self._deadline
        if condition.alone:
            self._drop_adapter()
        if outcome.kind == "unreachable" and time.monotonic() - began >= self._deadline:
            self._failures = failures
            return Outcome("broken", detail=f"{NOT_TOLD} within {self._deadline:g} s")
        return outcome

    def _outcome(self, params: dict[str, str]) -> Outcome:
        if self._failures >= PATIENCE:
            given_up = f"the adapter is given up after {PATIENCE} failures in a row; the last was"
            return Outcome("unreachable", detail=f"{given_up}: {self._last_failure}")
        try:
            answer = self._running_adapter().call(params)
        except AdapterError as error:
            self._failures += 1
            self._last_failure = self._hide_text(str(error))
            self._drop_adapter()
            return Outcome("unreachable", detail=self._last_failure)
        self._failures = 0
        self._version = self._running_adapter().version
        return self._read(answer)

    def _read(self, answer: dict[str, Any]) -> Outcome:
        if "joined" in answer:
            return Outcome("joined")
        if "refused" in answer:
            code = self._hide_text(answer["refused"])
            via, status = answer.get("via", "field"), answer.get("status")
            return Outcome("refused", code=code, status=_number(status), via=via)
        if "broken" in answer:
            return Outcome("broken", detail=self._hide_text(answer["broken"]))
        return Outcome("not_sent", detail=self._hide_text(answer["not_sent"]))

    def _running_adapter(self) -> AdapterProcess:
        if self._adapter is None:
            server = self._running_server()
            setup = {
                "portal": self._credentials(server.address),
                "ca": server.ca_file,
                "deadline_s": self._limit,
            }
            self._adapter = AdapterProcess(
                self._client.command,
                setup,
                env=_reaching_us(self._environment, server.ca_file),
                deadline=self._deadline,
            )
        return self._adapter

    def _running_server(self) -> reference.Server:
        if self._server is None:
            server = reference.Server(
                self._stage.answer, tls=self._client.needs_tls, on_exchange=self._record.add
            )
            self._server = server.open()
        return self._server

    def _credentials(self, address: str) -> dict[str, str | None]:
        user = self.portal.state.users[OPERATOR]
        if self._client.credentials == "webhook":
            return {"webhook": f"{address}/rest/{OPERATOR}/{user.webhook_secret}/"}
        parts = urlsplit(address)
        return {
            "scheme": parts.scheme,
            "domain": parts.netloc,
            "access_token": user.access_token,
            "refresh_token": user.refresh_token,
        }

    def _drop_adapter(self) -> None:
        adapter, self._adapter = self._adapter, None
        if adapter is not None:
            adapter.close()


def make_client(
    target: str,
    *,
    hide: Hide,
    hide_text: HideText = str,
    deadline: float = 30.0,
    paths: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[ClientImplementation | NotInstalled]:
    """The clients that `client:NAME`, `client:all`, `client:installed` or `exec:COMMAND` means.

    `paths` is the table [clients] of the config: where the user keeps what no registry serves.
    `environment` is what their programs get; without it ours, but for secrets.
    """

    def made(client: Client) -> ClientImplementation:
        return ClientImplementation(
            client, hide=hide, hide_text=hide_text, deadline=deadline, environment=environment
        )

    found = [replace(client, paths=paths or {}) for client in _named(target)]
    if target == "client:installed":
        found = [client for client in found if not client.missing]
    return [
        NotInstalled(client.target, client.how_to_get, client.missing, _declaration(client))
        if client.missing
        else made(client)
        for client in found
    ]


def _named(target: str) -> list[Client]:
    kind, _, rest = target.partition(":")
    if kind == "exec":
        return [_foreign(rest)]
    if rest in ("all", "installed"):
        return list(KNOWN.values())
    if rest in KNOWN:
        return [KNOWN[rest]]
    raise UsageError(
        f"no client is named {rest!r}", hint=nearest(rest, [*KNOWN, "all", "installed"])
    )


def _foreign(command: str) -> Client:
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"the command {command!r} cannot be split: {error}") from error
    if not argv:
        raise UsageError("exec: names no command", hint="write exec:COMMAND, as exec:./adapter.py")
    return Client(command, tuple(argv), kind="exec")


def _declaration(client: Client) -> Declaration:
    chats = {kind: tuple(ids) for kind, ids in reference.DECLARATIONS["operator"].items()}
    place = "webhook" if client.credentials == "webhook" else "oauth_body"
    return Declaration(
        name=client.target,
        side="client",
        stand_in=True,
        rung="new",
        people={"operator": Person(OPERATOR, Chats(**chats), (place,))},
        secure=client.needs_tls,
    )


def _params(probe: Probe) -> dict[str, str] | str:
    """The parameters of a call as JSON literals; or why no caller of a client can ask that."""
    if probe.method != JOIN or probe.operator != "operator" or probe.asking.identity != "own":
        return "a client is only asked to join, with its operator's own credentials"
    odd = probe.key != "CHAT_ID" or probe.raw or probe.beside is not None or probe.extra
    if odd or probe.asking.batch:
        return "a client is only asked for a CHAT_ID, not for the form of its request"
    if probe.chat_id is None:
        return {}
    try:
        json.loads(probe.chat_id, parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return "the adapter protocol carries JSON values, and this CHAT_ID is none"
    return {"CHAT_ID": probe.chat_id}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def _reaching_us(environment: Mapping[str, str], ca: str | None) -> dict[str, str]:
    """Without proxies: a client must reach the reference portal and nothing else."""
    own = {name: value for name, value in environment.items() if not _is_proxy(name)}
    authority = dict.fromkeys(_AUTHORITY_VARIABLES, ca) if ca else {}
    return {**own, "NO_PROXY": "*", "no_proxy": "*", **authority}


def _is_proxy(name: str) -> bool:
    return name.lower().endswith("_proxy")
