"""Power: an answer that changes is a finding of its own, with both answers in it."""

from __future__ import annotations

import pytest

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Judged
from b24_conformance.implementations import embedded
from b24_conformance.implementations.building import Asked
from b24_conformance.mutants.gallery import portal
from b24_conformance.options import Options
from b24_conformance.reference import Portal
from b24_conformance.run import examine

CLAUSE = "consistency.same-answer"


def finding(name: str) -> Judged:
    """What the clause says of a mutant, shrinking included."""
    made = portal(name).make()
    assert isinstance(made, Portal)
    events: list[Event] = []
    with embedded.in_process(name, made.answer, Asked()) as implementation:
        examine(implementation, load_contract(), Options(clauses=(CLAUSE,)), events.append)
    (judged,) = [event for event in events if isinstance(event, Judged)]
    return judged


class TestChangingAnswers:
    """Portals that answer the same question in two ways."""

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("second-refusal-differs", "refused with CHAT_TYPE", "refused with ACCESS_DENIED"),
            ("second-refusal-joins", "refused with ACCESS_DENIED", "joined"),
        ],
    )
    def test_both_answers_told(self, name: str, before: str, after: str) -> None:
        """The evidence holds the first answer, the second one, and the request of each."""
        judged = finding(name)
        assert "failed" == judged.status
        assert judged.evidence is not None
        first, second = judged.evidence.got.index(after), judged.evidence.got.index(before)
        assert first < second
        assert 2 == judged.evidence.got.count("(exchange ")
        assert before in judged.evidence.demanded

    def test_shrinking_does_not_hide_it(self) -> None:
        """A change that further questions would not show again stays a finding."""
        assert "failed" == finding("second-refusal-joins").status

    def test_steady_portal(self) -> None:
        """A join that stays made is no change."""
        events: list[Event] = []
        with embedded.in_process("sound", Portal().answer, Asked()) as implementation:
            examine(implementation, load_contract(), Options(clauses=(CLAUSE,)), events.append)
        assert ["passed"] == [event.status for event in events if isinstance(event, Judged)]
