"""`b24-conformance docs`: runs the examples of a documentation page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from b24_conformance.config import load_config
from b24_conformance.docs_page import load_page
from b24_conformance.examples import CaseReport, Report, TabReport, check

_SIGNS = {"right": "✓", "wrong": "✗", "does not say which refusal": "✗"}
_OPEN = "–"


@click.command()
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--only", metavar="TAB", help="The tab of this title alone.")
@click.option("--config", type=click.Path(path_type=Path), help="Its [clients] names your files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all that was printed.")
def docs(page: Path, only: str | None, config: Path | None, as_json: bool) -> int:
    """Runs the examples of a documentation page against the reference portal.

    PAGE is the path of a page in YFM, as the vendor's documentation has them. Each code tab runs
    as it is printed but for address, credentials and the number of the chat: once for a success
    and once for each refusal. It is right if a reader of its output is told so. The code runs on
    this machine, as you: look at a page that you do not know.

    Exit 0: all that could be run is right; 1: something is not; 3: nothing could be run; 2: there
    is no such page, or no code tab in it.
    """
    loaded = load_page(page)
    if only is not None:
        loaded = loaded.only(only)
    width = max(len(tab.title) for tab in loaded.tabs)
    paths = load_config(config).clients.paths
    report = check(loaded, paths=paths, tell=lambda tab: None if as_json else _tell(tab, width))
    if as_json:
        click.echo(json.dumps(as_document(report), ensure_ascii=False, indent=2))
    else:
        click.echo(_sentence(report))
    return report.exit_code


def as_document(report: Report) -> dict[str, Any]:
    """The report as JSON has it."""
    return {
        "page": report.page,
        "portal": "reference",
        "tabs": [_tab(tab) for tab in report.tabs],
        "exit_code": report.exit_code,
    }


def _tab(report: TabReport) -> dict[str, Any]:
    return {
        "title": report.tab.title,
        "line": report.tab.line,
        "language": report.tab.language,
        "kind": report.kind,
        "verdict": report.verdict,
        "reason": report.reason,
        "used": list(report.used),
        "cases": [_case(case) for case in report.cases],
    }


def _case(report: CaseReport) -> Mapping[str, Any]:
    return {
        "case": report.case,
        "chat_id": report.chat_id,
        "answered": report.answered,
        "heard": report.heard,
        "verdict": report.verdict,
        "reason": report.reason,
        "exit_code": report.run.exit_code,
        "printed": [{"channel": each.channel, "text": each.text} for each in report.run.printed],
    }


def _tell(report: TabReport, width: int) -> None:
    sign = _SIGNS.get(report.verdict, _OPEN)
    told = report.verdict + (f": {report.reason}" if report.reason else "")
    click.echo(f"{sign} {report.tab.title:{width}}  {told}")
    if report.used:
        click.echo(f"  {'':{width}}  run with {', '.join(report.used)}")


def _sentence(report: Report) -> str:
    verdicts = [tab.verdict for tab in report.tabs]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{report.page}: {told}"
