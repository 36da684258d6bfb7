"""Methods around the join, and the renewal of tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from b24_conformance.reference.defaults import CUSTOMER

JOIN = "imopenlines.session.join"
FORM = "application/x-www-form-urlencoded"


class TestWhoAmI:
    def test_profile(self, ask: Any) -> None:
        """profile says who the caller is."""
        assert "2" == ask.call("profile", user=2)["result"]["ID"]

    def test_scope(self, ask: Any) -> None:
        """scope lists the caller's scopes."""
        assert [["imopenlines", "im"], ["im"]] == [
            ask.call("scope", user=user)["result"] for user in (1, 9)
        ]

    @pytest.mark.parametrize(
        ("user", "name", "expected"),
        [(1, JOIN, [True, True]), (9, JOIN, [True, False]), (1, "no.such", [False, False])],
    )
    def test_method_get(self, ask: Any, user: int, name: str, expected: list[bool]) -> None:
        """method.get says whether a method is there, and whether the caller may call it."""
        result = ask.call("method.get", user=user, name=name)["result"]
        assert expected == [result["isExisting"], result["isAvailable"]]


class TestMembership:
    def test_before_and_after(self, ask: Any) -> None:
        """A join shows in im.chat.user.list, and so does leaving."""
        seen = [ask.call("im.chat.user.list", CHAT_ID=2043)["result"]]
        ask.join(2043)
        seen.append(ask.call("im.chat.user.list", chat_id="2043")["result"])
        assert ask.call("im.chat.leave", CHAT_ID=2043)["result"] is True
        seen.append(ask.call("im.chat.user.list", CHAT_ID=2043)["result"])
        assert [[CUSTOMER], [1, CUSTOMER], [CUSTOMER]] == seen

    @pytest.mark.parametrize(
        ("user", "expected"), [(1, [1, CUSTOMER]), (2, [1, CUSTOMER]), (9, [])]
    )
    def test_who_may_see(self, ask: Any, user: int, expected: list[int]) -> None:
        """Who is no member and may not join sees nobody."""
        assert expected == ask.call("im.chat.user.list", user=user, CHAT_ID=2045)["result"]

    @pytest.mark.parametrize(
        ("method", "parameters", "expected"),
        [
            ("im.chat.user.list", {}, (400, "CHAT_ID_EMPTY")),
            ("im.chat.leave", {"CHAT_ID": 0}, (400, "CHAT_ID_EMPTY")),
            ("im.chat.leave", {"CHAT_ID": 999999999}, (403, "ACCESS_ERROR")),
            ("im.chat.leave", {"CHAT_ID": 13}, (403, "ACCESS_ERROR")),
            ("im.chat.leave", {"CHAT_ID": 2043}, (403, "ACCESS_DENIED_KICK")),
            ("im.dialog.users.list", {"DIALOG_ID": "2045"}, (400, "DIALOG_ID_EMPTY")),
            ("im.dialog.users.list", {"DIALOG_ID": "chat2050"}, (403, "ACCESS_ERROR")),
            ("imopenlines.dialog.get", {}, (400, "ACCESS_ERROR")),
            ("imopenlines.dialog.get", {"CHAT_ID": 2050}, (400, "ACCESS_ERROR")),
            ("imopenlines.dialog.get", {"CHAT_ID": 12}, (400, "ACCESS_ERROR")),
        ],
    )
    def test_errors(self, ask: Any, method: str, parameters: Any, expected: Any) -> None:
        """Each helper refuses with its own codes."""
        response = ask.send(ask.path(method), json.dumps(parameters).encode())
        assert expected == ask.outcome(response)

    def test_dialog_get(self, ask: Any) -> None:
        """The role in imopenlines.dialog.get follows the join."""
        roles = []
        for _ in range(2):
            for parameters in ({"chat_id": 2046}, {"DIALOG_ID": "chat2046"}):
                fields = ask.call("imopenlines.dialog.get", **parameters)["result"]
                roles.append((fields["role"], fields["user_counter"], fields["message_type"]))
            ask.join(2046)
        assert [("guest", 1, "L")] * 2 + [("member", 2, "L")] * 2 == roles

    def test_lists(self, ask: Any) -> None:
        """The other lists show the caller's chats, and a chat's members."""
        recent = ask.call("im.recent.list")["result"]["items"]
        lines = [item["chat_id"] for item in recent if item["type"] == "lines"]
        assert [2045, 7000, 2147483653] == sorted(lines)
        users = ask.call("im.dialog.users.list", DIALOG_ID="chat12")["result"]
        assert [1, 3] == [user["id"] for user in users]


class TestTokens:
    def renew(self, ask: Any, **more: Any) -> Any:
        """Renew by GET, unless told otherwise."""
        query = urlencode(
            {
                "grant_type": "refresh_token",
                "client_id": "app",
                "client_secret": "x",
                "refresh_token": ask.state.users[1].refresh_token,
            }
            | more
        )
        return ask.send(f"/oauth/token/?{query}", verb="GET", headers=(("Host", "portal:81"),))

    def test_renewed(self, ask: Any) -> None:
        """A refresh token gives new tokens, which work and can be renewed in their turn."""
        body = json.loads(self.renew(ask).body)
        assert (
            ask.outcome(ask.get(f"/rest/{JOIN}", auth=body["access_token"], CHAT_ID=2043)) is True
        )
        again = json.loads(self.renew(ask, refresh_token=body["refresh_token"]).body)
        assert 3 == len({body["access_token"], again["access_token"], again["refresh_token"]})

    def test_fields(self, ask: Any) -> None:
        """The fields are those of the documentation."""
        body = json.loads(self.renew(ask).body)
        expected = {
            "expires_in": 3600,
            "domain": "portal:81",
            "client_endpoint": "https://portal:81/rest/",
            "server_endpoint": "https://portal:81/rest/",
            "status": "L",
            "scope": "imopenlines,im",
            "user_id": 1,
        }
        assert expected == {key: body[key] for key in expected}
        assert {"access_token", "refresh_token", "expires", "member_id"} <= set(body)

    def test_post(self, ask: Any) -> None:
        """A POST form does as well, without the slash at the end too."""
        token = ask.state.users[2].refresh_token
        form = f"grant_type=refresh_token&refresh_token={token}".encode()
        assert 2 == json.loads(ask.send("/oauth/token", form, FORM).body)["user_id"]

    def test_expiry(self, ask_with: Callable[..., Any]) -> None:
        """An issued token expires after an hour."""
        now = [1000.0]
        ask = ask_with(clock=lambda: now[0])
        token = json.loads(self.renew(ask).body)["access_token"]
        outcomes = []
        for instant in (4599.0, 4600.0):
            now[0] = instant
            outcomes.append(ask.outcome(ask.get(f"/rest/{JOIN}", auth=token, CHAT_ID=2043)))
        assert [True, (401, "expired_token")] == outcomes

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"refresh_token": "wrong"}, (401, "invalid_grant")),
            ({"refresh_token": ""}, (400, "invalid_request")),
            ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ],
    )
    def test_refused(self, ask: Any, changes: Any, expected: Any) -> None:
        """What cannot be renewed is refused."""
        assert expected == ask.outcome(self.renew(ask, **changes))
