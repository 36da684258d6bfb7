"""A portal behind a transport: one request a probe, throttling, batches, the gate, hiding."""

from __future__ import annotations

import json
from typing import Any

import pytest

from b24_conformance import ways
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.exchange import Request, Response
from b24_conformance.gate import Gate, GateClosedError
from b24_conformance.implementations.base import Transport, WireError
from b24_conformance.implementations.building import watch
from b24_conformance.implementations.http import HttpTransport
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.outcome import Outcome
from b24_conformance.pace import Unlimited, Wait
from b24_conformance.probe import MEMBERS, Probe
from b24_conformance.redaction import Redaction
from b24_conformance.reference import Raw, Server
from b24_conformance.reference import Response as Answered
from b24_conformance.transcript import Observation

SECRET = "s3cr3ts3cr3t"
HOOK = Webhook.parse(f"https://example.bitrix24.com/rest/1/{SECRET}/")
THROTTLED = Response(503, (), '{"error":"QUERY_LIMIT_EXCEEDED","error_description":""}')
JOINED = Response(200, (), '{"result":true,"time":{}}')
Script = list[Response | WireError]


class Canned:
    """A transport that plays a script; the last answer is repeated."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.sent: list[Request] = []
        self.closed = False

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        answer = self._script[min(len(self.sent), len(self._script)) - 1]
        if isinstance(answer, WireError):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


class Setting:
    """An implementation over a canned transport."""

    def __init__(
        self,
        *script: Response | WireError,
        stand_in: bool = True,
        over: Transport | None = None,
    ) -> None:
        chats = Chats(joinable=(5,), joined=(7,), not_open_line=(12,))
        people = {"operator": Person(1, chats)}
        declaration = Declaration("portal", stand_in=stand_in, rung="new", people=people)
        self.transport = Canned(list(script))
        self.slept: list[float] = []
        self.implementation = PortalImplementation(
            declaration,
            transport=over or self.transport,
            keyring=Keyring("/rest/", {"operator": Keys(HOOK)}),
            gate=Gate(declaration),
            pace=Unlimited(),
            sleep=self.slept.append,
        )

    def ask(self, probe: Probe = Probe("7")) -> Observation:  # noqa: B008 (frozen)
        """One observation."""
        return self.implementation.ask(probe)


def batch(result: Any, errors: Any) -> Response:
    """The answer to a batch."""
    maps = {"result": result, "result_error": errors, "result_total": [], "result_next": []}
    return Response(200, (), json.dumps({"result": {**maps, "result_time": []}}))


class TestAsk:
    """One probe."""

    def test_one_request(self) -> None:
        """A probe is one request, and its exchange is numbered."""
        setting = Setting(JOINED)
        first, second = setting.ask(), setting.ask()
        assert ["joined", "joined"] == [first.outcome.kind, second.outcome.kind]
        assert [0, 1] == [first.index, second.index]
        assert [1, 2] == [one.exchanges[0].number for one in (first, second)]
        assert 2 == len(setting.transport.sent)

    @pytest.mark.parametrize("fault", ["timeout", "reset", "truncated", "garbled", "oversized"])
    def test_broken_is_not_asked_again(self, fault: Any) -> None:
        """An exchange that broke is an observation, and no second request."""
        setting = Setting(WireError(fault, "cut off"), JOINED)
        observation = setting.ask()
        assert ("broken", "cut off") == (observation.outcome.kind, observation.outcome.detail)
        assert fault == observation.exchanges[0].fault
        assert 1 == len(setting.transport.sent)

    @pytest.mark.parametrize("fault", ["unreachable", "tls"])
    def test_unreachable(self, fault: Any) -> None:
        """Where nothing was asked the outcome says so."""
        assert "unreachable" == Setting(WireError(fault, "no")).ask().outcome.kind

    def test_stale_is_asked_again(self) -> None:
        """A kept connection may end at any time: the question is asked over a new one."""
        observation = Setting(WireError("stale", "ended"), JOINED).ask()
        assert "joined" == observation.outcome.kind
        assert ["stale", None] == [one.fault for one in observation.exchanges]

    def test_gone_with_the_connection(self) -> None:
        """A portal that is gone after it has ended the connection has answered the question so."""
        observation = Setting(WireError("stale", "ended"), WireError("unreachable", "no")).ask()
        said = "the portal ended the connection and was gone: no"
        assert ("broken", said) == (observation.outcome.kind, observation.outcome.detail)
        assert ["stale", "reset"] == [one.fault for one in observation.exchanges]

    @pytest.mark.parametrize(("chat", "fault"), [("5", "reset"), ("7", "stale")])
    def test_first_join_goes_over_a_new_connection(self, chat: str, fault: str) -> None:
        """That its connection ends without an answer is the portal's fault, not its idleness."""
        joined = Answered(200, (), b'{"result":true}')
        answers = iter([joined, Raw(b"")])
        with Server(lambda _: next(answers, joined)) as server:
            setting = Setting(over=HttpTransport(server.address))
            with setting.implementation:
                setting.ask(Probe("0"))
                observation = setting.ask(Probe(chat))
        assert fault == observation.exchanges[0].fault

    def test_close(self) -> None:
        """Leaving the implementation closes the transport."""
        setting = Setting(JOINED)
        with setting.implementation:
            pass
        assert setting.transport.closed

    def test_gate(self) -> None:
        """What the gate does not let out is not sent, alone or in a batch."""
        setting = Setting(JOINED, stand_in=False)
        strange = (Probe("0", asking=ways.BATCH), Probe("8", asking=ways.BATCH))
        for attempt in (
            lambda: setting.ask(Probe("8")),
            lambda: list(setting.implementation.ask_step((Probe("7"), Probe("8"))[1:])),
            lambda: list(setting.implementation.ask_step(strange)),
        ):
            with pytest.raises(GateClosedError):
                attempt()
        assert [] == setting.transport.sent

    def test_members(self) -> None:
        """A question about participants is read as such."""
        observation = Setting(Response(200, (), '{"result":[1,2]}')).ask(Probe("7", method=MEMBERS))
        assert (1, 2) == observation.outcome.members


