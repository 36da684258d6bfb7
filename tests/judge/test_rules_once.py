"""The rule of repetition: who joins again is not listed again."""

from __future__ import annotations

import pytest
from observations import DENIED, JOINED, Asked, Came, Case, Rules, judged, listed, p

from b24_conformance.mutants.freedoms import Freedoms
from b24_conformance.mutants.sound import portal_of
from b24_conformance.outcome import Outcome
from b24_conformance.probe import MEMBERS
from b24_conformance.soaking import soak

AGAIN = (p(2045), JOINED)
BEFORE = listed(2045, 1, 3, occasion="before")
CASES = [
    Case("state.once", [BEFORE, AGAIN, listed(2045, 1, 3)], [BEFORE, AGAIN, listed(2045, 1, 3, 1)]),
    # A second join that adds another than the operator a second time is no better.
    Case("state.once", [AGAIN, listed(2045, 3, 1)], [AGAIN, listed(2045, 3, 1, 3)]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """The rule passes what keeps its clause and fails what breaks it."""


class TestPreconditions:
    """What shows nothing of a second join."""

    @pytest.mark.parametrize(
        "asked",
        [
            [listed(2045, 1, 1)],
            [(p(2050), DENIED), listed(2050, 3, 3)],
            [AGAIN, listed(2043, 1, 1)],
            [AGAIN, listed(2045)],
        ],
        ids=["no join", "a refusal", "another chat", "an empty list"],
    )
    def test_nothing_to_see(self, asked: list[Asked]) -> None:
        """Without a join of that chat, or without a list, nothing is judged."""
        assert "not_checked" == judged("state.once", asked).status

    def test_no_such_method(self) -> None:
        """Who shows no participants says so himself."""
        unknown = Came(Outcome("refused", code="ERROR_METHOD_NOT_FOUND", status=404))
        asked = [AGAIN, (p(2045, method=MEMBERS), unknown)]
        assert "not_implemented" == judged("state.once", asked).status


class TestSoundPortals:
    """Portals that list participants in their own way."""

    @pytest.mark.parametrize("order", ["strings", "newest-first"])
    def test_any_order(self, order: str) -> None:
        """Nobody is twice in a list of strings, or in one that begins with the newest."""
        freedoms = Freedoms(member_ids=order, joined_before=True)  # type: ignore[arg-type]
        assert () == soak(portal_of(order, freedoms), 1).reds
