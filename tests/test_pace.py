"""The pace: how a stand-in is asked, and what a live portal's limits make of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.errors import LimitReachedError
from b24_conformance.exchange import Response
from b24_conformance.gate import Gate
from b24_conformance.gather import Gathered, gather
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.live.readonly import ReadOnly, Trouble
from b24_conformance.live.readonly_answers import Profile
from b24_conformance.pace import (
    LIVE_RATE,
    LONGEST_WAIT,
    Even,
    Pace,
    Steady,
    Unlimited,
    Wait,
    limit_of,
    pace_of,
    reset_of,
)
from b24_conformance.probe import Probe
from b24_conformance.reference import Portal, Request, Server, default_state, webhooks
from b24_conformance.reference import Response as Answer

NOW = 1_800_000_000.0
FAST = 100_000.0
HEADERS = (("Content-Type", "application/json"),)
TOO_FAST = Response(503, (), '{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}')
TOO_LONG = Response(429, (), '{"error":"OPERATION_TIME_LIMIT","error_description":""}')
TOO_FAST_XML = Response(503, (), "<response><error>QUERY_LIMIT_EXCEEDED</error></response>")
TOO_LONG_XML = Response(429, (), "<response><error>OPERATION_TIME_LIMIT</error></response>")
FINE = Response(200, (), '{"result":true,"time":{"start":1}}')


def resets(at: object) -> Response:
    """A success that names the time when the count starts anew."""
    return Response(200, (), json.dumps({"result": True, "time": {"operating_reset_at": at}}))


def steady(rate: float = FAST) -> Steady:
    """A live portal's pace in a hurry, at a time that stands still."""
    return Steady(rate, clock=lambda: NOW)


class Limited:
    """The reference portal behind a limit: `script` says what comes instead of an answer.

    A number is a status of a limit, None the portal's own answer, which also comes after the end.
    Every success names `reset` as the time when the count starts anew.
    """

    def __init__(self, *script: int | None, reset: float | None = None) -> None:
        self.asked = 0
        self._script = list(script)
        self._reset = reset
        self._portal = Portal()

    def __call__(self, request: Request) -> Answer:
        self.asked += 1
        status = self._script.pop(0) if self._script else None
        if status is not None:
            code = "QUERY_LIMIT_EXCEEDED" if status == 503 else "OPERATION_TIME_LIMIT"
            return Answer(status, HEADERS, json.dumps({"error": code}).encode())
        answer = self._portal.answer(request)
        if answer.status != 200 or self._reset is None:
            return answer
        body = json.loads(answer.body)
        body["time"]["operating_reset_at"] = self._reset
        return Answer(200, answer.headers, json.dumps(body).encode())


class Asker:
    """A live portal, asked over real HTTP for chats of which the operator is a member."""

    def __init__(self, server: Server, pace: Pace, *, stand_in: bool = False) -> None:
        people = {"operator": Person(1, Chats(joined=(7000,), not_open_line=(12,)))}
        declaration = Declaration("portal", stand_in=stand_in, rung="repeat", people=people)
        hook = Webhook.parse(webhooks(server.address, default_state())[1])
        self.slept: list[float] = []
        self.heard: list[Wait] = []
        pace.tell = self.heard.append
        self.portal = PortalImplementation(
            declaration,
            transport=HttpTransport(server.address, timeout=5),
            keyring=Keyring("/rest/", {"operator": Keys(hook)}),
            gate=Gate(declaration),
            pace=pace,
            sleep=self.slept.append,
        )

    def gather(self, *literals: str) -> Gathered:
        """Asks for these chats, each in a step of its own."""
        return gather([(Probe(literal),) for literal in literals], self.portal, lambda _: None)

    def client(self) -> ReadOnly:
        """Read-only questions to the same portal."""
        portal = self.portal
        return ReadOnly(portal.transport, portal.keyring, pace=portal.pace, sleep=self.slept.append)


@pytest.fixture
def asker() -> Iterator[Callable[..., Asker]]:
    """Serves a portal and asks it."""
    with ExitStack() as stack:

        def make(answer: Any, pace: Pace | None = None, **options: Any) -> Asker:
            server = stack.enter_context(Server(answer))
            made = Asker(server, pace or steady(), **options)
            stack.enter_context(made.portal)
            return made

        yield make


class TestChoice:
    """Which pace a portal gets."""

    def test_live(self) -> None:
        """A live portal gets one request a second unless the user says otherwise."""
        assert (Steady, LIVE_RATE) == (type(pace_of(stand_in=False)), pace_of(stand_in=False).rate)
        assert 2.5 == pace_of(stand_in=False, rate=2.5).rate

    def test_stand_in(self) -> None:
        """A stand-in has no pace, or the user's own without a live portal's rule."""
        assert Unlimited is type(pace_of(stand_in=True))
        assert (Even, 3) == (type(found := pace_of(stand_in=True, rate=3)), found.rate)


