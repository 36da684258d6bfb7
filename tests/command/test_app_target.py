"""`app:module:attribute` as its users run it: the command and pytest, in a project's folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import COMMAND, Command, Serve, environment

from b24_conformance.reference import DECLARATIONS, default_state, webhooks
from b24_conformance.resources import suites_folder

SKINS = Path(__file__).parent.parent / "implementations" / "skins.py"
APPS = ("wsgi", "asgi", "create_app", "starlette")
FEW = ("--clause", "refusal.*", "--clause", "robust.*")
STATE = default_state()
HOOKS = webhooks("https://example.bitrix24.com", STATE)
SECRETS = [
    str(secret)
    for user in STATE.users.values()
    for secret in (user.webhook_secret, user.access_token)
    if secret
]
# One application for each way of going wrong; sound ones but for one CHAT_ID.
WRONG = """
import asyncio, threading
from fake import Asgi, Wsgi, asked

def on_absent(wrong):
    sound = Wsgi()
    def app(environ, start_response):
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        if b":999999999" in body:
            return wrong(environ, start_response)
        return sound(environ, start_response)
    return app

def explode(environ, start_response):
    raise RuntimeError("at " + environ["REQUEST_URI"])

def flood(environ, start_response):
    start_response("200 OK", [])
    while True:
        yield b"x" * 1000

def hang(environ, start_response):
    threading.Event().wait()

raising, flooding, hanging = map(on_absent, (explode, flood, hang))

def wrong_code(environ, start_response):
    out = Wsgi()(environ, start_response)
    yield b"".join(out).replace(b"CHAT_TYPE", b"ACCESS_DENIED")

async def not_starting(scope, receive, send):
    await send({"type": "lifespan.startup.failed", "message": "no database"})

def printing(environ, start_response):
    print("seen", environ["REQUEST_URI"])
    return sound(environ, start_response)
sound = Wsgi()

async def stuck(scope, receive, send):
    assert scope["type"] == "http"
    await asyncio.to_thread(threading.Event().wait)

class Slow(Asgi):
    async def __call__(self, scope, receive, send):
        await asyncio.sleep(0.05)
        await super().__call__(scope, receive, send)
slow = Slow()
"""


def config(*, stand_in: bool) -> str:
    """All that the reference portal's default state has."""
    lines = ["[portal]", f"stand_in = {str(stand_in).lower()}"]
    for name, user in (("operator", 1), ("colleague", 2)):
        lines += [f"[{name}]", f'webhook = "{HOOKS[user]}"']
        lines += [f'access_token = "{STATE.users[user].access_token}"', f"[{name}.chats]"]
        lines += [f"{kind} = {list(ids)}" for kind, ids in DECLARATIONS[name].items()]
    lines += ["[credentials]", f'without_scope = "{HOOKS[9]}"']
    return "\n".join([*lines, f'expired_token = "{STATE.users[1].expired_token}"', ""])


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    """A project of somebody else: his applications, and a config."""
    shutil.copy(SKINS, tmp_path / "fake.py")
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "b24-conformance.toml").write_text(config(stand_in=True), encoding="utf-8")
    return tmp_path


@pytest.fixture
def live(project: Path) -> None:
    """The same project, whose applications are live."""
    (project / "b24-conformance.toml").write_text(config(stand_in=False), encoding="utf-8")


def results(folder: Path) -> list[dict[str, Any]]:
    """The implementations in results.json."""
    path = folder / "reports" / "results.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["implementations"]
    return found


def leaks(folder: Path, *texts: str) -> list[str]:
    """The files and texts in which a secret stands."""
    written = {str(p): p.read_bytes() for p in (folder / "reports").rglob("*") if p.is_file()}
    written |= {f"text {place}": text.encode() for place, text in enumerate(texts)}
    return [name for name, data in written.items() for one in SECRETS if one.encode() in data]


