"""What is told of a judgement: its event, and what a reader needs to see and repeat a failure."""

from __future__ import annotations

import msgspec

from b24_conformance.declaration import Declaration
from b24_conformance.events import Evidence
from b24_conformance.events import Judged as JudgedEvent
from b24_conformance.judge import size
from b24_conformance.judgement import Finding
from b24_conformance.reports.curl import curl_line, spelt_out
from b24_conformance.verdict import Judged


def judged_event(one: Judged, declaration: Declaration) -> JudgedEvent:
    """The event that tells a judgement; of its findings that with the smallest CHAT_ID."""
    clause, judgement = one.clause, one.judgement
    findings = sorted(judgement.findings, key=size)
    return JudgedEvent(
        declaration.name,
        clause.id,
        clause.level,
        clause.feature,
        judgement.status,
        judgement.reason,
        judgement.requests,
        one.required,
        evidence(findings[0], declaration) if findings else None,
    )


def evidence(finding: Finding, declaration: Declaration) -> Evidence:
    """What a reader needs to see a failure and to repeat it."""
    observation = finding.observation
    exchange = observation.exchanges[-1] if observation.exchanges else None
    curl = None
    # Nothing of an application in this process could be repeated by curl.
    named_by_url = declaration.address.startswith("http")
    if exchange is not None and declaration.side == "portal" and named_by_url:
        curl = spelt_out(curl_line(exchange, declaration.address), observation.probe)
    return Evidence(
        observation.probe.literal,
        finding.demanded,
        finding.got,
        msgspec.to_builtins(exchange) if exchange else None,
        curl,
    )
