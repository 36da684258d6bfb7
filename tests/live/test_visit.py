"""A live run over a sound portal: conformant, sparing, and nobody notices but for one join."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from live_runs import ABSENT, JOIN, SIMPLE, Done, Sent, live_run

from b24_conformance.contract import load_contract
from b24_conformance.declaration import RUNGS, Chats, Rung
from b24_conformance.events import Joining, Left
from b24_conformance.options import Options
from b24_conformance.reference import Portal, Request, Response, Server, default_state
from b24_conformance.reference.rendering import Method
from b24_conformance.reference.state import State

MEMBERS = default_state().chats[2043].members
PEOPLE: Any = {
    "chats": Chats((2044,), (2045,), (2050,), (12,), (999999999,)),
    "colleague": Chats(joined=(2047,), access_denied=(2044, 7000), not_open_line=(15,)),
}
EVERYTHING = {**PEOPLE, "token": True, "scopeless": True, "expired": True}
OAUTH_ONLY = {"webhook": False, "token": True}
SETTINGS: dict[str, dict[str, Any]] = {
    "webhook": {},
    "token": {"token": True},
    "colleague": PEOPLE,
    "everything": EVERYTHING,
    "oauth-only": OAUTH_ONLY,
    "no-batch": {"without": ["batch"]},
    "absent-seen": {"chats": Chats((2043,), (2045,), (2047,), (12,), (ABSENT,))},
}


class Logged(Portal):
    """The reference portal with a note of who really joined where, by which verb, and who left.

    `lacks` are methods that it does not have.
    """

    def __init__(self, state: State | None = None, *, lacks: Sequence[str] = ()) -> None:
        self.log: list[tuple[str, int, int]] = []
        self._lacks = lacks
        super().__init__(state)

    def method_table(self) -> dict[str, Method]:
        return {name: m for name, m in super().method_table().items() if name not in self._lacks}

    def apply_join(self, user_id: int, chat_id: int) -> None:
        kind = "again" if self.is_member(user_id, chat_id) else "joined"
        self.log.append((kind, user_id, chat_id))
        super().apply_join(user_id, chat_id)

    def apply_leave(self, user_id: int, chat_id: int) -> None:
        self.log.append(("left", user_id, chat_id))
        super().apply_leave(user_id, chat_id)

    @property
    def real(self) -> list[tuple[str, int, int]]:
        """Joins that put somebody in, and leaves."""
        return [entry for entry in self.log if entry[0] != "again"]


class Expiring(Logged):
    """The operator's token from the config has expired."""

    def __init__(self) -> None:
        state = default_state()
        users = dict(state.users)
        users[1] = replace(users[1], access_token=None, expired_token=users[1].access_token)
        super().__init__(replace(state, users=users))


def chats_named(text: str) -> set[int]:
    """The CHAT_IDs that a request names."""
    found = re.findall(r'CHAT_ID"?\]?[=:]"?(-?\d+)', unquote_plus(text))
    return {int(number) for number in found}


def first_join(done: Done, chat: int) -> Sent:
    """The request that joins first: the first one that asks for the chat."""

    def asks(one: Sent) -> bool:
        joins = [c for c in one.commands if c.startswith(JOIN)] or [one.line] * (one.method == JOIN)
        return any(chat in chats_named(join) for join in joins)

    return next(one for one in done.sent if asks(one))


