"""The configuration: what is read, what is refused, and what the error says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from b24_conformance.config import Config, checked_rung, load_config, parse_config, reveal
from b24_conformance.errors import ConfigError

WHOLE = """
[portal]
stand_in = false
without = ["xml"]
ca_file = "ca.pem"
[operator]
webhook = { env = "B24_WEBHOOK" }
access_token = { env = "B24_TOKEN" }
[operator.chats]
joinable = [2043]
joined = [2045]
access_denied = [2050]
not_open_line = [12]
absent = [999999999]
[colleague]
webhook = "https://example.bitrix24.com/rest/2/abcdefghijkl/"
[colleague.chats]
access_denied = [2043]
[credentials]
without_scope = "https://example.bitrix24.com/rest/9/abcdefghijkl/"
expired_token = "expired"
[run]
joins = "refused"
reports = "out"
rate = "2/s"
clause = ["refusal.*"]
seed = 7
max_requests = 100
strict = true
"""


def parsed(text: str) -> Config:
    """The configuration in a text."""
    return parse_config(tomllib.loads(text), "b24-conformance.toml")


def error(text: str) -> str:
    """What is wrong with a text."""
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    assert 2 == caught.value.exit_code
    return str(caught.value)


class TestWhole:
    """A configuration with everything in it."""

    def test_values(self) -> None:
        """Everything lands where it belongs."""
        config = parsed(WHOLE)
        assert ("xml",) == config.portal.without
        assert (2043,) == config.operator.chats.joinable
        assert {"env": "B24_WEBHOOK"} == config.operator.webhook
        assert config.colleague is not None
        assert (2043,) == config.colleague.chats.access_denied
        assert ("refused", 7, 100, True) == (
            config.run.joins,
            config.run.seed,
            config.run.max_requests,
            config.run.strict,
        )
        assert config.names_a_portal

    def test_empty(self) -> None:
        """An empty one is live, and names no portal."""
        assert Config() == parsed("")
        assert not parsed("").portal.stand_in
        assert not parsed("").names_a_portal


class TestTypos:
    """An unknown key names the nearest known one."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[portl]", ["'portl'", "'portal'"]),
            ("[portal]\nstandin = true", ["[portal]", "'standin'", "'stand_in'"]),
            ("[operator]\nwebhok = 'x'", ["[operator]", "'webhok'", "'webhook'"]),
            ("[operator.chats]\njoinble = [1]", ["[operator.chats]", "'joinble'", "'joinable'"]),
            ("[colleague.chats]\nabsnt = [1]", ["[colleague.chats]", "'absnt'", "'absent'"]),
            ("[run]\nmax-requests = 5", ["[run]", "'max-requests'", "'max_requests'"]),
            ("[credentials]\nexpired = 'x'", ["[credentials]", "'expired_token'"]),
            ("[portal]\nzzz = 1", ["known are: ", "stand_in", "without"]),
            ("operator = 5", ["operator must be a table"]),
            ("[operator]\nchats = [5]", ["operator.chats must be a table"]),
        ],
    )
    def test_unknown_keys(self, text: str, told: list[str]) -> None:
        """Table, key and the nearest known key are named."""
        found = error(text)
        assert "b24-conformance.toml" in found
        assert [] == [word for word in told if word not in found]

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("[portal]\nstand_in = 'yes'", "portal.stand_in"),
            ("[portal]\nstand_in = 1", "portal.stand_in"),
            ("[portal]\nwithout = 'xml'", "portal.without"),
            ("[operator.chats]\njoined = 5", "operator.chats.joined"),
            ("[operator.chats]\njoined = ['5']", "operator.chats.joined"),
            ("[operator.chats]\njoined = [5.0]", "operator.chats.joined"),
            ("[run]\nseed = 'x'", "run.seed"),
            ("[run]\njoins = 'all'", "run.joins"),
            ("[operator]\nwebhook = 5", "operator.webhook"),
            ("[operator]\nwebhook = { env = 5 }", "operator.webhook"),
        ],
    )
    def test_types(self, text: str, key: str) -> None:
        """A value of another type names its key."""
        assert key in error(text)

    def test_no_values_are_told(self) -> None:
        """What stands there instead may be a secret, and is not repeated."""
        text = "[operator]\nwebhook = ['https://a.b/rest/1/s3cr3ts3cr3t/']\n"
        assert "s3cr3t" not in error(text)


