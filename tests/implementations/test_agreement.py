"""Credentials that contradict each other are refused before any of them is sent."""

from __future__ import annotations

from typing import Any

import pytest

from b24_conformance.config import Config, parse_config
from b24_conformance.errors import ConfigError
from b24_conformance.implementations.agreement import aimed
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal

HOST = "https://portal.example"
OTHER = "https://other.example"
OWN, THEIRS = "operator0secret", "colleague0secret"
TOKEN = "some0access0token"


def hook(user: str = "1", secret: str = OWN, host: str = HOST) -> str:
    """A webhook."""
    return f"{host}/rest/{user}/{secret}/"


def config(operator: dict[str, Any], **tables: dict[str, Any]) -> Config:
    """A configuration."""
    return parse_config({"operator": operator, **tables}, "test")


def refused(given: Config) -> str:
    """Why a configuration is refused."""
    with pytest.raises(ConfigError) as caught:
        configured_portal(given, Asked())
    return str(caught.value)


def accepted(given: Config) -> bool:
    """Whether a portal comes of a configuration."""
    with configured_portal(given, Asked()) as portal:
        return portal.declaration.name == HOST


class TestTwoPeople:
    """The colleague is somebody else."""

    @pytest.mark.parametrize(
        ("operator", "colleague", "how"),
        [
            ({"webhook": hook()}, {"webhook": hook()}, "both are user 1"),
            ({"webhook": hook()}, {"webhook": hook("01", THEIRS)}, "both are user 1"),
            (
                {"access_token": TOKEN, "address": HOST, "user_id": 1},
                {"webhook": hook("1", THEIRS)},
                "both are user 1",
            ),
            (
                {"webhook": hook(), "access_token": TOKEN},
                {"webhook": hook("2", THEIRS), "access_token": TOKEN},
                "both have the same access token",
            ),
        ],
        ids=["same", "other-secret", "user-id", "token"],
    )
    def test_himself(self, operator: Any, colleague: Any, how: str) -> None:
        """A colleague who is shown to be the operator is told, with what to take instead."""
        said = refused(config(operator, colleague=colleague))
        assert f"[colleague] is the operator himself: {how}" in said
        assert "take the webhook or the token of another user" in said

    def test_user_id(self) -> None:
        """Who somebody is, is what `user_id` says, whatever his webhook calls him."""
        ivan = {"webhook": hook("api"), "user_id": 7}
        petr = {"webhook": hook("api", THEIRS), "user_id": 8}
        assert accepted(config(ivan, colleague=petr))
        same = {"webhook": hook("app", THEIRS), "user_id": 7}
        assert "both are user 7" in refused(config(ivan, colleague=same))

    def test_another(self) -> None:
        """Two users with secrets of their own are two people."""
        operator = {"webhook": hook(), "access_token": TOKEN}
        colleague = {"webhook": hook("2", THEIRS), "access_token": "another0access0token"}
        assert accepted(config(operator, colleague=colleague))


class TestOnePortal:
    """All credentials are of the portal to which they are sent."""

    @pytest.mark.parametrize(
        ("table", "key", "value"),
        [
            ("colleague", "webhook", hook("2", THEIRS, OTHER)),
            ("colleague", "webhook", hook("2", THEIRS, "http://portal.example")),
            ("colleague", "webhook", hook("2", THEIRS, f"{HOST}:8443")),
            ("colleague", "address", OTHER),
            ("credentials", "without_scope", hook("9", THEIRS, OTHER)),
            ("operator", "address", OTHER),
        ],
    )
    @pytest.mark.parametrize("stand_in", [True, False])
    def test_another(self, table: str, key: str, value: str, stand_in: bool) -> None:
        """What names another scheme, host or port is refused by its key, without its secret."""
        tables: dict[str, Any] = {"operator": {"webhook": hook()}}
        tables[table] = {"access_token": TOKEN, **tables.get(table, {})}
        if table == "credentials":
            tables[table] = {}
        tables[table][key] = value
        said = refused(config(**tables, portal={"stand_in": stand_in}))
        assert f"[{table}] {key} is of another portal" in said
        assert "give all of them one address" in said
        assert THEIRS not in said

    @pytest.mark.parametrize(
        "host",
        [
            "https://portal.example:443",
            "HTTPS://Portal.Example",
            "https://portal.example.",
            " https://portal.example",
        ],
    )
    def test_same(self, host: str) -> None:
        """One address may be written in several ways."""
        less = {"without_scope": hook("9", "less0secret0here", host)}
        colleague = {"webhook": hook("2", THEIRS, host), "address": host}
        assert accepted(config({"webhook": hook()}, colleague=colleague, credentials=less))

    def test_no_url(self) -> None:
        """An address without a host is told to be none."""
        said = refused(config({"webhook": hook(), "address": "portal.example"}))
        assert "[operator] address is no URL" in said


