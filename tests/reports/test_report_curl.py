"""The curl line, run by a real shell against a server that writes down what arrives."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from handmade_runs import METHOD, PORTAL

from b24_conformance.exchange import Exchange, Request
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.rendering import render
from b24_conformance.probe import Asking, Probe
from b24_conformance.redaction import Redaction
from b24_conformance.reports.curl import curl_line, spelt_out

SECRET = "kq7v2m9x4w1z8t5p"
BODIES = [
    '{"CHAT_ID":12}',
    '{"CHAT_ID":"it\'s","a":"\\u0041\\\\ \\" $HOME `id` $(id) !x !! %s %d %% 100%"}',
    "@/etc/hostname",
    "-leading=dash",
    "-leading\ndash",
    "'",
    "''\"\"''",
    "ключ=значение&emoji=🙂",
    "two\nlines\n\n",
    "\n",
    '--b\r\nContent-Disposition: form-data; name="CHAT_ID"\r\n\r\n12\r\n--b--\r\n',
    "\x01\x07\x1b[31m\x7f\x80 \u202e \ufeff9\t%d\\n\\055",
    "CHAT_ID=%F0%9F&x=a+b&y=[1]{2}",
    "$B24_NOT_A_LABEL of somebody",
    "*?~[a-z]{1,2};|&<>#",
]
TARGETS = [
    f"/rest/1/x/{METHOD}.json",
    f"/rest/1/x/{METHOD}?CHAT_ID=%5B5%5D&a[]=1&b={{1,2}}&c='q'&d=$HOME&e=`id`",
    f"/rest/1/x//{METHOD}/",
    "/rest/../rest/./x",
    "/a#b",
    '/a"b|c\\d^e',
    "/a?b=c?d@e:f",
]


class Server(HTTPServer):
    """Writes down the requests that arrive."""

    seen: list[tuple[str, str, dict[str, str], bytes]]


class Handler(BaseHTTPRequestHandler):
    """Takes every verb."""

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server
        assert isinstance(server, Server)
        server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = _take  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Keeps quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a free port."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.seen = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def run(server: Server, request: Request, shell: str = "sh", **variables: str) -> Any:
    line = curl_line(Exchange(1, request), f"http://127.0.0.1:{server.server_port}")
    return run_line(server, line, shell, **variables)


def run_line(server: Server, line: str, shell: str = "sh", **variables: str) -> Any:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "LC_ALL": "C.UTF-8"} | variables
    command = [shell, "-c", line]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=30, check=False)
    assert (0, b"") == (done.returncode, done.stderr), line
    return server.seen[-1]


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")


@needs_curl
class TestArrives:
    @pytest.mark.parametrize("shell", ["sh", "bash"])
    @pytest.mark.parametrize("body", BODIES)
    def test_body(self, server: Server, body: str, shell: str) -> None:
        """The body arrives byte for byte, and so does its type."""
        if not shutil.which(shell):
            pytest.skip(f"there is no {shell}")
        request = Request("POST", "/x", (("Content-Type", "text/x-own; a='b'"),), body)
        variables = {"B24_NOT_A_LABEL": "$B24_NOT_A_LABEL"}
        verb, target, headers, arrived = run(server, request, shell, **variables)
        assert ("POST", "/x", body.encode()) == (verb, target, arrived)
        assert "text/x-own; a='b'" == headers["Content-Type"]

    def test_nul(self, server: Server) -> None:
        """Even NUL arrives, next to digits."""
        assert b"a\x005\x00" == run(server, Request("POST", "/x", (), "a\x005\x00"))[3]

    @pytest.mark.parametrize("target", TARGETS)
    def test_target(self, server: Server, target: str) -> None:
        """The target arrives as it was on the request line."""
        wanted = "/" + target.lstrip("/")
        assert ("GET", wanted) == run(server, Request("GET", target))[:2]

    @pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "HEAD", "OPTIONS"])
    def test_verb(self, server: Server, verb: str) -> None:
        """Each verb is sent without a body when there was none."""
        arrived = run(server, Request(verb, "/x"))
        assert (verb, b"") == (arrived[0], arrived[3])

    def test_headers(self, server: Server) -> None:
        """Recorded headers are sent, and curl adds no type of its own."""
        headers = (("X-A", "it's $HOME"), ("X-Empty", ""), ("Content-Length", "999"))
        arrived = run(server, Request("POST", "/x", headers, "a=b"))[2]
        assert ("it's $HOME", "", "3") == tuple(
            arrived[name] for name in ("X-A", "X-Empty", "Content-Length")
        )
        assert "Content-Type" not in arrived


@needs_curl
class TestLabels:
    @pytest.mark.parametrize("value", [SECRET, f"https://portal.example/rest/1/{SECRET}/"])
    def test_webhook_holds_secret_or_address(self, server: Server, value: str) -> None:
        """The variable of a webhook may hold the secret or the whole address."""
        request = Request("POST", f"/rest/1/$B24_WEBHOOK/{METHOD}", (), "{}")
        arrived = run(server, request, B24_WEBHOOK=value)
        assert f"/rest/1/{SECRET}/{METHOD}" == arrived[1]

    @pytest.mark.parametrize("end", ["", "\n"])
    def test_token_in_a_body(self, server: Server, end: str) -> None:
        """A token is expanded inside of a body, whatever is in it."""
        request = Request("POST", "/x", (), f'{{"CHAT_ID":1,"auth":"$B24_TOKEN"}}{end}')
        arrived = run(server, request, B24_TOKEN="a %s 'b' $HOME")
        assert f'{{"CHAT_ID":1,"auth":"a %s \'b\' $HOME"}}{end}'.encode() == arrived[3]

    def test_token_in_a_header(self, server: Server) -> None:
        """A token is expanded inside of a header."""
        request = Request("GET", "/x", (("Authorization", "Bearer $B24_TOKEN"),))
        assert "Bearer t0ken" == run(server, request, B24_TOKEN="t0ken")[2]["Authorization"]


@needs_curl
class TestUnset:
    """Variables that are not set."""

    @pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
    @pytest.mark.parametrize(
        ("name", "request_", "identity"),
        [
            ("B24_WEBHOOK", Request("POST", f"/rest/1/$B24_WEBHOOK/{METHOD}", (), "{}"), "own"),
            ("B24_TOKEN", Request("POST", "/x", (), 'auth "$B24_TOKEN"\n'), "own"),
            ("B24_WEBHOOK", Request("POST", f"/rest/1/[redacted]/{METHOD}"), "altered"),
        ],
        ids=["webhook", "piped token", "spoilt"],
    )
    def test_nothing_is_sent(
        self, server: Server, shell: str, name: str, request_: Request, identity: Any
    ) -> None:
        """Nothing else is sent in the place of the request, and the shell names the variable."""
        if not shutil.which(shell):
            pytest.skip(f"there is no {shell}")
        line = curl_line(Exchange(1, request_), f"http://127.0.0.1:{server.server_port}")
        line = spelt_out(line, Probe("12", asking=Asking(identity=identity)))
        environment = {"PATH": os.environ["PATH"], name: ""}
        done = subprocess.run(
            [shell, "-c", line], env=environment, capture_output=True, timeout=30, check=False
        )
        assert [] == server.seen
        assert (True, True) == (done.returncode != 0, f"{name}: ".encode() in done.stderr)


@needs_curl
class TestSpoiltSecrets:
    """Wrong credentials made of the real ones: the record hides what is left of those."""

    @pytest.mark.parametrize("identity", ["altered", "beheaded", "truncated", "extended"])
    @pytest.mark.parametrize("place", ["webhook", "oauth_body", "oauth_query", "bearer"])
    def test_arrives(self, server: Server, identity: Any, place: Any) -> None:
        """The line shows the same wrong secret that was shown, made by the shell."""
        hook = Webhook(PORTAL, "/rest/", "1", SECRET)
        ring = Keyring("/rest/", {"operator": Keys(hook, SECRET[::-1])})
        probe = Probe("12", asking=Asking(place=place, identity=identity))
        exchange = Exchange(1, render(probe, ring))
        recorded = Redaction(ring.secrets()).hide_exchange(exchange)
        line = curl_line(recorded, f"http://127.0.0.1:{server.server_port}")
        variables = {"B24_WEBHOOK": SECRET, "B24_TOKEN": SECRET[::-1]}
        _, target, headers, body = run_line(server, spelt_out(line, probe), **variables)
        asked = dict(exchange.request.headers).get("Authorization")
        assert exchange.request.target == target
        assert (asked, exchange.request.body) == (headers.get("Authorization"), body.decode())

    def test_any_other(self) -> None:
        """Where it is not known what was hidden, the line says so."""
        told = spelt_out("curl -d '[redacted]'", Probe("12"))
        assert told.endswith(" # put in a part of the secret in the place of [redacted]")


class TestLine:
    def test_plain_line(self) -> None:
        """The line is as short as it can be, without what curl says by itself."""
        headers = (("Host", "x"), ("User-Agent", "y"), ("Content-Type", "application/json"))
        request = Request("POST", f"/rest/1/$B24_WEBHOOK/{METHOD}", headers, '{"CHAT_ID":1}')
        assert (
            ': "${B24_WEBHOOK:?}" && '
            "curl -sS -g -X POST -H 'Content-Type: application/json' --data-raw '{\"CHAT_ID\":1}' "
            '\'http://127.0.0.1:8080/rest/1/\'"$(basename "$B24_WEBHOOK")"\'/'
            "imopenlines.session.join'"
        ) == curl_line(Exchange(1, request), PORTAL)

    def test_given_labels_only(self) -> None:
        """With the labels given, any other word with a dollar is a literal."""
        exchange = Exchange(1, Request("GET", "/$MY_TOKEN/$B24_TOKEN"))
        line = curl_line(exchange, PORTAL, labels=["$MY_TOKEN"])
        assert line.endswith("'http://127.0.0.1:8080/'\"$MY_TOKEN\"'/$B24_TOKEN'")
