"""Rules of robustness: whatever CHAT_ID is, the portal stands and answers itself."""

from __future__ import annotations

from collections.abc import Iterator

from b24_conformance.judge.envelopes import json_answers
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import Trial
from b24_conformance.pace import code_of

_LIMITS = frozenset({"QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT", "PORTAL_DELETED"})


@rule("robust.no-html")
def no_html(trial: Trial) -> Iterator[Check]:
    """No CHAT_ID gets a page for people."""
    for a in json_answers(trial):
        start = a.response.body.lstrip("\ufeff \t\r\n")[:200].lower()
        kind = (a.response.header("content-type") or "").lower()
        tagged = start.startswith(("<!doctype", "<html", "<body", "<head", "<br", "<h1"))
        html = tagged or "text/html" in kind
        yield Check(
            a.observation,
            not html,
            "no HTML",
            f"{kind or 'no content type'}, {a.response.body[:60]!r}" if html else "",
        )


@rule("robust.no-server-error")
def no_server_error(trial: Trial) -> Iterator[Check]:
    """No CHAT_ID makes the portal fail with 5xx."""
    for seen in trial.joins:
        response = seen.observation.response
        if response is None:
            continue
        kept = response.status < 500 or code_of(response) in _LIMITS
        yield Check(seen.observation, kept, "no server error", f"HTTP {response.status}")


@rule("robust.answers")
def always_answers(trial: Trial) -> Iterator[Check]:
    """Every request gets one complete answer."""
    for observation in trial.reached:
        for exchange in observation.exchanges:
            kept = exchange.fault in (None, "stale")
            yield Check(observation, kept, "a complete HTTP answer", exchange.detail)


@rule("throttle.shape")
def throttle_shape(trial: Trial) -> Iterator[Check]:
    """A 503 is a refusal that names its limit."""
    for seen in trial.joins:
        for exchange in seen.observation.exchanges:
            if exchange.response is not None and exchange.response.status == 503:
                code = code_of(exchange.response)
                yield Check(
                    seen.observation,
                    code in _LIMITS,
                    "QUERY_LIMIT_EXCEEDED or OVERLOAD_LIMIT",
                    f"error {code!r}",
                )
