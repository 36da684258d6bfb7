"""Clients that a registry serves: each as installed, against the reference portal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from b24_conformance.clients.catalogue import KNOWN
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import ClientImplementation
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.reference import default_state
from b24_conformance.transcript import Observation

SECRETS = default_state().users[1]
Ask = Callable[[str | None], Observation]
DEMANDED = {
    "2050": "ACCESS_DENIED",
    "12": "CHAT_TYPE",
    "999999999": "CHAT_ID",
    "0": "CHAT_ID",
    None: "CHAT_ID",
}
# Where a program finds the code of a refusal.
VIA = {
    "b24jssdk": "field",
    "b24jssdk-oauth": "field",
    "b24jssdk-callmethod": "field",
    "b24jssdk-callmethod-oauth": "field",
    "b24jssdk-umd": "field",
    "b24jssdk-1.3.0": "field",
    "b24pysdk": "field",
    "b24pysdk-oauth": "field",
    "pybitrix24": "field",
    "aiobitrix24": "field",
    "fast-bitrix24": "body",
    "2bad-bitrix": "body",
    "bitrix24-api-client": "body",
    "b24api": "message",
}


def as_it_is(exchange: Exchange) -> Exchange:
    """Hides nothing."""
    return exchange


def installed(*names: str) -> list[object]:
    """The names as parameters; those of clients that are not here are skipped, and say it."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(
                bool(KNOWN[name].missing),
                reason=f"NOT TESTED: {name} is missing: {KNOWN[name].how_to_get}",
            ),
        )
        for name in names
    ]


@pytest.fixture(scope="module")
def asker() -> Iterator[Callable[[str], Ask]]:
    """Asks a client by its name; the client asked last keeps its process."""
    running: dict[str, ClientImplementation] = {}

    def ask(name: str) -> Ask:
        if name not in running:
            while running:
                running.popitem()[1].close()
            running[name] = ClientImplementation(KNOWN[name], hide=as_it_is)
        return lambda chat_id: running[name].ask(Probe(chat_id))

    yield ask
    for client in running.values():
        client.close()


def calls(observation: Observation) -> list[str]:
    """The verbs of the calls, without a browser's preflights."""
    verbs = (exchange.request.verb for exchange in observation.exchanges)
    return [verb for verb in verbs if verb != "OPTIONS"]


class TestOutcomes:
    """What the callers of clients see that keep the codes."""

    @pytest.mark.parametrize("name", installed(*VIA))
    def test_joined(self, asker: Callable[[str], Ask], name: str) -> None:
        """A joinable and a joined chat are joined, by one call each."""
        for chat_id in ("2043", "2045"):
            observation = asker(name)(chat_id)
            assert (Outcome("joined"), 1) == (observation.outcome, len(calls(observation)))

    @pytest.mark.parametrize("name", installed(*VIA))
    def test_refused(self, asker: Callable[[str], Ask], name: str) -> None:
        """Each refusal comes with its code, by one call; also without CHAT_ID."""
        for chat_id, code in DEMANDED.items():
            observation = asker(name)(chat_id)
            if (name, chat_id) == ("fast-bitrix24", None):
                assert ("not_sent", ()) == (observation.outcome.kind, observation.exchanges)
                continue
            seen = observation.outcome
            assert ("refused", code, VIA[name]) == (seen.kind, seen.code, seen.via)
            assert seen.status in (400, None)
            assert 1 == len(calls(observation))

    @pytest.mark.parametrize("name", installed(*VIA))
    def test_version(self, asker: Callable[[str], Ask], name: str) -> None:
        """The client says its version, which is the pinned one."""
        with ClientImplementation(KNOWN[name], hide=as_it_is) as client:
            client.ask(Probe("0"))
            kit = next(each for each in KNOWN[name].requires if each.startswith("installed:"))
            assert kit.endswith(f"-{client.version}")


class TestKnownLossy:
    """Clients that are known to lose codes."""

    @pytest.mark.parametrize("name", installed("fast-bitrix24-raw", "bitrix24-rest"))
    def test_loses_every_code(self, asker: Callable[[str], Ask], name: str) -> None:
        """A success is told, but of a refusal only the status is left."""
        assert Outcome("joined") == asker(name)("2043").outcome
        for chat_id in DEMANDED:
            outcome = asker(name)(chat_id).outcome
            assert "broken" == outcome.kind
            assert "400" in str(outcome.detail)

    @pytest.mark.parametrize("name", installed("b24jssdk-1.0.1"))
    def test_retries_refusals(self, asker: Callable[[str], Ask], name: str) -> None:
        """b24jssdk 1.0.1 asks three times and loses CHAT_ID and CHAT_TYPE, not ACCESS_DENIED."""
        assert Outcome("joined") == asker(name)("2043").outcome
        assert ("refused", "ACCESS_DENIED") == asker(name)("2050").outcome.answer
        for chat_id in ("12", "0"):
            observation = asker(name)(chat_id)
            assert ["POST"] * 3 == calls(observation)
            assert "JSSDK_CALL_ALL_ATTEMPTS_EXHAUSTED" in str(observation.outcome.detail)


class TestWire:
    """How clients ask that do not just POST JSON."""

    @pytest.mark.parametrize("name", installed("2bad-bitrix", "bitrix24-rest"))
    def test_get(self, asker: Callable[[str], Ask], name: str) -> None:
        """They GET, with CHAT_ID in the query."""
        request = asker(name)("2043").exchanges[0].request
        assert ("GET", True) == (request.verb, "CHAT_ID=2043" in request.target)

    @pytest.mark.parametrize("name", installed("fast-bitrix24"))
    def test_batch(self, asker: Callable[[str], Ask], name: str) -> None:
        """fast_bitrix24 wraps the call into a batch."""
        request = asker(name)("2043").exchanges[0].request
        assert request.target.endswith("/batch")
        assert "imopenlines.session.join?" in request.body

    @pytest.mark.parametrize("name", installed("b24jssdk-umd"))
    def test_browser(self, asker: Callable[[str], Ask], name: str) -> None:
        """In a page the SDK's JSON has the browser ask first; the token stands in the body."""
        observation = asker(name)("2043")
        verbs = [exchange.request.verb for exchange in observation.exchanges]
        assert ["OPTIONS", "POST"] == verbs
        expected = {"CHAT_ID": 2043, "auth": SECRETS.access_token}
        assert expected == json.loads(observation.exchanges[1].request.body)

    @pytest.mark.parametrize("name", installed("b24jssdk-callmethod-oauth"))
    def test_oauth(self, asker: Callable[[str], Ask], name: str) -> None:
        """By OAuth the token stands in the body, and no secret in the URL; it doubles a slash."""
        request = asker(name)("2043").exchanges[0].request
        assert request.target.startswith("/rest//imopenlines.session.join?bx24_request_id=")
        assert SECRETS.access_token == json.loads(request.body)["auth"]

    @pytest.mark.parametrize("name", installed("b24jssdk"))
    def test_numbers_that_javascript_cannot_hold(
        self, asker: Callable[[str], Ask], name: str
    ) -> None:
        """A number that would become another one is not sent; its digits in a text are."""
        for chat_id in ("9007199254740993", "1e400"):
            observation = asker(name)(chat_id)
            assert ("not_sent", ()) == (observation.outcome.kind, observation.exchanges)
        body = asker(name)('"9007199254740993"').exchanges[0].request.body
        assert {"CHAT_ID": "9007199254740993"} == json.loads(body)