class TestChats:
    """One chat demands one answer."""

    def test_two_lists(self) -> None:
        """A chat in two lists is named with both."""
        found = error("[operator.chats]\njoined = [5]\nabsent = [5]")
        assert [] == [word for word in ("chat 5", "joined", "absent") if word not in found]

    def test_twice_in_one_list(self) -> None:
        """Twice in one list is once."""
        assert parsed("[operator.chats]\njoined = [5, 5]").operator.chats.kind(5) == "joined"

    def test_two_operators(self) -> None:
        """Two operators may demand two answers."""
        text = "[operator.chats]\njoined = [5]\n[colleague.chats]\naccess_denied = [5]"
        assert parsed(text).colleague is not None

    @pytest.mark.parametrize("chat", [0, -1, 2**63])
    def test_no_id(self, chat: int) -> None:
        """What is no chat id is refused."""
        for table in ("operator", "colleague"):
            assert "no chat id" in error(f"[{table}.chats]\njoined = [{chat}]") or chat == 2**63

    @pytest.mark.parametrize("kind", ["joinable", "joined", "access_denied", "not_open_line"])
    def test_absent_for_one_only(self, kind: str) -> None:
        """A chat cannot exist for one operator and not for the other."""
        own, theirs = f"[operator.chats]\n{kind} = [12]", "[colleague.chats]\nabsent = [12]"
        assert "chat 12" in error(f"{own}\n{theirs}")
        assert "chat 12" in error(
            f"[operator.chats]\nabsent = [12]\n[colleague.chats]\n{kind} = [12]"
        )

    def test_another_kind_for_one_only(self) -> None:
        """An old open line's chat is one for its members only: that is no contradiction."""
        own, theirs = "[operator.chats]\njoined = [12]", "[colleague.chats]\nnot_open_line = [12]"
        config = parse_config(tomllib.loads(f"{own}\n{theirs}"), "config")
        assert config.colleague is not None
        assert (12,) == config.operator.chats.joined == config.colleague.chats.not_open_line


class TestFiles:
    """Which file is read."""

    def test_default(self, tmp_path: Path) -> None:
        """b24-conformance.toml in the folder, else the table in pyproject.toml, else nothing."""
        assert Config() == load_config(None, tmp_path)
        (tmp_path / "pyproject.toml").write_text("[tool.b24-conformance.run]\nseed = 1\n")
        assert 1 == load_config(None, tmp_path).run.seed
        (tmp_path / "b24-conformance.toml").write_text("[run]\nseed = 2\n")
        assert 2 == load_config(None, tmp_path).run.seed

    def test_named_pyproject(self, tmp_path: Path) -> None:
        """A pyproject.toml that is named is read as one that is found."""
        (tmp_path / "pyproject.toml").write_text("[tool.b24-conformance.run]\nseed = 1\n")
        assert 1 == load_config(tmp_path / "pyproject.toml", tmp_path / "elsewhere").run.seed

    def test_pyproject_of_somebody_else(self, tmp_path: Path) -> None:
        """A pyproject.toml without the table is no configuration."""
        (tmp_path / "pyproject.toml").write_text("[tool.other]\nseed = 1\n")
        assert Config() == load_config(None, tmp_path)

    def test_typo_in_pyproject(self, tmp_path: Path) -> None:
        """An error in the table names the table."""
        (tmp_path / "pyproject.toml").write_text("[tool.b24-conformance.run]\nsed = 1\n")
        with pytest.raises(ConfigError, match=r"pyproject\.toml \[tool\.b24-conformance\]"):
            load_config(None, tmp_path)

    def test_named(self, tmp_path: Path) -> None:
        """A file that is named wins, and must be there."""
        (tmp_path / "b24-conformance.toml").write_text("[run]\nseed = 2\n")
        (tmp_path / "other.toml").write_text("[run]\nseed = 3\n")
        assert 3 == load_config(tmp_path / "other.toml", tmp_path).run.seed
        with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
            load_config(tmp_path / "none.toml", tmp_path)

    @pytest.mark.parametrize("content", [b"[portal", b"\xff\xfe", b"a = 1\na = 2\n"])
    def test_no_toml(self, tmp_path: Path, content: bytes) -> None:
        """A file that is no TOML is named as such."""
        (tmp_path / "b24-conformance.toml").write_bytes(content)
        with pytest.raises(ConfigError, match=r"b24-conformance\.toml is not TOML"):
            load_config(None, tmp_path)


class TestSecrets:
    """Secrets may stand in the environment."""

    def test_text(self) -> None:
        """A text is itself, and nothing is nothing."""
        assert ("x", None) == (reveal("x", "key"), reveal(None, "key"))

    def test_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A variable's value is used without the spaces around it."""
        monkeypatch.setenv("B24_TEST", " value\n")
        assert "value" == reveal({"env": "B24_TEST"}, "key")

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_unset(self, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
        """An unset or empty one is an error that names it, unless it is optional."""
        monkeypatch.delenv("B24_TEST", raising=False)
        if value is not None:
            monkeypatch.setenv("B24_TEST", value)
        with pytest.raises(ConfigError, match="B24_TEST is not set"):
            reveal({"env": "B24_TEST"}, "key")
        assert reveal({"env": "B24_TEST"}, "key", optional=True) is None

    def test_other_tables(self) -> None:
        """A table without one known source is no secret."""
        for table in ({"enviroment": "x"}, {"env": "A", "file": "x"}, {}):
            with pytest.raises(ConfigError, match="env"):
                reveal(table, "key")


class TestRungs:
    """Rungs by their names."""

    def test_known(self) -> None:
        """The four rungs."""
        names = ["none", "refused", "repeat", "new"]
        assert names == [checked_rung(name) for name in names]

    def test_unknown(self) -> None:
        """Any other names the nearest."""
        with pytest.raises(ConfigError, match="did you mean 'refused'"):
            checked_rung("refuse")
