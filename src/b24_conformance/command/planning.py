"""`run --plan`: every request of a run, and none of them sent."""

from __future__ import annotations

from collections.abc import Sequence

import click

from b24_conformance.contract import load_contract
from b24_conformance.declaration import Declaration
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.live.safety import why_safe
from b24_conformance.live.witness import reachable
from b24_conformance.options import Options
from b24_conformance.ordering import in_requests
from b24_conformance.probe import JOIN, Probe, Step
from b24_conformance.run import chosen, planned_for
from b24_conformance.suite import World

_SHOWN = 60


def print_plan(found: Sequence[Implementation], options: Options) -> None:
    """Prints the probes in the order in which a run would send them."""
    for implementation in found:
        declaration = implementation.declaration
        clauses = chosen(load_contract(), declaration, options)
        planned = planned_for(clauses, declaration, options)
        click.echo(f"{declaration.name}: --joins {declaration.rung}")
        requests = [part for step in planned.steps for part in in_requests(step)]
        if not declaration.stand_in:
            _print_looks(declaration)
        for number, request in enumerate(requests, 1):
            _print_request(number, request, implementation, options)
        if not declaration.stand_in:
            _print_end(declaration, options)
        if options.max_requests is not None:
            click.echo(f"--max-requests {options.max_requests}: it ends when so many are sent")
        click.echo(f"{len(requests)} requests; nothing was sent")


def _print_request(
    number: int, request: Step, implementation: Implementation, options: Options
) -> None:
    for place, probe in enumerate(request):
        if isinstance(implementation, PortalImplementation):
            probe = implementation.keyring.settled(probe)  # noqa: PLW2901 (as it will be shown)
        start = f"{number:4d}." if not place else "     "
        click.echo(f"{start} {_in_words(probe)} ({probe.asking})")
    if not implementation.declaration.stand_in:
        click.echo(f"        {why_safe(request, implementation.declaration, stays=options.stay)}")


def _in_words(probe: Probe) -> str:
    what = "" if probe.method == JOIN else f" {probe.method}"
    key = "as a whole" if probe.raw else probe.key
    more = [f"{name} {value}" for name, value in probe.extra]
    more += [f"CHAT_ID {probe.beside} in the URL"] if probe.beside is not None else []
    written = ", ".join((f"{key} {_short(probe.literal)}", *more))
    return f"{probe.operator}{what} {written}"


def _short(literal: str) -> str:
    return literal if len(literal) <= _SHOWN else f"{literal[:_SHOWN]}…"


def _print_looks(declaration: Declaration) -> None:
    chats = len(reachable(declaration))
    if chats:
        click.echo(
            f"   before and after: read-only looks at {chats} declared chats, some in a request: "
            "whoever is in them, of which kind they are; never a message. A chat that is not as "
            "declared is not asked for"
        )


def _print_end(declaration: Declaration, options: Options) -> None:
    joinable = World(declaration).chats("joinable")
    for chat in joinable:
        end = "the operator stays in it (--stay)" if options.stay else "left by im.chat.leave"
        click.echo(f"   at the end: chat {chat}: {end}")
