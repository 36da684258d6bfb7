"""Renews an operator's access token, and keeps the new tokens where the user says.

The client's secret and the refresh token go to the configured authorisation server and to
nobody else: redirects are not followed, and the address in its answer is not looked at.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from b24_conformance import strict_json
from b24_conformance.config import OperatorTable
from b24_conformance.errors import ConfigError
from b24_conformance.exchange import Request, Response
from b24_conformance.implementations.base import Transport, WireError
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import address_of
from b24_conformance.secrets_from import reveal, run_command

OAUTH_SERVER = "https://oauth.bitrix.info"
PATH = "/oauth/token/"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A token goes into headers and URLs: nothing else may come along with it.
_TOKEN = re.compile(r"[!-~]{8,4096}")
_CODE = re.compile(r"[A-Za-z_]{1,60}")


class NotRenewedError(Exception):
    """The token stays as it is; the text says why and holds no secret."""


class Tokens(msgspec.Struct, frozen=True):
    """What the authorisation server gives: both tokens, and when the first one ends."""

    access_token: str
    refresh_token: str
    expires: int = 0


class Store(Protocol):
    """Where tokens are kept between runs."""

    def load(self) -> Tokens | None:
        """The tokens of an earlier run, or None."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Keeps `tokens`; NotRenewedError says why it could not."""
        ...


class FileStore:
    """Tokens as JSON in a file that only its owner may read."""

    def __init__(self, path: Path, key: str) -> None:
        # The file behind a link is replaced, not the link.
        self._path = path.expanduser().resolve()
        self._key = key
        if not self._path.parent.is_dir() or not os.access(self._path.parent, os.W_OK):
            raise ConfigError(f"{key}: nothing can be written beside {path}")

    def load(self) -> Tokens | None:
        """The tokens in the file; ConfigError where they are open to others or no tokens."""
        text = reveal({"file": str(self._path)}, self._key, optional=True)
        if text is None:
            return None
        with contextlib.suppress(msgspec.DecodeError):
            tokens = msgspec.json.decode(text, type=Tokens)
            if _TOKEN.fullmatch(tokens.access_token) and _TOKEN.fullmatch(tokens.refresh_token):
                return tokens
        hint = "remove it to begin anew with the tokens in the config"
        raise ConfigError(f"{self._key}: {self._path.name} holds no tokens", hint=hint)

    def save(self, tokens: Tokens) -> None:
        """Writes a new file of mode 0600 and puts it in the place of the old one."""
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
                file.write(msgspec.json.encode(tokens) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise NotRenewedError(f"the new tokens are not kept: {error.strerror}") from None


class CommandStore:
    """Hands tokens to a command as JSON on its standard input."""

    def __init__(self, command: str, key: str) -> None:
        try:
            self._words = tuple(shlex.split(command))
        except ValueError as error:
            raise ConfigError(f"{key} cannot be split into words: {error}") from None
        if not self._words:
            raise ConfigError(f"{key} is empty")

    def load(self) -> Tokens | None:
        """Always None: what the command kept is asked for by `{ command = "…" }`."""
        return None

    def save(self, tokens: Tokens) -> None:
        """Runs the command."""
        who = f"the command {self._words[0]}"
        try:
            code, _ = run_command(self._words, who, msgspec.json.encode(tokens) + b"\n")
        except ConfigError as error:
            raise NotRenewedError(f"the new tokens are not kept: {error.what}") from None
        if code:
            raise NotRenewedError(f"the new tokens are not kept: {who} ended with {code}")


class Renewal:
    """Gets a new access token for one operator. `tokens` are the newest known ones."""

    def __init__(
        self, tokens: Tokens, client: tuple[str, str], store: Store, transport: Transport
    ) -> None:
        self.tokens = tokens
        self._client = client
        self._store = store
        self._transport = transport
        self._given_up = ""

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret by the end of its label."""
        return {
            "TOKEN": self.tokens.access_token,
            "REFRESH_TOKEN": self.tokens.refresh_token,
            "CLIENT_ID": self._client[0],
            "CLIENT_SECRET": self._client[1],
        }

    def renew(self, take_over: Callable[[], None]) -> str:
        """Gets new tokens; NotRenewedError says why there are none. Asked once, if refused.

        `take_over` is called as soon as `tokens` are new, before anything is done with them.
        Returns what is to be said nevertheless: that they could not be kept.
        """
        if self._given_up:
            raise NotRenewedError(self._given_up)
        try:
            self.tokens = self._asked()
        except NotRenewedError as error:
            self._given_up = str(error)
            raise
        finally:
            self._transport.close()
        take_over()
        try:
            self._store.save(self.tokens)
        except NotRenewedError as error:
            return str(error)
        return ""

    def _asked(self) -> Tokens:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._client[0],
            "client_secret": self._client[1],
            "refresh_token": self.tokens.refresh_token,
        }
        headers = (("Content-Type", "application/x-www-form-urlencoded"),)
        request = Request("POST", PATH, headers, urlencode(form))
        try:
            return _read(self._transport.send(request))
        except WireError as error:
            raise NotRenewedError(f"the token is not renewed: {error.detail}") from None


def _read(response: Response) -> Tokens:
    try:
        body = strict_json.decode(response.body)
    except ValueError:
        body = None
    fields = body if isinstance(body, dict) else {}
    access, refresh = fields.get("access_token"), fields.get("refresh_token")
    sound = [isinstance(one, str) and _TOKEN.fullmatch(one) for one in (access, refresh)]
    if response.status == 200 and all(sound):
        expires = fields.get("expires")
        return Tokens(str(access), str(refresh), expires if isinstance(expires, int) else 0)
    code = fields.get("error")
    known = code if isinstance(code, str) and _CODE.fullmatch(code) else "without tokens"
    told = f"the authorisation server answers HTTP {response.status}, {known}"
    raise NotRenewedError(f"the token is not renewed: {told}")


def renewal_of(
    table: OperatorTable, name: str, *, timeout: float = 30.0, ca_file: Path | None = None
) -> Renewal | None:
    """How the token of an operator is renewed, as `[operator]` says it; None where it is not."""
    if table.refresh_token is None:
        for key in ("client_id", "client_secret", "token_store", "token_command", "oauth_server"):
            if getattr(table, key) is not None:
                raise ConfigError(f"[{name}] {key} means nothing without refresh_token")
        return None
    store = _store(table, name)
    tokens = store.load() or Tokens(
        _needed(table, name, "access_token"), _needed(table, name, "refresh_token")
    )
    client = (_needed(table, name, "client_id"), _needed(table, name, "client_secret"))
    server = _server(table.oauth_server or OAUTH_SERVER, name)
    return Renewal(tokens, client, store, HttpTransport(server, timeout=timeout, ca_file=ca_file))


def _needed(table: OperatorTable, name: str, key: str) -> str:
    value = reveal(getattr(table, key), f"[{name}] {key}")
    if value is None:
        raise ConfigError(f"[{name}] has a refresh_token but no {key}", hint=f"add {key} = …")
    return value


def _store(table: OperatorTable, name: str) -> Store:
    if (table.token_store is None) == (table.token_command is None):
        raise ConfigError(
            f"[{name}] refresh_token needs either token_store or token_command",
            hint='new tokens replace the old ones: token_store = "FILE" keeps them',
        )
    if table.token_store is not None:
        return FileStore(Path(table.token_store), f"[{name}] token_store")
    return CommandStore(str(table.token_command), f"[{name}] token_command")


def _server(url: str, name: str) -> str:
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ConfigError(f"[{name}] oauth_server must be https://HOST", hint=OAUTH_SERVER)
    return address_of(url)
