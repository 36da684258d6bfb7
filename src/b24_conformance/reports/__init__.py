"""Events in, files out: results.json, junit.xml, summary.md and index.html."""

from b24_conformance.reports.curl import curl_line
from b24_conformance.reports.events_file import (
    EventWriter,
    as_written,
    join_events,
    read_events,
    rewrite,
)
from b24_conformance.reports.render import render
from b24_conformance.reports.results import Results, results_schema

__all__ = [
    "EventWriter",
    "Results",
    "as_written",
    "curl_line",
    "join_events",
    "read_events",
    "render",
    "results_schema",
    "rewrite",
]
