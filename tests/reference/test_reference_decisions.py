"""Who is let in, who is refused with what, and which check comes first."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

JOIN = "imopenlines.session.join"
CHAT_ID = (400, "CHAT_ID")
CHAT_TYPE = (400, "CHAT_TYPE")
ACCESS_DENIED = (400, "ACCESS_DENIED")


class TestDecisionTable:
    @pytest.mark.parametrize("chat_id", [0, -1, -2043, "", "chat2043", None, False, 10**9, 1e18])
    def test_no_such_chat(self, ask: Any, chat_id: Any) -> None:
        """An id that is none, and an id of no chat, get the same refusal."""
        assert CHAT_ID == ask.join(chat_id)

    @pytest.mark.parametrize("chat_id", [1, 12, 13, 14])
    def test_other_kind_as_member(self, ask: Any, chat_id: int) -> None:
        """A chat of another kind is refused as such to its member."""
        assert CHAT_TYPE == ask.join(chat_id)

    @pytest.mark.parametrize("chat_id", [12, 13, 14, 5000])
    def test_other_kind_as_stranger(self, ask: Any, chat_id: int) -> None:
        """A chat of another kind is refused as such to a stranger too: no leak protection."""
        assert CHAT_TYPE == ask.join(chat_id, user=2)

    def test_member(self, ask: Any) -> None:
        """A member of an open line's chat gets true, and nothing changes."""
        before = ask.members(2045)
        assert ask.join(2045) is True
        assert before == ask.members(2045)

    def test_offered(self, ask: Any) -> None:
        """A chat that the queue has offered can be joined without the right to join."""
        assert ask.join(2046) is True
        assert [1] == ask.members(2046)
        assert ACCESS_DENIED == ask.join(2046, user=2)

    def test_allowed(self, ask: Any) -> None:
        """Who may join becomes a member, besides those who are."""
        assert ask.join(2045, user=2) is True
        assert [1, 2] == ask.members(2045)

    def test_denied(self, ask: Any) -> None:
        """Who may not join is refused, and does not become a member."""
        assert ACCESS_DENIED == ask.join(2050)
        assert [] == ask.members(2050)

    def test_twice(self, ask: Any) -> None:
        """A second join gets true again and changes nothing."""
        assert [True, True] == [ask.join(2043), ask.join(2043)]
        assert [1] == ask.members(2043)

    def test_others_parameters_do_not_matter(self, ask: Any) -> None:
        """Nobody can be joined but the caller."""
        ask.call(CHAT_ID=2043, USER_ID=2, SESSION_ID=7)
        assert [1] == ask.members(2043)

    @pytest.mark.parametrize("key", ["chat_id", "Chat_Id", "chatId", "CHAT_ID "])
    def test_case_of_the_key(self, ask: Any, key: str) -> None:
        """The key's case matters."""
        assert CHAT_ID == ask.join_text(json.dumps({key: 2043}))

    def test_no_32_bit_wrap(self, ask: Any) -> None:
        """Ids beyond 32 bits are chats of their own."""
        assert [True, True, ACCESS_DENIED] == [ask.join(n) for n in (2**31 + 5, 2**32 + 5, 5)]

    def test_reset(self, ask: Any) -> None:
        """A reset brings the declared members back."""
        ask.join(2043)
        ask.call("im.chat.leave", CHAT_ID=2045)
        ask.portal.reset()
        assert ([], [1]) == (ask.members(2043), ask.members(2045))


class TestOrderOfChecks:
    def test_method_before_credentials(self, ask: Any) -> None:
        """An unknown method is 404, whatever the credentials."""
        for target in ("/rest/1/wrong/no.such", "/rest/no.such", "/rest/01/x/no.such?token=1"):
            assert (404, "ERROR_METHOD_NOT_FOUND") == ask.outcome(ask.send(target))

    def test_credentials_before_chat(self, ask: Any) -> None:
        """A wrong secret is 401, whatever the chat."""
        for body in (b'{"CHAT_ID":0}', b'{"CHAT_ID":2043}', b"{"):
            response = ask.send(f"/rest/1/wrong/{JOIN}", body)
            assert (401, "INVALID_CREDENTIALS") == ask.outcome(response)

    def test_credentials_before_scope(self, ask: Any) -> None:
        """A wrong secret beats a missing scope."""
        response = ask.send(f"/rest/9/wrong/{JOIN}")
        assert (401, "INVALID_CREDENTIALS") == ask.outcome(response)

    def test_scope_before_chat(self, ask: Any) -> None:
        """A missing scope beats a wrong chat, and says whose scope is missing."""
        response = ask.send(ask.path(user=9), b'{"CHAT_ID":0}')
        assert (401, "insufficient_scope") == ask.outcome(response)
        assert "by the webhook token" in json.loads(response.body)["error_description"]

    def test_oauth_scope(self, ask: Any) -> None:
        """A token without the scope is refused in the token's words."""
        response = ask.get(f"/rest/{JOIN}", auth=ask.state.users[9].access_token)
        assert (401, "insufficient_scope") == ask.outcome(response)
        assert "by the access token" in json.loads(response.body)["error_description"]

    def test_expiry_before_scope(self, ask: Any) -> None:
        """For OAuth, expiry beats a missing scope."""
        response = ask.get(f"/rest/{JOIN}", auth=ask.state.users[9].expired_token)
        assert (401, "expired_token") == ask.outcome(response)

    def test_nothing_recognised(self, ask: Any) -> None:
        """Without any credentials it is 401 NO_AUTH_FOUND."""
        assert (401, "NO_AUTH_FOUND") == ask.outcome(ask.get(f"/rest/{JOIN}", CHAT_ID=2043))

    def test_signed_link(self, ask: Any) -> None:
        """A parameter called token turns the call into a signed link, which fails."""
        response = ask.get(ask.path(), CHAT_ID=2043, token="x")
        assert (403, "ACCESS_DENIED") == ask.outcome(response)

    def test_https(self, ask_with: Callable[..., Any]) -> None:
        """A webhook over http is refused before its secret, where the state says so."""
        ask = ask_with(https_only=True)
        target = f"/rest/1/wrong/{JOIN}"
        assert (401, "INVALID_REQUEST") == ask.outcome(ask.send(target, secure=False))
        assert (401, "INVALID_CREDENTIALS") == ask.outcome(ask.send(target, secure=True))