class TestThrottling:
    """503 QUERY_LIMIT_EXCEEDED: the request was not looked at, so it may be asked again."""

    def test_goes_away(self) -> None:
        """It is waited for, longer each time; every exchange is kept."""
        setting = Setting(THROTTLED, THROTTLED, JOINED)
        observation = setting.ask()
        assert "joined" == observation.outcome.kind
        assert 3 == len(observation.exchanges)
        assert 2 == len(setting.slept)
        assert sorted(setting.slept) == setting.slept

    def test_stays(self) -> None:
        """It is not waited for without end, and says nothing about the contract."""
        setting = Setting(THROTTLED)
        observation = setting.ask()
        assert 10 > len(setting.transport.sent) > 1
        assert observation.outcome.kind != "joined"

    def test_another_code(self) -> None:
        """A 503 with another code is an answer, and asked once."""
        setting = Setting(Response(503, (), '{"error":"CHAT_ID"}'), JOINED)
        assert "joined" != setting.ask().outcome.kind
        assert 1 == len(setting.transport.sent)

    @pytest.mark.parametrize("body", ["busy", "[]", "[" * 100_000, '{"error":[]}'])
    def test_no_code(self, body: str) -> None:
        """A 503 without a code may be a limiter's: it is asked again, and is an answer then."""
        page = Response(503, (), body)
        assert "joined" == Setting(page, JOINED).ask().outcome.kind
        assert "joined" != Setting(page, page, JOINED).ask().outcome.kind


class TestLimits:
    """What a limit that does not go away leaves behind."""

    @pytest.mark.parametrize(
        ("status", "code"),
        [(503, "QUERY_LIMIT_EXCEEDED"), (503, "OVERLOAD_LIMIT"), (429, "OPERATION_TIME_LIMIT")],
    )
    def test_unreachable(self, status: int, code: str) -> None:
        """The question was not looked at: nothing is said about the contract."""
        observation = Setting(Response(status, (), json.dumps({"error": code}))).ask()
        expected = Outcome("unreachable", detail=f"the portal answers {code} and goes on so")
        assert expected == observation.outcome

    def test_shared(self) -> None:
        """Whoever asks beside the implementation has its connection, its pace and its keys."""
        setting = Setting(JOINED)
        portal = setting.implementation
        assert setting.transport is portal.transport
        assert {"$B24_WEBHOOK": SECRET} == portal.keyring.secrets()
        assert portal.pace.rate is None


