"""First joins: which chat is left to which way of asking, and that nothing comes before it."""

from __future__ import annotations

import msgspec
import pytest

from b24_conformance import php
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Chats, Declaration, Person
from b24_conformance.first_joins import first_joins
from b24_conformance.gather import plan
from b24_conformance.probe import JOIN, MEMBERS, Asking, Probe, Step
from b24_conformance.suite import World, load_suites
from b24_conformance.ways import BATCH, FORM, OAUTH_BODY, PLAIN, QUERY, XML

EVERY_PLACE = ("webhook", "oauth_body", "oauth_query", "bearer")
SOME = Chats((), (2045,), (2050,), (12,), (999999999,))
MANY = (42, 2000, 2043, 2044, 2046, 2**32 + 5)


def declared(
    own: tuple[int, ...],
    theirs: tuple[int, ...] | None = None,
    *,
    places: tuple[str, ...] = EVERY_PLACE,
    without: tuple[str, ...] = (),
) -> Declaration:
    """A stand-in with these chats to join, for the operator and, if given, for a colleague."""
    people = {"operator": Person(1, msgspec.structs.replace(SOME, joinable=own), places)}
    if theirs is not None:
        denied = tuple(chat for chat in own if chat not in theirs)
        chats = Chats(joinable=theirs, access_denied=denied, absent=(999999999,))
        people["colleague"] = Person(2, chats, places)
    return Declaration("portal", stand_in=True, rung="new", people=people, without=without)


WORLDS = {
    "many": declared(MANY, (5, 42, 2043, 2045)),
    "two, one of them shared": declared((2043, 5000000120), (2043,)),
    "four, and one of the colleague's": declared((2043, 2044, 3001, 5000000001), (2060,)),
    "without a token": declared(MANY, (5, 2043), places=("webhook",)),
    "without a colleague": declared(MANY),
    "without a batch": declared(MANY, (5, 42), without=("batch", "xml")),
    "one": declared((2043,), (2043,)),
}


class TestWays:
    """Which chat is left to which way."""

    def test_most_used_first(self) -> None:
        """The first chat is joined plainly; of the others those within 31 bits have a way each."""
        own = first_joins(declared(MANY))["operator"]
        assert {2046: FORM, 2044: QUERY, 2043: OAUTH_BODY, 2**32 + 5: XML} == own

    def test_few(self) -> None:
        """One chat is joined plainly, a second one in a batch, and a third one by a form."""
        assert {} == first_joins(declared((2043,)))["operator"]
        assert {} == first_joins(declared((2043, 2044)))["operator"]
        assert {2044: FORM} == first_joins(declared((2043, 2044, 2046)))["operator"]

    def test_what_is_lacking(self) -> None:
        """No chat is left to a way that the portal or the operator does not have."""
        lacking = declared(MANY, places=("webhook",), without=("batch", "xml"))
        assert {FORM, QUERY} == {*first_joins(lacking)["operator"].values()}

    def test_colleague(self) -> None:
        """His own chat is joined by his token, a shared one plainly, the next by a way unseen."""
        found = first_joins(WORLDS["many"])
        assert {5: OAUTH_BODY, 2043: PLAIN, 42: XML} == found["colleague"]
        assert PLAIN == found["operator"][2043]
        assert BATCH not in found["colleague"].values()

    def test_colleague_with_a_shared_chat_only(self) -> None:
        """He joins it by his token."""
        assert {2043: OAUTH_BODY} == first_joins(declared((2043, 2044), (2043,)))["colleague"]

    def test_live_portal(self) -> None:
        """On a live portal nothing is left to other ways: one real join is enough there."""
        assert {} == first_joins(msgspec.structs.replace(WORLDS["many"], stand_in=False))


def steps_of(declaration: Declaration) -> tuple[Step, ...]:
    """What a run would send."""
    clauses = [one for one in load_contract().select(()) if one.applies_to("portal")]
    return plan(clauses, load_suites(), World(declaration), seed=1).steps


def first_asked(declaration: Declaration, operator: str, chat: int) -> Asking:
    """How the operator first asks to join a chat with credentials of his own."""
    return next(
        probe.asking
        for step in steps_of(declaration)
        for probe in step
        if probe.operator == operator
        and probe.method == JOIN
        and probe.asking.identity == "own"
        and php.chat_id(probe) == chat
    )


@pytest.mark.parametrize("name", WORLDS)
class TestPlan:
    """What a run sends."""

    def test_nothing_before_a_first_join(self, name: str) -> None:
        """Each of these chats is first asked for by its way."""
        declaration = WORLDS[name]
        for operator, chats in first_joins(declaration).items():
            asked = {chat: first_asked(declaration, operator, chat) for chat in chats}
            assert chats == asked

    def test_looked_at(self, name: str) -> None:
        """Whoever has joined a chat in such a way looks at it next."""
        declaration = WORLDS[name]
        steps = steps_of(declaration)
        for operator, chats in first_joins(declaration).items():
            for chat, way in chats.items():
                if (operator, way) != ("operator", PLAIN):
                    looks = _after(Probe(str(chat), operator=operator, asking=way), steps)
                    assert (MEMBERS, operator) in looks


def _after(join: Probe, steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    (step,) = (step for step in steps if join in step)
    return [(probe.method, probe.operator) for probe in step[step.index(join) + 1 :]]
