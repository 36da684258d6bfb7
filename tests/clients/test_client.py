"""A client as an implementation: outcomes of its caller, exchanges of the portal."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from b24_conformance.clients.catalogue import KNOWN, Client
from b24_conformance.config import parse_config
from b24_conformance.errors import UsageError
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.client import (
    ClientImplementation,
    NotInstalled,
    make_client,
)
from b24_conformance.implementations.targets import Asked, implementations
from b24_conformance.outcome import Outcome
from b24_conformance.probe import MEMBERS, Asking, Probe
from b24_conformance.reference import default_state

Program = Callable[[str], tuple[str, ...]]
Drive = Callable[..., ClientImplementation]
SECRET = str(default_state().users[1].webhook_secret)

# A client of twenty lines: what a user writes for `exec:`.
URLLIB = """
import urllib.error, urllib.request
url = json.loads(sys.stdin.readline())["portal"]["webhook"] + "imopenlines.session.join"
for line in sys.stdin:
    body = json.dumps(json.loads(line)["call"]).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            say(json.dumps({"joined": json.load(answer)["result"]}))
    except urllib.error.HTTPError as error:
        say(json.dumps({"refused": json.load(error)["error"], "via": "body"}))
"""


def as_it_is(exchange: Exchange) -> Exchange:
    """Hides nothing."""
    return exchange


class TestOutcome:
    """What the adapter says becomes the outcome."""

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            ('{"joined": true}', Outcome("joined")),
            ('{"refused": "CHAT_TYPE"}', Outcome("refused", code="CHAT_TYPE", via="field")),
            ('{"refused": "X", "via": "message"}', Outcome("refused", code="X", via="message")),
            ('{"broken": "None"}', Outcome("broken", detail="None")),
            ('{"not_sent": "no float"}', Outcome("not_sent", detail="no float")),
        ],
    )
    def test_outcome(self, program: Program, drive: Drive, answer: str, outcome: Outcome) -> None:
        """Each kind of answer is the outcome of that kind; nothing was sent, so no exchange."""
        client = drive(Client("tiny", program(f"say({answer!r})\nsys.stdin.read()")))
        observation = client.ask(Probe("1"))
        assert (outcome, ()) == (observation.outcome, observation.exchanges)

    def test_detail_is_hidden(self, program: Program) -> None:
        """What the caller saw passes through the hiding of texts."""
        client = Client("tiny", program(f'say(\'{{"broken": "at {SECRET}"}}\')\nsys.stdin.read()'))
        hiding = ClientImplementation(
            client, hide=as_it_is, hide_text=lambda text: text.replace(SECRET, "***")
        )
        with hiding:
            assert "at ***" == hiding.ask(Probe("1")).outcome.detail


class TestExchanges:
    """What the portal saw while the call was in flight."""

    def test_exchanges_are_numbered_and_hidden(self, program: Program) -> None:
        """Exchanges count from 1 on, are text, and pass through the hiding."""

        def hide(exchange: Exchange) -> Exchange:
            request = msgspec.structs.replace(
                exchange.request, target=exchange.request.target.replace(SECRET, "***")
            )
            return msgspec.structs.replace(exchange, request=request)

        with ClientImplementation(Client("tiny", program(URLLIB)), hide=hide) as client:
            seen = [client.ask(Probe(chat_id)) for chat_id in ("2043", "12")]
        exchanges = [exchange for each in seen for exchange in each.exchanges]
        assert [1, 2] == [exchange.number for exchange in exchanges]
        assert [200, 400] == [
            exchange.response.status for exchange in exchanges if exchange.response
        ]
        assert "/rest/1/***/imopenlines.session.join" == exchanges[0].request.target
        assert '{"CHAT_ID": 2043}' == exchanges[0].request.body
        assert [0, 1] == [each.index for each in seen]

    def test_retries_are_all_seen(self, program: Program, drive: Drive) -> None:
        """A client that calls twice for one call has two exchanges."""
        twice = URLLIB.replace(
            "    try:", "    try:\n        urllib.request.urlopen(request).close()"
        )
        observation = drive(Client("tiny", program(twice))).ask(Probe("2043"))
        assert 2 == len(observation.exchanges)

    def test_bytes_that_are_no_utf8(self, program: Program, drive: Drive) -> None:
        """A body that is no UTF-8 is kept in latin-1."""
        odd = URLLIB.replace("Request(url, body,", "Request(url, b'\\xff',")
        request = drive(Client("tiny", program(odd))).ask(Probe("1")).exchanges[0].request
        assert "ÿ" == request.body

    def test_each_client_has_a_portal_of_its_own(self, program: Program) -> None:
        """What one client joined is not joined for the next."""
        members = []
        for chat_id in ("2043", "0"):
            client = ClientImplementation(Client("tiny", program(URLLIB)), hide=as_it_is)
            with client:
                client.ask(Probe(chat_id))
            members.append(1 in client.portal.members(2043))
        assert [True, False] == members


class TestInconclusive:
    """Faults of the adapter are never counted against the client."""

    def test_a_failed_adapter_is_started_again(self, program: Program, drive: Drive) -> None:
        """After a failure the next call gets a new process, and may succeed."""
        once = """
        sys.stdin.readline()
        say('{"joined": true}' if '2043' in sys.stdin.readline() else 'oops')
        """
        client = drive(Client("tiny", program(once)))
        kinds = [client.ask(Probe(chat)).outcome.kind for chat in ("1", "2043", "1", "2043")]
        assert ["unreachable", "joined", "unreachable", "joined"] == kinds

    def test_a_hopeless_adapter_is_given_up(self, program: Program, drive: Drive) -> None:
        """After two failures in a row nothing is started any more."""
        client = drive(Client("tiny", program("sys.exit('no such module')")))
        details = [client.ask(Probe("1")).outcome.detail for _ in range(3)]
        assert "the adapter is given up after 2 failures in a row" in str(details[2])
        assert all("no such module" in str(detail) for detail in details)

    def test_hang(self, program: Program, drive: Drive) -> None:
        """A client that hangs is inconclusive."""
        client = drive(Client("tiny", program("time.sleep(60)")), deadline=0.3)
        outcome = client.ask(Probe("1")).outcome
        assert ("unreachable", "the adapter gave no answer within 0.3 s; it wrote nothing") == (
            outcome.kind,
            outcome.detail,
        )

    @pytest.mark.parametrize(
        "probe",
        [
            Probe("1", asking=Asking(identity="none")),
            Probe("1", asking=Asking(batch=True)),
            Probe("1", operator="colleague"),
            Probe("1", method=MEMBERS),
            Probe("1", key="chat_id"),
            Probe("1", beside="2"),
            Probe("1", extra=(("USER_ID", "1"),)),
            Probe('{"CHAT_ID":', raw=True),
            Probe("NaN"),
            Probe("1,2"),
            Probe("[" * 100_000),
        ],
    )
    def test_questions_that_no_caller_can_put(self, drive: Drive, probe: Probe) -> None:
        """What only a hand-made request could ask is not asked of a client."""
        observation = drive(Client("tiny", ("/nowhere",))).ask(probe)
        assert ("unreachable", ()) == (observation.outcome.kind, observation.exchanges)


class TestDeclaration:
    """What is declared of a client."""

    def test_webhook(self) -> None:
        """A client is a stand-in that may join anything, with the reference portal's chats."""
        declaration = ClientImplementation(KNOWN["curl-webhook"], hide=as_it_is).declaration
        assert ("client:curl-webhook", "client", True, "new") == (
            declaration.name,
            declaration.side,
            declaration.stand_in,
            declaration.rung,
        )
        assert (1, ("webhook",)) == (declaration.operator.user_id, declaration.operator.places)
        assert "joinable" == declaration.kind("operator", 2043)

    def test_oauth(self) -> None:
        """A client of OAuth has its token in the body."""
        declaration = ClientImplementation(KNOWN["curl-oauth"], hide=as_it_is).declaration
        assert ("oauth_body",) == declaration.operator.places


