"""Hostile and broken servers: a run ends soon, stays small, says what is wrong, leaks nothing."""

from __future__ import annotations

import base64
import dataclasses
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
import trustme
from hostile_servers import GALLERY, REFUSAL, answer, hostile, redirects, says, silent

from b24_conformance.reference import (
    DECLARATIONS,
    Portal,
    Raw,
    Request,
    Response,
    Server,
    State,
    default_state,
)

SECRET = "q5zr8wkx2hv7m1dp"
BOUND_S = 60
BOUND_MIB = 300
# The console script's own entry, which then tells the peak of its memory.
_LAUNCH = """
import pathlib, sys
from b24_conformance.command.main import main
try:
    main(sys.argv[2:])
finally:
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        pathlib.Path(sys.argv[1]).write_text(status.read_text().split("VmHWM:")[1].split()[0])
"""


class Done(NamedTuple):
    """How a run ended: its exit code, all it said and wrote, and its peak of memory."""

    code: int
    told: str
    written: str
    mib: float


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command against an address, with the secret in the environment."""

    def start(address: str, *words: str, stand_in: bool = False, config: str = "") -> Done:
        chats = [f"{kind} = {ids}" for kind, ids in DECLARATIONS["operator"].items()]
        lines = ["[portal]", f"stand_in = {str(stand_in).lower()}", config]
        lines += ["[operator]", 'webhook = { env = "HOOK" }', "[operator.chats]", *chats]
        folder = tmp_path / "work"
        folder.mkdir()
        (folder / "b24-conformance.toml").write_text("\n".join(lines), encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        peak = tmp_path / "peak"
        done = subprocess.run(
            [sys.executable, "-c", _LAUNCH, str(peak), "run", "--rate", "500/s", *words],
            cwd=folder,
            env={**kept, "HOME": str(folder), "HOOK": f"{address}/rest/1/{SECRET}/"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=BOUND_S,
            check=False,
        )
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        mib = int(peak.read_text()) / 1024 if peak.exists() else 0.0
        told = (done.stdout + done.stderr).decode()
        return Done(done.returncode, told, b"\n".join(files).decode("utf-8", "replace"), mib)

    return start


def leaks(done: Done) -> list[str]:
    """The spellings of the secret that were said or written."""
    spelt = [SECRET, SECRET[:10], SECRET[6:], SECRET.upper(), SECRET.encode().hex()]
    spelt += [base64.b64encode(SECRET.encode()).decode()[:16]]
    spelt += ["".join(f"%{ord(char):02X}" for char in SECRET)]
    return [text for text in spelt if text in done.told or text in done.written]


def assert_sound(done: Done) -> None:
    """Asserts what holds for every end of a run."""
    assert "Traceback" not in done.told, done.told
    assert [] == leaks(done)
    assert done.mib < BOUND_MIB


class TestGallery:
    """Servers that answer everything in one wrong way."""

    @pytest.mark.parametrize("name", GALLERY)
    def test_incomplete(self, run: Run, name: str) -> None:
        """The run is incomplete and says what the server does."""
        behave, finding = GALLERY[name]
        with hostile(behave) as server:
            done = run(f"http://127.0.0.1:{server.port}", "--timeout", "0.7")
        assert_sound(done)
        assert 3 == done.code, done.told
        assert re.search(finding, done.told), done.told

    @pytest.mark.parametrize("name", ["endless body", "gzip bomb", "JSON of 10 MB", "echo"])
    def test_stand_in(self, run: Run, name: str) -> None:
        """A server that is declared a stand-in hurts no more than another."""
        behave, finding = GALLERY[name]
        with hostile(behave) as server:
            done = run(f"http://127.0.0.1:{server.port}", "--timeout", "0.7", stand_in=True)
        assert_sound(done)
        assert done.code in (1, 3), done.told
        assert re.search(finding, done.told), done.told


class TestElsewhere:
    """Redirects."""

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_another_host(self, run: Run, scheme: str) -> None:
        """Nothing is sent to the host that a redirect names, not even a connection's first byte."""
        with hostile(says(answer(REFUSAL))) as other:
            where = f"{scheme}://localhost:{other.port}PATH".encode()
            with hostile(redirects(where)) as server:
                done = run(f"http://127.0.0.1:{server.port}", "--timeout", "2")
        assert_sound(done)
        assert (3, []) == (done.code, other.heard)
        assert "a redirect to" in done.told

    def test_loop(self, run: Run) -> None:
        """A redirect to the same address is one answer, and no loop."""
        with hostile(redirects(b"PATH")) as server:
            done = run(f"http://127.0.0.1:{server.port}", "--timeout", "2")
        assert_sound(done)
        assert (3, True) == (done.code, len(server.heard) < 20)

    def test_from_https_to_http(self, run: Run, authority: trustme.CA, tmp_path: Path) -> None:
        """A redirect from https to http is not followed."""
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        with hostile(says(answer(REFUSAL))) as other:
            where = f"http://127.0.0.1:{other.port}PATH".encode()
            context = server_context(authority.issue_cert("127.0.0.1"))
            with hostile(redirects(where), context) as server:
                ca_file = f'ca_file = "{tmp_path / "ca.pem"}"'
                done = run(f"https://127.0.0.1:{server.port}", "--timeout", "2", config=ca_file)
        assert_sound(done)
        assert (3, []) == (done.code, other.heard)
        assert "a redirect to" in done.told
        assert server.heard


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority for certificates."""
    return trustme.CA()


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context with a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


class TestTls:
    """Whoever cannot show who he is gets no secret."""

    @pytest.fixture
    def ca_file(self, authority: trustme.CA, tmp_path: Path) -> Iterator[str]:
        """The line of a config that trusts the authority."""
        path = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(path))
        yield f'ca_file = "{path}"'

    @pytest.mark.parametrize("fault", ["expired", "another name", "unknown authority"])
    def test_certificate(self, run: Run, authority: trustme.CA, ca_file: str, fault: str) -> None:
        """A certificate that is expired, another's or nobody's ends the run before a request."""
        past = datetime(2001, 1, 1, tzinfo=UTC)
        certificate = {
            "expired": lambda: authority.issue_cert("127.0.0.1", not_after=past),
            "another name": lambda: authority.issue_cert("portal.example"),
            "unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
        }[fault]()
        with hostile(says(answer(REFUSAL)), server_context(certificate)) as server:
            done = run(f"https://127.0.0.1:{server.port}", "--timeout", "2", config=ca_file)
        assert_sound(done)
        assert (3, []) == (done.code, server.heard)
        assert re.search(r"TLS with .* failed", done.told), done.told

    def test_handshake_that_stalls(self, run: Run) -> None:
        """A server that never answers the handshake is given up."""
        with hostile(silent) as server:
            done = run(f"https://127.0.0.1:{server.port}", "--timeout", "1")
        assert_sound(done)
        assert 3 == done.code
        assert "timed out" in done.told

    def test_no_tls(self, run: Run) -> None:
        """A server that speaks plain HTTP where https is wanted gets no request."""
        with hostile(says(answer(REFUSAL))) as server:
            done = run(f"https://127.0.0.1:{server.port}", "--timeout", "1")
        assert_sound(done)
        assert (3, []) == (done.code, server.heard)


def _state() -> State:
    state = default_state()
    operator = dataclasses.replace(state.users[1], webhook_secret=SECRET)
    return State.of([operator, *list(state.users.values())[1:]], state.chats.values())


class Turning(Portal):
    """The reference portal for some answers, and then something else."""

    after = 30

    def __init__(self, turned: Callable[[Request], Response | Raw]) -> None:
        super().__init__(_state())
        self._turned = turned
        self._answered = 0

    def answer(self, request: Request) -> Response:
        self._answered += 1
        if self._answered <= self.after:
            return super().answer(request)
        return self._turned(request)  # type: ignore[return-value]


def json_of(body: bytes) -> Callable[[Request], Response]:
    """Answers HTTP 200 with a body."""
    return lambda _: Response(200, (("Content-Type", "application/json"),), body)


def echo(request: Request) -> Response:
    """Tells the asker all that he said, in many spellings."""
    said = request.target.encode() + b" " + request.body
    spelt = [said, base64.b64encode(said), said.hex().encode(), quote(said, safe="").encode()]
    spelt += ["".join(f"%{byte:02X}" for byte in said).encode(), said.upper()]
    text = b'{"error":"CHAT_ID","error_description":"' + b" ".join(spelt).replace(b'"', b"'")
    headers = (("Content-Type", "application/json"), ("Location", request.target))
    return Response(400, headers, text + b'"}')


LATER: dict[str, Callable[[Request], Response | Raw]] = {
    "long answers": json_of(b'{"result":[' + b"[]," * 300_000 + b"[]]}"),
    "answers of 4 KiB": json_of(b'{"result":[' + b"{}," * 1_250 + b"{}]}"),
    "wide characters": json_of(('{"result":"' + "😀" * 200_000 + '"}').encode()),
    "depth": json_of(b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "depth of 900": json_of(b'{"result":' + b"[" * 900 + b"]" * 900 + b"}"),
    "depth of 960": json_of(b'{"result":' + b"[" * 960 + b"]" * 960 + b"}"),
    "depth of 985": json_of(b'{"error":' + b"[" * 985 + b"]" * 985 + b"}"),
    "long numbers": json_of(b'{"result":' + b"9" * 500_000 + b"}"),
    "a code as long as a book": json_of(b'{"error":"' + b"A" * 900_000 + b'"}'),
    "garbage": lambda _: Raw(b"\x00\xff\r\n\r\n", close=True),
    "resets": lambda _: Raw(b"HTTP/1.1 200 OK\r\n", reset=True),
    "XML with entities": json_of(b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 999 + b'">]><response/>'),
    "echo": echo,
}


class TestLater:
    """Portals that turn hostile in the middle of a run."""

    @pytest.mark.parametrize("name", LATER)
    def test_judged(self, run: Run, name: str) -> None:
        """The run ends with a verdict, in bounds, and leaks nothing."""
        with Server(Turning(LATER[name])) as server:
            done = run(server.address, "--timeout", "2", stand_in=True)
        assert_sound(done)
        assert done.code in (1, 3), done.told
        assert re.search("NONCONFORMANT|INCOMPLETE", done.told)

    def test_silence(self, run: Run) -> None:
        """Every answer that does not come costs its deadline, and no more."""
        with Server(Turning(lambda _: Raw(b" " * 99, pause=0.2))) as server:
            done = run(server.address, "--timeout", "0.2", "--max-requests", "60", stand_in=True)
        assert_sound(done)
        assert done.code in (1, 3), done.told

    def test_long_lists(self, run: Run) -> None:
        """A portal whose sound answers are all too long to keep leaves the run incomplete."""
        long = json_of(b'{"error":"CHAT_ID","error_description":"' + b"x" * 900_000 + b'"}')
        with Server(Turning(long)) as server:
            done = run(server.address, "--timeout", "5", stand_in=True)
        assert_sound(done)
        assert 3 == done.code or "NONCONFORMANT" in done.told
        assert "its answers are too long to be kept and judged" in done.told
