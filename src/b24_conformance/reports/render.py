"""Renders every report from the file of events."""

from __future__ import annotations

import os
from pathlib import Path

from b24_conformance.contract import Contract
from b24_conformance.reports.events_file import read_events
from b24_conformance.reports.junit import junit_xml
from b24_conformance.reports.matrix import matrix_md
from b24_conformance.reports.page import page_html
from b24_conformance.reports.report import read_report
from b24_conformance.reports.results import encode_results
from b24_conformance.reports.summary import summary_md


def render(events_path: Path, folder: Path, contract: Contract) -> None:
    """Writes results.json, junit.xml, summary.md and index.html (and matrix.md) into `folder`.

    Raises TranscriptError for a file that is no recorded run. All texts are ready before the
    first one is written, and each replaces its file at once: a failure leaves the earlier files.
    """
    report = read_report(read_events(events_path), contract)
    texts = {
        "results.json": encode_results(report.results),
        "junit.xml": junit_xml(report),
        "summary.md": summary_md(report),
        "index.html": page_html(report),
    }
    if len(report.parts) > 1:
        texts["matrix.md"] = matrix_md(report)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _replace(folder / name, text)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
