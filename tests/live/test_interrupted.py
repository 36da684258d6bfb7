"""Live runs that are interrupted or killed: readable reports, and no join that stands for good."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faulty_portals import JOINED, LEFT, Open
from live_command import CONFIG, at_hand, command, environment, events_in, started
from live_runs import SIMPLE, Sent, config_text

from b24_conformance.events import Joining, Left, RunFinished
from b24_conformance.reference import Request, Response

BOTH = [(JOINED, 1, 2043), (LEFT, 1, 2043)]
NEW = ("run", "--joins", "new")
SUITES = Path(__file__).parent.parent.parent / "suites"
EVENTS = "reports/events.jsonl"


class Striking(Open):
    """Sends a signal to whoever asks, once, as it gets a certain request; `count` counts all.

    `before` it answers, or else with the next one.
    """

    def __init__(self, kind: signal.Signals, at: str, *, before: bool = True, **more: Any) -> None:
        self.kind = kind
        self.at = at
        self.before = before
        self.process: subprocess.Popen[str] | None = None
        self.struck = self.met = False
        self.count = 0
        super().__init__(**more)

    def answer(self, request: Request) -> Response:
        self.count += 1
        met = self.is_meant(request)
        if not self.struck and (met if self.before else self.met):
            self.strike()
        self.met = self.met or met
        return super().answer(request)

    def is_meant(self, request: Request) -> bool:
        """Whether it is the request at which to strike."""
        if self.at == "join":
            return b'{"CHAT_ID":2043' in request.body and "session.join" in request.target
        return self.at in request.target

    def strike(self) -> None:
        """Sends the signal, and lets it arrive."""
        assert self.process is not None
        self.struck = True
        os.kill(self.process.pid, self.kind)
        time.sleep(0.3)


Struck = Callable[..., tuple[int, str]]


@pytest.fixture
def struck(tmp_path: Path) -> Struck:
    """Runs the command over a striking portal to its end."""

    def run(portal: Striking, *words: str) -> tuple[int, str]:
        portal.process = started(tmp_path, *(words or NEW))
        with portal.process as process:
            out, err = process.communicate(timeout=60)
        assert portal.struck
        return process.returncode, out + err

    return run


def known(portal: Striking, sent: list[Sent]) -> int:
    """How many requests there were, when all of them are answered, whoever still listens."""
    while len(sent) < portal.count:
        time.sleep(0.01)
    return portal.count


def results(folder: Path) -> dict[str, Any]:
    """The results of the run."""
    loaded = json.loads((folder / "reports" / "results.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


class TestInterrupted:
    """SIGINT and SIGTERM."""

    @pytest.mark.parametrize(
        ("kind", "at", "before"),
        [
            (signal.SIGINT, "im.recent.list", True),
            (signal.SIGINT, "join", True),
            (signal.SIGINT, "join", False),
            (signal.SIGINT, ".xml", True),
            (signal.SIGTERM, "join", True),
        ],
        ids=["look", "in-flight", "after", "later", "term"],
    )
    def test_undone_and_readable(
        self, tmp_path: Path, struck: Struck, kind: signal.Signals, at: str, before: bool
    ) -> None:
        """Whenever it comes, joins are undone, and the reports say that the run is incomplete."""
        portal = Striking(kind, at, before=before)
        with at_hand(portal, tmp_path):
            code, told = struck(portal)
        assert 3 == code, told
        assert "interrupted" in told
        assert portal.log in ([], BOTH)
        assert (at == "im.recent.list") == (portal.log == [])
        assert 1 not in portal.members(2043)
        (row,) = results(tmp_path)["implementations"]
        assert "incomplete" == row["verdict"]
        assert (tmp_path / "reports" / "index.html").is_file()
        assert [] == [event for event in events_in(tmp_path) if isinstance(event, RunFinished)]
        told_left = [e.chat for e in events_in(tmp_path) if isinstance(e, Left)]
        assert [2043] * bool(portal.log) == told_left
        stands = "chat 2043: the operator has left it" if portal.log else "no chat was joined"
        assert f"{stands}\nthe same command with --resume goes on" in told

    def test_a_new_run_may_follow(self, tmp_path: Path, struck: Struck) -> None:
        """After an interrupted run that was undone a new one starts as ever."""
        portal = Striking(signal.SIGINT, "join", before=False)
        with at_hand(portal, tmp_path):
            struck(portal)
            again = command(tmp_path, *NEW)
        assert 0 == again.returncode, again.stdout + again.stderr
        assert [*BOTH, *BOTH] == portal.log


class TestToldAtTheEnd:
    """What an interrupted run says of the chats."""

    def test_stay(self, tmp_path: Path, struck: Struck) -> None:
        """Where he was to stay, it says that he does."""
        portal = Striking(signal.SIGINT, "join", before=False)
        with at_hand(portal, tmp_path):
            _, told = struck(portal, *NEW, "--stay")
        assert "chat 2043: the operator stays in it (--stay)" in told

    def test_not_undone(self, tmp_path: Path, struck: Struck) -> None:
        """Where he could not leave, it names the command that goes on with that, and its config."""
        portal = Striking(signal.SIGINT, "join", before=False, lacks=("im.chat.leave",))
        with at_hand(portal, tmp_path):
            (tmp_path / CONFIG).rename(tmp_path / "its own.toml")
            _, told = struck(portal, *NEW, "--config", "its own.toml")
        assert f"b24-conformance undo {EVENTS} --config 'its own.toml'\n" in told


class TestKilled:
    """SIGKILL, and the command that finishes what was begun."""

    @pytest.mark.parametrize("before", [True, False], ids=["in-flight", "after"])
    def test_undo(self, tmp_path: Path, struck: Struck, before: bool) -> None:
        """`undo` leaves what the killed run has joined; a second time it does nothing."""
        portal = Striking(signal.SIGKILL, "join", before=before)
        with at_hand(portal, tmp_path) as sent:
            struck(portal)
            known(portal, sent)
            assert [(JOINED, 1, 2043)] == portal.log
            assert [2043] == [e.chat for e in events_in(tmp_path) if isinstance(e, Joining)]
            first = command(tmp_path, "undo", EVENTS, "--rate", "1000")
            assert 0 == first.returncode, first.stderr
            assert "1 of 1 joins undone" in first.stdout
            assert BOTH == portal.log
            asked = known(portal, sent)
            again = command(tmp_path, "undo", EVENTS)
            assert (0, asked) == (again.returncode, len(sent))
            assert "nothing to undo" in again.stdout
        assert 0 == command(tmp_path, "report").returncode
        assert "incomplete" == results(tmp_path)["implementations"][0]["verdict"]

    def test_half_a_line(self, tmp_path: Path, struck: Struck) -> None:
        """A last line that was cut in the middle spoils neither the undoing nor what it writes."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path):
            struck(portal)
            with (tmp_path / EVENTS).open("a", encoding="utf-8") as events:
                events.write('{"type":"observed","implem')
            for expected in ("1 of 1 joins undone", "nothing to undo"):
                done = command(tmp_path, "undo", EVENTS, "--rate", "1000")
                assert 0 == done.returncode, done.stderr
                assert expected in done.stdout
        assert BOTH == portal.log

    def test_somebody_else_has_left(self, tmp_path: Path, struck: Struck) -> None:
        """Where the operator is out already, nothing is sent but the look."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path) as sent:
            struck(portal)
            Open.apply_leave(portal, 1, 2043)
            before = known(portal, sent)
            done = command(tmp_path, "undo", EVENTS, "--rate", "1000")
            assert 0 == done.returncode, done.stderr
            assert ["im.chat.user.list"] == [one.method for one in sent[before:]]
        assert BOTH == portal.log

    def test_new_run_refused(self, tmp_path: Path, struck: Struck) -> None:
        """Over a join that is not undone no run starts, wherever its reports go."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path) as sent:
            struck(portal)
            before = known(portal, sent)
            for words in (NEW, ("run",), (*NEW, "--reports", "elsewhere"), (*NEW, "--resume")):
                done = command(tmp_path, *words)
                assert 2 == done.returncode, (words, done.stdout)
                assert "b24-conformance undo" in done.stderr
                assert "Traceback" not in done.stderr
            assert before == len(sent)
            assert 0 == command(tmp_path, "undo", EVENTS, "--rate", "1000").returncode
            assert 0 == command(tmp_path, *NEW).returncode
        assert [*BOTH, *BOTH] == portal.log

    @pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
    def test_hint(self, tmp_path: Path, struck: Struck, named: bool) -> None:
        """It names the config of the run that was killed, unless that is found by itself."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path):
            text = (tmp_path / CONFIG).read_text(encoding="utf-8")
            if named:
                (tmp_path / CONFIG).rename(tmp_path / "its own.toml")
            struck(portal, *NEW, *(["--config", "its own.toml"] if named else []))
            elsewhere = tmp_path / "elsewhere"
            elsewhere.mkdir()
            (elsewhere / "another.toml").write_text(text, encoding="utf-8")
            refused = command(tmp_path, "run", "--config", "elsewhere/another.toml")
            assert 2 == refused.returncode
            (_, *undo) = shlex.split(refused.stderr.splitlines()[-1])
            expected = ["--config", str(tmp_path / "its own.toml")] if named else []
            assert expected == undo[2:]
            done = command(tmp_path, *undo, "--rate", "1000")
        assert 0 == done.returncode, done.stderr
        assert BOTH == portal.log

    def test_pytest_refused(self, tmp_path: Path, struck: Struck) -> None:
        """Nor does a session of pytest, and it says so once."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path) as sent:
            struck(portal)
            before = known(portal, sent)
            done = session(tmp_path, "--b24-joins", "new", "--b24-reports", "reports")
            assert done.returncode == pytest.ExitCode.INTERRUPTED, done.stdout + done.stderr
            assert 1 == (done.stdout + done.stderr).count("b24-conformance undo")
            assert before == len(sent)

    @pytest.mark.parametrize("change", ["portal", "user", "nobody"])
    def test_wrong_config(self, tmp_path: Path, struck: Struck, change: str) -> None:
        """The config of another portal or another operator is refused, and nothing is sent."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path) as sent:
            struck(portal)
            text = (tmp_path / CONFIG).read_text(encoding="utf-8")
            others = {
                "portal": config_text("http://127.0.0.1:9", SIMPLE),
                "user": text.replace("/rest/1/", "/rest/3/"),
                "nobody": "",
            }
            (tmp_path / CONFIG).write_text(others[change], encoding="utf-8")
            before = known(portal, sent)
            done = command(tmp_path, "undo", EVENTS)
            assert 2 == done.returncode, done.stdout + done.stderr
            assert "Traceback" not in done.stderr
            assert before == len(sent)
        assert [(JOINED, 1, 2043)] == portal.log

    def test_refused_way_out(self, tmp_path: Path, struck: Struck) -> None:
        """A chat that cannot be left is told, and stays to be undone."""
        portal = Striking(signal.SIGKILL, "join", before=False, lacks=("im.chat.leave",))
        with at_hand(portal, tmp_path):
            struck(portal)
            done = command(tmp_path, "undo", EVENTS, "--rate", "1000")
            assert 3 == done.returncode
            assert "chat 2043 could not be left" in done.stderr
            assert 2 == command(tmp_path, *NEW).returncode

    def test_stay(self, tmp_path: Path, struck: Struck) -> None:
        """What was to stay is not undone, and stands in nobody's way."""
        portal = Striking(signal.SIGKILL, "join", before=False)
        with at_hand(portal, tmp_path):
            struck(portal, *NEW, "--stay")
            done = command(tmp_path, "undo", EVENTS)
            assert 0 == done.returncode
            assert "nothing to undo" in done.stdout
        assert [(JOINED, 1, 2043)] == portal.log

    def test_wrong_join(self, tmp_path: Path, struck: Struck) -> None:
        """A wrong join that a killed run could not leave is undone later."""
        portal = Striking(signal.SIGKILL, "im.chat.leave", only="alone")
        portal.open = (2050,)
        with at_hand(portal, tmp_path):
            struck(portal, "run", "--joins", "refused")
            assert (JOINED, 1, 2050) in portal.log
            done = command(tmp_path, "undo", EVENTS, "--rate", "1000")
            assert 0 == done.returncode, done.stderr
        assert 1 not in portal.members(2050)


def session(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A session of pytest over the suites."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    python = (sys.executable, "-m", "pytest", "-c", "pytest.ini", "--rootdir", str(folder))
    return subprocess.run(
        [*python, "-p", "no:cacheprovider", str(SUITES), *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
