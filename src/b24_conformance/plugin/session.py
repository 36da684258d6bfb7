"""The engine behind a pytest session: asks each implementation once, when its first item runs."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pytest

from b24_conformance.config import config_file, load_config
from b24_conformance.contract import Clause, load_contract
from b24_conformance.errors import UsageError
from b24_conformance.events import Event, ImplementationFinished, Judged, RunFinished
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.building import watch
from b24_conformance.implementations.keyring import merged
from b24_conformance.implementations.targets import default_target, implementations
from b24_conformance.live.pending import live_addresses, refuse_over_pending, remembering
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter, render
from b24_conformance.run import examine, started
from b24_conformance.settings import asked_of, options_of
from b24_conformance.suite import agree
from b24_conformance.verdict import worst

_NAMES = (
    "clause",
    "config",
    "despite_warnings",
    "joins",
    "max_requests",
    "rate",
    "reports",
    "require",
    "seed",
    "stay",
    "strict",
    "target",
    "timeout",
)


class Engine:
    """Implementations, judgements and reports of one pytest session (or of one xdist worker)."""

    def __init__(self, config: pytest.Config) -> None:
        named = {name: config.getoption(f"b24_{name}") for name in _NAMES}
        agree(load_contract())
        settings = load_config(named["config"], config.invocation_params.dir)
        self._config = named["config"] or config_file(config.invocation_params.dir)
        self.options = options_of(settings, named)
        load_contract().select(self.options.clauses)
        load_contract().select(self.options.require)
        asked = asked_of(settings, named, self.options.seed)
        targets = named["target"] or [default_target(settings)]
        self.implementations: list[Implementation] = [
            one for target in targets for one in implementations(target, settings, asked)
        ]
        _one_worker(self.implementations, config)
        self.redaction = Redaction(merged([one.secrets for one in self.implementations]))
        watch(self.implementations, self.redaction)
        self.finished: list[ImplementationFinished] = []
        self._selected: dict[str, list[str]] = {}
        self._judged: dict[str, dict[str, Judged]] = {}
        self._broken: dict[str, BaseException] = {}
        self._folder: Path | None = named["reports"]
        self._writer = self._open_writer(config)

    @property
    def exit_code(self) -> int:
        """The worst exit code of the implementations that were asked."""
        return worst([one.exit_code for one in self.finished])

    def wants(self, clause: Clause) -> bool:
        """Whether `--b24-clause` selects this clause."""
        patterns = self.options.clauses
        return not patterns or any(fnmatchcase(clause.id, pattern) for pattern in patterns)

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Remembers what is left of the items after deselection."""
        for item in items:
            clause, name = getattr(item, "clause", None), getattr(item, "implementation", None)
            if clause is not None and name is not None:
                self._selected.setdefault(name, []).append(clause.id)
        if self._writer is not None:
            every = tuple(dict.fromkeys(one for ids in self._selected.values() for one in ids))
            selected = msgspec.structs.replace(self.options, clauses=every)
            self._writer.write(started(load_contract(), selected))

    def judged(self, name: str, clause_id: str) -> Judged:
        """The judgement of a clause; the first question asks the implementation everything."""
        if name in self._broken:
            raise RuntimeError(f"{name} could not be examined") from self._broken[name]
        if name not in self._judged:
            try:
                self._examine(name)
            except BaseException as error:
                self._broken[name] = error
                raise
        return self._judged[name][clause_id]

    def hidden(self, report: pytest.TestReport) -> pytest.TestReport:
        """The report without secrets."""
        text = str(report.longrepr) if report.longrepr is not None else ""
        if text and self.redaction.hides(text) and not isinstance(report.longrepr, tuple):
            report.longrepr = self.redaction.hide(text)
        report.sections = [(title, self.redaction.hide(body)) for title, body in report.sections]
        return report

    def finish(self) -> None:
        """Ends the implementations, closes the events and renders the reports."""
        for implementation in self.implementations:
            implementation.close()
        if self._writer is not None and self._folder is not None:
            self._writer.write(RunFinished(self.exit_code, 0.0))
            self._writer.close()
            if self._path.name == "events.jsonl":
                render(self._path, self._folder, load_contract())

    def told(self) -> dict[str, Any]:
        """What a worker tells the controller."""
        hide = self.redaction.hide
        lines = [[hide(line) for line in said(one)] for one in self.finished]
        path = str(self._path) if self._writer is not None else None
        return {"exit_code": self.exit_code, "lines": lines, "events": path}

    def summarise(self, terminal: Any) -> None:
        """Prints a verdict line for each implementation."""
        for line in (line for one in self.finished for line in said(one)):
            terminal.write_line(self.redaction.hide(line))

    def _examine(self, name: str) -> None:
        implementation = next(one for one in self.implementations if one.name == name)
        judged = self._judged[name] = {}

        writer = self._writer
        write = remembering(writer.write, self._path, self._config) if writer else None

        def sink(event: Event) -> None:
            if isinstance(event, Judged):
                judged[event.clause] = event
            if write is not None:
                write(event)

        selected = tuple(dict.fromkeys(self._selected.get(name, ())))
        options = msgspec.structs.replace(self.options, clauses=selected)
        self.finished.append(examine(implementation, load_contract(), options, sink))

    def _open_writer(self, config: pytest.Config) -> EventWriter | None:
        live = live_addresses(self.implementations)
        if self._folder is None:
            _no_real_joins(self.implementations)
            return None
        refuse_over_pending(live, self._folder / "events.jsonl", self._config)
        self._folder.mkdir(parents=True, exist_ok=True)
        worker = getattr(config, "workerinput", {}).get("workerid", "")
        self._path = self._folder / (f"events-{worker}.jsonl" if worker else "events.jsonl")
        return EventWriter(self._path, self.redaction)


def said(one: ImplementationFinished) -> list[str]:
    """What is said of an implementation at the end: the verdict, and what stands beside it."""
    beside = (f"  {text}" for text in (one.note, one.advice) if text)
    return [f"{one.implementation}: {one.line}", *beside]


def _no_real_joins(found: Sequence[Implementation]) -> None:
    """UsageError where a join of a live portal would be written down nowhere."""
    for one in found:
        if one.declaration.address in live_addresses([one]) and one.declaration.allows("new"):
            raise UsageError(
                f"--b24-joins new on {one.name} needs --b24-reports DIR",
                hint="real joins are written down before they are sent, so that they can be undone",
            )


def _one_worker(found: Sequence[Implementation], config: pytest.Config) -> None:
    """UsageError where several workers would ask a live portal."""
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    portals = (one.declaration for one in found if one.declaration.side == "portal")
    live = [portal.name for portal in portals if not portal.stand_in]
    if live and workers > 1:
        raise UsageError(
            f"{live[0]} is a live portal, and {workers} workers of pytest-xdist would ask it",
            hint="give -n 0 or -n 1; where a join hurts nobody say stand_in = true in [portal]",
        )
