"""What a person sees of a run that takes its time: requests, waits, and the time left."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from terminal import COMMAND, Command, Serve, environment

from b24_conformance.command.progress import Headway, in_words
from b24_conformance.pace import Wait
from b24_conformance.reference import Portal, Request, Response, Server

Hook = Callable[[Server], str]
PACE = Wait("pace", 2.0, 0.5)
LIMIT = Wait("limit", 0.5, 120.0, "the portal answers OPERATION_TIME_LIMIT")
NAME = "https://example.bitrix24.com"


class Seen:
    """Headway on a console that keeps what is printed."""

    def __init__(self, *, terminal: bool = False, quiet: bool = False) -> None:
        self._stream = io.StringIO()
        console = Console(file=self._stream, force_terminal=terminal, width=120, color_system=None)
        self.headway = Headway(console, quiet=quiet)

    @property
    def text(self) -> str:
        """All that was printed."""
        return self._stream.getvalue()

    @property
    def lines(self) -> list[str]:
        """What was printed, line by line."""
        return self.text.splitlines()


def asked(headway: Headway, *numbers: int, name: str = NAME) -> None:
    """Counts requests one by one."""
    for number in numbers:
        headway.count(name, {number})


class TestPlain:
    """Where the output is no terminal: a line now and then."""

    def test_paced(self) -> None:
        """At a rate: how many requests there will be, then a line for every ten seconds."""
        seen = Seen()
        seen.headway.begin(NAME)
        seen.headway.plan(NAME, 49, 1.0)
        asked(seen.headway, *range(1, 50))
        assert [
            "  49 requests, 1 a second, about 49 s left",
            "  10 of 49 requests, about 39 s left",
            "  20 of 49 requests, about 29 s left",
            "  30 of 49 requests, about 19 s left",
            "  40 of 49 requests, about 9 s left",
        ] == seen.lines

    def test_unpaced(self) -> None:
        """Without a rate nothing is said of time, and only of every hundredth request."""
        seen = Seen()
        seen.headway.begin("reference")
        seen.headway.plan("reference", 250, None)
        asked(seen.headway, *range(1, 251), name="reference")
        assert ["  100 of 250 requests", "  200 of 250 requests"] == seen.lines

    def test_unknown_number(self) -> None:
        """Where the number is not known, nothing is claimed."""
        seen = Seen()
        seen.headway.begin(NAME)
        asked(seen.headway, *range(1, 101))
        assert ["  100 requests"] == seen.lines

    def test_limit(self) -> None:
        """A wait for a limit is told with its reason; the time left goes by the new rate."""
        seen = Seen()
        seen.headway.begin(NAME)
        seen.headway.plan(NAME, 400, 1.0)
        asked(seen.headway, 1, 2)
        seen.headway.wait(LIMIT)
        asked(seen.headway, *range(3, 11))
        assert [
            "  400 requests, 1 a second, about 7 min left",
            "  waiting 2 min: the portal answers OPERATION_TIME_LIMIT",
            "  10 of 400 requests, about 13 min left",
        ] == seen.lines

    def test_own_pace(self) -> None:
        """The wait for the own pace is the rule, and no line."""
        seen = Seen()
        seen.headway.begin(NAME)
        seen.headway.wait(PACE)
        assert [] == seen.lines

    def test_a_batch(self) -> None:
        """The items of a batch are one request; what is asked again comes on top."""
        seen = Seen()
        seen.headway.begin(NAME)
        seen.headway.plan(NAME, 2, 0.1)
        asked(seen.headway, 1, 1, 1, 2, 3)
        expected = ["  1 of 2 requests, about 10 s left", "  2 of 2 requests", "  3 of 3 requests"]
        assert expected == seen.lines[1:]

    def test_several(self) -> None:
        """Those that are asked at the same time are counted together, finished ones no more."""
        seen = Seen()
        for name in ("client:one", "client:two"):
            seen.headway.begin(name)
            asked(seen.headway, *range(1, 61), name=name)
        seen.headway.end("client:one")
        asked(seen.headway, *range(61, 101), name="client:two")
        assert ["  100 requests"] == seen.lines

    def test_quiet(self) -> None:
        """Nothing is shown to whoever wants the verdict only."""
        seen = Seen(quiet=True, terminal=True)
        seen.headway.begin(NAME)
        seen.headway.plan(NAME, 3, 1.0)
        seen.headway.wait(LIMIT)
        asked(seen.headway, 1, 2, 3)
        seen.headway.close()
        assert "" == seen.text


class TestBar:
    """On a terminal: a bar."""

    def test_bar(self) -> None:
        """It shows requests, the time left and why nothing moves, and goes away at the end."""
        seen = Seen(terminal=True)
        with seen.headway as headway:
            headway.begin(NAME)
            headway.plan(NAME, 49, 1.0)
            asked(headway, *range(1, 41))
            headway.wait(PACE)
            headway._bar.refresh()
            headway.wait(LIMIT)
            headway._bar.refresh()
        assert NAME in seen.text
        assert "40/49 requests, about 4 s left, waiting: 2 a second" in seen.text
        assert "about 18 s left, waiting 2 min: the portal answers" in seen.text
        assert seen.text.rstrip("\n").endswith("\x1b[2K")

    def test_words(self) -> None:
        """Waits in words."""
        assert "waiting: 2 a second" == in_words(PACE)
        assert "waiting 2 min: the portal answers OPERATION_TIME_LIMIT" == in_words(LIMIT)


class Busy(Portal):
    """A portal that says of some requests, by their number, that it is asked too fast."""

    def __init__(self, *refused: int) -> None:
        super().__init__()
        self.asked = 0
        self._refused = refused

    def answer(self, request: Request) -> Response:
        self.asked += 1
        if self.asked in self._refused:
            body = b'{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}'
            return Response(503, (("Content-Type", "application/json"),), body)
        return super().answer(request)


class TestCommand:
    """A live run at a rate, as it looks."""

    def test_not_a_terminal(self, command: Command, serve: Serve, hook: Hook) -> None:
        """Requests, rate and time are told before they are sent."""
        done = command("run", hook(serve()), "--rate", "100/s")
        assert re.search(r"^  \d+ requests, 100 a second, about \d+ s left$", done.stdout, re.M)

    def test_terminal(self, serve: Serve, hook: Hook, tmp_path: Path) -> None:
        """On a terminal there is a bar, which is gone when the verdict stands there."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [COMMAND, "run", hook(serve()), "--rate", "20/s"],
            cwd=tmp_path,
            env=environment(tmp_path, TERM="xterm", COLUMNS="160"),
            stdout=theirs,
        ) as process:
            os.close(theirs)
            shown = read_all(ours)
            process.wait(timeout=60)
        assert re.search(r"\d+/\d+ requests, about \d+ s left, waiting: 20 a second", shown)
        assert "CONFORMANT" in shown.rpartition("\x1b[2K")[2]

    def test_limit_ends_the_run(
        self, command: Command, serve: Serve, hook: Hook, tmp_path: Path
    ) -> None:
        """The third refusal ends a live run as incomplete, and the reports are written."""
        portal = Busy(2, 5, 9)
        done = command("run", hook(serve(portal)), "--rate", "200/s")
        assert 3 == done.returncode
        lines = done.stdout.splitlines()
        slower = [one for one in lines if "requests a second from now on" in one]
        assert ["100", "50"] == [re.findall(r"([\d.]+) requests a second", s)[0] for s in slower]
        assert "  the portal answered QUERY_LIMIT_EXCEEDED 3 times; run again later" in done.stdout
        assert 9 == portal.asked
        results = json.loads((tmp_path / "reports" / "results.json").read_text())
        assert ("incomplete", 9) == tuple(
            results["implementations"][0][key] for key in ("verdict", "requests")
        )
        assert (tmp_path / "reports" / "index.html").is_file()


class TestReadOnly:
    """Commands that only look heed the same limits."""

    def test_doctor(self, command: Command, serve: Serve, hook: Hook) -> None:
        """The doctor says when he waits, and goes on."""
        done = command("doctor", hook(serve(Busy(2))), "--rate", "100/s")
        assert "QUERY_LIMIT_EXCEEDED: 50 requests a second from now on" in done.stdout
        assert 0 == done.returncode

    def test_discover_cut_short(self, command: Command, serve: Serve, hook: Hook) -> None:
        """Lists that are not complete are proposed, but not as if they were."""
        portal = Busy(3, 4, 5)
        done = command("discover", hook(serve(portal)), "--rate", "100/s")
        assert (3, 5) == (done.returncode, portal.asked)
        assert "[operator.chats]" in done.stdout
        told = "not all chats were looked at: the portal answered QUERY_LIMIT_EXCEEDED 3 times"
        assert told in done.stderr


def read_all(descriptor: int) -> str:
    """What is written to a pseudo-terminal until nobody has its other end."""
    parts: list[bytes] = []
    with contextlib.suppress(OSError):
        while part := os.read(descriptor, 65536):
            parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()
