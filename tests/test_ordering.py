"""Sparing: what shows something new comes first, and a batch shows many things at once."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from b24_conformance import php, ways
from b24_conformance.chat_ids.apart import apart
from b24_conformance.chat_ids.forms import forms
from b24_conformance.chat_ids.vectors import Vector, load_vectors
from b24_conformance.contract import load_contract
from b24_conformance.declaration import Declaration
from b24_conformance.gather import plan
from b24_conformance.implementations import embedded
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.implementations.rendering import render_batch
from b24_conformance.ordering import in_requests, requests_of, sparing
from b24_conformance.probe import JOIN, MEMBERS, UNKNOWN, Probe, Step
from b24_conformance.reference import php as reference_php
from b24_conformance.strict_json import decode
from b24_conformance.suite import World, load_suites

CHAT, THOUSANDS, OTHER = 12, 5000, 2045


@pytest.fixture(scope="module")
def portal() -> Iterator[PortalImplementation]:
    """The reference portal, with chats of every kind."""
    with embedded.mocked(Asked()) as implementation:
        yield implementation


@pytest.fixture(scope="module")
def declaration(portal: PortalImplementation) -> Declaration:
    """What is declared of it."""
    return portal.declaration


@pytest.fixture(scope="module")
def steps(declaration: Declaration) -> tuple[Step, ...]:
    """The telling steps of a run against it, in their order."""
    return _planned(declaration)


def _planned(declaration: Declaration) -> tuple[Step, ...]:
    clauses = [one for one in load_contract().clauses if one.side != "client"]
    return plan(clauses, load_suites(), World(declaration), seed=0, drawn=0).steps


def _single(*probes: Probe) -> list[Step]:
    return [(probe,) for probe in probes]


def _first(steps: tuple[Step, ...], requests: int) -> list[Step]:
    """What the first requests ask."""
    return [part for step in steps for part in in_requests(step)][:requests]


class TestEarly:
    """The first requests of a run."""

    def test_whole_batches(self, steps: tuple[Step, ...]) -> None:
        """Before the tenth request two full batches are sent, and none holds more than allowed."""
        sizes = [len(part) for part in _first(steps, 9) if part[0].asking.batch]
        assert [50, 50] == sorted(sizes)[-2:]

    def test_one_asks(self, steps: tuple[Step, ...]) -> None:
        """The items of one batch are one operator's."""
        parts = _first(steps, 400)
        assert all(1 == len({(p.operator, p.asking) for p in part}) for part in parts)

    def test_looks_are_apart(self, steps: tuple[Step, ...]) -> None:
        """No look shares a batch with a join, since items may run in any order."""
        methods = [{probe.method for probe in part} for part in _first(steps, 400)]
        assert all(1 == len(one) for one in methods)

    def test_watched(self, steps: tuple[Step, ...]) -> None:
        """Chats of every kind are looked at before and after the first batch of joins."""
        first = [part for part in _first(steps, 9) if part[0].asking.batch][:3]
        before, joins, after = first
        assert [MEMBERS, JOIN, MEMBERS] == [part[0].method for part in first]
        assert [p.chat_id for p in before] == [p.chat_id for p in after]
        alone = {step[0].chat_id for step in steps[2:4]}
        assert {p.chat_id for p in before} <= {p.chat_id for p in joins} | alone

    def test_stranger(self, steps: tuple[Step, ...]) -> None:
        """Somebody with a wrong secret asks in between for a chat that is looked at, too."""
        before, stranger = _first(steps, 9)[1], steps[3][0]
        assert "random" == stranger.asking.identity
        assert stranger.chat_id in {probe.chat_id for probe in before}

    def test_without_batch(self, declaration: Declaration) -> None:
        """Whoever declares that he has no batch is asked singly."""
        from_single = _planned(_without(declaration, "batch"))
        assert not [p for step in from_single for p in step if p.asking.batch]

    def test_without_members(self, declaration: Declaration) -> None:
        """Whoever declares that he shows no participants gets the batch all the same."""
        (second,) = _planned(_without(declaration, "members"))[1:2]
        assert {JOIN} == {probe.method for probe in second}


def _without(declaration: Declaration, feature: str) -> Declaration:
    return msgspec.structs.replace(declaration, without=(feature,))


