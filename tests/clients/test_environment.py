"""Which variables are kept from somebody else's program."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from b24_conformance.clients.environment import without_secrets

WORD = "bitrix24"


def kept(name: str, value: str) -> bool:
    """Whether a program finds the variable, where the word is a stand-in's secret."""
    return name in without_secrets({name: value}, known=[WORD])


class TestWords:
    """A secret that is a word like any other."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PATH", f"/home/{WORD}/bin:/usr/bin"),
            ("CREST_PATH", f"/srv/{WORD}/crest.php"),
            ("USER", WORD),
            ("TOOLS", f"{WORD}-tools my{WORD}s"),
        ],
    )
    def test_by_chance(self, name: str, value: str) -> None:
        """What a program needs, a path, and a longer word stay."""
        assert kept(name, value)

    @pytest.mark.parametrize(
        "value", [WORD, f"Bearer {WORD}", f"auth={WORD}&x=1", f"https://e.example/rest/1/{WORD}/"]
    )
    def test_secret(self, value: str) -> None:
        """By itself, in a header, in a query or in a webhook it is the secret."""
        assert not kept("ANYTHING", value)


class TestNames:
    """Variables that are ours by their names."""

    @pytest.mark.parametrize("name", ["B24_WEBHOOK", "B24_MY_TOKEN", "B24_TOKEN_2", "B24_KEY"])
    def test_secret(self, name: str) -> None:
        """They may hold a bare secret."""
        assert not kept(name, "whatever")

    @pytest.mark.parametrize(
        "name", ["B24_KEYBOARD", "B24_CONFORMANCE_TOKEN", "B24PHPSDK_AUTOLOAD"]
    )
    def test_others(self, name: str) -> None:
        """Others stay."""
        assert kept(name, "whatever")


class TestWhileItChanges:
    """The environment of a process that others change, too."""

    def test_unset(self) -> None:
        """A variable that is unset meanwhile is left out."""

        class Changing(dict[str, str]):
            def __iter__(self) -> Iterator[str]:
                names = list(super().__iter__())
                self.pop("GONE", None)
                return iter(names)

        assert {"HOME": "/"} == without_secrets(Changing(GONE="1", HOME="/"))
