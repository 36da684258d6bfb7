"""`serve --cases`: a portal where the credentials choose what happens.

Each case has a webhook's secret and an access token of its own (they are the same word), so that
any client's own constructor takes it: point a client at a case, under a debugger if need be, call
once with ASKED, and read at the verdict's URL what was on the wire; a POST there starts afresh.
What the caller saw is not seen from here.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from b24_conformance import conditions, reference
from b24_conformance.cases_page import ASKED, VERDICT, page
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Declaration, Person
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.record import as_exchange
from b24_conformance.implementations.stage import (
    ELSEWHERE,
    PLAYS,
    Condition,
    Play,
    method_answers,
    method_refuses,
)
from b24_conformance.judge import Trial
from b24_conformance.judge.registry import Check, rules
from b24_conformance.judge.wire import SUCCESS, calls_of, joins
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.reference import Raw, Request, Response
from b24_conformance.transcript import Observation, Transcript

NOT_SEEN = "not seen from here"
KEPT = 200
_CHAT_ID = "client.wire-chat-id"
# The clauses of which the wire alone can tell whether they are kept.
WIRE_CLAUSES = (
    _CHAT_ID,
    "client.method",
    "client.nothing-else",
    "client.refusal-not-retried",
    "client.success-once",
    "client.throttled-pause",
    "client.operation-limit",
)
_PLAIN: dict[str, tuple[str, Condition]] = {
    "joined": ("success, whatever CHAT_ID is", method_answers(lambda _call: True)),
    "access-denied": ("the refusal ACCESS_DENIED, HTTP 400", method_refuses("ACCESS_DENIED")),
    "chat-type": ("the refusal CHAT_TYPE, HTTP 400", method_refuses("CHAT_TYPE")),
    "chat-id": ("the refusal CHAT_ID, HTTP 400", method_refuses("CHAT_ID")),
}
_ANSWERS: dict[str, Condition] = {**{name: play for name, (_, play) in _PLAIN.items()}, **PLAYS}
_TELLING = {
    **{name: telling for name, (telling, _) in _PLAIN.items()},
    **{name: condition.telling for name, condition in conditions.CONDITIONS.items()},
}


@dataclass
class Case:
    """One case: its credentials, the portal behind them, and what was asked of it."""

    name: str
    key: str
    portal: reference.Portal
    play: Play
    seen: list[Exchange] = field(default_factory=list)

    @property
    def renewal(self) -> str:
        """The refresh token."""
        return f"refresh-{self.key}"

    def again(self) -> None:
        """Plays from the beginning."""
        self.play = _ANSWERS[self.name](self.portal)


class Cases:
    """Every case over one address. `portal` is what `reference.Server` serves."""

    def __init__(self, state: reference.State | None = None) -> None:
        self._state = state or reference.default_state()
        self._plain = reference.Portal(self._state)
        self._user = min(self._state.users)
        self._lock = threading.Lock()
        self.cases = tuple(self._case(name) for name in _ANSWERS)
        self._owner = {key: case for case in self.cases for key in (case.key, case.renewal)}
        # Whoever follows the redirect shows no credentials there.
        self._owner[ELSEWHERE] = next(c for c in self.cases if c.name == conditions.REDIRECT)

    @property
    def portal(self) -> Callable[[Request], Response | Raw]:
        """The answer to any request: a case's, the verdict, or else a plain portal's."""
        return self._answer

    def lines(self, address: str) -> list[str]:
        """What to print once the server listens at `address`."""
        found = [f"case {case.name} {self.webhook(case, address)}" for case in self.cases]
        return [*found, f"verdict {address}{VERDICT}"]

    def webhook(self, case: Case, address: str) -> str:
        """The webhook's URL of a case."""
        return f"{address}/rest/{self._user}/{case.key}/"

    def verdict(self, address: str) -> dict[str, Any]:
        """What was seen of each case, as the page and the JSON tell it."""
        with self._lock:
            cases = [self._told(case, address) for case in self.cases]
            return {"schema": 1, "chat_id": ASKED, "cases": cases}

    def _case(self, name: str) -> Case:
        key = f"case-{name}-{secrets.token_hex(4)}"
        user = replace(
            self._state.users[self._user],
            webhook_secret=key,
            access_token=key,
            refresh_token=f"refresh-{key}",
            expired_token=None,
        )
        state = replace(self._state, users={user.id: user}, rate=None, burst=None)
        portal = reference.Portal(state)
        return Case(name, key, portal, _ANSWERS[name](portal))

    def _answer(self, request: Request) -> Response | Raw:
        if request.target.partition("?")[0].rstrip("/") == VERDICT:
            return self._answer_verdict(request)
        case = self._owner_of(request)
        if case is None:
            return self._plain.answer(request)
        started, began = time.time(), time.perf_counter()
        answer = case.play(request)
        self._keep(case, request, answer, started, time.perf_counter() - began)
        return answer

    def _owner_of(self, request: Request) -> Case | None:
        incoming = self._plain.read(request, self._plain.route(request.target))
        shown = (
            incoming.webhook and incoming.webhook[1],
            incoming.token,
            incoming.parameters.get("refresh_token"),
            request.target.partition("?")[0],
        )
        return next(
            (self._owner[key] for key in shown if isinstance(key, str) and key in self._owner), None
        )

    def _keep(
        self, case: Case, request: Request, answer: Response | Raw, started: float, seconds: float
    ) -> None:
        with self._lock:
            number = case.seen[-1].number + 1 if case.seen else 1
            exchange = as_exchange(number, request, answer, started, seconds)
            case.seen = [*case.seen, exchange][-KEPT:]
            for token in _issued(answer):
                self._owner[token] = case
            joined = any(call.joins and call.answer == SUCCESS for call in calls_of(exchange))
            if joined and case.name == conditions.THROTTLED_ONCE:
                case.again()

    def _answer_verdict(self, request: Request) -> Response:
        if request.verb == "POST":
            with self._lock:
                for case in self.cases:
                    case.seen = []
                    case.again()
            return Response(303, (("Location", VERDICT),))
        scheme = "https" if request.secure else "http"
        told = self.verdict(f"{scheme}://{request.header('host') or 'localhost'}")
        if _wants_json(request):
            body, kind = json.dumps(told, ensure_ascii=False, indent=1), "application/json"
        else:
            body, kind = page(told), "text/html"
        return Response(200, (("Content-Type", f"{kind}; charset=utf-8"),), body.encode())

    def _told(self, case: Case, address: str) -> dict[str, Any]:
        return {
            "name": case.name,
            "portal": _TELLING[case.name],
            "webhook": self.webhook(case, address),
            "token": case.key,
            "refresh_token": case.renewal,
            "requests": [_shown(exchange) for exchange in case.seen],
            "clauses": _judged(case),
            "caller": NOT_SEEN,
        }


