"""Rules of the envelope: status, content type, fields and their types, in every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec.structs import replace

from b24_conformance import echoes, strict_json
from b24_conformance.exchange import Response
from b24_conformance.judge.php_reading import malformed
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial
from b24_conformance.transcript import Observation
from b24_conformance.ways import UNPROMISED

_NOT_FOUND = 404
_OUTCOMES = ("result", "error")


class Answer(NamedTuple):
    """A response to a join, with its decoded body ({} when it is no JSON object)."""

    seen: Seen
    observation: Observation
    response: Response
    value: Any
    body: dict[str, Any]


@lru_cache(maxsize=4096)
def decoded(text: str) -> Any:
    """The JSON value of a body, None where it is none."""
    try:
        return strict_json.decode(text)
    except ValueError:
        return None


# Judged clause by clause, so that the latest trial is asked for again and again.
@lru_cache(maxsize=1)
def json_answers(trial: Trial) -> tuple[Answer, ...]:
    """Every answer with a response that is neither XML nor a batch."""
    return tuple(_found(trial))


def _found(trial: Trial) -> Iterator[Answer]:
    for seen in trial.joins:
        asking = seen.probe.asking
        response = seen.observation.response
        if response is None or asking.batch or asking.in_xml:
            continue
        if nobodys(seen, response):
            continue
        value = decoded(response.body)
        body = value if isinstance(value, dict) else {}
        yield Answer(seen, seen.observation, response, value, body)


def nobodys(seen: Seen, response: Response) -> bool:
    """Whether a web server says that there is nothing here: other clauses say what should be."""
    asking = seen.probe.asking
    if asking.identity == "none" and response.status == _NOT_FOUND:
        return True
    if isinstance(decoded(response.body), dict) or seen.answer[0] != "broken":
        return False
    unpromised = replace(asking, identity="own") in UNPROMISED
    return (unpromised or malformed(seen)) and 300 <= response.status < 500


def successes(trial: Trial) -> Iterator[Answer]:
    """Those of them that hold a result and no error."""
    return (a for a in json_answers(trial) if "result" in a.body and "error" not in a.body)


def _refusals(trial: Trial) -> Iterator[Answer]:
    return (a for a in json_answers(trial) if "error" in a.body and "result" not in a.body)


@rule("success.exactly-true")
def exactly_true(trial: Trial) -> Iterator[Check]:
    """Success is boolean true: not 1, not "true", not a list, not null."""
    refused = any(seen.answer[0] == "refused" for seen in trial.own)
    for a in successes(trial):
        value = a.body["result"]
        yield Check(
            a.observation,
            value is True,
            "`result` true",
            "" if value is True else f"`result` {json.dumps(value)[:80]}",
            contrast=refused,
        )


@rule("envelope.success-status")
def success_status(trial: Trial) -> Iterator[Check]:
    """A success has HTTP status 200."""
    for a in successes(trial):
        yield Check(
            a.observation, a.response.status == 200, "HTTP 200", f"HTTP {a.response.status}"
        )


@rule("envelope.refusal-status")
def refusal_status(trial: Trial) -> Iterator[Check]:
    """The method's own refusals have HTTP status 400."""
    for a in _refusals(trial):
        if a.seen.probe.asking.identity == "own" and _named(a.body) in METHOD_CODES:
            yield Check(
                a.observation, a.response.status == 400, "HTTP 400", f"HTTP {a.response.status}"
            )


@rule("envelope.json")
def json_object(trial: Trial) -> Iterator[Check]:
    """The body is one JSON object in UTF-8."""
    for a in json_answers(trial):
        sound = isinstance(a.value, dict) and a.response.encoding == "utf-8"
        yield Check(
            a.observation,
            sound,
            "a JSON object in UTF-8",
            f"{a.response.body[:80]!r}" if not sound else "",
        )


@rule("envelope.one-outcome")
def one_outcome(trial: Trial) -> Iterator[Check]:
    """An answer holds either `result` or `error`, never both and never neither."""
    for a in json_answers(trial):
        if isinstance(a.value, dict):
            fields = [name for name in _OUTCOMES if name in a.body]
            twice = [name for name in fields if name in _ambiguous(a.response.body)]
            yield Check(
                a.observation,
                len(fields) == 1 and not twice,
                "either `result` or `error`",
                _told(fields, twice),
            )


@lru_cache(maxsize=4096)
def _ambiguous(text: str) -> frozenset[str]:
    return strict_json.ambiguous(text)


def _told(fields: list[str], twice: list[str]) -> str:
    if twice:
        return f"`{twice[0]}` twice, with different values"
    return " and ".join(fields) or "neither"


@rule("envelope.refusal-strings")
def refusal_strings(trial: Trial) -> Iterator[Check]:
    """A refusal has the strings `error` and `error_description`."""
    for a in _refusals(trial):
        values = (a.body["error"], a.body.get("error_description"))
        kept = all(isinstance(value, str) for value in values) and values[0] != ""
        yield Check(
            a.observation,
            kept,
            "the strings `error` and `error_description`",
            "" if kept else json.dumps(a.body)[:120],
        )


@rule("envelope.content-type")
def content_type(trial: Trial) -> Iterator[Check]:
    """JSON is announced as application/json; what is no JSON is another clause's business."""
    for a in json_answers(trial):
        if a.value is None:
            continue
        kind = (a.response.header("content-type") or "").lower()
        main, _, rest = kind.partition(";")
        charset = re.search(r"charset\s*=\s*\"?([\w-]+)", rest)
        kept = main.strip() == "application/json" and (
            charset is None or charset[1] in ("utf-8", "utf8")
        )
        yield Check(
            a.observation,
            kept,
            "Content-Type application/json; charset=utf-8",
            f"Content-Type {kind or 'missing'}",
        )


@rule("secret.not-echoed")
def not_echoed(trial: Trial) -> Iterator[Check]:
    """No answer repeats the secret or the token that asked."""
    for observation in trial.reached:
        for exchange in observation.exchanges:
            if exchange.response is None:
                continue
            places = [*echoes.places(exchange.request, exchange.response)]
            yield Check(
                observation,
                not places,
                "an answer without the secret",
                f"the secret, or a part of it, in {' and '.join(places)}",
            )


def _named(body: object) -> str | None:
    """The code of a refusal, if it is a text."""
    code = body.get("error") if isinstance(body, dict) else None
    return code if isinstance(code, str) else None
