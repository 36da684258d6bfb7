"""The real command in a process of its own, over a live portal served in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from live_runs import Answer, Sent, config_text

from b24_conformance.events import Event
from b24_conformance.reference import Portal, Raw, Request, Response, Server
from b24_conformance.reports import read_events

COMMAND = Path(sys.executable).with_name("b24-conformance")
CONFIG = "b24-conformance.toml"


@contextmanager
def at_hand(portal: Portal | Answer, folder: Path, **config: Any) -> Iterator[list[Sent]]:
    """A served portal that the config in `folder` names; gives what is sent to it."""
    sent: list[Sent] = []

    def heard(request: Request, answer: Response | Raw, *_: float) -> None:
        sent.append(Sent(request, answer))

    with Server(portal, on_exchange=heard) as server:
        text = config_text(server.address, **config)
        (folder / CONFIG).write_text(f"{text}\n[run]\nrate = 1000\n", encoding="utf-8")
        yield sent


def environment(folder: Path) -> dict[str, str]:
    """An environment without anybody's secrets or settings, nor what killed runs left behind."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(folder), "TMPDIR": str(folder), "NO_COLOR": "1"}


def started(folder: Path, *words: object) -> subprocess.Popen[str]:
    """The command, at work."""
    return subprocess.Popen(
        [str(COMMAND), *map(str, words)],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The command, at its end."""
    with started(folder, *words) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def events_in(folder: Path) -> list[Event]:
    """The events of the run in `folder`."""
    return list(read_events(folder / "reports" / "events.jsonl"))