def _issued(answer: Response | Raw) -> list[str]:
    """The tokens that an answer of the token endpoint hands out."""
    if isinstance(answer, Raw) or b'"refresh_token"' not in answer.body:
        return []
    body = json.loads(answer.body)
    return [body[name] for name in ("access_token", "refresh_token") if name in body]


def _wants_json(request: Request) -> bool:
    query = parse_qs(request.target.partition("?")[2])
    accept = request.header("accept") or ""
    return query.get("format") == ["json"] or (
        "application/json" in accept and "text/html" not in accept
    )


def _shown(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "verb": request.verb,
        "target": request.target,
        "body": request.body,
        "calls": [
            {"method": call.name, "parameters": call.parameters} for call in calls_of(exchange)
        ],
        "status": response.status if response else None,
        "answer": response.body if response else exchange.detail,
    }


def _judged(case: Case) -> list[dict[str, Any]]:
    """What the wire says of each clause; everything since the last start counts as one call."""
    if not case.seen:
        return []
    when = case.name if case.name in conditions.CONDITIONS else ""
    probe, outcome = Probe(str(ASKED), when=when), Outcome("broken", detail=NOT_SEEN)
    observation = Observation(0, probe, outcome, tuple(case.seen))
    declaration = Declaration("a client", side="client", people={"operator": Person()})
    trial = Trial(declaration, Transcript((observation,)))
    contract = load_contract()
    found = []
    for name in WIRE_CLAUSES:
        checks = [check for check in rules()[name](trial) if isinstance(check, Check)]
        if name == _CHAT_ID and not checks and joins(observation):
            # Elsewhere a caller may well give none; here he was told to.
            checks = [Check(observation, False, f"CHAT_ID {ASKED} on the wire", "none")]
        if checks:
            wrong = next((check for check in checks if not check.kept), None)
            reason = f"demanded {wrong.demanded}, got {wrong.got}" if wrong else None
            clause = contract.clause(name)
            status = "failed" if wrong else "passed"
            found.append(
                {"id": name, "level": clause.level, "status": status, "reason": reason}
                | {"statement": clause.statement.en}
            )
    return found
