"""Rules of the outcome: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DECLARATION,
    DENIED,
    JOINED,
    WIDE,
    Asked,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refused,
    transcript,
)

from b24_conformance import ways
from b24_conformance.contract import load_contract
from b24_conformance.exchange import Exchange, Request
from b24_conformance.judge import Trial, judge
from b24_conformance.transcript import Observation, Transcript

CONTRAST: Asked = (p(2050), DENIED)


def answer(clause: str, literal: object, right: Came, wrong: Came) -> Case:
    """One CHAT_ID with the right answer and with a wrong one."""
    other = (p(2045), JOINED) if right == DENIED else CONTRAST
    return Case(clause, [(p(literal), right), other], [(p(literal), wrong), other])


ABSENT = 999999999
WIDE_JOINED, WIDE_GROUP = p(WIDE + 2045), p(WIDE + 12)
CASES = [
    answer("success.joinable", 2043, JOINED, CHAT_ID),
    answer("success.member", 2045, JOINED, DENIED),
    answer("refusal.chat-type", 12, CHAT_TYPE, DENIED),
    answer("refusal.access-denied", 2050, DENIED, CHAT_TYPE),
    answer("refusal.access-denied", 2050, DENIED, JOINED),
    answer("refusal.absent", ABSENT, CHAT_ID, CHAT_TYPE),
    answer("refusal.absent", ABSENT, CHAT_ID, JOINED),
    answer("refusal.absent-chat-id", ABSENT, CHAT_ID, DENIED),
    answer("refusal.absent-never-joined", ABSENT, CHAT_ID, JOINED),
    answer("refusal.zero", 0, CHAT_ID, DENIED),
    answer("refusal.zero", "-0", CHAT_ID, JOINED),
    answer("refusal.zero", '"000"', CHAT_ID, JOINED),
    answer("refusal.negative", -1, CHAT_ID, JOINED),
    answer("refusal.negative", '"-12"', CHAT_ID, CHAT_TYPE),
    answer("refusal.missing", None, CHAT_ID, refused("ERROR_ARGUMENT")),
    answer("refusal.empty", '""', CHAT_ID, JOINED),
    answer("refusal.text", '"abc"', CHAT_ID, JOINED),
    answer("refusal.text", '"Москва"', CHAT_ID, DENIED),
    answer("refusal.closed-set", 12, CHAT_TYPE, refused("WRONG_CHAT")),
    answer("refusal.closed-set", 12, refused("USER_ID"), refused("chat_type_error")),
    answer("refusal.closed-set", 12, refused("expired_token", 401), refused("ERROR")),
    Case("precedence.foreign-chat", [(p(15), CHAT_TYPE), CONTRAST], [(p(15), JOINED), CONTRAST]),
    Case("precedence.foreign-chat", [(p(15), DENIED), (p(0), CHAT_ID)], [(p(15), CHAT_ID)]),
    Case("precedence.type-over-access", [(p(15), CHAT_TYPE), CONTRAST], [(p(15), DENIED)]),
    Case(
        "precedence.type-over-access",
        [(p(12, operator="colleague"), CHAT_TYPE), CONTRAST],
        [(p(12, operator="colleague"), DENIED), CONTRAST],
    ),
    Case("chat-id.wide", [(WIDE_JOINED, CHAT_ID), CONTRAST], [(WIDE_JOINED, JOINED)]),
    Case("chat-id.wide", [(WIDE_GROUP, CHAT_ID), CONTRAST], [(WIDE_GROUP, CHAT_TYPE)]),
    Case(
        "consistency.same-answer",
        [(p(12), CHAT_TYPE), (p(12, occasion="again"), CHAT_TYPE)],
        [(p(12), CHAT_TYPE), (p(12, occasion="again"), JOINED)],
    ),
    Case(
        "consistency.same-answer",
        [(p(2043), JOINED), (p(2043, occasion="again"), JOINED)],
        [(p(2043), JOINED), (p(2043, occasion="again"), DENIED)],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestFreedoms:
    """What a MUST accepts beside the preferred answer."""

    def test_old_portals(self) -> None:
        """An absent chat may be refused with ACCESS_DENIED, as old portals do."""
        asked = [(p(ABSENT), DENIED), (p(0), CHAT_ID)]
        assert "passed" == judged("refusal.absent", asked).status
        assert "passed" == judged("refusal.absent-never-joined", asked).status

    def test_other_questions_may_get_other_answers(self) -> None:
        """The same CHAT_ID by another way, or of another operator, is another question."""
        asked = [
            (p(2044), JOINED),
            (p(2044, operator="colleague"), DENIED),
            (p(2044, asking=ways.FORM), CHAT_ID),
            (p(2044, beside="5"), CHAT_TYPE),
        ]
        assert "not_checked" == judged("consistency.same-answer", asked).status

    def test_text_that_begins_with_a_dash(self) -> None:
        """It is negative only with a digit behind it; without one it is text."""
        for literal in ('"-"', '"-}^SЖ"'):
            asked = [(p(literal), JOINED), CONTRAST]
            expected = {"refusal.text": "failed", "refusal.negative": "not_checked"}
            assert expected == {clause: judged(clause, asked).status for clause in expected}

    def test_broken_answers_to_wide_ids(self) -> None:
        """Whoever answers with something else has read no low bits."""
        asked = [(WIDE_JOINED, broken()), CONTRAST]
        assert "not_checked" == judged("chat-id.wide", asked).status

    def test_where_the_answer_changed(self) -> None:
        """The reason names the exchanges, and the items of a batch in them."""
        items = [p(chat, asking=ways.BATCH) for chat in (0, 12)]
        first, second, _ = transcript([*((item, CHAT_ID) for item in items), CONTRAST]).observations
        second = msgspec.structs.replace(second, exchanges=first.exchanges)
        later = (Exchange(7, Request("POST", "/")),)
        again = Observation(2, second.probe, JOINED.outcome, later)
        clause = load_contract().clause("consistency.same-answer")
        reason = judge(clause, Trial(DECLARATION, Transcript((first, second, again)))).reason
        said = "joined (exchange 7), after refused with CHAT_ID (HTTP 400) (exchange 1, item 2)"
        assert said in (reason or "")

    def test_absent_by_any_way(self) -> None:
        """A join of an absent chat is found by whatever way it was asked for."""
        asked = [(p(ABSENT, asking=ways.FORM), JOINED), (p(0, asking=ways.FORM), CHAT_ID)]
        assert "failed" == judged("refusal.absent-never-joined", asked).status

    def test_undeclared_chats(self) -> None:
        """Of chats that nobody declared, nothing is demanded but a known answer."""
        asked = [(p(77), JOINED), (p(78), DENIED)]
        assert "passed" == judged("refusal.closed-set", asked).status
        assert "not_checked" == judged("success.joinable", asked).status
