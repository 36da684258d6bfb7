"""Rules of clients: each can fail, and none fails for what is allowed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest

from b24_conformance import conditions
from b24_conformance.conditions import NOT_TOLD
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.exchange import Exchange, Request, Response
from b24_conformance.judge import Trial, judge
from b24_conformance.judge.wire import SUCCESS, calls_of
from b24_conformance.judgement import Judgement
from b24_conformance.outcome import JOINED, Outcome
from b24_conformance.probe import Probe
from b24_conformance.transcript import Observation, Transcript

JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
TEXT = (("Content-Type", "text/plain;charset=UTF-8"),)
PATH = "/rest/1/$B24_WEBHOOK/"
JOIN = f"{PATH}imopenlines.session.join"
TRUE = Response(200, JSON, '{"result": true, "time": {}}')
PEOPLE = {
    "operator": Person(
        1,
        Chats(joined=(2045,), joinable=(2043,), access_denied=(2050,), not_open_line=(12,)),
        ("webhook", "oauth_body"),
    )
}
CLIENT = Declaration("client:tiny", side="client", stand_in=True, rung="new", people=PEOPLE)
NAME = 'name="CHAT_ID"'
Sent = tuple[Request, Response | None]


def error(code: str, status: int = 400) -> Response:
    """A refusal."""
    return Response(status, JSON, json.dumps({"error": code, "error_description": ""}))


def post(body: Any, target: str = JOIN) -> Request:
    """A request with a JSON body."""
    return Request("POST", target, JSON, json.dumps(body))


def join(chat: Any = 2045) -> Request:
    """A plain join."""
    return post({"CHAT_ID": chat})


def call(
    chat: str | None, outcome: Outcome, *sent: Sent, when: str = "", gap: float = 1.0
) -> Observation:
    """A call with what passed on the wire, `gap` seconds between the requests."""
    exchanges = tuple(
        Exchange(number, request, response, started=number * gap, seconds=0.0)
        for number, (request, response) in enumerate(sent, 1)
    )
    return Observation(0, Probe(chat, when=when), outcome, exchanges)


def judged(clause: str, *observations: Observation) -> Judgement:
    """The judgement of a clause over some calls."""
    trial = Trial(CLIENT, Transcript(observations))
    return judge(load_contract().clause(clause), trial)


def refused(code: str, via: str = "field", status: int | None = None) -> Outcome:
    """What a caller sees of a refusal."""
    return Outcome("refused", code=code, via=via, status=status)


def broken(detail: str = "HTTP 502") -> Outcome:
    """What a caller sees of anything else."""
    return Outcome("broken", detail=detail)


SUCCEEDED = call("2045", JOINED, (join(), TRUE))
DENIED = call("2050", refused("ACCESS_DENIED"), (join(2050), error("ACCESS_DENIED")))
OTHER_TYPE = call("12", refused("CHAT_TYPE"), (join(12), error("CHAT_TYPE")))
NO_CHAT = call("0", refused("CHAT_ID"), (join(0), error("CHAT_ID")))
CALM = (SUCCEEDED, DENIED, OTHER_TYPE, NO_CHAT)
LIMIT = error("QUERY_LIMIT_EXCEEDED", 503)
BLOCKED = error("OPERATION_TIME_LIMIT", 429)


class TestWire:
    """Calls are read out of any form that clients send."""

    @pytest.mark.parametrize(
        ("request_", "value"),
        [
            (post({"CHAT_ID": 2043, "auth": "$B24_TOKEN"}), 2043),
            (post({"CHAT_ID": "2043"}, f"{JOIN}.json"), "2043"),
            (post({"CHAT_ID": 2043}, "/rest//imopenlines.session.join/?bx24_request_id=1"), 2043),
            (post({"CHAT_ID": 2043}, f"{PATH}/imopenlines.session.join/"), 2043),
            (post({"CHAT_ID": 2043}, f"{PATH}ImOpenLines.session.join"), 2043),
            (Request("GET", f"{JOIN}?start=0&CHAT_ID=2043"), "2043"),
            (Request("POST", f"{JOIN}?CHAT_ID=2043"), "2043"),
            (Request("POST", JOIN, FORM, "CHAT_ID=2043&auth=x"), "2043"),
            (Request("POST", JOIN, TEXT, "auth=x&&CHAT_ID=2043&"), "2043"),
            (Request("POST", f"{JOIN}?CHAT_ID=1", FORM, "CHAT_ID=2043"), "2043"),
            (
                Request(
                    "POST",
                    JOIN,
                    (("content-type", "multipart/form-data; boundary=b"),),
                    f"--b\r\nContent-Disposition: form-data; {NAME}\r\n\r\n2043\r\n--b--\r\n",
                ),
                "2043",
            ),
        ],
    )
    def test_single(self, request_: Request, value: object) -> None:
        """One call of the join, with its CHAT_ID and its answer."""
        (found,) = calls_of(Exchange(1, request_, TRUE))
        assert (True, value, SUCCESS) == (found.joins, found.parameters["CHAT_ID"], found.answer)

    @pytest.mark.parametrize(
        "request_",
        [
            post(
                {"halt": 0, "cmd": {"a": "imopenlines.session.join?x=1&CHAT_ID=12"}}, f"{PATH}batch"
            ),
            post({"cmd": ["imopenlines.session.join?CHAT_ID=12"]}, f"{PATH}batch.json"),
            Request("GET", f"{PATH}batch?cmd%5B0%5D=imopenlines.session.join%3FCHAT_ID%3D12"),
            Request(
                "POST", f"{PATH}batch", FORM, urlencode({"cmd[0]": f"{JOIN[-24:]}?CHAT_ID=12"})
            ),
        ],
    )
    @pytest.mark.parametrize("listed", [True, False])
    def test_batch(self, request_: Request, listed: bool) -> None:
        """A join within a batch, and the error of its item."""
        item: Any = {"error": "CHAT_TYPE"}
        key = "a" if '"a"' in request_.body else "0"
        errors = [item] if listed and key == "0" else {key: item}
        body = json.dumps({"result": {"result": [], "result_error": errors}})
        (found,) = calls_of(Exchange(1, request_, Response(200, JSON, body)))
        assert (True, "12", True) == (found.joins, found.parameters["CHAT_ID"], found.batched)
        assert ("refused", "CHAT_TYPE") == found.answer

    def test_batch_that_is_refused(self) -> None:
        """A limit refuses the whole batch, and so each call in it."""
        request = post({"cmd": ["imopenlines.session.join?CHAT_ID=12"]}, f"{PATH}batch")
        (found,) = calls_of(Exchange(1, request, LIMIT))
        assert (("refused", "QUERY_LIMIT_EXCEEDED"), 503) == (found.answer, found.status)

    def test_no_calls(self) -> None:
        """A preflight, a page elsewhere and the token endpoint are no calls of a method."""
        requests = (Request("OPTIONS", JOIN), Request("GET", "/elsewhere/"))
        assert [] == [c for r in requests for c in calls_of(Exchange(1, r, TRUE))]
        (token,) = calls_of(Exchange(1, Request("GET", "/oauth/token/?x=1"), TRUE))
        assert "oauth/token" == token.method

    @pytest.mark.parametrize(
        ("response", "answer"),
        [
            (TRUE, SUCCESS),
            (Response(200, JSON, '{"result": 1}'), None),
            (Response(201, JSON, '{"result": true}'), None),
            (Response(200, JSON, '{"result": true, "error": "X"}'), None),
            (Response(200, (), ""), None),
            (Response(200, (), "<response><result>1</result></response>"), SUCCESS),
            (Response(400, (), "<response><error>X</error></response>"), ("refused", "X")),
            (None, None),
        ],
    )
    def test_answers(self, response: Response | None, answer: object) -> None:
        """Nothing but a well-formed success is one."""
        (found,) = calls_of(Exchange(1, join(), response))
        assert answer == found.answer


class TestCalm:
    """Rules of undisturbed calls."""

    @pytest.mark.parametrize(
        ("clause", "wrong"),
        [
            ("client.success", call("2045", broken(), (join(), TRUE))),
            ("client.success", call("2045", refused("X"), (join(), TRUE))),
            ("client.codes", call("12", broken(), (join(12), error("CHAT_TYPE")))),
            ("client.codes", call("12", refused("CHAT_ID"), (join(12), error("CHAT_TYPE")))),
            (
                "client.codes-exact",
                call("12", refused("CHAT_TYPE", "message"), (join(12), error("CHAT_TYPE"))),
            ),
            ("client.wire-chat-id", call("-2045", JOINED, (join(2045), TRUE))),
            ("client.wire-chat-id", call("4294967338", JOINED, (join(42), TRUE))),
            ("client.wire-chat-id", call('"2045"', JOINED, (join(2044), TRUE))),
            ("client.wire-chat-id", call("2045", JOINED, (join([2045]), TRUE))),
            ("client.wire-missing", call(None, refused("CHAT_ID"), (join(0), error("CHAT_ID")))),
            ("client.wire-missing", call(None, refused("CHAT_ID"), (join("None"), error("X")))),
            ("client.method", call("2045", broken(), (post({"chat_id": 2045}), TRUE))),
            ("client.method", call("2045", JOINED)),
            (
                "client.method",
                call("2045", JOINED, (post({"CHAT_ID": 2045}, f"{PATH}imopenlines.x"), TRUE)),
            ),
            (
                "client.nothing-else",
                call("2045", JOINED, (join(), TRUE), (post({}, f"{PATH}im.message.add"), TRUE)),
            ),
            (
                "client.nothing-else",
                call(
                    "2045",
                    JOINED,
                    (
                        post(
                            {
                                "cmd": [
                                    "imopenlines.session.join?CHAT_ID=2045",
                                    "imopenlines.operator.answer?CHAT_ID=2045",
                                ]
                            },
                            f"{PATH}batch",
                        ),
                        TRUE,
                    ),
                ),
            ),
            (
                "client.refusal-not-retried",
                call("12", refused("CHAT_TYPE"), *[(join(12), error("CHAT_TYPE"))] * 2),
            ),
            ("client.success-once", call("2045", JOINED, *[(join(), TRUE)] * 2)),
            ("client.no-secret", call("2045", broken("at /rest/1/$B24_WEBHOOK/"), (join(), None))),
            ("client.no-secret", call("2045", broken("auth=[redacted]"), (join(), None))),
        ],
    )
    def test_fails(self, clause: str, wrong: Observation) -> None:
        """A single wrong call among sound ones makes the clause red."""
        assert "failed" == judged(clause, *CALM, wrong).status

    @pytest.mark.parametrize(
        ("clause", "allowed"),
        [
            ("client.success", ()),
            (
                "client.codes",
                (call("12", refused("chat_type", "message"), (join(12), error("CHAT_TYPE"))),),
            ),
            ("client.codes-exact", ()),
            ("client.wire-chat-id", (call("2045", JOINED, (join("2045"), TRUE)),)),
            ("client.wire-chat-id", (call("0", refused("CHAT_ID"), (post({}), error("X"))),)),
            ("client.wire-chat-id", (call("4.9", refused("X"), (join(5), error("X"))),)),
            ("client.wire-missing", (call(None, refused("CHAT_ID"), (post({}), error("X"))),)),
            ("client.wire-missing", (call(None, refused("CHAT_ID"), (post([]), error("X"))),)),
            ("client.wire-missing", (call(None, refused("CHAT_ID"), (join(None), error("X"))),)),
            ("client.wire-missing", (call(None, Outcome("not_sent", detail="needs an id")),)),
            ("client.method", (call("-1", Outcome("not_sent", detail="not positive")),)),
            (
                "client.nothing-else",
                (
                    call("2045", JOINED, (post({}, f"{PATH}profile"), TRUE), (join(), TRUE)),
                    call("2045", JOINED, (post({}, f"{PATH}imopenlines.dialog.get"), TRUE)),
                    call("2045", JOINED, (Request("GET", "/oauth/token/?a=1"), TRUE)),
                    call("2045", JOINED, (post({}, f"{PATH}app.option.set"), TRUE)),
                ),
            ),
            (
                "client.refusal-not-retried",
                (call("2045", JOINED, (join(), error("expired_token", 401)), (join(), TRUE)),),
            ),
            ("client.success-once", (call("2045", JOINED, (join(), LIMIT), (join(), TRUE)),)),
            ("client.no-secret", (call("2045", broken("HTTP 502"), (join(), None)),)),
        ],
    )
    def test_passes(self, clause: str, allowed: Sequence[Observation]) -> None:
        """What is allowed stays green."""
        assert "passed" == judged(clause, *CALM, *allowed).status

    def test_one_outcome_proves_nothing(self) -> None:
        """A client of which only successes were seen may be one that always says so."""
        assert "not_checked" == judged("client.success", SUCCEEDED).status


class TestTrouble:
    """Rules of calls for which the portal played a condition."""

    @pytest.mark.parametrize(
        ("clause", "when", "outcome", "sent"),
        [
            ("only-success-joins", conditions.DROPPED, JOINED, [None]),
            ("only-success-joins", conditions.EMPTY_200, JOINED, [Response(200, (), "")]),
            ("only-success-joins", conditions.USER_ID, JOINED, [error("USER_ID")]),
            ("true-only", conditions.RESULT_STRING_TRUE, JOINED, [Response(200, JSON, "{}")]),
            ("throttled", conditions.THROTTLED_ONCE, broken(), [LIMIT]),
            ("throttled", conditions.THROTTLED_ALWAYS, refused("GIVEN_UP"), [LIMIT, LIMIT]),
            ("throttled", conditions.THROTTLED_ALWAYS, JOINED, [LIMIT]),
            ("operation-limit", conditions.OPERATION_LIMIT, broken(), [BLOCKED] * 6),
            ("expired-token", conditions.EXPIRED_TOKEN, broken(), [error("expired_token", 401)]),
            ("without-time", conditions.WITHOUT_TIME, broken(), [TRUE]),
            ("user-id", conditions.USER_ID, broken(), [error("USER_ID")]),
            ("user-id", conditions.USER_ID, refused("CHAT_ID"), [error("USER_ID")]),
            ("told-in-time", conditions.INTERNAL_500, broken(f"{NOT_TOLD} within 30 s"), [None]),
            (
                "told-in-time",
                conditions.INTERNAL_500,
                broken("the callback was never called within 27 s"),
                [None],
            ),
            ("told-in-time", conditions.HANG, broken(f"{NOT_TOLD} within 30 s"), [None]),
        ],
    )
    def test_fails(
        self, clause: str, when: str, outcome: Outcome, sent: Sequence[Response | None]
    ) -> None:
        """The fault makes the clause red."""
        wrong = call("2045", outcome, *((join(), answer) for answer in sent), when=when)
        assert "failed" == judged(f"client.{clause}", *CALM, wrong).status

    @pytest.mark.parametrize(
        ("clause", "when", "outcome", "sent"),
        [
            ("only-success-joins", conditions.DROPPED, broken(), [None]),
            ("only-success-joins", conditions.DROPPED, JOINED, [None, TRUE]),
            ("true-only", conditions.RESULT_STRING_TRUE, broken(), [Response(200, JSON, "{}")]),
            ("throttled", conditions.THROTTLED_ONCE, JOINED, [LIMIT, TRUE]),
            ("throttled", conditions.THROTTLED_ALWAYS, refused("query_limit_exceeded"), [LIMIT]),
            ("throttled", conditions.THROTTLED_ALWAYS, broken("[query_limit_exceeded]"), [LIMIT]),
            ("throttled-pause", conditions.THROTTLED_ALWAYS, broken(), [LIMIT]),
            ("throttled-pause", conditions.THROTTLED_ALWAYS, broken(), [LIMIT, LIMIT]),
            ("operation-limit", conditions.OPERATION_LIMIT, broken(), [BLOCKED, BLOCKED]),
            ("expired-token", conditions.EXPIRED_TOKEN, refused("expired_token"), [LIMIT]),
            ("expired-token", conditions.EXPIRED_TOKEN, JOINED, [error("X", 401), TRUE]),
            ("without-time", conditions.WITHOUT_TIME, JOINED, [TRUE]),
            ("user-id", conditions.USER_ID, refused("USER_ID"), [error("USER_ID")]),
            ("told-in-time", conditions.INTERNAL_500, broken("HTTP 500"), [None]),
            ("told-in-time", conditions.HANG, broken("did not return within 1.9 s"), [None]),
        ],
    )
    def test_passes(
        self, clause: str, when: str, outcome: Outcome, sent: Sequence[Response | None]
    ) -> None:
        """What is allowed stays green."""
        sound = call("2045", outcome, *((join(), answer) for answer in sent), when=when)
        gateway = call("2045", broken(), (join(), None), when=conditions.HTML_502)
        assert "passed" == judged(f"client.{clause}", *CALM, gateway, sound).status

    @pytest.mark.parametrize(
        ("clause", "answer"), [("throttled-pause", LIMIT), ("operation-limit", BLOCKED)]
    )
    def test_no_pause(self, clause: str, answer: Response) -> None:
        """Another try at once makes the clause of that limit red."""
        sent = ((join(), answer), (join(), answer))
        when = conditions.THROTTLED_ALWAYS
        hasty = call("2045", broken(), *sent, when=when, gap=0.01)
        assert "failed" == judged(f"client.{clause}", hasty).status

    def test_renewal_out_of_sight(self) -> None:
        """A client that renews at the vendor's own host is not judged by what it finds there."""
        lost = broken("HTTPSConnectionPool(host='oauth.bitrix24.tech', port=443)")
        elsewhere = call("2045", lost, (join(), error("X", 401)), when=conditions.EXPIRED_TOKEN)
        assert "not_implemented" == judged("client.expired-token", elsewhere).status


