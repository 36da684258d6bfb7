"""A portal with names in its answers, and chats that are offered, owned, and talked in by bots."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from b24_conformance.reference import Portal, Request, Response, default_state
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.rendering import Method
from b24_conformance.reference.state import Chat, State

NAME = "Ivan Canary"
LINES: Any = [{"ID": "1", "LINE_NAME": NAME, "QUEUE": ["1"]}, {"ID": "4", "QUEUE": ["2"]}]


class Shown(Portal):
    """The reference portal with open lines, and a name in every answer about people and chats.

    `owners` says who is responsible for a chat, `bots` in which chats bots talk, `lacks` which
    methods are missing. `asked` are the methods of all requests, `items` those inside batches.
    """

    def __init__(
        self,
        state: State | None = None,
        *,
        owners: Mapping[int, int] | None = None,
        bots: Collection[int] = (),
        lacks: Collection[str] = (),
    ) -> None:
        self.owners = owners or {}
        self.bots = bots
        self.asked: list[str] = []
        self.items: list[str] = []
        super().__init__(state)
        self.methods = {name: m for name, m in self.methods.items() if name not in lacks}

    def method_table(self) -> dict[str, Method]:
        lines = Method("imopenlines", lambda _: LINES)
        return {**super().method_table(), "imopenlines.config.list.get": lines}

    def answer(self, request: Request) -> Response:
        method = request.target.rpartition("/")[2].removesuffix(".json")
        self.asked.append(method)
        if method == "batch":
            commands = json.loads(request.body)["cmd"]
            listed = commands if isinstance(commands, list) else commands.values()
            self.items += [command.partition("?")[0] for command in listed]
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
        items = [*shown["items"], *self.offered(call.user_id)]
        named = {"title": NAME, "message": {"text": NAME, "author_id": 100}}
        return {**shown, "items": [{**item, **named} for item in items]}

    def offered(self, user_id: int) -> Iterator[dict[str, Any]]:
        """The chats that a line's queue offers to the user, as his list shows them."""
        for chat in self.state.chats.values():
            if self.is_offered(user_id, chat.id):
                shown = {"id": chat.id, "type": "lines", "role": "guest", "name": NAME}
                lines = {"id": 1, "status": 0}
                yield {"chat_id": chat.id, "type": "chat", "chat": shown, "lines": lines}


def state_with(*chats: Chat, scopes: Collection[str] | None = None) -> State:
    """The default portal with some chats replaced or added, and other scopes of the operator."""
    state = default_state()
    users = dict(state.users)
    if scopes is not None:
        users[1] = replace(users[1], scopes=tuple(scopes))
    return State.of(users.values(), {**state.chats, **{c.id: c for c in chats}}.values())
