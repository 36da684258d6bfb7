"""The real clients, each against the reference portal: what its caller sees, what it sends."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from b24_conformance.clients import curl, protocol
from b24_conformance.clients.catalogue import KNOWN
from b24_conformance.clients.protocol import read_body
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import ClientImplementation
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe
from b24_conformance.reference import Request, Response, Server, default_state
from b24_conformance.transcript import Observation

SECRETS = default_state().users[1]
Ask = Callable[[str | None], Observation]


def as_it_is(exchange: Exchange) -> Exchange:
    """Hides nothing."""
    return exchange


def asker(name: str) -> Iterator[Ask]:
    """Asks a known client, which must be on the machine."""
    client = KNOWN[name]
    if client.missing:
        pytest.skip(f"{client.name} is not installed: {client.how_to_get}")
    with ClientImplementation(client, hide=as_it_is) as implementation:
        yield lambda chat_id: implementation.ask(Probe(chat_id))


@pytest.fixture(scope="module", params=["curl-webhook", "curl-oauth", "b24pysdk"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """The clients that send JSON just as it was given, in turn."""
    yield from asker(request.param)


@pytest.fixture(scope="module")
def ask_curl() -> Iterator[Ask]:
    """curl with a webhook."""
    yield from asker("curl-webhook")


@pytest.fixture(scope="module")
def ask_curl_oauth() -> Iterator[Ask]:
    """curl with a token."""
    yield from asker("curl-oauth")


@pytest.fixture(scope="module")
def ask_b24pysdk() -> Iterator[Ask]:
    """The official Python SDK."""
    yield from asker("b24pysdk")


class TestJsonAsGiven:
    """What clients have in common that send JSON just as it was given."""

    @pytest.mark.parametrize(
        ("chat_id", "answer"),
        [
            ("2043", ("joined", None)),
            ("2045", ("joined", None)),
            ('"2044"', ("joined", None)),
            ("2050", ("refused", "ACCESS_DENIED")),
            ("12", ("refused", "CHAT_TYPE")),
            ("999999999", ("refused", "CHAT_ID")),
            ("0", ("refused", "CHAT_ID")),
            ('"no number"', ("refused", "CHAT_ID")),
            (None, ("refused", "CHAT_ID")),
        ],
    )
    def test_outcomes(self, ask: Ask, chat_id: str | None, answer: tuple[str, str | None]) -> None:
        """Its caller can tell a success and each of the refusals, from one request."""
        observation = ask(chat_id)
        assert answer == observation.outcome.answer
        assert 1 == len(observation.exchanges)

    def test_big_numbers_are_exact(self, ask: Ask) -> None:
        """A number of twenty digits goes over the wire with all of them."""
        body = ask("12345678901234567890").exchanges[0].request.body
        assert '"CHAT_ID": 12345678901234567890' in body


class TestCurl:
    """The documented command."""

    def test_wire(self, ask_curl: Ask) -> None:
        """It POSTs JSON below the webhook."""
        request = ask_curl("2043").exchanges[0].request
        target = f"/rest/1/{SECRETS.webhook_secret}/imopenlines.session.join.json"
        assert ("POST", target) == (request.verb, request.target)
        assert '{"CHAT_ID": 2043}' == request.body
        types = [value for name, value in request.headers if name.lower() == "content-type"]
        assert ["application/json"] == types

    @pytest.mark.parametrize("chat_id", ["4.90", "1e400", '"a\\"b\\\\c\\n"', '"٤٢"', "[null]"])
    def test_literals_are_exact(self, ask_curl: Ask, chat_id: str) -> None:
        """A CHAT_ID goes over the wire as it was written."""
        body = ask_curl(chat_id).exchanges[0].request.body
        assert f'{{"CHAT_ID": {chat_id}}}' == body

    @pytest.mark.parametrize(("chat_id", "params"), [("12", {"CHAT_ID": 12}), (None, {})])
    def test_oauth_wire(
        self, ask_curl_oauth: Ask, chat_id: str | None, params: dict[str, int]
    ) -> None:
        """With OAuth the token travels in the body, and no secret in the URL."""
        request = ask_curl_oauth(chat_id).exchanges[0].request
        assert "/rest/imopenlines.session.join.json" == request.target
        assert {**params, "auth": SECRETS.access_token} == json.loads(request.body)

    def test_tls(self) -> None:
        """It trusts the authority that it is given, and no other."""
        with Server(lambda _: Response(200, (), b'{"result": true}'), tls=True) as server:
            trusting = protocol.Setup({}, ca=server.ca_file)
            assert {"joined": True} == curl.post(trusting, server.address, "{}")
            answer = curl.post(protocol.Setup({}), server.address, "{}")
        assert "curl exits with 60" in answer["broken"]

    def test_secret_is_not_on_its_command_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """While curl runs, no process shows the secret to others on the machine."""
        shown: list[str] = []

        def look(_: Request) -> Response:
            paths = Path("/proc").glob("[0-9]*/cmdline")
            shown.extend(_read(path) for path in paths)
            return Response(200, (), b'{"result": true}')

        with Server(look) as server:
            url = f"{server.address}/rest/1/verysecretindeed/x.json"
            assert {"joined": True} == curl.post(protocol.Setup({}), url, '{"auth": "quitesecret"}')
        assert any("--config" in line for line in shown)
        assert not [line for line in shown if "verysecretindeed" in line or "quitesecret" in line]

    def test_its_own_time_limit(self) -> None:
        """It gives up before the deadline, so that it can still tell."""

        def slow(_: Request) -> Response:
            time.sleep(1.5)
            return Response(200)

        with Server(slow) as server:
            answer = curl.post(protocol.Setup({}, deadline_s=0.5), server.address, "{}")
        assert "curl exits with 28" in answer["broken"]


class TestReadBody:
    """What the caller makes of a bare body."""

    @pytest.mark.parametrize(
        ("status", "body", "answer"),
        [
            (200, b'{"result": true, "time": {}}', {"joined": True}),
            (400, b'{"error": "CHAT_ID"}', {"refused": "CHAT_ID", "via": "field", "status": 400}),
        ],
    )
    def test_clear(self, status: int, body: bytes, answer: dict[str, object]) -> None:
        """Result true is a success, an error with a code is a refusal."""
        assert answer == read_body(status, body)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>",
            b"[]",
            b'{"result": 1}',
            b'{"result": true, "error": 0}',
            b'{"error": null}',
            b"\xff",
        ],
    )
    def test_broken(self, body: bytes) -> None:
        """Anything else is broken."""
        assert ["broken"] == list(read_body(502, body))


class TestB24pysdk:
    """The official Python SDK, over TLS."""

    def test_wire(self, ask_b24pysdk: Ask) -> None:
        """It POSTs JSON below the webhook, and the number stays a number."""
        request = ask_b24pysdk("2043").exchanges[0].request
        target = f"/rest/1/{SECRETS.webhook_secret}/imopenlines.session.join.json"
        assert ("POST", target) == (request.verb, request.target)
        assert {"CHAT_ID": 2043} == json.loads(request.body)

    @pytest.mark.parametrize("chat_id", ["null", "4.9", "[5]", "{}"])
    def test_values_that_it_refuses(self, ask_b24pysdk: Ask, chat_id: str) -> None:
        """A value that is neither int nor str is refused before anything is sent."""
        observation = ask_b24pysdk(chat_id)
        assert ("not_sent", ()) == (observation.outcome.kind, observation.exchanges)

    def test_numbers_that_python_cannot_hold(self, ask_b24pysdk: Ask) -> None:
        """A number of five thousand digits is not sent, and the adapter lives on."""
        assert "not_sent" == ask_b24pysdk("9" * 5000).outcome.kind
        assert Outcome("joined") == ask_b24pysdk("2043").outcome

    def test_version(self) -> None:
        """Its version is known after the first answer."""
        with ClientImplementation(KNOWN["b24pysdk"], hide=as_it_is) as client:
            assert client.version is None
            client.ask(Probe("0"))
            assert client.version


class TestProtocolLoop:
    """The loop that Python adapters share."""

    def test_prints_do_not_disturb(self) -> None:
        """What the client prints lands on standard error; its exceptions are answers."""
        program = (
            "from b24_conformance.clients.protocol import serve\n"
            "def make(setup):\n"
            "    def call(call):\n"
            "        print('noise')\n"
            "        return {'joined': True} if call.params['CHAT_ID'] == 1 else {}['x']\n"
            "    return call\n"
            "serve('tiny', '1', make)\n"
        )
        lines = '{"portal": {}}\n{"call": {"CHAT_ID": 1}}\n{"call": {"CHAT_ID": 2}}\n'
        argv = [*KNOWN["curl-webhook"].argv[:2], "-c", program]
        done = subprocess.run(argv, input=lines, capture_output=True, text=True, check=True)
        assert [
            {"adapter": "tiny", "client": "1"},
            {"joined": True},
            {"broken": "KeyError: 'x'"},
        ] == [json.loads(line) for line in done.stdout.splitlines()]
        assert "noise\nnoise\n" == done.stderr


class TestCatalogue:
    """The known clients as data."""

    def test_names(self) -> None:
        """A client is known by its own name."""
        assert list(KNOWN) == [client.name for client in KNOWN.values()]


def _read(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
