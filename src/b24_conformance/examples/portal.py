"""The reference portal that examples call, over HTTP and HTTPS, and what it answered each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from b24_conformance.docs_page import METHOD
from b24_conformance.examples.hearing import Refusal
from b24_conformance.examples.printed import Access
from b24_conformance.reference import Portal, Raw, Request, Response, Server, webhooks

OPERATOR = 1


@dataclass(frozen=True)
class Answer:
    """What the portal answered to a call of the method; no refusal means success."""

    refusal: Refusal | None

    @property
    def outcome(self) -> str:
        """The refusal's code, or success."""
        return self.refusal.code if self.refusal else "success"


class Stand:
    """A portal as long as the context lasts, on loopback only."""

    def __init__(self) -> None:
        portal = Portal()
        self._user = portal.state.users[OPERATOR]
        self._state = portal.state
        self._answers: list[Answer] = []
        self._plain = Server(portal, on_exchange=self._record)
        self._secure = Server(portal, tls=True, on_exchange=self._record)

    def __enter__(self) -> Self:
        self._plain.open()
        self._secure.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._plain.close()
        self._secure.close()

    @property
    def secrets(self) -> Mapping[str, str]:
        """What must not be printed, by label."""
        found = {
            "$B24_WEBHOOK": self._user.webhook_secret,
            "$B24_TOKEN": self._user.access_token,
            "$B24_REFRESH_TOKEN": self._user.refresh_token,
        }
        return {label: secret for label, secret in found.items() if secret}

    def access(self, *, tls: bool = False) -> Access:
        """The operator's way to the portal."""
        server = self._secure if tls else self._plain
        webhook = webhooks(server.address, self._state)[OPERATOR]
        tokens = (str(self._user.access_token), str(self._user.refresh_token))
        return Access(webhook, *tokens, server.ca_file)

    def take(self) -> list[Answer]:
        """The answers to calls of the method since the last time."""
        answers, self._answers = self._answers, []
        return answers

    def _record(
        self, request: Request, answer: Response | Raw, started: float, seconds: float
    ) -> None:
        if request.verb == "OPTIONS" or isinstance(answer, Raw):
            return
        called = unquote(request.target) + unquote(request.body.decode("utf-8", "replace"))
        if METHOD in called.lower():
            self._answers.append(Answer(_refusal(answer)))


def _refusal(answer: Response) -> Refusal | None:
    """The refusal in an answer, also in that to a batch."""
    try:
        refused = next(_refusals(json.loads(answer.body)), None)
    except ValueError:  # XML, which an example may ask for
        code = re.search(rb"<error>(\w+)</error>", answer.body)
        return Refusal(code[1].decode(), "") if code else None
    return refused


def _refusals(value: Any) -> Iterator[Refusal]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("error"), str):
        yield Refusal(value["error"], str(value.get("error_description", "")))
    for inner in value.values():
        yield from _refusals(inner)
