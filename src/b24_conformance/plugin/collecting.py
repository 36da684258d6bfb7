"""Collectors and items: one suite file gives an item per clause and implementation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr

from b24_conformance.contract import Clause, load_contract
from b24_conformance.errors import ConformanceError
from b24_conformance.events import Judged
from b24_conformance.plugin import ENGINE
from b24_conformance.plugin.session import Engine
from b24_conformance.reports.chat_id import shown
from b24_conformance.reports.request_line import request_line
from b24_conformance.suite import load_suite

_REFUSED = pytest.StashKey[bool]()


class ClauseFailedError(Exception):
    """A clause is broken; the judgement says how."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(judged.reason or "")
        self.judged = judged


class SuiteFile(pytest.File):
    """A suite file, collected by us and by nobody else."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each clause of the file and each implementation of its side."""
        if self.config.stash.get(_REFUSED, False):
            # Why nothing can be asked was said of the first file.
            return
        try:
            engine = engine_of(self.config)
            clause_ids = load_suite(self.path)
        except ConformanceError as error:
            self.config.stash[_REFUSED] = True
            raise pytest.UsageError(str(error)) from None
        contract = load_contract()
        for implementation in engine.implementations:
            for clause_id in clause_ids:
                clause = contract.clause(clause_id)
                if clause.applies_to(implementation.declaration.side) and engine.wants(clause):
                    yield ClauseItem.from_parent(
                        self,
                        name=f"{clause_id}[{implementation.name}]",
                        clause=clause,
                        implementation=implementation.name,
                    )


class ClauseItem(pytest.Item):
    """One clause, judged for one implementation."""

    def __init__(self, *, clause: Clause, implementation: str, **named: Any) -> None:
        super().__init__(**named)
        self.clause = clause
        self.implementation = implementation
        self.add_marker(pytest.mark.xdist_group(implementation))

    def runtest(self) -> None:
        """Passes, fails or skips with the judgement's reason."""
        engine = engine_of(self.config)
        judged = engine.judged(self.implementation, self.clause.id)
        if judged.status == "passed":
            return
        if judged.status != "failed":
            pytest.skip(f"{judged.status.replace('_', ' ')}: {judged.reason}")
        if judged.level == "SHOULD" and not engine.options.strict:
            pytest.xfail(f"SHOULD: {judged.reason}")
        raise ClauseFailedError(judged)

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], *args: Any, **named: Any
    ) -> str | TerminalRepr:
        """The clause's statement, and what a reader needs to repeat the failure."""
        if not isinstance(excinfo.value, ClauseFailedError):
            return super().repr_failure(excinfo, *args, **named)
        return told(self.clause, excinfo.value.judged)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the item comes from."""
        return self.path, None, ""


def told(clause: Clause, judged: Judged) -> str:
    """A failed clause in words."""
    lines = [f"{clause.level} {clause.id}: {clause.statement.en}", clause.statement.ru]
    evidence = judged.evidence
    if evidence is not None:
        lines += [
            f"CHAT_ID   {shown(evidence.chat_id)}",
            f"demanded  {evidence.demanded}",
            f"got       {evidence.got}",
        ]
        if evidence.curl:
            lines.append(f"repeat    {evidence.curl}")
        elif line := request_line(evidence):
            lines.append(f"request   {line}")
    return "\n".join(lines)


def engine_of(config: pytest.Config) -> Engine:
    """The session's engine, made when the first suite is collected."""
    engine = config.stash.get(ENGINE, None)
    if engine is None:
        engine = config.stash[ENGINE] = Engine(config)
    return engine
