"""Rules of the envelope: kept and broken cases."""

from __future__ import annotations

import pytest
from observations import (
    CHAT_ID,
    JOINED,
    JSON,
    TIME,
    Came,
    Rules,
    broken,
    joined,
    judged,
    lost,
    p,
    refusal,
    refused,
    success,
    with_headers,
)

from b24_conformance import ways
from b24_conformance.exchange import Response
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe

HTML = (("Content-Type", "text/html; charset=utf-8"),)
THROTTLED = refused("QUERY_LIMIT_EXCEEDED", 503)


def latin(came: Came) -> Came:
    """The same answer in bytes that are no UTF-8."""
    assert came.response is not None
    return came._replace(response=Response(200, JSON, came.response.body, "latin-1"))


XML_ERROR = Came(
    Outcome("refused", code="CHAT_ID", status=400),
    Response(400, HTML, "<html>"),
)
REPEATED = broken('{"error":"A","error_description":{"error":"B"},"error":"A"}', 400)
LIMIT_IN_XML = broken("<response><error>QUERY_LIMIT_EXCEEDED</error></response>", 503)
CREATED = JOINED._replace(response=Response(201, JSON, '{"result":true}'))
FINE = CHAT_ID._replace(response=Response(200, JSON, '{"error":"CHAT_ID"}'))
CASES = [
    *(success("success.exactly-true", joined(result=value)) for value in (1, "true", [], None)),
    success("envelope.success-status", CREATED),
    *(refusal("envelope.refusal-status", refused("CHAT_ID", s)) for s in (200, 401, 404, 500)),
    refusal(
        "envelope.refusal-status",
        FINE,
    ),
    *(refusal("envelope.json", broken(body)) for body in ("", "true", "[]", "oops", '{"a":1}{}')),
    refusal("envelope.json", latin(CHAT_ID)),
    refusal("envelope.one-outcome", refused("CHAT_ID", result=None)),
    refusal("envelope.one-outcome", broken('{"error":"A","error":"B"}', 400), REPEATED),
    success("envelope.one-outcome", broken('{"result":1,"result":true}')),
    success("envelope.one-outcome", broken('{"result":true,"res\\u0075lt":false}')),
    success("envelope.one-outcome", broken("{}")),
    success("envelope.one-outcome", joined(error="")),
    refusal("envelope.refusal-strings", refused("CHAT_ID", error_description=None)),
    refusal("envelope.refusal-strings", broken('{"error":"CHAT_ID"}', 400)),
    refusal("envelope.refusal-strings", broken('{"error":5,"error_description":""}', 400)),
    refusal("envelope.refusal-strings", broken('{"error":"","error_description":""}', 400)),
    refusal("envelope.refusal-strings", broken('{"error":null,"error_description":""}', 400)),
    *(
        refusal("envelope.content-type", with_headers(CHAT_ID, ("Content-Type", kind)))
        for kind in ("text/plain", "application/jsonp", "application/json; charset=windows-1251")
    ),
    refusal("envelope.content-type", with_headers(CHAT_ID)),
    refusal("robust.no-html", broken("<!DOCTYPE html><p>", 400)),
    refusal("robust.no-html", broken("\ufeff \n<html>", 400)),
    refusal("robust.no-html", with_headers(CHAT_ID, *HTML)),
    refusal("robust.no-html", broken("<br />\n<b>Warning</b>", 200)),
    refusal("robust.no-server-error", refused("CHAT_ID", 500)),
    refusal("robust.no-server-error", broken("<html>", 502)),
    *(refusal("robust.answers", lost(fault)) for fault in ("timeout", "reset", "truncated")),
    refusal("throttle.shape", broken('{"error":"CHAT_ID"}', 503), THROTTLED),
    refusal("throttle.shape", broken("busy", 503), refused("OVERLOAD_LIMIT", 503)),
    refusal("throttle.shape", broken("<error>CHAT_ID</error>", 503), LIMIT_IN_XML),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
class TestRules(Rules):
    """Each rule passes what keeps its clause and fails what breaks it."""


class TestFreedoms:
    """What a conformant portal may do."""

    @pytest.mark.parametrize(
        ("clause", "came"),
        [
            ("envelope.content-type", with_headers(CHAT_ID, ("content-type", "Application/JSON"))),
            (
                "envelope.content-type",
                with_headers(CHAT_ID, ("Content-Type", 'application/json;charset="UTF-8"')),
            ),
            ("envelope.refusal-strings", refused("CHAT_ID", error_information="more", extra=1)),
            ("envelope.refusal-strings", refused("CHAT_ID", error_description="")),
            ("envelope.one-outcome", refused("CHAT_ID", time=TIME)),
            ("robust.no-server-error", refused("QUERY_LIMIT_EXCEEDED", 503)),
            ("robust.no-server-error", refused("OVERLOAD_LIMIT", 503)),
            ("robust.no-server-error", LIMIT_IN_XML),
            ("robust.no-html", refused("CHAT_ID", error_description="<b>no</b>")),
        ],
    )
    def test_refusals(self, clause: str, came: Came) -> None:
        """Extra fields, any case, and the limits' own codes are right."""
        assert "passed" == judged(clause, [(p(0), came), (p(2045), JOINED)]).status

    def test_xml_is_another_clauses(self) -> None:
        """An answer in XML is no business of the JSON envelope's."""
        asked = [(p(0, asking=ways.XML), XML_ERROR)]
        for clause in ("envelope.json", "envelope.content-type", "robust.no-html"):
            assert "not_checked" == judged(clause, asked).status

    def test_html_is_another_clauses(self) -> None:
        """What is no JSON need not be announced as JSON."""
        asked = [(p(0), CHAT_ID), (p(12), broken("<html>", 400, HTML))]
        assert "passed" == judged("envelope.content-type", asked).status

    def test_system_errors_have_other_statuses(self) -> None:
        """Only the method's own codes demand HTTP 400."""
        asked = [(p(0), refused("NO_AUTH_FOUND", 401)), (p(12), refused("CHAT_TYPE"))]
        assert "passed" == judged("envelope.refusal-status", asked).status

    @pytest.mark.parametrize("clause", sorted({case.clause for case in CASES}))
    def test_hostile_bodies(self, clause: str) -> None:
        """An answer nested beyond all measure breaks no judge."""
        for body in ("[" * 100_000, '{"error":' * 100_000, '"\\ud800"', '{"error":"\\ud800"}'):
            for status in (200, 400, 503):
                assert judged(clause, [(p(0), broken(body, status))]).status


class TestUnpromised:
    """Pages that say that there is nothing here."""

    @pytest.mark.parametrize("clause", ["envelope.json", "robust.no-html"])
    @pytest.mark.parametrize(
        ("probe", "expected"),
        [
            (p(12), "failed"),
            (p(12, asking=ways.FORM), "failed"),
            (p(12, asking=ways.TRAILING_SLASH), "passed"),
            (p(12, asking=ways.UPPER_SUFFIX), "passed"),
            (p(12, asking=ways.TEXT_FORM), "passed"),
            (p('{"CHAT_ID":12', raw=True), "passed"),
            (p('{"CHAT_ID":12}', raw=True), "failed"),
            (p('"\\ud800"'), "passed"),
            (p("[" * 600 + "]" * 600), "passed"),
            (p("[" * 60 + "]" * 60), "failed"),
        ],
    )
    def test_page(self, clause: str, probe: Probe, expected: str) -> None:
        """Where no documentation promises an answer, a page for people breaks no other clause."""
        page = broken("<html>", 404, HTML)
        assert expected == judged(clause, [(p(0), CHAT_ID), (probe, page)]).status

    def test_failure(self) -> None:
        """A failure of the portal's own is no such page."""
        page = broken("<html>", 500, HTML)
        asked = [(p(0), CHAT_ID), (p(12, asking=ways.TRAILING_SLASH), page)]
        assert "failed" == judged("robust.no-html", asked).status