class TestConformant:
    """Sound applications."""

    def test_as_over_http(self, command: Command, project: Path) -> None:
        """WSGI, ASGI, a factory and a streaming one with a lifespan count as the portal does."""
        done = command("run", "reference", *(f"app:fake:{name}" for name in APPS))
        assert (0, "") == (done.returncode, done.stderr), done.stdout
        lines = re.findall(r"^(\S+): (CONFORMANT: .*)$", done.stdout, re.M)
        assert ["reference", *(f"app:fake:{name}" for name in APPS)] == [n for n, _ in lines]
        assert 1 == len({line for _, line in lines})
        served, *called = results(project)
        for one in called:
            assert served["requests"] == one["requests"]
            assert [(row["id"], row["status"]) for row in served["clauses"]] == [
                (row["id"], row["status"]) for row in one["clauses"]
            ]
        assert [] == leaks(project, done.stdout)

    def test_default_name(self, command: Command, project: Path) -> None:
        """The target is the name in the reports."""
        assert 0 == command("run", "app:fake:wsgi", *FEW).returncode
        assert ["app:fake:wsgi"] == [one["name"] for one in results(project)]

    def test_prints(self, command: Command, project: Path) -> None:
        """What an application prints stays out of the results, and shows no secret."""
        done = command("run", "app:wrong:printing", "--json", *FEW)
        assert 0 == done.returncode
        assert "CONFORMANT" in json.loads(done.stdout)["implementations"][0]["verdict"].upper()
        assert "seen /rest/1/$B24_WEBHOOK/imopenlines.session.join.json" in done.stderr
        assert [] == leaks(project, done.stdout, done.stderr)

    def test_plan(self, command: Command, project: Path) -> None:
        """--plan does not start the application."""
        done = command("run", "--plan", "app:wrong:not_starting", *FEW)
        assert (0, "") == (done.returncode, done.stderr)
        assert "nothing was sent" in done.stdout
        assert not (project / "reports").exists()


class TestLive:
    """Applications of which nobody says that they are stand-ins."""

    @pytest.mark.usefixtures("live")
    @pytest.mark.parametrize("name", APPS)
    def test_all_rungs(self, command: Command, project: Path, name: str) -> None:
        """The live run looks, joins a chat once, leaves it again and comes out conformant."""
        words = ("--joins", "new", "--rate", "1000/s")
        # Live targets are locked by name, beside whoever else runs these tests.
        done = command("run", f"app:fake:{name}", *words, TMPDIR=str(project))
        assert 0 == done.returncode, done.stdout + done.stderr
        lines = (project / "reports" / "events.jsonl").read_text(encoding="utf-8").splitlines()
        told = [json.loads(line) for line in lines]
        joined, left = (
            [(one["operator"], one["chat"]) for one in told if one["type"] == kind]
            for kind in ("joining", "left")
        )
        assert left
        assert sorted(set(left)) == sorted(left)
        assert set(left) <= set(joined)
        assert "witnessed" in {one["type"] for one in told}

    @pytest.mark.usefixtures("live")
    def test_as_over_http(self, command: Command, serve: Serve, project: Path) -> None:
        """The live run of an application is that of the same portal over HTTP, clause by clause."""
        text = config(stand_in=False).replace("https://example.bitrix24.com", serve().address)
        (project / "http.toml").write_text(text, encoding="utf-8")
        words = ("--joins", "new", "--rate", "1000/s")
        here = {"TMPDIR": str(project)}
        assert 0 == command("run", "portal", "--config", "http.toml", *words, **here).returncode
        served = results(project)[0]["clauses"]
        assert 0 == command("run", "app:fake:wsgi", *words, **here).returncode
        called = results(project)[0]["clauses"]
        assert [(row["id"], row["status"], row["requests"]) for row in served] == [
            (row["id"], row["status"], row["requests"]) for row in called
        ]

    @pytest.mark.usefixtures("live")
    def test_default_rung(self, command: Command) -> None:
        """By default nothing is joined."""
        done = command("run", "app:fake:wsgi", "--plan")
        assert "app:fake:wsgi: --joins none" in done.stdout


class TestNonconformant:
    """Faulty applications are found out, and never crash the run."""

    @pytest.mark.parametrize(
        ("name", "clause", "got"),
        [
            ("raising", "robust.no-server-error", "HTTP 500"),
            ("flooding", "robust.answers", "a body of more than 1024 KiB"),
            ("hanging", "robust.answers", "no complete answer within 0.3 seconds"),
            ("wrong_code", "refusal.chat-type", "refused with ACCESS_DENIED"),
        ],
    )
    def test_found(self, command: Command, project: Path, name: str, clause: str, got: str) -> None:
        """Each fault is a finding of the clause that names it."""
        done = command("run", f"app:wrong:{name}", *FEW, "--timeout", "0.3")
        assert 1 == done.returncode, done.stdout + done.stderr
        assert "NONCONFORMANT" in done.stdout
        rows = {row["id"]: row for row in results(project)[0]["clauses"]}
        assert "failed" == rows[clause]["status"]
        assert got in rows[clause]["evidence"]["got"]
        assert "internal error" not in done.stderr
        assert [] == leaks(project, done.stdout, done.stderr)

    @pytest.mark.parametrize("name", ["hanging", "stuck"])
    def test_never_ends(self, command: Command, name: str) -> None:
        """Threads of an application that never end do not keep the command from its end."""
        done = command("run", f"app:wrong:{name}", *FEW, "--timeout", "0.2")
        assert done.returncode in (1, 3)
        assert "FAILED MUST robust.answers" in done.stdout

    def test_tells_why(self, command: Command) -> None:
        """An exception is told on standard error, once and with its traceback."""
        done = command("run", "app:wrong:raising", *FEW)
        assert 1 == done.stderr.count("Traceback")
        assert re.search(r"wrong\.py\", line \d+, in explode", done.stderr)
        assert "RuntimeError: at /rest/1/$B24_WEBHOOK/" in done.stderr


