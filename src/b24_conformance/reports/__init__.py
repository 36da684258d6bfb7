"""Events in, files out: results.json, junit.xml, summary.md and index.html."""

from b24_conformance.reports.curl import curl_line
from b24_conformance.reports.events_file import EventWriter, join_events, read_events
from b24_conformance.reports.render import render
from b24_conformance.reports.results import Results, results_schema

__all__ = [
    "EventWriter",
    "Results",
    "curl_line",
    "join_events",
    "read_events",
    "render",
    "results_schema",
]
