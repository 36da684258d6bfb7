"""junit.xml: a suite per implementation, a case per clause, for CI servers."""

from __future__ import annotations

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from b24_conformance.reports.chat_id import shown
from b24_conformance.reports.report import Part, Report, Row
from b24_conformance.reports.request_line import request_line
from b24_conformance.reports.texts import clipped, visible


def junit_xml(report: Report) -> str:
    """The text of junit.xml. A failure is a MUST that failed; a SHOULD passes and says so."""
    xml = JUnitXml("b24-conformance")
    for part in report.parts:
        xml.add_testsuite(_suite(part, report))
    xml.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text.decode()}\n'


def _suite(part: Part, report: Report) -> TestSuite:
    suite = TestSuite(visible(part.result.name))
    suite.timestamp = visible(report.started.started)
    for name, value in _properties(part, report).items():
        suite.add_property(name, visible(value))
    for row in part.rows:
        suite.add_testcase(_case(row))
    return suite


def _properties(part: Part, report: Report) -> dict[str, str]:
    known = {
        "seed": str(report.results.seed),
        "contract": report.results.contract.method,
        "contract_version": report.results.contract.version,
        "version": report.started.version,
        "side": part.result.side,
        "verdict": part.result.verdict,
        "verdict_line": part.line,
        "requests": str(part.result.requests),
        "complete": str(report.results.complete).lower(),
        "client_version": part.result.client_version or "",
        "note": part.result.note or "",
        "advice": part.advice or "",
    }
    return {name: value for name, value in known.items() if value}


def _case(row: Row) -> TestCase:
    result = row.result
    case = TestCase(result.id, classname=result.feature)
    reason = visible(result.reason or "")
    match result.status:
        case "failed" if result.level == "MUST":
            case.result = [_told(Failure(reason, "MUST"), _story(row))]
        case "failed":
            case.system_out = f"SHOULD failed: {reason}\n{_story(row)}"
        case "inconclusive":
            case.result = [_told(Error(reason, result.status), _story(row))]
        case "not_checked" | "not_implemented":
            case.result = [_told(Skipped(reason, result.status), "\n".join(row.add))]
    return case


def _told(entry: Failure | Error | Skipped, text: str) -> Failure | Error | Skipped:
    if text:
        entry.text = visible(text)
    return entry


def _story(row: Row) -> str:
    """What a reader needs to repeat the failure, a line each."""
    lines = [row.clause.statement.en, f"source: {row.clause.source.where}"] if row.clause else []
    if evidence := row.result.evidence:
        lines += [
            f"CHAT_ID: {shown(evidence.chat_id)}",
            f"demanded: {evidence.demanded}",
            f"got: {evidence.got}",
        ]
        lines += [f"repeat: {evidence.curl}"] if evidence.curl else []
        lines += [f"request: {line}"] if (line := request_line(evidence)) else []
        lines += _wire(row)
    return visible(clipped("\n".join(lines), 16_000))


def _wire(row: Row) -> list[str]:
    exchange = row.exchange
    if not exchange:
        return []
    lines = ["", f"> {exchange.request.verb} {exchange.request.target}", exchange.request.body]
    if response := exchange.response:
        return [*lines, f"< {response.status}", response.body]
    return [*lines, f"< {exchange.fault}: {exchange.detail}"]
