"""matrix.md: implementations side by side, and what was seen in each red cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from b24_conformance.exchange import Exchange
from b24_conformance.reports.report import Part, Report, Row
from b24_conformance.reports.summary import code, prose, table

_SIGNS = {
    "passed": "✓",
    "failed": "✗",
    "not_checked": "–",
    "not_implemented": "∅",
    "inconclusive": "?",
}


def matrix_md(report: Report) -> str:
    """The text of matrix.md."""
    blocks = [
        f"# `{report.results.contract.method}`: side by side",
        "✓ passed · ✗ failed · – not checked · ∅ not implemented · ? inconclusive",
        table(["Implementation", "Version", "Verdict"], map(_verdict, report.parts)),
        table(["Clause", "Level", *_numbers(report)], _rows(report)),
        " · ".join(f"{number}: {code(part.result.name)}" for number, part in _numbered(report)),
    ]
    for part in report.parts:
        blocks += _cells(part)
    return "\n\n".join(blocks) + "\n"


def _numbered(report: Report) -> Iterable[tuple[int, Part]]:
    return enumerate(report.parts, 1)


def _numbers(report: Report) -> list[str]:
    return [str(number) for number, _ in _numbered(report)]


def _verdict(part: Part) -> list[str]:
    version = part.result.client_version
    return [code(part.result.name), code(version) if version else "", prose(part.line)]


def _rows(report: Report) -> Iterator[list[str]]:
    clauses = {row.result.id: row.result.level for part in report.parts for row in part.rows}
    for clause_id, level in clauses.items():
        found = (part.row(clause_id) for part in report.parts)
        signs = (_SIGNS[row.result.status] if row else "" for row in found)
        yield [code(clause_id), level, *signs]


def _cells(part: Part) -> Iterator[str]:
    """What the caller saw and what was on the wire, for each cell that is red."""
    failed = part.of("failed")
    if failed:
        yield f"## {code(part.result.name)}"
        heads = ["Clause", "CHAT_ID", "Demanded", "What came", "On the wire"]
        yield table(heads, map(_cell, failed))


def _cell(row: Row) -> list[str]:
    evidence = row.result.evidence
    if evidence is None:
        return [code(row.result.id), "", "", prose(row.result.reason or ""), ""]
    return [
        code(row.result.id),
        code(evidence.chat_id),
        prose(evidence.demanded),
        prose(evidence.got),
        _wire(row.exchange),
    ]


def _wire(exchange: Exchange | None) -> str:
    if exchange is None:
        return "nothing"
    request, response = exchange.request, exchange.response
    answer = f"{response.status} {response.body[:120]}" if response else exchange.fault or "nothing"
    return f"{code(f'{request.verb} {request.target} {request.body[:120]}')} → {code(answer)}"
