"""`discover`: proposals for the chat lists, by read-only calls."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import Run, runner

from b24_conformance.config import load_config
from b24_conformance.live.discovery import absent_id
from b24_conformance.live.readonly import METHODS
from b24_conformance.reference import (
    Portal,
    Request,
    Response,
    Server,
    default_state,
    webhooks,
)
from b24_conformance.reference.helpers import Call
from shown_portal import NAME, Shown

SECRET = str(default_state().users[1].webhook_secret)
Serve = Callable[..., Server]
FAST = ("--rate", "1000/s")


class Guests(Shown):
    """A portal whose list of chats shows the operator an answered chat that he is not in."""

    def recent_list(self, call: Call) -> Any:
        shown: Any = super().recent_list(call)
        chat = {"id": 2043, "type": "lines", "role": "guest", "owner": 3, "name": NAME}
        guest = {"chat_id": 2043, "type": "chat", "chat": chat, "lines": {"status": 40}}
        return {**shown, "items": [*shown["items"], guest]}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


@pytest.fixture
def configured(serve: Serve, tmp_path: Path) -> Callable[..., None]:
    """Configures a portal, with a colleague or without."""

    def write(portal: Any, *, colleague: bool = False) -> None:
        hooks = webhooks(serve(portal).address, default_state())
        lines = ["[operator]", f'webhook = "{hooks[1]}"']
        lines += ["[colleague]", f'webhook = "{hooks[2]}"'] if colleague else []
        (tmp_path / "b24-conformance.toml").write_text("\n".join(lines))

    return write


def lists(text: str) -> Any:
    """The proposed lists."""
    return tomllib.loads(text)["operator"]["chats"]


class TestProposals:
    """What is proposed, and why."""

    def test_own_rights(self, run: Run, configured: Callable[..., None]) -> None:
        """Chats of lines with the operator in, other chats with him in, and an id of none."""
        configured(Shown())
        done = run("discover", *FAST, "--limit", 2)
        assert "in the place of the table [operator.chats]" in done.out
        found = lists(done.out)
        assert 0 == done.code
        assert ([2045, 7000], [1, 12]) == (found["joined"], found["not_open_line"])
        assert [4294967296, 4294967297] == found["absent"]

    def test_refused_chats(self, run: Run, configured: Callable[..., None]) -> None:
        """Own rights find no refused chat; it says how to get one."""
        configured(Shown())
        done = run("discover", *FAST)
        assert [] == lists(done.out)["access_denied"]
        assert "Add the webhook of a second user" in done.out

    def test_colleague(self, run: Run, configured: Callable[..., None]) -> None:
        """A colleague's chats show what is refused to the operator."""
        configured(Shown(), colleague=True)
        assert [2047] == lists(run("discover", *FAST).out)["access_denied"]

    def test_guest(self, run: Run, configured: Callable[..., None]) -> None:
        """An answered chat that the operator sees from outside may be joined, and seen to be."""
        configured(Guests())
        done = run("discover", *FAST)
        assert [2043] == lists(done.out)["joinable"]
        assert "A join would be seen by colleagues" in done.out

    def test_offered(self, run: Run, configured: Callable[..., None]) -> None:
        """A chat that the queue offers is left alone, and said to be."""
        configured(Shown())
        done = run("discover", *FAST)
        assert [] == lists(done.out)["joinable"]
        assert "#   2046: the queue offers it to the operator" in done.out

    def test_own_and_with_bot(self, run: Run, configured: Callable[..., None]) -> None:
        """Chats for which the operator is responsible, or with a bot, are left alone."""
        configured(Shown(owners={2045: 1}, bots=[7000]))
        done = run("discover", *FAST)
        assert [2147483653] == lists(done.out)["joined"]
        assert "#   2045: the operator is responsible for it" in done.out
        assert "#   7000: a bot talks in it" in done.out

    def test_lines(self, run: Run, configured: Callable[..., None]) -> None:
        """The portal's lines are counted, and those without the operator named by id."""
        configured(Shown())
        done = run("discover", *FAST)
        assert "# Open lines: 2; the operator is in the queue of 1." in done.out
        assert "# access_denied chats may be found on lines 4." in done.out

    def test_no_lines_method(self, run: Run, configured: Callable[..., None]) -> None:
        """A portal that does not tell its lines is searched all the same."""
        configured(Portal())
        done = run("discover", *FAST)
        assert (0, False) == (done.code, "Open lines" in done.out)

    @pytest.mark.parametrize(
        ("largest", "absent"),
        [
            (0, 999_999_999),
            (900_000_000, 999_999_999),
            (999_000_000, 2**31 - 1),
            (2**31 - 2, 2**32),
            (2147483653, 2**32),
            (2**32 + 5, 2**33),
        ],
    )
    def test_absent(self, largest: int, absent: int) -> None:
        """The id of no chat is far above all in use; 32 bits of it are no chat either."""
        assert absent == absent_id(largest)


