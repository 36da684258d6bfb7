"""Canaries in secrets, names, titles and messages: no live run tells any of them to anybody."""

from __future__ import annotations

import random
import signal
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faulty_portals import line
from live_command import CONFIG, command, started
from live_runs import config_text, secret
from test_interrupted import Striking

from b24_conformance.declaration import Chats
from b24_conformance.reference import Request, Response, Server, default_state
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.state import State
from shown_portal import state_with

_DICE = random.Random("live canary")
SECRET = "".join(_DICE.choices(string.ascii_lowercase + string.digits, k=24))
TOKEN = "".join(_DICE.choices("0123456789abcdef", k=70))
NAMES = ("Ivan Canary", "Olga Kanareyka", "Order 4711 is late")
PIECE = 8
LISTS: dict[str, Any] = {"chats": Chats((2043,), (2045,), (2047,), (12,), (999999999,))}


def state() -> State:
    """The default portal under canary credentials."""
    found = state_with(line(999999999))
    users = dict(found.users)
    users[1] = replace(users[1], webhook_secret=SECRET, access_token=TOKEN)
    return replace(found, users=users)


class Chatty(Striking):
    """Names people and quotes messages wherever it can; echoes secrets in its refusals."""

    def recent_list(self, call: Call) -> Any:
        shown = super().recent_list(call)
        for item in shown["items"]:
            item.update(title=NAMES[1], message={"text": NAMES[2], "author_id": 100})
        return shown

    def describe_chat(self, chat: Any, user_id: int) -> Any:
        return {**super().describe_chat(chat, user_id), "description": NAMES[2], "owner": 3}

    def answer(self, request: Request) -> Response:
        answer = super().answer(request)
        echo = f'"error_description":"{SECRET} {TOKEN} {SECRET.upper()} '.encode()
        body = answer.body.replace(b'"error_description":"', echo)
        kept = tuple(h for h in answer.headers if h[0].lower() != "content-length")
        return Response(answer.status, (*kept, ("X-Echo", SECRET)), body)


def needles() -> set[str]:
    """What must be found nowhere."""
    pieces = {text[i : i + PIECE] for text in (SECRET, TOKEN) for i in range(len(text) - PIECE + 1)}
    return pieces | {name.lower() for name in NAMES}


def leaks(folder: Path, *streams: str) -> dict[str, list[str]]:
    """Where a canary got out: every file but the config, and the streams."""
    texts = {f"stream {n}": text for n, text in enumerate(streams)}
    for path in folder.rglob("*"):
        if path.is_file() and path.name != CONFIG:
            texts[path.name] = path.read_text(encoding="utf-8", errors="replace")
    wanted = needles()
    found = {
        name: sorted(n for n in wanted if n in text.lower())[:3] for name, text in texts.items()
    }
    return {name: pieces for name, pieces in found.items() if pieces}


def written(folder: Path, address: str, **config: Any) -> None:
    """The config, with the canaries in it."""
    text = config_text(address, token=True, **{**LISTS, **config})
    own = str(default_state().users[1].access_token)
    text = text.replace(secret(1), SECRET).replace(own, TOKEN)
    (folder / CONFIG).write_text(f"{text}\n[run]\nrate = 1000\n", encoding="utf-8")


class TestCanary:
    """Green, red, alarmed, interrupted, killed and undone runs, and plans."""

    def test_search_finds(self, tmp_path: Path) -> None:
        """The search itself finds a canary, and the portal does tell them."""
        (tmp_path / "x").write_text(f"a{SECRET[3:12]}b {NAMES[1]}", encoding="utf-8")
        assert ["x"] == list(leaks(tmp_path))
        portal = Chatty(signal.SIGINT, "never", state=state())
        target = f"/rest/1/{SECRET}/im.recent.list.json"
        assert NAMES[1].encode() in portal.answer(Request("GET", target)).body

    @pytest.mark.parametrize(
        ("words", "opened", "codes"),
        [
            (("run", "--joins", "none"), (), (0, 1)),
            (("run", "--joins", "new", "--record", "shared.jsonl"), (), (0, 1)),
            (("run", "--joins", "new", "--json"), (), (0, 1)),
            (("run", "--joins", "new"), (2047,), (4,)),
            (("run", "--joins", "new"), (999999999,), (4,)),
            (("run", "--joins", "new", "--max-requests", "12"), (), (1, 3)),
            (("run", "--joins", "new", "--plan"), (), (0,)),
        ],
        ids=["none", "recorded", "json", "denied", "absent", "budget", "plan"],
    )
    def test_run(
        self,
        tmp_path: Path,
        words: tuple[str, ...],
        opened: tuple[int, ...],
        codes: tuple[int, ...],
    ) -> None:
        """No file and no stream of a whole run has a piece of a canary."""
        portal = Chatty(signal.SIGINT, "never", state=state())
        portal.open = opened
        with Server(portal) as server:
            written(tmp_path, server.address)
            done = command(tmp_path, *words)
        assert done.returncode in codes, done.stdout + done.stderr
        assert {} == leaks(tmp_path, done.stdout, done.stderr)

    @pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL], ids=lambda kind: kind.name)
    def test_cut_off(self, tmp_path: Path, kind: signal.Signals) -> None:
        """Nor have an interrupted run, a killed one, what undoes it, and its reports."""
        portal = Chatty(kind, "join", before=False, state=state())
        with Server(portal) as server:
            written(tmp_path, server.address)
            portal.process = started(tmp_path, "run", "--joins", "new")
            with portal.process as process:
                out, err = process.communicate(timeout=60)
            assert portal.struck
            undone = command(tmp_path, "undo", "--rate", "1000")
            rendered = command(tmp_path, "report")
        assert 0 == undone.returncode, undone.stderr
        assert 0 == rendered.returncode
        assert 1 not in portal.members(2043)
        streams = (out, err, undone.stdout, undone.stderr, rendered.stdout, rendered.stderr)
        assert {} == leaks(tmp_path, *streams)
