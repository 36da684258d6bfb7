"""With pytest-xdist: one implementation stays on one worker, and one report comes out."""

from __future__ import annotations

from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from b24_conformance.contract import load_contract
from b24_conformance.errors import ConformanceError
from b24_conformance.plugin import OUR_SUITE
from b24_conformance.reports import join_events, render
from b24_conformance.verdict import worst


class ImplementationScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Clause items are scheduled by implementation, every other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        clause_id, bracket, implementation = nodeid.rpartition("::")[2].partition("[")
        return implementation if bracket and clause_id in _clause_ids() else nodeid


class Controller:
    """Gathers what the workers tell."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Our scheduling, unless the user chose one that is not the default."""
        chosen = config.getvalue("dist")
        return ImplementationScheduling(config, log) if chosen in ("load", "worksteal") else None

    @pytest.hookimpl(trylast=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Ends the session if a worker cannot collect the suites, as pytest does without xdist."""
        if report.failed and getattr(report, OUR_SUITE, False):
            pytest.exit("nothing was sent: the suites could not be collected", pytest.ExitCode(2))

    def pytest_testnodedown(self, node: Any) -> None:
        """Remembers what a worker tells at its end."""
        output = getattr(node, "workeroutput", {})
        if "b24_conformance" in output:
            self._told.append(output["b24_conformance"])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Joins the workers' events and renders one report."""
        paths = [Path(told["events"]) for told in self._told if told["events"]]
        folder: Path | None = session.config.getoption("b24_reports")
        if folder is not None and paths:
            try:
                join_events(paths, folder / "events.jsonl")
                render(folder / "events.jsonl", folder, load_contract())
            except ConformanceError as error:
                raise pytest.UsageError(str(error)) from None
        failed = worst([told["exit_code"] for told in self._told])
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints the verdict lines of all workers."""
        for told in self._told:
            for line in chain.from_iterable(told["lines"]):
                terminalreporter.write_line(line)


@cache
def _clause_ids() -> frozenset[str]:
    return frozenset(clause.id for clause in load_contract().clauses)
