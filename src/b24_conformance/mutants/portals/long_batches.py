"""Faults of a batch with more commands than it may hold."""

from __future__ import annotations

from b24_conformance.mutants.gallery import of_kind
from b24_conformance.reference import Portal
from b24_conformance.reference.batch import MAX_COMMANDS, Results
from b24_conformance.reference.helpers import Call
from b24_conformance.reference.php import Key
from b24_conformance.reference.refusals import RefusedError

faulty = of_kind("batch")


@faulty("batch.length")
class AnyLengthRun(Portal):
    """However many commands there are, all of them are run."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        super().run_item(results, call, 0, key, command)


@faulty("batch.length")
class RestDropped(Portal):
    """Commands behind the fiftieth are left out without a word."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        if position < MAX_COMMANDS:
            super().run_item(results, call, position, key, command)


@faulty("batch.length")
class RestUnnamed(Portal):
    """Commands behind the fiftieth are refused with ERROR_CORE."""

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        super().run_item(results, call, position, key, command)
        if position >= MAX_COMMANDS:
            results.errors[key] = self.refusal_envelope(RefusedError("ERROR_CORE", 400, ""))