class TestAimed:
    """A webhook on the command line, and the rest from the config."""

    @pytest.mark.parametrize(
        ("tables", "key"),
        [
            ({"operator": {"access_token": TOKEN}}, "[operator] access_token"),
            ({"colleague": {"access_token": TOKEN}}, "[colleague] access_token"),
            ({"credentials": {"expired_token": TOKEN}}, "[credentials] expired_token"),
        ],
    )
    def test_astray(
        self, monkeypatch: pytest.MonkeyPatch, tables: dict[str, Any], key: str
    ) -> None:
        """What is of the configured portal alone is not sent to another one."""
        monkeypatch.setenv("B24_WEBHOOK", hook())
        own = {"webhook": {"env": "B24_WEBHOOK"}, **tables.pop("operator", {})}
        given = config(own, **tables)
        with pytest.raises(ConfigError) as caught:
            aimed(given, hook(host=OTHER))
        expected = f"{key} is of {HOST}, as the config says, and the target is {OTHER}"
        assert expected in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert hook("5") == aimed(given, hook("5")).operator.webhook

    def test_colleague_of_the_configured_portal(self) -> None:
        """A colleague of the portal in the config is not asked for at another one."""
        given = config({"webhook": hook()}, colleague={"webhook": hook("2", THEIRS)})
        said = refused(aimed(given, hook(host=OTHER)))
        assert "[colleague] webhook is of another portal" in said

    def test_nothing_astray(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A config with no other secret, or none that is set, may be used for any portal."""
        monkeypatch.delenv("B24_TOKEN", raising=False)
        for more in ({}, {"access_token": {"env": "B24_TOKEN"}}):
            given = aimed(config({"webhook": hook(), **more}), hook(host=OTHER))
            assert hook(host=OTHER) == given.operator.webhook


class TestUnknownPortal:
    """A webhook on the command line, where the configured one is not set."""

    @pytest.mark.parametrize("table", ["operator", "colleague"])
    def test_token(self, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
        """Nobody knows of which portal a token is; that is said, and how to tell."""
        monkeypatch.delenv("B24_UNSET", raising=False)
        unset = {"webhook": {"env": "B24_UNSET"}}
        given = config(**{"operator": unset, table: {**unset, "access_token": TOKEN}})
        with pytest.raises(ConfigError) as caught:
            aimed(given, hook(host=OTHER))
        assert f"[{table}] access_token is of the portal in the config" in str(caught.value)
        assert f'address = "{OTHER}"' in str(caught.value)


class TestWrongWayRound:
    """User and secret in each other's place."""

    @pytest.mark.parametrize("table", ["operator", "colleague", "credentials"])
    @pytest.mark.parametrize("user", ["1", "12345"])
    def test_live(self, table: str, user: str) -> None:
        """On a live portal a secret of digits behind a user of none is told, and the form."""
        key = "without_scope" if table == "credentials" else "webhook"
        tables = {"operator": {"webhook": hook()}, table: {key: hook("swapped0secret", user)}}
        said = refused(config(**tables))
        assert f"[{table}] {key} has a number in the place of the secret" in said
        assert "/rest/USER_ID/SECRET/" in said
        assert "swapped0secret" not in said

    def test_stand_in(self) -> None:
        """A stand-in may name its users by words, with secrets of three digits and more."""
        trusted = {"stand_in": True}
        assert accepted(config({"webhook": hook("admin", "12345")}, portal=trusted))
        said = refused(config({"webhook": hook("x", "1")}, portal=trusted))
        assert "the wrong way round" in said


class TestFurther:
    """Credentials that must be refused are no good ones."""

    @pytest.mark.parametrize(
        ("key", "value"), [("without_scope", hook()), ("expired_token", TOKEN)]
    )
    @pytest.mark.parametrize("whose", ["operator", "colleague"])
    def test_own(self, key: str, value: str, whose: str) -> None:
        """Good credentials of one of the two neither lack a scope nor have they expired."""
        tables = {
            "operator": {"webhook": hook("3", "another0secret")},
            whose: {"webhook": hook(), "access_token": TOKEN},
        }
        said = refused(config(**tables, credentials={key: value}))
        assert f"[credentials] {key} is the {whose}'s own" in said