class TestSound:
    """The reference portal, with simple lists."""

    @pytest.mark.parametrize("setting", SETTINGS)
    @pytest.mark.parametrize("rung", RUNGS)
    def test_conformant(self, tmp_path: Path, rung: Rung, setting: str) -> None:
        """Each rung ends with a whole verdict in at most 50 requests, whatever is configured."""
        portal = Logged()
        done = live_run(portal, tmp_path, joins=rung, **SETTINGS[setting])
        open_ones = {
            one.clause: one.reason
            for one in done.judged.values()
            if one.required and one.status != "passed"
        }
        assert {} == {c: r for c, r in open_ones.items() if not c.startswith("batch.")}
        assert 0 == done.exit_code, done.finished
        assert "failed" not in done.statuses.values()
        assert len(done.sent) == done.finished.requests
        assert len(done.sent) <= (70 if setting == "no-batch" else 50)
        wanted = SETTINGS[setting].get("chats", SIMPLE).joinable
        expected = [(what, 1, wanted[0]) for what in ("joined", "left")] if rung == "new" else []
        assert expected == portal.real

    @pytest.mark.parametrize("setting", ["webhook", "everything", "oauth-only", "no-batch"])
    def test_one_join_by_post(self, tmp_path: Path, setting: str) -> None:
        """The one real join is a plain POST of JSON, told before it is sent, and left again."""
        portal = Logged()
        done = live_run(portal, tmp_path, **SETTINGS[setting])
        chat = SETTINGS[setting].get("chats", SIMPLE).joinable[0]
        join = first_join(done, chat)
        assert ("POST", JOIN) == (join.request.verb, join.method)
        assert f'"CHAT_ID":{chat}' in join.line
        told = [type(event).__name__ for event in done.events]
        assert told.index("Joining") < told.index("Left")
        assert [chat] == [event.chat for event in done.of(Joining)]
        assert [chat] == [event.chat for event in done.of(Left)]
        assert default_state().chats[chat].members == portal.members(chat)

    @pytest.mark.parametrize("rung", RUNGS)
    def test_get_never_joins(self, tmp_path: Path, rung: Rung) -> None:
        """No GET names a joinable chat, and no request but a join names one at all."""
        done = live_run(Portal(), tmp_path, joins=rung, token=True, **PEOPLE)
        gets = [one for one in done.sent if one.request.verb == "GET"]
        assert gets
        assert set() == {2044} & set().union(*(chats_named(one.line) for one in gets))

    @pytest.mark.parametrize("rung", RUNGS)
    def test_batches_are_not_mixed(self, tmp_path: Path, rung: Rung) -> None:
        """A batch holds refusals or joins, never both, and never more than fifty items."""
        done = live_run(Portal(), tmp_path, joins=rung, **EVERYTHING)
        for one in done.sent:
            commands = [c for c in one.commands if c.startswith(JOIN)]
            asked = {"2044" in command or "2045" in command for command in commands}
            assert len(asked) <= 1, one.commands
            assert len(one.commands) <= 50

    def test_colleague_never_joins(self, tmp_path: Path) -> None:
        """What the second operator may join he does not, though it is declared for him."""
        portal = Logged()
        colleague = Chats(joinable=(42, 2043), access_denied=(2044,), joined=(2047,))
        done = live_run(portal, tmp_path, chats=PEOPLE["chats"], colleague=colleague, token=True)
        assert [("joined", 1, 2044), ("left", 1, 2044)] == portal.real
        assert 0 == done.exit_code, done.finished

    def test_one_of_many(self, tmp_path: Path) -> None:
        """Of several joinable chats one is joined."""
        portal = Logged()
        many = Chats((2043, 2044, 2000), (2045, 7000), (2050, 2051), (12, 13), (999999999,))
        done = live_run(portal, tmp_path, chats=many)
        assert [("joined", 1, 2043), ("left", 1, 2043)] == portal.real
        assert 0 == done.exit_code, done.finished
        assert len(done.sent) <= 50

    def test_stay(self, tmp_path: Path) -> None:
        """With --stay the operator stays in what he joined, and nothing is left to be undone."""
        portal = Logged()
        done = live_run(portal, tmp_path, options=Options(stay=True))
        assert 0 == done.exit_code, done.finished
        assert [("joined", 1, 2043)] == portal.real
        assert [True] == [event.stays for event in done.of(Joining)]
        assert "inconclusive" not in done.statuses.values()

    @pytest.mark.parametrize("kernel", ["new", "old"])
    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_kernels(self, tmp_path: Path, kernel: str, language: str) -> None:
        """Both generations of the portal are conformant, in either language."""
        state = default_state()
        users, chats = state.users.values(), state.chats.values()
        portal = Logged(State.of(users, chats, kernel=kernel, language=language))
        done = live_run(portal, tmp_path, **EVERYTHING)
        assert 0 == done.exit_code, [j for j in done.judged.values() if j.status == "failed"]

    def test_limits_of_the_portal(self, tmp_path: Path) -> None:
        """A whole run fits into the burst of the vendor's limit."""
        state = default_state()
        limited = State.of(state.users.values(), state.chats.values(), rate=2.0, burst=50.0)
        done = live_run(Logged(limited), tmp_path, **EVERYTHING)
        assert 0 == done.exit_code, done.finished


class Complaining(Logged):
    """Says three times that it is asked too much, once somebody has really joined."""

    complaints = 3

    def answer(self, request: Request) -> Response:
        if self.real and self.complaints:
            self.complaints -= 1
            body = b'{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}'
            return Response(503, (("Content-Type", "application/json"),), body)
        return super().answer(request)


class TestLimit:
    """A portal that lets no more questions through."""

    def test_undone(self, tmp_path: Path) -> None:
        """The limit ends the run as incomplete, and the join is undone all the same."""
        portal = Complaining()
        done = live_run(portal, tmp_path)
        assert [("joined", 1, 2043), ("left", 1, 2043)] == portal.real
        assert 3 == done.exit_code
        assert "QUERY_LIMIT_EXCEEDED" in str(done.finished.note)


