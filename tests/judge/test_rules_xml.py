"""Rules of XML: kept and broken cases."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DECLARATION,
    DENIED,
    JOINED,
    JSON,
    Asked,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
    refused,
)

from b24_conformance import ways
from b24_conformance.exchange import Response
from b24_conformance.probe import Asking, Identity

ZERO, GROUP, MEMBER = (p(chat, asking=ways.XML) for chat in (0, 12, 2045))
KIND = (("Content-Type", "text/xml; charset=utf-8"),)


def in_xml(came: Came, *headers: tuple[str, str]) -> Came:
    """The same outcome in XML, under other headers."""
    status = came.outcome.status or 200
    return came._replace(response=Response(status, headers or KIND, "<response/>"))


def written(came: Came, body: str) -> Came:
    """The same outcome, read from this XML."""
    return came._replace(response=Response(came.outcome.status or 200, KIND, body))


def with_status(came: Came, status: int) -> Came:
    """The same outcome with another status."""
    outcome = came.outcome.__class__(came.outcome.kind, came.outcome.code, status)
    return came._replace(outcome=outcome)


def latin(came: Came) -> Came:
    """The same outcome in bytes that are no UTF-8."""
    return came._replace(response=Response(400, KIND, NO_TEXT, "latin-1"))


FULL = "<response><result>1</result><time><start>1</start></time></response>"
NO_TEXT = "<response><error>CHAT_ID</error></response>"
CASES = [
    Case(
        "xml.success",
        [(MEMBER, JOINED), (ZERO, CHAT_ID)],
        [(MEMBER, DENIED), (ZERO, CHAT_ID)],
    ),
    Case(
        "xml.refusal",
        [(GROUP, CHAT_TYPE), (ZERO, CHAT_ID)],
        [(GROUP, CHAT_ID), (ZERO, CHAT_ID)],
    ),
    Case(
        "xml.refusal",
        [(GROUP, CHAT_TYPE), (ZERO, CHAT_ID)],
        [(GROUP, with_status(CHAT_TYPE, 200)), (ZERO, CHAT_ID)],
    ),
    Case(
        "xml.success",
        [
            (MEMBER, written(JOINED, "<response>\n <result>1</result>\n</response>")),
            (ZERO, CHAT_ID),
        ],
        [(MEMBER, written(JOINED, "<response>1<result>1</result></response>")), (ZERO, CHAT_ID)],
    ),
    Case(
        "xml.refusal",
        [
            (GROUP, CHAT_TYPE),
            (ZERO, written(CHAT_ID, "<response><error>CHAT_ID</error></response>")),
        ],
        [(GROUP, written(CHAT_TYPE, "<response><error>CHAT_TYPE</error>no</response>"))],
    ),
    *(
        Case("xml.contents", [(MEMBER, written(JOINED, FULL))], [(MEMBER, written(JOINED, body))])
        for body in (
            FULL.replace("<time><start>1</start></time>", ""),
            FULL.replace("<start>1</start>", ""),
            FULL.replace(">1</result>", ">true</result>"),
        )
    ),
    Case(
        "xml.contents",
        [(ZERO, written(CHAT_ID, NO_TEXT.replace("</r", "<error_description/></r")))],
        [(ZERO, written(CHAT_ID, NO_TEXT))],
    ),
    *(
        Case(
            "xml.content-type",
            [(ZERO, in_xml(CHAT_ID))],
            [(ZERO, in_xml(CHAT_ID, ("Content-Type", kind)))],
        )
        for kind in ("application/json", "text/xml; charset=windows-1251")
    ),
    Case("xml.content-type", [(ZERO, in_xml(CHAT_ID))], [(ZERO, latin(CHAT_ID))]),
    Case(
        "xml.content-type",
        [(ZERO, in_xml(CHAT_ID, ("content-type", "Application/XML")))],
        [(ZERO, in_xml(CHAT_ID, ("X-Nothing", "")))],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestCredentials:
    """Calls without credentials, which arrive where a portal may have nothing."""

    @pytest.mark.parametrize(("status", "expected"), [(404, "passed"), (401, "failed")])
    def test_page_instead(self, status: int, expected: str) -> None:
        """A page says nothing about XML where the address is not there; a refusal has to be XML."""
        nobody = p(2045, asking=msgspec.structs.replace(ways.XML, identity="none"))
        asked = [(ZERO, in_xml(CHAT_ID)), (GROUP, in_xml(CHAT_TYPE))]
        page = broken("<html>", status)
        assert expected == judged("xml.refusal", [*asked, (nobody, page)]).status

    @pytest.mark.parametrize("identity", ["random", "without_scope"])
    def test_joined(self, identity: Identity) -> None:
        """That a stranger is let in is the business of the clauses about credentials."""
        stranger = p(2045, asking=msgspec.structs.replace(ways.XML, identity=identity))
        asked = [(ZERO, in_xml(CHAT_ID)), (GROUP, in_xml(CHAT_TYPE)), (stranger, JOINED)]
        assert "passed" == judged("xml.refusal", asked).status


class TestWithoutTime:
    """A portal that says that it has no `time`."""

    def test_declared(self) -> None:
        """It has none in XML either."""
        declaration = msgspec.structs.replace(DECLARATION, without=("time",))
        asked = [(MEMBER, written(JOINED, "<response><result>1</result></response>"))]
        assert "passed" == judged("xml.contents", asked, declaration).status


UNKNOWN = broken('{"error":"ERROR_METHOD_NOT_FOUND","error_description":""}', 404, JSON)
BY_XML = ("xml.success", "xml.refusal", "xml.contents", "xml.content-type")


class TestWithoutXml:
    """A portal to which .xml is part of the method's name."""

    PLAIN: ClassVar[list[Asked]] = [(p(0), CHAT_ID), (p(2045), JOINED)]

    @pytest.mark.parametrize("clause", BY_XML)
    def test_not_implemented(self, clause: str) -> None:
        """It says itself that it has no XML."""
        asked = [*self.PLAIN, (ZERO, UNKNOWN), (MEMBER, UNKNOWN), (GROUP, UNKNOWN)]
        judgement = judged(clause, asked)
        assert "not_implemented" == judgement.status
        assert "ERROR_METHOD_NOT_FOUND" in str(judgement.reason)

    @pytest.mark.parametrize("clause", ["credentials.wrong-secret", "cors.origin"])
    def test_strangers(self, clause: str) -> None:
        """Who is told that there is no such method has shown his credentials to nobody."""
        stranger = p(2045, asking=msgspec.structs.replace(ways.XML, identity="random"))
        wrong = p(2045, asking=Asking(identity="random"))
        asked = [*self.PLAIN, (wrong, refused("INVALID_CREDENTIALS", 401)), (stranger, UNKNOWN)]
        assert "passed" == judged(clause, asked).status

    @pytest.mark.parametrize(
        "answered", [JOINED, CHAT_ID, refused("INVALID_CREDENTIALS", 401)], ids=str
    )
    def test_sometimes(self, answered: Came) -> None:
        """Who answers anybody in XML has it for everybody."""
        asked = [*self.PLAIN, (ZERO, answered), (MEMBER, UNKNOWN)]
        assert "failed" == judged("xml.success", asked).status

    @pytest.mark.parametrize("body", ['{"error":"NOT_FOUND"}', "<html>", "[]"])
    def test_another_refusal(self, body: str) -> None:
        """Any other refusal may have any other cause."""
        asked = [*self.PLAIN, (ZERO, broken(body, 404)), (MEMBER, broken(body, 404))]
        assert "failed" == judged("xml.success", asked).status
