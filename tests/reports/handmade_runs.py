"""Events of four runs, built by hand: green, red, cut off, and two implementations."""

from __future__ import annotations

import msgspec

from b24_conformance.contract import Clause, Contract, Source, Statement
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.events import (
    Event,
    Evidence,
    ImplementationFinished,
    ImplementationStarted,
    Judged,
    Observed,
    RunFinished,
    RunStarted,
)
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.outcome import JOINED
from b24_conformance.probe import Probe
from b24_conformance.reports.curl import curl_line
from b24_conformance.reports.report import Report, read_report
from b24_conformance.transcript import Observation

METHOD = "imopenlines.session.join"
PORTAL = "http://127.0.0.1:8080"
SECRET = "kq7v2m9x4w1z8t5p"
NASTY = 'a|b `c` ``d`` <b>&amp;</b> "q" \x00\x1b[31m ]]> \u202e*x*\r\n[link](http://evil)'
CLAUSES = (
    ("success.true", "MUST", "core", ("joinable",), "new"),
    ("refusal.chat-type", "MUST", "core", ("not_open_line",), "refused"),
    ("refusal.absent", "SHOULD", "core", ("absent",), "refused"),
    ("oauth.expired", "MUST", "oauth", ("expired",), "none"),
    ("safety.no-echo", "MUST", "core", (), "none"),
    ("batch.same", "SHOULD", "batch", (), "refused"),
)


def a_clause(id: str, level: str, feature: str, needs: tuple[str, ...], rung: str) -> Clause:  # noqa: A002
    statement = Statement(f"The clause {id} holds for every chat.", f"Требование {id} выполнено.")
    source = Source("documented", "api-reference/imopenlines/session/join.md")
    row = {"id": id, "level": level, "feature": feature, "side": "both", "rung": rung}
    shared = {"statement": statement, "source": source, "needs": needs}
    return msgspec.convert({**row, **shared}, Clause)


def an_exchange(number: int, chat_id: str = "12", body: str = '{"result":true}') -> Exchange:
    return Exchange(
        number,
        Request(
            "POST",
            f"/rest/1/$B24_WEBHOOK/{METHOD}.json",
            (("Host", "127.0.0.1:8080"), ("Content-Type", "application/json")),
            f'{{"CHAT_ID":{chat_id}}}',
        ),
        Response(200, (("Content-Type", "application/json; charset=utf-8"),), body),
    )


def judged(name: str, clause: str, status: str = "passed", **rest: object) -> Judged:
    level, feature = next(row[1:3] for row in CLAUSES if row[0] == clause)
    reason = None if status == "passed" else rest.pop("reason", f"{clause} is {status}")
    row = {"implementation": name, "clause": clause, "level": level, "feature": feature}
    row |= {"status": status, "reason": reason, "requests": 3, "required": True}
    return msgspec.convert({**row, **rest}, Judged)


def evidence(chat_id: str = "12", got: str = "joined", body: str = '{"result":true}') -> Evidence:
    exchange = an_exchange(2, chat_id, body)
    return Evidence(
        chat_id=chat_id,
        demanded="refused with CHAT_TYPE",
        got=got,
        exchange=msgspec.json.decode(msgspec.json.encode(exchange)),
        curl=curl_line(exchange, PORTAL),
    )


def begun() -> RunStarted:
    ids = tuple(row[0] for row in CLAUSES)
    return RunStarted("0.1.0", METHOD, "1.0", 7, "2026-01-02T03:04:05+00:00", ids)


def started(name: str, side: str = "portal") -> ImplementationStarted:
    person = Person(1, Chats(not_open_line=(12,), absent=(999999999,)))
    row = {"name": name, "side": side, "rung": "refused", "stand_in": True}
    declaration = msgspec.convert({**row, "people": {"operator": person}}, Declaration)
    return ImplementationStarted(declaration, "1.3.2" if side == "client" else None)


def observed(name: str, number: int) -> Observed:
    return Observed(name, Observation(number, Probe("12"), JOINED, (an_exchange(number),)))


def ended(name: str, verdict: str, line: str, **rest: object) -> ImplementationFinished:
    row = {"implementation": name, "side": "portal", "verdict": verdict, "requests": 18}
    return msgspec.convert({**row, "line": line, **rest}, ImplementationFinished)


def green_part(name: str) -> list[Event]:
    rows = [judged(name, row[0]) for row in CLAUSES[1:3]]
    return [
        started(name),
        observed(name, 1),
        judged(name, "success.true"),
        *rows,
        judged(name, "oauth.expired", "not_implemented", reason="declared absent: oauth"),
        judged(name, "safety.no-echo"),
        judged(name, "batch.same"),
        ended(name, "conformant", "CONFORMANT: 3 of 3 MUST, 2 of 2 SHOULD, 1 not implemented"),
    ]


def red_part(name: str, side: str = "portal") -> list[Event]:
    line = "NONCONFORMANT: 0 of 2 MUST, 0 of 1 SHOULD, 1 inconclusive, 2 not checked"
    lacking = "needs --joins new; this run has --joins refused"
    return [
        started(name, side),
        observed(name, 1),
        judged(name, "success.true", "not_checked", reason=lacking),
        judged(name, "refusal.chat-type", "failed", evidence=evidence()),
        judged(
            name, "refusal.absent", "failed", evidence=evidence(f'"{NASTY}"', NASTY, f"<p>{NASTY}")
        ),
        judged(name, "oauth.expired", "not_checked", reason="add [credentials] expired_token"),
        judged(name, "safety.no-echo", "failed", reason=f"echoed: {NASTY}", evidence=evidence()),
        judged(name, "batch.same", "inconclusive", reason="throttled to the end"),
        ended(name, "nonconformant", line, side=side, note="the portal throttles"),
    ]


GREEN: list[Event] = [begun(), *green_part(PORTAL), RunFinished(0, 1.5)]
RED: list[Event] = [begun(), *red_part(PORTAL), RunFinished(1, 2.5)]
CUT: list[Event] = RED[:5]
TWO: list[Event] = [
    begun(),
    *green_part(PORTAL),
    *red_part("client:b24pysdk", "client"),
    RunFinished(1, 3.0),
]
RUNS = {"green": GREEN, "red": RED, "cut": CUT, "two": TWO}


def a_contract() -> Contract:
    features = {name: Statement(name, name) for name in ("core", "oauth", "batch")}
    return Contract(METHOD, "1.0", features, tuple(a_clause(*row) for row in CLAUSES))


def a_report(events: list[Event]) -> Report:
    return read_report(events, a_contract())


def without_curl(events: list[Event], **more: object) -> list[Event]:
    """The events of somebody who is not reached over a socket."""
    return [
        msgspec.structs.replace(
            event, evidence=msgspec.structs.replace(event.evidence, curl=None, **more)
        )
        if isinstance(event, Judged) and event.evidence
        else event
        for event in events
    ]