class TestWithoutBatch:
    """Portals without the method `batch`."""

    @pytest.mark.parametrize("rung", RUNGS)
    def test_same_verdict(self, tmp_path: Path, rung: Rung) -> None:
        """A portal without batch, whether that is declared or not, gets the same verdicts."""
        within = RUNGS[: RUNGS.index(rung) + 1]
        clauses = [c for c in load_contract().clauses if c.applies_to("portal")]
        reached = [c.id for c in clauses if c.rung in within]
        compared = [c for c in reached if not c.startswith("batch.")]
        with_batch = live_run(Logged(), tmp_path, joins=rung, **PEOPLE).statuses
        for declared in (["batch"], []):
            portal = Logged(lacks=["batch"])
            done = live_run(portal, tmp_path, joins=rung, without=declared, **PEOPLE)
            assert [with_batch[c] for c in compared] == [done.statuses[c] for c in compared]
            implemented = {s for c, s in done.statuses.items() if c.startswith("batch.")}
            assert implemented <= {"not_implemented", "not_checked"}
            expected = [("joined", 1, 2044), ("left", 1, 2044)] if rung == "new" else []
            assert expected == portal.real
            assert 0 == done.exit_code, done.finished

    def test_joined_once(self, tmp_path: Path) -> None:
        """The watched join is the first one, though the batches around it had to be given up."""
        portal = Logged(lacks=["batch"])
        done = live_run(portal, tmp_path)
        assert "passed" == done.statuses["success.participant"]
        assert "passed" == done.statuses["state.join-is-own"]


class TestNumbers:
    """How requests are counted."""

    @pytest.mark.parametrize("without", [(), ("batch",)], ids=["batch", "no-batch"])
    def test_all_count(self, tmp_path: Path, without: tuple[str, ...]) -> None:
        """What is observed has its number among all requests, looks and the leave included."""
        done = live_run(Logged(), tmp_path, without=without)
        exchanges = [each for one in done.asked for each in one.observation.exchanges]
        sent = [done.sent[each.number - 1].request for each in exchanges]
        assert [(one.verb, one.body.decode("latin-1")) for one in sent] == [
            (each.request.verb, each.request.body) for each in exchanges
        ]
        assert max(each.number for each in exchanges) > len({each.number for each in exchanges})


class TestBudget:
    """A small number of requests."""

    @pytest.mark.parametrize("without", [(), ("batch",)], ids=["batch", "no-batch"])
    @pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 25, 30, 49])
    def test_never_exceeded(self, tmp_path: Path, most: int, without: tuple[str, ...]) -> None:
        """No more is sent in all, looks and the leave included, and every join is undone."""
        portal = Logged()
        done = live_run(portal, tmp_path, options=Options(max_requests=most), without=without)
        assert len(done.sent) <= most
        assert len(done.sent) == done.finished.requests
        assert portal.real in ([], [("joined", 1, 2043), ("left", 1, 2043)])
        assert MEMBERS == portal.members(2043)
        assert "failed" not in done.statuses.values()
        if done.finished.note:
            assert 3 == done.exit_code
            assert f"--max-requests {most} is spent" in done.finished.note

    def test_more_shows_more(self, tmp_path: Path) -> None:
        """Larger budgets check more clauses, and a sufficient one checks all."""
        passed = []
        for most in (3, 9, 16, 24, 50):
            done = live_run(Portal(), tmp_path, options=Options(max_requests=most))
            passed.append(sum(status == "passed" for status in done.statuses.values()))
        assert sorted(passed) == passed
        assert passed[0] < passed[2] < passed[-1]
        assert 0 == done.exit_code


class TestTokenOnly:
    """An operator with an access token and no webhook."""

    def test_shows_the_token(self, tmp_path: Path) -> None:
        """Every request shows the token, and no path has a secret in it."""
        done = live_run(Logged(), tmp_path, **OAUTH_ONLY)
        assert {"/rest"} == {one.request.target.rpartition("/")[0].rstrip("/") for one in done.sent}
        assert "not_checked" == done.statuses["credentials.wrong-secret"]
        assert "passed" == done.statuses["oauth.body"]

    def test_knows_himself(self, tmp_path: Path) -> None:
        """Who the operator is, is asked, and stands in what is told before a join."""
        done = live_run(Logged(), tmp_path, **OAUTH_ONLY)
        assert [1] == [event.user_id for event in done.of(Joining)]

    @pytest.mark.parametrize("rung", ["refused", "new"])
    def test_expired_on_the_way(self, tmp_path: Path, rung: Rung) -> None:
        """A token that has expired is renewed by the first question, and looks show the new one."""
        user = default_state().users[1]
        portal = Expiring()
        with Server(portal) as oauth:
            renewing = [
                f'refresh_token = "{user.refresh_token}"',
                'client_id = "app.1"',
                'client_secret = "not-a-secret"',
                f'oauth_server = "{oauth.address}"',
                f'token_store = "{tmp_path}/tokens.json"',
            ]
            done = live_run(portal, tmp_path, joins=rung, more=renewing, **OAUTH_ONLY)
        assert 0 == done.exit_code, done.finished
        assert MEMBERS == portal.members(2043)

    @pytest.mark.parametrize("stand_in", [True, False])
    def test_stand_in_as_well(self, tmp_path: Path, stand_in: bool) -> None:
        """A stand-in can be asked by token alone, like a live portal."""
        # Of a stand-in nobody asks who the operator is.
        known = ["user_id = 1"] * stand_in
        done = live_run(Logged(), tmp_path, stand_in=stand_in, more=known, **OAUTH_ONLY)
        assert 0 == done.exit_code, done.finished