class TestBurst:
    """A few at once, then one by one."""

    def test_told(self) -> None:
        """Only what leaves after the burst waits, and says that it does."""
        heard: list[Wait] = []
        pace = Even(50.0, burst=3)
        pace.tell = heard.append
        for _ in range(3):
            pace.wait()
        assert [] == heard
        pace.wait()
        assert [Wait("pace", 50.0, 0.02)] == heard


class TestStandIn:
    """Limits of stand-ins pass in a moment."""

    def test_short_pauses(self) -> None:
        """Each pause is longer than the one before, and there are only a few."""
        pauses = [Unlimited().pause(TOO_FAST, tries) for tries in range(1, 7)]
        assert [0.5, 1.0, 2.0, 4.0, 8.0, None] == pauses

    def test_without_a_code(self) -> None:
        """A 503 that names no code is asked about once more, and no oftener."""
        page = Response(503, (), "<html>Service Unavailable</html>")
        assert [0.5, None] == [Unlimited().pause(page, tries) for tries in (1, 2)]

    def test_never_ends(self, asker: Callable[..., Asker]) -> None:
        """Four refusals in a run are none too many, and the rate stays."""
        asked = asker(Limited(503, 503, None, 503, 503), Even(FAST), stand_in=True)
        gathered = asked.gather("7000", "12")
        assert ("complete", FAST) == (gathered.ending, asked.portal.pace.rate)
        assert [0.5, 1.0, 0.5, 1.0] == asked.slept

    @pytest.mark.parametrize(
        ("before", "expected"),
        [(resets(NOW + 4), 5.0), (resets(NOW + 600), None), (resets(NOW - 1), None), (FINE, None)],
    )
    def test_operation_limit(self, before: Response, expected: float | None) -> None:
        """The limit on time used is waited for once, if it was said that this takes seconds."""
        pace = Unlimited(lambda: NOW)
        pace.pause(before, 1)
        assert [expected, None] == [pace.pause(TOO_LONG, 1), pace.pause(TOO_LONG, 2)]


class TestTooFast:
    """503 QUERY_LIMIT_EXCEEDED on a live portal."""

    def test_half_the_rate(self) -> None:
        """Each one halves the rate, and there is no burst any more."""
        heard: list[Wait] = []
        pace = steady(16.0)
        pace.tell = heard.append
        assert (0.0, 8.0) == (pace.pause(TOO_FAST, 1), pace.rate)
        assert (0.0, 4.0) == (pace.pause(TOO_FAST, 2), pace.rate)
        assert [("limit", 8.0), ("limit", 4.0)] == [(one.why, one.rate) for one in heard]
        assert heard[0].reason.endswith("8 requests a second from now on")
        pace.wait()
        pace.wait()
        assert ["pace", "pace"] == [one.why for one in heard[2:]]

    def test_without_a_code(self) -> None:
        """A 503 that names no code counts as one: something before the portal may limit."""
        pace = steady(16.0)
        page = Response(503, (), "<html>Service Unavailable</html>")
        pauses = [pace.pause(page, 1) for _ in range(3)]
        assert ([0.0, 0.0, None], 4.0) == (pauses, pace.rate)
        assert "the portal answered HTTP 503 3 times" == pace.ended

    def test_goes_on(self, asker: Callable[..., Asker]) -> None:
        """Two in a run are survived: the question is put again, and every exchange is kept."""
        portal = Limited(None, 503, None, 503)
        gathered = asker(portal).gather("7000", "12", "7000")
        outcomes = [str(one.outcome) for one in gathered.transcript.observations]
        assert ["joined", "refused with CHAT_TYPE (HTTP 400)", "joined"] == outcomes
        assert ("complete", 5, 5) == (gathered.ending, gathered.transcript.requests, portal.asked)

    def test_third_ends(self, asker: Callable[..., Asker]) -> None:
        """The third in a run ends it with a note: nothing more is sent, all answers are kept."""
        portal = Limited(None, 503, None, 503, None, 503)
        asked = asker(portal)
        gathered = asked.gather("7000", "12", "7000", "0", "12")
        assert ("cut_off", 6, 6) == (gathered.ending, gathered.transcript.requests, portal.asked)
        expected = (
            "the portal answered QUERY_LIMIT_EXCEEDED 3 times; "
            "run again later: what was not asked is not checked"
        )
        assert expected == gathered.note
        assert "unreachable" == gathered.transcript.observations[-1].outcome.kind
        with pytest.raises(LimitReachedError) as caught:
            asked.portal.ask(Probe("0"))
        assert (3, 6) == (caught.value.exit_code, portal.asked)

    def test_shared_with_looks(self, asker: Callable[..., Asker]) -> None:
        """Read-only questions count towards the same end, and get it as a trouble."""
        portal = Limited(503, None, 503, None, 503)
        asked = asker(portal)
        client = asked.client()
        assert (Profile(1, admin=False), FAST / 2) == (client.profile(), asked.portal.pace.rate)
        assert "cut_off" == asked.gather("7000", "12", "0").ending
        expected = Trouble("throttled", detail="the portal answered QUERY_LIMIT_EXCEEDED 3 times")
        assert [expected, expected] == [client.profile(), client.scope()]
        assert (2, 5) == (client.requests, portal.asked)