class TestCredentials:
    @pytest.mark.parametrize("login", ["operator", "OPERATOR", "Operator"])
    def test_login(self, ask: Any, login: str) -> None:
        """A webhook's user can be a login."""
        target = ask.path().replace("/rest/1/", f"/rest/{login}/")
        assert ask.outcome(ask.send(target, b'{"CHAT_ID":2043}')) is True

    @pytest.mark.parametrize("login", ["01", "1 ", "+1", "1.0", "2", "77", "nobody", "%31%30"])
    def test_wrong_user(self, ask: Any, login: str) -> None:
        """Only a number in its own decimal form is a user's id."""
        target = ask.path().replace("/rest/1/", f"/rest/{login}/")
        assert (401, "INVALID_CREDENTIALS") == ask.outcome(ask.send(target))

    def test_webhook_as_parameters(self, ask: Any) -> None:
        """A webhook's user and secret also count as parameters."""
        secret = ask.state.users[1].webhook_secret
        response = ask.get(f"/rest/{JOIN}", aplogin=1, ap=secret, CHAT_ID=2043)
        assert ask.outcome(response) is True
        body = json.dumps({"aplogin": 1, "ap": secret, "CHAT_ID": 2043}).encode()
        assert ask.outcome(ask.send(f"/rest/{JOIN}", body)) is True

    @pytest.mark.parametrize("name", ["auth", "access_token"])
    def test_token_in_query_and_body(self, ask: Any, name: str) -> None:
        """A token is found in the query, a form and JSON."""
        token = ask.state.users[1].access_token
        target = f"/rest/{JOIN}"
        body = json.dumps({"CHAT_ID": 2043, name: token}).encode()
        form = f"CHAT_ID=2043&{name}={token}".encode()
        answers = [
            ask.get(target, CHAT_ID=2043, **{name: token}),
            ask.send(target, body),
            ask.send(target, form, "application/x-www-form-urlencoded"),
        ]
        assert [True] * 3 == [ask.outcome(answer) for answer in answers]

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_bearer(self, ask: Any, scheme: str) -> None:
        """A token in the Authorization header beats one among the parameters."""
        header = ("Authorization", f"{scheme} {ask.state.users[1].access_token}")
        body = b'{"CHAT_ID":2043,"auth":"wrong"}'
        assert ask.outcome(ask.send(f"/rest/{JOIN}", body, headers=(header,))) is True

    def test_invalid_token(self, ask: Any) -> None:
        """A token that nobody has issued is invalid."""
        assert (401, "invalid_token") == ask.outcome(ask.get(f"/rest/{JOIN}", auth="a" * 70))

    def test_list_is_no_token(self, ask: Any) -> None:
        """A token given as a list counts as none."""
        body = json.dumps({"auth": [ask.state.users[1].access_token], "CHAT_ID": 2043})
        response = ask.send(f"/rest/{JOIN}", body.encode())
        assert (401, "NO_AUTH_FOUND") == ask.outcome(response)

    def test_token_lost_with_the_body(self, ask: Any) -> None:
        """With a body that cannot be decoded the token in it is lost as well."""
        body = f'{{"CHAT_ID":2043,"auth":"{ask.state.users[1].access_token}"'
        response = ask.send(f"/rest/{JOIN}", body.encode())
        assert (401, "NO_AUTH_FOUND") == ask.outcome(response)


class TestLimiter:
    def test_over_and_under(self, ask_with: Callable[..., Any]) -> None:
        """Beyond the burst calls are 503, until the bucket has leaked."""
        now = [1000.0]
        ask = ask_with(rate=2.0, burst=3.0, clock=lambda: now[0])
        limited = (503, "QUERY_LIMIT_EXCEEDED")
        assert [True, True, True, limited, limited] == [ask.join(2043) for _ in range(5)]
        now[0] += 0.5
        assert [True, limited] == [ask.join(2043) for _ in range(2)]

    def test_default_burst(self, ask_with: Callable[..., Any]) -> None:
        """The burst is 25 times the rate, as on most plans."""
        ask = ask_with(rate=2.0, clock=lambda: 1000.0)
        assert 50 == [ask.join(2043) for _ in range(60)].count(True)

    def test_comes_first(self, ask_with: Callable[..., Any]) -> None:
        """The limit pre-empts everything, and its answer can be read across origins."""
        ask = ask_with(rate=1.0, burst=1.0, clock=lambda: 1000.0)
        ask.join(2043)
        response = ask.send("/rest/no.such")
        assert (503, "*") == (response.status, response.header("access-control-allow-origin"))


class TestThreads:
    def test_many_at_once(self, ask: Any) -> None:
        """Joins from many threads at once are all kept."""
        outcomes: list[Any] = []

        def run() -> None:
            outcomes.extend(ask.join(n) for n in (2043, 2044, 42, 2050) * 20)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {True: 240, ACCESS_DENIED: 80} == {o: outcomes.count(o) for o in set(outcomes)}
