"""Conditions: what the portal plays for one call, and what becomes of the call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from b24_conformance import conditions
from b24_conformance.clients.catalogue import Client
from b24_conformance.conditions import CONDITIONS, NOT_TOLD
from b24_conformance.errors import UsageError
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import ClientImplementation
from b24_conformance.implementations.stage import PLAYS, Stage
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.reference import Portal, Raw, Request, Response, default_state
from b24_conformance.transcript import Observation

USER = default_state().users[1]
BELOW = f"/rest/1/{USER.webhook_secret}"
JSON = (("Content-Type", "application/json"),)
Program = Callable[[str], tuple[str, ...]]
Drive = Callable[..., ClientImplementation]

HONEST = """
import urllib.error, urllib.request
url = json.loads(sys.stdin.readline())["portal"]["webhook"] + "imopenlines.session.join"
for line in sys.stdin:
    body = json.dumps(json.loads(line)["call"]).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["result"] is True
        say('{"joined": true}')
    except urllib.error.HTTPError as error:
        say(json.dumps({"broken": f"HTTP {error.status}"}))
    except Exception as error:
        say(json.dumps({"broken": repr(error)}))
"""


def join(chat: int = 2045) -> Request:
    """A plain join."""
    body = json.dumps({"CHAT_ID": chat}).encode()
    return Request("POST", f"{BELOW}/imopenlines.session.join.json", JSON, body)


def batch(chat: int = 2045) -> Request:
    """A join in a batch."""
    body = {"cmd": {"a": f"imopenlines.session.join?CHAT_ID={chat}"}}
    return Request("POST", f"{BELOW}/batch", JSON, json.dumps(body).encode())


def with_token(token: str | None) -> Request:
    """A join with a token."""
    body = json.dumps({"CHAT_ID": 2045, "auth": token}).encode()
    return Request("POST", "/rest/imopenlines.session.join", JSON, body)


def statuses(stage: Stage, *requests: Request) -> list[int | None]:
    """The statuses of the answers; None for bare bytes."""
    answers = [stage.answer(request) for request in requests]
    return [answer.status if isinstance(answer, Response) else None for answer in answers]


def told(stage: Stage, request: Request) -> dict[str, object]:
    """The body of an answer."""
    answer = stage.answer(request)
    assert isinstance(answer, Response)
    found: dict[str, object] = json.loads(answer.body)
    return found


class TestNames:
    """The list of conditions."""

    def test_each_can_be_played(self) -> None:
        """Every condition has a name and a play, and no play is without a name."""
        assert set(CONDITIONS) == set(PLAYS)
        assert all(name == condition.name for name, condition in CONDITIONS.items())

    def test_unknown(self) -> None:
        """An unknown condition is an error that names the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'html-502'"):
            Stage(Portal()).begin("html-503")


class TestStage:
    """A portal that plays a condition."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            (conditions.HTML_502, [502, 502]),
            (conditions.DROPPED, [None, None]),
            (conditions.HANG, [None, None]),
            (conditions.REDIRECT, [302, 302]),
            (conditions.EMPTY_200, [200, 200]),
            (conditions.NOT_JSON_200, [200, 200]),
            (conditions.TRUNCATED, [None, None]),
            (conditions.INTERNAL_500, [500, 500]),
            (conditions.PLAN_ACCESS_DENIED, [401, 401]),
            (conditions.USER_ID, [400, 400]),
            (conditions.THROTTLED_ONCE, [503, 200]),
            (conditions.THROTTLED_ALWAYS, [503, 503]),
            (conditions.OPERATION_LIMIT, [429, 429]),
            (conditions.WITHOUT_TIME, [200, 200]),
        ],
    )
    def test_joins(self, name: str, expected: list[int | None]) -> None:
        """Each join is answered as the condition says."""
        stage = Stage(Portal())
        with stage.playing(name):
            assert expected == statuses(stage, join(), join())

    @pytest.mark.parametrize("name", sorted(CONDITIONS))
    def test_only_joins_and_only_while_it_lasts(self, name: str) -> None:
        """Other methods are answered as ever, and so are joins once the condition is over."""
        stage = Stage(Portal())
        profile = Request("POST", f"{BELOW}/profile")
        preflight = Request("OPTIONS", join().target, (("Access-Control-Request-Method", "POST"),))
        with stage.playing(name):
            assert [200, 200] == statuses(stage, profile, preflight)
        assert {"result", "time"} == set(told(stage, join()))

    @pytest.mark.parametrize(
        ("name", "result"),
        [(conditions.RESULT_FALSE, False), (conditions.RESULT_STRING_TRUE, "true")],
    )
    def test_results(self, name: str, result: object) -> None:
        """A wrong result comes in the place of the right one, in a batch as well."""
        stage = Stage(Portal())
        with stage.playing(name):
            assert result == told(stage, join())["result"]
            items = told(stage, batch())["result"]
        assert isinstance(items, dict)
        assert {"a": result} == items["result"]

    @pytest.mark.parametrize(
        ("name", "code"),
        [(conditions.USER_ID, "USER_ID"), (conditions.ERROR_WITH_200, "CHAT_TYPE")],
    )
    def test_refusals_in_a_batch(self, name: str, code: str) -> None:
        """The method's refusals reach a batch as errors of its item."""
        stage = Stage(Portal())
        with stage.playing(name):
            items = told(stage, batch())["result"]
        assert isinstance(items, dict)
        assert code == items["result_error"]["a"]["error"]

    @pytest.mark.parametrize("name", [conditions.THROTTLED_ALWAYS, conditions.PLAN_ACCESS_DENIED])
    def test_limits_refuse_the_whole_batch(self, name: str) -> None:
        """What stands before the method refuses a batch that holds a join, and no other."""
        stage = Stage(Portal())
        other = json.dumps({"cmd": ["profile"]}).encode()
        with stage.playing(name):
            refused, passed = statuses(
                stage, batch(), Request("POST", f"{BELOW}/batch", JSON, other)
            )
        assert (200, True) == (passed, refused != 200)

    def test_without_time(self) -> None:
        """The success has no time, in a batch as well, and is a success all the same."""
        stage = Stage(Portal())
        with stage.playing(conditions.WITHOUT_TIME):
            assert {"result": True} == told(stage, join())
            assert ["result"] == list(told(stage, batch()))

    def test_expired_token(self) -> None:
        """The token of the first call has expired until a new one is shown."""
        stage = Stage(Portal())
        renewal = f"/oauth/token/?grant_type=refresh_token&refresh_token={USER.refresh_token}"
        with stage.playing(conditions.EXPIRED_TOKEN):
            old = with_token(USER.access_token)
            assert [401, 401] == statuses(stage, old, old)
            token = told(stage, Request("GET", renewal))["access_token"]
            assert [200, 401] == statuses(stage, with_token(str(token)), old)
        assert [200] == statuses(stage, old)

    def test_redirect_stays_at_home(self) -> None:
        """The redirect leads to a page of the same host."""
        stage = Stage(Portal())
        with stage.playing(conditions.REDIRECT):
            answer = stage.answer(join())
            assert isinstance(answer, Response)
            where = str(answer.header("location"))
            page = stage.answer(Request("GET", where))
        assert isinstance(page, Response)
        assert (True, True) == (where.startswith("/"), b"<form>" in page.body)

    def test_hang_ends(self) -> None:
        """Silence lasts longer the first time, and is on record before it begins."""
        stage = Stage(Portal())
        with stage.playing(conditions.HANG):
            first, second = stage.answer(join()), stage.answer(join())
        assert isinstance(first, Raw)
        assert isinstance(second, Raw)
        limit = CONDITIONS[conditions.HANG].deadline or 0
        assert first.pause > limit > second.pause