class TestTargets:
    """What the user writes to mean a client."""

    def test_all(self) -> None:
        """`client:all` is every known client."""
        names = [client.name for client in make_client("client:all", hide=as_it_is)]
        assert [f"client:{name}" for name in KNOWN] == names

    def test_installed(self) -> None:
        """`client:installed` is every known client that this machine has."""
        found = make_client("client:installed", hide=as_it_is)
        assert all(isinstance(client, ClientImplementation) for client in found)
        have = [f"client:{name}" for name, client in KNOWN.items() if not client.missing]
        assert have == [client.name for client in found]

    def test_unknown(self) -> None:
        """An unknown name is a usage error that names the nearest one."""
        with pytest.raises(UsageError, match="did you mean 'curl-webhook'"):
            make_client("client:curl-webhok", hide=as_it_is)

    def test_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A client that the machine lacks says how to get it."""
        monkeypatch.setenv("PATH", "/nowhere")
        (client,) = make_client("client:curl-oauth", hide=as_it_is)
        assert isinstance(client, NotInstalled)
        assert ("client:curl-oauth", ("program:curl",)) == (client.name, client.missing)
        assert "not installed: apt install curl" in client.reason
        assert "oauth_body" in client.declaration.operator.places

    def test_path_of_the_config(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A path in the config stands for what no registry serves."""
        monkeypatch.delenv("CREST_PATH", raising=False)
        (before,) = make_client("client:crest", hide=as_it_is)
        assert isinstance(before, NotInstalled)
        assert "file:crest" in before.missing
        assert "set CREST_PATH, or crest in [clients] of the config" in before.how_to_get
        (tmp_path / "crest.php").touch()
        paths = {"crest": str(tmp_path / "crest.php")}
        (after,) = make_client("client:crest", hide=as_it_is, paths=paths)
        assert "file:crest" not in (after.missing or ())

    def test_exec(self, tmp_path: Path) -> None:
        """`exec:` runs any program, without a shell, over plain http."""
        script = tmp_path / "my adapter.py"
        script.write_text("import json, sys\ndef say(text): print(text, flush=True)\n" + URLLIB)
        target = f"exec:{sys.executable} {shlex.quote(str(script))}"
        (client,) = make_client(target, hide=as_it_is)
        assert isinstance(client, ClientImplementation)
        with client:
            seen = [client.ask(Probe(chat_id)).outcome for chat_id in ("2043", "12", "2050", None)]
        assert target == client.name
        codes = ["CHAT_TYPE", "ACCESS_DENIED", "CHAT_ID"]
        assert [
            Outcome("joined"),
            *(Outcome("refused", code=code, via="body") for code in codes),
        ] == seen

    @pytest.mark.parametrize("target", ["exec:", "exec:'", "exec:  "])
    def test_exec_of_nothing(self, target: str) -> None:
        """A command that cannot be split, or is none, is a usage error."""
        with pytest.raises(UsageError):
            make_client(target, hide=as_it_is)


