"""Credentials: the operator's own, and the wrong ones that probes show on purpose."""

from __future__ import annotations

import pytest

from b24_conformance.errors import ConfigError
from b24_conformance.implementations.keyring import Keyring, Keys, Webhook, address_of, merged
from b24_conformance.probe import WRONG, Asking, Identity, Place

HOOK = Webhook.parse("https://example.bitrix24.com/rest/1/s3cr3ts3cr3tx/")
OTHER = Webhook.parse("https://example.bitrix24.com/rest/2/another0another/")
LESS = Webhook.parse("https://example.bitrix24.com/rest/9/lessless0less/")
# Those that do not look like the right ones.
ODD = ("nobodys", "wildcard", "quoted", "empty", "unscoped")
PEOPLE = {"operator": Keys(HOOK, "t0kent0ken"), "colleague": Keys(OTHER)}


def keyring(wrong: int | None = 0) -> Keyring:
    """All credentials there are."""
    return Keyring("/rest/", PEOPLE, LESS, "expired0token", wrong)


def shown(identity: Identity, place: Place = "webhook", operator: str = "operator") -> str | None:
    """The path or the token that a probe shows."""
    asking = Asking(place=place, identity=identity)
    ring = keyring()
    return ring.path_of(operator, asking) if place == "webhook" else ring.token_of(operator, asking)


class TestWebhook:
    """Reading a webhook's URL."""

    @pytest.mark.parametrize(
        ("url", "address", "path", "user", "secret"),
        [
            ("https://a.bitrix24.com/rest/1/abc/", "https://a.bitrix24.com", "/rest/", "1", "abc"),
            ("https://a.b/rest/1/abc", "https://a.b", "/rest/", "1", "abc"),
            (" http://127.0.0.1:8080/rest/7/x/ ", "http://127.0.0.1:8080", "/rest/", "7", "x"),
            ("https://a.b/sub/rest/1/abc/", "https://a.b", "/sub/rest/", "1", "abc"),
            ("https://a.b/rest/api/rest/1/abc/", "https://a.b", "/rest/api/rest/", "1", "abc"),
            ("https://a.b/rest/1/rest/", "https://a.b", "/rest/", "1", "rest"),
            ("http://[::1]:80/rest/1/abc/", "http://[::1]:80", "/rest/", "1", "abc"),
            ("https://A.B/rest/1/AbC/", "https://a.b", "/rest/", "1", "AbC"),
        ],
    )
    def test_parts(self, url: str, address: str, path: str, user: str, secret: str) -> None:
        """Address, path, user and secret are told apart."""
        hook = Webhook.parse(url)
        assert (address, path, user, secret) == (hook.address, hook.path, hook.user, hook.secret)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "example.bitrix24.com/rest/1/abc/",
            "ftp://a.b/rest/1/abc/",
            "https:///rest/1/abc/",
            "https://a.b/",
            "https://a.b/rest/",
            "https://a.b/rest/1/",
            "https://a.b/rest/1/abc/profile.json",
            "https://a.b/rest/1/abc/?x=1",
            "https://u:p@a.b/rest/1/abc/",
            "https://a.b:x/rest/1/abc/",
            "https://a.b:99999/rest/1/abc/",
        ],
    )
    def test_no_webhook(self, url: str) -> None:
        """Anything else is an error that shows the form, and not the value."""
        with pytest.raises(ConfigError) as caught:
            Webhook.parse(url)
        assert "https://example.bitrix24.com/rest/1/SECRET/" in str(caught.value)
        assert "abc" not in str(caught.value)

    def test_address(self) -> None:
        """Of a URL only scheme, host and port are ever shown."""
        assert "https://a.b:8443" == address_of("https://u:p@a.b:8443/rest/1/abc/?q#f")


