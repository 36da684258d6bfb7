"""A canary token that only comes up in the middle of a run: no piece of it gets out either."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from b24_conformance.reference import (
    DECLARATIONS,
    Portal,
    Request,
    Response,
    Server,
    default_state,
    webhooks,
)
from test_canary import COMMAND, SUITES, needles, percent, started

USER = default_state().users[1]
CLAUSES = ("oauth.*", "refusal.*", "secret.*")
CRASH = """
from b24_conformance.implementations.http import HttpTransport

send, renewed = HttpTransport.send, []

def crash(self, request):
    if renewed:
        raise RuntimeError(f"no way to send {request!r}")
    response = send(self, request)
    renewed.extend([response] if "/oauth/token/" in request.target else [])
    return response

HttpTransport.send = crash
"""
CRASH_OF_STORE = """
from b24_conformance.implementations.tokens import FileStore

def save(self, tokens):
    raise RuntimeError(f"no way to keep {tokens!r}")

FileStore.save = save
"""


class Renewing:
    """A portal that gives new tokens, and repeats them in every error and header from then on."""

    def __init__(self) -> None:
        self.portal = Portal()
        self.tokens: list[str] = []

    def __call__(self, request: Request) -> Response:
        answer = self.portal.answer(request)
        if request.target.startswith("/oauth/token/"):
            given = json.loads(answer.body)
            self.tokens += [given["access_token"], given["refresh_token"]]
            return answer
        return self.echoing(answer)

    def echoing(self, answer: Response) -> Response:
        """The answer with all new tokens in it."""
        spelt = [
            spell(token)
            for token in self.tokens
            for spell in (str, percent, str.upper, lambda text: text[3:20], in_base64)
        ]
        text = b'"error_description":"'
        body = answer.body.replace(text, text + f"unknown token {' '.join(spelt)} ".encode())
        kept = tuple(h for h in answer.headers if h[0].lower() != "content-length")
        return Response(answer.status, (*kept, ("X-Echo", " ".join(spelt))), body)


def in_base64(token: str) -> str:
    """The token within a longer text, in base64."""
    return base64.b64encode(f"Bearer {token}".encode()).decode()


@pytest.fixture
def renewing(tmp_path: Path) -> Iterator[Renewing]:
    """Such a portal, in the config of a folder; the access token there has expired."""
    portal = Renewing()
    with Server(portal) as server:
        operator = {
            "webhook": webhooks(server.address, default_state())[1],
            "access_token": USER.expired_token,
            "refresh_token": USER.refresh_token,
            "client_id": "local.5f3a9c1e7b2d",
            "client_secret": "Zq8xW2vN5tR7yB1m",
            "oauth_server": server.address,
            "token_store": "tokens.json",
        }
        lines = ["[portal]", "stand_in = true", "[operator]", "user_id = 1"]
        lines += [f'{key} = "{value}"' for key, value in operator.items()]
        chats = [f"{kind} = {ids}" for kind, ids in DECLARATIONS["operator"].items()]
        text = "\n".join([*lines, "[operator.chats]", *chats])
        (tmp_path / "b24-conformance.toml").write_text(text, encoding="utf-8")
        yield portal


def told(
    folder: Path, done: subprocess.CompletedProcess[str], tokens: list[str]
) -> dict[str, list[str]]:
    """Where a piece of a new token got out; the file in which the user keeps them is his own."""
    searched = {needle.lower() for token in tokens for needle in needles(token)}
    places = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("tokens.json", "b24-conformance.toml")
    }
    places |= {"stdout": done.stdout, "stderr": done.stderr}
    found = {
        place: sorted(needle for needle in searched if needle in text.lower())[:3]
        for place, text in places.items()
    }
    return {place: pieces for place, pieces in found.items() if pieces}


def test_run(renewing: Renewing, tmp_path: Path) -> None:
    """Neither console nor reports tell a token that was renewed in the run and echoed."""
    clauses = [word for clause in CLAUSES for word in ("--clause", clause)]
    done = started(tmp_path, COMMAND, "run", *clauses)
    assert 1 == done.returncode, done.stdout + done.stderr
    assert "FAILED MUST secret.not-echoed" in done.stdout
    assert 2 == len(renewing.tokens)
    assert {} == told(tmp_path, done, renewing.tokens)
    assert "$B24_TOKEN" in (tmp_path / "reports" / "events.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("crash", [CRASH, CRASH_OF_STORE], ids=["sending", "keeping"])
@pytest.mark.parametrize("by", ["command", "pytest"])
def test_crash(renewing: Renewing, tmp_path: Path, crash: str, by: str) -> None:
    """Nor do tracebacks, with all local variables, of a crash at the first use of new tokens."""
    (tmp_path / "crashing.py").write_text(crash)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    loud = ("--showlocals", "-vv", "-rA", "--junitxml", "own.xml", "--b24-reports", "out")
    quiet = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:anyio", "-p", "crashing")
    own = ("-c", "pytest.ini", "--rootdir", tmp_path, "--b24-clause", "oauth.*")
    main = "import crashing; from b24_conformance.command import main; main(['run'])"
    words = ("-c", main) if by == "command" else ("-m", "pytest", *own, *quiet, *loud, SUITES)
    done = started(tmp_path, sys.executable, *words)
    assert "RuntimeError" in done.stdout + done.stderr
    assert 2 == len(renewing.tokens)
    assert {} == told(tmp_path, done, renewing.tokens)
