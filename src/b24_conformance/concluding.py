"""From judgements to a verdict, told as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from b24_conformance.contract import Clause, load_contract
from b24_conformance.declaration import Declaration
from b24_conformance.events import EventSink, ImplementationFinished
from b24_conformance.evidence import judged_event
from b24_conformance.gather import Gathered
from b24_conformance.judge.absences import advice
from b24_conformance.judge.registry import unconfigured
from b24_conformance.judgement import Judgement
from b24_conformance.options import Options
from b24_conformance.out_of_reach import out_of_reach
from b24_conformance.verdict import EXIT, WRONGLY_JOINED, Judged, required, verdict

_WHOEVER_ASKS = ("secret.", "robust.", "envelope.", "cors.")
_UNKEPT = ("failed", "not_checked", "inconclusive")


def conclude(
    declaration: Declaration,
    judgements: Sequence[tuple[Clause, Judgement]],
    gathered: Gathered,
    options: Options,
    sink: EventSink,
    *,
    version: str | None = None,
) -> ImplementationFinished:
    """Tells the judgements and the verdict."""
    beyond = out_of_reach(declaration) if declaration.side == "portal" else {}
    judged = [
        _judged(clause, _of_one_let_in(judgement, gathered), declaration, options, beyond)
        for clause, judgement in judgements
    ]
    for one in judged:
        sink(judged_event(one, declaration))
    whole = len(load_contract().of_side(declaration.side))
    outcome = verdict(judged, strict=options.strict, ending=gathered.ending, whole=whole)
    finished = ImplementationFinished(
        declaration.name,
        declaration.side,
        outcome.word,
        gathered.transcript.requests + gathered.looks,
        outcome.line,
        gathered.note,
        WRONGLY_JOINED if gathered.ending == "alarm" else EXIT[outcome.word],
        version,
        _advice(declaration, judgements, gathered),
    )
    sink(finished)
    return finished


def _advice(
    declaration: Declaration, judgements: Sequence[tuple[Clause, Judgement]], gathered: Gathered
) -> str | None:
    """What to declare; a run that was cut off saw too little to tell."""
    if gathered.ending != "complete":
        return None
    unkept = {clause.feature for clause, one in judgements if one.status in _UNKEPT}
    return advice(declaration, gathered.transcript, unkept)


def _of_one_let_in(judgement: Judgement, gathered: Gathered) -> Judgement:
    """What whoever is not let in was refused breaks no contract, but for how it was said."""
    if gathered.ending != "not_let_in" or judgement.status != "failed":
        return judgement
    if judgement.clause.startswith(_WHOEVER_ASKS):
        return judgement
    reason = f"{judgement.reason}; {gathered.note}"
    return msgspec.structs.replace(judgement, status="inconclusive", reason=reason, findings=())


def _judged(
    clause: Clause,
    judgement: Judgement,
    declaration: Declaration,
    options: Options,
    beyond: Mapping[str, str],
) -> Judged:
    """A clause that no safe question reaches is beyond the rung, and needed only if asked for."""
    needed = required(clause, declaration, options.require)
    if clause.id in beyond and judgement.status == "not_checked":
        if declaration.allows(clause.rung) and not unconfigured(clause, declaration):
            judgement = msgspec.structs.replace(judgement, reason=beyond[clause.id])
        needed = needed and bool(options.require)
    return Judged(clause, judgement, needed)
