"""One run: every implementation is asked, judged and given its verdict; events tell it all."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from b24_conformance import __version__
from b24_conformance.concluding import conclude
from b24_conformance.contract import Clause, Contract, load_contract
from b24_conformance.declaration import Declaration
from b24_conformance.events import (
    Event,
    EventSink,
    ImplementationFinished,
    ImplementationStarted,
    Observed,
    Planned,
    RunFinished,
    RunStarted,
    Witnessed,
)
from b24_conformance.gather import Gathered, Plan, gather, plan
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.judge import Trial, judge
from b24_conformance.judgement import Judgement
from b24_conformance.live.lock import portal_lock
from b24_conformance.live.packing import sparing_plan
from b24_conformance.live.visit import Asked, Visit
from b24_conformance.options import Options
from b24_conformance.ordering import requests_of
from b24_conformance.resuming import Earlier, latest
from b24_conformance.shrink import MOST_CLAUSES, Shrinker
from b24_conformance.suite import World, load_suites
from b24_conformance.transcript import Observation, Transcript
from b24_conformance.verdict import worst

NEW = Earlier()
_CLIENTS_AT_ONCE = 8
# New objects between two searches for garbage; Python's own number is 700.
_SELDOM = 50_000
# Draws are reproducible only one after another.
_PLANNING = threading.Lock()


def started(contract: Contract, options: Options) -> RunStarted:
    """The first event of a run."""
    return RunStarted(
        __version__,
        contract.method,
        contract.version,
        options.seed,
        datetime.now(UTC).isoformat(timespec="seconds"),
        tuple(clause.id for clause in contract.select(options.clauses)),
    )


def run(
    implementations: Iterable[Implementation],
    options: Options,
    sink: EventSink,
    earlier: Mapping[str, Earlier] | None = None,
) -> tuple[ImplementationFinished, ...]:
    """Asks and judges every implementation in turn.

    `earlier` is what an earlier run tells of some of them, by name, if this one goes on with it.
    """
    clock = time.monotonic()
    contract = load_contract()
    one_at_a_time = _one_at_a_time(sink)
    sink(started(contract, options))

    def examined(implementation: Implementation) -> ImplementationFinished:
        known = (earlier or {}).get(implementation.name, NEW)
        with implementation:
            if known.finished:
                return known.finished
            return examine(implementation, contract, options, one_at_a_time, known)

    asked = list(implementations)
    clients = [one for one in asked if one.declaration.side == "client"]
    # Clients mostly wait: for a pause that a limit asks of them, or for their own time-outs.
    with _collecting_seldom(), ThreadPoolExecutor(_CLIENTS_AT_ONCE) as pool:
        finished = {one.name: examined(one) for one in asked if one not in clients}
        told = pool.map(examined, clients)
        finished |= {client.name: one for client, one in zip(clients, told, strict=True)}
    exit_code = worst([one.exit_code for one in finished.values()])
    sink(RunFinished(exit_code, round(time.monotonic() - clock, 3)))
    return tuple(finished[one.name] for one in asked)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """A run keeps nearly all that it makes: looking there for garbage costs and finds little."""
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _one_at_a_time(sink: EventSink) -> EventSink:
    lock = threading.Lock()

    def locked(event: Event) -> None:
        with lock:
            sink(event)

    return locked


def examine(
    implementation: Implementation,
    contract: Contract,
    options: Options,
    sink: EventSink,
    earlier: Earlier = NEW,
) -> ImplementationFinished:
    """Gathers, judges and shrinks one implementation, or what an `earlier` run left of it."""
    declaration = implementation.declaration
    clauses = chosen(contract, declaration, options)
    sink(ImplementationStarted(declaration, implementation.version))
    if implementation.missing:
        reason = f"not installed: {implementation.missing}"
        unasked = [(clause, Judgement(clause.id, "not_checked", reason)) for clause in clauses]
        nothing = Gathered(Transcript(), "no_portal", reason)
        return conclude(declaration, unasked, nothing, options, sink)

    def observed(observation: Observation) -> None:
        sink(Observed(declaration.name, observation))

    if isinstance(implementation, PortalImplementation) and not declaration.stand_in:
        return _visit(implementation, clauses, options, sink, earlier)
    with _PLANNING:
        planned = planned_for(clauses, declaration, options)
    steps = earlier.open(planned.steps)
    requests = sum(map(requests_of, steps))
    paced = implementation.pace.rate if isinstance(implementation, PortalImplementation) else None
    sink(Planned(declaration.name, requests, paced))
    resumed = earlier.resumed(implementation)
    gathered = gather(steps, resumed, observed, max_requests=options.max_requests)
    gathered = _in_all_legs(gathered, earlier)
    judgements = judge_all(clauses, declaration, gathered.transcript)
    failed = [judgement for judgement in judgements if judgement.status == "failed"]
    if failed and options.shrink and declaration.stand_in and gathered.ending == "complete":
        shrinker = Shrinker(resumed, gathered.transcript, observed)
        for judgement in failed[:MOST_CLAUSES]:
            shrinker.shrink(judgement, planned.wants[judgement.clause], options.seed)
        whole = Transcript(tuple(shrinker.observations))
        gathered = msgspec.structs.replace(gathered, transcript=whole)
        judgements = judge_all(clauses, declaration, gathered.transcript)
    both = list(zip(clauses, judgements, strict=True))
    return conclude(declaration, both, gathered, options, sink, version=implementation.version)


def _in_all_legs(gathered: Gathered, earlier: Earlier) -> Gathered:
    return msgspec.structs.replace(
        gathered,
        transcript=earlier.before(gathered.transcript),
        looks=gathered.looks + earlier.untold,
    )


def _visit(
    portal: PortalImplementation,
    clauses: Sequence[Clause],
    options: Options,
    sink: EventSink,
    earlier: Earlier,
) -> ImplementationFinished:
    """Gathers and judges one live portal, which nobody else may ask at the same time."""
    declaration = portal.declaration
    asked = Asked(
        options.seed, options.drawn, options.max_requests, options.stay, options.despite_warnings
    )
    with portal_lock(declaration.address):
        visited = Visit(portal, clauses, asked, sink, earlier).make()
    gathered = _in_all_legs(visited.gathered, earlier)
    witnessed = latest((*earlier.witnessed, *visited.witnessed))
    judgements = judge_all(clauses, declaration, gathered.transcript, witnessed)
    both = list(zip(clauses, judgements, strict=True))
    return conclude(declaration, both, gathered, options, sink)


def planned_for(clauses: Sequence[Clause], declaration: Declaration, options: Options) -> Plan:
    """What is asked, as far as the answers are the demanded ones."""
    planner = plan if declaration.stand_in else sparing_plan
    world = World(declaration)
    return planner(clauses, load_suites(), world, seed=options.seed, drawn=options.drawn)


def chosen(contract: Contract, declaration: Declaration, options: Options) -> tuple[Clause, ...]:
    """The selected clauses that speak of this side."""
    selected = contract.select(options.clauses)
    return tuple(clause for clause in selected if clause.applies_to(declaration.side))


def judge_all(
    clauses: Sequence[Clause],
    declaration: Declaration,
    transcript: Transcript,
    witnessed: Iterable[Witnessed] = (),
) -> list[Judgement]:
    """Judges every clause over one transcript; sends nothing."""
    trial = Trial(declaration, transcript, witnessed)
    return [judge(clause, trial) for clause in clauses]
