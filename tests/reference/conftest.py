"""Short ways of asking a reference portal."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from b24_conformance.reference import Portal, Request, Response, State, default_state
from b24_conformance.reference.defaults import CUSTOMER

JOIN = "imopenlines.session.join"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Asker:
    """Asks one portal and reads its answers."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    @property
    def state(self) -> State:
        return self.portal.state

    def path(self, method: str = JOIN, user: int = 1) -> str:
        return f"/rest/{user}/{self.state.users[user].webhook_secret}/{method}"

    def send(
        self, target: str, body: bytes = b"", content_type: str | None = JSON, **more: Any
    ) -> Response:
        """Send a request; further keywords are the fields of Request."""
        headers = more.pop("headers", ())
        if content_type is not None:
            headers = (*headers, ("Content-Type", content_type))
        verb = more.pop("verb", "POST")
        return self.portal.answer(Request(verb, target, headers, body, **more))

    def call(self, method: str = JOIN, user: int = 1, **parameters: Any) -> Any:
        """Call a method by JSON; return the decoded body."""
        response = self.send(self.path(method, user), json.dumps(parameters).encode())
        return json.loads(response.body)

    def outcome(self, response: Response) -> Any:
        """Return True for a join, else (status, code)."""
        body = json.loads(response.body)
        return body["result"] if response.status == 200 else (response.status, body["error"])

    def join(self, chat_id: Any, user: int = 1) -> Any:
        """Join by JSON; return the outcome."""
        return self.outcome(
            self.send(self.path(user=user), json.dumps({"CHAT_ID": chat_id}).encode())
        )

    def join_text(self, body: str | bytes, content_type: str | None = JSON, **more: Any) -> Any:
        """Join with a body as written; return the outcome."""
        data = body.encode() if isinstance(body, str) else body
        return self.outcome(self.send(self.path(), data, content_type, **more))

    def get(self, target: str, **parameters: Any) -> Response:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.send(target + query, verb="GET", content_type=None)

    def members(self, chat_id: int) -> list[int]:
        """Who takes part beside the customer, whom every open line has."""
        return sorted(self.portal.members(chat_id) - {CUSTOMER})


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def ask(portal: Portal) -> Asker:
    return Asker(portal)


@pytest.fixture
def ask_with() -> Callable[..., Asker]:
    """Make an asker of a portal whose default state is changed in the fields given."""

    def make(*, clock: Callable[[], float] | None = None, **fields: Any) -> Asker:
        state = dataclasses.replace(default_state(), **fields)
        return Asker(Portal(state, clock=clock) if clock else Portal(state))

    return make
