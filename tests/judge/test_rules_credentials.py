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
    showing,
)

from b24_conformance import ways

OWN: Asked = (p(2045), JOINED)
NONE = refused("NO_AUTH_FOUND", 401)
WRONG = refused("INVALID_CREDENTIALS", 403)
TOKEN = refused("invalid_token", 401)


def shut_out(clause: str, identity: str, place: str = "webhook", came: object = WRONG) -> Case:
    """Unsound credentials that are refused, and that are let in."""
    probe = showing(identity, place)
    return Case(clause, [OWN, (probe, came)], [OWN, (probe, JOINED)])  # type: ignore[list-item]


def named(clause: str, identity: str, place: str, code: str, other: str) -> Case:
    """Unsound credentials that are refused by their own code, and by another's."""
    probe = showing(identity, place)
    return Case(clause, [OWN, (probe, refused(code, 401))], [OWN, (probe, refused(other, 401))])


RANDOM_ZERO = showing("random", chat_id=0)
CASES = [
    shut_out("credentials.none", "none", came=NONE),
    shut_out("credentials.wrong-secret", "random"),
    shut_out("credentials.wrong-secret", "altered", came=NONE),
    shut_out("credentials.wrong-secret", "truncated", came=DENIED._replace(outcome=WRONG.outcome)),
    shut_out("credentials.anothers-secret", "anothers"),
    shut_out("oauth.wrong-token", "random", "oauth_body", TOKEN),
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
    shut_out("credentials.wrong-secret", "prefixed"),
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
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


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
