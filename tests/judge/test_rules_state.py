"""Rules of state: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    DECLARATION,
    DENIED,
    JOINED,
    Asked,
    Came,
    Case,
    Rules,
    judged,
    listed,
    p,
    refused,
)

from b24_conformance.probe import MEMBERS


def watched(chat: int, came: Came, before: tuple[int, ...], after: tuple[int, ...]) -> list[Asked]:
    """A join between two looks at the participants."""
    return [
        listed(chat, *before, occasion="before"),
        (p(chat), came),
        listed(chat, *after, occasion="after"),
    ]


def by_proxy(after: tuple[int, ...]) -> list[Asked]:
    """A join in another user's name between two looks."""
    probe = p(2043, extra=(("USER_ID", "2"),))
    return [listed(2043, 3, occasion="before"), (probe, JOINED), listed(2043, *after)]


OPENED: list[Asked] = [(p(2044, operator="colleague"), DENIED), (p(2044), JOINED)]
LATER = p(2044, operator="colleague", occasion="later")
CASES = [
    Case(
        "success.participant",
        watched(2043, JOINED, (3,), (1, 3)),
        watched(2043, JOINED, (3,), (3,)),
    ),
    Case(
        "success.participant",
        [*watched(2045, JOINED, (1,), (1,)), listed(2050, 3)],
        [*watched(2045, JOINED, (1,), ()), listed(2050, 3)],
    ),
    Case(
        "state.refusal-changes-nothing",
        watched(2050, DENIED, (3,), (3,)),
        watched(2050, DENIED, (3,), (1, 3)),
    ),
    Case(
        "state.join-is-own",
        watched(2043, JOINED, (3,), (1, 3)),
        watched(2043, JOINED, (3,), (1, 2, 3)),
    ),
    Case(
        "state.join-is-own",
        watched(2045, JOINED, (1, 3), (1, 3)),
        watched(2045, JOINED, (1, 3), (1,)),
    ),
    Case("proxy.nobody-joined", by_proxy((1, 3)), by_proxy((1, 2, 3))),
    Case("proxy.nobody-joined", by_proxy((1, 3)), by_proxy((2, 3))),
    Case(
        "state.colleague-unaffected",
        [*OPENED, (LATER, DENIED)],
        [*OPENED, (LATER, JOINED)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestPreconditions:
    """When a list of participants proves nothing."""

    def test_always_a_participant(self) -> None:
        """Who is in every list that was seen may have been there all along."""
        asked = watched(2045, JOINED, (1,), (1,))
        assert "not_checked" == judged("success.participant", asked).status

    def test_refusal_without_a_look_before(self) -> None:
        """Without a look before the refusal, the look after it proves nothing."""
        asked = [(p(2050), DENIED), listed(2050, 1, 3)]
        assert "not_checked" == judged("state.refusal-changes-nothing", asked).status

    def test_joined_in_between(self) -> None:
        """Who was refused and then joined may be a participant."""
        asked = [listed(2043, 3), (p(2043), DENIED), (p(2043), JOINED), listed(2043, 1, 3)]
        assert "failed" != judged("state.refusal-changes-nothing", asked).status

    def test_colleagues_come_and_go_on_a_live_portal(self) -> None:
        """On a live portal strangers in a chat are nobody's fault; a known user still is."""
        live = msgspec.structs.replace(DECLARATION, stand_in=False)
        stranger = watched(2043, JOINED, (3,), (1, 3, 99))
        known = watched(2043, JOINED, (3,), (1, 2, 3))
        assert "passed" == judged("state.join-is-own", stranger, live).status
        assert "failed" == judged("state.join-is-own", known, live).status

    def test_no_such_method(self) -> None:
        """A portal that has no list of participants does not implement the clauses about it."""
        missing = refused("ERROR_METHOD_NOT_FOUND", 404)
        asked = [(p(2043, method=MEMBERS), missing), (p(2043), JOINED)]
        for clause in ("success.participant", "state.join-is-own", "proxy.nobody-joined"):
            assert "not_implemented" == judged(clause, asked).status
