"""Rules of XML: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    CHAT_TYPE,
    DENIED,
    JOINED,
    Came,
    Case,
    Rules,
    broken,
    judged,
    p,
)

from b24_conformance import ways
from b24_conformance.exchange import Response

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
    Case(
        "xml.content-type",
        [(ZERO, in_xml(CHAT_ID))],
        [(ZERO, in_xml(CHAT_ID, ("Content-Type", "application/json")))],
    ),
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
