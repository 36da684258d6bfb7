"""Rules of batch: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    JOINED,
    TIME,
    Asked,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refused,
    response,
)

from b24_conformance import ways
from b24_conformance.judge.batch import MAPS
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Asking

EMPTY: dict[str, object] = {name: [] for name in MAPS}
REFUSED = {"error": "CHAT_TYPE", "error_description": ""}
GROUP, ZERO = p(12, asking=ways.BATCH), p(0, asking=ways.BATCH)
MEMBER, HALT, BEHIND = (p(c, asking=ways.BATCH_HALTING) for c in (2045, 12, 0))


def answered(body: object, status: int = 200) -> Came:
    """A whole batch, of which an item was refused."""
    return Came(Outcome("refused", code="CHAT_TYPE"), response(body, status))


def timed(times: object) -> Came:
    """A whole batch with these times of its commands."""
    return answered({"result": {**EMPTY, "result_time": times}, "time": TIME})


EXCEEDED = Came(Outcome("refused", code="ERROR_BATCH_LENGTH_EXCEEDED"))


def too_long(last: Came, before: Came = CHAT_ID) -> list[Asked]:
    """A batch with one command more than there is room for, and what that one got."""
    within = [(p(0, asking=ways.BATCH_LONG), before)] * 50
    return [*within, (p(2045, asking=ways.BATCH_LONG), last)]


WHOLE = answered({"result": {**EMPTY, "result_error": {"c0": REFUSED}}, "time": {}})
CASES = [
    Case(
        "batch.agrees",
        [(GROUP, CHAT_TYPE), (ZERO, CHAT_ID)],
        [(GROUP, JOINED), (ZERO, CHAT_ID)],
    ),
    Case(
        "batch.agrees",
        [(MEMBER, JOINED), (HALT, CHAT_TYPE), (BEHIND, broken())],
        [(MEMBER, JOINED), (HALT, broken()), (BEHIND, broken())],
    ),
    Case(
        "batch.halts",
        [(MEMBER, JOINED), (HALT, CHAT_TYPE), (BEHIND, broken())],
        [(MEMBER, JOINED), (HALT, CHAT_TYPE), (BEHIND, CHAT_ID)],
    ),
    Case("batch.length", too_long(EXCEEDED), too_long(JOINED)),
    Case("batch.length", too_long(EXCEEDED), too_long(CHAT_ID)),
    Case("batch.length", too_long(EXCEEDED), too_long(broken())),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": EMPTY}, 400))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, broken("<html>"))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": []}))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered([1]))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": {"result": []}}))]),
    Case("batch.shape", [(GROUP, WHOLE)], [(GROUP, answered({"result": {**EMPTY, "result": 1}}))]),
    Case("batch.shape", [(GROUP, timed({"c1": TIME}))], [(GROUP, timed({"c1": 0.5}))]),
    Case("batch.shape", [(GROUP, timed([TIME]))], [(GROUP, timed([None]))]),
    Case("time.fields", [(GROUP, timed({"c1": TIME}))], [(GROUP, timed({"c1": {}}))]),
    Case("time.order", [(GROUP, timed([TIME]))], [(GROUP, timed([{**TIME, "duration": 7}]))]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


UNKNOWN = Came(Outcome("refused", code="ERROR_METHOD_NOT_FOUND", status=404))


class TestOtherWays:
    """The whole batch as a form, or in the URL."""

    @pytest.mark.parametrize("asking", [ways.BATCH_FORM, ways.BATCH_QUERY], ids=str)
    def test_unknown_in_one_way(self, asking: Asking) -> None:
        """Who knows batches must know them in every way."""
        asked = [(GROUP, CHAT_TYPE), (ZERO, CHAT_ID), (p(12, asking=asking), UNKNOWN)]
        assert "failed" == judged("batch.agrees", asked).status

    def test_unknown_in_all(self) -> None:
        """Who knows none has no batches."""
        asked = [(p(12, asking=asking), UNKNOWN) for asking in ways.BATCHES]
        assert "not_implemented" == judged("batch.agrees", asked).status

    def test_unknown_behind_credentials(self) -> None:
        """A portal that looks at credentials before methods may know no batches either."""
        stranger = p(12, asking=Asking(batch=True, identity="random"))
        refusal = Came(Outcome("refused", code="INVALID_CREDENTIALS", status=401))
        asked = [(stranger, refusal), (GROUP, UNKNOWN)]
        assert "not_implemented" == judged("batch.agrees", asked).status


class TestHalting:
    """A batch that ends at its first refused command."""

    def test_nothing_refused(self) -> None:
        """Where nothing was refused it is not seen whether that would have ended it."""
        asked = [(MEMBER, JOINED), (HALT, JOINED), (BEHIND, broken())]
        assert "not_checked" == judged("batch.halts", asked).status

    def test_no_batch(self) -> None:
        """Who has no batches has none that halts."""
        asked = [(probe, UNKNOWN) for probe in (MEMBER, HALT, BEHIND)]
        assert "not_implemented" == judged("batch.halts", asked).status


class TestTooLong:
    """A batch with more commands than it may hold."""

    @pytest.mark.parametrize(
        ("code", "status", "expected"),
        [
            ("ERROR_BATCH_LENGTH_EXCEEDED", 400, "passed"),
            ("ERROR_BATCH_LENGTH_EXCEEDED", 500, "failed"),
            ("ERROR_ARGUMENT", 400, "failed"),
        ],
    )
    def test_as_a_whole(self, code: str, status: int, expected: str) -> None:
        """It may be refused as a whole, as the documentation has it."""
        whole = refused(code, status)
        asked = [(GROUP, CHAT_TYPE), *too_long(whole, whole)]
        assert expected == judged("batch.length", asked).status

    def test_no_contrast(self) -> None:
        """Where every batch is refused so, nothing is known of its length."""
        asked = [(GROUP, EXCEEDED), *too_long(EXCEEDED, EXCEEDED)]
        assert "not_checked" == judged("batch.length", asked).status

    def test_room_for_all(self) -> None:
        """Fifty commands are not too many."""
        assert "not_checked" == judged("batch.length", too_long(JOINED)[:50]).status

    def test_left_out_of_others(self) -> None:
        """Where shorter batches lose commands, that one is lost is no matter of length."""
        lossy = [(ZERO, broken()), *too_long(broken())]
        assert "inconclusive" == judged("batch.length", lossy).status
        assert "failed" == judged("batch.length", [(ZERO, broken()), *too_long(JOINED)]).status

    def test_no_batch(self) -> None:
        """Who has no batches has none that are too long."""
        assert "not_implemented" == judged("batch.length", too_long(UNKNOWN, UNKNOWN)).status


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
