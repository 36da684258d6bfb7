"""Rules of batch: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    JOINED,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    response,
)

from b24_conformance import ways
from b24_conformance.judge.batch import MAPS
from b24_conformance.outcome import Outcome

EMPTY: dict[str, object] = {name: [] for name in MAPS}
REFUSED = {"error": "CHAT_TYPE", "error_description": ""}
GROUP, ZERO = p(12, asking=ways.BATCH), p(0, asking=ways.BATCH)


def answered(body: object, status: int = 200) -> Came:
    """A whole batch, of which an item was refused."""
    return Came(Outcome("refused", code="CHAT_TYPE"), response(body, status))


WHOLE = answered({"result": {**EMPTY, "result_error": {"c0": REFUSED}}, "time": {}})
CASES = [
    Case(
        "batch.agrees",
        [(GROUP, CHAT_TYPE), (ZERO, CHAT_ID)],
        [(GROUP, JOINED), (ZERO, CHAT_ID)],
    ),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": EMPTY}, 400))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, broken("<html>"))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": []}))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered([1]))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": {"result": []}}))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": {**EMPTY, "result": 1}}))]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestHostileAnswers:
    """Answers that break a careless judge."""

    @pytest.mark.parametrize(
        "clause",
        [
            "batch.shape",
            "batch.agrees",
        ],
    )
    def test_deep_nesting(self, clause: str) -> None:
        """An answer nested beyond all measure breaks the clause, not the judge."""
        asked = [(GROUP, broken("[" * 100_000 + "]" * 100_000))]
        assert "failed" == judged(clause, asked).status
