"""Rules of the envelope: kept and broken cases."""

from __future__ import annotations

import msgspec
import pytest
from observations import (
    CHAT_ID,
    JOINED,
    JSON,
    TIME,
    Came,
    Case,
    Rules,
    broken,
    joined,
    judged,
    lost,
    p,
    refused,
)

from b24_conformance import ways
from b24_conformance.exchange import Response
from b24_conformance.outcome import Outcome
from b24_conformance.probe import Probe

NO_CORS = (("Content-Type", "application/json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
THROTTLED = refused("QUERY_LIMIT_EXCEEDED", 503)


def success(clause: str, came: Came, kept: Came = JOINED) -> Case:
    """A rule that looks at successes."""
    return Case(clause, [(p(2045), kept), (p(0), CHAT_ID)], [(p(2045), came), (p(0), CHAT_ID)])


def refusal(clause: str, came: Came, kept: Came = CHAT_ID) -> Case:
    """A rule that looks at refusals."""
    return Case(clause, [(p(0), kept), (p(2045), JOINED)], [(p(0), came), (p(2045), JOINED)])


def with_words(came: Came, reason: str) -> Came:
    """The same answer with other words behind its status."""
    assert came.response is not None
    return came._replace(response=msgspec.structs.replace(came.response, reason=reason))


def with_headers(came: Came, *headers: tuple[str, str]) -> Came:
    """The same answer with other headers."""
    assert came.response is not None
    answer = came.response
    return came._replace(response=Response(answer.status, headers, answer.body))


PREFLIGHT = p(None, asking=ways.PREFLIGHT)


def preflight(allowed: str, *, origin: str = "*", status: int = 200) -> Came:
    """An answer to a preflight, without a body."""
    headers = (
        ("access-control-allow-origin", origin),
        ("Access-Control-Allow-Headers", allowed),
    )
    came = broken("", status)
    return came._replace(response=Response(status, headers, ""))


def latin(came: Came) -> Came:
    """The same answer in bytes that are no UTF-8."""
    assert came.response is not None
    return came._replace(response=Response(200, JSON, came.response.body, "latin-1"))


def with_time(**fields: object) -> Came:
    """A success whose `time` has other fields."""
    return joined(time={**TIME, **fields})


def without_time(name: str) -> Came:
    """A success whose `time` lacks a field."""
    return joined(time={key: value for key, value in TIME.items() if key != name})


XML_ERROR = Came(
    Outcome("refused", code="CHAT_ID", status=400),
    Response(400, HTML, "<html>"),
)
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
    refusal("secret.not-echoed", refused("CHAT_ID", error_description="$B24_WEBHOOK")),
    refusal("secret.not-echoed", refused("CHAT_ID", error_description="a [redacted] piece")),
    refusal("secret.not-echoed", with_headers(CHAT_ID, ("Location", "/rest/1/$B24_WEBHOOK/"))),
    refusal("secret.not-echoed", with_headers(CHAT_ID, ("X-$B24_WEBHOOK", "1"))),
    refusal("secret.not-echoed", with_words(CHAT_ID, "Bad Request of $B24_WEBHOOK")),
    success("time.present", joined(time=None)),
    success("time.present", joined(time=[])),
    *(success("time.fields", without_time(name)) for name in TIME),
    success("time.fields", with_time(start="1.0")),
    success("time.fields", with_time(duration=True)),
    success("time.fields", with_time(date_start="22.11.2026")),
    success("time.fields", with_time(date_start="2026-13-41T13:00:00+03:00")),
    success("time.fields", with_time(operating="0")),
    success("time.order", with_time(finish=0.5)),
    success("time.order", with_time(duration=-1)),
    success("time.order", with_time(processing=-0.1)),
    success("time.order", with_time(duration=2.5)),
    success("time.order", with_time(duration=10**400)),
    success("time.order", with_time(processing=1.0e9)),
    success("time.order", with_time(date_finish="2026-11-22T14:00:01+03:00")),
    refusal("cors.origin", with_headers(CHAT_ID, *NO_CORS)),
    refusal(
        "cors.origin",
        with_headers(CHAT_ID, *NO_CORS, ("Access-Control-Allow-Origin", "https://a.example")),
    ),
    *(
        Case(
            "cors.origin",
            [(p(0), CHAT_ID), (p(2045, asking=asking), JOINED)],
            [(p(0), CHAT_ID), (p(2045, asking=asking), with_headers(JOINED, *NO_CORS))],
        )
        for asking in (ways.XML, ways.BATCH)
    ),
    Case(
        "cors.preflight",
        [(PREFLIGHT, preflight("origin, content-type, accept"))],
        [(PREFLIGHT, preflight("origin, accept"))],
    ),
    Case(
        "cors.preflight",
        [(PREFLIGHT, preflight("*", status=401))],
        [(PREFLIGHT, preflight("Content-Type", origin="https://a.example"))],
    ),
    refusal("throttle.shape", broken('{"error":"CHAT_ID"}', 503), THROTTLED),
    refusal("throttle.shape", broken("busy", 503), refused("OVERLOAD_LIMIT", 503)),
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
            ("robust.no-html", refused("CHAT_ID", error_description="<b>no</b>")),
        ],
    )
    def test_refusals(self, clause: str, came: Came) -> None:
        """Extra fields, any case, and the limits' own codes are right."""
        assert "passed" == judged(clause, [(p(0), came), (p(2045), JOINED)]).status

    @pytest.mark.parametrize("date", ["2026-11-22T13:00:00Z", "2026-11-22T13:00:00.5+0300"])
    def test_dates(self, date: str) -> None:
        """Any ISO 8601 date with a zone is right."""
        asked = [(p(2045), with_time(date_start=date, operating=0, operating_reset_at=1))]
        assert "passed" == judged("time.fields", asked).status

    @pytest.mark.parametrize(
        "fields",
        [
            {"start": 1, "finish": 2.9, "duration": 1.9, "processing": 1},
            {"start": 1, "finish": 2, "duration": 1, "processing": 0},
            {"start": 1.9, "finish": 2.0, "duration": 0.1, "processing": 0},
            {"start": 1, "finish": 2, "duration": 0.001, "processing": 1},
        ],
    )
    def test_cut_to_seconds(self, fields: dict[str, object]) -> None:
        """Any of the numbers may be cut to whole seconds, whatever day the dates are of."""
        assert "passed" == judged("time.order", [(p(2045), with_time(**fields))]).status

    def test_xml_is_another_clauses(self) -> None:
        """An answer in XML is no business of the JSON envelope's."""
        asked = [(p(0, asking=ways.XML), XML_ERROR)]
        for clause in ("envelope.json", "envelope.content-type", "robust.no-html"):
            assert "not_checked" == judged(clause, asked).status

    def test_system_errors_have_other_statuses(self) -> None:
        """Only the method's own codes demand HTTP 400."""
        asked = [(p(0), refused("NO_AUTH_FOUND", 401)), (p(12), refused("CHAT_TYPE"))]
        assert "passed" == judged("envelope.refusal-status", asked).status

    def test_preflight_is_no_join(self) -> None:
        """An answer to a preflight needs no body and joins nobody."""
        asked = [(PREFLIGHT, preflight("*")), (p(0), CHAT_ID), (p(2045), JOINED)]
        for clause in ("envelope.json", "robust.no-server-error", "refusal.missing"):
            assert "failed" != judged(clause, asked).status

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
