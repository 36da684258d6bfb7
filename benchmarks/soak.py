"""Checked requests a second on a soak, against a plain `requests` loop and a bare keep-alive loop.

All three ask the same server, which runs in a process of its own, in turns; only their ratios
mean anything, since machines are noisy.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from b24_conformance import reference
from b24_conformance.config import parse_config
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.options import Options
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter
from b24_conformance.run import run

_BODY = b'{"CHAT_ID":12}'
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


@contextmanager
def served() -> Iterator[list[str]]:
    """The webhooks of a reference portal in a process of its own."""
    command = [str(Path(sys.executable).with_name("b24-conformance")), "serve"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        hooks = [process.stdout.readline().split()[1] for _ in range(4)]
        yield hooks
    finally:
        process.terminate()
        process.wait()


def bare(webhook: str, count: int) -> int:
    """A bare `http.client` keep-alive loop."""
    parts = urlsplit(webhook)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    target = f"{parts.path}imopenlines.session.join.json"
    for _ in range(count):
        connection.request("POST", target, _BODY, _HEADERS)
        connection.getresponse().read()
    connection.close()
    return count


def session(webhook: str, count: int) -> int:
    """A plain `requests.Session` loop."""
    with requests.Session() as one:
        for _ in range(count):
            one.post(f"{webhook}imopenlines.session.join.json", data=_BODY, headers=_HEADERS)
    return count


def ours(webhooks: list[str], drawn: int) -> int:
    """A whole run: drawn, sent, judged, redacted and written to a file of events."""
    lists = reference.DECLARATIONS
    config = parse_config(
        {
            "portal": {"stand_in": True},
            "operator": {"webhook": webhooks[0], "chats": lists["operator"]},
            "colleague": {"webhook": webhooks[1], "chats": lists["colleague"]},
        },
        "benchmark",
    )
    implementation = configured_portal(config, Asked())
    with tempfile.TemporaryDirectory() as folder:
        writer = EventWriter(Path(folder) / "events.jsonl", Redaction(implementation.secrets))
        with writer:
            (finished,) = run([implementation], Options(drawn=drawn), writer.write)
    assert finished.exit_code == 0, finished.line
    return finished.requests


def rate(work: Callable[[], int]) -> tuple[float, int]:
    """Requests a second, and how many there were."""
    clock = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - clock), count


def main() -> None:
    """Prints medians over pairs of turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--drawn", type=int, default=900, help="probes drawn for each clause")
    options = parser.parse_args()
    ratios: list[tuple[float, float]] = []
    with served() as webhooks:
        for turn in range(1, options.rounds + 1):
            plain, _ = rate(lambda: bare(webhooks[0], options.requests))
            simple, _ = rate(lambda: session(webhooks[0], options.requests // 2))
            checked, count = rate(lambda: ours(webhooks, options.drawn))
            ratios.append((checked / plain, checked / simple))
            print(
                f"{turn}: bare http.client {plain:,.0f}/s · requests.Session {simple:,.0f}/s · "
                f"ours {checked:,.0f} checked/s over {count:,} exchanges",
                flush=True,
            )
    to_bare, to_session = (statistics.median(column) for column in zip(*ratios, strict=True))
    print(f"median: ours = {to_bare:.2f} × bare http.client, {to_session:.2f} × requests.Session")


if __name__ == "__main__":
    main()
