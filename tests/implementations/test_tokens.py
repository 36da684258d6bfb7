"""Renewing an expired access token: once, kept where the user says, shown to nobody else."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from b24_conformance.config import parse_config
from b24_conformance.errors import ConfigError
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.outcome import JOINED, Outcome
from b24_conformance.probe import Asking, Probe
from b24_conformance.reference import Portal, Request, Response, Server, default_state
from b24_conformance.transcript import Observation

USER = default_state().users[1]
EXPIRED = str(USER.expired_token)
CLIENT = {"client_id": "local.5f3a9c1e7b2d", "client_secret": "Zq8xW2vN5tR7yB1m"}
BODY = Asking(place="oauth_body")
Table = Callable[..., dict[str, Any]]


class Recorder:
    """A server's answers, and what it was asked."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.asked: list[Request] = []
        self._answer = answer

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return self._answer(request)

    @property
    def targets(self) -> list[str]:
        """The paths that were asked for."""
        return [request.target for request in self.asked]


@pytest.fixture
def portal() -> Iterator[tuple[Recorder, str]]:
    """The reference portal and its address: the authorisation server, too."""
    recorder = Recorder(Portal().answer)
    with Server(recorder) as server:
        yield recorder, server.address


@pytest.fixture
def table(portal: tuple[Recorder, str], tmp_path: Path) -> Table:
    """A configuration whose access token has expired; keywords replace or remove keys."""

    def make(**keys: Any) -> dict[str, Any]:
        operator = {
            "address": portal[1],
            "access_token": EXPIRED,
            "refresh_token": str(USER.refresh_token),
            "token_store": str(tmp_path / "tokens.json"),
            "oauth_server": portal[1],
            "user_id": 1,
            "chats": {"joinable": [2043], "not_open_line": [12]},
            **CLIENT,
            **keys,
        }
        known = {key: value for key, value in operator.items() if value is not None}
        return {"portal": {"stand_in": True}, "operator": known}

    return make


def ask(table: dict[str, Any], *probes: Probe) -> tuple[Observation, ...]:
    """Asks a configured portal."""
    with configured_portal(parse_config(table, "test"), Asked()) as implementation:
        return tuple(o for probe in probes for o in implementation.ask_step((probe,)))


def says(status: int, body: object, *headers: tuple[str, str]) -> Recorder:
    """A server that always says the same."""
    json_type = ("Content-Type", "application/json")
    text = msgspec.json.encode(body)
    return Recorder(lambda _: Response(status, (json_type, *headers), text))


class TestRenewed:
    """A token that can be renewed."""

    @pytest.mark.parametrize(
        "asking", [BODY, Asking(place="bearer"), Asking(place="oauth_body", suffix=".xml")]
    )
    def test_asked_again(self, table: Table, asking: Asking) -> None:
        """The probe is put once more with the new token, and both exchanges are recorded."""
        (seen,) = ask(table(), Probe("2043", asking=asking))
        assert JOINED == seen.outcome
        statuses = [e.response.status for e in seen.exchanges if e.response]
        assert (401, 200) == (statuses[0], statuses[-1])
        assert 2 == len(statuses)

    def test_once(self, table: Table, portal: tuple[Recorder, str]) -> None:
        """One renewal serves the whole run."""
        probes = [Probe("2043", asking=BODY), Probe("12", asking=BODY), Probe("0", asking=BODY)]
        seen = ask(table(), *probes)
        assert [None, "CHAT_TYPE", "CHAT_ID"] == [o.outcome.code for o in seen]
        assert 1 == portal[0].targets.count("/oauth/token/")

    def test_own_only(self, table: Table, portal: tuple[Recorder, str]) -> None:
        """An expired token that is shown on purpose is left as it is."""
        made = {**table(access_token=USER.access_token), "credentials": {"expired_token": EXPIRED}}
        probe = Probe("2043", asking=Asking(place="oauth_body", identity="expired"))
        (seen,) = ask(made, probe)
        assert "expired_token" == seen.outcome.code
        assert "/oauth/token/" not in portal[0].targets

    def test_hidden(self, table: Table, tmp_path: Path) -> None:
        """Neither old nor new tokens stand in what is recorded."""
        seen = ask(table(), Probe("2043", asking=BODY), Probe("12", asking=BODY))
        kept = json.loads((tmp_path / "tokens.json").read_text())
        text = msgspec.json.encode(seen).decode()
        values = [EXPIRED, USER.refresh_token, kept["access_token"], kept["refresh_token"]]
        assert [] == [one for one in (*values, *CLIENT.values()) if str(one)[:12] in text]
        assert "$B24_TOKEN" in seen[1].exchanges[0].request.body


