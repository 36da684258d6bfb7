"""The state file, and the messages for what is wrong in it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from b24_conformance.reference import Portal, Request, State, StateError, default_state, webhooks
from b24_conformance.reference.state import USER_KEYS

GOOD = """
[portal]
kernel = "old"
language = "ru"
rate = 2
[users.1]
webhook_secret = "abc"
access_token = "token-1"
[chats.2043]
kind = "open_line"
may_join = [1]
members = [7]
[chats.12]
kind = "group"
"""


class TestLoading:
    def test_values(self, tmp_path: Path) -> None:
        """A state file says what the portal is, who may call it, and which chats there are."""
        path = tmp_path / "state.toml"
        path.write_text(GOOD, "utf-8")
        state = State.load(path)
        assert ("old", "ru", 2.0) == (state.kernel, state.language, state.rate)
        assert ("imopenlines", "im") == state.users[1].scopes
        assert frozenset({7}) == state.chats[2043].members
        assert "group" == state.chats[12].kind

    def test_empty(self) -> None:
        """An empty file is a portal with nobody and nothing in it."""
        state = State.parse("")
        assert ("new", "en", None, {}, {}) == (
            state.kernel,
            state.language,
            state.rate,
            dict(state.users),
            dict(state.chats),
        )

    def test_webhooks(self) -> None:
        """Each user with a secret has a webhook."""
        expected = {1: "http://127.0.0.1:8000/rest/1/abc/"}
        assert expected == webhooks("http://127.0.0.1:8000", State.parse(GOOD))

    def test_secrets_hide(self) -> None:
        """The representation of a state shows no credential."""
        state = default_state()
        assert state.users[1].webhook_secret not in repr(state)


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("[portl]", ["portl", "'portal'"]),
            ('[users.1]\nwebhook_secrt = "a"', ["users.1.webhook_secrt", "'webhook_secret'"]),
            ('[chats.5]\nkinds = "group"', ["chats.5.kinds", "'kind'"]),
            ("[chats.5]", ["chats.5.kind", "missing", "open_line"]),
            ('[chats.5]\nkind = "line"', ["chats.5.kind", "open_line", "'line'"]),
            ('[chats.five]\nkind = "group"', ["chats.five", "not an id"]),
            ('[chats.0]\nkind = "group"', ["chats.0", "not an id"]),
            ("[chats]\n5 = 1", ["chats.5", "a table"]),
            ('[chats.5]\nkind = "group"\nmembers = ["1"]', ["chats.5.members", "user ids"]),
            ('[chats.5]\nkind = "group"\nmembers = [true]', ["chats.5.members", "user ids"]),
            ('[chats.5]\nkind = "group"\nmay_join = [1]', ["chats.5", "may_join", "open_line"]),
            ('[portal]\nkernel = "newer"', ["portal.kernel", "new, old"]),
            ("[portal]\nkernel = []", ["portal.kernel", "new, old"]),
            ('[portal]\nlanguage = "de"', ["portal.language", "en, ru"]),
            ("[portal]\nrate = 0", ["portal.rate", "above 0"]),
            ("[portal]\nrate = nan", ["portal.rate", "above 0"]),
            ("[portal]\nrate = true", ["portal.rate", "above 0"]),
            ("[portal]\nburst = 5", ["portal.burst", "portal.rate"]),
            ("[portal]\nhttps_only = 1", ["portal.https_only", "true or false"]),
            ('[users.1]\nscopes = "im"', ["users.1.scopes", "a list of texts"]),
            ("portal = 1", ["portal", "a table"]),
            ("[portal", ["not TOML"]),
        ],
    )
    def test_message(self, text: str, pieces: list[str]) -> None:
        """An error says where it is, what is wrong, and what is known there."""
        with pytest.raises(StateError) as caught:
            State.parse(text)
        assert [] == [piece for piece in pieces if piece not in str(caught.value)]

    def test_secret_is_not_shown(self) -> None:
        """An error about a credential does not show it."""
        with pytest.raises(StateError) as caught:
            State.parse('[users.1]\nwebhook_secret = "with space"')
        assert "with space" not in str(caught.value)

    def test_shared_token(self) -> None:
        """Two users cannot have one token."""
        with pytest.raises(StateError, match=r"users\.2\.access_token.*users\.1\.access_token"):
            State.parse('[users.1]\naccess_token = "x"\n[users.2]\naccess_token = "x"')

    def test_file(self, tmp_path: Path) -> None:
        """An error names the file, also where it cannot be read."""
        with pytest.raises(StateError, match=r"absent\.toml"):
            State.load(tmp_path / "absent.toml")
        (tmp_path / "bad.toml").write_bytes(b"\xff")
        with pytest.raises(StateError, match=r"bad\.toml"):
            State.load(tmp_path / "bad.toml")


class TestDocumentation:
    """The page that shows a state."""

    def test_example(self) -> None:
        """The example of docs/state.md is a state, and answers what its comments say."""
        page = Path(__file__).parents[2] / "docs" / "state.md"
        text = page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
        portal = Portal(State.parse(text))
        told = re.findall(r"^\[chats\.(\d+)\].*-> (\w+)$", text, re.M)
        assert told
        for chat, answer in [*told, ("999", "CHAT_ID")]:
            body = json.dumps({"CHAT_ID": int(chat)}).encode()
            target = "/rest/1/operators-secret/imopenlines.session.join"
            headers = (("Content-Type", "application/json"),)
            came = json.loads(portal.answer(Request("POST", target, headers, body)).body)
            assert (chat, answer) == (chat, came.get("error") or json.dumps(came["result"]))

    def test_every_key(self) -> None:
        """The example has every key that there is."""
        page = Path(__file__).parents[2] / "docs" / "state.md"
        text = page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
        tables = tomllib.loads(text)
        chats = {key for chat in tables["chats"].values() for key in chat}
        assert {"kernel", "language", "rate", "burst", "https_only"} == set(tables["portal"])
        assert set(USER_KEYS) == set(tables["users"]["1"])
        assert {"kind", "members", "may_join", "offered_to"} == chats
