"""What is kept of the answers to read-only questions: ids, roles and kinds; never a name or text.

Each `read_…` takes a decoded `result` and picks the fields on its list; every word it keeps is
one of a closed set. None: the result has not the documented form.
"""

from __future__ import annotations

from typing import Any

import msgspec

OTHER = "OTHER"
_ENTITIES = ("", "LINES", "LIVECHAT")
_ROLES = ("owner", "manager", "member", "guest", "none")
_MESSAGE_TYPES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SCOPES = ("imopenlines", "im")
_UNANSWERED = 10
"""Sessions below this status have no operator yet (kernel imopenlines Session::STATUS_ANSWER)."""


class Profile(msgspec.Struct, frozen=True):
    """The caller: his id, and whether he is an administrator (None: not told)."""

    user_id: int
    admin: bool | None = None


class Availability(msgspec.Struct, frozen=True):
    """Whether a method exists, and whether the caller's scopes let him call it."""

    existing: bool
    available: bool


class Line(msgspec.Struct, frozen=True):
    """An open line, and the ids of the operators in its queue (None: not told)."""

    line: int
    queue: tuple[int, ...] | None = None


class Dialog(msgspec.Struct, frozen=True):
    """A chat as it looks to the caller."""

    chat: int | None = None
    entity_type: str | None = None
    message_type: str | None = None
    role: str | None = None
    owner: int | None = None
    user_counter: int | None = None


class RecentChat(msgspec.Struct, frozen=True):
    """A chat in the caller's list; `offered`: a line's chat that nobody has answered yet."""

    dialog: Dialog
    chat: int
    line: bool
    offered: bool | None = None


class RecentChats(msgspec.Struct, frozen=True):
    """The caller's list of chats; `complete`: nothing was left on further pages."""

    chats: tuple[RecentChat, ...]
    complete: bool

    def find(self, chat: int) -> RecentChat | None:
        """The entry of `chat`, if it is on the list."""
        return next((one for one in self.chats if one.chat == chat), None)


class Participants(msgspec.Struct, frozen=True):
    """Who takes part in a chat, but for customers; `bots` are the bots among them, if told."""

    members: tuple[int, ...]
    bots: tuple[int, ...] | None


def read_profile(result: object) -> Profile | None:
    """The result of `profile`."""
    user = identifier(result.get("ID")) if isinstance(result, dict) else None
    if user is None or not isinstance(result, dict):
        return None
    admin = result.get("ADMIN")
    return Profile(user, admin if isinstance(admin, bool) else None)


def read_scope(result: object) -> tuple[str, ...] | None:
    """The result of `scope`: of all scopes only those that matter here."""
    if not isinstance(result, list):
        return None
    return tuple(scope for scope in _SCOPES if scope in result)


def read_method(result: object) -> Availability | None:
    """The result of `method.get`."""
    if not isinstance(result, dict):
        return None
    flags = [result.get("isExisting"), result.get("isAvailable")]
    if not all(isinstance(flag, bool) for flag in flags):
        return None
    return Availability(flags[0] is True, flags[1] is True)


def read_lines(result: object) -> tuple[Line, ...] | None:
    """The result of `imopenlines.config.list.get`."""
    if not isinstance(result, list):
        return None
    rows = [row for row in result if isinstance(row, dict)]
    lines = ((identifier(row.get("ID")), row.get("QUEUE")) for row in rows)
    return tuple(Line(line, _queue(queue)) for line, queue in lines if line is not None)


def _queue(value: object) -> tuple[int, ...] | None:
    entries = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(entries, list):
        return None
    users = [entry.get("USER_ID") if isinstance(entry, dict) else entry for entry in entries]
    return _identifiers(users)


def read_members(result: object) -> tuple[int, ...] | None:
    """The result of `im.chat.user.list`."""
    return _identifiers(result) if isinstance(result, list) else None


def read_participants(result: object) -> Participants | None:
    """The result of `im.dialog.users.list`."""
    if not isinstance(result, list):
        return None
    rows = [row for row in result if isinstance(row, dict)]
    bots = [row.get("id") for row in rows if row.get("bot") is True or row.get("type") == "bot"]
    told = all("bot" in row or "type" in row for row in rows)
    members = _identifiers([row.get("id") for row in rows])
    return Participants(members, _identifiers(bots) if told else None)


def read_dialog(result: object) -> Dialog | None:
    """The result of `imopenlines.dialog.get`."""
    return _dialog(result) if isinstance(result, dict) and "id" in result else None


def read_recent(result: object) -> RecentChats | None:
    """The result of `im.recent.list`: group chats and lines' chats, no private talks."""
    items = result.get("items") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(items, list):
        return None
    found = [_recent(item) for item in items if isinstance(item, dict)]
    return RecentChats(tuple(one for one in found if one), result.get("hasMore") is not True)


def _recent(item: dict[str, Any]) -> RecentChat | None:
    described = item.get("chat")
    dialog = _dialog(described) if isinstance(described, dict) else Dialog()
    chat = identifier(item.get("chat_id")) or dialog.chat
    if chat is None or item.get("type") == "user":
        return None
    kinds = (item.get("type"), described.get("type") if isinstance(described, dict) else None)
    line = "lines" in kinds or dialog.entity_type == "LINES" or "lines" in item
    return RecentChat(dialog, chat, line, _offered(item.get("lines")))


def _offered(lines: object) -> bool | None:
    status = lines.get("status") if isinstance(lines, dict) else None
    text = str(status)
    return int(text) < _UNANSWERED if text.isascii() and text.isdigit() else None


def _dialog(fields: dict[str, Any]) -> Dialog:
    role = _word(fields.get("role")).lower()
    message_type = _word(fields.get("message_type"))
    return Dialog(
        chat=identifier(fields.get("id")),
        entity_type=_entity(fields.get("entity_type")),
        message_type=message_type if message_type in _MESSAGE_TYPES else None,
        role=role if role in _ROLES else None,
        owner=identifier(fields.get("owner"), zero=True),
        user_counter=identifier(fields.get("user_counter"), zero=True),
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _entity(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return value if value in _ENTITIES else OTHER


def identifier(value: object, *, zero: bool = False) -> int | None:
    """The positive integer that `value` is or writes in digits, or None."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    return int(text) if zero or int(text) > 0 else None


def _identifiers(values: list[Any]) -> tuple[int, ...]:
    found = (identifier(value) for value in values)
    return tuple(sorted({one for one in found if one is not None}))
