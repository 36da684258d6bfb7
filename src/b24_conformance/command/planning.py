"""`run --plan`: every request of a run, and none of them sent."""

from __future__ import annotations

from collections.abc import Sequence

import click

from b24_conformance.contract import load_contract
from b24_conformance.gather import plan
from b24_conformance.implementations.base import Implementation
from b24_conformance.run import Options, chosen
from b24_conformance.suite import World, load_suites


def print_plan(found: Sequence[Implementation], options: Options) -> None:
    """Prints the probes in the order in which a run would send them."""
    for implementation in found:
        declaration = implementation.declaration
        clauses = chosen(load_contract(), declaration, options)
        planned = plan(
            clauses, load_suites(), World(declaration), seed=options.seed, drawn=options.drawn
        )
        click.echo(f"{declaration.name}: --joins {declaration.rung}")
        for number, step in enumerate(planned.steps, 1):
            for probe in step:
                what = "" if probe.method == "imopenlines.session.join" else f" {probe.method}"
                literal = probe.literal if len(probe.literal) <= 60 else probe.literal[:60] + "…"
                click.echo(
                    f"{number:4d}. {probe.operator}{what} CHAT_ID {literal} ({probe.asking})"
                )
        click.echo(f"{len(planned.steps)} steps; nothing was sent")