class TestTooLong:
    """429 OPERATION_TIME_LIMIT on a live portal."""

    def test_waits(self, asker: Callable[..., Asker]) -> None:
        """The time that the last success named is waited for, and the question put again."""
        asked = asker(Limited(None, 429, reset=NOW + 90))
        gathered = asked.gather("7000", "12")
        assert ("complete", [91.0]) == (gathered.ending, asked.slept)
        expected = Wait("limit", FAST, 91.0, "the portal answers OPERATION_TIME_LIMIT")
        assert expected in asked.heard
        assert "CHAT_TYPE" == gathered.transcript.observations[-1].outcome.code

    def test_bounded(self) -> None:
        """No wait takes more than ten minutes."""
        pace = steady()
        pace.pause(resets(NOW + 86_400), 1)
        assert LONGEST_WAIT == pace.pause(TOO_LONG, 1)

    @pytest.mark.parametrize(
        "before", [FINE, resets(NOW - 5), resets("soon"), resets(True), resets(None)]
    )
    def test_unknown(self, before: Response) -> None:
        """Where no time to come was named, the run ends."""
        pace = steady()
        pace.pause(before, 1)
        assert pace.pause(TOO_LONG, 1) is None
        with pytest.raises(LimitReachedError, match="does not say until when"):
            pace.wait()

    def test_again(self, asker: Callable[..., Asker]) -> None:
        """A limit that is still there after the wait ends the run: it is waited for once."""
        portal = Limited(None, 429, 429, reset=NOW + 5)
        asked = asker(portal)
        gathered = asked.gather("7000", "12", "0")
        assert ("cut_off", [6.0], 3) == (gathered.ending, asked.slept, portal.asked)

    def test_newest_time(self) -> None:
        """The last success counts; an answer without a time leaves what is known."""
        pace = steady()
        for answer in (resets(NOW + 500), resets(NOW + 20), FINE):
            pace.pause(answer, 1)
        assert 21.0 == pace.pause(TOO_LONG, 1)

    def test_looks(self, asker: Callable[..., Asker]) -> None:
        """Read-only questions wait in the same way."""
        asked = asker(Limited(None, 429, reset=NOW + 30))
        client = asked.client()
        assert [Profile(1, admin=False)] * 2 == [client.profile(), client.profile()]
        assert [31.0] == asked.slept


class TestReading:
    """What an answer says of limits."""

    @pytest.mark.parametrize(
        ("response", "expected"),
        [
            (TOO_FAST, "QUERY_LIMIT_EXCEEDED"),
            (TOO_LONG, "OPERATION_TIME_LIMIT"),
            (TOO_FAST_XML, "QUERY_LIMIT_EXCEEDED"),
            (TOO_LONG_XML, "OPERATION_TIME_LIMIT"),
            (Response(503, (), '{"error":"OVERLOAD_LIMIT"}'), "OVERLOAD_LIMIT"),
            (Response(503, (), "<!DOCTYPE x><error>OVERLOAD_LIMIT</error>"), None),
            (Response(503, (), '{"error":"OPERATION_TIME_LIMIT"}'), None),
            (Response(400, (), '{"error":"QUERY_LIMIT_EXCEEDED"}'), None),
            (Response(503, (), "<html>busy</html>"), None),
            (Response(503, (), "[]"), None),
            (Response(429, (), "[" * 100_000), None),
        ],
    )
    def test_limit(self, response: Response, expected: str | None) -> None:
        """A limit is a documented code under its own status."""
        assert expected == limit_of(response)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ('{"result":1,"time":{"operating_reset_at":1800000000}}', 1.8e9),
            ('{"result":1,"time":{"operating_reset_at":1e400}}', None),
            ('{"result":1,"time":[]}', None),
            ("[1]", None),
            ("<html>", None),
        ],
    )
    def test_reset(self, body: str, expected: float | None) -> None:
        """The time of the reset is a finite number, or not there."""
        assert expected == reset_of(Response(200, (), body))
