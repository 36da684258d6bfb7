"""Read-only questions to a portal: sparing, discreet, and nothing that could change it.

Only the methods on a closed list are ever called, redirects are not followed, and what comes
back is parsed at once by `readonly_answers`, so that no name, title or message is ever kept.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeVar

import msgspec

from b24_conformance.errors import ConfigError, LimitReachedError
from b24_conformance.exchange import Request, Response
from b24_conformance.gate import GateClosedError
from b24_conformance.implementations.answer import decode
from b24_conformance.implementations.base import Transport, WireError
from b24_conformance.implementations.keyring import Keyring, address_of
from b24_conformance.live import batches, questions
from b24_conformance.live.batches import BATCH
from b24_conformance.live.questions import Question
from b24_conformance.live.readonly_answers import (
    Availability,
    Dialog,
    Line,
    Participants,
    Profile,
    RecentChats,
)
from b24_conformance.pace import Pace
from b24_conformance.probe import JOIN, Asking
from b24_conformance.redaction import Redaction
from b24_conformance.ways import ROOM

METHODS = questions.METHODS | {BATCH}
"""All that is ever called; a batch holds questions, too."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,63}")
_NO_CREDENTIALS = ("INVALID_CREDENTIALS", "NO_AUTH_FOUND", "expired_token", "invalid_token")
# Whoever is told this once is told it every time.
_LASTING = ("ERROR_METHOD_NOT_FOUND", "insufficient_scope", "OPERATION_TIME_LIMIT")
_IDENTITIES = ("own", "without_scope", "expired")
T = TypeVar("T")
TroubleKind = Literal[
    "unreachable", "tls", "broken", "redirect", "not_json", "throttled", "refused", "odd"
]


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a question has no answer.

    `unreachable`, `tls`: nothing was asked; `broken`: no whole HTTP answer; `redirect`,
    `not_json`: something else than a REST portal answered; `throttled`: a limit that does not
    go away; `refused`: the portal's own error `code`; `odd`: not the documented result.
    """

    kind: TroubleKind
    code: str = ""
    status: int | None = None
    detail: str = ""

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        return f"{self.detail or self.code or self.kind}{status}"

    @property
    def final(self) -> bool:
        """Whether every further question would fare alike, so that none is sent."""
        if self.kind == "refused":
            return self.code in _NO_CREDENTIALS or (
                self.status == 401 and self.code != "insufficient_scope"
            )
        return self.kind not in ("odd", "broken") and not self.passing

    @property
    def passing(self) -> bool:
        """Whether it may be gone at the next question, but not if it comes twice."""
        return self.kind == "broken" or (self.kind == "not_json" and (self.status or 0) >= 500)


class ReadOnly:
    """Asks a portal with one operator's credentials, shown as `asking` says; errors are values.

    After a `Trouble` that would meet every further question, nothing is sent any more; it is
    `stopped` then. A method that the portal does not have, for which the scope is missing, or
    which its own limit blocks (HTTP 429) is not called again. `requests` counts HTTP exchanges.
    `batches`: questions that are asked together share a request; unset it for a portal without.
    """

    def __init__(
        self,
        transport: Transport,
        keyring: Keyring,
        *,
        pace: Pace,
        operator: str = "operator",
        asking: Asking | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.operator = operator
        self.requests = 0
        self._transport = transport
        self._keyring = keyring
        self.pace = pace
        self._hide = Redaction(keyring.secrets()).hide
        self._asking = asking or _place(keyring, operator)
        self._sleep = sleep
        self.batches = True
        self.stopped: Trouble | None = None
        self._broken = 0
        self._blocked: dict[str, Trouble] = {}
        if self._asking.identity not in _IDENTITIES:
            raise GateClosedError("read-only questions show no wrong credentials")

    def profile(self) -> Profile | Trouble:
        """Who asks."""
        return self.ask(questions.profile())

    def scope(self) -> tuple[str, ...] | Trouble:
        """Which of the scopes that matter here the credentials have."""
        return self.ask(questions.scope())

    def method(self, name: str = JOIN) -> Availability | Trouble:
        """Whether a method can be called."""
        return self.ask(questions.method(name))

    def lines(self) -> tuple[Line, ...] | Trouble:
        """The open lines, with their queues."""
        return self.ask(questions.lines())

    def recent(self, *, pages: int = 2) -> RecentChats | Trouble:
        """The operator's list of chats, without private talks; at most `pages` times 100."""
        found = RecentChats((), complete=False)
        for page in range(pages):
            more = self.ask(questions.recent(page))
            if isinstance(more, Trouble):
                return more if page == 0 else found
            # Pages overlap: the portal counts its own records, not chats.
            known = {one.chat for one in found.chats}
            new = tuple(one for one in more.chats if one.chat not in known)
            found = RecentChats(found.chats + new, more.complete)
            if more.complete:
                break
        return found

    def members(self, chat: int) -> tuple[int, ...] | Trouble:
        """Who takes part in a chat; empty where the portal does not tell."""
        return self.ask(questions.members(chat))

    def participants(self, chat: int) -> Participants | Trouble:
        """Who takes part in a chat, customers left out by the portal already; which are bots."""
        return self.ask(questions.participants(chat))

    def dialog(self, chat: int) -> Dialog | Trouble:
        """A line's chat as it looks to the operator; ACCESS_ERROR if he may not see it."""
        return self.ask(questions.dialog(chat))

    def ask(self, question: Question[T]) -> T | Trouble:
        """What is kept of the answer; GateClosedError for a method not on the list."""
        _pass(question)
        if known := self._known(question):
            return known
        body = self._call(question.method, question.parameters)
        if isinstance(body, Trouble):
            self._remember(question.method, body)
            return body
        self._broken = 0
        return _kept(question, body.get("result"))

    def together(self, asked: Sequence[Question[T]]) -> list[T | Trouble]:
        """What `ask` says to each, in one request for every fifty where the portal has `batch`."""
        for question in asked:
            _pass(question)
        found: list[T | Trouble] = []
        for start in range(0, len(asked), ROOM):
            found += self._together(asked[start : start + ROOM])
        return found

    def _together(self, asked: Sequence[Question[T]]) -> list[T | Trouble]:
        known = [self._known(question) for question in asked]
        items = {f"q{n}": one for n, one in enumerate(asked) if known[n] is None}
        if not self.batches or len(items) < 2:
            return [self.ask(question) for question in asked]
        body = self._call(BATCH, batches.written(items))
        if isinstance(body, Trouble) and body.code != "ERROR_METHOD_NOT_FOUND":
            self._remember(BATCH, body)
            if not body.passing:
                return [trouble or body for trouble in known]
            # It may be gone by now, or have to do with how much was asked for at once.
            half = len(asked) // 2
            return self._together(asked[:half]) + self._together(asked[half:])
        found = None if isinstance(body, Trouble) else batches.results(body.get("result"))
        if found is None:
            self.batches = False
            return [self.ask(question) for question in asked]
        self._broken = 0
        answers = {key: self._item(items[key], key, *found) for key in items}
        return [known[n] or answers[f"q{n}"] for n in range(len(asked))]

    def _item(
        self,
        question: Question[T],
        key: str,
        brought: Mapping[str, object],
        errors: Mapping[str, object],
    ) -> T | Trouble:
        if key not in errors:
            return _kept(question, brought.get(key))
        error = errors[key]
        trouble = self._refusal(error.get("error") if isinstance(error, dict) else None)
        if trouble.code in _LASTING:
            self._blocked[question.method] = trouble
        return trouble

    def _known(self, question: Question[object]) -> Trouble | None:
        return self.stopped or self._blocked.get(question.method)

    def _remember(self, method: str, trouble: Trouble) -> None:
        self._broken = self._broken + 1 if trouble.passing else 0
        if trouble.code in _LASTING or (trouble.kind == "throttled" and trouble.status == 429):
            self._blocked[method] = trouble
        elif trouble.final or self._broken > 1:
            self.stopped = trouble

    def _call(self, method: str, parameters: Mapping[str, object]) -> dict[str, object] | Trouble:
        request = self._request(method, parameters)
        try:
            response = self.pace.ask(lambda: self._send(request), self._sleep)
        except WireError as error:
            return Trouble(_kind(error), detail=self._hide(error.detail))
        except LimitReachedError as error:
            return Trouble("throttled", detail=error.what)
        return self._read(response)

    def _send(self, request: Request) -> Response:
        self.requests += 1
        return self._transport.send(request)

    def _request(self, method: str, parameters: Mapping[str, object]) -> Request:
        path = self._keyring.path_of(self.operator, self._asking)
        token = self._keyring.token_of(self.operator, self._asking)
        body = json.dumps({**parameters, **({"auth": token} if token else {})})
        headers = (("Accept", "application/json"), ("Content-Type", "application/json"))
        return Request("POST", f"{path}{method}.json", headers, body)

    def _read(self, response: Response) -> dict[str, object] | Trouble:
        status = response.status
        if 300 <= status < 400:
            return Trouble("redirect", status=status, detail=self._moved(response))
        try:
            body = decode(response)
        except ValueError as error:
            kind: TroubleKind = "throttled" if status in (429, 503) else "not_json"
            return Trouble(kind, status=status, detail=f"the answer is {error}")
        if not isinstance(body, dict):
            return Trouble("not_json", status=status, detail="the answer is no JSON object")
        if "error" in body:
            return self._refusal(body["error"], status)
        return body if "result" in body else Trouble("odd", status=status, detail="no result")

    def _refusal(self, named: object, status: int | None = None) -> Trouble:
        # A code is the portal's word, but a sentence in its place may name somebody.
        code = named if isinstance(named, str) and _CODE.fullmatch(named) else "an unknown code"
        limited = code in ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT")
        return Trouble("throttled" if limited else "refused", self._hide(code), status)

    def _moved(self, response: Response) -> str:
        try:
            return self._hide(f"moved to {address_of(response.header('location') or '')}")
        except (ConfigError, ValueError):
            return "moved elsewhere"


def _pass(question: Question[object]) -> None:
    if question.method not in questions.METHODS:
        raise GateClosedError(f"not sent: {question.method} is no read-only question")


def _kept(question: Question[T], result: object) -> T | Trouble:
    found = question.read(result)
    return Trouble("odd", detail="not the documented answer") if found is None else found


def _kind(error: WireError) -> TroubleKind:
    if error.fault == "unreachable":
        return "unreachable"
    return "tls" if error.fault == "tls" else "broken"


def _place(keyring: Keyring, operator: str) -> Asking:
    webhook = keyring.operators[operator].webhook is not None
    return Asking(place="webhook" if webhook else "oauth_body")
