"""Batches: several calls in one request (portal-facts section 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from b24_conformance.reference import php
from b24_conformance.reference.helpers import Call, Helpers
from b24_conformance.reference.php import Array, Key, Value
from b24_conformance.reference.refusals import RefusedError
from b24_conformance.reference.rendering import Rendering

MAX_COMMANDS: Final = 50
_FORBIDDEN: Final = frozenset({"batch", "upload", "download"})
# parse_url takes "x:method?…" for a scheme and a path.
_SCHEME: Final = re.compile(r"[A-Za-z0-9+.-]+:(?=[^/0-9])")


@dataclass(slots=True)
class Results:
    """What a batch has brought so far, by the keys of its commands."""

    values: dict[Key, Value] = field(default_factory=dict)
    errors: dict[Key, Value] = field(default_factory=dict)
    times: dict[Key, Value] = field(default_factory=dict)


class Batching(Helpers, Rendering):
    """Runs batches; each step can be overridden."""

    def batch(self, call: Call) -> Value:
        """Answer ``batch``: run the commands in their order, under one caller."""
        results = Results()
        halt = self.batch_halts(call)
        commands = php.entries(call.any_case("CMD")) or []
        for position, (key, command) in enumerate(commands):
            # Other than text is skipped and reported nowhere, yet counts towards the limit.
            if not isinstance(command, str):
                continue
            self.run_item(results, call, position, key, command)
            if halt and results.errors:
                break
        return self.batch_envelope(results)

    def batch_halts(self, call: Call) -> bool:
        """Tell whether the first error ends the batch: PHP's truth, so ``"false"`` is true."""
        return php.truthy(call.any_case("HALT"))

    def run_item(self, results: Results, call: Call, position: int, key: Key, command: str) -> None:
        """Run one command and file its result or its error."""
        started = self.clock()
        try:
            if position >= MAX_COMMANDS:
                raise RefusedError("ERROR_BATCH_LENGTH_EXCEEDED")
            results.values[key] = self.run_command(command, call)
        except RefusedError as refused:
            results.errors[key] = self.refusal_envelope(refused)
        else:
            results.times[key] = self.time_object(started, self.clock())

    def run_command(self, command: str, call: Call) -> Value:
        """Run one command for the caller of the batch."""
        name, parameters = self.split_command(command)
        # The vendor compares before it folds the case, so `Batch` would nest without end.
        if name.lower() in _FORBIDDEN:
            raise RefusedError("ERROR_BATCH_METHOD_NOT_ALLOWED")
        method = self.find_method(name)
        if not self.has_scope(call.account, method.scope):
            # The vendor's items leave the text empty (docs: batch.md).
            raise RefusedError("insufficient_scope", 401, "")
        return method.run(Call(parameters, call.account))

    def split_command(self, command: str) -> tuple[str, Array]:
        """Split ``method?query#fragment``; a suffix or a leading slash stays in the name."""
        name, _, query = command.partition("#")[0].partition("?")
        return _SCHEME.sub("", name, count=1), php.parse_form(query)

    def batch_envelope(self, results: Results) -> Value:
        """Return the five maps of a batch's answer."""
        return {
            "result": self.batch_shape(results.values),
            "result_error": self.batch_shape(results.errors),
            "result_total": [],
            "result_next": [],
            "result_time": self.batch_shape(results.times),
        }

    def batch_shape(self, items: Mapping[Key, Value]) -> Value:
        """Return a list where PHP's keys are 0, 1, 2 …, as for none; else an object."""
        if list(items) == list(range(len(items))):
            return list(items.values())
        return dict(items)
