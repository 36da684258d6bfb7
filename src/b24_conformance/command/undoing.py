"""`b24-conformance undo`: leaves the chats that a killed run has joined and could not leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from b24_conformance.config import Config, load_config
from b24_conformance.errors import TranscriptError, UsageError
from b24_conformance.events import Event, Joining, Observed
from b24_conformance.implementations.app import configured_app
from b24_conformance.implementations.app_loading import PREFIX
from b24_conformance.implementations.building import Asked, watch
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.live.joins import pending, undo
from b24_conformance.live.lock import portal_lock
from b24_conformance.live.visit import readers
from b24_conformance.redaction import Redaction
from b24_conformance.reports import EventWriter, read_events
from b24_conformance.resuming import after
from b24_conformance.settings import asked_of
from b24_conformance.transcript import Observation

_EXIT_LEFT_OVER = 3


@click.command("undo")
@click.argument("events", type=click.Path(path_type=Path), default=Path("reports/events.jsonl"))
@click.option("--config", type=click.Path(path_type=Path), help="TOML file.")
@click.option("--rate", metavar="N/s", help="Requests a second; 1/s with a burst of 5 if live.")
def undo_joins(events: Path, config: Path | None, rate: str | None) -> int:
    """Leaves what a killed run has joined, as its EVENTS (default reports/events.jsonl) tell.

    Looks first whether the operator still takes part; what is done is written into EVENTS, so
    that it is done once. The portal and its credentials come from the config.
    """
    if not events.is_file():
        raise TranscriptError(f"there is no file {events}", hint="a run writes events.jsonl")
    left = pending(read_events(events))
    if not left:
        click.echo("nothing to undo: every join of this run was undone, or was to stay")
        return 0
    loaded = load_config(config)
    asked = asked_of(loaded, {"joins": "new", "rate": rate, "timeout": None}, 0)
    with _joined(left, loaded, asked) as portal, portal_lock(portal.declaration.address):
        _agree(portal, left)
        return _undo(portal, left, events)


def _joined(left: tuple[Joining, ...], config: Config, asked: Asked) -> PortalImplementation:
    """What has joined: an application in process by its name, else the portal in the config."""
    name = left[0].implementation
    if name.startswith(PREFIX):
        return configured_app(name, config, asked)
    return configured_portal(config, asked)


def _undo(portal: PortalImplementation, left: tuple[Joining, ...], path: Path) -> int:
    redaction = Redaction(portal.secrets)
    watch([portal], redaction)
    earlier, clients = after(_observed(path)), readers(portal)
    with EventWriter(path, redaction, append=True) as writer:

        def told(event: Event) -> None:
            if isinstance(event, Observed):
                looks = sum(client.requests for client in clients.values())
                event = Observed(event.implementation, earlier.placed(event.observation, looks))
            writer.write(event)

        problems = undo(portal, clients, left, told)
    for problem in problems:
        click.echo(redaction.hide(problem), err=True)
    undone = len(left) - len(problems)
    click.echo(f"{undone} of {len(left)} joins undone on {portal.name}")
    return _EXIT_LEFT_OVER if problems else 0


def _observed(path: Path) -> Iterator[Observation]:
    return (event.observation for event in read_events(path) if isinstance(event, Observed))


def _agree(portal: PortalImplementation, left: tuple[Joining, ...]) -> None:
    """Raises UsageError where the config is of another portal or another operator."""
    for joining in left:
        person = portal.declaration.people.get(joining.operator)
        if joining.implementation != portal.name or person is None:
            raise UsageError(
                f"these joins were made as the {joining.operator} of {joining.implementation}, "
                f"and the config is of {portal.name}",
                hint="--config FILE names the config of the run that was killed",
            )
        if None not in (joining.user_id, person.user_id) and joining.user_id != person.user_id:
            raise UsageError(
                f"user {joining.user_id} has joined, and the config's {joining.operator} is user "
                f"{person.user_id}",
                hint="take that user's webhook: nobody can leave a chat for another",
            )