class TestKept:
    """Where new tokens go."""

    def test_file(self, table: Table, tmp_path: Path) -> None:
        """They are in a file that only its owner may read, and nothing else is left beside it."""
        ask(table(), Probe("2043", asking=BODY))
        (path,) = tmp_path.iterdir()
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
        assert {"access_token", "refresh_token", "expires"} == set(json.loads(path.read_text()))

    def test_next_run(self, table: Table, portal: tuple[Recorder, str]) -> None:
        """The next run begins with them."""
        ask(table(), Probe("2043", asking=BODY))
        (seen,) = ask(table(), Probe("2043", asking=BODY))
        assert (JOINED, 1) == (seen.outcome, len(seen.exchanges))
        assert 1 == portal[0].targets.count("/oauth/token/")

    def test_file_open_to_others(self, table: Table, tmp_path: Path) -> None:
        """A file of tokens that others may read is refused before the first request."""
        (tmp_path / "tokens.json").write_text("{}")
        (tmp_path / "tokens.json").chmod(0o644)
        with pytest.raises(ConfigError, match="is open to others"):
            ask(table())

    def test_file_without_tokens(self, table: Table, tmp_path: Path) -> None:
        """A file that holds something else is refused and not overwritten."""
        (tmp_path / "tokens.json").write_text('{"mine": 1}')
        (tmp_path / "tokens.json").chmod(0o600)
        with pytest.raises(ConfigError, match="holds no tokens"):
            ask(table())

    def test_command(self, table: Table, tmp_path: Path) -> None:
        """A command gets them as JSON on its standard input."""
        code = f"import sys; open('{tmp_path}/got', 'w').write(sys.stdin.read())"
        command = f'{sys.executable} -c "{code}"'
        ask(table(token_store=None, token_command=command), Probe("2043", asking=BODY))
        got = json.loads((tmp_path / "got").read_text())
        assert {"access_token", "refresh_token", "expires"} == set(got)

    def test_command_that_fails(self, table: Table) -> None:
        """A command that fails does not stop the run, and the observation says it."""
        (seen,) = ask(table(token_store=None, token_command="false"), Probe("2043", asking=BODY))
        assert "joined" == seen.outcome.kind
        assert "the new tokens are not kept: the command false ended with 1" == seen.outcome.detail


class TestNotRenewed:
    """A token that cannot be renewed."""

    @pytest.mark.parametrize(
        ("server", "told"),
        [
            (says(401, {"error": "invalid_grant"}), "answers HTTP 401, invalid_grant"),
            (says(200, {"access_token": "short"}), "answers HTTP 200, without tokens"),
            (says(200, ["x"]), "without tokens"),
            (
                says(200, {"access_token": "abcdefgh\r\nX: y", "refresh_token": "abcdefgh"}),
                "without tokens",
            ),
        ],
    )
    def test_outcome_stays(self, table: Table, server: Recorder, told: str) -> None:
        """The refusal stays, with a note; the server is not asked again."""
        server.asked.clear()
        with Server(server) as running:
            made = table(oauth_server=running.address)
            seen = ask(made, Probe("2043", asking=BODY), Probe("12", asking=BODY))
        assert ["expired_token"] * 2 == [o.outcome.code for o in seen]
        assert told in str(seen[1].outcome.detail)
        assert 1 == len(server.asked)

    def test_redirect(self, table: Table) -> None:
        """A redirect of the authorisation server is not followed: secrets go nowhere else."""
        other = says(200, {})
        with Server(other) as elsewhere:
            moved = says(302, {}, ("Location", f"{elsewhere.address}/oauth/token/"))
            with Server(moved) as running:
                made = table(oauth_server=running.address)
                (seen,) = ask(made, Probe("2043", asking=BODY))
        assert Outcome("refused", "expired_token", 401, seen.outcome.detail) == seen.outcome
        assert ([], 1) == (other.asked, len(moved.asked))

    def test_portal_sees_no_secret(self, table: Table, portal: tuple[Recorder, str]) -> None:
        """The portal never gets the refresh token or the client's secret."""
        with Server(says(401, {"error": "invalid_grant"})) as running:
            ask(table(oauth_server=running.address), Probe("2043", asking=BODY))
        sent = b"".join(request.body + request.target.encode() for request in portal[0].asked)
        assert (False, False) == (
            CLIENT["client_secret"].encode() in sent,
            str(USER.refresh_token).encode() in sent,
        )

    def test_nobody_there(self, table: Table) -> None:
        """An authorisation server out of reach leaves the refusal as it is."""
        (seen,) = ask(table(oauth_server="http://127.0.0.1:1"), Probe("2043", asking=BODY))
        assert "expired_token" == seen.outcome.code
        assert "no connection to http://127.0.0.1:1" in str(seen.outcome.detail)


class TestConfig:
    """What must be said beside a refresh token."""

    @pytest.mark.parametrize(
        ("keys", "told"),
        [
            ({"client_id": None}, "no client_id"),
            ({"client_secret": None}, "no client_secret"),
            ({"token_store": None}, "needs either token_store or token_command"),
            ({"token_command": "cat"}, "needs either token_store or token_command"),
            ({"token_store": "/nowhere/at/all"}, "nothing can be written beside"),
            ({"token_store": None, "token_command": "'"}, "cannot be split"),
            ({"oauth_server": "http://oauth.example"}, "must be https://HOST"),
            ({"oauth_server": "https://oauth.example/x?y"}, "must be https://HOST"),
            ({"refresh_token": None}, "client_id means nothing without refresh_token"),
        ],
    )
    def test_errors(self, table: Table, keys: dict[str, Any], told: str) -> None:
        """Whatever is missing or unsafe is said before the first request."""
        with pytest.raises(ConfigError, match=told):
            ask(table(**keys))
