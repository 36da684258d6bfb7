"""Rules of the envelope: status, content type, fields and their types, in every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec.structs import replace

from b24_conformance import strict_json
from b24_conformance.exchange import Response
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import METHOD_CODES, Seen, Trial
from b24_conformance.php import MISSING
from b24_conformance.transcript import Observation
from b24_conformance.ways import UNPROMISED

# What a portal without the address says there is not said by the method.
_NOT_FOUND = 404
_SERVER_FAULTS_ALLOWED = frozenset({"QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT", "PORTAL_DELETED"})
HIDDEN = re.compile(r"\$B24_[A-Z_]+|\[redacted\]")


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
        if response is None or asking.batch or asking.suffix.lower() == ".xml":
            continue
        if asking.identity == "none" and response.status == _NOT_FOUND:
            continue
        value = decoded(response.body)
        if not isinstance(value, dict) and _not_taken(seen, response):
            continue
        body = value if isinstance(value, dict) else {}
        yield Answer(seen, seen.observation, response, value, body)


def _not_taken(seen: Seen, response: Response) -> bool:
    """Whether some page says that there is nothing here: other clauses say that there should be."""
    unpromised = replace(seen.probe.asking, identity="own") in UNPROMISED
    malformed = seen.probe.raw and seen.value is MISSING
    return (unpromised or malformed) and 300 <= response.status < 500


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
            f"`result` {json.dumps(value)[:80]}",
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
            fields = [name for name in ("result", "error") if name in a.body]
            yield Check(
                a.observation,
                len(fields) == 1,
                "either `result` or `error`",
                " and ".join(fields) or "neither",
            )


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
            f"{json.dumps(a.body)[:120]}",
        )


@rule("envelope.content-type")
def content_type(trial: Trial) -> Iterator[Check]:
    """JSON is announced as application/json."""
    for a in json_answers(trial):
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


@rule("robust.no-html")
def no_html(trial: Trial) -> Iterator[Check]:
    """No CHAT_ID gets a page for people."""
    for a in json_answers(trial):
        start = a.response.body.lstrip("\ufeff \t\r\n")[:200].lower()
        kind = (a.response.header("content-type") or "").lower()
        html = start.startswith(("<!doctype", "<html", "<body", "<head", "<br", "<h1"))
        yield Check(
            a.observation,
            not (html or "text/html" in kind),
            "no HTML",
            f"{kind or 'no content type'}, {a.response.body[:60]!r}",
        )


@rule("robust.no-server-error")
def no_server_error(trial: Trial) -> Iterator[Check]:
    """No CHAT_ID makes the portal fail with 5xx."""
    for seen in trial.joins:
        response = seen.observation.response
        if response is None:
            continue
        body = decoded(response.body)
        code = _named(body)
        kept = response.status < 500 or code in _SERVER_FAULTS_ALLOWED
        yield Check(seen.observation, kept, "no server error", f"HTTP {response.status}")


@rule("robust.answers")
def always_answers(trial: Trial) -> Iterator[Check]:
    """Every request gets one complete answer."""
    for observation in trial.reached:
        for exchange in observation.exchanges:
            kept = exchange.fault in (None, "stale")
            yield Check(observation, kept, "a complete HTTP answer", exchange.detail)


@rule("secret.not-echoed")
def not_echoed(trial: Trial) -> Iterator[Check]:
    """No answer repeats the secret or the token that asked."""
    for observation in trial.reached:
        for exchange in observation.exchanges:
            if exchange.response is None:
                continue
            echoed = any(map(HIDDEN.search, exchange.response.texts))
            yield Check(
                observation,
                not echoed,
                "an answer without the secret",
                "the secret, or a part of it, in the answer",
            )


@rule("cors.origin")
def cors_origin(trial: Trial) -> Iterator[Check]:
    """Answers of every status let any origin read them."""
    answers = [*_responses(trial)]
    statuses = {response.status for _, response in answers}
    for observation, response in answers:
        allowed = response.header("access-control-allow-origin")
        yield Check(
            observation,
            allowed == "*",
            "Access-Control-Allow-Origin: *",
            f"{allowed or 'no such header'} on HTTP {response.status}",
            contrast=len(statuses) > 1,
        )


def _responses(trial: Trial) -> Iterator[tuple[Observation, Response]]:
    """Every response to a join in whatever format, a batch's once."""
    yield from ((a.observation, a.response) for a in json_answers(trial))
    known: set[int] = set()
    for seen in trial.joins:
        asking, exchanges = seen.probe.asking, seen.observation.exchanges
        if not (asking.batch or asking.suffix.lower() == ".xml") or not exchanges:
            continue
        if (response := exchanges[-1].response) and exchanges[-1].number not in known:
            known.add(exchanges[-1].number)
            yield seen.observation, response


@rule("cors.preflight")
def cors_preflight(trial: Trial) -> Iterator[Check]:
    """A preflight hears that any origin may send JSON; whoever answers it, with any status."""
    for observation in trial.preflights:
        response = observation.response
        if response is None:
            continue
        # Some answer with the very origin that asks.
        asking = dict(observation.exchanges[-1].request.headers).get("Origin", "*")
        origin = response.header("access-control-allow-origin")
        headers = response.header("access-control-allow-headers") or ""
        names = {name.strip().lower() for name in headers.split(",")}
        yield Check(
            observation,
            origin in ("*", asking) and not names.isdisjoint({"content-type", "*"}),
            "Access-Control-Allow-Origin: * and content-type among the allowed headers",
            f"origin {origin or 'missing'}, headers {headers or 'missing'}",
        )


@rule("throttle.shape")
def throttle_shape(trial: Trial) -> Iterator[Check]:
    """A 503 is a refusal that names its limit."""
    for seen in trial.joins:
        for exchange in seen.observation.exchanges:
            if exchange.response is not None and exchange.response.status == 503:
                body = decoded(exchange.response.body)
                code = _named(body)
                yield Check(
                    seen.observation,
                    code in _SERVER_FAULTS_ALLOWED,
                    "QUERY_LIMIT_EXCEEDED or OVERLOAD_LIMIT",
                    f"error {code!r}",
                )


def _named(body: object) -> str | None:
    """The code of a refusal, if it is a text."""
    code = body.get("error") if isinstance(body, dict) else None
    return code if isinstance(code, str) else None