class TestSafety:
    """What leaves the machine, and what is written."""

    def test_read_only(self, run: Run, configured: Callable[..., None]) -> None:
        """Only methods on the closed list are called, and not many times."""
        portal = Shown()
        configured(portal, colleague=True)
        done = run("discover", *FAST)
        assert set() < set(portal.asked) <= METHODS
        assert f"read-only requests: {len(portal.asked)};" in done.err
        assert 40 > len(portal.asked)

    def test_no_names(self, run: Run, configured: Callable[..., None], tmp_path: Path) -> None:
        """No name, title, message or secret is printed or written."""
        configured(Guests(owners={2045: 1}), colleague=True)
        done = run("discover", *FAST)
        run("discover", *FAST, "--write", "chats.toml")
        text = done.all + (tmp_path / "chats.toml").read_text(encoding="utf-8")
        assert [] == [word for word in (NAME, "Canary", "Chat 2045", SECRET) if word in text]

    def test_write(self, run: Run, configured: Callable[..., None], tmp_path: Path) -> None:
        """--write makes a new file that loads, and never writes over one."""
        configured(Shown())
        done = run("discover", *FAST, "--write", "chats.toml")
        assert (0, True) == (done.code, "in the place of the table [operator.chats]" in done.out)
        written = (tmp_path / "chats.toml").read_bytes()
        assert 2045 in load_config(tmp_path / "chats.toml").operator.chats.joined
        done = run("discover", *FAST, "--write", "chats.toml")
        assert (2, True) == (done.code, "nothing is overwritten" in done.err)
        assert written == (tmp_path / "chats.toml").read_bytes()

    def test_nothing_is_asked_in_vain(
        self, run: Run, configured: Callable[..., None], tmp_path: Path
    ) -> None:
        """Where the file is there already, the portal is not asked at all."""
        portal = Shown()
        configured(portal)
        (tmp_path / "chats.toml").touch()
        assert (2, []) == (run("discover", "--write", "chats.toml").code, portal.asked)


class TestTroubles:
    """Portals that cannot be searched."""

    def test_unreachable(self, run: Run, closed_port: int) -> None:
        """Nobody listens: exit 3, with what to do, and nothing on stdout."""
        done = run("discover", f"http://127.0.0.1:{closed_port}/rest/1/{SECRET}/")
        assert (3, "") == (done.code, done.out)
        assert "chats cannot be listed: no connection" in done.err
        assert SECRET not in done.err

    def test_missing_scope(self, run: Run, serve: Serve) -> None:
        """Without the scope im there is no list of chats."""

        def answer(request: Request) -> Response:
            if "im.recent.list" not in request.target:
                return portal.answer(request)
            headers = (("Content-Type", "application/json"),)
            return Response(401, headers, b'{"error":"insufficient_scope"}')

        portal = Portal()
        hook = webhooks(serve(answer).address, default_state())[1]
        done = run("discover", hook, *FAST)
        assert (3, True) == (done.code, "give the webhook the scopes" in done.err)

    def test_nothing_configured(self, run: Run) -> None:
        """Without a portal it is an error of use."""
        assert 2 == run("discover").code
