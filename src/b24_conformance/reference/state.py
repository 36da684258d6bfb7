"""What is declared of a reference portal: its users and chats, read from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from b24_conformance.reference.tables import StateError, Table

KERNELS: Final = ("new", "old")
LANGUAGES: Final = ("en", "ru")
KINDS: Final = ("open_line", "group", "private", "channel")
DEFAULT_SCOPES: Final = ("imopenlines", "im")
USER_KEYS: Final = (
    "webhook_secret",
    "access_token",
    "refresh_token",
    "expired_token",
    "scopes",
    "login",
)

__all__ = ["Chat", "State", "StateError", "User", "webhooks"]


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may call the portal, with the credentials that say so."""

    id: int
    webhook_secret: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expired_token: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat: who is in it, who may join it, and to whom the queue has offered it."""

    id: int
    kind: str
    members: frozenset[int] = frozenset()
    may_join: frozenset[int] = frozenset()
    offered_to: frozenset[int] = frozenset()

    @property
    def open_line(self) -> bool:
        """Tell whether the chat belongs to an open line."""
        return self.kind == "open_line"


@dataclass(frozen=True, slots=True)
class State:
    """The portal as declared; who joins later is known to the Portal only."""

    users: Mapping[int, User]
    chats: Mapping[int, Chat]
    kernel: str = "new"
    language: str = "en"
    rate: float | None = None
    burst: float | None = None
    https_only: bool = False

    @classmethod
    def of(cls, users: Iterable[User], chats: Iterable[Chat], **portal: Any) -> State:
        """Make a state of users and chats; the further keywords are the fields of State."""
        return cls(
            users=MappingProxyType({user.id: user for user in users}),
            chats=MappingProxyType({chat.id: chat for chat in chats}),
            **portal,
        )

    @classmethod
    def load(cls, path: str | Path) -> State:
        """Read a TOML file; raise StateError that says what is wrong, and where."""
        try:
            return cls.parse(Path(path).read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{path}: cannot be read: {error}") from error
        except StateError as error:
            raise StateError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> State:
        """Read TOML text; raise StateError that says what is wrong, and where."""
        try:
            table = Table("", tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise StateError(f"not TOML: {error}") from error
        table.only("portal", "users", "chats")
        portal = _read_portal(table.table("portal"))
        users = [_read_user(number, each) for number, each in table.numbered("users")]
        chats = [_read_chat(number, each) for number, each in table.numbered("chats")]
        _require_distinct_tokens(users)
        return cls.of(users, chats, **portal)


def webhooks(address: str, state: State) -> dict[int, str]:
    """Return the webhook URL of each user who has one."""
    return {
        user.id: f"{address.rstrip('/')}/rest/{user.id}/{user.webhook_secret}/"
        for user in state.users.values()
        if user.webhook_secret is not None
    }


def _read_portal(table: Table) -> dict[str, Any]:
    table.only("kernel", "language", "rate", "burst", "https_only")
    rate = table.positive("rate")
    burst = table.positive("burst")
    if burst and not rate:
        raise StateError("portal.burst: has no meaning without portal.rate")
    return {
        "kernel": table.choice("kernel", KERNELS, "new"),
        "language": table.choice("language", LANGUAGES, "en"),
        "rate": rate,
        "burst": burst,
        "https_only": table.boolean("https_only"),
    }


def _read_user(number: int, table: Table) -> User:
    table.only(*USER_KEYS)
    return User(
        id=number,
        webhook_secret=table.secret("webhook_secret"),
        access_token=table.secret("access_token"),
        refresh_token=table.secret("refresh_token"),
        expired_token=table.secret("expired_token"),
        scopes=table.words("scopes", DEFAULT_SCOPES),
        login=table.text("login"),
    )


def _read_chat(number: int, table: Table) -> Chat:
    table.only("kind", "members", "may_join", "offered_to")
    chat = Chat(
        id=number,
        kind=table.choice("kind", KINDS, None),
        members=table.ids("members"),
        may_join=table.ids("may_join"),
        offered_to=table.ids("offered_to"),
    )
    if not chat.open_line and (chat.may_join or chat.offered_to):
        raise StateError(
            f"{table.where}: a {chat.kind} chat is neither joined nor offered through open lines;"
            " remove may_join and offered_to, or make it an open_line"
        )
    return chat


def _require_distinct_tokens(users: Iterable[User]) -> None:
    owners: dict[str, str] = {}
    for user in users:
        for name in ("access_token", "refresh_token", "expired_token"):
            token = getattr(user, name)
            place = f"users.{user.id}.{name}"
            if token is not None and owners.setdefault(token, place) != place:
                raise StateError(f"{place}: is the same as {owners[token]}")
