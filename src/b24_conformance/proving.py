"""Proof of power: every mutant is examined, and a kill is counted for the named reason."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple, get_args

import msgspec
from msgspec.structs import replace

from b24_conformance.contract import Contract, load_contract
from b24_conformance.declaration import Declaration
from b24_conformance.events import Event, Judged, Observed
from b24_conformance.gather import DRAWN, NOTHING, gather
from b24_conformance.implementations import embedded
from b24_conformance.implementations.base import Implementation
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.judge import Trial, judge
from b24_conformance.mutants import blind, clients
from b24_conformance.mutants.callers.base import ENTRIES, Entry
from b24_conformance.mutants.gallery import Mutant, portal, portals
from b24_conformance.mutants.sound import Sound, sound_portals
from b24_conformance.options import Options
from b24_conformance.reference import Portal
from b24_conformance.run import chosen, examine, judge_all, planned_for
from b24_conformance.soaking import Soaked, examined, soak
from b24_conformance.transcript import Observation, Transcript

Status = Literal["named", "wrong reason", "survived", "not started", "crashed"]
Gallery = Literal["portals", "sound", "clients", "blind"]
GALLERIES: tuple[Gallery, ...] = get_args(Gallery)
TIMEOUT = 1.0
# A brief examination is judged after so many steps, then after twice as many, and so on.
_FIRST_STEPS = 32


class Kill(msgspec.Struct, frozen=True):
    """How one mutant of a gallery fared under one seed.

    `clause` names its fault; where several may, it is the first of them to go red. `failed` are
    all clauses that went red. `to_named` counts the HTTP exchanges up to and with the one at
    which the named clause goes red, `to_first` up to the first red of any clause; each is None
    where that never happens; a list of participants that may be late counts where it was first
    looked at. `requests` are all exchanges of the run.
    """

    mutant: str
    seed: int
    clause: str
    status: Status
    failed: tuple[str, ...] = ()
    to_named: int | None = None
    to_first: int | None = None
    requests: int = 0
    seconds: float = 0.0
    note: str = ""
    gallery: Gallery = "portals"


def prove_one(mutant: Mutant, seed: int, *, drawn: int = DRAWN, brief: bool = False) -> Kill:
    """Examines a faulty portal as `run` would, without shrinking.

    `brief`: no further than the red of the named clause, so that later reds are not seen.
    """
    fault = _Fault("portals", mutant.name, (mutant.clause,))
    options = Options(seed=seed, drawn=drawn, shrink=False)
    return _proven(lambda: _portal(mutant, seed), fault, options, brief=brief)


def prove_client(entry: Entry, seed: int, *, brief: bool = False) -> Kill:
    """Examines a faulty client, as it talks to the reference portal."""
    fault = _Fault("clients", entry.name, (entry.clause,))
    options = Options(seed=seed, shrink=False)
    return _proven(lambda: clients.implementation(entry), fault, options, brief=brief)


def prove_blind(entry: blind.Entry, seed: int, *, brief: bool = False) -> Kill:
    """Examines the portal in PHP with one of its faults."""
    fault = _Fault("blind", entry.name, entry.clauses)
    asked, options = Asked(seed=seed, timeout=TIMEOUT), Options(seed=seed, shrink=False)
    return _proven(lambda: blind.implementation(entry, asked), fault, options, brief=brief)


class _Fault(NamedTuple):
    """A fault and the clauses of which any may name it, the first one foremost."""

    gallery: Gallery
    name: str
    clauses: tuple[str, ...]


def _proven(
    make: Callable[[], Implementation], fault: _Fault, options: Options, *, brief: bool
) -> Kill:
    kill = Kill(fault.name, options.seed, fault.clauses[0], "survived", gallery=fault.gallery)
    try:
        implementation = make()
    except Exception as error:  # whatever a broken portal raises
        return replace(kill, status="not started", note=repr(error))
    return _examined(implementation, kill, fault.clauses, options, brief=brief)


def _examined(
    implementation: Implementation,
    kill: Kill,
    clauses: tuple[str, ...],
    options: Options,
    *,
    brief: bool,
) -> Kill:
    clock = time.perf_counter()
    contract, log = load_contract(), _Log()
    try:
        with implementation:
            if brief:
                _examine_briefly(implementation, contract, clauses, options, log)
            else:
                examine(implementation, contract, options, log)
    except Exception as error:  # a suite that breaks has not judged
        return replace(kill, status="crashed", note=repr(error))
    if not log.observations or _silent(log.observations[0]):
        return replace(kill, status="not started", note="the first request got no answer")
    reds = first_reds(contract, log.failed, implementation.declaration, log.observations)
    naming = [clause for clause in clauses if clause in reds]
    named = min(naming, key=reds.__getitem__, default=kill.clause)
    return replace(
        kill,
        clause=named,
        status="named" if naming else "wrong reason" if reds else "survived",
        failed=tuple(log.failed),
        to_named=reds.get(named),
        to_first=min(reds.values(), default=None),
        requests=Transcript(tuple(log.observations)).requests,
        seconds=round(time.perf_counter() - clock, 3),
    )


def _examine_briefly(
    implementation: Implementation,
    contract: Contract,
    naming: tuple[str, ...],
    options: Options,
    log: _Log,
) -> None:
    """The same questions in the same order, as far as one of the naming clauses needs them."""
    declaration = implementation.declaration
    clauses = chosen(contract, declaration, options)
    steps = planned_for(clauses, declaration, options).steps
    seen, sent, most = NOTHING, 0, _FIRST_STEPS
    while sent < len(steps):
        gathered = gather(steps[sent:most], implementation, log.observations.append, known=seen)
        seen, sent, most = gathered.transcript, most, 2 * most
        trial = Trial(declaration, seen)
        red = [c for c in naming if judge(contract.clause(c), trial).status == "failed"]
        if red or gathered.ending != "complete":
            break
    judged = judge_all(clauses, declaration, seen)
    log.failed = [one.clause for one in judged if one.status == "failed"]


class _Log:
    """A sink in memory."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self.failed: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Observed):
            self.observations.append(event.observation)
        elif isinstance(event, Judged) and event.status == "failed":
            self.failed.append(event.clause)


