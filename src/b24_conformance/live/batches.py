"""Several questions in one request: how a batch is written, and how its answer is read; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from b24_conformance.gate import GateClosedError
from b24_conformance.live.questions import Question

BATCH = "batch"
# A portal puts an earlier item's result in the place of this, however it is escaped.
_REFERENCE = "$result"


def written(questions: Mapping[str, Question[object]]) -> dict[str, object]:
    """The parameters of a batch that asks `questions`, each under its key.

    GateClosedError for a reference to another item's result: nobody knows what it would ask.
    """
    return {"halt": 0, "cmd": {key: command(question) for key, question in questions.items()}}


def command(question: Question[object]) -> str:
    """A question as an item: PHP reads back the same parameters, all of them as text."""
    pairs = [pair for key, value in question.parameters.items() for pair in _pairs(key, value)]
    if any(_REFERENCE in text.lower() for pair in pairs for text in pair):
        raise GateClosedError(f"not sent: {question.method} refers to another item's result")
    return f"{question.method}?{urlencode(pairs)}" if pairs else question.method


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    """A parameter as PHP's `http_build_query` takes it apart."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        yield from _pairs(name, dict(enumerate(value)))
    elif value is not None:
        yield name, str(int(value) if isinstance(value, bool) else value)


def results(result: object) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the items brought and their errors, by key; None: this is no batch's answer."""
    if not isinstance(result, dict):
        return None
    brought, errors = _by_key(result.get("result")), _by_key(result.get("result_error"))
    return None if brought is None or errors is None else (brought, errors)


def _by_key(items: object) -> dict[str, Any] | None:
    # PHP writes an empty object as an empty list.
    return items if isinstance(items, dict) else ({} if items == [] else None)
