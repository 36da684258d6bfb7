"""Hand-made observations: short ways of saying what was asked and what came."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.exchange import Exchange, Fault, Request, Response
from b24_conformance.judge import Trial, judge
from b24_conformance.judgement import Judgement
from b24_conformance.outcome import Outcome
from b24_conformance.probe import MEMBERS, Asking, Probe
from b24_conformance.transcript import Observation, Transcript

JSON = (("Content-Type", "application/json; charset=utf-8"), ("Access-Control-Allow-Origin", "*"))
BEGUN = 1795341600
TIME = {
    "start": BEGUN + 0.0,
    "finish": BEGUN + 1.0,
    "duration": 1.0,
    "processing": 0.5,
    "date_start": "2026-11-22T13:00:00+03:00",
    "date_finish": "2026-11-22T13:00:01+03:00",
}
EVERY_PLACE = ("webhook", "oauth_body", "oauth_query", "bearer")
WIDE = 2**32
DECLARATION = Declaration(
    "portal",
    stand_in=True,
    rung="new",
    people={
        "operator": Person(
            1,
            Chats(
                joinable=(2043, 2044),
                joined=(2045,),
                access_denied=(2050,),
                not_open_line=(12,),
                absent=(999999999,),
            ),
            EVERY_PLACE,
        ),
        "colleague": Person(2, Chats(access_denied=(2044,), not_open_line=(15,))),
    },
    identities=("without_scope", "expired"),
)


class Came(NamedTuple):
    """What came back: an outcome, and the response or the fault behind it."""

    outcome: Outcome
    response: Response | None = None
    fault: Fault | None = None


Asked = tuple[Probe, Came]


class Case(NamedTuple):
    """A clause with a transcript that keeps it and one that breaks it."""

    clause: str
    kept: list[Asked]
    broken: list[Asked]


def p(chat_id: object, **fields: Any) -> Probe:
    """A probe for `chat_id` as written."""
    return Probe(None if chat_id is None else str(chat_id), **fields)


def showing(identity: str, place: str = "webhook", chat_id: object = 2045) -> Probe:
    """A probe that shows credentials of a kind."""
    return p(chat_id, asking=Asking(place=place, identity=identity))  # type: ignore[arg-type]


def response(body: object, status: int = 200, headers: Any = JSON) -> Response:
    """A response with a JSON body."""
    return Response(status, headers, json.dumps(body))


def joined(**fields: Any) -> Came:
    """A success; `fields` go into the body beside `result`."""
    body = {"result": True, "time": TIME, **fields}
    return Came(Outcome("joined", status=200), response(body))


def refused(code: str, status: int = 400, **fields: Any) -> Came:
    """A refusal; `fields` go into the body beside `error`."""
    body = {"error": code, "error_description": f"because of {code}", **fields}
    return Came(Outcome("refused", code=code, status=status), response(body, status))


def broken(body: str = "oops", status: int = 200, headers: Any = JSON) -> Came:
    """An answer that is neither."""
    outcome = Outcome("broken", status=status, detail="neither")
    return Came(outcome, Response(status, headers, body))


def lost(fault: Fault = "reset") -> Came:
    """No answer at all."""
    kind = "unreachable" if fault in ("unreachable", "tls") else "broken"
    return Came(Outcome(kind, detail=f"lost by {fault}"), None, fault)  # type: ignore[arg-type]


def listed(chat: int, *users: int, occasion: str = "", operator: str = "operator") -> Asked:
    """Who takes part in a chat: the question and its answer."""
    probe = p(chat, method=MEMBERS, occasion=occasion, operator=operator)
    return probe, Came(Outcome("members", status=200, members=users), response({"result": users}))


JOINED = joined()
CHAT_ID = refused("CHAT_ID")
CHAT_TYPE = refused("CHAT_TYPE")
DENIED = refused("ACCESS_DENIED")


def with_headers(came: Came, *headers: tuple[str, str]) -> Came:
    """The same answer with other headers."""
    assert came.response is not None
    return came._replace(response=msgspec.structs.replace(came.response, headers=headers))


def success(clause: str, came: Came, kept: Came = JOINED) -> Case:
    """A rule that looks at successes."""
    return Case(clause, [(p(2045), kept), (p(0), CHAT_ID)], [(p(2045), came), (p(0), CHAT_ID)])


def refusal(clause: str, came: Came, kept: Came = CHAT_ID) -> Case:
    """A rule that looks at refusals."""
    return Case(clause, [(p(0), kept), (p(2045), JOINED)], [(p(0), came), (p(2045), JOINED)])


def transcript(asked: Iterable[Asked]) -> Transcript:
    """The observations, each with an exchange of its own."""
    found = []
    for index, (probe, came) in enumerate(asked):
        exchange = Exchange(
            index + 1, Request("POST", "/"), came.response, came.fault, came.outcome.detail or ""
        )
        found.append(Observation(index, probe, came.outcome, (exchange,)))
    return Transcript(tuple(found))


def trial(asked: Iterable[Asked], declaration: Declaration = DECLARATION) -> Trial:
    """A trial over the observations."""
    return Trial(declaration, transcript(asked))


def judged(
    clause_id: str, asked: Iterable[Asked], declaration: Declaration = DECLARATION
) -> Judgement:
    """The judgement of a clause over the observations."""
    return judge(load_contract().clause(clause_id), trial(asked, declaration))


def told(judgement: Judgement) -> tuple[str, str | None]:
    """The status and its reason."""
    return judgement.status, judgement.reason


class Rules:
    """What holds for every rule; each module's `TestRules` gives its own cases."""

    def test_kept(self, case: Case) -> None:
        """What keeps the clause passes."""
        assert ("passed", None) == told(judged(case.clause, case.kept))

    def test_broken(self, case: Case) -> None:
        """What breaks the clause fails, with a finding."""
        judgement = judged(case.clause, case.broken)
        assert "failed" == judgement.status, judgement.reason
        assert judgement.findings
