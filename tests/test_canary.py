"""A canary secret: whatever a portal does with it, no piece of it gets out."""

from __future__ import annotations

import base64
import json
import os
import random
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from b24_conformance import ways
from b24_conformance.exchange import Exchange
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook
from b24_conformance.implementations.rendering import render, render_batch
from b24_conformance.probe import WRONG, Probe, Wrong
from b24_conformance.redaction import Redaction
from b24_conformance.reference import DECLARATIONS, Portal, Request, Response, Server, default_state

COMMAND = Path(sys.executable).with_name("b24-conformance")
SUITES = Path(__file__).parent.parent / "suites"
_DICE = random.Random("canary")
CANARY = "".join(_DICE.choices(string.ascii_letters + string.digits, k=24))
TOKEN = "".join(_DICE.choices("0123456789abcdef", k=70))
PIECE = 8
FEW = ("refusal.*", "secret.*", "robust.*", "oauth.*", "credentials.*")
Spell = Callable[[str], str]


def percent(text: str) -> str:
    """Every byte percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def escaped(text: str) -> str:
    """Every character as a JSON escape."""
    return "".join(f"\\u{ord(char):04x}" for char in text)


def in_base64(text: str) -> str:
    """The secret within a longer text, in base64."""
    return base64.b64encode(f"user:{text}:more".encode()).decode()


SPELLINGS: dict[str, Spell] = {
    "raw": str,
    "half": lambda text: text[3 : len(text) // 2 + 3],
    "piece": lambda text: text[5:13],
    "percent": percent,
    "base64": in_base64,
    "json": escaped,
    "upper": str.upper,
}


def needles(secret: str) -> set[str]:
    """All that a search for a leak looks for: pieces of eight, in every spelling."""
    found: set[str] = set()
    pieces = [secret[i : i + PIECE] for i in range(len(secret) - PIECE + 1)]
    for piece in pieces:
        # Backwards nobody hides it, so that we may not write it so ourselves.
        found |= {piece, quote(piece), piece[::-1]}
    # A percent-encoded or escaped piece of eight characters is 24 or 48 characters long.
    for spelled, width in ((percent(secret), 3 * PIECE), (escaped(secret), 6 * PIECE)):
        step = len(spelled) // len(secret)
        starts = range(0, len(spelled) - width + 1, step)
        found |= {spelled[i : i + width] for i in starts}
    for offset in range(3):
        coded = base64.b64encode(b"." * offset + secret.encode()).decode()
        inner = coded[4 : len(coded) - 4]
        found |= {inner[i : i + 12] for i in range(len(inner) - 11)}
    return found


NEEDLES = {needle.lower() for secret in (CANARY, TOKEN) for needle in needles(secret)}


def leaks(text: str) -> list[str]:
    """The pieces of a canary in `text`."""
    lowered = text.lower()
    return sorted(needle for needle in NEEDLES if needle in lowered)


def canary_portal() -> Portal:
    """The default portal, under canary secrets."""
    found = default_state()
    users = dict(found.users)
    users[1] = replace(users[1], webhook_secret=CANARY, access_token=TOKEN)
    return Portal(replace(found, users=users))


class Echo:
    """A portal that repeats the secret that asked, in every spelling and at every place."""

    def __init__(self) -> None:
        self.portal = canary_portal()

    def __call__(self, request: Request) -> Response:
        answer = self.portal.answer(request)
        spelt = {name: [spell(CANARY), spell(TOKEN)] for name, spell in SPELLINGS.items()}
        headers = [(f"X-{name}", " ".join(texts)) for name, texts in spelt.items()]
        headers += [(f"X-{CANARY}", "1"), ("Set-Cookie", f"PHPSESSID={CANARY}")]
        body = answer.body
        if body.startswith(b"{"):
            echoes = json.dumps({**spelt, CANARY: 1})[1:].replace("\\\\u", "\\u")
            body = body.rstrip()[:-1] + b"," + echoes.encode()
            text = '"error_description":"'
            body = body.replace(text.encode(), f"{text}{CANARY} ".encode())
        kept = tuple(h for h in answer.headers if h[0].lower() != "content-length")
        return Response(answer.status, (*kept, *headers), body)


class CodeEcho(Echo):
    """A portal whose refusals have the secret in the place of the code, as HTML now and then."""

    def __call__(self, request: Request) -> Response:
        answer = self.portal.answer(request)
        if b"CHAT_TYPE" in answer.body:
            page = f"<html><a href='/rest/1/{CANARY}/'>{TOKEN}</a>"
            return Response(404, (("Content-Type", "text/html"),), page.encode())
        body = answer.body.replace(b"ACCESS_DENIED", CANARY.encode())
        return Response(answer.status, answer.headers, body)


CRASH = """
from b24_conformance.implementations.http import HttpTransport