class TestIdentities:
    """Whose credentials a probe shows."""

    def test_own(self) -> None:
        """The operator's own."""
        assert "/rest/1/s3cr3ts3cr3tx/" == shown("own")
        assert "t0kent0ken" == shown("own", "oauth_body")
        assert "/rest/2/another0another/" == shown("own", operator="colleague")

    def test_none(self) -> None:
        """None at all, or a user without a secret."""
        assert ("/rest/", "/rest/1/") == (shown("none"), shown("empty"))
        assert (None, None) == (shown("none", "oauth_body"), shown("empty", "oauth_body"))

    def test_unscoped(self) -> None:
        """A wrong secret of the user without the scope stands at his address; no token is right."""
        path, token = str(shown("unscoped")), shown("unscoped", "bearer")
        assert path.startswith("/rest/9/")
        assert "lessless0less" not in path
        assert token not in (None, "t0kent0ken")

    @pytest.mark.parametrize("identity", [one for one in WRONG if one not in ODD])
    def test_wrong(self, identity: Identity) -> None:
        """Wrong ones differ from the right ones, and look like them."""
        path, token = str(shown(identity)), str(shown(identity, "bearer"))
        secret = path.removeprefix("/rest/1/").removesuffix("/")
        assert path.startswith("/rest/1/")
        assert secret not in ("s3cr3ts3cr3tx", "")
        assert token not in ("t0kent0ken", "")
        assert secret.isalnum()

    def test_nobodys(self) -> None:
        """Nobody's number begins like the operator's; the secret under it is the operator's."""
        assert "/rest/199999999/s3cr3ts3cr3tx/" == shown("nobodys")

    def test_swapped(self) -> None:
        """A token stands where the secret belongs, and a secret where the token does."""
        assert "/rest/1/t0kent0ken/" == shown("swapped")
        assert "s3cr3ts3cr3tx" == shown("swapped", "oauth_body")

    @pytest.mark.parametrize("token", [None, "s3cr3ts3cr3tx", "ab/cd/EF0987654321zz"])
    def test_nothing_to_swap(self, token: str | None) -> None:
        """Who has no token, one word for both or a token with a slash shows another secret."""
        ring = Keyring("/rest/", {"operator": Keys(HOOK, token)})
        path = ring.path_of("operator", Asking(identity="swapped"))
        assert "/rest/1/s3cr3ts3cr3ty/" == path

    def test_doubled(self) -> None:
        """Beside a wrong secret stands a wrong token, whether or not there is a right one."""
        assert shown("doubled") == shown("random")
        for token in ("t0kent0ken", None):
            ring = Keyring("/rest/", {"operator": Keys(HOOK, token)})
            assert ring.token_of("operator", Asking(identity="doubled")) not in (token, "", None)

    def test_random_tells_nothing(self) -> None:
        """A random secret shares no piece with the real one."""
        secret = str(shown("random")).split("/")[3]
        assert len("s3cr3ts3cr3tx") == len(secret)
        assert not any(secret[i : i + 4] in "s3cr3ts3cr3tx" for i in range(len(secret) - 3))

    def test_altered(self) -> None:
        """An altered secret differs in its last character, whatever that is."""
        assert "/rest/1/s3cr3ts3cr3ty/" == shown("altered")
        assert "/rest/2/another0anothex/" == shown("altered", operator="colleague")

    def test_of_one_letter(self) -> None:
        """A secret that stays what it is by one way of spoiling it is spoilt by another."""
        keys = Keys(Webhook("https://example.bitrix24.com", "/rest/", "1", "1"))
        path = Keyring("/rest/", {"operator": keys}).path_of(
            "operator", Asking(identity="truncated")
        )
        assert "/rest/1/x/" == path

    def test_anothers(self) -> None:
        """Another's secret stands under one's own user."""
        assert "/rest/1/another0another/" == shown("anothers")
        assert "/rest/2/s3cr3ts3cr3tx/" == shown("anothers", operator="colleague")

    def test_configured(self) -> None:
        """What is configured is shown as it is."""
        assert "/rest/9/lessless0less/" == shown("without_scope")
        assert "expired0token" == shown("expired", "oauth_body")

    def test_seed(self) -> None:
        """The same seed spoils secrets alike; without a seed every time otherwise."""
        asking = Asking(identity="random")
        paths = {keyring(1).path_of("operator", asking) for _ in range(3)}
        others = {keyring(2).path_of("operator", asking)}
        free = {keyring(None).path_of("operator", asking) for _ in range(3)}
        assert (1, 3, False) == (len(paths), len(free), bool(paths & others))

    def test_no_webhook(self) -> None:
        """Who has no webhook cannot ask by one."""
        ring = Keyring("/rest/", {"operator": Keys(None, "t0ken")})
        with pytest.raises(ConfigError, match="has no webhook"):
            ring.path_of("operator", Asking())


class TestSecrets:
    """What has to be hidden."""

    def test_every_secret_has_a_label(self) -> None:
        """Each secret is known by a label of its own."""
        assert {
            "$B24_WEBHOOK": "s3cr3ts3cr3tx",
            "$B24_TOKEN": "t0kent0ken",
            "$B24_COLLEAGUE_WEBHOOK": "another0another",
            "$B24_WITHOUT_SCOPE": "lessless0less",
            "$B24_EXPIRED_TOKEN": "expired0token",
        } == keyring().secrets()

    def test_merged(self) -> None:
        """A label that two implementations use for two secrets gets a number."""
        groups = [{"$A": "1", "$B": "2"}, {"$A": "3", "$B": "2"}, {"$A": "4"}]
        assert {"$A": "1", "$B": "2", "$A_2": "3", "$A_3": "4"} == merged(groups)
