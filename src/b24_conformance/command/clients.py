"""`b24-conformance clients`: which known clients are here, and the installation of the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from b24_conformance.clients.catalogue import KNOWN, Client
from b24_conformance.clients.install import InstallError, Say, build, install, kits_of
from b24_conformance.clients.kits import AMARO
from b24_conformance.errors import UsageError, nearest


@click.group()
def clients() -> None:
    """The known clients of the method: which are here, and how to get the others."""


@clients.command("list")
def list_clients() -> None:
    """Lists the known clients, and how to get those that are not here."""
    width = max(map(len, KNOWN))
    for name, client in KNOWN.items():
        state = f"not installed: {client.how_to_get}" if client.missing else "ready"
        click.echo(f"{name:{width}}  {state}")


@clients.command("install")
@click.argument("names", nargs=-1, required=True, metavar="NAME ... | all")
def install_clients(names: tuple[str, ...]) -> int:
    """Installs clients from their registries, each version into a folder of its own.

    What no registry serves, and programs such as node or chromium, it only names. `all` passes
    over clients whose own file is not given: what they need besides would be of no use.
    """
    chosen = _chosen(names)
    kits = {kit.label: kit for client in chosen for kit in kits_of(client)}
    if "all" in names:
        kits[AMARO.label] = AMARO
    steps = [partial(install, kit) for kit in kits.values()]
    steps += [partial(build, client) for client in chosen]
    failures = sum(not _done(step) for step in steps)
    for client in chosen:
        if client.missing:
            click.echo(f"{client.name}: still missing: {client.how_to_get}")
    return 1 if failures else 0


def _done(step: Callable[[Say], None]) -> bool:
    """Whether a step succeeds; one that fails does not keep the others from being done."""
    try:
        step(click.echo)
    except InstallError as error:
        click.echo(f"error: {error}", err=True)
        return False
    return True


def _chosen(names: tuple[str, ...]) -> list[Client]:
    if "all" in names:
        return [client for client in KNOWN.values() if not _waits_for_a_file(client)]
    for name in names:
        if name not in KNOWN:
            raise UsageError(f"no client is named {name!r}", hint=nearest(name, [*KNOWN, "all"]))
    return [KNOWN[name] for name in dict.fromkeys(names)]


def _waits_for_a_file(client: Client) -> bool:
    return any(each.startswith("file:") for each in client.missing)
