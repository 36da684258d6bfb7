"""Which clauses the declared chats leave nothing to ask about, and what would open them."""

from __future__ import annotations

import pytest

from b24_conformance.concluding import conclude
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.events import Event, Judged
from b24_conformance.gather import Gathered
from b24_conformance.judge import Trial, judge
from b24_conformance.options import Options
from b24_conformance.out_of_reach import out_of_reach
from b24_conformance.transcript import Transcript

CHATS = Chats((2043,), (2045,), (2050,), (12,), (999999999,))
APART = Chats(access_denied=(2045,), not_open_line=(13,))


def declared(theirs: Chats | None = None, *, stand_in: bool = False) -> Declaration:
    """A portal at the highest rung, with a colleague or without."""
    people = {"operator": Person(1, CHATS)}
    if theirs is not None:
        people["colleague"] = Person(2, theirs)
    return Declaration("portal", stand_in=stand_in, rung="new", people=people)


class TestPairs:
    """Clauses that need a chat which is something else for the colleague."""

    @pytest.mark.parametrize("stand_in", [True, False])
    def test_colleague_who_is_only_a_witness(self, *, stand_in: bool) -> None:
        """Without such a chat the clause is out of reach, and it is said what to add."""
        found = out_of_reach(declared(Chats(), stand_in=stand_in))
        assert "[colleague.chats] access_denied" in found["state.colleague-unaffected"]

    @pytest.mark.parametrize("stand_in", [True, False])
    def test_chats_apart(self, *, stand_in: bool) -> None:
        """With such chats they are within reach."""
        found = out_of_reach(declared(APART, stand_in=stand_in))
        assert set() == {"state.colleague-unaffected", "precedence.foreign-chat"} & set(found)


class TestReasons:
    """Which reason a run gives."""

    @pytest.mark.parametrize(
        ("theirs", "what"),
        [(None, "add [colleague]"), (Chats(), "[colleague.chats] access_denied")],
    )
    def test_colleague_first(self, theirs: Chats | None, what: str) -> None:
        """Without a second operator none of his chats is asked for."""
        declaration = declared(theirs, stand_in=True)
        clause = load_contract().clause("state.colleague-unaffected")
        judgement = judge(clause, Trial(declaration, Transcript()))
        told: list[Event] = []
        conclude(declaration, [(clause, judgement)], Gathered(Transcript()), Options(), told.append)
        (reason,) = (event.reason for event in told if isinstance(event, Judged))
        assert what in str(reason)


class TestUnsafe:
    """Clauses of which a live portal can be asked nothing that is safe."""

    def test_negative(self) -> None:
        """A negative number needs an id of no chat that has no other mirror image."""
        assert "2147483648" in out_of_reach(declared())["refusal.negative"]

    def test_mirrored(self) -> None:
        """With such an id it is within reach."""
        chats = Chats(absent=(2**31,))
        portal = Declaration("portal", rung="new", people={"operator": Person(1, chats)})
        assert "refusal.negative" not in out_of_reach(portal)

    def test_stand_in(self) -> None:
        """A stand-in may be asked anything."""
        found = out_of_reach(declared(APART, stand_in=True))
        assert {} == found
