"""What a run says before its first request, or instead of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import Run, runner

from b24_conformance.reference import Server, default_state, webhooks
from shown_portal import Shown

Serve = Callable[..., Server]
WriteConfig = Callable[..., Path]
SECRET = str(default_state().users[1].webhook_secret)
NOWHERE = f"http://no-such-host.invalid/rest/1/{SECRET}/"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


class TestCredentials:
    """Credentials that contradict each other."""

    @pytest.mark.parametrize(
        ("user", "elsewhere", "told"),
        [
            (1, False, "[colleague] is the operator himself"),
            (2, True, "[colleague] webhook is of another portal"),
        ],
    )
    def test_nothing_is_sent(
        self,
        run: Run,
        serve: Serve,
        tmp_path: Path,
        user: int,
        elsewhere: bool,
        told: str,
    ) -> None:
        """A colleague who is the operator, or of another portal, is an error of use."""
        portal, other = Shown(), Shown()
        hooks, theirs = (webhooks(serve(one).address, default_state()) for one in (portal, other))
        second = theirs[user] if elsewhere else hooks[user]
        text = f'[operator]\nwebhook = "{hooks[1]}"\n[colleague]\nwebhook = "{second}"\n'
        (tmp_path / "b24-conformance.toml").write_text(text, encoding="utf-8")
        for words in (("run",), ("doctor",), ("discover",), ("run", "--plan")):
            done = run(*words)
            assert (2, [], []) == (done.code, portal.asked, other.asked)
            assert told in done.err

    def test_target(
        self, run: Run, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor is anything sent to a target that is not the portal of the config's colleague."""
        portal, other = Shown(), Shown()
        target, own = (webhooks(serve(one).address, default_state()) for one in (portal, other))
        monkeypatch.setenv("B24_WEBHOOK", own[1])
        text = f'[operator]\nwebhook = {{ env = "B24_WEBHOOK" }}\n[colleague]\nwebhook = "{own[2]}"'
        (tmp_path / "b24-conformance.toml").write_text(text, encoding="utf-8")
        done = run("run", target[1])
        assert (2, [], []) == (done.code, portal.asked, other.asked)
        assert "[colleague] webhook is of another portal" in done.err


class TestReadable:
    """A live portal without TLS, over a network."""

    def test_live(self, run: Run) -> None:
        """It is said on standard error, however quiet the rest is."""
        expected = "warning: http://no-such-host.invalid is asked without TLS"
        for words in ((), ("--quiet",), ("--json",)):
            done = run("run", NOWHERE, *words)
            assert (3, 1) == (done.code, done.err.count(expected))
            assert expected not in done.out
            assert SECRET not in done.all

    def test_stand_in(self, run: Run, tmp_path: Path) -> None:
        """The secret of a stand-in opens nothing, and may be read."""
        text = f'[portal]\nstand_in = true\n[operator]\nwebhook = "{NOWHERE}"\n'
        (tmp_path / "b24-conformance.toml").write_text(text, encoding="utf-8")
        assert "without TLS" not in run("run").all

    def test_here(self, run: Run, closed_port: int) -> None:
        """On this machine nobody is on the way."""
        assert (
            "without TLS" not in run("run", f"http://127.0.0.1:{closed_port}/rest/1/{SECRET}/").all
        )

    def test_doctor(self, run: Run) -> None:
        """The doctor says it among its last lines."""
        told = run("doctor", NOWHERE).out.splitlines()[-2:]
        assert told[0].startswith("warning: http://no-such-host.invalid is asked without TLS")


class TestProxies:
    """Proxies of the environment, which are not used."""

    @pytest.mark.parametrize("words", [("run",), ("doctor",)])
    def test_unreachable(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
    ) -> None:
        """Where nobody is reached, the variable is named, and not what it holds."""
        monkeypatch.delenv("http_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("HTTP_PROXY", "http://user:password@proxy.example:3128")
        done = run(*words, NOWHERE)
        assert 3 == done.code
        assert "HTTP_PROXY is set, but proxies of the environment are not used" in done.all
        assert "password" not in done.all
