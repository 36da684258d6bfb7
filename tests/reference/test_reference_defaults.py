"""The default portal answers what its declarations demand."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from b24_conformance.reference import DECLARATIONS, default_state

DEMANDS = {
    "joinable": True,
    "joined": True,
    "access_denied": (400, "ACCESS_DENIED"),
    "not_open_line": (400, "CHAT_TYPE"),
    "absent": (400, "CHAT_ID"),
}
USERS = {"operator": 1, "colleague": 2}
CASES = [
    (USERS[who], chat_id, key)
    for who, lists in DECLARATIONS.items()
    for key, chats in lists.items()
    for chat_id in chats
]


class TestDeclarations:
    @pytest.mark.parametrize(("user", "chat_id", "key"), CASES)
    def test_kept(self, ask: Any, user: int, chat_id: int, key: str) -> None:
        """Each declared chat gives its user what the declaration demands."""
        member = user in ask.members(chat_id)
        assert member is (key in ("joined", "not_open_line"))
        assert DEMANDS[key] == ask.join(chat_id, user)

    @pytest.mark.parametrize("who", DECLARATIONS)
    def test_each_chat_once(self, who: str) -> None:
        """No chat is declared twice for one user, and none of the five lists is empty."""
        lists = DECLARATIONS[who]
        assert list(DEMANDS) == list(lists)
        declared = [chat_id for chats in lists.values() for chat_id in chats]
        assert len(set(declared)) == len(declared)
        assert all(lists.values())

    @pytest.mark.parametrize("who", DECLARATIONS)
    def test_nothing_forgotten(self, who: str) -> None:
        """Every open line, and every other chat of the user's, is declared."""
        declared = {chat_id for chats in DECLARATIONS[who].values() for chat_id in chats}
        expected = {
            chat.id
            for chat in default_state().chats.values()
            if chat.open_line or USERS[who] in chat.members
        }
        assert expected == declared - set(DECLARATIONS[who]["absent"])

    def test_secrets_differ(self) -> None:
        """No two credentials of the default portal are equal."""
        users = default_state().users.values()
        secrets = [
            secret
            for user in users
            for secret in (
                user.webhook_secret,
                user.access_token,
                user.refresh_token,
                user.expired_token,
            )
            if secret
        ]
        assert len(set(secrets)) == len(secrets)


class TestApartness:
    def test_imports_nothing_of_the_suite(self) -> None:
        """The reference portal loads no other module of the suite than its own."""
        program = (
            "import sys, b24_conformance; known = set(sys.modules);"
            "import b24_conformance.reference;"
            "print([n for n in set(sys.modules) - known if n.startswith('b24_conformance')"
            " and not n.startswith('b24_conformance.reference')])"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert "[]" == ran.stdout.strip()