class TestIncomplete:
    """Whatever keeps a run from its verdict exits with 3."""

    def test_does_not_start(self, command: Command) -> None:
        """An application that does not start is one that is not reached."""
        done = command("run", "app:wrong:not_starting")
        assert (3, "lifespan.startup failed: no database\n") == (done.returncode, done.stderr)
        assert "the application does not start: its lifespan.startup failed" in done.stdout

    def test_interrupted(self, project: Path) -> None:
        """An interrupt ends the run, not the reports."""
        process = subprocess.Popen(
            [str(COMMAND), "run", "app:wrong:slow"],
            cwd=project,
            env=environment(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        path = project / "reports" / "events.jsonl"
        while process.poll() is None and not (
            path.is_file() and path.read_text(encoding="utf-8").count('"observed"') > 5
        ):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert 3 == process.returncode, errors
        assert "interrupted" in errors
        assert (project / "reports" / "index.html").is_file()


class TestUsage:
    """What is wrong before the first request exits with 2 and says what to do."""

    def test_without_config(self, command: Command, project: Path) -> None:
        """Without any config the error shows one in five lines."""
        (project / "b24-conformance.toml").unlink()
        done = command("run", "app:fake:wsgi")
        assert (2, "") == (done.returncode, done.stdout)
        told = done.stderr.splitlines()
        assert "error: nothing is declared of app:fake:wsgi" == told[0]
        example = [line.strip() for line in told[2:]]
        assert ["[portal]", "stand_in = true", "[operator]"] == example[:3]
        (project / "b24-conformance.toml").write_text("\n".join(example))
        assert 0 == command("run", "app:fake:wsgi", "--plan").returncode

    @pytest.mark.parametrize(
        ("target", "told"),
        [
            ("app:fake", "not of the form app:module:attribute"),
            ("app:nowhere:app", "there is no module 'nowhere'"),
            ("app:fake:wsgj", "did you mean 'wsgi'?"),
            ("app:fake:CHUNK", "WSGI application, app(environ, start_response)"),
            ("app:secretive:app", "ValueError in secretive.py, line 2"),
        ],
    )
    def test_errors(self, command: Command, project: Path, target: str, told: str) -> None:
        """The error says what was found; no traceback, nothing written."""
        secret = "another0secret0of0theirs"
        (project / "secretive.py").write_text(f"secret = {secret!r}\nraise ValueError(secret)\n")
        done = command("run", target)
        assert (2, "") == (done.returncode, done.stdout)
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert secret not in done.stderr
        assert not (project / "reports").exists()


class TestPytest:
    """The plugin, in the project's own folder."""

    @staticmethod
    def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs pytest over our suites there."""
        plugins = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:anyio")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugins, "-q", *words, str(suites_folder())],
            cwd=project,
            env=environment(project, PYTHONPATH=os.environ.get("PYTHONPATH", "")),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @pytest.mark.parametrize("name", ["create_app", "starlette"])
    def test_conformant(self, project: Path, name: str) -> None:
        """Every clause is an item, and the verdict is that of the command."""
        done = self.run(
            project, "--b24-target", f"app:fake:{name}", "--b24-reports", "reports", "--rootdir=."
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        assert f"app:fake:{name}: CONFORMANT" in done.stdout
        assert [f"app:fake:{name}"] == [one["name"] for one in results(project)]
        assert [] == leaks(project, done.stdout, done.stderr)

    def test_faulty(self, project: Path) -> None:
        """A fault is a failed item, whose captured output shows no secret."""
        done = self.run(
            project,
            *("--b24-target", "app:wrong:raising", "--b24-clause", "robust.*"),
            *("--b24-reports", "reports", "-rA", "--junitxml=reports/pytest.xml", "--rootdir=."),
        )
        assert 1 == done.returncode, done.stdout + done.stderr
        assert "robust.no-server-error[app:wrong:raising]" in done.stdout
        assert "RuntimeError: at /rest/1/$B24_WEBHOOK/" in done.stdout
        assert [] == leaks(project, done.stdout, done.stderr)

    def test_usage(self, project: Path) -> None:
        """What cannot be imported ends the session with the same words as the command."""
        done = self.run(project, "--b24-target", "app:nowhere:app", "--rootdir=.")
        assert 0 != done.returncode
        assert "there is no module 'nowhere'" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