def send(self, request):
    secret_here = request.target
    raise RuntimeError(f"no way to {self._address}{request.target}, {request!r}")

HttpTransport.send = send
"""


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Callable[[Callable[[Request], Response]], Path]]:
    """Serves a portal and writes a config with the canaries for it."""
    with ExitStack() as stack:

        def write(answer: Callable[[Request], Response]) -> Path:
            server = stack.enter_context(Server(answer))
            chats = [f"{kind} = {ids}" for kind, ids in DECLARATIONS["operator"].items()]
            lines = ["[portal]", "stand_in = true", "[operator]"]
            lines += [f'webhook = "{server.address}/rest/1/{CANARY}/"']
            lines += ['access_token = { env = "CANARY_TOKEN" }', "[operator.chats]", *chats]
            path = tmp_path / "b24-conformance.toml"
            path.write_text("\n".join(lines), encoding="utf-8")
            return path

        yield write


def environment(folder: Path) -> dict[str, str]:
    """What a run needs, and the token."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(folder), "CANARY_TOKEN": TOKEN}


def started(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """A command run to its end."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(folder: Path, done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """Where a piece of a canary got out: files by their names, and the two streams."""
    files = {path for path in folder.rglob("*") if path.is_file()}
    places = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in files
        if path.name not in ("b24-conformance.toml",)
    }
    places |= {"stdout": done.stdout, "stderr": done.stderr}
    found = {place: leaks(text)[:3] for place, text in places.items()}
    return {place: pieces for place, pieces in found.items() if pieces}


Session = Callable[..., subprocess.CompletedProcess[str]]


class TestNeedles:
    """The search itself."""

    @pytest.mark.parametrize("spelling", SPELLINGS)
    def test_finds_every_spelling(self, spelling: str) -> None:
        """The search finds a canary in each spelling that the portals use."""
        for secret in (CANARY, TOKEN):
            assert leaks(f"x{SPELLINGS[spelling](secret)}y")

    def test_finds_nothing_else(self) -> None:
        """The search finds nothing in what has no canary."""
        assert [] == leaks(Path(__file__).read_text(encoding="utf-8"))


class TestWrongCredentials:
    """What is made of a canary to show it as a wrong one."""

    @pytest.mark.parametrize("identity", WRONG)
    def test_hidden(self, identity: Wrong) -> None:
        """Nothing that is written down of it, wherever it stood, has a piece of a canary."""
        hook = Webhook.parse(f"https://example.bitrix24.com/rest/1/{CANARY}/")
        ring = Keyring("/rest/", {"operator": Keys(hook, TOKEN)}, wrong=0)
        redaction = Redaction(ring.secrets())
        for way in (*ways.ALL, ways.OAUTH_XML, ways.OAUTH_BATCH, ways.ACCESS_TOKEN):
            probe = Probe("42", asking=msgspec.structs.replace(way, identity=identity))
            request = render_batch((probe,), ring) if way.batch else render(probe, ring)
            kept = redaction.hide_exchange(Exchange(1, request, None))
            assert [] == leaks(msgspec.json.encode(kept.request).decode())


class TestCommand:
    """The command's files and streams."""

    @pytest.mark.parametrize(
        ("portal", "code"),
        [(lambda: canary_portal().answer, 0), (Echo, 1), (CodeEcho, 1)],
        ids=["green", "red", "codes"],
    )
    def test_run(
        self, config: Callable[..., Path], tmp_path: Path, portal: object, code: int
    ) -> None:
        """No file and no stream of a green or a red run has a piece of a canary."""
        config(portal())  # type: ignore[operator]
        clauses = [word for clause in FEW for word in ("--clause", clause)]
        done = started(tmp_path, COMMAND, "run", *clauses)
        assert code == done.returncode, done.stdout + done.stderr
        assert {} == told(tmp_path, done)

    def test_echo_is_noticed(self, config: Callable[..., Path], tmp_path: Path) -> None:
        """The secret that was hidden is still judged as an echo."""
        config(Echo())
        done = started(tmp_path, COMMAND, "run", "--clause", "secret.*", "--json")
        (row,) = json.loads(done.stdout)["implementations"][0]["clauses"]
        assert "failed" == row["status"]

    def test_plan(self, config: Callable[..., Path], tmp_path: Path) -> None:
        """A plan names no secret."""
        config(canary_portal().answer)
        done = started(tmp_path, COMMAND, "run", "--plan")
        assert 0 == done.returncode
        assert {} == told(tmp_path, done)

    def test_judge_and_report(self, config: Callable[..., Path], tmp_path: Path) -> None:
        """What was recorded stays hidden when it is judged or rendered again."""
        config(Echo())
        started(tmp_path, COMMAND, "run", "--clause", "refusal.*", "--clause", "secret.*")
        for words in (["judge", "reports/events.jsonl", "--reports", "again"], ["report"]):
            assert {} == told(tmp_path, started(tmp_path, COMMAND, *words))

    def test_crash(self, config: Callable[..., Path], tmp_path: Path) -> None:
        """A run that crashes on an error with the secret in its message does not tell it."""
        config(canary_portal().answer)
        script = tmp_path / "crash.py"
        script.write_text(f"{CRASH}\nfrom b24_conformance.command import main\nmain(['run'])\n")
        done = started(tmp_path, sys.executable, script)
        assert 0 != done.returncode
        assert {} == told(tmp_path, done)

    @pytest.mark.parametrize(
        "webhook",
        [
            f"https://example.bitrix24.com/{CANARY}/",
            f"https://example.bitrix24.com/rest/1/{CANARY}/?{CANARY}",
            f"https://example.bitrix24.com:{CANARY}/rest/1/{CANARY}/",
            f"https://[{CANARY}/rest/1/{CANARY}/",
            f"htps://example.bitrix24.com/rest/1/{CANARY}/",
            f"https://user:{CANARY}@example.bitrix24.com/rest/1/{CANARY}/",
        ],
    )
    @pytest.mark.parametrize("by", ["target", "config"])
    def test_bad_webhook(self, tmp_path: Path, webhook: str, by: str) -> None:
        """A webhook that cannot be used is not repeated in the error."""
        text = f'[operator]\nwebhook = "{webhook}"\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        words = [webhook] if by == "target" else ["portal"]
        done = started(tmp_path, COMMAND, "run", *words)
        assert 2 == done.returncode, done.stderr
        assert "Traceback" not in done.stderr
        assert {} == told(tmp_path, done)


class TestPytest:
    """pytest's own output and files."""

    @pytest.fixture
    def session(self, config: Callable[..., Path], tmp_path: Path) -> Session:
        """Runs pytest on the suites, as loud as it can be."""

        def start(answer: object, *words: str, crash: bool = False) -> Any:
            config(answer)  # type: ignore[arg-type]
            (tmp_path / "pytest.ini").write_text("[pytest]\n")
            if crash:
                (tmp_path / "crashing.py").write_text(CRASH)
                words = (*words, "-p", "crashing")
            quiet = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:anyio")
            loud = ("--showlocals", "-vv", "-rA", "--junitxml", "own.xml", "--b24-reports", "out")
            few = ("refusal.zero", "refusal.empty") if crash else FEW
            clauses = [word for clause in few for word in ("--b24-clause", clause)]
            python = (sys.executable, "-m", "pytest", "-c", "pytest.ini", "--rootdir", tmp_path)
            return started(tmp_path, *python, *quiet, *loud, *clauses, SUITES, *words)

        return start

    @pytest.mark.parametrize("words", [(), ("--tb=native",), ("-n", "2")], ids=" ".join)
    def test_red(
        self,
        session: Session,
        tmp_path: Path,
        words: tuple[str, ...],
    ) -> None:
        """No output of a red session has a piece of a canary."""
        done = session(Echo(), *words)
        assert 1 == done.returncode, done.stdout
        assert "secret.not-echoed" in done.stdout
        assert {} == told(tmp_path, done)

    @pytest.mark.parametrize("words", [(), ("--tb=native",), ("--tb=long", "-x")], ids=" ".join)
    def test_crash(
        self,
        session: Session,
        tmp_path: Path,
        words: tuple[str, ...],
    ) -> None:
        """Nor has that of a session whose transport breaks with the secret in its message."""
        done = session(canary_portal().answer, *words, crash=True)
        assert 1 == done.returncode, done.stdout
        assert "RuntimeError" in done.stdout
        assert {} == told(tmp_path, done)
