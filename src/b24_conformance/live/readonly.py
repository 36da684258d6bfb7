"""Read-only questions to a portal: sparing, discreet, and nothing that could change it.

Only the methods on a closed list are ever called, redirects are not followed, and what comes
back is parsed at once by `readonly_answers`, so that no name, title or message is ever kept.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

import msgspec

from b24_conformance.errors import ConfigError
from b24_conformance.exchange import Request, Response
from b24_conformance.gate import GateClosedError
from b24_conformance.implementations.answer import decode
from b24_conformance.implementations.base import Transport, WireError
from b24_conformance.implementations.keyring import Keyring, address_of
from b24_conformance.live import readonly_answers as answers
from b24_conformance.live.readonly_answers import (
    Availability,
    Dialog,
    Line,
    Participants,
    Profile,
    RecentChats,
)
from b24_conformance.pace import Pace
from b24_conformance.probe import JOIN, MEMBERS, Asking
from b24_conformance.redaction import Redaction

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
"""All that is ever called."""

_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
PAGE = 200
# A chat in the list takes some kilobytes, and answers have their bound.
_RECENT_PAGE = 100
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,63}")
_NO_CREDENTIALS = ("INVALID_CREDENTIALS", "NO_AUTH_FOUND", "expired_token", "invalid_token")
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

    After a `Trouble` that would meet every further question, nothing is sent any more. A method
    that its own limit blocks (HTTP 429) is not called again. `requests` counts HTTP exchanges.
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
        self._pace = pace
        self._hide = Redaction(keyring.secrets()).hide
        self._asking = asking or _place(keyring, operator)
        self._sleep = sleep
        self._stopped: Trouble | None = None
        self._broken = 0
        self._blocked: dict[str, Trouble] = {}
        if self._asking.identity not in _IDENTITIES:
            raise GateClosedError("read-only questions show no wrong credentials")

    def profile(self) -> Profile | Trouble:
        """Who asks."""
        return self.ask("profile", {}, answers.read_profile)

    def scope(self) -> tuple[str, ...] | Trouble:
        """Which of the scopes that matter here the credentials have."""
        return self.ask("scope", {}, answers.read_scope)

    def method(self, name: str = JOIN) -> Availability | Trouble:
        """Whether a method can be called."""
        # The key in lower case only: the portal does not know NAME.
        return self.ask("method.get", {"name": name}, answers.read_method)

    def lines(self) -> tuple[Line, ...] | Trouble:
        """The open lines, with their queues."""
        wanted = {"PARAMS": {"select": ["ID"]}, "OPTIONS": {"QUEUE": "Y"}}
        return self.ask("imopenlines.config.list.get", wanted, answers.read_lines)

    def recent(self, *, pages: int = 2) -> RecentChats | Trouble:
        """The operator's list of chats, without private talks; at most `pages` times 100."""
        found = RecentChats((), complete=False)
        for page in range(pages):
            wanted = {"SKIP_DIALOG": "Y", "LIMIT": _RECENT_PAGE, "OFFSET": page * _RECENT_PAGE}
            more = self.ask("im.recent.list", wanted, answers.read_recent)
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
        return self.ask(MEMBERS, {"CHAT_ID": chat}, answers.read_members)

    def participants(self, chat: int) -> Participants | Trouble:
        """Who takes part in a chat, customers left out by the portal already; which are bots."""
        wanted = {
            "DIALOG_ID": f"chat{chat}",
            "SKIP_EXTERNAL": "Y",
            "SKIP_EXTERNAL_EXCEPT_TYPES": "bot",
            "LIMIT": PAGE,
        }
        return self.ask("im.dialog.users.list", wanted, answers.read_participants)

    def dialog(self, chat: int) -> Dialog | Trouble:
        """A line's chat as it looks to the operator; ACCESS_ERROR if he may not see it."""
        return self.ask("imopenlines.dialog.get", {"CHAT_ID": chat}, answers.read_dialog)

    def ask(
        self, method: str, parameters: Mapping[str, object], read: Callable[[object], T | None]
    ) -> T | Trouble:
        """What `read` keeps of the result; GateClosedError for a method not on the list."""
        if method not in METHODS:
            raise GateClosedError(f"not sent: {method} is no read-only question")
        known = self._stopped or self._blocked.get(method)
        if known:
            return known
        body = self._call(method, parameters)
        if isinstance(body, Trouble):
            self._remember(method, body)
            return body
        self._broken = 0
        found = read(body.get("result"))
        return Trouble("odd", detail="not the documented answer") if found is None else found

    def _remember(self, method: str, trouble: Trouble) -> None:
        self._broken = self._broken + 1 if trouble.passing else 0
        if trouble.kind == "throttled" and trouble.status == 429:
            self._blocked[method] = trouble
        elif trouble.final or self._broken > 1:
            self._stopped = trouble

    def _call(self, method: str, parameters: Mapping[str, object]) -> dict[str, object] | Trouble:
        request = self._request(method, parameters)
        answer: dict[str, object] | Trouble = Trouble("broken")
        for wait in (*_WAITS, None):
            self._pace.wait()
            self.requests += 1
            try:
                answer = self._read(self._transport.send(request))
            except WireError as error:
                return Trouble(_kind(error), detail=self._hide(error.detail))
            busy = isinstance(answer, Trouble) and answer.code == "QUERY_LIMIT_EXCEEDED"
            if not busy or wait is None:
                break
            self._sleep(wait)
        return answer

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

    def _refusal(self, named: object, status: int) -> Trouble:
        # A code is the portal's word, but a sentence in its place may name somebody.
        code = named if isinstance(named, str) and _CODE.fullmatch(named) else "an unknown code"
        limited = code in ("QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT")
        return Trouble("throttled" if limited else "refused", self._hide(code), status)

    def _moved(self, response: Response) -> str:
        try:
            return self._hide(f"moved to {address_of(response.header('location') or '')}")
        except (ConfigError, ValueError):
            return "moved elsewhere"


def _kind(error: WireError) -> TroubleKind:
    if error.fault == "unreachable":
        return "unreachable"
    return "tls" if error.fault == "tls" else "broken"


def _place(keyring: Keyring, operator: str) -> Asking:
    webhook = keyring.operators[operator].webhook is not None
    return Asking(place="webhook" if webhook else "oauth_body")
