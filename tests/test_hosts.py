"""What an address says of its host."""

from __future__ import annotations

import os

import pytest

from b24_conformance.hosts import readable, unused_proxy

PORTAL = "https://portal.example"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's own proxies are, none is set."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


class TestReadable:
    """What can be read on its way."""

    @pytest.mark.parametrize(
        "address", ["http://portal.example", "http://10.0.0.7:8080", "http://localhost.example"]
    )
    def test_network(self, address: str) -> None:
        """Without TLS a network can be listened to."""
        assert readable(address)

    @pytest.mark.parametrize(
        "address",
        [
            "https://portal.example",
            "http://127.0.0.1:8080",
            "http://127.3.2.1",
            "http://[::1]:8080",
            "http://localhost",
            "http://LOCALHOST.",
            "http://portal.localhost",
            "app:module:attribute",
        ],
    )
    def test_here_or_covered(self, address: str) -> None:
        """What stays on this machine, or in this process, cannot."""
        assert not readable(address)


class TestProxies:
    """Proxies of the environment, which are never used."""

    @pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
    def test_set(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """The variable that would count is named as it is written."""
        monkeypatch.setenv(name, "http://user:password@proxy.example:3128")
        assert name == unused_proxy(PORTAL)

    @pytest.mark.parametrize(
        ("more", "address"),
        [
            ({}, "http://portal.example"),
            ({}, "https://127.0.0.1:1"),
            ({"NO_PROXY": "portal.example"}, PORTAL),
            ({"no_proxy": ".example"}, PORTAL),
            ({"NO_PROXY": "*"}, PORTAL),
            ({"NO_PROXY": "portal.example:8443"}, f"{PORTAL}:8443"),
            ({"HTTPS_PROXY": ""}, PORTAL),
        ],
        ids=["other-scheme", "here", "name", "domain", "all", "port", "empty"],
    )
    def test_not_for_it(
        self, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], address: str
    ) -> None:
        """A proxy for another scheme, or one that NO_PROXY keeps from a host, is not told."""
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        assert unused_proxy(address) is None
