"""Soaking: many sound portals, each drawn and asked with a seed of its own; none may be red.

python -m b24_conformance.soaking --portals 1000 --seed 0 --jobs 2
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import click
import msgspec

from b24_conformance.contract import load_contract
from b24_conformance.events import Event, Judged
from b24_conformance.implementations import embedded
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.http import ServedTransport
from b24_conformance.implementations.inprocess import InProcessTransport
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.mutants.sound import Sound, generated
from b24_conformance.options import Options
from b24_conformance.reference import Server
from b24_conformance.run import examine

_EVERY = 50


class Soaked(NamedTuple):
    """What came of one sound portal.

    `reds` says what is wrong, and is empty as it should be; `excused` are the SHOULD clauses that
    were red and prefer otherwise.
    """

    name: str
    verdict: str
    requests: int
    reds: tuple[str, ...]
    excused: frozenset[str] = frozenset()
    note: str = ""

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.verdict}", *(f"  {red}" for red in self.reds)]
        return "\n".join([*lines, f"  freedoms: {self.note}"])


def soak(sound: Sound, seed: int) -> Soaked:
    """Runs the whole suite against one sound portal."""
    return examined(implementation_of(sound, seed), seed, sound.shoulds, sound.note)


def examined(
    portal: PortalImplementation, seed: int, shoulds: Collection[str], note: str
) -> Soaked:
    """Runs the whole suite against a portal of which only `shoulds` may be red; closes it."""
    judged: list[Judged] = []

    def sink(event: Event) -> None:
        if isinstance(event, Judged):
            judged.append(event)

    with portal:
        finished = examine(portal, load_contract(), Options(seed=seed, shrink=False), sink)
    red = [one for one in judged if one.status == "failed"]
    excused = frozenset(one.clause for one in red if _excused(one, shoulds))
    reds = [_told(one) for one in red if one.clause not in excused]
    if finished.verdict != "conformant" and not reds:
        still_open = [_told(one) for one in judged if one.required and one.status in _OPEN]
        reds = [finished.line, finished.note or "no note", *still_open]
    name = portal.declaration.name
    return Soaked(name, finished.verdict, finished.requests, tuple(reds), excused, note)


_OPEN = ("not_checked", "inconclusive")


def implementation_of(sound: Sound, seed: int) -> PortalImplementation:
    """The sound portal as an implementation that waits for no limiter."""
    if sound.world is not None:
        portal = sound.world.implementation(sound.name, _transport(sound), sound.without, seed)
    else:
        host = embedded.served if sound.over_http else embedded.in_process
        portal = host(sound.name, sound.make(), Asked(seed=seed))
        portal.declaration = msgspec.structs.replace(portal.declaration, without=sound.without)
    # Throttled portals let calls through by their number and not by the clock.
    portal._sleep = lambda _seconds: None
    return portal


def _transport(sound: Sound) -> Transport:
    if sound.over_http:
        server = Server(sound.make()).open()
        return ServedTransport(server.address, server.close)
    return InProcessTransport(sound.make())


def _excused(one: Judged, shoulds: Collection[str]) -> bool:
    return one.level == "SHOULD" and one.clause in shoulds


def _told(one: Judged) -> str:
    return f"{one.level} {one.clause} {one.status}: {one.reason}"


def _soak_seed(seed: int) -> Soaked:
    return soak(generated(seed), seed)


def soak_all(seeds: Iterable[int], jobs: int) -> Iterator[Soaked]:
    """Soaks the generated portal of every seed, in `jobs` processes."""
    if jobs == 1:
        yield from map(_soak_seed, seeds)
        return
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_soak_seed, seeds, chunksize=4)


@click.command()
@click.option("--portals", default=1000, show_default=True, help="How many sound portals.")
@click.option("--seed", default=0, show_default=True, help="The first portal's seed.")
@click.option("--jobs", default=1, show_default=True, help="How many processes.")
def main(portals: int, seed: int, jobs: int) -> None:
    """Draws sound portals and shows that none of them comes out red."""
    clock = time.monotonic()
    red = requests = 0
    for done, soaked in enumerate(soak_all(range(seed, seed + portals), jobs), 1):
        requests += soaked.requests
        if soaked.reds:
            red += 1
            click.echo(str(soaked))
        if done % _EVERY == 0:
            click.echo(f"{done} of {portals} sound portals, {red} red")
    seconds = time.monotonic() - clock
    click.echo(bound(portals, red, requests, seconds))
    raise SystemExit(1 if red else 0)


def bound(portals: int, red: int, requests: int, seconds: float) -> str:
    """The result in a line; none red in n bounds the rate by 3/n (rule of three, 95 %)."""
    told = f"{portals} sound portals, {red} red, {requests} requests in {seconds:.0f} s"
    if red:
        return told
    return f"{told}; false reds are rarer than {3 / portals:.2%} of portals (95 % confidence)"


if __name__ == "__main__":
    main()