class TestPlan:
    """The two meanings of ACCESS_DENIED."""

    @pytest.mark.parametrize(
        ("dialogue", "plan", "status"),
        [
            (refused("ACCESS_DENIED", status=400), refused("ACCESS_DENIED", status=401), "passed"),
            (refused("ACCESS_DENIED", status=400), refused("ACCESS_DENIED", status=400), "failed"),
            (refused("ACCESS_DENIED"), refused("PLAN"), "passed"),
            (refused("ACCESS_DENIED"), broken("UNAUTHORIZED"), "passed"),
            (refused("ACCESS_DENIED"), refused("ACCESS_DENIED"), "not_implemented"),
        ],
    )
    def test_told_apart(self, dialogue: Outcome, plan: Outcome, status: str) -> None:
        """By status, code or kind; where the adapter tells no status, nobody knows."""
        calls = (
            call("2050", dialogue, (join(2050), error("ACCESS_DENIED"))),
            call(
                "2045",
                plan,
                (join(), error("ACCESS_DENIED", 401)),
                when=conditions.PLAN_ACCESS_DENIED,
            ),
        )
        assert status == judged("client.plan-denied", *calls).status


class TestConditioned:
    """Calls under a condition and all other rules."""

    def test_out_of_sight(self) -> None:
        """Rules that expect an undisturbed answer never see them."""
        wrong = call("2045", broken(), (join(), LIMIT), when=conditions.THROTTLED_ONCE)
        trial = Trial(CLIENT, Transcript((SUCCEEDED, wrong)))
        assert ([SUCCEEDED], (SUCCEEDED,), (wrong,)) == (
            [seen.observation for seen in trial.joins],
            trial.reached,
            trial.conditioned,
        )
        assert "failed" != judged("success.member", SUCCEEDED, DENIED, wrong).status

    def test_unreachable(self) -> None:
        """An adapter that failed under a condition is counted, and judged by nobody."""
        lost = call("2045", Outcome("unreachable", detail="x"), when=conditions.HTML_502)
        trial = Trial(CLIENT, Transcript((lost,)))
        assert (1, ()) == (len(trial.unreached), trial.conditioned)