def _silent(observation: Observation) -> bool:
    """Whether the other side did not answer at all; a client may rightly not have called."""
    unanswered = observation.response is None
    return unanswered and observation.outcome.kind in ("broken", "unreachable")


def first_reds(
    contract: Contract,
    failed: Iterable[str],
    declaration: Declaration,
    observations: Sequence[Observation],
) -> dict[str, int]:
    """For each failed clause the number of the exchange at which it goes red.

    The earliest finding of all is where a shorter run would have gone red: by that clause, or by
    the one of the way of asking, which a later plain question may have cleared.
    """
    trial = Trial(declaration, Transcript(tuple(observations)))
    found = {}
    for clause_id in failed:
        findings = judge(contract.clause(clause_id), trial).findings
        found[clause_id] = min(_sent(finding.observation, observations) for finding in findings)
    return found


def _sent(observation: Observation, observations: Sequence[Observation]) -> int:
    """How many exchanges there were up to and with this observation."""
    numbers = [
        exchange.number
        for earlier in observations[: observation.index + 1]
        for exchange in earlier.exchanges
    ]
    return max(numbers, default=0)


def _portal(mutant: Mutant, seed: int) -> PortalImplementation:
    made = mutant.make()
    answer = made.answer if isinstance(made, Portal) else made
    host = embedded.served if mutant.over_http else embedded.in_process
    return host(mutant.name, answer, Asked(seed=seed, timeout=TIMEOUT))


class Job(NamedTuple):
    """One examination, named so that any process can do it; `brief` as in `prove_one`."""

    gallery: Gallery
    name: str
    seed: int
    brief: bool = False


def jobs(seeds: Iterable[int], *, only: str = "*", galleries: Sequence[Gallery]) -> tuple[Job, ...]:
    """Every examination of these galleries under every seed, after the first one brief ones."""
    return tuple(
        Job(gallery, name, seed, brief=turn > 0)
        for turn, seed in enumerate(seeds)
        for gallery in galleries
        for name in _NAMES[gallery]()
        if fnmatchcase(name, only)
    )


def done(job: Job) -> Kill | Soaked:
    """Does one examination."""
    if job.gallery == "portals":
        return prove_one(portal(job.name), job.seed, brief=job.brief)
    if job.gallery == "clients":
        return prove_client(ENTRIES[job.name], job.seed, brief=job.brief)
    if job.gallery == "blind":
        return _done_blind(blind.entries()[job.name], job)
    return soak(_sound()[job.name], job.seed)


def _done_blind(entry: blind.Entry, job: Job) -> Kill | Soaked:
    if entry.type == "fault":
        return prove_blind(entry, job.seed, brief=job.brief)
    portal = blind.implementation(entry, Asked(seed=job.seed))
    return examined(portal, job.seed, (), entry.what)


def matrix(wanted: Sequence[Job], *, processes: int = 1) -> Iterator[Kill | Soaked]:
    """Does all examinations, in processes of their own unless one is enough."""
    if processes == 1:
        yield from map(done, wanted)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        yield from pool.map(done, wanted, chunksize=4)


def _sound() -> dict[str, Sound]:
    return {sound.name: sound for sound in sound_portals()}


_NAMES: dict[Gallery, Callable[[], Iterable[str]]] = {
    "portals": lambda: [mutant.name for mutant in portals()],
    "clients": lambda: [entry.name for entry in clients.faulty_clients()],
    "sound": _sound,
    "blind": lambda: [one.name for one in (*blind.faults(), *blind.freedoms())],
}
