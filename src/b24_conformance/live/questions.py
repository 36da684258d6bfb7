"""The questions that a portal may be asked, each with what is kept of its answer; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from b24_conformance.live import readonly_answers as answers
from b24_conformance.live.readonly_answers import (
    Availability,
    Dialog,
    Line,
    Participants,
    Profile,
    RecentChats,
)
from b24_conformance.probe import JOIN, MEMBERS

METHODS = frozenset(
    {
        "profile",
        "scope",
        "method.get",
        "imopenlines.config.list.get",
        "im.recent.list",
        "im.dialog.users.list",
        "imopenlines.dialog.get",
        MEMBERS,
    }
)
"""All that is ever asked, singly or in a batch."""

PAGE = 200
# A chat in the list takes some kilobytes, and answers have their bound.
_RECENT_PAGE = 100
T_co = TypeVar("T_co", covariant=True)


class Question(msgspec.Struct, Generic[T_co], frozen=True):
    """A method with its parameters; `read` keeps what matters of the result, None: not as told."""

    method: str
    parameters: Mapping[str, object]
    read: Callable[[object], T_co | None]


def profile() -> Question[Profile]:
    """Who asks."""
    return Question("profile", {}, answers.read_profile)


def scope() -> Question[tuple[str, ...]]:
    """Which of the scopes that matter here the credentials have."""
    return Question("scope", {}, answers.read_scope)


def method(name: str = JOIN) -> Question[Availability]:
    """Whether a method can be called."""
    # The key in lower case only: the portal does not know NAME.
    return Question("method.get", {"name": name}, answers.read_method)


def lines() -> Question[tuple[Line, ...]]:
    """The open lines, with their queues."""
    wanted = {"PARAMS": {"select": ["ID"]}, "OPTIONS": {"QUEUE": "Y"}}
    return Question("imopenlines.config.list.get", wanted, answers.read_lines)


def recent(page: int = 0) -> Question[RecentChats]:
    """A page of the operator's list of chats, without private talks."""
    wanted = {"SKIP_DIALOG": "Y", "LIMIT": _RECENT_PAGE, "OFFSET": page * _RECENT_PAGE}
    return Question("im.recent.list", wanted, answers.read_recent)


def dialog(chat: int) -> Question[Dialog]:
    """A line's chat as it looks to the operator; ACCESS_ERROR if he may not see it."""
    return Question("imopenlines.dialog.get", {"CHAT_ID": chat}, answers.read_dialog)


def members(chat: int) -> Question[tuple[int, ...]]:
    """Who takes part in a chat; empty where the portal does not tell."""
    return Question(MEMBERS, {"CHAT_ID": chat}, answers.read_members)


def participants(chat: int) -> Question[Participants]:
    """Who takes part in a chat, customers left out by the portal already; which are bots."""
    wanted = {
        "DIALOG_ID": f"chat{chat}",
        "SKIP_EXTERNAL": "Y",
        "SKIP_EXTERNAL_EXCEPT_TYPES": "bot",
        "LIMIT": PAGE,
    }
    return Question("im.dialog.users.list", wanted, answers.read_participants)
