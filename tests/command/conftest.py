"""The real command in a folder of its own, and portals for it to ask."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from terminal import COMMAND, Command, Serve, environment

from b24_conformance.reference import DECLARATIONS, Portal, Server, default_state, webhooks


@pytest.fixture(autouse=True)
def own_locks(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps tests that run side by side from locking the same host before each other."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("locks")))


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs the command in a new folder; keywords are environment variables."""

    def run(*words: object, cwd: Path = tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(COMMAND), *map(str, words)],
            cwd=cwd,
            env=environment(tmp_path, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a portal, or a function, in this process until the test ends."""
    with ExitStack() as stack:

        def start(answer: Any = None, **options: Any) -> Server:
            return stack.enter_context(Server(answer or Portal(), **options))

        yield start


@pytest.fixture
def hook() -> Callable[[Server], str]:
    """The operator's webhook on a server."""

    def of(server: Server) -> str:
        return webhooks(server.address, default_state())[1]

    return of


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Writes a configuration for a webhook, with the reference portal's chats."""

    def write(webhook: str, *lines: str, stand_in: bool = True) -> Path:
        chats = [f"{kind} = {ids}" for kind, ids in DECLARATIONS["operator"].items()]
        text = ["[portal]", f"stand_in = {str(stand_in).lower()}", *lines]
        text += ["[operator]", f'webhook = "{webhook}"', "[operator.chats]", *chats]
        path = tmp_path / "b24-conformance.toml"
        path.write_text("\n".join(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
