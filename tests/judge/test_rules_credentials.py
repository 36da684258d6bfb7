"""Rules of credentials: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DENIED,
    JOINED,
    Asked,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refused,
    response,
    showing,
    trial,
)

from b24_conformance import ways
from b24_conformance.outcome import Outcome
from b24_conformance.probe import UNKNOWN, WRONG, Asking, Identity

OWN: Asked = (p(2045), JOINED)
NONE = refused("NO_AUTH_FOUND", 401)
INVALID = refused("INVALID_CREDENTIALS", 403)
TOKEN = refused("invalid_token", 401)


def shut_out(clause: str, identity: str, place: str = "webhook", came: object = INVALID) -> Case:
    """Unsound credentials that are refused, and that are let in."""
    probe = showing(identity, place)
    return Case(clause, [OWN, (probe, came)], [OWN, (probe, JOINED)])  # type: ignore[list-item]


def named(clause: str, identity: str, place: str, code: str, other: str) -> Case:
    """Unsound credentials that are refused by their own code, and by another's."""
    probe = showing(identity, place)
    return Case(clause, [OWN, (probe, refused(code, 401))], [OWN, (probe, refused(other, 401))])


RANDOM_ZERO = showing("random", chat_id=0)
NO_METHOD = p(None, method=UNKNOWN, asking=Asking(identity="random"))
NOT_FOUND = refused("ERROR_METHOD_NOT_FOUND", 404)
CASES = [
    shut_out("credentials.none", "none", came=NONE),
    *(shut_out("credentials.wrong-secret", identity) for identity in WRONG),
    *(shut_out("oauth.wrong-token", identity, "oauth_body", TOKEN) for identity in WRONG),
    shut_out("credentials.wrong-secret", "altered", came=NONE),
    shut_out(
        "credentials.wrong-secret", "truncated", came=DENIED._replace(outcome=INVALID.outcome)
    ),
    shut_out("credentials.anothers-secret", "anothers"),
    Case(
        "credentials.none",
        [OWN, (showing("none"), refused("ACCESS_DENIED", 403))],
        [OWN, (showing("none"), CHAT_TYPE)],
    ),
    Case(
        "credentials.none",
        [OWN, (showing("none"), NONE)],
        [OWN, (showing("none"), broken("<html>", 401))],
    ),
    Case(
        "credentials.none",
        [OWN, (showing("none"), NONE)],
        [OWN, (showing("none"), refused("NO_AUTH_FOUND", 200))],
    ),
    named("credentials.scope", "without_scope", "webhook", "insufficient_scope", "NO_AUTH_FOUND"),
    named("oauth.expired-token", "expired", "oauth_body", "expired_token", "invalid_token"),
    shut_out("oauth.expired-token", "expired", "bearer", came=NONE),
    named("credentials.codes", "none", "webhook", "NO_AUTH_FOUND", "INVALID_CREDENTIALS"),
    named("credentials.codes", "random", "webhook", "INVALID_CREDENTIALS", "expired_token"),
    named("credentials.codes", "expired", "oauth_body", "expired_token", "NO_AUTH_FOUND"),
    Case(
        "credentials.codes",
        [OWN, (showing("none"), NONE)],
        [OWN, (showing("none"), refused("NO_AUTH_FOUND", 403))],
    ),
    Case(
        "precedence.credentials",
        [OWN, (RANDOM_ZERO, refused("INVALID_CREDENTIALS", 401))],
        [OWN, (RANDOM_ZERO, CHAT_ID)],
    ),
    Case("precedence.method", [OWN, (NO_METHOD, NOT_FOUND)], [OWN, (NO_METHOD, INVALID)]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


def in_json(status: int, **fields: object) -> Came:
    """What a web server may say in JSON of an address that it does not know."""
    return Came(Outcome("refused", code="Not Found", status=status), response(fields, status))


class TestUnknownMethod:
    """A method that is not there, asked for with wrong credentials."""

    @pytest.mark.parametrize(
        ("came", "expected"),
        [
            (broken("<html>", 404), "passed"),
            (broken("", 404), "passed"),
            (broken('{"detail":"Not Found"}', 404), "passed"),
            (in_json(404, error="Not Found", statusCode=404), "passed"),
            (broken("<html>", 405), "passed"),
            (broken('{"error":7,"error_description":""}', 404), "passed"),
            (broken("<html>", 403), "failed"),
            (broken("<html>", 200), "failed"),
            (refused("ERROR_METHOD_NOT_FOUND", 400), "failed"),
            (refused("INVALID_CREDENTIALS", 404), "failed"),
            (refused("INVALID_CREDENTIALS", 401), "failed"),
            (JOINED, "failed"),
        ],
    )
    def test_told_as_such(self, came: Came, expected: str) -> None:
        """By the portal's code, or by a page of a web server that knows no portal."""
        assert expected == judged("precedence.method", [OWN, (NO_METHOD, came)]).status

    def test_nobody_let_in(self) -> None:
        """Where sound credentials get no further, it tells nothing."""
        asked = [(p(2045), NOT_FOUND), (NO_METHOD, NOT_FOUND)]
        assert "not_checked" == judged("precedence.method", asked).status

    def test_no_join(self) -> None:
        """No clause takes it for a question about a chat."""
        assert () == trial([(NO_METHOD, NOT_FOUND)]).joins


class TestNoSuchDoor:
    """Wrong credentials at an address that no documentation promises."""

    @pytest.mark.parametrize("clause", ["credentials.wrong-secret", "precedence.credentials"])
    @pytest.mark.parametrize(
        ("came", "expected"),
        [(refused("ERROR_METHOD_NOT_FOUND", 404), "passed"), (CHAT_ID, "failed")],
    )
    def test_slash(self, clause: str, came: Came, expected: str) -> None:
        """That there is nothing behind a slash too many lets nobody in."""
        asking = msgspec.structs.replace(ways.TRAILING_SLASH, identity="random")
        assert expected == judged(clause, [OWN, (p(0, asking=asking), came)]).status

    @pytest.mark.parametrize(
        ("came", "expected"),
        [
            (broken("<html>", 404), "passed"),
            (broken("<html>", 301), "passed"),
            (CHAT_TYPE, "failed"),
            (JOINED, "failed"),
            (broken("<html>", 500), "failed"),
        ],
    )
    def test_no_secret(self, came: Came, expected: str) -> None:
        """That there is nothing where the place of the secret is empty lets nobody in."""
        asking = msgspec.structs.replace(ways.DOUBLE_SLASH, identity="empty")
        asked = [OWN, (p(12, asking=asking), came)]
        assert expected == judged("credentials.wrong-secret", asked).status

    @pytest.mark.parametrize(
        ("clause", "identity"),
        [("credentials.wrong-secret", "altered"), ("credentials.scope", "without_scope")],
    )
    @pytest.mark.parametrize(
        ("came", "expected"),
        [(broken("no XML", 401), "passed"), (broken("<html>", 404), "passed"), (JOINED, "failed")],
    )
    def test_xml(self, clause: str, identity: Identity, came: Came, expected: str) -> None:
        """That a refusal of the credentials is no XML is another clause's business."""
        asking = msgspec.structs.replace(ways.XML, identity=identity)
        assert expected == judged(clause, [OWN, (p(12, asking=asking), came)]).status


class TestNoToken:
    """An `auth` that holds no token."""

    @pytest.mark.parametrize(
        ("came", "expected"),
        [
            (refused("NO_AUTH_FOUND", 401), "passed"),
            (refused("invalid_token", 401), "passed"),
            (refused("INVALID_REQUEST", 400), "passed"),
            (CHAT_TYPE, "failed"),
            (JOINED, "failed"),
            (broken("<html>", 500), "failed"),
        ],
    )
    def test_refused(self, came: Came, expected: str) -> None:
        """Whatever the portal calls it, it lets nobody in."""
        probe = p(12, asking=Asking(identity="none"), extra=(("auth", "true"),))
        assert expected == judged("credentials.none", [OWN, (probe, came)]).status

    def test_its_code_is_free(self) -> None:
        """Which code names it is left open."""
        probe = p(12, asking=Asking(identity="none"), extra=(("auth", "true"),))
        asked = [OWN, (showing("none"), NONE), (probe, refused("invalid_token", 401))]
        assert "passed" == judged("credentials.codes", asked).status


class TestForbidden:
    """HTTP 403, which the documentation has for some refusals and the vendor's code for none."""

    @pytest.mark.parametrize(
        ("identity", "code", "expected"),
        [
            ("random", "INVALID_CREDENTIALS", "passed"),
            ("without_scope", "insufficient_scope", "passed"),
            ("random", "NO_AUTH_FOUND", "failed"),
        ],
    )
    def test_as_documented(self, identity: Identity, code: str, expected: str) -> None:
        """It is as good as 401 for the codes for which it is documented."""
        asked = [OWN, (showing(identity), refused(code, 403))]
        assert expected == judged("credentials.codes", asked).status


class TestUnreadTokens:
    """An expired token, shown where a portal may read none at all."""

    @pytest.mark.parametrize(("own", "expected"), [(NONE, "passed"), (JOINED, "failed")])
    def test_missed(self, own: Came, expected: str) -> None:
        """That no token was seen is wrong only where sound ones are seen."""
        shown = p(2045, asking=msgspec.structs.replace(ways.OAUTH_GET, identity="expired"))
        asked = [OWN, (p(2045, asking=ways.OAUTH_GET), own), (shown, NONE)]
        assert expected == judged("oauth.expired-token", asked).status
