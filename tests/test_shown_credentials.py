"""Which unsound credentials a run shows, and where."""

from __future__ import annotations

import msgspec
import pytest

from b24_conformance import ways
from b24_conformance.declaration import Declaration
from b24_conformance.gather import as_step
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.embedded import in_process
from b24_conformance.probe import UNKNOWN, WRONG, Asking, Place, Probe
from b24_conformance.reference import Portal
from b24_conformance.suite import World, load_suites

CLAUSES = ("credentials.none", "credentials.wrong-secret", "oauth.wrong-token")
SECRETS_ONLY = {"nobodys", "doubled", "wildcard", "quoted"}
# Another user's address: `credentials.codes` asks there.
ELSEWHERE = {"unscoped"}


def declaration() -> Declaration:
    """The reference portal's."""
    return in_process("reference", Portal().answer, Asked()).declaration


def probes(clause: str, declared: Declaration) -> list[Probe]:
    """All that a clause asks."""
    wants = load_suites()[clause](World(declared))
    return [probe for wanted in wants.telling for probe in as_step(wanted)]


def doors(clause: str, declared: Declaration) -> set[Asking]:
    """The ways by which a clause shows credentials."""
    asked = (probe.asking for probe in probes(clause, declared))
    return {msgspec.structs.replace(asking, identity="own") for asking in asked}


class TestStandIn:
    """Where a join hurts nobody."""

    @pytest.mark.parametrize("without", [(), ("xml", "batch")], ids=["all", "few"])
    def test_every_kind(self, without: tuple[str, ...]) -> None:
        """Every kind of wrong secret and of wrong token is shown, however few doors there are."""
        declared = msgspec.structs.replace(declaration(), without=without)
        secrets, tokens = (
            {probe.asking.identity for probe in probes(clause, declared)} for clause in CLAUSES[1:]
        )
        assert set(WRONG) - ELSEWHERE == secrets
        assert set(WRONG) - ELSEWHERE - SECRETS_ONLY == tokens

    def test_every_door(self) -> None:
        """Every door is tried, without credentials, with a wrong secret, and with a wrong token."""
        here = {ways.PLAIN, ways.QUERY, ways.FORM, ways.XML, ways.BATCH}
        tokens = {ways.OAUTH_BODY, ways.OAUTH_FORM, ways.OAUTH_QUERY, ways.OAUTH_GET}
        tokens |= {ways.OAUTH_XML, ways.OAUTH_BATCH, ways.BEARER}
        none, secrets, shown = (doors(clause, declaration()) for clause in CLAUSES)
        assert here == none
        assert {*here, ways.TRAILING_SLASH, ways.DOUBLE_SLASH} == secrets
        assert tokens == shown

    def test_another_kind_of_chat(self) -> None:
        """One wrong secret asks for a chat that is no open line."""
        declared = declaration()
        asked = {int(p.literal) for p in probes("credentials.wrong-secret", declared)}
        assert asked & set(declared.chats("operator").not_open_line)

    @pytest.mark.parametrize("place", ["webhook", "oauth_body"])
    def test_unknown_method(self, place: Place) -> None:
        """An unknown method is asked for once, with a wrong secret or else with a wrong token."""
        declared = declaration()
        person = msgspec.structs.replace(declared.people["operator"], places=(place, "bearer"))
        declared = msgspec.structs.replace(declared, people={"operator": person})
        asked = Probe(method=UNKNOWN, asking=Asking(place=place, identity="random"))
        assert [asked] == probes("precedence.method", declared)

    def test_wrong_secret_of_the_other_user(self) -> None:
        """Once a wrong secret stands at the address of the user without the scope."""
        asked = [probe.asking.identity for probe in probes("credentials.codes", declaration())]
        assert 1 == asked.count("unscoped")


class TestLive:
    """Where it might disturb somebody."""

    @pytest.mark.parametrize("clause", CLAUSES)
    def test_random_and_no_chat(self, clause: str) -> None:
        """Only random secrets are shown, or none, nothing beside, and no chat is asked for."""
        declared = msgspec.structs.replace(declaration(), stand_in=False)
        for probe in probes(clause, declared):
            assert probe.asking.identity in ("none", "random")
            assert ("0", ()) == (probe.literal, probe.extra)
