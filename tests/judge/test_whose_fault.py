"""Whose fault a wrong answer is: that of the way of asking, or of the outcome itself."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DENIED,
    JOINED,
    Asked,
    Came,
    broken,
    judged,
    lost,
    p,
    response,
)

from b24_conformance import ways
from b24_conformance.judge import size
from b24_conformance.outcome import Outcome

FORM_ASKED = p(2050, asking=ways.FORM)
OTHERS: list[Asked] = [(p(0, asking=ways.FORM), CHAT_ID), (p(12, asking=ways.FORM), CHAT_TYPE)]

EVERYWHERE: list[Asked] = [(FORM_ASKED, JOINED), *OTHERS, (p(2050), JOINED)]


class TestOutcome:
    """Wrong by this way, and plainly, too."""

    def test_way_passes(self) -> None:
        """A way that gets what the plain question gets has no fault of its own."""
        assert "passed" == judged("asking.form", EVERYWHERE).status

    def test_outcome_fails_from_the_first(self) -> None:
        """The clause of the outcome has every such answer for evidence, the earliest as well."""
        found = judged("refusal.access-denied", EVERYWHERE)
        assert "failed" == found.status
        assert {0, 3} == {finding.observation.index for finding in found.findings}

    def test_evidence_is_the_plain_question(self) -> None:
        """Of equal CHAT_IDs the one that was asked plainly is told."""
        found = judged("refusal.access-denied", EVERYWHERE)
        assert ways.PLAIN == min(found.findings, key=size).observation.probe.asking

    def test_items_of_a_batch(self) -> None:
        """So it is with a batch, which agrees with single calls even where these are wrong."""
        items = [(p(2050, asking=ways.BATCH), JOINED), (p(0, asking=ways.BATCH), CHAT_ID)]
        assert "passed" == judged("batch.agrees", [*items, (p(2050), JOINED)]).status

    def test_lenient_readings(self) -> None:
        """Whoever reads a text as the right chat is not blamed for what that chat is answered."""
        asked = [(p('"2050abc"'), JOINED), (p(2050), JOINED), (p('"12abc"'), CHAT_TYPE)]
        assert "passed" == judged("php.strings", asked).status


class TestWay:
    """Wrong by this way only."""

    def test_way_fails(self) -> None:
        """Where the plain question is answered well, the way is wrong."""
        asked = [(FORM_ASKED, JOINED), *OTHERS, (p(2050), DENIED)]
        assert "failed" == judged("asking.form", asked).status
        assert "passed" == judged("refusal.access-denied", [*asked, (p(0), CHAT_ID)]).status

    def test_plain_question_unknown(self) -> None:
        """Where it was never asked plainly, the way is all that could be wrong."""
        assert "failed" == judged("asking.form", [(FORM_ASKED, JOINED), *OTHERS]).status

    def test_plain_question_answered_now_so_now_so(self) -> None:
        """Plain answers that differ excuse no way of asking."""
        asked = [(FORM_ASKED, JOINED), *OTHERS, (p(2050), JOINED), (p(2050), DENIED)]
        assert "failed" == judged("asking.form", asked).status

    def test_another_operators_answer(self) -> None:
        """What somebody else is answered says nothing of this one's question."""
        theirs = p(2050, operator="colleague")
        asked = [(FORM_ASKED, JOINED), *OTHERS, (theirs, JOINED)]
        assert "failed" == judged("asking.form", asked).status


class TestBroken:
    """An answer that is no success and no refusal at all."""

    @pytest.mark.parametrize(
        ("came", "told_by"), [(broken(), "envelope.json"), (lost(), "robust.answers")]
    )
    def test_left_to_the_clause_that_says_so(self, came: Came, told_by: str) -> None:
        """What it was meant to say nobody knows: the outcome is open, and says where to look."""
        found = judged("success.joinable", [(p(2043), came), (p(0), CHAT_ID)])
        assert "inconclusive" == found.status
        assert str(found.reason).endswith(f"see {told_by}")
        assert "failed" == judged(told_by, [(p(2043), came)]).status

    def test_told_by_nobody(self) -> None:
        """Where no other clause says so, the outcome does."""
        odd = Came(Outcome("broken", status=200, detail="odd"), response({"result": True}))
        assert "failed" == judged("success.joinable", [(p(2043), odd)]).status

    def test_beside_a_wrong_answer(self) -> None:
        """It hides no wrong answer to another question."""
        asked = [(p(2043), broken()), (p(2044), DENIED)]
        assert "failed" == judged("success.joinable", asked).status

    def test_in_every_way(self) -> None:
        """A way of asking that is answered so as well has no fault of its own."""
        asked = [(p(2050), broken()), (FORM_ASKED, broken()), *OTHERS]
        assert "passed" == judged("asking.form", asked).status
