"""What the user says in TOML: the portal, its operators, their chats, and defaults for a run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import msgspec

from b24_conformance.declaration import CHAT_KINDS, Chats, Rung
from b24_conformance.errors import ConfigError, nearest
from b24_conformance.secrets_from import Secret
from b24_conformance.secrets_from import reveal as reveal  # noqa: PLC0414 (others take it from here)

DEFAULT_FILE = "b24-conformance.toml"
_PYPROJECT, _TOOL = "pyproject.toml", "b24-conformance"
_MAX_ID = 2**63 - 1


class PortalTable(msgspec.Struct, frozen=True):
    """`[portal]`: what is under test."""

    stand_in: bool = False
    without: tuple[str, ...] = ()
    ca_file: str | None = None


class OperatorTable(msgspec.Struct, frozen=True):
    """`[operator]` and `[colleague]`: whose credentials a call uses, and what each chat demands."""

    webhook: Secret | None = None
    access_token: Secret | None = None
    refresh_token: Secret | None = None
    client_id: Secret | None = None
    client_secret: Secret | None = None
    token_store: str | None = None
    token_command: str | None = None
    oauth_server: str | None = None
    address: str | None = None
    user_id: int | None = None
    chats: Chats = Chats()


class CredentialsTable(msgspec.Struct, frozen=True):
    """`[credentials]`: further ones; each opens the clauses that need it."""

    without_scope: Secret | None = None
    expired_token: Secret | None = None


class RunTable(msgspec.Struct, frozen=True):
    """`[run]`: defaults for the options of `run`, by the same names."""

    joins: Rung | None = None
    reports: str | None = None
    rate: float | str | None = None
    clause: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    seed: int | None = None
    max_requests: int | None = None
    strict: bool | None = None
    timeout: float | None = None
    stay: bool | None = None
    despite_warnings: bool | None = None


class ClientsTable(msgspec.Struct, frozen=True):
    """`[clients]`: paths of what no registry serves; the environment names them as well."""

    crest: str | None = None
    b24phpsdk: str | None = None
    bx24js: str | None = None
    b24gosdk: str | None = None

    @property
    def paths(self) -> dict[str, str]:
        """The paths that are given, by the client's file."""
        return {name: path for name, path in msgspec.structs.asdict(self).items() if path}


class Config(msgspec.Struct, frozen=True):
    """A whole configuration file."""

    portal: PortalTable = PortalTable()
    operator: OperatorTable = OperatorTable()
    colleague: OperatorTable | None = None
    credentials: CredentialsTable = CredentialsTable()
    clients: ClientsTable = ClientsTable()
    run: RunTable = RunTable()

    @property
    def people(self) -> dict[str, OperatorTable]:
        """The tables of those who ask, by their names: the operator, and a colleague if any."""
        colleague = {"colleague": self.colleague} if self.colleague else {}
        return {"operator": self.operator, **colleague}

    @property
    def names_a_portal(self) -> bool:
        """Whether there is anything to point a run at."""
        return self.operator.webhook is not None or self.operator.address is not None


def load_config(path: Path | None, folder: Path | None = None) -> Config:
    """The configuration in `path`, else in the working folder, else an empty one."""
    found = path or config_file(folder or Path.cwd())
    return _read(found) if found else Config()


def config_file(folder: Path) -> Path | None:
    """The configuration that a folder has, if no other is named."""
    if (folder / DEFAULT_FILE).is_file():
        return folder / DEFAULT_FILE
    pyproject = folder / _PYPROJECT
    there = pyproject.is_file() and _TOOL in _toml(pyproject).get("tool", {})
    return pyproject if there else None


def _read(path: Path) -> Config:
    table = _toml(path)
    if path.name == _PYPROJECT and _TOOL in table.get("tool", {}):
        return parse_config(table["tool"][_TOOL], f"{path.name} [tool.{_TOOL}]")
    return parse_config(table, path.name)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the config {path.name} cannot be read: {error.strerror}",
            hint="--config FILE names another one; the README shows one in five lines",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the config {path.name} is not TOML: {error}") from None


def parse_config(table: Mapping[str, Any], name: str) -> Config:
    """The configuration in a decoded table; ConfigError names the key and the nearest known one."""
    _known_keys(table, Config, name, "")
    try:
        config = msgspec.convert(table, Config, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {_located(str(error))}") from None
    for title, operator in config.people.items():
        _sound_chats(operator.chats, f"{name}: [{title}.chats]")
    if config.colleague is not None:
        _exist_for_both(config.operator.chats, config.colleague.chats, name)
    return config


def _known_keys(table: Mapping[str, Any], kind: type[msgspec.Struct], name: str, path: str) -> None:
    hints = get_type_hints(kind)
    for key, value in table.items():
        if key not in hints:
            where = f"[{path}] " if path else ""
            raise ConfigError(
                f"{name}: {where}has the unknown key {key!r}", hint=nearest(key, hints)
            )
        inner = _struct_in(hints[key])
        if inner is not None:
            dotted = f"{path}.{key}" if path else key
            if not isinstance(value, Mapping):
                raise ConfigError(f"{name}: {dotted} must be a table, [{dotted}]")
            _known_keys(value, inner, name, dotted)


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return kind
    return None


def _located(message: str) -> str:
    what, _, where = message.partition(" - at `$.")
    return f"{where.rstrip('`')}: {what}" if where else what


def _sound_chats(chats: Chats, where: str) -> None:
    seen: dict[int, str] = {}
    for kind, chat in chats:
        if not 0 < chat <= _MAX_ID:
            raise ConfigError(f"{where} {kind} has {chat}, which is no chat id")
        if chat in seen and seen[chat] != kind:
            raise ConfigError(
                f"{where} names chat {chat} both in {seen[chat]} and in {kind}",
                hint=f"one chat demands one answer; the lists are {', '.join(CHAT_KINDS)}",
            )
        seen[chat] = kind


def _exist_for_both(own: Chats, theirs: Chats, name: str) -> None:
    # No more can be held against two lists: a chat may be an open line for its members only
    # (portal-facts section 4, rows 13 and 14).
    for _, chat in (*own, *theirs):
        one, other = own.kind(chat), theirs.kind(chat)
        if one and other and one != other and "absent" in (one, other):
            raise ConfigError(
                f"{name}: chat {chat} is {one} in [operator.chats] and {other} in "
                "[colleague.chats], but a chat that does not exist is there for nobody",
                hint="take it out of one of the two lists",
            )


def checked_rung(text: str) -> Rung:
    """A rung by its name."""
    rungs = get_args(Rung)
    if text not in rungs:
        raise ConfigError(f"--joins {text!r} is no rung", hint=nearest(text, rungs))
    return cast("Rung", text)