class TestWatch:
    """What is told to those who write about a run."""

    def test_learns(self) -> None:
        """What the implementation's redaction knows and learns is hidden by theirs as well."""
        setting, theirs = Setting(JOINED), Redaction({})
        watch([setting.implementation], theirs)
        setting.implementation.redaction.learn({"$B24_TOKEN": "n3wt0kenn3wt0ken"})
        assert "$B24_WEBHOOK $B24_TOKEN" == theirs.hide(f"{SECRET} n3wt0kenn3wt0ken")

    def test_waits(self) -> None:
        """Waits are heard by whoever wants to, and by nobody else."""
        setting = Setting(JOINED)
        heard: list[Wait] = []
        watch([setting.implementation], Redaction({}), heard.append)
        watch([setting.implementation], Redaction({}))
        setting.implementation.pace.tell(Wait("pace", 1.0, 1.0))
        assert [Wait("pace", 1.0, 1.0)] == heard


class TestBatch:
    """Several probes in one request."""

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (batch({"c0": True}, {"c1": {"error": "CHAT_ID"}}), ["joined", "CHAT_ID"]),
            (batch([], {"c0": {"error": "A"}, "c1": {"error": "B"}}), ["A", "B"]),
            (batch({"c0": True, "c1": True}, []), ["joined", "joined"]),
            (batch({"c0": 1}, {"c1": "CHAT_ID"}), ["broken", "broken"]),
            (batch({"c0": True}, []), ["joined", "broken"]),
            (batch({"c0": True, "c1": True}, {"c0": {"error": "A"}}), ["broken", "joined"]),
            (Response(400, (), '{"error":"LIMIT","error_description":""}'), ["LIMIT", "LIMIT"]),
            (Response(200, (), "oops"), ["broken", "broken"]),
            (
                batch({"c0": True}, {"c1": {"error": "OPERATION_TIME_LIMIT"}}),
                ["joined", "unreachable"],
            ),
        ],
    )
    def test_items(self, answer: Response, expected: list[str]) -> None:
        """Each item has an outcome of its own, and all share the exchange."""
        setting = Setting(answer)
        step = (Probe("7", asking=ways.BATCH), Probe("0", asking=ways.BATCH))
        observations = list(setting.implementation.ask_step(step))
        told = [one.outcome.code or one.outcome.kind for one in observations]
        assert expected == told
        assert 1 == len(setting.transport.sent)
        assert {1} == {one.exchanges[0].number for one in observations}

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (batch([True], {"1": {"error": "CHAT_ID"}}), ["joined", "CHAT_ID"]),
            (batch({"1": True}, [{"error": "A"}]), ["A", "joined"]),
            (batch([True], [{"error": "A"}]), ["broken", "broken"]),
            (batch({"0": True}, {"1": {"error": "A"}}), ["joined", "A"]),
            (batch({"c0": True, "c1": True}, []), ["broken", "broken"]),
        ],
    )
    def test_commands_in_a_list(self, answer: Response, expected: list[str]) -> None:
        """They are answered by their places, by maps or by what PHP makes of such maps."""
        step = (Probe("7", asking=ways.BATCH_LIST), Probe("0", asking=ways.BATCH_LIST))
        observations = Setting(answer).implementation.ask_step(step)
        assert expected == [one.outcome.code or one.outcome.kind for one in observations]


class TestHiding:
    """No observation has a secret in it."""

    def test_everywhere(self) -> None:
        """Target, headers, body, code and detail are hidden."""
        body = json.dumps({"error": SECRET, "error_description": SECRET})
        observation = Setting(Response(400, (("X", SECRET),), body)).ask()
        assert "$B24_WEBHOOK" == observation.outcome.code
        assert SECRET not in str(observation)

    def test_detail(self) -> None:
        """So is what was wrong with an answer."""
        observation = Setting(Response(200, (), json.dumps({"result": SECRET}))).ask()
        assert SECRET not in str(observation)
        assert "$B24_WEBHOOK" in str(observation.outcome.detail)
