"""The rule of shape: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    JOINED,
    Came,
    Case,
    Rules,
    broken,
    joined,
    judged,
    p,
    refused,
)


def shape(came: Came, kept: Came = JOINED) -> Case:
    """An answer of the described shape, and one of another."""
    return Case("shape.openapi", [(p(2045), kept)], [(p(2045), came)])


CASES = [
    shape(joined(result=1)),
    shape(joined(result="true")),
    shape(broken("{}")),
    shape(broken("[]")),
    shape(joined(error="CHAT_ID")),
    shape(joined(time=5)),
    shape(broken("{}", 400), CHAT_ID),
    shape(refused("CHAT_ID", error_description=None), CHAT_ID),
    shape(refused(""), refused("CHAT_ID", more=[1])),
    shape(refused("CHAT_ID", result=True), refused("NO_AUTH_FOUND", 401)),
    shape(broken('{"error":1,"error_description":""}', 503), refused("OVERLOAD_LIMIT", 503)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestReasons:
    """What is wrong with a shape, in sentences."""

    @pytest.mark.parametrize(
        ("came", "got"),
        [
            (joined(result=1), "a body of another shape: in `result` true was expected"),
            (joined(error="CHAT_ID"), "a body of another shape: `error` is not allowed here"),
            (broken("{}", 400), 'a body of another shape: "error" is a required property'),
            (broken('{"result":true}x'), "a body that is no JSON: Extra data at 15"),
            (broken("nothing"), "a body that is no JSON: Expecting value at 0"),
        ],
    )
    def test_sentence(self, came: Came, got: str) -> None:
        """The reason says what is wrong with the body, and where in it."""
        reason = judged("shape.openapi", [(p(2045), came)]).reason
        assert f"demanded the shape in openapi.yaml, got {got}" == reason


class TestPreconditions:
    """What is another clause's business."""

    def test_what_is_no_json(self) -> None:
        """A page for people is judged by the clauses about HTML and JSON alone."""
        assert "failed" != judged("shape.openapi", [(p(0), broken("<html>", 400))]).status

    def test_redirects(self) -> None:
        """A redirect has no described shape."""
        assert "not_checked" == judged("shape.openapi", [(p(0), broken("{}", 302))]).status


class TestHostileAnswers:
    """Answers that break a careless judge."""

    @pytest.mark.parametrize("body", ["[" * 100_000, "[" * 900 + "]" * 900, "NaN", '"\\ud800"'])
    def test_are_judged(self, body: str) -> None:
        """An answer nested beyond all measure, or no JSON, is judged without a crash."""
        assert judged("shape.openapi", [(p(0), broken(body, 400))]).status