class TestOrder:
    """Steps in the order in which they tell most."""

    def test_new_door_first(self, declaration: Declaration) -> None:
        """Another way of asking comes before another chat of the same kind."""
        known, same, other = Probe("12"), Probe("13"), Probe("13", asking=ways.FORM)
        assert _single(known, other, same) == sparing(_single(known, same, other), declaration)

    def test_known_before(self, declaration: Declaration) -> None:
        """What earlier steps have shown is not new."""
        steps = _single(Probe("true"), Probe("12.9"))
        assert steps == sparing(steps, declaration)
        assert steps[::-1] == sparing(steps, declaration, after=_single(Probe("true"), Probe("1")))

    def test_by_the_request(self, declaration: Declaration) -> None:
        """Two batches that ask for the same are told apart by what they cost."""
        dear = tuple(Probe(c, asking=ways.FORM) for c in ("12", "2045"))
        cheap = tuple(Probe(c, asking=ways.BATCH) for c in ("12", "2045"))
        assert (2, 1) == (requests_of(dear), requests_of(cheap))
        assert [cheap, dear] == sparing([dear, cheap], declaration)

    def test_a_look_alone_comes_last(self, declaration: Declaration) -> None:
        """Who takes part is looked at once more when everything has been asked."""
        look, join = (Probe("2045", method=MEMBERS),), (Probe("2045"),)
        assert [join, join[:1] * 2, look] == sparing([look, join, join * 2], declaration)

    def test_wrong_credentials_at_another_way_first(self, declaration: Declaration) -> None:
        """Another lock comes before another chat at the same lock."""
        chat, another = declaration.operator.chats.joined[:2]
        shown, same, other = (
            Probe(str(one), asking=msgspec.structs.replace(way, identity="random"))
            for one, way in ((chat, ways.FORM), (another, ways.FORM), (chat, ways.XML))
        )
        assert _single(shown, other, same) == sparing(_single(shown, same, other), declaration)

    @pytest.mark.parametrize(
        "late", [Probe(method=UNKNOWN), Probe("2045", asking=ways.BATCH_LONG)], ids=str
    )
    def test_what_few_are_known_by_comes_late(self, late: Probe, declaration: Declaration) -> None:
        """Another reading of CHAT_ID comes before what hardly any portal is known by."""
        assert _single(Probe("true"), late) == sparing(_single(late, Probe("true")), declaration)

    def test_nothing_is_lost(self, declaration: Declaration) -> None:
        """Every step is sent once, whatever it tells."""
        steps = _single(*(Probe(str(n)) for n in range(30)))
        found = sparing(steps, declaration)
        assert len(steps) == len(found)
        assert set(steps) == set(found)


class TestForms:
    """What a CHAT_ID looks like."""

    def test_same_text(self) -> None:
        """The same text in JSON, in a form and in a batch is one form."""
        texts = [
            {one for one in forms(probe) if one.startswith(("text", "sign"))}
            for probe in (
                Probe('"12abc"'),
                Probe("13abc", asking=ways.BATCH),
                Probe("CHAT_ID=14abc", asking=ways.FORM, raw=True),
            )
        ]
        assert [texts[0]] * 3 == texts
        assert texts[0]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("12.9", "0.9"), ("[12]", "[0]"), ("true", "null"), ('"12"', '"12abc"'), ("12", '"12"')],
    )
    def test_told_apart(self, one: str, other: str) -> None:
        """Literals that a careless reader reads in different ways are different forms."""
        assert {*forms(Probe(one))} != {*forms(Probe(other))}


class TestCommands:
    """Vectors as commands of a batch."""

    @pytest.mark.parametrize("vector", [*load_vectors().json, *load_vectors().form], ids=str)
    def test_same_reading(self, vector: Vector, portal: PortalImplementation) -> None:
        """A command is read as the vector says, by the oracle and by the reference portal."""
        chat = THOUSANDS if vector.needs_thousands else CHAT
        command = vector.command(chat)
        if command is None:
            return
        assert vector.expected(chat) == php.chat_id(command)
        assert vector.expected(chat) == _read_by_the_reference(command, portal)

    def test_most_travel(self) -> None:
        """Texts and single fields travel; numbers, containers and double fields do not."""
        travels = {v.template: v.command(CHAT) is not None for v in load_vectors().json}
        assert travels['"{id}abc"']
        assert not any(travels[text] for text in ("{id}.9", "true", "[{id}]", "{}", "null"))
        double = Vector(1, body="CHAT_ID={other}&CHAT_ID={id}")
        assert double.command(CHAT) is None


def _read_by_the_reference(command: Probe, portal: PortalImplementation) -> int:
    body = decode(render_batch((command,), portal.keyring).body)
    assert isinstance(body, dict)
    _, _, query = body["cmd"]["c0"].partition("?")
    return reference_php.intval(reference_php.parse_form(query).get("CHAT_ID"))


class TestApart:
    """Chats that are left to those who watch a first join."""

    def test_last_narrow(self) -> None:
        """The last ones are set apart, those beyond 31 bits only where there are no others."""
        assert (7000,) == apart((2045, 7000, 2**31 + 5))
        assert (42, 43) == apart((2**32, 41, 42, 43), 2)
        assert (2**32,) == apart((2**32,))
        assert () == apart(())
