"""Rules of the headers that let pages of any origin call the portal."""

from __future__ import annotations

from collections.abc import Iterator

from b24_conformance.exchange import Response
from b24_conformance.judge.envelopes import json_answers, nobodys
from b24_conformance.judge.registry import Check, rule
from b24_conformance.judge.trial import Trial
from b24_conformance.transcript import Observation


@rule("cors.origin")
def cors_origin(trial: Trial) -> Iterator[Check]:
    """Answers of every status let any origin read them."""
    answers = [*_responses(trial)]
    statuses = {response.status for _, response in answers}
    for observation, response in answers:
        # Whoever sends it twice sends a list, which no browser takes.
        allowed = response.listed("access-control-allow-origin")
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
        if not (asking.batch or asking.in_xml) or not exchanges:
            continue
        response, number = exchanges[-1].response, exchanges[-1].number
        if response is not None and number not in known and not nobodys(seen, response):
            known.add(number)
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
        origin = response.listed("access-control-allow-origin")
        headers = response.listed("access-control-allow-headers") or ""
        names = {name.strip().lower() for name in headers.split(",")}
        yield Check(
            observation,
            origin in ("*", asking) and not names.isdisjoint({"content-type", "*"}),
            "Access-Control-Allow-Origin: * and content-type among the allowed headers",
            f"origin {origin or 'missing'}, headers {headers or 'missing'}",
        )