class TestCalls:
    """A client that is asked while the portal plays a condition."""

    @pytest.mark.parametrize(
        ("name", "detail"),
        [
            (conditions.HTML_502, "HTTP 502"),
            (conditions.TRUNCATED, "IncompleteRead(33 bytes read, 267 more expected)"),
            (conditions.RESULT_FALSE, "AssertionError()"),
        ],
    )
    def test_one_call_only(self, program: Program, drive: Drive, name: str, detail: str) -> None:
        """The condition is there for that call, and gone for the next."""
        client = drive(Client("tiny", program(HONEST)))
        seen = [client.ask(Probe("2045", when=when)).outcome for when in ("", name, "")]
        assert [Outcome("joined"), Outcome("broken", detail=detail), Outcome("joined")] == seen

    def test_what_is_on_record(self, program: Program, drive: Drive) -> None:
        """Requests without a complete answer are on record as well."""

        def exchanges(observation: Observation) -> tuple[Exchange, ...]:
            return observation.exchanges

        client = drive(Client("tiny", program(HONEST)))
        names = (conditions.DROPPED, conditions.HANG, conditions.TRUNCATED)
        seen = [exchanges(client.ask(Probe("2045", when=name))) for name in names]
        assert [["garbled"]] * 3 == [[exchange.fault for exchange in each] for each in seen]

    def test_deadline_that_is_told(self, program: Program, drive: Drive) -> None:
        """For a hang the client is told a shorter limit, in a process of its own."""
        code = """
        setup = json.loads(sys.stdin.readline())
        for line in sys.stdin:
            say(json.dumps({"broken": f"{setup['deadline_s']:g}"}))
        """
        client = drive(Client("tiny", program(code)))
        names = ("", conditions.HANG, conditions.HTML_502)
        details = [client.ask(Probe("2045", when=name)).outcome.detail for name in names]
        assert ["30", "2", "30"] == details

    def test_silence_is_the_clients_own(self, program: Program, drive: Drive) -> None:
        """A client that tells its caller nothing is broken, and is not given up for it."""
        silent = HONEST.replace(
            """say(json.dumps({"broken": f"HTTP {error.status}"}))""", "time.sleep(60)"
        )
        client = drive(Client("tiny", program(silent)), deadline=1.0)
        asked = [Probe("2045", when=conditions.INTERNAL_500)] * 3 + [Probe("2045")]
        began = time.monotonic()
        seen = [client.ask(probe).outcome for probe in asked]
        assert time.monotonic() - began < 20
        assert ["broken", "broken", "broken", "joined"] == [outcome.kind for outcome in seen]
        assert f"{NOT_TOLD} within 1 s" == seen[0].detail

    def test_crash_is_the_adapters(self, program: Program, drive: Drive) -> None:
        """An adapter that ends under a condition is still its own fault."""
        client = drive(Client("tiny", program("sys.stdin.readline(); sys.exit(3)")))
        outcome = client.ask(Probe("2045", when=conditions.INTERNAL_500)).outcome
        assert "unreachable" == outcome.kind

    def test_status_that_is_told(self, program: Program, drive: Drive) -> None:
        """A status that a program can see becomes part of the outcome."""
        code = """
        say('{"refused": "ACCESS_DENIED", "status": 401}')
        sys.stdin.read()
        """
        client = drive(Client("tiny", program(code)))
        expected = Outcome("refused", code="ACCESS_DENIED", status=401, via="field")
        assert expected == client.ask(Probe("2050")).outcome
