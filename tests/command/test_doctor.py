"""`doctor`: what a run would find, by read-only calls, and what to add."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import Done, Run, runner

from b24_conformance.contract import load_contract
from b24_conformance.declaration import RUNGS
from b24_conformance.live.readonly import METHODS
from b24_conformance.reference import Portal, Response, Server, default_state, webhooks
from shown_portal import NAME, Shown, state_with

USERS = default_state().users
SECRET = str(USERS[1].webhook_secret)
Serve = Callable[..., Server]
Hook = Callable[[Server], str]
WriteConfig = Callable[..., Path]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in a folder of its own, faster than live portals are asked."""
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def doctor(run: Run, *words: object) -> Done:
    """What the doctor says, unhurried portals asked in a hurry."""
    return run("doctor", *words, "--rate", "1000/s")


def line(done: Done, subject: str) -> str:
    """The line of the checklist about `subject`."""
    found = [one for one in done.out.splitlines() if one[11:].startswith(f"{subject} ")]
    return " ".join(found[0].split()) if found else ""


def page(status: int, *headers: tuple[str, str], body: bytes = b"<html>Log in</html>") -> Any:
    """A server that answers everything alike."""
    return lambda _: Response(status, (("Content-Type", "text/html"), *headers), body)


class TestHealthy:
    """A portal, credentials and chats that are as declared."""

    def test_stand_in(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """All is well, and every clause that needs no more credentials can be checked."""
        config(hook(serve()))
        done = doctor(run)
        assert (0, "") == (done.code, done.err)
        assert "✗" not in done.out
        assert "✓ ok operator user 1" == line(done, "operator")
        expected = "✓ ok method imopenlines.session.join is available"
        assert expected == line(done, "method")
        assert "a run with --joins new can give a verdict" in done.out

    def test_by_webhook(self, run: Run, serve: Serve, hook: Hook) -> None:
        """A webhook is enough; it is taken for live, and only what needs no chat is in reach."""
        done = doctor(run, hook(serve()))
        assert 0 == done.code
        assert ": live, --joins none" in done.out
        assert "add [operator.chats] joined = [...]" in done.out

    def test_reference(self, run: Run) -> None:
        """The built-in portal has everything."""
        done = doctor(run, "reference")
        assert 0 == done.code
        assert "✓ ok expired_token the portal calls it expired" == line(done, "expired_token")
        assert "✓ ok colleague user 2" == line(done, "colleague")

    def test_tls(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """A certificate under one's own authority is sound with ca_file."""
        server = serve(tls=True)
        config(hook(server), f'ca_file = "{server.ca_file}"')
        done = doctor(run)
        assert 0 == done.code
        assert "✓ ok TLS the certificate is valid and trusted" == line(done, "TLS")

    def test_json(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """--json gives the same, to read by a program."""
        config(hook(serve()))
        done = doctor(run, "--json")
        found = json.loads(done.out)
        assert (0, 0, "new") == (done.code, found["exit_code"], found["joins"])
        assert {"ok", "open"} == {check["mark"] for check in found["checks"]}
        assert ["none", "refused", "repeat", "new"] == [one["rung"] for one in found["rungs"]]
        known = {clause.id for clause in load_contract().clauses}
        named = {c for rung in found["rungs"] for one in rung["missing"] for c in one["clauses"]}
        assert set() < named <= known


class TestHindered:
    """Everything that keeps a run from its verdict is said first, with what to do."""

    def test_unreachable(self, run: Run, closed_port: int) -> None:
        """Nobody listens: exit 3 after one attempt."""
        done = doctor(run, f"http://127.0.0.1:{closed_port}/rest/1/{SECRET}/")
        assert 3 == done.code
        assert line(done, "portal").startswith("✗ problem portal")
        assert "read-only requests: 1;" in done.out
        assert "cannot give a verdict yet: see portal" in done.out

    def test_unknown_host(self, run: Run) -> None:
        """A host that does not exist is a portal not reached."""
        assert 3 == doctor(run, f"https://no-such-host.invalid/rest/1/{SECRET}/").code

    def test_untrusted(self, run: Run, serve: Serve, hook: Hook) -> None:
        """A certificate that nobody vouches for is a problem of TLS, not of the portal."""
        done = doctor(run, hook(serve(tls=True)))
        assert 3 == done.code
        assert line(done, "portal").startswith("✓ ok portal")
        assert line(done, "TLS").startswith("✗ problem TLS")
        assert "[portal] ca_file" in done.out

    def test_wrong_secret(self, run: Run, serve: Serve, hook: Hook) -> None:
        """A wrong secret is said once, and nothing more is asked."""
        portal = Shown()
        server = serve(portal)
        done = doctor(run, hook(server).replace(SECRET, "another0secret0x"))
        assert (3, ["profile"]) == (done.code, portal.asked)
        assert "✗ problem credentials `profile`: INVALID_CREDENTIALS (HTTP 401)" == line(
            done, "credentials"
        )
        assert "another0secret0x" not in done.all

    def test_missing_scope(self, run: Run, serve: Serve) -> None:
        """A webhook without imopenlines cannot call the method."""
        server = serve()
        done = doctor(run, webhooks(server.address, default_state())[9])
        assert 3 == done.code
        assert "✗ problem scope imopenlines is missing" == line(done, "scope")
        assert line(done, "method").startswith("✗ problem method it exists, but not for these")

    def test_without_im(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """Without the scope im no clause about members can be checked: a run is incomplete."""
        config(hook(serve(Portal(state_with(scopes=["imopenlines"])))))
        done = doctor(run)
        assert 3 == done.code
        assert "✗ problem scope im is missing" in " ".join(done.out.split())
        assert "the scope im is missing: add it to the webhook" in done.out
        assert "a run with --joins new would be incomplete" in done.out

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (page(200), "the answer is HTML (HTTP 200)"),
            (
                page(302, ("Location", "https://new.example/rest/1/SECRET/")),
                "moved to https://new.example (HTTP 302)",
            ),
        ],
    )
    def test_no_rest(self, run: Run, serve: Serve, hook: Hook, answer: Any, told: str) -> None:
        """A page for people and a redirect are no portal, and no redirect is followed."""
        done = doctor(run, hook(serve(answer)))
        assert 3 == done.code
        assert line(done, "portal").endswith(told)

    def test_throttled(
        self, run: Run, serve: Serve, hook: Hook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A portal that goes on throttling is left alone."""
        monkeypatch.setattr("time.sleep", lambda _: None)
        body = b'{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}'
        headers = (("Content-Type", "application/json"),)
        watched = serve(lambda _: Response(503, headers, body))
        done = doctor(run, hook(watched))
        assert 3 == done.code
        assert line(done, "portal").endswith("QUERY_LIMIT_EXCEEDED (HTTP 503)")

    def test_missing_chats(self, run: Run, serve: Serve, hook: Hook, tmp_path: Path) -> None:
        """A stand-in without declared chats cannot be judged: each list is named."""
        text = f'[portal]\nstand_in = true\n[operator]\nwebhook = "{hook(serve())}"\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        done = doctor(run)
        assert 3 == done.code
        for kind in ("joinable", "joined", "access_denied", "not_open_line"):
            assert f"add [operator.chats] {kind} = [...]" in done.out

    def test_another_user(self, run: Run, serve: Serve, hook: Hook, tmp_path: Path) -> None:
        """A declared user id that is not the credentials' own is said."""
        text = f'[operator]\nwebhook = "{hook(serve())}"\nuser_id = 5\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        done = doctor(run)
        assert (3, "✗ problem operator user 1, not 5") == (done.code, line(done, "operator"))


class TestFurtherCredentials:
    """The second operator and the wrong credentials, each tried by one request."""

    @pytest.mark.parametrize(
        ("table", "user", "told"),
        [
            ("colleague", 2, "✓ ok colleague user 2"),
            ("credentials", 9, "✓ ok without_scope a webhook that works,"),
            ("credentials", 2, "✗ problem without_scope it has the scope"),
        ],
    )
    def test_webhooks(
        self, run: Run, serve: Serve, tmp_path: Path, table: str, user: int, told: str
    ) -> None:
        """A second webhook must be of somebody else; one without the scope must lack it."""
        hooks = webhooks(serve().address, default_state())
        key = "webhook" if table == "colleague" else "without_scope"
        text = f'[operator]\nwebhook = "{hooks[1]}"\n[{table}]\n{key} = "{hooks[user]}"\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        done = doctor(run)
        assert line(done, told.split()[2]).startswith(told)
        assert ("✗" in told) == (3 == done.code)

    def test_himself(self, run: Run, serve: Serve, tmp_path: Path) -> None:
        """That the colleague is the operator may be known to the portal only."""
        address = serve().address
        lines = [
            "[operator]",
            f'address = "{address}"',
            f'access_token = "{USERS[1].access_token}"',
        ]
        lines += ["[colleague]", f'webhook = "{webhooks(address, default_state())[1]}"']
        (tmp_path / "b24-conformance.toml").write_text("\n".join(lines))
        done = doctor(run)
        expected = "✗ problem colleague user 1 is the operator himself"
        assert (3, expected) == (done.code, line(done, "colleague"))

    @pytest.mark.parametrize(
        ("token", "told"),
        [
            (USERS[1].expired_token, "✓ ok expired_token the portal calls it expired"),
            (USERS[2].access_token, "✗ problem expired_token the portal still accepts it"),
            ("some0other0token", "✗ problem expired_token invalid_token (HTTP 401)"),
        ],
    )
    def test_expired(self, run: Run, serve: Serve, tmp_path: Path, token: str, told: str) -> None:
        """An expired token must be one of this portal, and expired."""
        hook = webhooks(serve().address, default_state())[1]
        lines = ["[operator]", f'webhook = "{hook}"', f'access_token = "{USERS[1].access_token}"']
        lines += ["[credentials]", f'expired_token = "{token}"']
        (tmp_path / "b24-conformance.toml").write_text("\n".join(lines))
        done = doctor(run)
        assert told == line(done, "expired_token")
        assert "✓ ok access token the portal accepts it" == line(done, "access token")


class TestChats:
    """How each declared chat looks."""

    @pytest.fixture
    def live(self, serve: Serve, hook: Hook, tmp_path: Path) -> Callable[..., str]:
        """Configures a live portal with these chats; gives its address."""

        def write(portal: Portal, *lines: str) -> str:
            server = serve(portal)
            text = [
                f'[run]\njoins = "new"\n[operator]\nwebhook = "{hook(server)}"',
                "[operator.chats]",
                *lines,
            ]
            (tmp_path / "b24-conformance.toml").write_text("\n".join(text))
            return server.address

        return write

    def test_as_declared(self, run: Run, live: Callable[..., str]) -> None:
        """A chat that looks as declared is described by kinds, roles and numbers."""
        live(Shown(), "joined = [2045]")
        expected = "✓ ok chat 2045 declared joined; an open line's, role member, 2 in it"
        assert expected == line(doctor(run), "chat 2045")

    @pytest.mark.parametrize(
        ("declared", "chat", "why"),
        [
            ("joined = [2043]", 2043, "the operator does not take part in it"),
            ("joinable = [2045]", 2045, "the operator takes part in it already"),
            ("access_denied = [2043]", 2043, "the portal grants the operator access to it"),
            ("not_open_line = [2045]", 2045, "it belongs to an open line"),
            ("joined = [12]", 12, "it belongs to no open line"),
            ("absent = [2043]", 2043, "there is such a chat"),
        ],
    )
    def test_out_of_date(
        self, run: Run, live: Callable[..., str], declared: str, chat: int, why: str
    ) -> None:
        """A chat that looks otherwise makes the declaration out of date, and says what to do."""
        live(Shown(), declared)
        done = doctor(run)
        told = line(done, f"chat {chat}")
        assert told.startswith(f"✗ problem chat {chat} the declaration is out of date")
        assert told.endswith(why)
        assert f"take {chat} out of [operator.chats]" in done.out
        assert 3 == done.code

    @pytest.mark.parametrize(
        ("portal", "chat", "why"),
        [
            (Shown(), 2046, "the queue offers it to the operator"),
            (Shown(owners={2043: 1}), 2043, "the operator is responsible for it"),
            (Shown(bots=[2043]), 2043, "a bot talks in it"),
        ],
    )
    def test_explicit_option(
        self, run: Run, live: Callable[..., str], portal: Portal, chat: int, why: str
    ) -> None:
        """An offered chat, one's own and one with a bot are not joined just so."""
        live(portal, f"joinable = [{chat}]")
        expected = f"✗ problem chat {chat} chat {chat} needs an explicit option: {why}"
        assert expected == line(doctor(run), f"chat {chat}")

    def test_contradicted_chats_do_not_count(self, run: Run, live: Callable[..., str]) -> None:
        """What a contradicted chat would have opened is counted as missing."""
        live(Shown(), "joined = [2043]")
        assert "add [operator.chats] joined = [...]" in doctor(run).out

    def test_refused_alone(self, run: Run, live: Callable[..., str]) -> None:
        """A refused chat is left open: only somebody else can witness that it is there."""
        live(Shown(), "access_denied = [2050]")
        assert line(doctor(run), "chat 2050").startswith("– open chat 2050 declared access_denied")

    def test_colleague_witnesses(self, run: Run, live: Callable[..., str], tmp_path: Path) -> None:
        """A colleague who takes part in a refused chat witnesses that it is there."""
        address = live(Shown(), "access_denied = [2047]")
        hook = webhooks(address, default_state())[2]
        path = tmp_path / "b24-conformance.toml"
        path.write_text(path.read_text() + f'\n[colleague]\nwebhook = "{hook}"\n')
        assert line(doctor(run), "chat 2047").startswith("✓ ok chat 2047 declared access_denied")

    def test_stand_in_is_trusted(
        self, run: Run, serve: Serve, hook: Hook, config: WriteConfig
    ) -> None:
        """On a stand-in a chat that looks otherwise is told, and hinders nothing."""
        config(hook(serve(Shown(bots=[2043]))))
        done = doctor(run)
        assert line(done, "chat 2043").startswith("✗ problem chat 2043")
        assert 0 == done.code


class TestFigures:
    """How many clauses can be checked."""

    @pytest.mark.parametrize("rung", RUNGS)
    @pytest.mark.parametrize("stand_in", [True, False], ids=["stand-in", "live"])
    def test_no_less(
        self, run: Run, serve: Serve, hook: Hook, config: WriteConfig, rung: str, stand_in: bool
    ) -> None:
        """A run checks every clause that the doctor counts, and may check more."""
        config(hook(serve()), stand_in=stand_in)
        told = json.loads(doctor(run, "--json").out)["rungs"][RUNGS.index(rung)]
        asked = run("run", "--joins", rung, "--rate", "1000/s", "--json")
        (row,) = json.loads(asked.out)["implementations"]
        checked = [one["level"] for one in row["clauses"] if one["status"] == "passed"]
        for level in ("MUST", "SHOULD"):
            assert told[level.lower()][0] <= checked.count(level)

    def test_at_least(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """It is said that a run may check more; what only a limit shows is not counted."""
        config(hook(serve()))
        told = doctor(run).out
        assert 4 == told.count(" at least ")
        assert "only a limit that the portal happens to set shows it" in told


class TestSafety:
    """What leaves the machine, and what is shown."""

    def test_read_only(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """Only methods on the closed list are called, and no member is added anywhere."""
        portal = Shown()
        config(hook(serve(portal)))
        before = [portal.members(chat) for chat in portal.state.chats]
        done = doctor(run)
        assert set() < set(portal.asked) <= METHODS
        assert f"read-only requests: {len(portal.asked)};" in done.out
        assert before == [portal.members(chat) for chat in portal.state.chats]

    def test_no_names(self, run: Run, serve: Serve, hook: Hook, config: WriteConfig) -> None:
        """A customer's name and the webhook's secret are in no output."""
        config(hook(serve(Shown(owners={2043: 1}, bots=[2045]))))
        for words in ((), ("--json",)):
            done = doctor(run, *words)
            assert (False, False) == (NAME in done.all, SECRET in done.all)

    def test_no_method_is_needed(self, run: Run, serve: Serve, hook: Hook) -> None:
        """A stand-in that knows nothing but the join leaves much open, and hinders nothing."""
        portal = Portal()
        portal.methods = {"imopenlines.session.join": portal.methods["imopenlines.session.join"]}
        done = doctor(run, hook(serve(portal)))
        assert (0, False) == (done.code, "✗" in done.out)
        assert line(done, "method").startswith("– open method `method.get`: ERROR_METHOD")


class TestUsage:
    """What the doctor cannot look at."""

    def test_nothing_configured(self, run: Run) -> None:
        """Without a portal it names the command that writes a configuration."""
        done = run("doctor")
        assert 2 == done.code
        assert "no portal is configured" in done.err
        assert "b24-conformance init" in done.err

    @pytest.mark.parametrize("target", ["mock", "client:all", "portl"])
    def test_other_targets(self, run: Run, target: str) -> None:
        """Targets that are no portal over HTTP are refused by name of those that are."""
        done = run("doctor", target)
        assert 2 == done.code
        assert "targets are: portal" in done.err

    def test_unset_variable(self, run: Run, tmp_path: Path) -> None:
        """An unset variable is told by its name."""
        text = '[operator]\nwebhook = { env = "B24_NOT_SET" }\n'
        (tmp_path / "b24-conformance.toml").write_text(text)
        done = run("doctor")
        assert (2, True) == (done.code, "B24_NOT_SET is not set" in done.err)


class TestRenewal:
    """Tokens that a run renews are left as they are."""

    def test_expired(
        self, run: Run, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An expired token is no hindrance where a run renews it, and is not renewed here."""
        portal = Shown()
        for name, value in (("TOKEN", USERS[1].expired_token), ("REST", "some0other0secret")):
            monkeypatch.setenv(f"B24_{name}", str(value))
        lines = ['access_token = { env = "B24_TOKEN" }', f'address = "{serve(portal).address}"']
        lines += [f'{key} = {{ env = "B24_REST" }}' for key in ("refresh_token", "client_id")]
        lines += ['client_secret = { env = "B24_REST" }', 'token_store = "tokens.json"']
        (tmp_path / "b24-conformance.toml").write_text("\n".join(["[operator]", *lines]))
        done = doctor(run)
        expected = "– open credentials the access token has expired; a run renews it"
        assert expected == line(done, "credentials")
        assert (0, ["profile"]) == (done.code, portal.asked)
        assert not (tmp_path / "tokens.json").exists()