class TestEnvironment:
    """What a client process inherits."""

    def test_no_proxies(
        self, program: Program, drive: Drive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A proxy of the environment is not for clients."""
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
        monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
        tell = "say(json.dumps({'broken': str({k for k in os.environ if 'proxy' in k.lower()})}))\n"
        client = drive(Client("tiny", program(tell + "sys.stdin.read()")))
        detail = str(client.ask(Probe("1")).outcome.detail)
        assert ["NO_PROXY", "no_proxy"] == sorted(eval(detail))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("B24_WEBHOOK", "https://example.bitrix24.com/rest/1/abcdefghijkl/"),
            ("B24_WEBHOOK", "abcdefghijkl"),
            ("B24_COLLEAGUE_TOKEN", "abcdefghijkl"),
            ("MY_PORTAL", "https://example.bitrix24.com/base/rest/17/abcdefghijkl"),
            ("NAMED", "whatever it is"),
            ("NAMED", "7"),
            ("COPY_OF_NAMED", "Bearer secret-of-named"),
            ("COPY_OF_THE_CONFIG", "secret-in-the-file"),
            ("COPY_OF_AN_ADDRESS", "secret-of-2"),
        ],
    )
    def test_no_secrets(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        """A program gets no webhook, and no secret that the config holds or names."""
        monkeypatch.setenv("NAMED", "secret-of-named")
        monkeypatch.setenv(name, value)
        assert name not in inherited(program)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("BX24_JS", "/somewhere/bx24.js"),
            ("CREST_PATH", "/somewhere/crest.php"),
            ("B24PHPSDK_AUTOLOAD", "/somewhere/vendor/autoload.php"),
            ("B24GOSDK_PATH", "/somewhere/b24gosdk"),
            ("B24_CONFORMANCE_CACHE", "/somewhere/token"),
            ("B24_DEBUG", "1"),
            ("GOPATH", "/somewhere/go"),
            ("MY_ADAPTER_NEEDS", "https://example.com/rest/docs"),
            ("NUMBER", "7"),
        ],
    )
    def test_all_else(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        """Whatever else is set an adapter may need."""
        monkeypatch.setenv("NAMED", "secret-of-named")
        monkeypatch.setenv(name, value)
        assert {name, "PATH"} <= inherited(program)


def inherited(program: Program) -> set[str]:
    """The variables that a program of `exec:` finds."""
    config = parse_config(
        {
            "operator": {"webhook": {"env": "NAMED"}, "access_token": "secret-in-the-file"},
            "colleague": {"webhook": "https://example.bitrix24.com/rest/2/secret-of-2/"},
            "credentials": {"expired_token": {"file": "nowhere"}},
        },
        "test",
    )
    tell = "say(json.dumps({'broken': ' '.join(os.environ)}))\nsys.stdin.read()"
    target = f"exec:{shlex.join(program(tell))}"
    with ExitStack() as stack:
        (client,) = [stack.enter_context(one) for one in implementations(target, config, Asked())]
        return set(str(client.ask(Probe("1")).outcome.detail).split())
