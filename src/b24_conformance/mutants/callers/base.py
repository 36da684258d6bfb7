"""The plain client from which all others depart, and the register of them.

Every step of a call is a method of its own: a client with a fault overrides one step.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

from b24_conformance.clients.protocol import Answer, Call, Setup, broken

METHOD = "imopenlines.session.join"
LIMIT = "QUERY_LIMIT_EXCEEDED"
Params = dict[str, Any]


class Reply(NamedTuple):
    """A status and a body."""

    status: int
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON value in the body, or None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def error(self) -> str | None:
        """The code of the error in the body, or None."""
        found = self.value.get("error") if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else None


class Caller:
    """A client: POSTs JSON once, and hands on what it is told."""

    credentials: ClassVar[str] = "webhook"
    suffix: ClassVar[str] = ".json"

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        portal = setup.portal
        webhook = portal.get("webhook", "")
        self.address = urlsplit(webhook or f"{portal['scheme']}://{portal['domain']}/rest/")
        self.token = portal.get("access_token", "")

    def __call__(self, call: Call) -> Answer:
        """What the caller sees of one call."""
        return self.join(dict(call.params))

    def join(self, params: Params) -> Answer:
        """Calls the method and tells how it went."""
        try:
            reply = self.ask(params)
        except OSError as error:
            return self.lost(error)
        except http.client.HTTPException as error:
            return self.lost(error)
        return self.tell(reply)

    def ask(self, params: Params) -> Reply:
        """The answer to the call, after whatever it takes to get one."""
        return self.post(METHOD, self.signed(params))

    def signed(self, params: Params) -> Params:
        """The parameters with the token, if there is one."""
        return {**params, "auth": self.token} if self.token else params

    def post(self, method: str, params: Params) -> Reply:
        """The answer to one request."""
        body = json.dumps(params).encode()
        return self.send("POST", self.path(method), body, "application/json")

    def path(self, method: str) -> str:
        """The path of a method below the webhook, or below /rest/."""
        return f"{self.address.path}{method}{self.suffix}"

    def send(self, verb: str, path: str, body: bytes = b"", kind: str = "") -> Reply:
        """One request over a connection of its own."""
        line = http.client.HTTPConnection(self.address.netloc, timeout=self.setup.patience)
        try:
            line.request(verb, path, body or None, {"Content-Type": kind} if kind else {})
            answer = line.getresponse()
            return Reply(answer.status, answer.read())
        finally:
            line.close()

    def tell(self, reply: Reply) -> Answer:
        """What the caller is told of an answer."""
        if reply.error is not None:
            return self.refusal(reply.error, reply)
        if isinstance(reply.value, dict) and "error" not in reply.value:
            return self.result(reply.value.get("result"), reply)
        return self.nonsense(reply)

    def refusal(self, code: str, reply: Reply) -> Answer:
        """What the caller is told of a refusal."""
        return {"refused": code, "via": "field", "status": reply.status}

    def result(self, value: object, reply: Reply) -> Answer:
        """What the caller is told of a result."""
        if value is True and reply.status == 200:
            return {"joined": True}
        return broken(f"HTTP {reply.status} with the result {value!r}")

    def nonsense(self, reply: Reply) -> Answer:
        """What the caller is told of an answer that is none."""
        return broken(f"HTTP {reply.status} without a JSON object")

    def lost(self, error: Exception) -> Answer:
        """What the caller is told of a broken connection."""
        return broken(f"{type(error).__name__}: {error}")


class OAuthCaller(Caller):
    """The plain client with a token."""

    credentials = "oauth"

    def renew(self) -> None:
        """Has the token endpoint issue new tokens."""
        query = {
            "grant_type": "refresh_token",
            "client_id": "local.1",
            "client_secret": "2",
            "refresh_token": self.setup.portal["refresh_token"],
        }
        reply = self.send("GET", f"/oauth/token/?{urlencode(query)}")
        if isinstance(reply.value, dict):
            self.token = str(reply.value.get("access_token", self.token))


def pause(seconds: float = 0.3) -> None:
    """Waits before another try."""
    time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Entry:
    """A client of the gallery.

    `clause` must go red for a faulty one; it is empty for a sound one, whose `shoulds` are the
    SHOULD clauses that prefer otherwise.
    """

    name: str
    make: type[Caller]
    clause: str = ""
    note: str = ""
    shoulds: frozenset[str] = field(default_factory=frozenset)


ENTRIES: dict[str, Entry] = {}
Made = TypeVar("Made", bound=Caller)


def faulty(clause: str) -> Callable[[type[Made]], type[Made]]:
    """Puts a client on show whose fault `clause` must name."""
    return _registered(clause, frozenset())


def sound(*shoulds: str) -> Callable[[type[Made]], type[Made]]:
    """Puts a client on show that keeps every MUST."""
    return _registered("", frozenset(shoulds))


def _registered(clause: str, shoulds: frozenset[str]) -> Callable[[type[Made]], type[Made]]:
    def register(make: type[Made]) -> type[Made]:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", make.__name__).lower()
        if name in ENTRIES:
            raise ValueError(f"two clients are called {name}")
        note = (make.__doc__ or "").strip()
        ENTRIES[name] = Entry(name, make, clause, note, shoulds)
        return make

    return register
