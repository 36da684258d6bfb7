"""How many clauses a configuration can check on each rung, and what would open the others."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from b24_conformance.contract import Clause, load_contract
from b24_conformance.declaration import RUNGS, Declaration, Rung
from b24_conformance.judge.registry import lacking
from b24_conformance.judge.trial import Trial
from b24_conformance.out_of_reach import out_of_reach
from b24_conformance.transcript import Transcript
from b24_conformance.verdict import required

NO_IM = "the scope im is missing: add it to the webhook"
NO_LIMIT = "only a limit that the portal happens to set shows it, so there is nothing to add"


class Missing(msgspec.Struct, frozen=True):
    """What is missing, and the clauses that would need it."""

    what: str
    clauses: tuple[str, ...]


class Reachable(msgspec.Struct, frozen=True):
    """What a run on one rung can check.

    `must` and `should` are pairs: how many are checked at the least, of how many there are; what
    is asked for one clause may show another one of a higher rung as well. `missing`
    names what the clauses of this very rung need, `hindered` the clauses that the verdict of
    such a run needs and that cannot be checked.
    """

    rung: Rung
    must: tuple[int, int]
    should: tuple[int, int]
    missing: tuple[Missing, ...] = ()
    hindered: tuple[str, ...] = ()


def reachable(
    declared: Declaration, found: Declaration, *, im: bool = True
) -> tuple[Reachable, ...]:
    """For each rung: `declared` says what a verdict needs, `found` what is really there."""
    return tuple(_on(rung, declared, found, im=im) for rung in RUNGS)


def _on(rung: Rung, declared: Declaration, found: Declaration, *, im: bool) -> Reachable:
    declared = msgspec.structs.replace(declared, rung=rung)
    trial = Trial(msgspec.structs.replace(found, rung=rung), Transcript(()))
    lacks = {clause: _lack(clause, trial, im=im) for clause in _clauses(found)}
    held = out_of_reach(trial.declaration)
    lacks = {clause: lack or held.get(clause.id) for clause, lack in lacks.items()}
    counts = {}
    for level in ("MUST", "SHOULD"):
        rows = [lack for clause, lack in lacks.items() if clause.level == level]
        counts[level] = (rows.count(None), len(rows))
    beyond = out_of_reach(declared)
    hindered = [
        c.id for c, lack in lacks.items() if lack and c.id not in beyond and required(c, declared)
    ]
    missing = _grouped({c.id: lack for c, lack in lacks.items() if lack and c.rung == rung})
    return Reachable(rung, counts["MUST"], counts["SHOULD"], tuple(missing), tuple(hindered))


def _clauses(declaration: Declaration) -> Iterator[Clause]:
    for clause in load_contract().clauses:
        if clause.applies_to("portal") and clause.feature not in declaration.without:
            yield clause


def _lack(clause: Clause, trial: Trial, *, im: bool) -> str | None:
    if missing := lacking(clause, trial):
        return missing
    if clause.feature == "throttle":
        return NO_LIMIT
    return NO_IM if clause.feature == "members" and not im else None


def _grouped(lacks: dict[str, str]) -> Iterator[Missing]:
    for what in dict.fromkeys(lacks.values()):
        yield Missing(what, tuple(clause for clause, lack in lacks.items() if lack == what))
