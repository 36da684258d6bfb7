"""A portal with a customer's name in its answers, and a note of every method it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from b24_conformance.command.discover import discover
from b24_conformance.command.doctor import doctor
from b24_conformance.command.init import init
from b24_conformance.command.main import cli, main
from b24_conformance.reference import Portal, Request, Response
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.rendering import Method
from b24_conformance.reference.state import State, User

for command in (doctor, discover, init):
    cli.add_command(command)

NAME = "Ivan Canary"
LINES: Any = [{"ID": "1", "LINE_NAME": NAME, "QUEUE": ["1"]}, {"ID": "4", "QUEUE": ["2"]}]


class Watched(Portal):
    """The reference portal with names in it, open lines, offers, owners and bots.

    `owners` says who is responsible for a chat, `bots` in which chats bots talk.
    """

    def __init__(
        self,
        state: State | None = None,
        *,
        owners: dict[int, int] | None = None,
        bots: Sequence[int] = (),
    ) -> None:
        self.owners = owners or {}
        self.bots = bots
        self.asked: list[str] = []
        super().__init__(state)

    def method_table(self) -> dict[str, Method]:
        lines = Method("imopenlines", lambda _: LINES)
        return {**super().method_table(), "imopenlines.config.list.get": lines}

    def answer(self, request: Request) -> Response:
        self.asked.append(request.target.rpartition("/")[2].removesuffix(".json"))
        return super().answer(request)

    def profile(self, call: Call) -> Any:
        return {**super().profile(call), "NAME": NAME, "LAST_NAME": NAME}  # type: ignore[dict-item]

    def describe_chat(self, chat: Any, user_id: int) -> Any:
        shown: Any = super().describe_chat(chat, user_id)
        return {**shown, "name": NAME, "owner": self.owners.get(chat.id, 3)}

    def dialog_users_list(self, call: Call) -> Any:
        people: Any = super().dialog_users_list(call)
        named = [{**person, "name": NAME, "bot": False} for person in people]
        bot = {"id": 77, "name": NAME, "bot": True}
        return [*named, bot] if self.dialog_id(call) in self.bots else named

    def recent_list(self, call: Call) -> Any:
        """The caller's chats and, as on a real portal, those that a queue offers to him."""
        shown: Any = super().recent_list(call)
        for item in shown["items"]:
            item.update(title=NAME, message={"text": NAME, "author_id": 100})
        offered = [
            {
                "chat_id": chat.id,
                "type": "chat",
                "title": NAME,
                "chat": {"id": chat.id, "type": "lines", "role": "guest", "name": NAME},
                "lines": {"id": 1, "status": 0},
            }
            for chat in self.state.chats.values()
            if self.is_offered(call.user_id, chat.id)
        ]
        return {**shown, "items": [*shown["items"], *offered]}


class Done(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything that was printed."""
        return self.out + self.err


Run = Callable[..., Done]


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process."""

    def run(*words: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        return Done(int(str(end.value.code)), *capsys.readouterr())

    return run


def state_with(*users: User, **portal: Any) -> State:
    """The default state with some users replaced."""
    state = Portal().state
    kept = {**state.users, **{user.id: user for user in users}}
    return State.of(kept.values(), state.chats.values(), **portal)
